//! A growing row of bits.

/// One bit a row, 64 to a word from the lowest bit up; bits behind the last row are zero.
#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) struct Bits {
    words: Vec<u64>,
    len: usize,
}

impl Bits {
    pub(crate) fn ones(len: usize) -> Self {
        let mut words = vec![u64::MAX; len.div_ceil(64)];
        if !len.is_multiple_of(64)
            && let Some(word) = words.last_mut()
        {
            *word = (1 << (len % 64)) - 1;
        }
        Self { words, len }
    }

    pub(crate) fn clear(&mut self, row: usize) {
        if let Some(word) = self.words.get_mut(row / 64) {
            *word &= !(1 << (row % 64));
        }
    }

    pub(crate) fn any(&self) -> bool {
        self.words.iter().any(|word| *word != 0)
    }

    pub(crate) fn push(&mut self, bit: bool) {
        if self.len.is_multiple_of(64) {
            self.words.push(0);
        }
        if bit && let Some(word) = self.words.last_mut() {
            *word |= 1 << (self.len % 64);
        }
        self.len += 1;
    }

    /// Appends so many ones.
    #[cfg(feature = "arrow")]
    pub(crate) fn extend_ones(&mut self, mut count: usize) {
        while count > 0 && !self.len.is_multiple_of(64) {
            self.push(true);
            count -= 1;
        }
        let whole = count / 64;
        self.words.resize(self.words.len() + whole, u64::MAX);
        self.len += whole * 64;
        (0..count % 64).for_each(|_| self.push(true));
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = bool> {
        let bits = self.words.iter().flat_map(|word| (0..64).map(move |bit| word >> bit & 1 == 1));
        bits.take(self.len)
    }

    pub(crate) fn truncate(&mut self, len: usize) {
        if len >= self.len {
            return;
        }
        self.words.truncate(len.div_ceil(64));
        if !len.is_multiple_of(64)
            && let Some(word) = self.words.last_mut()
        {
            *word &= (1 << (len % 64)) - 1;
        }
        self.len = len;
    }

    /// `false` behind the last row.
    pub(crate) fn get(&self, row: usize) -> bool {
        self.words.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    pub(crate) fn words(&self) -> &[u64] {
        &self.words
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn all(&self) -> bool {
        self.count() == self.len
    }

    pub(crate) fn count(&self) -> usize {
        self.words.iter().map(|word| usize::try_from(word.count_ones()).unwrap_or(0)).sum()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.words.capacity() * 8
    }

    pub(crate) fn shrink(&mut self) {
        self.words.shrink_to_fit();
    }
}

impl FromIterator<bool> for Bits {
    fn from_iter<I: IntoIterator<Item = bool>>(bits: I) -> Self {
        let bits = bits.into_iter();
        let mut words = Vec::with_capacity(bits.size_hint().0.div_ceil(64));
        // PERF: 64 bits are put together in a register.
        let (mut word, mut len) = (0, 0_usize);
        bits.for_each(|bit| {
            word |= u64::from(bit) << (len % 64);
            len += 1;
            if len.is_multiple_of(64) {
                words.push(word);
                word = 0;
            }
        });
        if !len.is_multiple_of(64) {
            words.push(word);
        }
        words.shrink_to_fit();
        Self { words, len }
    }
}
