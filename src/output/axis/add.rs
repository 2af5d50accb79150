//! Adding up.

use std::{cmp::Ordering, collections::HashMap};

use super::{Kind, group::GroupKey};
use crate::{
    exec::Field,
    output::values::value_of,
    rule::ExprType,
    value::{Decimal, FloatSum, Value},
};

/// What was added up of some customers: by set, by group.
pub(super) struct Part {
    pub(super) sets: Vec<HashMap<GroupKey, Cell>>,
}

/// The members of one set in one group.
#[derive(Clone)]
pub(super) struct Cell {
    pub(super) customers: u64,
    /// By measure.
    pub(super) sums: Vec<Adding>,
}

/// A measure under way.
#[derive(Clone)]
pub(super) enum Adding {
    /// A sum or a mean.
    Sum(Sum),
    /// The least or the greatest so far; `wanted` is how a better one stands to it.
    Extreme {
        wanted: Ordering,
        found: Option<Found>,
    },
    Ratio(Sum, Sum),
}

#[derive(Clone)]
pub(super) struct Sum {
    count: u64,
    /// `None` where 128 bits did not hold it.
    exact: Option<i128>,
    /// Of floats.
    float: Option<Box<FloatSum>>,
}

#[derive(Clone)]
pub(super) enum Found {
    Exact(i128),
    Float(f64),
    Text(String),
}

impl Part {
    pub(super) fn nothing(sets: usize) -> Self {
        Self { sets: (0..sets).map(|_| HashMap::new()).collect() }
    }

    pub(super) fn join(&mut self, other: Self) {
        for (own, other) in self.sets.iter_mut().zip(other.sets) {
            for (group, cell) in other {
                match own.get_mut(&group) {
                    Some(own) => own.join(cell),
                    None => {
                        own.insert(group, cell);
                    }
                }
            }
        }
    }
}

impl Cell {
    fn join(&mut self, other: Self) {
        self.customers += other.customers;
        self.sums.iter_mut().zip(other.sums).for_each(|(own, other)| own.join(other));
    }
}

impl Adding {
    /// Nothing yet, of values of these types.
    pub(super) fn new(kind: &Kind, first: ExprType, second: ExprType) -> Self {
        match kind {
            Kind::Sum(_) | Kind::Avg(_) => Self::Sum(Sum::new(first)),
            Kind::Min(_) => Self::Extreme { wanted: Ordering::Less, found: None },
            Kind::Max(_) => Self::Extreme { wanted: Ordering::Greater, found: None },
            Kind::Ratio(..) => Self::Ratio(Sum::new(first), Sum::new(second)),
        }
    }

    pub(super) fn add(&mut self, first: Option<Field<'_>>, second: Option<Field<'_>>) {
        match self {
            Self::Sum(sum) => sum.add(first),
            Self::Extreme { wanted, found } => {
                let Some(field) = first else { return };
                if found.as_ref().is_none_or(|found| found.order(field) == *wanted) {
                    *found = Found::of(field);
                }
            }
            Self::Ratio(above, below) => {
                above.add(first);
                below.add(second);
            }
        }
    }

    fn join(&mut self, other: Self) {
        match (self, other) {
            (Self::Sum(own), Self::Sum(other)) => own.join(&other),
            (Self::Ratio(above, below), Self::Ratio(more_above, more_below)) => {
                above.join(&more_above);
                below.join(&more_below);
            }
            (own @ Self::Extreme { .. }, Self::Extreme { found: Some(found), .. }) => {
                own.add(Some(found.as_field()), None);
            }
            _ => {}
        }
    }

    /// The measure, of values of these types.
    pub(super) fn value(&self, kind: &Kind, first: ExprType, second: ExprType) -> Option<Value> {
        match (self, kind) {
            (Self::Sum(sum), Kind::Avg(_)) => sum.mean(first).map(Value::Float),
            (Self::Sum(sum), _) => sum.total(first),
            (Self::Ratio(above, below), _) => {
                quotient(&above.total(first)?, &below.total(second)?).map(Value::Float)
            }
            (Self::Extreme { found, .. }, _) => match found.as_ref()? {
                Found::Exact(number) => value_of(first, *number),
                Found::Float(number) => Some(Value::Float(*number)),
                Found::Text(text) => Some(Value::Text(text.clone())),
            },
        }
    }
}

impl Sum {
    fn new(ty: ExprType) -> Self {
        let float = (ty == ExprType::Float).then(Box::default);
        Self { count: 0, exact: Some(0), float }
    }

    fn add(&mut self, field: Option<Field<'_>>) {
        match (field, &mut self.float) {
            (Some(Field::Exact(number)), _) => {
                self.exact = self.exact.and_then(|sum| sum.checked_add(number));
            }
            (Some(Field::Float(number)), Some(sum)) => sum.add(number),
            _ => return,
        }
        self.count += 1;
    }

    fn join(&mut self, other: &Self) {
        self.count += other.count;
        self.exact = self.exact.zip(other.exact).and_then(|(own, other)| own.checked_add(other));
        if let Some((own, other)) = self.float.as_mut().zip(other.float.as_ref()) {
            own.join(other);
        }
    }

    fn total(&self, ty: ExprType) -> Option<Value> {
        match (&self.float, ty) {
            (Some(sum), _) => sum.total().map(Value::Float),
            (None, ExprType::Exact { scale }) => {
                Decimal::new(self.exact?, scale).map(Value::Decimal)
            }
            _ => None,
        }
    }

    fn mean(&self, ty: ExprType) -> Option<f64> {
        let count = Value::Decimal(Decimal::from_int(self.count.into()));
        quotient(&self.total(ty)?, &count)
    }
}

/// As `/` of the rule language.
fn quotient(above: &Value, below: &Value) -> Option<f64> {
    let float = |value: &Value| match value {
        Value::Decimal(number) => Some(number.to_f64()),
        Value::Float(number) => Some(*number),
        _ => None,
    };
    let found = match (above, below) {
        (Value::Decimal(above), Value::Decimal(below)) => above.quotient(*below)?,
        _ => float(above)? / float(below)?,
    };
    found.is_finite().then_some(found)
}

impl Found {
    fn of(field: Field<'_>) -> Option<Self> {
        match field {
            Field::Exact(number) => Some(Self::Exact(number)),
            Field::Float(number) => Some(Self::Float(number)),
            Field::Text(text) => Some(Self::Text(text.to_owned())),
            Field::Bool(_) => None,
        }
    }

    fn as_field(&self) -> Field<'_> {
        match self {
            Self::Exact(number) => Field::Exact(*number),
            Self::Float(number) => Field::Float(*number),
            Self::Text(text) => Field::Text(text),
        }
    }

    /// How a field stands to it.
    fn order(&self, field: Field<'_>) -> Ordering {
        match (field, self) {
            (Field::Exact(field), Self::Exact(own)) => field.cmp(own),
            (Field::Float(field), Self::Float(own)) => {
                field.partial_cmp(own).unwrap_or(Ordering::Equal)
            }
            (Field::Text(field), Self::Text(own)) => field.cmp(own),
            _ => Ordering::Equal,
        }
    }
}
