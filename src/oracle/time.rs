//! Time: what has happened, windows of real days, windows without their year.

use super::{Datum, Scope, World};
use crate::{
    calendar::{Day, MonthDay, Offset, is_whole_year},
    rule::{Expr, YearlyWindow},
};

impl World<'_> {
    /// A day has happened from its beginning on.
    pub(super) fn has_happened(&self, time: Datum) -> bool {
        match time {
            Datum::Day(day) => day <= self.moment.today,
            Datum::Instant(instant) => instant <= self.moment.now,
            _ => true,
        }
    }
}

impl Scope<'_> {
    /// The day itself, or the local day of an instant.
    pub(super) fn local_day(&self, time: &Datum) -> Option<Day> {
        match time {
            Datum::Day(day) => Some(*day),
            Datum::Instant(instant) => {
                Some(self.world.snapshot.schema().zone().local_day(*instant))
            }
            _ => None,
        }
    }

    pub(super) fn is_within(&self, value: &Expr, first: Offset, last: Offset) -> bool {
        let moment = self.world.moment;
        let Some(value) = self.value(value) else { return false };
        if first.unit.is_clock() || last.unit.is_clock() {
            let Datum::Instant(instant) = value else { return false };
            let (first, last) = (first.instant_from(moment.now), last.instant_from(moment.now));
            first <= instant && instant <= last
        } else {
            let (first, last) = (first.day_from(moment.today), last.day_from(moment.today));
            self.local_day(&value).is_some_and(|day| first <= day && day <= last)
        }
    }

    pub(super) fn is_in_window(&self, day: Day, window: &YearlyWindow) -> bool {
        match window {
            YearlyWindow::Days { first, last } => {
                let today = self.world.moment.today;
                self.has_anniversary(day, first.day_from(today), last.day_from(today))
            }
            YearlyWindow::Circle { first, last } => {
                let ends = self.month_day(first).zip(self.month_day(last));
                ends.is_some_and(|(first, last)| is_on_the_way(MonthDay::of(day), first, last))
            }
        }
    }

    /// On one of the real days from `first` to `last`.
    fn has_anniversary(&self, day: Day, first: Day, last: Day) -> bool {
        if first > last {
            return false;
        }
        if is_whole_year(first, last) {
            return true;
        }
        let leap = self.world.snapshot.schema().leap_day();
        (first.year()..=last.year())
            .filter_map(|year| MonthDay::of(day).anniversary(year, leap))
            .any(|anniversary| first <= anniversary && anniversary <= last)
    }

    fn month_day(&self, bound: &Expr) -> Option<MonthDay> {
        match self.value(bound)? {
            Datum::MonthDay(month_day) => Some(month_day),
            time => self.local_day(&time).map(MonthDay::of),
        }
    }
}

/// Goes round the circle from `first` to `last`, a day at a time.
fn is_on_the_way(day: MonthDay, first: MonthDay, last: MonthDay) -> bool {
    let mut at = first;
    while at != day && at != last {
        at = MonthDay((at.0 + 1) % MonthDay::COUNT);
    }
    at == day
}
