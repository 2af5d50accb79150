//! Which columns are read, so that only these are gathered.

use crate::schema::{ColumnId, Role, Schema, TableId};

/// Tables and columns that are read.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// By table: `None` where not even the rows are; by column.
    tables: Vec<Option<Vec<bool>>>,
}

impl Wanted {
    /// Nothing but which customers there are, and since when.
    pub(crate) fn new(schema: &Schema) -> Self {
        let mut wanted = Self { tables: schema.tables().iter().map(|_| None).collect() };
        wanted.table(schema, TableId::CUSTOMERS);
        if let Role::Customers { created: Some(created) } = schema.customers().role {
            wanted.column(schema, created);
        }
        wanted
    }

    /// The rows of a table, and those they hang on.
    pub(crate) fn table(&mut self, schema: &Schema, id: TableId) {
        let mut id = id;
        loop {
            if let Some(slot) = self.tables.get_mut(usize::from(id.0))
                && slot.is_none()
            {
                *slot = Some(vec![false; schema.table(id).columns.len()]);
            }
            let Role::Nested { parent, .. } = schema.table(id).role else { return };
            id = parent;
        }
    }

    pub(crate) fn column(&mut self, schema: &Schema, id: ColumnId) {
        self.table(schema, id.table);
        let columns = self.tables.get_mut(usize::from(id.table.0)).and_then(Option::as_mut);
        let slot = columns.and_then(|columns| columns.get_mut(usize::from(id.index)));
        slot.into_iter().for_each(|wanted| *wanted = true);
    }

    pub(super) fn has_table(&self, id: TableId) -> bool {
        self.tables.get(usize::from(id.0)).is_some_and(Option::is_some)
    }

    pub(super) fn has_column(&self, id: TableId, column: usize) -> bool {
        let columns = self.tables.get(usize::from(id.0)).and_then(Option::as_ref);
        columns.is_some_and(|columns| columns.get(column) == Some(&true))
    }
}
