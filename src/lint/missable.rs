//! Values that may be missing.

use crate::{
    diagnostic::Sources,
    rule::{
        Aggregate, AggregateFunction, ColumnPath, Expr, ExprKind, Function, RuleSet, Start,
        expr_text,
    },
    schema::{ColumnId, Role, Schema},
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
    let mut waiting = vec![value];
    while let Some(value) = waiting.pop() {
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
                if columns.any(|column| may_lack(*column, schema)) {
                    found.push((Missable::Column(path), value));
                }
            }
            ExprKind::Aggregate(aggregate) if is_missing_without_rows(aggregate) => {
                found.push((other(), value));
            }
            ExprKind::Aggregate(_) => {}
            ExprKind::Negate(inner) | ExprKind::Quantile { value: inner, .. } => {
                waiting.push(inner)
            }
            ExprKind::Arithmetic { first, rest } => {
                waiting.extend(rest.iter().rev().map(|(_, operand)| operand));
                waiting.push(first);
            }
            ExprKind::Call { function: Function::Size, .. } => {}
            ExprKind::Call { function: Function::Coalesce, arguments } => {
                if arguments.iter().all(|argument| !missable(argument, rules, schema).is_empty()) {
                    found.push((other(), value));
                }
            }
            ExprKind::Call { arguments, .. } => waiting.extend(arguments.iter().rev()),
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

/// Whether a row may be without a value of this column. Keys are always there.
fn may_lack(id: ColumnId, schema: &Schema) -> bool {
    let table = schema.table(id.table);
    let link = match table.role {
        Role::Child { customer, .. } => Some(customer),
        Role::Nested { parent_key, .. } => Some(parent_key),
        Role::Customers { .. } | Role::Lookup => None,
    };
    !schema.column(id).required && table.key_column() != Some(id) && link != Some(id)
}

fn is_missing_without_rows(aggregate: &Aggregate) -> bool {
    match aggregate.function {
        AggregateFunction::Count
        | AggregateFunction::CountDistinct
        | AggregateFunction::Exists
        | AggregateFunction::Sum => false,
        AggregateFunction::Avg
        | AggregateFunction::Min
        | AggregateFunction::Max
        | AggregateFunction::First
        | AggregateFunction::Last
        | AggregateFunction::AverageGap => true,
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
