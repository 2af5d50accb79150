//! What the tests, benches and fuzz targets of this crate reach. No part of the public API: it may change or go with
//! any version.

use crate::{
    diagnostic::{Finding, SourceId},
    limits::Limits,
    syntax::{Erase, Parsed, parse_file, print_file},
};

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
    if written.tree == read.tree {
        Ok(printed)
    } else {
        Err(format!("the printed text says something else:\n{printed}"))
    }
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
