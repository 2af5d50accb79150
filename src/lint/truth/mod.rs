//! What is always true, never true, said twice or said in vain.
//!
//! One walk over each rule. The smallest condition that is to blame gets the finding; what contains it is not blamed
//! again.

mod compare;
mod deep;
mod list;
mod partition;
mod relation;
mod say;
mod segment;
mod test;
mod value;
mod walk;

use std::collections::{HashMap, HashSet};

use self::partition::Earlier;
use super::{
    Rules,
    reason::{Effort, Meaning, Reason},
};
use crate::{
    diagnostic::{Code, Finding, Sources, Span},
    rule::{Condition, Place, RuleSet, SegmentId},
    schema::Schema,
};

/// Steps of comparing sets, beyond what is linear in the rules: of one segment, of all segments, and of the segments
/// with each other.
const EFFORT_A_SEGMENT: u64 = 200_000;
const EFFORT: u64 = 10_000_000;
const EFFORT_DEEP: u64 = 100_000_000;

pub(super) struct Lints<'a> {
    schema: &'a Schema,
    rules: &'a RuleSet,
    sources: &'a Sources,
    reason: Reason<'a>,
    deep: bool,
    /// Of the segment at hand.
    effort: Effort,
    findings: Vec<Finding>,
    /// The body of a `let` is at fault once.
    seen: HashSet<(Span, Code)>,
}

/// What a condition means, and what has been said of it.
struct Judged<'a> {
    meaning: Meaning<'a>,
    /// Of one that is always true or never true: it has been reported, or is meant so.
    told: bool,
    why: Why,
}

/// Why a condition is always or never true; empty where there is nothing to say.
#[derive(Debug, Clone, Default)]
struct Why {
    text: String,
    /// What to do, where that is not the usual.
    help: Option<&'static str>,
}

/// One of the conditions of a list.
struct Operand<'a> {
    judged: Judged<'a>,
    place: Place,
    span: Span,
    /// It says on purpose what another one says too.
    is_explicit: bool,
}

/// Of the segments of a share, one of so many.
pub(super) fn lint(
    rules: Rules<'_>,
    share: &[SegmentId],
    shares: usize,
    deep: bool,
) -> Vec<Finding> {
    let mut lints = Lints::new(rules, share.len(), deep);
    let effort = EFFORT / u64::try_from(shares).unwrap_or(u64::MAX).max(1);
    lints.segments(share, Effort::new(effort));
    lints.findings
}

/// The warnings about the conditions that the schema has on purchases.
pub(super) fn lint_purchases(rules: Rules<'_>) -> Vec<Finding> {
    let mut lints = Lints::new(rules, 1, false);
    for filter in rules.set.purchase_filters() {
        lints.effort = Effort::new(EFFORT_A_SEGMENT);
        lints.condition(filter);
    }
    lints.findings
}

impl<'a> Lints<'a> {
    fn new(rules: Rules<'a>, segments: usize, deep: bool) -> Self {
        let Rules { schema, set, sources } = rules;
        Self {
            schema,
            rules: set,
            sources,
            reason: Reason::new(schema, segments),
            deep,
            effort: Effort::new(0),
            findings: Vec::new(),
            seen: HashSet::new(),
        }
    }

    fn segments(&mut self, share: &[SegmentId], mut effort: Effort) {
        let rules = self.rules;
        let parts = rules.partition_of_parts();
        let mut partitions: HashMap<usize, Earlier<'a>> = HashMap::new();
        let mut members = HashMap::new();
        // A segment after those it refers to, a part after those before it.
        for id in share {
            let Some(rule) = rules.segment(*id) else { continue };
            self.effort = effort.part(EFFORT_A_SEGMENT);
            let meaning = match parts.get(id) {
                Some(partition) => self.part(rule, partitions.entry(*partition).or_default()),
                None => self.segment(rule).meaning,
            };
            if self.deep {
                self.learn(*id, rule, &meaning);
                members.insert(*id, meaning);
            }
            effort.give_back(std::mem::replace(&mut self.effort, Effort::new(0)));
        }
        if self.deep {
            self.effort = Effort::new(EFFORT_DEEP);
            self.deep(&members);
        }
    }

    fn report(&mut self, code: Code, span: Span, message: String, help: &str) {
        if self.seen.insert((span, code)) {
            self.findings.push(Finding::new(code, span, message).help(help));
        }
    }
}

impl<'a> Judged<'a> {
    fn open(meaning: Meaning<'a>) -> Self {
        Self { meaning, told: false, why: Why::default() }
    }

    fn because(meaning: Meaning<'a>, why: impl Into<Why>) -> Self {
        Self { meaning, told: false, why: why.into() }
    }

    /// As it is meant, or after it was reported.
    fn told(meaning: Meaning<'a>) -> Self {
        Self { meaning, told: true, why: Why::default() }
    }

    fn negated_if(self, negated: bool) -> Self {
        Self { meaning: self.meaning.negated_if(negated), ..self }
    }

    /// The complement, as the text of a condition around says it.
    fn negated_by(self, origin: Span) -> Self {
        Self { meaning: self.meaning.complement().said_by(origin), ..self }
    }
}

impl Why {
    fn helped(text: String, help: &'static str) -> Self {
        Self { text, help: Some(help) }
    }
}

impl From<String> for Why {
    fn from(text: String) -> Self {
        Self { text, help: None }
    }
}

impl From<&str> for Why {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl<'a> Operand<'a> {
    fn new(judged: Judged<'a>, condition: &Condition) -> Self {
        let (place, span) = (condition.place, condition.span);
        Self { judged, place, span, is_explicit: false }
    }
}
