//! From keys to rows and back.

use std::{borrow::Cow, sync::Arc};

use super::dictionary::{Dictionary, Layered, settle};
use crate::value::{Key, Type};

/// The keys of a table by row: a key gets the next row when it is first seen, and keeps it in every later snapshot.
#[derive(Clone)]
pub(crate) enum Keys {
    Int(Arc<IntKeys>),
    /// The code of a key is its row.
    Text(Arc<Dictionary>),
}

pub(crate) type IntKeys = Layered<Vec<i64>>;

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
            Self::Int(keys) => keys.len(),
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
    pub(super) fn ints(&self) -> Cow<'_, [i64]> {
        match self {
            Self::Int(keys) => match keys.whole() {
                Some(keys) => Cow::Borrowed(keys),
                None => keys.iter().copied().collect(),
            },
            Self::Text(_) => Cow::Borrowed(&[]),
        }
    }

    /// The key of a row that is a number.
    pub(super) fn int(&self, row: u32) -> Option<i64> {
        match self {
            Self::Int(keys) => keys.get(row).copied(),
            Self::Text(_) => None,
        }
    }

    pub(crate) fn find_int(&self, key: i64) -> Option<u32> {
        match self {
            Self::Int(keys) => keys.find(&key),
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
            Self::Int(keys) => keys.get(row).copied().map(Key::Int),
            Self::Text(keys) => keys.get(row).map(Key::from),
        }
    }

    /// The row of the key, a new one if need be; `None` when there is no room for more.
    pub(crate) fn intern_int(&mut self, key: i64) -> Option<u32> {
        match self {
            Self::Int(keys) => keys.find(&key).or_else(|| Arc::make_mut(keys).add(&key)),
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

    /// Whether both are one and the same.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Int(own), Self::Int(other)) => Arc::ptr_eq(own, other),
            (Self::Text(own), Self::Text(other)) => Arc::ptr_eq(own, other),
            (Self::Int(_), Self::Text(_)) | (Self::Text(_), Self::Int(_)) => false,
        }
    }

    /// Has later snapshots share what there is.
    pub(super) fn settle(&mut self) {
        match self {
            Self::Int(keys) => settle(keys),
            Self::Text(keys) => settle(keys),
        }
    }

    /// Whether the rows of the other's keys are those keys' rows here, too.
    pub(crate) fn continues(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Int(own), Self::Int(other)) => Arc::ptr_eq(own, other) || own.starts_with(other),
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
            Self::Int(keys) => keys.bytes(),
            Self::Text(keys) => keys.bytes(),
        }
    }
}
