//! Relative time: `3 months ago`, `in 2 weeks`.

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

/// A distance from `as_of`, negative for the past. Days and longer are counted on the local calendar, hours and
/// minutes on the time line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Offset {
    pub(crate) amount: i64,
    pub(crate) unit: Unit,
}

// To come here: Unit::is_clock() (hours, minutes), Unit::parse(word) ("day", "days", …, any case), name();
// Offset::LIMIT_YEARS = 10_000 and Offset::new(amount, unit) -> Option<Offset> (None beyond the limit);
// Offset::day_from(self, today: Day) -> Day; Offset::instant_from(self, now: Instant) -> Instant.
