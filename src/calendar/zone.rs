//! The local time zone: from instants to local days and back.

/// The time zone of a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Zone(pub(crate) chrono_tz::Tz);

// To come here:
// start_of_day(Day) -> Instant: the first instant of the local day. A midnight that happens twice is the earlier
//   one; where midnight does not exist the day starts at the end of the gap (a day that does not exist at all, as
//   2011-12-30 in Pacific/Apia, is empty: it starts where the next one starts).
// local_day(Instant) -> Day: the one D with start_of_day(D) <= t < start_of_day(D + 1), so days are intervals even
//   where clocks are set back over midnight.
// resolve(NaiveDateTime) -> Instant: a local time that happens twice is the earlier, one that does not exist is
//   shifted forward by the length of the gap.
// local(Instant) -> NaiveDateTime.
