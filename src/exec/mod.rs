//! A plan over a snapshot at a moment: members as bitmaps.
//!
//! [`run`] takes two steps, and [`predict`] may come before it. Where rules ask for a customer's place among all, [`rank`] first works out the cuts. Then the
//! plan is bound once: relative times become days and instants, texts become codes, a test of a lookup's
//! column is answered for each of its rows, keys become rows. What no segment needs falls away. Then every chunk of
//! customers runs through all steps on its own: conditions are masks of one bit a row (bits behind the last row are
//! zero), values are vectors with a presence mask, and both are dropped after their last reader. Rows of child tables
//! have masks of their own; an aggregate walks them in the order of the customers. Chunks do not know of each other, so
//! any number of threads gives the same members.
//!
//! Times: what lies after `as_of` does not exist. Row masks may hold bits of such rows and of customers that do not
//! exist; aggregates and segments take them away.

mod ages;
mod aggregate;
mod bind;
mod call;
mod choose;
mod chunk;
mod compare;
mod derived;
mod gap;
mod hang;
mod kernels;
mod mask;
mod next;
mod number;
mod op;
mod partial;
mod predict;
mod program;
mod rank;
mod resolve;
mod rows;
mod share;
mod sheet;
mod standing;
mod text;
mod vector;

#[cfg(test)]
mod tests;

pub(crate) use next::{Next, Search, SegmentsRead, segments_read};
pub(crate) use partial::{Found, Prepared, State, follow, run_some};
pub(crate) use predict::{Predictions, predict};
pub(crate) use rank::Kept;
use roaring::RoaringBitmap;
pub(crate) use sheet::{Field, Sheet, sheets};
pub(crate) use standing::{Entering, Standing, advance, recut};

use crate::{
    calendar::Moment,
    plan::Plan,
    snapshot::Snapshot,
    watch::{Cancelled, Unit, Watch, Work},
};

/// What is to be done for each segment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Inputs {
    /// By the number of the segment; those behind the end are [`Input::Evaluate`] without a base.
    pub(crate) segments: Vec<Input>,
}

/// Where the members of a segment come from.
#[derive(Debug, Clone)]
pub(crate) enum Input {
    /// From its rule.
    Evaluate {
        /// Whether the outcome says who met the conditions, pins left aside.
        keep_base: bool,
    },
    /// From those who met the conditions once; pins come on top, and who is not in the snapshot is left out.
    Base(RoaringBitmap),
    /// These, as they are.
    Members(RoaringBitmap),
    /// From what stands; nothing has changed.
    Standing,
}

/// What a run found.
#[derive(Default)]
pub(crate) struct Answer {
    /// The customers that exist at the moment.
    pub(crate) existing: RoaringBitmap,
    /// In the order of the rule set.
    pub(crate) segments: Vec<Outcome>,
    /// For runs over some customers, where that was wanted.
    pub(crate) standing: Option<Standing>,
}

/// What became of a segment.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outcome {
    /// Who met the conditions, where [`Input::Evaluate`] asked for it.
    pub(crate) base: Option<RoaringBitmap>,
    pub(crate) members: RoaringBitmap,
}

/// The members of all segments. `predictions` must be of the same plan, snapshot and moment. `moment` must be in the zone of the snapshot's schema, the plan must be made with that
/// schema, and `kept` must be empty or come from runs of the same plan. `to_stand` keeps what later runs over some
/// customers need.
pub(crate) fn run(
    plan: &Plan,
    snapshot: &Snapshot,
    moment: Moment,
    inputs: &Inputs,
    kept: &Kept,
    predictions: Predictions,
    (watch, to_stand): (&Watch, bool),
) -> Result<Answer, Cancelled> {
    let known = rank::settle(plan, snapshot, moment, inputs, kept, predictions, watch)?;
    let leaves = if to_stand { standing::leaves(plan, inputs) } else { Vec::new() };
    let bound = bind::Bound::new(plan, snapshot, moment, inputs, &known, &leaves, false);
    let count = snapshot.chunk_count();
    let steps = watch.begin(Work::Evaluating, Unit::Chunks, u64::try_from(count).ok())?;
    let chunks = steps.in_parallel(count, |index| chunk::run(&bound, snapshot.chunk(index)))?;
    let segments = (0..plan.segments().len()).map(|segment| inputs.of(segment).start()).collect();
    let mut answer = Answer { segments, ..Answer::default() };
    let mut stands = Vec::with_capacity(chunks.len());
    for chunk in chunks {
        stands.push(chunk.kept);
        answer.existing |= chunk.existing;
        for (segment, part) in chunk.segments {
            if let Some(outcome) = answer.segments.get_mut(segment) {
                outcome.members |= part.members;
                if let (Some(base), Some(part)) = (&mut outcome.base, part.base) {
                    *base |= part;
                }
            }
        }
    }
    kept.keep(&known);
    answer.standing = to_stand.then(|| {
        let sizes = (plan.conditions().len(), plan.segments().len());
        let answers = standing::Answers::of_all(snapshot, stands, sizes);
        let (cuts, ranked) = known.into_standing(snapshot);
        Standing { cuts, moves: 0, ranked, answers }
    });
    Ok(answer)
}

/// What one chunk adds to the answer.
struct Part {
    kept: Option<standing::Kept>,
    existing: RoaringBitmap,
    /// By number; those whose members are given are not among them.
    segments: Vec<(usize, Outcome)>,
}

impl Inputs {
    pub(crate) fn of(&self, segment: usize) -> &Input {
        self.segments.get(segment).unwrap_or(&Input::Evaluate { keep_base: false })
    }
}

impl Input {
    /// The outcome before any chunk has been looked at.
    fn start(&self) -> Outcome {
        match self {
            Self::Members(members) => Outcome { base: None, members: members.clone() },
            Self::Evaluate { keep_base: true } => {
                Outcome { base: Some(RoaringBitmap::new()), members: RoaringBitmap::new() }
            }
            Self::Evaluate { keep_base: false } | Self::Base(_) | Self::Standing => {
                Outcome { base: None, members: RoaringBitmap::new() }
            }
        }
    }
}
