//! Partitions: each part becomes a segment of its own.

use super::{Checker, describe, segment::empty_rule};
use crate::{
    diagnostic::{Code, Span},
    rule::{Partition, SegmentId, SegmentRule},
    syntax::tree,
};

impl<'a> Checker<'a> {
    /// Appends the parts to the segments, and what they refer to. Their copies of each other's conditions count
    /// together, so that they cannot outgrow one segment.
    pub(super) fn partition(
        &mut self,
        found: &'a tree::Partition,
        segments: &mut Vec<SegmentRule>,
        edges: &mut Vec<Vec<(usize, Span)>>,
    ) -> Partition {
        self.renew_budget();
        self.refuse_early_otherwise(&found.parts);
        let title = found.title.as_ref().map(|title| title.text.clone());
        let mut partition = Partition {
            name: found.name.text.clone(),
            title: title.clone(),
            parts: Vec::new(),
            span: found.span,
        };
        // What the parts before the one at hand say, and which segments they name.
        let (mut conditions, mut references, mut nodes) = (Vec::new(), Vec::new(), 0);
        for part in &found.parts {
            let mut rule = empty_rule(&part.name);
            rule.name = describe::part(found, part);
            rule.title = title.clone();
            rule.span = part.span;
            let has_room = self.spend_copies(nodes, part.name.span);
            let before = self.nodes;
            let own = part.when.as_ref().and_then(|when| self.clause(when));
            nodes += before.saturating_sub(self.nodes);
            references.append(&mut self.references);
            if has_room {
                rule.excludes.clone_from(&conditions);
                edges.push(references.clone());
            } else {
                edges.push(Vec::new());
            }
            rule.includes.extend(own.clone());
            conditions.extend(own);
            partition.parts.extend(u32::try_from(segments.len()).map(SegmentId));
            segments.push(rule);
        }
        partition
    }

    fn refuse_early_otherwise(&mut self, parts: &[tree::Part]) {
        let Some((_, before)) = parts.split_last() else { return };
        for part in before.iter().filter(|part| part.when.is_none()) {
            let message = "`otherwise` takes all who are left, so no part can follow";
            let help = "make it the last part";
            self.error_with::<()>(Code::MisplacedOtherwise, part.span, message, help);
        }
    }
}
