//! What is found while data are read, and what the caller is told of it.

use std::{collections::HashMap, sync::Arc};

use crate::{
    diagnostic::{Code, Diagnostic, Location, Severity},
    error::Error,
};

/// How many errors are listed one by one.
const LISTED: usize = 1_000;

/// What a load has found, good and bad.
#[derive(Debug, Clone, Default)]
pub struct LoadReport {
    pub(super) warnings: Vec<Diagnostic>,
    /// Table, rows, rejected rows; in the order of the schema.
    pub(super) tables: Vec<(String, u64, u64)>,
}

impl LoadReport {
    /// Findings that did not refuse the load; after a lenient load also what was wrong with the rows left out.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// The rows of a table that were loaded; 0 where the schema has no such table.
    pub fn rows(&self, table: &str) -> u64 {
        self.find(table).0
    }

    /// The rows of a table that a lenient load left out; 0 where the schema has no such table.
    pub fn rejected(&self, table: &str) -> u64 {
        self.find(table).1
    }

    fn find(&self, table: &str) -> (u64, u64) {
        let found = self.tables.iter().find(|(name, ..)| name == table);
        found.map_or((0, 0), |(_, rows, rejected)| (*rows, *rejected))
    }
}

/// Where rows come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A file of this name; places are lines and columns.
    #[cfg_attr(
        not(any(feature = "csv", feature = "jsonl")),
        expect(dead_code, reason = "only files need it")
    )]
    File(Arc<str>),
    /// A file of this name that has no lines; a place is the number of the row, and of the column.
    #[cfg_attr(not(feature = "parquet"), expect(dead_code, reason = "only files need it"))]
    Table(Arc<str>),
    /// Rows pushed by a program, into the table of this name; a place is the number of the row, from 1.
    Rows(Arc<str>),
}

/// A place in an [`Origin`]; columns count from 1, `end` is exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) line: u64,
    pub(crate) column: usize,
    pub(crate) end: usize,
}

/// Collects findings up to a number.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(super) lenient: bool,
    refused: bool,
    listed: Vec<Diagnostic>,
    unlisted: u64,
    warnings: Vec<Diagnostic>,
}

impl Findings {
    /// Something wrong with one row, which a lenient load leaves out.
    pub(super) fn row(
        &mut self,
        code: Code,
        origin: &Origin,
        spot: Spot,
        text: (String, Option<String>),
    ) {
        let severity = if self.lenient { Severity::Warning } else { Severity::Error };
        self.refused |= !self.lenient;
        if self.listed.len() < LISTED {
            self.listed.push(diagnostic(code, severity, origin, spot, text));
        } else {
            self.unlisted += 1;
        }
    }

    /// Something wrong with a file or table as a whole, which refuses the load in any case.
    pub(crate) fn fault(
        &mut self,
        code: Code,
        origin: &Origin,
        spot: Spot,
        message: String,
        help: Option<String>,
    ) {
        self.refused = true;
        self.listed.push(diagnostic(code, Severity::Error, origin, spot, (message, help)));
    }

    pub(crate) fn warn(&mut self, code: Code, message: String) {
        let severity = Severity::Warning;
        self.warnings.push(Diagnostic {
            code,
            severity,
            message,
            help: None,
            location: None,
            used_at: None,
        });
    }

    pub(super) fn is_refused(&self) -> bool {
        self.refused
    }

    pub(super) fn refusal(self) -> Error {
        Error::diagnosed(self.all())
    }

    /// Everything found, in order of file and place.
    pub(super) fn all(mut self) -> Vec<Diagnostic> {
        sort(&mut self.listed);
        if self.unlisted > 0 {
            self.listed.push(Diagnostic {
                code: Code::MoreErrors,
                severity: if self.refused { Severity::Error } else { Severity::Warning },
                message: format!("{} more errors are not listed", self.unlisted),
                help: None,
                location: None,
                used_at: None,
            });
        }
        self.listed.append(&mut self.warnings);
        self.listed
    }
}

fn diagnostic(
    code: Code,
    severity: Severity,
    origin: &Origin,
    spot: Spot,
    (message, help): (String, Option<String>),
) -> Diagnostic {
    let line = usize::try_from(spot.line).unwrap_or(usize::MAX);
    let place = |file: &Arc<str>| Location {
        file: file.to_string(),
        line,
        column: spot.column,
        end_line: line,
        end_column: spot.end,
        excerpt: None,
    };
    let (message, location) = match origin {
        Origin::File(file) => (message, Some(place(file))),
        Origin::Table(file) if spot.line > 0 => {
            (format!("row {line}: {message}"), Some(place(file)))
        }
        Origin::Table(file) => (format!("`{file}`: {message}"), None),
        Origin::Rows(table) if spot.line > 0 => {
            (format!("row {line} of `{table}`: {message}"), None)
        }
        Origin::Rows(table) => (format!("the rows of `{table}`: {message}"), None),
    };
    Diagnostic { code, severity, message, help, location, used_at: None }
}

/// Files in the order of their first finding; what has no file keeps its place before them.
fn sort(found: &mut [Diagnostic]) {
    let mut files: HashMap<String, usize> = HashMap::new();
    for location in found.iter().filter_map(|one| one.location.as_ref()) {
        let next = files.len() + 1;
        files.entry(location.file.clone()).or_insert(next);
    }
    found.sort_by_key(|one| {
        one.location.as_ref().map_or((0, 0, 0), |location| {
            let file = files.get(&location.file).copied().unwrap_or(0);
            (file, location.line, location.column)
        })
    });
}

/// A number of rows in words.
pub(super) fn rows(count: u64) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{count} rows") }
}
