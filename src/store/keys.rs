//! The customers' keys by row, and what was known of each.

use super::{
    codec::{Damaged, Decoder, Encoder},
    records::State,
    tables::{Table, View, Writing},
};
use crate::{error::Result, snapshot::Snapshot, value::Key};

/// Rows to a record.
const BLOCK: u32 = 4_096;

type Bytes = &'static [u8];

/// All keys, by row.
pub(super) fn all<T: redb::ReadableTable<Bytes, Bytes>>(view: &View<'_, T>) -> Result<Vec<Key>> {
    let state = view.state()?;
    let mut keys = Vec::new();
    for block in 0..state.rows.div_ceil(BLOCK) {
        keys.extend(block_of(view, &state, block)?);
    }
    Ok(keys)
}

/// Asked for keys, ascending for the most part: the block at hand is kept.
#[derive(Default)]
pub(super) struct Reading {
    block: Option<(u32, Vec<Key>)>,
}

impl Reading {
    /// The key of a row.
    pub(super) fn key<T: redb::ReadableTable<Bytes, Bytes>>(
        &mut self,
        view: &View<'_, T>,
        state: &State,
        row: u32,
    ) -> Result<Key> {
        let number = row / BLOCK;
        if self.block.as_ref().is_none_or(|(own, _)| *own != number) {
            self.block = Some((number, block_of(view, state, number)?));
        }
        let keys = self.block.as_ref().map_or(&[][..], |(_, keys)| keys);
        let found = usize::try_from(row % BLOCK).ok().and_then(|at| keys.get(at));
        found.cloned().ok_or_else(|| view.file().damaged())
    }
}

fn block_of<T: redb::ReadableTable<Bytes, Bytes>>(
    view: &View<'_, T>,
    state: &State,
    block: u32,
) -> Result<Vec<Key>> {
    let count = (state.rows - block.saturating_mul(BLOCK).min(state.rows)).min(BLOCK);
    view.need(Table::Keys, &block.to_be_bytes(), |mut from| {
        let keys: Result<Vec<Key>, Damaged> = (0..count)
            .map(|_| match state.has_text_keys {
                true => from.text().map(Key::from),
                false => from.signed().map(Key::Int),
            })
            .collect();
        from.end()?;
        keys
    })
}

/// Writes down the keys of rows that are new since `state`, of which there are then `rows`.
pub(super) fn append(
    view: &mut Writing<'_, '_>,
    state: &State,
    snapshot: &Snapshot,
    rows: u32,
) -> Result<()> {
    for block in state.rows / BLOCK..rows.div_ceil(BLOCK) {
        let mut record = Encoder::default();
        let first = block.saturating_mul(BLOCK);
        for row in first..rows.min(first.saturating_add(BLOCK)) {
            match snapshot.key_at(row) {
                Some(Key::Int(key)) => record.signed(key),
                Some(Key::Text(key)) => record.text(&key),
                None => return Err(view.file().damaged()),
            };
        }
        view.put(Table::Keys, &block.to_be_bytes(), record)?;
    }
    Ok(())
}

/// What was known of each customer at the last refresh, by row.
pub(super) fn digests<T: redb::ReadableTable<Bytes, Bytes>>(
    view: &View<'_, T>,
    state: &State,
) -> Result<Vec<u64>> {
    let mut digests = Vec::new();
    for block in 0..state.rows.div_ceil(BLOCK) {
        let count = (state.rows - block.saturating_mul(BLOCK)).min(BLOCK);
        let read = |mut from: Decoder<'_>| {
            let word = |from: &mut Decoder<'_>| {
                from.bytes(8)?.try_into().map(u64::from_le_bytes).map_err(|_| Damaged)
            };
            let digests: Result<Vec<u64>, Damaged> = (0..count).map(|_| word(&mut from)).collect();
            from.end()?;
            digests
        };
        digests.extend(view.need(Table::Digests, &block.to_be_bytes(), read)?);
    }
    Ok(digests)
}

/// Writes down the blocks of digests that differ.
pub(super) fn put_digests(view: &mut Writing<'_, '_>, before: &[u64], now: &[u64]) -> Result<()> {
    let length = usize::try_from(BLOCK).unwrap_or(usize::MAX);
    let mut before = before.chunks(length);
    for (block, digests) in (0_u32..).zip(now.chunks(length)) {
        if before.next() == Some(digests) {
            continue;
        }
        let mut record = Encoder::default();
        digests.iter().for_each(|digest| _ = record.bytes(&digest.to_le_bytes()));
        view.put(Table::Digests, &block.to_be_bytes(), record)?;
    }
    Ok(())
}
