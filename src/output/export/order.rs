//! Customers in the order of their keys.

use roaring::RoaringBitmap;

use crate::snapshot::Snapshot;

/// These rows, ascending by key.
pub(super) fn by_key(rows: &RoaringBitmap, snapshot: &Snapshot) -> Vec<u32> {
    if snapshot.has_int_keys() {
        let keyed = rows.iter().filter_map(|row| Some((snapshot.int_key(row)?, row)));
        let mut keyed: Vec<(i64, u32)> = keyed.collect();
        keyed.sort_unstable();
        keyed.into_iter().map(|(_, row)| row).collect()
    } else {
        let mut rows: Vec<u32> = rows.iter().collect();
        rows.sort_unstable_by_key(|row| snapshot.text_key(*row));
        rows
    }
}
