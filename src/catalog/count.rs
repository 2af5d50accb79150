//! What a column holds: one pass over its chunks.

use std::collections::HashMap;

use super::{
    Contents, Range, ValueCount,
    names::{of_key, written},
};
use crate::{
    schema::{self, ColumnId, Role},
    snapshot::{Codes, ColumnChunk, Frame, Offsets, Snapshot, Values, number_value},
    value::{Type, Value},
};

/// How much is listed of a column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Most {
    /// The greatest number of different values of a column that are listed.
    pub(super) distinct: usize,
    /// Of these, the most frequent ones.
    pub(super) listed: usize,
}

pub(super) fn contents(snapshot: &Snapshot, column: &schema::Column, most: Most) -> Contents {
    let mut tally = Tally::new(&column.ty, most.distinct);
    for chunk in chunks(snapshot, column.id) {
        tally.add(chunk);
    }
    let rows = snapshot.rows(&snapshot.schema().table(column.id.table).name).unwrap_or(0);
    let value_of_code = |code| match column.lookup {
        Some(lookup) => snapshot.key_in(lookup, code).map(of_key),
        None => snapshot.dictionary(column.id)?.get(code).map(|text| Value::Text(text.to_owned())),
    };
    let bound = |number| number_value(&column.ty, number);
    let number_range = tally.numbers_range.and_then(|(min, max)| bound(min).zip(bound(max)));
    let float_range = tally.float_range.map(|(min, max)| (Value::Float(min), Value::Float(max)));
    let (distinct, values) = tally.counts.settle(value_of_code, most);
    Contents {
        missing: rows.saturating_sub(tally.present),
        distinct,
        values,
        range: number_range.or(float_range).map(|(min, max)| Range { min, max }),
    }
}

fn chunks(snapshot: &Snapshot, column: ColumnId) -> impl Iterator<Item = &ColumnChunk> {
    let count = match snapshot.schema().table(column.table).role {
        Role::Lookup => 1,
        Role::Customers { .. } | Role::Child { .. } | Role::Nested { .. } => snapshot.chunk_count(),
    };
    (0..count).map(move |chunk| snapshot.column(column, chunk))
}

struct Tally {
    /// Rows with a value, or with a set that is not empty.
    present: u64,
    counts: Counts,
    numbers_range: Option<(i64, i64)>,
    float_range: Option<(f64, f64)>,
}

/// How many rows have each value.
enum Counts {
    /// Of values that are not counted.
    None,
    /// `false` and `true`.
    Bool(u64, u64),
    /// By code of the dictionary, or by row of a lookup.
    Codes(Vec<u64>),
    /// By number, as long as there are not too many.
    Numbers { counts: Option<HashMap<i64, u64>>, most: usize },
}

impl Tally {
    fn new(ty: &Type, most: usize) -> Self {
        let counts = match ty {
            Type::Bool => Counts::Bool(0, 0),
            Type::Text | Type::TextSet | Type::Ref(_) => Counts::Codes(Vec::new()),
            Type::Int | Type::IntSet => Counts::Numbers { counts: Some(HashMap::new()), most },
            Type::Decimal(_) | Type::Float | Type::Date | Type::DateTime | Type::Geo => {
                Counts::None
            }
        };
        Self { present: 0, counts, numbers_range: None, float_range: None }
    }

    fn add(&mut self, chunk: &ColumnChunk) {
        let rows = count(chunk.rows);
        let present = chunk
            .presence()
            .map_or(rows, |words| words.iter().map(|word| u64::from(word.count_ones())).sum());
        let absent = rows.saturating_sub(present);
        match &chunk.values {
            Values::TextSet { offsets, codes } => {
                self.present += filled(offsets);
                self.counts.add_codes(codes, 0);
                return;
            }
            Values::IntSet { offsets, elements } => {
                self.present += filled(offsets);
                self.counts.add_numbers(elements.iter().map(|element| (*element, 1)));
                return;
            }
            Values::Bool(bits) => {
                // Of absent rows the bit is not set.
                let yes = bits.words().iter().map(|word| u64::from(word.count_ones())).sum();
                self.counts.add_bools(present.saturating_sub(yes), yes);
            }
            Values::Number(frame) => {
                self.numbers_range = widest(self.numbers_range, frame.range, i64::min, i64::max);
                self.counts.add_frame(frame, absent);
            }
            Values::Float(floats) => {
                self.float_range = widest(self.float_range, floats.range, f64::min, f64::max);
            }
            Values::Text(codes) | Values::Ref(codes) => self.counts.add_codes(codes, absent),
            Values::Geo { .. } => {}
        }
        self.present += present;
    }
}

impl Counts {
    fn add_bools(&mut self, no: u64, yes: u64) {
        if let Self::Bool(all_no, all_yes) = self {
            *all_no += no;
            *all_yes += yes;
        }
    }

    /// Absent rows have the code 0.
    fn add_codes(&mut self, codes: &Codes, absent: u64) {
        let Self::Codes(counts) = self else { return };
        match codes {
            Codes::U8(codes) => codes.iter().for_each(|code| bump(counts, usize::from(*code))),
            Codes::U16(codes) => codes.iter().for_each(|code| bump(counts, usize::from(*code))),
            Codes::U32(codes) => {
                let index = |code: &u32| usize::try_from(*code).unwrap_or(usize::MAX);
                codes.iter().for_each(|code| bump(counts, index(code)));
            }
        }
        if let Some(first) = counts.first_mut() {
            *first = first.saturating_sub(absent);
        }
    }

    fn add_frame(&mut self, frame: &Frame, absent: u64) {
        if matches!(self, Self::Numbers { counts: Some(_), .. }) {
            let mut counts = Vec::new();
            match &frame.offsets {
                Offsets::U8(offsets) => {
                    offsets.iter().for_each(|offset| bump(&mut counts, usize::from(*offset)));
                }
                Offsets::U16(offsets) => {
                    offsets.iter().for_each(|offset| bump(&mut counts, usize::from(*offset)));
                }
                Offsets::U32(offsets) => {
                    let number = |offset: &u32| frame.number((*offset).into());
                    self.add_numbers(offsets.iter().map(|offset| (number(offset), 1)));
                    self.take(frame.base, absent);
                    return;
                }
                Offsets::I64(numbers) => {
                    self.add_numbers(numbers.iter().map(|number| (*number, 1)));
                    self.take(0, absent);
                    return;
                }
            }
            if let Some(first) = counts.first_mut() {
                *first = first.saturating_sub(absent);
            }
            let numbers = (0..).map(|offset| frame.number(offset));
            self.add_numbers(numbers.zip(counts).filter(|(_, count)| *count > 0));
        }
    }

    fn add_numbers(&mut self, numbers: impl Iterator<Item = (i64, u64)>) {
        let Self::Numbers { counts: all, most } = self else { return };
        let Some(counts) = all else { return };
        for (number, count) in numbers {
            *counts.entry(number).or_insert(0) += count;
            // One more may be the placeholder of absent rows.
            if counts.len() > most.saturating_add(1) {
                *all = None;
                return;
            }
        }
    }

    /// Takes the placeholders of absent rows out again.
    fn take(&mut self, number: i64, absent: u64) {
        let Self::Numbers { counts: Some(counts), .. } = self else { return };
        if let Some(found) = counts.get_mut(&number) {
            *found = found.saturating_sub(absent);
        }
        counts.retain(|_, count| *count > 0);
    }

    /// The number of different values, and those that are listed.
    fn settle(
        self,
        value_of_code: impl Fn(u32) -> Option<Value>,
        most: Most,
    ) -> (Option<u64>, Vec<ValueCount>) {
        let occurring = |(_, count): &(_, u64)| *count > 0;
        let (distinct, listed): (usize, Vec<(Value, u64)>) = match self {
            Self::None => return (None, Vec::new()),
            Self::Bool(no, yes) => {
                let both = [(Value::Bool(false), no), (Value::Bool(true), yes)];
                let both: Vec<_> = both.into_iter().filter(|(_, count)| *count > 0).collect();
                (both.len(), both)
            }
            Self::Codes(counts) => {
                let distinct = counts.iter().filter(|count| **count > 0).count();
                let shown = distinct <= most.distinct && most.listed > 0;
                let counts = (0..).zip(counts).filter(occurring).filter(|_| shown);
                let values = counts.filter_map(|(code, n)| Some((value_of_code(code)?, n)));
                (distinct, values.collect())
            }
            Self::Numbers { counts, .. } => {
                let Some(counts) = counts.filter(|counts| counts.len() <= most.distinct) else {
                    return (None, Vec::new());
                };
                let values = counts.into_iter().map(|(number, n)| (Value::Int(number), n));
                let values: Vec<_> = values.collect();
                (values.len(), values)
            }
        };
        (Some(count(distinct)), most_frequent(listed, distinct, most))
    }
}

fn most_frequent(mut values: Vec<(Value, u64)>, distinct: usize, most: Most) -> Vec<ValueCount> {
    if distinct > most.distinct {
        return Vec::new();
    }
    values.sort_by(|(a, a_count), (b, b_count)| {
        b_count.cmp(a_count).then_with(|| match (a, b) {
            (Value::Text(a), Value::Text(b)) => a.cmp(b),
            (Value::Int(a), Value::Int(b)) => a.cmp(b),
            (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
            _ => std::cmp::Ordering::Equal,
        })
    });
    values.truncate(most.listed);
    let listed = values.into_iter();
    listed.map(|(value, count)| ValueCount { written: written(&value), value, count }).collect()
}

fn bump(counts: &mut Vec<u64>, index: usize) {
    if index >= counts.len() {
        counts.resize(index.saturating_add(1), 0);
    }
    if let Some(count) = counts.get_mut(index) {
        *count += 1;
    }
}

/// Sets with an element at least.
fn filled(offsets: &[u32]) -> u64 {
    count(offsets.windows(2).filter(|pair| pair.first() < pair.last()).count())
}

fn widest<T: Copy>(
    all: Option<(T, T)>,
    one: Option<(T, T)>,
    least: impl Fn(T, T) -> T,
    greatest: impl Fn(T, T) -> T,
) -> Option<(T, T)> {
    match (all, one) {
        (Some(all), Some(one)) => Some((least(all.0, one.0), greatest(all.1, one.1))),
        _ => all.or(one),
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
