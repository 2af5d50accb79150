//! Values of one scope's rows, where a condition or an aggregate needs more than a test of a column.

use std::borrow::Cow;

use super::{
    kernels,
    mask::{self, Mask},
};
use crate::snapshot::{Codes, ColumnChunk, Dictionary, Frame, Values};

/// One value a row. The values of absent rows are placeholders.
pub(super) struct Vector<'a> {
    pub(super) data: Data<'a>,
    /// `None` where every row has a value.
    pub(super) presence: Option<Mask>,
}

/// What the values are is told by the type of the plan's node.
#[derive(Clone)]
pub(super) enum Data<'a> {
    Bools(Mask),
    /// Exact numbers at the scale of the node, days, or instants; those of a column as they lie there.
    Ints(Cow<'a, Frame>),
    /// Exact numbers that may not fit in 64 bits.
    Wide(Vec<i128>),
    Floats(Vec<f64>),
    Codes {
        codes: Cow<'a, Codes>,
        dictionary: &'a Dictionary,
    },
    Texts(Vec<Cow<'a, str>>),
}

impl<'a> Data<'a> {
    /// The value of the row that each row leads to; a placeholder where it leads to none.
    pub(super) fn gather(&self, rows: &[u32]) -> Data<'a> {
        match self {
            Data::Bools(bits) => {
                let mut out = mask::zeros(rows.len());
                kernels::gather_bits(bits, rows, &mut out);
                Data::Bools(out)
            }
            Data::Ints(frame) => Data::Ints(Cow::Owned(kernels::gather_frame(frame, rows))),
            Data::Wide(values) => Data::Wide(kernels::gather(values, rows)),
            Data::Floats(values) => Data::Floats(kernels::gather(values, rows)),
            Data::Codes { codes, dictionary } => {
                let codes = Cow::Owned(kernels::gather_codes(codes, rows));
                Data::Codes { codes, dictionary }
            }
            Data::Texts(texts) => Data::Texts(
                rows.iter()
                    .map(|row| texts.get(*row as usize).cloned().unwrap_or_default())
                    .collect(),
            ),
        }
    }

    pub(super) fn ints(numbers: Vec<i64>) -> Self {
        Self::Ints(Cow::Owned(Frame::plain(numbers)))
    }
}

impl<'a> Vector<'a> {
    pub(super) fn new(data: Data<'a>, presence: Option<Mask>) -> Self {
        Self { data, presence }
    }

    pub(super) fn missing(rows: usize) -> Self {
        Self { data: Data::ints(vec![0; rows]), presence: Some(mask::zeros(rows)) }
    }

    /// Of sets and places a vector says only which rows have one.
    pub(super) fn of_column(column: &'a ColumnChunk, dictionary: Option<&'a Dictionary>) -> Self {
        let data = match (&column.values, dictionary) {
            (Values::Bool(bits), _) => Data::Bools(bits.words().into()),
            (Values::Number(frame), _) => Data::Ints(Cow::Borrowed(frame)),
            (Values::Float(floats), _) => Data::Floats(floats.values.clone()),
            (Values::Text(codes), Some(dictionary)) => {
                Data::Codes { codes: Cow::Borrowed(codes), dictionary }
            }
            _ => Data::ints(vec![0; column.rows]),
        };
        Self { data, presence: column.presence().map(Mask::from) }
    }

    /// The value of the row that each row leads to.
    pub(super) fn gather(&self, rows: &[u32], source_rows: usize) -> Self {
        let mut presence = mask::zeros(rows.len());
        match &self.presence {
            Some(mask) => kernels::gather_bits(mask, rows, &mut presence),
            None => kernels::fill(rows, &mut presence, |row| (row as usize) < source_rows),
        }
        Self { data: self.data.gather(rows), presence: Some(presence) }
    }

    /// Numbers, days or instants on their own.
    pub(super) fn into_numbers(self) -> Option<Vector<'static>> {
        let data = match self.data {
            Data::Ints(frame) => Data::Ints(Cow::Owned(frame.into_owned())),
            Data::Wide(values) => Data::Wide(values),
            Data::Floats(values) => Data::Floats(values),
            Data::Bools(_) | Data::Codes { .. } | Data::Texts(_) => return None,
        };
        Some(Vector::new(data, self.presence))
    }

    pub(super) fn is_present(&self, row: usize) -> bool {
        self.presence.as_ref().is_none_or(|mask| mask::get(mask, row))
    }

    /// The text of a row; `None` where it is missing or no text.
    pub(super) fn text(&self, row: usize) -> Option<&str> {
        if !self.is_present(row) {
            return None;
        }
        match &self.data {
            Data::Codes { codes, dictionary } => dictionary.get(codes.get(row)?),
            Data::Texts(texts) => texts.get(row).map(AsRef::as_ref),
            _ => None,
        }
    }

    /// The exact number, day or instant of a row.
    pub(super) fn exact(&self, row: usize) -> Option<i128> {
        if !self.is_present(row) {
            return None;
        }
        match &self.data {
            Data::Ints(frame) => frame.get(row).map(i128::from),
            Data::Wide(values) => values.get(row).copied(),
            _ => None,
        }
    }

    /// The day or instant of a row.
    pub(super) fn int(&self, row: usize) -> Option<i64> {
        match &self.data {
            Data::Ints(frame) if self.is_present(row) => frame.get(row),
            _ => None,
        }
    }

    pub(super) fn bool(&self, row: usize) -> Option<bool> {
        match &self.data {
            Data::Bools(bits) if self.is_present(row) => Some(mask::get(bits, row)),
            _ => None,
        }
    }
}

/// A vector from one optional value a row.
pub(super) fn collect<T: Default>(
    rows: usize,
    mut value: impl FnMut(usize) -> Option<T>,
) -> (Vec<T>, Option<Mask>) {
    let mut values = Vec::with_capacity(rows);
    let mut presence = mask::ones(rows);
    let mut missing = false;
    for row in 0..rows {
        match value(row) {
            Some(value) => values.push(value),
            None => {
                values.push(T::default());
                mask::clear(&mut presence, row);
                missing = true;
            }
        }
    }
    (values, missing.then_some(presence))
}
