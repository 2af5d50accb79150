//! When segments are due.

use std::{fmt, num::NonZeroU32, str::FromStr};

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use crate::calendar::{Instant, Zone};

/// How often dynamic segments are formed.
///
/// It is written, and read by [`parse`](str::parse), as `daily at 03:00`, `every 6 hours` or `by hand`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Schedule(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Daily(NaiveTime),
    Hours(NonZeroU32),
    ByHand,
}

/// A text that is no [`Schedule`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a schedule; write `daily at 03:00`, `every 6 hours` or `by hand`")]
pub struct InvalidSchedule;

impl Schedule {
    /// Only when [`Jobs::form`](super::Jobs::form) asks for it.
    pub const BY_HAND: Self = Self(Kind::ByHand);

    /// Once a local day, at this time by the schema's time zone. On a day on which the time happens twice it is the
    /// earlier one, on a day without it as much later as the clocks are set forward.
    pub fn daily(at: NaiveTime) -> Self {
        Self(Kind::Daily(at))
    }

    /// So many hours after the last time.
    pub fn every_hours(hours: NonZeroU32) -> Self {
        Self(Kind::Hours(hours))
    }

    /// The moment from which on a segment that was formed at `last` is due again; `None` for never.
    pub(super) fn next(self, last: DateTime<Utc>, zone: Zone) -> Option<DateTime<Utc>> {
        match self.0 {
            Kind::ByHand => None,
            Kind::Hours(hours) => last.checked_add_signed(TimeDelta::hours(hours.get().into())),
            Kind::Daily(time) => {
                let at = |day: chrono::NaiveDate| zone.resolve(day.and_time(time)).to_datetime();
                let days = zone.local(Instant::from(last)).date().iter_days();
                // The clocks can put the time of a day before `last` although the day is the next one.
                days.take(3).map(at).find(|at| *at > last)
            }
        }
    }

    pub(super) fn is_by_hand(self) -> bool {
        self.0 == Kind::ByHand
    }
}

impl FromStr for Schedule {
    type Err = InvalidSchedule;

    fn from_str(text: &str) -> Result<Self, InvalidSchedule> {
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        match words[..] {
            ["by", "hand"] => Ok(Self::BY_HAND),
            ["daily", "at", time] => {
                let time = NaiveTime::parse_from_str(time, "%H:%M").map_err(|_| InvalidSchedule)?;
                Ok(Self::daily(time))
            }
            ["every", "hour"] => Ok(Self::every_hours(NonZeroU32::MIN)),
            ["every", hours, "hour" | "hours"] => {
                Ok(Self::every_hours(hours.parse().map_err(|_| InvalidSchedule)?))
            }
            _ => Err(InvalidSchedule),
        }
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Kind::ByHand => f.write_str("by hand"),
            Kind::Daily(time) => write!(f, "daily at {}", time.format("%H:%M")),
            Kind::Hours(NonZeroU32::MIN) => f.write_str("every hour"),
            Kind::Hours(hours) => write!(f, "every {hours} hours"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(schedule: &str, last: &str) -> Option<String> {
        let zone = Zone(chrono_tz::Europe::Stockholm);
        let next = schedule.parse::<Schedule>().unwrap().next(last.parse().unwrap(), zone);
        next.map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
    }

    #[test]
    fn a_day_is_a_local_one() {
        let daily = |last| next("daily at 03:00", last).unwrap();
        // Winter: an hour before UTC; summer: two.
        assert_eq!(daily("2026-11-01T01:59:59.999999Z"), "2026-11-01T02:00:00Z");
        assert_eq!(daily("2026-11-01T02:00:00Z"), "2026-11-02T02:00:00Z");
        assert_eq!(daily("2026-07-01T00:30:00Z"), "2026-07-01T01:00:00Z");
        // 23:30 UTC is the next day in Stockholm already.
        assert_eq!(daily("2026-10-31T23:30:00Z"), "2026-11-01T02:00:00Z");
    }

    #[test]
    fn clocks_that_are_set() {
        // On 29 March 2026 the hour from 2 to 3 does not exist, on 25 October it happens twice.
        let daily = |last| next("daily at 02:30", last).unwrap();
        assert_eq!(daily("2026-03-28T12:00:00Z"), "2026-03-29T01:30:00Z");
        assert_eq!(daily("2026-03-29T01:30:00Z"), "2026-03-30T00:30:00Z");
        assert_eq!(daily("2026-10-24T12:00:00Z"), "2026-10-25T00:30:00Z");
        assert_eq!(daily("2026-10-25T00:30:00Z"), "2026-10-26T01:30:00Z");
    }

    #[test]
    fn hours_are_hours() {
        let last = "2026-03-29T00:30:00.000001Z";
        assert_eq!(next("every 6 hours", last).unwrap(), "2026-03-29T06:30:00.000001Z");
        assert_eq!(next("every hour", last).unwrap(), "2026-03-29T01:30:00.000001Z");
        assert_eq!(next("by hand", last), None);
    }

    #[test]
    fn it_reads_what_it_writes() {
        for text in ["daily at 03:00", "every 6 hours", "every hour", "by hand"] {
            assert_eq!(text.parse::<Schedule>().unwrap().to_string(), text);
        }
        for text in ["", "daily", "daily at 25:00", "every 0 hours", "every -1 hours", "by hands"] {
            assert_eq!(text.parse::<Schedule>(), Err(InvalidSchedule), "{text}");
        }
    }
}
