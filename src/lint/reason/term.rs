//! Values by structure, and what is known of each.

use std::borrow::Cow;

use super::{Cut, Literal, Reason, Set, Subject, SubjectKey, float_step};
use crate::{
    calendar::{Day, Instant, MonthDay, Offset},
    rule::{
        AggregateFunction, ArithmeticOp, ColumnPath, ExprType, Function, Prediction, RfmField,
        Start,
    },
    schema::{Role, TableId},
    value::Decimal,
};

/// The number of a value; equal values have equal numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TermId(usize);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum TermKey<'a> {
    Bool(bool),
    Number(Decimal),
    Text(Cow<'a, str>),
    Date(Day),
    DateTime(Instant),
    MonthDay(MonthDay),
    RelativeDay(Offset),
    /// In minutes.
    RelativeInstant(i64),
    /// The result of a calculation on fixed numbers that has none.
    Missing,
    /// The result of a calculation on fixed numbers, as bits.
    Float(u64),
    Column(&'a ColumnPath),
    Aggregate {
        function: AggregateFunction,
        table: TableId,
        value: Option<TermId>,
        filter: Option<Literal>,
    },
    Negate(TermId),
    Arithmetic(TermId, Vec<(ArithmeticOp, TermId)>),
    Call(Function, Vec<TermId>),
    Quantile(TermId, u32),
    Rfm(RfmField),
    Predicted(Prediction),
    Condition(Literal),
}

pub(super) struct Term<'a> {
    pub(super) key: TermKey<'a>,
    pub(super) ty: ExprType,
    /// The values it can have, and whether it can be missing.
    pub(super) domain: Set<'a>,
    /// It is the time of something that has happened, so it never lies after `as_of`.
    pub(super) has_happened: bool,
    /// What is known of other subjects where it is present.
    pub(super) implied: Vec<(Subject, Set<'a>)>,
}

impl<'a> Reason<'a> {
    pub(crate) fn term(&mut self, key: TermKey<'a>, ty: ExprType) -> TermId {
        if let Some(id) = self.terms_by_key.get(&key) {
            return *id;
        }
        let has_happened = self.has_happened(&key);
        let domain = self.values(&key, ty).with_missing(self.may_be_missing(&key, ty));
        let id = TermId(self.terms.len());
        self.terms_by_key.insert(key.clone(), id);
        self.terms.push(Term { key: key.clone(), ty, domain, has_happened, implied: Vec::new() });
        let implied = self.implied(id, &key);
        // Other terms may have come in the meantime.
        if let Some(term) = self.terms.get_mut(id.0) {
            term.implied = implied;
        }
        id
    }

    /// The number of rows of a table that meet a filter.
    pub(crate) fn count(&mut self, table: TableId, filter: Option<Literal>) -> TermId {
        let function = AggregateFunction::Count;
        let key = TermKey::Aggregate { function, table, value: None, filter };
        self.term(key, ExprType::Exact { scale: 0 })
    }

    // INVARIANT: ids are made by `term` alone, and of one `Reason`.
    #[expect(clippy::indexing_slicing, reason = "ids are places in the list")]
    pub(super) fn of(&self, id: TermId) -> &Term<'a> {
        &self.terms[id.0]
    }

    pub(crate) fn type_of(&self, id: TermId) -> ExprType {
        self.of(id).ty
    }

    pub(crate) fn key_of_term(&self, id: TermId) -> &TermKey<'a> {
        &self.of(id).key
    }

    /// The value whose absence this value's absence is: `birthday` for `age(birthday)`.
    pub(crate) fn root(&self, mut id: TermId) -> TermId {
        loop {
            id = match &self.of(id).key {
                TermKey::Call(function, arguments) if is_total(*function) => {
                    match arguments.as_slice() {
                        [argument] => *argument,
                        _ => return id,
                    }
                }
                TermKey::Quantile(value, _) => *value,
                _ => return id,
            }
        }
    }

    /// Whether every text of it is what `lower` makes of it.
    pub(crate) fn is_lower(&self, id: TermId) -> bool {
        matches!(self.of(id).key, TermKey::Call(Function::Lower, _))
    }

    /// The time column of the row at hand or of its parent, or the customer's own creation.
    fn has_happened(&self, key: &TermKey<'a>) -> bool {
        match key {
            TermKey::Column(path) if path.through.is_empty() => {
                let table = path.column.table;
                match self.schema.table(table).role {
                    Role::Customers { created } => created == Some(path.column),
                    _ => {
                        path.start != Start::Customer
                            && self.schema.time_of(table) == Some((0, path.column))
                    }
                }
            }
            TermKey::Aggregate { function, value: Some(value), .. } => {
                is_one_of_the_values(*function) && self.of(*value).has_happened
            }
            _ => false,
        }
    }

    fn may_be_missing(&self, key: &TermKey<'a>, ty: ExprType) -> bool {
        match key {
            TermKey::Column(path) => {
                // A reference whose key does not exist is missing.
                let refers = self.schema.column(path.column).lookup.is_some();
                refers || !path.through.is_empty() || !self.schema.is_always_given(path.column)
            }
            TermKey::Aggregate { function, value, .. } => match function {
                // 64 bits a row: a sum of exact numbers of columns never overflows.
                AggregateFunction::Sum => !value.is_some_and(|value| self.is_exact_column(value)),
                function => function.needs_rows(),
            },
            TermKey::Call(Function::Size, _) => false,
            TermKey::Call(Function::Coalesce, arguments) => {
                let fits = |id: &TermId| match (&self.of(*id).key, ty) {
                    (TermKey::Number(number), ExprType::Exact { scale }) => {
                        number.rescale(scale).is_some()
                    }
                    (_, ExprType::Exact { scale }) => scale <= 18 && self.is_exact_column(*id),
                    (_, ExprType::Float) => false,
                    _ => true,
                };
                !arguments.iter().all(fits)
                    || arguments.iter().all(|id| self.of(*id).domain.missing)
            }
            TermKey::Call(function, arguments) => {
                let argument = arguments.first().map(|id| self.of(*id));
                !is_total(*function) || argument.is_none_or(|argument| argument.domain.missing)
            }
            TermKey::Quantile(value, _) => self.of(*value).domain.missing,
            // Where too few have bought, nobody has scores.
            TermKey::Rfm(_) => true,
            // Who has not ordered has no predictions.
            TermKey::Predicted(_) => true,
            TermKey::Negate(_) | TermKey::Arithmetic(..) | TermKey::Missing => true,
            TermKey::Bool(_)
            | TermKey::Number(_)
            | TermKey::Text(_)
            | TermKey::Date(_)
            | TermKey::DateTime(_)
            | TermKey::MonthDay(_)
            | TermKey::RelativeDay(_)
            | TermKey::RelativeInstant(_)
            | TermKey::Float(_)
            | TermKey::Condition(_) => false,
        }
    }

    fn is_exact_column(&self, id: TermId) -> bool {
        let term = self.of(id);
        matches!((&term.key, term.ty), (TermKey::Column(_), ExprType::Exact { .. }))
    }

    /// The values it can have where it is present.
    fn values(&self, key: &TermKey<'a>, ty: ExprType) -> Set<'a> {
        let steps = |first, end| Set::range(Cut::Step(first), Cut::Step(end));
        match (key, ty) {
            (_, ExprType::Bool) => steps(0, 2),
            (TermKey::Aggregate { function, value, .. }, _) => match (function, value) {
                (
                    AggregateFunction::Count
                    | AggregateFunction::CountDistinct
                    | AggregateFunction::AverageGap,
                    _,
                ) => Set::from(Cut::Step(0)),
                (function, Some(value)) if is_one_of_the_values(*function) => {
                    self.of(*value).domain.clone()
                }
                _ => Set::present(),
            },
            (TermKey::Call(function, _), _) => match function {
                Function::Month => steps(1, 13),
                Function::Day => steps(1, 32),
                Function::Weekday => steps(1, 8),
                Function::Hour => steps(0, 24),
                Function::Size | Function::Length | Function::Abs => Set::from(Cut::Step(0)),
                _ => Set::present(),
            },
            (TermKey::Rfm(_), ExprType::Exact { .. }) => {
                let levels = self.schema.rfm().map_or(10, |rfm| rfm.scores.levels);
                steps(1, i128::from(levels) + 1)
            }
            (TermKey::Predicted(Prediction::Alive), _) => steps(0, float_step(1.0) + 1),
            (TermKey::Predicted(Prediction::Orders(_) | Prediction::Value(_)), _) => {
                Set::from(Cut::Step(0))
            }
            (TermKey::Quantile(_, buckets), _) => steps(1, i128::from(*buckets) + 1),
            _ => Set::present(),
        }
    }

    /// What is known of other subjects where the value is present.
    fn implied(&mut self, id: TermId, key: &TermKey<'a>) -> Vec<(Subject, Set<'a>)> {
        let mut found: Vec<(Subject, Set<'a>)> = Vec::new();
        match key {
            TermKey::Column(_) | TermKey::Rfm(_) | TermKey::Predicted(_) => {
                found.extend(self.presence(id))
            }
            TermKey::Aggregate { function, table, filter, .. } => {
                let rows = match function {
                    AggregateFunction::Avg => 1,
                    AggregateFunction::AverageGap => 2,
                    function if is_one_of_the_values(*function) => 1,
                    _ => 0,
                };
                if rows > 0 {
                    found.extend(self.presence(id));
                    let count = self.count(*table, *filter);
                    let count = self.subject(SubjectKey::Value(count));
                    found.push((count, Set::from(Cut::Step(rows))));
                }
            }
            TermKey::Negate(inner) | TermKey::Quantile(inner, _) => {
                found.clone_from(&self.of(*inner).implied)
            }
            TermKey::Arithmetic(first, rest) => {
                found.clone_from(&self.of(*first).implied);
                for (_, operand) in rest {
                    found.extend_from_slice(&self.of(*operand).implied);
                }
                // Long sums say enough with their first operands.
                found.truncate(8);
            }
            TermKey::Call(Function::Coalesce, _) => found.extend(self.presence(id)),
            TermKey::Call(Function::Size, _) => {}
            TermKey::Call(_, arguments) => {
                if let [argument, ..] = arguments.as_slice() {
                    found.clone_from(&self.of(*argument).implied);
                }
            }
            _ => {}
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    fn presence(&mut self, id: TermId) -> Option<(Subject, Set<'a>)> {
        let domain = self.of(id).domain.clone();
        let present = domain.clone().with_missing(false);
        // Of what is never missing there is nothing to say.
        (present != domain).then(|| (self.subject(SubjectKey::Value(id)), present))
    }
}

/// Functions that have a value exactly where their one argument has.
fn is_total(function: Function) -> bool {
    match function {
        Function::Age
        | Function::DaysSince
        | Function::Year
        | Function::Month
        | Function::Day
        | Function::Weekday
        | Function::Hour
        | Function::Lower
        | Function::Length => true,
        // An overflow is missing.
        Function::Abs | Function::Round(_) | Function::Size | Function::Coalesce => false,
    }
}

/// Aggregates whose value is that of one of the rows.
fn is_one_of_the_values(function: AggregateFunction) -> bool {
    matches!(
        function,
        AggregateFunction::Min
            | AggregateFunction::Max
            | AggregateFunction::First
            | AggregateFunction::Last
    )
}
