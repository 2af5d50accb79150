//! The same customers and orders every time: a generator with a fixed seed, and loops over what it made.

use std::fmt::Write as _;

use segmenta::{Engine, Rules, Schema, Snapshot};

pub(crate) const CUSTOMERS: u32 = 1_000_000;
pub(crate) const ORDERS: u32 = 4_000_000;

const SCHEMA: &str = r#"
timezone = "UTC"
[customers]
key = "id"
[customers.columns]
id = "int"
country = "text"
age = "int"
points = "int"
balance = "decimal(2)"
score = "float"
subscribed = "bool"
birthday = "date"
seen_at = "datetime"
[tables.orders]
customer = "customer"
time = "at"
[tables.orders.columns]
customer = "int"
at = "datetime"
total = "decimal(2)"
status = "text"
[rfm]
table = "orders"
amount = "total"
where = "status = 'paid'"
window = "365 days"
"#;

pub(crate) const COUNTRIES: [&str; 12] =
    ["SE", "NO", "DK", "FI", "DE", "NL", "BE", "FR", "ES", "IT", "PL", "GB"];
pub(crate) const STATUSES: [&str; 4] = ["paid", "open", "cancelled", "returned"];
/// The days before the day of the evaluation, 2026-11-01, that orders and visits fall on.
pub(crate) const DAYS: u32 = 1_000;

#[derive(Clone, Copy)]
pub(crate) struct Customer {
    pub(crate) country: usize,
    pub(crate) age: u32,
    /// Missing for one in ten.
    pub(crate) points: Option<u32>,
    /// Cents.
    pub(crate) balance: i64,
    /// Thousandths.
    pub(crate) score: u32,
    pub(crate) subscribed: bool,
    pub(crate) birth_month: u32,
    pub(crate) birth_day: u32,
    /// Days before the evaluation.
    pub(crate) seen: u32,
}

#[derive(Clone, Copy)]
pub(crate) struct Order {
    pub(crate) customer: u32,
    /// Days before the evaluation.
    pub(crate) ago: u32,
    /// Cents.
    pub(crate) total: i64,
    pub(crate) status: usize,
}

pub(crate) struct Shop {
    pub(crate) schema: Schema,
    pub(crate) customers: Vec<Customer>,
    /// In the order of their customers.
    pub(crate) orders: Vec<Order>,
    pub(crate) snapshot: Snapshot,
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % u64::from(limit)) as u32
    }
}

impl Shop {
    pub(crate) fn generate() -> Self {
        let mut random = Random(20_261_101);
        let customers: Vec<Customer> = (0..CUSTOMERS)
            .map(|_| Customer {
                country: random.below(12) as usize,
                age: 18 + random.below(70),
                points: (random.below(10) > 0).then(|| random.below(10_000)),
                balance: i64::from(random.below(100_000)) - 20_000,
                score: random.below(1_000),
                subscribed: random.below(3) > 0,
                birth_month: 1 + random.below(12),
                birth_day: 1 + random.below(28),
                seen: random.below(DAYS),
            })
            .collect();
        let mut orders: Vec<Order> = (0..ORDERS)
            .map(|_| Order {
                // Some customers order much, many nothing.
                customer: random.below(CUSTOMERS).min(random.below(CUSTOMERS)),
                ago: random.below(DAYS),
                total: 100 + i64::from(random.below(30_000)),
                status: if random.below(10) < 8 { 0 } else { 1 + random.below(3) as usize },
            })
            .collect();
        orders.sort_by_key(|order| order.customer);
        let schema = Schema::from_toml(SCHEMA).expect("the schema");
        let mut builder = Snapshot::builder(&schema);
        builder
            .csv_reader("customers", "customers", customers_csv(&customers).as_bytes())
            .expect("customers");
        builder.csv_reader("orders", "orders", orders_csv(&orders).as_bytes()).expect("orders");
        let snapshot = builder.build().expect("the data");
        println!(
            "{} customers, {} orders: {} bytes, {:.1} a customer",
            snapshot.customers(),
            snapshot.rows("orders").unwrap_or(0),
            snapshot.bytes(),
            snapshot.bytes() as f64 / f64::from(CUSTOMERS)
        );
        Self { schema, customers, orders, snapshot }
    }

    /// An engine for these conditions, one segment `s0`, `s1`, … each.
    pub(crate) fn engine(&self, conditions: &[String]) -> Engine {
        let text: String = conditions
            .iter()
            .enumerate()
            .map(|(n, rule)| format!("segment s{n} {{ include {rule} }}\n"))
            .collect();
        let rules = Rules::parse(&self.schema, &text).expect("the rules");
        Engine::new(rules, self.snapshot.clone()).expect("the engine")
    }

    /// The orders of each customer.
    pub(crate) fn orders_by_customer(&self) -> Vec<&[Order]> {
        let mut rest = self.orders.as_slice();
        (0..CUSTOMERS)
            .map(|customer| {
                let count = rest.partition_point(|order| order.customer == customer);
                let (own, after) = rest.split_at(count);
                rest = after;
                own
            })
            .collect()
    }
}

/// The day so many days before 2026-11-01.
fn day(ago: u32) -> String {
    // Days since 1970-01-01 to a civil date (Howard Hinnant, "chrono-compatible low-level date algorithms").
    let z = i64::from(20_758 - ago) + 719_468;
    let era = z / 146_097;
    let doe = z - era * 146_097;
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    format!("{year}-{month:02}-{:02}", doy - (153 * mp + 2) / 5 + 1)
}

fn cents(cents: i64) -> String {
    format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.abs() / 100, cents.abs() % 100)
}

fn customers_csv(customers: &[Customer]) -> String {
    let mut text =
        String::from("id,country,age,points,balance,score,subscribed,birthday,seen_at\n");
    for (id, c) in customers.iter().enumerate() {
        let points = c.points.map(|points| points.to_string()).unwrap_or_default();
        writeln!(
            text,
            "{id},{},{},{points},{},0.{:03},{},{}-{:02}-{:02},{}T12:00:00",
            COUNTRIES[c.country],
            c.age,
            cents(c.balance),
            c.score,
            c.subscribed,
            1950 + c.age % 50,
            c.birth_month,
            c.birth_day,
            day(c.seen)
        )
        .expect("text");
    }
    text
}

fn orders_csv(orders: &[Order]) -> String {
    let mut text = String::from("customer,at,total,status\n");
    for o in orders {
        writeln!(
            text,
            "{},{}T09:30:00,{},{}",
            o.customer,
            day(o.ago),
            cents(o.total),
            STATUSES[o.status]
        )
        .expect("text");
    }
    text
}
