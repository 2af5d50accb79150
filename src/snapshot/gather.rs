//! From staged columns to the narrow columns of a chunk.
#![expect(
    clippy::indexing_slicing,
    reason = "row numbers are those of staged rows, codes those of the dictionary"
)]

use super::{
    Bits, Codes, ColumnChunk, Floats, Frame, NONE, Values, index,
    stage::{StagedColumn, StagedValues},
};

/// How staged fields become what is stored.
pub(super) enum Recode<'a> {
    /// As they are.
    Plain,
    /// Texts get other codes, by staged code; all that are gathered have one.
    Text(Vec<u32>),
    /// References to lookup rows, by staged text code; `NONE` where the key does not exist.
    RefText(Vec<u32>),
    /// References to lookup rows, by number.
    RefNumber(&'a dyn Fn(i64) -> Option<u32>),
}

/// What is counted on the way.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) dangling: u64,
    pub(super) undeclared: u64,
}

/// One column of one chunk: the staged rows in the order of the chunk, `NONE` for an empty row. `declared` says by
/// code which texts are declared values.
pub(super) fn gather(
    staged: &StagedColumn,
    rows: &[u32],
    recode: &Recode<'_>,
    declared: Option<&[bool]>,
    tally: &mut Tally,
) -> ColumnChunk {
    let at = |row: u32| Some(index(row)).filter(|at| row != NONE && staged.presence.get(*at));
    let present = rows.iter().map(|row| at(*row));
    let mut presence: Bits = present.clone().map(|row| row.is_some()).collect();
    let values = match &staged.values {
        StagedValues::Bool(bits) => {
            Values::Bool(present.map(|row| row.is_some_and(|row| bits.get(row))).collect())
        }
        StagedValues::Number(numbers) => match recode {
            Recode::RefNumber(find) => {
                let found: Vec<Option<u32>> =
                    present.map(|row| row.and_then(|row| find(numbers[row]))).collect();
                references(&found, &mut presence, tally)
            }
            _ => {
                // PERF: the staged rows lie anywhere, so they are visited once, not once a pass.
                let numbers: Vec<Option<i64>> =
                    present.map(|row| row.map(|row| numbers[row])).collect();
                Values::Number(Frame::new(numbers.iter().copied()))
            }
        },
        StagedValues::Float(numbers) => {
            Values::Float(floats(present.map(|row| row.map(|row| numbers[row]))))
        }
        StagedValues::Text { codes, .. } => {
            let codes: Vec<Option<u32>> = present.map(|row| row.map(|row| codes[row])).collect();
            if let Some(declared) = declared {
                let known = codes.iter().flatten();
                tally.undeclared += count(known.filter(|code| !declared[index(**code)]));
            }
            texts(&codes, recode, &mut presence, tally)
        }
        StagedValues::TextSet { ends, codes, .. } => {
            let (offsets, codes) = sets(present, ends, codes);
            Values::TextSet { offsets, codes: Codes::new(codes.iter().copied()) }
        }
        StagedValues::IntSet { ends, elements } => {
            let (offsets, elements) = sets(present, ends, elements);
            Values::IntSet { offsets, elements }
        }
        StagedValues::Geo(places) => {
            let places = present.map(|row| row.map_or((0.0, 0.0), |row| places[row]));
            let (latitude, longitude) = places.unzip();
            Values::Geo { latitude, longitude }
        }
    };
    let is_set = matches!(values, Values::TextSet { .. } | Values::IntSet { .. });
    let presence = Some(presence).filter(|bits: &Bits| !is_set && !bits.all());
    ColumnChunk { rows: rows.len(), presence, values }
}

/// Texts by their codes, or the rows of a lookup that they name.
fn texts(
    codes: &[Option<u32>],
    recode: &Recode<'_>,
    presence: &mut Bits,
    tally: &mut Tally,
) -> Values {
    let codes = codes.iter().copied();
    match recode {
        Recode::RefText(map) => {
            let row = |code| Some(map[index(code)]).filter(|row| *row != NONE);
            let found: Vec<Option<u32>> = codes.map(|code| code.and_then(row)).collect();
            references(&found, presence, tally)
        }
        Recode::Text(map) => {
            Values::Text(Codes::new(codes.map(|code| code.map_or(0, |code| map[index(code)]))))
        }
        _ => Values::Text(Codes::new(codes.map(Option::unwrap_or_default))),
    }
}

/// Rows of a lookup. A key that was given and not found is counted, and read as missing.
fn references(found: &[Option<u32>], presence: &mut Bits, tally: &mut Tally) -> Values {
    let known: Bits = found.iter().map(Option::is_some).collect();
    let lost = presence.count() - known.count();
    tally.dangling += u64::try_from(lost).unwrap_or(u64::MAX);
    *presence = known;
    Values::Ref(Codes::new(found.iter().map(|row| row.unwrap_or(0))))
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
    ends: &[usize],
    elements: &[T],
) -> (Vec<u32>, Vec<T>) {
    let mut offsets = vec![0];
    let mut all = Vec::new();
    let mut set = Vec::new();
    for row in present {
        if let Some(row) = row {
            let start = row.checked_sub(1).map_or(0, |before| ends[before]);
            set.clear();
            set.extend_from_slice(&elements[start..ends[row]]);
            set.sort_unstable();
            set.dedup();
            all.extend_from_slice(&set);
        }
        offsets.push(u32::try_from(all.len()).unwrap_or(u32::MAX));
    }
    all.shrink_to_fit();
    (offsets, all)
}
