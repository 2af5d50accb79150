//! Cuts after some customers have other values.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    super::{
        Inputs,
        bind::Bound,
        chunk, mask,
        partial::{Population, State},
        vector::{Data, Vector},
    },
    Cut, Known, Ranked, RankedChunk,
    settle::{needed, work_out},
};
use crate::{
    parallel::in_parallel,
    plan::{Ask, ConditionKind, Plan, Threshold, ThresholdId, ValueId},
    rule::ExprType,
    snapshot::{Chunk, Rows},
    watch::{Unit, Watch, Work},
};

/// What is known after `touched` have changed, and the others who stand elsewhere against a cut that has moved.
pub(in super::super) fn follow(
    plan: &Plan,
    before: State<'_>,
    after: State<'_>,
    inputs: &Inputs,
    population: &Population,
    touched: &[u32],
) -> Option<(Population, BTreeSet<u32>)> {
    let needed = needed(plan, inputs);
    if needed.is_empty() {
        return Some((population.clone(), BTreeSet::new()));
    }
    if needed.iter().any(|(_, threshold)| threshold.level > 0 || reads_segments(plan, threshold)) {
        return None;
    }
    let mut values: Vec<ValueId> = needed.iter().map(|(_, threshold)| threshold.value).collect();
    values.sort_unstable();
    values.dedup();
    let old = keys_of(plan, before, &values, touched);
    let new = keys_of(plan, after, &values, touched);
    let mut cuts = population.cuts.clone();
    let mut moved: Vec<(ThresholdId, &Threshold)> = Vec::new();
    for (id, threshold) in &needed {
        let slot = cuts.get_mut(id.0 as usize)?;
        let known = slot.as_deref().filter(|cut| cut.is_asked(threshold.ask))?;
        let at = values.binary_search(&threshold.value).ok()?;
        let mut cut = known.clone();
        let mut holds = true;
        for (old, new) in old.get(at)?.iter().zip(new.get(at)?) {
            holds = cut.changed(*old, *new);
        }
        if !enough_as_before(plan, *id, known, &cut) || known.is_of_nobody() || cut.is_of_nobody() {
            return None;
        }
        if !holds || !cut.cuts_alike(known) {
            moved.push((*id, threshold));
        }
        *slot = Some(Arc::new(cut));
    }
    let mut concerned = BTreeSet::new();
    let mut rest = moved.as_slice();
    while let Some((_, first)) = rest.first() {
        let same = rest.iter().take_while(|(_, other)| other.value == first.value).count();
        let (now, later) = rest.split_at(same);
        rest = later;
        let ranked = {
            let known = Known::of(plan, population.cuts.clone());
            let bound =
                Bound::of_values(plan, after.snapshot, after.moment, &[first.value], &known);
            // One value alone: sooner done than told.
            let steps = Watch::new();
            let steps = steps.begin(Work::Ranking, Unit::Chunks, None).ok()?;
            work_out(&bound, &[first.value], &steps).ok()?
        };
        let ranked = ranked.first()?;
        let asks: Vec<Ask> = now.iter().map(|(_, threshold)| threshold.ask).collect();
        let ty = plan.values().get(first.value.0 as usize)?.ty;
        for ((id, _), cut) in now.iter().zip(Cut::select(&asks, ranked)) {
            let known = population.cuts.get(id.0 as usize)?.as_deref()?;
            concerned.extend(between(known, &cut, ty, ranked, after));
            if let Some(slot) = cuts.get_mut(id.0 as usize) {
                *slot = Some(Arc::new(cut));
            }
        }
    }
    let moves = population.moves + u64::from(!moved.is_empty());
    Some((Population { cuts, moves }, concerned))
}

/// Who stands elsewhere.
fn between(before: &Cut, after: &Cut, ty: ExprType, ranked: &Ranked, state: State<'_>) -> Vec<u32> {
    let chunks = in_parallel(state.snapshot.chunk_count(), |number| {
        let (Some(vector), Some(exists)) = (ranked.vector(number), ranked.rows(number)) else {
            return Vec::new();
        };
        let rows = state.snapshot.chunk(number).rows();
        let mut differ = mask::zeros(rows);
        for cut in [before, after] {
            let mut one = mask::zeros(rows);
            cut.beyond(ty).on_vector(ty, vector, rows, &mut one);
            differ.iter_mut().zip(one).for_each(|(differ, one)| *differ ^= one);
        }
        let (old, new) = (before.buckets(vector), after.buckets(vector));
        if let (Data::Ints(old), Data::Ints(new)) = (&old.data, &new.data) {
            let (old, new) = (old.numbers(), new.numbers());
            let each = old.iter().zip(new.iter()).enumerate();
            each.filter(|(_, (old, new))| old != new)
                .for_each(|(row, _)| mask::set(&mut differ, row));
        }
        mask::and(&mut differ, exists);
        numbers(&differ, state.snapshot.chunk(number).numbers())
    });
    chunks.into_iter().flatten().collect()
}

/// The rows of a mask in the snapshot.
fn numbers(mask: &[u64], rows: &Rows) -> Vec<u32> {
    let end = mask.len() * 64;
    let set = super::super::kernels::set_bits(mask, 0, end);
    set.filter_map(|local| rows.number(local)).collect()
}

/// By value, then by customer: what the customer is ranked by; `None` where there is nothing.
fn keys_of(
    plan: &Plan,
    state: State<'_>,
    values: &[ValueId],
    touched: &[u32],
) -> Vec<Vec<Option<i128>>> {
    let known = Known::of(plan, Vec::new());
    let bound = Bound::of_values(plan, state.snapshot, state.moment, values, &known);
    let data = state.snapshot.gather(touched.iter().copied());
    let chunk = Chunk::gathered(state.snapshot, &data);
    let ranked = chunk::values(&bound, chunk, values);
    let mut found = Vec::new();
    for one in ranked {
        let mut next = 0;
        let keys = touched.iter().map(|row| {
            if chunk.numbers().number(next) != Some(*row) {
                return None;
            }
            next += 1;
            one.key(next - 1)
        });
        found.push(keys.collect());
    }
    found
}

fn reads_segments(plan: &Plan, threshold: &Threshold) -> bool {
    let value = plan.values().get(threshold.value.0 as usize);
    value.is_none_or(|node| node.depends.segments)
}

/// Whether every question for a least number of customers has the answer it had.
fn enough_as_before(plan: &Plan, id: ThresholdId, before: &Cut, after: &Cut) -> bool {
    plan.conditions().iter().all(|node| match node.kind {
        ConditionKind::Enough { threshold, least } if threshold == id => {
            (before.count() >= least) == (after.count() >= least)
        }
        _ => true,
    })
}

impl RankedChunk {
    fn key(&self, row: usize) -> Option<i128> {
        let vector: &Vector<'static> = self.vector();
        if !mask::get(self.rows(), row) {
            return None;
        }
        match &vector.data {
            Data::Floats(values) => {
                values.get(row).map(|value| super::ranked::key_of(*value).into())
            }
            _ => vector.exact(row),
        }
    }
}
