//! Rules with names and types settled: what the user wrote and what it means, `let`s expanded, not simplified.
//!
//! Everything that reads meaning reads this: the plan, the oracle, the canonical text.

mod aggregate;
mod canonical;
mod condition;
mod expr;
mod fingerprint;
#[cfg(test)]
pub(crate) mod forms;
mod hash;
#[cfg(feature = "store")]
mod mark;
mod nodes;
mod predict;
mod rfm;
#[cfg(test)]
mod tests;

pub(crate) use aggregate::{Aggregate, AggregateFunction};
pub(crate) use canonical::{canonical_text, content_hashes, expr_text};
pub(crate) use condition::{
    CompareOp, Condition, ConditionKind, Domain, End, Place, Quantifier, Share, TextTest,
    YearlyWindow,
};
pub(crate) use expr::{ArithmeticOp, ColumnPath, Expr, ExprKind, ExprType, Function, Start};
pub(crate) use fingerprint::fingerprint;
pub use hash::{ContentHash, InvalidContentHash};
#[cfg(feature = "store")]
pub(crate) use mark::RuleMark;
pub(crate) use nodes::{Node, nodes};
pub(crate) use predict::{Predict, Prediction, PredictionUse};
pub(crate) use rfm::{Rfm, RfmField};

use std::collections::HashMap;

use crate::{diagnostic::Span, value::Key};

/// The segments of a project, checked together.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RuleSet {
    /// In the order of the files.
    pub(crate) segments: Vec<SegmentRule>,
    /// Every segment after those it refers to; among free choices, in the order of the files.
    pub(crate) order: Vec<SegmentId>,
    /// In the order of the files.
    pub(crate) partitions: Vec<Partition>,
    /// In the order of the files, and of the places in them.
    pub(crate) lets: Vec<LetHead>,
    /// What the columns `rfm.*` are computed from; `None` where the schema does not set them up.
    pub(crate) rfm: Option<Rfm>,
    /// What `predict.*` is computed from; `None` where the schema does not set it up.
    pub(crate) predict: Option<Predict>,
}

/// What a `let` is called and where it is; its body is expanded wherever it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LetHead {
    pub(crate) name: String,
    pub(crate) parameters: Vec<String>,
    pub(crate) body: Span,
    /// Its first use, outside of the bodies of others.
    pub(crate) used_at: Option<Span>,
}

impl RuleSet {
    /// Rules that say nothing.
    pub(crate) fn nothing() -> Self {
        let (segments, order, partitions, lets) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { segments, order, partitions, lets, rfm: None, predict: None }
    }

    /// The segments with their numbers, in the order of the files.
    pub(crate) fn numbered(&self) -> impl Iterator<Item = (SegmentId, &SegmentRule)> {
        (0..).map(SegmentId).zip(&self.segments)
    }

    /// The conditions that the schema has on purchases, as they were written.
    pub(crate) fn purchase_filters(&self) -> impl Iterator<Item = &Condition> {
        let scored = self.rfm.iter().filter_map(|rfm| match &rfm.count.kind {
            ExprKind::Aggregate(aggregate) => aggregate.filter.as_ref(),
            _ => None,
        });
        // Beside it stands what makes a row a purchase.
        let scored = scored.flat_map(|filter| match &filter.kind {
            ConditionKind::And(list) if filter.place.own.is_none() => list.as_slice(),
            _ => std::slice::from_ref(filter),
        });
        let predicted = self.predict.iter().filter_map(|predict| predict.filter.as_ref());
        scored.filter(|filter| filter.place.own.is_some()).chain(predicted)
    }

    /// Of each part of a partition, the place of that among the partitions.
    pub(crate) fn partition_of_parts(&self) -> HashMap<SegmentId, usize> {
        let numbered = self.partitions.iter().zip(0..);
        numbered.flat_map(|(found, n)| found.parts.iter().map(move |part| (*part, n))).collect()
    }

    /// A use of the `let` in whose body a place is.
    pub(crate) fn use_around(&self, span: Span) -> Option<Span> {
        let before = self.lets.partition_point(|found| found.body <= span);
        // A body is greater than what begins where it does.
        let near = self.lets.iter().take(before + 1).rev().take(2);
        near.filter(|found| found.body.holds(span)).find_map(|found| found.used_at)
    }

    pub(crate) fn segment(&self, id: SegmentId) -> Option<&SegmentRule> {
        self.segments.get(usize::try_from(id.0).ok()?)
    }
}

/// Which segments are the parts of one partition.
///
/// INVARIANT: a part includes its own condition, or everyone if it is the last and says `otherwise`; it excludes the
/// conditions of all parts before it, in their order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Partition {
    pub(crate) name: String,
    /// The parts have it too.
    pub(crate) title: Option<String>,
    /// In order; their numbers follow each other.
    pub(crate) parts: Vec<SegmentId>,
    pub(crate) span: Span,
}

/// The number of a segment in its rule set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SegmentId(pub(crate) u32);

/// Whether members are calculated anew.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum SegmentKind {
    /// Formed once; who got in stays in.
    Static,
    /// Calculated at every refresh.
    Dynamic,
}

/// One segment.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SegmentRule {
    pub(crate) name: String,
    pub(crate) title: Option<String>,
    pub(crate) kind: SegmentKind,
    /// Not recalculated when `true`.
    pub(crate) inactive: bool,
    pub(crate) metadata: Metadata,
    /// A customer who meets one is taken in; none: everyone, or nobody where `pins_in` is `Some`.
    pub(crate) includes: Vec<Condition>,
    /// A customer who meets one is taken out.
    pub(crate) excludes: Vec<Condition>,
    /// `None` where there is no `pin in`.
    pub(crate) pins_in: Option<Vec<Pin>>,
    pub(crate) pins_out: Vec<Pin>,
    pub(crate) span: Span,
}

impl SegmentRule {
    /// What a name is found by: segments differ in more than case.
    pub(crate) fn identity(name: &str) -> String {
        name.to_lowercase()
    }

    /// The segments whose members it reads.
    #[cfg(feature = "store")]
    pub(crate) fn segments(&self) -> impl Iterator<Item = SegmentId> {
        let conditions = self.includes.iter().chain(&self.excludes);
        nodes(conditions.map(Node::Condition)).filter_map(|node| match node {
            Node::Condition(Condition { kind: ConditionKind::InSegment(id), .. }) => Some(*id),
            _ => None,
        })
    }
}

/// A pinned key and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pin {
    pub(crate) key: Key,
    pub(crate) span: Span,
}

/// What is said of a segment beside its rule.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Metadata {
    pub(crate) analytics: bool,
    pub(crate) description: Option<String>,
    pub(crate) owner: Option<String>,
    pub(crate) labels: Vec<String>,
}
