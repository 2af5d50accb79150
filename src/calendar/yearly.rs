//! Dates without their year: month-days on a circle of 366 days, anniversaries, windows.

/// Where the anniversary of 29 February falls in a year that has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LeapDay {
    /// 28 February.
    #[default]
    Back,
    /// 1 March.
    Forward,
    /// Nowhere.
    Skip,
}

/// A day of the year, 0 = 1 January … 59 = 29 February … 365 = 31 December: month and day, never the day of the
/// year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct MonthDay(pub(crate) u16);

// To come here: MonthDay::new(month: u32, day: u32) -> Option<MonthDay>; of(Day) -> MonthDay; month_day(self);
// between(self, first: MonthDay, last: MonthDay) -> bool (wraps over New Year);
// anniversary(self, year: i32, leap: LeapDay) -> Option<Day>;
// is_whole_year(first: Day, last: Day) -> bool: the window first..=last is a year or more:
//   last.plus_days(1) >= first.plus_months(12);
// age(born: Day, today: Day, leap: LeapDay) -> i32 (skip counts as forward).
