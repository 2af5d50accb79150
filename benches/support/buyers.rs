//! Customers drawn from the models behind `predict.*`, the same every time.

use std::fmt::Write as _;

pub(crate) const TODAY: &str = "2026-11-01";
/// Days before today on which the first orders fall.
const DAYS: u32 = 730;

/// r = 1, a = 1 and p = 1 make the draws simple.
pub(crate) const ALPHA: f64 = 60.0;
pub(crate) const B: f64 = 2.5;
pub(crate) const Q: i32 = 3;
pub(crate) const V: f64 = 40.0;

pub(crate) const SCHEMA: &str = r#"
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

/// So many customers and their orders, as CSV. More customers are these and others.
pub(crate) fn draw(count: u32) -> (String, String) {
    let mut random = Random(20_261_101);
    let (mut ids, mut orders) = (String::from("id\n"), String::from("customer,day,total\n"));
    let today: chrono::NaiveDate = TODAY.parse().expect("a day");
    for id in 0..count {
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
    (ids, orders)
}
