//! What members are divided by.

use std::fmt;

use crate::{
    exec::Field,
    output::values::value_of,
    rule::ExprType,
    value::{Decimal, Value},
};

/// How the members of a segment are divided.
#[derive(Debug, Clone)]
pub struct GroupBy {
    pub(super) value: String,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    Value,
    Ranges(Vec<Decimal>),
    Year,
    Month,
}

/// What the members of a row have in common.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Group {
    /// This value; exact numbers are [`Value::Decimal`].
    Value(Value),
    /// A number from the first edge on, and below the second; without an edge to either side.
    Range {
        /// The least number of the range.
        from: Option<Decimal>,
        /// The least number above the range.
        below: Option<Decimal>,
    },
    /// A day or time of this year.
    Year(i32),
    /// A day or time of this month.
    Month {
        /// The year.
        year: i32,
        /// From 1 to 12.
        month: u32,
    },
    /// No value at all.
    Missing,
}

/// In the order in which groups are shown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum GroupKey {
    /// Of all.
    All,
    Bool(bool),
    /// A number, a day, the place of a range, a year, or the number of a month from the year 0 on.
    Number(i128),
    Text(String),
    Missing,
}

impl GroupBy {
    /// By a text, a boolean, an exact number or a date: customers with the same one are a group. A condition of the rule
    /// language is a boolean.
    pub fn value(value: impl Into<String>) -> Self {
        Self { value: value.into(), kind: Kind::Value }
    }

    /// By a number and edges that ascend: what is below the first edge, from each edge up to the next, and from the last
    /// edge on. An edge belongs to the range that it begins.
    pub fn ranges(
        value: impl Into<String>,
        edges: impl IntoIterator<Item = impl Into<Decimal>>,
    ) -> Self {
        let edges = edges.into_iter().map(Into::into).collect();
        Self { value: value.into(), kind: Kind::Ranges(edges) }
    }

    /// By the year of a date, or of the local day of a datetime.
    pub fn year(value: impl Into<String>) -> Self {
        Self { value: value.into(), kind: Kind::Year }
    }

    /// By the year and month of a date, or of the local day of a datetime.
    pub fn month(value: impl Into<String>) -> Self {
        Self { value: value.into(), kind: Kind::Month }
    }
}

impl Kind {
    /// The group of what one customer has; a month is of two values.
    pub(super) fn key(
        &self,
        ty: ExprType,
        value: Option<Field<'_>>,
        month: Option<Field<'_>>,
    ) -> GroupKey {
        let Some(value) = value else { return GroupKey::Missing };
        match (self, value) {
            (Self::Ranges(edges), value) => {
                let above = |edge: &Decimal| match (value, ty) {
                    (Field::Exact(mantissa), ExprType::Exact { scale }) => {
                        Decimal::new(mantissa, scale).is_some_and(|value| *edge <= value)
                    }
                    (Field::Float(value), _) => edge.to_f64() <= value,
                    _ => false,
                };
                let place = edges.partition_point(above);
                GroupKey::Number(i128::try_from(place).unwrap_or(i128::MAX))
            }
            (Self::Month, Field::Exact(year)) => match month {
                Some(Field::Exact(month)) => GroupKey::Number(year * 12 + month - 1),
                _ => GroupKey::Missing,
            },
            (_, Field::Exact(number)) => GroupKey::Number(number),
            (_, Field::Bool(value)) => GroupKey::Bool(value),
            (_, Field::Text(text)) => GroupKey::Text(text.to_owned()),
            (_, Field::Float(_)) => GroupKey::Missing,
        }
    }

    pub(super) fn group(&self, ty: ExprType, key: GroupKey) -> Option<Group> {
        Some(match (self, key) {
            (_, GroupKey::All) => return None,
            (Self::Ranges(edges), GroupKey::Number(place)) => {
                let place = usize::try_from(place).unwrap_or(usize::MAX);
                let from = place.checked_sub(1).and_then(|before| edges.get(before));
                Group::Range { from: from.copied(), below: edges.get(place).copied() }
            }
            (Self::Year, GroupKey::Number(year)) => Group::Year(small(year)),
            (Self::Month, GroupKey::Number(number)) => Group::Month {
                year: small(number.div_euclid(12)),
                month: u32::try_from(number.rem_euclid(12) + 1).unwrap_or(1),
            },
            (_, GroupKey::Number(number)) => {
                value_of(ty, number).map_or(Group::Missing, Group::Value)
            }
            (_, GroupKey::Bool(value)) => Group::Value(Value::Bool(value)),
            (_, GroupKey::Text(text)) => Group::Value(Value::Text(text)),
            (_, GroupKey::Missing) => Group::Missing,
        })
    }
}

fn small(number: i128) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(value) => Shown(value).fmt(f),
            Self::Range { from: Some(from), below: Some(below) } => write!(f, "{from} to {below}"),
            Self::Range { from: Some(from), below: None } => write!(f, "from {from}"),
            Self::Range { from: None, below: Some(below) } => write!(f, "below {below}"),
            Self::Range { from: None, below: None } => f.write_str("any"),
            Self::Year(year) => write!(f, "{year:04}"),
            Self::Month { year, month } => write!(f, "{year:04}-{month:02}"),
            Self::Missing => f.write_str("missing"),
        }
    }
}

/// A single value for people.
pub(super) struct Shown<'a>(pub(super) &'a Value);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Bool(value) => value.fmt(f),
            Value::Int(value) => value.fmt(f),
            Value::Decimal(value) => value.fmt(f),
            Value::Float(value) => value.fmt(f),
            Value::Text(value) => value.fmt(f),
            Value::Date(value) => value.fmt(f),
            Value::DateTime(value) => value.format("%Y-%m-%dT%H:%M:%S%.fZ").fmt(f),
            Value::TextSet(_) | Value::IntSet(_) | Value::Geo { .. } => Ok(()),
        }
    }
}
