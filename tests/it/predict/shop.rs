//! A shop of many customers: more than one chunk, fitted, by both readers.

use std::fmt::Write as _;

use segmenta::Engine;

use super::{engine, evaluate, schema};

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit
    }
}

/// Customers who order at a rate of their own until they leave; the rows in the order that `turned` says.
pub(crate) fn rows(customers: u64, turned: bool) -> (String, String) {
    let mut random = Random(7);
    let mut lines = Vec::new();
    let start = chrono::NaiveDate::from_ymd_opt(2025, 1, 1).unwrap();
    for id in 0..customers {
        let (mut at, pace, leaves) = (random.below(200), 5 + random.below(90), 2 + random.below(9));
        let level = 500 + random.below(5_000);
        while at < 600 {
            let day = start + chrono::Days::new(at);
            let cents = level / 2 + random.below(level);
            lines.push(format!("{id},{day},{}.{:02}", cents / 100, cents % 100));
            if random.below(leaves) == 0 {
                break;
            }
            at += random.below(2 * pace);
        }
    }
    if turned {
        lines.reverse();
    }
    let ids = (0..customers).map(|id| if turned { customers - 1 - id } else { id });
    let customers = ids.fold(String::from("id,points\n"), |mut text, id| {
        writeln!(text, "{id},{}", id % 10).unwrap();
        text
    });
    (customers, format!("customer,day,total\n{}\n", lines.join("\n")))
}

const RULES: &str = "
segment alive { include predict.alive > 0.5 }
segment orders { include predict.orders(90 days) > 1 or predict.orders(3 months) between 0.1 and 0.2 }
segment value { include predict.value(12 months) > 100 and predict.value(7 weeks) < 60 }
segment tier { include predict.spend_tier = 'medium' }
segment best { include top 7.5 percent by predict.value(2 years) }
segment fifth { include quantile(predict.orders(30 days), 5) = 3 }
segment due { include predict.next_order within next 30 days }
segment after { include in segment best and predict.spend_tier = 'high' and not rank }
let rank = quantile(predict.value(1 month) + points, 3) = 2
";

fn shop(more: &str, turned: bool) -> Engine {
    let (customers, orders) = rows(400, turned);
    engine(&schema(more), RULES, &customers, &orders)
}

#[test]
fn both_readers_fit_and_predict_the_same() {
    for more in ["", "discount_rate = 0.15\nspend_horizon = \"90 days\"\nwhere = \"total > 8\""] {
        let engine = shop(more, false);
        for as_of in ["2026-06-30", "2026-02-28", "2025-09-10"] {
            let found = evaluate(&engine, as_of);
            assert_eq!(found.failures().len(), 0, "{:?}", found.failures().collect::<Vec<_>>());
            for (name, members) in found.segments() {
                let all = members.len() < 400 && !members.is_empty();
                assert!(all || as_of != "2026-06-30", "{name}: {}", members.len());
            }
        }
    }
}

#[test]
fn the_order_of_rows_changes_no_bit() {
    let (one, other) = (shop("", false), shop("", true));
    let [one, other] =
        [one, other].map(|engine| engine.evaluate(super::day("2026-06-30")).unwrap());
    assert_eq!(one.model(), other.model());
    for (name, _) in one.segments() {
        assert_eq!(one.keys(name), other.keys(name), "{name}");
    }
}

#[test]
fn more_horizons_than_are_prepared() {
    let mut rules = String::new();
    for days in 1..=80 {
        writeln!(rules, "segment s{days} {{ include predict.orders({days} days) > 0.{days:02} }}")
            .unwrap();
    }
    let (customers, orders) = rows(60, false);
    let engine = engine(&schema(""), &rules, &customers, &orders);
    let found = evaluate(&engine, "2026-06-30");
    assert!(found.members("s80").is_some_and(|members| members.len() < 60));
}
