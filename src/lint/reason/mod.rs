//! What a condition says about the values it looks at: sets of values by subject.
//!
//! Values are hash-consed into terms, conditions into literals: equal ones have equal numbers, wherever they stand. A
//! *subject* is one way to look at a term (its value, its day as counted from today, its letters without their case …),
//! or a condition that is not understood any further. Of each condition two *cubes* are kept: which values its subjects
//! must have where it is true, and where it is false. Whatever is dropped from a cube only makes it say less, so
//! everything that follows from cubes holds.

mod constant;
mod cube;
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
    meaning::{NodeId, NodeKey},
    subject::SubjectInfo,
    term::Term,
};
use crate::{rule::SegmentId, schema::Schema};

/// Everything that was met, each thing once.
pub(crate) struct Reason<'a> {
    schema: &'a Schema,
    terms: Vec<Term<'a>>,
    terms_by_key: HashMap<TermKey<'a>, TermId>,
    subjects: Vec<SubjectInfo<'a>>,
    subjects_by_key: HashMap<SubjectKey<'a>, Subject>,
    nodes: HashMap<NodeKey<'a>, NodeId>,
    /// What is known of those who are in a segment, and of those who are not.
    segments: HashMap<SegmentId, (Option<Cube<'a>>, Option<Cube<'a>>)>,
}

impl<'a> Reason<'a> {
    pub(crate) fn new(schema: &'a Schema) -> Self {
        Self {
            schema,
            terms: Vec::new(),
            terms_by_key: HashMap::new(),
            subjects: Vec::new(),
            subjects_by_key: HashMap::new(),
            nodes: HashMap::new(),
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
