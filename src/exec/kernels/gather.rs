//! What other rows hold.

use fearless_simd::{Level, dispatch};

use super::fill;
use crate::{
    exec::mask,
    snapshot::{Codes, Frame, Offsets},
};

/// The row that is none.
pub(in super::super) const NO_ROW: u32 = u32::MAX;

/// The bit of the row that each row leads to; zero where it leads to none.
pub(in super::super) fn gather_bits(mask: &[u64], rows: &[u32], out: &mut [u64]) {
    fill(rows, out, |row| mask::get(mask, row as usize));
}

/// The value of the row that each row leads to; the default where it leads to none.
pub(in super::super) fn gather<T: Copy + Default>(values: &[T], rows: &[u32]) -> Vec<T> {
    dispatch!(Level::new(), _simd => gather_all(values, rows))
}

#[inline(always)]
fn gather_all<T: Copy + Default>(values: &[T], rows: &[u32]) -> Vec<T> {
    let mut found = vec![T::default(); rows.len()];
    let Some(last) = values.len().checked_sub(1) else { return found };
    for (found, row) in found.iter_mut().zip(rows) {
        // Some value is read for every row, so that there is nothing to guess.
        let row = *row as usize;
        let value = values[row.min(last)];
        *found = if row <= last { value } else { T::default() };
    }
    found
}

/// Like [`gather`], in the same form.
pub(in super::super) fn gather_frame(frame: &Frame, rows: &[u32]) -> Frame {
    let offsets = match &frame.offsets {
        Offsets::U8(offsets) => Offsets::U8(gather(offsets, rows)),
        Offsets::U16(offsets) => Offsets::U16(gather(offsets, rows)),
        Offsets::U32(offsets) => Offsets::U32(gather(offsets, rows)),
        Offsets::I64(numbers) => Offsets::I64(gather(numbers, rows)),
    };
    Frame { base: frame.base, unit: frame.unit, offsets, range: frame.range }
}

/// Like [`gather`], in the same form.
pub(in super::super) fn gather_codes(codes: &Codes, rows: &[u32]) -> Codes {
    match codes {
        Codes::U8(codes) => Codes::U8(gather(codes, rows)),
        Codes::U16(codes) => Codes::U16(gather(codes, rows)),
        Codes::U32(codes) => Codes::U32(gather(codes, rows)),
    }
}

/// The codes in their widest form.
pub(in super::super) fn widen(codes: &Codes) -> Vec<u32> {
    match codes {
        Codes::U8(codes) => codes.iter().map(|code| u32::from(*code)).collect(),
        Codes::U16(codes) => codes.iter().map(|code| u32::from(*code)).collect(),
        Codes::U32(codes) => codes.clone(),
    }
}

/// Where the row leads to that each row leads to; none where either leads to none.
pub(in super::super) fn follow(targets: &[u32], rows: &[u32]) -> Vec<u32> {
    rows.iter().map(|row| targets.get(*row as usize).copied().unwrap_or(NO_ROW)).collect()
}
