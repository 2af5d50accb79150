//! `segmenta init`: a project out of data files, by guesses that are told.

mod guess;
mod rfm;
mod scan;
mod seg;
mod toml;

use std::{
    fs::{self, File},
    hash::RandomState,
    io::{self, Write},
    path::{Path, PathBuf},
};

use segmenta::{Schema, Snapshot};

use self::guess::Guess;
use crate::{
    failure::{Done, Failure, counted, note, print},
    project::{Project, SCHEMA_FILE, rule_paths, within},
};

const RULES_FILE: &str = "segments.seg";

/// Write a schema and first rules for the data files of a folder
///
/// Reads every `*.csv` and `*.csv.gz` of the folder to the end, guesses tables, types, keys and links, and writes
/// `segmenta.toml` and `segments.seg`. A schema that is there already is left alone. Other commands read `*.jsonl` and
/// `*.parquet` too; their tables are yours to add to the schema.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder with the data files
    #[arg(value_name = "DIR")]
    directory: Option<PathBuf>,
    /// Only print the part `[rfm]` of a schema, with the groups of a preset: standard, ten, four or three
    #[arg(long, value_name = "PRESET", num_args = 0..=1, default_missing_value = "standard")]
    rfm: Option<String>,
}

pub(crate) fn run(folder: Option<&Path>, args: &Args) -> Done {
    let directory = args.directory.as_deref().or(folder).unwrap_or(Path::new("."));
    if let Some(preset) = &args.rfm {
        let has_schema = within(Some(directory), Path::new(SCHEMA_FILE)).exists();
        let project = has_schema.then(|| Project::open_or_report(Some(directory))).transpose()?;
        return rfm::print_part(project.as_ref(), preset);
    }
    let schema_file = within(Some(directory), Path::new(SCHEMA_FILE));
    if schema_file.exists() {
        let message = format!("`{}` exists already", schema_file.display());
        return Err(Failure::usage(message).help("edit it, or move it away and start anew"));
    }
    let files = data_files(directory)?;
    if files.is_empty() {
        let message = format!("`{}` has no data files that can be looked at", directory.display());
        let help =
            "put `customers.csv`, `orders.csv` and so on there, or write the schema yourself";
        return Err(Failure::refused(message).help(help));
    }
    let hasher = RandomState::new();
    let mut tables = Vec::new();
    for (stem, name) in files {
        let path = within(Some(directory), Path::new(&name));
        tables.push(scan::scan(&path, stem, name, &hasher)?);
    }
    let guess = guess::guess(tables).map_err(|message| {
        Failure::refused(message).help("call the file with one row a customer `customers.csv`, and give it a column `customer_id`")
    })?;
    let text = toml::schema(&guess);
    let schema = Schema::from_toml(&text).map_err(|error| Failure::of(&error))?;
    create(&schema_file, &text)?;
    let rules_written = write_rules(directory, &guess)?;
    print(&summary(&guess, directory, rules_written))?;
    try_out(directory, &guess, &schema);
    Ok(())
}

/// The data files of a folder, sorted, by what comes before the ending.
fn data_files(directory: &Path) -> Done<Vec<(String, String)>> {
    let failed = |error: io::Error| Failure::file(directory, &error);
    let mut files: Vec<(String, String)> = Vec::new();
    let mut names = Vec::new();
    for entry in fs::read_dir(directory).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if let Ok(name) = entry.file_name().into_string() {
            names.push((name, entry.path().is_dir()));
        }
    }
    names.sort();
    for (name, is_folder) in names {
        if [".jsonl", ".parquet"].iter().any(|ending| name.ends_with(ending)) && !is_folder {
            note(format_args!(
                "note: `{name}` is left out: only `.csv` and `.csv.gz` are looked at; add its table to the schema"
            ));
        }
        let stem = name.strip_suffix(".csv.gz").or_else(|| name.strip_suffix(".csv"));
        let Some(stem) = stem.filter(|stem| !stem.is_empty() && !is_folder) else { continue };
        if files.iter().any(|(other, _)| other == stem) {
            note(format_args!("note: `{name}` is left out: there is another file of that name"));
        } else {
            files.push((stem.to_owned(), name.clone()));
        }
    }
    Ok(files)
}

/// Writes first rules, unless the folder has rules.
fn write_rules(directory: &Path, guess: &Guess) -> Done<bool> {
    if !rule_paths(Some(directory))?.is_empty() {
        return Ok(false);
    }
    create(&within(Some(directory), Path::new(RULES_FILE)), &seg::rules(guess))?;
    Ok(true)
}

fn create(path: &Path, text: &str) -> Done {
    let created = File::create_new(path).and_then(|mut file| file.write_all(text.as_bytes()));
    created.map_err(|error| Failure::file(path, &error))
}

/// What was found and guessed.
fn summary(guess: &Guess, directory: &Path, rules_written: bool) -> String {
    let mut text = String::new();
    for table in &guess.tables {
        let scan = &table.scan;
        text.push_str(&format!(
            "{}: {}, table `{}`\n",
            scan.file,
            counted(scan.rows, "row"),
            table.name
        ));
        for line in &table.told {
            text.push_str(&format!("  {line}\n"));
        }
    }
    for (file, why) in &guess.unused {
        text.push_str(&format!("{file}: not used, {why}\n"));
    }
    let shown = |name: &str| within(Some(directory), Path::new(name)).display().to_string();
    text.push_str(&format!("\nwrote {}\n", shown(SCHEMA_FILE)));
    if rules_written {
        text.push_str(&format!("wrote {}\n", shown(RULES_FILE)));
    } else {
        text.push_str("left the rules alone that are there already\n");
    }
    let folder = directory.display();
    let day = guess.last_day().map(|day| format!(" --as-of {day}")).unwrap_or_default();
    text.push_str(&format!("next: segmenta -C {folder} check; segmenta -C {folder} eval{day}\n"));
    text
}

/// Loads the data once with the schema that was written, so that their errors are known.
fn try_out(directory: &Path, guess: &Guess, schema: &Schema) {
    let load = || {
        let mut builder = Snapshot::builder(schema);
        for table in &guess.tables {
            builder.csv_file(&table.name, within(Some(directory), Path::new(&table.scan.file)))?;
        }
        builder.build()
    };
    if let Err(error) = load() {
        note(format_args!(
            "{error}\n\nnote: the data have errors; `eval --lenient` leaves such rows out"
        ));
    }
}
