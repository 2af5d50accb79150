//! What a refresh changed.

use std::{collections::HashMap, fmt, sync::Arc};

use roaring::RoaringBitmap;

use super::members::keys;
use crate::{
    computed::Model, diagnostic::Diagnostic, rule::SegmentRule, snapshot::Snapshot, value::Key,
};

/// The numbers of segments by their names, without regard to case.
pub(crate) type Numbers = Arc<HashMap<String, usize>>;

/// What a refresh changed, segment by segment.
pub struct Refresh {
    changes: Vec<Change>,
    numbers: Numbers,
    warnings: Vec<Diagnostic>,
    failures: Vec<(String, Diagnostic)>,
    model: Option<Model>,
    /// Marks segments that only kept their members, in the order of the rules; empty where none did.
    left_out: Vec<bool>,
}

/// Who entered and who left one segment since the refresh before.
#[non_exhaustive]
pub struct Change {
    /// The segment's name.
    pub segment: Arc<str>,
    /// The rows of those who are in and were not.
    pub entered: RoaringBitmap,
    /// The rows of those who were in and are not, deleted customers among them.
    pub left: RoaringBitmap,
    /// How many are in.
    pub members: u64,
    pub(super) snapshot: Snapshot,
}

impl Refresh {
    pub(crate) fn new(
        changes: Vec<Change>,
        numbers: Numbers,
        warnings: Vec<Diagnostic>,
        failures: Vec<(String, Diagnostic)>,
        model: Option<Model>,
    ) -> Self {
        Self { changes, numbers, warnings, failures, model, left_out: Vec::new() }
    }

    /// The same, of all segments but those marked.
    pub(crate) fn without(self, left_out: Vec<bool>) -> Self {
        Self { left_out, ..self }
    }

    /// The segments that kept their members because the refresh was of others; see
    /// [`refresh_some`](crate::Engine::refresh_some).
    pub fn left_out(&self) -> impl Iterator<Item = &str> {
        let marked = self.changes.iter().zip(&self.left_out).filter(|(_, left_out)| **left_out);
        marked.map(|(change, _)| change.segment.as_ref())
    }

    /// Whether the segment of this number is one of them.
    #[cfg(feature = "store")]
    pub(crate) fn is_left_out(&self, number: usize) -> bool {
        self.left_out.get(number) == Some(&true)
    }

    /// One entry a segment, in the order of the rules, unchanged ones too.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// The segment's change; `None` where there is no such segment. Case does not matter.
    pub fn change(&self, segment: &str) -> Option<&Change> {
        self.changes.get(*self.numbers.get(&SegmentRule::identity(segment))?)
    }

    /// What was found on the way, such as pinned keys that no customer has.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// The segments that kept their last members because a model behind `predict.*` could not be fitted, and why; in the
    /// order of the rules. A segment that refers to one of them is one of them.
    pub fn failures(&self) -> impl ExactSizeIterator<Item = (&str, &Diagnostic)> {
        self.failures.iter().map(|(name, why)| (name.as_str(), why))
    }

    /// The models that were read for `predict.*`, fitted or given; `None` where none was.
    pub fn model(&self) -> Option<&Model> {
        self.model.as_ref()
    }
}

impl fmt::Debug for Refresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refresh")
            .field("changes", &self.changes)
            .field("warnings", &self.warnings)
            .finish_non_exhaustive()
    }
}

impl Change {
    /// The keys of those who entered, ascending.
    pub fn entered_keys(&self) -> Vec<Key> {
        keys(&self.entered, &self.snapshot)
    }

    /// The keys of those who left, ascending; those of deleted customers too.
    pub fn left_keys(&self) -> Vec<Key> {
        keys(&self.left, &self.snapshot)
    }

    /// Whether nobody entered and nobody left.
    pub fn is_empty(&self) -> bool {
        self.entered.is_empty() && self.left.is_empty()
    }
}

/// Sizes, never keys.
impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Change")
            .field("segment", &self.segment)
            .field("entered", &self.entered.len())
            .field("left", &self.left.len())
            .field("members", &self.members)
            .finish_non_exhaustive()
    }
}
