//! Days and instants as plain numbers.

/// A day: the number of days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Day(pub(crate) i32);

/// An instant: microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Instant(pub(crate) i64);

// To come here: Day::from_ymd(year: i32, month: u32, day: u32) -> Option<Day> (years 1 to 9999),
// year_month_day(), weekday() (1 = Monday), plus_days(i64), plus_months(i64) (clamps to the month's end),
// From<NaiveDate>, to_date(); Instant::from/to chrono::DateTime<Utc>, plus_micros. All saturating, none panics.
