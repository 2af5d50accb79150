//! A plan bound to a snapshot and a moment: what every chunk does the same way.

use std::{borrow::Cow, collections::HashMap, ops::Deref, sync::Arc};

use super::{
    Input, Inputs,
    ages::test_of_days,
    mask,
    op::{Action, ConditionOp, Planned, Route, Site, Slot, ValueOp},
    program::{ByTexts, Program, Steps, Yields, bound_segments},
    rank::Known,
    resolve::{Test, ranges_test, texts, whole},
    standing::leaves,
    text::TextPredicate,
};
use crate::{
    calendar::Moment,
    plan::{
        AggregateId, Comparison, ConditionId, ConditionKind, Constant, Now, Plan, Purchases, Scope,
        Step, ValueId, ValueKind, YearlyWindow,
    },
    rule::{ColumnPath, Domain, ExprType, Function, Start},
    schema::{ColumnId, Role, Schema, TableId},
    snapshot::{Snapshot, Wanted},
};

/// A program and what it runs over.
pub(super) struct Bound<'a> {
    pub(super) plan: &'a Plan,
    pub(super) snapshot: &'a Snapshot,
    pub(super) schema: &'a Schema,
    pub(super) known: &'a Known,
    inputs: Option<&'a Inputs>,
    program: Cow<'a, Program>,
}

impl Deref for Bound<'_> {
    type Target = Steps;

    fn deref(&self) -> &Steps {
        &self.program.0
    }
}

impl<'a> Bound<'a> {
    /// All that segments need. The answers to the conditions that say so in `kept`, by number, are to stand; with `few`,
    /// it is for a few customers.
    pub(super) fn new(
        plan: &'a Plan,
        snapshot: &'a Snapshot,
        moment: Moment,
        inputs: &'a Inputs,
        known: &'a Known,
        kept: &[bool],
        few: bool,
    ) -> Self {
        let mut binder = Binder::new(plan, snapshot, moment, known);
        binder.steps.few = few;
        binder.steps.keep(kept);
        binder.of_segments(inputs).bind(&[], &[])
    }

    /// Segments from conditions that are given: these are leaves.
    pub(super) fn combining(
        plan: &'a Plan,
        snapshot: &'a Snapshot,
        moment: Moment,
        inputs: &'a Inputs,
        known: &'a Known,
    ) -> Self {
        let mut binder = Binder::new(plan, snapshot, moment, known);
        binder.given = leaves(plan, inputs);
        binder.steps.yields = Yields::Masks;
        binder.of_segments(inputs).bind(&[], &[])
    }

    /// What these conditions need for some customers, and nothing for segments.
    pub(super) fn of_conditions(
        plan: &'a Plan,
        snapshot: &'a Snapshot,
        moment: Moment,
        conditions: &[ConditionId],
        known: &'a Known,
    ) -> Self {
        let mut binder = Binder::new(plan, snapshot, moment, known);
        binder.steps.few = true;
        binder.bind(&[], conditions)
    }

    /// What these values of the customers need, and nothing for segments.
    pub(super) fn of_values(
        plan: &'a Plan,
        snapshot: &'a Snapshot,
        moment: Moment,
        values: &[ValueId],
        known: &'a Known,
    ) -> Self {
        Binder::new(plan, snapshot, moment, known).bind(values, &[])
    }

    /// What the rows of purchases need, and nothing for segments.
    pub(super) fn of_purchases(
        plan: &'a Plan,
        snapshot: &'a Snapshot,
        moment: Moment,
        purchases: &Purchases,
        known: &'a Known,
    ) -> Self {
        let binder = Binder::new(plan, snapshot, moment, known);
        binder.bind(&[purchases.amount], purchases.filter.as_slice())
    }

    /// A program that was bound before, over data that it fits.
    pub(super) fn again(
        plan: &'a Plan,
        snapshot: &'a Snapshot,
        inputs: &'a Inputs,
        known: &'a Known,
        program: &'a Program,
    ) -> Self {
        let schema = snapshot.schema();
        let program = Cow::Borrowed(program);
        Self { plan, snapshot, schema, known, inputs: Some(inputs), program }
    }

    pub(super) fn into_program(self) -> Program {
        self.program.into_owned()
    }

    /// Where the members of a segment come from; `None` for its rule, without a base.
    pub(super) fn input(&self, segment: usize) -> Option<&'a Input> {
        self.inputs.map(|inputs| inputs.of(segment))
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

struct Binder<'a> {
    plan: &'a Plan,
    snapshot: &'a Snapshot,
    schema: &'a Schema,
    known: &'a Known,
    inputs: Option<&'a Inputs>,
    steps: Steps,
    routes: HashMap<Route, usize>,
    /// By condition: whether the answer is there already. Empty where none is.
    given: Vec<bool>,
    /// The texts that the step at hand is answered by.
    texts: Option<(ColumnId, TextPredicate, usize)>,
}

/// From the end of the plan to its beginning: a step is taken if it is needed by one that is.
#[derive(Default)]
struct Needed {
    conditions: Vec<bool>,
    values: Vec<bool>,
}

impl<'a> Binder<'a> {
    fn new(plan: &'a Plan, snapshot: &'a Snapshot, moment: Moment, known: &'a Known) -> Self {
        let schema = snapshot.schema();
        let now = Now { moment, zone: schema.zone(), leap_day: schema.leap_day() };
        let steps = Steps {
            now,
            routes: Vec::new(),
            steps: Vec::new(),
            segments: Vec::new(),
            by_texts: Vec::new(),
            few: false,
            kept: Vec::new(),
            yields: Yields::Members,
            aggregates: HashMap::new(),
            wanted: Wanted::new(schema),
        };
        let (inputs, routes, given, texts) = (None, HashMap::new(), Vec::new(), None);
        Self { plan, snapshot, schema, known, inputs, steps, routes, given, texts }
    }

    fn of_segments(mut self, inputs: &'a Inputs) -> Self {
        self.inputs = Some(inputs);
        self.steps.segments = bound_segments(self.plan, self.snapshot, inputs);
        self
    }

    /// These values and conditions are needed beyond the end.
    fn bind(mut self, kept: &[ValueId], conditions: &[ConditionId]) -> Bound<'a> {
        let plan = self.plan;
        if !self.steps.few {
            self.steps.know_aggregates(plan);
        }
        let mut needed = Needed {
            conditions: vec![false; plan.conditions().len()],
            values: vec![false; plan.values().len()],
        };
        for value in kept {
            if let Some(seen) = needed.values.get_mut(value.0 as usize) {
                *seen = true;
            }
        }
        for condition in conditions {
            if let Some(seen) = needed.conditions.get_mut(condition.0 as usize) {
                *seen = true;
            }
        }
        let mut program = Vec::new();
        for step in plan.steps().iter().rev() {
            self.texts = None;
            let Some((action, reads)) = self.bind_step(*step, &needed) else { continue };
            if let Some((column, predicate, looked_at)) = self.texts.take() {
                let step = program.len();
                self.steps.by_texts.push(ByTexts { step, column, predicate, looked_at });
            }
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
                    if !self.steps.is_kept(read) {
                        last_of.push(read);
                    }
                }
            }
            program.push(Planned { action, last_of });
        }
        program.reverse();
        for one in &mut self.steps.by_texts {
            one.step = program.len() - 1 - one.step;
        }
        self.steps.steps = program;
        let Self { plan, snapshot, schema, known, inputs, steps, .. } = self;
        let program = Cow::Owned(Program(Arc::new(steps)));
        Bound { plan, snapshot, schema, known, inputs, program }
    }

    #[expect(clippy::indexing_slicing, reason = "INVARIANT: ids come from this plan")]
    fn bind_step(&mut self, step: Step, needed: &Needed) -> Option<(Action, Vec<Slot>)> {
        let plan = self.plan;
        match step {
            Step::Condition(id) if self.given.get(id.0 as usize) == Some(&true) => None,
            Step::Condition(id) if needed.conditions[id.0 as usize] => {
                let node = &plan.conditions()[id.0 as usize];
                let op = self.condition(node.scope, &node.kind);
                let reads = op.reads();
                Some((Action::Condition { id, scope: node.scope, op }, reads))
            }
            Step::Value(id) if needed.values[id.0 as usize] && !self.known.is_ready(id) => {
                let node = &plan.values()[id.0 as usize];
                let op = self.value(node.scope, &node.kind);
                let mut reads = op.reads();
                if let ValueOp::Aggregate(kind) = &op {
                    // They come before it, and are not to be dropped before it.
                    let others = kind.follows_from();
                    let others = others.iter().filter_map(|other| self.steps.aggregates.get(other));
                    reads.extend(others.map(|other| Slot::Value(*other)));
                }
                Some((Action::Value { id, scope: node.scope, op }, reads))
            }
            Step::Segment(id) => {
                let segment = self.steps.segments.get(id.0 as usize)?;
                let reads = match segment.is_evaluated {
                    true => vec![Slot::Condition(segment.condition)],
                    false => Vec::new(),
                };
                Some((Action::Segment(id), reads))
            }
            _ => None,
        }
    }

    fn condition(&mut self, scope: Scope, kind: &'a ConditionKind) -> ConditionOp {
        match kind {
            ConditionKind::Constant(value) => ConditionOp::Constant(*value),
            ConditionKind::Not(of) => ConditionOp::Not(*of),
            ConditionKind::And(of) => ConditionOp::And(of.clone()),
            ConditionKind::Or(of) => ConditionOp::Or(of.clone()),
            ConditionKind::AtLeast { count, of } => {
                ConditionOp::AtLeast { count: *count, of: of.clone() }
            }
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
                if let Some(segment) = self.steps.segments.get_mut(id.0 as usize) {
                    segment.is_read = true;
                }
                ConditionOp::InSegment(*id)
            }
            ConditionKind::Sample(sample) => ConditionOp::Sample(sample.clone()),
            ConditionKind::Enough { threshold, least } => {
                let cut = self.known.cut(*threshold);
                ConditionOp::Constant(cut.is_some_and(|cut| cut.count() >= *least))
            }
            _ => self.test(scope, kind),
        }
    }

    /// The tests of one value against what is the same for all rows.
    fn test(&mut self, scope: Scope, kind: &'a ConditionKind) -> ConditionOp {
        match kind {
            ConditionKind::Holds(value) => self.plain_test(scope, *value, Test::Holds),
            ConditionKind::Present(value) => self.plain_test(scope, *value, Test::Present),
            ConditionKind::NotEmpty(value) => self.plain_test(scope, *value, Test::NotEmpty),
            ConditionKind::CompareConstant { value, op, constant, domain } => {
                if let (Domain::Text { fold_case }, Constant::Text(text)) = (*domain, constant) {
                    let predicate = TextPredicate::compare(*op, text, fold_case);
                    return self.text_test(scope, *value, predicate);
                }
                let ty = self.value_type(*value);
                let constants = std::slice::from_ref(constant);
                let test = self.steps.now.test(ty, *op, constants, *domain);
                self.plain_test(scope, *value, test)
            }
            ConditionKind::OneOf { value, constants, domain } => {
                if let Domain::Text { fold_case } = *domain {
                    let predicate = TextPredicate::one_of(texts(constants), fold_case);
                    return self.text_test(scope, *value, predicate);
                }
                let ty = self.value_type(*value);
                let test = self.steps.now.test(ty, Comparison::Equal, constants, *domain);
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
                let ty = self.value_type(*value);
                let cut = self.known.cut(*threshold);
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

    fn plain_test(&mut self, scope: Scope, value: ValueId, test: Test) -> ConditionOp {
        match self.site_of(scope, value) {
            Some(site) => self.column_test(site, self.value_type(value), test),
            None => match self.test_of_days(scope, value, &test) {
                Some((site, ty, test)) => self.column_test(site, ty, test),
                None => ConditionOp::Value { value, test },
            },
        }
    }

    /// A test of the age of a column, as one of the column.
    fn test_of_days(
        &mut self,
        scope: Scope,
        value: ValueId,
        test: &Test,
    ) -> Option<(Site, ExprType, Test)> {
        let (ValueKind::Call { function, arguments }, Test::Ranges(ranges)) =
            (self.value_kind(value), test)
        else {
            return None;
        };
        let [of] = arguments.as_slice() else { return None };
        let ty = self.value_type(*of);
        let test = test_of_days(self.steps.now, *function, ty, ranges)?;
        Some((self.site_of(scope, *of)?, ty, test))
    }

    fn column_test(&mut self, site: Site, ty: ExprType, test: Test) -> ConditionOp {
        let is_lookup = self.schema.table(site.column.table).role == Role::Lookup;
        match site.route {
            Some(route) if is_lookup => {
                let column = self.snapshot.column(site.column, 0);
                let mut rows = mask::zeros(column.rows);
                test.on_column(ty, column, &mut rows);
                ConditionOp::Lookup { rows, route }
            }
            _ => ConditionOp::Column { ty, site, test },
        }
    }

    /// A test that the texts of the column's dictionary have been asked for.
    fn dictionary_test(
        &mut self,
        site: Site,
        ty: ExprType,
        test: Test,
        (predicate, looked_at): (TextPredicate, usize),
    ) -> ConditionOp {
        let op = self.column_test(site, ty, test);
        if let ConditionOp::Column { .. } = op {
            self.texts = Some((site.column, predicate, looked_at));
        }
        op
    }

    /// A text test of a column, or of `lower` of a column, is answered by the dictionary; one of what a place in a list
    /// tells, by the list.
    fn text_test(
        &mut self,
        scope: Scope,
        value: ValueId,
        mut predicate: TextPredicate,
    ) -> ConditionOp {
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
            && let Some(dictionary) = self.snapshot.dictionary(site.column)
        {
            predicate.lowered = lowered;
            let codes = predicate.codes(dictionary);
            let looked_at = dictionary.len();
            return self.dictionary_test(
                site,
                ExprType::Text,
                Test::Codes(codes),
                (predicate, looked_at),
            );
        }
        if let ValueKind::Pick { index, entries } = self.value_kind(subject) {
            predicate.lowered = lowered;
            let places = (1..).zip(entries).filter(|(_, entry)| predicate.holds(entry));
            let test = ranges_test(places.map(|(place, _)| (place, place)).collect());
            return self.plain_test(scope, *index, test);
        }
        ConditionOp::ValueText { value, predicate }
    }

    fn yearly(&mut self, scope: Scope, value: ValueId, windows: &[YearlyWindow]) -> ConditionOp {
        let ty = self.value_type(value);
        let column = self.site_of(scope, value).map(|site| site.column);
        let column = column.filter(|_| !self.steps.few);
        let range = column.and_then(|column| self.snapshot.range_of(column));
        let rows = column.map_or(0, |column| self.snapshot.rows_of(column));
        let test = self.steps.now.yearly(ty, windows, range, rows);
        self.plain_test(scope, value, test)
    }

    fn elements(
        &mut self,
        scope: Scope,
        value: ValueId,
        items: &[Constant],
        fold_case: bool,
    ) -> ConditionOp {
        let Some(site) = self.site_of(scope, value) else { return ConditionOp::Constant(false) };
        let ty = self.value_type(value);
        match self.snapshot.dictionary(site.column) {
            Some(dictionary) => {
                let predicate = TextPredicate::one_of(texts(items), fold_case);
                let test = Test::ElementCodes(predicate.codes(dictionary));
                self.dictionary_test(site, ty, test, (predicate, dictionary.len()))
            }
            None => {
                let test = Test::Elements(items.iter().filter_map(whole).collect());
                self.column_test(site, ty, test)
            }
        }
    }

    fn value(&mut self, scope: Scope, kind: &'a ValueKind) -> ValueOp {
        match kind {
            ValueKind::Constant(constant) => ValueOp::Constant(constant.clone()),
            ValueKind::Column(path) => ValueOp::Column(self.site(scope, path)),
            ValueKind::Aggregate(AggregateId(id)) => {
                #[expect(clippy::indexing_slicing, reason = "INVARIANT: ids come from this plan")]
                let node = &self.plan.aggregates()[*id as usize];
                self.want_rows(node.table);
                ValueOp::Aggregate(node.clone())
            }
            ValueKind::Negate(of) => ValueOp::Negate(*of),
            ValueKind::Arithmetic { op, left, right } => {
                ValueOp::Arithmetic { op: *op, left: *left, right: *right }
            }
            ValueKind::Call { function: Function::Size, arguments } => {
                match arguments.first().and_then(|set| self.site_of(scope, *set)) {
                    Some(site) => ValueOp::Size(site),
                    None => ValueOp::Call { function: Function::Size, arguments: Vec::new() },
                }
            }
            ValueKind::Call { function, arguments } => {
                ValueOp::Call { function: *function, arguments: arguments.clone() }
            }
            ValueKind::Bucket { value, threshold } => {
                ValueOp::Bucket { value: *value, cut: self.known.shared_cut(*threshold) }
            }
            ValueKind::Grade { value, cuts } => {
                ValueOp::Grade { value: *value, cuts: cuts.clone() }
            }
            ValueKind::Choose { condition, then, otherwise } => {
                ValueOp::Choose { condition: *condition, then: *then, otherwise: *otherwise }
            }
            ValueKind::Pick { index, entries } => {
                ValueOp::Pick { index: *index, entries: entries.clone() }
            }
            ValueKind::Predicted(asked) => ValueOp::Predicted(*asked),
            ValueKind::Condition(of) => ValueOp::Condition(*of),
        }
    }

    #[expect(clippy::indexing_slicing, reason = "INVARIANT: ids come from this plan")]
    fn value_type(&self, id: ValueId) -> ExprType {
        self.plan.values()[id.0 as usize].ty
    }

    #[expect(clippy::indexing_slicing, reason = "INVARIANT: ids come from this plan")]
    fn value_kind(&self, id: ValueId) -> &'a ValueKind {
        &self.plan.values()[id.0 as usize].kind
    }

    /// The rows of a table, and what says when they came to exist.
    fn want_rows(&mut self, table: TableId) {
        self.steps.wanted.table(self.schema, table);
        if let Some((_, time)) = self.schema.time_of(table) {
            self.steps.wanted.column(self.schema, time);
        }
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
        while let Some(lookup) = self.schema.column(column).lookup {
            let Some(key) = self.schema.table(lookup).key else { break };
            through.push(column);
            column = key;
        }
        for column in through.iter().chain([&column]) {
            self.steps.wanted.column(self.schema, *column);
        }
        let start = if scope == Scope::Customers { Start::Own } else { path.start };
        if start == Start::Own && through.is_empty() {
            return Site { column, route: None };
        }
        let route = Route { scope, start, through };
        let next = self.steps.routes.len();
        let number = *self.routes.entry(route.clone()).or_insert(next);
        if number == next {
            self.steps.routes.push(route);
        }
        Site { column, route: Some(number) }
    }
}
