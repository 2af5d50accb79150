//! Rules that do not stand in `.seg` files.

mod conditions;
mod definitions;
mod depth;
mod queries;
mod round_trip;
mod trees;

use segmenta::Schema;

const SCHEMA: &str = r#"
timezone = "Europe/Stockholm"
[customers]
key = "id"
[customers.columns]
id = "int"
country = "text"
email_subscription_status = "text"
vip = "bool"
score = "int"
balance = "decimal(2)"
ratio = "float"
birthday = "date"
created_at = "datetime"
tags = "set<text>"
lists = "set<int>"
home = "geo"
home_store = "ref<stores>"
"odd name" = "text"
"a.b" = "text"
today = "date"

[tables.orders]
key = "order_id"
customer = "customer_id"
time = "ordered_at"
[tables.orders.columns]
order_id = "int"
customer_id = "int"
ordered_at = "datetime"
total = "decimal(2)"
status = "text"
store = "text"

[tables.items]
parent = "orders"
parent_key = "order_id"
[tables.items.columns]
order_id = "int"
product = "ref<products>"
quantity = "int"

[lookups.products]
key = "product_id"
[lookups.products.columns]
product_id = "text"
group = "text"

[lookups.stores]
key = "name"
[lookups.stores.columns]
name = "text"
region = "text"
"odd place" = "text"
"#;

fn schema() -> Schema {
    Schema::from_toml(SCHEMA).unwrap()
}
