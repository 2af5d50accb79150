//! Who can ever come in or go out: those for whom what time does not reach leaves that open.

use super::{
    super::{
        Input, Inputs,
        bind::Bound,
        chunk::Run,
        mask::{self, Mask},
        partial::State,
        predict::Predictions,
        program::{BoundSegment, bound_segments},
        rank::Known,
        rows,
        standing::leaves,
    },
    Feels,
};
use crate::{
    parallel::in_parallel,
    plan::{ConditionId, ConditionKind, Plan, Step},
    rule::SegmentId,
    snapshot::Chunk,
};

/// Which answers may be found at some time: by row, yes, and no.
#[derive(Clone)]
struct May {
    yes: Mask,
    no: Mask,
}

/// Customers by row.
pub(super) struct Ever(mask::Mask);

impl Ever {
    /// Of customers who exist, those for whom the segment's answer is not settled by conditions that time does not
    /// reach. The rules must not rank customers, and read no predictions.
    pub(super) fn of(
        plan: &Plan,
        state: State<'_>,
        inputs: &Inputs,
        (feels, segment): (&Feels, usize),
    ) -> Self {
        let State { snapshot, moment } = state;
        let leaves = leaves(plan, inputs);
        let is_still =
            |id: &ConditionId| leaves.get(id.0 as usize) == Some(&true) && !feels.reaches(*id);
        let all = (0..plan.conditions().len()).filter_map(|id| u32::try_from(id).ok());
        let still: Vec<ConditionId> = all.map(ConditionId).filter(is_still).collect();
        let known = Known::nothing(plan, Predictions::default());
        let bound = Bound::of_conditions(plan, snapshot, moment, &still, &known);
        let segments = bound_segments(plan, snapshot, inputs);
        let found = in_parallel(snapshot.chunk_count(), |number| {
            let chunk = snapshot.chunk(number);
            let mut run = Run::new(&bound, chunk);
            run.all();
            let mut open = Open {
                plan,
                inputs,
                chunk,
                leaves: &leaves,
                feels,
                bound: &segments,
                conditions: vec![None; plan.conditions().len()],
                segments: vec![None; segments.len()],
            };
            open.all(&run);
            let found = open.segments.get_mut(segment).and_then(Option::take);
            let May { mut yes, no } = found.unwrap_or_else(|| open.unknown());
            mask::and(&mut yes, &no);
            if let Some(live) = chunk.live() {
                mask::and(&mut yes, live);
            }
            rows::to_bitmap(&yes, chunk.numbers())
        });
        let mut ever = Self(mask::zeros(snapshot.row_count()));
        found.iter().flatten().for_each(|row| ever.add(row));
        ever
    }

    pub(super) fn add(&mut self, row: u32) {
        mask::set(&mut self.0, row as usize);
    }

    pub(super) fn holds(&self, row: u32) -> bool {
        mask::get(&self.0, row as usize)
    }

    pub(super) fn rows(&self) -> Vec<u32> {
        let rows = (0..self.0.len() * 64).filter_map(|row| u32::try_from(row).ok());
        rows.filter(|row| self.holds(*row)).collect()
    }
}

/// What is open for the customers of one chunk.
struct Open<'a> {
    plan: &'a Plan,
    inputs: &'a Inputs,
    chunk: Chunk<'a>,
    leaves: &'a [bool],
    feels: &'a Feels,
    bound: &'a [BoundSegment],
    conditions: Vec<Option<May>>,
    segments: Vec<Option<May>>,
}

impl Open<'_> {
    fn all(&mut self, run: &Run<'_>) {
        for step in self.plan.steps() {
            match step {
                Step::Condition(id) => {
                    let may = self.condition(*id, run);
                    if let Some(slot) = self.conditions.get_mut(id.0 as usize) {
                        *slot = may;
                    }
                }
                Step::Segment(id) => {
                    let may = self.segment(*id);
                    if let Some(slot) = self.segments.get_mut(id.0 as usize) {
                        *slot = may;
                    }
                }
                Step::Value(_) => {}
            }
        }
    }

    fn unknown(&self) -> May {
        let all = mask::ones(self.chunk.rows());
        May { yes: all.clone(), no: all }
    }

    fn settled(&self, yes: Mask) -> May {
        let mut no = yes.clone();
        mask::not(&mut no, self.chunk.rows());
        May { yes, no }
    }

    /// `None` for what no segment is made of.
    fn condition(&self, id: ConditionId, run: &Run<'_>) -> Option<May> {
        if self.leaves.get(id.0 as usize) == Some(&true) {
            let known = run.mask(id).filter(|_| !self.feels.reaches(id));
            return Some(known.map_or_else(|| self.unknown(), |mask| self.settled(mask.clone())));
        }
        match &self.plan.conditions().get(id.0 as usize)?.kind {
            ConditionKind::Constant(value) => {
                let rows = self.chunk.rows();
                Some(self.settled(if *value { mask::ones(rows) } else { mask::zeros(rows) }))
            }
            ConditionKind::Not(of) => {
                let May { yes, no } = self.of(*of)?.clone();
                Some(May { yes: no, no: yes })
            }
            ConditionKind::And(of) => self.join(of, |all, one| {
                (mask::and(&mut all.yes, &one.yes), mask::or(&mut all.no, &one.no))
            }),
            ConditionKind::Or(of) => self.join(of, |all, one| {
                (mask::or(&mut all.yes, &one.yes), mask::and(&mut all.no, &one.no))
            }),
            ConditionKind::AtLeast { count, of } => self.at_least(*count, of),
            ConditionKind::InSegment(id) => self.segments.get(id.0 as usize)?.clone(),
            _ => None,
        }
    }

    fn of(&self, id: ConditionId) -> Option<&May> {
        self.conditions.get(id.0 as usize)?.as_ref()
    }

    fn join(&self, of: &[ConditionId], with: impl Fn(&mut May, &May) -> ((), ())) -> Option<May> {
        let (first, others) = of.split_first()?;
        let mut all = self.of(*first)?.clone();
        for other in others {
            with(&mut all, self.of(*other)?);
        }
        Some(all)
    }

    fn at_least(&self, count: usize, of: &[ConditionId]) -> Option<May> {
        let parts: Option<Vec<&May>> = of.iter().map(|id| self.of(*id)).collect();
        let parts = parts?;
        let rows = self.chunk.rows();
        let mut may = May { yes: mask::zeros(rows), no: mask::zeros(rows) };
        for row in 0..rows {
            let most = parts.iter().filter(|part| mask::get(&part.yes, row)).count();
            let least = parts.iter().filter(|part| !mask::get(&part.no, row)).count();
            if most >= count {
                mask::set(&mut may.yes, row);
            }
            if least < count {
                mask::set(&mut may.no, row);
            }
        }
        Some(may)
    }

    fn segment(&self, id: SegmentId) -> Option<May> {
        let number = id.0 as usize;
        let bound = self.bound.get(number)?;
        let numbers = self.chunk.numbers();
        let mut may = match self.inputs.of(number) {
            Input::Members(given) => return Some(self.settled(rows::of_bitmap(given, numbers))),
            Input::Base(base) => self.settled(rows::of_bitmap(base, numbers)),
            Input::Evaluate { .. } | Input::Standing => self.of(bound.condition)?.clone(),
        };
        for row in rows::those_of(&bound.pins_in, numbers) {
            mask::set(&mut may.yes, row);
            mask::clear(&mut may.no, row);
        }
        for row in rows::those_of(&bound.pins_out, numbers) {
            mask::clear(&mut may.yes, row);
            mask::set(&mut may.no, row);
        }
        Some(may)
    }
}
