//! Fitting both models on the orders of 1,000,000 customers, and what they say of each. The customers are drawn from the
//! models, so the fit is compared first with the parameters that they were drawn with.
#![expect(
    clippy::expect_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a bench that cannot go on fails"
)]

use std::fmt::Write as _;

use criterion::{Criterion, criterion_group, criterion_main};
use segmenta::{AsOf, Engine, FittedParameter, Rules, Schema, Snapshot};

const CUSTOMERS: u32 = 1_000_000;
const TODAY: &str = "2026-11-01";
/// Days before today on which the first orders fall.
const DAYS: u32 = 730;

/// r = 1, a = 1 and p = 1 make the draws simple.
const ALPHA: f64 = 60.0;
const B: f64 = 2.5;
const Q: i32 = 3;
const V: f64 = 40.0;

const SCHEMA: &str = r#"
[customers]
key = "id"
[customers.columns]
id = "int"
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

const SEGMENTS: [(&str, &str); 4] = [
    ("predict_alive", "segment s { include predict.alive < 0.3 }"),
    ("predict_orders", "segment s { include predict.orders(90 days) > 1 }"),
    ("predict_value", "segment s { include predict.value(12 months) > 100 }"),
    ("predict_spend_tier", "segment s { include predict.spend_tier = 'high' }"),
];

/// SplitMix64.
struct Random(u64);

impl Random {
    /// Above 0, up to 1.
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (((z ^ (z >> 31)) >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    /// Of mean 1.
    fn exponential(&mut self) -> f64 {
        -self.share().ln()
    }
}

fn data(schema: &Schema) -> Snapshot {
    let mut random = Random(20_261_101);
    let (mut ids, mut orders) = (String::from("id\n"), String::from("customer,day,total\n"));
    let today: chrono::NaiveDate = TODAY.parse().expect("a day");
    for id in 0..CUSTOMERS {
        writeln!(ids, "{id}").expect("a text");
        let age = (random.share() * f64::from(DAYS)).floor();
        let rate = random.exponential() / ALPHA;
        let leaves = 1.0 - random.share().powf(1.0 / B);
        let scale = V / (0..Q).map(|_| random.exponential()).sum::<f64>();
        let (mut at, mut bought) = (0.0, age + 1.0);
        while at <= age {
            // Orders of one day are one.
            if bought != f64::floor(at) {
                bought = f64::floor(at);
                let day = today - chrono::Days::new((age - bought) as u64);
                let cents = (random.exponential() * scale * 100.0).min(1e12) as u64;
                writeln!(orders, "{id},{day},{}.{:02}", cents / 100, cents % 100).expect("a text");
            }
            if at > 0.0 && random.share() < leaves {
                break;
            }
            at += random.exponential() / rate;
        }
    }
    let mut builder = Snapshot::builder(schema);
    builder.csv_reader("customers", "customers", ids.as_bytes()).expect("customers");
    builder.csv_reader("orders", "orders", orders.as_bytes()).expect("orders");
    builder.build().expect("the data")
}

fn predict(c: &mut Criterion) {
    let schema = Schema::from_toml(SCHEMA).expect("a schema");
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
