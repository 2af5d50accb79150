//! What a plan leaves open until there is a moment: relative times, local days, windows without their year.

use super::{Comparison, Constant, YearlyWindow};
use crate::{
    calendar::{Day, Instant, LeapDay, Moment, MonthDay, Zone, is_whole_year},
    rule::{Domain, ExprType},
};

/// The moment of the evaluation and how its calendar is read.
#[derive(Clone, Copy)]
pub(crate) struct Now {
    pub(crate) moment: Moment,
    pub(crate) zone: Zone,
    pub(crate) leap_day: LeapDay,
}

impl Now {
    pub(crate) fn day(self, constant: &Constant) -> Option<Day> {
        match constant {
            Constant::Day(day) => Some(*day),
            Constant::RelativeDay(offset) => Some(offset.day_from(self.moment.today)),
            Constant::Instant(_) | Constant::RelativeInstant(_) => {
                self.instant(constant).map(|instant| self.zone.local_day(instant))
            }
            _ => None,
        }
    }

    pub(crate) fn instant(self, constant: &Constant) -> Option<Instant> {
        match constant {
            Constant::Instant(instant) => Some(*instant),
            Constant::RelativeInstant(offset) => Some(offset.instant_from(self.moment.now)),
            Constant::Day(_) | Constant::RelativeDay(_) => {
                self.day(constant).map(|day| self.zone.start_of_day(day))
            }
            _ => None,
        }
    }

    pub(crate) fn month_day(self, constant: &Constant) -> Option<MonthDay> {
        match constant {
            Constant::MonthDay(day) => Some(*day),
            _ => self.day(constant).map(MonthDay::of),
        }
    }

    /// Which exact numbers, days or instants of type `ty` stand so to the constant: from the first to the last.
    pub(crate) fn range(
        self,
        ty: ExprType,
        op: Comparison,
        constant: &Constant,
        domain: Domain,
    ) -> Option<(i128, i128)> {
        match (domain, constant) {
            (Domain::Number, Constant::Number { mantissa, .. }) => Some(compared(op, *mantissa)),
            (Domain::Instant, _) => Some(compared(op, self.instant(constant)?.0.into())),
            (Domain::Day, _) => {
                let (low, high) = compared(op, self.day(constant)?.0.into());
                if ty == ExprType::DateTime {
                    self.local_days(low, high)
                } else {
                    Some((low, high))
                }
            }
            _ => None,
        }
    }

    /// The instants of the local days from `low` to `high`.
    pub(crate) fn local_days(self, low: i128, high: i128) -> Option<(i128, i128)> {
        let start = |day: i128| {
            i32::try_from(day).ok().map(|day| i128::from(self.zone.start_of_day(Day(day)).0))
        };
        let low = if low == i128::MIN { low } else { start(low)? };
        let high = if high == i128::MAX { high } else { start(high + 1)? - 1 };
        Some((low, high))
    }

    /// Which month-days the windows take; `None` for all.
    pub(crate) fn month_days(
        self,
        windows: &[YearlyWindow],
    ) -> Option<[bool; MonthDay::COUNT as usize]> {
        let mut days = [false; MonthDay::COUNT as usize];
        for window in windows {
            match window {
                YearlyWindow::Days { first, last } => {
                    let first = first.day_from(self.moment.today);
                    let last = last.day_from(self.moment.today);
                    if is_whole_year(first, last) {
                        return None;
                    }
                    self.mark_anniversaries(first, last, &mut days);
                }
                YearlyWindow::Circle { first, last } => {
                    let bounds = (self.month_day(first), self.month_day(last));
                    let (Some(first), Some(last)) = bounds else { continue };
                    for (day, taken) in all_month_days().zip(&mut days) {
                        *taken |= day.between(first, last);
                    }
                }
            }
        }
        Some(days)
    }

    fn mark_anniversaries(self, first: Day, last: Day, days: &mut [bool]) {
        if first > last {
            return;
        }
        // The window is shorter than a year, so it touches two years at the most.
        for year in [first.year(), last.year()] {
            for (day, taken) in all_month_days().zip(days.iter_mut()) {
                let anniversary = day.anniversary(year, self.leap_day);
                *taken |= anniversary.is_some_and(|day| first <= day && day <= last);
            }
        }
    }
}

fn all_month_days() -> impl Iterator<Item = MonthDay> {
    (0..MonthDay::COUNT).map(MonthDay)
}

/// What stands so to a number: the numbers from the first to the second.
fn compared(op: Comparison, number: i128) -> (i128, i128) {
    match op {
        Comparison::Equal => (number, number),
        Comparison::Less => (i128::MIN, number.saturating_sub(1)),
        Comparison::LessOrEqual => (i128::MIN, number),
        Comparison::Greater => (number.saturating_add(1), i128::MAX),
        Comparison::GreaterOrEqual => (number, i128::MAX),
    }
}

/// Ranges in any order, made ascending, and joined where they touch; empty ones are left out.
pub(crate) fn joined(mut ranges: Vec<(i128, i128)>) -> Vec<(i128, i128)> {
    ranges.retain(|(low, high)| low <= high);
    ranges.sort_unstable();
    let mut joined: Vec<(i128, i128)> = Vec::with_capacity(ranges.len());
    for (low, high) in ranges {
        match joined.last_mut() {
            Some((_, end)) if low <= end.saturating_add(1) => *end = high.max(*end),
            _ => joined.push((low, high)),
        }
    }
    joined
}
