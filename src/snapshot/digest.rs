//! One number for all that is known of a customer, by which a change is noticed.

use super::{Chunk, ColumnChunk, Dictionary, Snapshot, Values, index};
use crate::{
    parallel::in_parallel,
    schema::{Column, ColumnId, Role, TableId},
    value::Type,
};

/// Of a row without a customer.
const NOTHING: u64 = 0;
/// Odd, with its bits spread evenly: the golden ratio.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

impl Snapshot {
    /// By row: what the customer's values, rows and the rows of lookups that they lead to come to, whatever the form in
    /// which they are held. Zero for rows without a customer.
    pub(crate) fn digests(&self) -> Vec<u64> {
        let words = Words::new(self);
        let chunks = in_parallel(self.chunk_count(), |number| words.of_chunk(self.chunk(number)));
        let mut found = vec![NOTHING; self.row_count()];
        for (number, digests) in chunks.into_iter().enumerate() {
            let chunk = self.chunk(number);
            for (local, digest) in digests.into_iter().enumerate() {
                let row = chunk.numbers().number(local).filter(|_| chunk.lives(local));
                if let Some(slot) = row.and_then(|row| found.get_mut(index(row))) {
                    *slot = digest;
                }
            }
        }
        // Rows that are empty have values too, of nobody.
        for (row, digest) in (0..).zip(&mut found) {
            *digest = if self.live().contains(row) { (*digest).max(1) } else { NOTHING };
        }
        found
    }
}

/// What texts and rows of lookups come to, worked out once.
struct Words<'s> {
    snapshot: &'s Snapshot,
    /// By table and column, by code.
    texts: Vec<Vec<Option<Vec<u64>>>>,
    /// By table, by row; empty for others than lookups.
    lookups: Vec<Vec<u64>>,
}

impl<'s> Words<'s> {
    fn new(snapshot: &'s Snapshot) -> Self {
        let tables = snapshot.schema().tables();
        let of_texts = |column: &Column| snapshot.dictionary(column.id).map(texts_of);
        let texts = tables.iter().map(|table| table.columns.iter().map(of_texts).collect());
        let lookups = vec![Vec::new(); tables.len()];
        let mut words = Self { snapshot, texts: texts.collect(), lookups };
        // A lookup can lead to another, but not round in a circle without end: so often is enough.
        let is_lookup = |id: &TableId| snapshot.schema().table(*id).role == Role::Lookup;
        let lookups: Vec<TableId> = snapshot.schema().table_ids().filter(is_lookup).collect();
        for _ in &lookups {
            for table in &lookups {
                let found = words.of_lookup(*table);
                if let Some(slot) = words.lookups.get_mut(usize::from(table.0)) {
                    *slot = found;
                }
            }
        }
        words
    }

    fn of_lookup(&self, table: TableId) -> Vec<u64> {
        let Some(data) = &self.snapshot.table(table).lookup else { return Vec::new() };
        let columns = &self.snapshot.schema().table(table).columns;
        let rows = columns.iter().map(|column| data.column(column.id).rows).max().unwrap_or(0);
        let mut found = vec![FACTOR; rows];
        for column in columns {
            self.add(column.id, data.column(column.id), &mut found);
        }
        found
    }

    fn of_chunk(&self, chunk: Chunk<'_>) -> Vec<u64> {
        let mut found = vec![FACTOR; chunk.rows()];
        for table in self.snapshot.schema().table_ids() {
            let columns = &self.snapshot.schema().table(table).columns;
            match self.snapshot.schema().table(table).role {
                Role::Lookup => {}
                Role::Customers { .. } => {
                    for column in columns {
                        self.add(column.id, chunk.column(column.id), &mut found);
                    }
                }
                role @ (Role::Child { .. } | Role::Nested { .. }) => {
                    let mut rows = vec![u64::from(table.0) + 1; chunk.child_rows(table)];
                    for column in columns {
                        self.add(column.id, chunk.column(column.id), &mut rows);
                    }
                    if let Role::Nested { parent, .. } = role {
                        add_parents(chunk, (table, parent), &mut rows);
                    }
                    fold(chunk.offsets(table), &rows, &mut found);
                }
            }
        }
        found
    }

    /// Adds the values of a column to what rows come to.
    fn add(&self, id: ColumnId, column: &ColumnChunk, rows: &mut [u64]) {
        if column.rows != rows.len() {
            // The columns by which rows hang together are not kept as values.
            return;
        }
        let texts = self.texts.get(usize::from(id.table.0));
        let texts = texts.and_then(|columns| columns.get(usize::from(id.index))?.as_deref());
        let text = |code: u32| texts.and_then(|texts| texts.get(index(code))).copied();
        let word: Box<dyn Fn(usize) -> u64> = match &column.values {
            Values::Bool(bits) => Box::new(|row| u64::from(bits.get(row))),
            Values::Number(frame) => {
                Box::new(|row| frame.get(row).unwrap_or_default().cast_unsigned())
            }
            Values::Float(floats) => {
                Box::new(|row| floats.values.get(row).map_or(0, |value| value.to_bits()))
            }
            Values::Text(codes) => Box::new(move |row| codes.get(row).and_then(text).unwrap_or(0)),
            Values::Ref(codes) => {
                let target = self.target(id);
                Box::new(move |row| {
                    codes.get(row).and_then(|row| target.get(index(row))).copied().unwrap_or(0)
                })
            }
            Values::TextSet { offsets, codes } => Box::new(move |row| {
                // In no order: codes are given as texts are met.
                let elements = elements(offsets, row).filter_map(|at| codes.get(at));
                elements.filter_map(text).fold(0, u64::wrapping_add)
            }),
            Values::IntSet { offsets, elements: numbers } => Box::new(move |row| {
                let numbers = elements(offsets, row).filter_map(|at| numbers.get(at));
                numbers.fold(0, |all, number| all.wrapping_add(mixed(1, number.cast_unsigned())))
            }),
            Values::Geo { latitude, longitude } => Box::new(|row| {
                let bits = |side: &[f64]| side.get(row).map_or(0, |degrees| degrees.to_bits());
                mixed(bits(latitude), bits(longitude))
            }),
        };
        for (row, so_far) in rows.iter_mut().enumerate() {
            let value = if column.is_present(row) { mixed(1, word(row)) } else { 0 };
            *so_far = mixed(*so_far, value);
        }
    }

    /// What the rows of the lookup come to that a column leads to.
    fn target(&self, id: ColumnId) -> &[u64] {
        let Type::Ref(name) = &self.snapshot.schema().column(id).ty else { return &[] };
        let table = self.snapshot.schema().find_table(name);
        table.and_then(|table| self.lookups.get(usize::from(table.0))).map_or(&[], Vec::as_slice)
    }
}

/// Adds which of the customer's rows of the table above each row belongs to.
fn add_parents(chunk: Chunk<'_>, (table, parent): (TableId, TableId), rows: &mut [u64]) {
    let parents = chunk.parents(table);
    for (bounds, first) in chunk.offsets(table).windows(2).zip(chunk.offsets(parent)) {
        let [from, to] = bounds else { continue };
        let range = index(*from)..index(*to);
        let (Some(rows), Some(parents)) = (rows.get_mut(range.clone()), parents.get(range)) else {
            continue;
        };
        for (row, parent) in rows.iter_mut().zip(parents) {
            *row = mixed(*row, u64::from(parent.wrapping_sub(*first)));
        }
    }
}

/// Adds the rows of each customer, in their order.
fn fold(offsets: &[u32], rows: &[u64], customers: &mut [u64]) {
    for (bounds, customer) in offsets.windows(2).zip(customers) {
        let [from, to] = bounds else { continue };
        for row in rows.get(index(*from)..index(*to)).unwrap_or_default() {
            *customer = mixed(*customer, *row);
        }
    }
}

/// The elements of a row's set.
fn elements(offsets: &[u32], row: usize) -> std::ops::Range<usize> {
    let at = |row: usize| offsets.get(row).map_or(0, |at| index(*at));
    at(row)..at(row + 1)
}

/// What each text comes to, by code.
fn texts_of(texts: &Dictionary) -> Vec<u64> {
    let of_text = |text: &str| {
        let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
        text.as_bytes().chunks(8).fold(mixed(FACTOR, length), |so_far, bytes| {
            let mut word = [0; 8];
            word.iter_mut().zip(bytes).for_each(|(own, byte)| *own = *byte);
            mixed(so_far, u64::from_le_bytes(word))
        })
    };
    texts.iter().map(of_text).collect()
}

/// Takes one more word into what came before it.
fn mixed(so_far: u64, word: u64) -> u64 {
    let product = (so_far.rotate_left(23) ^ word).wrapping_mul(FACTOR);
    product ^ (product >> 32)
}
