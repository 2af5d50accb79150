//! Thresholds: where the ordered values of all customers are cut.
//!
//! Whatever is asked of a ranked value, its answer lies in the values at some ranks, and how many values there are tells
//! the ranks. [`settle`] works the ranked values out for all who exist, chunk by chunk and with nothing but the nodes
//! they need, and takes the values at the ranks; where a ranked value reads cuts itself, level by level. The masks
//! are then made with the cuts at hand.
//!
//! A cut keeps how many values are below, at and above it. These counts alone tell whether it still is the value at its
//! rank: after a change of one customer, and after anything else with one pass of counting. Only a cut that has moved is
//! searched for again.
//!
//! Values are compared as keys: exact numbers, days and instants as they are, floats by their place in the order of
//! floats, in which both zeros are one.

mod buckets;
mod cut;
mod follow;
mod ranked;
mod rows;
mod select;
mod settle;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, PoisonError};

pub(super) use cut::Cut;
pub(super) use follow::{can_follow, follow, keys_of, ranked_values};
pub(super) use ranked::{Ranked, RankedChunk};
pub(super) use settle::{Read, needed, settle, settle_for};

use super::{predict::Predictions, vector::Vector};
use crate::{
    plan::{Plan, ThresholdId, ValueId},
    snapshot::Snapshot,
};

/// The cuts of the last run over a plan. What it holds never changes an answer, only how soon it is there.
#[derive(Default)]
pub(crate) struct Kept {
    cuts: Mutex<Cuts>,
}

/// By threshold.
pub(super) type Cuts = Vec<Option<Arc<Cut>>>;

/// What a run knows of the population before it makes masks.
pub(super) struct Known {
    cuts: Cuts,
    pub(in super::super) predictions: Predictions,
    /// By value: those that have been worked out and will be read again.
    ready: Vec<Option<Ranked>>,
    /// By value: those that are read where they lie.
    aside: Vec<Option<Ranked>>,
}

impl Kept {
    fn cuts(&self) -> Cuts {
        self.cuts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes over the cuts of a run; those that it did not need stay.
    pub(super) fn keep(&self, known: &Known) {
        let mut kept = self.cuts.lock().unwrap_or_else(PoisonError::into_inner);
        kept.resize(known.cuts.len(), None);
        for (slot, cut) in kept.iter_mut().zip(&known.cuts) {
            if cut.is_some() {
                slot.clone_from(cut);
            }
        }
    }
}

impl Known {
    pub(in super::super) fn nothing(plan: &Plan, predictions: Predictions) -> Self {
        Self {
            predictions,
            cuts: vec![None; plan.thresholds().len()],
            ready: plan.values().iter().map(|_| None).collect(),
            aside: Vec::new(),
        }
    }

    /// Cuts that are known from before, and no predictions.
    pub(in super::super) fn of(cuts: Cuts) -> Self {
        let (ready, aside) = (Vec::new(), Vec::new());
        Self { predictions: Predictions::default(), cuts, ready, aside }
    }

    /// The cuts, and what they cut, by the rows of the snapshot.
    pub(in super::super) fn into_standing(
        mut self,
        snapshot: &Snapshot,
    ) -> (Cuts, Vec<Option<Ranked>>) {
        self.aside.resize_with(self.ready.len(), || None);
        let known = self.ready.into_iter().zip(self.aside);
        let ranked = known.map(|(ready, aside)| Some(ready.or(aside)?.by_row(snapshot)));
        (self.cuts, ranked.collect())
    }

    /// `None` where nobody has the value.
    pub(super) fn cut(&self, threshold: ThresholdId) -> Option<&Cut> {
        self.cuts.get(threshold.0 as usize)?.as_deref().filter(|cut| !cut.is_of_nobody())
    }

    pub(super) fn shared_cut(&self, threshold: ThresholdId) -> Option<Arc<Cut>> {
        let cut = self.cuts.get(threshold.0 as usize)?.as_ref();
        cut.filter(|cut| !cut.is_of_nobody()).cloned()
    }

    pub(super) fn is_ready(&self, value: ValueId) -> bool {
        self.ready.get(value.0 as usize).is_some_and(Option::is_some)
    }

    /// The values of a chunk's customers, if they have been worked out.
    pub(super) fn vector(&self, value: ValueId, chunk: usize) -> Option<&Vector<'static>> {
        self.ready.get(value.0 as usize)?.as_ref()?.vector(chunk)
    }
}
