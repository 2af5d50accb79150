//! What is kept of every segment from one refresh to the next.

use std::{collections::HashMap, sync::Arc};

use roaring::RoaringBitmap;

use super::Change;
use crate::{
    exec::{Input, Inputs, Outcome},
    rule::{RuleSet, SegmentKind, SegmentRule, canonical_text},
    schema::Schema,
    snapshot::Snapshot,
};

/// The members of every segment at the last refresh, by the segment's name without regard to case.
#[derive(Default)]
pub(crate) struct Memberships {
    by_name: HashMap<String, Membership>,
    /// What the conditions are, in the order of the rules; of static segments that are calculated.
    texts: Vec<Option<Arc<str>>>,
    /// Rows that were empty in a snapshot since the last refresh: a customer who is deleted and comes back before
    /// the next refresh is a new one all the same.
    gone: RoaringBitmap,
}

#[derive(Default)]
struct Membership {
    members: RoaringBitmap,
    frozen: Option<Frozen>,
}

/// Who was in a static segment when it was formed, pins apart.
struct Frozen {
    /// What the conditions were then.
    text: Arc<str>,
    base: RoaringBitmap,
}

/// The canonical texts of the segments that are formed once, which [`Memberships::adopt`] takes.
pub(crate) fn texts(rules: &RuleSet, schema: &Schema) -> Vec<Option<Arc<str>>> {
    let formed = |segment: &SegmentRule| segment.kind == SegmentKind::Static && !segment.inactive;
    let text = |segment| canonical_text(segment, rules, schema).into();
    rules.segments.iter().map(|segment| formed(segment).then(|| text(segment))).collect()
}

impl Memberships {
    /// The rows of the members at the last refresh.
    pub(crate) fn members(&self, segment: &str) -> Option<&RoaringBitmap> {
        self.by_name.get(&SegmentRule::identity(segment)).map(|membership| &membership.members)
    }

    /// Makes these the segments: what is known of the same names is kept, new ones are empty.
    pub(crate) fn adopt(&mut self, rules: &RuleSet, texts: Vec<Option<Arc<str>>>) {
        self.texts = texts;
        let mut known = std::mem::take(&mut self.by_name);
        for segment in &rules.segments {
            let name = SegmentRule::identity(&segment.name);
            let mut membership = known.remove(&name).unwrap_or_default();
            membership.frozen = membership.frozen.filter(|_| segment.kind == SegmentKind::Static);
            self.by_name.insert(name, membership);
        }
    }

    /// Notes the rows whose customers are no more.
    pub(crate) fn forget(&mut self, rows: &RoaringBitmap) {
        self.gone |= rows;
    }

    /// What the next refresh has to do for each segment.
    pub(crate) fn inputs(&self, rules: &RuleSet) -> Inputs {
        let segments = rules.segments.iter().zip(&self.texts);
        Inputs { segments: segments.map(|(segment, text)| self.input(segment, text)).collect() }
    }

    fn input(&self, segment: &SegmentRule, text: &Option<Arc<str>>) -> Input {
        let known = self.by_name.get(&SegmentRule::identity(&segment.name));
        if segment.inactive {
            let last = known.map(|membership| &membership.members - &self.gone);
            return Input::Members(last.unwrap_or_default());
        }
        let frozen = known.and_then(|membership| membership.frozen.as_ref());
        match frozen.filter(|frozen| text.as_ref() == Some(&frozen.text)) {
            Some(frozen) => Input::Base(&frozen.base - &self.gone),
            None => Input::Evaluate { keep_base: segment.kind == SegmentKind::Static },
        }
    }

    /// Takes over what a refresh found, and says what it changed.
    pub(crate) fn settle(
        &mut self,
        rules: &RuleSet,
        found: Vec<Outcome>,
        snapshot: &Snapshot,
    ) -> Vec<Change> {
        let gone = std::mem::take(&mut self.gone);
        let mut changes = Vec::with_capacity(found.len());
        for ((segment, text), outcome) in rules.segments.iter().zip(&self.texts).zip(found) {
            let membership = self.by_name.entry(SegmentRule::identity(&segment.name)).or_default();
            if let Some(frozen) = &mut membership.frozen {
                frozen.base -= &gone;
            }
            if let (Some(base), Some(text)) = (outcome.base, text) {
                membership.frozen = Some(Frozen { text: Arc::clone(text), base });
            }
            let before = std::mem::replace(&mut membership.members, outcome.members);
            let now = &membership.members;
            changes.push(Change {
                segment: segment.name.clone(),
                // A customer who was deleted and came back both left and entered.
                entered: now - &(&before - &gone),
                left: &before - &(now - &gone),
                members: now.len(),
                snapshot: snapshot.clone(),
            });
        }
        changes
    }
}
