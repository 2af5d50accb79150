//! The columns of one chunk in their narrowest form.

use std::borrow::Cow;

use super::bits::Bits;

/// A column of one chunk. The values of absent rows are placeholders (zero, `false`, code 0).
#[derive(Clone, PartialEq)]
pub(crate) struct ColumnChunk {
    pub(crate) rows: usize,
    /// `None` where every row has a value. Sets have none: a missing set is an empty one.
    pub(crate) presence: Option<Bits>,
    pub(crate) values: Values,
}

/// Values by row. Each vector of single values has one entry a row.
#[derive(Clone, PartialEq)]
pub(crate) enum Values {
    Bool(Bits),
    /// Int; decimal (the digits without the point, at the column's scale); date (days since 1970-01-01); datetime
    /// (microseconds since 1970-01-01T00:00:00Z).
    Number(Frame),
    Float(Floats),
    /// Codes of the column's dictionary.
    Text(Codes),
    /// Codes of the column's dictionary; the set of row `r` is `offsets[r]..offsets[r + 1]`, ascending by code,
    /// each once.
    TextSet {
        offsets: Vec<u32>,
        codes: Codes,
    },
    /// Like `TextSet`, with the numbers themselves, ascending.
    IntSet {
        offsets: Vec<u32>,
        elements: Vec<i64>,
    },
    /// Degrees.
    Geo {
        latitude: Vec<f64>,
        longitude: Vec<f64>,
    },
    /// Row numbers of the lookup table. A reference whose key does not exist is absent.
    Ref(Codes),
}

/// Whole numbers as distances from `base`, which is not above any of them, counted in `unit`s.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) base: i64,
    /// 1 or more: instants that lie on whole seconds need fewer bits.
    pub(crate) unit: i64,
    pub(crate) offsets: Offsets,
    /// Between which the values that are present lie; of a column the least and the greatest. `None` where none is.
    pub(crate) range: Option<(i64, i64)>,
}

/// Distances from the base of a [`Frame`]; `I64` holds the numbers themselves; the base is 0 and the unit 1.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Offsets {
    U8(Vec<u8>),
    U16(Vec<u16>),
    U32(Vec<u32>),
    I64(Vec<i64>),
}

#[derive(Clone, PartialEq)]
pub(crate) struct Floats {
    pub(crate) values: Vec<f64>,
    /// The least and the greatest of the values that are present.
    pub(crate) range: Option<(f64, f64)>,
}

/// Small whole numbers.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Codes {
    U8(Vec<u8>),
    U16(Vec<u16>),
    U32(Vec<u32>),
}

impl ColumnChunk {
    /// One bit a row, from the lowest bit of the first word up; `None` where every row has a value.
    pub(crate) fn presence(&self) -> Option<&[u64]> {
        self.presence.as_ref().map(Bits::words)
    }

    pub(crate) fn is_present(&self, row: usize) -> bool {
        row < self.rows && self.presence.as_ref().is_none_or(|bits| bits.get(row))
    }

    pub(crate) fn bytes(&self) -> usize {
        let values = match &self.values {
            Values::Bool(bits) => bits.bytes(),
            Values::Number(frame) => frame.bytes(),
            Values::Float(floats) => floats.values.len() * 8,
            Values::Text(codes) | Values::Ref(codes) => codes.bytes(),
            Values::TextSet { offsets, codes } => offsets.len() * 4 + codes.bytes(),
            Values::IntSet { offsets, elements } => offsets.len() * 4 + elements.len() * 8,
            Values::Geo { latitude, longitude } => (latitude.len() + longitude.len()) * 8,
        };
        size_of::<Self>() + values + self.presence.as_ref().map_or(0, Bits::bytes)
    }
}

impl Frame {
    /// The numbers as they are.
    pub(crate) fn plain(numbers: Vec<i64>) -> Self {
        let range = Some((i64::MIN, i64::MAX));
        Self { base: 0, unit: 1, offsets: Offsets::I64(numbers), range }
    }

    /// The numbers in their widest form.
    pub(crate) fn numbers(&self) -> Cow<'_, [i64]> {
        fn widened<T: Copy + Into<i64>>(frame: &Frame, offsets: &[T]) -> Cow<'static, [i64]> {
            offsets.iter().map(|offset| frame.number((*offset).into())).collect()
        }
        match &self.offsets {
            Offsets::U8(offsets) => widened(self, offsets),
            Offsets::U16(offsets) => widened(self, offsets),
            Offsets::U32(offsets) => widened(self, offsets),
            Offsets::I64(numbers) => Cow::Borrowed(numbers),
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.offsets.bytes()
    }

    /// The narrowest frame for the numbers; those whose presence is `false` count as absent.
    pub(crate) fn new(numbers: impl Iterator<Item = Option<i64>> + Clone) -> Self {
        let range = numbers.clone().flatten().fold(None, |range, number| match range {
            None => Some((number, number)),
            Some((min, max)) => Some((number.min(min), number.max(max))),
        });
        let (base, max) = range.unwrap_or((0, 0));
        let distances = numbers.clone().map(|number| number.map_or(0, |n| n.abs_diff(base)));
        let widest = max.abs_diff(base);
        let unit = if widest > u16::MAX.into() { common_unit(distances.clone()) } else { 1 };
        // One that is no 64-bit number is of numbers so far apart that they stay as they are.
        let unit = if i64::try_from(unit).is_ok() { unit } else { 1 };
        let width = widest / unit;
        let distances = distances.map(move |distance| distance / unit);
        // The casts cannot lose: no distance is above the width.
        let offsets = if u8::try_from(width).is_ok() {
            Offsets::U8(distances.map(|d| u8::try_from(d).unwrap_or(0)).collect())
        } else if u16::try_from(width).is_ok() {
            Offsets::U16(distances.map(|d| u16::try_from(d).unwrap_or(0)).collect())
        } else if u32::try_from(width).is_ok() {
            Offsets::U32(distances.map(|d| u32::try_from(d).unwrap_or(0)).collect())
        } else {
            let plain = Offsets::I64(numbers.map(Option::unwrap_or_default).collect());
            return Self { base: 0, unit: 1, offsets: plain, range };
        };
        let unit = i64::try_from(unit).unwrap_or(1);
        Self { base, unit, offsets, range }
    }

    pub(crate) fn get(&self, row: usize) -> Option<i64> {
        let offset = match &self.offsets {
            Offsets::U8(offsets) => i64::from(*offsets.get(row)?),
            Offsets::U16(offsets) => i64::from(*offsets.get(row)?),
            Offsets::U32(offsets) => i64::from(*offsets.get(row)?),
            Offsets::I64(numbers) => *numbers.get(row)?,
        };
        Some(self.number(offset))
    }

    /// The number at a distance.
    pub(crate) fn number(&self, offset: i64) -> i64 {
        self.base.wrapping_add(offset.wrapping_mul(self.unit))
    }
}

/// The greatest number that divides all of them; 1 where there is nothing to divide.
fn common_unit(numbers: impl Iterator<Item = u64>) -> u64 {
    let mut unit = 0;
    for number in numbers {
        let (mut rest, mut next) = (unit, number);
        while next != 0 {
            (rest, next) = (next, rest % next);
        }
        unit = rest;
        if unit == 1 {
            break;
        }
    }
    unit.max(1)
}

impl Offsets {
    fn bytes(&self) -> usize {
        match self {
            Self::U8(offsets) => offsets.len(),
            Self::U16(offsets) => offsets.len() * 2,
            Self::U32(offsets) => offsets.len() * 4,
            Self::I64(numbers) => numbers.len() * 8,
        }
    }
}

impl Codes {
    /// The narrowest form.
    pub(crate) fn new(codes: impl Iterator<Item = u32> + Clone) -> Self {
        let max = codes.clone().max().unwrap_or(0);
        // The casts cannot lose: no code is above the greatest.
        if u8::try_from(max).is_ok() {
            Self::U8(codes.map(|code| u8::try_from(code).unwrap_or(0)).collect())
        } else if u16::try_from(max).is_ok() {
            Self::U16(codes.map(|code| u16::try_from(code).unwrap_or(0)).collect())
        } else {
            Self::U32(codes.collect())
        }
    }

    pub(crate) fn get(&self, index: usize) -> Option<u32> {
        match self {
            Self::U8(codes) => codes.get(index).copied().map(u32::from),
            Self::U16(codes) => codes.get(index).copied().map(u32::from),
            Self::U32(codes) => codes.get(index).copied(),
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::U8(codes) => codes.len(),
            Self::U16(codes) => codes.len() * 2,
            Self::U32(codes) => codes.len() * 4,
        }
    }
}
