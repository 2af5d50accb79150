//! Dense masks: one bit a row, 64 rows to a word from the lowest bit up. Bits behind the last row are zero.

use std::borrow::Cow;

pub(super) type Mask = Vec<u64>;

/// Masks that have had their last reader.
#[derive(Default)]
pub(super) struct Pool {
    free: Vec<Mask>,
}

impl Pool {
    /// A mask of zeros.
    pub(super) fn zeros(&mut self, rows: usize) -> Mask {
        let mut mask = self.spare();
        mask.resize(rows.div_ceil(64), 0);
        mask
    }

    pub(super) fn ones(&mut self, rows: usize) -> Mask {
        let mut mask = self.spare();
        mask.resize(rows.div_ceil(64), u64::MAX);
        trim(&mut mask, rows);
        mask
    }

    pub(super) fn copy(&mut self, of: &[u64]) -> Mask {
        let mut mask = self.spare();
        mask.extend_from_slice(of);
        mask
    }

    /// One without words.
    pub(super) fn spare(&mut self) -> Mask {
        let mut mask = self.free.pop().unwrap_or_default();
        mask.clear();
        mask
    }

    pub(super) fn give_back(&mut self, mask: Mask) {
        self.free.push(mask);
    }
}

pub(super) fn zeros(rows: usize) -> Mask {
    vec![0; rows.div_ceil(64)]
}

pub(super) fn ones(rows: usize) -> Mask {
    let mut mask = vec![u64::MAX; rows.div_ceil(64)];
    trim(&mut mask, rows);
    mask
}

/// Takes the bits behind the last row away.
pub(super) fn trim(mask: &mut [u64], rows: usize) {
    if !rows.is_multiple_of(64)
        && let Some(last) = mask.last_mut()
    {
        *last &= (1 << (rows % 64)) - 1;
    }
}

pub(super) fn and(mask: &mut [u64], other: &[u64]) {
    mask.iter_mut().zip(other).for_each(|(word, other)| *word &= other);
}

pub(super) fn or(mask: &mut [u64], other: &[u64]) {
    mask.iter_mut().zip(other).for_each(|(word, other)| *word |= other);
}

pub(super) fn not(mask: &mut [u64], rows: usize) {
    mask.iter_mut().for_each(|word| *word = !*word);
    trim(mask, rows);
}

pub(super) fn is_empty(mask: &[u64]) -> bool {
    mask.iter().all(|word| *word == 0)
}

pub(super) fn get(mask: &[u64], row: usize) -> bool {
    mask.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
}

pub(super) fn set(mask: &mut [u64], row: usize) {
    if let Some(word) = mask.get_mut(row / 64) {
        *word |= 1 << (row % 64);
    }
}

pub(super) fn clear(mask: &mut [u64], row: usize) {
    if let Some(word) = mask.get_mut(row / 64) {
        *word &= !(1 << (row % 64));
    }
}

/// Both where both are given; `None` stands for all rows.
pub(super) fn both(a: Option<&[u64]>, b: Option<&[u64]>) -> Option<Mask> {
    match (a, b) {
        (None, None) => None,
        (Some(one), None) | (None, Some(one)) => Some(one.to_vec()),
        (Some(a), Some(b)) => Some(a.iter().zip(b).map(|(a, b)| a & b).collect()),
    }
}

/// The rows that are in all that are given; `None` stands for all rows.
pub(super) fn all_of<'m, const N: usize>(masks: [Option<&'m [u64]>; N]) -> Option<Cow<'m, [u64]>> {
    masks.into_iter().flatten().fold(None, |all: Option<Cow<'m, [u64]>>, mask| match all {
        None => Some(Cow::Borrowed(mask)),
        Some(mut all) => {
            and(all.to_mut(), mask);
            Some(all)
        }
    })
}
