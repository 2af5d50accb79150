//! One pass over a column.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;

use crate::{
    calendar::{Day, Instant},
    schema::Column,
    snapshot::{ColumnChunk, Snapshot, Values},
    value::{Decimal, FloatSum, Key, Type, Value},
};

/// The customers that are looked at.
pub(super) struct Looked<'a> {
    snapshot: &'a Snapshot,
    /// By chunk: rows within it, and whether they are members.
    chunks: Vec<Vec<(usize, bool)>>,
}

/// How many have a value.
pub(super) struct Counted {
    pub(super) value: Option<Value>,
    /// Which values come first.
    pub(super) order: Order,
    pub(super) members: u64,
    pub(super) everyone: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Order {
    Number(i64),
    Text(String),
    Missing,
}

/// Of the customers who have a number.
pub(super) struct Number {
    pub(super) mean: Option<f64>,
    pub(super) deviation: Option<f64>,
}

/// What stands for a value while it is counted: a code, a row of a lookup, a number; `None` where there is none.
type Place = Option<i64>;

impl<'a> Looked<'a> {
    pub(super) fn new(
        snapshot: &'a Snapshot,
        everyone: &RoaringBitmap,
        members: &RoaringBitmap,
    ) -> Self {
        let chunks = (0..snapshot.chunk_count()).map(|number| {
            let chunk = snapshot.chunk(number);
            let rows = (0..chunk.rows()).filter_map(|local| {
                let row = chunk.numbers().number(local).filter(|row| everyone.contains(*row))?;
                let exists = chunk.lives(local) && snapshot.live().contains(row);
                exists.then(|| (local, members.contains(row)))
            });
            rows.collect()
        });
        Self { snapshot, chunks: chunks.collect() }
    }

    pub(super) fn everyone(&self) -> u64 {
        self.chunks.iter().map(|rows| rows.len() as u64).sum()
    }

    pub(super) fn members(&self) -> u64 {
        let rows = self.chunks.iter().flatten();
        rows.map(|(_, is_member)| u64::from(*is_member)).sum()
    }

    /// Calls `with` for each customer, by the column's part and the row in it.
    fn each(&self, column: &Column, mut with: impl FnMut(&ColumnChunk, usize, bool)) {
        for (number, rows) in self.chunks.iter().enumerate() {
            let part = self.snapshot.column(column.id, number);
            rows.iter().for_each(|(row, is_member)| with(part, *row, *is_member));
        }
    }
}

/// The values of a column; of numbers and places only how many have none.
pub(super) fn counts(looked: &Looked<'_>, column: &Column) -> Vec<Counted> {
    let mut found: BTreeMap<Place, (u64, u64)> = BTreeMap::new();
    let zone = looked.snapshot.schema().zone();
    let year = |number: i64| match column.ty {
        Type::Date => Day(i32::try_from(number).unwrap_or(i32::MAX)).year(),
        _ => zone.local_day(Instant(number)).year(),
    };
    looked.each(column, |part, row, is_member| {
        let mut count = |place: Place| {
            let (members, everyone) = found.entry(place).or_default();
            *members += u64::from(is_member);
            *everyone += 1;
        };
        if !part.is_present(row) {
            return count(None);
        }
        let range = |offsets: &[u32]| {
            let at = |row: usize| offsets.get(row).map_or(0, |at| *at as usize);
            at(row)..at(row + 1)
        };
        match &part.values {
            Values::Bool(bits) => count(Some(bits.get(row).into())),
            Values::Text(codes) | Values::Ref(codes) => count(codes.get(row).map(i64::from)),
            Values::TextSet { offsets, codes } => {
                let range = range(offsets);
                if range.is_empty() {
                    count(None);
                }
                range.for_each(|at| count(codes.get(at).map(i64::from)));
            }
            Values::IntSet { offsets, elements } => {
                let range = range(offsets);
                if range.is_empty() {
                    count(None);
                }
                range.for_each(|at| count(elements.get(at).copied()));
            }
            Values::Number(frame) if matches!(column.ty, Type::Date | Type::DateTime) => {
                count(frame.get(row).map(|number| year(number).into()));
            }
            // Numbers have means; places have neither.
            Values::Number(_) | Values::Float(_) | Values::Geo { .. } => {}
        }
    });
    if column.ty == Type::Geo {
        found.clear();
    }
    let counted = found.into_iter().map(|(place, (members, everyone))| {
        let value = place.and_then(|place| value_of(looked.snapshot, column, place));
        let order = match &value {
            Some(Value::Text(text)) => Order::Text(text.clone()),
            Some(Value::Int(number)) => Order::Number(*number),
            Some(Value::Bool(truth)) => Order::Number((*truth).into()),
            _ => Order::Missing,
        };
        Counted { value, order, members, everyone }
    });
    counted.collect()
}

fn value_of(snapshot: &Snapshot, column: &Column, place: i64) -> Option<Value> {
    match (&column.ty, column.lookup) {
        (_, Some(lookup)) => match snapshot.key_in(lookup, u32::try_from(place).ok()?)? {
            Key::Int(key) => Some(Value::Int(key)),
            Key::Text(key) => Some(Value::Text(key)),
        },
        (Type::Bool, _) => Some(Value::Bool(place == 1)),
        (Type::Text | Type::TextSet, _) => {
            let text = snapshot.dictionary(column.id)?.get(u32::try_from(place).ok()?)?;
            Some(Value::Text(text.to_owned()))
        }
        _ => Some(Value::Int(place)),
    }
}

/// Of the members, and of everyone.
pub(super) fn numbers(looked: &Looked<'_>, column: &Column) -> (Number, Number) {
    let scale = match column.ty {
        Type::Decimal(scale) => scale,
        _ => 0,
    };
    let number = |part: &ColumnChunk, row: usize| {
        if !part.is_present(row) {
            return None;
        }
        match &part.values {
            Values::Number(frame) => {
                Decimal::new(frame.get(row)?.into(), scale).map(Decimal::to_f64)
            }
            Values::Float(floats) => floats.values.get(row).copied(),
            _ => None,
        }
    };
    let (mut members, mut everyone) = (Sum::default(), Sum::default());
    looked.each(column, |part, row, is_member| {
        if let Some(number) = number(part, row) {
            everyone.add(number);
            if is_member {
                members.add(number);
            }
        }
    });
    let mean = everyone.mean();
    let mut squares = Sum::default();
    looked.each(column, |part, row, _| {
        if let Some((number, mean)) = number(part, row).zip(mean) {
            squares.add((number - mean) * (number - mean));
        }
    });
    let deviation = squares.mean().map(libm::sqrt);
    (Number { mean: members.mean(), deviation: None }, Number { mean, deviation })
}

#[derive(Default)]
struct Sum {
    total: FloatSum,
    count: u64,
}

impl Sum {
    fn add(&mut self, number: f64) {
        self.total.add(number);
        self.count += 1;
    }

    fn mean(&self) -> Option<f64> {
        let count = Decimal::from_int(self.count.into()).to_f64();
        (self.count > 0).then(|| self.total.total()).flatten().map(|total| total / count)
    }
}
