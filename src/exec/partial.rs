//! A plan over some customers: those who changed, and those whom a change of the day or of the population concerns.

use roaring::RoaringBitmap;

use super::{
    Inputs, Outcome,
    bind::Bound,
    chunk,
    program::Program,
    rank::{self, Known},
    rows::AT_ONCE,
    standing::{Kept, Standing, leaves},
};
use crate::{
    calendar::Moment,
    parallel::in_parallel,
    plan::{Plan, ThresholdId},
    snapshot::{Chunk, Rows, Snapshot},
    watch::{Cancelled, Unit, Watch, Work},
};

/// For fewer customers a program is prepared that is kept for the next ones.
const FEW: usize = 1_000;

/// For fewer customers it is asked, one by one, what stands.
const FEW_TO_COMPARE: usize = 32;

/// Data at a moment.
#[derive(Clone, Copy)]
pub(crate) struct State<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) moment: Moment,
}

/// What was bound for one run over some customers, for the next. It must be dropped when the plan or a lookup changes.
#[derive(Default)]
pub(crate) struct Prepared {
    program: Option<(Program, u64)>,
}

/// What was found of some customers.
pub(crate) struct Found {
    /// In the order of the rule set; `None` for segments whose members are given, and for those that were left out.
    pub(crate) segments: Vec<Option<Outcome>>,
    /// What is to stand, by the rows it was found of.
    kept: Vec<(Rows, Kept)>,
}

/// Those of these customers, whose rows ascend, who are members. What is asked of the population is answered by
/// the cuts of `standing`, which must be those of the snapshot and the moment.
///
/// The rules must not read predictions.
pub(crate) fn run_some(
    plan: &Plan,
    state: State<'_>,
    inputs: &Inputs,
    standing: &Standing,
    prepared: &mut Prepared,
    (rows, watch): (&[u32], &Watch),
) -> Result<Found, Cancelled> {
    let State { snapshot, moment } = state;
    let known = Known::of(standing.cuts.clone());
    let fits = prepared.program.as_mut().is_some_and(|(program, moves)| {
        *moves == standing.moves && program.fits(plan, snapshot, moment, inputs)
    });
    if !fits || rows.len() >= FEW {
        let kept = leaves(plan, inputs);
        let few = rows.len() < FEW;
        let bound = Bound::new(plan, snapshot, moment, inputs, &known, &kept, few);
        let found = run_blocks(&bound, rows, watch)?;
        if few {
            prepared.program = Some((bound.into_program(), standing.moves));
        }
        return Ok(found);
    }
    match &prepared.program {
        Some((program, _)) => {
            run_blocks(&Bound::again(plan, snapshot, inputs, &known, program), rows, watch)
        }
        None => Ok(Found { segments: Vec::new(), kept: Vec::new() }),
    }
}

impl Found {
    /// Leaves out the segments of which these customers are members, or not, as it stands. Of many customers none is left
    /// out.
    //
    // PERF: a bit of a mask is one look into memory, a bitmap is searched: one of 1,000,000 customers against 200 segments
    // takes 70 to 81 us; 98 to 105 us where the members are asked.
    pub(crate) fn leave_out_standing(&mut self, standing: &Standing, rows: &[u32]) {
        if rows.len() > FEW_TO_COMPARE {
            return;
        }
        for (number, slot) in self.segments.iter_mut().enumerate() {
            let stands = |outcome: &Outcome| {
                rows.iter().all(|row| {
                    let stood = standing.answers.is_member(number, *row);
                    stood == Some(outcome.members.contains(*row))
                })
            };
            slot.take_if(|outcome| stands(outcome));
        }
    }
}

fn run_blocks(bound: &Bound<'_>, rows: &[u32], watch: &Watch) -> Result<Found, Cancelled> {
    let blocks: Vec<&[u32]> = rows.chunks(AT_ONCE).collect();
    let steps = watch.begin(Work::Evaluating, Unit::Customers, u64::try_from(rows.len()).ok())?;
    let parts = in_parallel(blocks.len(), |number| {
        watch.check()?;
        let block = blocks.get(number).copied().unwrap_or_default();
        let data = bound.snapshot.gather(block.iter().copied(), &bound.wanted);
        let part = chunk::run(bound, Chunk::gathered(bound.snapshot, &data));
        steps.add(block.len() as u64)?;
        Ok((data.into_rows(), part))
    });
    let mut found: Vec<Option<Outcome>> = bound.plan.segments().iter().map(|_| None).collect();
    let mut kept = Vec::with_capacity(parts.len());
    for part in parts {
        let (rows, part) = part?;
        for (segment, part) in part.segments {
            let Some(slot) = found.get_mut(segment) else { continue };
            match slot {
                None => *slot = Some(part),
                Some(outcome) => {
                    outcome.members |= part.members;
                    let more = part.base.unwrap_or_else(RoaringBitmap::new);
                    outcome.base.iter_mut().for_each(|base| *base |= &more);
                }
            }
        }
        kept.extend(part.kept.map(|kept| (rows, kept)));
    }
    if rows.is_empty() {
        found.clear();
    }
    Ok(Found { segments: found, kept })
}

/// Takes over what these customers are ranked by, who have changed. The answer is, by threshold whose cut has moved, who
/// stands elsewhere; `None` where that cannot be told without evaluating everybody.
pub(crate) fn follow(
    plan: &Plan,
    after: State<'_>,
    inputs: &Inputs,
    standing: &mut Standing,
    touched: &[u32],
) -> Option<Vec<(ThresholdId, RoaringBitmap)>> {
    let needed = rank::needed(plan, inputs);
    if needed.is_empty() {
        return Some(Vec::new());
    }
    if !rank::can_follow(plan, &needed) {
        return None;
    }
    let values = rank::ranked_values(&needed);
    let keys = rank::keys_of(plan, after, &values, touched);
    let news = values.into_iter().zip(keys);
    let news = news.map(|(value, keys)| (value, touched.iter().copied().zip(keys).collect()));
    rank::follow(plan, &needed, standing, news.collect())
}

impl Standing {
    /// Has what was found of these customers stand, some of whom may be gone.
    pub(crate) fn take(&mut self, rows: &RoaringBitmap, found: &Found) {
        self.answers.end(rows);
        for (rows, kept) in &found.kept {
            self.answers.put(rows, kept, None);
        }
    }
}
