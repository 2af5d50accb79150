//! The way into a snapshot.

use std::sync::Arc;

use super::{
    Snapshot,
    assemble::assemble,
    findings::{Findings, LoadReport, Origin},
    stage::{Stage, Writer},
};
use crate::{
    diagnostic::{Code, Diagnostic, nearest},
    error::{Error, Result},
    schema::{self, ColumnId, Role, Schema, TableId},
    value::Type,
    watch::{Cancelled, Watch},
};

/// Collects the rows of customers, child tables and lookups, in any order of tables, and makes a [`Snapshot`] of them.
///
/// What is wrong with the data is collected, and [`SnapshotBuilder::build`] reports all of it at once. A row with a
/// text instead of a date, or an order whose customer does not exist, refuses the load unless it is
/// [lenient](SnapshotBuilder::lenient).
#[must_use]
pub struct SnapshotBuilder {
    pub(super) schema: Schema,
    pub(super) previous: Option<Snapshot>,
    pub(super) stages: Vec<Stage>,
    pub(super) findings: Findings,
    pub(super) watch: Watch,
    /// A table was not read to its end.
    pub(super) is_cancelled: bool,
}

impl Snapshot {
    /// A builder for the first snapshot of this schema.
    pub fn builder(schema: &Schema) -> SnapshotBuilder {
        SnapshotBuilder::new(schema, None)
    }

    /// A builder for the snapshot that comes after this one. It starts empty; customers whose keys it is given again
    /// keep their rows, so memberships stay comparable.
    pub fn next(&self) -> SnapshotBuilder {
        SnapshotBuilder::new(self.schema(), Some(self.clone()))
    }

    /// Without customers, but with the rows that these keys are to have; `None` where a key is not of the schema's type,
    /// or there twice.
    #[cfg(feature = "store")]
    pub(crate) fn of_keys(schema: &Schema, known: &[crate::value::Key]) -> Option<Self> {
        let mut snapshot = Self::builder(schema).build().ok()?;
        let table = Arc::get_mut(Arc::get_mut(&mut snapshot.inner)?.tables.first_mut()?)?;
        let keys = table.keys.as_mut()?;
        for (row, key) in (0..).zip(known) {
            let found = match key {
                crate::value::Key::Int(key) => keys.intern_int(*key),
                crate::value::Key::Text(key) => keys.intern_text(key),
            };
            if found != Some(row) {
                return None;
            }
        }
        keys.settle();
        Some(snapshot)
    }

    /// What was found when the data were loaded.
    pub fn report(&self) -> &LoadReport {
        &self.inner.report
    }
}

impl SnapshotBuilder {
    pub(super) fn new(schema: &Schema, previous: Option<Snapshot>) -> Self {
        let known = |column: &schema::Column| {
            let of_last = || previous.as_ref()?.shared_dictionary(column.id);
            // Texts that name rows of other tables get codes of those; here they are only staged.
            if is_named_elsewhere(schema, column.id) {
                Arc::default()
            } else {
                of_last().unwrap_or_default()
            }
        };
        let stages = schema.table_ids().map(|table| Stage::new(schema, table, known)).collect();
        let (schema, findings) = (schema.clone(), Findings::default());
        let watch = Watch::default();
        Self { schema, previous, stages, findings, watch, is_cancelled: false }
    }

    /// Whether rows with errors are left out, counted and reported in [`Snapshot::report`], instead of refusing the
    /// load. What is wrong with a file as a whole, such as a missing column, refuses the load all the same.
    pub fn lenient(mut self, lenient: bool) -> Self {
        self.findings.lenient = lenient;
        self
    }

    /// Has the reading of files and record batches, and [`build`](SnapshotBuilder::build), tell how far they are, and be
    /// stopped. What was stopped is an error ([`Error::is_cancelled`]), and so is everything that this builder is asked
    /// for later.
    pub fn watch(mut self, watch: Watch) -> Self {
        self.watch = watch;
        self
    }

    /// # Errors
    ///
    /// All that is wrong with the data, up to 1,000 errors; and when it was cancelled.
    pub fn build(self) -> Result<Snapshot> {
        self.check()?;
        let previous = self.previous.as_ref();
        assemble(&self.schema, previous, self.stages, self.findings, &self.watch)
    }

    /// Whether the builder is still good for something.
    pub(crate) fn check(&self) -> Result<()> {
        self.watch.check()?;
        if self.is_cancelled { Err(Cancelled.into()) } else { Ok(()) }
    }

    /// What to say where the reading of a table was stopped.
    #[cfg(any(feature = "arrow", feature = "csv", feature = "jsonl"))]
    pub(crate) fn cancelled(&mut self) -> Error {
        self.is_cancelled = true;
        Cancelled.into()
    }

    /// What looks on.
    #[cfg(any(feature = "arrow", feature = "csv", feature = "jsonl"))]
    pub(crate) fn watched(&self) -> Watch {
        self.watch.clone()
    }

    pub(crate) fn schema(&self) -> &Schema {
        &self.schema
    }

    pub(crate) fn find_table(&self, name: &str) -> Result<TableId> {
        self.schema.find_table(name).ok_or_else(|| {
            let help = nearest(name, self.schema.table_names());
            let message = format!("the schema has no table `{name}`");
            misuse(Code::UnknownTable, message, help)
        })
    }

    /// For rows of a program.
    ///
    /// INVARIANT: the table is one of the schema's.
    #[expect(
        clippy::indexing_slicing,
        reason = "there is one stage for each of the schema's tables"
    )]
    pub(crate) fn row_writer(&mut self, table: TableId) -> Writer<'_> {
        let origin = Origin::Rows(self.stages[usize::from(table.0)].name.clone());
        self.writer(table, origin)
    }

    /// INVARIANT: the table is one of the schema's.
    #[expect(
        clippy::indexing_slicing,
        reason = "there is one stage for each of the schema's tables"
    )]
    pub(crate) fn writer(&mut self, table: TableId, origin: Origin) -> Writer<'_> {
        Writer::new(&mut self.stages[usize::from(table.0)], &mut self.findings, origin)
    }
}

/// An error of the caller, not of the data.
pub(crate) fn misuse(code: Code, message: String, nearest: Option<&str>) -> Error {
    Error::diagnosed(vec![Diagnostic {
        code,
        severity: code.severity(),
        message,
        help: nearest.map(|name| format!("did you mean `{name}`?")),
        location: None,
        used_at: None,
    }])
}

/// Whether the texts of a column are keys of customers, lookups or parent rows.
fn is_named_elsewhere(schema: &Schema, id: ColumnId) -> bool {
    let table = schema.table(id.table);
    let column = schema.column(id);
    let linked = match table.role {
        Role::Customers { .. } | Role::Lookup => table.key == Some(id),
        Role::Child { customer, .. } => customer == id,
        Role::Nested { parent_key, .. } => parent_key == id,
    };
    linked || matches!(column.ty, Type::Ref(_))
}
