//! Rules as the public sees them.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, OnceLock},
};

use super::RulesBuilder;
use crate::{
    diagnostic::{Diagnostic, Finding, Sources, Span, nearest},
    error::Result,
    limits::with_most_room,
    parallel::in_parallel,
    rule::{
        self, ContentHash, RuleSet, SegmentId, SegmentKind, SegmentRule, canonical_text,
        content_hashes,
    },
    schema::Schema,
};

/// Segments that have been read and checked against a schema: what they name exists, what they compare can be
/// compared, and evaluating them cannot fail. Cheap to clone.
///
/// ```no_run
/// # fn main() -> segmenta::Result<()> {
/// # let schema = segmenta::Schema::from_toml("")?;
/// let rules = segmenta::Rules::parse(&schema, "segment nordic { include country in ('SE', 'NO') }")?;
/// let names: Vec<&str> = rules.segments().map(|segment| segment.name()).collect();
/// assert_eq!(names, ["nordic"]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Rules {
    inner: Arc<Inner>,
}

struct Inner {
    checked: Checked,
    by_name: HashMap<String, SegmentId>,
    /// Of the canonical texts, in the order of the segments.
    //
    // PERF: as much work as checking the rules, and many callers never ask.
    hashes: OnceLock<Vec<ContentHash>>,
}

/// Segments whose content one thread hashes together.
const HASHED_TOGETHER: usize = 512;

/// What rules are made of.
pub(super) struct Checked {
    pub(super) schema: Schema,
    pub(super) set: RuleSet,
    pub(super) sources: Sources,
    pub(super) warnings: Vec<Diagnostic>,
}

impl Rules {
    pub(super) fn new(checked: Checked) -> Self {
        let names = checked.set.segments.iter().map(|segment| SegmentRule::identity(&segment.name));
        let by_name = names.zip((0..).map(SegmentId)).collect();
        Self { inner: Arc::new(Inner { checked, by_name, hashes: OnceLock::new() }) }
    }

    /// Reads one rule file, called `rules.seg` in diagnostics.
    ///
    /// # Errors
    ///
    /// With every problem of the text, as [`Error::diagnostics`](crate::Error::diagnostics).
    pub fn parse(schema: &Schema, text: &str) -> Result<Self> {
        Self::builder(schema).file("rules.seg", text).build()
    }

    /// Begins with no file.
    pub fn builder(schema: &Schema) -> RulesBuilder {
        RulesBuilder::new(schema)
    }

    /// The schema the rules were checked against.
    pub fn schema(&self) -> &Schema {
        &self.inner.checked.schema
    }

    /// The segments in the order of the files, each part of a partition among them, then the lone conditions.
    pub fn segments(&self) -> impl ExactSizeIterator<Item = Segment<'_>> {
        let numbered = self.set().segments.iter().enumerate();
        numbered.map(|(number, rule)| Segment { rules: self, rule, number })
    }

    /// The partitions in the order of the files.
    ///
    /// ```no_run
    /// # fn main() -> segmenta::Result<()> {
    /// # let schema = segmenta::Schema::from_toml("")?;
    /// let rules = segmenta::Rules::parse(&schema, "
    ///     partition tier { gold when points >= 100, silver when points >= 10, rest otherwise }
    /// ")?;
    /// for partition in rules.partitions() {
    ///     let parts: Vec<&str> = partition.parts().map(|part| part.name()).collect();
    ///     assert_eq!(parts, ["tier.gold", "tier.silver", "tier.rest"]);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn partitions(&self) -> impl ExactSizeIterator<Item = Partition<'_>> {
        self.set().partitions.iter().map(|partition| Partition { rules: self, partition })
    }

    /// The segment of this name, found without regard to case.
    pub fn segment(&self, name: &str) -> Option<Segment<'_>> {
        self.at(self.find(name)?)
    }

    /// The name of a segment that was most likely meant by a name that no segment has.
    pub fn nearest_segment(&self, name: &str) -> Option<&str> {
        nearest(name, self.set().segments.iter().map(|rule| rule.name.as_str()))
    }

    /// What was found that does not refuse the rules.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.inner.checked.warnings
    }

    pub(crate) fn set(&self) -> &RuleSet {
        &self.inner.checked.set
    }

    /// Of the segments' canonical texts, in the order of the segments.
    pub(crate) fn hashes(&self) -> &[ContentHash] {
        if let Some(known) = self.inner.hashes.get() {
            return known;
        }
        let shares: Vec<&[SegmentRule]> = self.set().segments.chunks(HASHED_TOGETHER).collect();
        // Nobody waits for the threads that share this work: one of them may be the one who asks.
        let hashes = in_parallel(shares.len(), |number| {
            let share = shares.get(number).copied().unwrap_or_default();
            with_most_room(|| content_hashes(share, self.set(), self.schema()))
        });
        self.inner.hashes.get_or_init(|| hashes.into_iter().flatten().collect())
    }

    fn at(&self, id: SegmentId) -> Option<Segment<'_>> {
        let number = usize::try_from(id.0).ok()?;
        Some(Segment { rules: self, rule: self.set().segments.get(number)?, number })
    }

    pub(crate) fn find(&self, name: &str) -> Option<SegmentId> {
        self.inner.by_name.get(&SegmentRule::identity(name)).copied()
    }

    /// What stands at a place in the rules.
    pub(super) fn text_at(&self, span: Span) -> Option<&str> {
        self.inner.checked.sources.text(span)
    }

    /// A finding at a place in the rules, as a diagnostic.
    pub(crate) fn resolve(&self, finding: Finding) -> Diagnostic {
        self.inner.checked.sources.resolve(finding)
    }
}

/// The names of the segments; never the pinned keys.
impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rules ")?;
        f.debug_list().entries(self.segments().map(|segment| segment.rule.name.as_str())).finish()
    }
}

/// One segment as its rule defines it.
#[derive(Clone, Copy)]
pub struct Segment<'a> {
    rules: &'a Rules,
    rule: &'a SegmentRule,
    /// Its place among the rules.
    number: usize,
}

impl<'a> Segment<'a> {
    /// The name, as it is defined.
    pub fn name(self) -> &'a str {
        &self.rule.name
    }

    /// The title, as in `segment vip "VIP customers"`.
    pub fn title(self) -> Option<&'a str> {
        self.rule.title.as_deref()
    }

    /// Static or dynamic.
    pub fn kind(self) -> SegmentKind {
        self.rule.kind
    }

    /// Whether it keeps its last members instead of being calculated.
    pub fn inactive(self) -> bool {
        self.rule.inactive
    }

    /// `analytics: …`; `false` when left out.
    pub fn analytics(self) -> bool {
        self.rule.metadata.analytics
    }

    /// `description: …`
    pub fn description(self) -> Option<&'a str> {
        self.rule.metadata.description.as_deref()
    }

    /// `owner: …`
    pub fn owner(self) -> Option<&'a str> {
        self.rule.metadata.owner.as_deref()
    }

    /// `labels: …`
    pub fn labels(self) -> &'a [String] {
        &self.rule.metadata.labels
    }

    /// What the segment's conditions say, in one form for every layout, with `let`s expanded; title, metadata, pins and
    /// kind are left out. For people who want to know why a [content hash](Segment::content_hash) changed; the first
    /// line names the version of the form.
    ///
    /// A fixed local time stands as the instant that it is in the schema's time zone. Nothing else of the schema is in
    /// the text but the names of tables and columns.
    pub fn canonical_text(self) -> String {
        let Self { rules, rule, .. } = self;
        with_most_room(|| canonical_text(rule, rules.set(), rules.schema()))
    }

    /// The hash of the canonical text. A static segment is formed anew when it changes. The first call calculates the
    /// hashes of all segments of the rules.
    pub fn content_hash(self) -> ContentHash {
        let hash = self.rules.hashes().get(self.number).copied();
        hash.unwrap_or_else(|| ContentHash::of(&self.canonical_text()))
    }
}

impl fmt::Debug for Segment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Segment")
            .field("name", &self.name())
            .field("title", &self.title())
            .field("kind", &self.kind())
            .field("inactive", &self.inactive())
            .finish_non_exhaustive()
    }
}

/// A partition: segments of which each customer is in the first that fits, and so in one at the most.
#[derive(Clone, Copy)]
pub struct Partition<'a> {
    rules: &'a Rules,
    partition: &'a rule::Partition,
}

impl<'a> Partition<'a> {
    /// The name, as it is defined.
    pub fn name(self) -> &'a str {
        &self.partition.name
    }

    /// The title, which is that of each part too.
    pub fn title(self) -> Option<&'a str> {
        self.partition.title.as_deref()
    }

    /// Its parts in order, each a segment called `NAME.part`.
    pub fn parts(self) -> impl Iterator<Item = Segment<'a>> {
        self.partition.parts.iter().filter_map(move |id| self.rules.at(*id))
    }
}

impl fmt::Debug for Partition<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Partition")
            .field("name", &self.name())
            .field("title", &self.title())
            .finish_non_exhaustive()
    }
}
