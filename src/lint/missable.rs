//! Values that may be missing.

use crate::{
    diagnostic::Sources,
    rule::{
        Aggregate, AggregateFunction, ColumnPath, Expr, ExprKind, Function, Node, RuleSet, Start,
        expr_text,
    },
    schema::{Role, Schema, TableId},
};

/// A part of a value without which the value is missing too.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Missable {
    Column(ColumnPath),
    /// Rows of a table, so many at least; of those the value is always there.
    Rows(TableId, RowsNeeded),
    /// Its canonical text.
    Other(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum RowsNeeded {
    One,
    Two,
}

/// The parts of a value that may be missing, and without which it is missing too.
pub(super) fn missable<'a>(
    value: &'a Expr,
    rules: &RuleSet,
    schema: &Schema,
) -> Vec<(Missable, &'a Expr)> {
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
            ExprKind::Rfm(_) => {
                let scores = rules.rfm.as_ref().map(|rfm| &rfm.scores);
                if scores.is_none_or(|scores| !scores.lowest_without_purchase) {
                    found.push((other(), value));
                }
            }
            ExprKind::Predicted(_) => found.push((other(), value)),
            ExprKind::Column(path) => {
                found.extend(
                    missable_column(path, schema).map(|path| (Missable::Column(path), value)),
                );
            }
            ExprKind::Aggregate(aggregate) => {
                if aggregate.function.needs_rows() {
                    let rows = only_rows(aggregate, schema);
                    found.push((rows.unwrap_or_else(other), value));
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

/// The path without what is always given behind its last column that may be missing.
fn missable_column(path: &ColumnPath, schema: &Schema) -> Option<ColumnPath> {
    let mut path = path.clone();
    while schema.is_always_given(path.column) {
        path.column = path.through.pop()?;
    }
    Some(path)
}

/// What an aggregate over all rows of a table lacks where it is missing, if that can be rows alone.
fn only_rows(aggregate: &Aggregate, schema: &Schema) -> Option<Missable> {
    use AggregateFunction::{AverageGap, First, Last};
    let is_given = match aggregate.value.as_ref().map(|value| &value.kind) {
        None => true,
        Some(ExprKind::Column(path)) => {
            path.start == Start::Own && missable_column(path, schema).is_none()
        }
        Some(_) => false,
    };
    let wants_times = matches!(aggregate.function, First | Last | AverageGap);
    let is_timed = !wants_times || has_times(aggregate.table, schema);
    let needed = if aggregate.function == AverageGap { RowsNeeded::Two } else { RowsNeeded::One };
    let is_simple = aggregate.filter.is_none() && is_given && is_timed;
    is_simple.then_some(Missable::Rows(aggregate.table, needed))
}

/// Whether every row of a table has a time.
fn has_times(table: TableId, schema: &Schema) -> bool {
    match schema.table(table).role {
        Role::Child { time, .. } => time.is_some_and(|time| schema.is_always_given(time)),
        Role::Nested { parent, .. } => has_times(parent, schema),
        Role::Customers { .. } | Role::Lookup => false,
    }
}

impl Missable {
    /// As a rule says it; `None` where that is long.
    pub(super) fn name(&self, value: &Expr, schema: &Schema, sources: &Sources) -> Option<String> {
        match self {
            Self::Column(path) => Some(path_text(path, schema)),
            Self::Rows(..) | Self::Other(_) => {
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
