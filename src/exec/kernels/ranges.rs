//! Tests of numbers and codes against ranges: one pass over the column, 64 rows to a word, in the widest vectors that
//! the machine has.

use fearless_simd::{Level, Simd, SimdBase, SimdInt, SimdMask, dispatch};

use super::{each_number, fill};
use crate::{
    exec::mask,
    snapshot::{Codes, Frame, Offsets},
};

/// More ranges than this are looked up in a table, or searched.
const FEW: usize = 16;

/// So few values are tested one by one.
//
// PERF: to fill up a block for the vectors and test it takes 600 instructions.
pub(super) const FEW_VALUES: usize = 16;

/// The numbers within one of the ranges, which are ascending and do not overlap. Absent rows may be taken.
pub(in super::super) fn in_ranges(frame: &Frame, ranges: &[(i128, i128)], out: &mut [u64]) {
    if frame.len() <= FEW_VALUES {
        return each_number(frame, out, |number| in_sorted(ranges, number.into()));
    }
    out.fill(0);
    let Some((min, max)) = frame.range else { return };
    let near: Vec<(i64, i64)> = ranges
        .iter()
        .filter(|(low, high)| *low <= i128::from(max) && *high >= i128::from(min))
        .map(|(low, high)| {
            ((*low).max(i128::from(min)) as i64, (*high).min(i128::from(max)) as i64)
        })
        .collect();
    let unit = frame.unit.unsigned_abs();
    let offsets = near.iter().filter_map(|(low, high)| {
        let from = low.abs_diff(frame.base).div_ceil(unit);
        let to = high.abs_diff(frame.base) / unit;
        Some((from, to.checked_sub(from)?))
    });
    match &frame.offsets {
        Offsets::U8(values) => {
            let near: Vec<_> = offsets.map(|(from, width)| (from as u8, width as u8)).collect();
            in_few(values, &near, out, bytes);
        }
        Offsets::U16(values) if near.len() <= FEW => {
            let near: Vec<_> = offsets.map(|(from, width)| (from as u16, width as u16)).collect();
            in_few(values, &near, out, shorts);
        }
        Offsets::U32(values) if near.len() <= FEW => {
            let near: Vec<_> = offsets.map(|(from, width)| (from as u32, width as u32)).collect();
            in_few(values, &near, out, words);
        }
        Offsets::U16(values) => {
            let table = table_of(offsets.map(|(from, width)| (from as usize, width as usize)));
            fill(values, out, |value| mask::get(&table, usize::from(value)));
        }
        Offsets::U32(values) => {
            let within = |value: u32| in_sorted(&near, frame.number(value.into()));
            fill(values, out, within);
        }
        Offsets::I64(values) => match near.as_slice() {
            [reach] => in_few(values, &[*reach], out, longs),
            _ => fill(values, out, |value| in_sorted(&near, value)),
        },
    }
}

/// The codes within one of the runs; `false`, and nothing done, where there are too many. Absent rows may be taken.
pub(super) fn in_few_runs(codes: &Codes, runs: &[(u32, u32)], out: &mut [u64]) -> bool {
    if runs.len() > FEW {
        return false;
    }
    out.fill(0);
    match codes {
        Codes::U8(codes) => {
            let near = runs.iter().filter(|(first, _)| *first <= 0xFF);
            let reach =
                |(first, last): &(u32, u32)| (*first as u8, (*last.min(&0xFF) - first) as u8);
            in_few(codes, &near.map(reach).collect::<Vec<_>>(), out, bytes);
        }
        Codes::U16(codes) => {
            let near = runs.iter().filter(|(first, _)| *first <= 0xFFFF);
            let reach =
                |(first, last): &(u32, u32)| (*first as u16, (*last.min(&0xFFFF) - first) as u16);
            in_few(codes, &near.map(reach).collect::<Vec<_>>(), out, shorts);
        }
        Codes::U32(codes) => {
            let reach = |(first, last): &(u32, u32)| (*first, last - first);
            in_few(codes, &runs.iter().map(reach).collect::<Vec<_>>(), out, words);
        }
    }
    true
}

/// Whether one of the ranges, ascending and without overlap, holds the number.
pub(in super::super) fn in_sorted<T: Copy + PartialOrd>(ranges: &[(T, T)], number: T) -> bool {
    let behind = ranges.partition_point(|(low, _)| *low <= number);
    behind > 0 && number <= ranges[behind - 1].1
}

/// One bit for each number of 16 bits.
fn table_of(ranges: impl Iterator<Item = (usize, usize)>) -> Vec<u64> {
    let mut table = vec![0; (1 << 16) / 64];
    for (from, width) in ranges {
        (from..=from + width).for_each(|number| mask::set(&mut table, number));
    }
    table
}

/// From where on, and how much farther.
type Reach<T> = (T, T);

/// Tests whole blocks of 64 values, each for a word.
type Blocks<T> = fn(&[[T; 64]], &[Reach<T>], &mut [u64]);

fn in_few<T: Copy + Default + PartialOrd>(
    values: &[T],
    ranges: &[Reach<T>],
    out: &mut [u64],
    blocks: Blocks<T>,
) {
    if ranges.is_empty() {
        return;
    }
    let (whole, rest) = values.as_chunks::<64>();
    blocks(whole, ranges, out);
    if let Some(last) = out.get_mut(whole.len()) {
        let mut block = [T::default(); 64];
        block[..rest.len()].copy_from_slice(rest);
        let mut word = [0];
        blocks(&[block], ranges, &mut word);
        *last = word[0] & !(u64::MAX << rest.len());
    }
}

macro_rules! in_vectors {
    ($name:ident, $number:ty, $vector:ident) => {
        fn $name(blocks: &[[$number; 64]], ranges: &[Reach<$number>], out: &mut [u64]) {
            #[inline(always)]
            fn inside<S: Simd>(
                simd: S,
                blocks: &[[$number; 64]],
                ranges: &[Reach<$number>],
                out: &mut [u64],
            ) {
                in_blocks::<S, S::$vector>(simd, blocks, ranges, out);
            }
            dispatch!(Level::new(), simd => inside(simd, blocks, ranges, out));
        }
    };
}

/// The bytes within reach.
pub(super) fn of_bytes(values: &[u8], reach: Reach<u8>, out: &mut [u64]) {
    if values.len() <= FEW_VALUES {
        return fill(values, out, |value| value.wrapping_sub(reach.0) <= reach.1);
    }
    in_few(values, &[reach], out, bytes);
}

in_vectors!(bytes, u8, u8s);
in_vectors!(shorts, u16, u16s);
in_vectors!(words, u32, u32s);

/// Both ends are compared with, since numbers of 64 bits may lie farther apart than such a number says.
fn longs(blocks: &[[i64; 64]], ends: &[(i64, i64)], out: &mut [u64]) {
    #[inline(always)]
    fn inside<S: Simd>(simd: S, blocks: &[[i64; 64]], ends: &[(i64, i64)], out: &mut [u64]) {
        let [(low, high)] = ends else { return };
        let (low, high) = (S::i64s::splat(simd, *low), S::i64s::splat(simd, *high));
        for (block, word) in blocks.iter().zip(out) {
            *word = word_of(simd, block, |values: S::i64s| {
                values.simd_ge(low).to_bitmask() & values.simd_le(high).to_bitmask()
            });
        }
    }
    dispatch!(Level::new(), simd => inside(simd, blocks, ends, out));
}

/// A number is within reach if its distance from the start, which wraps below it, is not above the width.
#[inline(always)]
fn in_blocks<S: Simd, V: SimdInt<S>>(
    simd: S,
    blocks: &[[V::Element; 64]],
    ranges: &[Reach<V::Element>],
    out: &mut [u64],
) {
    if let [(from, width)] = ranges {
        let (from, width) = (V::splat(simd, *from), V::splat(simd, *width));
        for (block, word) in blocks.iter().zip(out) {
            *word = word_of(simd, block, |values: V| (values - from).simd_le(width).to_bitmask());
        }
    } else {
        for (block, word) in blocks.iter().zip(out) {
            *word = word_of(simd, block, |values: V| {
                let within = |(from, width): &Reach<V::Element>| {
                    (values - *from).simd_le(V::splat(simd, *width)).to_bitmask()
                };
                ranges.iter().map(within).fold(0, |all, bits| all | bits)
            });
        }
    }
}

#[inline(always)]
fn word_of<S: Simd, V: SimdInt<S>>(
    simd: S,
    block: &[V::Element; 64],
    test: impl Fn(V) -> u64,
) -> u64 {
    let mut word = 0;
    for (part, at) in block.chunks_exact(V::LEN).zip((0..64).step_by(V::LEN)) {
        word |= test(V::from_slice(simd, part)) << at;
    }
    word
}
