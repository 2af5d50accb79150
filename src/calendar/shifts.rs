//! A time zone as a list: from when on local time is how far from UTC. For readers that cannot ask the table of zones.

use super::{Day, Instant, Zone, day::MICROS_A_SECOND};

/// From a second on, something is so many seconds off, until the next shift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shift {
    /// Seconds since 1970; `i64::MIN` for the first.
    pub(crate) from: i64,
    pub(crate) seconds: i64,
}

/// No zone had another offset before 1800, and none changes after 2100.
const FIRST: i64 = -5_364_662_400;
const LAST: i64 = 4_133_980_800;
/// Clocks are never set twice within six days.
const STEP: i64 = 5 * 86_400;
const DAY: i64 = 86_400;

impl Zone {
    /// By instants: what the wall clock is before UTC.
    pub(crate) fn shifts(self) -> Vec<Shift> {
        let mut shifts = vec![Shift { from: i64::MIN, seconds: self.offset_at(FIRST) }];
        let mut at = FIRST;
        while at < LAST {
            let (mut before, mut after) = (at, at + STEP);
            let offset = self.offset_at(before);
            if self.offset_at(after) != offset {
                while after - before > 1 {
                    let middle = before + (after - before) / 2;
                    if self.offset_at(middle) == offset { before = middle } else { after = middle }
                }
                shifts.push(Shift { from: after, seconds: self.offset_at(after) });
            }
            at += STEP;
        }
        shifts
    }

    /// By local times: what [`Zone::resolve`] takes away.
    pub(crate) fn local_shifts(self) -> Vec<Shift> {
        let shifts = self.shifts();
        let mut local: Vec<Shift> = shifts.first().copied().into_iter().collect();
        for (before, after) in shifts.iter().zip(shifts.iter().skip(1)) {
            // What does not exist is shifted forward by the old offset, and what happens twice is the earlier.
            let from = after.from + before.seconds.max(after.seconds);
            local.push(Shift { from, seconds: after.seconds });
        }
        local
    }

    /// By instants: what has to be added so that whole days since 1970 are those of [`Zone::local_day`].
    pub(crate) fn day_shifts(self) -> Vec<Shift> {
        let shifts = self.shifts();
        let mut days: Vec<Shift> = shifts.first().copied().into_iter().collect();
        for (before, after) in shifts.iter().zip(shifts.iter().skip(1)) {
            for shift in self.day_shifts_around(after.from, before.seconds, after.seconds) {
                if days.last().is_none_or(|last| last.seconds != shift.seconds) {
                    days.push(shift);
                }
            }
        }
        days
    }

    /// Between two points the local day is one, and the clock's day is one.
    fn day_shifts_around(self, at: i64, before: i64, after: i64) -> Vec<Shift> {
        let day = |second: i64| i64::from(self.local_day(Instant(second * MICROS_A_SECOND)).0);
        let middle = day(at);
        let mut points = vec![at];
        for number in middle - 2..=middle + 3 {
            points.extend([number * DAY - before, number * DAY - after]);
            if let Ok(number) = i32::try_from(number) {
                points.push(self.start_of_day(Day(number)).0.div_euclid(MICROS_A_SECOND));
            }
        }
        points.sort_unstable();
        points.dedup();
        let shift = |from: i64| {
            let clock = if from < at { before } else { after };
            let wanted = day(from);
            let shows = (from + clock).div_euclid(DAY) == wanted;
            Shift { from, seconds: if shows { clock } else { wanted * DAY - from } }
        };
        points.into_iter().map(shift).collect()
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::{Africa, America, Asia, Australia, Europe, Pacific, TZ_VARIANTS, UTC};

    use super::*;

    fn in_force(shifts: &[Shift], second: i64) -> i64 {
        let at = shifts.partition_point(|shift| shift.from <= second);
        shifts[at - 1].seconds
    }

    #[test]
    fn a_zone_without_changes_has_one_shift() {
        assert_eq!(Zone(UTC).day_shifts(), [Shift { from: i64::MIN, seconds: 0 }]);
        assert_eq!(Zone(Europe::Stockholm).shifts(), Zone(Europe::Stockholm).day_shifts());
    }

    /// Every change of many zones, with the days round it, and days far from any.
    #[test]
    fn lists_say_what_the_zone_says() {
        let odd = [
            America::Sao_Paulo,
            America::St_Johns,
            America::Havana,
            Africa::Cairo,
            Asia::Beirut,
            Asia::Manila,
            Australia::Lord_Howe,
            Pacific::Apia,
        ];
        for zone in TZ_VARIANTS.into_iter().step_by(13).chain(odd).map(Zone) {
            let (shifts, days, local) = (zone.shifts(), zone.day_shifts(), zone.local_shifts());
            let mut seconds: Vec<i64> =
                (-62_135_596_800..253_402_300_800).step_by(9_876_543_211).collect();
            for shift in shifts.iter().skip(1).chain(days.iter().skip(1)) {
                seconds.extend((-50..50).map(|hours| shift.from + hours * 3_600));
                seconds.extend([shift.from - 1, shift.from + 1]);
            }
            for second in seconds {
                assert_eq!(in_force(&shifts, second), zone.offset_at(second), "{zone:?} {second}");
                let day = (second + in_force(&days, second)).div_euclid(DAY);
                let expected = zone.local_day(Instant(second * MICROS_A_SECOND));
                assert_eq!(day, i64::from(expected.0), "{zone:?} {second}");
                let time = chrono::DateTime::from_timestamp(second, 0).unwrap().naive_utc();
                let instant = second - in_force(&local, second);
                assert_eq!(instant * MICROS_A_SECOND, zone.resolve(time).0, "{zone:?} {second}");
            }
        }
    }
}
