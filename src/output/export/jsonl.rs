//! Members as one JSON object a line.

use std::io::Write;

use super::{Exported, Sink, failed, text};
use crate::{error::Result, value::Value};

/// So many bytes are handed on together.
const BYTES: usize = 1 << 16;

pub(super) struct Jsonl<W> {
    writer: W,
    /// What stands before each value.
    names: Vec<String>,
    lines: String,
}

impl<W: Write> Jsonl<W> {
    pub(super) fn new(writer: W, columns: &[Exported]) -> Self {
        let names = columns.iter().enumerate().map(|(at, column)| {
            let mut name = String::from(if at == 0 { "{" } else { "," });
            quoted(&column.name, &mut name);
            name.push(':');
            name
        });
        Self { writer, names: names.collect(), lines: String::new() }
    }

    fn hand_on(&mut self) -> Result<()> {
        self.writer.write_all(self.lines.as_bytes()).map_err(failed)?;
        self.lines.clear();
        Ok(())
    }
}

impl<W: Write> Sink for Jsonl<W> {
    fn row(&mut self, values: impl Iterator<Item = Option<Value>>) -> Result<()> {
        for (name, value) in self.names.iter().zip(values) {
            self.lines.push_str(name);
            put(value.as_ref(), &mut self.lines);
        }
        self.lines.push_str("}\n");
        if self.lines.len() >= BYTES { self.hand_on() } else { Ok(()) }
    }

    fn finish(mut self) -> Result<()> {
        self.hand_on()
    }
}

fn put(value: Option<&Value>, to: &mut String) {
    match value {
        None => to.push_str("null"),
        Some(Value::Text(text)) => quoted(text, to),
        Some(Value::TextSet(texts)) => list(texts, to, |text, to| quoted(text, to)),
        Some(Value::IntSet(numbers)) => {
            list(numbers, to, |number, to| to.push_str(&number.to_string()));
        }
        Some(value @ (Value::Date(_) | Value::DateTime(_) | Value::Geo { .. })) => {
            to.push('"');
            text::plain(value, to);
            to.push('"');
        }
        Some(value) => text::plain(value, to),
    }
}

fn list<T>(elements: &[T], to: &mut String, put: impl Fn(&T, &mut String)) {
    to.push('[');
    for (at, element) in elements.iter().enumerate() {
        if at > 0 {
            to.push(',');
        }
        put(element, to);
    }
    to.push(']');
}

fn quoted(text: &str, to: &mut String) {
    // INVARIANT: every text has a form in JSON.
    to.push_str(&serde_json::to_string(text).unwrap_or_default());
}
