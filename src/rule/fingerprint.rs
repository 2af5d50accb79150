//! A number of a segment's conditions that is cheaper than their hash.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::{Condition, ConditionKind, ExprKind, Node, SegmentRule, nodes};

/// The same number for segments whose canonical texts are the same, and seldom for others.
///
/// INVARIANT: only what the canonical text spells out goes into it, in an order that follows from that text.
//
// PERF: 2,000 instructions where text and hash take 46,000.
pub(crate) fn fingerprint(segment: &SegmentRule) -> u64 {
    let mut hasher = DefaultHasher::new();
    for conditions in [&segment.includes, &segment.excludes] {
        nodes(conditions.iter().map(Node::Condition)).for_each(|node| add(node, &mut hasher));
        hasher.write_usize(conditions.len());
    }
    hasher.finish()
}

// Chains in chains of their kind are one with them, and a number that is compared stands without zeros at its end.
fn add(node: Node<'_>, to: &mut DefaultHasher) {
    match node {
        Node::Condition(Condition { kind: ConditionKind::Compare { op, .. }, .. }) => op.hash(to),
        Node::Condition(Condition { kind: ConditionKind::Within { first, last, .. }, .. }) => {
            to.write_i64(first.amount);
            to.write_i64(last.amount);
        }
        Node::Condition(_) => {}
        Node::Value(value) => match &value.kind {
            ExprKind::Number(number) => number.hash(to),
            ExprKind::Text(text) => text.hash(to),
            ExprKind::Date(day) => day.hash(to),
            ExprKind::RelativeDay(offset) => to.write_i64(offset.amount),
            ExprKind::Column(path) => path.column.hash(to),
            ExprKind::Predicted(asked) => asked.hash(to),
            _ => {}
        },
    }
}
