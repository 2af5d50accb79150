//! Whom the passing of time concerns.
//!
//! Time reaches a customer in three ways: the customer, or a row, comes to exist; a condition that reads the clock
//! itself (one that compares with `today`, or with a value like `age(birthday)`) has another answer; or a cut of the
//! population moves, which is followed elsewhere. Everything else follows from these. So whoever comes into existence,
//! owns a row that does, or has another answer to such a condition, or owns a row that has, is a candidate, and nobody
//! else can have changed.

use roaring::RoaringBitmap;

use super::{
    Inputs,
    bind::Bound,
    chunk::Run,
    kernels,
    mask::{self, Mask},
    op::{Action, ConditionOp},
    partial::{Population, State},
    rank::{Known, Read},
    resolve::{Test, ranges_test},
    rows,
};
use crate::{
    calendar::Moment,
    parallel::in_parallel,
    plan::{ConditionId, ConditionKind, Constant, Plan, Scope, ValueKind, YearlyWindow},
    rule::Function,
    schema::{ColumnId, Role, Schema, TableId},
    snapshot::{Chunk, ColumnChunk, Offsets, Values},
    value::Type,
};

/// Those whose memberships may be others at a later moment; `None` where that cannot be told without evaluating
/// everybody. `population` must be that of the earlier moment.
pub(crate) fn turned(
    plan: &Plan,
    before: State<'_>,
    later: Moment,
    inputs: &Inputs,
    population: &Population,
) -> Option<RoaringBitmap> {
    let mut read = Read::by_segments(plan, inputs);
    for (threshold, is_read) in plan.thresholds().iter().zip(&read.thresholds) {
        if let Some(seen) = read.values.get_mut(threshold.value.0 as usize) {
            *seen |= is_read;
        }
    }
    read.complete(plan);
    let watch = Watch::of(plan, before.snapshot.schema(), &read)?;
    Some(watch.turned(plan, before, later, population))
}

/// What has to be watched.
pub(super) struct Watch {
    /// The conditions that read the clock.
    conditions: Vec<ConditionId>,
    /// The columns that say when a row comes to exist.
    times: Vec<(TableId, ColumnId)>,
}

impl Watch {
    fn of(plan: &Plan, schema: &Schema, read: &Read) -> Option<Self> {
        let reads_clock = values_of_clock(plan);
        let reads = |number: usize| reads_clock.get(number).copied().unwrap_or(false);
        let thresholds = plan.thresholds().iter().zip(&read.thresholds);
        if thresholds.filter(|(_, read)| **read).any(|(one, _)| reads(one.value.0 as usize)) {
            return None;
        }
        let mut conditions = Vec::new();
        let mut closure = Read::nothing(plan);
        let nodes = plan.conditions().iter().zip(&read.conditions).zip(0_u32..);
        for ((node, _), number) in nodes.filter(|((_, read), _)| **read) {
            let mut by_value = false;
            node.kind.for_each_input(|_| {}, |value| by_value |= reads(value.0 as usize));
            if by_value || is_of_clock(&node.kind) {
                conditions.push(ConditionId(number));
                if let Some(seen) = closure.conditions.get_mut(number as usize) {
                    *seen = true;
                }
            }
        }
        closure.complete(plan);
        let read_conditions = plan.conditions().iter().zip(&closure.conditions);
        let mut read_conditions = read_conditions.filter(|(_, read)| **read);
        if read_conditions.any(|(node, _)| matches!(node.kind, ConditionKind::InSegment(_))) {
            return None;
        }
        let mut times = Vec::new();
        if let Role::Customers { created: Some(created) } = schema.customers().role {
            times.push((TableId::CUSTOMERS, created));
        }
        let values = plan.values().iter().zip(&read.values).filter(|(_, read)| **read);
        for (node, _) in values {
            let ValueKind::Aggregate(id) = &node.kind else { continue };
            let table = plan.aggregates().get(id.0 as usize)?.table;
            if let Some((_, time)) = schema.time_of(table) {
                times.push((time.table, time));
            }
        }
        times.sort_unstable_by_key(|(table, column)| (table.0, column.index));
        times.dedup();
        Some(Self { conditions, times })
    }

    fn turned(
        &self,
        plan: &Plan,
        before: State<'_>,
        later: Moment,
        population: &Population,
    ) -> RoaringBitmap {
        let State { snapshot, moment } = before;
        let known = Known::of(plan, population.cuts.clone());
        let of = |moment, conditions: &[ConditionId]| {
            Bound::of_conditions(plan, snapshot, moment, conditions, &known)
        };
        let whole = [of(moment, &self.conditions), of(later, &self.conditions)];
        let (mut strips, rest) = self.strips(&whole);
        for (table, column) in &self.times {
            let [from, to] = [moment, later].map(|moment| limit(&whole[0], *column, moment));
            strips.add(*table, *column, vec![(from + 1, to)]);
        }
        let programs = [of(moment, &rest), of(later, &rest)];
        let chunks = in_parallel(snapshot.chunk_count(), |number| {
            let chunk = snapshot.chunk(number);
            let mut found = mask::zeros(chunk.rows());
            for (table, column, ranges) in &strips.strips {
                let mut rows = mask::zeros(chunk.column(*column).rows);
                swept(chunk.column(*column), ranges, &mut rows);
                owners(chunk, *table, &rows, &mut found);
            }
            let [mut old, mut new] = [&programs[0], &programs[1]].map(|one| Run::new(one, chunk));
            old.all();
            new.all();
            for id in &rest {
                let (Some(one), Some(other)) = (old.mask(*id), new.mask(*id)) else { continue };
                if one == other {
                    continue;
                }
                let differ: Mask = one.iter().zip(other).map(|(one, other)| one ^ other).collect();
                owners(chunk, table_of(plan, *id), &differ, &mut found);
            }
            if let Some(live) = chunk.live() {
                mask::and(&mut found, live);
            }
            rows::to_bitmap(&found, chunk.numbers())
        });
        let mut all = RoaringBitmap::new();
        chunks.into_iter().for_each(|chunk| all |= chunk);
        all
    }

    /// What conditions on a column of their own rows have swept from one moment to the other, and the other conditions.
    //
    // PERF: all windows of a column share one pass, whatever their number; evaluating each at both moments took four
    // times as long for 200 segments.
    fn strips(&self, [old, new]: &[Bound<'_>; 2]) -> (Strips, Vec<ConditionId>) {
        let (mut strips, mut rest) = (Strips::default(), Vec::new());
        for id in &self.conditions {
            match (plain_ranges(old, *id), plain_ranges(new, *id)) {
                (Some((column, one)), Some((_, other))) => {
                    strips.add(table_of(old.plan, *id), column, difference(one, other));
                }
                _ => rest.push(*id),
            }
        }
        (strips, rest)
    }
}

/// Ascending, and without overlap.
type Ranges = Vec<(i128, i128)>;

/// By column: the values for which a condition has another answer.
#[derive(Default)]
struct Strips {
    strips: Vec<(TableId, ColumnId, Ranges)>,
}

impl Strips {
    fn add(&mut self, table: TableId, column: ColumnId, ranges: Ranges) {
        match self.strips.iter_mut().find(|(_, known, _)| *known == column) {
            Some((_, _, known)) => {
                known.extend(ranges);
                // Ascending, and joined where they overlap.
                *known = match ranges_test(std::mem::take(known)) {
                    Test::Ranges(joined) => joined,
                    _ => Vec::new(),
                };
            }
            None => {
                self.strips.push((table, column, Vec::new()));
                self.add(table, column, ranges);
            }
        }
    }
}

/// The table whose rows a condition is of.
fn table_of(plan: &Plan, id: ConditionId) -> TableId {
    match plan.conditions().get(id.0 as usize).map(|node| node.scope) {
        Some(Scope::Rows(table)) => table,
        _ => TableId::CUSTOMERS,
    }
}

/// The column of its own rows that a condition takes some ranges of.
fn plain_ranges<'b>(
    bound: &'b Bound<'_>,
    id: ConditionId,
) -> Option<(ColumnId, &'b [(i128, i128)])> {
    let planned = bound.steps.iter().find(
        |planned| matches!(&planned.action, Action::Condition { id: known, .. } if *known == id),
    )?;
    let Action::Condition { op: ConditionOp::Column { site, test, .. }, .. } = &planned.action
    else {
        return None;
    };
    match (site.route, test) {
        (None, Test::Ranges(ranges)) => Some((site.column, ranges)),
        (None, Test::Never) => Some((site.column, &[])),
        _ => None,
    }
}

/// What one of both holds, and not the other. Each is ascending and without overlap.
fn difference(one: &[(i128, i128)], other: &[(i128, i128)]) -> Ranges {
    // Where the one or the other begins or ends.
    let edges = |ranges: &[(i128, i128)]| -> Vec<i128> {
        let ends = |(low, high): &(i128, i128)| [Some(*low), high.checked_add(1)];
        ranges.iter().flat_map(ends).flatten().collect()
    };
    let mut edges: Vec<i128> = edges(one).into_iter().chain(edges(other)).collect();
    edges.sort_unstable();
    let pairs = edges.chunks(2);
    let range = |pair: &[i128]| match pair {
        [from, to] if from < to => Some((*from, to - 1)),
        [from] => Some((*from, i128::MAX)),
        _ => None,
    };
    pairs.filter_map(range).collect()
}

/// The last value of a column of times that exists at a moment.
fn limit(bound: &Bound<'_>, column: ColumnId, moment: Moment) -> i128 {
    match bound.schema.column(column).ty {
        Type::Date => moment.today.0.into(),
        _ => moment.now.0.into(),
    }
}

/// The rows whose value is in one of the ranges.
fn swept(column: &ColumnChunk, ranges: &[(i128, i128)], rows: &mut [u64]) {
    let Values::Number(frame) = &column.values else { return };
    match &frame.offsets {
        Offsets::U16(offsets) if ranges.len() > 1 => {
            let last = offsets.iter().copied().max().unwrap_or(0);
            let holds =
                |offset: u16| kernels::in_sorted(ranges, frame.number(offset.into()).into());
            let table: Vec<bool> = (0..=last).map(holds).collect();
            let holds = |offset: u16| table.get(usize::from(offset)) == Some(&true);
            kernels::fill(offsets, rows, holds);
        }
        _ => kernels::in_ranges(frame, ranges, rows),
    }
    if let Some(presence) = column.presence() {
        mask::and(rows, presence);
    }
}

/// Adds the customers who own a row of the mask, or are the rows themselves.
fn owners(chunk: Chunk<'_>, table: TableId, rows: &[u64], found: &mut [u64]) {
    if table == TableId::CUSTOMERS {
        return mask::or(found, rows);
    }
    if rows.iter().all(|word| *word == 0) {
        return;
    }
    let mut own = mask::zeros(chunk.rows());
    kernels::any_in_row(chunk.offsets(table), rows, &mut own);
    mask::or(found, &own);
}

/// Whether a condition compares with the clock itself.
fn is_of_clock(kind: &ConditionKind) -> bool {
    match kind {
        ConditionKind::CompareConstant { constant, .. } => constant.depends_on_time(),
        ConditionKind::OneOf { constants, .. } => constants.iter().any(Constant::depends_on_time),
        ConditionKind::Yearly { windows, .. } => windows.iter().any(|window| match window {
            YearlyWindow::Days { .. } => true,
            YearlyWindow::Circle { first, last } => {
                first.depends_on_time() || last.depends_on_time()
            }
        }),
        _ => false,
    }
}

/// By value: whether it changes with the clock alone.
fn values_of_clock(plan: &Plan) -> Vec<bool> {
    let mut reads = vec![false; plan.values().len()];
    for step in plan.steps() {
        let crate::plan::Step::Value(id) = step else { continue };
        let Some(node) = plan.values().get(id.0 as usize) else { continue };
        let own = match &node.kind {
            ValueKind::Constant(constant) => constant.depends_on_time(),
            ValueKind::Call { function: Function::Age | Function::DaysSince, .. }
            | ValueKind::Predicted(_) => true,
            _ => false,
        };
        let mut found = own;
        let value = |id: crate::plan::ValueId| found |= reads.get(id.0 as usize) == Some(&true);
        plan.for_each_input_of(&node.kind, |_| {}, value);
        if let Some(slot) = reads.get_mut(id.0 as usize) {
            *slot = found;
        }
    }
    reads
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_of_two_holds() {
        let all = (i128::MIN, i128::MAX);
        for (one, other, expected) in [
            (vec![(1, 5)], vec![(1, 5)], vec![]),
            (vec![(1, 5)], vec![(2, 6)], vec![(1, 1), (6, 6)]),
            (vec![(1, 5)], vec![], vec![(1, 5)]),
            (vec![(i128::MIN, 3)], vec![(i128::MIN, 7)], vec![(4, 7)]),
            (vec![(3, i128::MAX)], vec![(7, i128::MAX)], vec![(3, 6)]),
            (vec![all], vec![(0, 0)], vec![(i128::MIN, -1), (1, i128::MAX)]),
            (vec![all], vec![all], vec![]),
            (vec![(1, 2), (8, 9)], vec![(2, 8)], vec![(1, 1), (3, 7), (9, 9)]),
        ] {
            assert_eq!(difference(&one, &other), expected, "{one:?} {other:?}");
            assert_eq!(difference(&other, &one), expected);
        }
    }
}
