//! `+ - * /`

use super::{Checker, Env, describe};
use crate::{
    diagnostic::{Code, Span},
    rule::{ArithmeticOp, Expr, ExprKind, ExprType},
    syntax::tree,
    value::Decimal,
};

impl<'a> Checker<'a> {
    pub(super) fn negate(
        &mut self,
        inner: &'a tree::Expr,
        span: Span,
        env: &Env<'a>,
    ) -> Option<(ExprKind, ExprType)> {
        let env = self.deeper(env, span)?;
        let inner = self.numeric(inner, "the minus", &env)?;
        let ty = inner.ty;
        Some((ExprKind::Negate(Box::new(inner)), ty))
    }

    pub(super) fn arithmetic(
        &mut self,
        first: &'a tree::Expr,
        rest: &'a [(tree::ArithmeticOp, tree::Expr)],
        span: Span,
        env: &Env<'a>,
    ) -> Option<(ExprKind, ExprType)> {
        if self.refuse_moved_day(first, rest, span) {
            return None;
        }
        // Every operand is looked at, so that each mistake is found; of wrong types the first one is said.
        let first_value = self.value(first, env);
        let operands: Vec<Option<Expr>> =
            rest.iter().map(|(_, operand)| self.value(operand, env)).collect();
        let first_sign = rest.first().map_or("`+`", |(op, _)| sign(*op));
        let first = Box::new(self.number_of(first_value?, first_sign)?);
        let mut values = Vec::with_capacity(rest.len());
        for ((op, _), operand) in rest.iter().zip(operands) {
            values.push((meaning(*op), self.number_of(operand?, sign(*op))?));
        }
        let rest = values;
        let mut ty = first.ty;
        for (op, operand) in &rest {
            let Some(next) = result(*op, ty, operand.ty) else {
                let most = Decimal::MAX_SCALE;
                let message = format!("this product has more than {most} digits after the point");
                let help =
                    "write factors with fewer digits, or divide: the result of `/` is a float";
                return self.error_with(Code::TooPrecise, span, message, help);
            };
            ty = next;
        }
        Some((ExprKind::Arithmetic { first, rest }, ty))
    }
}

/// The type of `left op right`; `None` for too many digits after the point.
fn result(op: ArithmeticOp, left: ExprType, right: ExprType) -> Option<ExprType> {
    let (ExprType::Exact { scale: a }, ExprType::Exact { scale: b }) = (left, right) else {
        return Some(ExprType::Float);
    };
    let scale = match op {
        ArithmeticOp::Add | ArithmeticOp::Subtract => a.max(b),
        ArithmeticOp::Multiply => a.checked_add(b)?,
        ArithmeticOp::Divide => return Some(ExprType::Float),
    };
    (scale <= Decimal::MAX_SCALE).then_some(ExprType::Exact { scale })
}

fn meaning(op: tree::ArithmeticOp) -> ArithmeticOp {
    match op {
        tree::ArithmeticOp::Add => ArithmeticOp::Add,
        tree::ArithmeticOp::Subtract => ArithmeticOp::Subtract,
        tree::ArithmeticOp::Multiply => ArithmeticOp::Multiply,
        tree::ArithmeticOp::Divide => ArithmeticOp::Divide,
    }
}

fn sign(op: tree::ArithmeticOp) -> &'static str {
    match op {
        tree::ArithmeticOp::Add => "`+`",
        tree::ArithmeticOp::Subtract => "`-`",
        tree::ArithmeticOp::Multiply => "`*`",
        tree::ArithmeticOp::Divide => "`/`",
    }
}

/// The type that holds values of both: of two exact numbers the one with more digits.
pub(super) fn common(left: ExprType, right: ExprType) -> Option<ExprType> {
    match (left, right) {
        (ExprType::Exact { scale: a }, ExprType::Exact { scale: b }) => {
            Some(ExprType::Exact { scale: a.max(b) })
        }
        _ if describe::is_number(left) && describe::is_number(right) => Some(ExprType::Float),
        _ => (left == right).then_some(left),
    }
}
