//! Predictions by purchases: what the schema says of them, published figures, and what happens where there is no model.

mod cdnow;
mod failures;
mod kept;
mod setup;
pub(crate) mod shop;

use segmenta::{AsOf, Engine, Evaluation, Rules, Schema, Snapshot};

/// What is said behind it is said of `[predict]`.
pub(crate) const SCHEMA: &str = r#"
[customers]
key = "id"
[customers.columns]
id = "int"
points = "int"

[tables.orders]
customer = "customer"
time = "day"
[tables.orders.columns]
customer = "int"
day = "date"
total = "decimal(2)"

[predict]
table = "orders"
amount = "total"
"#;

fn schema(more: &str) -> Schema {
    Schema::from_toml(&format!("{SCHEMA}{more}")).unwrap()
}

fn load(schema: &Schema, customers: &str, orders: &str) -> Snapshot {
    let mut builder = Snapshot::builder(schema);
    builder.csv_reader("customers", "customers.csv", customers.as_bytes()).unwrap();
    builder.csv_reader("orders", "orders.csv", orders.as_bytes()).unwrap();
    builder.build().unwrap()
}

fn engine(schema: &Schema, rules: &str, customers: &str, orders: &str) -> Engine {
    let rules = Rules::parse(schema, rules).unwrap();
    Engine::new(rules, load(schema, customers, orders)).unwrap()
}

fn day(text: &str) -> AsOf {
    text.parse().unwrap()
}

/// By both readers.
fn evaluate(engine: &Engine, as_of: &str) -> Evaluation {
    let found = engine.evaluate(day(as_of)).unwrap();
    let expected = engine.evaluate_reference(day(as_of)).unwrap();
    assert!(found.segments().eq(expected.segments()), "exec and oracle differ");
    assert!(found.failures().eq(expected.failures()), "exec and oracle fail in other ways");
    assert_eq!(found.model(), expected.model(), "exec and oracle fit other models");
    found
}
