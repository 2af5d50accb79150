//! What is wrong, where, and what to do about it.

mod code;
mod render;
mod source;
mod suggest;

pub use code::{Code, UnknownCode, reference};
pub(crate) use source::{SourceId, Sources, Span};
pub(crate) use suggest::{did_you_mean, nearest};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// The rules or data are used all the same.
    Warning,
    /// The rules or data are refused.
    Error,
}

/// A place in a file, for people: lines and columns count from 1, columns in characters; the end is exclusive.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Location {
    /// The name the file was given.
    pub file: String,
    /// The line where it starts.
    pub line: usize,
    /// The column where it starts.
    pub column: usize,
    /// The line where it ends.
    pub end_line: usize,
    /// The column after its last character.
    pub end_column: usize,
    /// The first line, where it may be shown: data files never have one.
    pub(crate) excerpt: Option<Excerpt>,
}

/// A line, or the part of a long one around a place, without control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Excerpt {
    pub(crate) text: String,
    /// The characters of the line in front of the part.
    pub(crate) skipped: usize,
}

impl Excerpt {
    /// The greatest number of characters shown.
    pub(crate) const WIDTH: usize = 160;
}

/// One finding about rules, a schema or data.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// The permanent code.
    pub code: Code,
    /// Error or warning.
    pub severity: Severity,
    /// What is wrong, in plain words.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Where it is, if it has a place.
    pub location: Option<Location>,
    /// Where the `let` is used in whose body the place is; one such use, where there are several.
    pub used_at: Option<Location>,
}

/// A finding before its span has become a [`Location`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) code: Code,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
    pub(crate) span: Span,
    /// Where the `let` is used in whose body the place is.
    pub(crate) used_at: Option<Span>,
}

impl Finding {
    pub(crate) fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), help: None, span, used_at: None }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
