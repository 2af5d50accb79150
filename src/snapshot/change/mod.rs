//! Changes to some customers: the next snapshot, without a look at the others.
//!
//! What is given is staged and laid out as one small chunk of its own, the *delta*. Then each customer who is touched is
//! put together from rows of the chunk where they lived and rows of the delta, in a new chunk, and their old place is
//! masked out.

mod index;
mod link;
mod merge;
mod overlay;

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

pub(super) use index::RowIndex;

use super::{
    LoadReport, NONE, Snapshot, SnapshotBuilder, findings::Findings, keys::Keys, stage::Stage,
};
use crate::{
    diagnostic::Code,
    error::{Error, Result},
    schema::{Role, Schema, TableId},
    snapshot::misuse,
    value::{Key, Value},
    watch::Watch,
};

/// Changes to the customers of a [`Snapshot`]: rows that are new or take the place of others, and rows that go.
///
/// A row of `customers`, or of a lookup, is new, or takes the place of the row with the same key as a whole. A row of a
/// child table is appended; where the schema names a key for the table, and a row with that key exists, it takes that
/// row's place, also when it names another customer or parent. What hangs on such a row then hangs on the new one.
///
/// Deletions take place before rows are added, whatever the order of the calls. A customer who is deleted takes all rows
/// along, and a row those nested in it. Who is deleted and given in the same changes is the same customer with none
/// of the old rows.
///
/// Among rows of the same time those that stay come first, then those that are given, in the order in which they were
/// given. A row that takes the place of another one of the same customer and time stands where that one stood.
///
/// A reference to a lookup is resolved when its row is given: one whose key did not exist then stays missing.
#[must_use]
pub struct Changes {
    rows: SnapshotBuilder,
    /// By table.
    deleted: Vec<Vec<Key>>,
    /// By table: customers whose rows in it go.
    emptied: Vec<Vec<Key>>,
}

/// What became of changes.
pub(crate) struct Changed {
    pub(crate) snapshot: Snapshot,
    /// The rows of the customers who are new, changed or deleted, ascending.
    pub(crate) touched: Vec<u32>,
    /// Rows of lookups were given, so that any customer may be concerned.
    pub(crate) lookups: bool,
    /// Customers came or went.
    pub(crate) customers: bool,
}

impl Snapshot {
    /// Begins changes to these data. They are applied by [`Engine::apply`](crate::Engine::apply), or by
    /// [`Changes::build`] where only the data matter.
    pub fn changes(&self) -> Changes {
        let tables = self.schema().tables();
        Changes {
            rows: SnapshotBuilder::new(self.schema(), Some(self.clone())),
            deleted: vec![Vec::new(); tables.len()],
            emptied: vec![Vec::new(); tables.len()],
        }
    }
}

impl Changes {
    /// Whether rows with errors are left out, as by [`SnapshotBuilder::lenient`].
    pub fn lenient(mut self, lenient: bool) -> Self {
        self.rows = self.rows.lenient(lenient);
        self
    }

    /// Has the reading of files and record batches tell how far it is, and be stopped, as by
    /// [`SnapshotBuilder::watch`].
    pub fn watch(mut self, watch: Watch) -> Self {
        self.rows = self.rows.watch(watch);
        self
    }

    /// Takes rows from files and other sources, table by table, as for a whole snapshot.
    pub fn rows(&mut self) -> &mut SnapshotBuilder {
        &mut self.rows
    }

    /// Gives a row, as by [`SnapshotBuilder::push`].
    ///
    /// # Errors
    /// As there.
    pub fn push<'a>(
        &mut self,
        table: &str,
        row: impl IntoIterator<Item = (&'a str, Option<Value>)>,
    ) -> Result<()> {
        self.rows.push(table, row)
    }

    /// Gives a row, as by [`SnapshotBuilder::push_row`].
    ///
    /// # Errors
    /// As there.
    pub fn push_row<T: serde::Serialize + ?Sized>(&mut self, table: &str, row: &T) -> Result<()> {
        self.rows.push_row(table, row)
    }

    /// Deletes the customer, or the row of a child table, with this key. A key that nothing has is passed over.
    ///
    /// # Errors
    /// A table that the schema does not have, a child table without a key, and a lookup: its rows can be replaced, not
    /// deleted.
    pub fn delete(&mut self, table: &str, key: impl Into<Key>) -> Result<()> {
        let id = self.rows.find_table(table)?;
        let own = self.rows.schema.table(id);
        match own.role {
            Role::Lookup => {
                let message = "rows of a lookup cannot be deleted, only replaced";
                return Err(Error::refused(message));
            }
            _ if own.key.is_none() => {
                let message = format!(
                    "table `{}` has no key; take away all rows of a customer with `clear`",
                    own.name
                );
                return Err(misuse(Code::UnknownColumn, message, None));
            }
            _ => {}
        }
        if let Some(deleted) = self.deleted.get_mut(usize::from(id.0)) {
            deleted.push(key.into());
        }
        Ok(())
    }

    /// Takes away all rows that a customer has in a child table, so that those given stand alone.
    ///
    /// # Errors
    /// A table that the schema does not have, and one that is no child table.
    pub fn clear(&mut self, table: &str, customer: impl Into<Key>) -> Result<()> {
        let id = self.rows.find_table(table)?;
        let own = self.rows.schema.table(id);
        if !matches!(own.role, Role::Child { .. } | Role::Nested { .. }) {
            return Err(Error::refused(format!("table `{}` is no child table", own.name)));
        }
        if let Some(emptied) = self.emptied.get_mut(usize::from(id.0)) {
            emptied.push(customer.into());
        }
        Ok(())
    }

    /// The data after the changes.
    ///
    /// # Errors
    /// All that is wrong with the rows, with the codes of a load; and when it was cancelled. No change is made then.
    pub fn build(self) -> Result<Snapshot> {
        self.make().map(|changed| changed.snapshot)
    }

    pub(crate) fn base(&self) -> Option<&Snapshot> {
        self.rows.previous.as_ref()
    }

    pub(crate) fn make(self) -> Result<Changed> {
        self.rows.check()?;
        let SnapshotBuilder { schema, previous, stages, findings, .. } = self.rows;
        // INVARIANT: changes are begun on a snapshot.
        let Some(base) = previous else { return Err(Error::refused("there is nothing to change")) };
        let mut work = Work::new(&base, &schema, stages, findings);
        work.place_keyed(&self.deleted);
        work.link_children(&self.deleted, &self.emptied);
        if work.findings.is_refused() {
            return Err(work.findings.refusal());
        }
        work.finish()
    }
}

/// A row of a chunk of the base, or of the delta.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Place {
    source: u32,
    row: u32,
}

struct Work<'a> {
    base: &'a Snapshot,
    schema: &'a Schema,
    stages: Vec<Stage>,
    findings: Findings,
    /// Of customers and lookups: with those of new rows.
    keys: Vec<Option<Keys>>,
    /// Of customers and lookups: by row, the staged one.
    given: Vec<HashMap<u32, u32>>,
    /// The customers that are deleted, given again or not.
    wiped: BTreeSet<u32>,
    /// By table, of child tables.
    children: Vec<Children>,
}

/// What happens in a child table.
#[derive(Default)]
struct Children {
    /// By staged row: its customer; `NONE` for a rejected row.
    owners: Vec<u32>,
    /// By staged row of a nested table: its parent, as it stood before or as it is given.
    parents: Vec<Place>,
    /// By the key of a staged row.
    by_key: HashMap<Key, u32>,
    /// The rows that go, with their customers.
    removed: HashMap<Place, u32>,
    /// The rows whose place staged rows take, with their customers.
    replaced: HashMap<Place, (u32, u32)>,
    /// Rows that follow their parents to another customer: from whom, which, to whom.
    carried: Vec<(u32, Place, u32)>,
    /// Of these, to whom.
    leaving: HashMap<Place, u32>,
    /// The customers whose rows are not as they were, ascending.
    dirty: Vec<u32>,
    /// The staged rows by customer, then as they were given.
    by_owner: Vec<(u32, u32)>,
    /// As `carried`, by the new customer, then the old one and its order.
    arriving: Vec<(u32, u32, Place)>,
}

impl<'a> Work<'a> {
    fn new(base: &'a Snapshot, schema: &'a Schema, stages: Vec<Stage>, findings: Findings) -> Self {
        let keys = base.inner.tables.iter().map(|table| table.keys.clone()).collect();
        let given = stages.iter().map(|_| HashMap::new()).collect();
        let children = stages.iter().map(|_| Children::default()).collect();
        Self { base, schema, stages, findings, keys, given, wiped: BTreeSet::new(), children }
    }

    /// The number of the delta among the sources.
    fn delta_source(&self) -> u32 {
        u32::try_from(self.base.chunk_count()).unwrap_or(NONE)
    }

    /// Parents before the tables nested in them.
    fn child_tables(&self) -> Vec<TableId> {
        let mut ids: Vec<TableId> = self.schema.row_tables().collect();
        ids.sort_by_key(|id| self.schema.root_of(*id).map(|(levels, _)| levels));
        ids
    }

    fn has_rows(&self, table: TableId) -> bool {
        self.stages.get(usize::from(table.0)).is_some_and(|stage| stage.rows > 0)
    }

    fn report(&self, findings: Findings) -> LoadReport {
        let tables = self.schema.tables().iter().zip(&self.stages);
        let tables = tables.map(|(table, stage)| {
            let staged = u64::try_from(stage.rows).unwrap_or(u64::MAX);
            (table.name.clone(), staged, stage.rejected)
        });
        LoadReport { tables: tables.collect(), warnings: findings.all() }
    }
}

/// Whether the changes were begun on this snapshot.
pub(crate) fn is_of(changes: &Changes, snapshot: &Snapshot) -> bool {
    changes.base().is_some_and(|base| Arc::ptr_eq(&base.inner, &snapshot.inner))
}
