//! Many rows at a time, column by column.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    Dictionary,
    findings::Spot,
    places::Place,
    stage::{Cell, Problem, StagedColumn, StagedValues, Writer, end_of, intern},
};
use crate::diagnostic::Code;

/// Fields at the end of one column. A field with a problem is missing until its row is taken out.
pub(crate) struct ColumnWriter<'a> {
    column: &'a mut StagedColumn,
    problems: Vec<(usize, Problem)>,
}

/// What was wrong in a column: rows of the table, ascending.
pub(crate) struct ColumnEnd {
    len: usize,
    problems: Vec<(usize, Problem)>,
}

/// The code of a text of a batch that has not been met.
const UNMET: u32 = u32::MAX;

impl Writer<'_> {
    /// The columns, in the order of the schema. Each is given as many fields, then come [`Writer::end_rows`].
    pub(crate) fn columns(&mut self) -> Vec<ColumnWriter<'_>> {
        let columns = self.stage.columns.iter_mut();
        columns.map(|column| ColumnWriter { column, problems: Vec::new() }).collect()
    }

    /// Ends rows that were put in column by column; those with a problem are taken back. `first` is the number of the
    /// first, `spots` tells for each column where it stands in a row.
    pub(crate) fn end_rows(&mut self, ends: Vec<ColumnEnd>, first: u64, spots: &[usize]) {
        let before = self.stage.rows;
        let Some(len) = ends.first().map(|end| end.len) else { return };
        if ends.iter().any(|end| end.len != len) {
            self.take_back_all();
            let message = "the columns have different numbers of rows".to_owned();
            let spot = Spot { line: first, column: 1, end: 1 };
            return self.fault(Code::UnreadableData, spot, message, None);
        }
        if len > Dictionary::MAX_LEN {
            self.take_back_all();
            let message = "the table has no room for more rows".to_owned();
            let spot = Spot { line: first, column: 1, end: 1 };
            return self.fault(Code::TooManyRows, spot, message, None);
        }
        let line =
            |row: usize| first.saturating_add(u64::try_from(row - before).unwrap_or(u64::MAX));
        let bad = self.report(&ends, line, spots);
        let of = |column: Option<usize>| {
            let spot = column.and_then(|column| spots.get(column)).copied().unwrap_or(1);
            u16::try_from(spot).unwrap_or(u16::MAX)
        };
        let (key, link) = (of(self.stage.key), of(self.stage.link));
        let mut kept = before;
        let mut from = before;
        for row in bad.iter().copied().chain([len]) {
            if from < row {
                let line = u32::try_from(line(from)).unwrap_or(u32::MAX);
                self.stage.places.add(kept, Place { line, key, link });
                kept += row - from;
            }
            from = row + 1;
        }
        self.take_out(&bad);
        self.stage.rows = kept;
    }

    /// Takes back what columns were given since the last end.
    pub(crate) fn take_back_all(&mut self) {
        let rows = self.stage.rows;
        self.stage.columns.iter_mut().for_each(|column| column.truncate(rows));
    }

    /// The rows with problems, ascending. Each problem is reported, row by row.
    fn report(
        &mut self,
        ends: &[ColumnEnd],
        line: impl Fn(usize) -> u64,
        spots: &[usize],
    ) -> Vec<usize> {
        let mut all: Vec<(usize, usize, Problem)> = Vec::new();
        for (column, end) in ends.iter().enumerate() {
            all.extend(end.problems.iter().map(|(row, problem)| (*row, column, *problem)));
        }
        all.sort_by_key(|(row, column, _)| (*row, *column));
        for (row, column, problem) in &all {
            let Some(target) = self.stage.columns.get(*column) else { continue };
            let (code, message) = problem.describe(&target.name, &target.ty);
            let place = spots.get(*column).copied().unwrap_or(1);
            let spot = Spot { line: line(*row), column: place, end: place };
            self.findings.row(code, &self.origin, spot, (message, None));
        }
        let bad: BTreeSet<usize> = all.into_iter().map(|(row, ..)| row).collect();
        bad.into_iter().collect()
    }

    fn take_out(&mut self, bad: &[usize]) {
        let Some(first) = bad.first().copied() else { return };
        let stage = &mut *self.stage;
        stage.rejected += u64::try_from(bad.len()).unwrap_or(u64::MAX);
        if stage.keep_lost && !self.findings.lenient {
            for row in bad {
                match stage.key_at(*row) {
                    Some(key) => drop(stage.lost.insert(key)),
                    None => stage.lost_unknown = true,
                }
            }
        }
        for column in &mut stage.columns {
            column.take_out(first, bad);
        }
    }
}

impl ColumnWriter<'_> {
    pub(crate) fn len(&self) -> usize {
        self.column.presence.len()
    }

    pub(crate) fn end(self) -> ColumnEnd {
        ColumnEnd { len: self.len(), problems: self.problems }
    }

    /// A field of any type.
    pub(crate) fn put(&mut self, cell: Result<Cell<'_>, Problem>) {
        let cell = match cell {
            Ok(Cell::Missing | Cell::Text("")) if self.column.must => Err(Problem::Missing),
            Ok(Cell::Text("")) => Ok(Cell::Missing),
            other => other,
        };
        if let Err(problem) = cell.and_then(|cell| self.column.push(cell)) {
            self.problems.push((self.len(), problem));
            let len = self.len();
            self.column.values.truncate(len);
            // No column refuses that a field is missing.
            let _ = self.column.push(Cell::Missing);
        }
    }

    /// So many fields that are missing.
    pub(crate) fn missing(&mut self, count: usize) {
        (0..count).for_each(|_| self.put(Ok(Cell::Missing)));
    }

    /// Fields of a column of numbers.
    pub(crate) fn numbers(&mut self, numbers: impl Iterator<Item = Result<Option<i64>, Problem>>) {
        let StagedValues::Number(_) = self.column.values else {
            return numbers.for_each(|_| self.put(Err(Problem::Bad)));
        };
        let must = self.column.must;
        self.extend(numbers.map(|number| match number {
            Ok(None) if must => Err(Problem::Missing),
            other => other,
        }));
    }

    /// Fields of a column of numbers, none missing and none with a problem.
    pub(crate) fn plain_numbers(&mut self, numbers: impl ExactSizeIterator<Item = i64>) {
        if let StagedValues::Number(target) = &mut self.column.values {
            self.column.presence.extend_ones(numbers.len());
            target.extend_all(numbers);
        } else {
            numbers.for_each(|_| self.put(Err(Problem::Bad)));
        }
    }

    /// Fields of a column of texts.
    pub(crate) fn texts<'t>(&mut self, texts: impl Iterator<Item = Option<&'t str>>) {
        texts.for_each(|text| self.put(Ok(text.map_or(Cell::Missing, Cell::Text))));
    }

    /// Fields of a column of texts, by their numbers in a list of texts. `known` remembers the list's codes, and is empty
    /// at first.
    // PERF: each text of the list is looked up once, not once a row.
    pub(crate) fn listed_texts<'t>(
        &mut self,
        fields: impl Iterator<Item = Option<usize>>,
        list: impl Fn(usize) -> Option<&'t str>,
        known: &mut Vec<u32>,
    ) {
        let must = self.column.must;
        let StagedValues::Text { dictionary, .. } = &mut self.column.values else {
            return fields.for_each(|_| self.put(Err(Problem::Bad)));
        };
        let mut dictionary = std::mem::take(dictionary);
        let codes = fields.map(|field| match field {
            Some(at) => match known.get(at) {
                Some(code) if *code != UNMET => Ok(Some((*code).into())),
                _ => meet(&mut dictionary, at, &list, known, must),
            },
            None if must => Err(Problem::Missing),
            None => Ok(None),
        });
        self.extend(codes);
        if let StagedValues::Text { dictionary: empty, .. } = &mut self.column.values {
            *empty = dictionary;
        }
    }

    /// As [`ColumnWriter::listed_texts`], where no field is missing.
    // PERF: without a test a row for what is missing.
    pub(crate) fn all_listed_texts<'t>(
        &mut self,
        fields: impl ExactSizeIterator<Item = Option<usize>> + Clone,
        list: impl Fn(usize) -> Option<&'t str>,
        known: &mut Vec<u32>,
    ) {
        let code = |field: Option<usize>| {
            let code = field.and_then(|at| known.get(at)).copied();
            code.filter(|code| *code != UNMET)
        };
        match &mut self.column.values {
            StagedValues::Text { codes, .. }
                if fields.clone().all(|field| code(field).is_some()) =>
            {
                self.column.presence.extend_ones(fields.len());
                codes.extend_all(fields.map(|field| code(field).unwrap_or(0).into()));
            }
            _ => self.listed_texts(fields, list, known),
        }
    }

    /// A set of texts by their numbers in a list, as [`ColumnWriter::listed_texts`] has them. Missing and empty elements are
    /// left out.
    pub(crate) fn listed_set<'t>(
        &mut self,
        set: Option<&[Option<usize>]>,
        list: impl Fn(usize) -> Option<&'t str>,
        known: &mut Vec<u32>,
    ) {
        let (Some(set), StagedValues::TextSet { ends, codes, dictionary }) =
            (set, &mut self.column.values)
        else {
            return self.put(Ok(Cell::Missing));
        };
        let mut found = Ok(());
        for at in set.iter().flatten() {
            let code = match known.get(*at) {
                Some(code) if *code != UNMET => Ok(Some((*code).into())),
                _ => meet(dictionary, *at, &list, known, false),
            };
            match code {
                Ok(code) => code.into_iter().for_each(|code| codes.push(code)),
                Err(problem) => found = Err(problem),
            }
        }
        match found {
            Ok(()) => {
                ends.push(end_of(codes));
                self.column.presence.push(true);
            }
            Err(problem) => self.put(Err(problem)),
        }
    }

    /// Fields that are stored as one number each, or their problems.
    fn extend(&mut self, fields: impl Iterator<Item = Result<Option<i64>, Problem>>) {
        let StagedColumn { presence, values, .. } = &mut *self.column;
        let (StagedValues::Number(target) | StagedValues::Text { codes: target, .. }) = values
        else {
            return;
        };
        let problems = &mut self.problems;
        target.extend(fields.map(|field| {
            let number = field.unwrap_or_else(|problem| {
                problems.push((presence.len(), problem));
                None
            });
            presence.push(number.is_some());
            number
        }));
    }
}

/// The code of a text of a list that comes for the first time, kept for the next time. An empty text is missing.
#[cold]
fn meet<'t>(
    dictionary: &mut Arc<Dictionary>,
    at: usize,
    list: impl Fn(usize) -> Option<&'t str>,
    known: &mut Vec<u32>,
    must: bool,
) -> Result<Option<i64>, Problem> {
    let text = match list(at) {
        None | Some("") if must => return Err(Problem::Missing),
        None | Some("") => return Ok(None),
        Some(text) => text,
    };
    let code = intern(dictionary, text)?;
    if known.len() <= at {
        known.resize(at + 1, UNMET);
    }
    if let Some(slot) = known.get_mut(at) {
        *slot = code;
    }
    Ok(Some(code.into()))
}

impl StagedColumn {
    /// Takes rows out, which are ascending and from `first` on.
    fn take_out(&mut self, first: usize, bad: &[usize]) {
        let rows = self.presence.len();
        let mut bad = bad.iter().copied().peekable();
        let kept: Vec<usize> = (first..rows).filter(|row| bad.next_if_eq(row).is_none()).collect();
        let presence: Vec<bool> = kept.iter().map(|row| self.presence.get(*row)).collect();
        self.values.keep(first, &kept);
        self.presence.truncate(first);
        presence.into_iter().for_each(|present| self.presence.push(present));
    }
}

impl StagedValues {
    /// Of the rows from `first` on keeps only these.
    fn keep(&mut self, first: usize, kept: &[usize]) {
        match self {
            Self::Bool(bits) => {
                let all: Vec<bool> = kept.iter().map(|row| bits.get(*row)).collect();
                bits.truncate(first);
                all.into_iter().for_each(|bit| bits.push(bit));
            }
            Self::Number(numbers) | Self::Text { codes: numbers, .. } => {
                let all: Vec<i64> = kept.iter().filter_map(|row| numbers.get(*row)).collect();
                numbers.truncate(first);
                numbers.extend_all(all.into_iter());
            }
            Self::Float(numbers) => {
                let all: Vec<f64> =
                    kept.iter().filter_map(|row| numbers.get(*row).copied()).collect();
                numbers.truncate(first);
                numbers.extend(all);
            }
            Self::Geo(places) => {
                let all: Vec<_> = kept.iter().filter_map(|row| places.get(*row).copied()).collect();
                places.truncate(first);
                places.extend(all);
            }
            Self::TextSet { ends, codes: elements, .. } | Self::IntSet { ends, elements } => {
                let end = |row: usize| ends.get(row).and_then(|end| usize::try_from(end).ok());
                let sets: Vec<Vec<i64>> = kept
                    .iter()
                    .map(|row| {
                        let start = row.checked_sub(1).and_then(end).unwrap_or(0);
                        (start..end(*row).unwrap_or(start))
                            .filter_map(|at| elements.get(at))
                            .collect()
                    })
                    .collect();
                let start = first.checked_sub(1).and_then(end).unwrap_or(0);
                ends.truncate(first);
                elements.truncate(start);
                for set in sets {
                    elements.extend_all(set.into_iter());
                    ends.push(end_of(elements));
                }
            }
        }
    }
}
