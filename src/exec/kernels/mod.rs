//! Loops over many rows. They take plain slices, so that the compiler can turn them into vector instructions; where it
//! does not, they are written in vectors.

#![expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "INVARIANT: masks, vectors and offsets of one scope have the lengths of that scope, row numbers come from \
              the snapshot's own links, and every number is brought into the range of its type before it is cast"
)]

mod bits;
mod codes;
mod fill;
mod gather;
mod ranges;
mod walk;
#[cfg(test)]
mod tests;

pub(super) use bits::{count, set_bits};
pub(super) use codes::{CodeSet, RowsByCode, any_in_row, any_in_set, in_set};
pub(super) use fill::{each_number, fill};
pub(super) use gather::{NO_ROW, follow, gather, gather_bits, gather_codes, gather_frame, widen};
pub(super) use ranges::{in_ranges, in_sorted};
pub(super) use walk::{Owners, Walk, bounds};
