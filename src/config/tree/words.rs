//! What operators are called in the JSON form.

use crate::syntax::tree::{
    ArithmeticOp, CompareOp, Direction, DistanceUnit, End, ExprKind, Ignoring, TextTest,
};

pub(super) const COMPARISONS: [(&str, CompareOp); 6] = [
    ("=", CompareOp::Equal),
    ("!=", CompareOp::NotEqual),
    ("<", CompareOp::Less),
    ("<=", CompareOp::LessOrEqual),
    (">", CompareOp::Greater),
    (">=", CompareOp::GreaterOrEqual),
];

pub(super) const SIGNS: [(&str, ArithmeticOp); 4] = [
    ("+", ArithmeticOp::Add),
    ("-", ArithmeticOp::Subtract),
    ("*", ArithmeticOp::Multiply),
    ("/", ArithmeticOp::Divide),
];

pub(super) const TEXT_TESTS: [(&str, TextTest); 3] = [
    ("starts with", TextTest::StartsWith),
    ("ends with", TextTest::EndsWith),
    ("matches", TextTest::Matches),
];

pub(super) const MOMENTS: [(&str, ExprKind); 4] = [
    ("today", ExprKind::Today),
    ("yesterday", ExprKind::Yesterday),
    ("tomorrow", ExprKind::Tomorrow),
    ("now", ExprKind::Now),
];

pub(super) const RELATIVES: [(&str, Direction); 2] =
    [("ago", Direction::Past), ("ahead", Direction::Future)];

pub(super) const WINDOWS: [(&str, Direction); 2] =
    [("within last", Direction::Past), ("within next", Direction::Future)];

pub(super) const ENDS: [(&str, End); 2] = [("top", End::Top), ("bottom", End::Bottom)];

pub(super) const DISTANCES: [(&str, DistanceUnit); 2] =
    [("km", DistanceUnit::Kilometres), ("mi", DistanceUnit::Miles)];

pub(super) const IGNORING: [(&str, Ignoring); 2] =
    [("year", Ignoring::Year), ("case", Ignoring::Case)];

/// The operators that have no table of their own; functions over rows are named beside them.
pub(super) const OTHERS: [&str; 25] = [
    "not",
    "and",
    "or",
    "between",
    "not between",
    "in",
    "not in",
    "contains",
    "not contains",
    "contains any of",
    "not contains any of",
    "contains all of",
    "not contains all of",
    "is null",
    "is not null",
    "is empty",
    "is not empty",
    "near",
    "all of",
    "any of",
    "none of",
    "in segment",
    "sample",
    "call",
    "negate",
];

/// The operators with a number of their own.
pub(super) const COUNTS: [&str; 3] = ["at least", "at most", "exactly"];

pub(super) fn meaning<T: Clone>(table: &[(&str, T)], word: &str) -> Option<T> {
    table.iter().find(|(name, _)| *name == word).map(|(_, meaning)| meaning.clone())
}

pub(super) fn word<T: PartialEq>(table: &[(&'static str, T)], meaning: &T) -> &'static str {
    table.iter().find(|(_, each)| each == meaning).map_or("", |(name, _)| name)
}

pub(super) fn names_of<T>(table: &[(&'static str, T)]) -> Vec<&'static str> {
    table.iter().map(|(name, _)| *name).collect()
}
