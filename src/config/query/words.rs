//! The operators of react-querybuilder.

use crate::{
    diagnostic::nearest,
    syntax::tree::{CompareOp, TextTest},
};

/// What an operator means, `negated` where its name begins with a negation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Operator {
    pub(super) name: &'static str,
    pub(super) negated: bool,
    pub(super) test: Test,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Test {
    Compare(CompareOp),
    Contains,
    Text(TextTest),
    Null,
    In,
    Between,
}

const fn operator(name: &'static str, negated: bool, test: Test) -> Operator {
    Operator { name, negated, test }
}

pub(super) const OPERATORS: [Operator; 18] = [
    operator("=", false, Test::Compare(CompareOp::Equal)),
    operator("!=", false, Test::Compare(CompareOp::NotEqual)),
    operator("<", false, Test::Compare(CompareOp::Less)),
    operator(">", false, Test::Compare(CompareOp::Greater)),
    operator("<=", false, Test::Compare(CompareOp::LessOrEqual)),
    operator(">=", false, Test::Compare(CompareOp::GreaterOrEqual)),
    operator("contains", false, Test::Contains),
    operator("beginsWith", false, Test::Text(TextTest::StartsWith)),
    operator("endsWith", false, Test::Text(TextTest::EndsWith)),
    operator("doesNotContain", true, Test::Contains),
    operator("doesNotBeginWith", true, Test::Text(TextTest::StartsWith)),
    operator("doesNotEndWith", true, Test::Text(TextTest::EndsWith)),
    operator("null", false, Test::Null),
    operator("notNull", true, Test::Null),
    operator("in", false, Test::In),
    operator("notIn", true, Test::In),
    operator("between", false, Test::Between),
    operator("notBetween", true, Test::Between),
];

/// The operator of this name, in any case as react-querybuilder reads it.
pub(super) fn find(name: &str) -> Option<Operator> {
    OPERATORS.into_iter().find(|operator| operator.name.eq_ignore_ascii_case(name))
}

/// The operator that was most likely meant.
pub(super) fn nearest_operator(word: &str) -> Option<&'static str> {
    const OTHERS: [(&str, &str); 12] = [
        ("==", "="),
        ("equals", "="),
        ("equal", "="),
        ("<>", "!="),
        ("notEquals", "!="),
        ("notEqual", "!="),
        ("startsWith", "beginsWith"),
        ("doesNotStartWith", "doesNotBeginWith"),
        ("like", "contains"),
        ("notLike", "doesNotContain"),
        ("isNull", "null"),
        ("isNotNull", "notNull"),
    ];
    let other = OTHERS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word));
    let near = || nearest(word, OPERATORS.iter().map(|each| each.name));
    other.map(|(_, name)| *name).or_else(near)
}

pub(super) fn name(negated: bool, test: Test) -> &'static str {
    let mut all = OPERATORS.into_iter();
    all.find(|each| each.negated == negated && each.test == test).map_or("", |each| each.name)
}

/// How many rows of a table must meet a subquery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    All,
    Some,
    None,
    /// With a number.
    Counted(CompareOp),
}

pub(super) const MODES: [(&str, Mode); 6] = [
    ("all", Mode::All),
    ("some", Mode::Some),
    ("none", Mode::None),
    ("atLeast", Mode::Counted(CompareOp::GreaterOrEqual)),
    ("atMost", Mode::Counted(CompareOp::LessOrEqual)),
    ("exactly", Mode::Counted(CompareOp::Equal)),
];
