//! Through what time reaches the customers of a segment, read from the plan.

use super::{
    super::{
        Input, Inputs,
        rank::{Read, needed},
    },
    Crossing, Feels, Own, Values,
    edge::{DayOf, Edge, Unit},
    yearly::Anniversaries,
};
use crate::{
    calendar::{Instant, Offset, Unit as Calendar},
    plan::{
        Aggregate, ConditionId, ConditionKind, Constant, Plan, Step, ValueId, ValueKind,
        YearlyWindow,
    },
    rule::{AggregateFunction, Domain, Function},
    schema::{ColumnId, Role, Schema, TableId},
    value::Type,
};

const TODAY: Offset = Offset { amount: 0, unit: Calendar::Days };

impl Feels {
    /// Of the segments that are evaluated.
    pub(super) fn of(plan: &Plan, schema: &Schema, inputs: &Inputs) -> Self {
        let mut read = Read::by_segments(plan, inputs);
        let thresholds = needed(plan, inputs);
        for (_, threshold) in &thresholds {
            mark(&mut read.values, threshold.value.0);
        }
        read.complete(plan);
        let fits = is_predicted(plan, &read);
        let mut feels = Self::default();
        feels.conditions.resize(plan.conditions().len(), Own::default());
        feels.values.resize(plan.values().len(), Own::default());
        let mut reader = Reader { plan, schema, feels, own: Own::default() };
        if fits && let Some(purchases) = plan.purchases() {
            mark(&mut read.values, purchases.amount.0);
            purchases.filter.into_iter().for_each(|filter| mark(&mut read.conditions, filter.0));
            read.complete(plan);
            reader.rows(purchases.table);
            reader.anybody(0);
        }
        reader.born();
        for id in numbers(&read.conditions) {
            let Some(node) = plan.conditions().get(id as usize) else { continue };
            reader.own = Own::default();
            reader.condition(&node.kind);
            let slot = reader.feels.conditions.get_mut(id as usize);
            slot.into_iter().for_each(|slot| slot.clone_from(&reader.own));
        }
        for id in numbers(&read.values) {
            let Some(node) = plan.values().get(id as usize) else { continue };
            reader.own = Own::default();
            reader.value(&node.kind);
            let slot = reader.feels.values.get_mut(id as usize);
            slot.into_iter().for_each(|slot| slot.clone_from(&reader.own));
        }
        for (_, threshold) in &thresholds {
            reader.counts(threshold.value);
        }
        let everybody = fits || !thresholds.is_empty();
        Self { everybody, fits, ..reader.feels }
    }

    /// Takes over which of the crossings there still are.
    pub(super) fn settle(&mut self, plan: &Plan, crossings: &[bool]) {
        let feels = |own: Option<&Own>| {
            let is_left = |number: &usize| crossings.get(*number) == Some(&true);
            own.is_none_or(|own| own.days || own.crossings.iter().any(is_left))
        };
        let mut conditions = vec![true; plan.conditions().len()];
        let mut values = vec![true; plan.values().len()];
        for step in plan.steps() {
            let (mut by_condition, mut by_value) = (false, false);
            let condition =
                |of: ConditionId| by_condition |= conditions.get(of.0 as usize) != Some(&false);
            let value = |of: ValueId| by_value |= values.get(of.0 as usize) != Some(&false);
            match step {
                Step::Condition(id) => {
                    let Some(node) = plan.conditions().get(id.0 as usize) else { continue };
                    node.kind.for_each_input(condition, value);
                    let own = feels(self.conditions.get(id.0 as usize))
                        || matches!(node.kind, ConditionKind::InSegment(_));
                    let slot = conditions.get_mut(id.0 as usize);
                    slot.into_iter().for_each(|slot| *slot = own || by_condition || by_value);
                }
                Step::Value(id) => {
                    let Some(node) = plan.values().get(id.0 as usize) else { continue };
                    plan.for_each_input_of(&node.kind, condition, value);
                    let own = feels(self.values.get(id.0 as usize));
                    let slot = values.get_mut(id.0 as usize);
                    slot.into_iter().for_each(|slot| *slot = own || by_condition || by_value);
                }
                Step::Segment(_) => {}
            }
        }
        self.reached = conditions;
    }

    /// Whether a condition may have another answer at some time.
    pub(super) fn reaches(&self, id: ConditionId) -> bool {
        self.reached.get(id.0 as usize) != Some(&false)
    }
}

/// A segment and those whose members it reads, itself or through others.
pub(crate) struct SegmentsRead {
    /// By segment: whether it is one of them.
    pub(crate) all: Vec<bool>,
    /// Whether a prediction tells who is in one of them.
    pub(crate) predicted: bool,
}

pub(crate) fn segments_read(plan: &Plan, inputs: &Inputs, number: usize) -> SegmentsRead {
    let mut predicted = false;
    let mut all = vec![false; plan.segments().len()];
    let mut open = vec![number];
    while let Some(number) = open.pop() {
        let Some(seen) = all.get_mut(number).filter(|seen| !**seen) else { continue };
        *seen = true;
        let (Input::Evaluate { .. }, Some(node)) = (inputs.of(number), plan.segments().get(number))
        else {
            continue;
        };
        let mut read = Read::nothing(plan);
        mark(&mut read.conditions, node.condition.0);
        read.complete(plan);
        loop {
            let before = numbers(&read.values).count();
            for threshold in numbers(&read.thresholds).collect::<Vec<_>>() {
                let threshold = plan.thresholds().get(threshold as usize);
                threshold.into_iter().for_each(|one| mark(&mut read.values, one.value.0));
            }
            read.complete(plan);
            if numbers(&read.values).count() == before {
                break;
            }
        }
        predicted |= is_predicted(plan, &read);
        let conditions = numbers(&read.conditions);
        let kinds = conditions.filter_map(|id| Some(&plan.conditions().get(id as usize)?.kind));
        open.extend(kinds.filter_map(|kind| match kind {
            ConditionKind::InSegment(id) => usize::try_from(id.0).ok(),
            _ => None,
        }));
    }
    SegmentsRead { all, predicted }
}

fn is_predicted(plan: &Plan, read: &Read) -> bool {
    let nodes = numbers(&read.values).filter_map(|id| plan.values().get(id as usize));
    nodes.into_iter().any(|node| matches!(node.kind, ValueKind::Predicted(_)))
}

fn numbers(flags: &[bool]) -> impl Iterator<Item = u32> {
    (0..).zip(flags).filter(|(_, flag)| **flag).map(|(number, _)| number)
}

fn mark(flags: &mut [bool], number: u32) {
    flags.get_mut(number as usize).into_iter().for_each(|flag| *flag = true);
}

struct Reader<'a> {
    plan: &'a Plan,
    schema: &'a Schema,
    feels: Feels,
    /// That of the node at hand.
    own: Own,
}

/// Where the value of a node may come from.
type Origins = Vec<(Values, Kind)>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Date,
    DateTime,
}

impl Reader<'_> {
    fn condition(&mut self, kind: &ConditionKind) {
        match kind {
            ConditionKind::CompareConstant { value, constant, domain, .. } => {
                self.compared(*value, std::slice::from_ref(constant), *domain);
            }
            ConditionKind::OneOf { value, constants, domain } => {
                self.compared(*value, constants, *domain);
            }
            ConditionKind::Yearly { value, windows } => self.yearly(*value, windows),
            // Whether there is a value does not change with the day.
            ConditionKind::Present(_) => {}
            _ => kind.for_each_input(|_| {}, |value| self.counts(value)),
        }
    }

    fn value(&mut self, kind: &ValueKind) {
        match kind {
            ValueKind::Constant(Constant::RelativeDay(_)) => self.anybody(0),
            ValueKind::Constant(Constant::RelativeInstant(_)) => {
                self.feels.always = true;
                self.own.days = true;
            }
            ValueKind::Aggregate(id) => {
                if let Some(aggregate) = self.plan.aggregates().get(id.0 as usize) {
                    self.rows(aggregate.table);
                    aggregate.value.into_iter().for_each(|value| self.counts(value));
                }
            }
            // Whoever reads it is asked.
            ValueKind::Negate(_) => {}
            ValueKind::Grade { value, cuts } => {
                if let Some((function, of)) = self.counted(*value) {
                    self.ages(function, of, cuts);
                }
            }
            _ => {
                let plan = self.plan;
                plan.for_each_input_of(kind, |_| {}, |value| self.counts(value));
            }
        }
    }

    /// Customers come to exist.
    fn born(&mut self) {
        if let Role::Customers { created: Some(created) } = self.schema.customers().role {
            self.exists(created);
        }
    }

    /// Rows come to exist.
    fn rows(&mut self, table: TableId) {
        if let Some((_, time)) = self.schema.time_of(table) {
            self.exists(time);
        }
    }

    fn exists(&mut self, column: ColumnId) {
        let edge = match self.kind_of(column) {
            Kind::Date => Edge::Daily { shift: 0, day: DayOf::At(TODAY), unit: Unit::Day },
            Kind::DateTime => Edge::Steady(0),
        };
        let values = Values::Owned { table: column.table, column };
        self.add(Crossing { values, edge, leaves: false });
    }

    fn kind_of(&self, column: ColumnId) -> Kind {
        match self.schema.column(column).ty {
            Type::Date => Kind::Date,
            _ => Kind::DateTime,
        }
    }

    fn add(&mut self, crossing: Crossing) {
        let known = self.feels.crossings.iter().position(|known| *known == crossing);
        self.own.crossings.push(known.unwrap_or_else(|| {
            self.feels.crossings.push(crossing);
            self.feels.crossings.len() - 1
        }));
    }

    /// Anybody may have another answer when the day changes.
    fn anybody(&mut self, shift: i64) {
        self.own.days = true;
        if !self.feels.shifts.contains(&shift) {
            self.feels.shifts.push(shift);
        }
    }

    /// A value is read in a way of which no more is known than that it is.
    fn counts(&mut self, value: ValueId) {
        if self.counted(value).is_some() {
            self.anybody(0);
        }
    }

    fn kind(&self, value: ValueId) -> Option<&ValueKind> {
        self.plan.values().get(value.0 as usize).map(|node| &node.kind)
    }

    /// The age of what, or the days since when, a value is, or its negative is.
    fn counted(&self, value: ValueId) -> Option<(Function, ValueId)> {
        match self.kind(value)? {
            ValueKind::Negate(of) => self.counted(*of),
            ValueKind::Call {
                function: function @ (Function::Age | Function::DaysSince),
                arguments,
            } => Some((*function, *arguments.first()?)),
            _ => None,
        }
    }

    fn compared(&mut self, value: ValueId, constants: &[Constant], domain: Domain) {
        if let Some((function, of)) = self.counted(value) {
            return self.ages(function, of, constants);
        }
        if !constants.iter().any(Constant::depends_on_time) {
            return;
        }
        let Some(origins) = self.origins(value) else {
            let is_instant = |one: &Constant| matches!(one, Constant::RelativeInstant(_));
            self.feels.always |= constants.iter().any(is_instant);
            return self.anybody(0);
        };
        for constant in constants {
            for (values, kind) in &origins {
                for edge in edges(*kind, constant, domain) {
                    self.add(Crossing { values: *values, edge, leaves: true });
                }
            }
        }
    }

    /// The age of a value, or the days since, is compared with numbers.
    fn ages(&mut self, function: Function, of: ValueId, constants: &[Constant]) {
        let Some(origins) = self.origins(of) else { return self.anybody(0) };
        let mut numbers = Vec::new();
        for constant in constants {
            let Constant::Number { mantissa, scale } = constant else { return self.anybody(0) };
            let whole = 10_i128.checked_pow((*scale).into()).map(|one| mantissa.div_euclid(one));
            let Some(whole) = whole.and_then(|whole| i32::try_from(whole).ok()) else { continue };
            // Whatever the comparison is, and if it is of the negative.
            let whole = i64::from(whole);
            numbers.extend([whole, -whole].iter().flat_map(|one| [one - 1, *one, one + 1]));
        }
        numbers.sort_unstable();
        numbers.dedup();
        for (values, kind) in origins {
            let unit = match kind {
                Kind::Date => Unit::Day,
                Kind::DateTime => Unit::Start(0),
            };
            for most in &numbers {
                let edge = Edge::Daily { shift: 0, day: DayOf::Counted(function, *most), unit };
                self.add(Crossing { values, edge, leaves: true });
            }
        }
    }

    fn yearly(&mut self, value: ValueId, windows: &[YearlyWindow]) {
        let (mut of_day, mut shifts) = (false, Vec::new());
        for window in windows {
            let bounds = match window {
                YearlyWindow::Days { .. } => {
                    of_day = true;
                    continue;
                }
                YearlyWindow::Circle { first, last } => [first, last],
            };
            for bound in bounds {
                match bound {
                    Constant::RelativeDay(_) => of_day = true,
                    Constant::RelativeInstant(offset) => shifts.push(micros(*offset)),
                    _ => {}
                }
            }
        }
        if !shifts.is_empty() {
            shifts.push(0);
            return shifts.into_iter().for_each(|shift| self.anybody(shift));
        }
        if !of_day {
            return;
        }
        let Some(origins) = self.origins(value) else { return self.anybody(0) };
        for (values, kind) in origins {
            let is_time = kind == Kind::DateTime;
            let windows = windows.to_vec();
            self.own.days = true;
            self.feels.yearly.push(Anniversaries { values, is_time, windows });
        }
    }

    /// `None` where that is not known.
    fn origins(&self, value: ValueId) -> Option<Origins> {
        let all = |values: &mut dyn Iterator<Item = ValueId>| -> Option<Origins> {
            let origins: Option<Vec<Origins>> = values.map(|one| self.origins(one)).collect();
            Some(origins?.into_iter().flatten().collect())
        };
        match self.kind(value)? {
            ValueKind::Column(path) => {
                let column = path.column;
                let values = match self.schema.table(column.table).role {
                    Role::Lookup => Values::Lookup(column),
                    _ => Values::Owned { table: column.table, column },
                };
                Some(vec![(values, self.kind_of(column))])
            }
            ValueKind::Constant(Constant::Day(day)) => {
                Some(vec![(Values::Literal(day.0.into()), Kind::Date)])
            }
            ValueKind::Constant(Constant::Instant(at)) => {
                Some(vec![(Values::Literal(at.0), Kind::DateTime)])
            }
            ValueKind::Aggregate(id) => {
                let Aggregate { function, value, .. } =
                    self.plan.aggregates().get(id.0 as usize)?;
                let is_one = matches!(
                    function,
                    AggregateFunction::Min
                        | AggregateFunction::Max
                        | AggregateFunction::First
                        | AggregateFunction::Last
                );
                if is_one { self.origins((*value)?) } else { None }
            }
            ValueKind::Call { function: Function::Coalesce, arguments } => {
                all(&mut arguments.iter().copied())
            }
            ValueKind::Choose { then, otherwise, .. } => {
                all(&mut [Some(*then), *otherwise].into_iter().flatten())
            }
            // Models are fitted whenever the day changes, or purchases come to exist.
            ValueKind::Predicted(_) => Some(Vec::new()),
            _ => None,
        }
    }
}

/// What a time that goes with the clock is, in the unit of the values that it is compared with.
fn edges(kind: Kind, constant: &Constant, domain: Domain) -> Vec<Edge> {
    let daily = |shift: i64, offset: Offset| {
        let units = match kind {
            Kind::Date => vec![Unit::Day],
            Kind::DateTime => vec![Unit::Start(0), Unit::Start(1)],
        };
        let edge = move |unit| Edge::Daily { shift, day: DayOf::At(offset), unit };
        units.into_iter().map(edge).collect()
    };
    match (constant, kind, domain) {
        (Constant::RelativeDay(offset), ..) => daily(0, *offset),
        (Constant::RelativeInstant(offset), Kind::DateTime, Domain::Instant) => {
            vec![Edge::Steady(micros(*offset))]
        }
        (Constant::RelativeInstant(offset), ..) => daily(micros(*offset), TODAY),
        _ => Vec::new(),
    }
}

fn micros(offset: Offset) -> i64 {
    offset.instant_from(Instant(0)).0
}
