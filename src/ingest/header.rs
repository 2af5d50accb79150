//! Which column of the data is which column of a table.

use std::collections::HashMap;

use super::ignored::note_ignored;
use crate::{
    diagnostic::Code,
    schema::Table,
    snapshot::{Spot, Writer},
    value::Type,
};

/// Where a column's fields come from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source {
    Field(usize),
    /// Latitude and longitude.
    Pair(usize, usize),
}

/// The names of the columns that data comes with.
pub(super) struct Header<'a> {
    /// `the header`, `the file`.
    pub(super) what: &'a str,
    /// What is called by this name ignores columns.
    pub(super) name: &'a str,
    pub(super) names: &'a [String],
    /// Where the file begins.
    pub(super) start: Spot,
}

impl Header<'_> {
    /// The source of each of the table's columns; `None` when one is missing or named twice.
    pub(super) fn sources(
        &self,
        table: &Table,
        spot: impl Fn(usize) -> Spot,
        writer: &mut Writer<'_>,
    ) -> Option<Vec<Source>> {
        let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
        let names = self.names.iter().enumerate();
        names.for_each(|(at, name)| places.entry(name).or_default().push(at));
        let mut used = vec![false; self.names.len()];
        let mut is_whole = true;
        let mut find = |name: &str, writer: &mut Writer<'_>| {
            let found = places.get(name)?;
            if let [_, again, ..] = found.as_slice() {
                is_whole = false;
                let message = format!("{} names column `{name}` twice", self.what);
                writer.fault(Code::DuplicateHeader, spot(*again), message, None);
            }
            found.iter().for_each(|at| {
                if let Some(used) = used.get_mut(*at) {
                    *used = true;
                }
            });
            found.first().copied()
        };
        let mut sources = Vec::new();
        let mut missing = Vec::new();
        for column in &table.columns {
            if let Some(at) = find(&column.name, writer) {
                sources.push(Source::Field(at));
                continue;
            }
            let halves = (format!("{}_lat", column.name), format!("{}_lon", column.name));
            let found = match column.ty {
                Type::Geo => (find(&halves.0, writer), find(&halves.1, writer)),
                _ => (None, None),
            };
            match found {
                (Some(latitude), Some(longitude)) => {
                    sources.push(Source::Pair(latitude, longitude));
                }
                (Some(_), None) => missing.push(halves.1),
                (None, Some(_)) => missing.push(halves.0),
                (None, None) => missing.push(column.name.clone()),
            }
        }
        for column in &missing {
            let message =
                format!("{} has no column `{column}`, which table `{}` has", self.what, table.name);
            let help = "add the column to the file, or take it out of the schema".to_owned();
            writer.fault(Code::MissingDataColumn, self.start, message, Some(help));
        }
        if !is_whole || !missing.is_empty() {
            return None;
        }
        let ignored = self.names.iter().zip(used).filter(|(_, used)| !*used).map(|(name, _)| name);
        note_ignored(ignored, self.name, table, writer);
        Some(sources)
    }
}
