//! The values that customers are ranked by, chunk by chunk.

use std::cmp::Ordering;

use super::super::{
    kernels::{self, set_bits},
    mask::{self, Mask},
    vector::{Data, Vector},
};
use crate::{parallel::in_parallel, snapshot::Frame};

/// The values of one ranked value.
pub(in super::super) struct Ranked {
    pub(super) chunks: Vec<RankedChunk>,
}

pub(in super::super) struct RankedChunk {
    pub(super) vector: Vector<'static>,
    /// Who exists and has the value.
    pub(super) rows: Mask,
}

/// So many keys and fewer are each compared with all values.
const FEW: usize = 16;

/// How many values lie below each of some keys, which are ascending and all different: below the first, at the first,
/// between the first and the second, at the second, …, above the last.
pub(super) type Tally = Vec<u64>;

impl RankedChunk {
    pub(in super::super) fn new(vector: Vector<'static>, exists: &[u64]) -> Self {
        let mut rows = Mask::from(exists);
        if let Some(presence) = &vector.presence {
            mask::and(&mut rows, presence);
        }
        Self { vector, rows }
    }

    pub(super) fn vector(&self) -> &Vector<'static> {
        &self.vector
    }

    pub(super) fn rows(&self) -> &[u64] {
        &self.rows
    }

    /// `narrow` are the keys in 64 bits, if they fit.
    fn tally(&self, keys: &[i128], narrow: Option<&[i64]>) -> Tally {
        if let Data::Ints(frame) = &self.vector.data
            && keys.len() <= FEW
        {
            return self.tally_of_few(frame, keys);
        }
        let mut tally = vec![0; keys.len() * 2 + 1];
        let (rows, to) = (&*self.rows, tally.as_mut_slice());
        match (&self.vector.data, narrow) {
            (Data::Ints(frame), Some(keys)) => {
                count(&frame.numbers(), rows, keys, |value| value, to);
            }
            (Data::Floats(values), Some(keys)) => count(values, rows, keys, key_of, to),
            (Data::Ints(frame), None) => count(&frame.numbers(), rows, keys, i128::from, to),
            (Data::Wide(values), _) => count(values, rows, keys, |value| value, to),
            _ => {}
        }
        tally
    }
}

impl RankedChunk {
    /// Each part is tested for on its own, many rows at once.
    fn tally_of_few(&self, frame: &Frame, keys: &[i128]) -> Tally {
        let mut within = mask::zeros(self.rows.len() * 64);
        let mut up_to = |key: i128| {
            kernels::in_ranges(frame, &[(i128::MIN, key)], &mut within);
            mask::and(&mut within, &self.rows);
            kernels::count(&within) as u64
        };
        let mut tally = Vec::with_capacity(keys.len() * 2 + 1);
        let mut below = 0;
        for end in keys.iter().flat_map(|key| [key.saturating_sub(1), *key]) {
            let count = up_to(end);
            tally.push(count - below);
            below = count;
        }
        tally.push(kernels::count(&self.rows) as u64 - below);
        tally
    }
}

impl Ranked {
    pub(super) fn new(chunks: Vec<RankedChunk>) -> Self {
        Self { chunks }
    }

    pub(super) fn vector(&self, chunk: usize) -> Option<&Vector<'static>> {
        self.chunks.get(chunk).map(|chunk| &chunk.vector)
    }

    /// Who exists and has the value.
    pub(super) fn rows(&self, chunk: usize) -> Option<&[u64]> {
        self.chunks.get(chunk).map(RankedChunk::rows)
    }

    pub(super) fn bytes(&self) -> usize {
        let bytes = |chunk: &RankedChunk| match &chunk.vector.data {
            Data::Wide(values) => values.len() * 16,
            Data::Ints(frame) => frame.bytes(),
            Data::Floats(values) => values.len() * 8,
            _ => 0,
        };
        self.chunks.iter().map(bytes).sum()
    }

    pub(super) fn count(&self) -> usize {
        let count = |chunk: &RankedChunk| -> usize { kernels::count(&chunk.rows) };
        self.chunks.iter().map(count).sum()
    }

    /// All keys in 64 bits, if they fit.
    pub(super) fn narrow(&self) -> Option<Vec<i64>> {
        if self.chunks.iter().any(|chunk| matches!(chunk.vector.data, Data::Wide(_))) {
            return None;
        }
        let mut keys = Vec::with_capacity(self.count());
        for chunk in &self.chunks {
            match &chunk.vector.data {
                Data::Ints(frame) => each(&frame.numbers(), &chunk.rows, |key| keys.push(key)),
                Data::Floats(values) => each(values, &chunk.rows, |value| keys.push(key_of(value))),
                _ => {}
            }
        }
        Some(keys)
    }

    /// All keys.
    pub(super) fn wide(&self) -> Vec<i128> {
        let mut keys = Vec::with_capacity(self.count());
        for chunk in &self.chunks {
            match &chunk.vector.data {
                Data::Wide(values) => each(values, &chunk.rows, |key| keys.push(key)),
                Data::Ints(frame) => {
                    each(&frame.numbers(), &chunk.rows, |key| keys.push(key.into()));
                }
                Data::Floats(values) => {
                    each(values, &chunk.rows, |value| keys.push(key_of(value).into()));
                }
                _ => {}
            }
        }
        keys
    }

    /// One pass of counting.
    pub(super) fn tally(&self, keys: &[i128]) -> Tally {
        let narrow: Option<Vec<i64>> = keys.iter().map(|key| i64::try_from(*key).ok()).collect();
        let parts = in_parallel(self.chunks.len(), |index| {
            let chunk = self.chunks.get(index)?;
            Some(chunk.tally(keys, narrow.as_deref()))
        });
        let mut tally = vec![0; keys.len() * 2 + 1];
        for part in parts.into_iter().flatten() {
            tally.iter_mut().zip(part).for_each(|(count, more)| *count += more);
        }
        tally
    }
}

/// Where a key belongs in a tally.
pub(super) fn place<T: Copy + Ord>(keys: &[T], key: T) -> usize {
    let below = keys.partition_point(|known| *known < key);
    below * 2 + usize::from(keys.get(below) == Some(&key))
}

fn count<V: Copy, T: Copy + Ord>(
    values: &[V],
    rows: &[u64],
    keys: &[T],
    key_of: impl Fn(V) -> T,
    tally: &mut [u64],
) {
    if let ([only], [less, at, more]) = (keys, &mut *tally) {
        let (mut below, mut equal, mut all) = (0, 0, 0);
        each(values, rows, |value| {
            let order = key_of(value).cmp(only);
            below += u64::from(order == Ordering::Less);
            equal += u64::from(order == Ordering::Equal);
            all += 1;
        });
        *less += below;
        *at += equal;
        *more += all - below - equal;
        return;
    }
    each(values, rows, |value| {
        if let Some(count) = tally.get_mut(place(keys, key_of(value))) {
            *count += 1;
        }
    });
}

/// Calls `take` with the value of each row.
pub(super) fn each<V: Copy>(values: &[V], rows: &[u64], mut take: impl FnMut(V)) {
    for (block, word) in values.chunks(64).zip(rows) {
        if *word == u64::MAX {
            block.iter().for_each(|value| take(*value));
        } else {
            let row = |row: usize| block.get(row).copied();
            set_bits(std::slice::from_ref(word), 0, 64).filter_map(row).for_each(&mut take);
        }
    }
}

/// The place of a float in the order of floats.
pub(super) fn key_of(value: f64) -> i64 {
    turned((value + 0.0).to_bits().cast_signed())
}

/// The float at that place.
pub(super) fn float_at(key: i64) -> f64 {
    f64::from_bits(turned(key).cast_unsigned())
}

/// Negative floats are the farther down, the greater their bits without the sign.
fn turned(bits: i64) -> i64 {
    if bits < 0 { bits ^ i64::MAX } else { bits }
}
