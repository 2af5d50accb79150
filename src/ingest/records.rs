//! The records of a CSV file, and where exactly each field stands.
//!
//! A reader of our own, because an error must name the column of a field, and because the usual readers take an open
//! quote at the end of a file, and text behind a closing quote, without a word. The tests hold it to the `csv` crate.

use std::{
    io::{self, ErrorKind, Read},
    str,
};

/// The longest record; a quote that is never closed would otherwise take in the rest of the file.
const LONGEST: usize = 16 << 20;
const BLOCK: usize = 64 << 10;

/// Splits a stream into records. A field in quotes holds commas, line breaks, and quotes as `""`; elsewhere a quote is a
/// character like any other. Lines end with LF, CRLF or CR; a byte order mark and blank lines are passed over.
pub(super) struct Records<R> {
    reader: R,
    buffer: Vec<u8>,
    /// Where the record at hand starts.
    start: usize,
    /// How far the buffer is filled.
    end: usize,
    is_done: bool,
    is_begun: bool,
    /// The line of the record at hand, from 1.
    line: u64,
    /// The line of the next record.
    next_line: u64,
    /// Where the next record starts.
    next: usize,
    fields: Vec<Field>,
    /// By field: line, column and the column behind its end; only of a record that is not plain.
    places: Vec<(u64, usize, usize)>,
    /// Where the record at hand ends, without its line break.
    record_end: usize,
    /// All of it is ASCII in one line, so that bytes are columns.
    is_plain: bool,
    is_broken: bool,
}

/// A field by its bytes within the record; of a field in quotes, those between them.
#[derive(Clone, Copy)]
struct Field {
    start: usize,
    end: usize,
    is_quoted: bool,
    /// Has quotes inside its quotes.
    has_quotes: bool,
    /// Something stands behind the closing quote.
    is_broken: bool,
}

/// Why there is no record.
#[derive(Debug)]
pub(super) enum Stop {
    Io(io::Error),
    /// The quote at this line and column is never closed.
    OpenQuote {
        line: u64,
        column: usize,
    },
    /// The line is longer than any line of text should be.
    TooLong {
        line: u64,
    },
}

enum State {
    FieldStart,
    Plain,
    Quoted,
    /// Behind a quote in a quoted field.
    Quote,
}

impl<R: Read> Records<R> {
    pub(super) fn new(reader: R) -> Self {
        Self {
            reader,
            buffer: Vec::new(),
            start: 0,
            end: 0,
            is_done: false,
            is_begun: false,
            line: 1,
            next_line: 1,
            next: 0,
            fields: Vec::new(),
            places: Vec::new(),
            record_end: 0,
            is_plain: true,
            is_broken: false,
        }
    }

    /// Goes to the next record; `false` at the end.
    pub(super) fn advance(&mut self) -> Result<bool, Stop> {
        if !std::mem::replace(&mut self.is_begun, true) {
            self.skip_mark().map_err(Stop::Io)?;
        }
        self.start = self.next;
        self.line = self.next_line;
        self.skip_blank_lines().map_err(Stop::Io)?;
        if self.start == self.end {
            return Ok(false);
        }
        self.scan()?;
        Ok(true)
    }

    pub(super) fn line(&self) -> u64 {
        self.line
    }

    pub(super) fn len(&self) -> usize {
        self.fields.len()
    }

    /// All bytes of the record.
    pub(super) fn bytes(&self) -> &[u8] {
        self.buffer.get(self.start..self.record_end).unwrap_or(&[])
    }

    /// Whether the record is text.
    pub(super) fn utf8(&self) -> Result<(), str::Utf8Error> {
        // What is plain is ASCII.
        if self.is_plain { Ok(()) } else { str::from_utf8(self.bytes()).map(|_| ()) }
    }

    /// A field as it stands, a quote inside quotes still doubled, and whether it has such quotes.
    pub(super) fn field(&self, index: usize) -> (&[u8], bool) {
        self.fields.get(index).map_or((&[], false), |field| {
            let bytes = self.bytes().get(field.start..field.end).unwrap_or(&[]);
            (bytes, field.has_quotes)
        })
    }

    /// The first field with something behind its closing quote.
    pub(super) fn broken(&self) -> Option<usize> {
        let find = || self.fields.iter().position(|field| field.is_broken);
        if self.is_broken { find() } else { None }
    }

    /// Line, column and the column behind the end of a field, quotes included, from 1 and in characters; behind the last
    /// field it is the end of the record.
    pub(super) fn place(&self, index: usize) -> (u64, usize, usize) {
        let bytes = self.bytes();
        let Some(field) = self.fields.get(index) else {
            let (line, column) = self.position(bytes.len());
            return (line, column, column);
        };
        match self.places.get(index) {
            Some(place) if !self.is_plain => *place,
            _ => {
                let quote = usize::from(field.is_quoted);
                let column = field.start - quote + 1;
                (self.line, column, column + field.end - field.start + 2 * quote)
            }
        }
    }

    /// Finds the places of all fields of a record that is not plain.
    // PERF: in one pass; counting for each field from the start of the record is quadratic in its length.
    fn find_places(&mut self) {
        self.places.clear();
        let bytes = self.buffer.get(self.start..self.record_end).unwrap_or(&[]);
        let (mut at, mut line, mut column) = (0, self.line, 1);
        for field in &self.fields {
            let quote = usize::from(field.is_quoted);
            let start = field.start - quote;
            for byte in bytes.get(at..start).unwrap_or(&[]) {
                match byte {
                    b'\n' => (line, column) = (line + 1, 1),
                    byte => column += usize::from(starts_char(*byte)),
                }
            }
            at = start;
            let inside = bytes.get(field.start..field.end).unwrap_or(&[]);
            let width = inside.iter().filter(|byte| starts_char(**byte)).count();
            self.places.push((line, column, column + width + 2 * quote));
        }
    }

    /// Line and column of a byte of the record.
    pub(super) fn position(&self, offset: usize) -> (u64, usize) {
        if self.is_plain {
            return (self.line, offset + 1);
        }
        let before = self.bytes().get(..offset).unwrap_or(&[]);
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let breaks = before.iter().filter(|byte| **byte == b'\n').fold(0, |count, _| count + 1);
        let characters = before.iter().skip(line_start).filter(|byte| starts_char(**byte)).count();
        (self.line + breaks, characters + 1)
    }

    fn skip_mark(&mut self) -> io::Result<()> {
        while self.end < 3 && self.fill()? {}
        if self.buffer.get(..self.end).is_some_and(|bytes| bytes.starts_with(b"\xEF\xBB\xBF")) {
            self.next = 3;
        }
        Ok(())
    }

    fn skip_blank_lines(&mut self) -> io::Result<()> {
        loop {
            if self.start == self.end && !self.fill()? {
                return Ok(());
            }
            match self.buffer.get(self.start) {
                Some(b'\n') => (self.start, self.line) = (self.start + 1, self.line + 1),
                Some(b'\r') => {
                    let follows = self.peek(1)?;
                    self.start += 1;
                    if follows != Some(b'\n') {
                        self.line += 1;
                    }
                }
                _ => return Ok(()),
            }
        }
    }

    /// A byte of the record, which is read if need be.
    fn peek(&mut self, at: usize) -> io::Result<Option<u8>> {
        while self.start + at >= self.end {
            if !self.fill()? {
                return Ok(None);
            }
        }
        Ok(self.byte(at))
    }

    /// Finds the fields of the record that starts at `start`.
    fn scan(&mut self) -> Result<(), Stop> {
        self.fields.clear();
        (self.is_plain, self.is_broken) = (true, false);
        self.next_line = self.line;
        let mut state = State::FieldStart;
        let mut field = Field::at(0);
        let mut at = 0;
        loop {
            at += self.pass(&state, at);
            let Some(byte) = self.byte(at) else {
                if at > LONGEST {
                    return Err(self.too_long(&state, field));
                }
                if self.fill().map_err(Stop::Io)? {
                    continue;
                }
                if matches!(state, State::Quoted) {
                    return Err(self.open_quote(field));
                }
                self.end_field(&state, field, at);
                self.end_record(at, 0);
                return Ok(());
            };
            match (&state, byte) {
                (State::FieldStart, b'"') => {
                    field = Field { start: at + 1, is_quoted: true, ..Field::at(at) };
                    state = State::Quoted;
                }
                (State::Quoted, _) => {
                    field.end = at;
                    state = State::Quote;
                }
                (State::Quote, b'"') => {
                    field.has_quotes = true;
                    state = State::Quoted;
                }
                (_, b',') => {
                    self.end_field(&state, field, at);
                    field = Field::at(at + 1);
                    state = State::FieldStart;
                }
                (_, b'\n' | b'\r') => {
                    self.end_field(&state, field, at);
                    self.next_line += 1;
                    let is_pair =
                        byte == b'\r' && self.peek(at + 1).map_err(Stop::Io)? == Some(b'\n');
                    self.end_record(at, if is_pair { 2 } else { 1 });
                    return Ok(());
                }
                (State::Quote, _) => {
                    (field.is_broken, self.is_broken) = (true, true);
                    state = State::Plain;
                    continue;
                }
                (State::FieldStart | State::Plain, _) => {
                    state = State::Plain;
                    continue;
                }
            }
            at += 1;
        }
    }

    /// How many bytes from a place of the record on mean nothing but themselves.
    fn pass(&mut self, state: &State, at: usize) -> usize {
        let rest = self.buffer.get(self.start + at..self.end).unwrap_or(&[]);
        let run = match state {
            State::FieldStart | State::Quote => 0,
            State::Plain => rest
                .iter()
                .position(|byte| matches!(byte, b',' | b'\n' | b'\r'))
                .unwrap_or(rest.len()),
            State::Quoted => rest.iter().position(|byte| *byte == b'"').unwrap_or(rest.len()),
        };
        let passed = rest.get(..run).unwrap_or(&[]);
        self.is_plain &= passed.is_ascii();
        if matches!(state, State::Quoted) {
            let breaks = passed.iter().filter(|byte| **byte == b'\n').fold(0, |count, _| count + 1);
            self.next_line += breaks;
            self.is_plain &= breaks == 0;
        }
        run
    }

    /// A byte of the record, if it has been read.
    fn byte(&self, at: usize) -> Option<u8> {
        self.buffer.get(self.start + at..self.end)?.first().copied()
    }

    fn end_field(&mut self, state: &State, mut field: Field, at: usize) {
        if !matches!(state, State::Quote) {
            field.end = at;
        }
        self.fields.push(field);
    }

    /// `width` is that of the line break.
    fn end_record(&mut self, at: usize, width: usize) {
        self.record_end = self.start + at;
        self.next = self.record_end + width;
        if !self.is_plain {
            self.find_places();
        }
    }

    fn open_quote(&mut self, field: Field) -> Stop {
        self.record_end = self.end;
        let (line, column) = self.position(field.start.saturating_sub(1));
        Stop::OpenQuote { line, column }
    }

    fn too_long(&mut self, state: &State, field: Field) -> Stop {
        match state {
            State::Quoted => self.open_quote(field),
            State::FieldStart | State::Plain | State::Quote => Stop::TooLong { line: self.line },
        }
    }

    /// Reads a block more, and moves the record at hand to the front; `false` at the end of the stream.
    fn fill(&mut self) -> io::Result<bool> {
        if self.is_done {
            return Ok(false);
        }
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.buffer.len() < self.end + BLOCK {
            // Doubled, so that a long record is not copied once a block.
            self.buffer.resize((self.end * 2).max(self.end + BLOCK), 0);
        }
        loop {
            let room = self.buffer.get_mut(self.end..).unwrap_or(&mut []);
            match self.reader.read(room) {
                Ok(0) => {
                    self.is_done = true;
                    return Ok(false);
                }
                Ok(read) => {
                    self.end = (self.end + read).min(self.buffer.len());
                    return Ok(true);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Field {
    fn at(start: usize) -> Self {
        Self { start, end: start, is_quoted: false, has_quotes: false, is_broken: false }
    }
}

/// Not a byte in the middle of a UTF-8 character.
fn starts_char(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use proptest::prelude::*;

    use super::Records;

    /// Gives its bytes a few at a time.
    struct Drops<'a>(&'a [u8], usize);

    impl Read for Drops<'_> {
        fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
            let room_len = room.len().min(self.1);
            self.0.read(&mut room[..room_len])
        }
    }

    type Row = (u64, Vec<(String, (u64, usize, usize))>);

    fn rows(text: &[u8], drop: usize) -> Option<Vec<Row>> {
        let mut records = Records::new(Drops(text, drop));
        let mut rows = Vec::new();
        while records.advance().ok()? {
            let fields = (0..records.len()).map(|index| {
                let (bytes, has_quotes) = records.field(index);
                let text = String::from_utf8(bytes.to_vec()).unwrap();
                (if has_quotes { text.replace("\"\"", "\"") } else { text }, records.place(index))
            });
            rows.push((records.line(), fields.collect()));
        }
        Some(rows)
    }

    #[test]
    fn places_count_lines_and_characters() {
        let text = "\u{feff}a,å,c\r\n\r\n\n\"x\ny\",\"ö\",z\rlast".as_bytes();
        let found: Vec<_> = rows(text, 3).unwrap();
        let places: Vec<_> =
            found.iter().flat_map(|(_, row)| row.iter().map(|(_, place)| *place)).collect();
        assert_eq!(
            places,
            [(1, 1, 2), (1, 3, 4), (1, 5, 6), (4, 1, 6), (5, 4, 7), (5, 8, 9), (6, 1, 5)]
        );
        assert_eq!(found.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 4, 6]);
    }

    /// The place of each field is the one that counting from the start of its record gives.
    #[test]
    fn places_are_those_of_the_bytes() {
        let text = "é,\"a\nö\"\"b\",,\"\r\n\",ü\né\n".as_bytes();
        let mut records = Records::new(text);
        while records.advance().unwrap() {
            for index in 0..records.len() {
                let field = records.fields[index];
                let before = field.start - usize::from(field.is_quoted);
                let (line, column, _) = records.place(index);
                assert_eq!((line, column), records.position(before));
            }
        }
    }

    proptest! {
        /// Where no quote is left open and nothing stands behind a closing one, as the crate `csv` reads it.
        #[test]
        fn agrees_with_another_reader(
            rows_given in prop::collection::vec(prop::collection::vec("[a-c\",\r\né ]{0,6}", 1..4), 0..6),
            breaks in prop::sample::select(vec!["\n", "\r\n", "\r"]),
            drop in 1_usize..7,
        ) {
            let quote = |field: &String| {
                if field.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field.clone() }
            };
            let lines = rows_given.iter().map(|row| row.iter().map(quote).collect::<Vec<_>>().join(",") + breaks);
            let text: String = lines.collect();
            let mut other = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            let expected: Vec<Vec<String>> =
                other.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
            let found = rows(text.as_bytes(), drop).unwrap();
            let found: Vec<Vec<String>> =
                found.into_iter().map(|(_, row)| row.into_iter().map(|(text, _)| text).collect()).collect();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn any_bytes_are_read_alike_in_drops_of_any_size(
            bytes in prop::collection::vec(prop::sample::select(b"a,\"\r\n\xEF\xBB\xBF".to_vec()), 0..40),
            drop in 1_usize..7,
        ) {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            prop_assert_eq!(rows(text.as_bytes(), drop), rows(text.as_bytes(), 1000));
        }
    }
}
