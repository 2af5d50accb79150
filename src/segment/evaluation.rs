//! One answer for one moment.

use std::{collections::HashMap, fmt};

use roaring::RoaringBitmap;

use super::Members;
use crate::{
    computed::Model, diagnostic::Diagnostic, rule::SegmentRule, snapshot::Snapshot, value::Key,
};

/// The members of every segment at one moment, all calculated from the rules alone: static and inactive segments like
/// dynamic ones.
pub struct Evaluation {
    snapshot: Snapshot,
    segments: Vec<(String, RoaringBitmap)>,
    by_name: HashMap<String, usize>,
    customers: u64,
    warnings: Vec<Diagnostic>,
    failures: Vec<(String, Diagnostic)>,
    model: Option<Model>,
}

impl Evaluation {
    pub(crate) fn new(
        snapshot: Snapshot,
        segments: Vec<(String, RoaringBitmap)>,
        customers: u64,
        warnings: Vec<Diagnostic>,
    ) -> Self {
        let names = segments.iter().map(|(name, _)| SegmentRule::identity(name));
        let by_name = names.zip(0..).collect();
        let (failures, model) = (Vec::new(), None);
        Self { snapshot, segments, by_name, customers, warnings, failures, model }
    }

    pub(crate) fn with(self, failures: Vec<(String, Diagnostic)>, model: Option<Model>) -> Self {
        Self { failures, model, ..self }
    }

    /// The rows of the segment's members; `None` where there is no such segment, or it could not be evaluated. Case does
    /// not matter.
    pub fn members(&self, segment: &str) -> Option<&RoaringBitmap> {
        let at = self.by_name.get(&SegmentRule::identity(segment))?;
        self.segments.get(*at).map(|(_, rows)| rows)
    }

    /// The segment's members, for set algebra and questions by key.
    pub fn select(&self, segment: &str) -> Option<Members<'_>> {
        self.members(segment).map(|rows| Members::new(rows, &self.snapshot))
    }

    /// The keys of the segment's members, ascending.
    pub fn keys(&self, segment: &str) -> Option<Vec<Key>> {
        self.select(segment).map(|members| members.keys())
    }

    /// The name of every segment that was evaluated, and the rows of its members, in the order of the rules.
    pub fn segments(&self) -> impl Iterator<Item = (&str, &RoaringBitmap)> {
        self.segments.iter().map(|(name, rows)| (name.as_str(), rows))
    }

    #[cfg(feature = "arrow")]
    pub(crate) fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// How many customers exist at that moment.
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// What was found on the way, such as pinned keys that no customer has.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// The segments that could not be evaluated because a model behind `predict.*` could not be fitted, and why; in the
    /// order of the rules. A segment that refers to one of them is one of them.
    pub fn failures(&self) -> impl ExactSizeIterator<Item = (&str, &Diagnostic)> {
        self.failures.iter().map(|(name, why)| (name.as_str(), why))
    }

    /// The models that were read for `predict.*`, fitted or given; `None` where none was.
    pub fn model(&self) -> Option<&Model> {
        self.model.as_ref()
    }
}

/// Sizes, never keys.
impl fmt::Debug for Evaluation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.segments().map(|(name, rows)| (name, rows.len()))).finish()
    }
}
