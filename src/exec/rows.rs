//! From the rows of a chunk to those of the snapshot, and back.

use roaring::RoaringBitmap;

use super::mask::{self, Mask};
use crate::snapshot::{CHUNK_ROWS, Rows};

/// So many listed customers are looked at together.
pub(super) const AT_ONCE: usize = 8_192;

/// The block of so many rows as a chunk has that a row is in, and where in it.
pub(super) fn place(row: u32) -> (usize, usize) {
    (row as usize / CHUNK_ROWS, row as usize % CHUNK_ROWS)
}

/// The row at a place.
pub(super) fn row_at(block: usize, local: usize) -> u32 {
    u32::try_from(block * CHUNK_ROWS + local).unwrap_or(u32::MAX)
}

/// The customers of a mask.
pub(super) fn to_bitmap(mask: &[u64], rows: &Rows) -> RoaringBitmap {
    if mask::is_empty(mask) {
        return RoaringBitmap::new();
    }
    match rows {
        // A multiple of 65,536.
        Rows::From { first, .. } => {
            let mut bytes = vec![0; mask.len() * 8];
            for (bytes, word) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(mask) {
                *bytes = word.to_le_bytes();
            }
            RoaringBitmap::from_lsb0_bytes(*first, &bytes)
        }
        Rows::Listed(listed) => {
            let set = listed.iter().enumerate().filter(|(local, _)| mask::get(mask, *local));
            set.map(|(_, row)| *row).collect()
        }
    }
}

/// Those of the chunk's customers who are in the bitmap.
pub(super) fn of_bitmap(bitmap: &RoaringBitmap, rows: &Rows) -> Mask {
    let mut mask = mask::zeros(rows.len());
    match rows {
        Rows::From { first, count } => {
            let last = u32::try_from(count.saturating_sub(1)).unwrap_or(u32::MAX);
            for row in bitmap.range(*first..=first.saturating_add(last)) {
                mask::set(&mut mask, (row - first) as usize);
            }
        }
        Rows::Listed(listed) => {
            for (local, row) in listed.iter().enumerate() {
                if bitmap.contains(*row) {
                    mask::set(&mut mask, local);
                }
            }
        }
    }
    mask
}

/// Those of some rows, which are ascending, that are the chunk's, counted within it.
pub(super) fn those_of(some: &[u32], rows: &Rows) -> Vec<usize> {
    match rows {
        Rows::From { first, count } => {
            let from = some.partition_point(|row| row < first);
            let some = some.get(from..).unwrap_or_default();
            some.iter().map(|row| (row - first) as usize).take_while(|row| row < count).collect()
        }
        Rows::Listed(listed) => {
            some.iter().filter_map(|row| listed.binary_search(row).ok()).collect()
        }
    }
}
