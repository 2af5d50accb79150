//! The shop in whose schema `[rfm]` and `[predict]` are set up, as a file and as a program.

use segmenta::{Schema, SchemaBuilder, Type};

/// What [`builder`] says too. `[rfm]` or `[predict]` goes behind it.
pub(crate) const SHOP: &str = r#"[customers]
key = "id"
[customers.columns]
id = "int"
[tables.orders]
key = "order_id"
customer = "customer"
time = "day"
[tables.orders.columns]
order_id = "int"
customer = "int"
day = "date"
total = "decimal(2)"
status = "text"
[tables.items]
parent = "orders"
parent_key = "order_id"
[tables.items.columns]
order_id = "int"
price = "float"
[tables.notes]
customer = "customer"
[tables.notes.columns]
customer = "int"
stars = "int"
[lookups.stores]
key = "store_id"
"#;

/// What [`SHOP`] says too.
pub(crate) fn builder() -> SchemaBuilder {
    Schema::builder()
        .customers("id")
        .column("id", Type::Int)
        .table("orders", "customer")
        .key("order_id")
        .time("day")
        .column("order_id", Type::Int)
        .column("customer", Type::Int)
        .column("day", Type::Date)
        .column("total", Type::Decimal(2))
        .column("status", Type::Text)
        .nested("items", "orders", "order_id")
        .column("order_id", Type::Int)
        .column("price", Type::Float)
        .table("notes", "customer")
        .column("customer", Type::Int)
        .column("stars", Type::Int)
        .lookup("stores", "store_id")
}
