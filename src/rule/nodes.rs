//! Over all nodes of a rule, without recursion.

use super::{Aggregate, Condition, ConditionKind, Expr, ExprKind, YearlyWindow};

/// A condition or a value.
#[derive(Clone, Copy)]
pub(crate) enum Node<'a> {
    Condition(&'a Condition),
    Value(&'a Expr),
}

/// The nodes and everything in them, an outer node before its inner ones.
pub(crate) fn nodes<'a>(
    roots: impl IntoIterator<Item = Node<'a>>,
) -> impl Iterator<Item = Node<'a>> {
    // PERF: one list for all of them, with room for most.
    let mut waiting = Vec::with_capacity(32);
    let mut roots = roots.into_iter();
    std::iter::from_fn(move || {
        let next = waiting.pop().or_else(|| roots.next())?;
        next.push_children(&mut waiting);
        Some(next)
    })
}

impl<'a> Node<'a> {
    /// What stands in it, one level down.
    pub(crate) fn push_children(self, to: &mut Vec<Self>) {
        match self {
            Self::Condition(condition) => of_condition(&condition.kind, to),
            Self::Value(value) => of_value(&value.kind, to),
        }
    }
}

fn of_condition<'a>(kind: &'a ConditionKind, to: &mut Vec<Node<'a>>) {
    let conditions = |list: &'a [Condition]| list.iter().map(Node::Condition);
    let values = |list: &'a [Expr]| list.iter().map(Node::Value);
    match kind {
        ConditionKind::Constant(_) | ConditionKind::InSegment(_) | ConditionKind::Sample(_) => {}
        ConditionKind::Not(inner) => to.push(Node::Condition(inner)),
        ConditionKind::And(list)
        | ConditionKind::Or(list)
        | ConditionKind::Quantified { conditions: list, .. } => to.extend(conditions(list)),
        ConditionKind::Holds(value)
        | ConditionKind::Within { value, .. }
        | ConditionKind::Matches { value, .. }
        | ConditionKind::Near { value, .. }
        | ConditionKind::Top { by: value, .. }
        | ConditionKind::IsNull { value, .. }
        | ConditionKind::IsEmpty { value, .. } => to.push(Node::Value(value)),
        ConditionKind::Compare { left, right, .. } => {
            to.extend([left, right].map(Node::Value));
        }
        ConditionKind::Between { value, low, high, .. } => {
            to.extend([value, &low.0, &high.0].map(Node::Value));
        }
        ConditionKind::In { value, items, .. } => {
            to.push(Node::Value(value));
            to.extend(items.iter().map(|(item, _)| Node::Value(item)));
        }
        ConditionKind::Yearly { value, windows, .. } => {
            to.push(Node::Value(value));
            for window in windows {
                if let YearlyWindow::Circle { first, last } = window {
                    to.extend([first, last].map(Node::Value));
                }
            }
        }
        ConditionKind::TextTest { value, pattern, .. } => {
            to.extend([value, pattern].map(Node::Value));
        }
        ConditionKind::SetContains { value, items, .. } => {
            to.push(Node::Value(value));
            to.extend(values(items));
        }
    }
}

fn of_value<'a>(kind: &'a ExprKind, to: &mut Vec<Node<'a>>) {
    match kind {
        ExprKind::Bool(_)
        | ExprKind::Number(_)
        | ExprKind::Text(_)
        | ExprKind::Date(_)
        | ExprKind::DateTime(_)
        | ExprKind::MonthDay(_)
        | ExprKind::RelativeDay(_)
        | ExprKind::RelativeInstant(_)
        | ExprKind::Column(_)
        | ExprKind::Rfm(_)
        | ExprKind::Predicted(_) => {}
        ExprKind::Aggregate(aggregate) => {
            let Aggregate { function: _, table: _, value, filter } = &**aggregate;
            to.extend(value.iter().map(Node::Value));
            to.extend(filter.iter().map(Node::Condition));
        }
        ExprKind::Negate(inner) | ExprKind::Quantile { value: inner, .. } => {
            to.push(Node::Value(inner));
        }
        ExprKind::Arithmetic { first, rest } => {
            to.push(Node::Value(first));
            to.extend(rest.iter().map(|(_, operand)| Node::Value(operand)));
        }
        ExprKind::Call { arguments, .. } => to.extend(arguments.iter().map(Node::Value)),
        ExprKind::Condition(condition) => to.push(Node::Condition(condition)),
    }
}
