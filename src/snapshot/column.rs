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

    /// Puts a number in the place of another; `false` where the frame has no room for it.
    pub(crate) fn set(&mut self, row: usize, number: i64) -> bool {
        fn put<T: TryFrom<i64>>(offsets: &mut [T], row: usize, offset: i64) -> bool {
            match (offsets.get_mut(row), T::try_from(offset)) {
                (Some(slot), Ok(offset)) => {
                    *slot = offset;
                    true
                }
                _ => false,
            }
        }
        let Some(distance) = number.checked_sub(self.base) else { return false };
        if distance % self.unit != 0 {
            return false;
        }
        let offset = distance / self.unit;
        let is_put = match &mut self.offsets {
            Offsets::U8(offsets) => put(offsets, row, offset),
            Offsets::U16(offsets) => put(offsets, row, offset),
            Offsets::U32(offsets) => put(offsets, row, offset),
            Offsets::I64(numbers) => put(numbers, row, number),
        };
        if is_put {
            let (min, max) = self.range.unwrap_or((number, number));
            self.range = Some((min.min(number), max.max(number)));
        }
        is_put
    }

    /// How many numbers there are.
    pub(crate) fn len(&self) -> usize {
        match &self.offsets {
            Offsets::U8(offsets) => offsets.len(),
            Offsets::U16(offsets) => offsets.len(),
            Offsets::U32(offsets) => offsets.len(),
            Offsets::I64(numbers) => numbers.len(),
        }
    }

    /// What [`Frame::narrowest`] must say, number by number.
    #[cfg(test)]
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

    /// Numbers of which none is missing, in the narrowest frame that counts single ones.
    pub(crate) fn of(numbers: &[i64]) -> Self {
        Self::in_units(numbers, 0, None, |_| 1)
    }

    /// The narrowest frame for `base` and these numbers together, those whose presence is `false` absent.
    pub(super) fn narrowest<F: Width>(numbers: &[F], base: i64, presence: Option<&Bits>) -> Self {
        let far = |number: &F, min: i64| number.wide().abs_diff(min);
        Self::in_units(numbers, base, presence, |min| {
            let unit = match presence {
                None => common_unit(numbers.iter().map(|number| far(number, min))),
                Some(bits) => {
                    let present = numbers.iter().zip(bits.iter()).filter(|(_, present)| *present);
                    common_unit(present.map(|(number, _)| far(number, min)))
                }
            };
            // One that is no 64-bit number is of numbers so far apart that they stay as they are.
            i64::try_from(unit).unwrap_or(1)
        })
    }

    /// `unit` is asked, with the least number, where single ones take many bits.
    fn in_units<F: Width>(
        numbers: &[F],
        base: i64,
        presence: Option<&Bits>,
        unit: impl Fn(i64) -> i64,
    ) -> Self {
        let range = match presence {
            None => range_of(numbers),
            Some(bits) => {
                let present = numbers.iter().zip(bits.iter()).filter(|(_, present)| *present);
                present.fold(None, |range, (number, _)| match range {
                    None => Some((*number, *number)),
                    Some((min, max)) => Some((min.min(*number), max.max(*number))),
                })
            }
        };
        let range = range.map(|(min, max)| (min.wide(), max.wide()));
        let (min, max) = range.unwrap_or_default();
        let widest = max.abs_diff(min);
        let unit = if widest > u16::MAX.into() { unit(min) } else { 1 };
        let width = widest / unit.unsigned_abs();
        let range = range.map(|(min, max)| (min.wrapping_add(base), max.wrapping_add(base)));
        let offsets = if width <= u8::MAX.into() {
            Offsets::U8(distances(numbers, min, unit, presence))
        } else if width <= u16::MAX.into() {
            Offsets::U16(distances(numbers, min, unit, presence))
        } else if width <= u32::MAX.into() {
            Offsets::U32(distances(numbers, min, unit, presence))
        } else {
            let plain = Offsets::I64(distances(numbers, base.wrapping_neg(), 1, presence));
            return Self { base: 0, unit: 1, offsets: plain, range };
        };
        Self { base: range.map_or(0, |(min, _)| min), unit, offsets, range }
    }

    /// All numbers.
    pub(super) fn to_vec(&self) -> Vec<i64> {
        self.numbers().into_owned()
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

/// The least and the greatest number.
// PERF: four at a time, each with bounds of its own, so that none waits for the one before.
fn range_of<F: Width>(numbers: &[F]) -> Option<(F, F)> {
    let first = *numbers.first()?;
    let mut bounds = [(first, first); 4];
    let widen = |(min, max): &mut (F, F), number: F| {
        (*min, *max) = ((*min).min(number), (*max).max(number));
    };
    let (fours, rest) = numbers.as_chunks::<4>();
    for four in fours {
        bounds.iter_mut().zip(four).for_each(|(bounds, number)| widen(bounds, *number));
    }
    for number in rest {
        bounds.iter_mut().take(1).for_each(|bounds| widen(bounds, *number));
    }
    bounds.into_iter().reduce(|(min, max), (low, high)| (min.min(low), max.max(high)))
}

/// The greatest number that divides all of them; 1 where there is nothing to divide.
fn common_unit(numbers: impl Iterator<Item = u64>) -> u64 {
    let mut unit = 0;
    for number in numbers {
        if unit > 1 && number % unit == 0 {
            continue;
        }
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

/// A number of a width that is stored.
pub(super) trait Width: Copy + Ord + Default {
    /// Keeps the low bits.
    fn narrow(number: i64) -> Self;

    fn wide(self) -> i64;
}

macro_rules! widths {
    ($($width:ident)*) => {$(
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the low bits are asked for"
        )]
        impl Width for $width {
            fn narrow(number: i64) -> Self {
                number as Self
            }

            fn wide(self) -> i64 {
                self.into()
            }
        }
    )*};
}

widths! { u8 u16 u32 }

impl Width for i64 {
    fn narrow(number: i64) -> Self {
        number
    }

    fn wide(self) -> i64 {
        self
    }
}

/// The numbers less `base` in units, those that are absent as 0.
// PERF: without `presence` and in single ones the loop has no branch and is vectorised.
fn distances<T: Width, F: Width>(
    numbers: &[F],
    base: i64,
    unit: i64,
    presence: Option<&Bits>,
) -> Vec<T> {
    let distance = |number: &F| number.wide().wrapping_sub(base);
    // Far apart, distances may need the sign bit.
    let units = |number: &F| i64::try_from(number.wide().abs_diff(base) / unit.unsigned_abs());
    match presence {
        None if unit == 1 => numbers.iter().map(|number| T::narrow(distance(number))).collect(),
        None => numbers.iter().map(|number| T::narrow(units(number).unwrap_or(0))).collect(),
        Some(bits) => {
            let fields = numbers.iter().zip(bits.iter());
            let field = fields.map(|(number, present)| match (present, unit) {
                (false, _) => T::default(),
                (true, 1) => T::narrow(distance(number)),
                (true, _) => T::narrow(units(number).unwrap_or(0)),
            });
            field.collect()
        }
    }
}

impl Offsets {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::U8(offsets) => offsets.len(),
            Self::U16(offsets) => offsets.len(),
            Self::U32(offsets) => offsets.len(),
            Self::I64(numbers) => numbers.len(),
        }
    }

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
    /// How many codes there are.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::U8(codes) => codes.len(),
            Self::U16(codes) => codes.len(),
            Self::U32(codes) => codes.len(),
        }
    }

    /// The narrowest form.
    pub(crate) fn of(codes: &[u32]) -> Self {
        let max = codes.iter().max().copied().unwrap_or(0);
        if max <= u8::MAX.into() {
            Self::U8(distances(codes, 0, 1, None))
        } else if max <= u16::MAX.into() {
            Self::U16(distances(codes, 0, 1, None))
        } else {
            Self::U32(codes.to_vec())
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
