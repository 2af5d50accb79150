//! `segmenta customer`

use std::path::Path;

use segmenta::{EventKind, Key};

use super::{failed, reader, time, time_if_any};
use crate::{
    failure::Done,
    table::{Cell, Format, Table},
};

/// The segments of one customer
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[arg(value_name = "KEY")]
    key: String,
    /// When the customer entered and left segments, and why
    #[arg(long)]
    history: bool,
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

pub(crate) fn run(folder: Option<&Path>, args: &Args) -> Done {
    let reader = reader(folder)?;
    let key = match args.key.parse() {
        Ok(number) if !reader.has_text_keys() => Key::Int(number),
        _ => Key::from(args.key.as_str()),
    };
    if args.history {
        let mut table = Table::new(&["at", "segment", "event", "cause"]);
        for event in reader.customer_history(&key).map_err(|error| failed(&error))? {
            let (what, cause) = match event.kind {
                EventKind::Entered { cause, .. } => ("entered", cause),
                EventKind::Left { cause, .. } => ("left", cause),
                _ => continue,
            };
            table.row(vec![
                time(event.at),
                Cell::Text(event.segment),
                Cell::text(what),
                Cell::text(cause.to_string()),
            ]);
        }
        return table.print(args.format);
    }
    let mut table = Table::new(&["segment", "member", "since", "cause"]);
    for membership in reader.customer(&key).map_err(|error| failed(&error))? {
        let (since, cause) = membership.since.unzip();
        table.row(vec![
            Cell::Text(membership.segment),
            Cell::Flag(membership.member),
            time_if_any(since),
            cause.map_or(Cell::Unknown, |cause| Cell::text(cause.to_string())),
        ]);
    }
    table.print(args.format)
}
