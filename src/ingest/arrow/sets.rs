//! Arrays of lists.

use std::ops::Range;

use arrow_array::{Array, ArrayRef, GenericListArray, OffsetSizeTrait, cast::AsArray};

use super::{
    decode::refuse,
    numbers::integers,
    texts::{Texts, listed, remembered},
};
use crate::snapshot::{Cell, ColumnWriter, Problem};

/// The elements of all lists, and for each list which are its own; `None` for a missing list.
struct Lists {
    elements: ArrayRef,
    ranges: Vec<Option<Range<usize>>>,
}

impl Lists {
    fn new(array: &dyn Array) -> Option<Self> {
        let small = array.as_list_opt::<i32>().and_then(Self::of);
        small.or_else(|| array.as_list_opt::<i64>().and_then(Self::of))
    }

    /// Of a slice of an array only the elements of its own lists.
    fn of<O: OffsetSizeTrait>(array: &GenericListArray<O>) -> Option<Self> {
        let offsets = array.value_offsets();
        let first = offsets.first()?.as_usize();
        let len = offsets.last()?.as_usize().checked_sub(first)?;
        let elements = array.values().slice(first, len);
        let ranges =
            offsets.iter().zip(offsets.iter().skip(1)).enumerate().map(|(row, (from, to))| {
                array.is_valid(row).then(|| from.as_usize() - first..to.as_usize() - first)
            });
        Some(Self { elements, ranges: ranges.collect() })
    }
}

/// Appends sets of texts. Missing and empty elements are left out.
pub(super) fn texts(
    array: &dyn Array,
    known: &mut Option<(ArrayRef, Vec<u32>)>,
    to: &mut ColumnWriter<'_>,
) {
    let Some(lists) = Lists::new(array) else { return refuse(array, to) };
    if let Some((numbers, list)) = listed(lists.elements.as_ref())
        && let Some(texts) = Texts::new(list.as_ref())
    {
        let known = remembered(known, list);
        for range in lists.ranges {
            let elements = range.map(|range| numbers.get(range).unwrap_or(&[]));
            to.listed_set(elements, |at| texts.get(at), known);
        }
        return;
    }
    let texts = Texts::new(lists.elements.as_ref());
    let mut set = Vec::new();
    for range in lists.ranges {
        let Some(range) = range else {
            to.put(Ok(Cell::Missing));
            continue;
        };
        set.clear();
        let elements = range.filter_map(|at| texts.and_then(|texts| texts.get(at)));
        set.extend(elements.filter(|text| !text.is_empty()));
        to.put(Ok(Cell::TextSet(&set)));
    }
}

/// Appends sets of whole numbers. Missing elements are left out.
pub(super) fn ints(array: &dyn Array, to: &mut ColumnWriter<'_>) {
    let Some(lists) = Lists::new(array) else { return refuse(array, to) };
    let Some(numbers) = integers(lists.elements.as_ref()) else { return refuse(array, to) };
    for range in lists.ranges {
        let Some(range) = range else {
            to.put(Ok(Cell::Missing));
            continue;
        };
        let elements = numbers.get(range).unwrap_or(&[]).iter();
        let set: Result<Vec<i64>, Problem> =
            elements.copied().filter_map(Result::transpose).collect();
        to.put(set.as_ref().map(|set| Cell::IntSet(set)).map_err(|problem| *problem));
    }
}
