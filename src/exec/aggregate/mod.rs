//! Aggregates: one value a customer over the rows of a child table.

#![expect(
    clippy::indexing_slicing,
    reason = "INVARIANT: masks, vectors and offsets of one table have the lengths of that table"
)]

mod distinct;
mod extreme;
mod sum;

pub(super) use sum::means;

use std::{borrow::Cow, cmp::Ordering};

use super::{
    kernels::{Owners, Walk},
    mask::{self, Mask},
    number::Typed,
    vector::{Data, Vector},
};
use crate::rule::AggregateFunction;

/// The rows of a child table that exist at the moment.
pub(super) struct Visible {
    /// `None` for all.
    pub(super) rows: Option<Mask>,
    /// Those that have a time, whether they exist or not; `None` for all.
    pub(super) timed: Option<Mask>,
}

/// How the rows of a child table hang on customers, and which are there.
#[derive(Clone, Copy)]
pub(super) struct Rows<'r> {
    pub(super) offsets: &'r [u32],
    pub(super) owners: &'r Owners,
    pub(super) visible: &'r Visible,
}

impl<'r> Rows<'r> {
    /// Those that exist and are selected.
    fn walk(self, selected: [Option<&'r [u64]>; 2]) -> Walk<'r> {
        let all = [self.visible.rows.as_deref(), selected[0], selected[1]];
        Walk { selected: mask::all_of(all), offsets: self.offsets, owners: self.owners }
    }

    /// Those that also have a time.
    pub(super) fn timed(self, filter: Option<&'r [u64]>) -> Walk<'r> {
        self.walk([filter, self.visible.timed.as_deref()])
    }
}

/// Like [`aggregate`], over the times by which the rows are sorted.
pub(super) fn of_time<'a>(
    function: AggregateFunction,
    value: Option<Typed<'_, 'a>>,
    filter: Option<&[u64]>,
    rows: Rows<'_>,
) -> Vector<'a> {
    let function = match function {
        AggregateFunction::Min => AggregateFunction::First,
        AggregateFunction::Max => AggregateFunction::Last,
        other => other,
    };
    aggregate(function, value, filter, rows)
}

/// One value a customer, over the rows that exist, meet `filter` and have `value`.
pub(super) fn aggregate<'a>(
    function: AggregateFunction,
    value: Option<Typed<'_, 'a>>,
    filter: Option<&[u64]>,
    rows: Rows<'_>,
) -> Vector<'a> {
    let presence = value.and_then(|(_, vector)| vector.presence.as_deref());
    let walk = rows.walk([filter, presence]);
    match (function, value) {
        (AggregateFunction::Count, _) => Vector::new(Data::Ints(Cow::Owned(walk.counts())), None),
        (AggregateFunction::Exists, _) => Vector::new(Data::Bools(walk.any()), None),
        (AggregateFunction::CountDistinct, Some(value)) => distinct::count(&walk, value.1),
        (AggregateFunction::Sum, Some(value)) => sum::sum(&walk, value.1),
        (AggregateFunction::Avg, Some(value)) => sum::average(&walk, value),
        (AggregateFunction::Min, Some(value)) => extreme::find(&walk, value.1, Ordering::Less),
        (AggregateFunction::Max, Some(value)) => extreme::find(&walk, value.1, Ordering::Greater),
        (AggregateFunction::First, Some((_, value))) => {
            let selected = mask::all_of([walk.selected.as_deref(), rows.visible.timed.as_deref()]);
            extreme::picked(value, &Walk { selected, ..walk }.first())
        }
        (AggregateFunction::Last, Some((_, value))) => {
            let selected = mask::all_of([walk.selected.as_deref(), rows.visible.timed.as_deref()]);
            extreme::picked(value, &Walk { selected, ..walk }.last())
        }
        // INVARIANT: all others have a value; `AverageGap` is worked out elsewhere.
        _ => Vector::missing(walk.customers()),
    }
}
