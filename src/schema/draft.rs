//! A schema as it was written, before its names are settled.

use super::{predict::DraftPredict, rfm::DraftRfm};
use crate::diagnostic::Span;

/// A text and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) span: Span,
}

/// What may be left out.
#[derive(Debug, Clone, Default)]
pub(super) enum Field<T> {
    #[default]
    Absent,
    /// Of the wrong kind, which is reported already.
    #[cfg_attr(not(feature = "toml"), expect(dead_code, reason = "a program cannot write it"))]
    Wrong,
    Given(T),
}

#[derive(Debug)]
pub(super) struct Draft {
    /// Where something that is missing is missing.
    pub(super) span: Span,
    pub(super) timezone: Option<Word>,
    pub(super) leap_day: Option<Word>,
    /// In the order of the schema; the customers anywhere.
    pub(super) tables: Vec<DraftTable>,
    pub(super) rfm: Option<DraftRfm>,
    pub(super) predict: Option<DraftPredict>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Customers,
    Rows,
    Lookup,
}

#[derive(Debug)]
pub(super) struct DraftTable {
    pub(super) name: Word,
    pub(super) kind: Kind,
    /// Not written at all, which is reported already.
    pub(super) absent: bool,
    pub(super) key: Option<Word>,
    pub(super) created: Option<Word>,
    pub(super) customer: Option<Word>,
    pub(super) time: Option<Word>,
    pub(super) parent: Option<Word>,
    pub(super) parent_key: Option<Word>,
    pub(super) columns: Vec<DraftColumn>,
}

#[derive(Debug)]
pub(super) struct DraftColumn {
    pub(super) name: Word,
    /// The spelling of the schema file; `None` where it was left out or is no text, which is reported already.
    pub(super) ty: Option<Word>,
    pub(super) required: bool,
    pub(super) values: Option<Values>,
}

#[derive(Debug)]
pub(super) struct Values {
    pub(super) items: Vec<Word>,
    pub(super) span: Span,
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            span: Span::NONE,
            timezone: None,
            leap_day: None,
            tables: Vec::new(),
            rfm: None,
            predict: None,
        }
    }
}

impl<T> Field<T> {
    pub(super) fn given(&self) -> Option<&T> {
        match self {
            Self::Given(value) => Some(value),
            Self::Absent | Self::Wrong => None,
        }
    }
}

impl Word {
    /// A text that was written in a program.
    pub(super) fn unplaced(text: impl Into<String>) -> Self {
        Self { text: text.into(), span: Span::NONE }
    }
}

impl DraftTable {
    pub(super) fn new(name: Word, kind: Kind) -> Self {
        Self {
            name,
            kind,
            absent: false,
            key: None,
            created: None,
            customer: None,
            time: None,
            parent: None,
            parent_key: None,
            columns: Vec::new(),
        }
    }

    /// What stands for the customers where they were left out.
    pub(super) fn absent_customers() -> Self {
        Self { absent: true, ..Self::new(Word::unplaced("customers"), Kind::Customers) }
    }
}
