//! Sums of functions.

use super::Slope;
use crate::computed::model::chunks::of_chunks;

/// Chunks are summed each by itself, then one after the other, so that the rounding does not depend on the threads.
const CHUNK: usize = 8_192;

/// The sum of what `of_chunk` says of the chunks of the items.
pub(crate) fn sum<T: Sync, const N: usize>(
    items: &[T],
    of_chunk: impl Fn(&[T]) -> Slope<N> + Send + Sync,
) -> Slope<N> {
    let mut total = Slope::ZERO;
    for part in of_chunks(items, CHUNK, of_chunk) {
        total.add(&part, 1.0);
    }
    total
}

impl<const N: usize> Slope<N> {
    pub(crate) const ZERO: Self = Self { value: 0.0, gradient: [0.0; N], hessian: [[0.0; N]; N] };

    pub(crate) fn add(&mut self, other: &Self, times: f64) {
        self.value += times * other.value;
        add(&mut self.gradient, &other.gradient, times);
        for (row, other) in self.hessian.iter_mut().zip(&other.hessian) {
            add(row, other, times);
        }
    }
}

fn add<const N: usize>(to: &mut [f64; N], other: &[f64; N], times: f64) {
    for (to, other) in to.iter_mut().zip(other) {
        *to += times * other;
    }
}
