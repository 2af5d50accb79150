//! Rows on their way into a snapshot: typed columns in the order of arrival.

use std::{collections::HashSet, sync::Arc};

use super::{
    Bits, Dictionary,
    dictionary::settle,
    findings::{Findings, Origin, Spot},
    packed::{BLOCK, Packed},
    places::{Place, Places},
};
use crate::{
    diagnostic::Code,
    schema::{self, Role, Schema, TableId},
    value::{Key, Type},
};

/// One field, read but not yet stored.
#[derive(Clone, Copy)]
pub(crate) enum Cell<'a> {
    Missing,
    Bool(bool),
    /// Int; decimal digits at the column's scale; day; microseconds.
    Number(i64),
    Float(f64),
    Text(&'a str),
    /// In any order, with repetitions.
    TextSet(&'a [&'a str]),
    IntSet(&'a [i64]),
    /// Latitude and longitude.
    Geo(f64, f64),
}

/// Why a field cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Problem {
    /// Not of the column's type.
    Bad,
    /// A binary floating-point number for an exact column.
    Inexact,
    /// Of the type's form, but beyond its range.
    Overflow,
    /// A date or time that does not exist.
    NoSuchDate,
    Missing,
    /// No room for another different text.
    Full,
}

/// The rows of one table so far.
pub(crate) struct Stage {
    pub(super) name: Arc<str>,
    /// Names that were passed over.
    ignored: HashSet<String>,
    pub(super) columns: Vec<StagedColumn>,
    pub(super) rows: usize,
    pub(super) places: Places,
    /// Where the rows from a number on come from.
    origins: Vec<(usize, Origin)>,
    /// Rows left out, those found out later included.
    pub(super) rejected: u64,
    /// Keys of rejected rows, so that what refers to them is not reported as well.
    pub(super) lost: HashSet<Key>,
    /// Rows were rejected whose key is not known.
    pub(super) lost_unknown: bool,
    pub(super) key: Option<usize>,
    pub(super) link: Option<usize>,
    pub(super) keep_lost: bool,
}

#[derive(Clone)]
pub(super) struct StagedColumn {
    pub(super) name: Arc<str>,
    pub(super) ty: Type,
    /// A missing field is an error.
    pub(super) must: bool,
    pub(super) presence: Bits,
    pub(super) values: StagedValues,
}

#[derive(Clone)]
pub(super) enum StagedValues {
    Bool(Bits),
    Number(Packed),
    Float(Vec<f64>),
    Text { codes: Packed, dictionary: Arc<Dictionary> },
    TextSet { ends: Packed, codes: Packed, dictionary: Arc<Dictionary> },
    IntSet { ends: Packed, elements: Packed },
    Geo(Vec<(f64, f64)>),
}

/// Puts rows into a stage: each field once, in any order, then the end of the row.
pub(crate) struct Writer<'a> {
    pub(super) stage: &'a mut Stage,
    pub(super) findings: &'a mut Findings,
    pub(super) origin: Origin,
    bad: bool,
    key: usize,
    link: usize,
}

impl Stage {
    /// `dictionary` gives the texts that a column had in the last snapshot.
    pub(super) fn new(
        schema: &Schema,
        table: TableId,
        dictionary: impl Fn(&schema::Column) -> Arc<Dictionary>,
    ) -> Self {
        let table = schema.table(table);
        let key = table.key.map(|key| usize::from(key.index));
        let link = match table.role {
            Role::Child { customer, .. } => Some(usize::from(customer.index)),
            Role::Nested { parent_key, .. } => Some(usize::from(parent_key.index)),
            Role::Customers { .. } | Role::Lookup => None,
        };
        let columns = table.columns.iter().enumerate().map(|(index, column)| {
            let must = column.required || key == Some(index) || link == Some(index);
            let ty = field_type(schema, column);
            let values = StagedValues::new(&ty, dictionary(column));
            StagedColumn {
                name: column.name.as_str().into(),
                ty,
                must,
                presence: Bits::default(),
                values,
            }
        });
        Self {
            name: table.name.as_str().into(),
            ignored: HashSet::new(),
            columns: columns.collect(),
            rows: 0,
            places: Places::default(),
            origins: Vec::new(),
            rejected: 0,
            lost: HashSet::new(),
            lost_unknown: false,
            key,
            link,
            keep_lost: !matches!(table.role, Role::Lookup),
        }
    }

    /// Has later snapshots share the texts.
    pub(super) fn settle(&mut self) {
        for column in &mut self.columns {
            if let StagedValues::Text { dictionary, .. }
            | StagedValues::TextSet { dictionary, .. } = &mut column.values
            {
                settle(dictionary);
            }
        }
    }

    pub(super) fn origin(&self, row: usize) -> Option<&Origin> {
        let after = self.origins.partition_point(|(first, _)| *first <= row);
        self.origins.get(after.checked_sub(1)?).map(|(_, origin)| origin)
    }

    /// The number that the next pushed row has, counting rejected ones.
    pub(crate) fn next_number(&self) -> u64 {
        u64::try_from(self.rows).unwrap_or(u64::MAX).saturating_add(self.rejected) + 1
    }

    /// Reports a row for its key (or for its link), and counts it as rejected.
    pub(super) fn reject(
        &mut self,
        findings: &mut Findings,
        row: usize,
        of_key: bool,
        (code, message, help): (Code, String, Option<String>),
    ) {
        self.rejected += 1;
        if let (Some(place), Some(origin)) = (self.places.get(row), self.origin(row)) {
            let column = usize::from(if of_key { place.key } else { place.link });
            let spot = Spot { line: place.line.into(), column, end: column };
            findings.row(code, origin, spot, (message, help));
        }
    }

    /// Where a row is, in words.
    pub(super) fn describe(&self, row: usize) -> Option<String> {
        let line = self.places.get(row)?.line;
        Some(match self.origin(row)? {
            Origin::File(file) => format!("the first is in line {line} of `{file}`"),
            Origin::Table(file) => format!("the first is row {line} of `{file}`"),
            Origin::Rows(_) => format!("the first is row {line}"),
        })
    }

    /// The key of a staged row, or of the row that is being put in.
    pub(super) fn key_at(&self, row: usize) -> Option<Key> {
        self.columns.get(self.key?)?.key_at(row)
    }

    pub(super) fn key_number(&self, row: usize) -> Option<i64> {
        self.columns.get(self.key?)?.number(row)
    }

    pub(super) fn key_text(&self, row: usize) -> Option<&str> {
        let column = self.columns.get(self.key?)?;
        column.dictionary()?.get(column.code(row)?)
    }

    /// The customer's or parent's key of each row: numbers, or codes of texts.
    pub(super) fn links(&self) -> Option<(&Packed, Option<&Dictionary>)> {
        match &self.columns.get(self.link?)?.values {
            StagedValues::Number(numbers) => Some((numbers, None)),
            StagedValues::Text { codes, dictionary } => Some((codes, Some(dictionary))),
            _ => None,
        }
    }

    /// The key of the customer or parent that a staged row names.
    pub(super) fn link_at(&self, row: usize) -> Option<Key> {
        self.columns.get(self.link?)?.key_at(row)
    }
}

impl<'a> Writer<'a> {
    pub(super) fn new(stage: &'a mut Stage, findings: &'a mut Findings, origin: Origin) -> Self {
        if stage.origins.last().is_none_or(|(_, last)| *last != origin) {
            stage.origins.push((stage.rows, origin.clone()));
        }
        Self { stage, findings, origin, bad: false, key: 1, link: 1 }
    }

    pub(crate) fn next_number(&self) -> u64 {
        self.stage.next_number()
    }

    /// Whether a name that no column has comes for the first time.
    pub(crate) fn is_news(&mut self, name: &str) -> bool {
        !self.stage.ignored.contains(name) && self.stage.ignored.insert(name.to_owned())
    }

    /// Stores a field of the row at hand; of a field given twice the second is refused.
    pub(crate) fn put(&mut self, column: usize, cell: Result<Cell<'_>, Problem>, spot: Spot) {
        let rows = self.stage.rows;
        if self.stage.key == Some(column) {
            self.key = spot.column;
        }
        if self.stage.link == Some(column) {
            self.link = spot.column;
        }
        let Some(target) = self.stage.columns.get_mut(column) else { return };
        debug_assert!(target.presence.len() == rows, "each field once");
        let cell = match cell {
            Ok(Cell::Missing | Cell::Text("")) if target.must => Err(Problem::Missing),
            other => other,
        };
        if let Err(problem) = cell.and_then(|cell| target.push(cell)) {
            let (code, message) = problem.describe(&target.name, &target.ty);
            self.problem(code, spot, message, None);
        }
    }

    /// Reports something wrong with the row at hand.
    pub(crate) fn problem(
        &mut self,
        code: Code,
        spot: Spot,
        message: String,
        help: Option<String>,
    ) {
        self.bad = true;
        self.findings.row(code, &self.origin, spot, (message, help));
    }

    /// Ends the row: fields that were not put are missing; a row with a problem is taken back.
    pub(crate) fn end_row(&mut self, spot: Spot) {
        let stage = &mut *self.stage;
        for index in 0..stage.columns.len() {
            let Some(column) = stage.columns.get_mut(index) else { continue };
            if column.presence.len() > stage.rows || self.bad {
                continue;
            }
            if column.must || column.push(Cell::Missing).is_err() {
                self.bad = true;
                let (code, message) = Problem::Missing.describe(&column.name, &column.ty);
                self.findings.row(code, &self.origin, spot, (message, None));
            }
        }
        if !self.bad && stage.rows >= Dictionary::MAX_LEN {
            self.bad = true;
            let message = "the table has no room for more rows".to_owned();
            self.findings.row(Code::TooManyRows, &self.origin, spot, (message, None));
        }
        if std::mem::take(&mut self.bad) {
            self.take_back();
        } else {
            let stage = &mut *self.stage;
            let narrow = |column: usize| u16::try_from(column).unwrap_or(u16::MAX);
            let line = u32::try_from(spot.line).unwrap_or(u32::MAX);
            let place = Place { line, key: narrow(self.key), link: narrow(self.link) };
            stage.places.add(stage.rows, place);
            stage.rows += 1;
        }
        (self.key, self.link) = (1, 1);
    }

    fn take_back(&mut self) {
        let stage = &mut *self.stage;
        stage.rejected += 1;
        if stage.keep_lost && !self.findings.lenient {
            match stage.key_at(stage.rows) {
                Some(key) => drop(stage.lost.insert(key)),
                None => stage.lost_unknown = true,
            }
        }
        for column in &mut stage.columns {
            column.truncate(stage.rows);
        }
    }

    /// Something wrong with the file as a whole.
    #[cfg_attr(
        not(any(feature = "arrow", feature = "csv", feature = "jsonl")),
        expect(dead_code, reason = "only files need it")
    )]
    pub(crate) fn fault(&mut self, code: Code, spot: Spot, message: String, help: Option<String>) {
        self.stage.lost_unknown = true;
        self.findings.fault(code, &self.origin, spot, message, help);
    }

    pub(crate) fn warn(&mut self, code: Code, message: String) {
        self.findings.warn(code, message);
    }
}

impl StagedColumn {
    pub(super) fn push(&mut self, cell: Cell<'_>) -> Result<(), Problem> {
        let present = !matches!(cell, Cell::Missing);
        self.values.push(cell)?;
        self.presence.push(present);
        Ok(())
    }

    pub(super) fn truncate(&mut self, rows: usize) {
        self.presence.truncate(rows);
        self.values.truncate(rows);
    }

    pub(super) fn number(&self, row: usize) -> Option<i64> {
        match &self.values {
            StagedValues::Number(numbers) if self.presence.get(row) => numbers.get(row),
            _ => None,
        }
    }

    pub(super) fn code(&self, row: usize) -> Option<u32> {
        match &self.values {
            StagedValues::Text { codes, .. } if self.presence.get(row) => {
                codes.get(row).and_then(|code| u32::try_from(code).ok())
            }
            _ => None,
        }
    }

    /// Whether no number is less than one before, none being less than all.
    pub(super) fn is_ascending(&self) -> bool {
        let StagedValues::Number(numbers) = &self.values else { return false };
        let missing = self.presence.len() - self.presence.count();
        let first = (missing..self.presence.len()).all(|row| self.presence.get(row));
        let mut last = i64::MIN;
        first
            && (0..numbers.blocks()).all(|number| {
                let before = (number * BLOCK).min(missing);
                let block = numbers.block(number);
                let rest = block.get(missing - before..).unwrap_or(&[]);
                let starts = rest.first().is_none_or(|first| *first >= last);
                last = rest.last().copied().unwrap_or(last);
                starts && rest.is_sorted()
            })
    }

    pub(super) fn dictionary(&self) -> Option<&Arc<Dictionary>> {
        match &self.values {
            StagedValues::Text { dictionary, .. } | StagedValues::TextSet { dictionary, .. } => {
                Some(dictionary)
            }
            _ => None,
        }
    }

    fn key_at(&self, row: usize) -> Option<Key> {
        match &self.values {
            StagedValues::Number(_) => self.number(row).map(Key::Int),
            StagedValues::Text { dictionary, .. } => {
                self.code(row).and_then(|code| dictionary.get(code)).map(Key::from)
            }
            _ => None,
        }
    }
}

impl StagedValues {
    fn new(ty: &Type, dictionary: Arc<Dictionary>) -> Self {
        match ty {
            Type::Bool => Self::Bool(Bits::default()),
            Type::Float => Self::Float(Vec::new()),
            Type::Text => Self::Text { codes: Packed::default(), dictionary },
            Type::TextSet => {
                Self::TextSet { ends: Packed::default(), codes: Packed::default(), dictionary }
            }
            Type::IntSet => Self::IntSet { ends: Packed::default(), elements: Packed::default() },
            Type::Geo => Self::Geo(Vec::new()),
            Type::Int | Type::Decimal(_) | Type::Date | Type::DateTime | Type::Ref(_) => {
                Self::Number(Packed::default())
            }
        }
    }

    fn push(&mut self, cell: Cell<'_>) -> Result<(), Problem> {
        match (self, cell) {
            (Self::Bool(bits), Cell::Bool(bit)) => bits.push(bit),
            (Self::Bool(bits), Cell::Missing) => bits.push(false),
            (Self::Number(numbers), Cell::Number(number)) => numbers.push(number),
            (Self::Number(numbers), Cell::Missing) => numbers.push_missing(),
            // -0.0 + 0.0 is 0.0.
            (Self::Float(numbers), Cell::Float(number)) => numbers.push(number + 0.0),
            (Self::Float(numbers), Cell::Missing) => numbers.push(0.0),
            (Self::Text { codes, dictionary }, Cell::Text(text)) => {
                codes.push(intern(dictionary, text)?.into());
            }
            (Self::Text { codes, .. }, Cell::Missing) => codes.push_missing(),
            (Self::TextSet { ends, codes, dictionary }, Cell::TextSet(texts)) => {
                for text in texts {
                    codes.push(intern(dictionary, text)?.into());
                }
                ends.push(end_of(codes));
            }
            (Self::TextSet { ends, codes, .. }, Cell::Missing) => ends.push(end_of(codes)),
            (Self::IntSet { ends, elements }, Cell::IntSet(numbers)) => {
                elements.extend_all(numbers.iter().copied());
                ends.push(end_of(elements));
            }
            (Self::IntSet { ends, elements }, Cell::Missing) => ends.push(end_of(elements)),
            (Self::Geo(places), Cell::Geo(latitude, longitude)) => {
                places.push((latitude + 0.0, longitude + 0.0));
            }
            (Self::Geo(places), Cell::Missing) => places.push((0.0, 0.0)),
            _ => return Err(Problem::Bad),
        }
        Ok(())
    }

    pub(super) fn truncate(&mut self, rows: usize) {
        let end = |ends: &Packed| {
            let end = rows.checked_sub(1).and_then(|last| ends.get(last));
            end.and_then(|end| usize::try_from(end).ok()).unwrap_or(0)
        };
        match self {
            Self::Bool(bits) => bits.truncate(rows),
            Self::Number(numbers) => numbers.truncate(rows),
            Self::Float(numbers) => numbers.truncate(rows),
            Self::Text { codes, .. } => codes.truncate(rows),
            Self::TextSet { ends, codes, .. } => {
                ends.truncate(rows);
                codes.truncate(end(ends));
            }
            Self::IntSet { ends, elements } => {
                ends.truncate(rows);
                elements.truncate(end(ends));
            }
            Self::Geo(places) => places.truncate(rows),
        }
    }
}

/// Where the elements of the next set start.
pub(super) fn end_of(elements: &Packed) -> i64 {
    i64::try_from(elements.len()).unwrap_or(i64::MAX)
}

pub(super) fn intern(dictionary: &mut Arc<Dictionary>, text: &str) -> Result<u32, Problem> {
    // The shared dictionary of the last snapshot is copied only when there is something new.
    match dictionary.code(text) {
        Some(code) => Ok(code),
        None => Arc::make_mut(dictionary).intern(text).ok_or(Problem::Full),
    }
}

/// The type of a column's fields: a reference holds the key of its lookup.
pub(crate) fn field_type(schema: &Schema, column: &schema::Column) -> Type {
    let key = column.lookup.and_then(|lookup| schema.table(lookup).key);
    key.map_or(&column.ty, |key| &schema.column(key).ty).clone()
}

impl Problem {
    pub(super) fn describe(self, column: &str, ty: &Type) -> (Code, String) {
        let expected = expected(ty);
        match self {
            Self::Bad => (Code::BadField, format!("column `{column}`: expected {expected}")),
            Self::Inexact => {
                let message =
                    format!("column `{column}`: expected {expected}, as text or whole number");
                (Code::BadField, message)
            }
            Self::Overflow => {
                let message =
                    format!("column `{column}`: the number does not fit, expected {expected}");
                (Code::NumberOverflow, message)
            }
            Self::NoSuchDate => {
                let message =
                    format!("column `{column}`: this does not exist, expected {expected}");
                (Code::NoSuchDateInData, message)
            }
            Self::Missing => {
                let message = format!("column `{column}`: the field is empty, expected {expected}");
                (Code::MissingField, message)
            }
            Self::Full => {
                let message = format!("column `{column}`: no room for more different texts");
                (Code::TooManyRows, message)
            }
        }
    }
}

/// What a field of a type looks like.
fn expected(ty: &Type) -> String {
    let plain = match ty {
        Type::Decimal(0) => "a whole number like `42`",
        Type::Decimal(1) => "a number like `10.5` with at most 1 digit after the point",
        Type::Decimal(scale) => {
            return format!("a number like `10.99` with at most {scale} digits after the point");
        }
        Type::Bool => "`true` or `false`",
        Type::Int | Type::Ref(_) => "a whole number like `42`",
        Type::Float => "a number like `0.5`",
        Type::Text => "text",
        Type::Date => "a date like `2026-11-01`",
        Type::DateTime => "a date and time like `2026-11-01T16:00:00`",
        Type::TextSet => "texts like `red;blue`",
        Type::IntSet => "whole numbers like `1;2`",
        Type::Geo => "latitude and longitude like `59.33;18.06`",
    };
    plain.to_owned()
}
