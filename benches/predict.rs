//! Fitting both models on the orders of 1,000,000 customers, and what they say of each. The customers are drawn from the
//! models, so the fit is compared first with the parameters that they were drawn with.
#![expect(
    clippy::expect_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a bench that cannot go on fails"
)]

#[path = "support/buyers.rs"]
mod buyers;

use buyers::{ALPHA, B, Q, TODAY, V};
use criterion::{Criterion, criterion_group, criterion_main};
use segmenta::{AsOf, Engine, FittedParameter, Rules, Schema, Snapshot};

const CUSTOMERS: u32 = 1_000_000;

const SEGMENTS: [(&str, &str); 4] = [
    ("predict_alive", "segment s { include predict.alive < 0.3 }"),
    ("predict_orders", "segment s { include predict.orders(90 days) > 1 }"),
    ("predict_value", "segment s { include predict.value(12 months) > 100 }"),
    ("predict_spend_tier", "segment s { include predict.spend_tier = 'high' }"),
];

fn data(schema: &Schema) -> Snapshot {
    let (ids, orders) = buyers::draw(CUSTOMERS);
    let mut builder = Snapshot::builder(schema);
    builder.csv_reader("customers", "customers", ids.as_bytes()).expect("customers");
    builder.csv_reader("orders", "orders", orders.as_bytes()).expect("orders");
    builder.build().expect("the data")
}

fn predict(c: &mut Criterion) {
    let schema = Schema::from_toml(buyers::SCHEMA).expect("a schema");
    let snapshot = data(&schema);
    println!("{CUSTOMERS} customers, {} orders", snapshot.rows("orders").unwrap_or(0));
    let as_of: AsOf = TODAY.parse().expect("a day");
    let engine = |rules: &str| {
        let rules = Rules::parse(&schema, rules).expect("rules");
        Engine::new(rules, snapshot.clone()).expect("an engine")
    };
    let fitting = engine("segment s { }").fit(as_of).expect("predictions are set up");
    let model = fitting.model;
    let (orders, amounts) = model.orders().zip(model.amounts()).expect("models");
    // Days are whole and the orders of one are one, so the fit is near, not equal.
    agree(&orders.parameters(), &[1.0, ALPHA, 1.0, B]);
    agree(&amounts.parameters(), &[1.0, f64::from(Q), V]);

    let mut group = c.benchmark_group("predict_1m_customers");
    group.sample_size(10);
    let plain = engine("segment s { }");
    group.bench_function("fit", |b| b.iter(|| plain.fit(as_of)));
    for (name, rules) in SEGMENTS {
        let mut engine = engine(rules);
        engine.set_model(Some(model.clone()));
        let found = engine.evaluate(as_of).expect("an evaluation");
        let members = found.members("s").expect("the segment").len();
        assert!(0 < members && members < u64::from(CUSTOMERS), "{name}: {members}");
        group.bench_function(name, |b| b.iter(|| engine.evaluate(as_of)));
    }
    group.finish();
}

fn agree(found: &[FittedParameter], expected: &[f64]) {
    for (found, expected) in found.iter().zip(expected) {
        println!("{} = {} (drawn with {expected})", found.name, found.value);
        assert!((found.value / expected - 1.0).abs() < 0.15, "{found:?} {expected}");
    }
}

criterion_group!(benches, predict);
criterion_main!(benches);
