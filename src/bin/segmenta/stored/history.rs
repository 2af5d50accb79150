//! `segmenta history`

use std::path::Path;

use super::{failed, reader, time};
use crate::{
    eval::as_of,
    failure::{Done, print},
    table::{Cell, Format, Table},
};

/// What every refresh made of a segment, or who was in at a time
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[arg(value_name = "SEGMENT")]
    segment: String,
    /// The keys of those who were in at this time or at the end of this day, one a line
    #[arg(long, value_name = "T")]
    at: Option<String>,
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

pub(crate) fn run(folder: Option<&Path>, args: &Args) -> Done {
    let reader = reader(folder)?;
    if let Some(at) = &args.at {
        let keys = reader.members_at(&args.segment, as_of(Some(at))?);
        let keys = keys.map_err(|error| failed(&error))?;
        return print(&keys.iter().map(|key| format!("{key}\n")).collect::<String>());
    }
    let mut table = Table::new(&["as_of", "members", "entered", "left"]);
    for refresh in reader.history(&args.segment).map_err(|error| failed(&error))? {
        table.row(vec![
            time(refresh.as_of),
            Cell::Count(refresh.members),
            Cell::Count(refresh.entered),
            Cell::Count(refresh.left),
        ]);
    }
    table.print(args.format)
}
