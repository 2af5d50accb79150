//! From staged columns to the narrow columns of a chunk.
#![expect(
    clippy::indexing_slicing,
    reason = "row numbers are those of staged rows, codes those of the dictionary"
)]

use std::sync::Arc;

use super::{
    Bits, Codes, ColumnChunk, Dictionary, Floats, Frame, NONE, Offsets, Values,
    column::Width,
    index,
    link::Finder,
    stage::{StagedColumn, StagedValues},
};

/// A staged column in one piece, from which rows are taken in another order.
pub(super) struct Source {
    /// `None` where every row has a value.
    presence: Option<Bits>,
    values: Flat,
}

enum Flat {
    Bool(Bits),
    Number(Frame),
    Float(Vec<f64>),
    Text { codes: Frame, dictionary: Arc<Dictionary> },
    TextSet { ends: Frame, codes: Frame, dictionary: Arc<Dictionary> },
    IntSet { ends: Frame, elements: Frame },
    Geo(Vec<(f64, f64)>),
}

/// How staged fields become what is stored.
pub(super) enum Recode<'a> {
    /// As they are.
    Plain,
    /// Texts get other codes, by staged code; all that are gathered have one.
    Text(Vec<u32>),
    /// References to lookup rows, by staged text code; `NONE` where the key does not exist.
    RefText(Vec<u32>),
    /// References to lookup rows, by number.
    RefNumber(Finder<'a>),
    /// The same, of few rows.
    RefFew(&'a (dyn Fn(i64) -> Option<u32> + Sync)),
}

/// What is counted on the way.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) dangling: u64,
    pub(super) undeclared: u64,
}

impl Source {
    pub(super) fn new(staged: StagedColumn) -> Self {
        let presence = Some(staged.presence).filter(|bits| !bits.all());
        let values = match staged.values {
            StagedValues::Bool(bits) => Flat::Bool(bits),
            StagedValues::Number(numbers) => Flat::Number(numbers.flatten()),
            StagedValues::Float(numbers) => Flat::Float(numbers),
            StagedValues::Text { codes, dictionary } => {
                Flat::Text { codes: codes.flatten(), dictionary }
            }
            StagedValues::TextSet { ends, codes, dictionary } => {
                Flat::TextSet { ends: ends.flatten(), codes: codes.flatten(), dictionary }
            }
            StagedValues::IntSet { ends, elements } => {
                Flat::IntSet { ends: ends.flatten(), elements: elements.flatten() }
            }
            StagedValues::Geo(places) => Flat::Geo(places),
        };
        Self { presence, values }
    }

    pub(super) fn dictionary(&self) -> Option<&Arc<Dictionary>> {
        match &self.values {
            Flat::Text { dictionary, .. } | Flat::TextSet { dictionary, .. } => Some(dictionary),
            _ => None,
        }
    }

    /// Which of the rows have a value; `None` where all have.
    fn presence(&self, rows: &[u32]) -> Option<Bits> {
        match &self.presence {
            None if !rows.contains(&NONE) => None,
            None => Some(rows.iter().map(|row| *row != NONE).collect()),
            Some(bits) => {
                Some(rows.iter().map(|row| *row != NONE && bits.get(index(*row))).collect())
            }
        }
    }
}

/// One column of one chunk: the staged rows in the order of the chunk, `NONE` for an empty row. `declared` says by
/// code which texts are declared values.
pub(super) fn gather(
    source: &Source,
    rows: &[u32],
    recode: &Recode<'_>,
    declared: Option<&[bool]>,
) -> (ColumnChunk, Tally) {
    let mut tally = Tally::default();
    let mut presence = source.presence(rows);
    let present = || picked(rows, presence.as_ref());
    let values = match &source.values {
        Flat::Bool(bits) => {
            Values::Bool(present().map(|row| row.is_some_and(|row| bits.get(row))).collect())
        }
        Flat::Number(numbers) => {
            let found = match recode {
                Recode::RefNumber(finder) => {
                    let find = |row| numbers.get(row).and_then(|key| finder.find(key));
                    Some(present().map(|row| row.and_then(find).unwrap_or(NONE)).collect())
                }
                Recode::RefFew(finder) => {
                    let find = |row| numbers.get(row).and_then(finder);
                    Some(present().map(|row| row.and_then(find).unwrap_or(NONE)).collect())
                }
                Recode::Plain | Recode::Text(_) | Recode::RefText(_) => None,
            };
            match found {
                Some(found) => references(found, rows.len(), &mut presence, &mut tally),
                None => Values::Number(numbers_of(numbers, rows, presence.as_ref())),
            }
        }
        Flat::Float(numbers) => {
            Values::Float(floats(present().map(|row| row.map(|row| numbers[row]))))
        }
        Flat::Text { codes, .. } => {
            let codes = codes_of(codes, rows, presence.as_ref());
            if let Some(declared) = declared {
                let known = codes.iter().zip(present()).filter(|(_, row)| row.is_some());
                tally.undeclared += count(known.filter(|(code, _)| !declared[index(**code)]));
            }
            texts(codes, recode, &mut presence, &mut tally)
        }
        Flat::TextSet { ends, codes, .. } => {
            let code = |at| codes.get(at).and_then(|code| u32::try_from(code).ok()).unwrap_or(0);
            let (offsets, codes) = sets(present(), ends, code);
            Values::TextSet { offsets, codes: Codes::of(&codes) }
        }
        Flat::IntSet { ends, elements } => {
            let element = |at| elements.get(at).unwrap_or(0);
            let (offsets, elements) = sets(present(), ends, element);
            Values::IntSet { offsets, elements }
        }
        Flat::Geo(places) => {
            let places = present().map(|row| row.map_or((0.0, 0.0), |row| places[row]));
            let (latitude, longitude) = places.unzip();
            Values::Geo { latitude, longitude }
        }
    };
    let is_set = matches!(values, Values::TextSet { .. } | Values::IntSet { .. });
    let presence = presence.filter(|bits: &Bits| !is_set && !bits.all());
    (ColumnChunk { rows: rows.len(), presence, values }, tally)
}

/// The staged row of each row that has a value.
fn picked<'a>(
    rows: &'a [u32],
    presence: Option<&'a Bits>,
) -> impl Iterator<Item = Option<usize>> + Clone + use<'a> {
    let row = move |(at, row): (usize, &u32)| {
        presence.is_none_or(|bits| bits.get(at)).then(|| index(*row))
    };
    rows.iter().enumerate().map(row)
}

/// The numbers of the rows.
fn numbers_of(numbers: &Frame, rows: &[u32], presence: Option<&Bits>) -> Frame {
    match &numbers.offsets {
        Offsets::U8(from) => Frame::narrowest(&taken(from, rows, presence), numbers.base, presence),
        Offsets::U16(from) => {
            Frame::narrowest(&taken(from, rows, presence), numbers.base, presence)
        }
        Offsets::U32(from) => {
            Frame::narrowest(&taken(from, rows, presence), numbers.base, presence)
        }
        Offsets::I64(from) => {
            Frame::narrowest(&taken(from, rows, presence), numbers.base, presence)
        }
    }
}

// PERF: the staged rows lie anywhere, so they are visited once, in the width in which they lie.
fn taken<T: Width>(from: &[T], rows: &[u32], presence: Option<&Bits>) -> Vec<T> {
    match presence {
        None => rows.iter().map(|row| from[index(*row)]).collect(),
        Some(_) => {
            let fields = picked(rows, presence);
            fields.map(|row| row.map_or_else(T::default, |row| from[row])).collect()
        }
    }
}

/// The codes of the rows, 0 where there is none.
fn codes_of(codes: &Frame, rows: &[u32], presence: Option<&Bits>) -> Vec<u32> {
    let base = codes.base;
    match &codes.offsets {
        Offsets::U8(from) => coded(from, base, rows, presence),
        Offsets::U16(from) => coded(from, base, rows, presence),
        Offsets::U32(from) => coded(from, base, rows, presence),
        Offsets::I64(from) => coded(from, base, rows, presence),
    }
}

fn coded<T: Width>(from: &[T], base: i64, rows: &[u32], presence: Option<&Bits>) -> Vec<u32> {
    let code = |row: usize| u32::narrow(from[row].wide().wrapping_add(base));
    match presence {
        None => rows.iter().map(|row| code(index(*row))).collect(),
        Some(_) => picked(rows, presence).map(|row| row.map_or(0, code)).collect(),
    }
}

/// Texts by their codes, or the rows of a lookup that they name.
fn texts(
    codes: Vec<u32>,
    recode: &Recode<'_>,
    presence: &mut Option<Bits>,
    tally: &mut Tally,
) -> Values {
    let is_present = |at: usize| presence.as_ref().is_none_or(|bits| bits.get(at));
    let each = codes.iter().enumerate().map(|(at, code)| is_present(at).then(|| index(*code)));
    match recode {
        Recode::RefText(map) => {
            let found = each.map(|code| code.map_or(NONE, |code| map[code])).collect();
            references(found, codes.len(), presence, tally)
        }
        Recode::Text(map) => {
            let codes: Vec<u32> = each.map(|code| code.map_or(0, |code| map[code])).collect();
            Values::Text(Codes::of(&codes))
        }
        Recode::Plain | Recode::RefNumber(_) | Recode::RefFew(_) => Values::Text(Codes::of(&codes)),
    }
}

/// Rows of a lookup. A key that was given and not found is counted, and read as missing.
fn references(
    mut found: Vec<u32>,
    rows: usize,
    presence: &mut Option<Bits>,
    tally: &mut Tally,
) -> Values {
    let known: Bits = found.iter().map(|row| *row != NONE).collect();
    let lost = presence.as_ref().map_or(rows, Bits::count) - known.count();
    tally.dangling += u64::try_from(lost).unwrap_or(u64::MAX);
    *presence = Some(known);
    found.iter_mut().filter(|row| **row == NONE).for_each(|row| *row = 0);
    Values::Ref(Codes::of(&found))
}

fn count<T>(items: impl Iterator<Item = T>) -> u64 {
    items.fold(0, |count, _| count + 1)
}

fn floats(numbers: impl Iterator<Item = Option<f64>> + Clone) -> Floats {
    let range = numbers.clone().flatten().fold(None, |range, number| match range {
        None => Some((number, number)),
        Some((min, max)) => Some((number.min(min), number.max(max))),
    });
    Floats { values: numbers.map(Option::unwrap_or_default).collect(), range }
}

/// Offsets and elements; each set ascending, each element once.
fn sets<T: Ord + Copy>(
    present: impl Iterator<Item = Option<usize>>,
    ends: &Frame,
    element: impl Fn(usize) -> T,
) -> (Vec<u32>, Vec<T>) {
    let end = |row| ends.get(row).and_then(|end| usize::try_from(end).ok()).unwrap_or(0);
    let mut offsets = vec![0];
    let mut all = Vec::new();
    let mut set = Vec::new();
    for row in present {
        if let Some(row) = row {
            let start = row.checked_sub(1).map_or(0, end);
            set.clear();
            set.extend((start..end(row)).map(&element));
            set.sort_unstable();
            set.dedup();
            all.extend_from_slice(&set);
        }
        offsets.push(u32::try_from(all.len()).unwrap_or(u32::MAX));
    }
    all.shrink_to_fit();
    (offsets, all)
}
