//! Tests of ages, as tests of the days that they are counted from.

use super::resolve::{Test, ranges_test};
use crate::{
    calendar::{Day, LeapDay, age},
    plan::Now,
    rule::{ExprType, Function},
};

/// The test of the dates or datetimes whose age, or the days since which, are in these ranges; `None` for other
/// functions.
//
// The later the day, the less both are, so what is in a range is between two days.
pub(super) fn test_of_days(
    now: Now,
    function: Function,
    ty: ExprType,
    ranges: &[(i128, i128)],
) -> Option<Test> {
    let today = now.moment.today;
    let count = |day: Day| match function {
        Function::Age => Some(i128::from(age(day, today, now.leap_day))),
        Function::DaysSince => Some(i128::from(today.days_since(day))),
        _ => None,
    };
    count(today)?;
    let count = |day: i32| count(Day(day)).unwrap_or_default();
    let mut days = Vec::with_capacity(ranges.len());
    for (low, high) in ranges {
        let first = partition(|day| count(day) > *high);
        let behind = partition(|day| count(day) >= *low);
        let low = if first == Day::MIN.0 { i128::MIN } else { first.into() };
        let high = if behind > Day::MAX.0 { i128::MAX } else { i128::from(behind) - 1 };
        if low > high {
            continue;
        }
        days.push(match ty {
            ExprType::DateTime => now.local_days(low, high)?,
            _ => (low, high),
        });
    }
    Some(ranges_test(days))
}

/// The first day whose age, or since which the days, are at most so many.
pub(super) fn first_of_age(function: Function, most: i64, today: Day, leap_day: LeapDay) -> Day {
    let exceeds = |day: i32| match function {
        Function::Age => i64::from(age(Day(day), today, leap_day)) > most,
        _ => today.days_since(Day(day)) > most,
    };
    Day(partition(exceeds))
}

/// The first day for which a test does not hold, that holds for all days before; the day behind the last where it holds
/// for all.
fn partition(holds: impl Fn(i32) -> bool) -> i32 {
    let (mut from, mut to) = (Day::MIN.0, Day::MAX.0 + 1);
    while from < to {
        // Rounded down, also where days are negative.
        let middle = from + (to - from) / 2;
        if holds(middle) { from = middle + 1 } else { to = middle }
    }
    from
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe;

    use super::*;
    use crate::calendar::{AsOf, Moment, Zone};

    #[test]
    fn days_have_the_ages_that_are_asked_for() {
        let zone = Zone(Europe::Stockholm);
        for leap_day in [LeapDay::Skip, LeapDay::Forward, LeapDay::Back] {
            for today in ["2026-11-01", "2024-02-29", "2025-02-28", "2025-03-01"] {
                let moment = Moment::new(today.parse::<AsOf>().unwrap(), zone);
                let now = Now { moment, zone, leap_day };
                let today = moment.today;
                for (low, high) in
                    [(0, 0), (1, 1), (2, 30), (i128::MIN, 17), (18, i128::MAX), (5, 4)]
                {
                    for (function, span) in [(Function::Age, 20_000), (Function::DaysSince, 50)] {
                        let test = test_of_days(now, function, ExprType::Date, &[(low, high)]);
                        let ranges = match test.unwrap() {
                            Test::Ranges(ranges) => ranges,
                            _ => Vec::new(),
                        };
                        for day in today.0 - span..today.0 + 500 {
                            let count = match function {
                                Function::Age => age(Day(day), today, leap_day).into(),
                                _ => i128::from(today.days_since(Day(day))),
                            };
                            let found = ranges.iter().any(|(a, b)| (*a..=*b).contains(&day.into()));
                            assert_eq!(found, (low..=high).contains(&count), "{day} {low} {high}");
                        }
                    }
                }
            }
        }
    }
}
