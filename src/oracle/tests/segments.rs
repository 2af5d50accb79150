//! Includes, excludes, pins, segments of segments.

use super::*;
use crate::rule::Pin;

fn scores_above(limit: &str) -> Condition {
    one(compare(column("score"), CompareOp::Greater, number(limit), Domain::Number))
}

fn pins(keys: &[i64]) -> Vec<Pin> {
    keys.iter().map(|&key| Pin { key: Key::Int(key), span: Span::NONE }).collect()
}

fn members_of(segment: SegmentRule) -> Vec<i64> {
    members(&rules(vec![segment]), &shop(LeapDay::Back), TODAY).remove(0)
}

#[test]
fn includes_are_united_and_excludes_taken_out() {
    let vip = || one(ConditionKind::Holds(column("vip")));
    assert_eq!(members_of(segment("all", vec![])), [1, 2, 3, 5]);
    assert_eq!(members_of(segment("either", vec![vip(), scores_above("15")])), [1, 2]);
    let mut rule = segment("without", vec![]);
    rule.excludes = vec![vip(), scores_above("15")];
    assert_eq!(members_of(rule), [3, 5]);
}

#[test]
fn pins_have_the_last_word() {
    let mut rule = segment("pinned", vec![]);
    rule.pins_in = Some(pins(&[3, 4, 99]));
    assert_eq!(members_of(rule.clone()), [3]);
    rule.includes = vec![scores_above("0")];
    rule.excludes = vec![one(ConditionKind::Constant(true))];
    assert_eq!(members_of(rule.clone()), [3]);
    rule.excludes = Vec::new();
    assert_eq!(members_of(rule.clone()), [1, 2, 3]);
    rule.pins_out = pins(&[3, 1]);
    assert_eq!(members_of(rule.clone()), [2]);
    rule.includes = Vec::new();
    rule.pins_in = Some(Vec::new());
    assert_eq!(members_of(rule.clone()), [0; 0]);
    rule.pins_in = None;
    assert_eq!(members_of(rule), [2, 5]);
}

/// The first segment refers to the second.
#[test]
fn segments_are_evaluated_in_their_order() {
    let in_second = || one(ConditionKind::InSegment(SegmentId(1)));
    let not_in_second = one(ConditionKind::Not(Box::new(in_second())));
    let mut second = segment("second", vec![scores_above("0")]);
    second.kind = SegmentKind::Static;
    second.inactive = true;
    second.pins_in = Some(pins(&[3]));
    let mut rules = rules(vec![
        segment("first", vec![in_second()]),
        second,
        segment("rest", vec![not_in_second]),
    ]);
    rules.order = vec![SegmentId(1), SegmentId(0), SegmentId(2)];
    let found = members(&rules, &shop(LeapDay::Back), TODAY);
    assert_eq!(found, [vec![1, 2, 3], vec![1, 2, 3], vec![5]]);
}

#[test]
fn customers_exist_from_their_creation_on() {
    let all = rules(vec![segment("all", vec![])]);
    let at = |as_of| members(&all, &shop(LeapDay::Back), as_of).remove(0);
    assert_eq!(at("2026-11-22T00:00:00"), [1, 2, 3, 4, 5]);
    assert_eq!(at("2026-11-21T23:59:59.999999"), [1, 2, 3, 5]);
    assert_eq!(at("2026-11-20"), [1, 2, 3]);
    assert_eq!(at("2019-12-31"), [2, 3]);
    assert_eq!(at("9999-12-31"), [1, 2, 3, 4, 5]);
}
