//! Windows of time, with their year and without.

use super::*;
use crate::{
    calendar::{MonthDay, golden},
    rule::YearlyWindow,
};

fn within(name: &str, first: Offset, last: Offset) -> ConditionKind {
    ConditionKind::Within { value: column(name), first, last }
}

fn yearly(window: YearlyWindow) -> ConditionKind {
    ConditionKind::Yearly { negated: false, value: column("birthday"), windows: vec![window] }
}

fn days(first: i64, last: i64) -> YearlyWindow {
    YearlyWindow::Days { first: offset(first, Unit::Days), last: offset(last, Unit::Days) }
}

fn circle(first: (u32, u32), last: (u32, u32)) -> YearlyWindow {
    let [first, last] = [first, last].map(|(month, day)| {
        expr(ExprKind::MonthDay(MonthDay::new(month, day).unwrap()), ExprType::MonthDay)
    });
    YearlyWindow::Circle { first, last }
}

#[test]
fn windows_of_days_have_both_ends() {
    let today = offset(0, Unit::Days);
    let last = |amount: i64, unit| who(within("seen_at", offset(-amount, unit), today));
    assert_eq!(last(0, Unit::Days), [1]);
    assert_eq!(last(19, Unit::Days), [1]);
    assert_eq!(last(20, Unit::Days), [1, 2]);
    assert_eq!(last(3, Unit::Weeks), [1, 2]);
    assert_eq!(last(1, Unit::Months), [1, 2]);
    let next = within("birthday", today, offset(2, Unit::Days));
    assert_eq!(who_at("1992-02-27", LeapDay::Back, next.clone()), [2]);
    assert_eq!(who_at("1992-02-26", LeapDay::Back, next), [0; 0]);
}

/// Today ends at 23:00 UTC, less one microsecond; customer 1 was seen at 23:30 the day before.
#[test]
fn windows_of_hours_are_exact() {
    let now = offset(0, Unit::Minutes);
    let last = |amount: i64, unit| who(within("seen_at", offset(-amount, unit), now));
    assert_eq!(last(24, Unit::Hours), [1]);
    assert_eq!(last(23, Unit::Hours), [0; 0]);
    assert_eq!(last(23 * 60 + 30, Unit::Minutes), [1]);
    let at = |as_of| who_at(as_of, LeapDay::Back, within("seen_at", offset(-1, Unit::Hours), now));
    assert_eq!(at("2026-11-21T01:30:00"), [1]);
    assert_eq!(at("2026-11-21T01:30:00.000001"), [0; 0]);
    assert_eq!(at("2026-11-20T23:29:59.999999Z"), [0; 0]);
}

#[test]
fn anniversaries_in_the_next_days() {
    assert_eq!(who(yearly(days(0, 4))), [1]);
    assert_eq!(who(yearly(days(0, 3))), [0; 0]);
    assert_eq!(who(yearly(days(0, 42))), [1, 5]);
    assert_eq!(who(yearly(days(0, 41))), [1]);
    assert_eq!(who(yearly(days(0, 364))), [1, 2, 5]);
    assert_eq!(who(yearly(days(3, 0))), [0; 0]);
    let not = ConditionKind::Yearly {
        negated: true,
        value: column("birthday"),
        windows: vec![days(0, 4)],
    };
    assert_eq!(who(not), [2, 3, 5]);
}

#[test]
fn the_leap_day_falls_where_the_schema_says() {
    let on = |as_of, leap_day| who_at(as_of, leap_day, yearly(days(0, 0)));
    assert_eq!(on("2027-02-28", LeapDay::Back), [2]);
    assert_eq!(on("2027-02-28", LeapDay::Forward), [0; 0]);
    assert_eq!(on("2027-03-01", LeapDay::Forward), [2]);
    assert_eq!(on("2027-02-28", LeapDay::Skip), [0; 0]);
    assert_eq!(on("2027-03-01", LeapDay::Skip), [0; 0]);
    for leap_day in [LeapDay::Back, LeapDay::Forward, LeapDay::Skip] {
        assert_eq!(on("2028-02-29", leap_day), [2]);
        assert_eq!(on("2028-02-28", leap_day), [0; 0]);
        // A whole year takes everybody, whatever the policy.
        assert_eq!(who_at("2026-11-21", leap_day, yearly(days(0, 364))), [1, 2, 5]);
    }
    let skipped = yearly(days(0, 363));
    assert_eq!(who_at("2026-11-21", LeapDay::Skip, skipped), [1, 5]);
}

#[test]
fn upcoming_windows_of_other_engines() {
    let golden = golden::golden();
    for vector in golden["upcoming_windows"].as_array().unwrap() {
        let born = Value::Date(golden::date(&vector["source"]).to_date());
        for (name, leap_day) in golden::POLICIES {
            let schema = schema(leap_day);
            let mut data = Snapshot::builder(&schema);
            data.push("customers", [("id", Some(Value::Int(1))), ("birthday", Some(born.clone()))])
                .unwrap();
            let window = days(0, vector["next_days"].as_i64().unwrap());
            let rules = rules(vec![segment("upcoming", vec![one(yearly(window))])]);
            let today = vector["today"].as_str().unwrap();
            let found = members(&rules, &data.build().unwrap(), today);
            assert_eq!(Some(!found[0].is_empty()), vector[name].as_bool(), "{name} {vector}");
        }
    }
}

#[test]
fn month_days_wrap_over_new_year() {
    assert_eq!(who(yearly(circle((12, 2), (1, 3)))), [5]);
    assert_eq!(who(yearly(circle((12, 2), (1, 1)))), [0; 0]);
    assert_eq!(who(yearly(circle((11, 25), (1, 2)))), [1, 5]);
    assert_eq!(who(yearly(circle((2, 28), (3, 1)))), [2]);
    assert_eq!(who(yearly(circle((2, 28), (2, 28)))), [0; 0]);
    assert_eq!(who(yearly(circle((2, 29), (2, 29)))), [2]);
    assert_eq!(who(yearly(circle((1, 1), (12, 31)))), [1, 2, 5]);
    let windows = vec![circle((1, 2), (1, 2)), circle((11, 25), (11, 25))];
    let either = ConditionKind::Yearly { negated: false, value: column("birthday"), windows };
    assert_eq!(who(either), [1, 5]);
}

#[test]
fn ends_on_the_circle_may_be_any_dates() {
    let from_today =
        YearlyWindow::Circle { first: relative_day(0, Unit::Days), last: day("1999-01-02") };
    assert_eq!(who(yearly(from_today)), [1, 5]);
    let own = YearlyWindow::Circle { first: column("seen_at"), last: column("birthday") };
    assert_eq!(who(yearly(own)), [1, 2]);
}
