//! Month-days that come round every year.

use super::{
    super::resolve::{Test, ranges_test},
    Values,
    edge::{Calendar, days},
};
use crate::{
    calendar::{Day, Instant, LeapDay, Moment, MonthDay, Offset, Unit},
    plan::{Constant, Now, YearlyWindow},
};

const COUNT: usize = MonthDay::COUNT as usize;

/// More month-days than this are not told apart in a column.
const MANY: usize = 60;

/// Values whose month-day windows that go with the day take.
pub(super) struct Anniversaries {
    pub(super) values: Values,
    /// Datetimes; else dates.
    pub(super) is_time: bool,
    pub(super) windows: Vec<YearlyWindow>,
}

/// By month-day: when it comes into the windows or goes out of them.
pub(super) struct Turns(Vec<Vec<Instant>>);

impl Anniversaries {
    pub(super) fn turns(&self, calendar: Calendar, stretch: (Instant, Instant)) -> Turns {
        let mut turns = Turns(vec![Vec::new(); COUNT]);
        let mut before = self.taken(calendar, calendar.zone.local_day(stretch.0));
        for (day, at) in days(calendar.zone, 0, stretch) {
            let now = self.taken(calendar, day);
            let turned = turns.0.iter_mut().zip(before.iter().zip(&now));
            for (turns, _) in turned.filter(|(_, (before, now))| before != now) {
                turns.push(at);
            }
            before = now;
        }
        turns
    }

    fn taken(&self, calendar: Calendar, today: Day) -> [bool; COUNT] {
        let Calendar { zone, leap_day } = calendar;
        let moment = Moment { now: zone.start_of_day(today), today };
        let taken = Now { moment, zone, leap_day }.month_days(&self.windows);
        taken.unwrap_or([true; COUNT])
    }

    /// The month-day of a value.
    pub(super) fn month_day(&self, calendar: Calendar, value: i64) -> MonthDay {
        MonthDay::of(match i32::try_from(value) {
            Ok(day) if !self.is_time => Day(day),
            _ => calendar.zone.local_day(Instant(value)),
        })
    }

    /// So many years from today the windows are at the most, either way.
    pub(super) fn years(&self) -> i32 {
        let bounds = self.windows.iter().flat_map(|window| match window {
            YearlyWindow::Days { first, last } => [Some(*first), Some(*last)],
            YearlyWindow::Circle { first, last } => [first, last].map(|bound| match bound {
                Constant::RelativeDay(offset) => Some(*offset),
                _ => None,
            }),
        });
        bounds.flatten().map(years).max().unwrap_or(0)
    }
}

fn years(offset: Offset) -> i32 {
    let a_year = match offset.unit {
        Unit::Minutes => 365 * 24 * 60,
        Unit::Hours => 365 * 24,
        Unit::Days => 365,
        Unit::Weeks => 52,
        Unit::Months => 12,
        Unit::Years => 1,
    };
    i32::try_from(offset.amount.abs() / a_year + 1).unwrap_or(i32::MAX)
}

impl Turns {
    pub(super) fn of(&self, day: MonthDay) -> &[Instant] {
        self.0.get(usize::from(day.0)).map_or(&[], Vec::as_slice)
    }

    /// Ranges that hold all values between two whose month-day turns, and perhaps others.
    pub(super) fn ranges(
        &self,
        calendar: Calendar,
        is_time: bool,
        (min, max): (i64, i64),
    ) -> Vec<(i128, i128)> {
        let turned: Vec<MonthDay> =
            (0..MonthDay::COUNT).map(MonthDay).filter(|day| !self.of(*day).is_empty()).collect();
        if turned.is_empty() {
            return Vec::new();
        }
        if turned.len() > MANY {
            return vec![(min.into(), max.into())];
        }
        let local = |value: i64| match i32::try_from(value) {
            Ok(day) if !is_time => Day(day),
            _ => calendar.zone.local_day(Instant(value)),
        };
        let (first, last) = (local(min).year(), local(max).year());
        let days = (first..=last).flat_map(|year| {
            turned.iter().filter_map(move |day| day.anniversary(year, LeapDay::Skip))
        });
        let start = |day: Day| i128::from(calendar.zone.start_of_day(day).0);
        let ranges = days.map(|day| match is_time {
            true => (start(day), start(day.plus_days(1)) - 1),
            false => (day.0.into(), day.0.into()),
        });
        match ranges_test(ranges.collect()) {
            Test::Ranges(ranges) => ranges,
            _ => Vec::new(),
        }
    }
}
