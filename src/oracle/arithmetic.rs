//! Arithmetic: exact where both sides are exact, else on floats. An overflow is missing.

use super::{Datum, Scope};
use crate::{
    rule::{ArithmeticOp, Expr},
    value::Decimal,
};

impl Scope<'_> {
    /// From left to right.
    pub(super) fn arithmetic(&self, first: &Expr, rest: &[(ArithmeticOp, Expr)]) -> Option<Datum> {
        let first = self.value(first)?;
        rest.iter().try_fold(first, |left, (op, right)| calculate(*op, &left, &self.value(right)?))
    }
}

fn calculate(op: ArithmeticOp, left: &Datum, right: &Datum) -> Option<Datum> {
    match (left, right) {
        (Datum::Exact(left), Datum::Exact(right)) => exactly(op, *left, *right),
        _ => on_floats(op, left.as_float()?, right.as_float()?),
    }
}

fn exactly(op: ArithmeticOp, left: Decimal, right: Decimal) -> Option<Datum> {
    match op {
        ArithmeticOp::Add => left.checked_add(right).map(Datum::Exact),
        ArithmeticOp::Subtract => left.checked_sub(right).map(Datum::Exact),
        ArithmeticOp::Multiply => left.checked_mul(right).map(Datum::Exact),
        ArithmeticOp::Divide => left.quotient(right).and_then(Datum::float),
    }
}

fn on_floats(op: ArithmeticOp, left: f64, right: f64) -> Option<Datum> {
    Datum::float(match op {
        ArithmeticOp::Add => left + right,
        ArithmeticOp::Subtract => left - right,
        ArithmeticOp::Multiply => left * right,
        ArithmeticOp::Divide => left / right,
    })
}

impl Datum {
    pub(super) fn negated(self) -> Option<Self> {
        match self {
            Self::Exact(number) => number.checked_neg().map(Self::Exact),
            Self::Float(number) => Self::float(-number),
            _ => None,
        }
    }

    pub(super) fn absolute(self) -> Option<Self> {
        match self {
            Self::Exact(number) => number.checked_abs().map(Self::Exact),
            Self::Float(number) => Self::float(number.abs()),
            _ => None,
        }
    }
}
