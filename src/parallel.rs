//! Work that is shared out. The answer is the same for any number of threads.

/// All answers in order, by as many threads as there are.
#[cfg(feature = "parallel")]
pub(crate) fn in_parallel<T: Send>(
    count: usize,
    work: impl Fn(usize) -> T + Send + Sync,
) -> Vec<T> {
    use rayon::prelude::*;
    (0..count).into_par_iter().map(work).collect()
}

#[cfg(not(feature = "parallel"))]
pub(crate) fn in_parallel<T>(count: usize, work: impl Fn(usize) -> T) -> Vec<T> {
    (0..count).map(work).collect()
}

/// Fills the parts of a slice, each `len` long but the last, by as many threads as there are.
#[cfg(feature = "parallel")]
pub(crate) fn fill_in_parallel<T: Send>(
    all: &mut [T],
    len: usize,
    fill: impl Fn(usize, &mut [T]) + Send + Sync,
) {
    use rayon::prelude::*;
    all.par_chunks_mut(len).enumerate().for_each(|(number, part)| fill(number, part));
}

#[cfg(not(feature = "parallel"))]
pub(crate) fn fill_in_parallel<T>(all: &mut [T], len: usize, fill: impl Fn(usize, &mut [T])) {
    all.chunks_mut(len).enumerate().for_each(|(number, part)| fill(number, part));
}

/// The answers to all items in order, by as many threads as there are.
#[cfg(feature = "parallel")]
pub(crate) fn each_in_parallel<I: Send, T: Send>(
    items: Vec<I>,
    work: impl Fn(I) -> T + Send + Sync,
) -> Vec<T> {
    use rayon::prelude::*;
    items.into_par_iter().with_max_len(1).map(work).collect()
}

#[cfg(not(feature = "parallel"))]
pub(crate) fn each_in_parallel<I, T>(items: Vec<I>, work: impl Fn(I) -> T) -> Vec<T> {
    items.into_iter().map(work).collect()
}
