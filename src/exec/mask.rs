//! Dense masks: one bit a row, 64 rows to a word from the lowest bit up. Bits behind the last row are zero.

use std::ops::{Deref, DerefMut};

/// One bit a row.
#[derive(Clone)]
pub(super) enum Mask {
    /// Of up to 64 rows, without a place of its own.
    //
    // PERF: one customer against 200 segments makes about 1,000 masks.
    Word([u64; 1]),
    Words(Vec<u64>),
}

/// A mask to read, whoever has it.
pub(super) enum Lent<'m> {
    Whole(&'m [u64]),
    Own(Mask),
}

/// The room of masks that have had their last reader.
#[derive(Default)]
pub(super) struct Pool {
    free: Vec<Vec<u64>>,
}

impl Pool {
    /// A mask of zeros.
    pub(super) fn zeros(&mut self, rows: usize) -> Mask {
        self.filled(rows, 0)
    }

    pub(super) fn ones(&mut self, rows: usize) -> Mask {
        let mut mask = self.filled(rows, u64::MAX);
        trim(&mut mask, rows);
        mask
    }

    fn filled(&mut self, rows: usize, word: u64) -> Mask {
        if rows <= 64 {
            return Mask::filled(rows, word);
        }
        let mut words = self.spare();
        words.resize(rows.div_ceil(64), word);
        Mask::Words(words)
    }

    fn spare(&mut self) -> Vec<u64> {
        let mut words = self.free.pop().unwrap_or_default();
        words.clear();
        words
    }

    pub(super) fn copy(&mut self, of: &[u64]) -> Mask {
        if let [word] = of {
            return Mask::Word([*word]);
        }
        let mut words = self.spare();
        words.extend_from_slice(of);
        Mask::Words(words)
    }

    /// What `with` makes of two masks of one length, word by word.
    pub(super) fn joined(
        &mut self,
        one: &[u64],
        other: &[u64],
        with: impl Fn(u64, u64) -> u64,
    ) -> Mask {
        if let ([one], [other]) = (one, other) {
            return Mask::Word([with(*one, *other)]);
        }
        let mut words = self.spare();
        words.extend(one.iter().zip(other).map(|(one, other)| with(*one, *other)));
        Mask::Words(words)
    }

    pub(super) fn give_back(&mut self, mask: Mask) {
        if let Mask::Words(words) = mask {
            self.free.push(words);
        }
    }
}

impl Mask {
    /// Of no rows.
    pub(super) const fn new() -> Self {
        Self::Words(Vec::new())
    }

    fn filled(rows: usize, word: u64) -> Self {
        match rows {
            0 => Self::new(),
            1..=64 => Self::Word([word]),
            _ => Self::Words(vec![word; rows.div_ceil(64)]),
        }
    }

    /// So many words; more of them are zeros.
    pub(super) fn resize(&mut self, words: usize) {
        match self {
            Self::Word(_) if words == 1 => {}
            Self::Word(word) => {
                let mut more = word.to_vec();
                more.resize(words, 0);
                *self = Self::Words(more);
            }
            Self::Words(own) => own.resize(words, 0),
        }
    }
}

impl Default for Mask {
    fn default() -> Self {
        Self::new()
    }
}

impl Deref for Mask {
    type Target = [u64];

    fn deref(&self) -> &[u64] {
        match self {
            Self::Word(word) => word,
            Self::Words(words) => words,
        }
    }
}

impl DerefMut for Mask {
    fn deref_mut(&mut self) -> &mut [u64] {
        match self {
            Self::Word(word) => word,
            Self::Words(words) => words,
        }
    }
}

impl Deref for Lent<'_> {
    type Target = [u64];

    fn deref(&self) -> &[u64] {
        match self {
            Self::Whole(words) => words,
            Self::Own(mask) => mask,
        }
    }
}

impl From<&[u64]> for Mask {
    fn from(words: &[u64]) -> Self {
        match words {
            [word] => Self::Word([*word]),
            _ => Self::Words(words.to_vec()),
        }
    }
}

impl FromIterator<u64> for Mask {
    fn from_iter<I: IntoIterator<Item = u64>>(words: I) -> Self {
        let mut words = words.into_iter();
        if words.size_hint() == (1, Some(1))
            && let Some(word) = words.next()
        {
            return Self::Word([word]);
        }
        Self::Words(words.collect())
    }
}

pub(super) fn zeros(rows: usize) -> Mask {
    Mask::filled(rows, 0)
}

pub(super) fn ones(rows: usize) -> Mask {
    let mut mask = Mask::filled(rows, u64::MAX);
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
        (Some(one), None) | (None, Some(one)) => Some(one.into()),
        (Some(a), Some(b)) => Some(a.iter().zip(b).map(|(a, b)| a & b).collect()),
    }
}

/// The rows that are in all that are given; `None` stands for all rows.
pub(super) fn all_of<'m, const N: usize>(masks: [Option<&'m [u64]>; N]) -> Option<Lent<'m>> {
    masks.into_iter().flatten().fold(None, |all, mask| match all {
        None => Some(Lent::Whole(mask)),
        Some(Lent::Whole(all)) => {
            Some(Lent::Own(all.iter().zip(mask).map(|(a, b)| a & b).collect()))
        }
        Some(Lent::Own(mut all)) => {
            and(&mut all, mask);
            Some(Lent::Own(all))
        }
    })
}
