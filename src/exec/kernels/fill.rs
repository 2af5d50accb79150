//! One bit a value.

use crate::snapshot::{Frame, Offsets};

/// One bit a value, from a test without branches. `out` has a word for each 64 values begun.
pub(in super::super) fn fill<T: Copy>(values: &[T], out: &mut [u64], test: impl Fn(T) -> bool) {
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

/// A test of each number.
pub(in super::super) fn each_number(frame: &Frame, out: &mut [u64], test: impl Fn(i64) -> bool) {
    match &frame.offsets {
        Offsets::U8(offsets) => fill(offsets, out, |offset| test(frame.number(offset.into()))),
        Offsets::U16(offsets) => {
            fill(offsets, out, |offset| test(frame.number(offset.into())));
        }
        Offsets::U32(offsets) => {
            fill(offsets, out, |offset| test(frame.number(offset.into())));
        }
        Offsets::I64(numbers) => fill(numbers, out, test),
    }
}
