//! Aggregates: one value of many rows.

use std::cmp::Ordering;

use super::{Datum, Scope};
use crate::{
    rule::{Aggregate, AggregateFunction, Expr, ExprType},
    snapshot::Row,
    value::{Decimal, FloatSum},
};

/// The value of a row, and when the row happened.
struct Entry {
    time: Option<Datum>,
    value: Datum,
}

impl Scope<'_> {
    pub(super) fn aggregate(&self, aggregate: &Aggregate) -> Option<Datum> {
        let entries = self.entries(aggregate);
        let values = || entries.iter().map(|entry| &entry.value);
        match aggregate.function {
            AggregateFunction::Count => Some(count(entries.len())),
            AggregateFunction::CountDistinct => Some(count(distinct(values()))),
            AggregateFunction::Exists => Some(Datum::Bool(!entries.is_empty())),
            AggregateFunction::Sum => sum(aggregate.value.as_ref(), values()),
            AggregateFunction::Avg => average(aggregate.value.as_ref(), values()),
            AggregateFunction::Min => extreme(values(), Ordering::Less),
            AggregateFunction::Max => extreme(values(), Ordering::Greater),
            AggregateFunction::First => first(entries),
            AggregateFunction::Last => last(entries),
            AggregateFunction::AverageGap => self.average_gap(entries),
        }
    }

    /// The customer's rows that exist, meet the filter and have the value, in their order. Where no value is asked
    /// for, a row stands for itself.
    fn entries(&self, aggregate: &Aggregate) -> Vec<Entry> {
        let rows = self.customer.children(aggregate.table).filter(|row| self.row_exists(*row));
        let scopes = rows.map(|row| Scope { row, ..*self });
        scopes
            .filter(|scope| aggregate.filter.as_ref().is_none_or(|filter| scope.holds(filter)))
            .filter_map(|scope| {
                let value = match &aggregate.value {
                    Some(value) => scope.value(value)?,
                    None => Datum::Bool(true),
                };
                Some(Entry { time: scope.row.time().map(Datum::from), value })
            })
            .collect()
    }

    /// The mean number of local days from one row to the next; rows without a time do not count.
    fn average_gap(&self, entries: Vec<Entry>) -> Option<Datum> {
        let days: Vec<_> =
            entries.iter().filter_map(|entry| self.local_day(entry.time.as_ref()?)).collect();
        let gaps = i64::try_from(days.len()).ok()?.checked_sub(1).filter(|gaps| *gaps > 0)?;
        let passed = days.iter().max()?.days_since(*days.iter().min()?);
        Decimal::from(passed).quotient(Decimal::from(gaps)).and_then(Datum::float)
    }

    /// A row without a time exists.
    fn row_exists(&self, row: Row<'_>) -> bool {
        row.time().is_none_or(|time| self.world.has_happened(time.into()))
    }
}

fn count(number: usize) -> Datum {
    Datum::whole(i64::try_from(number).unwrap_or(i64::MAX))
}

fn distinct<'a>(values: impl Iterator<Item = &'a Datum>) -> usize {
    let mut seen: Vec<&Datum> = Vec::new();
    for value in values {
        if !seen.contains(&value) {
            seen.push(value);
        }
    }
    seen.len()
}

/// Of exact numbers exactly, missing where 128 bits do not hold it; of floats the float nearest to the exact sum.
pub(super) fn sum<'a>(of: Option<&Expr>, values: impl Iterator<Item = &'a Datum>) -> Option<Datum> {
    match of?.ty {
        ExprType::Exact { scale } => {
            let mut sum = Decimal::new(0, scale)?;
            for value in values {
                let Datum::Exact(number) = value else { return None };
                sum = sum.checked_add(*number)?;
            }
            Some(Datum::Exact(sum))
        }
        ExprType::Float => {
            let mut sum = FloatSum::default();
            for value in values {
                sum.add(value.as_float()?);
            }
            sum.total().and_then(Datum::float)
        }
        _ => None,
    }
}

fn average<'a>(
    of: Option<&Expr>,
    values: impl Iterator<Item = &'a Datum> + Clone,
) -> Option<Datum> {
    let number = i64::try_from(values.clone().count()).ok().filter(|&number| number > 0)?;
    let number = Decimal::from(number);
    match sum(of, values)? {
        Datum::Exact(sum) => sum.quotient(number).and_then(Datum::float),
        Datum::Float(sum) => Datum::float(sum / number.to_f64()),
        _ => None,
    }
}

fn extreme<'a>(values: impl Iterator<Item = &'a Datum>, wanted: Ordering) -> Option<Datum> {
    let better = |one: &'a Datum, other| if other_is(one, other, wanted) { other } else { one };
    values.reduce(better).cloned()
}

fn other_is(one: &Datum, other: &Datum, wanted: Ordering) -> bool {
    other.order(one) == Some(wanted)
}

/// Of the row with the earliest time, of several such the first; rows without a time do not count.
fn first(entries: Vec<Entry>) -> Option<Datum> {
    let mut found: Option<Entry> = None;
    for entry in entries.into_iter().filter(|entry| entry.time.is_some()) {
        if found.as_ref().is_none_or(|found| order_of_time(&entry, found).is_lt()) {
            found = Some(entry);
        }
    }
    found.map(|entry| entry.value)
}

/// Of the row with the latest time, of several such the last; rows without a time do not count.
fn last(entries: Vec<Entry>) -> Option<Datum> {
    let mut found: Option<Entry> = None;
    for entry in entries.into_iter().filter(|entry| entry.time.is_some()) {
        if found.as_ref().is_none_or(|found| order_of_time(&entry, found).is_ge()) {
            found = Some(entry);
        }
    }
    found.map(|entry| entry.value)
}

fn order_of_time(one: &Entry, other: &Entry) -> Ordering {
    let order =
        one.time.as_ref().zip(other.time.as_ref()).and_then(|(one, other)| one.order(other));
    order.unwrap_or(Ordering::Equal)
}
