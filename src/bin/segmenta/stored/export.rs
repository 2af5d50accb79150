//! `segmenta export`

use std::{
    error, fs, io,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use segmenta::{Error, Export, Key, Snapshot};

use super::{failed, reader};
use crate::{
    eval::load,
    failure::{Done, Failure, counted, note},
    project::Project,
};

/// Write the members of a segment with their columns
///
/// Members are those of the store's last refresh, columns those of the data now. A member whom the data do not have any
/// more has a row with nothing but the key.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The segment
    #[arg(long, value_name = "NAME")]
    segment: String,
    /// Columns of the customers, as `name,home_store.region`; left out, all of them
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    columns: Option<Vec<String>>,
    /// The file: CSV, JSON lines or Parquet by `.csv`, `.jsonl` or `.parquet`; left out, CSV on standard output
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// In CSV, write texts as they are, also those that a spreadsheet would run as a formula
    #[arg(long)]
    raw: bool,
    /// Leave out rows of the data that have errors, and report them
    #[arg(long)]
    lenient: bool,
}

pub(crate) fn run(folder: Option<&Path>, args: &Args) -> Done {
    let mut export = form(args.to.as_deref())?.raw(args.raw);
    if let Some(columns) = &args.columns {
        export = export.columns(columns.iter().map(|column| column.trim()));
    }
    let keys = reader(folder)?.members(&args.segment).map_err(|error| failed(&error))?;
    let project = Project::open_or_report(folder)?;
    let data = load(&project, args.lenient)?;
    let gone = keys.len().saturating_sub(usize::try_from(data.select(&keys).len()).unwrap_or(0));
    match &args.to {
        Some(path) => to_file(&data, keys, &export, path)?,
        None => data.export_keys(keys, &export, BufWriter::new(io::stdout())).map_err(|error| {
            match io_error(&error) {
                Some(error) => Failure::output(error),
                None => Failure::of(&error),
            }
        })?,
    }
    if gone > 0 {
        let (have, rows) = if gone == 1 { ("is", "row has") } else { ("are", "rows have") };
        let members = counted(gone, "member");
        note(format_args!("{members} {have} not in the data any more; the {rows} only the key"));
    }
    Ok(())
}

fn form(to: Option<&Path>) -> Done<Export> {
    let Some(path) = to else { return Ok(Export::csv()) };
    let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    match ending.as_deref() {
        Some("csv") => Ok(Export::csv()),
        Some("jsonl") => Ok(Export::jsonl()),
        Some("parquet") => Ok(Export::parquet()),
        _ => {
            let message = format!("`--to`: `{}` has no ending that is known", path.display());
            Err(Failure::usage(message).help("end it in `.csv`, `.jsonl` or `.parquet`"))
        }
    }
}

/// Writes beside the file and moves it there when it is whole; what is no file, as a pipe, is written to.
fn to_file(data: &Snapshot, keys: Vec<Key>, export: &Export, path: &Path) -> Done {
    let is_other = fs::metadata(path).is_ok_and(|found| !found.is_file());
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let target = if is_other { path.to_path_buf() } else { PathBuf::from(beside) };
    let file_failed = |error: &io::Error| Failure::file(path, error);
    let mut writer = Lazy { path: &target, file: None };
    let written = data
        .export_keys(keys, export, &mut writer)
        .map_err(|error| io_error(&error).map_or_else(|| Failure::of(&error), file_failed));
    let begun = writer.file.take().is_some();
    let done = match written {
        Ok(()) if is_other => return Ok(()),
        Ok(()) => fs::rename(&target, path).map_err(|error| file_failed(&error)),
        Err(failure) => Err(failure),
    };
    if done.is_err() && begun && !is_other {
        // What is left of it would be no export.
        let _ = fs::remove_file(&target);
    }
    done
}

fn io_error(error: &Error) -> Option<&io::Error> {
    error::Error::source(error)?.downcast_ref()
}

/// A file that is made when there is something to write.
struct Lazy<'a> {
    path: &'a Path,
    file: Option<BufWriter<fs::File>>,
}

impl Lazy<'_> {
    fn open(&mut self) -> io::Result<&mut BufWriter<fs::File>> {
        let file = match self.file.take() {
            Some(file) => file,
            None => BufWriter::new(fs::File::create(self.path)?),
        };
        Ok(self.file.insert(file))
    }
}

impl Write for Lazy<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.open()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.open()?.flush()
    }
}
