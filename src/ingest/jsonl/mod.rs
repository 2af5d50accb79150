//! Tables from `.jsonl`: one JSON object a line.

mod value;

use std::{
    collections::HashMap,
    fmt,
    fs::File,
    io::{BufRead, BufReader, Read},
    ops::Range,
    path::Path,
    str,
};

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use self::value::Reader;
use super::{
    ignored::note_ignored,
    watched::{Watched, len_of},
};
use crate::{
    diagnostic::Code,
    error::{Error, Result},
    schema::{Schema, Table},
    snapshot::{Origin, SnapshotBuilder, Spot, Writer, field_type},
    value::Type,
};

/// The longest line, as in CSV.
const LONGEST: u64 = 16 << 20;
/// How many names that the table does not have are listed.
const NAMES: usize = 20;

impl SnapshotBuilder {
    /// Adds the rows of a file with one JSON object a line to a table: each field by its name, in any order. A field that
    /// is `null`, empty or not there is missing; one that the schema does not name is passed over.
    ///
    /// Numbers are exact: `10.10` is no float on its way into a decimal. A text is read as the same field of CSV would be,
    /// so dates are written as there, and whole numbers may stand in quotes. A set is an array or a text `red;blue`; a
    /// `geo` is a text `59.33;18.06`, an array of latitude and longitude, an object with `lat` and `lon` or `latitude` and
    /// `longitude`, or two fields, `home_lat` and `home_lon`.
    ///
    /// # Errors
    ///
    /// A table that the schema does not have, a file that cannot be opened or read ([`Error::is_io`]), and a reading that
    /// was cancelled. What is wrong with the data is reported by [`SnapshotBuilder::build`], with file, line and column.
    pub fn jsonl_file(&mut self, table: &str, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let name = path.display().to_string();
        self.find_table(table)?;
        let file = File::open(path).map_err(|error| Error::io(name.as_str(), error))?;
        let len = len_of(&file);
        self.jsonl(table, &name, file, len)
    }

    /// Adds rows as [`SnapshotBuilder::jsonl_file`] does, from any reader. Errors call it by `name`.
    ///
    /// # Errors
    ///
    /// As for [`SnapshotBuilder::jsonl_file`].
    pub fn jsonl_reader(&mut self, table: &str, name: &str, reader: impl Read) -> Result<()> {
        self.jsonl(table, name, reader, None)
    }

    fn jsonl(
        &mut self,
        table: &str,
        name: &str,
        reader: impl Read,
        len: Option<u64>,
    ) -> Result<()> {
        let (id, watch) = (self.find_table(table)?, self.watched());
        let Ok(reader) = Watched::new(reader, len, table, &watch) else {
            return Err(self.cancelled());
        };
        let schema = self.schema().clone();
        let table = schema.table(id);
        let mut writer = self.writer(id, Origin::File(name.into()));
        let mut objects = Objects::new(&schema, table);
        let mut reader = BufReader::with_capacity(1 << 16, reader);
        let mut bytes = Vec::new();
        for number in 1.. {
            bytes.clear();
            let read = reader.by_ref().take(LONGEST).read_until(b'\n', &mut bytes);
            match read {
                Ok(0) => break,
                Ok(_) => {}
                Err(_) if watch.check().is_err() => return Err(self.cancelled()),
                Err(error) => return Err(Error::io(name, error)),
            }
            if !objects.line(number, &bytes, &mut writer) {
                break;
            }
        }
        note_ignored(objects.unknown.iter(), name, table, &mut writer);
        Ok(())
    }
}

/// Reads lines into rows.
struct Objects {
    types: Vec<Type>,
    /// By name: a column, or half of one.
    slots: HashMap<String, usize>,
    /// By slot: where in the line its value is. The columns' own come first.
    found: Vec<Option<Range<usize>>>,
    /// By column of places: the slot of the latitude, which that of the longitude follows.
    halves: Vec<Option<usize>>,
    reader: Reader,
    unknown: Vec<String>,
    is_begun: bool,
}

impl Objects {
    fn new(schema: &Schema, table: &Table) -> Self {
        let mut slots: HashMap<String, usize> =
            table.columns.iter().zip(0..).map(|(column, at)| (column.name.clone(), at)).collect();
        let mut halves = Vec::new();
        let mut next = table.columns.len();
        for column in &table.columns {
            let names = ["lat", "lon"].map(|half| format!("{}_{half}", column.name));
            // A column of such a name is that column.
            if column.ty != Type::Geo || names.iter().any(|name| slots.contains_key(name)) {
                halves.push(None);
                continue;
            }
            halves.push(Some(next));
            for name in names {
                slots.insert(name, next);
                next += 1;
            }
        }
        let types = table.columns.iter().map(|column| field_type(schema, column)).collect();
        let (found, reader) = (vec![None; next], Reader::new(schema.zone()));
        Self { types, slots, found, halves, reader, unknown: Vec::new(), is_begun: false }
    }

    /// Reads one line, with its line break. `false` where no further line is to be read.
    fn line(&mut self, line: u64, bytes: &[u8], writer: &mut Writer<'_>) -> bool {
        let at = |column: usize| Spot { line, column, end: column };
        if u64::try_from(bytes.len()).is_ok_and(|len| len >= LONGEST) && !bytes.ends_with(b"\n") {
            let message = "this line is too long, expected one JSON object a line".to_owned();
            writer.fault(Code::UnreadableData, at(1), message, None);
            return false;
        }
        let text = match str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let before =
                    bytes.get(..error.valid_up_to()).and_then(|text| str::from_utf8(text).ok());
                let column = before.map_or(0, |text| text.chars().count()) + 1;
                let message = "this is no text in UTF-8".to_owned();
                let help = Some("save it as UTF-8".to_owned());
                writer.problem(Code::UnreadableData, at(column), message, help);
                writer.end_row(at(1));
                return true;
            }
        };
        let text = if line == 1 { text.strip_prefix('\u{feff}').unwrap_or(text) } else { text };
        let text = text.trim_ascii();
        if text.is_empty() {
            return true;
        }
        if !std::mem::replace(&mut self.is_begun, true) && text.starts_with('[') {
            let message = "this is a JSON array, expected one JSON object a line".to_owned();
            let help =
                "write each object of the array on a line of its own, without commas between";
            writer.fault(Code::UnreadableData, at(1), message, Some(help.to_owned()));
            return false;
        }
        self.object(line, text, writer);
        writer.end_row(at(1));
        true
    }

    fn object(&mut self, line: u64, text: &str, writer: &mut Writer<'_>) {
        self.found.fill(None);
        let (mut twice, text_start) = (None, text.as_ptr().addr());
        let slots = &self.slots;
        let (found, unknown) = (&mut self.found, &mut self.unknown);
        let take = |name: Name<'_>, value: &RawValue| {
            let start = value.get().as_ptr().addr() - text_start;
            let place = start..start + value.get().len();
            match name {
                Name::Slot(slot) => {
                    if let Some(found) = found.get_mut(slot)
                        && found.replace(place.clone()).is_some()
                    {
                        twice.get_or_insert(place);
                    }
                }
                Name::Unknown(name) => {
                    if unknown.len() < NAMES && !unknown.iter().any(|known| known == name) {
                        unknown.push(name.to_owned());
                    }
                }
            }
        };
        let spot = |place: &Range<usize>| {
            let before = text.get(..place.start).unwrap_or(text).chars().count() + 1;
            let width = text.get(place.clone()).map_or(1, |value| value.chars().count());
            Spot { line, column: before, end: before + width }
        };
        let mut json = serde_json::Deserializer::from_str(text);
        if let Err(error) = (Row { slots, take }).deserialize(&mut json).and_then(|()| json.end()) {
            let place = error.column().saturating_sub(1)..error.column();
            let message = "expected one JSON object a line".to_owned();
            return writer.problem(Code::BadField, spot(&place), message, None);
        }
        if let Some(place) = twice {
            let message = "the object names a field twice".to_owned();
            return writer.problem(Code::DuplicateHeader, spot(&place), message, None);
        }
        for (column, ty) in self.types.iter().enumerate() {
            let value = |slot: usize| {
                let place = self.found.get(slot)?.clone()?;
                Some((text.get(place.clone())?, spot(&place)))
            };
            let halves = self.halves.get(column).copied().flatten();
            let halves = halves.map(|slot| (value(slot), value(slot + 1)));
            match (value(column), halves) {
                (Some((value, spot)), _) => self.reader.put(writer, column, ty, value, spot),
                (None, Some((Some(latitude), Some(longitude)))) => {
                    self.reader.put_pair(writer, column, latitude, longitude);
                }
                (None, Some((Some(half), None) | (None, Some(half)))) => {
                    self.reader.put_half(writer, column, half);
                }
                (None, _) => {}
            }
        }
    }
}

/// What a field of an object is.
enum Name<'a> {
    Slot(usize),
    Unknown(&'a str),
}

/// Hands on the fields of an object.
struct Row<'a, F> {
    slots: &'a HashMap<String, usize>,
    take: F,
}

impl<'de, F: FnMut(Name<'_>, &'de RawValue)> DeserializeSeed<'de> for Row<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de, F: FnMut(Name<'_>, &'de RawValue)> Visitor<'de> for Row<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut fields: A) -> Result<(), A::Error> {
        while let Some(found) = fields.next_key_seed(Key { slots: self.slots })? {
            let value: &RawValue = fields.next_value()?;
            match found {
                Ok(slot) => (self.take)(Name::Slot(slot), value),
                Err(name) => (self.take)(Name::Unknown(&name), value),
            }
        }
        Ok(())
    }
}

/// Finds a name.
struct Key<'a> {
    slots: &'a HashMap<String, usize>,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Result<usize, String>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Result<usize, String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.slots.get(name).copied().ok_or_else(|| name.to_owned()))
    }
}
