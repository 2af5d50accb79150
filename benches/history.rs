//! A year of refreshes in a store, and questions about its past. 1,000,000 membership changes; `CHANGES=100000000` for
//! as many. Who was in is compared with the calendar: segments are birthdays within so many days. What was measured is in
//! `benches/record/history.md`.
#![expect(
    clippy::expect_used,
    clippy::cast_precision_loss,
    clippy::print_stdout,
    reason = "a bench that cannot go on fails, and says what it found"
)]

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use chrono::{Days, NaiveDate};
use segmenta::{AsOf, Key, Position, Rules, Schema, Store, Type, Value};

const SEGMENTS: u64 = 50;
/// A year without 29 February, as the birthdays are.
const DAYS: u64 = 365;

/// The days after 1 January on which the customer has a birthday.
fn birthday(customer: u64) -> u64 {
    let mixed = (customer + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 33
}

fn day(number: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2025, 3, 1).expect("a day") + Days::new(number)
}

/// Whether a customer is in the segment of birthdays within the next `within` days.
fn is_in(customer: u64, within: u64, on: u64) -> bool {
    // 1 March is the sixtieth day of a year.
    (birthday(customer) % DAYS + 2 * DAYS - 59 - on % DAYS) % DAYS <= within
}

/// Calls of something, and how long they take: the shortest, the middle, the longest.
fn time<T>(name: &str, calls: usize, mut call: impl FnMut(u64) -> T) {
    let mut times: Vec<Duration> = (0..calls as u64)
        .map(|number| {
            let start = Instant::now();
            black_box(call(number));
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    let middle = times.get(calls / 2).expect("calls");
    println!("{name}: {:?} to {:?}, median {middle:?}", times.first(), times.last());
}

fn main() {
    let changes: u64 =
        std::env::var("CHANGES").map_or(1_000_000, |changes| changes.parse().expect("a number"));
    // Every day a 365th of the customers enters each segment, and as many leave it.
    let customers = changes / (2 * SEGMENTS);
    let path = std::env::temp_dir().join(format!("segmenta-history-{}.redb", std::process::id()));
    let schema = Schema::builder()
        .customers("id")
        .column("id", Type::Int)
        .column("birthday", Type::Date)
        .build()
        .expect("a schema");
    let rules: String = (1..=SEGMENTS)
        .map(|within| {
            format!(
                "segment s{within} {{ include birthday within next {within} days ignoring year }}\n"
            )
        })
        .collect();
    let mut store = Store::open(&path, &schema).expect("a store");
    let mut data = store.snapshot().expect("no customers");
    let new_year = NaiveDate::from_ymd_opt(2023, 1, 1).expect("a day");
    for customer in 0..customers {
        let born = new_year + Days::new(birthday(customer) % DAYS);
        let id = i64::try_from(customer).expect("an id");
        let row = [("id", Some(Value::Int(id))), ("birthday", Some(Value::Date(born)))];
        data.push("customers", row).expect("a row");
    }
    let rules = Rules::parse(&schema, &rules).expect("rules");
    let mut engine = store.engine(rules, data.build().expect("data")).expect("an engine");

    let start = Instant::now();
    let mut recorded = 0;
    for number in 0..=DAYS {
        let refresh = store.refresh(&mut engine, day(number)).expect("a refresh");
        let all = refresh.changes().iter().map(|change| change.entered.len() + change.left.len());
        recorded += all.sum::<u64>();
    }
    let written = start.elapsed();
    drop((store, engine));
    let size = std::fs::metadata(&path).expect("a file").len();
    println!(
        "{recorded} changes of {customers} customers in {SEGMENTS} segments, {} refreshes: {:.3} s a refresh, \
         {:.1} MB, {:.2} bytes a change",
        DAYS + 1,
        written.as_secs_f64() / (DAYS + 1) as f64,
        size as f64 / 1e6,
        size as f64 / recorded as f64,
    );

    let start = Instant::now();
    let store = Store::open(&path, &schema).expect("a store");
    println!("to open it and check all of it: {:?}", start.elapsed());
    let asked = |number: u64| (1 + number * 17 % SEGMENTS, number * 97 % (DAYS + 1));
    let members = |number: u64| {
        let (within, on) = asked(number);
        store.members_at(&format!("s{within}"), AsOf::from(day(on))).expect("members")
    };
    for number in 0..3 {
        let (within, on) = asked(number);
        let expected = (0..customers).filter(|customer| is_in(*customer, within, on));
        let expected: Vec<Key> =
            expected.map(|customer| Key::Int(i64::try_from(customer).expect("an id"))).collect();
        assert!(members(number) == expected, "s{within} on {}", day(on));
    }
    time("who was in on a day", 40, members);
    time("sizes of a segment over time", 10, |number| {
        let history = store.history(&format!("s{}", asked(number).0)).expect("a history");
        assert_eq!(history.len() as u64, DAYS + 1);
    });
    let key = |number: u64| Key::Int(i64::try_from(number * 7_919 % customers).expect("an id"));
    time("all segments of a customer, since when and why", 10, |number| {
        let found = store.customer(&key(number)).expect("a customer");
        assert_eq!(found.len() as u64, SEGMENTS);
    });
    time("the whole history of a customer", 10, |number| {
        let events = store.customer_history(&key(number)).expect("a customer");
        // Into each segment and out of it once a year.
        assert!((2 * SEGMENTS..=3 * SEGMENTS).contains(&(events.len() as u64)), "{}", events.len());
    });
    let mut position = Position::START;
    time("the next 1,000 events", 100, |_| {
        let events = store.events(position, 1_000).expect("events");
        position = events.last().expect("more").position;
    });
    drop(store);
    std::fs::remove_file(&path).expect("the file");
}
