//! The order of the work: levels, then as many ranked values at a time as memory allows.

use std::sync::Arc;

use super::{
    super::{Input, Inputs, bind::Bound, chunk, in_parallel},
    Cut, Kept, Known, Ranked,
};
use crate::{
    calendar::Moment,
    plan::{
        Ask, ConditionId, ConditionKind, Plan, Step, Threshold, ThresholdId, ValueId, ValueKind,
    },
    snapshot::Snapshot,
};

/// Ranked values are held in memory up to so many bytes together; one at least.
const ROOM: usize = 256 << 20;

/// What the masks of a run need to know of the population.
pub(in super::super) fn settle(
    plan: &Plan,
    snapshot: &Snapshot,
    moment: Moment,
    inputs: &Inputs,
    kept: &Kept,
) -> Known {
    let mut known = Known::nothing(plan);
    let needed = needed(plan, inputs);
    if needed.is_empty() {
        return known;
    }
    let before = kept.cuts();
    let mut room = ROOM;
    let at_once = (ROOM / 8 / snapshot.row_count().max(1)).max(1);
    for level in by_level(needed) {
        for batch in level.chunks(at_once) {
            let values: Vec<ValueId> = batch.iter().map(|(value, _)| *value).collect();
            let ranked = {
                let bound = Bound::of_values(plan, snapshot, moment, &values, &known);
                work_out(&bound, snapshot.chunk_count(), &values)
            };
            let asked: Vec<(usize, ThresholdId, Ask)> = (batch.iter().enumerate())
                .flat_map(|(at, (_, asked))| asked.iter().map(move |(id, ask)| (at, *id, *ask)))
                .collect();
            let cuts = in_parallel(asked.len(), |index| {
                let (at, id, ask) = asked.get(index)?;
                let kept = before.get(id.0 as usize).and_then(Option::as_deref);
                Some(cut(kept, *ask, ranked.get(*at)?))
            });
            for ((_, id, _), cut) in asked.iter().zip(cuts) {
                if let Some(slot) = known.cuts.get_mut(id.0 as usize) {
                    *slot = cut.map(Arc::new);
                }
            }
            for (value, ranked) in values.into_iter().zip(ranked) {
                known.hold(plan, value, ranked, &mut room);
            }
        }
    }
    known
}

/// The cut of before, if it still is one.
fn cut(kept: Option<&Cut>, ask: Ask, ranked: &Ranked) -> Cut {
    let recounted = kept.and_then(|kept| kept.recounted(ask, ranked));
    recounted.unwrap_or_else(|| Cut::select(ask, ranked))
}

/// In the order of `values`.
fn work_out(bound: &Bound<'_>, chunks: usize, values: &[ValueId]) -> Vec<Ranked> {
    let mut ranked: Vec<Vec<_>> = values.iter().map(|_| Vec::with_capacity(chunks)).collect();
    for chunk in in_parallel(chunks, |index| chunk::values(bound, index, values)) {
        for (ranked, chunk) in ranked.iter_mut().zip(chunk) {
            ranked.push(chunk);
        }
    }
    ranked.into_iter().map(Ranked::new).collect()
}

impl Known {
    /// Keeps what the masks would work out again. A column is tested as it lies in the snapshot.
    fn hold(&mut self, plan: &Plan, value: ValueId, ranked: Ranked, room: &mut usize) {
        let index = value.0 as usize;
        let is_column = plan
            .values()
            .get(index)
            .is_some_and(|node| matches!(node.kind, ValueKind::Column(_) | ValueKind::Constant(_)));
        let left = room.checked_sub(ranked.bytes()).filter(|_| !is_column);
        if let (Some(left), Some(slot)) = (left, self.ready.get_mut(index)) {
            *room = left;
            *slot = Some(ranked);
        }
    }
}

/// What is asked of each ranked value.
type Asked = Vec<(ValueId, Vec<(ThresholdId, Ask)>)>;

fn by_level(mut thresholds: Vec<(ThresholdId, &Threshold)>) -> Vec<Asked> {
    thresholds.sort_by_key(|(id, threshold)| (threshold.level, threshold.value, *id));
    let mut levels: Vec<Asked> = Vec::new();
    for level in thresholds.chunk_by(|(_, a), (_, b)| a.level == b.level) {
        let asked = level.chunk_by(|(_, a), (_, b)| a.value == b.value).filter_map(|same| {
            let (_, first) = same.first()?;
            Some((first.value, same.iter().map(|(id, threshold)| (*id, threshold.ask)).collect()))
        });
        levels.push(asked.collect());
    }
    levels
}

/// The thresholds that the segments to be evaluated read, and those that these read.
fn needed<'a>(plan: &'a Plan, inputs: &Inputs) -> Vec<(ThresholdId, &'a Threshold)> {
    if plan.thresholds().is_empty() {
        return Vec::new();
    }
    let mut conditions = vec![false; plan.conditions().len()];
    let mut values = vec![false; plan.values().len()];
    let mut thresholds = vec![false; plan.thresholds().len()];
    for step in plan.steps().iter().rev() {
        match step {
            Step::Segment(id) => {
                let node = plan.segments().get(id.0 as usize);
                if let (Some(node), Input::Evaluate { .. }) = (node, inputs.of(id.0 as usize)) {
                    mark(&mut conditions, node.condition.0);
                }
            }
            Step::Condition(id) if conditions.get(id.0 as usize) == Some(&true) => {
                let Some(node) = plan.conditions().get(id.0 as usize) else { continue };
                let condition = |id: ConditionId| mark(&mut conditions, id.0);
                node.kind.for_each_input(condition, |id| mark(&mut values, id.0));
                if let ConditionKind::Beyond { threshold, .. } = &node.kind {
                    mark(&mut thresholds, threshold.0);
                }
            }
            Step::Value(id) if values.get(id.0 as usize) == Some(&true) => {
                let Some(node) = plan.values().get(id.0 as usize) else { continue };
                let condition = |id: ConditionId| mark(&mut conditions, id.0);
                plan.for_each_input_of(&node.kind, condition, |id| mark(&mut values, id.0));
                if let ValueKind::Bucket { threshold, .. } = &node.kind {
                    mark(&mut thresholds, threshold.0);
                }
            }
            _ => {}
        }
    }
    let all = (0..).map(ThresholdId).zip(plan.thresholds()).zip(thresholds);
    all.filter_map(|(threshold, needed)| needed.then_some(threshold)).collect()
}

fn mark(seen: &mut [bool], number: u32) {
    if let Some(seen) = seen.get_mut(number as usize) {
        *seen = true;
    }
}
