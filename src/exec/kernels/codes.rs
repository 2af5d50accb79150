//! Tests of texts by the codes of their dictionary.

use super::{bounds, fill, ranges, set_bits};
use crate::{
    exec::mask::{self, Mask},
    snapshot::{CHUNK_ROWS, Codes},
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

/// The rows that have each code among their elements, one code after the other.
pub(in super::super) struct RowsByCode {
    /// The rows of code `c` are those from `starts[c]` to before `starts[c + 1]`.
    starts: Vec<u32>,
    rows: Vec<u16>,
}

impl RowsByCode {
    /// `None` where there are more codes than elements, or more rows than a chunk has.
    pub(in super::super) fn new(offsets: &[u32], codes: &Codes) -> Option<Self> {
        match codes {
            Codes::U8(codes) => Self::listed(offsets, codes, usize::from),
            Codes::U16(codes) => Self::listed(offsets, codes, usize::from),
            Codes::U32(codes) => Self::listed(offsets, codes, |code| code as usize),
        }
    }

    fn listed<T: Copy + Ord>(
        offsets: &[u32],
        codes: &[T],
        number: impl Fn(T) -> usize,
    ) -> Option<Self> {
        let many = codes.iter().copied().max().map_or(0, &number) + 1;
        if many > codes.len() || offsets.len() > CHUNK_ROWS + 1 {
            return None;
        }
        // Where the next row of each code is put.
        let mut next = vec![0_u32; many + 1];
        codes.iter().for_each(|code| next[number(*code) + 1] += 1);
        let mut before = 0;
        for next in &mut next {
            before += *next;
            *next = before;
        }
        let starts = next.clone();
        let mut rows = vec![0_u16; codes.len()];
        for (row, (from, to)) in bounds(offsets).enumerate() {
            for code in &codes[from as usize..to as usize] {
                let next = &mut next[number(*code)];
                rows[*next as usize] = row as u16;
                *next += 1;
            }
        }
        Some(Self { starts, rows })
    }

    /// The rows one of whose elements is in the set.
    pub(in super::super) fn any_in_set(&self, set: &CodeSet, out: &mut [u64]) {
        out.fill(0);
        for code in set_bits(&set.bits, 0, set.bits.len() * 64) {
            let Some((from, to)) = self.starts.get(code).zip(self.starts.get(code + 1)) else {
                break;
            };
            for row in &self.rows[*from as usize..*to as usize] {
                mask::set(out, usize::from(*row));
            }
        }
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
