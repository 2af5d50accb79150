//! Comparisons of two values that both differ from row to row.

use super::{
    mask,
    number::{Typed, as_floats, scale_of},
    text::{folded, meets},
    vector::{Data, Vector},
};
use crate::{
    calendar::{Day, Instant, MonthDay},
    plan::{Comparison, Now},
    rule::{Domain, ExprType, TextTest},
    value::Decimal,
};

pub(super) fn compare(
    now: Now,
    op: Comparison,
    left: Typed<'_, '_>,
    right: Typed<'_, '_>,
    domain: Domain,
    rows: usize,
    out: &mut [u64],
) {
    match domain {
        Domain::Number => numbers(op, left, right, rows, out),
        Domain::Bool => {
            fill(rows, out, |row| Some(op.holds(left.1.bool(row)?.cmp(&right.1.bool(row)?))))
        }
        Domain::Text { fold_case } => fill(rows, out, |row| {
            let left = folded(left.1.text(row)?, fold_case);
            Some(op.holds(left.cmp(&folded(right.1.text(row)?, fold_case))))
        }),
        Domain::Day => {
            fill(rows, out, |row| Some(op.holds(day(now, left, row)?.cmp(&day(now, right, row)?))))
        }
        Domain::Instant => {
            fill(rows, out, |row| Some(op.holds(left.1.int(row)?.cmp(&right.1.int(row)?))))
        }
    }
}

fn numbers(
    op: Comparison,
    left: Typed<'_, '_>,
    right: Typed<'_, '_>,
    rows: usize,
    out: &mut [u64],
) {
    if left.0 == ExprType::Float || right.0 == ExprType::Float {
        let (a, b) = (as_floats(left), as_floats(right));
        return fill(rows, out, |row| {
            if !left.1.is_present(row) || !right.1.is_present(row) {
                return None;
            }
            a.get(row)?.partial_cmp(b.get(row)?).map(|order| op.holds(order))
        });
    }
    let (a, b) = (scale_of(left.0), scale_of(right.0));
    fill(rows, out, |row| {
        let (left, right) = (left.1.exact(row)?, right.1.exact(row)?);
        if a == b {
            return Some(op.holds(left.cmp(&right)));
        }
        Some(op.holds(Decimal::new(left, a)?.cmp(&Decimal::new(right, b)?)))
    });
}

pub(super) fn text_test(
    test: TextTest,
    value: &Vector<'_>,
    pattern: &Vector<'_>,
    fold_case: bool,
    rows: usize,
    out: &mut [u64],
) {
    fill(rows, out, |row| {
        let value = folded(value.text(row)?, fold_case);
        Some(meets(test, &value, &folded(pattern.text(row)?, fold_case)))
    });
}

/// The day of a date, or the local day of a datetime.
pub(super) fn day(now: Now, (ty, vector): Typed<'_, '_>, row: usize) -> Option<Day> {
    let value = vector.int(row)?;
    match ty {
        ExprType::DateTime => Some(now.zone.local_day(Instant(value))),
        _ => i32::try_from(value).ok().map(Day),
    }
}

/// A month-day, or that of a date or datetime.
pub(super) fn month_day(now: Now, (ty, vector): Typed<'_, '_>, row: usize) -> Option<MonthDay> {
    match (ty, &vector.data) {
        (ExprType::MonthDay, Data::Ints(_)) => vector.int(row)?.try_into().ok().map(MonthDay),
        _ => day(now, (ty, vector), row).map(MonthDay::of),
    }
}

/// What is missing is false.
fn fill(rows: usize, out: &mut [u64], test: impl Fn(usize) -> Option<bool>) {
    for row in 0..rows {
        if test(row) == Some(true) {
            mask::set(out, row);
        }
    }
}
