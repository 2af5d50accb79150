//! The instant of an evaluation.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

use super::{Day, Instant};

/// The moment at which rules are evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AsOf {
    /// The end of this local day: the next midnight less one microsecond.
    Day(NaiveDate),
    /// A local time of the schema's zone.
    Local(NaiveDateTime),
    /// An instant.
    Instant(DateTime<Utc>),
}

/// An [`AsOf`] in the schema's time zone: what `now` and `today` stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) now: Instant,
    pub(crate) today: Day,
}

// To come here: From<NaiveDate>, From<NaiveDateTime>, From<DateTime<Utc>> for AsOf; FromStr for AsOf
// ("2026-11-01", "2026-11-01T16:00[:00[.ffffff]]", with "Z" or "+02:00"), a readable error; Moment::new(AsOf, Zone).
