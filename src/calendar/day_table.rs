//! The local days of many instants.

use super::{Day, Instant, Zone, day::MICROS_A_DAY};

/// More days than this are not worth a table: 410 years.
const LONGEST: i64 = 150_000;

/// Where each day of a range starts; gives the same days as [`Zone::local_day`], faster.
#[derive(Debug, Clone)]
pub(crate) struct DayTable {
    zone: Zone,
    first: Day,
    /// One more than there are days: the last is the end of the last day.
    starts: Vec<Instant>,
}

impl DayTable {
    /// A table of the days from `first` to `last`. Other days are found too, each on its own; so is what does not
    /// fit in a table of 410 years.
    pub(crate) fn new(zone: Zone, first: Day, last: Day) -> Self {
        let days = last.days_since(first).clamp(0, LONGEST) + 1;
        let starts = (0..=days).map(|days| zone.start_of_day(first.plus_days(days))).collect();
        Self { zone, first, starts }
    }

    pub(crate) fn day_of(&self, instant: Instant) -> Day {
        self.index_of(instant).unwrap_or_else(|| self.zone.local_day(instant))
    }

    fn index_of(&self, instant: Instant) -> Option<Day> {
        let since = instant.0.checked_sub(self.starts.first()?.0)?;
        // Days are about as long as each other, so the guess is right or next to it.
        let mut index = usize::try_from(since / MICROS_A_DAY).ok()?;
        if *self.starts.get(index)? > instant {
            index = index.checked_sub(1)?;
        }
        while *self.starts.get(index + 1)? <= instant {
            index += 1;
        }
        let in_day = *self.starts.get(index)? <= instant;
        in_day.then(|| self.first.plus_days(i64::try_from(index).unwrap_or(i64::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::{America, Europe, Pacific};
    use proptest::prelude::*;

    use super::*;
    use crate::calendar::golden::day;

    #[test]
    fn days_are_those_of_the_zone() {
        for tz in [Europe::Stockholm, America::St_Johns, America::Sao_Paulo, Pacific::Apia] {
            let zone = Zone(tz);
            let table = DayTable::new(zone, day("2009-06-01"), day("2012-06-01"));
            let mut instant = zone.start_of_day(day("2009-05-01"));
            let end = zone.start_of_day(day("2012-07-01"));
            while instant < end {
                for near in [-1, 0, 1] {
                    let near = instant.plus_micros(near);
                    assert_eq!(table.day_of(near), zone.local_day(near), "{tz} {near:?}");
                }
                instant = instant.plus_micros(30 * 60 * 1_000_000);
            }
        }
    }

    #[test]
    fn a_long_or_reversed_range_is_no_matter() {
        let zone = Zone(Europe::Stockholm);
        for (first, last) in
            [(Day::MIN, Day::MAX), (Day::MAX, Day::MIN), (Day(i32::MIN), Day(i32::MAX))]
        {
            let table = DayTable::new(zone, first, last);
            assert!(table.starts.len() < 200_000);
            for instant in [i64::MIN, -1, 0, i64::MAX].map(Instant) {
                assert_eq!(table.day_of(instant), zone.local_day(instant));
            }
        }
    }

    proptest! {
        #[test]
        fn any_instant_has_its_day(first in -20_000i32..20_000, days in 0i32..3_000, micros in -2_000_000_000_000_000i64..2_000_000_000_000_000) {
            let zone = Zone(America::St_Johns);
            let table = DayTable::new(zone, Day(first), Day(first + days));
            prop_assert_eq!(table.day_of(Instant(micros)), zone.local_day(Instant(micros)));
        }
    }
}
