//! All steps over one chunk.

use std::cell::OnceCell;

use super::{
    Input, Outcome, Part,
    aggregate::{self, Visible},
    bind::Bound,
    call, choose, compare,
    derived::Derived,
    kernels::{self, Owners},
    mask::{self, Mask, Pool},
    number,
    op::{Action, ConditionOp, Site, Slot, ValueOp},
    program::{BoundSegment, Yields},
    rank::RankedChunk,
    rows,
    standing::{Block, Kept},
    vector::{Data, Vector},
};
use crate::{
    plan::{Aggregate, ConditionId, Constant, Scope, ValueId, ValueKind},
    rule::{AggregateFunction, ExprType, SegmentId, Start},
    schema::{Role, TableId},
    snapshot::{Chunk, Values},
    value::Sample,
};

pub(super) fn run(bound: &Bound<'_>, chunk: Chunk<'_>) -> Part {
    let mut run = Run::new(bound, chunk);
    run.all();
    let existing = rows::to_bitmap(&run.exists, chunk.numbers());
    let segments = std::mem::take(&mut run.parts);
    let kept = (bound.yields != Yields::Members).then(|| run.into_kept());
    Part { kept, existing, segments }
}

/// The values of a program that is bound for them.
pub(super) fn values(bound: &Bound<'_>, chunk: Chunk<'_>, values: &[ValueId]) -> Vec<RankedChunk> {
    let mut run = Run::new(bound, chunk);
    run.all();
    let rows = run.chunk.rows();
    let mut ranked = |value: &ValueId| {
        let found = run.vectors.get_mut(value.0 as usize).and_then(Option::take);
        let vector = found.and_then(Vector::into_numbers);
        RankedChunk::new(vector.unwrap_or_else(|| Vector::missing(rows)), &run.exists)
    };
    values.iter().map(&mut ranked).collect()
}

/// The chunk under work.
pub(super) struct Run<'a> {
    pub(super) bound: &'a Bound<'a>,
    pub(super) chunk: Chunk<'a>,
    masks: Vec<Option<Mask>>,
    vectors: Vec<Option<Vector<'a>>>,
    members: Vec<Option<Mask>>,
    pub(super) routes: Vec<OnceCell<Vec<u32>>>,
    /// By table.
    pub(super) visible: Vec<OnceCell<Visible>>,
    /// By table.
    pub(super) owners: Vec<OnceCell<Owners>>,
    pub(super) exists: Mask,
    derived: Derived,
    pub(super) pool: Pool,
    parts: Vec<(usize, Outcome)>,
    /// What stands of these customers.
    given: Option<&'a Block>,
}

impl<'a> Run<'a> {
    pub(super) fn new(bound: &'a Bound<'a>, chunk: Chunk<'a>) -> Self {
        let nothing = |len: usize| (0..len).map(|_| None).collect();
        let plan = bound.plan;
        let mut run = Self {
            bound,
            chunk,
            masks: nothing(plan.conditions().len()),
            vectors: (0..plan.values().len()).map(|_| None).collect(),
            members: nothing(bound.segments.len()),
            routes: bound.routes.iter().map(|_| OnceCell::new()).collect(),
            visible: bound.schema.tables().iter().map(|_| OnceCell::new()).collect(),
            owners: bound.schema.tables().iter().map(|_| OnceCell::new()).collect(),
            exists: Mask::new(),
            derived: Derived::default(),
            pool: Pool::default(),
            parts: Vec::new(),
            given: None,
        };
        run.exists = run.existing();
        run
    }

    /// Over customers of whom the leaves are known.
    pub(super) fn over(bound: &'a Bound<'a>, chunk: Chunk<'a>, block: &'a Block) -> Self {
        let mut run = Self::new(bound, chunk);
        run.exists.clone_from(block.exists());
        run.given = Some(block);
        run
    }

    /// What is to stand.
    pub(super) fn into_kept(mut self) -> Kept {
        let mut conditions = Vec::with_capacity(self.bound.kept.len());
        for id in &self.bound.kept {
            let mask = self.masks.get_mut(id.0 as usize).and_then(Option::take);
            conditions.extend(mask.map(|mask| (*id, mask)));
        }
        let members = self.members.into_iter().enumerate();
        let segments = members.filter_map(|(number, members)| {
            let is_given = matches!(self.bound.input(number), Some(Input::Members(_)));
            Some((number, members.filter(|_| !is_given)?))
        });
        Kept { exists: self.exists, conditions, segments: segments.collect() }
    }

    pub(super) fn all(&mut self) {
        let bound = self.bound;
        for planned in &bound.steps {
            match &planned.action {
                Action::Condition { id, scope, op } => {
                    let mask = self.condition(*scope, op);
                    put(&mut self.masks, id.0, mask);
                }
                Action::Value { id, scope, op } => {
                    let vector = self.value(*id, *scope, op);
                    put(&mut self.vectors, id.0, vector);
                }
                Action::Segment(id) => self.segment(*id),
            }
            for slot in &planned.last_of {
                self.free(*slot);
            }
        }
    }

    /// The customers that exist at the moment.
    fn existing(&self) -> Mask {
        let rows = self.chunk.rows();
        let mut exists = mask::ones(rows);
        if let Some(live) = self.chunk.live() {
            mask::and(&mut exists, live);
        }
        let role = self.bound.schema.table(TableId::CUSTOMERS).role;
        if let Role::Customers { created: Some(created) } = role
            && let Some(begun) = self.not_after(created)
        {
            mask::and(&mut exists, &begun);
        }
        exists
    }

    /// The rows whose date or datetime is missing or not after the moment; `None` for all.
    pub(super) fn not_after(&self, column: crate::schema::ColumnId) -> Option<Mask> {
        let moment = self.bound.now.moment;
        let limit = match self.bound.schema.column(column).ty {
            crate::value::Type::Date => i64::from(moment.today.0),
            _ => moment.now.0,
        };
        let column = self.chunk.column(column);
        let Values::Number(frame) = &column.values else { return None };
        if frame.range.is_none_or(|(_, max)| max <= limit) {
            return None;
        }
        let mut rows = mask::zeros(column.rows);
        let range = (i128::MIN, i128::from(limit));
        kernels::in_ranges(frame, &[range], &mut rows);
        if let Some(presence) = column.presence() {
            rows.iter_mut().zip(presence).for_each(|(row, present)| *row |= !present);
            mask::trim(&mut rows, column.rows);
        }
        Some(rows)
    }

    pub(super) fn rows(&self, scope: Scope) -> usize {
        match scope {
            Scope::Customers => self.chunk.rows(),
            Scope::Rows(table) => self.chunk.child_rows(table),
        }
    }

    fn condition(&mut self, scope: Scope, op: &ConditionOp) -> Mask {
        let rows = self.rows(scope);
        match op {
            ConditionOp::Constant(true) => self.pool.ones(rows),
            ConditionOp::Constant(false) => self.pool.zeros(rows),
            ConditionOp::Not(of) => {
                let mut out = self.copy_of(*of, rows);
                mask::not(&mut out, rows);
                out
            }
            ConditionOp::And(of) => self.fold(of, rows, |one, other| one & other),
            ConditionOp::Or(of) => self.fold(of, rows, |one, other| one | other),
            ConditionOp::AtLeast { count, of } => self.at_least(*count, of, rows),
            ConditionOp::Column { ty, site, test } => {
                let column = self.chunk.column(site.column);
                let mut out = self.pool.zeros(column.rows);
                self.derived.test(test, *ty, (site.column, column), &mut out);
                match site.route {
                    Some(route) => {
                        let routed = self.routed(&out, route, rows);
                        self.pool.give_back(out);
                        routed
                    }
                    None => out,
                }
            }
            ConditionOp::Lookup { rows: found, route } => self.routed(found, *route, rows),
            ConditionOp::InSegment(id) => {
                let number = id.0 as usize;
                let members = self.members.get(number).and_then(Option::as_ref);
                match members.or_else(|| self.given?.segment(number)) {
                    Some(members) => self.pool.copy(members),
                    None => self.pool.zeros(rows),
                }
            }
            ConditionOp::Sample(sample) => self.sample(sample, rows),
            _ => self.value_condition(rows, op),
        }
    }

    fn sample(&mut self, sample: &Sample, rows: usize) -> Mask {
        let mut out = self.pool.zeros(rows);
        for row in 0..rows {
            if self.chunk.key_at(row).is_some_and(|key| sample.takes(&key)) {
                mask::set(&mut out, row);
            }
        }
        out
    }

    /// The conditions that read vectors.
    fn value_condition(&mut self, rows: usize, op: &ConditionOp) -> Mask {
        let mut out = self.pool.zeros(rows);
        match op {
            ConditionOp::Value { value, test } => {
                if let Some(vector) = self.vector(*value) {
                    test.on_vector(self.bound.value_type(*value), vector, rows, &mut out);
                }
            }
            ConditionOp::ValueText { value, predicate } => {
                if let Some(vector) = self.vector(*value) {
                    set_where(rows, &mut out, |row| {
                        vector.text(row).is_some_and(|text| predicate.holds(text))
                    });
                }
            }
            ConditionOp::Compare { op, left, right, domain } => {
                if let Some((left, right)) = self.typed(*left).zip(self.typed(*right)) {
                    compare::compare(self.bound.now, *op, left, right, *domain, rows, &mut out);
                }
            }
            ConditionOp::YearlyBetween { value, first, last } => {
                let sides = [*value, *first, *last].map(|id| self.typed(id));
                if let [Some(value), Some(first), Some(last)] = sides {
                    let now = self.bound.now;
                    set_where(rows, &mut out, |row| {
                        let day = |side| compare::month_day(now, side, row);
                        let all = day(value).zip(day(first)).zip(day(last));
                        all.is_some_and(|((day, first), last)| day.between(first, last))
                    });
                }
            }
            ConditionOp::Text { test, value, pattern, fold_case } => {
                if let Some((value, pattern)) = self.vector(*value).zip(self.vector(*pattern)) {
                    compare::text_test(*test, value, pattern, *fold_case, rows, &mut out);
                }
            }
            _ => {}
        }
        out
    }

    fn copy_of(&mut self, id: ConditionId, rows: usize) -> Mask {
        match mask_among(&self.masks, self.given, id) {
            Some(mask) => self.pool.copy(mask),
            None => self.pool.zeros(rows),
        }
    }

    pub(super) fn mask(&self, id: ConditionId) -> Option<&Mask> {
        mask_among(&self.masks, self.given, id)
    }

    pub(super) fn vector(&self, id: ValueId) -> Option<&Vector<'a>> {
        let own = self.vectors.get(id.0 as usize)?.as_ref();
        own.or_else(|| self.bound.known.vector(id, self.chunk.index()?))
    }

    pub(super) fn typed(&self, id: ValueId) -> Option<(ExprType, &Vector<'a>)> {
        Some((self.bound.value_type(id), self.vector(id)?))
    }

    fn fold(
        &mut self,
        of: &[ConditionId],
        rows: usize,
        with: impl Fn(u64, u64) -> u64 + Copy,
    ) -> Mask {
        let [first, second, rest @ ..] = of else { return self.pool.zeros(rows) };
        let mask = |id: &ConditionId| mask_among(&self.masks, self.given, *id);
        let mut out = match mask(first).zip(mask(second)) {
            Some((first, second)) => self.pool.joined(first, second, with),
            None => self.pool.zeros(rows),
        };
        for mask in rest.iter().filter_map(mask) {
            out.iter_mut().zip(mask.iter()).for_each(|(word, other)| *word = with(*word, *other));
        }
        out
    }

    /// Counts in the columns of a binary number: `sums[k]` holds the bits of 2^k.
    fn at_least(&mut self, count: usize, of: &[ConditionId], rows: usize) -> Mask {
        let digits = (usize::BITS - of.len().leading_zeros()) as usize;
        let mut sums: Vec<Mask> = (0..digits).map(|_| self.pool.zeros(rows)).collect();
        for id in of {
            let mut carry = self.copy_of(*id, rows);
            for sum in &mut sums {
                for (sum, carry) in sum.iter_mut().zip(carry.iter_mut()) {
                    (*sum, *carry) = (*sum ^ *carry, *sum & *carry);
                }
            }
            self.pool.give_back(carry);
        }
        // From the highest digit down: greater already, or equal so far.
        let mut greater = self.pool.zeros(rows);
        let mut equal = self.pool.ones(rows);
        for (digit, sum) in sums.iter().enumerate().rev() {
            let wanted = if count >> digit & 1 == 1 { u64::MAX } else { 0 };
            for ((greater, equal), sum) in greater.iter_mut().zip(equal.iter_mut()).zip(sum.iter())
            {
                *greater |= *equal & *sum & !wanted;
                *equal &= !(*sum ^ wanted);
            }
        }
        mask::or(&mut greater, &equal);
        self.pool.give_back(equal);
        sums.into_iter().for_each(|sum| self.pool.give_back(sum));
        greater
    }

    fn value(&self, id: ValueId, scope: Scope, op: &'a ValueOp) -> Vector<'a> {
        let rows = self.rows(scope);
        let ty = self.bound.value_type(id);
        match op {
            ValueOp::Constant(constant) => self.constant(ty, constant, rows),
            ValueOp::Column(site) => self.column(*site, rows),
            ValueOp::Size(site) => self.sizes(*site, rows),
            ValueOp::Aggregate(kind) => self.aggregate(kind),
            ValueOp::Negate(of) => match self.vector(*of) {
                Some(of) => number::negate(of, rows),
                None => Vector::missing(rows),
            },
            ValueOp::Arithmetic { op, left, right } => {
                match self.typed(*left).zip(self.typed(*right)) {
                    Some((left, right)) => number::arithmetic(*op, ty, left, right, rows),
                    None => Vector::missing(rows),
                }
            }
            ValueOp::Call { function, arguments } => {
                let arguments: Option<Vec<_>> =
                    arguments.iter().map(|argument| self.typed(*argument)).collect();
                match arguments {
                    Some(arguments) => call::call(self.bound.now, *function, ty, &arguments, rows),
                    None => Vector::missing(rows),
                }
            }
            ValueOp::Bucket { value, cut } => match (self.vector(*value), cut) {
                (Some(of), Some(cut)) => cut.buckets(of),
                _ => Vector::missing(rows),
            },
            ValueOp::Grade { value, cuts } => match self.vector(*value) {
                Some(of) => choose::grade(of, cuts),
                None => Vector::missing(rows),
            },
            ValueOp::Choose { condition, then, otherwise } => {
                let otherwise = otherwise.and_then(|id| self.vector(id));
                match self.mask(*condition).zip(self.vector(*then)) {
                    Some((mask, then)) => choose::choose(mask, then, otherwise, rows),
                    None => Vector::missing(rows),
                }
            }
            ValueOp::Pick { index, entries } => match self.vector(*index) {
                Some(index) => choose::pick(index, entries, rows),
                None => Vector::missing(rows),
            },
            ValueOp::Predicted(asked) => self.predicted(*asked),
            ValueOp::Condition(of) => match self.mask(*of) {
                Some(mask) => Vector::new(Data::Bools(mask.clone()), None),
                None => Vector::missing(rows),
            },
        }
    }

    fn constant(&self, ty: ExprType, constant: &'a Constant, rows: usize) -> Vector<'a> {
        let now = self.bound.now;
        let data = match (constant, ty) {
            (Constant::Bool(true), _) => Data::Bools(mask::ones(rows)),
            (Constant::Bool(false), _) => Data::Bools(mask::zeros(rows)),
            (Constant::Number { mantissa, scale }, _) => {
                number::constant(ty, *mantissa, *scale, rows)
            }
            (Constant::Text(text), _) => Data::Texts(vec![text.as_str().into(); rows]),
            (Constant::MonthDay(day), _) => Data::ints(vec![day.0.into(); rows]),
            (_, ExprType::DateTime) => match now.instant(constant) {
                Some(instant) => Data::ints(vec![instant.0; rows]),
                None => return Vector::missing(rows),
            },
            _ => match now.day(constant) {
                Some(day) => Data::ints(vec![day.0.into(); rows]),
                None => return Vector::missing(rows),
            },
        };
        Vector::new(data, None)
    }

    fn column(&self, site: Site, rows: usize) -> Vector<'a> {
        let column = self.chunk.column(site.column);
        let vector = Vector::of_column(column, self.bound.snapshot.dictionary(site.column));
        match site.route {
            Some(route) => vector.gather(self.route(route, rows), column.rows),
            None => vector,
        }
    }

    /// A missing set has no elements.
    fn sizes(&self, site: Site, rows: usize) -> Vector<'a> {
        let column = self.chunk.column(site.column);
        let sizes: Vec<i64> = match &column.values {
            Values::TextSet { offsets, .. } | Values::IntSet { offsets, .. } => {
                kernels::bounds(offsets).map(|(from, to)| i64::from(to - from)).collect()
            }
            _ => vec![0; column.rows],
        };
        let sizes = match site.route {
            Some(route) => kernels::gather(&sizes, self.route(route, rows)),
            None => sizes,
        };
        Vector::new(Data::ints(sizes), None)
    }

    fn aggregate(&self, kind: &Aggregate) -> Vector<'a> {
        let value = match kind.value {
            Some(id) => match self.typed(id) {
                Some(value) => Some(value),
                None => return Vector::missing(self.chunk.rows()),
            },
            None => None,
        };
        if let Some(found) = self.shared(kind) {
            return found;
        }
        let filter = kind.filter.and_then(|id| self.mask(id)).map(|mask| &**mask);
        if kind.function == AggregateFunction::AverageGap {
            return self.average_gap(kind, filter);
        }
        let rows = self.rows_of(kind.table);
        if self.is_of_time(kind) {
            return aggregate::of_time(kind.function, value, filter, rows);
        }
        aggregate::aggregate(kind.function, value, filter, rows)
    }

    /// Whether the values are the times by which the rows are sorted.
    pub(super) fn is_of_time(&self, kind: &Aggregate) -> bool {
        let value = kind.value.and_then(|id| self.bound.plan.values().get(id.0 as usize));
        let Some(ValueKind::Column(path)) = value.map(|node| &node.kind) else { return false };
        let is_own = path.start == Start::Own && path.through.is_empty();
        is_own && self.bound.time_of(kind.table) == (kind.table, Some(path.column))
    }

    #[expect(clippy::indexing_slicing, reason = "INVARIANT: segments are those of the plan")]
    fn segment(&mut self, id: SegmentId) {
        let number = id.0 as usize;
        let segment = &self.bound.segments[number];
        let numbers = self.chunk.numbers();
        let mut base = None;
        let mut members = match self.bound.input(number) {
            None | Some(Input::Evaluate { .. }) => {
                let input = self.bound.input(number);
                let keep_base = matches!(input, Some(Input::Evaluate { keep_base: true }));
                let members = match mask_among(&self.masks, self.given, segment.condition) {
                    Some(mask) => self.pool.joined(mask, &self.exists, |one, other| one & other),
                    None => self.pool.zeros(self.chunk.rows()),
                };
                base = keep_base.then(|| rows::to_bitmap(&members, numbers));
                members
            }
            Some(Input::Base(base)) => rows::of_bitmap(base, numbers),
            Some(Input::Members(given)) => {
                if segment.is_read {
                    self.members[number] = Some(rows::of_bitmap(given, numbers));
                }
                return;
            }
            Some(Input::Standing) => return,
        };
        self.pin(segment, &mut members);
        if self.bound.yields != Yields::Masks {
            let outcome = Outcome { base, members: rows::to_bitmap(&members, numbers) };
            self.parts.push((number, outcome));
        }
        if segment.is_read || self.bound.yields != Yields::Members {
            self.members[number] = Some(members);
        } else {
            self.pool.give_back(members);
        }
    }

    fn pin(&self, segment: &BoundSegment, members: &mut Mask) {
        let numbers = self.chunk.numbers();
        for row in rows::those_of(&segment.pins_in, numbers) {
            if mask::get(&self.exists, row) {
                mask::set(members, row);
            }
        }
        for row in rows::those_of(&segment.pins_out, numbers) {
            mask::clear(members, row);
        }
        if let Some(live) = self.chunk.live() {
            mask::and(members, live);
        }
    }

    fn free(&mut self, slot: Slot) {
        match slot {
            Slot::Condition(id) => {
                let mask = self.masks.get_mut(id.0 as usize).and_then(Option::take);
                mask.into_iter().for_each(|mask| self.pool.give_back(mask));
            }
            Slot::Value(id) => {
                self.vectors.get_mut(id.0 as usize).and_then(Option::take);
            }
        }
    }
}

/// The answer to a condition: one's own, or what stands.
fn mask_among<'m>(
    own: &'m [Option<Mask>],
    given: Option<&'m Block>,
    id: ConditionId,
) -> Option<&'m Mask> {
    let own = own.get(id.0 as usize).and_then(Option::as_ref);
    own.or_else(|| given?.condition(id))
}

fn set_where(rows: usize, out: &mut [u64], test: impl Fn(usize) -> bool) {
    (0..rows).filter(|row| test(*row)).for_each(|row| mask::set(out, row));
}

fn put<T>(slots: &mut [Option<T>], number: u32, what: T) {
    if let Some(slot) = slots.get_mut(number as usize) {
        *slot = Some(what);
    }
}
