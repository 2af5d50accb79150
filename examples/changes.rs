//! A small shop from day to day: rows that are new, corrected and deleted, the day that moves on, one customer at once,
//! and when to look again. Each call says who entered a segment and who left it.
//!
//! `cargo run --example changes`

use std::error::Error;

use segmenta::{AsOf, Engine, Key, NextChange, Refresh, Rules, Schema, Snapshot, Type};
use serde::Serialize;

#[derive(Serialize)]
struct Customer {
    id: i64,
    country: &'static str,
}

#[derive(Serialize)]
struct Order {
    number: i64,
    customer: i64,
    day: &'static str,
    total: &'static str,
}

const ADA: i64 = 1;
const BO: i64 = 2;
const CAI: i64 = 3;
const DIA: i64 = 4;

fn order(number: i64, customer: i64, day: &'static str, total: &'static str) -> Order {
    Order { number, customer, day, total }
}

fn main() -> Result<(), Box<dyn Error>> {
    let schema = Schema::builder()
        .timezone("Europe/Stockholm")
        .customers("id")
        .column("id", Type::Int)
        .column("country", Type::Text)
        .table("orders", "customer")
        .key("number") // an order with a number that is there already is a correction
        .time("day")
        .column("number", Type::Int)
        .column("customer", Type::Int)
        .column("day", Type::Date)
        .column("total", Type::Decimal(2))
        .build()?;

    let mut data = Snapshot::builder(&schema);
    for (id, country) in [(ADA, "SE"), (BO, "NO"), (CAI, "SE")] {
        data.push_row("customers", &Customer { id, country })?;
    }
    for order in [
        order(101, ADA, "2026-10-05", "60.00"),
        order(102, ADA, "2026-10-20", "30.00"),
        order(103, BO, "2026-10-12", "120.00"),
    ] {
        data.push_row("orders", &order)?;
    }

    let rules = Rules::parse(
        &schema,
        "
        segment regular { include count(orders where day within last 30 days) >= 2 }
        segment spender { include sum(orders.total) >= 100 }
        segment best    { include top 1 by sum(orders.total) }
        ",
    )?;
    let mut engine = Engine::new(rules, data.build()?)?;
    let first = engine.refresh("2026-11-01".parse::<AsOf>()?)?;
    tell("1 November", &first, "regular +1, spender +2, best +2");

    // A new customer with an order, one more order of Ada's, and Bo's order was of 12, not of 120.
    let mut changes = engine.changes();
    changes.push_row("customers", &Customer { id: DIA, country: "DK" })?;
    changes.push_row("orders", &order(104, DIA, "2026-10-31", "45.00"))?;
    changes.push_row("orders", &order(105, ADA, "2026-10-31", "20.00"))?;
    changes.push_row("orders", &order(103, BO, "2026-10-12", "12.00"))?;
    tell("new and corrected rows", &engine.apply(changes)?, "spender +1 -2, best +1 -2");

    // Ada sends an order back, Cai moves, and Dia wants to be forgotten. A country is in none of the rules.
    let mut changes = engine.changes();
    changes.delete("orders", 102)?;
    changes.push_row("customers", &Customer { id: CAI, country: "FI" })?;
    changes.delete("customers", DIA)?;
    tell("deleted rows", &engine.apply(changes)?, "spender -1");
    assert_eq!(engine.snapshot().customers(), 3);

    // Other data are in place, and Bo is at the till: nobody else is looked at until the next refresh.
    let mut changes = engine.snapshot().changes();
    changes.push_row("orders", &order(106, BO, "2026-11-01", "200.00"))?;
    engine.load(changes.build()?)?;
    tell("Bo alone", &engine.evaluate_one(BO)?, "regular +2, spender +2, best +2");
    let all = engine.refresh("2026-11-01".parse::<AsOf>()?)?;
    tell("everybody", &all, "best -1");

    // The 5th is more than 30 days after Ada's first order, the 12th is after Bo's. Then only their last orders are left.
    for (at, expected) in [("2026-11-04 23:00:00 UTC", "-1"), ("2026-11-11 23:00:00 UTC", "-2")] {
        let NextChange::At(next) = engine.next_change("regular")? else {
            return Err("`regular` should change".into());
        };
        assert_eq!(next.to_string(), at);
        tell(&format!("at {next}"), &engine.advance(next)?, &format!("regular {expected}"));
    }
    assert_eq!(engine.next_change("regular")?, NextChange::Never);
    println!("and then nothing, as long as no data come");
    Ok(())
}

/// Prints `segment +entered -left` of each segment that changed, which must be what is expected.
fn tell(what: &str, refresh: &Refresh, expected: &str) {
    let signed = |sign: char, keys: Vec<Key>| -> String {
        keys.iter().map(|key| format!(" {sign}{key}")).collect()
    };
    let changed = refresh.changes().iter().filter(|change| !change.is_empty()).map(|change| {
        let (entered, left) = (change.entered_keys(), change.left_keys());
        format!("{}{}{}", change.segment, signed('+', entered), signed('-', left))
    });
    let found = changed.collect::<Vec<_>>().join(", ");
    println!("{what:28}{found}");
    assert_eq!(found, expected, "{what}");
}
