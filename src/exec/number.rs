//! Arithmetic: exact in 128 bits (in 64 where the numbers at hand cannot overflow) or in floats.

use std::borrow::Cow;

use super::{
    mask::{self, Mask},
    vector::{Data, Vector, collect},
};
use crate::{
    rule::{ArithmeticOp, ExprType},
    value::Decimal,
};

/// A value with its type.
pub(super) type Typed<'v, 'a> = (ExprType, &'v Vector<'a>);

pub(super) fn constant<'a>(ty: ExprType, mantissa: i128, scale: u8, rows: usize) -> Data<'a> {
    let number = Decimal::new(mantissa, scale);
    if ty == ExprType::Float {
        return Data::Floats(vec![number.map_or(0.0, Decimal::to_f64); rows]);
    }
    let mantissa =
        number.and_then(|number| number.rescale(scale_of(ty))).map_or(mantissa, Decimal::mantissa);
    match i64::try_from(mantissa) {
        Ok(small) => Data::ints(vec![small; rows]),
        Err(_) => Data::Wide(vec![mantissa; rows]),
    }
}

/// The digits after the point; 0 for what is no exact number.
pub(super) fn scale_of(ty: ExprType) -> u8 {
    match ty {
        ExprType::Exact { scale } => scale,
        _ => 0,
    }
}

pub(super) fn negate<'a>(of: &Vector<'a>, rows: usize) -> Vector<'a> {
    match &of.data {
        Data::Floats(values) => {
            let negated = values.iter().map(|value| -value).collect();
            Vector::new(Data::Floats(negated), of.presence.clone())
        }
        Data::Ints(frame) if !frame.numbers().contains(&i64::MIN) => {
            let negated = frame.numbers().iter().map(|value| value.wrapping_neg()).collect();
            Vector::new(Data::ints(negated), of.presence.clone())
        }
        _ => wide(rows, |row| of.exact(row)?.checked_neg()),
    }
}

/// A vector of 128-bit numbers, or of 64-bit ones where they fit.
pub(super) fn wide<'a>(rows: usize, number: impl FnMut(usize) -> Option<i128>) -> Vector<'a> {
    let (values, presence) = collect(rows, number);
    let small: Result<Vec<i64>, _> = values.iter().map(|value| i64::try_from(*value)).collect();
    match small {
        Ok(small) => Vector::new(Data::ints(small), presence),
        Err(_) => Vector::new(Data::Wide(values), presence),
    }
}

/// A vector of floats; NaN and infinity are missing.
pub(super) fn floats<'a>(rows: usize, mut number: impl FnMut(usize) -> Option<f64>) -> Vector<'a> {
    let (values, presence) = collect(rows, |row| number(row).filter(|value| value.is_finite()));
    Vector::new(Data::Floats(values), presence)
}

/// The nearest floats.
pub(super) fn as_floats<'v>((ty, vector): Typed<'v, '_>) -> Cow<'v, [f64]> {
    let scale = scale_of(ty);
    let nearest = |mantissa: i128| Decimal::new(mantissa, scale).map_or(0.0, Decimal::to_f64);
    match &vector.data {
        Data::Floats(values) => Cow::Borrowed(values),
        Data::Ints(frame) => {
            frame.numbers().iter().map(|value| nearest(i128::from(*value))).collect()
        }
        Data::Wide(values) => values.iter().map(|value| nearest(*value)).collect(),
        _ => Cow::Borrowed(&[]),
    }
}

pub(super) fn arithmetic<'a>(
    op: ArithmeticOp,
    ty: ExprType,
    left: Typed<'_, '_>,
    right: Typed<'_, '_>,
    rows: usize,
) -> Vector<'a> {
    match (op, left.0, right.0) {
        (ArithmeticOp::Divide, ExprType::Exact { scale: a }, ExprType::Exact { scale: b }) => {
            floats(rows, |row| {
                let left = Decimal::new(left.1.exact(row)?, a)?;
                left.quotient(Decimal::new(right.1.exact(row)?, b)?)
            })
        }
        (_, ExprType::Exact { .. }, ExprType::Exact { .. }) => exact(op, ty, left, right, rows),
        _ => {
            let presence = mask::both(left.1.presence.as_deref(), right.1.presence.as_deref());
            let (a, b) = (as_floats(left), as_floats(right));
            let operation = float_operation(op);
            let values: Vec<f64> = a.iter().zip(b.iter()).map(|(a, b)| operation(*a, *b)).collect();
            finite(values, presence, rows)
        }
    }
}

fn float_operation(op: ArithmeticOp) -> fn(f64, f64) -> f64 {
    match op {
        ArithmeticOp::Add => |a, b| a + b,
        ArithmeticOp::Subtract => |a, b| a - b,
        ArithmeticOp::Multiply => |a, b| a * b,
        ArithmeticOp::Divide => |a, b| a / b,
    }
}

fn finite<'a>(mut values: Vec<f64>, presence: Option<Mask>, rows: usize) -> Vector<'a> {
    if values.iter().all(|value| value.is_finite()) {
        return Vector::new(Data::Floats(values), presence);
    }
    let mut presence = presence.unwrap_or_else(|| mask::ones(rows));
    for (row, value) in values.iter_mut().enumerate() {
        if !value.is_finite() {
            *value = 0.0;
            mask::clear(&mut presence, row);
        }
    }
    Vector::new(Data::Floats(values), Some(presence))
}

fn exact<'a>(
    op: ArithmeticOp,
    ty: ExprType,
    left: Typed<'_, '_>,
    right: Typed<'_, '_>,
    rows: usize,
) -> Vector<'a> {
    let factors = factors(op, ty, left.0, right.0);
    if let (Data::Ints(a), Data::Ints(b)) = (&left.1.data, &right.1.data)
        && let Some(values) = small(op, &a.numbers(), &b.numbers(), factors)
    {
        let presence = mask::both(left.1.presence.as_deref(), right.1.presence.as_deref());
        return Vector::new(Data::ints(values), presence);
    }
    wide(rows, |row| {
        let a = left.1.exact(row)?.checked_mul(factors.0)?;
        let b = right.1.exact(row)?.checked_mul(factors.1)?;
        match op {
            ArithmeticOp::Add => a.checked_add(b),
            ArithmeticOp::Subtract => a.checked_sub(b),
            ArithmeticOp::Multiply => a.checked_mul(b),
            ArithmeticOp::Divide => None,
        }
    })
}

/// What brings both sides to the scale of the result; products need nothing.
fn factors(op: ArithmeticOp, ty: ExprType, left: ExprType, right: ExprType) -> (i128, i128) {
    if op == ArithmeticOp::Multiply {
        return (1, 1);
    }
    // INVARIANT: the result's scale is the greater of the two and at most 36.
    let factor = |side| 10_i128.pow(u32::from(scale_of(ty).saturating_sub(scale_of(side)).min(36)));
    (factor(left), factor(right))
}

/// In 64 bits, where the greatest numbers at hand leave room.
fn small(op: ArithmeticOp, a: &[i64], b: &[i64], factors: (i128, i128)) -> Option<Vec<i64>> {
    let (fa, fb) = (i64::try_from(factors.0).ok()?, i64::try_from(factors.1).ok()?);
    let greatest =
        |values: &[i64], factor: i64| i64::try_from(max_abs(values)).ok()?.checked_mul(factor);
    let (top_a, top_b) = (greatest(a, fa)?, greatest(b, fb)?);
    let pairs = a.iter().zip(b);
    Some(match op {
        ArithmeticOp::Add => {
            top_a.checked_add(top_b)?;
            pairs.map(|(a, b)| a * fa + b * fb).collect()
        }
        ArithmeticOp::Subtract => {
            top_a.checked_add(top_b)?;
            pairs.map(|(a, b)| a * fa - b * fb).collect()
        }
        ArithmeticOp::Multiply => {
            top_a.checked_mul(top_b)?;
            pairs.map(|(a, b)| a * b).collect()
        }
        ArithmeticOp::Divide => return None,
    })
}

pub(super) fn max_abs(values: &[i64]) -> u64 {
    values.iter().map(|value| value.unsigned_abs()).max().unwrap_or(0)
}
