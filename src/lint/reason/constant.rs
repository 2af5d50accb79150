//! Values that are the same for every customer.

use std::borrow::Cow;

use crate::{
    calendar::{Day, Instant, MonthDay, Offset, Unit},
    rule::{ArithmeticOp, CompareOp, Domain, Expr, ExprKind},
    value::{Decimal, fold_case},
};

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Constant<'a> {
    /// A number that no number can hold.
    Missing,
    Bool(bool),
    Exact(Decimal),
    Float(f64),
    Text(Cow<'a, str>),
    Day(Day),
    Instant(Instant),
    MonthDay(MonthDay),
    /// The day at this distance from today.
    FromToday(Offset),
    /// The instant at this distance from now, in minutes.
    FromNow(i64),
}

/// What a value is for every customer, where the rule alone says it.
pub(crate) fn constant(expr: &Expr) -> Option<Constant<'_>> {
    Some(match &expr.kind {
        ExprKind::Bool(truth) => Constant::Bool(*truth),
        ExprKind::Number(number) => Constant::Exact(*number),
        ExprKind::Text(text) => Constant::Text(Cow::Borrowed(text)),
        ExprKind::Date(day) => Constant::Day(*day),
        ExprKind::DateTime(instant) => Constant::Instant(*instant),
        ExprKind::MonthDay(month_day) => Constant::MonthDay(*month_day),
        ExprKind::RelativeDay(offset) => Constant::FromToday(*offset),
        ExprKind::RelativeInstant(offset) => Constant::FromNow(minutes(*offset)?),
        ExprKind::Negate(inner) => negated(constant(inner)?)?,
        ExprKind::Arithmetic { first, rest } => {
            let mut value = constant(first)?;
            for (op, operand) in rest {
                value = calculated(*op, &value, &constant(operand)?)?;
            }
            value
        }
        _ => return None,
    })
}

/// The distance in minutes, of hours and minutes.
pub(crate) fn minutes(offset: Offset) -> Option<i64> {
    match offset.unit {
        Unit::Minutes => Some(offset.amount),
        Unit::Hours => offset.amount.checked_mul(60),
        _ => None,
    }
}

/// The distance in days, or else in months, of days and longer.
pub(crate) fn days_or_months(offset: Offset) -> Option<Result<i64, i64>> {
    match offset.unit {
        Unit::Days => Some(Ok(offset.amount)),
        Unit::Weeks => offset.amount.checked_mul(7).map(Ok),
        Unit::Months | Unit::Years if offset.amount == 0 => Some(Ok(0)),
        Unit::Months => Some(Err(offset.amount)),
        Unit::Years => offset.amount.checked_mul(12).map(Err),
        Unit::Minutes | Unit::Hours => None,
    }
}

fn negated(value: Constant<'_>) -> Option<Constant<'_>> {
    match value {
        Constant::Exact(number) => Some(exact(number.checked_neg())),
        Constant::Float(number) => Some(float(-number)),
        Constant::Missing => Some(Constant::Missing),
        _ => None,
    }
}

fn exact<'a>(number: Option<Decimal>) -> Constant<'a> {
    number.map_or(Constant::Missing, Constant::Exact)
}

/// There is no NaN, no infinity and no negative zero.
fn float<'a>(number: f64) -> Constant<'a> {
    if number.is_finite() { Constant::Float(number + 0.0) } else { Constant::Missing }
}

fn calculated<'a>(
    op: ArithmeticOp,
    left: &Constant<'_>,
    right: &Constant<'_>,
) -> Option<Constant<'a>> {
    if let (Constant::Exact(left), Constant::Exact(right)) = (left, right) {
        return Some(match op {
            ArithmeticOp::Add => exact(left.checked_add(*right)),
            ArithmeticOp::Subtract => exact(left.checked_sub(*right)),
            ArithmeticOp::Multiply => exact(left.checked_mul(*right)),
            ArithmeticOp::Divide => left.quotient(*right).map_or(Constant::Missing, float),
        });
    }
    if matches!((left, right), (Constant::Missing, _) | (_, Constant::Missing)) {
        return Some(Constant::Missing);
    }
    let (left, right) = (as_float(left)?, as_float(right)?);
    Some(float(match op {
        ArithmeticOp::Add => left + right,
        ArithmeticOp::Subtract => left - right,
        ArithmeticOp::Multiply => left * right,
        ArithmeticOp::Divide => left / right,
    }))
}

pub(crate) fn as_float(value: &Constant<'_>) -> Option<f64> {
    match value {
        Constant::Exact(number) => Some(number.to_f64()),
        Constant::Float(number) => Some(*number),
        _ => None,
    }
}

/// Whether a comparison of two constants holds; `None` where `as_of` decides.
pub(crate) fn compares(
    op: CompareOp,
    left: &Constant<'_>,
    right: &Constant<'_>,
    domain: Domain,
) -> Option<bool> {
    if matches!((left, right), (Constant::Missing, _) | (_, Constant::Missing)) {
        return Some(op == CompareOp::NotEqual);
    }
    let order = match (left, right) {
        (Constant::Bool(left), Constant::Bool(right)) => left.cmp(right),
        (Constant::Exact(left), Constant::Exact(right)) => left.cmp(right),
        (Constant::Text(left), Constant::Text(right)) => match domain {
            Domain::Text { fold_case: true } => fold_case(left).cmp(&fold_case(right)),
            _ => left.cmp(right),
        },
        (Constant::Day(left), Constant::Day(right)) => left.cmp(right),
        (Constant::Instant(left), Constant::Instant(right)) => left.cmp(right),
        (Constant::FromNow(left), Constant::FromNow(right)) => left.cmp(right),
        (Constant::FromToday(left), Constant::FromToday(right)) => {
            match (days_or_months(*left)?, days_or_months(*right)?) {
                (Ok(left), Ok(right)) | (Err(left), Err(right)) => left.cmp(&right),
                _ => return None,
            }
        }
        _ => as_float(left)?.partial_cmp(&as_float(right)?)?,
    };
    Some(match op {
        CompareOp::Equal => order.is_eq(),
        CompareOp::NotEqual => order.is_ne(),
        CompareOp::Less => order.is_lt(),
        CompareOp::LessOrEqual => order.is_le(),
        CompareOp::Greater => order.is_gt(),
        CompareOp::GreaterOrEqual => order.is_ge(),
    })
}
