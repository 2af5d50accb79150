//! The local time zone: from instants to local days and back.

use chrono::{DateTime, NaiveDateTime, Offset as _, TimeZone as _, Utc};

use super::{
    Day, Instant,
    day::{MICROS_A_DAY, MICROS_A_SECOND},
};

/// No zone was ever further from UTC: Manila was 15 hours 56 minutes away.
const FURTHEST: i64 = 16 * 3_600;

/// The time zone of a schema.
///
/// After the year 2100 the clocks are no longer changed: the table of zones ends there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Zone(pub(crate) chrono_tz::Tz);

/// What the clocks around some local time do.
enum Clock {
    /// They stay at this many seconds before UTC.
    Steady(i64),
    /// At the second `at` they are set from `before` to `after`.
    Set { at: i64, before: i64, after: i64 },
}

impl Zone {
    /// The first instant of the local day. A midnight that happens twice is the earlier one; where midnight does not
    /// exist the day starts at the end of the gap. A day that does not exist at all starts where the next one starts.
    pub(crate) fn start_of_day(self, day: Day) -> Instant {
        let midnight = i64::from(day.0.clamp(Day::MIN.0, Day::MAX.0)) * 86_400;
        let start = match self.clock_around(midnight) {
            Clock::Steady(offset) => midnight - offset,
            Clock::Set { at, before, .. } if midnight - before < at => midnight - before,
            Clock::Set { at, after, .. } => at.max(midnight - after),
        };
        Instant(start * MICROS_A_SECOND)
    }

    /// The one day with `start_of_day(day) <= instant < start_of_day(day + 1)`: days are intervals even where clocks
    /// are set back over midnight.
    pub(crate) fn local_day(self, instant: Instant) -> Day {
        let days = self.local_micros(instant).div_euclid(MICROS_A_DAY);
        let mut day = Day(0).plus_days(days);
        // The clock's day is that day or one beside it.
        if instant < self.start_of_day(day) {
            day = day.plus_days(-1);
        }
        while day < Day::MAX && instant >= self.start_of_day(day.plus_days(1)) {
            day = day.plus_days(1);
        }
        day
    }

    /// A local time that happens twice is the earlier, one that does not exist is shifted forward by the length of
    /// the gap.
    pub(crate) fn resolve(self, local: NaiveDateTime) -> Instant {
        let local = local.and_utc();
        let seconds = local.timestamp();
        let offset = match self.clock_around(seconds) {
            Clock::Steady(offset) => offset,
            Clock::Set { at, before, after } => {
                let is_after = seconds - before >= at && seconds - after >= at;
                if is_after { after } else { before }
            }
        };
        Instant::from(local).plus_micros(-offset * MICROS_A_SECOND)
    }

    /// What a clock on the wall shows; the first or last time of chrono beyond it.
    pub(crate) fn local(self, instant: Instant) -> NaiveDateTime {
        Instant(self.local_micros(instant)).to_datetime().naive_utc()
    }

    fn local_micros(self, instant: Instant) -> i64 {
        let offset = self.offset_at(instant.0.div_euclid(MICROS_A_SECOND));
        instant.0.saturating_add(offset * MICROS_A_SECOND)
    }

    // INVARIANT: no zone sets its clocks twice within six days, so there is one change at the most.
    fn clock_around(self, local: i64) -> Clock {
        let (mut first, mut last) = (local - FURTHEST, local + FURTHEST);
        let (before, after) = (self.offset_at(first), self.offset_at(last));
        if before == after {
            return Clock::Steady(before);
        }
        while last - first > 1 {
            let middle = first + (last - first) / 2;
            if self.offset_at(middle) == before {
                first = middle;
            } else {
                last = middle;
            }
        }
        Clock::Set { at: last, before, after }
    }

    /// Seconds before UTC at this second.
    pub(super) fn offset_at(self, seconds: i64) -> i64 {
        let end = if seconds < 0 { DateTime::<Utc>::MIN_UTC } else { DateTime::<Utc>::MAX_UTC };
        let time = DateTime::from_timestamp(seconds, 0).unwrap_or(end).naive_utc();
        self.0.offset_from_utc_datetime(&time).fix().local_minus_utc().into()
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::{Africa, America, Asia, Europe, Pacific, TZ_VARIANTS, UTC};
    use proptest::prelude::*;

    use super::*;
    use crate::calendar::golden::day;

    fn start(zone: chrono_tz::Tz, date: &str) -> String {
        let start = Zone(zone).start_of_day(day(date)).to_datetime();
        start.format("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    fn instant(text: &str) -> Instant {
        Instant::from(text.parse::<DateTime<Utc>>().unwrap())
    }

    fn resolved(zone: chrono_tz::Tz, local: &str) -> String {
        let instant = Zone(zone).resolve(local.parse().unwrap()).to_datetime();
        instant.format("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    #[test]
    fn days_of_23_24_and_25_hours() {
        assert_eq!(start(Europe::Stockholm, "2026-03-29"), "2026-03-28T23:00:00Z");
        assert_eq!(start(Europe::Stockholm, "2026-03-30"), "2026-03-29T22:00:00Z");
        assert_eq!(start(Europe::Stockholm, "2026-10-25"), "2026-10-24T22:00:00Z");
        assert_eq!(start(Europe::Stockholm, "2026-10-26"), "2026-10-25T23:00:00Z");
        assert_eq!(start(UTC, "2026-10-26"), "2026-10-26T00:00:00Z");
    }

    /// Clocks went from 24:00 to 01:00.
    #[test]
    fn where_midnight_does_not_exist_the_day_starts_after_the_gap() {
        assert_eq!(start(America::Sao_Paulo, "2017-10-15"), "2017-10-15T03:00:00Z");
        assert_eq!(start(America::Sao_Paulo, "2017-10-16"), "2017-10-16T02:00:00Z");
        assert_eq!(start(Asia::Beirut, "2022-03-27"), "2022-03-26T22:00:00Z");
        assert_eq!(start(Africa::Cairo, "2023-04-28"), "2023-04-27T22:00:00Z");
        let zone = Zone(America::Sao_Paulo);
        assert_eq!(zone.local_day(instant("2017-10-15T02:59:59Z")), day("2017-10-14"));
        assert_eq!(zone.local_day(instant("2017-10-15T03:00:00Z")), day("2017-10-15"));
    }

    /// Clocks went from 24:00 back to 23:00: midnight comes once, at the end of the second hour.
    #[test]
    fn where_clocks_reach_midnight_and_go_back_the_day_starts_at_the_second_midnight() {
        // At the instant of the change the clock shows 23:00, so it has never shown midnight before.
        assert_eq!(start(America::Sao_Paulo, "2018-02-18"), "2018-02-18T03:00:00Z");
        assert_eq!(start(Africa::Cairo, "2023-10-27"), "2023-10-26T22:00:00Z");
        assert_eq!(start(Asia::Beirut, "2022-10-30"), "2022-10-29T22:00:00Z");
    }

    /// Clocks went from 00:01 back to 23:01 of the day before: midnight comes twice.
    #[test]
    fn of_two_midnights_the_earlier_counts() {
        let zone = Zone(America::St_Johns);
        assert_eq!(start(America::St_Johns, "2010-11-07"), "2010-11-07T02:30:00Z");
        let shows_the_day_before = instant("2010-11-07T03:00:00Z");
        assert_eq!(zone.local(shows_the_day_before).to_string(), "2010-11-06 23:30:00");
        assert_eq!(zone.local_day(shows_the_day_before), day("2010-11-07"));
        assert_eq!(zone.local_day(instant("2010-11-07T02:29:59Z")), day("2010-11-06"));
    }

    /// Samoa went from the 29th to the 31st.
    #[test]
    fn a_day_that_does_not_exist_is_empty() {
        let zone = Zone(Pacific::Apia);
        assert_eq!(start(Pacific::Apia, "2011-12-29"), "2011-12-29T10:00:00Z");
        assert_eq!(start(Pacific::Apia, "2011-12-30"), "2011-12-30T10:00:00Z");
        assert_eq!(start(Pacific::Apia, "2011-12-31"), "2011-12-30T10:00:00Z");
        assert_eq!(start(Pacific::Apia, "2012-01-01"), "2011-12-31T10:00:00Z");
        assert_eq!(zone.local_day(instant("2011-12-30T09:59:59Z")), day("2011-12-29"));
        assert_eq!(zone.local_day(instant("2011-12-30T10:00:00Z")), day("2011-12-31"));
    }

    #[test]
    fn local_times_that_happen_twice_or_never() {
        assert_eq!(resolved(Europe::Stockholm, "2026-07-01T12:00:00"), "2026-07-01T10:00:00Z");
        assert_eq!(resolved(Europe::Stockholm, "2026-10-25T02:30:00"), "2026-10-25T00:30:00Z");
        assert_eq!(resolved(Europe::Stockholm, "2026-10-25T03:00:00"), "2026-10-25T02:00:00Z");
        assert_eq!(resolved(Europe::Stockholm, "2026-03-29T01:59:59"), "2026-03-29T00:59:59Z");
        assert_eq!(resolved(Europe::Stockholm, "2026-03-29T02:30:00"), "2026-03-29T01:30:00Z");
        assert_eq!(resolved(Europe::Stockholm, "2026-03-29T03:00:00"), "2026-03-29T01:00:00Z");
        assert_eq!(resolved(Pacific::Apia, "2011-12-30T12:00:00"), "2011-12-30T22:00:00Z");
    }

    #[test]
    fn every_zone_keeps_its_days_apart() {
        for zone in TZ_VARIANTS.into_iter().map(Zone) {
            let mut before = zone.start_of_day(day("1840-01-01"));
            for days in (-47_481..47_481).step_by(13) {
                let start = zone.start_of_day(Day(days));
                assert!(before < start, "{zone:?} {days}");
                assert_eq!(zone.local_day(start), Day(days), "{zone:?}");
                before = start;
            }
        }
    }

    #[test]
    fn the_ends_of_time_have_days() {
        for zone in TZ_VARIANTS.into_iter().map(Zone) {
            for number in [i64::MIN, i64::MAX] {
                let _ = (zone.local_day(Instant(number)), zone.local(Instant(number)));
            }
            for number in [i32::MIN, i32::MAX] {
                let _ = zone.start_of_day(Day(number));
            }
            let _ = (zone.resolve(NaiveDateTime::MIN), zone.resolve(NaiveDateTime::MAX));
        }
    }

    fn zone() -> impl Strategy<Value = Zone> {
        (0..TZ_VARIANTS.len()).prop_map(|index| Zone(TZ_VARIANTS[index]))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn an_instant_lies_in_its_day(zone in zone(), micros in -4_000_000_000_000_000i64..4_200_000_000_000_000) {
            let instant = Instant(micros);
            let day = zone.local_day(instant);
            prop_assert!(zone.start_of_day(day) <= instant);
            prop_assert!(instant < zone.start_of_day(day.plus_days(1)));
        }

        #[test]
        fn a_time_on_the_clock_is_found_again(zone in zone(), micros in -4_000_000_000_000_000i64..4_200_000_000_000_000) {
            let instant = Instant(micros);
            let found = zone.resolve(zone.local(instant));
            // The earlier of two instants at which the clock shows the same.
            prop_assert!(found <= instant);
            prop_assert_eq!(zone.local(found), zone.local(instant));
        }
    }
}
