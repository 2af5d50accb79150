//! `segmenta sql`

use std::path::Path;

use segmenta::sql::{Dialect, Statement};

use crate::{
    check::no_rules,
    eval::as_of,
    failure::{Done, Failure, print},
    project::Project,
};

/// Write all segments as one statement for a database
///
/// The statement returns rows (segment, key). What the dialect cannot say exactly is refused. Tables and columns have
/// the names of the schema, or those that `[sql]` in `segmenta.toml` maps them to.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// duckdb, postgres, clickhouse, spark, datafusion or sqlite
    #[arg(long, value_name = "DIALECT")]
    dialect: String,
    /// The day (its end) or the time of the evaluation, as 2026-11-01 or 2026-11-01T16:00; left out: now
    #[arg(long, value_name = "T")]
    as_of: Option<String>,
    /// Only this segment; may be given several times
    #[arg(long = "segment", value_name = "NAME")]
    segments: Vec<String>,
}

pub(crate) fn run(folder: Option<&Path>, args: &Args) -> Done {
    let dialect = args.dialect.parse::<Dialect>().map_err(|unknown| {
        Failure::usage(format!("`--dialect`: `{}` is no dialect", args.dialect))
            .help(unknown.to_string())
    })?;
    let as_of = as_of(args.as_of.as_deref())?;
    let project = Project::open_or_report(folder)?;
    let files = project.rule_files()?;
    if files.is_empty() {
        return Err(no_rules(folder));
    }
    let (builder, _) = project.rules(&files)?;
    let rules = builder.build().map_err(|error| Failure::of(&error))?;
    let statement = Statement::new(&rules, dialect).mapping(project.names()?);
    let statement = args.segments.iter().fold(statement, Statement::segment);
    print(&statement.at(as_of).map_err(|error| Failure::of(&error))?)
}
