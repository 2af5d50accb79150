//! When time alone changes a membership, against the oracle at every instant of a grid, and against evaluations of
//! generated rules.

use chrono::{DateTime, TimeDelta, Utc};
use segmenta::{AsOf, Engine, Key, NextChange, Rules, Schema, Snapshot, internals};

use super::{choices::Choices, file::rule_file, model::Model, world::World};

/// So many customers may be evaluated in a search.
const WORK: u64 = 1_500_000;

/// All times of data lie on this grid, and so does whatever a rule adds to them.
const STEP: i64 = 30;

/// The clocks are set back in the night to the 25th.
const FROM: &str = "2026-10-23T22:00:00Z";
const DAYS: i64 = 6;

const SCHEMA: &str = r#"
timezone = "Europe/Stockholm"
[customers]
key = "id"
created = "since"
[customers.columns]
id = "int"
since = "SINCE"
birthday = "date"
seen = "datetime"
[tables.orders]
customer = "customer"
time = "at"
[tables.orders.columns]
customer = "int"
at = "datetime"
total = "int"
[tables.visits]
customer = "customer"
time = "day"
[tables.visits.columns]
customer = "int"
day = "date"
[rfm]
table = "orders"
amount = "total"
window = "3 days"
levels = 3
"#;

/// `D` is a number of days, `H` of hours, `N` a small number.
const LEAVES: &[&str] = &[
    "seen within last H hours",
    "seen > H hours ago",
    "seen <= H hours ago",
    "seen within next H hours",
    "seen = H hours ago",
    "seen < D days ago",
    "seen within last D days",
    "seen = today",
    "seen between H hours ago and tomorrow",
    "seen in (2 hours ago, yesterday, D days ago)",
    "seen = today ignoring year",
    "birthday within next D days ignoring year",
    "birthday between D days ago and in N days ignoring year",
    "birthday between 10-20 and in N days ignoring year",
    "birthday < D days ago",
    "age(birthday) >= 3N",
    "age(seen) < 1",
    "days_since(seen) > D",
    "days_since(birthday) between 3 and 1D",
    "days_since(seen) + 1 > D",
    "abs(days_since(seen)) = N",
    "weekday(today) = N",
    "coalesce(seen, 2026-10-25T06:00) > H hours ago",
    "coalesce(birthday, today) < D days ago",
    "since within last D days",
    "since > H hours ago",
    "count(orders where at within last H hours) >= N",
    "count(orders where at within last D days) = N",
    "count(orders) >= N",
    "count(visits) >= N",
    "sum(orders.total where at > D days ago) > 2N",
    "last(orders.at) < D days ago",
    "last(orders.at) within last H hours",
    "last(orders.total where at < H hours ago) > 3",
    "days_since(last(orders.at)) >= D",
    "max(visits.day) between D days ago and N days ago",
    "first(visits.day) = yesterday",
    "average_gap(orders) > N",
    "exists(visits where day within last D days)",
    "exists(orders where customer.birthday within next D days ignoring year and at < H hours ago)",
    "exists(orders where at = today ignoring year)",
    "in segment other",
    "top 1 by count(orders where at within last D days)",
    "top 1 by sum(orders.total)",
    "bottom 50 percent by days_since(seen)",
    "quantile(count(orders where at within last H hours), 2) = N",
    "rfm.recency >= N",
    "rfm.score = '3N1'",
];

fn leaf(c: &mut Choices<'_>) -> String {
    let leaf = c.of(LEAVES);
    let hours = c.of(&["0", "1", "2", "5", "24", "30"]);
    let days = c.of(&["0", "1", "2", "3", "5"]);
    leaf.replace('H', hours).replace('D', days).replace('N', c.of(&["1", "2", "0"]))
}

fn condition(c: &mut Choices<'_>) -> String {
    let (one, other) = (leaf(c), leaf(c));
    match c.below(7) {
        0..=2 => one,
        3 => format!("not ({one})"),
        4 => format!("({one}) and ({other})"),
        5 => format!("({one}) or not ({other})"),
        _ => format!("exactly 1 of ({one}, {other}, id = 1)"),
    }
}

fn file(c: &mut Choices<'_>) -> String {
    let mut other = condition(c);
    while other.contains("in segment") {
        other = other.replace("in segment other", "id = 2");
    }
    let (one, two) = (condition(c), condition(c));
    let pin = c.of(&["", "pin in (2)", "pin out (1)"]);
    format!(
        "segment other {{ include {other} {pin} }}
segment one {{ include {one} }}
segment two {{ include {two} exclude in segment one }}
"
    )
}

fn on_grid(steps: usize) -> DateTime<Utc> {
    let from: DateTime<Utc> = FROM.parse().unwrap();
    let steps = i64::try_from(steps).unwrap();
    // From four days before to four days after the first instant, by hours; some between.
    from - TimeDelta::days(4) + TimeDelta::minutes(60 * (steps % 192) + STEP * (steps / 192))
}

fn data(c: &mut Choices<'_>, schema: &Schema, since_is_time: bool) -> Snapshot {
    let time = |c: &mut Choices<'_>| on_grid(c.below(256)).to_rfc3339();
    let day = |c: &mut Choices<'_>| on_grid(c.below(256)).date_naive().to_string();
    let maybe =
        |c: &mut Choices<'_>, value: String| if c.one_in(5) { String::new() } else { value };
    let (mut customers, mut orders, mut visits) = (
        "id,since,birthday,seen\n".to_owned(),
        "customer,at,total\n".to_owned(),
        "customer,day\n".to_owned(),
    );
    for id in 1..=1 + c.below(4) {
        let since = match (c.below(3), since_is_time) {
            (0, true) => time(c),
            (0, false) => day(c),
            _ => "2020-01-01".to_owned(),
        };
        let birthday = format!(
            "{}-{}",
            c.of(&["1990", "1996", "2000", "2026"]),
            c.of(&["10-24", "10-26", "10-20", "11-01", "02-28"])
        );
        let birthday = if c.one_in(8) { "2000-02-29".to_owned() } else { birthday };
        let (birthday, seen) = (maybe(c, birthday), time(c));
        let seen = maybe(c, seen);
        customers += &format!("{id},{since},{birthday},{seen}\n");
        for _ in 0..c.below(4) {
            orders += &format!("{id},{},{}\n", time(c), c.below(9));
        }
        for _ in 0..c.below(3) {
            visits += &format!("{id},{}\n", day(c));
        }
    }
    let mut data = Snapshot::builder(schema);
    for (table, text) in [("customers", customers), ("orders", orders), ("visits", visits)] {
        data.csv_reader(table, table, text.as_bytes()).unwrap();
    }
    data.build().unwrap()
}

/// At every instant of the grid, and a microsecond later, the oracle finds what the answer says.
pub(crate) fn next_on_a_grid(data_bytes: &[u8], rules: &[u8]) -> Result<bool, String> {
    let (c, r) = (&mut Choices::new(data_bytes), &mut Choices::new(rules));
    let since_is_time = c.one_in(2);
    let schema = SCHEMA.replace("SINCE", if since_is_time { "datetime" } else { "date" });
    let leap_day = c.of(&["back", "forward", "skip"]);
    let schema =
        schema.replace("\n[customers]", &format!("\nleap_day = \"{leap_day}\"\n[customers]"));
    let schema = Schema::from_toml(&schema).map_err(text)?;
    let data = data(c, &schema, since_is_time);
    let file = file(r);
    let Ok(rules) = Rules::parse(&schema, &file) else { return Ok(false) };
    let mut engine = Engine::new(rules, data).map_err(text)?;
    let from: DateTime<Utc> = FROM.parse().unwrap();
    let now = from + TimeDelta::minutes(STEP * i64::try_from(c.below(20)).unwrap());
    engine.refresh(now).map_err(text)?;
    let names = ["other", "one", "two"];
    let mut expected: [Option<DateTime<Utc>>; 3] = [None; 3];
    let start = engine.evaluate_reference(now).map_err(text)?;
    for step in 0..=DAYS * 24 * 60 / STEP * 2 {
        let at = now + TimeDelta::minutes(STEP * (step / 2)) + TimeDelta::microseconds(step % 2);
        let found = engine.evaluate_reference(at).map_err(text)?;
        for (name, expected) in names.iter().zip(&mut expected) {
            if expected.is_none() && found.keys(name) != start.keys(name) {
                *expected = Some(at);
            }
        }
        if expected.iter().all(Option::is_some) {
            break;
        }
    }
    let end = now + TimeDelta::days(DAYS);
    for (name, expected) in names.iter().zip(expected) {
        let found = internals::next_change_within(&engine, name, WORK).map_err(text)?;
        let agrees = match (found, expected) {
            (NextChange::At(found), Some(expected)) => found == expected,
            (NextChange::At(found) | NextChange::NotBefore(found), None) => found > end,
            (NextChange::Never, None) => true,
            _ => false,
        };
        if !agrees {
            let rows = engine.snapshot().clone();
            return Err(format!(
                "`{name}` after {now}: {found:?}, not {expected:?}\n{file}{leap_day}\n{rows:?}"
            ));
        }
    }
    Ok(expected.iter().any(Option::is_some))
}

/// Of generated rules: the members are others at the instant that is found, and not at any that was tried before.
pub(crate) fn next_of_anything(data: &[u8], rules: &[u8], tries: &[u8]) -> Result<(), String> {
    let world = World::random(&mut Choices::new(data));
    let schema = Schema::from_toml(&world.schema).map_err(text)?;
    let mut file = rule_file(&mut Choices::new(rules), &world);
    // `evaluate` takes every segment for a dynamic one.
    for kept in ["static inactive segment", "inactive segment", "static segment"] {
        file = file.replace(kept, "segment");
    }
    let rules = Rules::parse(&schema, &file).map_err(text)?;
    let mut engine = Engine::new(rules, Model::of(&world).snapshot(&schema)).map_err(text)?;
    let c = &mut Choices::new(tries);
    let now: AsOf = world.as_of.parse().map_err(text)?;
    engine.refresh(now).map_err(text)?;
    let problem =
        |what: String| Err(format!("{what}\nas of {}\n{}\n{file}", world.as_of, world.schema));
    for segment in engine.rules().segments() {
        let name = segment.name();
        let keys =
            |at: DateTime<Utc>| engine.evaluate(at).map(|found| found.keys(name)).map_err(text);
        let before: Option<Option<Vec<Key>>> = Some(engine.evaluate(now).map_err(text)?.keys(name));
        let before = before.flatten();
        let found = internals::next_change_within(&engine, name, WORK / 10).map_err(text)?;
        let until = match found {
            NextChange::At(at) => {
                if keys(at)? == before {
                    return problem(format!("`{name}` does not change at {at}"));
                }
                at
            }
            NextChange::NotBefore(at) => at,
            _ => DateTime::<Utc>::MAX_UTC,
        };
        let start = start_of(now, &world.schema);
        for _ in 0..12 {
            let length = until - start - TimeDelta::microseconds(1);
            let most =
                [TimeDelta::hours(30), TimeDelta::days(20), TimeDelta::days(9_000)][c.below(3)];
            let length = length.min(most);
            let part = i32::try_from(c.below(256)).unwrap();
            let at = match c.below(3) {
                0 => start + length * part / 256,
                1 => start + length,
                _ => start + TimeDelta::hours(i64::from(part)).min(length),
            };
            if at >= start && at < until && keys(at)? != before {
                return problem(format!("`{name}` changes before {found:?}: at {at}"));
            }
        }
    }
    Ok(())
}

/// The instant of the moment.
fn start_of(now: AsOf, schema: &str) -> DateTime<Utc> {
    let schema: toml::Table = schema.parse().unwrap();
    let zone: chrono_tz::Tz =
        schema.get("timezone").and_then(|zone| zone.as_str()).unwrap_or("UTC").parse().unwrap();
    let local = |local: chrono::NaiveDateTime| {
        use chrono::TimeZone as _;
        let found = zone.from_local_datetime(&local);
        found.earliest().map(|at| at.to_utc())
    };
    match now {
        AsOf::Instant(at) => at,
        // Late enough where clocks are set: the end of the day at the earliest.
        AsOf::Day(day) => {
            let next = day.succ_opt().unwrap().and_hms_opt(0, 0, 0).unwrap();
            local(next).unwrap_or_else(|| next.and_utc() + TimeDelta::days(1))
        }
        AsOf::Local(at) => local(at).unwrap_or_else(|| at.and_utc() + TimeDelta::days(1)),
        _ => DateTime::<Utc>::MAX_UTC,
    }
}

fn text(e: impl std::fmt::Display) -> String {
    e.to_string()
}
