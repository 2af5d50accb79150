//! What the tests, benches and fuzz targets of this crate reach. No part of the public API: it may change or go with
//! any version.

use std::ops::Range;

use crate::{
    Axis, Engine, Key, NextChange, Result, Value,
    diagnostic::{Code, Finding, SourceId},
    limits::Limits,
    syntax::{Erase, Parsed, parse_condition, parse_file, print_expr, print_file},
};

/// [`Engine::next_change`] with other work than a search may usually be: so many customers are evaluated.
///
/// # Errors
/// As that.
pub fn next_change_within(engine: &Engine, segment: &str, work: u64) -> Result<NextChange> {
    engine.next_change_within(segment, work)
}

/// Of each customer who exists, the values that a question reads, worked out customer by customer from the text: those of
/// its measures in their order, then what divides the customers; a month is a year and a month.
///
/// # Errors
/// As [`Engine::axis`].
pub fn axis_values(engine: &Engine, axis: &Axis) -> Result<Vec<(Key, Vec<Option<Value>>)>> {
    engine.axis_reference(axis)
}

/// What is wrong with the text of a rule file as far as the grammar goes: the codes and the bytes they mark.
pub fn grammar_of_file(text: &str) -> Vec<(Code, Range<usize>)> {
    marks(&parse_file(SourceId(0), text, &Limits::default()))
}

/// The same of the text of one condition.
pub fn grammar_of_condition(text: &str) -> Vec<(Code, Range<usize>)> {
    marks(&parse_condition(SourceId(0), text, &Limits::default()))
}

/// Parses a rule file, prints the tree and parses that: the printed text, if both trees say the same.
///
/// # Errors
/// What is wrong with the text, or with the printer.
pub fn round_trip(text: &str) -> Result<String, String> {
    let mut written = parse_file(SourceId(0), text, &Limits::default());
    refuse_findings("the text", &written)?;
    let printed = print_file(&written.tree);
    let mut read = parse_file(SourceId(1), &printed, &Limits::default());
    refuse_findings("the printed text", &read)?;
    written.tree.erase();
    read.tree.erase();
    said_the_same(written.tree == read.tree, printed)
}

/// [`round_trip`] of one condition.
///
/// # Errors
/// What is wrong with the text, or with the printer.
pub fn round_trip_condition(text: &str) -> Result<String, String> {
    let mut written = parse_condition(SourceId(0), text, &Limits::default());
    refuse_findings("the text", &written)?;
    let printed = print_expr(&written.tree);
    let mut read = parse_condition(SourceId(1), &printed, &Limits::default());
    refuse_findings("the printed text", &read)?;
    written.tree.erase();
    read.tree.erase();
    said_the_same(written.tree == read.tree, printed)
}

fn said_the_same(same: bool, printed: String) -> Result<String, String> {
    if same {
        Ok(printed)
    } else {
        Err(format!("the printed text says something else:\n{printed}"))
    }
}

fn marks<T>(parsed: &Parsed<T>) -> Vec<(Code, Range<usize>)> {
    let offset = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
    let mark = |found: &Finding| (found.code, offset(found.span.start)..offset(found.span.end));
    parsed.findings.iter().map(mark).collect()
}

fn refuse_findings<T>(what: &str, parsed: &Parsed<T>) -> Result<(), String> {
    let shown = |found: &Finding| {
        format!("\n{} {}..{} {}", found.code, found.span.start, found.span.end, found.message)
    };
    if parsed.findings.is_empty() {
        return Ok(());
    }
    Err(format!("{what} has errors:{}", parsed.findings.iter().map(shown).collect::<String>()))
}

/// What a store can be kept in beside a file.
#[cfg(feature = "store")]
pub use redb::{BackendError, StorageBackend, backends::FileBackend};

/// A store on another storage than a file, which is given anew whenever it is opened, under a name to show.
///
/// # Errors
/// As [`Store::open`](crate::Store::open).
#[cfg(feature = "store")]
pub fn store_on<B: StorageBackend>(
    backend: impl Fn() -> B + Send + Sync + 'static,
    name: &std::path::Path,
    schema: &crate::schema::Schema,
) -> crate::error::Result<crate::store::Store> {
    crate::store::Store::with_backend(backend, name, schema)
}
