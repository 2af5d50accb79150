//! One chunk of customers with everything that hangs on them: what `exec` reads.

use std::sync::Arc;

use super::{ColumnChunk, Dictionary, Snapshot, Table};
use crate::schema::{ColumnId, Role, TableId};

/// 65,536 customers, in the last chunk fewer, and their rows in the child tables.
#[derive(Clone, Copy)]
pub(crate) struct Chunk<'a> {
    snapshot: &'a Snapshot,
    index: usize,
    rows: usize,
}

/// How the rows of a child table hang on the customers of one chunk.
#[derive(Default, PartialEq, Eq)]
pub(crate) struct Links {
    /// The rows of customer `c` (counted within the chunk) are `offsets[c]..offsets[c + 1]`.
    pub(super) offsets: Vec<u32>,
    /// The row of the parent table in the chunk of the same number; empty where the parent is the customer.
    pub(super) parents: Vec<u32>,
}

impl Snapshot {
    /// 0 where there are no customers.
    pub(crate) fn chunk_count(&self) -> usize {
        self.row_count().div_ceil(super::CHUNK_ROWS)
    }

    /// INVARIANT: `index` is less than [`Snapshot::chunk_count`].
    pub(crate) fn chunk(&self, index: usize) -> Chunk<'_> {
        let before = index * super::CHUNK_ROWS;
        let rows = self.row_count().saturating_sub(before).min(super::CHUNK_ROWS);
        Chunk { snapshot: self, index, rows }
    }

    /// The texts of a text or text set column; for other columns `None`.
    pub(crate) fn dictionary(&self, column: ColumnId) -> Option<&Dictionary> {
        self.table(column.table).columns.get(usize::from(column.index))?.dictionary.as_deref()
    }

    pub(super) fn shared_dictionary(&self, column: ColumnId) -> Option<Arc<Dictionary>> {
        self.table(column.table).columns.get(usize::from(column.index))?.dictionary.clone()
    }

    #[expect(clippy::indexing_slicing, reason = "there is one table for each of the schema's")]
    pub(super) fn table(&self, table: TableId) -> &Table {
        &self.inner.tables[usize::from(table.0)]
    }

    /// Lookups have one chunk, the number 0, and answer with it whatever the number.
    ///
    /// INVARIANT: the column is one of the schema's and `chunk` is less than [`Snapshot::chunk_count`].
    #[expect(clippy::indexing_slicing, reason = "each column has each chunk of its table")]
    pub(crate) fn column(&self, column: ColumnId, chunk: usize) -> &ColumnChunk {
        let chunks = &self.table(column.table).columns[usize::from(column.index)].chunks;
        match self.schema().table(column.table).role {
            Role::Lookup => &chunks[0],
            Role::Customers { .. } | Role::Child { .. } | Role::Nested { .. } => &chunks[chunk],
        }
    }

    #[expect(clippy::indexing_slicing, reason = "each child table has each chunk")]
    fn links(&self, table: TableId, chunk: usize) -> &Links {
        &self.table(table).links[chunk]
    }
}

impl<'a> Chunk<'a> {
    pub(crate) fn index(self) -> usize {
        self.index
    }

    /// The customers' rows, empty ones included: 1 to 65,536.
    pub(crate) fn rows(self) -> usize {
        self.rows
    }

    /// One bit a row of the customers that is not empty; `None` where none is.
    pub(crate) fn live(self) -> Option<&'a [u64]> {
        let key = self.snapshot.schema().table(TableId::CUSTOMERS).key?;
        self.column(key).presence()
    }

    /// A column of the customers, of a child table in this chunk, or of a lookup (its only chunk).
    pub(crate) fn column(self, column: ColumnId) -> &'a ColumnChunk {
        self.snapshot.column(column, self.index)
    }

    /// The rows of customer `c` of the chunk in a child table are `offsets[c]..offsets[c + 1]`; one more entry than
    /// [`Chunk::rows`]. Of child tables only, nested ones included.
    pub(crate) fn offsets(self, table: TableId) -> &'a [u32] {
        &self.snapshot.links(table, self.index).offsets
    }

    /// For each row of a nested table, the row of its parent table in this chunk; empty for other child tables.
    pub(crate) fn parents(self, table: TableId) -> &'a [u32] {
        &self.snapshot.links(table, self.index).parents
    }

    /// The rows of a child table in this chunk.
    pub(crate) fn child_rows(self, table: TableId) -> usize {
        self.offsets(table).last().map_or(0, |end| super::index(*end))
    }
}

impl Links {
    pub(super) fn bytes(&self) -> usize {
        (self.offsets.len() + self.parents.len()) * 4
    }
}
