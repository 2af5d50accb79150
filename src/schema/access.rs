//! Questions to a schema.

use std::sync::Arc;

use super::{Column, ColumnId, PredictDefinition, RfmDefinition, Role, Schema, Table, TableId};
use crate::{
    calendar::{LeapDay, Zone},
    diagnostic::nearest,
    value::Type,
};

impl Schema {
    /// The names of the tables: `customers` first, then the others in the order of the schema, lookups among them.
    pub fn table_names(&self) -> impl Iterator<Item = &str> {
        self.inner.tables.iter().map(|table| table.name.as_str())
    }

    /// Whether there is a table of this name; `customers` is one.
    pub fn has_table(&self, name: &str) -> bool {
        self.find_table(name).is_some()
    }

    /// The name of a table that was most likely meant by a name that no table has.
    pub fn nearest_table(&self, name: &str) -> Option<&str> {
        nearest(name, self.table_names())
    }

    /// The names of a table's columns in the order of the schema; `None` when there is no such table.
    pub fn column_names(&self, table: &str) -> Option<impl Iterator<Item = &str>> {
        let table = self.table(self.find_table(table)?);
        Some(table.columns.iter().map(|column| column.name.as_str()))
    }

    /// The type of a column; `None` when there is no such table or column.
    pub fn column_type(&self, table: &str, column: &str) -> Option<&Type> {
        let column = self.table(self.find_table(table)?).find(column)?;
        Some(&self.column(column).ty)
    }

    /// Whether the rows of a table have a time: their own, or that of the rows they belong to.
    pub fn has_time(&self, table: &str) -> bool {
        self.find_table(table).is_some_and(|table| self.time_of(table).is_some())
    }

    /// The name of the customers' key column.
    pub fn customers_key(&self) -> &str {
        self.customers().key_column().map_or("", |key| self.column(key).name.as_str())
    }

    /// The name of the time zone, as `Europe/Stockholm`.
    pub fn timezone(&self) -> &'static str {
        self.inner.zone.0.name()
    }

    /// Whether the customers' keys are texts.
    #[cfg(feature = "store")]
    pub(crate) fn has_text_keys(&self) -> bool {
        self.customers().key_column().is_some_and(|key| self.column(key).ty == Type::Text)
    }

    /// A hash of tables, columns and time zone, which is the same in every version of this crate.
    #[cfg(feature = "store")]
    pub(crate) fn fingerprint(&self) -> [u8; 32] {
        let mut text = format!("{} {:?}\n", self.timezone(), self.leap_day());
        for table in self.tables() {
            text += &format!("{} {:?}\n", table.name, table.role);
            for column in &table.columns {
                text += &format!(
                    "  {} {} {:?}\n",
                    column.name,
                    column.ty,
                    table.key == Some(column.id)
                );
            }
        }
        hmac_sha256::Hash::hash(text.as_bytes())
    }

    /// Whether both schemas say the same: the same tables and columns in the same order, with the same types and
    /// roles, the same calendar, and the same computed columns.
    pub fn same_as(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner) || self.inner == other.inner
    }

    /// Whether any column has declared values.
    pub(crate) fn declares_values(&self) -> bool {
        let mut columns = self.inner.tables.iter().flat_map(|table| &table.columns);
        columns.any(|column| !column.values.is_empty())
    }

    pub(crate) fn zone(&self) -> Zone {
        self.inner.zone
    }

    pub(crate) fn leap_day(&self) -> LeapDay {
        self.inner.leap_day
    }

    pub(crate) fn rfm(&self) -> Option<&RfmDefinition> {
        self.inner.rfm.as_ref()
    }

    pub(crate) fn predict(&self) -> Option<&PredictDefinition> {
        self.inner.predict.as_ref()
    }

    /// The customers first, then child tables and lookups in the order of the schema.
    pub(crate) fn tables(&self) -> &[Table] {
        &self.inner.tables
    }

    pub(crate) fn table_ids(&self) -> impl Iterator<Item = TableId> + use<> {
        (0_u16..).take(self.inner.tables.len()).map(TableId)
    }

    // INVARIANT: ids are made only while a schema is settled, and are asked of a schema that is `same_as` that one.
    #[expect(clippy::indexing_slicing, reason = "an id belongs to its schema")]
    pub(crate) fn table(&self, id: TableId) -> &Table {
        &self.inner.tables[usize::from(id.0)]
    }

    // INVARIANT: as for `table`.
    #[expect(clippy::indexing_slicing, reason = "an id belongs to its schema")]
    pub(crate) fn column(&self, id: ColumnId) -> &Column {
        &self.table(id.table).columns[usize::from(id.index)]
    }

    /// Whether the data hold a value of this column for every row: required columns, keys, and the columns that say
    /// whose a row is.
    pub(crate) fn is_always_given(&self, id: ColumnId) -> bool {
        let table = self.table(id.table);
        let link = match table.role {
            Role::Child { customer, .. } => Some(customer),
            Role::Nested { parent_key, .. } => Some(parent_key),
            Role::Customers { .. } | Role::Lookup => None,
        };
        self.column(id).required || table.key_column() == Some(id) || link == Some(id)
    }

    pub(crate) fn customers(&self) -> &Table {
        self.table(TableId::CUSTOMERS)
    }

    /// The type of the customers' key, `int` or `text`.
    pub(crate) fn customers_key_type(&self) -> &Type {
        self.customers().key_column().map_or(&Type::Text, |key| &self.column(key).ty)
    }

    pub(crate) fn find_table(&self, name: &str) -> Option<TableId> {
        self.inner.by_name.get(name).copied()
    }

    /// The tables with many rows a customer, those with a parent among them.
    pub(crate) fn row_tables(&self) -> impl Iterator<Item = TableId> + '_ {
        self.table_ids().filter(|id| self.table(*id).is_rows())
    }

    /// The tables whose rows belong to rows of `parent`.
    pub(crate) fn nested_in(&self, parent: TableId) -> impl Iterator<Item = TableId> + '_ {
        self.table_ids().filter(move |id| self.parent_of(*id) == Some(parent))
    }

    /// The table that a table with a parent belongs to.
    pub(crate) fn parent_of(&self, table: TableId) -> Option<TableId> {
        match self.table(table).role {
            Role::Nested { parent, .. } => Some(parent),
            _ => None,
        }
    }

    /// The time column of a row and the number of parents up to the row that has it: 0 for the row's own. `None` for
    /// tables without a time, for customers and for lookups.
    pub(crate) fn time_of(&self, table: TableId) -> Option<(u8, ColumnId)> {
        let (hops, root) = self.root_of(table)?;
        match self.table(root).role {
            Role::Child { time, .. } => time.map(|column| (hops, column)),
            _ => None,
        }
    }

    /// The table without a parent that a table of rows ends in, and the number of parents up to it.
    pub(crate) fn root_of(&self, table: TableId) -> Option<(u8, TableId)> {
        let (mut hops, mut table) = (0_u8, table);
        while let Role::Nested { parent, .. } = self.table(table).role {
            (hops, table) = (hops.checked_add(1)?, parent);
        }
        matches!(self.table(table).role, Role::Child { .. }).then_some((hops, table))
    }
}

impl Table {
    /// The column of this name.
    pub(crate) fn find(&self, name: &str) -> Option<ColumnId> {
        // PERF: of a few columns, three are compared in the time that finding a place by the name takes.
        const FEW: usize = 12;
        if self.columns.len() <= FEW {
            return self.columns.iter().find(|column| column.name == name).map(|column| column.id);
        }
        self.by_name.get(name).copied()
    }

    /// The column whose name is nearest to one that does not exist.
    pub(crate) fn nearest_column(&self, name: &str) -> Option<&str> {
        nearest(name, self.columns.iter().map(|column| column.name.as_str()))
    }

    /// The column that identifies a row.
    pub(crate) fn key_column(&self) -> Option<ColumnId> {
        self.key
    }

    /// Many rows a customer, with or without a parent.
    pub(crate) fn is_rows(&self) -> bool {
        matches!(self.role, Role::Child { .. } | Role::Nested { .. })
    }
}
