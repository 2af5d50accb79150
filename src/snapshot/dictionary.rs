//! The different texts of a column, numbered in the order of their first appearance.

use std::hash::{BuildHasher, RandomState};

/// Texts and their codes. It only grows, so codes stay valid from snapshot to snapshot.
#[derive(Clone, Default)]
pub(crate) struct Dictionary {
    text: String,
    /// The end of each text in `text`.
    ends: Vec<usize>,
    index: Index,
}

impl Dictionary {
    /// The greatest number of texts; the codes above are free for "none".
    pub(crate) const MAX_LEN: usize = u32::MAX as usize - 1;

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn get(&self, code: u32) -> Option<&str> {
        let code = usize::try_from(code).ok()?;
        let end = *self.ends.get(code)?;
        let start = code.checked_sub(1).and_then(|last| self.ends.get(last)).copied().unwrap_or(0);
        self.text.get(start..end)
    }

    pub(crate) fn code(&self, text: &str) -> Option<u32> {
        self.index.find(self.index.hash(text), |code| self.get(code) == Some(text))
    }

    /// All texts in the order of their codes, from 0.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let text = self.text.get(start..*end).unwrap_or("");
            start = *end;
            text
        })
    }

    /// Whether the other's texts have the same codes here.
    pub(crate) fn starts_with(&self, other: &Self) -> bool {
        self.ends.starts_with(&other.ends) && self.text.starts_with(&other.text)
    }

    /// The code of the text, which is added if it is new; `None` when there is no room for more.
    pub(crate) fn intern(&mut self, text: &str) -> Option<u32> {
        let hash = self.index.hash(text);
        if let Some(code) = self.index.find(hash, |code| self.get(code) == Some(text)) {
            return Some(code);
        }
        if self.len() >= Self::MAX_LEN {
            return None;
        }
        let code = u32::try_from(self.len()).ok()?;
        self.text.push_str(text);
        self.ends.push(self.text.len());
        if self.index.is_full() {
            let mut index = self.index.doubled();
            for (text, code) in self.iter().zip(0..) {
                index.insert(index.hash(text), code);
            }
            self.index = index;
        } else {
            self.index.insert(hash, code);
        }
        Some(code)
    }

    pub(crate) fn bytes(&self) -> usize {
        self.text.capacity() + self.ends.capacity() * size_of::<usize>() + self.index.bytes()
    }
}

/// Numbers found by the hash of what they stand for, which is kept elsewhere. Open addressing over a power of two;
/// the hash is seeded, since customers choose what is hashed.
#[derive(Clone, Default)]
pub(super) struct Index {
    slots: Vec<u32>,
    taken: usize,
    hasher: RandomState,
}

const FREE: u32 = u32::MAX;

impl Index {
    pub(super) fn hash<T: std::hash::Hash + ?Sized>(&self, what: &T) -> u64 {
        self.hasher.hash_one(what)
    }

    pub(super) fn find(&self, hash: u64, same: impl Fn(u32) -> bool) -> Option<u32> {
        let mut place = self.start(hash);
        // One slot is always free.
        loop {
            let id = *self.slots.get(place).filter(|id| **id != FREE)?;
            if same(id) {
                return Some(id);
            }
            place = self.behind(place);
        }
    }

    /// Takes a number that is not there yet.
    pub(super) fn insert(&mut self, hash: u64, id: u32) {
        let mut place = self.start(hash);
        while self.slots.get(place).is_some_and(|slot| *slot != FREE) {
            place = self.behind(place);
        }
        if let Some(slot) = self.slots.get_mut(place) {
            *slot = id;
            self.taken += 1;
        }
    }

    /// Whether it must be doubled before the next number comes: from three quarters on.
    pub(super) fn is_full(&self) -> bool {
        (self.taken + 1) * 4 > self.slots.len() * 3
    }

    /// An empty one with twice the room and the same seed.
    pub(super) fn doubled(&self) -> Self {
        let room = (self.slots.len() * 2).max(16);
        Self { slots: vec![FREE; room], taken: 0, hasher: self.hasher.clone() }
    }

    // Lossless: the mask leaves a number that is smaller than the length.
    fn start(&self, hash: u64) -> usize {
        usize::try_from(hash & u64::try_from(self.mask()).unwrap_or(0)).unwrap_or(0)
    }

    fn behind(&self, place: usize) -> usize {
        (place + 1) & self.mask()
    }

    fn mask(&self) -> usize {
        self.slots.len().saturating_sub(1)
    }

    pub(super) fn bytes(&self) -> usize {
        self.slots.capacity() * size_of::<u32>()
    }
}
