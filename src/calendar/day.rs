//! Days and instants as plain numbers.

use chrono::{DateTime, NaiveDate, Utc};

pub(super) const MICROS_A_SECOND: i64 = 1_000_000;
pub(super) const MICROS_A_DAY: i64 = 86_400 * MICROS_A_SECOND;

/// 1970-01-01 in the count of days from 1 January of year 1.
const EPOCH: i64 = 719_162;
/// From 1 March of year 0 to 1 January of year 1.
const DAYS_FROM_MARCH: i64 = 306;
const DAYS_IN_400_YEARS: i64 = 146_097;
/// Days before each month of a year that is no leap year.
const DAYS_BEFORE_MONTH: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

/// A day: the number of days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Day(pub(crate) i32);

/// An instant: microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Instant(pub(crate) i64);

impl Day {
    /// Where arithmetic saturates: 273,790 years before and after 1970. Every day between has an instant, and every
    /// date of chrono lies between.
    pub(crate) const MIN: Self = Self(-100_000_000);
    pub(crate) const MAX: Self = Self(100_000_000);

    /// A day of the years 1 to 9999; `None` for any other and for a day that does not exist.
    pub(crate) fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        let exists = (1..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=days_in_month(year.into(), month)).contains(&day);
        exists.then(|| Self::civil(year.into(), month, day))
    }

    /// The year that began on the 1 March before, and the days since. The day that some years have more is the last of these.
    //
    // Source: Howard Hinnant, chrono-Compatible Low-Level Date Algorithms, 2013.
    fn year_from_march(self) -> (i64, u32) {
        let days = i64::from(self.0) + EPOCH + DAYS_FROM_MARCH;
        let cycle = days.div_euclid(DAYS_IN_400_YEARS);
        let in_cycle = u32::try_from(days.rem_euclid(DAYS_IN_400_YEARS)).unwrap_or_default();
        // Leap days before it in the cycle are taken out: one in four years, but for centuries.
        let leaps = in_cycle / 1_460 - in_cycle / 36_524 + in_cycle / 146_096;
        let year = (in_cycle - leaps) / 365;
        (cycle * 400 + i64::from(year), in_cycle - (365 * year + year / 4 - year / 100))
    }

    /// The days since the 1 March before.
    pub(super) fn days_from_march(self) -> u32 {
        self.year_from_march().1
    }

    /// From 1 March on, months have 31 and 30 days by turns, 153 in every five.
    pub(crate) fn year_month_day(self) -> (i32, u32, u32) {
        let (year, in_year) = self.year_from_march();
        let from_march = (5 * in_year + 2) / 153;
        let day = in_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        (saturate(year + i64::from(month <= 2)), month, day)
    }

    /// 1 January of any year.
    pub(crate) fn first_of_year(year: i32) -> Self {
        Self::civil(year.into(), 1, 1)
    }

    pub(crate) fn year(self) -> i32 {
        self.year_month_day().0
    }

    /// 1 = Monday … 7 = Sunday.
    pub(crate) fn weekday(self) -> u8 {
        // 1970-01-01 was a Thursday.
        u8::try_from((i64::from(self.0) + 3).rem_euclid(7) + 1).unwrap_or(1)
    }

    pub(crate) fn plus_days(self, days: i64) -> Self {
        Self::saturated(i64::from(self.0).saturating_add(days))
    }

    /// The same day of another month, or that month's last day where it is shorter.
    pub(crate) fn plus_months(self, months: i64) -> Self {
        let (year, month, day) = self.year_month_day();
        let count = (i64::from(year) * 12 + i64::from(month) - 1).saturating_add(months);
        let year = count.div_euclid(12);
        let month = u32::try_from(count.rem_euclid(12) + 1).unwrap_or(1);
        Self::civil(year, month, day.min(days_in_month(year, month)))
    }

    /// Days from `other` to this day.
    pub(crate) fn days_since(self, other: Self) -> i64 {
        i64::from(self.0) - i64::from(other.0)
    }

    /// The first or last date of chrono for the days beyond it.
    pub(crate) fn to_date(self) -> NaiveDate {
        let last = if self.0 < 0 { NaiveDate::MIN } else { NaiveDate::MAX };
        NaiveDate::from_epoch_days(self.0).unwrap_or(last)
    }

    /// A month and day that exist, of any year.
    pub(super) fn civil(year: i64, month: u32, day: u32) -> Self {
        // Far beyond the range in either direction, and safe to multiply.
        let year = year.clamp(-1_000_000, 1_000_000);
        let days = days_before_year(year) + days_before_month(year, month) + i64::from(day) - 1;
        Self::saturated(days - EPOCH)
    }

    fn saturated(days: i64) -> Self {
        Self(saturate(days.clamp(Self::MIN.0.into(), Self::MAX.0.into())))
    }
}

impl From<NaiveDate> for Day {
    fn from(date: NaiveDate) -> Self {
        Self(date.to_epoch_days())
    }
}

impl Instant {
    /// The last one of chrono.
    pub(crate) const LAST: Self = Self(8_210_266_876_799_999_999);

    pub(crate) fn plus_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// The first or last time of chrono for the instants beyond it.
    pub(crate) fn to_datetime(self) -> DateTime<Utc> {
        let last = if self.0 < 0 { DateTime::<Utc>::MIN_UTC } else { DateTime::<Utc>::MAX_UTC };
        DateTime::from_timestamp_micros(self.0).unwrap_or(last)
    }
}

impl From<DateTime<Utc>> for Instant {
    /// What is finer than a microsecond is left out.
    fn from(time: DateTime<Utc>) -> Self {
        Self(time.timestamp_micros())
    }
}

pub(super) fn is_leap_year(year: i64) -> bool {
    year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0)
}

fn days_in_month(year: i64, month: u32) -> u32 {
    match month {
        2 if is_leap_year(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1 January of year 1 to 1 January of `year`.
fn days_before_year(year: i64) -> i64 {
    let before = year - 1;
    before * 365 + before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400)
}

/// Days from 1 January to the first of `month`.
fn days_before_month(year: i64, month: u32) -> i64 {
    let index = usize::try_from(month.saturating_sub(1)).unwrap_or(0);
    let days = DAYS_BEFORE_MONTH.get(index).copied().unwrap_or(0);
    if month > 2 && is_leap_year(year) { days + 1 } else { days }
}

fn saturate(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(if number < 0 { i32::MIN } else { i32::MAX })
}

#[cfg(test)]
mod tests {
    use chrono::Datelike;
    use proptest::prelude::*;

    use super::*;
    use crate::calendar::golden::{date, golden};

    #[test]
    fn month_arithmetic_agrees_with_five_engines() {
        let golden = golden();
        let vectors = golden["month_arithmetic"].as_array().unwrap();
        assert_eq!(vectors.len(), 22);
        for vector in vectors {
            let months = vector["months"].as_i64().unwrap();
            let expected = date(&vector["result"]);
            assert_eq!(date(&vector["date"]).plus_months(months), expected, "{vector}");
        }
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for (year, month, day) in
            [(2026, 2, 29), (2026, 2, 30), (1900, 2, 29), (2026, 4, 31), (2026, 13, 1)]
        {
            assert_eq!(Day::from_ymd(year, month, day), None);
        }
        assert_eq!(Day::from_ymd(2026, 0, 1), None);
        assert_eq!(Day::from_ymd(2026, 1, 0), None);
        assert_eq!(Day::from_ymd(0, 1, 1), None);
        assert_eq!(Day::from_ymd(10_000, 1, 1), None);
        assert!(Day::from_ymd(2000, 2, 29).is_some());
    }

    #[test]
    fn the_ends_of_chrono_are_days() {
        for date in [NaiveDate::MIN, NaiveDate::MAX] {
            assert_eq!(Day::from(date).to_date(), date);
        }
        assert_eq!(Day::MAX.to_date(), NaiveDate::MAX);
        assert_eq!(Instant::from(DateTime::<Utc>::MAX_UTC), Instant::LAST);
        assert_eq!(Day::MIN.to_date(), NaiveDate::MIN);
    }

    #[test]
    fn arithmetic_saturates() {
        let day = Day::from(NaiveDate::MAX);
        assert_eq!(day.plus_days(i64::MAX), Day::MAX);
        assert_eq!(day.plus_days(i64::MIN), Day::MIN);
        assert_eq!(day.plus_months(i64::MAX), Day::MAX);
        assert_eq!(day.plus_months(i64::MIN), Day::MIN);
        assert_eq!(Day(i32::MAX).plus_days(1), Day::MAX);
        assert_eq!(Day(i32::MIN).plus_months(-1), Day::MIN);
        let _ = (Day(i32::MIN).weekday(), Day(i32::MAX).year_month_day());
        assert_eq!(Instant(i64::MAX).plus_micros(1), Instant(i64::MAX));
        assert_eq!(Instant(i64::MAX).to_datetime(), DateTime::<Utc>::MAX_UTC);
    }

    proptest! {
        #[test]
        fn days_are_those_of_chrono(days in -95_000_000..95_000_000) {
            let (day, date) = (Day(days), Day(days).to_date());
            prop_assert_eq!(Day::from(date), day);
            prop_assert_eq!(day.year_month_day(), (date.year(), date.month(), date.day()));
            prop_assert_eq!(u32::from(day.weekday()), date.weekday().number_from_monday());
            let (year, month, of_month) = day.year_month_day();
            prop_assert_eq!(Day::civil(year.into(), month, of_month), day);
        }

        #[test]
        fn months_are_those_of_chrono(days in -700_000..2_900_000, months in 0u32..30_000) {
            let date = Day(days).to_date();
            let months_of_chrono = chrono::Months::new(months);
            prop_assert_eq!(
                Day(days).plus_months(months.into()),
                Day::from(date + months_of_chrono)
            );
            prop_assert_eq!(
                Day(days).plus_months(-i64::from(months)),
                Day::from(date - months_of_chrono)
            );
        }
    }
}
