//! A project folder: the schema, where the data is, and the rule files.

use std::{
    fmt,
    fs::{self, File},
    io::{self, Read},
    num::NonZeroU64,
    ops::Range,
    path::{Path, PathBuf},
};

use segmenta::{
    Diagnostic, Error, Limits, Rules, RulesBuilder, Schema, SnapshotBuilder, sql::Mapping,
};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::failure::{Done, Failure, note};

/// The name of the file with the schema.
pub(crate) const SCHEMA_FILE: &str = "segmenta.toml";

/// A project whose schema has been read.
pub(crate) struct Project {
    folder: PathBuf,
    /// The path of the schema file, as it is shown.
    file: PathBuf,
    text: String,
    pub(crate) schema: Schema,
}

/// A rule file: the path it was read from, which is its name, and what is in it.
pub(crate) struct RuleFile {
    pub(crate) path: PathBuf,
    pub(crate) bytes: Vec<u8>,
}

/// Why a project could not be opened.
pub(crate) enum NotOpened {
    /// The schema has errors.
    Schema(Vec<Diagnostic>),
    Failure(Failure),
}

/// The endings of data files.
const READ: [&str; 4] = [".csv", ".csv.gz", ".jsonl", ".parquet"];

/// Reads a data file by its ending.
pub(crate) fn read_data(data: &mut SnapshotBuilder, table: &str, path: &Path) -> Result<(), Error> {
    let ending = path.extension().and_then(|ending| ending.to_str());
    match ending {
        Some("jsonl") => data.jsonl_file(table, path),
        Some("parquet") => data.parquet_file(table, path),
        _ => data.csv_file(table, path),
    }
}

pub(crate) const NOT_TEXT: &str = "this file is not text in UTF-8";

/// The bytes of a file as text, or the line and column of the first that is none. NUL stands in no text.
pub(crate) fn text_of(bytes: &[u8]) -> Result<&str, (usize, usize)> {
    let (text, whole) = match str::from_utf8(bytes) {
        Ok(text) => (text, true),
        Err(error) => {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            (str::from_utf8(before).unwrap_or_default(), false)
        }
    };
    let before = match text.split_once('\0') {
        Some((before, _)) => before,
        None if whole => return Ok(text),
        None => text,
    };
    let line = before.rsplit('\n').next().unwrap_or_default();
    Err((before.matches('\n').count() + 1, line.chars().count() + 1))
}

impl RuleFile {
    pub(crate) fn name(&self) -> String {
        self.path.display().to_string()
    }
}

impl Project {
    /// Reads the schema of a project folder, the current one when none is given.
    pub(crate) fn open(folder: Option<&Path>) -> Result<Self, NotOpened> {
        let file = within(folder, Path::new(SCHEMA_FILE));
        let bytes = fs::read(&file).map_err(|error| {
            let failure = Failure::file(&file, &error);
            NotOpened::Failure(if error.kind() == io::ErrorKind::NotFound {
                failure.help(
                    "name a project folder with `-C DIR`, or write one with `segmenta init DIR`",
                )
            } else {
                failure
            })
        })?;
        let text = match text_of(&bytes) {
            Ok(text) => text.to_owned(),
            Err((line, column)) => {
                let place = format!("{}:{line}:{column}", file.display());
                let failure = Failure::refused(format!("{NOT_TEXT}\n --> {place}"));
                return Err(NotOpened::Failure(failure.help("save it as UTF-8")));
            }
        };
        let schema = Schema::from_toml(&text).map_err(|error| refused(&error, &file))?;
        let folder = folder.map_or_else(PathBuf::new, Path::to_path_buf);
        Ok(Self { folder, file, text, schema })
    }

    /// As [`Project::open`], with errors of the schema on standard error.
    pub(crate) fn open_or_report(folder: Option<&Path>) -> Done<Self> {
        Self::open(folder).map_err(|not_opened| match not_opened {
            NotOpened::Failure(failure) => failure,
            NotOpened::Schema(found) => {
                found.iter().for_each(note);
                Failure::refused("")
            }
        })
    }

    /// What tables and columns are called in a database.
    pub(crate) fn names(&self) -> Done<Mapping> {
        Mapping::from_toml(&self.text, &self.schema).map_err(|error| {
            match refused(&error, &self.file) {
                NotOpened::Failure(failure) => failure,
                NotOpened::Schema(found) => {
                    found.iter().for_each(note);
                    Failure::refused("")
                }
            }
        })
    }

    /// The rule files of the folder, sorted by name.
    pub(crate) fn rule_files(&self) -> Done<Vec<RuleFile>> {
        let folder = (!self.folder.as_os_str().is_empty()).then_some(self.folder.as_path());
        rule_paths(folder)?.into_iter().map(read_rules).collect()
    }

    /// These rule files and those that they use, ready to be checked; and how many they use.
    pub(crate) fn rules(&self, files: &[RuleFile]) -> Done<(RulesBuilder, usize)> {
        let mut builder = Rules::builder(&self.schema).root(&self.folder.display().to_string());
        for file in files {
            builder = builder.bytes(file.name(), &file.bytes);
        }
        let mut used = 0;
        let load = |path: &str| {
            let bytes = read_bytes(Path::new(path))?;
            used += 1;
            Ok(bytes)
        };
        let builder = builder.load_with(load).map_err(|error| Failure::of(&error))?;
        Ok((builder, used))
    }

    /// The path of a file in the folder of the project or below, as the project's files begin.
    pub(crate) fn path_inside(&self, whole: &Path) -> Option<PathBuf> {
        let folder = within(Some(&self.folder), Path::new(".")).canonicalize().ok()?;
        Some(self.folder.join(whole.strip_prefix(folder).ok()?))
    }

    /// Entries of `[data]` for tables that the schema does not define.
    pub(crate) fn unknown_tables(&self) -> Done<Vec<Problem>> {
        Ok(self.unknown_among(data_entries(&self.root()?)))
    }

    /// Whether the project says where its data is.
    pub(crate) fn has_data(&self) -> Done<bool> {
        Ok(data_entries(&self.root()?).is_some())
    }

    /// The data file of every table, in the order of the schema.
    pub(crate) fn data_files(&self) -> Done<Vec<(String, PathBuf)>> {
        let root = self.root()?;
        let entries = data_entries(&root);
        let mut problems = self.unknown_among(entries);
        let mut files = Vec::new();
        for table in self.schema.table_names() {
            let Some(entry) = entries.and_then(|entries| entries.get(table)) else {
                let message = format!("`[data]` has no file for the table `{table}`");
                let help = format!("add `{table} = \"{table}.csv\"` below `[data]`");
                problems.push(self.problem("E0705", None, message, help));
                continue;
            };
            let (message, help) = match entry.get_ref().as_str() {
                Some(path) if READ.iter().any(|ending| path.ends_with(ending)) => {
                    files.push((table.to_owned(), self.folder.join(path)));
                    continue;
                }
                Some(path) => (
                    format!("the data file `{path}` is of a kind that cannot be read"),
                    "files that end in `.csv`, `.csv.gz`, `.jsonl` or `.parquet` can be read",
                ),
                None => {
                    (format!("`{table}` must be the path of a data file"), "write it in quotes")
                }
            };
            problems.push(self.problem("E0701", Some(entry.span()), message, help.to_owned()));
        }
        problems.iter().for_each(note);
        if problems.is_empty() { Ok(files) } else { Err(Failure::refused("")) }
    }

    /// Where the store is, and how many refreshes it keeps; `None` for all.
    pub(crate) fn store(&self) -> Done<(PathBuf, Option<NonZeroU64>)> {
        let root = self.root()?;
        let store = root.get("store").and_then(|store| store.get_ref().as_table());
        let mut problems = Vec::new();
        for (key, value) in store.into_iter().flatten() {
            let (key, span) = (key.get_ref(), Some(key.span()));
            let path = value.get_ref().as_str().is_some();
            let number = value.get_ref().as_integer();
            let keep = number.is_some_and(|number| number.as_str().parse::<NonZeroU64>().is_ok());
            let (code, message, help) = match key.as_ref() {
                "path" if path => continue,
                "keep" if keep => continue,
                "path" => ("E0701", "`path` must be the path of the store", "write it in quotes"),
                "keep" => (
                    "E0701",
                    "`keep` must be the number of refreshes that the store keeps",
                    "write a number from 1 on, or leave it out to keep all",
                ),
                _ => ("E0702", "", "`[store]` has `path` and `keep`"),
            };
            let unknown = format!("`[store]` has no `{key}`");
            let message = if message.is_empty() { unknown } else { message.to_owned() };
            problems.push(self.problem(code, span, message, help.to_owned()));
        }
        let field = |name: &str| store.and_then(|store| store.get(name));
        let path = field("path").and_then(|path| path.get_ref().as_str());
        if field("path").is_none() {
            let message = "`[store]` has no `path`".to_owned();
            let help = "add `path = \"segments.redb\"` below `[store]`".to_owned();
            problems.push(self.problem("E0705", None, message, help));
        }
        let keep = field("keep").and_then(|keep| keep.get_ref().as_integer());
        problems.iter().for_each(note);
        match path {
            Some(path) if problems.is_empty() => {
                let keep = keep.and_then(|keep| keep.as_str().parse().ok());
                Ok((self.folder.join(path), keep))
            }
            _ => Err(Failure::refused("")),
        }
    }

    fn root(&self) -> Done<DeTable<'_>> {
        let root =
            DeTable::parse(&self.text).map_err(|error| Failure::refused(error.to_string()))?;
        Ok(root.into_inner())
    }

    fn unknown_among(&self, entries: Option<&DeTable<'_>>) -> Vec<Problem> {
        let tables = entries.into_iter().flat_map(|entries| entries.keys());
        let unknown = tables.filter(|table| !self.schema.has_table(table.get_ref()));
        let told = unknown.map(|table| {
            let name: &str = table.get_ref();
            let help = self.schema.nearest_table(name).map_or_else(
                || "define it in the schema, or leave it out".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            let message = format!("`[data]` names the unknown table `{name}`");
            self.problem("E0706", Some(table.span()), message, help)
        });
        told.collect()
    }

    fn problem(
        &self,
        code: &'static str,
        range: Option<Range<usize>>,
        message: String,
        help: String,
    ) -> Problem {
        let place = range.map(|range| (self.place(range.start), self.place(range.end)));
        Problem { code, file: self.file.display().to_string(), place, message, help }
    }

    /// The line and column of an offset.
    fn place(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        (before.matches('\n').count() + 1, line.chars().count() + 1)
    }
}

/// What `[data]` holds.
fn data_entries<'r, 't>(root: &'r DeTable<'t>) -> Option<&'r DeTable<'t>> {
    root.get("data").map(Spanned::get_ref).and_then(DeValue::as_table)
}

/// An error of `[data]`, laid out like the diagnostics of the library.
pub(crate) struct Problem {
    pub(crate) code: &'static str,
    pub(crate) file: String,
    /// Line and column of its start and its end.
    pub(crate) place: Option<((usize, usize), (usize, usize))>,
    pub(crate) message: String,
    pub(crate) help: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error[{}]: {}\n --> {}", self.code, self.message, self.file)?;
        if let Some(((line, column), _)) = self.place {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, "\n  = help: {}", self.help)
    }
}

/// A path inside the project folder.
pub(crate) fn within(folder: Option<&Path>, path: &Path) -> PathBuf {
    folder.map_or_else(|| path.to_path_buf(), |folder| folder.join(path))
}

/// A file that was named: one of the current folder, else one of the project folder.
pub(crate) fn named(folder: Option<&Path>, path: &Path) -> PathBuf {
    let inside = within(folder, path);
    if !path.exists() && inside.exists() { inside } else { path.to_path_buf() }
}

/// The rule files of a folder, sorted by name. Folders inside are not read.
pub(crate) fn rule_paths(folder: Option<&Path>) -> Done<Vec<PathBuf>> {
    let place = folder.unwrap_or(Path::new("."));
    let failed = |error: io::Error| Failure::file(place, &error);
    let mut names = Vec::new();
    for entry in fs::read_dir(place).map_err(failed)? {
        let name = PathBuf::from(entry.map_err(failed)?.file_name());
        let path = within(folder, &name);
        if name.extension().is_some_and(|ending| ending == "seg") && !path.is_dir() {
            names.push(path);
        }
    }
    names.sort();
    Ok(names)
}

pub(crate) fn read_rules(path: PathBuf) -> Done<RuleFile> {
    let bytes = read_bytes(&path).map_err(|error| Failure::file(&path, &error))?;
    Ok(RuleFile { path, bytes })
}

/// Reads a rule file, and little more of it than the limit, so that a huge one is refused by its size.
fn read_bytes(path: &Path) -> io::Result<Vec<u8>> {
    let limit = u64::try_from(Limits::default().file_bytes).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Findings of the schema under the path of the file.
fn refused(error: &Error, file: &Path) -> NotOpened {
    let mut found = error.diagnostics().to_vec();
    if found.is_empty() {
        return NotOpened::Failure(Failure::of(error));
    }
    for location in found.iter_mut().filter_map(|found| found.location.as_mut()) {
        location.file = file.display().to_string();
    }
    NotOpened::Schema(found)
}
