//! Customers, their rows and lookups as immutable columns.
//!
//! Customers stand in chunks of 65,536 rows. A chunk of a child table holds the rows of the customers of one chunk,
//! sorted by customer, then time (missing first), then the order in which they were given; so everything about a
//! customer lies in the chunks of one number, and the rows that exist at a day are a prefix of the customer's rows,
//! those without a time included. Lookups are one chunk.
//!
//! A customer keeps its row number from snapshot to snapshot; the row of a deleted customer stays empty until the same
//! key comes back.

mod build;
mod column;
mod dictionary;
mod keys;
mod row;

// pub use build::SnapshotBuilder;

use std::sync::Arc;

use crate::schema::Schema;

/// The rows of one chunk: exactly one roaring container.
pub(crate) const CHUNK_ROWS: usize = 1 << 16;

/// The data that rules are evaluated on. Cheap to clone; `Debug` shows sizes, never values.
#[derive(Clone)]
pub struct Snapshot {
    inner: Arc<Inner>,
}

struct Inner {
    schema: Schema,
}

// To come here, by the owner of this room:
//
// build:  Snapshot::builder(&Schema) -> SnapshotBuilder; Snapshot::next(&self) -> SnapshotBuilder (same schema, keys keep
//         rows); builder.push(table: &str, row: impl IntoIterator<Item = (&str, Option<Value>)>) -> Result<()>;
//         builder.push_row(table, &impl Serialize); builder.build() -> Result<Snapshot> (findings as Diagnostics).
// sizes:  Snapshot::customers() -> u64 (live), rows(table), bytes().
// keys:   row_of(&Key) -> Option<u32>; key_at(row: u32) -> Option<Key>; live() -> &RoaringBitmap; row_count() -> u32.
// row:    the row view that the oracle reads:
//   snapshot.customer(row: u32) -> Option<Row<'_>> (None for empty rows)
//   Row::value(self, ColumnId) -> Option<Value>     // a ref column: the lookup row's key; dangling: None
//   Row::reference(self, ColumnId) -> Option<Row>   // follows a ref column
//   Row::children(self, TableId) -> impl Iterator<Item = Row>   // of a customer, in stored order
//   Row::parent(self) -> Option<Row>                // of a Nested row
//   Row::customer(self) -> Row                      // of a child row
//   Row::time(self) -> Option<Value>                // its own, or for Nested the parent's
// column: what exec reads, per chunk: presence bits apart from values, values in their narrowest form.
