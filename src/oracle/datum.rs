//! Values side by side.

use std::cmp::Ordering;

use super::Datum;
use crate::{
    calendar::{Day, Instant},
    value::{Decimal, Value},
};

impl Datum {
    pub(super) fn whole(number: i64) -> Self {
        Self::Exact(Decimal::from(number))
    }

    /// There is no NaN, no infinity and no negative zero.
    pub(super) fn float(number: f64) -> Option<Self> {
        number.is_finite().then_some(Self::Float(number + 0.0))
    }

    /// Of a number; an exact one becomes the nearest float.
    pub(super) fn as_float(&self) -> Option<f64> {
        match self {
            Self::Exact(number) => Some(number.to_f64()),
            Self::Float(number) => Some(*number),
            _ => None,
        }
    }

    /// A single value; a month-day is none.
    pub(super) fn into_value(self) -> Option<Value> {
        Some(match self {
            Self::Bool(truth) => Value::Bool(truth),
            Self::Exact(number) => Value::Decimal(number),
            Self::Float(number) => Value::Float(number),
            Self::Text(text) => Value::Text(text),
            Self::Day(day) => Value::Date(day.to_date()),
            Self::Instant(instant) => Value::DateTime(instant.to_datetime()),
            Self::TextSet(texts) => Value::TextSet(texts),
            Self::IntSet(numbers) => Value::IntSet(numbers),
            Self::Geo { latitude, longitude } => Value::Geo { latitude, longitude },
            Self::MonthDay(_) => return None,
        })
    }

    /// Two numbers, texts, truths, days or instants; `None` for anything else.
    pub(super) fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Exact(one), Self::Exact(other)) => Some(one.cmp(other)),
            (Self::Bool(one), Self::Bool(other)) => Some(one.cmp(other)),
            (Self::Text(one), Self::Text(other)) => Some(one.chars().cmp(other.chars())),
            (Self::Day(one), Self::Day(other)) => Some(one.cmp(other)),
            (Self::Instant(one), Self::Instant(other)) => Some(one.cmp(other)),
            (one, other) => one.as_float()?.partial_cmp(&other.as_float()?),
        }
    }
}

impl From<Value> for Datum {
    fn from(value: Value) -> Self {
        match value {
            Value::Bool(truth) => Self::Bool(truth),
            Value::Int(number) => Self::whole(number),
            Value::Decimal(number) => Self::Exact(number),
            Value::Float(number) => Self::Float(number),
            Value::Text(text) => Self::Text(text),
            Value::Date(date) => Self::Day(Day::from(date)),
            Value::DateTime(time) => Self::Instant(Instant::from(time)),
            Value::TextSet(texts) => Self::TextSet(texts),
            Value::IntSet(numbers) => Self::IntSet(numbers),
            Value::Geo { latitude, longitude } => Self::Geo { latitude, longitude },
        }
    }
}
