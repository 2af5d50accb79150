//! The different texts of a column, and the keys of a table, numbered in the order of their first appearance.

use std::{
    cell::LazyCell,
    hash::{BuildHasher, Hash, RandomState},
    sync::Arc,
};

/// Texts and their codes. It only grows, so codes stay valid from snapshot to snapshot.
pub(crate) type Dictionary = Layered<Texts>;

/// Entries and their numbers, in layers: those of earlier snapshots are shared, and what is new stands in the last.
//
// PERF: a text more in a dictionary of a million costs no copy of the million. Layers at least halve from one to the
// next, so each entry is copied once for every doubling.
#[derive(Clone)]
pub(crate) struct Layered<E> {
    /// With the number of its first entry.
    settled: Vec<(usize, Arc<Layer<E>>)>,
    /// How many entries are settled.
    first: usize,
    tail: Layer<E>,
    hasher: RandomState,
}

#[derive(Clone, Default)]
struct Layer<E> {
    entries: E,
    /// So many from the first on are in order, and searched.
    // PERF: most tables come in the order of their keys; then a million keys need neither hashes nor 8 MB for them.
    ordered: usize,
    /// The numbers of the others.
    index: Index,
}

/// What a layer holds.
pub(crate) trait Entries: Clone + Default {
    type Entry: ?Sized + Hash + Eq;

    fn len(&self) -> usize;
    fn get(&self, at: usize) -> Option<&Self::Entry>;
    fn push(&mut self, entry: &Self::Entry);
    fn bytes(&self) -> usize;

    /// Whether an entry comes behind the last in an order that can be searched.
    fn goes_on(&self, _entry: &Self::Entry) -> bool {
        false
    }

    /// Where an entry stands among the first so many, which are in this order.
    fn search(&self, _among: usize, _entry: &Self::Entry) -> Option<usize> {
        None
    }
}

#[derive(Clone, Default)]
pub(crate) struct Texts {
    text: String,
    /// The end of each text in `text`.
    ends: Vec<usize>,
}

impl<E: Entries> Default for Layered<E> {
    fn default() -> Self {
        Self { settled: Vec::new(), first: 0, tail: Layer::default(), hasher: RandomState::new() }
    }
}

impl<E: Entries> Layered<E> {
    /// The greatest number of entries; the numbers above are free for "none".
    pub(crate) const MAX_LEN: usize = u32::MAX as usize - 1;

    pub(crate) fn len(&self) -> usize {
        self.first + self.tail.entries.len()
    }

    pub(crate) fn get(&self, number: u32) -> Option<&E::Entry> {
        let at = usize::try_from(number).ok()?;
        if let Some(at) = at.checked_sub(self.first) {
            return self.tail.entries.get(at);
        }
        let behind = self.settled.partition_point(|(first, _)| *first <= at);
        let (first, layer) = self.settled.get(behind.checked_sub(1)?)?;
        layer.entries.get(at - first)
    }

    pub(crate) fn find(&self, entry: &E::Entry) -> Option<u32> {
        let hash = LazyCell::new(|| self.hasher.hash_one(entry));
        self.find_by(|| *hash, entry)
    }

    fn find_by(&self, hash: impl Fn() -> u64, entry: &E::Entry) -> Option<u32> {
        let tail = std::iter::once((self.first, &self.tail));
        let settled = self.settled.iter().map(|(first, layer)| (*first, layer.as_ref()));
        let found = settled
            .chain(tail)
            .find_map(|(first, layer)| layer.find(&hash, entry).map(|at| first + at));
        found.and_then(|number| u32::try_from(number).ok())
    }

    /// The number of the entry, which is added if it is new; `None` when there is no room for more.
    pub(crate) fn intern(&mut self, entry: &E::Entry) -> Option<u32> {
        let hash = LazyCell::new(|| self.hasher.hash_one(entry));
        if let Some(number) = self.find_by(|| *hash, entry) {
            return Some(number);
        }
        let number = self.next()?;
        self.tail.push(&self.hasher, || *hash, entry);
        Some(number)
    }

    /// Adds an entry that is not there; `None` when there is no room for more.
    pub(crate) fn add(&mut self, entry: &E::Entry) -> Option<u32> {
        let number = self.next()?;
        let hasher = &self.hasher;
        self.tail.push(hasher, || hasher.hash_one(entry), entry);
        Some(number)
    }

    /// The number of the next entry that is new.
    fn next(&self) -> Option<u32> {
        u32::try_from(self.len()).ok().filter(|_| self.len() < Self::MAX_LEN)
    }

    /// All entries, where they stand in one layer.
    pub(super) fn whole(&self) -> Option<&E> {
        match self.settled.as_slice() {
            [] => Some(&self.tail.entries),
            [(_, layer)] if self.is_settled() => Some(&layer.entries),
            _ => None,
        }
    }

    /// All entries in the order of their numbers, from 0.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &E::Entry> {
        self.iter_from(0)
    }

    /// The entries from this number on.
    pub(crate) fn iter_from(&self, number: usize) -> impl Iterator<Item = &E::Entry> {
        let settled = self.settled.iter().map(|(first, layer)| (*first, layer.as_ref()));
        settled.chain([(self.first, &self.tail)]).flat_map(move |(first, layer)| {
            let from = number.saturating_sub(first);
            (from..layer.entries.len()).filter_map(|at| layer.entries.get(at))
        })
    }

    /// Whether the other's entries have the same numbers here.
    pub(crate) fn starts_with(&self, other: &Self) -> bool {
        let layers = self.settled.iter().zip(&other.settled);
        let same = layers.take_while(|((_, own), (_, other))| Arc::ptr_eq(own, other)).last();
        let from = same.map_or(0, |((first, layer), _)| first + layer.entries.len());
        self.len() >= other.len()
            && self.iter_from(from).zip(other.iter_from(from)).all(|(own, other)| own == other)
    }

    /// Makes what is new a layer that later snapshots share.
    pub(super) fn settle(&mut self) {
        if self.tail.entries.len() == 0 {
            return;
        }
        let layer = std::mem::take(&mut self.tail);
        let end = self.len() + layer.entries.len();
        self.settled.push((self.first, Arc::new(layer)));
        self.first = end;
        while let [.., (_, before), (_, last)] = self.settled.as_slice()
            && before.entries.len() < last.entries.len() * 2
        {
            let (Some((_, last)), Some((first, before))) = (self.settled.pop(), self.settled.pop())
            else {
                break;
            };
            let mut before = Arc::unwrap_or_clone(before);
            for entry in (0..last.entries.len()).filter_map(|at| last.entries.get(at)) {
                before.push(&self.hasher, || self.hasher.hash_one(entry), entry);
            }
            self.settled.push((first, Arc::new(before)));
        }
    }

    pub(super) fn is_settled(&self) -> bool {
        self.tail.entries.len() == 0
    }

    pub(crate) fn bytes(&self) -> usize {
        let settled: usize = self.settled.iter().map(|(_, layer)| layer.bytes()).sum();
        settled + self.tail.bytes()
    }
}

impl Dictionary {
    pub(crate) fn code(&self, text: &str) -> Option<u32> {
        self.find(text)
    }
}

/// Settles what others may share; what is settled already is not copied.
pub(super) fn settle<E: Entries>(shared: &mut Arc<Layered<E>>) {
    if !shared.is_settled() {
        Arc::make_mut(shared).settle();
    }
}

impl<E: Entries> Layer<E> {
    fn at(&self, number: u32) -> Option<&E::Entry> {
        self.entries.get(usize::try_from(number).ok()?)
    }

    fn find(&self, hash: &impl Fn() -> u64, entry: &E::Entry) -> Option<usize> {
        let at = self.entries.search(self.ordered, entry);
        if at.is_some() || self.ordered == self.entries.len() {
            return at;
        }
        let at = self.index.find(hash(), |at| self.at(at) == Some(entry))?;
        usize::try_from(at).ok()
    }

    /// INVARIANT: the entry is not there yet.
    fn push(&mut self, hasher: &RandomState, hash: impl Fn() -> u64, entry: &E::Entry) {
        let number = u32::try_from(self.entries.len()).unwrap_or(FREE);
        let goes_on = self.ordered == self.entries.len() && self.entries.goes_on(entry);
        self.entries.push(entry);
        if goes_on {
            self.ordered += 1;
        } else if self.index.is_full() {
            let mut index = self.index.doubled();
            for (at, number) in (0..self.entries.len()).zip(0..).skip(self.ordered) {
                if let Some(entry) = self.entries.get(at) {
                    index.insert(hasher.hash_one(entry), number);
                }
            }
            self.index = index;
        } else {
            self.index.insert(hash(), number);
        }
    }

    fn bytes(&self) -> usize {
        self.entries.bytes() + self.index.bytes()
    }
}

impl Entries for Texts {
    type Entry = str;

    fn len(&self) -> usize {
        self.ends.len()
    }

    fn get(&self, at: usize) -> Option<&str> {
        let end = *self.ends.get(at)?;
        let start = at.checked_sub(1).and_then(|last| self.ends.get(last)).copied().unwrap_or(0);
        self.text.get(start..end)
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len());
    }

    fn bytes(&self) -> usize {
        self.text.capacity() + self.ends.capacity() * size_of::<usize>()
    }
}

impl Entries for Vec<i64> {
    type Entry = i64;

    fn len(&self) -> usize {
        self.len()
    }

    fn get(&self, at: usize) -> Option<&i64> {
        self.as_slice().get(at)
    }

    fn push(&mut self, number: &i64) {
        self.push(*number);
    }

    fn bytes(&self) -> usize {
        self.capacity() * size_of::<i64>()
    }

    fn goes_on(&self, number: &i64) -> bool {
        self.last().is_none_or(|last| last < number)
    }

    fn search(&self, among: usize, number: &i64) -> Option<usize> {
        let ordered = self.as_slice().get(..among)?;
        ordered.last().filter(|last| number <= *last)?;
        ordered.binary_search(number).ok()
    }
}

/// Numbers found by the hash of what they stand for, which is kept elsewhere. Open addressing over a power of two;
/// the hash is seeded, since customers choose what is hashed.
#[derive(Clone, Default)]
struct Index {
    slots: Vec<u32>,
    taken: usize,
}

const FREE: u32 = u32::MAX;

impl Index {
    fn find(&self, hash: u64, same: impl Fn(u32) -> bool) -> Option<u32> {
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
    fn insert(&mut self, hash: u64, id: u32) {
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
    fn is_full(&self) -> bool {
        (self.taken + 1) * 4 > self.slots.len() * 3
    }

    /// An empty one with twice the room.
    fn doubled(&self) -> Self {
        let room = (self.slots.len() * 2).max(16);
        Self { slots: vec![FREE; room], taken: 0 }
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

    fn bytes(&self) -> usize {
        self.slots.capacity() * size_of::<u32>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_change_no_number() {
        let mut texts = Dictionary::default();
        let mut earlier = vec![texts.clone()];
        for number in 0..700_u32 {
            assert_eq!(texts.intern(&format!("t{}", number * 7 % 701)), Some(number));
            if number % 5 == 0 || number % 13 == 0 {
                texts.settle();
                earlier.push(texts.clone());
            }
        }
        assert!(texts.settled.len() < 12, "{}", texts.settled.len());
        for number in 0..700_u32 {
            let text = format!("t{}", number * 7 % 701);
            assert_eq!((texts.get(number), texts.code(&text)), (Some(text.as_str()), Some(number)));
            assert_eq!(texts.intern(&text), Some(number));
        }
        assert_eq!((texts.get(700), texts.code("none"), texts.len()), (None, None, 700));
        assert_eq!(texts.iter().count(), 700);
        assert_eq!(texts.iter_from(690).next(), texts.get(690));
        let mut other = Dictionary::default();
        other.intern("t7");
        for one in earlier {
            assert!(texts.starts_with(&one));
            assert_eq!(one.starts_with(&texts), one.len() == texts.len());
            assert!(!texts.starts_with(&other) && one.starts_with(&one));
        }
    }
}
