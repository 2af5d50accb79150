//! The instant of an evaluation.

use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

use super::{
    Day, Instant, Zone,
    parse::{Time, parse_day, parse_time},
};

/// The moment at which rules are evaluated.
///
/// ```
/// use segmenta::AsOf;
///
/// let end_of_day: AsOf = "2026-11-01".parse()?;
/// let afternoon: AsOf = "2026-11-01T16:00:00+01:00".parse()?;
/// assert!(matches!(end_of_day, AsOf::Day(_)));
/// assert!(matches!(afternoon, AsOf::Instant(_)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AsOf {
    /// The end of this local day: the next midnight less one microsecond.
    Day(NaiveDate),
    /// A local time of the schema's zone. One that happens twice is the earlier, one that does not exist is shifted
    /// forward.
    Local(NaiveDateTime),
    /// An instant. What is finer than a microsecond is left out.
    Instant(DateTime<Utc>),
}

impl From<NaiveDate> for AsOf {
    fn from(day: NaiveDate) -> Self {
        Self::Day(day)
    }
}

impl From<NaiveDateTime> for AsOf {
    fn from(local: NaiveDateTime) -> Self {
        Self::Local(local)
    }
}

impl From<DateTime<Utc>> for AsOf {
    fn from(instant: DateTime<Utc>) -> Self {
        Self::Instant(instant)
    }
}

/// A text that is neither a date nor a datetime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a date as `2026-11-01` or a datetime as `2026-11-01T16:00:00` or `2026-11-01T16:00:00+01:00`"
)]
#[non_exhaustive]
pub struct InvalidAsOf;

impl FromStr for AsOf {
    type Err = InvalidAsOf;

    /// Reads `2026-11-01`, `2026-11-01T16:00` and `2026-11-01T16:00:00.250`, the last two also with `Z` or `+02:00`.
    fn from_str(text: &str) -> Result<Self, InvalidAsOf> {
        if let Some(day) = parse_day(text) {
            return Ok(Self::Day(day));
        }
        match parse_time(text) {
            Some(Time::Local(local)) => Ok(Self::Local(local)),
            Some(Time::Instant(instant)) => Ok(Self::Instant(instant.to_datetime())),
            None => Err(InvalidAsOf),
        }
    }
}

/// An [`AsOf`] in the schema's time zone: what `now` and `today` stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) now: Instant,
    pub(crate) today: Day,
}

impl Moment {
    pub(crate) fn new(as_of: AsOf, zone: Zone) -> Self {
        let now = match as_of {
            AsOf::Day(date) => zone.start_of_day(Day::from(date).plus_days(1)).plus_micros(-1),
            AsOf::Local(local) => zone.resolve(local),
            AsOf::Instant(instant) => Instant::from(instant),
        };
        Self { now, today: zone.local_day(now) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::golden::day;

    const STOCKHOLM: Zone = Zone(chrono_tz::Europe::Stockholm);

    fn moment(as_of: &str) -> (String, Day) {
        let moment = Moment::new(as_of.parse().unwrap(), STOCKHOLM);
        (moment.now.to_datetime().to_rfc3339(), moment.today)
    }

    #[test]
    fn a_date_is_the_end_of_its_day() {
        let end = "2026-11-01T22:59:59.999999+00:00".to_owned();
        assert_eq!(moment("2026-11-01"), (end, day("2026-11-01")));
        // The day on which summer time ends has 25 hours.
        let end = "2026-10-25T22:59:59.999999+00:00".to_owned();
        assert_eq!(moment("2026-10-25"), (end, day("2026-10-25")));
    }

    #[test]
    fn a_time_is_local_or_says_its_distance() {
        let now = "2026-07-01T22:30:00+00:00".to_owned();
        assert_eq!(moment("2026-07-02T00:30"), (now.clone(), day("2026-07-02")));
        assert_eq!(moment("2026-07-01T22:30:00Z"), (now, day("2026-07-02")));
    }

    #[test]
    fn what_is_neither_is_refused() {
        for wrong in ["", "today", "2026-02-30", "2026-11-01T25:00", "1793577600"] {
            assert_eq!(wrong.parse::<AsOf>(), Err(InvalidAsOf), "{wrong}");
        }
    }

    #[test]
    fn the_ends_of_time_are_moments() {
        for zone in [Zone(chrono_tz::UTC), STOCKHOLM, Zone(chrono_tz::Pacific::Kiritimati)] {
            for date in [NaiveDate::MIN, NaiveDate::MAX] {
                let moment = Moment::new(date.into(), zone);
                assert_eq!(moment.today, Day::from(date));
            }
            for local in [NaiveDateTime::MIN, NaiveDateTime::MAX] {
                let _ = Moment::new(local.into(), zone);
            }
            for instant in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
                let _ = Moment::new(instant.into(), zone);
            }
        }
    }
}
