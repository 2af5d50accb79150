//! Comparisons, lists, texts, sets, counts of conditions.

use super::*;
use crate::rule::{Quantifier, TextTest};

#[test]
fn constants_and_truths() {
    assert_eq!(who(ConditionKind::Constant(true)), [1, 2, 3, 5]);
    assert_eq!(who(ConditionKind::Constant(false)), [0; 0]);
    assert_eq!(who(ConditionKind::Holds(column("vip"))), [1]);
    let not = ConditionKind::Not(Box::new(one(ConditionKind::Holds(column("vip")))));
    assert_eq!(who(not), [2, 3, 5]);
}

#[test]
fn comparisons_with_what_is_missing_are_false_but_not_equal() {
    let score = |op| who(compare(column("score"), op, number("10.0"), Domain::Number));
    assert_eq!(score(CompareOp::Equal), [1]);
    assert_eq!(score(CompareOp::NotEqual), [2, 3, 5]);
    assert_eq!(score(CompareOp::Less), [5]);
    assert_eq!(score(CompareOp::LessOrEqual), [1, 5]);
    assert_eq!(score(CompareOp::Greater), [2]);
    assert_eq!(score(CompareOp::GreaterOrEqual), [1, 2]);
}

#[test]
fn an_exact_number_becomes_a_float_beside_one() {
    let weight = |text| who(equal(column("weight"), number(text), Domain::Number));
    assert_eq!(weight("0.50"), [1]);
    assert_eq!(weight("0.500000000000000001"), [1]);
    assert_eq!(weight("0.500000000000001"), [0; 0]);
}

#[test]
fn text_is_compared_by_code_point() {
    let less = |text_| who(compare(column("country"), CompareOp::Less, text(text_), TEXT));
    assert_eq!(less("SE"), [2]);
    assert_eq!(less("a"), [1, 2]);
    assert_eq!(less("Å"), [1, 2]);
    assert_eq!(less("Ö"), [1, 2, 5]);
    let folded = Domain::Text { fold_case: true };
    assert_eq!(who(equal(column("country"), text("åLAND"), folded)), [5]);
    assert_eq!(who(equal(column("country"), text("åLAND"), TEXT)), [0; 0]);
}

#[test]
fn truths_are_equal_or_not() {
    let falsehood = || expr(ExprKind::Bool(false), ExprType::Bool);
    assert_eq!(who(equal(column("vip"), falsehood(), Domain::Bool)), [2]);
    let not_equal = compare(column("vip"), CompareOp::NotEqual, falsehood(), Domain::Bool);
    assert_eq!(who(not_equal), [1, 3, 5]);
    let condition = ConditionKind::IsNull { negated: false, value: column("country") };
    let value = expr(ExprKind::Condition(Box::new(one(condition))), ExprType::Bool);
    assert_eq!(who(equal(value, falsehood(), Domain::Bool)), [1, 2, 5]);
}

/// Customer 1 was seen at half past midnight, local time, today.
#[test]
fn a_day_beside_a_datetime_is_the_local_day() {
    let seen = |op| who(compare(column("seen_at"), op, day(TODAY), Domain::Day));
    assert_eq!(seen(CompareOp::Equal), [1]);
    assert_eq!(seen(CompareOp::Less), [2]);
    assert_eq!(seen(CompareOp::Greater), [0; 0]);
    let at = instant("2026-11-20T23:30:00Z");
    assert_eq!(who(equal(column("seen_at"), at, Domain::Instant)), [1]);
    let at = instant("2026-11-20T23:30:00.000001Z");
    assert_eq!(who(compare(column("seen_at"), CompareOp::Less, at, Domain::Instant)), [1, 2]);
}

#[test]
fn between_holds_at_both_ends_and_is_false_with_a_missing_end() {
    let between = |negated, low, high| {
        let (low, high) = ((low, Domain::Number), (high, Domain::Number));
        who(ConditionKind::Between { negated, value: column("score"), low, high })
    };
    assert_eq!(between(false, number("10"), number("20")), [1, 2]);
    assert_eq!(between(true, number("10"), number("20")), [3, 5]);
    assert_eq!(between(false, number("20"), number("10")), [0; 0]);
    assert_eq!(between(false, number("-5"), column("balance")), [1]);
    assert_eq!(between(true, number("-5"), column("balance")), [2, 3, 5]);
    let ends = (day("2026-01-01"), Domain::Day);
    let mixed = (instant("2026-11-10T00:00:00Z"), Domain::Instant);
    let value = column("seen_at");
    assert_eq!(who(ConditionKind::Between { negated: false, value, low: ends, high: mixed }), [2]);
}

#[test]
fn lists_hold_any_value() {
    let is_in = |negated| {
        let items = vec![(number("10"), Domain::Number), (column("balance"), Domain::Number)];
        who(ConditionKind::In { negated, value: column("score"), items })
    };
    assert_eq!(is_in(false), [1]);
    assert_eq!(is_in(true), [2, 3, 5]);
}

#[test]
fn parts_of_texts() {
    let test = |test, pattern, fold_case, negated| {
        let value = column("country");
        who(ConditionKind::TextTest { negated, test, value, pattern: text(pattern), fold_case })
    };
    assert_eq!(test(TextTest::Contains, "lan", false, false), [5]);
    assert_eq!(test(TextTest::Contains, "LAN", false, false), [0; 0]);
    assert_eq!(test(TextTest::Contains, "LAN", true, false), [5]);
    assert_eq!(test(TextTest::StartsWith, "S", false, false), [1]);
    assert_eq!(test(TextTest::EndsWith, "O", false, false), [2]);
    assert_eq!(test(TextTest::EndsWith, "O", false, true), [1, 3, 5]);
    assert_eq!(test(TextTest::Contains, "", false, false), [1, 2, 5]);
}

#[test]
fn elements_of_sets() {
    let contains = |all, negated, fold_case, items: &[&str]| {
        let items = items.iter().map(|item| text(item)).collect();
        let value = column("tags");
        who(ConditionKind::SetContains { negated, all, value, items, fold_case })
    };
    assert_eq!(contains(false, false, false, &["tea"]), [1]);
    assert_eq!(contains(false, true, false, &["tea"]), [2, 3, 5]);
    assert_eq!(contains(false, false, true, &["TEA"]), [1, 5]);
    assert_eq!(contains(false, false, false, &["Tea", "coffee"]), [1, 5]);
    assert_eq!(contains(true, false, false, &["tea", "coffee"]), [1]);
    assert_eq!(contains(true, false, false, &["tea", "Tea"]), [0; 0]);
    let (value, items) = (column("sizes"), vec![number("38"), number("40")]);
    let sizes =
        ConditionKind::SetContains { negated: false, all: false, value, items, fold_case: false };
    assert_eq!(who(sizes), [1, 5]);
}

#[test]
fn what_is_missing_or_empty() {
    let missing = |name, negated| who(ConditionKind::IsNull { negated, value: column(name) });
    assert_eq!(missing("country", false), [3]);
    assert_eq!(missing("country", true), [1, 2, 5]);
    assert_eq!(missing("home", false), [2, 3, 5]);
    let empty = |negated| who(ConditionKind::IsEmpty { negated, value: column("tags") });
    assert_eq!(empty(false), [2, 3]);
    assert_eq!(empty(true), [1, 5]);
}

#[test]
fn conditions_together() {
    let both = || {
        let score = compare(column("score"), CompareOp::Greater, number("0"), Domain::Number);
        vec![one(score), one(ConditionKind::Holds(column("vip")))]
    };
    assert_eq!(who(ConditionKind::And(both())), [1]);
    assert_eq!(who(ConditionKind::Or(both())), [1, 2]);
    let quantified = |quantifier| who(ConditionKind::Quantified { quantifier, conditions: both() });
    assert_eq!(quantified(Quantifier::All), [1]);
    assert_eq!(quantified(Quantifier::Any), [1, 2]);
    assert_eq!(quantified(Quantifier::None), [3, 5]);
    assert_eq!(quantified(Quantifier::AtLeast(2)), [1]);
    assert_eq!(quantified(Quantifier::AtLeast(3)), [0; 0]);
    assert_eq!(quantified(Quantifier::AtMost(1)), [2, 3, 5]);
    assert_eq!(quantified(Quantifier::Exactly(1)), [2]);
    assert_eq!(quantified(Quantifier::AtLeast(0)), [1, 2, 3, 5]);
}

#[test]
fn a_thousand_levels_are_no_matter() {
    let mut condition = ConditionKind::Holds(column("vip"));
    for _ in 0..1_000 {
        let value = expr(ExprKind::Condition(Box::new(one(condition))), ExprType::Bool);
        condition = ConditionKind::Not(Box::new(one(ConditionKind::Holds(value))));
    }
    assert_eq!(who(condition), [1]);
}
