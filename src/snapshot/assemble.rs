//! From staged rows to a snapshot: rows find their keys and customers, then each column is laid out chunk by chunk.
#![expect(
    clippy::indexing_slicing,
    reason = "there is one entry for each of the schema's tables, and for each staged row"
)]

use std::{
    mem,
    sync::{Arc, OnceLock},
};

use roaring::RoaringBitmap;

use super::{
    Bits, CHUNK_ROWS, ChunkData, Dictionary, Inner, NONE, Placed as PlacedChunk, Rows, Snapshot,
    Table, TableChunk,
    findings::{Findings, LoadReport, rows},
    index,
    keys::Keys,
    link::{self, Linked, Placed, Target},
    stage::{Stage, StagedColumn},
};
use crate::{
    diagnostic::Code,
    error::Result,
    schema::{ColumnId, Role, Schema, TableId},
    watch::{Cancelled, Steps, Unit, Watch, Work},
};

/// Everything by table.
pub(super) struct Assembly<'a> {
    pub(super) schema: &'a Schema,
    pub(super) previous: Option<&'a Snapshot>,
    pub(super) stages: Vec<Stage>,
    pub(super) findings: Findings,
    /// Of customers and lookups, and of child tables that are parents.
    pub(super) placed: Vec<Option<Placed>>,
    /// Like `placed`; those of child tables serve this load only.
    pub(super) keys: Vec<Option<Keys>>,
    /// Of child tables.
    pub(super) linked: Vec<Option<Linked>>,
    /// By table: the texts of its key column.
    pub(super) key_texts: Vec<Option<Arc<Dictionary>>>,
}

pub(super) fn assemble(
    schema: &Schema,
    previous: Option<&Snapshot>,
    stages: Vec<Stage>,
    findings: Findings,
    watch: &Watch,
) -> Result<Snapshot> {
    let mut all = Assembly {
        schema,
        previous,
        placed: stages.iter().map(|_| None).collect(),
        keys: stages.iter().map(|_| None).collect(),
        linked: stages.iter().map(|_| None).collect(),
        key_texts: Vec::new(),
        stages,
        findings,
    };
    let tables = schema.tables().len() + schema.row_tables().count();
    let steps = watch.begin(Work::Linking, Unit::Tables, u64::try_from(tables).ok())?;
    all.place_keyed(&steps)?;
    all.link_children(&steps)?;
    if all.findings.is_refused() {
        return Err(all.findings.refusal());
    }
    all.sort_children(&steps)?;
    all.stages.iter_mut().for_each(Stage::settle);
    all.key_texts = schema.table_ids().map(|id| all.key_texts_of(id)).collect();
    let (mut tables, mut parts) = (Vec::new(), Vec::new());
    let columns: usize = schema.tables().iter().map(|table| table.columns.len()).sum();
    let steps = watch.begin(Work::LayingOut, Unit::Columns, u64::try_from(columns).ok())?;
    for id in schema.table_ids() {
        let (table, chunks) = all.lay_out(id, &steps)?;
        tables.push(Arc::new(table));
        parts.push(chunks.into_iter());
    }
    let chunks = all.whole_chunks(&tables, &mut parts);
    let base = chunks.len();
    let indexes = schema.table_ids().map(|_| OnceLock::new()).collect();
    let live = Arc::new(all.live());
    let mut counts = Vec::new();
    for ((table, data), stage) in schema.tables().iter().zip(&tables).zip(&all.stages) {
        counts.push((table.name.clone(), data.rows, stage.rejected));
        if stage.rejected > 0 {
            let message = format!("table `{}`: left out {}", table.name, rows(stage.rejected));
            all.findings.warn(Code::RejectedRows, message);
        }
    }
    let report = LoadReport { warnings: all.findings.all(), tables: counts };
    let schema = schema.clone();
    Ok(Snapshot { inner: Arc::new(Inner { schema, tables, chunks, base, live, report, indexes }) })
}

impl Assembly<'_> {
    fn place_keyed(&mut self, steps: &Steps<'_>) -> Result<(), Cancelled> {
        for (table, at) in self.schema.tables().iter().zip(0..) {
            let (Role::Customers { .. } | Role::Lookup) = table.role else { continue };
            let known = self.previous.and_then(|last| last.inner.tables[at].keys.clone());
            let mut keys = known.unwrap_or_else(|| new_keys(self.schema, table.key));
            let (stage, findings) = (&mut self.stages[at], &mut self.findings);
            self.placed[at] = Some(link::place(stage, &mut keys, findings, &table.name, None));
            keys.settle();
            self.keys[at] = Some(keys);
            steps.add(1)?;
        }
        Ok(())
    }

    /// Parents before the tables nested in them.
    fn link_children(&mut self, steps: &Steps<'_>) -> Result<(), Cancelled> {
        let mut ids: Vec<TableId> = self.schema.row_tables().collect();
        ids.sort_by_key(|id| self.schema.root_of(*id).map(|(levels, _)| levels));
        for id in ids {
            let (at, table) = (usize::from(id.0), self.schema.table(id));
            let Some(mut linked) = self.link(id) else { continue };
            if self.schema.nested_in(id).next().is_some() {
                let mut keys = new_keys(self.schema, table.key);
                let (stage, owners) = (&mut self.stages[at], Some(linked.owners.as_mut_slice()));
                let placed = link::place(stage, &mut keys, &mut self.findings, &table.name, owners);
                (self.placed[at], self.keys[at]) = (Some(placed), Some(keys));
            }
            self.linked[at] = Some(linked);
            steps.add(1)?;
        }
        Ok(())
    }

    fn link(&mut self, id: TableId) -> Option<Linked> {
        let parent = self.schema.parent_of(id).unwrap_or(TableId::CUSTOMERS);
        let (at, parent_at) = (usize::from(id.0), usize::from(parent.0));
        let lost = mem::take(&mut self.stages[parent_at].lost);
        let lost_unknown = self.stages[parent_at].lost_unknown;
        let target = Target {
            name: &self.schema.table(parent).name,
            keys: self.keys[parent_at].as_ref()?,
            placed: self.placed[parent_at].as_ref()?,
            owners: self.linked[parent_at].as_ref().map(|linked| linked.owners.as_slice()),
            is_lost: &|key| lost_unknown || key.is_some_and(|key| lost.contains(key)),
        };
        let linked = link::link(&mut self.stages[at], &target, &mut self.findings);
        self.stages[parent_at].lost = lost;
        Some(linked)
    }

    fn sort_children(&mut self, steps: &Steps<'_>) -> Result<(), Cancelled> {
        let customers = self.rows(TableId::CUSTOMERS).len();
        for id in self.schema.row_tables() {
            let at = usize::from(id.0);
            let Some(linked) = &mut self.linked[at] else { continue };
            let owners = mem::take(&mut linked.owners);
            let time = self.schema.time_of(id).map(|(_, time)| self.staged(time));
            let is_root = self.schema.parent_of(id).is_none();
            let came_in_order = time.is_none_or(|time| is_root && time.is_ascending());
            let time = |staged| time?.number(self.root_row(id, staged));
            let (order, starts) = link::sorted(owners, customers, came_in_order, time);
            if let Some(linked) = &mut self.linked[at] {
                (linked.order, linked.starts) = (order, starts);
            }
            steps.add(1)?;
        }
        Ok(())
    }

    /// The staged row of the table without a parent that a staged row of `table` hangs on.
    fn root_row(&self, mut table: TableId, mut staged: usize) -> usize {
        while let (Some(parent), Some(linked)) =
            (self.schema.parent_of(table), &self.linked[usize::from(table.0)])
        {
            staged = index(linked.parents[staged]);
            table = parent;
        }
        staged
    }

    fn staged(&self, column: ColumnId) -> &StagedColumn {
        &self.stages[usize::from(column.table.0)].columns[usize::from(column.index)]
    }

    /// By row of a table with keys, the staged row.
    pub(super) fn rows(&self, table: TableId) -> &[u32] {
        self.placed[usize::from(table.0)].as_ref().map_or(&[], |placed| placed.rows.as_slice())
    }

    /// The texts of a text key: of customers and lookups the keys, whose codes are rows; of a parent table the column's
    /// own, or those of the table that its key comes from.
    fn key_texts_of(&self, mut id: TableId) -> Option<Arc<Dictionary>> {
        loop {
            let table = self.schema.table(id);
            let key = table.key?;
            match table.role {
                Role::Customers { .. } | Role::Lookup => break,
                Role::Child { customer, .. } if customer == key => id = TableId::CUSTOMERS,
                Role::Nested { parent, parent_key } if parent_key == key => id = parent,
                Role::Child { .. } | Role::Nested { .. } => {
                    return self.staged(key).dictionary().cloned();
                }
            }
        }
        self.keys[usize::from(id.0)].as_ref()?.dictionary().cloned()
    }

    /// Takes the parts of each chunk out of those of the tables.
    fn whole_chunks(
        &self,
        tables: &[Arc<Table>],
        parts: &mut [std::vec::IntoIter<TableChunk>],
    ) -> Vec<PlacedChunk> {
        let customers = self.rows(TableId::CUSTOMERS).chunks(CHUNK_ROWS);
        let chunks = customers.zip((0_u32..).step_by(CHUNK_ROWS)).map(|(staged, first)| {
            let tables = tables.iter().zip(&mut *parts).map(|(table, parts)| {
                parts.next().filter(|_| table.lookup.is_none()).map(Arc::new)
            });
            let rows = Rows::From { first, count: staged.len() };
            let data = Arc::new(ChunkData { rows, tables: tables.collect() });
            let live: Bits = staged.iter().map(|staged| *staged != NONE).collect();
            PlacedChunk { data, live: (!live.all()).then(|| Arc::new(live)) }
        });
        chunks.collect()
    }

    fn live(&self) -> RoaringBitmap {
        let rows = self.rows(TableId::CUSTOMERS).iter().zip(0_u32..);
        let mut live: RoaringBitmap =
            rows.filter(|(staged, _)| **staged != NONE).map(|(_, row)| row).collect();
        live.optimize();
        live
    }
}

fn new_keys(schema: &Schema, key: Option<ColumnId>) -> Keys {
    key.map_or_else(Keys::default, |key| Keys::new(&schema.column(key).ty))
}
