//! A plan bound to a snapshot and a moment: what every chunk does the same way.

use std::collections::HashMap;

use roaring::RoaringBitmap;

use super::{
    Input, Inputs,
    kernels::CodeSet,
    mask,
    op::{Action, ConditionOp, Planned, Route, Site, Slot, ValueOp},
    rank::Known,
    resolve::{Now, Test, ranges_test},
    text::TextPredicate,
};
use crate::{
    calendar::Moment,
    plan::{
        AggregateId, Comparison, ConditionId, ConditionKind, Constant, Plan, Purchases, Scope,
        Step, ValueId, ValueKind, YearlyWindow,
    },
    rule::{ColumnPath, Domain, ExprType, Function, Start},
    schema::{ColumnId, Role, Schema, TableId},
    snapshot::{Snapshot, Values},
    value::Key,
};

pub(super) struct Bound<'a> {
    pub(super) plan: &'a Plan,
    pub(super) snapshot: &'a Snapshot,
    pub(super) schema: &'a Schema,
    pub(super) now: Now,
    pub(super) routes: Vec<Route>,
    /// What is needed, in the order in which it is worked out.
    pub(super) program: Vec<Planned<'a>>,
    pub(super) segments: Vec<BoundSegment<'a>>,
    pub(super) known: &'a Known,
}

pub(super) struct BoundSegment<'a> {
    pub(super) source: Source<'a>,
    pub(super) condition: ConditionId,
    /// Ascending.
    pub(super) pins_in: Vec<u32>,
    pub(super) pins_out: Vec<u32>,
    /// Another segment refers to its members.
    pub(super) is_read: bool,
}

pub(super) enum Source<'a> {
    Rule { keep_base: bool },
    Base(&'a RoaringBitmap),
    Members(&'a RoaringBitmap),
}

impl<'a> Bound<'a> {
    pub(super) fn new(
        plan: &'a Plan,
        snapshot: &'a Snapshot,
        moment: Moment,
        inputs: &'a Inputs,
        known: &'a Known,
    ) -> Self {
        let segments = (plan.segments().iter().enumerate())
            .map(|(number, segment)| BoundSegment {
                source: match inputs.of(number) {
                    Input::Evaluate { keep_base } => Source::Rule { keep_base: *keep_base },
                    Input::Base(base) => Source::Base(base),
                    Input::Members(members) => Source::Members(members),
                },
                condition: segment.condition,
                pins_in: rows_of(snapshot, &segment.pins_in),
                pins_out: rows_of(snapshot, &segment.pins_out),
                is_read: false,
            })
            .collect();
        let bound = Self { segments, ..Self::of_nothing(plan, snapshot, moment, known) };
        Binder { bound, routes: HashMap::new() }.bind(&[], None)
    }

    /// What these values of the customers need, and nothing for segments.
    pub(super) fn of_values(
        plan: &'a Plan,
        snapshot: &'a Snapshot,
        moment: Moment,
        values: &[ValueId],
        known: &'a Known,
    ) -> Self {
        let bound = Self::of_nothing(plan, snapshot, moment, known);
        Binder { bound, routes: HashMap::new() }.bind(values, None)
    }

    /// What the rows of purchases need, and nothing for segments.
    pub(super) fn of_purchases(
        plan: &'a Plan,
        snapshot: &'a Snapshot,
        moment: Moment,
        purchases: &Purchases,
        known: &'a Known,
    ) -> Self {
        let bound = Self::of_nothing(plan, snapshot, moment, known);
        let binder = Binder { bound, routes: HashMap::new() };
        binder.bind(&[purchases.amount], purchases.filter)
    }

    fn of_nothing(
        plan: &'a Plan,
        snapshot: &'a Snapshot,
        moment: Moment,
        known: &'a Known,
    ) -> Self {
        let schema = snapshot.schema();
        let now = Now { moment, zone: schema.zone(), leap_day: schema.leap_day() };
        let (routes, program, segments) = (Vec::new(), Vec::new(), Vec::new());
        Self { plan, snapshot, schema, now, routes, program, segments, known }
    }

    #[expect(clippy::indexing_slicing, reason = "INVARIANT: ids come from this plan")]
    pub(super) fn value_type(&self, id: ValueId) -> ExprType {
        self.plan.values()[id.0 as usize].ty
    }

    /// The child table whose rows have the times of a table's rows, and its column of times.
    pub(super) fn time_of(&self, table: TableId) -> (TableId, Option<ColumnId>) {
        let mut table = table;
        loop {
            match self.schema.table(table).role {
                Role::Nested { parent, .. } => table = parent,
                Role::Child { time, .. } => return (table, time),
                Role::Customers { .. } | Role::Lookup => return (table, None),
            }
        }
    }
}

fn rows_of(snapshot: &Snapshot, keys: &[Key]) -> Vec<u32> {
    let mut rows: Vec<u32> = keys.iter().filter_map(|key| snapshot.row_of(key)).collect();
    rows.sort_unstable();
    rows.dedup();
    rows
}

struct Binder<'a> {
    bound: Bound<'a>,
    routes: HashMap<Route, usize>,
}

/// From the end of the plan to its beginning: a step is taken if it is needed by one that is.
#[derive(Default)]
struct Needed {
    conditions: Vec<bool>,
    values: Vec<bool>,
}

impl<'a> Binder<'a> {
    /// `kept` are needed beyond the end.
    fn bind(mut self, kept: &[ValueId], condition: Option<ConditionId>) -> Bound<'a> {
        let plan = self.bound.plan;
        let mut needed = Needed {
            conditions: vec![false; plan.conditions().len()],
            values: vec![false; plan.values().len()],
        };
        for value in kept {
            if let Some(seen) = needed.values.get_mut(value.0 as usize) {
                *seen = true;
            }
        }
        if let Some(id) = condition
            && let Some(seen) = needed.conditions.get_mut(id.0 as usize)
        {
            *seen = true;
        }
        let mut program = Vec::new();
        for step in plan.steps().iter().rev() {
            let Some((action, reads)) = self.bind_step(*step, &needed) else { continue };
            let mut last_of = Vec::new();
            for read in reads {
                let seen = match read {
                    Slot::Condition(id) => needed.conditions.get_mut(id.0 as usize),
                    Slot::Value(id) => needed.values.get_mut(id.0 as usize),
                };
                if let Some(seen) = seen
                    && !*seen
                {
                    *seen = true;
                    last_of.push(read);
                }
            }
            program.push(Planned { action, last_of });
        }
        program.reverse();
        self.bound.program = program;
        self.bound
    }

    #[expect(clippy::indexing_slicing, reason = "INVARIANT: ids come from this plan")]
    fn bind_step(&mut self, step: Step, needed: &Needed) -> Option<(Action<'a>, Vec<Slot>)> {
        let plan = self.bound.plan;
        match step {
            Step::Condition(id) if needed.conditions[id.0 as usize] => {
                let node = &plan.conditions()[id.0 as usize];
                let op = self.condition(node.scope, &node.kind);
                let reads = op.reads();
                Some((Action::Condition { id, scope: node.scope, op }, reads))
            }
            Step::Value(id) if needed.values[id.0 as usize] && !self.bound.known.is_ready(id) => {
                let node = &plan.values()[id.0 as usize];
                let op = self.value(node.scope, &node.kind);
                let reads = op.reads();
                Some((Action::Value { id, scope: node.scope, op }, reads))
            }
            Step::Segment(id) => {
                let segment = self.bound.segments.get(id.0 as usize)?;
                let reads = match segment.source {
                    Source::Rule { .. } => vec![Slot::Condition(segment.condition)],
                    Source::Base(_) | Source::Members(_) => Vec::new(),
                };
                Some((Action::Segment(id), reads))
            }
            _ => None,
        }
    }

    fn condition(&mut self, scope: Scope, kind: &'a ConditionKind) -> ConditionOp<'a> {
        match kind {
            ConditionKind::Constant(value) => ConditionOp::Constant(*value),
            ConditionKind::Not(of) => ConditionOp::Not(*of),
            ConditionKind::And(of) => ConditionOp::And(of),
            ConditionKind::Or(of) => ConditionOp::Or(of),
            ConditionKind::AtLeast { count, of } => ConditionOp::AtLeast { count: *count, of },
            ConditionKind::Compare { op, left, right, domain } => {
                ConditionOp::Compare { op: *op, left: *left, right: *right, domain: *domain }
            }
            ConditionKind::YearlyBetween { value, first, last } => {
                ConditionOp::YearlyBetween { value: *value, first: *first, last: *last }
            }
            ConditionKind::Text { test, value, pattern, fold_case } => ConditionOp::Text {
                test: *test,
                value: *value,
                pattern: *pattern,
                fold_case: *fold_case,
            },
            ConditionKind::InSegment(id) => {
                if let Some(segment) = self.bound.segments.get_mut(id.0 as usize) {
                    segment.is_read = true;
                }
                ConditionOp::InSegment(*id)
            }
            ConditionKind::Sample(sample) => ConditionOp::Sample(sample),
            ConditionKind::Enough { threshold, least } => {
                let cut = self.bound.known.cut(*threshold);
                ConditionOp::Constant(cut.is_some_and(|cut| cut.count() >= *least))
            }
            _ => self.test(scope, kind),
        }
    }

    /// The tests of one value against what is the same for all rows.
    fn test(&mut self, scope: Scope, kind: &'a ConditionKind) -> ConditionOp<'a> {
        match kind {
            ConditionKind::Holds(value) => self.plain_test(scope, *value, Test::Holds),
            ConditionKind::Present(value) => self.plain_test(scope, *value, Test::Present),
            ConditionKind::NotEmpty(value) => self.plain_test(scope, *value, Test::NotEmpty),
            ConditionKind::CompareConstant { value, op, constant, domain } => {
                if let (Domain::Text { fold_case }, Constant::Text(text)) = (*domain, constant) {
                    let predicate = TextPredicate::compare(*op, text, fold_case);
                    return self.text_test(scope, *value, predicate);
                }
                let ty = self.bound.value_type(*value);
                let constants = std::slice::from_ref(constant);
                let test = self.bound.now.test(ty, *op, constants, *domain);
                self.plain_test(scope, *value, test)
            }
            ConditionKind::OneOf { value, constants, domain } => {
                if let Domain::Text { fold_case } = *domain {
                    let predicate = TextPredicate::one_of(texts(constants), fold_case);
                    return self.text_test(scope, *value, predicate);
                }
                let ty = self.bound.value_type(*value);
                let test = self.bound.now.test(ty, Comparison::Equal, constants, *domain);
                self.plain_test(scope, *value, test)
            }
            ConditionKind::TextConstant { test, value, pattern, fold_case } => {
                let predicate = TextPredicate::test(*test, pattern, *fold_case);
                self.text_test(scope, *value, predicate)
            }
            ConditionKind::Matches { value, pattern } => {
                self.text_test(scope, *value, TextPredicate::matches(pattern))
            }
            ConditionKind::Near { value, vicinity } => {
                self.plain_test(scope, *value, Test::Near(vicinity.reach()))
            }
            ConditionKind::Beyond { value, threshold } => {
                let ty = self.bound.value_type(*value);
                let cut = self.bound.known.cut(*threshold);
                let test = cut.map_or(Test::Never, |cut| cut.beyond(ty));
                self.plain_test(scope, *value, test)
            }
            ConditionKind::Yearly { value, windows } => self.yearly(scope, *value, windows),
            ConditionKind::ContainsAny { value, items, fold_case } => {
                self.elements(scope, *value, items, *fold_case)
            }
            // The others are taken apart by the caller.
            _ => ConditionOp::Constant(false),
        }
    }

    fn plain_test(&mut self, scope: Scope, value: ValueId, test: Test) -> ConditionOp<'a> {
        match self.site_of(scope, value) {
            Some(site) => self.column_test(site, self.bound.value_type(value), test),
            None => ConditionOp::Value { value, test },
        }
    }

    fn column_test(&mut self, site: Site, ty: ExprType, test: Test) -> ConditionOp<'a> {
        let is_lookup = self.bound.schema.table(site.column.table).role == Role::Lookup;
        match site.route {
            Some(route) if is_lookup => {
                let column = self.bound.snapshot.column(site.column, 0);
                let mut rows = mask::zeros(column.rows);
                test.on_column(ty, column, &mut rows);
                ConditionOp::Lookup { rows, route }
            }
            _ => ConditionOp::Column { ty, site, test },
        }
    }

    /// A text test of a column, or of `lower` of a column, is answered by the dictionary; one of what a place in a list
    /// tells, by the list.
    fn text_test(
        &mut self,
        scope: Scope,
        value: ValueId,
        mut predicate: TextPredicate,
    ) -> ConditionOp<'a> {
        let (subject, lowered) = match self.value_kind(value) {
            ValueKind::Call { function: Function::Lower, arguments } => {
                match arguments.as_slice() {
                    [only] => (*only, true),
                    _ => (value, false),
                }
            }
            _ => (value, false),
        };
        let site = self.site_of(scope, subject);
        if let Some(site) = site
            && let Some(dictionary) = self.bound.snapshot.dictionary(site.column)
        {
            predicate.lowered = lowered;
            let codes = predicate.codes(dictionary);
            return self.column_test(site, ExprType::Text, Test::Codes(codes));
        }
        if let ValueKind::Pick { index, entries } = self.value_kind(subject) {
            predicate.lowered = lowered;
            let places = (1..).zip(entries).filter(|(_, entry)| predicate.holds(entry));
            let test = ranges_test(places.map(|(place, _)| (place, place)).collect());
            return self.plain_test(scope, *index, test);
        }
        ConditionOp::ValueText { value, predicate }
    }

    fn yearly(
        &mut self,
        scope: Scope,
        value: ValueId,
        windows: &[YearlyWindow],
    ) -> ConditionOp<'a> {
        let ty = self.bound.value_type(value);
        let column = self.site_of(scope, value).map(|site| site.column);
        let range = column.and_then(|column| self.range_of(column));
        let rows = column.map_or(0, |column| self.rows_of_column(column));
        let test = self.bound.now.yearly(ty, windows, range, rows);
        self.plain_test(scope, value, test)
    }

    /// The least and the greatest number of a column.
    fn range_of(&self, column: ColumnId) -> Option<(i64, i64)> {
        let ranges = (0..self.bound.snapshot.chunk_count()).filter_map(|chunk| {
            match &self.bound.snapshot.column(column, chunk).values {
                Values::Number(frame) => frame.range,
                _ => None,
            }
        });
        ranges.reduce(|(a, b), (c, d)| (a.min(c), b.max(d)))
    }

    fn rows_of_column(&self, column: ColumnId) -> usize {
        let chunks = 0..self.bound.snapshot.chunk_count();
        chunks.map(|chunk| self.bound.snapshot.column(column, chunk).rows).sum()
    }

    fn elements(
        &mut self,
        scope: Scope,
        value: ValueId,
        items: &[Constant],
        fold_case: bool,
    ) -> ConditionOp<'a> {
        let Some(site) = self.site_of(scope, value) else { return ConditionOp::Constant(false) };
        let test = match self.bound.snapshot.dictionary(site.column) {
            Some(dictionary) => {
                let codes: CodeSet =
                    TextPredicate::one_of(texts(items), fold_case).codes(dictionary);
                Test::ElementCodes(codes)
            }
            None => Test::Elements(items.iter().filter_map(whole).collect()),
        };
        self.column_test(site, self.bound.value_type(value), test)
    }

    fn value(&mut self, scope: Scope, kind: &'a ValueKind) -> ValueOp<'a> {
        match kind {
            ValueKind::Constant(constant) => ValueOp::Constant(constant),
            ValueKind::Column(path) => ValueOp::Column(self.site(scope, path)),
            ValueKind::Aggregate(AggregateId(id)) => {
                #[expect(clippy::indexing_slicing, reason = "INVARIANT: ids come from this plan")]
                let node = &self.bound.plan.aggregates()[*id as usize];
                ValueOp::Aggregate(node)
            }
            ValueKind::Negate(of) => ValueOp::Negate(*of),
            ValueKind::Arithmetic { op, left, right } => {
                ValueOp::Arithmetic { op: *op, left: *left, right: *right }
            }
            ValueKind::Call { function: Function::Size, arguments } => {
                match arguments.first().and_then(|set| self.site_of(scope, *set)) {
                    Some(site) => ValueOp::Size(site),
                    None => ValueOp::Call { function: Function::Size, arguments: &[] },
                }
            }
            ValueKind::Call { function, arguments } => {
                ValueOp::Call { function: *function, arguments }
            }
            ValueKind::Bucket { value, threshold } => {
                ValueOp::Bucket { value: *value, cut: self.bound.known.cut(*threshold) }
            }
            ValueKind::Grade { value, cuts } => ValueOp::Grade { value: *value, cuts },
            ValueKind::Choose { condition, then, otherwise } => {
                ValueOp::Choose { condition: *condition, then: *then, otherwise: *otherwise }
            }
            ValueKind::Pick { index, entries } => ValueOp::Pick { index: *index, entries },
            ValueKind::Predicted(asked) => ValueOp::Predicted(*asked),
            ValueKind::Condition(of) => ValueOp::Condition(*of),
        }
    }

    #[expect(clippy::indexing_slicing, reason = "INVARIANT: ids come from this plan")]
    fn value_kind(&self, id: ValueId) -> &'a ValueKind {
        &self.bound.plan.values()[id.0 as usize].kind
    }

    fn site_of(&mut self, scope: Scope, value: ValueId) -> Option<Site> {
        match self.value_kind(value) {
            ValueKind::Column(path) => Some(self.site(scope, path)),
            _ => None,
        }
    }

    fn site(&mut self, scope: Scope, path: &ColumnPath) -> Site {
        let mut through = path.through.clone();
        let mut column = path.column;
        // A reference stands for the key of the row it refers to.
        while let Some(lookup) = self.bound.schema.column(column).lookup {
            let Some(key) = self.bound.schema.table(lookup).key else { break };
            through.push(column);
            column = key;
        }
        let start = if scope == Scope::Customers { Start::Own } else { path.start };
        if start == Start::Own && through.is_empty() {
            return Site { column, route: None };
        }
        let route = Route { scope, start, through };
        let next = self.bound.routes.len();
        let number = *self.routes.entry(route.clone()).or_insert(next);
        if number == next {
            self.bound.routes.push(route);
        }
        Site { column, route: Some(number) }
    }
}

fn texts(constants: &[Constant]) -> impl Iterator<Item = &str> {
    constants.iter().filter_map(|constant| match constant {
        Constant::Text(text) => Some(text.as_str()),
        _ => None,
    })
}

/// A whole number of 64 bits.
fn whole(constant: &Constant) -> Option<i64> {
    match constant {
        Constant::Number { mantissa, scale: 0 } => i64::try_from(*mantissa).ok(),
        _ => None,
    }
}
