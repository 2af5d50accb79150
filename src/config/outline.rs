//! Data as JSON on one short line, for people.

use std::fmt::Write as _;

use super::{
    data::Data,
    node::{SHOWN, shortened},
};

/// Fields of a table that are shown, beside the one that is meant.
const FIELDS: usize = 20;

/// A value as JSON on one short line: what lies deeper is left out.
pub(super) struct Outline {
    pub(super) text: String,
    /// Where the field that is meant stands, or the whole.
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Outline {
    pub(super) fn of(data: &Data, key: Option<&str>) -> Self {
        let mut outline = Self { text: String::new(), start: 0, end: 0 };
        match data {
            Data::Table(fields) => outline.fields(fields, key),
            Data::List(elements) => outline.elements(elements),
            flat => outline.flat(flat),
        }
        if outline.end == 0 {
            outline.end = outline.text.len();
        }
        outline
    }

    fn fields(&mut self, fields: &[(String, Data)], meant: Option<&str>) {
        self.text.push('{');
        for (index, (key, value)) in fields.iter().enumerate() {
            if index >= FIELDS && meant != Some(key) {
                continue;
            }
            self.text.push_str(if index == 0 { "" } else { ", " });
            let start = self.text.len();
            self.quoted(key);
            self.text.push_str(": ");
            self.flat(value);
            if meant == Some(key) {
                (self.start, self.end) = (start, self.text.len());
            }
        }
        self.text.push('}');
    }

    fn elements(&mut self, elements: &[Data]) {
        self.text.push('[');
        for (index, element) in elements.iter().enumerate() {
            self.text.push_str(if index == 0 { "" } else { ", " });
            if self.text.len() > 2 * SHOWN {
                self.text.push('…');
                break;
            }
            self.flat(element);
        }
        self.text.push(']');
    }

    fn flat(&mut self, data: &Data) {
        match data {
            Data::Null => self.text.push_str("null"),
            Data::Bool(value) => self.text.push_str(if *value { "true" } else { "false" }),
            Data::Whole(number) => self.text.push_str(&number.to_string()),
            Data::Float(number) => self.text.push_str(&number.to_string()),
            Data::Text(text) => self.quoted(text),
            Data::List(elements) => {
                self.text.push_str(if elements.is_empty() { "[]" } else { "[…]" })
            }
            Data::Table(fields) => {
                self.text.push_str(if fields.is_empty() { "{}" } else { "{…}" })
            }
        }
    }

    fn quoted(&mut self, text: &str) {
        self.text.push('"');
        for letter in shortened(text).chars() {
            match letter {
                '"' | '\\' => self.text.extend(['\\', letter]),
                // Writing to a `String` does not fail.
                _ if letter.is_control() => {
                    let _done = write!(self.text, "\\u{:04x}", u32::from(letter));
                }
                _ => self.text.push(letter),
            }
        }
        self.text.push('"');
    }
}
