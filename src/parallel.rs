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
