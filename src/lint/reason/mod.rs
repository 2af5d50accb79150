//! What a condition says about the values it looks at: sets of values by subject.
//!
//! Values are hash-consed into terms, conditions into literals: equal ones have equal numbers, wherever they stand. A
//! *subject* is one way to look at a term (its value, its day as counted from today, its letters without their case …),
//! or a condition that is not understood any further. Of each condition two *cubes* are kept: which values its subjects
//! must have where it is true, and where it is false. Whatever is dropped from a cube only makes it say less, so
//! everything that follows from cubes holds.

mod constant;
mod cube;
mod folding;
mod meaning;
mod set;
mod subject;
mod term;
mod time;

pub(crate) use constant::{Constant, compares, constant, days_or_months, minutes};
pub(crate) use cube::{Clash, Cube, Effort, Fact};
pub(crate) use meaning::{Conflict, Facts, Literal, Meaning, Truth};
pub(crate) use set::{Cut, Set};
pub(crate) use subject::{Bound, Subject, SubjectKey, Window, float_step};
pub(crate) use term::{TermId, TermKey};

use std::collections::HashMap;

use self::{
    folding::Folding,
    meaning::{NodeId, NodeKey},
    subject::SubjectInfo,
    term::Term,
};
use crate::{rule::SegmentId, schema::Schema};

/// Everything that was met, each thing once.
pub(crate) struct Reason<'a> {
    schema: &'a Schema,
    terms: Vec<Term<'a>>,
    terms_by_key: HashMap<TermKey<'a>, TermId, Folding>,
    subjects: Vec<SubjectInfo<'a>>,
    subjects_by_key: HashMap<SubjectKey<'a>, Subject, Folding>,
    nodes: HashMap<NodeKey<'a>, NodeId, Folding>,
    /// PERF: what subjects in small sets mean, since most rule sets say the same things again and again.
    atoms: HashMap<(Subject, Set<'a>), Meaning<'a>, Folding>,
    /// PERF: the sets of what is 0 or 1, which every second condition needs.
    flags: Flags<'a>,
    /// PERF: kept between calls, since most conditions ask what follows from them.
    follows: Vec<(Subject, Set<'a>)>,
    /// What is known of those who are in a segment, and of those who are not.
    segments: HashMap<SegmentId, (Option<Cube<'a>>, Option<Cube<'a>>)>,
}

/// What a subject can be that is 0 or 1.
struct Flags<'a> {
    domain: Set<'a>,
    no: Set<'a>,
    yes: Set<'a>,
}

impl<'a> Flags<'a> {
    fn of(&self, truth: bool) -> Set<'a> {
        if truth { self.yes.clone() } else { self.no.clone() }
    }
}

impl<'a> Reason<'a> {
    /// For so many segments.
    pub(crate) fn new(schema: &'a Schema, segments: usize) -> Self {
        let folding = Folding::new();
        // PERF: a quarter of the work of finding things by their keys was to make room for them.
        let room = 4 * segments.min(1_000);
        Self {
            schema,
            terms: Vec::with_capacity(room),
            terms_by_key: HashMap::with_capacity_and_hasher(room, folding.clone()),
            subjects: Vec::with_capacity(2 * room),
            subjects_by_key: HashMap::with_capacity_and_hasher(2 * room, folding.clone()),
            nodes: HashMap::with_capacity_and_hasher(2 * room, folding.clone()),
            atoms: HashMap::with_capacity_and_hasher(room, folding),
            flags: Flags { domain: Set::flags(), no: Set::step(0), yes: Set::step(1) },
            follows: Vec::new(),
            segments: HashMap::new(),
        }
    }

    /// Lets conditions on a segment say what its own conditions say.
    pub(crate) fn learn(
        &mut self,
        id: SegmentId,
        inside: Option<Cube<'a>>,
        outside: Option<Cube<'a>>,
    ) {
        self.segments.insert(id, (inside, outside));
    }
}
