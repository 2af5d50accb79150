//! From one day to a later one.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;

use super::{
    super::{
        Input, Inputs,
        bind::Bound,
        chunk::Run,
        mask,
        partial::State,
        rank::{self, Known, follow, keys_of, needed},
        rows,
    },
    Block, Standing, leaves,
    sources::{Concerned, Set, Sources},
};
use crate::{
    calendar::Moment,
    parallel::in_parallel,
    plan::{ConditionId, ConditionKind, Plan, SegmentNode, Step, ThresholdId},
    snapshot::{Chunk, ChunkData},
    watch::{Cancelled, Unit, Watch, Work},
};

/// When more than this part of the customers may have another answer to something, everybody is asked.
const MOST: u64 = 3;

/// What a later moment has changed.
pub(crate) struct Moved {
    pub(crate) standing: Standing,
    /// By number, segments with those who entered and those who left; others have stayed as they were.
    pub(crate) segments: Vec<Entering>,
}

/// The number of a segment, who enters it and who leaves it.
pub(crate) type Entering = (usize, RoaringBitmap, RoaringBitmap);

/// From a moment to a later one, of the same data; `None` where everybody has to be asked. `standing` must be of the
/// earlier moment, and the rules must not read predictions.
pub(crate) fn advance(
    plan: &Plan,
    before: State<'_>,
    later: Moment,
    inputs: Inputs,
    mut standing: Standing,
    watch: &Watch,
) -> Result<Option<Moved>, Cancelled> {
    let Some(leaves) = known_leaves(plan, &inputs, &standing) else { return Ok(None) };
    let known = Known::of(standing.cuts.clone());
    let Some(sources) = Sources::of(plan, before, later, &inputs, &known) else { return Ok(None) };
    watch.check()?;
    let mut concerned = sources.concerned(plan, before, later, &known);
    if concerned.most() * MOST > before.snapshot.customers() {
        return Ok(None);
    }
    watch.check()?;
    let after = State { moment: later, ..before };
    if rerank(plan, after, &inputs, &sources, &mut concerned, &mut standing).is_none() {
        return Ok(None);
    }
    let how = (&sources, &concerned, watch);
    let segments = settle(plan, after, inputs, &leaves, how, &mut standing)?;
    Ok(Some(Moved { standing, segments }))
}

/// Who enters and who leaves segments because cuts have moved, by threshold for these customers; `None` where everybody
/// has to be asked. `standing` must be that of the same data and moment but for these.
pub(crate) fn recut(
    plan: &Plan,
    state: State<'_>,
    inputs: Inputs,
    elsewhere: Vec<(ThresholdId, RoaringBitmap)>,
    (standing, watch): (&mut Standing, &Watch),
) -> Result<Option<Vec<Entering>>, Cancelled> {
    let Some(leaves) = known_leaves(plan, &inputs, standing) else { return Ok(None) };
    let concerned = Concerned::of_cuts(elsewhere);
    let sources = Sources::cuts(plan);
    settle(plan, state, inputs, &leaves, (&sources, &concerned, watch), standing).map(Some)
}

/// Asks the leaves again of those whom their sources concern, and makes segments of them.
fn settle(
    plan: &Plan,
    after: State<'_>,
    mut inputs: Inputs,
    leaves: &[ConditionId],
    (sources, concerned, watch): (&Sources, &Concerned, &Watch),
    standing: &mut Standing,
) -> Result<Vec<Entering>, Cancelled> {
    let known = Known::of(standing.cuts.clone());
    let mut dirty = vec![false; plan.conditions().len()];
    let mut turn =
        |standing: &mut Standing, id: ConditionId, rows: &mut dyn Iterator<Item = u32>| {
            for row in rows {
                standing.answers.flip(id, row);
                dirty.get_mut(id.0 as usize).into_iter().for_each(|dirty| *dirty = true);
            }
        };
    let mut others = Vec::with_capacity(leaves.len());
    for leaf in leaves {
        match concerned.turned(sources, *leaf) {
            Some(rows) => turn(standing, *leaf, &mut rows.iter()),
            None => others.push(*leaf),
        }
    }
    let groups = groups(&others, sources, concerned);
    for (id, rows) in ask(plan, after, &known, standing, (&groups, watch))? {
        turn(standing, id, &mut rows.into_iter());
    }
    standing.answers.begin(&concerned.born);
    let dirty = dirty_segments(plan, dirty, !concerned.born.is_empty());
    inputs.segments.resize(dirty.len(), Input::Evaluate { keep_base: false });
    for (input, dirty) in inputs.segments.iter_mut().zip(&dirty) {
        if !dirty && !matches!(input, Input::Members(_)) {
            *input = Input::Standing;
        }
    }
    watch.check()?;
    Ok(combine(plan, after, &inputs, &known, standing))
}

/// The leaves of the segments; `None` where not all are known, or one reads segments itself.
fn known_leaves(plan: &Plan, inputs: &Inputs, standing: &Standing) -> Option<Vec<ConditionId>> {
    let flags = leaves(plan, inputs);
    let ids = (0..).map(ConditionId).zip(plan.conditions()).zip(flags);
    let leaves = ids.filter(|(_, is_leaf)| *is_leaf).map(|((id, node), _)| {
        (standing.answers.holds(id) && !node.depends.segments).then_some(id)
    });
    leaves.collect()
}

/// Values by which customers are ranked, and where they are cut; `None` where that has to be found out anew.
fn rerank(
    plan: &Plan,
    after: State<'_>,
    inputs: &Inputs,
    sources: &Sources,
    concerned: &mut Concerned,
    standing: &mut Standing,
) -> Option<()> {
    let needed = needed(plan, inputs);
    if !rank::can_follow(plan, &needed) {
        return None;
    }
    let mut news = Vec::new();
    for value in rank::ranked_values(&needed) {
        let mut rows = concerned.of_all(sources.values.get(value.0 as usize)?);
        rows |= &concerned.born;
        let rows: Vec<u32> = rows.iter().collect();
        let keys = keys_of(plan, after, &[value], &rows).pop()?;
        news.push((value, rows.into_iter().zip(keys).collect()));
    }
    concerned.cuts = follow(plan, &needed, standing, news)?.into_iter().collect();
    Some(())
}

/// Leaves that the same sources concern, and whom.
type Group = (Vec<ConditionId>, Vec<u32>);

fn groups(leaves: &[ConditionId], sources: &Sources, concerned: &Concerned) -> Vec<Group> {
    let mut groups: BTreeMap<Set, Vec<ConditionId>> = BTreeMap::new();
    for leaf in leaves {
        let Some(all) = sources.conditions.get(leaf.0 as usize) else { continue };
        let set: Set = all.iter().copied().filter(|one| concerned.of(*one).is_some()).collect();
        if !set.is_empty() {
            groups.entry(set).or_default().push(*leaf);
        }
    }
    let group =
        |(set, leaves): (Set, Vec<ConditionId>)| (leaves, concerned.of_all(&set).iter().collect());
    groups.into_iter().map(group).collect()
}

/// By leaf: who has another answer than the one that stands.
fn ask(
    plan: &Plan,
    after: State<'_>,
    known: &Known,
    standing: &Standing,
    (groups, watch): (&[Group], &Watch),
) -> Result<Vec<(ConditionId, Vec<u32>)>, Cancelled> {
    let State { snapshot, moment } = after;
    let tasks: Vec<(usize, &[u32])> = (groups.iter().enumerate())
        .flat_map(|(group, (_, rows))| rows.chunks(rows::AT_ONCE).map(move |rows| (group, rows)))
        .collect();
    let all: usize = tasks.iter().map(|(_, rows)| rows.len()).sum();
    let steps = watch.begin(Work::Evaluating, Unit::Customers, u64::try_from(all).ok())?;
    let bounds = in_parallel(groups.len(), |group| {
        let conditions = groups.get(group).map_or(&[][..], |(conditions, _)| conditions);
        Bound::of_conditions(plan, snapshot, moment, conditions, known)
    });
    let found = in_parallel(tasks.len(), |task| {
        watch.check()?;
        let Some((group, rows)) = tasks.get(task) else { return Ok(Vec::new()) };
        let (Some(bound), Some((conditions, _))) = (bounds.get(*group), groups.get(*group)) else {
            return Ok(Vec::new());
        };
        let data = snapshot.gather(rows.iter().copied(), &bound.wanted);
        let mut run = Run::new(bound, Chunk::gathered(snapshot, &data));
        run.all();
        let differ = |id: &ConditionId| {
            let mask = run.mask(*id)?;
            let rows = (0..run.chunk.rows()).filter_map(|at| {
                let row = run.chunk.numbers().number(at)?;
                (mask::get(mask, at) != standing.answers.get(*id, row)).then_some(row)
            });
            let rows: Vec<u32> = rows.collect();
            (!rows.is_empty()).then_some((*id, rows))
        };
        let found = conditions.iter().filter_map(differ).collect::<Vec<_>>();
        steps.add(rows.len() as u64).map(|()| found)
    });
    let found: Result<Vec<_>, Cancelled> = found.into_iter().collect();
    Ok(found?.into_iter().flatten().collect())
}

/// Which segments may have other members, when these conditions have other answers and, perhaps, customers have begun.
fn dirty_segments(plan: &Plan, mut conditions: Vec<bool>, has_born: bool) -> Vec<bool> {
    let mut segments = vec![has_born; plan.segments().len()];
    for step in plan.steps() {
        match step {
            Step::Condition(id) => {
                let Some(node) = plan.conditions().get(id.0 as usize) else { continue };
                let mut dirty = false;
                if let ConditionKind::InSegment(id) = &node.kind {
                    dirty = segments.get(id.0 as usize) == Some(&true);
                }
                let input = |id: ConditionId| dirty |= conditions.get(id.0 as usize) == Some(&true);
                node.kind.for_each_input(input, |_| {});
                conditions.get_mut(id.0 as usize).into_iter().for_each(|slot| *slot |= dirty);
            }
            Step::Segment(id) => {
                let of =
                    |node: &SegmentNode| conditions.get(node.condition.0 as usize) == Some(&true);
                let dirty = plan.segments().get(id.0 as usize).is_some_and(of);
                segments.get_mut(id.0 as usize).into_iter().for_each(|slot| *slot |= dirty);
            }
            Step::Value(_) => {}
        }
    }
    segments
}

/// Segments from their leaves: who enters and who leaves.
fn combine(
    plan: &Plan,
    after: State<'_>,
    inputs: &Inputs,
    known: &Known,
    standing: &mut Standing,
) -> Vec<Entering> {
    let State { snapshot, moment } = after;
    let bound = Bound::combining(plan, snapshot, moment, inputs, known);
    let answers = &standing.answers;
    let found = in_parallel(answers.blocks().len(), |number| {
        let Some(block) = answers.blocks().get(number) else { return Vec::new() };
        let data = ChunkData::of_rows(answers.rows(number));
        let chunk = Chunk::gathered(snapshot, &data);
        let mut run = Run::over(&bound, chunk, block);
        run.all();
        let members = run.into_kept().segments.into_iter();
        let moved = members.filter_map(|(segment, members)| {
            let (entered, left) = moved(block, segment, &members);
            let bitmap = |mask: &[u64]| rows::to_bitmap(mask, chunk.numbers());
            let is_same = mask::is_empty(&entered) && mask::is_empty(&left);
            (!is_same).then(|| (segment, members, bitmap(&entered), bitmap(&left)))
        });
        moved.collect()
    });
    let mut all: BTreeMap<usize, (RoaringBitmap, RoaringBitmap)> = BTreeMap::new();
    for (number, segments) in found.into_iter().enumerate() {
        for (segment, members, entered, left) in segments {
            let (all_entered, all_left) = all.entry(segment).or_default();
            *all_entered |= entered;
            *all_left |= left;
            if let Some(block) = standing.answers.block_mut(number) {
                block.set_segment(segment, members);
            }
        }
    }
    all.into_iter().map(|(segment, (entered, left))| (segment, entered, left)).collect()
}

/// Who is in and was not, and the other way round.
fn moved(block: &Block, segment: usize, members: &[u64]) -> (Vec<u64>, Vec<u64>) {
    let Some(before) = block.segment(segment) else { return (members.to_vec(), Vec::new()) };
    let pairs = || members.iter().zip(before.iter());
    let entered = pairs().map(|(now, before)| now & !before).collect();
    (entered, pairs().map(|(now, before)| before & !now).collect())
}

impl Concerned {
    /// How many the greatest of the sources concerns.
    fn most(&self) -> u64 {
        self.sources().map(RoaringBitmap::len).max().unwrap_or(0)
    }
}
