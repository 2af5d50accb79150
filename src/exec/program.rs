//! The program of a bound plan, which serves other data of the same line.

use std::{collections::HashMap, sync::Arc};

use super::{
    Input, Inputs,
    op::{Action, ConditionOp, Planned, Route, Slot},
    resolve::Test,
    text::TextPredicate,
};
use crate::{
    calendar::Moment,
    plan::{Aggregate, ConditionId, Now, Plan, SegmentNode, ValueId, ValueKind},
    schema::ColumnId,
    snapshot::{Dictionary, Snapshot, Wanted},
    value::Key,
};

/// What is worked out, step by step. It stays good for other customers as long as [`Program::fits`] says so.
#[derive(Clone)]
pub(crate) struct Program(pub(super) Arc<Steps>);

pub(super) struct Steps {
    pub(super) now: Now,
    pub(super) routes: Vec<Route>,
    /// What is needed, in the order in which it is worked out.
    pub(super) steps: Vec<Planned>,
    pub(super) segments: Vec<BoundSegment>,
    /// The steps whose answer is read from a dictionary.
    pub(super) by_texts: Vec<ByTexts>,
    /// For so few rows nothing is worth preparing.
    pub(super) few: bool,
    /// Ascending: the conditions whose answers stay when their last reader is done.
    pub(super) kept: Vec<ConditionId>,
    pub(super) yields: Yields,
    /// The values that are aggregates; empty for so few rows that it is not worth asking.
    pub(super) aggregates: HashMap<Aggregate, ValueId>,
    /// The columns that are read.
    pub(super) wanted: Wanted,
}

/// What a run leaves behind of segments.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Yields {
    Members,
    /// Members as bitmaps and as masks.
    MembersAndMasks,
    Masks,
}

impl Steps {
    pub(super) fn know_aggregates(&mut self, plan: &Plan) {
        let values = (0..).map(ValueId).zip(plan.values());
        let aggregates = values.filter_map(|(id, node)| match &node.kind {
            ValueKind::Aggregate(of) => Some((plan.aggregates().get(of.0 as usize)?.clone(), id)),
            _ => None,
        });
        self.aggregates = aggregates.collect();
    }

    /// Has what stands be kept: the answers to these conditions, which say so by their numbers, and members.
    pub(super) fn keep(&mut self, kept: &[bool]) {
        if !kept.is_empty() {
            let ids = (0..).map(ConditionId).zip(kept);
            self.kept = ids.filter(|(_, kept)| **kept).map(|(id, _)| id).collect();
            self.yields = Yields::MembersAndMasks;
        }
    }

    pub(super) fn is_kept(&self, slot: Slot) -> bool {
        matches!(slot, Slot::Condition(id) if self.kept.binary_search(&id).is_ok())
    }
}

/// A step whose answer is read from a dictionary.
pub(super) struct ByTexts {
    pub(super) step: usize,
    pub(super) column: ColumnId,
    pub(super) predicate: TextPredicate,
    /// How many texts have been looked at.
    pub(super) looked_at: usize,
}

pub(super) struct BoundSegment {
    pub(super) is_evaluated: bool,
    pub(super) condition: ConditionId,
    /// Ascending.
    pub(super) pins_in: Vec<u32>,
    pub(super) pins_out: Vec<u32>,
    /// Another segment refers to its members.
    pub(super) is_read: bool,
}

impl Program {
    /// Takes over what the data have more than those that the program was bound to: texts and keys. Whether that is all
    /// that it needs to serve these segments, none of which may read a cut that has moved, is the answer.
    pub(super) fn fits(
        &mut self,
        plan: &Plan,
        snapshot: &Snapshot,
        moment: Moment,
        inputs: &Inputs,
    ) -> bool {
        let is_evaluated = |number| matches!(inputs.of(number), Input::Evaluate { .. });
        let mut segments = self.0.segments.iter().enumerate();
        if self.0.now.moment != moment
            || self.0.segments.len() != plan.segments().len()
            || segments.any(|(number, segment)| segment.is_evaluated != is_evaluated(number))
        {
            return false;
        }
        let texts = |one: &ByTexts| snapshot.dictionary(one.column).map_or(0, Dictionary::len);
        let has_pins = |node: &SegmentNode| !node.pins_in.is_empty() || !node.pins_out.is_empty();
        let more_texts = self.0.by_texts.iter().any(|one| one.looked_at != texts(one));
        if !more_texts && !plan.segments().iter().any(has_pins) {
            return true;
        }
        let Some(steps) = Arc::get_mut(&mut self.0) else { return false };
        for one in &mut steps.by_texts {
            let (Some(dictionary), Some(planned)) =
                (snapshot.dictionary(one.column), steps.steps.get_mut(one.step))
            else {
                return false;
            };
            if one.looked_at == dictionary.len() {
                continue;
            }
            let Action::Condition {
                op: ConditionOp::Column { test: Test::Codes(set) | Test::ElementCodes(set), .. },
                ..
            } = &mut planned.action
            else {
                return false;
            };
            one.predicate.extend(set, dictionary, one.looked_at);
            one.looked_at = dictionary.len();
        }
        for (segment, node) in steps.segments.iter_mut().zip(plan.segments()) {
            segment.pins_in = rows_of(snapshot, &node.pins_in);
            segment.pins_out = rows_of(snapshot, &node.pins_out);
        }
        true
    }
}

pub(super) fn bound_segments(
    plan: &Plan,
    snapshot: &Snapshot,
    inputs: &Inputs,
) -> Vec<BoundSegment> {
    (plan.segments().iter().enumerate())
        .map(|(number, segment)| BoundSegment {
            is_evaluated: matches!(inputs.of(number), Input::Evaluate { .. }),
            condition: segment.condition,
            pins_in: rows_of(snapshot, &segment.pins_in),
            pins_out: rows_of(snapshot, &segment.pins_out),
            is_read: false,
        })
        .collect()
}

fn rows_of(snapshot: &Snapshot, keys: &[Key]) -> Vec<u32> {
    let mut rows: Vec<u32> = keys.iter().filter_map(|key| snapshot.row_of(key)).collect();
    rows.sort_unstable();
    rows.dedup();
    rows
}
