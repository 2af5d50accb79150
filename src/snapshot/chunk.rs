//! One chunk of customers with everything that hangs on them: what `exec` reads.

use std::sync::Arc;

use super::{Bits, CHUNK_ROWS, ColumnChunk, Dictionary, Placed, Snapshot, Table, Values, index};
use crate::{
    schema::{ColumnId, TableId},
    value::Key,
};

/// A chunk as its snapshot sees it, or one that was gathered from it.
#[derive(Clone, Copy)]
pub(crate) struct Chunk<'a> {
    snapshot: &'a Snapshot,
    data: &'a ChunkData,
    live: Option<&'a Bits>,
    index: Option<usize>,
}

/// Customers and their rows in the child tables.
pub(crate) struct ChunkData {
    pub(super) rows: Rows,
    /// By table; `None` for lookups.
    pub(super) tables: Vec<Option<Arc<TableChunk>>>,
}

/// Which rows the customers of a chunk have in the snapshot.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Rows {
    /// So many from a multiple of 65,536 on.
    From { first: u32, count: usize },
    /// These, ascending.
    Listed(Arc<[u32]>),
}

/// The part of one table.
#[derive(Clone)]
pub(crate) struct TableChunk {
    pub(super) columns: Vec<Arc<ColumnChunk>>,
    /// Of child tables.
    pub(super) links: Option<Arc<Links>>,
}

/// How the rows of a child table hang on the customers of one chunk.
#[derive(Default, PartialEq, Eq)]
pub(crate) struct Links {
    /// The rows of customer `c` (counted within the chunk) are `offsets[c]..offsets[c + 1]`.
    pub(super) offsets: Vec<u32>,
    /// The row of the parent table in the same chunk; empty where the parent is the customer.
    pub(super) parents: Vec<u32>,
}

impl Snapshot {
    /// 0 where there are no customers.
    pub(crate) fn chunk_count(&self) -> usize {
        self.inner.chunks.len()
    }

    /// INVARIANT: `index` is less than [`Snapshot::chunk_count`].
    #[expect(clippy::indexing_slicing, reason = "the caller counts")]
    pub(crate) fn chunk(&self, index: usize) -> Chunk<'_> {
        let placed = &self.inner.chunks[index];
        let (data, live) = (placed.data.as_ref(), placed.live.as_deref());
        Chunk { snapshot: self, data, live, index: Some(index) }
    }

    /// The chunk in which the customer of a row lives, and the row within it.
    pub(crate) fn place_of(&self, row: u32) -> Option<(usize, usize)> {
        let (number, local) = (index(row) / CHUNK_ROWS, index(row) % CHUNK_ROWS);
        let lives = |placed: &Placed, local: usize| {
            local < placed.data.rows.len()
                && placed.live.as_ref().is_none_or(|live| live.get(local))
        };
        let base = self.inner.chunks.get(number).filter(|_| number < self.inner.base);
        if base.is_some_and(|placed| lives(placed, local)) {
            return Some((number, local));
        }
        let overlays = self.inner.chunks.iter().enumerate().skip(self.inner.base).rev();
        overlays
            .filter_map(|(number, placed)| Some((number, placed, placed.data.rows.find(row)?)))
            .find(|(_, placed, local)| lives(placed, *local))
            .map(|(number, _, local)| (number, local))
    }

    /// Between which the numbers of a column lie.
    pub(crate) fn range_of(&self, column: ColumnId) -> Option<(i64, i64)> {
        let range = |chunk| match &self.column(column, chunk).values {
            Values::Number(frame) => frame.range,
            _ => None,
        };
        let ranges = (0..self.chunk_count()).filter_map(range);
        ranges.reduce(|(a, b), (c, d)| (a.min(c), b.max(d)))
    }

    pub(crate) fn rows_of(&self, column: ColumnId) -> usize {
        (0..self.chunk_count()).map(|chunk| self.column(column, chunk).rows).sum()
    }

    /// The texts of a text or text set column; for other columns `None`.
    pub(crate) fn dictionary(&self, column: ColumnId) -> Option<&Dictionary> {
        self.table(column.table).dictionaries.get(usize::from(column.index))?.as_deref()
    }

    pub(super) fn shared_dictionary(&self, column: ColumnId) -> Option<Arc<Dictionary>> {
        self.table(column.table).dictionaries.get(usize::from(column.index))?.clone()
    }

    #[expect(clippy::indexing_slicing, reason = "there is one table for each of the schema's")]
    pub(super) fn table(&self, table: TableId) -> &Table {
        &self.inner.tables[usize::from(table.0)]
    }

    /// Lookups answer with their only piece whatever the number.
    ///
    /// INVARIANT: the column is one of the schema's and `chunk` is less than [`Snapshot::chunk_count`].
    #[expect(clippy::indexing_slicing, reason = "the caller counts")]
    pub(crate) fn column(&self, column: ColumnId, chunk: usize) -> &ColumnChunk {
        match &self.table(column.table).lookup {
            Some(lookup) => lookup.column(column),
            None => self.inner.chunks[chunk].data.column(column),
        }
    }
}

impl<'a> Chunk<'a> {
    /// Customers who are not in any chunk of the snapshot, or not as they are there.
    pub(crate) fn gathered(snapshot: &'a Snapshot, data: &'a ChunkData) -> Self {
        Self { snapshot, data, live: None, index: None }
    }

    /// The number of the chunk in its snapshot; `None` for one that was gathered.
    pub(crate) fn index(self) -> Option<usize> {
        self.index
    }

    /// How many customers it has room for, empty rows included.
    pub(crate) fn rows(self) -> usize {
        self.data.rows.len()
    }

    /// Which rows of the snapshot they are.
    pub(crate) fn numbers(self) -> &'a Rows {
        &self.data.rows
    }

    /// One bit a customer who lives here; `None` where all do.
    pub(crate) fn live(self) -> Option<&'a [u64]> {
        self.live.map(Bits::words)
    }

    /// Whether a customer lives in a row of the chunk.
    pub(crate) fn lives(self, row: usize) -> bool {
        self.live.is_none_or(|live| live.get(row))
    }

    pub(crate) fn key_at(self, row: usize) -> Option<Key> {
        self.snapshot.key_at(self.data.rows.number(row)?)
    }

    /// A column of the customers, of a child table in this chunk, or of a lookup.
    pub(crate) fn column(self, column: ColumnId) -> &'a ColumnChunk {
        match &self.snapshot.table(column.table).lookup {
            Some(lookup) => lookup.column(column),
            None => self.data.column(column),
        }
    }

    /// The rows of customer `c` of the chunk in a child table are `offsets[c]..offsets[c + 1]`; one more entry than
    /// [`Chunk::rows`]. Of child tables only, nested ones included.
    pub(crate) fn offsets(self, table: TableId) -> &'a [u32] {
        self.data.links(table).map_or(&[], |links| &links.offsets)
    }

    /// For each row of a nested table, the row of its parent table in this chunk; empty for other child tables.
    pub(crate) fn parents(self, table: TableId) -> &'a [u32] {
        self.data.links(table).map_or(&[], |links| &links.parents)
    }

    /// The rows of a child table in this chunk.
    pub(crate) fn child_rows(self, table: TableId) -> usize {
        self.offsets(table).last().map_or(0, |end| index(*end))
    }
}

impl Rows {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::From { count, .. } => *count,
            Self::Listed(rows) => rows.len(),
        }
    }

    pub(crate) fn number(&self, local: usize) -> Option<u32> {
        match self {
            Self::From { first, count } => {
                let local = u32::try_from(local).ok().filter(|_| local < *count)?;
                first.checked_add(local)
            }
            Self::Listed(rows) => rows.get(local).copied(),
        }
    }

    fn find(&self, row: u32) -> Option<usize> {
        match self {
            Self::From { first, count } => {
                row.checked_sub(*first).map(index).filter(|local| local < count)
            }
            Self::Listed(rows) => rows.binary_search(&row).ok(),
        }
    }
}

impl ChunkData {
    pub(crate) fn into_rows(self) -> Rows {
        self.rows
    }

    /// Customers of whom nothing is known.
    pub(crate) fn of_rows(rows: Rows) -> Self {
        Self { rows, tables: Vec::new() }
    }

    pub(super) fn table(&self, table: TableId) -> Option<&TableChunk> {
        self.tables.get(usize::from(table.0))?.as_deref()
    }

    fn column(&self, column: ColumnId) -> &ColumnChunk {
        self.table(column.table).map_or(&NOTHING, |table| table.column(column))
    }

    pub(super) fn links(&self, table: TableId) -> Option<&Links> {
        self.table(table)?.links.as_deref()
    }

    pub(super) fn bytes(&self) -> usize {
        let rows = match &self.rows {
            Rows::From { .. } => 0,
            Rows::Listed(rows) => rows.len() * 4,
        };
        rows + self.tables.iter().flatten().map(|table| table.bytes()).sum::<usize>()
    }
}

/// A column that nothing has.
static NOTHING: ColumnChunk = ColumnChunk {
    rows: 0,
    presence: None,
    values: super::Values::Text(super::Codes::U8(Vec::new())),
};

impl TableChunk {
    #[expect(clippy::indexing_slicing, reason = "each table has each of its columns")]
    pub(super) fn column(&self, column: ColumnId) -> &ColumnChunk {
        &self.columns[usize::from(column.index)]
    }

    pub(super) fn bytes(&self) -> usize {
        let columns: usize = self.columns.iter().map(|column| column.bytes()).sum();
        columns + self.links.as_ref().map_or(0, |links| links.bytes())
    }
}

impl Links {
    pub(super) fn bytes(&self) -> usize {
        (self.offsets.len() + self.parents.len()) * 4
    }
}
