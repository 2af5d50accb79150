//! One data file read to its end: what each column could be.

use std::{
    collections::{BTreeMap, HashSet},
    fs::File,
    hash::{BuildHasher, RandomState},
    io::{BufReader, Read},
    path::Path,
};

use chrono::{NaiveDate, NaiveDateTime};
use csv::StringRecord;

use crate::failure::{Done, Failure};

/// Values told apart by hash, so that links between files can be seen. One scan of all files has one hasher.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    /// The name of the file and what comes before its ending.
    pub(crate) file: String,
    pub(crate) stem: String,
    pub(crate) rows: usize,
    pub(crate) columns: Vec<Column>,
    /// What could not be used.
    pub(crate) notes: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// `false` for a name that a schema cannot have.
    pub(crate) usable: bool,
    pub(crate) present: usize,
    pub(crate) shape: Shape,
    /// The hashes of all values.
    pub(crate) distinct: HashSet<u64>,
    /// The values with their counts, as long as they are few.
    pub(crate) few: Option<BTreeMap<String, usize>>,
    /// The last day of a column of days or times.
    pub(crate) last: Option<NaiveDate>,
}

/// What all values so far have in common.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) bool: bool,
    pub(crate) int: bool,
    /// Fixed-point numbers, and the most digits before and after the point.
    pub(crate) decimal: bool,
    pub(crate) whole_digits: usize,
    pub(crate) scale: usize,
    pub(crate) float: bool,
    pub(crate) date: bool,
    pub(crate) datetime: bool,
    /// How many values have a `;` between letters or digits, and whether none has one elsewhere.
    pub(crate) lists: usize,
    pub(crate) clean_lists: bool,
}

/// More different values than this are not kept as text.
const FEW: usize = 8;

/// Reads a file. Errors in rows are for the load to tell; here such rows only teach nothing.
pub(crate) fn scan(path: &Path, stem: String, name: String, hasher: &RandomState) -> Done<Scan> {
    let file = File::open(path).map_err(|error| Failure::file(path, &error))?;
    let reader: Box<dyn Read> = if name.ends_with(".gz") {
        Box::new(flate2::read::MultiGzDecoder::new(BufReader::new(file)))
    } else {
        Box::new(file)
    };
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(reader);
    let mut scan = Scan { file: name, stem, ..Scan::default() };
    let failed = |error: csv::Error| match error.into_kind() {
        csv::ErrorKind::Io(error) => Failure::file(path, &error),
        _ => Failure::refused(format!("`{}` is not text in UTF-8", path.display())),
    };
    let headers = reader.headers().map_err(failed)?.clone();
    if headers.len() == 1
        && let Some(header) = headers.get(0)
        && let Some(separator) = header.chars().find(|c| matches!(c, ';' | '\t' | '|'))
    {
        let message = format!("`{}`: expected commas between the columns", path.display());
        let help = format!("save the file with commas instead of `{}`", separator.escape_default());
        return Err(Failure::refused(message).help(help));
    }
    let mut seen = HashSet::new();
    for header in headers.iter() {
        let header = header.strip_prefix('\u{feff}').unwrap_or(header);
        let usable = !header.is_empty() && !header.chars().any(|c| c.is_control() || c == '`');
        if !usable {
            scan.notes.push("a column without a usable name is left out".to_owned());
        } else if !seen.insert(header.to_owned()) {
            scan.notes.push(format!("the column `{header}` stands there twice"));
        }
        scan.columns.push(Column::new(header, usable));
    }
    let mut record = StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => return Ok(scan),
            Ok(true) => {}
            // A row that is no text teaches nothing.
            Err(error) if matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) => continue,
            Err(error) => return Err(failed(error)),
        }
        scan.rows += 1;
        for (column, field) in scan.columns.iter_mut().zip(&record) {
            if !field.is_empty() {
                column.learn(field, hasher);
            }
        }
    }
}

impl Column {
    fn new(name: &str, usable: bool) -> Self {
        Self {
            name: name.to_owned(),
            usable,
            present: 0,
            shape: Shape {
                bool: true,
                int: true,
                decimal: true,
                whole_digits: 1,
                scale: 0,
                float: true,
                date: true,
                datetime: true,
                lists: 0,
                clean_lists: true,
            },
            distinct: HashSet::new(),
            few: Some(BTreeMap::new()),
            last: None,
        }
    }

    fn learn(&mut self, field: &str, hasher: &RandomState) {
        self.present += 1;
        self.distinct.insert(hasher.hash_one(field));
        if let Some(few) = &mut self.few {
            *few.entry(field.to_owned()).or_insert(0) += 1;
            if few.len() > FEW {
                self.few = None;
            }
        }
        let shape = &mut self.shape;
        shape.bool =
            shape.bool && ["true", "false"].iter().any(|word| field.eq_ignore_ascii_case(word));
        shape.number(field);
        let day = (shape.date || shape.datetime).then(|| day_of(field));
        shape.date = shape.date && matches!(day, Some(Some((_, false))));
        // A date alone is read as the start of its day.
        shape.datetime = shape.datetime && matches!(day, Some(Some(_)));
        self.last = self.last.max(day.flatten().map(|(day, _)| day));
        shape.list(field);
    }

    /// Every row has a value of its own.
    pub(crate) fn is_unique(&self, rows: usize) -> bool {
        rows > 0 && self.present == rows && self.distinct.len() == rows
    }
}

impl Shape {
    /// `-12`, `12.50`, `1e-3`. Leading zeros are kept, so such a value is a text.
    fn number(&mut self, field: &str) {
        if !(self.int || self.decimal || self.float) {
            return;
        }
        let digits = field.strip_prefix('-').unwrap_or(field);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let plain = !whole.is_empty()
            && all_digits(whole)
            && (whole == "0" || !whole.starts_with('0'))
            && all_digits(fraction)
            && !digits.ends_with('.');
        self.int = self.int && plain && fraction.is_empty() && field.parse::<i64>().is_ok();
        self.whole_digits = self.whole_digits.max(whole.len());
        self.scale = self.scale.max(fraction.len());
        self.decimal = self.decimal && plain;
        let scientific = || {
            field.starts_with(|c: char| c.is_ascii_digit() || c == '-')
                && field.parse::<f64>().is_ok_and(f64::is_finite)
                && digits.contains(['e', 'E'])
        };
        self.float = self.float && (plain || scientific());
    }

    fn list(&mut self, field: &str) {
        if !field.contains(';') {
            return;
        }
        let clean = |part: &str| !part.is_empty() && part.trim() == part && part.len() <= 40;
        self.clean_lists = self.clean_lists && field.split(';').all(clean);
        self.lists += 1;
    }
}

/// The day of a date (`false`) or a datetime (`true`).
fn day_of(field: &str) -> Option<(NaiveDate, bool)> {
    let text = field.get(..10)?;
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    // chrono reads shorter forms too.
    if day.format("%Y-%m-%d").to_string() != text {
        return None;
    }
    let rest = field.get(10..)?;
    if rest.is_empty() {
        return Some((day, false));
    }
    let time = rest.strip_prefix(['T', ' '])?;
    let time = time.strip_suffix('Z').unwrap_or_else(|| without_offset(time));
    let whole = format!("{text}T{time}");
    // Instants are counted in microseconds.
    if time.split_once('.').is_some_and(|(_, fraction)| fraction.len() > 6) {
        return None;
    }
    let known = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"];
    known
        .iter()
        .any(|form| NaiveDateTime::parse_from_str(&whole, form).is_ok())
        .then_some((day, true))
}

/// A time without `+02:00` at its end.
fn without_offset(time: &str) -> &str {
    let offset = time.len().checked_sub(6).and_then(|at| time.split_at_checked(at));
    let is_offset = |offset: &str| {
        let bytes: Vec<u8> = offset.bytes().collect();
        matches!(bytes.as_slice(), [b'+' | b'-', a, b, b':', c, d]
            if [a, b, c, d].iter().all(|digit| digit.is_ascii_digit()))
    };
    offset.filter(|(_, offset)| is_offset(offset)).map_or(time, |(time, _)| time)
}
