//! `segmenta catalog`

use std::path::Path;

use clap::ValueEnum;
use segmenta::{
    SegmentKind, Severity, Value,
    catalog::{Catalog, Column, Contents, Kind, ValueCount},
};

use crate::{
    eval::load,
    failure::{Done, Failure, note, print},
    project::Project,
    table::{Cell, Format, Table},
};

/// List what rules may name: tables, columns, operators, values with counts
///
/// Values of columns with many different ones, such as names of customers, are counted and not listed. Without `[data]`
/// in the schema file, or with --schema-only, nothing is counted.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[arg(value_enum, default_value = "columns", value_name = "PART")]
    part: Part,
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// List the values of columns with at most so many different ones
    #[arg(long, value_name = "N", default_value_t = 100)]
    distinct: usize,
    /// Of these values, list only the N most frequent
    #[arg(long, value_name = "N")]
    top: Option<usize>,
    /// Read no data
    #[arg(long)]
    schema_only: bool,
    /// Leave out rows of the data that have errors, and report them
    #[arg(long)]
    lenient: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Every column: its type, what takes it, what it holds
    Columns,
    /// Every table: what it is, its rows
    Tables,
    /// The segments of the rules
    Segments,
    /// The `let`s of the rules
    Lets,
    /// The operators of the language
    Operators,
    /// Conditions of conditions, days and instants
    Forms,
    /// The functions and aggregates of the language
    Functions,
    /// The words of the language
    Words,
    /// Everything in one document, with --format json
    All,
}

pub(crate) fn run(folder: Option<&Path>, args: &Args) -> Done {
    if args.part == Part::All && args.format != Format::Json {
        let failure = Failure::usage("`catalog all` is a document and no table");
        return Err(failure.help("add `--format json`, or name one part"));
    }
    let project = Project::open_or_report(folder)?;
    let catalog = catalog(&project, args)?;
    let table = match args.part {
        Part::Columns => columns(&catalog),
        Part::Tables => tables(&catalog),
        Part::Segments => segments(&catalog),
        Part::Lets => lets(&catalog),
        Part::Operators => operators(&catalog),
        Part::Forms => forms(&catalog),
        Part::Functions => functions(&catalog),
        Part::Words => words(&catalog),
        Part::All => {
            let text = serde_json::to_string_pretty(&catalog);
            return print(&(text.map_err(|error| Failure::refused(error.to_string()))? + "\n"));
        }
    };
    table.print(args.format)
}

/// Only what the part needs is read.
fn catalog(project: &Project, args: &Args) -> Done<Catalog> {
    let needs_data = matches!(args.part, Part::Columns | Part::Tables | Part::All);
    let needs_rules = matches!(args.part, Part::Segments | Part::Lets | Part::All);
    let mut catalog = Catalog::builder(&project.schema).most_distinct(args.distinct);
    catalog = catalog.most_listed(args.top.unwrap_or(usize::MAX));
    if needs_data && !args.schema_only {
        if project.has_data()? {
            catalog = catalog.snapshot(&load(project, args.lenient)?);
        } else {
            note("no values are counted: the schema file has no `[data]`");
        }
    }
    if needs_rules {
        let (rules, _) = project.rules(&project.rule_files()?)?;
        if rules.check().iter().any(|found| found.severity == Severity::Error) {
            note(
                "the rules have errors, which `segmenta check` shows; names are listed all the same",
            );
        }
        catalog = catalog.rules(&rules);
    }
    catalog.build().map_err(|error| Failure::of(&error))
}

fn columns(catalog: &Catalog) -> Table {
    let mut rows = Table::new(&[
        "table",
        "column",
        "type",
        "nullable",
        "roles",
        "references",
        "missing",
        "distinct",
        "min",
        "max",
        "declared",
        "values",
        "operators",
        "functions",
        "aggregates",
    ]);
    for table in &catalog.tables {
        for column in &table.columns {
            rows.row(column_row(&table.name, column));
        }
    }
    for column in &catalog.computed {
        rows.row(column_row("customers", column));
    }
    rows
}

fn column_row(table: &str, column: &Column) -> Vec<Cell> {
    let contents = column.contents.as_ref();
    let number =
        |of: fn(&Contents) -> Option<u64>| contents.and_then(of).map_or(Cell::Unknown, Cell::Count);
    let range = contents.and_then(|contents| serde_json::to_value(contents.range.as_ref()?).ok());
    let bound = |name: &str| {
        let bound = range.as_ref().and_then(|range| range.get(name));
        bound.map_or(Cell::Unknown, Cell::of_json)
    };
    let roles: Vec<String> = column.roles.iter().filter_map(serialised).collect();
    vec![
        Cell::text(table),
        Cell::text(&column.name),
        Cell::text(column.ty.to_string()),
        Cell::Flag(column.nullable),
        Cell::names(&roles),
        column.references.as_ref().map_or(Cell::Unknown, Cell::text),
        number(|contents| Some(contents.missing)),
        number(|contents| contents.distinct),
        bound("min"),
        bound("max"),
        Cell::names(&column.declared),
        contents.map_or(Cell::Unknown, |contents| values(&contents.values)),
        Cell::names(&column.operators),
        Cell::names(&column.functions),
        Cell::names(&column.aggregates),
    ]
}

/// In a table for people the five most frequent ones.
fn values(values: &[ValueCount]) -> Cell {
    const SHORT: usize = 5;
    let texts: Vec<(String, u64)> =
        values.iter().map(|each| (plain(&each.value), each.count)).collect();
    let mut short: Vec<String> =
        texts.iter().take(SHORT).map(|(value, count)| format!("{value} ({count})")).collect();
    if let Some(more @ 1..) = texts.len().checked_sub(SHORT) {
        short.push(format!("{more} more"));
    }
    let full: Vec<String> =
        texts.iter().map(|(value, count)| format!("{value} ({count})")).collect();
    Cell::Parts {
        short: short.join(", "),
        full: full.join("; "),
        json: serde_json::to_string(values).unwrap_or_default(),
    }
}

fn tables(catalog: &Catalog) -> Table {
    let mut rows = Table::new(&["table", "kind", "of", "rows", "columns", "aggregates"]);
    for table in &catalog.tables {
        let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        rows.row(vec![
            Cell::text(&table.name),
            Cell::text(serialised(&table.kind).unwrap_or_default()),
            table.of.as_ref().map_or(Cell::Unknown, Cell::text),
            table.rows.map_or(Cell::Unknown, Cell::Count),
            Cell::names(&columns),
            Cell::names(&table.aggregates),
        ]);
    }
    rows
}

fn segments(catalog: &Catalog) -> Table {
    let mut rows = Table::new(&["segment", "title", "kind", "status"]);
    for segment in &catalog.segments {
        rows.row(vec![
            Cell::text(&segment.name),
            Cell::text(segment.title.as_deref().unwrap_or_default()),
            Cell::text(if segment.kind == SegmentKind::Static { "static" } else { "dynamic" }),
            Cell::text(if segment.inactive { "inactive" } else { "active" }),
        ]);
    }
    rows
}

fn lets(catalog: &Catalog) -> Table {
    let mut rows = Table::new(&["let", "parameters"]);
    for each in &catalog.lets {
        rows.row(vec![Cell::text(&each.name), Cell::names(&each.parameters)]);
    }
    rows
}

fn operators(catalog: &Catalog) -> Table {
    let mut rows = Table::new(&["operator", "syntax", "takes", "customers_only"]);
    for each in catalog.language.operators {
        let (name, syntax) = (Cell::text(each.name), Cell::text(each.syntax));
        rows.row(vec![name, syntax, Cell::names(each.kinds), Cell::Flag(each.customers_only)]);
    }
    rows
}

fn forms(catalog: &Catalog) -> Table {
    let mut rows = Table::new(&["form", "gives"]);
    for each in catalog.language.forms {
        rows.row(vec![Cell::text(each.syntax), Cell::text(each.gives)]);
    }
    rows
}

fn functions(catalog: &Catalog) -> Table {
    let mut rows = Table::new(&["function", "syntax", "takes", "result", "customers_only"]);
    let mut row = |name: &str, syntax: &str, takes: &[Kind], result: Option<Kind>, only: bool| {
        let result = result.map_or(Cell::Unknown, |result| Cell::text(result.to_string()));
        let (name, syntax) = (Cell::text(name), Cell::text(syntax));
        rows.row(vec![name, syntax, Cell::names(takes), result, Cell::Flag(only)]);
    };
    for each in catalog.language.functions {
        row(each.name, each.syntax, each.kinds, each.result, each.customers_only);
    }
    for each in catalog.language.aggregates {
        row(each.name, each.syntax, each.kinds, each.result, true);
    }
    rows
}

fn words(catalog: &Catalog) -> Table {
    let mut rows = Table::new(&["word", "kind"]);
    let language = &catalog.language;
    for (kind, words) in [
        ("reserved", language.reserved),
        ("keyword", language.keywords),
        ("metadata", language.metadata),
        ("unit of time", language.time_units),
        ("unit of distance", language.distance_units),
    ] {
        for word in words {
            rows.row(vec![Cell::text(*word), Cell::text(kind)]);
        }
    }
    rows
}

/// The name under which a part of the catalogue is serialised.
fn serialised(part: &impl serde::Serialize) -> Option<String> {
    serde_json::to_value(part).ok()?.as_str().map(str::to_owned)
}

/// Only such values are listed.
fn plain(value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Text(value) => value.clone(),
        _ => String::new(),
    }
}
