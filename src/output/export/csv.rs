//! Members as CSV.

use std::{borrow::Cow, fmt::Write as _, io::Write};

use super::{Exported, Sink, failed, formula::neutral, text};
use crate::{
    error::{Error, Result},
    value::Value,
};

/// So many bytes are handed on together.
const BYTES: usize = 1 << 16;

pub(super) struct Csv<'a, W> {
    writer: W,
    columns: &'a [Exported],
    raw: bool,
    lines: String,
    field: String,
}

impl<'a, W: Write> Csv<'a, W> {
    pub(super) fn new(writer: W, columns: &'a [Exported], raw: bool) -> Result<Self> {
        let (lines, field) = (String::new(), String::new());
        let mut csv = Self { writer, columns, raw, lines, field };
        for (at, column) in columns.iter().enumerate() {
            csv.text(&column.name);
            csv.end_field(at);
        }
        csv.lines.push('\n');
        Ok(csv)
    }

    fn text(&mut self, text: &str) {
        let text = if self.raw { Cow::Borrowed(text) } else { neutral(text) };
        self.field.push_str(&text);
    }

    fn end_field(&mut self, at: usize) {
        if at > 0 {
            self.lines.push(',');
        }
        if self.field.contains([',', '"', '\n', '\r']) {
            self.lines.push('"');
            self.lines.push_str(&self.field.replace('"', "\"\""));
            self.lines.push('"');
        } else {
            self.lines.push_str(&self.field);
        }
        self.field.clear();
    }

    fn value(&mut self, at: usize, value: &Value) -> Result<()> {
        match value {
            Value::Text(text) => self.text(text),
            Value::TextSet(texts) => {
                if texts.iter().any(|text| text.contains(';')) {
                    let name = self.columns.get(at).map_or("", |column| &column.name);
                    return Err(Error::refused(format!(
                        "column `{name}`: an element with `;` in it cannot be written as CSV, where `;` stands \
                         between elements; write JSON lines or Parquet"
                    )));
                }
                self.text(&texts.join(";"));
            }
            Value::IntSet(numbers) => {
                for (at, number) in numbers.iter().enumerate() {
                    let gap = if at == 0 { "" } else { ";" };
                    // INVARIANT: a `String` takes all that is written to it.
                    let _ = write!(self.field, "{gap}{number}");
                }
            }
            _ => text::plain(value, &mut self.field),
        }
        Ok(())
    }

    fn hand_on(&mut self) -> Result<()> {
        self.writer.write_all(self.lines.as_bytes()).map_err(failed)?;
        self.lines.clear();
        Ok(())
    }
}

impl<W: Write> Sink for Csv<'_, W> {
    fn row(&mut self, values: impl Iterator<Item = Option<Value>>) -> Result<()> {
        for (at, value) in values.enumerate() {
            if let Some(value) = &value {
                self.value(at, value)?;
            }
            self.end_field(at);
        }
        self.lines.push('\n');
        if self.lines.len() >= BYTES { self.hand_on() } else { Ok(()) }
    }

    fn finish(mut self) -> Result<()> {
        self.hand_on()
    }
}
