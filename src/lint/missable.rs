//! Values that may be missing.

use crate::{
    diagnostic::Sources,
    rule::{ColumnPath, Expr, ExprKind, Function, Node, RuleSet, Start, expr_text},
    schema::Schema,
};

/// A part of a value without which the value is missing too.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Missable<'a> {
    Column(&'a ColumnPath),
    /// Its canonical text.
    Other(String),
}

/// The parts of a value that may be missing, and without which it is missing too.
pub(super) fn missable<'a>(
    value: &'a Expr,
    rules: &RuleSet,
    schema: &Schema,
) -> Vec<(Missable<'a>, &'a Expr)> {
    let mut found = Vec::new();
    let mut waiting = vec![Node::Value(value)];
    while let Some(node) = waiting.pop() {
        let Node::Value(value) = node else { continue };
        let other = || Missable::Other(expr_text(value, rules, schema));
        match &value.kind {
            ExprKind::Bool(_)
            | ExprKind::Number(_)
            | ExprKind::Text(_)
            | ExprKind::Date(_)
            | ExprKind::DateTime(_)
            | ExprKind::MonthDay(_)
            | ExprKind::RelativeDay(_)
            | ExprKind::RelativeInstant(_)
            | ExprKind::Condition(_) => {}
            ExprKind::Column(path) => {
                let mut columns = path.through.iter().chain([&path.column]);
                if columns.any(|column| !schema.is_always_given(*column)) {
                    found.push((Missable::Column(path), value));
                }
            }
            ExprKind::Aggregate(aggregate) => {
                if aggregate.function.needs_rows() {
                    found.push((other(), value));
                }
            }
            ExprKind::Call { function: Function::Size, .. } => {}
            ExprKind::Call { function: Function::Coalesce, arguments } => {
                if arguments.iter().all(|argument| !missable(argument, rules, schema).is_empty()) {
                    found.push((other(), value));
                }
            }
            ExprKind::Negate(_)
            | ExprKind::Arithmetic { .. }
            | ExprKind::Quantile { .. }
            | ExprKind::Call { .. } => {
                let from = waiting.len();
                node.push_children(&mut waiting);
                waiting.get_mut(from..).unwrap_or_default().reverse();
            }
        }
    }
    found
}

impl Missable<'_> {
    /// As a rule says it; `None` where that is long.
    pub(super) fn name(&self, value: &Expr, schema: &Schema, sources: &Sources) -> Option<String> {
        match self {
            Self::Column(path) => Some(path_text(path, schema)),
            Self::Other(_) => {
                let text = sources.text(value.span)?;
                let is_short = text.len() <= 60 && !text.contains(['\n', '`', '#']);
                is_short.then(|| text.to_owned())
            }
        }
    }
}

fn path_text(path: &ColumnPath, schema: &Schema) -> String {
    let mut text = match path.start {
        Start::Own => String::new(),
        Start::Parent(levels) => "parent.".repeat(levels.into()),
        Start::Customer => "customer.".to_owned(),
    };
    let columns = path.through.iter().chain([&path.column]);
    let names: Vec<&str> = columns.map(|column| schema.column(*column).name.as_str()).collect();
    text.push_str(&names.join("."));
    text
}
