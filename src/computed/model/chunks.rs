//! Work on many customers, by as many threads as there are.

use crate::parallel::in_parallel;

/// What `of_chunk` says of each `length` items, in order.
pub(super) fn of_chunks<T: Sync, S: Send>(
    items: &[T],
    length: usize,
    of_chunk: impl Fn(&[T]) -> S + Send + Sync,
) -> Vec<S> {
    let chunks: Vec<&[T]> = items.chunks(length).collect();
    in_parallel(chunks.len(), |index| of_chunk(chunks.get(index).copied().unwrap_or_default()))
}
