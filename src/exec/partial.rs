//! A plan over some customers: those who changed, and those whom a change of the day or of the population concerns.

use std::collections::BTreeSet;

use roaring::RoaringBitmap;

use super::{
    Inputs, Outcome,
    bind::Bound,
    chunk,
    program::Program,
    rank::{self, Cuts, Known},
};
use crate::{
    calendar::Moment,
    parallel::in_parallel,
    plan::Plan,
    snapshot::{Chunk, Snapshot},
};

/// So many customers are evaluated together.
const BLOCK: usize = 8_192;

/// Fewer customers are not worth a table of days.
const FEW: usize = 1_000;

/// What a run knew of the population: where the ordered values of all customers were cut.
#[derive(Clone, Default)]
pub(crate) struct Population {
    pub(super) cuts: Cuts,
    /// How often cuts have moved since the run.
    pub(super) moves: u64,
}

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

/// Those of these customers, whose rows ascend, who are members; in the order of the rule set, and nothing for segments
/// whose members are given. What is asked of the population is answered by `population`, which must be that of the
/// snapshot and the moment.
///
/// The rules must not read predictions.
pub(crate) fn run_some(
    plan: &Plan,
    state: State<'_>,
    inputs: &Inputs,
    population: &Population,
    prepared: &mut Prepared,
    rows: &[u32],
) -> Vec<Option<Outcome>> {
    let State { snapshot, moment } = state;
    let known = Known::of(plan, population.cuts.clone());
    let fits = prepared.program.as_mut().is_some_and(|(program, moves)| {
        *moves == population.moves && program.fits(plan, snapshot, moment, inputs)
    });
    if !fits || rows.len() >= FEW {
        let bound = match rows.len() {
            0..FEW => Bound::for_few(plan, snapshot, moment, inputs, &known),
            _ => Bound::new(plan, snapshot, moment, inputs, &known),
        };
        let found = run_blocks(&bound, rows);
        if rows.len() < FEW {
            prepared.program = Some((bound.into_program(), population.moves));
        }
        return found;
    }
    match &prepared.program {
        Some((program, _)) => {
            run_blocks(&Bound::again(plan, snapshot, inputs, &known, program), rows)
        }
        None => Vec::new(),
    }
}

fn run_blocks(bound: &Bound<'_>, rows: &[u32]) -> Vec<Option<Outcome>> {
    let blocks: Vec<&[u32]> = rows.chunks(BLOCK).collect();
    let parts = in_parallel(blocks.len(), |number| {
        let block = blocks.get(number).copied().unwrap_or_default();
        let data = bound.snapshot.gather(block.iter().copied());
        chunk::run(bound, Chunk::gathered(bound.snapshot, &data)).segments
    });
    let mut found: Vec<Option<Outcome>> = bound.plan.segments().iter().map(|_| None).collect();
    for (segment, part) in parts.into_iter().flatten() {
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
    if rows.is_empty() {
        return Vec::new();
    }
    found
}

/// What is known of the population after these customers have changed, and the other customers whom it concerns that a
/// cut has moved; `None` where that cannot be told without evaluating everybody.
pub(crate) fn follow(
    plan: &Plan,
    before: State<'_>,
    after: State<'_>,
    inputs: &Inputs,
    population: &Population,
    touched: &[u32],
) -> Option<(Population, BTreeSet<u32>)> {
    rank::follow(plan, before, after, inputs, population, touched)
}
