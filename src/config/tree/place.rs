//! Where brackets are needed.

use super::unplaced;
use crate::syntax::tree::{ArithmeticOp, Expr, ExprKind};

/// How tightly something holds together, loosest first; also how tightly a place wants it to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Grade {
    Or,
    And,
    Not,
    Comparison,
    Sum,
    Product,
    Sign,
    Operand,
}

/// Where an expression stands.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    /// By itself, or between commas or brackets that hold conditions.
    Condition,
    /// An alternative of `or`.
    Term,
    /// A term of `and`.
    Factor,
    /// Behind `not`.
    Negated,
    /// A side of a comparison, or an element of a list of values.
    Value,
    /// An operand of `+` or `-`.
    Added,
    /// An operand of `*` or `/`.
    Multiplied,
    /// Behind a sign.
    Signed,
}

/// The expression, in brackets where it would fall apart in its place.
pub(super) fn fit(expr: Expr, place: Place) -> Expr {
    let wanted = match place {
        Place::Condition => Grade::Or,
        Place::Term => Grade::And,
        Place::Factor | Place::Negated => Grade::Not,
        Place::Value => Grade::Sum,
        Place::Added => Grade::Product,
        Place::Multiplied | Place::Signed => Grade::Sign,
    };
    if grade(&expr.kind) >= wanted { expr } else { unplaced(ExprKind::Paren(Box::new(expr))) }
}

fn grade(kind: &ExprKind) -> Grade {
    match kind {
        ExprKind::Or(_) => Grade::Or,
        ExprKind::And(_) => Grade::And,
        ExprKind::Not(_) => Grade::Not,
        ExprKind::Compare { .. }
        | ExprKind::Between { .. }
        | ExprKind::In { .. }
        | ExprKind::Contains { .. }
        | ExprKind::TextTest { .. }
        | ExprKind::IsNull { .. }
        | ExprKind::IsEmpty { .. }
        | ExprKind::Within { .. }
        | ExprKind::Near { .. }
        | ExprKind::Quantified { .. }
        | ExprKind::InSegment(_)
        | ExprKind::Top { .. }
        | ExprKind::Sample { .. } => Grade::Comparison,
        ExprKind::Arithmetic { rest, .. } => match rest.first() {
            Some((ArithmeticOp::Multiply | ArithmeticOp::Divide, _)) => Grade::Product,
            _ => Grade::Sum,
        },
        ExprKind::Negate(_) => Grade::Sign,
        ExprKind::Number(_)
        | ExprKind::Text(_)
        | ExprKind::Bool(_)
        | ExprKind::Null
        | ExprKind::Date(_)
        | ExprKind::DateTime { .. }
        | ExprKind::MonthDay { .. }
        | ExprKind::Today
        | ExprKind::Yesterday
        | ExprKind::Tomorrow
        | ExprKind::Now
        | ExprKind::Relative { .. }
        | ExprKind::Duration { .. }
        | ExprKind::Path(_)
        | ExprKind::Call { .. }
        | ExprKind::Aggregate { .. }
        | ExprKind::Paren(_)
        | ExprKind::Error => Grade::Operand,
    }
}
