//! Values of columns between which an answer has changed, and the customers who have them.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;

use super::super::{
    kernels, mask,
    resolve::{Test, ranges_test},
};
use crate::{
    parallel::in_parallel,
    schema::{ColumnId, TableId},
    snapshot::{Chunk, ColumnChunk, Offsets, Snapshot, Values},
};

/// Ascending, and without overlap.
pub(super) type Ranges = Vec<(i128, i128)>;

/// Ranges of columns, each once.
#[derive(Default)]
pub(super) struct Strips {
    strips: Vec<Strip>,
}

struct Strip {
    table: TableId,
    column: ColumnId,
    ranges: Ranges,
}

impl Strips {
    /// The number of the strip; `None` where it holds nothing.
    pub(super) fn add(
        &mut self,
        table: TableId,
        column: ColumnId,
        ranges: Ranges,
    ) -> Option<usize> {
        if ranges.is_empty() {
            return None;
        }
        let known =
            self.strips.iter().position(|known| known.column == column && known.ranges == ranges);
        Some(known.unwrap_or_else(|| {
            self.strips.push(Strip { table, column, ranges });
            self.strips.len() - 1
        }))
    }

    /// By strip: the customers who have, or own a row that has, such a value.
    //
    // PERF: all strips of a column share one pass, whatever their number.
    pub(super) fn owners(&self, snapshot: &Snapshot) -> Vec<RoaringBitmap> {
        let mut columns: BTreeMap<ColumnId, Vec<usize>> = BTreeMap::new();
        for (number, strip) in self.strips.iter().enumerate() {
            columns.entry(strip.column).or_default().push(number);
        }
        let columns: Vec<Pieces> =
            columns.into_values().filter_map(|strips| Pieces::of(&self.strips, &strips)).collect();
        let chunks = snapshot.chunk_count();
        let parts = in_parallel(chunks * columns.len(), |task| {
            let (column, chunk) = (columns.get(task / chunks), snapshot.chunk(task % chunks));
            column.map(|column| column.find(chunk)).unwrap_or_default()
        });
        let mut owners: Vec<RoaringBitmap> =
            self.strips.iter().map(|_| RoaringBitmap::new()).collect();
        for (strip, rows) in parts.into_iter().flatten() {
            if let Some(owners) = owners.get_mut(strip) {
                *owners |= rows;
            }
        }
        owners
    }
}

/// What one of both holds, and not the other. Each is ascending and without overlap.
pub(super) fn difference(one: &[(i128, i128)], other: &[(i128, i128)]) -> Ranges {
    // Where the one or the other begins or ends.
    let edges = |ranges: &[(i128, i128)]| -> Vec<i128> {
        let ends = |(low, high): &(i128, i128)| [Some(*low), high.checked_add(1)];
        ranges.iter().flat_map(ends).flatten().collect()
    };
    let mut edges: Vec<i128> = edges(one).into_iter().chain(edges(other)).collect();
    edges.sort_unstable();
    let pairs = edges.chunks(2);
    let range = |pair: &[i128]| match pair {
        [from, to] if from < to => Some((*from, to - 1)),
        [from] => Some((*from, i128::MAX)),
        _ => None,
    };
    pairs.filter_map(range).collect()
}

/// The strips of one column, cut where any of them begins or ends.
struct Pieces {
    table: TableId,
    column: ColumnId,
    all: Ranges,
    /// Ascending: up to which value, and the strips that hold the values from the end before on.
    pieces: Vec<(i128, Vec<usize>)>,
}

impl Pieces {
    fn of(all: &[Strip], numbers: &[usize]) -> Option<Self> {
        let strips: Vec<(usize, &Strip)> =
            numbers.iter().filter_map(|number| Some((*number, all.get(*number)?))).collect();
        let (_, first) = strips.first()?;
        let mut ends: Vec<i128> = Vec::new();
        for (low, high) in strips.iter().flat_map(|(_, strip)| &strip.ranges) {
            ends.extend([low.saturating_sub(1), *high]);
        }
        ends.sort_unstable();
        ends.dedup();
        let holders = |value: i128| -> Vec<usize> {
            let holding =
                strips.iter().filter(|(_, strip)| kernels::in_sorted(&strip.ranges, value));
            holding.map(|(number, _)| *number).collect()
        };
        let pieces = ends.into_iter().map(|end| (end, holders(end))).collect();
        let ranges = strips.iter().flat_map(|(_, strip)| strip.ranges.iter().copied()).collect();
        let all = match ranges_test(ranges) {
            Test::Ranges(joined) => joined,
            _ => Vec::new(),
        };
        Some(Self { table: first.table, column: first.column, all, pieces })
    }

    /// By strip, the customers of a chunk.
    fn find(&self, chunk: Chunk<'_>) -> Vec<(usize, RoaringBitmap)> {
        let mut found: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
        each_owned(chunk, (self.table, self.column), &self.all, |value, number| {
            let piece = self.pieces.partition_point(|(end, _)| *end < i128::from(value));
            for strip in self.pieces.get(piece).map_or(&[][..], |(_, strips)| strips) {
                let rows = found.entry(*strip).or_default();
                if rows.last() != Some(&number) {
                    rows.push(number);
                }
            }
        });
        found.into_iter().map(|(strip, rows)| (strip, rows.into_iter().collect())).collect()
    }
}

/// The values of a column, of customers or of rows that they own, that are in one of the ranges, with the numbers of the
/// customers.
pub(in super::super) fn each_owned(
    chunk: Chunk<'_>,
    (table, column): (TableId, ColumnId),
    ranges: &[(i128, i128)],
    mut found: impl FnMut(i64, u32),
) {
    let column = chunk.column(column);
    let Values::Number(frame) = &column.values else { return };
    let mut rows = mask::zeros(column.rows);
    swept(column, ranges, &mut rows);
    let offsets = (table != TableId::CUSTOMERS).then(|| chunk.offsets(table));
    let mut owner = Owner { offsets, at: 0 };
    for row in kernels::set_bits(&rows, 0, rows.len() * 64) {
        let Some(value) = frame.get(row) else { continue };
        let customer = owner.of(row);
        if chunk.live().is_some_and(|live| !mask::get(live, customer)) {
            continue;
        }
        if let Some(number) = chunk.numbers().number(customer) {
            found(value, number);
        }
    }
}

/// Whose the rows are; asked for ascending ones.
struct Owner<'a> {
    /// `None` where the rows are the customers.
    offsets: Option<&'a [u32]>,
    at: usize,
}

impl Owner<'_> {
    fn of(&mut self, row: usize) -> usize {
        let Some(offsets) = self.offsets else { return row };
        while offsets.get(self.at + 1).is_some_and(|end| *end as usize <= row) {
            self.at += 1;
        }
        self.at
    }
}

/// The rows whose value is in one of the ranges.
fn swept(column: &ColumnChunk, ranges: &[(i128, i128)], rows: &mut [u64]) {
    let Values::Number(frame) = &column.values else { return };
    match &frame.offsets {
        Offsets::U16(offsets) if ranges.len() > 1 => {
            let last = offsets.iter().copied().max().unwrap_or(0);
            let holds =
                |offset: u16| kernels::in_sorted(ranges, frame.number(offset.into()).into());
            let table: Vec<bool> = (0..=last).map(holds).collect();
            let holds = |offset: u16| table.get(usize::from(offset)) == Some(&true);
            kernels::fill(offsets, rows, holds);
        }
        _ => kernels::in_ranges(frame, ranges, rows),
    }
    if let Some(presence) = column.presence() {
        mask::and(rows, presence);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_of_two_holds() {
        let all = (i128::MIN, i128::MAX);
        for (one, other, expected) in [
            (vec![(1, 5)], vec![(1, 5)], vec![]),
            (vec![(1, 5)], vec![(2, 6)], vec![(1, 1), (6, 6)]),
            (vec![(1, 5)], vec![], vec![(1, 5)]),
            (vec![(i128::MIN, 3)], vec![(i128::MIN, 7)], vec![(4, 7)]),
            (vec![(3, i128::MAX)], vec![(7, i128::MAX)], vec![(3, 6)]),
            (vec![all], vec![(0, 0)], vec![(i128::MIN, -1), (1, i128::MAX)]),
            (vec![all], vec![all], vec![]),
            (vec![(1, 2), (8, 9)], vec![(2, 8)], vec![(1, 1), (3, 7), (9, 9)]),
        ] {
            assert_eq!(difference(&one, &other), expected, "{one:?} {other:?}");
            assert_eq!(difference(&other, &one), expected);
        }
    }
}
