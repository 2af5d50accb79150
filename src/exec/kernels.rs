//! Loops over many rows. They take plain slices, so that the compiler can turn them into vector instructions.

#![expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "INVARIANT: masks, vectors and offsets of one scope have the lengths of that scope, row numbers come from \
              the snapshot's own links, and every number is brought into the range of its type before it is cast"
)]

use super::mask::{self, Mask};
use crate::snapshot::{Codes, Frame, Offsets};

/// The row that is none.
pub(super) const NO_ROW: u32 = u32::MAX;

/// One bit a value, from a test without branches. `out` has a word for each 64 values begun.
pub(super) fn fill<T: Copy>(values: &[T], out: &mut [u64], test: impl Fn(T) -> bool) {
    let (blocks, rest) = values.as_chunks::<64>();
    let (whole, last) = out.split_at_mut(blocks.len());
    for (block, word) in blocks.iter().zip(whole) {
        let mut flags = [0_u8; 64];
        for (flag, value) in flags.iter_mut().zip(block) {
            *flag = u8::from(test(*value));
        }
        *word = pack(&flags);
    }
    if let Some(word) = last.first_mut() {
        *word = 0;
        for (bit, value) in rest.iter().enumerate() {
            *word |= u64::from(test(*value)) << bit;
        }
    }
}

/// The lowest bits of 64 bytes that are 0 or 1.
fn pack(flags: &[u8; 64]) -> u64 {
    let (eights, _) = flags.as_chunks::<8>();
    let mut word = 0;
    for (at, eight) in eights.iter().enumerate() {
        // Each byte's bit is moved to its place in the highest byte; no two meet on the way.
        let byte = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        word |= byte << (at * 8);
    }
    word
}

/// The numbers within one of the ranges, which are ascending and do not overlap. Absent rows may be taken.
pub(super) fn in_ranges(frame: &Frame, ranges: &[(i128, i128)], out: &mut [u64]) {
    out.fill(0);
    let Some((min, max)) = frame.range else { return };
    let near: Vec<(i64, i64)> = ranges
        .iter()
        .filter(|(low, high)| *low <= i128::from(max) && *high >= i128::from(min))
        .map(|(low, high)| {
            ((*low).max(i128::from(min)) as i64, (*high).min(i128::from(max)) as i64)
        })
        .filter(|(low, high)| low <= high)
        .collect();
    match near.as_slice() {
        [] => {}
        [(low, high)] => in_range(frame, *low, *high, out),
        _ => in_any_range(frame, &near, out),
    }
}

fn in_range(frame: &Frame, low: i64, high: i64, out: &mut [u64]) {
    let (from, width) = (low.abs_diff(frame.base), high.abs_diff(low));
    match &frame.offsets {
        Offsets::U8(offsets) => {
            let (from, width) = (from as u8, width as u8);
            fill(offsets, out, |offset| offset.wrapping_sub(from) <= width);
        }
        Offsets::U16(offsets) => {
            let (from, width) = (from as u16, width as u16);
            fill(offsets, out, |offset| offset.wrapping_sub(from) <= width);
        }
        Offsets::U32(offsets) => {
            let (from, width) = (from as u32, width as u32);
            fill(offsets, out, |offset| offset.wrapping_sub(from) <= width);
        }
        Offsets::I64(numbers) => fill(numbers, out, |number| (number >= low) & (number <= high)),
    }
}

fn in_any_range(frame: &Frame, ranges: &[(i64, i64)], out: &mut [u64]) {
    let base = frame.base;
    let within = |number: i64| in_sorted_ranges(ranges, number);
    match &frame.offsets {
        Offsets::U8(offsets) => {
            let table: Vec<bool> =
                (0..=u8::MAX).map(|offset| within(base.wrapping_add(i64::from(offset)))).collect();
            fill(offsets, out, |offset| table[usize::from(offset)]);
        }
        Offsets::U16(offsets) => {
            fill(offsets, out, |offset| within(base.wrapping_add(i64::from(offset))));
        }
        Offsets::U32(offsets) => {
            fill(offsets, out, |offset| within(base.wrapping_add(i64::from(offset))));
        }
        Offsets::I64(numbers) => fill(numbers, out, within),
    }
}

/// Whether one of the ranges, ascending and without overlap, holds the number.
pub(super) fn in_sorted_ranges<T: Copy + PartialOrd>(ranges: &[(T, T)], number: T) -> bool {
    let behind = ranges.partition_point(|(low, _)| *low <= number);
    behind > 0 && number <= ranges[behind - 1].1
}

/// A test of each number.
pub(super) fn each_number(frame: &Frame, out: &mut [u64], test: impl Fn(i64) -> bool) {
    let base = frame.base;
    match &frame.offsets {
        Offsets::U8(offsets) => {
            fill(offsets, out, |offset| test(base.wrapping_add(i64::from(offset))))
        }
        Offsets::U16(offsets) => {
            fill(offsets, out, |offset| test(base.wrapping_add(i64::from(offset))));
        }
        Offsets::U32(offsets) => {
            fill(offsets, out, |offset| test(base.wrapping_add(i64::from(offset))));
        }
        Offsets::I64(numbers) => fill(numbers, out, test),
    }
}

/// The codes whose bit is set. Absent rows may be taken.
pub(super) fn in_set(codes: &Codes, set: &CodeSet, out: &mut [u64]) {
    match (set.only, codes) {
        (Some(only), Codes::U8(codes)) => match u8::try_from(only) {
            Ok(only) => fill(codes, out, |code| code == only),
            Err(_) => out.fill(0),
        },
        (Some(only), Codes::U16(codes)) => match u16::try_from(only) {
            Ok(only) => fill(codes, out, |code| code == only),
            Err(_) => out.fill(0),
        },
        (Some(only), Codes::U32(codes)) => fill(codes, out, |code| code == only),
        (None, Codes::U8(codes)) => {
            let table: [bool; 256] = std::array::from_fn(|code| mask::get(&set.bits, code));
            fill(codes, out, |code| table[usize::from(code)]);
        }
        (None, Codes::U16(codes)) => {
            fill(codes, out, |code| mask::get(&set.bits, usize::from(code)))
        }
        (None, Codes::U32(codes)) => fill(codes, out, |code| mask::get(&set.bits, code as usize)),
    }
}

/// Codes of a dictionary.
pub(super) struct CodeSet {
    pub(super) bits: Mask,
    /// The only code, where there is one.
    pub(super) only: Option<u32>,
}

impl CodeSet {
    pub(super) fn new(bits: Mask) -> Self {
        let count: u32 = bits.iter().map(|word| word.count_ones()).sum();
        let only = (count == 1).then(|| set_bits(&bits, 0, bits.len() * 64).next());
        Self { only: only.flatten().map(|code| code as u32), bits }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bits.iter().all(|word| *word == 0)
    }
}

/// The rows one of whose elements is in the set.
pub(super) fn any_in_set(offsets: &[u32], codes: &Codes, set: &CodeSet, out: &mut [u64]) {
    let rows = offsets.len().saturating_sub(1);
    let mut elements = mask::zeros(offsets.last().map_or(0, |end| *end as usize));
    in_set(codes, set, &mut elements);
    any_in_row(offsets, &elements, rows, out);
}

/// The rows that have a set bit among their elements.
pub(super) fn any_in_row(offsets: &[u32], elements: &[u64], rows: usize, out: &mut [u64]) {
    out.fill(0);
    for row in 0..rows {
        let found = any_bit(elements, offsets[row] as usize, offsets[row + 1] as usize);
        out[row / 64] |= u64::from(found) << (row % 64);
    }
}

/// Whether a bit from `from` to before `to` is set.
pub(super) fn any_bit(mask: &[u64], from: usize, to: usize) -> bool {
    if from >= to {
        return false;
    }
    let (first, last) = (from / 64, (to - 1) / 64);
    let head = u64::MAX << (from % 64);
    let tail = u64::MAX >> (63 - (to - 1) % 64);
    if first == last {
        return mask[first] & head & tail != 0;
    }
    mask[first] & head != 0
        || mask[first + 1..last].iter().any(|word| *word != 0)
        || mask[last] & tail != 0
}

/// How many bits from `from` to before `to` are set.
pub(super) fn count_bits(mask: &[u64], from: usize, to: usize) -> u32 {
    if from >= to {
        return 0;
    }
    let (first, last) = (from / 64, (to - 1) / 64);
    let head = u64::MAX << (from % 64);
    let tail = u64::MAX >> (63 - (to - 1) % 64);
    if first == last {
        return (mask[first] & head & tail).count_ones();
    }
    let middle: u32 = mask[first + 1..last].iter().map(|word| word.count_ones()).sum();
    (mask[first] & head).count_ones() + middle + (mask[last] & tail).count_ones()
}

/// The set bits from `from` to before `to`, ascending.
pub(super) fn set_bits(mask: &[u64], from: usize, to: usize) -> SetBits<'_> {
    let word = if from < to { mask[from / 64] & (u64::MAX << (from % 64)) } else { 0 };
    SetBits { mask, at: from / 64, word, to }
}

pub(super) struct SetBits<'a> {
    mask: &'a [u64],
    at: usize,
    word: u64,
    to: usize,
}

impl Iterator for SetBits<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        while self.word == 0 {
            self.at += 1;
            if self.at * 64 >= self.to {
                return None;
            }
            self.word = self.mask[self.at];
        }
        let bit = self.at * 64 + self.word.trailing_zeros() as usize;
        self.word &= self.word - 1;
        (bit < self.to).then_some(bit)
    }
}

/// The last set bit from `from` to before `to`.
pub(super) fn last_bit(mask: &[u64], from: usize, to: usize) -> Option<usize> {
    let mut end = to;
    while end > from {
        let at = (end - 1) / 64;
        let word = mask[at] & (u64::MAX >> (63 - (end - 1) % 64));
        if word != 0 {
            let bit = at * 64 + 63 - word.leading_zeros() as usize;
            return (bit >= from).then_some(bit);
        }
        end = at * 64;
    }
    None
}

/// Calls `each` with every customer and the bounds of its rows.
pub(super) fn each_range(offsets: &[u32], mut each: impl FnMut(usize, usize, usize)) {
    for (customer, bounds) in offsets.windows(2).enumerate() {
        each(customer, bounds[0] as usize, bounds[1] as usize);
    }
}

/// For each row the customer it belongs to.
pub(super) fn owners(offsets: &[u32]) -> Vec<u32> {
    let mut owners = vec![0; offsets.last().map_or(0, |end| *end as usize)];
    each_range(offsets, |customer, from, to| owners[from..to].fill(customer as u32));
    owners
}

/// The bit of the row that each row leads to; zero where it leads to none.
pub(super) fn gather_bits(mask: &[u64], rows: &[u32], out: &mut [u64]) {
    fill(rows, out, |row| mask::get(mask, row as usize));
}

/// The value of the row that each row leads to; the default where it leads to none.
pub(super) fn gather<T: Copy + Default>(values: &[T], rows: &[u32]) -> Vec<T> {
    rows.iter().map(|row| values.get(*row as usize).copied().unwrap_or_default()).collect()
}

/// The codes in their widest form.
pub(super) fn widen(codes: &Codes) -> Vec<u32> {
    match codes {
        Codes::U8(codes) => codes.iter().map(|code| u32::from(*code)).collect(),
        Codes::U16(codes) => codes.iter().map(|code| u32::from(*code)).collect(),
        Codes::U32(codes) => codes.clone(),
    }
}

/// The numbers themselves.
pub(super) fn numbers(frame: &Frame) -> Vec<i64> {
    let base = frame.base;
    match &frame.offsets {
        Offsets::U8(offsets) => offsets.iter().map(|o| base.wrapping_add(i64::from(*o))).collect(),
        Offsets::U16(offsets) => offsets.iter().map(|o| base.wrapping_add(i64::from(*o))).collect(),
        Offsets::U32(offsets) => offsets.iter().map(|o| base.wrapping_add(i64::from(*o))).collect(),
        Offsets::I64(numbers) => numbers.clone(),
    }
}

/// The sum of the selected numbers of each customer; `None` takes all.
/// INVARIANT: no such sum overflows.
pub(super) fn sums(numbers: &[i64], selected: Option<&[u64]>, offsets: &[u32]) -> Vec<i64> {
    let mut sums = Vec::with_capacity(offsets.len().saturating_sub(1));
    each_range(offsets, |_, from, to| {
        sums.push(match selected {
            None => numbers[from..to].iter().sum(),
            Some(mask) => set_bits(mask, from, to).map(|row| numbers[row]).sum(),
        });
    });
    sums
}

/// The number of selected rows of each customer; `None` takes all.
pub(super) fn counts(selected: Option<&[u64]>, offsets: &[u32]) -> Vec<i64> {
    let mut counts = Vec::with_capacity(offsets.len().saturating_sub(1));
    each_range(offsets, |_, from, to| {
        counts.push(match selected {
            None => (to - from) as i64,
            Some(mask) => i64::from(count_bits(mask, from, to)),
        });
    });
    counts
}

/// Where the row leads to that each row leads to; none where either leads to none.
pub(super) fn follow(targets: &[u32], rows: &[u32]) -> Vec<u32> {
    rows.iter().map(|row| targets.get(*row as usize).copied().unwrap_or(NO_ROW)).collect()
}
