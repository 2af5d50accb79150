//! Tables from `.csv` and `.csv.gz`.

use std::{
    borrow::Cow,
    fs::File,
    io::{self, BufRead as _, ErrorKind, Read},
    path::Path,
    str,
};

use flate2::read::MultiGzDecoder;

use super::{
    field::{FieldReader, pair},
    header::{Header, Source},
    records::{Records, Stop},
    watched::{Watched, len_of},
};
use crate::{
    diagnostic::Code,
    error::{Error, Result},
    schema::{Schema, Table, TableId},
    snapshot::{Cell, Origin, Problem, SnapshotBuilder, Spot, Writer, field_type},
    value::Type,
};

const START: Spot = Spot { line: 1, column: 1, end: 1 };

impl SnapshotBuilder {
    /// Adds the rows of a `.csv` file, or of a `.csv.gz` file by its ending, to a table.
    ///
    /// The first line names the columns, in any order; a column that the schema does not name is passed over. An empty
    /// field is missing. A `geo` column `home` is one column `home` with `lat;lon`, or two, `home_lat` and `home_lon`.
    ///
    /// - `bool`: `true`, `false`, `1`, `0`, in any case
    /// - `int`: `42`, `-12`, `+5`; `decimal(2)`: `10.99`, `-.5`; `float`: these and `1.5e-3`
    /// - `date`: `2026-11-01`; `datetime`: `2026-11-01T16:00:00`, also with a blank for the `T`, without seconds, with a
    ///   fraction of up to six digits, with `Z`, `+02:00`, `+0200` or `+02`; without these it is local
    /// - `set<…>`: elements separated by `;`
    ///
    /// Blanks around numbers, dates and truth values do not count; those of texts do.
    ///
    /// # Errors
    ///
    /// A table that the schema does not have, a file that cannot be opened or read ([`Error::is_io`]), and a reading that
    /// was cancelled. What is wrong with the data is reported by [`SnapshotBuilder::build`], with file, line and column.
    pub fn csv_file(&mut self, table: &str, path: impl AsRef<Path>) -> Result<()> {
        let (id, watch) = (self.find_table(table)?, self.watched());
        let path = path.as_ref();
        let name = path.display().to_string();
        let file = File::open(path).map_err(|error| Error::io(name.as_str(), error))?;
        let len = len_of(&file);
        let Ok(file) = Watched::new(file, len, table, &watch) else { return Err(self.cancelled()) };
        let is_packed = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gz"));
        let mut file = io::BufReader::with_capacity(1 << 16, file);
        let is_empty = match file.fill_buf() {
            Ok(bytes) => bytes.is_empty(),
            Err(_) if watch.check().is_err() => return Err(self.cancelled()),
            Err(error) => return Err(Error::io(name.as_str(), error)),
        };
        if is_packed && !is_empty {
            self.csv(id, &name, MultiGzDecoder::new(file), true)
        } else {
            self.csv(id, &name, file, false)
        }
    }

    /// Adds rows as [`SnapshotBuilder::csv_file`] does, from any reader of CSV text. Errors call it by `name`.
    ///
    /// # Errors
    ///
    /// As for [`SnapshotBuilder::csv_file`].
    pub fn csv_reader(&mut self, table: &str, name: &str, reader: impl Read) -> Result<()> {
        let (id, watch) = (self.find_table(table)?, self.watched());
        match Watched::new(reader, None, table, &watch) {
            Ok(reader) => self.csv(id, name, reader, false),
            Err(_) => Err(self.cancelled()),
        }
    }

    fn csv(&mut self, id: TableId, name: &str, reader: impl Read, is_packed: bool) -> Result<()> {
        let (schema, watch) = (self.schema().clone(), self.watched());
        let mut records = Records::new(reader);
        let mut writer = self.writer(id, Origin::File(name.into()));
        match read(&schema, id, name, &mut records, &mut writer) {
            Ok(()) => Ok(()),
            Err(_) if watch.check().is_err() => Err(self.cancelled()),
            Err(stop) => report(stop, name, is_packed, records.line(), &mut writer),
        }
    }
}

/// What ended the reading early.
fn report(
    stop: Stop,
    name: &str,
    is_packed: bool,
    line: u64,
    writer: &mut Writer<'_>,
) -> Result<()> {
    let is_damage = |error: &io::Error| {
        let damaged = [ErrorKind::InvalidInput, ErrorKind::InvalidData, ErrorKind::UnexpectedEof];
        is_packed && damaged.contains(&error.kind())
    };
    match stop {
        Stop::Io(error) if is_damage(&error) => {
            let spot = Spot { line, ..START };
            let message =
                "no gzip data from here on: damaged, cut off or never compressed".to_owned();
            writer.fault(Code::UnreadableData, spot, message, None);
        }
        Stop::Io(error) => return Err(Error::io(name, error)),
        Stop::OpenQuote { line, column } => {
            let message = "this quote is never closed".to_owned();
            let help = "write a quote inside quotes twice".to_owned();
            let spot = Spot { line, column, end: column + 1 };
            writer.fault(Code::UnclosedQuote, spot, message, Some(help));
        }
        Stop::TooLong { line } => {
            let message = "this line is too long, expected rows of fields".to_owned();
            writer.fault(Code::UnreadableData, Spot { line, ..START }, message, None);
        }
    }
    Ok(())
}

fn read<R: Read>(
    schema: &Schema,
    id: TableId,
    name: &str,
    records: &mut Records<R>,
    writer: &mut Writer<'_>,
) -> std::result::Result<(), Stop> {
    let table = schema.table(id);
    if !records.advance()? {
        let message = "the file is empty, expected a line with the names of columns".to_owned();
        writer.fault(Code::EmptyDataFile, START, message, None);
        return Ok(());
    }
    let Some(sources) = header(table, name, records, writer) else { return Ok(()) };
    let width = records.len();
    let types: Vec<Type> = table.columns.iter().map(|column| field_type(schema, column)).collect();
    let mut reader = FieldReader::new(schema.zone());
    while records.advance()? {
        if is_well_formed(records, width, writer) {
            for ((at, source), ty) in sources.iter().enumerate().zip(&types) {
                match source {
                    Source::Field(index) => {
                        let text = text(records, *index);
                        reader.put(writer, at, ty, &text, spot(records, *index));
                    }
                    Source::Pair(latitude, longitude) => {
                        let fields = (*latitude, *longitude);
                        put_pair(writer, at, records, fields);
                    }
                }
            }
        }
        let (line, column) = records.position(0);
        writer.end_row(Spot { line, column, end: column });
    }
    Ok(())
}

/// Finds the columns in the header; `None` when one is missing or named twice.
fn header<R: Read>(
    table: &Table,
    name: &str,
    records: &Records<R>,
    writer: &mut Writer<'_>,
) -> Option<Vec<Source>> {
    if str::from_utf8(records.bytes()).is_err() {
        let message = "the file is no text in UTF-8".to_owned();
        writer.fault(Code::UnreadableData, START, message, Some("save it as UTF-8".to_owned()));
        return None;
    }
    let names: Vec<String> =
        (0..records.len()).map(|index| text(records, index).trim().to_owned()).collect();
    if let [name] = names.as_slice()
        && table.columns.len() > 1
        && let Some(separator) = name.chars().find(|letter| matches!(letter, ';' | '\t' | '|'))
    {
        let message = "expected the names of columns with commas between them".to_owned();
        let separator = separator.escape_default();
        let help = format!("save the file with commas instead of `{separator}` between fields");
        writer.fault(Code::MissingDataColumn, START, message, Some(help));
        return None;
    }
    let header = Header { what: "the header", name, names: &names, start: START };
    header.sources(table, |index| spot(records, index), writer)
}

/// Whether the row is text, with the right number of fields.
fn is_well_formed<R: Read>(records: &Records<R>, width: usize, writer: &mut Writer<'_>) -> bool {
    if let Err(error) = records.utf8() {
        let (line, column) = records.position(error.valid_up_to());
        let message = "this is no text in UTF-8".to_owned();
        let (place, help) = (Spot { line, column, end: column + 1 }, "save it as UTF-8".to_owned());
        writer.problem(Code::UnreadableData, place, message, Some(help));
        return false;
    }
    if let Some(index) = records.broken() {
        let message = "something stands behind the closing quote, expected a comma".to_owned();
        let help = "write a quote inside quotes twice".to_owned();
        writer.problem(Code::BadField, spot(records, index), message, Some(help));
        return false;
    }
    let found = records.len();
    if found != width {
        let place = spot(records, width.min(found));
        let message = format!("expected {width} fields as in the header, found {found}");
        let help = "a text with a comma in it stands in quotes".to_owned();
        let help = (found > width).then_some(help);
        writer.problem(Code::WrongFieldCount, place, message, help);
        return false;
    }
    true
}

fn put_pair<R: Read>(
    writer: &mut Writer<'_>,
    column: usize,
    records: &Records<R>,
    (latitude, longitude): (usize, usize),
) {
    let texts = (text(records, latitude), text(records, longitude));
    let place = |index| spot(records, index);
    match (texts.0.trim().is_empty(), texts.1.trim().is_empty()) {
        (true, true) => writer.put(column, Ok(Cell::Missing), place(latitude)),
        (true, false) => writer.put(column, Err(Problem::Bad), place(latitude)),
        (false, true) => writer.put(column, Err(Problem::Bad), place(longitude)),
        (false, false) => writer.put(column, pair(&texts.0, &texts.1), place(latitude)),
    }
}

/// The text of a field of a record that is text.
fn text<R: Read>(records: &Records<R>, index: usize) -> Cow<'_, str> {
    let (bytes, has_quotes) = records.field(index);
    let text = str::from_utf8(bytes).unwrap_or("");
    if has_quotes { Cow::Owned(text.replace("\"\"", "\"")) } else { Cow::Borrowed(text) }
}

fn spot<R: Read>(records: &Records<R>, index: usize) -> Spot {
    let (line, column, end) = records.place(index);
    Spot { line, column, end }
}
