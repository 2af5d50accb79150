//! Cuts after some customers have other values.

use roaring::RoaringBitmap;
use std::sync::Arc;

use super::{
    super::{
        bind::Bound,
        chunk, kernels, mask,
        partial::State,
        rows::{AT_ONCE, row_at},
        standing::Standing,
        vector::{Data, Vector},
    },
    Cut, Cuts, Known, Ranked, RankedChunk,
};
use crate::{
    parallel::in_parallel,
    plan::{Ask, ConditionKind, Plan, Threshold, ThresholdId, ValueId},
    rule::ExprType,
    snapshot::Chunk,
};

/// By value: what customers, ascending by their rows, are ranked by now.
pub(in super::super) type News = Vec<(ValueId, Vec<(u32, Option<i128>)>)>;

/// Whether these thresholds can be followed: not where ranked values read cuts or segments themselves.
pub(in super::super) fn can_follow(plan: &Plan, needed: &[(ThresholdId, &Threshold)]) -> bool {
    needed.iter().all(|(_, threshold)| threshold.level == 0 && !reads_segments(plan, threshold))
}

/// What the thresholds are of, each once, ascending.
pub(in super::super) fn ranked_values(needed: &[(ThresholdId, &Threshold)]) -> Vec<ValueId> {
    let mut values: Vec<ValueId> = needed.iter().map(|(_, threshold)| threshold.value).collect();
    values.sort_unstable();
    values.dedup();
    values
}

/// Takes over what customers are ranked by now, and says by threshold whose cut has moved who stands elsewhere;
/// `None` where that has to be found out by asking everybody.
pub(in super::super) fn follow(
    plan: &Plan,
    needed: &[(ThresholdId, &Threshold)],
    standing: &mut Standing,
    news: News,
) -> Option<Vec<(ThresholdId, RoaringBitmap)>> {
    let mut elsewhere = Vec::new();
    for (value, news) in news {
        if news.is_empty() {
            continue;
        }
        let ranked = standing.ranked.get_mut(value.0 as usize)?.as_mut()?;
        let mut changes = Vec::with_capacity(news.len());
        for (row, key) in news {
            let before = ranked.key(row);
            if before != key {
                changes.push((before, key));
                ranked.set(row, key);
            }
        }
        let of_value = needed.iter().filter(|(_, threshold)| threshold.value == value);
        let mut moved: Vec<(ThresholdId, Ask)> = Vec::new();
        for (id, threshold) in of_value {
            if note(plan, &mut standing.cuts, *id, threshold.ask, &changes)? {
                moved.push((*id, threshold.ask));
            }
        }
        let ty = plan.values().get(value.0 as usize)?.ty;
        elsewhere.extend(search(&mut standing.cuts, ranked, ty, &moved)?);
        standing.moves += u64::from(!moved.is_empty());
    }
    Some(elsewhere)
}

/// Counts the changes, and says whether the cut has moved.
fn note(
    plan: &Plan,
    cuts: &mut Cuts,
    id: ThresholdId,
    ask: Ask,
    changes: &[(Option<i128>, Option<i128>)],
) -> Option<bool> {
    let slot = cuts.get_mut(id.0 as usize)?;
    let known = slot.as_deref().filter(|cut| cut.is_asked(ask))?;
    let mut cut = known.clone();
    let mut holds = true;
    for (old, new) in changes {
        holds = cut.changed(*old, *new);
    }
    if !enough_as_before(plan, id, known, &cut) || known.is_of_nobody() || cut.is_of_nobody() {
        return None;
    }
    if !holds || !cut.cuts_alike(known) {
        return Some(true);
    }
    *slot = Some(Arc::new(cut));
    Some(false)
}

/// Searches for cuts that have moved.
fn search(
    cuts: &mut Cuts,
    ranked: &Ranked,
    ty: ExprType,
    moved: &[(ThresholdId, Ask)],
) -> Option<Vec<(ThresholdId, RoaringBitmap)>> {
    if moved.is_empty() {
        return Some(Vec::new());
    }
    let asks: Vec<Ask> = moved.iter().map(|(_, ask)| *ask).collect();
    let mut elsewhere = Vec::new();
    for ((id, _), cut) in moved.iter().zip(Cut::select(&asks, ranked)) {
        let slot = cuts.get_mut(id.0 as usize)?;
        elsewhere.push((*id, between(slot.as_deref()?, &cut, ty, ranked)));
        *slot = Some(Arc::new(cut));
    }
    Some(elsewhere)
}

/// Who stands elsewhere.
fn between(before: &Cut, after: &Cut, ty: ExprType, ranked: &Ranked) -> RoaringBitmap {
    let blocks = in_parallel(ranked.chunks.len(), |number| {
        let (Some(vector), Some(exists)) = (ranked.vector(number), ranked.rows(number)) else {
            return Vec::new();
        };
        let rows = exists.len() * 64;
        let mut differ = mask::zeros(rows);
        for cut in [before, after] {
            let mut one = mask::zeros(rows);
            cut.beyond(ty).on_vector(ty, vector, rows, &mut one);
            differ.iter_mut().zip(one.iter()).for_each(|(differ, one)| *differ ^= one);
        }
        let (old, new) = (before.buckets(vector), after.buckets(vector));
        if let (Data::Ints(old), Data::Ints(new)) = (&old.data, &new.data) {
            let (old, new) = (old.numbers(), new.numbers());
            let each = old.iter().zip(new.iter()).enumerate();
            each.filter(|(_, (old, new))| old != new)
                .for_each(|(row, _)| mask::set(&mut differ, row));
        }
        mask::and(&mut differ, exists);
        let set = kernels::set_bits(&differ, 0, rows);
        set.map(|local| row_at(number, local)).collect::<Vec<u32>>()
    });
    blocks.into_iter().flatten().collect()
}

/// By value, then by customer: what the customer is ranked by; `None` where there is nothing.
pub(in super::super) fn keys_of(
    plan: &Plan,
    state: State<'_>,
    values: &[ValueId],
    rows: &[u32],
) -> Vec<Vec<Option<i128>>> {
    if rows.is_empty() {
        return values.iter().map(|_| Vec::new()).collect();
    }
    let known = Known::of(Vec::new());
    let bound = Bound::of_values(plan, state.snapshot, state.moment, values, &known);
    let blocks: Vec<&[u32]> = rows.chunks(AT_ONCE).collect();
    let parts = in_parallel(blocks.len(), |number| {
        let rows = blocks.get(number).copied().unwrap_or_default();
        let data = state.snapshot.gather(rows.iter().copied(), &bound.wanted);
        let chunk = Chunk::gathered(state.snapshot, &data);
        let ranked = chunk::values(&bound, chunk, values);
        ranked.into_iter().map(|one| one.keys_of(rows, chunk)).collect::<Vec<_>>()
    });
    let mut found: Vec<Vec<Option<i128>>> = values.iter().map(|_| Vec::new()).collect();
    for part in parts {
        found.iter_mut().zip(part).for_each(|(all, keys)| all.extend(keys));
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
    /// The keys of these customers, some of whom may not be in the chunk.
    fn keys_of(&self, rows: &[u32], chunk: Chunk<'_>) -> Vec<Option<i128>> {
        let mut next = 0;
        let key = |row: &u32| {
            if chunk.numbers().number(next) != Some(*row) {
                return None;
            }
            next += 1;
            self.key(next - 1)
        };
        rows.iter().map(key).collect()
    }

    pub(super) fn key(&self, row: usize) -> Option<i128> {
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
