//! Tests of texts by the codes of their dictionary.

use super::{fill, ranges, set_bits};
use crate::{
    exec::mask::{self, Mask},
    snapshot::Codes,
};

/// Codes of a dictionary.
pub(in super::super) struct CodeSet {
    pub(in super::super) bits: Mask,
    /// Runs of codes, from the first to the last.
    runs: Vec<(u32, u32)>,
}

impl CodeSet {
    pub(in super::super) fn new(bits: Mask) -> Self {
        let mut runs: Vec<(u32, u32)> = Vec::new();
        for code in set_bits(&bits, 0, bits.len() * 64) {
            let code = code as u32;
            match runs.last_mut() {
                Some((_, last)) if *last + 1 == code => *last = code,
                _ => runs.push((code, code)),
            }
        }
        Self { bits, runs }
    }

    pub(in super::super) fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }
}

/// The codes that are in the set. Absent rows may be taken.
pub(in super::super) fn in_set(codes: &Codes, set: &CodeSet, out: &mut [u64]) {
    let many = codes.len() > ranges::FEW_VALUES;
    if many && ranges::in_few_runs(codes, &set.runs, out) {
        return;
    }
    match codes {
        Codes::U8(codes) if !many => {
            fill(codes, out, |code| mask::get(&set.bits, usize::from(code)));
        }
        Codes::U8(codes) => {
            let table: [bool; 256] = std::array::from_fn(|code| mask::get(&set.bits, code));
            fill(codes, out, |code| table[usize::from(code)]);
        }
        Codes::U16(codes) => fill(codes, out, |code| mask::get(&set.bits, usize::from(code))),
        Codes::U32(codes) => fill(codes, out, |code| mask::get(&set.bits, code as usize)),
    }
}

/// The rows one of whose elements is in the set.
pub(in super::super) fn any_in_set(offsets: &[u32], codes: &Codes, set: &CodeSet, out: &mut [u64]) {
    let mut elements = mask::zeros(offsets.last().map_or(0, |end| *end as usize));
    in_set(codes, set, &mut elements);
    any_in_row(offsets, &elements, out);
}

/// The rows that have a set bit among their elements.
//
// PERF: 1,000,000 rows, an element in a hundred set: 0.5 ms; 6 ms when every row is looked at.
pub(in super::super) fn any_in_row(offsets: &[u32], elements: &[u64], out: &mut [u64]) {
    out.fill(0);
    let mut row = 0;
    for element in set_bits(elements, 0, elements.len() * 64) {
        row = owner(offsets, row, element as u32);
        out[row / 64] |= 1 << (row % 64);
    }
}

/// The row that an element belongs to; it is `from` or comes after it.
fn owner(offsets: &[u32], from: usize, element: u32) -> usize {
    let (mut low, mut step) = (from, 1);
    while offsets.get(low + step).is_some_and(|start| *start <= element) {
        low += step;
        step *= 2;
    }
    let end = (low + step).min(offsets.len());
    low + offsets[low + 1..end].partition_point(|start| *start <= element)
}
