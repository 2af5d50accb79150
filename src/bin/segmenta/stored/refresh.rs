//! `segmenta refresh`

use std::path::Path;

use segmenta::Store;

use super::failed;
use crate::{
    check::no_rules,
    eval::{as_of, load_into},
    failure::{Done, Failure, counted, note},
    progress::Line,
    project::Project,
    table::{Cell, Format, Table},
};

/// Load the data, bring every segment of the store up to date, and say who entered and who left
///
/// The store is written in one transaction: whatever happens, it is at the last refresh or at this one.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The day (its end) or the time of the refresh, after that of the last one; left out: now
    #[arg(long, value_name = "T")]
    as_of: Option<String>,
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Leave out rows of the data that have errors, and report them
    #[arg(long)]
    lenient: bool,
}

pub(crate) fn run(folder: Option<&Path>, args: &Args) -> Done {
    let as_of = as_of(args.as_of.as_deref())?;
    let project = Project::open_or_report(folder)?;
    let (path, keep) = project.store()?;
    let files = project.rule_files()?;
    if files.is_empty() {
        return Err(no_rules(folder));
    }
    let (builder, _) = project.rules(&files)?;
    let rules = builder.build().map_err(|error| failed(&error))?;
    rules.warnings().iter().for_each(note);
    let mut store = Store::open(path, &project.schema).map_err(|error| failed(&error))?;
    let data = store.snapshot().map_err(|error| failed(&error))?;
    let snapshot = load_into(&project, data, args.lenient)?;
    let mut engine = store.engine(rules, snapshot).map_err(|error| failed(&error))?;
    store.set_retention(keep).map_err(|error| failed(&error))?;
    let line = Line::new();
    engine.set_watch(line.watch());
    let refresh = store.refresh(&mut engine, as_of);
    drop(line);
    let refresh = refresh.map_err(|error| failed(&error))?;
    refresh.warnings().iter().for_each(note);
    refresh.failures().for_each(|(_, why)| note(why));
    let mut table = Table::new(&["segment", "members", "entered", "left"]);
    for change in refresh.changes() {
        table.row(vec![
            Cell::text(change.segment.as_ref()),
            Cell::Count(change.members),
            Cell::Count(change.entered.len()),
            Cell::Count(change.left.len()),
        ]);
    }
    table.print(args.format)?;
    match refresh.failures().count() {
        0 => Ok(()),
        failures => {
            let failures = counted(failures, "segment");
            Err(Failure::refused(format!(
                "{failures} could not be evaluated and kept the last members"
            )))
        }
    }
}
