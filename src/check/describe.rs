//! Types and functions in the words of a shop's developer.

use crate::{rule::ExprType, syntax::tree};

/// The type with its article: `a number`.
pub(super) fn a(ty: ExprType) -> &'static str {
    match ty {
        ExprType::Bool => "a boolean",
        ExprType::Exact { .. } | ExprType::Float => "a number",
        ExprType::Text => "a text",
        ExprType::Date => "a date",
        ExprType::DateTime => "a datetime",
        ExprType::MonthDay => "a month-day",
        ExprType::TextSet => "a set of texts",
        ExprType::IntSet => "a set of whole numbers",
        ExprType::Geo => "a place",
    }
}

pub(super) fn is_number(ty: ExprType) -> bool {
    matches!(ty, ExprType::Exact { .. } | ExprType::Float)
}

pub(super) fn is_set(ty: ExprType) -> bool {
    matches!(ty, ExprType::TextSet | ExprType::IntSet)
}

pub(super) fn is_time(ty: ExprType) -> bool {
    matches!(ty, ExprType::Date | ExprType::DateTime)
}

/// How to make a condition of a value of this type.
pub(super) fn as_condition(ty: ExprType) -> &'static str {
    match ty {
        ExprType::Bool => "use it as it is",
        ExprType::Exact { .. } | ExprType::Float => "compare it, as in `… > 0`",
        ExprType::Text => "compare it, as in `… = 'x'`",
        ExprType::Date | ExprType::DateTime => "compare it, as in `… > 30 days ago`",
        ExprType::MonthDay => "compare a date with it, as in `birthday = 07-25`",
        ExprType::TextSet | ExprType::IntSet => "ask for an element, as in `… contains 'x'`",
        ExprType::Geo => "ask how far away it is, as in `… within 25 km of (59.33, 18.06)`",
    }
}

pub(super) fn aggregate(function: tree::Aggregate) -> &'static str {
    match function {
        tree::Aggregate::Count => "count",
        tree::Aggregate::Exists => "exists",
        tree::Aggregate::Sum => "sum",
        tree::Aggregate::Avg => "avg",
        tree::Aggregate::Min => "min",
        tree::Aggregate::Max => "max",
        tree::Aggregate::First => "first",
        tree::Aggregate::Last => "last",
        tree::Aggregate::AverageGap => "average_gap",
    }
}

/// The name of a part as a segment: `tier.gold`.
pub(super) fn part(partition: &tree::Partition, part: &tree::Part) -> String {
    format!("{}.{}", partition.name.text, part.name.text)
}

/// `1 argument`, `2 arguments`
pub(super) fn counted(number: usize, thing: &str) -> String {
    match number {
        0 => format!("no {thing}s"),
        1 => format!("1 {thing}"),
        _ => format!("{number} {thing}s"),
    }
}

/// Names joined as they are written: `orders.status`.
pub(super) fn dotted(names: &[tree::Name]) -> String {
    let names: Vec<&str> = names.iter().map(|name| name.text.as_str()).collect();
    names.join(".")
}
