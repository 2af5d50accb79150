//! The next instant at which time alone changes a membership, worked out by hand.

use chrono::{DateTime, Utc};
use segmenta::{
    AsOf, Cancel, Engine, NextChange, Rules, Schema, Snapshot, Watch, internals::next_change_within,
};

const SCHEMA: &str = r#"
timezone = "Europe/Stockholm"
leap_day = "LEAP"
[customers]
key = "id"
created = "since"
[customers.columns]
id = "text"
since = "date"
birthday = "date"
seen = "datetime"
[tables.orders]
customer = "customer"
time = "day"
[tables.orders.columns]
customer = "text"
day = "date"
total = "int"
[rfm]
table = "orders"
amount = "total"
window = "7 days"
levels = 3
[predict]
table = "orders"
amount = "total"
parameters = { r = 0.243, alpha_days = 30.9, a = 0.793, b = 2.426, p = 6.25, q = 3.74, v = 15.44 }
"#;

const CUSTOMERS: &str = "id,since,birthday,seen\n";
const ORDERS: &str = "customer,day,total\n";

fn snapshot(schema: &Schema, customers: &str, orders: &str) -> Snapshot {
    let mut data = Snapshot::builder(schema);
    let customers = format!("{CUSTOMERS}{customers}");
    data.csv_reader("customers", "customers.csv", customers.as_bytes()).unwrap();
    data.csv_reader("orders", "orders.csv", format!("{ORDERS}{orders}").as_bytes()).unwrap();
    data.build().unwrap()
}

struct Case<'a> {
    leap_day: &'a str,
    customers: &'a str,
    orders: &'a str,
    rules: &'a str,
    as_of: &'a str,
}

const CASE: Case<'_> =
    Case { leap_day: "back", customers: "", orders: "", rules: "", as_of: "2026-10-21" };

impl Case<'_> {
    fn engine(&self) -> Engine {
        let schema = Schema::from_toml(&SCHEMA.replace("LEAP", self.leap_day)).unwrap();
        let data = snapshot(&schema, self.customers, self.orders);
        let rules = Rules::parse(&schema, self.rules).unwrap();
        let mut engine = Engine::new(rules, data).unwrap();
        engine.refresh(self.as_of.parse::<AsOf>().unwrap()).unwrap();
        engine
    }

    /// Of the segment `s`; what is found must be true of the members too.
    fn next(&self) -> NextChange {
        let mut engine = self.engine();
        let before = engine.keys("s");
        let next = engine.next_change("s").unwrap();
        assert_eq!(engine.keys("s"), before);
        if let NextChange::At(at) = next {
            let just_before = at - chrono::TimeDelta::microseconds(1);
            assert!(engine.refresh(just_before).unwrap().change("s").unwrap().is_empty());
            assert_eq!(engine.next_change("S").unwrap(), next);
            assert!(!engine.refresh(at).unwrap().change("s").unwrap().is_empty());
        }
        next
    }
}

fn at(text: &str) -> NextChange {
    NextChange::At(text.parse::<DateTime<Utc>>().unwrap())
}

/// The 25th has 25 hours.
#[test]
fn a_window_of_days_moves_at_midnight() {
    let case = Case {
        customers: "a,2020-01-01,,2026-10-20T12:00\n",
        rules: "segment s { include seen within last 7 days }",
        ..CASE
    };
    assert_eq!(case.next(), at("2026-10-27T23:00:00Z"));
    let rules = "segment s { include not (seen within last 2 days) }";
    assert_eq!(Case { rules, ..case }.next(), at("2026-10-22T22:00:00Z"));
    let rules = "segment s { include seen < 5 days ago }";
    assert_eq!(Case { rules, ..case }.next(), at("2026-10-25T23:00:00Z"));
    let rules = "segment s { include days_since(seen) >= 3 }";
    assert_eq!(Case { rules, ..case }.next(), at("2026-10-22T22:00:00Z"));
    let rules = "segment s { include days_since(seen) + 1 > 3 }";
    assert_eq!(Case { rules, ..case }.next(), at("2026-10-22T22:00:00Z"));
    let rules = "segment s { include days_since(seen) < 1000 and id = 'b' }";
    assert_eq!(Case { rules, ..case }.next(), NextChange::Never);
    let spring = Case { as_of: "2027-03-26", orders: "a,2027-03-29,5\n", ..case };
    let rules = "segment s { include last(orders.day) = today }";
    assert_eq!(Case { rules, ..spring }.next(), at("2027-03-28T22:00:00Z"));
}

#[test]
fn a_window_of_hours_moves_with_every_microsecond() {
    let case = Case {
        customers: "a,2020-01-01,,2026-10-20T12:00:00Z\n",
        rules: "segment s { include seen within last 2 hours }",
        ..CASE
    };
    let of = |as_of| Case { as_of, ..case }.next();
    assert_eq!(of("2026-10-20T11:00:00Z"), at("2026-10-20T12:00:00Z"));
    assert_eq!(of("2026-10-20T12:00:00Z"), at("2026-10-20T14:00:00.000001Z"));
    assert_eq!(of("2026-10-20T14:00:00Z"), at("2026-10-20T14:00:00.000001Z"));
    assert_eq!(of("2026-10-20T14:00:00.000001Z"), NextChange::Never);
    // Over the hour that comes twice: 02:30 for the first time, and 90 minutes later.
    let case = Case {
        customers: "a,2020-01-01,,2026-10-25T02:30\n",
        rules: "segment s { include seen > 90 minutes ago }",
        as_of: "2026-10-25T02:30",
        ..CASE
    };
    assert_eq!(case.next(), at("2026-10-25T02:00:00Z"));
}

#[test]
fn the_29th_of_february_is_found_by_each_policy() {
    for (leap_day, after_2026, after_2096) in [
        ("back", "2027-02-27T23:00:00Z", "2097-02-27T23:00:00Z"),
        ("forward", "2027-02-28T23:00:00Z", "2097-02-28T23:00:00Z"),
        // 2100 is no leap year.
        ("skip", "2028-02-28T23:00:00Z", "2104-02-28T23:00:00Z"),
    ] {
        let case = Case {
            leap_day,
            customers: "a,2020-01-01,2000-02-29,\n",
            rules: "segment s { include birthday = today ignoring year }",
            as_of: "2026-06-01",
            ..CASE
        };
        assert_eq!(case.next(), at(after_2026), "{leap_day}");
        assert_eq!(Case { as_of: "2096-03-01", ..case }.next(), at(after_2096), "{leap_day}");
        // It matters to nobody.
        let rules = "segment s { include birthday = today ignoring year and id = 'b' }";
        assert_eq!(Case { rules, ..case }.next(), NextChange::Never);
        // Years go by, and nothing comes of it.
        let rules = "segment s { include birthday = today ignoring year and birthday = tomorrow ignoring year }";
        assert_eq!(Case { rules, ..case }.next(), NextChange::Never);
        // The 29th is never the 28th, but by one policy.
        let rules = "segment s { include birthday between 02-28 and 02-28 and birthday = today ignoring year }";
        assert_eq!(Case { rules, ..case }.next(), NextChange::Never);
        // Until the 28th is taken; then the 29th is not.
        let rules = "segment s { include birthday within next 14 days ignoring year }";
        let expected = match leap_day {
            "back" => at("2027-02-13T23:00:00Z"),
            "forward" => at("2027-02-14T23:00:00Z"),
            _ => at("2028-02-14T23:00:00Z"),
        };
        assert_eq!(Case { rules, ..case }.next(), expected, "{leap_day}");
    }
    let case = Case {
        customers: "a,2020-01-01,2004-02-29,\n",
        rules: "segment s { include age(birthday) >= 21 }",
        as_of: "2024-06-01",
        ..CASE
    };
    for (leap_day, expected) in
        [("back", "2025-02-27T23:00:00Z"), ("forward", "2025-02-28T23:00:00Z")]
    {
        assert_eq!(Case { leap_day, ..case }.next(), at(expected));
    }
}

#[test]
fn what_lies_in_the_future_begins_to_exist() {
    let case = Case {
        customers: "a,2020-01-01,,\nb,2026-12-01,,\n",
        orders: "a,2026-11-05,10\n",
        rules: "segment s { include count(orders) = 0 }",
        ..CASE
    };
    assert_eq!(case.next(), at("2026-11-04T23:00:00Z"));
    let rules = "segment s { include id = 'b' }";
    assert_eq!(Case { rules, ..case }.next(), at("2026-11-30T23:00:00Z"));
    let rules = "segment s { include id = 'a' }";
    assert_eq!(Case { rules, ..case }.next(), NextChange::Never);
    // Pins are of those who exist, in a static segment too; who got in stays.
    let rules = "static segment s { include count(orders) = 0 pin in ('b') }";
    assert_eq!(Case { rules, ..case }.next(), at("2026-11-30T23:00:00Z"));
}

/// One order leaves the window when another one comes into it.
#[test]
fn crossings_that_cancel_out_are_no_change() {
    let case = Case {
        customers: "a,2020-01-01,,\nb,2020-01-01,,\n",
        orders: "a,2026-10-15,1\na,2026-10-23,1\n",
        rules: "segment s { include count(orders where day within last 7 days) = 1 }",
        ..CASE
    };
    assert_eq!(case.next(), at("2026-10-30T23:00:00Z"));
    let orders = "a,2026-10-15,1\na,2026-10-23,1\nb,2026-10-18,1\n";
    assert_eq!(Case { orders, ..case }.next(), at("2026-10-25T23:00:00Z"));
    let rules = "segment s { include in segment t exclude id = 'a' }
segment t { include not (count(orders where day within last 7 days) = 1) }";
    assert_eq!(Case { rules, orders, ..case }.next(), at("2026-10-25T23:00:00Z"));
}

#[test]
fn customers_pass_each_other() {
    let case = Case {
        customers: "a,2020-01-01,,\nb,2020-01-01,,\n",
        orders: "a,2026-10-15,1\na,2026-10-16,1\nb,2026-10-20,1\n",
        rules: "segment s { include top 1 by count(orders where day within last 7 days) }",
        ..CASE
    };
    // The 15th falls out of the window; then both have one order.
    assert_eq!(case.next(), at("2026-10-22T22:00:00Z"));
    // Who bought last is in the second of three thirds, until nobody else has bought.
    let orders = "a,2026-10-15,1\nb,2026-10-20,1\n";
    let rules = "segment s { include rfm.recency = 2 }";
    assert_eq!(Case { rules, orders, ..case }.next(), at("2026-10-22T22:00:00Z"));
    let rules = "segment s { include bottom 1 by days_since(last(orders.day)) }";
    let engine = Case { rules, orders, ..case }.engine();
    let next = next_change_within(&engine, "s", 100_000).unwrap();
    assert!(matches!(next, NextChange::NotBefore(_)), "{next:?}");
}

#[test]
fn predictions_change_with_the_day() {
    let case = Case {
        customers: "a,2020-01-01,,\nb,2020-01-01,,\n",
        orders: "a,2026-09-15,1\na,2026-10-01,1\na,2026-10-15,1\nb,2026-10-20,1\n",
        rules: "segment s { include predict.alive < 0.5 and id = 'a' }",
        ..CASE
    };
    let NextChange::At(at) = case.next() else { panic!() };
    assert!(at.to_string().ends_with(":00:00 UTC"), "{at}");
}

/// Where the model of `d` cannot be fitted, `s` fails with it and keeps its members, although its rule excludes everyone.
/// Whether that is so at an instant does not show in the members of `d`.
#[test]
fn a_segment_that_may_fail_with_another_is_not_searched() {
    let case = Case {
        customers: "a,2026-10-25,,\n",
        rules: "segment d { include predict.alive is null }
                segment s { include in segment d exclude true pin in ('a') }",
        ..CASE
    };
    let now = "2026-10-21T21:59:59.999999Z".parse::<DateTime<Utc>>().unwrap();
    assert_eq!(case.next(), NextChange::NotBefore(now + chrono::TimeDelta::microseconds(1)));
}

/// Everybody is in, yet the segment fails where the model cannot be fitted: then the newcomer of the 25th does not enter.
#[test]
fn a_segment_that_may_fail_for_what_does_not_tell_is_not_searched() {
    let case = Case {
        customers: "a,2026-10-25,,\n",
        rules: "segment s { include true or predict.alive > 0.5 }",
        ..CASE
    };
    let now = "2026-10-21T21:59:59.999999Z".parse::<DateTime<Utc>>().unwrap();
    assert_eq!(case.next(), NextChange::NotBefore(now + chrono::TimeDelta::microseconds(1)));
}

#[test]
fn what_is_frozen_never_changes() {
    for words in ["static", "inactive", "static inactive"] {
        let rules = format!(
            "{words} segment s {{ include seen within last 7 days }}
segment t {{ include in segment s }}"
        );
        let case = Case { customers: "a,2020-01-01,,2026-10-20T12:00\n", rules: &rules, ..CASE };
        assert_eq!(case.next(), NextChange::Never);
        assert_eq!(case.engine().next_change("t").unwrap(), NextChange::Never);
    }
}

#[test]
fn what_cannot_be_told_is_told() {
    let case = Case {
        customers: "a,2020-01-01,,\n",
        rules: "segment s { include coalesce(seen, now) > 1 hour ago }",
        as_of: "2026-10-21T12:00:00Z",
        ..CASE
    };
    let instant = |text: &str| NextChange::NotBefore(text.parse().unwrap());
    assert_eq!(case.next(), instant("2026-10-21T12:00:00.000001Z"));
    // 100,000 are about 50 days at 2,000 each, stretches of time among them.
    let rules = "segment s { include weekday(today) = 5 and id = 'b' }";
    assert_eq!(Case { rules, ..case }.next(), NextChange::Never);
    let rules = "segment s { include weekday(today) = 5 and weekday(yesterday) = 5 }";
    let engine = Case { rules, ..case }.engine();
    let NextChange::NotBefore(at) = next_change_within(&engine, "s", 100_000).unwrap() else {
        panic!()
    };
    let day = at.to_string();
    assert!(("2026-10-30".."2026-12-30").contains(&day.as_str()), "{day}");
}

#[test]
fn what_is_asked_too_early_or_of_nothing_is_refused() {
    let case = Case { rules: "segment s { include id = 'a' }", ..CASE };
    let schema = Schema::from_toml(&SCHEMA.replace("LEAP", "back")).unwrap();
    let rules = Rules::parse(&schema, case.rules).unwrap();
    let fresh = Engine::new(rules, snapshot(&schema, "", "")).unwrap();
    assert!(fresh.next_change("s").unwrap_err().to_string().contains("no refresh yet"));
    let engine = case.engine();
    let found = engine.next_change("nobody").unwrap_err().to_string();
    assert_eq!(found, "there is no segment `nobody`");
}

#[test]
fn a_search_is_of_the_data_and_rules_at_hand() {
    let case = Case {
        customers: "a,2020-01-01,,2026-10-20T12:00\n",
        rules: "segment s { include seen within last 7 days }",
        ..CASE
    };
    let mut engine = case.engine();
    let mut data = engine.snapshot().next();
    let customers = format!("{CUSTOMERS}a,2020-01-01,,2026-10-18T12:00\n");
    data.csv_reader("customers", "customers.csv", customers.as_bytes()).unwrap();
    engine.load(data.build().unwrap()).unwrap();
    assert_eq!(engine.next_change("s").unwrap(), at("2026-10-25T23:00:00Z"));
    let rules = "static segment s { include seen within last 7 days }
segment t { include in segment s exclude seen < 9 days ago }";
    let rules = Rules::parse(engine.rules().schema(), rules).unwrap();
    engine.set_rules(rules).unwrap();
    assert_eq!(engine.next_change("s").unwrap(), NextChange::Never);
    assert_eq!(engine.next_change("t").unwrap(), at("2026-10-27T23:00:00Z"));
}

#[test]
fn a_search_can_be_stopped() {
    let case = Case {
        customers: "a,2020-01-01,,\n",
        rules: "segment s { include weekday(today) = 5 and weekday(yesterday) = 5 }",
        ..CASE
    };
    let mut engine = case.engine();
    let cancel = Cancel::new();
    let stops = cancel.clone();
    let watch = Watch::new().cancelled_by(&cancel);
    engine.set_watch(watch.on_progress(move |_| stops.cancel()));
    assert!(engine.next_change("s").unwrap_err().is_cancelled());
    engine.set_watch(Watch::new());
    assert!(engine.next_change("s").is_ok());
}
