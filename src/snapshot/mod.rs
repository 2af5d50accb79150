//! Customers, their rows and lookups as immutable columns.
//!
//! Customers stand in chunks, each of which owns everything about its customers: their columns, and their rows in the
//! child tables, sorted by customer, then time (missing first), then the order in which they were given. So the rows that
//! exist at a day are a prefix of the customer's rows, those without a time included. Lookups are one piece.
//!
//! Base chunks hold 65,536 rows each, in the order of row numbers; overlays hold the customers of a change, by a list of
//! their rows. A customer lives in one chunk: elsewhere the row is masked out. Overlays are merged as they become many.
//!
//! A customer keeps its row number from snapshot to snapshot; the row of a deleted customer stays empty until the same
//! key comes back.

#[cfg(feature = "arrow")]
mod append;
mod assemble;
mod bits;
mod build;
mod change;
mod chunk;
mod column;
mod dictionary;
#[cfg(feature = "store")]
mod digest;
mod findings;
mod gather;
mod keys;
mod layout;
mod link;
mod packed;
mod pick;
mod places;
mod row;
mod stage;
#[cfg(test)]
mod tests;
mod wanted;

use std::{
    collections::HashSet,
    fmt,
    sync::{Arc, OnceLock},
};

use roaring::RoaringBitmap;

#[cfg(feature = "arrow")]
pub(crate) use append::{ColumnEnd, ColumnWriter};
pub(crate) use bits::Bits;
pub use build::SnapshotBuilder;
pub(crate) use build::misuse;
pub use change::Changes;
pub(crate) use change::{Changed, is_of};
pub(crate) use chunk::{Chunk, ChunkData, Links, Rows, TableChunk};
pub(crate) use column::{Codes, ColumnChunk, Floats, Frame, Offsets, Values};
pub(crate) use dictionary::Dictionary;
pub use findings::LoadReport;
#[cfg(any(feature = "arrow", feature = "csv", feature = "jsonl"))]
pub(crate) use findings::Origin;
pub(crate) use findings::Spot;
pub(crate) use row::{Row, number_value};
pub(crate) use stage::{Cell, Problem, Writer, field_type};
pub(crate) use wanted::Wanted;

use crate::{
    schema::{Schema, TableId},
    value::Key,
};
use change::RowIndex;
use keys::Keys;

/// The rows of one chunk: exactly one roaring container.
pub(crate) const CHUNK_ROWS: usize = 1 << 16;

/// The data that rules are evaluated on. Cheap to clone; `Debug` shows sizes, never values.
#[derive(Clone)]
pub struct Snapshot {
    inner: Arc<Inner>,
}

struct Inner {
    schema: Schema,
    /// In the order of the schema.
    tables: Vec<Arc<Table>>,
    /// Base chunks, then overlays.
    chunks: Vec<Placed>,
    /// How many of the chunks are base chunks.
    base: usize,
    live: Arc<RoaringBitmap>,
    report: LoadReport,
    /// By table: of child tables with a key, made when first asked for.
    indexes: Vec<OnceLock<Arc<RowIndex>>>,
}

/// A chunk in its snapshot.
#[derive(Clone)]
struct Placed {
    data: Arc<ChunkData>,
    /// The customers who live here; `None` for all.
    live: Option<Arc<Bits>>,
}

#[derive(Clone)]
struct Table {
    /// Rows that hold something.
    rows: u64,
    /// By column, of text and text sets.
    dictionaries: Vec<Option<Arc<Dictionary>>>,
    /// The columns of a lookup.
    lookup: Option<Arc<TableChunk>>,
    /// Of customers and lookups.
    keys: Option<Keys>,
}

impl Snapshot {
    /// The number of customers.
    pub fn customers(&self) -> u64 {
        self.live().len()
    }

    /// The number of rows of a table; `None` where the schema has no such table.
    pub fn rows(&self, table: &str) -> Option<u64> {
        self.schema().find_table(table).map(|table| self.table(table).rows)
    }

    /// The memory of columns, dictionaries, links and keys, in bytes.
    pub fn bytes(&self) -> usize {
        let mut counted = HashSet::new();
        let tables: usize = self.inner.tables.iter().map(|table| table.bytes(&mut counted)).sum();
        tables + self.inner.chunks.iter().map(Placed::bytes).sum::<usize>()
    }

    pub(crate) fn schema(&self) -> &Schema {
        &self.inner.schema
    }

    /// The row of a customer, whether the customer exists in this snapshot or did in an earlier one.
    pub(crate) fn row_of(&self, key: &Key) -> Option<u32> {
        self.table(TableId::CUSTOMERS).keys.as_ref()?.find(key)
    }

    /// The key of a row, whether the customer exists in this snapshot or did in an earlier one.
    pub(crate) fn key_at(&self, row: u32) -> Option<Key> {
        self.key_in(TableId::CUSTOMERS, row)
    }

    /// Whether the customers' keys are numbers.
    pub(crate) fn has_int_keys(&self) -> bool {
        let keys = self.table(TableId::CUSTOMERS).keys.as_ref();
        keys.is_some_and(|keys| keys.dictionary().is_none())
    }

    /// The key of a row; `None` where keys are texts.
    pub(crate) fn int_key(&self, row: u32) -> Option<i64> {
        self.table(TableId::CUSTOMERS).keys.as_ref()?.int(row)
    }

    /// The key of a row; `None` where keys are numbers.
    pub(crate) fn text_key(&self, row: u32) -> Option<&str> {
        self.table(TableId::CUSTOMERS).keys.as_ref()?.dictionary()?.get(row)
    }

    /// The key of a row of customers or of a lookup.
    pub(crate) fn key_in(&self, table: TableId, row: u32) -> Option<Key> {
        self.table(table).keys.as_ref()?.key(row)
    }

    /// The rows that hold a customer.
    pub(crate) fn live(&self) -> &RoaringBitmap {
        &self.inner.live
    }

    /// Whether every row of the other snapshot stands for the same customer here.
    pub(crate) fn continues(&self, other: &Self) -> bool {
        let keys = |snapshot: &'_ Self| snapshot.table(TableId::CUSTOMERS).keys.clone();
        keys(self).zip(keys(other)).is_some_and(|(own, other)| own.continues(&other))
    }

    /// The customers' rows, empty ones included.
    pub(crate) fn row_count(&self) -> usize {
        self.table(TableId::CUSTOMERS).keys.as_ref().map_or(0, Keys::len)
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Snapshot");
        for (table, data) in self.schema().tables().iter().zip(&self.inner.tables) {
            shown.field(&table.name, &data.rows);
        }
        shown.field("bytes", &self.bytes()).finish()
    }
}

impl Placed {
    fn bytes(&self) -> usize {
        self.data.bytes() + self.live.as_ref().map_or(0, |live| live.bytes())
    }
}

impl Table {
    /// `counted` holds the dictionaries that have been counted: columns share them.
    fn bytes(&self, counted: &mut HashSet<*const Dictionary>) -> usize {
        let keys = self.keys.as_ref().map_or(0, Keys::bytes);
        counted.extend(self.keys.as_ref().and_then(Keys::dictionary).map(Arc::as_ptr));
        let lookup = self.lookup.as_ref().map_or(0, |columns| columns.bytes());
        self.dictionaries.iter().flatten().fold(keys + lookup, |bytes, texts| {
            bytes + if counted.insert(Arc::as_ptr(texts)) { texts.bytes() } else { 0 }
        })
    }
}

/// No row.
const NONE: u32 = u32::MAX;

/// A row number as an index; lossless wherever a customer base of 65,537 fits into memory.
fn index(row: u32) -> usize {
    usize::try_from(row).unwrap_or(usize::MAX)
}
