//! The columns of a table, chunk by chunk.
#![expect(
    clippy::indexing_slicing,
    reason = "there is one entry for each of the schema's tables and columns"
)]

use std::{collections::HashSet, iter, mem, sync::Arc};

use super::{
    CHUNK_ROWS, ColumnChunk, Dictionary, Frame, Links, NONE, Table, TableChunk, Values,
    assemble::Assembly,
    findings::{Findings, rows},
    gather::{Recode, Source, Tally, gather},
    link::{Finder, Linked, Placed},
    stage::StagedColumn,
};
use crate::{
    diagnostic::Code,
    parallel::{each_in_parallel, in_parallel},
    schema::{self, ColumnId, Role, Schema, TableId},
    watch::{Cancelled, Steps},
};

/// A column of a table.
struct Laid {
    chunks: Vec<Arc<ColumnChunk>>,
    dictionary: Option<Arc<Dictionary>>,
}

impl Assembly<'_> {
    /// Makes the table and its part of every chunk, and drops its staged columns one by one.
    pub(super) fn lay_out(
        &mut self,
        id: TableId,
        steps: &Steps<'_>,
    ) -> Result<(Table, Vec<TableChunk>), Cancelled> {
        let at = usize::from(id.0);
        let staged = mem::take(&mut self.stages[at].columns);
        let table = self.schema.table(id);
        let links = self.links(id).into_iter().map(Some);
        let mut chunks: Vec<TableChunk> = (self.chunks(id).iter())
            .zip(links.chain(iter::repeat(None)))
            .map(|(_, links)| TableChunk { columns: Vec::new(), links })
            .collect();
        let work = table.columns.iter().zip(staged).collect();
        let laid = each_in_parallel(work, |(column, staged)| {
            let laid = self.lay_out_column(column, staged);
            steps.add(1).map(|()| laid)
        });
        let mut dictionaries = Vec::new();
        for (column, laid) in table.columns.iter().zip(laid) {
            let (laid, tally) = laid?;
            for (chunk, column) in chunks.iter_mut().zip(laid.chunks) {
                chunk.columns.push(column);
            }
            dictionaries.push(laid.dictionary);
            warn(self.schema, &mut self.findings, column, &tally);
        }
        let (rows, keys) = match (&self.linked[at], &self.placed[at]) {
            (Some(linked), _) => (linked.order.len().try_into().unwrap_or(u64::MAX), None),
            (None, placed) => (placed.as_ref().map_or(0, Placed::count), self.keys[at].clone()),
        };
        let lookup = match table.role {
            Role::Lookup => chunks.pop().map(Arc::new),
            Role::Customers { .. } | Role::Child { .. } | Role::Nested { .. } => None,
        };
        if self.schema.nested_in(id).next().is_none()
            && let Some(linked) = &mut self.linked[at]
        {
            linked.order = Vec::new();
        }
        Ok((Table { rows, dictionaries, lookup, keys }, chunks))
    }

    fn lay_out_column(&self, column: &schema::Column, staged: StagedColumn) -> (Laid, Tally) {
        if let Some(laid) = self.lay_out_owners(column) {
            return (laid, Tally::default());
        }
        let texts = self.texts_from(column.id);
        let source = Source::new(staged);
        let rows_of = column.lookup.and_then(|lookup| {
            let at = usize::from(lookup.0);
            self.keys[at].as_ref().zip(self.placed[at].as_ref())
        });
        let recode = match (source.dictionary(), rows_of, &texts) {
            (Some(staged), Some((keys, rows)), _) => {
                let row = |key: &str| keys.find_text(key).filter(|row| rows.is_live(*row));
                Recode::RefText(staged.iter().map(|key| row(key).unwrap_or(NONE)).collect())
            }
            (None, Some((keys, rows)), _) => Recode::RefNumber(Finder::new(keys, rows)),
            (Some(staged), None, Some(texts)) => {
                // Texts without a code are those of rejected rows.
                Recode::Text(staged.iter().map(|text| texts.code(text).unwrap_or(0)).collect())
            }
            (_, None, _) => Recode::Plain,
        };
        let declared = declared(column, &source);
        let rows = self.chunks(column.id.table);
        let laid = in_parallel(rows.len(), |number| {
            let (chunk, tally) = gather(&source, rows[number], &recode, declared.as_deref());
            (self.shared(column.id, number, chunk), tally)
        });
        let mut sum = Tally::default();
        let mut chunks = Vec::with_capacity(laid.len());
        for (chunk, tally) in laid {
            chunks.push(chunk);
            sum.dangling += tally.dangling;
            sum.undeclared += tally.undeclared;
        }
        let dictionary = match recode {
            Recode::Plain => source.dictionary().cloned(),
            Recode::Text(_) => texts,
            Recode::RefText(_) | Recode::RefNumber(_) | Recode::RefFew(_) => None,
        };
        (Laid { chunks, dictionary }, sum)
    }

    /// The customers' keys of the rows of a child table; `None` where keys are texts, and for other columns.
    // PERF: the rows lie by customer, so nothing has to be looked up all over the staged column.
    fn lay_out_owners(&self, column: &schema::Column) -> Option<Laid> {
        let Role::Child { customer, .. } = self.schema.table(column.id.table).role else {
            return None;
        };
        let keys = self.keys[usize::from(TableId::CUSTOMERS.0)].as_ref()?;
        if customer != column.id || keys.dictionary().is_some() {
            return None;
        }
        let linked = self.linked[usize::from(column.id.table.0)].as_ref()?;
        let keys = keys.ints();
        let chunks = in_parallel(self.chunk_count(), |number| {
            let numbers = linked.repeated(number, &keys);
            let values = Values::Number(Frame::narrowest(&numbers, 0, None));
            let chunk = ColumnChunk { rows: numbers.len(), presence: None, values };
            self.shared(column.id, number, chunk)
        });
        Some(Laid { chunks, dictionary: None })
    }

    /// The chunk, or that of the last snapshot where it is the same.
    fn shared(&self, id: ColumnId, number: usize, chunk: ColumnChunk) -> Arc<ColumnChunk> {
        let last = self.last_part(id.table, number);
        let last = last.and_then(|part| part.columns.get(usize::from(id.index)));
        let same = last.filter(|last| ***last == chunk);
        same.map_or_else(|| Arc::new(chunk), Arc::clone)
    }

    /// The part of a table in the last snapshot's base chunk of this number; a lookup's only one.
    fn last_part(&self, id: TableId, number: usize) -> Option<&TableChunk> {
        let inner = &self.previous?.inner;
        match &inner.tables[usize::from(id.0)].lookup {
            Some(lookup) => Some(lookup).filter(|_| number == 0).map(Arc::as_ref),
            None => inner.chunks.get(number).filter(|_| number < inner.base)?.data.table(id),
        }
    }

    /// The dictionary that a text column takes its codes from, where it is not its own.
    fn texts_from(&self, id: ColumnId) -> Option<Arc<Dictionary>> {
        self.key_texts[usize::from(named_by(self.schema, id)?.0)].clone()
    }

    /// The staged rows of each chunk.
    fn chunks(&self, id: TableId) -> Vec<&[u32]> {
        match (self.schema.table(id).role, &self.linked[usize::from(id.0)]) {
            (Role::Lookup, _) => vec![self.rows(id)],
            (_, Some(linked)) => (0..self.chunk_count()).map(|chunk| linked.chunk(chunk)).collect(),
            (_, None) => self.rows(id).chunks(CHUNK_ROWS).collect(),
        }
    }

    fn chunk_count(&self) -> usize {
        self.rows(TableId::CUSTOMERS).len().div_ceil(CHUNK_ROWS)
    }

    fn links(&self, id: TableId) -> Vec<Arc<Links>> {
        let Some(linked) = &self.linked[usize::from(id.0)] else { return Vec::new() };
        let parent = self.schema.parent_of(id);
        let parent = parent.and_then(|parent| self.linked[usize::from(parent.0)].as_ref());
        let places = parent.map(Linked::places);
        let chunks = (0..self.chunk_count()).map(|chunk| {
            let links = linked.links(chunk, parent.zip(places.as_deref()));
            let last = self.last_part(id, chunk).and_then(|part| part.links.as_ref());
            let same = last.filter(|last| ***last == links);
            same.map_or_else(|| Arc::new(links), Arc::clone)
        });
        chunks.collect()
    }
}

pub(super) fn warn(
    schema: &Schema,
    findings: &mut Findings,
    column: &schema::Column,
    tally: &Tally,
) {
    let place =
        format!("column `{}` of table `{}`", column.name, schema.table(column.id.table).name);
    if tally.dangling > 0 {
        let lookup = column.lookup.map_or("", |lookup| &schema.table(lookup).name);
        let (rows, keys) = (rows(tally.dangling), have(tally.dangling, "a key", "keys"));
        let message =
            format!("{place}: {rows} {keys} that `{lookup}` does not have, read as missing");
        findings.warn(Code::DanglingReference, message);
    }
    if tally.undeclared > 0 {
        let (rows, values) = (rows(tally.undeclared), have(tally.undeclared, "a value", "values"));
        let message = format!("{place}: {rows} {values} that the schema does not declare");
        findings.warn(Code::UndeclaredValue, message);
    }
}

/// The table whose keys a column holds, unless it is a reference.
pub(super) fn named_by(schema: &Schema, id: ColumnId) -> Option<TableId> {
    let table = schema.table(id.table);
    match table.role {
        Role::Customers { .. } | Role::Lookup if table.key == Some(id) => Some(id.table),
        Role::Child { customer, .. } if customer == id => Some(TableId::CUSTOMERS),
        Role::Nested { parent, parent_key } if parent_key == id => Some(parent),
        _ => None,
    }
}

fn have(rows: u64, one: &str, many: &str) -> String {
    if rows == 1 { format!("has {one}") } else { format!("have {many}") }
}

/// By staged code: whether the text is one of the column's declared values; `None` where none are declared.
pub(super) fn declared(column: &schema::Column, source: &Source) -> Option<Vec<bool>> {
    let values: HashSet<&str> = column.values.iter().map(String::as_str).collect();
    let texts = source.dictionary().filter(|_| !values.is_empty())?;
    Some(texts.iter().map(|text| values.contains(text)).collect())
}
