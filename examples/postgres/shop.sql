-- The data of examples/shop: `psql -f shop.sql`.
\set ON_ERROR_STOP on
BEGIN;

CREATE TABLE customers (
    customer_id bigint PRIMARY KEY,
    country text,
    first_order_at timestamptz,
    last_order_at timestamptz
);
CREATE TABLE orders (
    order_id text PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES customers,
    ordered_at timestamptz NOT NULL,
    status text NOT NULL,
    total numeric(12, 2) NOT NULL
);
CREATE TABLE products (
    product text PRIMARY KEY,
    description text
);
CREATE TABLE items (
    order_id text NOT NULL REFERENCES orders,
    product text NOT NULL,
    quantity integer NOT NULL,
    unit_price numeric(12, 2) NOT NULL
);

-- Times in the files are local.
SET LOCAL timezone = 'Europe/London';
\copy customers FROM '../shop/customers.csv' (FORMAT csv, HEADER)
\copy orders FROM '../shop/orders.csv' (FORMAT csv, HEADER)
\copy products FROM '../shop/products.csv' (FORMAT csv, HEADER)
\copy items FROM PROGRAM 'gzip -cd ../shop/items.csv.gz' (FORMAT csv, HEADER)

\ir members.sql
COMMIT;
