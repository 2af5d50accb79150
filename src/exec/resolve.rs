//! Constants at a moment, and the tests they make.

use super::{
    kernels::{self, CodeSet},
    mask,
    vector::{Data, Vector},
};
use crate::{
    calendar::{Day, DayTable, Instant, LeapDay, MonthDay, Zone},
    plan::{Comparison, Constant, Now, YearlyWindow, joined},
    rule::{Domain, ExprType},
    snapshot::{ColumnChunk, Values},
    value::{Decimal, Reach},
};

/// A test of one value against what is the same for all rows.
pub(super) enum Test {
    Never,
    Present,
    /// Present and true.
    Holds,
    /// Exact numbers, days or instants in one of these ranges, ascending and without overlap.
    Ranges(Vec<(i128, i128)>),
    Float {
        op: Comparison,
        constant: f64,
    },
    /// Ascending.
    Floats(Vec<f64>),
    Codes(CodeSet),
    /// The set is not empty.
    NotEmpty,
    /// The set has an element among these codes.
    ElementCodes(CodeSet),
    /// The set has one of these elements, ascending.
    Elements(Vec<i64>),
    MonthDays(Box<Yearly>),
    /// The place lies within reach.
    Near(Reach),
}

/// Month-days, of dates or of the local days of instants.
pub(super) struct Yearly {
    days: [bool; MonthDay::COUNT as usize],
    set: CodeSet,
    zone: Zone,
    /// Of instants.
    local: Option<DayTable>,
}

impl Now {
    /// A test of a number, date or datetime of type `ty`, equal to or otherwise compared with one of `constants`.
    pub(super) fn test(
        self,
        ty: ExprType,
        op: Comparison,
        constants: &[Constant],
        domain: Domain,
    ) -> Test {
        match (ty, domain) {
            (ExprType::Float, Domain::Number) => {
                let mut floats: Vec<f64> = constants.iter().filter_map(float).collect();
                floats.sort_by(f64::total_cmp);
                match (floats.as_slice(), op) {
                    ([constant], _) => Test::Float { op, constant: *constant },
                    _ => Test::Floats(floats),
                }
            }
            _ => {
                let ranges =
                    constants.iter().filter_map(|constant| self.range(ty, op, constant, domain));
                ranges_test(ranges.collect())
            }
        }
    }

    /// The test of month-days on so many rows of dates or datetimes between `range`.
    pub(super) fn yearly(
        self,
        ty: ExprType,
        windows: &[YearlyWindow],
        range: Option<(i64, i64)>,
        rows: usize,
    ) -> Test {
        let Some(days) = self.month_days(windows) else { return Test::Present };
        if days.iter().all(|day| !day) {
            return Test::Never;
        }
        let mut yearly = Yearly { days, set: set_of(&days), zone: self.zone, local: None };
        if let (ExprType::DateTime, Some((min, max))) = (ty, range) {
            yearly.prepare(min, max, rows);
        }
        Test::MonthDays(Box::new(yearly))
    }
}

impl Yearly {
    /// More days than this are not worth a table: 1,300 years.
    const KNOWN_DAYS: i64 = 500_000;

    // PERF: a table of all days costs about as much a day as a row without it: 27 ms for 10 rows between the years 1
    // and 9999, with `!= today ignoring year` on datetimes.
    fn prepare(&mut self, min: i64, max: i64, rows: usize) {
        let [first, last] = [min, max].map(|instant| self.zone.local_day(Instant(instant)));
        let days = i64::from(last.0) - i64::from(first.0) + 1;
        if days <= Self::KNOWN_DAYS && usize::try_from(days).is_ok_and(|days| days <= rows) {
            self.local = Some(DayTable::new(self.zone, first, last));
        }
    }

    pub(super) fn takes(&self, day: i64) -> bool {
        i32::try_from(day).is_ok_and(|day| self.takes_month_day(MonthDay::of(Day(day))))
    }

    pub(super) fn month_days(&self) -> &CodeSet {
        &self.set
    }

    pub(super) fn month_day(&self, ty: ExprType, value: i64) -> MonthDay {
        let day = match (ty, &self.local) {
            (ExprType::DateTime, Some(table)) => table.day_of(Instant(value)),
            (ExprType::DateTime, None) => self.zone.local_day(Instant(value)),
            _ => Day(i32::try_from(value).unwrap_or_default()),
        };
        MonthDay::of(day)
    }

    fn takes_month_day(&self, day: MonthDay) -> bool {
        self.days.get(usize::from(day.0)).copied().unwrap_or(false)
    }

    /// The days between two for which one holds and the other does not.
    pub(super) fn turned(&self, other: &Self, (min, max): (i64, i64)) -> Vec<i64> {
        let flags = self.days.iter().zip(&other.days).zip(0..);
        let turned: Vec<MonthDay> = flags
            .filter(|((own, other), _)| own != other)
            .map(|(_, number)| MonthDay(number))
            .collect();
        let year = |day: i64| i32::try_from(day).ok().map(|day| Day(day).year());
        let (Some(first), Some(last)) = (year(min), year(max)) else { return Vec::new() };
        let days = (first..=last).flat_map(|year| {
            let day = move |day: &MonthDay| day.anniversary(year, LeapDay::Skip);
            turned.iter().filter_map(day).map(|day| i64::from(day.0))
        });
        let mut days: Vec<i64> = days.filter(|day| (min..=max).contains(day)).collect();
        days.sort_unstable();
        days
    }

    fn holds(&self, ty: ExprType, value: i64) -> bool {
        if ty == ExprType::DateTime {
            self.takes_month_day(self.month_day(ty, value))
        } else {
            self.takes(value)
        }
    }
}

impl Test {
    /// The rows of a column that meet the test.
    pub(super) fn on_column(&self, ty: ExprType, column: &ColumnChunk, out: &mut [u64]) {
        match (self, &column.values) {
            (Self::Never, _) => return out.fill(0),
            (Self::Present, _) => {
                out.fill(u64::MAX);
                mask::trim(out, column.rows);
            }
            (Self::Holds, Values::Bool(bits)) => out.copy_from_slice(bits.words()),
            (Self::Ranges(ranges), Values::Number(frame)) => {
                kernels::in_ranges(frame, ranges, out);
            }
            (Self::Float { op, constant }, Values::Float(floats)) => {
                compare_floats(*op, &floats.values, *constant, out);
            }
            (Self::Floats(constants), Values::Float(floats)) => {
                kernels::fill(&floats.values, out, |value| float_in(constants, value));
            }
            (Self::Codes(set), Values::Text(codes)) => {
                if set.is_empty() {
                    return out.fill(0);
                }
                kernels::in_set(codes, set, out);
            }
            (Self::NotEmpty, Values::TextSet { offsets, .. } | Values::IntSet { offsets, .. }) => {
                not_empty(offsets, out);
            }
            (Self::ElementCodes(set), Values::TextSet { offsets, codes }) => {
                if set.is_empty() {
                    return out.fill(0);
                }
                kernels::any_in_set(offsets, codes, set, out);
            }
            (Self::Elements(wanted), Values::IntSet { offsets, elements }) => {
                let mut found = mask::zeros(elements.len());
                kernels::fill(elements, &mut found, |element| {
                    wanted.binary_search(&element).is_ok()
                });
                kernels::any_in_row(offsets, &found, out);
            }
            (Self::MonthDays(yearly), Values::Number(frame)) => {
                kernels::each_number(frame, out, |value| yearly.holds(ty, value));
            }
            (Self::Near(reach), Values::Geo { latitude, longitude }) => {
                let places = latitude.iter().zip(longitude).enumerate();
                out.fill(0);
                for (row, (latitude, longitude)) in places {
                    if reach.holds(*latitude, *longitude) {
                        mask::set(out, row);
                    }
                }
            }
            _ => return out.fill(0),
        }
        if let Some(presence) = column.presence() {
            mask::and(out, presence);
        }
    }

    /// The rows of a vector that meet the test.
    pub(super) fn on_vector(
        &self,
        ty: ExprType,
        vector: &Vector<'_>,
        rows: usize,
        out: &mut [u64],
    ) {
        match (self, &vector.data) {
            (Self::Present, _) => {
                out.fill(u64::MAX);
                mask::trim(out, rows);
            }
            (Self::Holds, Data::Bools(bits)) => out.copy_from_slice(bits),
            (Self::Ranges(ranges), Data::Ints(frame)) => kernels::in_ranges(frame, ranges, out),
            (Self::Ranges(ranges), Data::Wide(values)) => {
                kernels::fill(values, out, |value| kernels::in_sorted(ranges, value));
            }
            (Self::Float { op, constant }, Data::Floats(values)) => {
                compare_floats(*op, values, *constant, out);
            }
            (Self::Floats(constants), Data::Floats(values)) => {
                kernels::fill(values, out, |value| float_in(constants, value));
            }
            (Self::MonthDays(yearly), Data::Ints(frame)) => {
                kernels::each_number(frame, out, |value| yearly.holds(ty, value));
            }
            _ => return out.fill(0),
        }
        if let Some(presence) = &vector.presence {
            mask::and(out, presence);
        }
    }
}

fn set_of(days: &[bool]) -> CodeSet {
    let mut bits = mask::zeros(days.len());
    let taken = days.iter().enumerate().filter(|(_, taken)| **taken);
    taken.for_each(|(day, _)| mask::set(&mut bits, day));
    CodeSet::new(bits)
}

/// One of these ranges, in any order.
pub(super) fn ranges_test(ranges: Vec<(i128, i128)>) -> Test {
    let joined = joined(ranges);
    if joined.is_empty() { Test::Never } else { Test::Ranges(joined) }
}

/// A whole number of 64 bits.
pub(super) fn whole(constant: &Constant) -> Option<i64> {
    match constant {
        Constant::Number { mantissa, scale: 0 } => i64::try_from(*mantissa).ok(),
        _ => None,
    }
}

pub(super) fn texts(constants: &[Constant]) -> impl Iterator<Item = &str> {
    constants.iter().filter_map(|constant| match constant {
        Constant::Text(text) => Some(text.as_str()),
        _ => None,
    })
}

/// The nearest float of a number.
pub(super) fn float(constant: &Constant) -> Option<f64> {
    match constant {
        Constant::Number { mantissa, scale } => {
            Decimal::new(*mantissa, *scale).map(Decimal::to_f64)
        }
        _ => None,
    }
}

/// Whether one of the constants, which are ascending, is the value.
fn float_in(constants: &[f64], value: f64) -> bool {
    let at = constants.partition_point(|constant| *constant < value);
    constants.get(at) == Some(&value)
}

fn compare_floats(op: Comparison, values: &[f64], constant: f64, out: &mut [u64]) {
    match op {
        Comparison::Equal => kernels::fill(values, out, |value| value == constant),
        Comparison::Less => kernels::fill(values, out, |value| value < constant),
        Comparison::LessOrEqual => kernels::fill(values, out, |value| value <= constant),
        Comparison::Greater => kernels::fill(values, out, |value| value > constant),
        Comparison::GreaterOrEqual => kernels::fill(values, out, |value| value >= constant),
    }
}

fn not_empty(offsets: &[u32], out: &mut [u64]) {
    out.fill(0);
    for (row, bounds) in offsets.windows(2).enumerate() {
        if bounds.first() != bounds.last() {
            mask::set(out, row);
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::{Europe, Pacific};

    use super::*;

    #[test]
    fn a_table_of_days_changes_no_answer() {
        const DAY: i64 = 86_400_000_000;
        for tz in [Europe::Stockholm, Pacific::Apia] {
            let of = |rows| {
                let days = std::array::from_fn(|index| index % 3 == 0);
                let mut found = Yearly { days, set: set_of(&days), zone: Zone(tz), local: None };
                // Over New Year 2012, with the day that Apia left out, and days around.
                found.prepare(15_300 * DAY, 15_360 * DAY, rows);
                found
            };
            let (table, none) = (of(100), of(10));
            assert!(table.local.is_some() && none.local.is_none());
            for hour in 15_200 * 24..15_500 * 24 {
                let instant = hour * (DAY / 24) + 1;
                let found = [&table, &none].map(|each| each.holds(ExprType::DateTime, instant));
                assert_eq!(found[0], found[1], "{hour}");
            }
        }
    }
}
