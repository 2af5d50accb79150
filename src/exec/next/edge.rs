//! Edges: what the clock is compared with values as. They never go back.

use super::super::ages::first_of_age;
use crate::{
    calendar::{Day, Instant, LeapDay, Offset, Zone},
    rule::Function,
};

/// How the calendar is read.
#[derive(Clone, Copy)]
pub(super) struct Calendar {
    pub(super) zone: Zone,
    pub(super) leap_day: LeapDay,
}

/// A number that grows with time, in the unit of the values that it is compared with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Edge {
    /// The instant so many microseconds after the clock's.
    Steady(i64),
    /// By the local day of the instant so many microseconds after the clock's.
    Daily { shift: i64, day: DayOf, unit: Unit },
}

/// A day that belongs to the local day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum DayOf {
    At(Offset),
    /// The first day whose age, or since which the days, are at most so many.
    Counted(Function, i64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// The day, for dates.
    Day,
    /// The start of the day so many days later, for datetimes.
    Start(i64),
}

impl Edge {
    pub(super) fn at(&self, calendar: Calendar, now: Instant) -> i128 {
        match self {
            Self::Steady(micros) => i128::from(now.0) + i128::from(*micros),
            Self::Daily { shift, .. } => {
                self.on(calendar, calendar.zone.local_day(now.plus_micros(*shift)))
            }
        }
    }

    /// On a local day.
    fn on(&self, calendar: Calendar, today: Day) -> i128 {
        let Self::Daily { day, unit, .. } = self else { return i128::MAX };
        let day = match day {
            DayOf::At(offset) => offset.day_from(today),
            DayOf::Counted(function, most) => {
                first_of_age(*function, *most, today, calendar.leap_day)
            }
        };
        match unit {
            Unit::Day => day.0.into(),
            Unit::Start(days) => calendar.zone.start_of_day(day.plus_days(*days)).0.into(),
        }
    }

    /// The first instant after `now` at which the edge is at `value` or beyond, where it is not there yet.
    pub(super) fn reaches(&self, calendar: Calendar, now: Instant, value: i128) -> Option<Instant> {
        let instant = match self {
            Self::Steady(micros) => i64::try_from(value - i128::from(*micros)).ok().map(Instant)?,
            Self::Daily { shift, .. } => {
                let today = calendar.zone.local_day(now.plus_micros(*shift));
                let is_before = |day: i32| self.on(calendar, Day(day)) < value;
                let (mut from, mut to) = (today.0, Day::MAX.0);
                while from < to {
                    let middle = from + (to - from) / 2;
                    if is_before(middle) { from = middle + 1 } else { to = middle }
                }
                if is_before(from) {
                    return None;
                }
                tick(calendar.zone, *shift, Day(from))
            }
        };
        (instant <= Instant::LAST).then_some(instant)
    }

    /// Where it moves in a stretch of time.
    pub(super) fn ticks(&self, calendar: Calendar, (after, to): (Instant, Instant)) -> Ticks {
        match self {
            Self::Steady(micros) => Ticks::Steady(*micros),
            Self::Daily { shift, .. } => {
                let ticks = days(calendar.zone, *shift, (after, to));
                Ticks::Daily(ticks.map(|(day, at)| (at, self.on(calendar, day))).collect())
            }
        }
    }
}

/// When an edge is where.
pub(super) enum Ticks {
    Steady(i64),
    /// Ascending: from when on it is there.
    Daily(Vec<(Instant, i128)>),
}

impl Ticks {
    /// When it reaches a value that it does not reach before the stretch of time, but in it.
    pub(super) fn reach(&self, value: i128) -> Option<Instant> {
        match self {
            Self::Steady(micros) => i64::try_from(value - i128::from(*micros)).ok().map(Instant),
            Self::Daily(ticks) => {
                let at = ticks.partition_point(|(_, edge)| *edge < value);
                ticks.get(at).map(|(at, _)| *at)
            }
        }
    }
}

/// When the local day of the instant so many microseconds after the clock's begins to be this one.
fn tick(zone: Zone, shift: i64, day: Day) -> Instant {
    Instant(zone.start_of_day(day).0.saturating_sub(shift))
}

/// The local days, of the instant so many microseconds after the clock's, that begin in a stretch of time, and when.
pub(super) fn days(
    zone: Zone,
    shift: i64,
    (after, to): (Instant, Instant),
) -> impl Iterator<Item = (Day, Instant)> {
    let first = zone.local_day(after.plus_micros(shift));
    let days = (1..).map(move |days| first.plus_days(days));
    let days = days.map(move |day| (day, tick(zone, shift, day)));
    days.take_while(move |(day, at)| *at <= to && *day < Day::MAX)
}
