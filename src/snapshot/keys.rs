//! From keys to rows and back.

use std::sync::Arc;

use super::dictionary::{Dictionary, Index};
use crate::value::{Key, Type};

/// The keys of a table by row: a key gets the next row when it is first seen, and keeps it in every later snapshot.
#[derive(Clone)]
pub(crate) enum Keys {
    Int(Arc<IntKeys>),
    /// The code of a key is its row.
    Text(Arc<Dictionary>),
}

#[derive(Clone, Default)]
pub(crate) struct IntKeys {
    keys: Vec<i64>,
    /// So many from the first on are ascending, and searched.
    // PERF: most tables come in the order of their keys; then a million keys need neither hashes nor 8 MB for them.
    ascending: usize,
    /// The rows of the others.
    index: Index,
}

impl Default for Keys {
    fn default() -> Self {
        Self::Int(Arc::default())
    }
}

impl Keys {
    /// No keys yet, of a key column's type.
    pub(crate) fn new(ty: &Type) -> Self {
        match ty {
            Type::Text => Self::Text(Arc::default()),
            _ => Self::Int(Arc::default()),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Int(keys) => keys.keys.len(),
            Self::Text(keys) => keys.len(),
        }
    }

    pub(crate) fn find(&self, key: &Key) -> Option<u32> {
        match key {
            Key::Int(key) => self.find_int(*key),
            Key::Text(key) => self.find_text(key),
        }
    }

    /// Keys that are numbers, by row.
    pub(super) fn ints(&self) -> &[i64] {
        match self {
            Self::Int(keys) => &keys.keys,
            Self::Text(_) => &[],
        }
    }

    pub(crate) fn find_int(&self, key: i64) -> Option<u32> {
        match self {
            Self::Int(keys) => keys.find(key),
            Self::Text(_) => None,
        }
    }

    pub(crate) fn find_text(&self, key: &str) -> Option<u32> {
        match self {
            Self::Int(_) => None,
            Self::Text(keys) => keys.code(key),
        }
    }

    pub(crate) fn key(&self, row: u32) -> Option<Key> {
        match self {
            Self::Int(keys) => keys.get(row).map(Key::Int),
            Self::Text(keys) => keys.get(row).map(Key::from),
        }
    }

    /// The row of the key, a new one if need be; `None` when there is no room for more.
    pub(crate) fn intern_int(&mut self, key: i64) -> Option<u32> {
        match self {
            Self::Int(keys) => keys.find(key).or_else(|| Arc::make_mut(keys).add(key)),
            Self::Text(_) => None,
        }
    }

    /// Like [`Keys::intern_int`].
    pub(crate) fn intern_text(&mut self, key: &str) -> Option<u32> {
        match self {
            Self::Int(_) => None,
            Self::Text(keys) => keys.code(key).or_else(|| Arc::make_mut(keys).intern(key)),
        }
    }

    /// Whether the rows of the other's keys are those keys' rows here, too.
    pub(crate) fn continues(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Int(own), Self::Int(other)) => {
                Arc::ptr_eq(own, other) || own.keys.starts_with(&other.keys)
            }
            (Self::Text(own), Self::Text(other)) => {
                Arc::ptr_eq(own, other) || own.starts_with(other)
            }
            (Self::Int(_), Self::Text(_)) | (Self::Text(_), Self::Int(_)) => false,
        }
    }

    /// The texts of text keys, whose codes are rows.
    pub(crate) fn dictionary(&self) -> Option<&Arc<Dictionary>> {
        match self {
            Self::Int(_) => None,
            Self::Text(keys) => Some(keys),
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Int(keys) => keys.keys.capacity() * size_of::<i64>() + keys.index.bytes(),
            Self::Text(keys) => keys.bytes(),
        }
    }
}

impl IntKeys {
    fn get(&self, row: u32) -> Option<i64> {
        usize::try_from(row).ok().and_then(|row| self.keys.get(row)).copied()
    }

    fn find(&self, key: i64) -> Option<u32> {
        let sorted = self.keys.get(..self.ascending).unwrap_or(&[]);
        if sorted.last().is_some_and(|last| key <= *last)
            && let Ok(row) = sorted.binary_search(&key)
        {
            return u32::try_from(row).ok();
        }
        if self.ascending == self.keys.len() {
            return None;
        }
        self.index.find(self.index.hash(&key), |row| self.get(row) == Some(key))
    }

    /// Adds a key that is not there.
    fn add(&mut self, key: i64) -> Option<u32> {
        if self.keys.len() >= Dictionary::MAX_LEN {
            return None;
        }
        let row = u32::try_from(self.keys.len()).ok()?;
        let goes_on = self.ascending == self.keys.len();
        let goes_on = goes_on && self.keys.last().is_none_or(|last| *last < key);
        self.keys.push(key);
        if goes_on {
            self.ascending += 1;
        } else if self.index.is_full() {
            let mut index = self.index.doubled();
            for (key, row) in self.keys.iter().zip(0..).skip(self.ascending) {
                index.insert(index.hash(key), row);
            }
            self.index = index;
        } else {
            self.index.insert(self.index.hash(&key), row);
        }
        Some(row)
    }
}
