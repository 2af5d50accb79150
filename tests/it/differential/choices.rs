//! A stream of choices: random, or a fuzzer's, and shrinking towards nothing.

/// Whoever generates asks it what to take, a byte a choice. Who shrinks the stream shrinks what was generated:
/// 0 is the simplest choice, and a stream that has ended chooses 0.
pub(crate) struct Choices<'a> {
    stream: std::slice::Iter<'a, u8>,
}

impl<'a> Choices<'a> {
    pub(crate) fn new(stream: &'a [u8]) -> Self {
        Self { stream: stream.iter() }
    }

    /// 0 to `count - 1`; `count` is at most 256.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        usize::from(self.stream.next().copied().unwrap_or(0)) % count.max(1)
    }

    pub(crate) fn of<'b, T: ?Sized>(&mut self, list: &[&'b T]) -> &'b T {
        list[self.below(list.len())]
    }

    /// True once in `count` times, and not when shrunk.
    pub(crate) fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == count - 1
    }
}
