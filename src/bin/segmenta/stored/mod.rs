//! The commands that work on a store.

pub(crate) mod customer;
pub(crate) mod export;
pub(crate) mod history;
pub(crate) mod list;
pub(crate) mod refresh;

use std::path::Path;

use chrono::{DateTime, SecondsFormat, Utc};
use segmenta::StoreReader;

use crate::{
    failure::{Done, Failure},
    project::Project,
    table::Cell,
};

/// The store of a project, for reading.
fn reader(folder: Option<&Path>) -> Done<StoreReader> {
    let project = Project::open_or_report(folder)?;
    StoreReader::open(project.store()?.0, &project.schema).map_err(|error| Failure::of(&error))
}

/// As it can be written behind `--at`.
fn time(at: DateTime<Utc>) -> Cell {
    Cell::Text(at.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

fn time_if_any(at: Option<DateTime<Utc>>) -> Cell {
    at.map_or(Cell::Unknown, time)
}

/// What the store refused; names and keys that it does not have are those of the command line.
fn failed(error: &segmenta::Error) -> Failure {
    let asked = |found: &segmenta::Diagnostic| matches!(found.code.as_str(), "E1306" | "E1308");
    let failure = Failure::of(error);
    if error.diagnostics().iter().any(asked) { failure.of_usage() } else { failure }
}
