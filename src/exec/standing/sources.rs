//! Which customers the passing of time concerns, and in what.

use std::collections::{BTreeSet, HashMap};

use roaring::RoaringBitmap;

use super::{
    super::{
        Inputs,
        bind::Bound,
        chunk::Run,
        kernels,
        mask::{self, Mask},
        op::{Action, ConditionOp},
        partial::State,
        rank::{Known, Read, needed},
        resolve::{Test, Yearly},
        rows,
    },
    strips::{Ranges, Strips, difference},
};
use crate::{
    calendar::Moment,
    parallel::in_parallel,
    plan::{
        ConditionId, ConditionKind, Constant, Plan, Scope, Step, ThresholdId, ValueId, ValueKind,
        YearlyWindow,
    },
    rule::{AggregateFunction, ExprType, Function, Start},
    schema::{ColumnId, Role, TableId},
    snapshot::Chunk,
    value::Type,
};

/// More days of a column than this are not gone through one by one.
const MOST_DAYS: i64 = 200_000;

/// Something through which time reaches customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// A value of a column between which and the clock something has changed.
    Strip(usize),
    /// A condition that has to be asked at both moments.
    Both(ConditionId),
    /// A cut of the population.
    Cut(ThresholdId),
}

pub(super) type Set = BTreeSet<Source>;

/// By node: what it may feel of the time between two moments.
pub(super) struct Sources {
    pub(super) conditions: Vec<Set>,
    pub(super) values: Vec<Set>,
    /// Leaves that test a column of the customers: the strip of those, and only those, who have another answer.
    exact: HashMap<ConditionId, usize>,
    /// Of the customers themselves.
    born: Option<usize>,
    strips: Strips,
    both: Vec<ConditionId>,
}

/// By source: whom it concerns.
#[derive(Default)]
pub(super) struct Concerned {
    strips: Vec<RoaringBitmap>,
    both: HashMap<ConditionId, RoaringBitmap>,
    pub(super) cuts: HashMap<ThresholdId, RoaringBitmap>,
    /// Who comes to exist.
    pub(super) born: RoaringBitmap,
}

impl Sources {
    /// `None` where a ranked value reads the clock: then everybody has another.
    pub(super) fn of(
        plan: &Plan,
        before: State<'_>,
        later: Moment,
        inputs: &Inputs,
        known: &Known,
    ) -> Option<Self> {
        let mut read = Read::by_segments(plan, inputs);
        for (_, threshold) in needed(plan, inputs) {
            read.values
                .get_mut(threshold.value.0 as usize)
                .into_iter()
                .for_each(|seen| *seen = true);
        }
        read.complete(plan);
        let of_clock = values_of_clock(plan);
        let reads_clock = |id: ValueId| of_clock.get(id.0 as usize) == Some(&true);
        if needed(plan, inputs).iter().any(|(_, threshold)| reads_clock(threshold.value)) {
            return None;
        }
        let is_read = |id: ConditionId| read.conditions.get(id.0 as usize) == Some(&true);
        let clocks = of_conditions(plan, |id, kind| {
            let mut by_value = false;
            kind.for_each_input(|_| {}, |value| by_value |= reads_clock(value));
            is_read(id) && (by_value || is_of_clock(kind))
        });
        let mut sources = Self::nothing(plan);
        let between = Between { plan, before, later };
        sources.born = between
            .born()
            .and_then(|(column, ranges)| sources.strips.add(TableId::CUSTOMERS, column, ranges));
        let own = between.clocks(&clocks, known, &mut sources);
        for step in plan.steps() {
            match step {
                Step::Condition(id) if is_read(*id) => {
                    let own = own.get(id).copied();
                    sources.condition(plan, *id, own);
                }
                Step::Value(id) if read.values.get(id.0 as usize) == Some(&true) => {
                    sources.value(plan, Some(&between), *id);
                }
                _ => {}
            }
        }
        Some(sources)
    }

    /// Only the cuts that nodes read.
    pub(super) fn cuts(plan: &Plan) -> Self {
        let mut sources = Self::nothing(plan);
        for step in plan.steps() {
            match step {
                Step::Condition(id) => sources.condition(plan, *id, None),
                Step::Value(id) => sources.value(plan, None, *id),
                Step::Segment(_) => {}
            }
        }
        sources
    }

    fn nothing(plan: &Plan) -> Self {
        Self {
            conditions: plan.conditions().iter().map(|_| Set::new()).collect(),
            values: plan.values().iter().map(|_| Set::new()).collect(),
            exact: HashMap::new(),
            born: None,
            strips: Strips::default(),
            both: Vec::new(),
        }
    }

    fn condition(&mut self, plan: &Plan, id: ConditionId, own: Option<Source>) {
        let Some(node) = plan.conditions().get(id.0 as usize) else { return };
        let mut set: Set = own.into_iter().collect();
        let mut more = Set::new();
        node.kind.for_each_input(
            |id| set.extend(of(&self.conditions, id.0)),
            |id| more.extend(of(&self.values, id.0)),
        );
        set.append(&mut more);
        if let ConditionKind::Beyond { threshold, .. } = &node.kind {
            set.insert(Source::Cut(*threshold));
        }
        self.conditions.get_mut(id.0 as usize).into_iter().for_each(|slot| *slot = set.clone());
    }

    fn value(&mut self, plan: &Plan, between: Option<&Between<'_>>, id: ValueId) {
        let Some(node) = plan.values().get(id.0 as usize) else { return };
        let (mut set, mut more) = (Set::new(), Set::new());
        plan.for_each_input_of(
            &node.kind,
            |id| set.extend(of(&self.conditions, id.0)),
            |id| more.extend(of(&self.values, id.0)),
        );
        set.append(&mut more);
        match &node.kind {
            ValueKind::Aggregate(id) => {
                let table = plan.aggregates().get(id.0 as usize).map(|one| one.table);
                let rows = between.zip(table).and_then(|(between, table)| between.rows(table));
                let strip =
                    rows.and_then(|(table, column, ranges)| self.strips.add(table, column, ranges));
                set.extend(strip.map(Source::Strip));
            }
            ValueKind::Bucket { threshold, .. } => {
                set.insert(Source::Cut(*threshold));
            }
            _ => {}
        }
        self.values.get_mut(id.0 as usize).into_iter().for_each(|slot| *slot = set.clone());
    }

    /// Whom the sources concern, cuts apart.
    pub(super) fn concerned(
        &self,
        plan: &Plan,
        before: State<'_>,
        later: Moment,
        known: &Known,
    ) -> Concerned {
        let strips = self.strips.owners(before.snapshot);
        let born = self.born.and_then(|number| strips.get(number)).cloned().unwrap_or_default();
        let both = both(plan, before, later, &self.both, known);
        Concerned { strips, both, born, cuts: HashMap::new() }
    }
}

impl Concerned {
    pub(super) fn of_cuts(cuts: Vec<(ThresholdId, RoaringBitmap)>) -> Self {
        Self { cuts: cuts.into_iter().collect(), ..Self::default() }
    }

    pub(super) fn of(&self, source: Source) -> Option<&RoaringBitmap> {
        let rows = match source {
            Source::Strip(number) => self.strips.get(number),
            Source::Both(id) => self.both.get(&id),
            Source::Cut(id) => self.cuts.get(&id),
        };
        rows.filter(|rows| !rows.is_empty())
    }

    /// Those who have another answer to a leaf, where that is known without asking them.
    pub(super) fn turned(&self, sources: &Sources, leaf: ConditionId) -> Option<&RoaringBitmap> {
        self.strips.get(*sources.exact.get(&leaf)?)
    }

    pub(super) fn sources(&self) -> impl Iterator<Item = &RoaringBitmap> {
        self.strips.iter().chain(self.both.values())
    }

    pub(super) fn of_all<'s>(
        &self,
        sources: impl IntoIterator<Item = &'s Source>,
    ) -> RoaringBitmap {
        let mut all = RoaringBitmap::new();
        sources.into_iter().filter_map(|source| self.of(*source)).for_each(|rows| all |= rows);
        all
    }
}

fn of(sets: &[Set], number: u32) -> impl Iterator<Item = Source> {
    sets.get(number as usize).into_iter().flatten().copied()
}

fn of_conditions(
    plan: &Plan,
    mut wanted: impl FnMut(ConditionId, &ConditionKind) -> bool,
) -> Vec<ConditionId> {
    let nodes = (0..).map(ConditionId).zip(plan.conditions());
    nodes.filter(|(id, node)| wanted(*id, &node.kind)).map(|(id, _)| id).collect()
}

/// Two moments.
struct Between<'a> {
    plan: &'a Plan,
    before: State<'a>,
    later: Moment,
}

impl Between<'_> {
    /// The times from which on customers have come to exist.
    fn born(&self) -> Option<(ColumnId, Ranges)> {
        let role = self.before.snapshot.schema().customers().role;
        let Role::Customers { created: Some(created) } = role else { return None };
        Some((created, self.times(created)))
    }

    /// The same of the rows of a child table.
    fn rows(&self, table: TableId) -> Option<(TableId, ColumnId, Ranges)> {
        let (_, time) = self.before.snapshot.schema().time_of(table)?;
        Some((time.table, time, self.times(time)))
    }

    fn times(&self, column: ColumnId) -> Ranges {
        let ty = &self.before.snapshot.schema().column(column).ty;
        let limit = |moment: Moment| match ty {
            Type::Date => i128::from(moment.today.0),
            _ => i128::from(moment.now.0),
        };
        let (from, to) = (limit(self.before.moment), limit(self.later));
        if from < to { vec![(from + 1, to)] } else { Vec::new() }
    }

    /// The source that each of the conditions is itself.
    fn clocks(
        &self,
        clocks: &[ConditionId],
        known: &Known,
        sources: &mut Sources,
    ) -> HashMap<ConditionId, Source> {
        let bound =
            |moment| Bound::of_conditions(self.plan, self.before.snapshot, moment, clocks, known);
        let (old, new) = (bound(self.before.moment), bound(self.later));
        let (old, new) = (ops(&old), ops(&new));
        let mut own = HashMap::new();
        for id in clocks {
            let tests = old.get(id).zip(new.get(id));
            let found = tests.and_then(|(old, new)| self.strip(old, new));
            let source = match found {
                Some((table, column, ranges)) => {
                    let strip = sources.strips.add(table, column, ranges);
                    let is_own = matches!(new.get(id), Some(ConditionOp::Column { .. }));
                    if let Some(strip) = strip
                        && is_own
                        && table == TableId::CUSTOMERS
                    {
                        sources.exact.insert(*id, strip);
                    }
                    strip.map(Source::Strip)
                }
                None => {
                    sources.both.push(*id);
                    Some(Source::Both(*id))
                }
            };
            own.extend(source.map(|source| (*id, source)));
        }
        own
    }

    /// The values of a column for which a condition has another answer, or may have.
    fn strip(&self, old: &ConditionOp, new: &ConditionOp) -> Option<(TableId, ColumnId, Ranges)> {
        match (old, new) {
            (
                ConditionOp::Column { ty, site, test: old },
                ConditionOp::Column { test: new, .. },
            ) if site.route.is_none() => {
                let ranges = self.turned(*ty, site.column, old, new)?;
                Some((site.column.table, site.column, ranges))
            }
            // The least, greatest, first or last value is one of the values.
            (ConditionOp::Value { value, test: old }, ConditionOp::Value { test: new, .. }) => {
                let column = self.one_of_column(*value)?;
                Some((column.table, column, difference(ranges(old)?, ranges(new)?)))
            }
            _ => None,
        }
    }

    fn one_of_column(&self, value: ValueId) -> Option<ColumnId> {
        let ValueKind::Aggregate(id) = &self.plan.values().get(value.0 as usize)?.kind else {
            return None;
        };
        let aggregate = self.plan.aggregates().get(id.0 as usize)?;
        let function = aggregate.function;
        if !matches!(
            function,
            AggregateFunction::Min
                | AggregateFunction::Max
                | AggregateFunction::First
                | AggregateFunction::Last
        ) {
            return None;
        }
        let of = self.plan.values().get(aggregate.value?.0 as usize)?;
        let ValueKind::Column(path) = &of.kind else { return None };
        let is_own = path.start == Start::Own
            && path.through.is_empty()
            && path.column.table == aggregate.table
            && self.before.snapshot.schema().column(path.column).lookup.is_none();
        is_own.then_some(path.column)
    }

    /// The values of a column for which one test holds and the other does not.
    fn turned(&self, ty: ExprType, column: ColumnId, old: &Test, new: &Test) -> Option<Ranges> {
        if let (Some(old), Some(new)) = (ranges(old), ranges(new)) {
            return Some(difference(old, new));
        }
        if ty != ExprType::Date {
            return None;
        }
        let Some((min, max)) = self.before.snapshot.range_of(column) else {
            return Some(Vec::new());
        };
        let days = match (Days::of(old)?, Days::of(new)?) {
            (Days::Yearly(old), Days::Yearly(new)) => old.turned(new, (min, max)),
            _ if max.checked_sub(min)? > MOST_DAYS => return None,
            (old, new) => (min..=max).filter(|day| old.holds(*day) != new.holds(*day)).collect(),
        };
        let mut found = Ranges::new();
        for day in days.into_iter().map(i128::from) {
            match found.last_mut() {
                Some((_, last)) if *last + 1 == day => *last = day,
                _ => found.push((day, day)),
            }
        }
        Some(found)
    }
}

/// A test of days.
enum Days<'t> {
    All,
    Ranges(&'t [(i128, i128)]),
    Yearly(&'t Yearly),
}

impl<'t> Days<'t> {
    fn of(test: &'t Test) -> Option<Self> {
        match test {
            Test::Present => Some(Self::All),
            Test::MonthDays(yearly) => Some(Self::Yearly(yearly)),
            _ => ranges(test).map(Self::Ranges),
        }
    }

    fn holds(&self, day: i64) -> bool {
        match self {
            Self::All => true,
            Self::Ranges(ranges) => kernels::in_sorted(ranges, day.into()),
            Self::Yearly(yearly) => yearly.takes(day),
        }
    }
}

fn ranges(test: &Test) -> Option<&[(i128, i128)]> {
    match test {
        Test::Ranges(ranges) => Some(ranges),
        Test::Never => Some(&[]),
        _ => None,
    }
}

fn ops<'b>(bound: &'b Bound<'_>) -> HashMap<ConditionId, &'b ConditionOp> {
    let steps = bound.steps.iter();
    let conditions = steps.filter_map(|planned| match &planned.action {
        Action::Condition { id, op, .. } => Some((*id, op)),
        _ => None,
    });
    conditions.collect()
}

/// By condition: for whom it, or a row of whom, has another answer at the later moment.
fn both(
    plan: &Plan,
    before: State<'_>,
    later: Moment,
    conditions: &[ConditionId],
    known: &Known,
) -> HashMap<ConditionId, RoaringBitmap> {
    if conditions.is_empty() {
        return HashMap::new();
    }
    let State { snapshot, moment } = before;
    let programs = [moment, later]
        .map(|moment| Bound::of_conditions(plan, snapshot, moment, conditions, known));
    let parts = in_parallel(snapshot.chunk_count(), |number| {
        let chunk = snapshot.chunk(number);
        let [mut old, mut new] = programs.each_ref().map(|one| Run::new(one, chunk));
        old.all();
        new.all();
        let differs = |id: &ConditionId| {
            let (one, other) = old.mask(*id).zip(new.mask(*id))?;
            let rows: Mask = one.iter().zip(other.iter()).map(|(one, other)| one ^ other).collect();
            let mut found = owners(chunk, table_of(plan, *id), rows);
            if let Some(live) = chunk.live() {
                mask::and(&mut found, live);
            }
            Some((*id, rows::to_bitmap(&found, chunk.numbers())))
        };
        conditions.iter().filter_map(differs).collect::<Vec<_>>()
    });
    let mut found: HashMap<ConditionId, RoaringBitmap> = HashMap::new();
    for (id, rows) in parts.into_iter().flatten() {
        *found.entry(id).or_default() |= rows;
    }
    found
}

/// The customers who own a row of the mask, or are the rows themselves.
fn owners(chunk: Chunk<'_>, table: TableId, rows: Mask) -> Mask {
    if table == TableId::CUSTOMERS {
        return rows;
    }
    let mut own = mask::zeros(chunk.rows());
    kernels::any_in_row(chunk.offsets(table), &rows, &mut own);
    own
}

/// The table whose rows a condition is of.
fn table_of(plan: &Plan, id: ConditionId) -> TableId {
    match plan.conditions().get(id.0 as usize).map(|node| node.scope) {
        Some(Scope::Rows(table)) => table,
        _ => TableId::CUSTOMERS,
    }
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
        let Step::Value(id) = step else { continue };
        let Some(node) = plan.values().get(id.0 as usize) else { continue };
        let mut found = match &node.kind {
            ValueKind::Constant(constant) => constant.depends_on_time(),
            ValueKind::Call { function: Function::Age | Function::DaysSince, .. }
            | ValueKind::Predicted(_) => true,
            _ => false,
        };
        let value = |id: ValueId| found |= reads.get(id.0 as usize) == Some(&true);
        plan.for_each_input_of(&node.kind, |_| {}, value);
        if let Some(slot) = reads.get_mut(id.0 as usize) {
            *slot = found;
        }
    }
    reads
}
