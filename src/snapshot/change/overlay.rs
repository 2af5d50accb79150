//! The delta, the next snapshot, and the merging of overlays.
#![expect(
    clippy::indexing_slicing,
    reason = "there is one entry for each of the schema's tables and columns"
)]

use std::{
    collections::{BTreeSet, HashMap},
    mem,
    sync::Arc,
};

use roaring::RoaringBitmap;

use super::{Changed, RowIndex, Work, index::number_at, link::narrow, merge::Merged};
use crate::{
    error::Result,
    schema::{self, ColumnId, Role, Schema, TableId},
    snapshot::{
        Bits, CHUNK_ROWS, ChunkData, ColumnChunk, Dictionary, Inner, NONE, Placed, Rows, Snapshot,
        Table, TableChunk,
        gather::{Recode, Source, Tally, gather},
        index,
        keys::Keys,
        layout::{declared, named_by, warn},
        pick,
        stage::StagedColumn,
    },
};

/// So many overlays of about one size are merged.
const FAN_IN: usize = 8;
/// When this part of the customers stand in overlays, they go back into base chunks.
const MOST: usize = 3;

impl Work<'_> {
    pub(super) fn finish(mut self) -> Result<Changed> {
        self.stages.iter_mut().for_each(crate::snapshot::stage::Stage::settle);
        let tables: Vec<Option<TableChunk>> =
            self.schema.table_ids().map(|id| self.lay_out(id)).collect();
        let (delta, lookups) = self.split(tables);
        let touched = self.touched();
        let merged = self.merge(&touched, &delta);
        let changed_lookups = lookups.iter().any(Option::is_some);
        let tables = self.tables(lookups, &merged.more);
        let live = self.live();
        let customers = !Arc::ptr_eq(&live, &self.base.inner.live);
        let indexes = self.indexes();
        let chunks = self.chunks(&touched, merged);
        let findings = mem::take(&mut self.findings);
        let base = chunks.len().min(self.base.inner.base);
        let inner = Inner {
            schema: self.schema.clone(),
            tables,
            chunks,
            base,
            live,
            report: self.report(findings),
            indexes,
        };
        let snapshot = Snapshot { inner: Arc::new(tidied(inner)) };
        let touched = touched.into_iter().collect();
        Ok(Changed { snapshot, touched, lookups: changed_lookups, customers })
    }

    /// The staged rows of a table as columns; `None` of a lookup without rows.
    fn lay_out(&mut self, id: TableId) -> Option<TableChunk> {
        let at = usize::from(id.0);
        if self.schema.table(id).role == Role::Lookup && !self.has_rows(id) {
            return None;
        }
        let staged = mem::take(&mut self.stages[at].columns);
        let rows: Vec<u32> = (0..narrow(self.stages[at].rows)).collect();
        let mut columns = Vec::with_capacity(staged.len());
        for (column, values) in self.schema.table(id).columns.iter().zip(&staged) {
            let (laid, tally) = self.lay_out_column(column, values, &rows);
            if tally.dangling > 0 || tally.undeclared > 0 {
                warn(self.schema, &mut self.findings, column, &tally);
            }
            columns.push(Arc::new(laid));
        }
        self.stages[at].columns = staged;
        Some(TableChunk { columns, links: None })
    }

    fn lay_out_column(
        &self,
        column: &schema::Column,
        staged: &StagedColumn,
        rows: &[u32],
    ) -> (ColumnChunk, Tally) {
        // What is staged is looked at again.
        let source = Source::new(staged.clone());
        if rows.is_empty() {
            let (none, _) = gather(&source, rows, &Recode::Plain, None);
            return (of_type(none, column), Tally::default());
        }
        let lookup = column.lookup;
        let keys = lookup.and_then(|lookup| self.keys[usize::from(lookup.0)].as_ref());
        let is_live = |row: u32| lookup.is_some_and(|lookup| self.has_lookup_row(lookup, row));
        let find_number = |key| keys?.find_int(key).filter(|row| is_live(*row));
        let texts = named_by(self.schema, column.id).and_then(|_| self.texts_of(column.id));
        let recode = match (source.dictionary(), keys, &texts) {
            (Some(staged), Some(keys), _) => {
                let row = |key: &str| keys.find_text(key).filter(|row| is_live(*row));
                Recode::RefText(staged.iter().map(|key| row(key).unwrap_or(NONE)).collect())
            }
            (None, Some(_), _) => Recode::RefFew(&find_number),
            (Some(staged), None, Some(texts)) => {
                Recode::Text(staged.iter().map(|text| texts.code(text).unwrap_or(0)).collect())
            }
            (_, None, _) => Recode::Plain,
        };
        let declared = declared(column, &source);
        gather(&source, rows, &recode, declared.as_deref())
    }

    fn has_lookup_row(&self, lookup: TableId, row: u32) -> bool {
        let known = || {
            let key = self.schema.table(lookup).key?;
            let columns = self.base.table(lookup).lookup.as_ref()?;
            Some(columns.column(key).is_present(index(row)))
        };
        self.given[usize::from(lookup.0)].contains_key(&row) || known() == Some(true)
    }

    /// The dictionary of a text column after the changes.
    fn texts_of(&self, mut id: ColumnId) -> Option<Arc<Dictionary>> {
        while let Some(from) = named_by(self.schema, id) {
            if let Some(keys) = &self.keys[usize::from(from.0)] {
                return keys.dictionary().cloned();
            }
            id = self.schema.table(from).key?;
        }
        self.stages[usize::from(id.table.0)]
            .columns
            .get(usize::from(id.index))?
            .dictionary()
            .cloned()
    }

    /// The delta, and the rows of lookups.
    fn split(&self, tables: Vec<Option<TableChunk>>) -> (ChunkData, Vec<Option<TableChunk>>) {
        let mut delta = Vec::new();
        let mut lookups = Vec::new();
        for (table, id) in tables.into_iter().zip(self.schema.table_ids()) {
            let is_lookup = self.schema.table(id).role == Role::Lookup;
            let (own, lookup) = if is_lookup { (None, table) } else { (table, None) };
            delta.push(own.map(Arc::new));
            lookups.push(lookup);
        }
        (ChunkData { rows: Rows::Listed(Arc::from([])), tables: delta }, lookups)
    }

    fn tables(&self, lookups: Vec<Option<TableChunk>>, more: &[i64]) -> Vec<Arc<Table>> {
        let ids = self.schema.table_ids().zip(&self.base.inner.tables);
        let tables = ids.zip(lookups).zip(more);
        tables.map(|(((id, before), lookup), more)| self.table(id, before, lookup, *more)).collect()
    }

    fn table(
        &self,
        id: TableId,
        before: &Arc<Table>,
        lookup: Option<TableChunk>,
        more: i64,
    ) -> Arc<Table> {
        let columns = self.schema.table(id).columns.iter().zip(&before.dictionaries);
        let dictionaries: Vec<Option<Arc<Dictionary>>> = columns
            .map(|(column, known)| {
                let known = known.as_ref()?;
                self.texts_of(column.id).or_else(|| Some(known.clone()))
            })
            .collect();
        let same =
            |(known, now): (&Option<Arc<Dictionary>>, &Option<Arc<Dictionary>>)| match (known, now)
            {
                (Some(known), Some(now)) => Arc::ptr_eq(known, now),
                (None, None) => true,
                _ => false,
            };
        let keys = self.keys[usize::from(id.0)].clone();
        let same_keys = match (&keys, &before.keys) {
            (Some(keys), Some(before)) => keys.is_same(before),
            _ => true,
        };
        if lookup.is_none()
            && more == 0
            && same_keys
            && before.dictionaries.iter().zip(&dictionaries).all(same)
        {
            return before.clone();
        }
        let mut rows = before.rows.saturating_add_signed(more);
        let lookup = match (lookup, &before.lookup) {
            (Some(given), Some(known)) => {
                let whole = self.whole_lookup(id, known, &given, keys.as_ref());
                let key = self.schema.table(id).key;
                let present = key.map_or(0, |key| {
                    let keys = whole.column(key);
                    keys.presence.as_ref().map_or(keys.rows, Bits::count)
                });
                rows = u64::try_from(present).unwrap_or(u64::MAX);
                Some(Arc::new(whole))
            }
            (_, known) => known.clone(),
        };
        Arc::new(Table { rows, dictionaries, lookup, keys })
    }

    /// All rows of a lookup, those that are given in place of those with their keys.
    fn whole_lookup(
        &self,
        id: TableId,
        known: &Arc<TableChunk>,
        given: &TableChunk,
        keys: Option<&Keys>,
    ) -> TableChunk {
        let at = usize::from(id.0);
        let mut pieces = pick::Pieces::default();
        let before = known.columns.first().map_or(0, |column| column.rows);
        for row in 0..narrow(keys.map_or(0, Keys::len)) {
            match self.given[at].get(&row) {
                Some(staged) => pieces.add(1, *staged, staged + 1),
                None if index(row) < before => pieces.add(0, row, row + 1),
                None => pieces.add_empty(),
            }
        }
        let source = |columns: &TableChunk| {
            let none = |_| None;
            let mut tables: Vec<Option<Arc<TableChunk>>> =
                self.schema.tables().iter().map(none).collect();
            tables[at] = Some(Arc::new(columns.clone()));
            ChunkData { rows: Rows::Listed(Arc::from([])), tables }
        };
        let sources = [source(known), source(given)];
        let sources = [&sources[0], &sources[1]];
        let mut tables = pick::pick_tables(self.schema, &sources, vec![(id, pieces, None)], None);
        let whole = tables[at].take();
        whole.map_or_else(|| known.as_ref().clone(), Arc::unwrap_or_clone)
    }

    fn live(&self) -> Arc<RoaringBitmap> {
        let before = &self.base.inner.live;
        let given = &self.given[usize::from(TableId::CUSTOMERS.0)];
        let came = given.keys().filter(|row| !before.contains(**row));
        let came: BTreeSet<u32> = came.copied().collect();
        let went: Vec<u32> =
            self.wiped.iter().filter(|row| !given.contains_key(row)).copied().collect();
        if came.is_empty() && went.is_empty() {
            return before.clone();
        }
        let mut live = before.as_ref().clone();
        live.extend(came);
        for row in went {
            live.remove(row);
        }
        live.optimize();
        Arc::new(live)
    }

    /// The indexes that there are, with the rows that are new at their customers.
    fn indexes(&self) -> Vec<std::sync::OnceLock<Arc<RowIndex>>> {
        let ids = self.schema.table_ids().zip(&self.base.inner.indexes);
        let next = ids.map(|(id, before)| {
            let slot = std::sync::OnceLock::new();
            if let Some(known) = before.get() {
                let more = self.index_entries(id);
                let next = if more.is_empty() { known.clone() } else { Arc::new(known.with(more)) };
                // A slot that was made here is free.
                let _ = slot.set(next);
            }
            slot
        });
        next.collect()
    }

    fn index_entries(&self, id: TableId) -> Vec<(i64, u32)> {
        let children = &self.children[usize::from(id.0)];
        let Some(key) = self.schema.table(id).key else { return Vec::new() };
        let texts = self.texts_of(key);
        let stage = &self.stages[usize::from(id.0)];
        let given = children.by_owner.iter().filter_map(|(owner, staged)| {
            let number = match (&texts, stage.key_text(index(*staged))) {
                (Some(texts), Some(text)) => i64::from(texts.code(text)?),
                _ => stage.key_number(index(*staged))?,
            };
            Some((number, *owner))
        });
        let carried = children.carried.iter().filter_map(|(_, place, to)| {
            let keys = &self.base.column(key, index(place.source)).values;
            Some((number_at(keys, index(place.row))?, *to))
        });
        given.chain(carried).collect()
    }

    /// The chunks of before without those who are touched, and theirs.
    fn chunks(&self, touched: &BTreeSet<u32>, merged: Merged) -> Vec<Placed> {
        let mut chunks = self.base.inner.chunks.clone();
        let mut masks: HashMap<usize, Bits> = HashMap::new();
        for row in touched {
            let Some((chunk, local)) = self.base.place_of(*row) else { continue };
            let live = masks.entry(chunk).or_insert_with(|| match &chunks[chunk].live {
                Some(live) => live.as_ref().clone(),
                None => Bits::ones(chunks[chunk].data.rows.len()),
            });
            live.clear(local);
        }
        for (chunk, live) in masks {
            chunks[chunk].live = Some(Arc::new(live));
        }
        let first = self.base.inner.base;
        let mut number = 0;
        chunks.retain(|placed| {
            number += 1;
            number <= first || placed.live.as_ref().is_none_or(|live| live.any())
        });
        let new = merged.chunks.into_iter();
        chunks.extend(new.map(|data| Placed { data: Arc::new(data), live: None }));
        chunks
    }
}

/// Values of the form that the column has, where a column of no rows was staged in another.
fn of_type(none: ColumnChunk, column: &schema::Column) -> ColumnChunk {
    use crate::snapshot::{Codes, Values};
    if column.lookup.is_some() {
        return ColumnChunk { values: Values::Ref(Codes::U8(Vec::new())), ..none };
    }
    none
}

/// Merges overlays when there are many of about one size, and takes all back into base chunks when they hold a large
/// part of the customers.
fn tidied(mut inner: Inner) -> Inner {
    let live =
        |placed: &Placed| placed.live.as_ref().map_or(placed.data.rows.len(), |live| live.count());
    let customers = inner.tables.first().and_then(|table| table.keys.as_ref()).map_or(0, Keys::len);
    let moved: usize = inner.chunks.iter().skip(inner.base).map(live).sum();
    if moved * MOST > customers.max(16) {
        return rebased(inner, customers);
    }
    loop {
        let overlays = inner.chunks.get(inner.base..).unwrap_or_default();
        let class = |placed: &Placed| live(placed).max(1).ilog2() / FAN_IN.ilog2();
        let Some(last) = overlays.last().map(class) else { return inner };
        let alike = overlays.iter().rev().take_while(|placed| class(placed) <= last);
        let (mut count, mut rows) = (0, 0);
        for placed in alike {
            rows += live(placed);
            count += 1;
        }
        if count < FAN_IN || rows > CHUNK_ROWS {
            return inner;
        }
        let from = inner.chunks.len() - count;
        let merged = merged(&inner, from);
        inner.chunks.truncate(from);
        inner.chunks.push(merged);
    }
}

/// The chunks from a number on as one.
fn merged(inner: &Inner, from: usize) -> Placed {
    let mut customers: Vec<(u32, (u32, u32))> = Vec::new();
    let sources: Vec<&ChunkData> =
        inner.chunks[from..].iter().map(|one| one.data.as_ref()).collect();
    for (placed, source) in inner.chunks[from..].iter().zip(0..) {
        for local in 0..placed.data.rows.len() {
            if placed.live.as_ref().is_none_or(|live| live.get(local))
                && let Some(row) = placed.data.rows.number(local)
            {
                customers.push((row, (source, narrow(local))));
            }
        }
    }
    customers.sort_unstable();
    let from: Vec<pick::From> = customers.iter().map(|(_, from)| Some(*from)).collect();
    let rows = Rows::Listed(customers.into_iter().map(|(row, _)| row).collect());
    let data = pick::gather(&inner.schema, &sources, &from, rows, None);
    Placed { data: Arc::new(data), live: None }
}

/// Everybody in base chunks.
fn rebased(inner: Inner, customers: usize) -> Inner {
    let old = Snapshot { inner: Arc::new(inner) };
    let sources: Vec<&ChunkData> =
        old.inner.chunks.iter().map(|placed| placed.data.as_ref()).collect();
    let count = customers.div_ceil(CHUNK_ROWS);
    let chunks = crate::parallel::in_parallel(count, |number| {
        let first = number * CHUNK_ROWS;
        let count = CHUNK_ROWS.min(customers - first);
        let first = narrow(first);
        let from: Vec<pick::From> = (first..first + narrow(count))
            .map(|row| old.place_of(row).map(|(chunk, at)| (narrow(chunk), narrow(at))))
            .collect();
        let live: Bits = from.iter().map(Option::is_some).collect();
        let known = old.inner.chunks.get(number).filter(|_| number < old.inner.base);
        if let Some(known) = known
            && is_whole(old.schema(), known)
            && known.data.rows.len() == count
            && from.iter().flatten().all(|(chunk, _)| index(*chunk) == number)
        {
            return known.clone();
        }
        let rows = Rows::From { first, count };
        let data = pick::gather(old.schema(), &sources, &from, rows, None);
        let live = (!live.all()).then(|| Arc::new(live));
        Placed { data: Arc::new(data), live }
    });
    let inner = &old.inner;
    Inner {
        schema: inner.schema.clone(),
        tables: inner.tables.clone(),
        base: chunks.len(),
        chunks,
        live: inner.live.clone(),
        report: inner.report.clone(),
        indexes: inner.indexes.clone(),
    }
}

/// Whether nobody has left rows behind.
fn is_whole(schema: &Schema, placed: &Placed) -> bool {
    let Some(live) = &placed.live else { return true };
    let keys = schema.customers().key.zip(placed.data.table(TableId::CUSTOMERS));
    let keys = keys.and_then(|(key, table)| table.column(key).presence.as_ref());
    keys.is_some_and(|keys| keys == live.as_ref())
}

impl Snapshot {
    /// The same data with everybody in base chunks.
    pub(crate) fn rebased(&self) -> Self {
        if self.inner.chunks.len() == self.inner.base
            && self.inner.chunks.iter().all(|placed| is_whole(self.schema(), placed))
        {
            return self.clone();
        }
        let inner = &self.inner;
        let copy = Inner {
            schema: inner.schema.clone(),
            tables: inner.tables.clone(),
            chunks: inner.chunks.clone(),
            base: inner.base,
            live: inner.live.clone(),
            report: inner.report.clone(),
            indexes: inner.indexes.clone(),
        };
        Self { inner: Arc::new(rebased(copy, self.row_count())) }
    }
}
