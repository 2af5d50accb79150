//! Reads the dates that other engines agree on: `tests/golden/dates.json` names them.

use serde_json::Value;

use super::{Day, LeapDay, MonthDay};

pub(crate) fn golden() -> Value {
    serde_json::from_str(include_str!("../../tests/golden/dates.json")).unwrap()
}

pub(crate) fn day(text: &str) -> Day {
    let date: chrono::NaiveDate = text.parse().unwrap();
    Day::from(date)
}

/// `"2024-02-29"`
pub(crate) fn date(value: &Value) -> Day {
    day(value.as_str().unwrap())
}

/// `"02-29"`
pub(crate) fn month_day(value: &Value) -> MonthDay {
    let (month, day) = value.as_str().unwrap().split_once('-').unwrap();
    MonthDay::new(month.parse().unwrap(), day.parse().unwrap()).unwrap()
}

/// The policies under the names they have in the file.
pub(crate) const POLICIES: [(&str, LeapDay); 3] =
    [("clamp_back", LeapDay::Back), ("roll_forward", LeapDay::Forward), ("skip", LeapDay::Skip)];
