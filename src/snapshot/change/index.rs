//! From the key of a child row to customers who may have it.

use std::sync::Arc;

use crate::{
    parallel::in_parallel,
    schema::{ColumnId, TableId},
    snapshot::{Bits, Codes, Placed, Snapshot, Values, chunk::Links},
};

/// Keys, as numbers or as codes of their column's texts, with the customers who have or had the row. A customer who has
/// it no more does no harm: the rows are looked at anyway.
#[derive(Clone, Default)]
pub(in super::super) struct RowIndex {
    /// Each by key, then customer; each at most half as long as the one before it.
    layers: Vec<Arc<Vec<(i64, u32)>>>,
}

impl RowIndex {
    pub(super) fn of(snapshot: &Snapshot, table: TableId, key: ColumnId) -> Self {
        let parts = in_parallel(snapshot.chunk_count(), |number| {
            let placed = snapshot.inner.chunks.get(number)?;
            let links = placed.data.links(table)?;
            Some(entries(placed, links, &snapshot.column(key, number).values))
        });
        let mut all: Vec<(i64, u32)> = parts.into_iter().flatten().flatten().collect();
        all.sort_unstable();
        all.shrink_to_fit();
        Self { layers: vec![Arc::new(all)] }
    }

    /// The customers who may have the row.
    pub(super) fn candidates(&self, key: i64) -> Vec<u32> {
        let mut found: Vec<u32> = Vec::new();
        for layer in &self.layers {
            let from = layer.partition_point(|(known, _)| *known < key);
            let same = layer.iter().skip(from).take_while(|(known, _)| *known == key);
            found.extend(same.map(|(_, customer)| customer));
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    pub(super) fn with(&self, mut more: Vec<(i64, u32)>) -> Self {
        let mut layers = self.layers.clone();
        more.sort_unstable();
        while let Some(last) = layers.pop_if(|last| last.len() < more.len() * 2) {
            more.extend(last.iter());
            more.sort_unstable();
            more.dedup();
        }
        layers.push(Arc::new(more));
        Self { layers }
    }
}

fn entries(placed: &Placed, links: &Links, keys: &Values) -> Vec<(i64, u32)> {
    let mut found = Vec::with_capacity(links.offsets.last().map_or(0, |end| *end as usize));
    let lives = |local: usize| placed.live.as_deref().is_none_or(|live: &Bits| live.get(local));
    for (local, bounds) in links.offsets.windows(2).enumerate() {
        let (Some(customer), [from, to]) = (placed.data.rows.number(local), bounds) else {
            continue;
        };
        if lives(local) {
            let rows = *from as usize..*to as usize;
            found.extend(rows.filter_map(|row| Some((number_at(keys, row)?, customer))));
        }
    }
    found
}

/// A key as it is stored; keys are never missing.
pub(super) fn number_at(keys: &Values, row: usize) -> Option<i64> {
    match keys {
        Values::Number(frame) => frame.get(row),
        Values::Text(codes) => code_at(codes, row),
        _ => None,
    }
}

fn code_at(codes: &Codes, row: usize) -> Option<i64> {
    codes.get(row).map(i64::from)
}
