//! Dates without their year: month-days on a circle of 366 days, anniversaries, windows.

use super::{Day, day::is_leap_year};

/// Where the anniversary of 29 February falls in a year that has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
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

/// The number of the first of each month on the circle.
const FIRST_OF_MONTH: [u16; 12] = [0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335];

impl MonthDay {
    /// How many there are.
    pub(crate) const COUNT: u16 = 366;
    pub(crate) const LEAP_DAY: Self = Self(59);
    const FIRST_OF_MARCH: Self = Self(60);

    /// `None` for what is a day of no year, as 30 February.
    pub(crate) fn new(month: u32, day: u32) -> Option<Self> {
        let index = usize::try_from(month.checked_sub(1)?).ok()?;
        let first = *FIRST_OF_MONTH.get(index)?;
        let next = FIRST_OF_MONTH.get(index + 1).copied().unwrap_or(Self::COUNT);
        let number = first.checked_add(u16::try_from(day.checked_sub(1)?).ok()?)?;
        (number < next).then_some(Self(number))
    }

    pub(crate) fn of(day: Day) -> Self {
        let since = u16::try_from(day.days_from_march()).unwrap_or_default();
        Self((since + Self::FIRST_OF_MARCH.0) % Self::COUNT)
    }

    /// Month (1 to 12) and day of the month.
    pub(crate) fn month_day(self) -> (u32, u32) {
        let months = (1..).zip(FIRST_OF_MONTH).filter(|&(_, first)| first <= self.0);
        let (month, first) = months.last().unwrap_or((1, 0));
        (month, u32::from(self.0 - first) + 1)
    }

    /// Whether it lies from `first` to `last`, both included, over New Year where `first` is the later in the year.
    pub(crate) fn between(self, first: Self, last: Self) -> bool {
        if first <= last { first <= self && self <= last } else { self >= first || self <= last }
    }

    /// The day of `year` on which it is celebrated.
    pub(crate) fn anniversary(self, year: i32, leap: LeapDay) -> Option<Day> {
        let year = i64::from(year);
        if self == Self::LEAP_DAY && !is_leap_year(year) {
            return match leap {
                LeapDay::Back => Some(Day::civil(year, 2, 28)),
                LeapDay::Forward => Some(Day::civil(year, 3, 1)),
                LeapDay::Skip => None,
            };
        }
        let (month, day) = self.month_day();
        Some(Day::civil(year, month, day))
    }
}

/// Whether the days from `first` to `last` are a year or more: such a window takes everybody, whatever the policy.
pub(crate) fn is_whole_year(first: Day, last: Day) -> bool {
    last.plus_days(1) >= first.plus_months(12)
}

/// Whole years from birth to `today`, negative before the birth. Where 29 February has no anniversary the year is
/// complete on 1 March.
pub(crate) fn age(born: Day, today: Day, leap: LeapDay) -> i32 {
    let leap = if leap == LeapDay::Skip { LeapDay::Forward } else { leap };
    let (birth_year, year) = (born.year(), today.year());
    let years = year.saturating_sub(birth_year);
    match MonthDay::of(born).anniversary(year, leap) {
        Some(birthday) if birthday <= today => years,
        _ => years.saturating_sub(1),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::calendar::golden::{POLICIES, date, day, golden, month_day};

    #[test]
    fn anniversaries_by_policy() {
        let golden = golden();
        let vectors = golden["anniversary_by_policy"].as_array().unwrap();
        assert_eq!(vectors.len(), 21);
        for vector in vectors {
            let year = i32::try_from(vector["year"].as_i64().unwrap()).unwrap();
            for (name, leap) in POLICIES {
                let expected = vector[name].as_str().map(day);
                let source = MonthDay::of(date(&vector["source"]));
                assert_eq!(source.anniversary(year, leap), expected, "{name} {vector}");
            }
        }
    }

    #[test]
    fn ranges_of_month_days() {
        let golden = golden();
        let vectors = golden["month_day_ranges"].as_array().unwrap();
        assert_eq!(vectors.len(), 70);
        for vector in vectors {
            let [first, last] = [0, 1].map(|end| month_day(&vector["range"][end]));
            let expected = vector["in_range_month_day"].as_bool().unwrap();
            let found = MonthDay::of(date(&vector["date"])).between(first, last);
            assert_eq!(found, expected, "{vector}");
        }
    }

    /// The circle holds month and day: it is neither the day of the year nor the day of a year without 29 February.
    #[test]
    fn the_circle_is_not_the_day_of_the_year() {
        let golden = golden();
        let vectors = golden["day_of_year_trap"].as_array().unwrap();
        assert_eq!(vectors.len(), 5);
        for vector in vectors {
            let day = date(&vector["date"]);
            let start = Day::civil(day.year().into(), 1, 1);
            assert_eq!(Some(day.days_since(start) + 1), vector["day_of_year"].as_i64());
            let on_circle = MonthDay::of(day);
            match vector["day_of_year_no_leap"].as_u64() {
                None => assert_eq!(on_circle, MonthDay::LEAP_DAY),
                Some(number) => {
                    let passed_leap_day = u64::from(on_circle > MonthDay::LEAP_DAY);
                    assert_eq!(u64::from(on_circle.0) + 1, number + passed_leap_day, "{vector}");
                }
            }
        }
    }

    #[test]
    fn upcoming_windows() {
        let golden = golden();
        let vectors = golden["upcoming_windows"].as_array().unwrap();
        assert_eq!(vectors.len(), 35);
        for vector in vectors {
            let first = date(&vector["today"]);
            let last = first.plus_days(vector["next_days"].as_i64().unwrap());
            let source = MonthDay::of(date(&vector["source"]));
            for (name, leap) in POLICIES {
                let found = (first.year()..=last.year())
                    .filter_map(|year| source.anniversary(year, leap))
                    .any(|day| first <= day && day <= last);
                assert_eq!(Some(found), vector[name].as_bool(), "{name} {vector}");
            }
        }
    }

    #[test]
    fn month_days_exist_in_some_year() {
        assert_eq!(MonthDay::new(2, 29), Some(MonthDay(59)));
        assert_eq!(MonthDay::new(12, 31), Some(MonthDay(365)));
        for (month, day) in [(2, 30), (4, 31), (0, 1), (13, 1), (1, 0), (1, 32), (12, 32)] {
            assert_eq!(MonthDay::new(month, day), None);
        }
        for number in 0..MonthDay::COUNT {
            let (month, day) = MonthDay(number).month_day();
            assert_eq!(MonthDay::new(month, day), Some(MonthDay(number)));
        }
    }

    #[test]
    fn a_whole_year() {
        assert!(is_whole_year(day("2025-01-01"), day("2025-12-31")));
        assert!(!is_whole_year(day("2025-01-01"), day("2025-12-30")));
        assert!(!is_whole_year(day("2024-01-01"), day("2024-12-30")));
        assert!(is_whole_year(day("2024-02-29"), day("2025-02-27")));
        assert!(is_whole_year(day("2025-06-15"), day("2026-06-14")));
        assert!(!is_whole_year(day("2025-06-15"), day("2025-06-01")));
    }

    #[test]
    fn age_is_in_whole_years() {
        let of = |born, today| age(day(born), day(today), LeapDay::Back);
        assert_eq!(of("1990-06-15", "2026-06-14"), 35);
        assert_eq!(of("1990-06-15", "2026-06-15"), 36);
        assert_eq!(of("2026-06-15", "2026-06-15"), 0);
        assert_eq!(of("2026-06-16", "2026-06-15"), -1);
        assert_eq!(of("2027-06-15", "2026-06-15"), -1);
        assert_eq!(of("2027-06-16", "2026-06-15"), -2);
    }

    #[test]
    fn age_follows_the_leap_day() {
        let of = |today, leap| age(day("2004-02-29"), day(today), leap);
        for (leap, on_the_28th) in
            [(LeapDay::Back, 21), (LeapDay::Forward, 20), (LeapDay::Skip, 20)]
        {
            assert_eq!(of("2025-02-27", leap), 20);
            assert_eq!(of("2025-02-28", leap), on_the_28th);
            assert_eq!(of("2025-03-01", leap), 21);
            assert_eq!(of("2024-02-28", leap), 19);
            assert_eq!(of("2024-02-29", leap), 20);
        }
    }

    proptest! {
        #[test]
        fn nothing_overflows(days in any::<i32>(), today in any::<i32>(), year in any::<i32>()) {
            for (_, leap) in POLICIES {
                let _ = age(Day(days), Day(today), leap);
                let _ = MonthDay::of(Day(days)).anniversary(year, leap);
                let _ = is_whole_year(Day(days), Day(today));
            }
        }

        #[test]
        fn a_whole_year_holds_each_anniversary(first in -700_000..2_900_000, born in -700_000..2_900_000) {
            let first = Day(first);
            let last = first.plus_months(12).plus_days(-1);
            prop_assert!(is_whole_year(first, last));
            for leap in [LeapDay::Back, LeapDay::Forward] {
                let found = (first.year()..=last.year())
                    .filter_map(|year| MonthDay::of(Day(born)).anniversary(year, leap))
                    .any(|day| first <= day && day <= last);
                // From 29 February to 27 February of the next year lies no 28 February.
                let month_day = MonthDay::of(Day(born));
                let exempt = MonthDay::of(first) == MonthDay::LEAP_DAY && month_day == MonthDay(58);
                prop_assert!(found || exempt || month_day == MonthDay::LEAP_DAY);
            }
        }
    }
}
