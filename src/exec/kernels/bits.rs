//! Runs of bits in masks.

use fearless_simd::{Level, dispatch};

/// How many bits are set.
//
// PERF: 140,000 words: 0.014 ms; 0.088 ms without the counting instruction of the machine.
pub(in super::super) fn count(mask: &[u64]) -> usize {
    #[inline(always)]
    fn all(mask: &[u64]) -> usize {
        mask.iter().map(|word| word.count_ones() as usize).sum()
    }
    dispatch!(Level::new(), _simd => all(mask))
}

/// The set bits from `from` to before `to`, ascending.
pub(in super::super) fn set_bits(mask: &[u64], from: usize, to: usize) -> SetBits<'_> {
    let word = if from < to { mask[from / 64] & (u64::MAX << (from % 64)) } else { 0 };
    SetBits { mask, at: from / 64, word, to }
}

pub(in super::super) struct SetBits<'a> {
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
#[inline(always)]
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
