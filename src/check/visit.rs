//! Over all nodes of a tree, without recursion.

use crate::syntax::tree::{Contained, Expr, ExprKind};

/// The expression and everything in it, an outer node before its inner ones.
pub(super) fn nodes(expr: &Expr) -> impl Iterator<Item = &Expr> {
    all_nodes(std::iter::once(expr))
}

/// The same for many, one after the other.
pub(super) fn all_nodes<'a>(
    exprs: impl IntoIterator<Item = &'a Expr>,
) -> impl Iterator<Item = &'a Expr> {
    let mut exprs = exprs.into_iter();
    let mut waiting = Vec::new();
    std::iter::from_fn(move || {
        let next = waiting.pop().or_else(|| exprs.next())?;
        push_children(next, &mut waiting);
        Some(next)
    })
}

fn push_children<'a>(expr: &'a Expr, to: &mut Vec<&'a Expr>) {
    match &expr.kind {
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
        | ExprKind::InSegment(_)
        | ExprKind::Sample { .. }
        | ExprKind::Error => {}
        ExprKind::Call { arguments: list, .. }
        | ExprKind::And(list)
        | ExprKind::Or(list)
        | ExprKind::Quantified { conditions: list, .. } => to.extend(list),
        ExprKind::Aggregate { filter, .. } => to.extend(filter.as_deref()),
        ExprKind::Negate(inner)
        | ExprKind::Paren(inner)
        | ExprKind::Not(inner)
        | ExprKind::IsNull { value: inner, .. }
        | ExprKind::IsEmpty { value: inner, .. }
        | ExprKind::Within { value: inner, .. }
        | ExprKind::Top { by: inner, .. } => to.push(inner),
        ExprKind::Arithmetic { first, rest } => {
            to.push(first);
            to.extend(rest.iter().map(|(_, operand)| operand));
        }
        ExprKind::Compare { left, right, .. } => to.extend([&**left, right]),
        ExprKind::TextTest { value, pattern, .. } => to.extend([&**value, pattern]),
        ExprKind::Between { value, low, high, .. } => to.extend([&**value, low, high]),
        ExprKind::Near { value, latitude, longitude, .. } => {
            to.extend([&**value, latitude, longitude]);
        }
        ExprKind::In { value, list, .. } => {
            to.push(value);
            to.extend(list);
        }
        ExprKind::Contains { value, what, .. } => {
            to.push(value);
            match what {
                Contained::One(item) => to.push(item),
                Contained::AnyOf(items) | Contained::AllOf(items) => to.extend(items),
            }
        }
    }
}
