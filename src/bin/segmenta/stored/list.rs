//! `segmenta list`

use std::path::Path;

use chrono_tz::Tz;
use clap::ValueEnum;
use segmenta::{SegmentKind, SegmentStatus};

use super::{failed, reader, time, time_if_any};
use crate::{
    failure::{Done, Failure},
    table::{Cell, Format, Table},
};

/// The segments of the store
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only segments with so many members or more
    #[arg(long, value_name = "N")]
    min: Option<u64>,
    /// Only segments with so many members or fewer
    #[arg(long, value_name = "N")]
    max: Option<u64>,
    /// Only segments whose first refresh was on this day, in the schema's time zone, or later
    #[arg(long, value_name = "D")]
    created_since: Option<String>,
    /// Only segments of this kind
    #[arg(long, value_name = "K")]
    kind: Option<Kind>,
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    Static,
    Dynamic,
    /// Of either, those that are not calculated at present
    Inactive,
}

pub(crate) fn run(folder: Option<&Path>, args: &Args) -> Done {
    let since = args.created_since.as_deref().map(|day| {
        day.parse::<chrono::NaiveDate>().map_err(|_| {
            Failure::usage(format!("`--created-since`: `{day}` is not a date"))
                .help("write a date, as `2026-11-01`")
        })
    });
    let since = since.transpose()?;
    let reader = reader(folder)?;
    // INVARIANT: a schema has a zone that exists.
    let zone: Tz = reader.schema().timezone().parse().unwrap_or(Tz::UTC);
    let segments = reader.segments().map_err(|error| failed(&error))?;
    let mut table =
        Table::new(&["segment", "title", "kind", "status", "members", "created", "formed"]);
    for segment in segments {
        let kind = match segment.kind {
            SegmentKind::Static => Kind::Static,
            _ => Kind::Dynamic,
        };
        if args.min.is_some_and(|min| segment.members < min)
            || args.max.is_some_and(|max| segment.members > max)
            || since.is_some_and(|since| segment.created.with_timezone(&zone).date_naive() < since)
            || args.kind.is_some_and(|wanted| match wanted {
                Kind::Inactive => segment.status != SegmentStatus::Inactive,
                wanted => wanted != kind,
            })
        {
            continue;
        }
        let status = match segment.status {
            SegmentStatus::Inactive => "inactive",
            SegmentStatus::Failed(_) => "failed",
            _ => "ready",
        };
        table.row(vec![
            Cell::Text(segment.name),
            segment.title.map_or(Cell::Unknown, Cell::Text),
            Cell::text(if kind == Kind::Static { "static" } else { "dynamic" }),
            Cell::text(status),
            Cell::Count(segment.members),
            time(segment.created),
            time_if_any(segment.formed),
        ]);
    }
    table.print(args.format)
}
