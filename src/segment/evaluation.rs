//! One answer for one moment.

use std::{collections::HashMap, fmt};

use roaring::RoaringBitmap;

use super::Members;
use crate::{diagnostic::Diagnostic, rule::SegmentRule, snapshot::Snapshot, value::Key};

/// The members of every segment at one moment, all calculated from the rules alone: static and inactive segments like
/// dynamic ones.
pub struct Evaluation {
    snapshot: Snapshot,
    segments: Vec<(String, RoaringBitmap)>,
    by_name: HashMap<String, usize>,
    customers: u64,
    warnings: Vec<Diagnostic>,
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
        Self { snapshot, segments, by_name, customers, warnings }
    }

    /// The rows of the segment's members; `None` where there is no such segment. Case does not matter.
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

    /// Every segment's name and the rows of its members, in the order of the rules.
    pub fn segments(&self) -> impl Iterator<Item = (&str, &RoaringBitmap)> {
        self.segments.iter().map(|(name, rows)| (name.as_str(), rows))
    }

    /// How many customers exist at that moment.
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// What was found on the way, such as pinned keys that no customer has.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }
}

/// Sizes, never keys.
impl fmt::Debug for Evaluation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.segments().map(|(name, rows)| (name, rows.len()))).finish()
    }
}
