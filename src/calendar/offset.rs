//! Relative time: `3 months ago`, `in 2 weeks`.

use super::{Day, Instant, day::MICROS_A_SECOND};

/// A unit of relative time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Unit {
    Minutes,
    Hours,
    Days,
    Weeks,
    Months,
    Years,
}

impl Unit {
    pub(crate) const ALL: [Self; 6] =
        [Self::Minutes, Self::Hours, Self::Days, Self::Weeks, Self::Months, Self::Years];

    /// `day`, `days`, `Days` …
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| {
            let plural = unit.name();
            let singular = plural.strip_suffix('s').unwrap_or(plural);
            word.eq_ignore_ascii_case(plural) || word.eq_ignore_ascii_case(singular)
        })
    }

    /// The plural: `days`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Minutes => "minutes",
            Self::Hours => "hours",
            Self::Days => "days",
            Self::Weeks => "weeks",
            Self::Months => "months",
            Self::Years => "years",
        }
    }

    /// Hours and minutes: counted on the time line, not on the calendar.
    pub(crate) fn is_clock(self) -> bool {
        matches!(self, Self::Minutes | Self::Hours)
    }

    /// How many make 10,000 years, of 366 days where the unit is shorter than a month.
    fn limit(self) -> i64 {
        let days = Offset::LIMIT_YEARS * 366;
        match self {
            Self::Minutes => days * 24 * 60,
            Self::Hours => days * 24,
            Self::Days => days,
            Self::Weeks => days / 7,
            Self::Months => Offset::LIMIT_YEARS * 12,
            Self::Years => Offset::LIMIT_YEARS,
        }
    }
}

/// A distance from `as_of`, negative for the past. Days and longer are counted on the local calendar, hours and
/// minutes on the time line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Offset {
    pub(crate) amount: i64,
    pub(crate) unit: Unit,
}

impl Offset {
    /// The longest distance, either way.
    pub(crate) const LIMIT_YEARS: i64 = 10_000;

    /// `None` beyond the limit.
    pub(crate) fn new(amount: i64, unit: Unit) -> Option<Self> {
        let limit = unit.limit();
        (-limit..=limit).contains(&amount).then_some(Self { amount, unit })
    }

    /// Whether this lies after `other` whatever day it is.
    pub(crate) fn is_always_after(self, other: Self) -> bool {
        match (self.months(), other.months()) {
            // Different months are in order whatever their length.
            (Some(one), Some(other)) => one > other,
            _ if self.unit.is_clock() != other.unit.is_clock() => false,
            _ => self.least_and_most().0 > other.least_and_most().1,
        }
    }

    fn months(self) -> Option<i64> {
        match self.unit {
            Unit::Months => Some(self.amount),
            Unit::Years => self.amount.checked_mul(12),
            _ => None,
        }
    }

    /// The least and the greatest distance in days, or in minutes for clock units.
    fn least_and_most(self) -> (i64, i64) {
        let (shortest, longest) = match self.unit {
            Unit::Minutes | Unit::Days => (1, 1),
            Unit::Hours => (60, 60),
            Unit::Weeks => (7, 7),
            Unit::Months => (28, 31),
            Unit::Years => (365, 366),
        };
        let ends = (self.amount.saturating_mul(shortest), self.amount.saturating_mul(longest));
        (ends.0.min(ends.1), ends.0.max(ends.1))
    }

    /// The day at this distance from `today`; of a distance in hours or minutes, whole days count.
    pub(crate) fn day_from(self, today: Day) -> Day {
        let amount = self.amount;
        match self.unit {
            Unit::Minutes => today.plus_days(amount / (24 * 60)),
            Unit::Hours => today.plus_days(amount / 24),
            Unit::Days => today.plus_days(amount),
            Unit::Weeks => today.plus_days(amount.saturating_mul(7)),
            Unit::Months => today.plus_months(amount),
            Unit::Years => today.plus_months(amount.saturating_mul(12)),
        }
    }

    /// The instant at this distance from `now`, for hours and minutes; longer units count as whole days of 24 hours,
    /// months as 30 days and years as 365.
    pub(crate) fn instant_from(self, now: Instant) -> Instant {
        let seconds = match self.unit {
            Unit::Minutes => 60,
            Unit::Hours => 3_600,
            Unit::Days => 86_400,
            Unit::Weeks => 7 * 86_400,
            Unit::Months => 30 * 86_400,
            Unit::Years => 365 * 86_400,
        };
        now.plus_micros(self.amount.saturating_mul(seconds * MICROS_A_SECOND))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::golden::day;

    #[test]
    fn units_are_read_in_any_case_and_number() {
        assert_eq!(Unit::parse("day"), Some(Unit::Days));
        assert_eq!(Unit::parse("Weeks"), Some(Unit::Weeks));
        assert_eq!(Unit::parse("MONTH"), Some(Unit::Months));
        assert_eq!(Unit::parse("d"), None);
        assert_eq!(Unit::parse("dayss"), None);
        for unit in Unit::ALL {
            assert_eq!(Unit::parse(unit.name()), Some(unit));
        }
    }

    #[test]
    fn ten_thousand_years_are_the_limit() {
        for unit in Unit::ALL {
            let limit = unit.limit();
            assert!(Offset::new(limit, unit).is_some());
            assert!(Offset::new(-limit, unit).is_some());
            assert_eq!(Offset::new(limit + 1, unit), None);
            assert_eq!(Offset::new(-limit - 1, unit), None);
            assert_eq!(Offset::new(i64::MIN, unit), None);
        }
        assert!(Offset::new(10_000, Unit::Years).is_some());
        assert!(Offset::new(120_000, Unit::Months).is_some());
        assert!(Offset::new(3_652_500, Unit::Days).is_some());
    }

    #[test]
    fn days_and_longer_follow_the_calendar() {
        let today = day("2024-05-31");
        let offset = |amount, unit| Offset { amount, unit }.day_from(today);
        assert_eq!(offset(-30, Unit::Days), day("2024-05-01"));
        assert_eq!(offset(2, Unit::Weeks), day("2024-06-14"));
        assert_eq!(offset(-3, Unit::Months), day("2024-02-29"));
        assert_eq!(offset(-1, Unit::Years), day("2023-05-31"));
        assert_eq!(
            Offset { amount: -4, unit: Unit::Years }.day_from(day("2024-02-29")),
            day("2020-02-29")
        );
        assert_eq!(
            Offset { amount: 1, unit: Unit::Years }.day_from(day("2024-02-29")),
            day("2025-02-28")
        );
    }

    #[test]
    fn nothing_overflows() {
        for unit in Unit::ALL {
            for amount in [i64::MIN, i64::MAX] {
                let offset = Offset { amount, unit };
                let _ = (offset.day_from(Day::MAX), offset.day_from(Day::MIN));
                let _ = (
                    offset.instant_from(Instant(i64::MAX)),
                    offset.instant_from(Instant(i64::MIN)),
                );
            }
        }
    }
}
