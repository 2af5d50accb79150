//! Members with columns of the customers, in the forms that data are read from.
//!
//! [`columns`] finds the columns, and the rows come one after the other in the order of the keys; a [`Sink`] for each
//! form writes them. Nothing is kept but the order of the rows.

mod columns;
#[cfg(feature = "csv")]
mod csv;
#[cfg(feature = "csv")]
mod formula;
#[cfg(feature = "jsonl")]
mod jsonl;
#[cfg(feature = "parquet")]
mod parquet;
mod order;
mod text;

use std::io::Write;

use crate::{
    error::{Error, Result},
    segment::Members,
    snapshot::{Row, Snapshot},
    value::{Key, Value},
};
use columns::{Exported, resolve};
use order::by_key;

/// How members are written: the form, and which columns of the customers stand in it.
///
/// Values are written as the readers of data read them back: dates as `2026-11-01`, datetimes in UTC as
/// `2026-11-01T16:00:00Z`, decimals exactly, places as `lat;lon`. A missing value is an empty field of CSV, and `null`
/// in the other forms. A set is `red;blue` in CSV, and a list in the other forms.
///
/// ```
/// # #[cfg(feature = "csv")]
/// # fn main() -> segmenta::Result<()> {
/// use segmenta::{AsOf, Engine, Export, Rules, Schema, Snapshot, Type, Value};
///
/// let schema = Schema::builder()
///     .timezone("Europe/Stockholm")
///     .customers("id").column("id", Type::Int).column("name", Type::Text).column("points", Type::Int)
///     .build()?;
/// let mut data = Snapshot::builder(&schema);
/// for (id, name, points) in [(2, "=1+1", 40), (1, "Åsa", 90)] {
///     data.push("customers", [
///         ("id", Some(Value::Int(id))),
///         ("name", Some(Value::Text(name.to_owned()))),
///         ("points", Some(Value::Int(points))),
///     ])?;
/// }
/// let rules = Rules::parse(&schema, "segment some { include points > 10 }")?;
/// let mut engine = Engine::new(rules, data.build()?)?;
/// engine.refresh("2026-11-01".parse::<AsOf>().unwrap())?;
///
/// let mut file = Vec::new();
/// let Some(some) = engine.select("some") else { panic!() };
/// some.export(&Export::csv().columns(["name"]), &mut file)?;
/// assert_eq!(String::from_utf8_lossy(&file), "id,name\n1,Åsa\n2,'=1+1\n");
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "csv"))]
/// # fn main() {}
/// ```
#[derive(Debug, Clone)]
pub struct Export {
    form: Form,
    /// `None` takes all of the customers' columns.
    columns: Option<Vec<String>>,
    raw: bool,
}

#[derive(Debug, Clone, Copy)]
enum Form {
    #[cfg(feature = "csv")]
    Csv,
    #[cfg(feature = "jsonl")]
    Jsonl,
    #[cfg(feature = "parquet")]
    Parquet,
}

impl Export {
    /// Comma-separated values: one line a member below a line with the names of the columns.
    ///
    /// A text that a spreadsheet would run as a formula gets a `'` in front of it; see [`raw`](Self::raw).
    #[cfg(feature = "csv")]
    pub fn csv() -> Self {
        Self::new(Form::Csv)
    }

    /// One JSON object a line. Decimals are numbers with all their digits.
    #[cfg(feature = "jsonl")]
    pub fn jsonl() -> Self {
        Self::new(Form::Jsonl)
    }

    /// A Parquet file, with texts as `Utf8`, decimals as `Decimal128`, days as `Date32`, instants as microseconds in UTC,
    /// and sets as lists.
    #[cfg(feature = "parquet")]
    pub fn parquet() -> Self {
        Self::new(Form::Parquet)
    }

    fn new(form: Form) -> Self {
        Self { form, columns: None, raw: false }
    }

    /// Writes these columns of the customers, in this order, each once. The key column comes first where it is not among
    /// them. `home_store.region` is a column of the row that the reference `home_store` leads to; the reference alone is
    /// the key of that row. Without this, all columns of the customers are written in the order of the schema.
    #[must_use]
    pub fn columns(mut self, columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.columns = Some(columns.into_iter().map(Into::into).collect());
        self
    }

    /// Whether texts are written to CSV as they are, also those that a spreadsheet would run as a formula: for programs
    /// that read the file back. Without it a `'` stands in front of a text that begins with `=`, `+`, `-` or `@`, the
    /// full-width forms of these among them and blanks in front of them left aside, or with a tab or a line break; and
    /// in front of what begins so behind a `;`, a tab or a line break within a text, where some spreadsheets begin a new
    /// cell. Keys that are texts and names of columns are texts too; numbers stay numbers. Other forms are never changed.
    #[must_use]
    pub fn raw(mut self, raw: bool) -> Self {
        self.raw = raw;
        self
    }

    fn write(
        &self,
        snapshot: &Snapshot,
        rows: impl Iterator<Item = (Key, Option<u32>)>,
        mut writer: impl Write + Send,
    ) -> Result<()> {
        let columns = resolve(snapshot.schema(), self.columns.as_deref())?;
        match self.form {
            #[cfg(feature = "csv")]
            Form::Csv => {
                let sink = csv::Csv::new(&mut writer, &columns, self.raw)?;
                pass(snapshot, &columns, rows, sink)
            }
            #[cfg(feature = "jsonl")]
            Form::Jsonl => pass(snapshot, &columns, rows, jsonl::Jsonl::new(&mut writer, &columns)),
            #[cfg(feature = "parquet")]
            Form::Parquet => {
                let sink = parquet::Parquet::new(&mut writer, &columns)?;
                pass(snapshot, &columns, rows, sink)
            }
        }?;
        writer.flush().map_err(failed)
    }
}

impl Members<'_> {
    /// Writes these customers, ascending by key, with columns of the data they were found in. Whoever has been deleted
    /// there since has a row with nothing but the key.
    ///
    /// Members are written one after the other; beside what the writer keeps, memory holds 16 bytes a member for their
    /// order.
    ///
    /// # Errors
    /// When a column does not exist (`E0201`) or is reached through one that is no reference (`E0205`), before anything is
    /// written; when an element of a set has a `;`, which CSV has no way to say; and when the writer fails
    /// ([`Error::is_io`]).
    pub fn export(&self, export: &Export, writer: impl Write + Send) -> Result<()> {
        let snapshot = self.snapshot();
        let rows = by_key(self.bitmap(), snapshot).into_iter();
        let rows = rows.filter_map(|row| Some((snapshot.key_at(row)?, Some(row))));
        export.write(snapshot, rows, writer)
    }
}

impl Snapshot {
    /// Writes the customers of these keys, ascending and each once, as [`Members::export`] does: for members that come
    /// from elsewhere, such as a store. A key that the data do not have has a row with nothing but the key.
    ///
    /// # Errors
    /// As [`Members::export`]; and when a key is not of the key column's type.
    pub fn export_keys(
        &self,
        keys: impl IntoIterator<Item = Key>,
        export: &Export,
        writer: impl Write + Send,
    ) -> Result<()> {
        let mut keys: Vec<Key> = keys.into_iter().collect();
        if keys.iter().any(|key| matches!(key, Key::Int(_)) != self.has_int_keys()) {
            return Err(Error::refused("a key is not of the key column's type"));
        }
        keys.sort_unstable();
        keys.dedup();
        let rows = keys.into_iter().map(|key| {
            let row = self.row_of(&key);
            (key, row)
        });
        export.write(self, rows, writer)
    }
}

/// What writes one form. Values come in the order of the columns.
trait Sink {
    fn row(&mut self, values: impl Iterator<Item = Option<Value>>) -> Result<()>;
    fn finish(self) -> Result<()>;
}

fn pass(
    snapshot: &Snapshot,
    columns: &[Exported],
    rows: impl Iterator<Item = (Key, Option<u32>)>,
    mut sink: impl Sink,
) -> Result<()> {
    for (key, row) in rows {
        let customer = row.and_then(|row| snapshot.customer(row));
        sink.row(columns.iter().map(|column| value(column, &key, customer)))?;
    }
    sink.finish()
}

fn value(column: &Exported, key: &Key, customer: Option<Row<'_>>) -> Option<Value> {
    if column.is_key {
        return Some(match key {
            Key::Int(key) => Value::Int(*key),
            Key::Text(key) => Value::Text(key.clone()),
        });
    }
    let row = column.through.iter().try_fold(customer?, |row, column| row.reference(*column))?;
    let mut value = row.value(column.column);
    if let Some(Value::TextSet(texts)) = &mut value {
        // Within, they stand in the order in which the data first had them.
        texts.sort_unstable();
    }
    value
}

fn failed(error: std::io::Error) -> Error {
    Error::io("export", error)
}
