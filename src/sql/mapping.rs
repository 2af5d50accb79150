//! Names in the database.

use std::collections::HashMap;

use super::dialect::Grammar;
use crate::{
    error::{Error, Result},
    schema::{ColumnId, Schema, TableId},
    value::Type,
};

/// What tables and columns are called in the database, where that is not what the schema calls them.
///
/// ```
/// use segmenta::sql::Mapping;
///
/// let mapping = Mapping::default()
///     .table("orders", ["shop", "Orders"])
///     .column("orders", "total", "Amount incl. VAT")
///     .order("orders", "row_number");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping {
    tables: HashMap<String, Vec<String>>,
    columns: HashMap<(String, String), String>,
    orders: HashMap<String, String>,
}

impl Mapping {
    /// The table of the schema has this name in the database: one name, or those of its catalog and schema before it.
    /// The customers' table is called `customers` in the schema.
    #[must_use]
    pub fn table<N: Into<String>>(
        mut self,
        table: &str,
        names: impl IntoIterator<Item = N>,
    ) -> Self {
        self.tables.insert(table.to_owned(), names.into_iter().map(Into::into).collect());
        self
    }

    /// The column of the schema has this name in the database.
    #[must_use]
    pub fn column(mut self, table: &str, column: &str, name: impl Into<String>) -> Self {
        self.columns.insert((table.to_owned(), column.to_owned()), name.into());
        self
    }

    /// The column of the database that orders the rows of one time: a table in a database has no order of rows, which
    /// `first` and `last` ask for. Left out, the table's key orders them; without a key the statement fails where
    /// rows of one time have different values.
    #[must_use]
    pub fn order(mut self, table: &str, name: impl Into<String>) -> Self {
        self.orders.insert(table.to_owned(), name.into());
        self
    }

    /// What is mapped exists, and every name is one.
    pub(super) fn check(&self, schema: &Schema) -> Result<()> {
        let tables = self.tables.keys().chain(self.orders.keys());
        let mut wrong: Vec<String> = tables
            .chain(self.columns.keys().map(|(table, _)| table))
            .filter(|table| !schema.has_table(table))
            .map(|table| format!("the schema has no table `{table}`"))
            .collect();
        let columns = self.columns.keys().filter(|(table, column)| {
            schema.has_table(table) && !Self::has_column(schema, table, column)
        });
        wrong.extend(columns.map(|(table, column)| format!("`{table}` has no column `{column}`")));
        let unfit = self.names(schema).filter(|name| name.is_empty() || name.contains('\0'));
        wrong.extend(unfit.map(|name| format!("{name:?} is no name")));
        if let Some((table, _)) = self.tables.iter().find(|(_, names)| names.is_empty()) {
            wrong.push(format!("`{table}` has no name"));
        }
        if wrong.is_empty() {
            return Ok(());
        }
        wrong.sort();
        wrong.dedup();
        Err(Error::refused(format!("names for SQL: {}", wrong.join("; "))))
    }

    /// A place has two columns, `home_lat` and `home_lon`.
    pub(super) fn has_column(schema: &Schema, table: &str, column: &str) -> bool {
        let place = ["_lat", "_lon"].iter().find_map(|end| column.strip_suffix(end));
        let place = place.and_then(|name| schema.column_type(table, name));
        schema.column_type(table, column).is_some() || place == Some(&Type::Geo)
    }

    /// Every name that may stand in a statement.
    fn names<'a>(&'a self, schema: &'a Schema) -> impl Iterator<Item = &'a str> {
        let mapped = self.tables.values().flatten().chain(self.columns.values());
        let mapped = mapped.chain(self.orders.values()).map(String::as_str);
        let own = schema.tables().iter().flat_map(|table| {
            let columns = table.columns.iter().map(|column| column.name.as_str());
            columns.chain([table.name.as_str()])
        });
        mapped.chain(own)
    }

    pub(super) fn table_name(
        &self,
        schema: &Schema,
        table: TableId,
        grammar: &dyn Grammar,
    ) -> String {
        let name = &schema.table(table).name;
        let names = self.tables.get(name).map_or(std::slice::from_ref(name), Vec::as_slice);
        let quoted: Vec<String> = names.iter().map(|name| grammar.identifier(name)).collect();
        quoted.join(".")
    }

    /// Of a place without its `_lat` or `_lon`.
    pub(super) fn column_name(&self, schema: &Schema, column: ColumnId, suffix: &str) -> String {
        let table = schema.table(column.table).name.clone();
        let name = format!("{}{suffix}", schema.column(column).name);
        self.columns.get(&(table, name.clone())).cloned().unwrap_or(name)
    }

    pub(super) fn order_of(&self, schema: &Schema, table: TableId) -> Option<String> {
        self.orders.get(&schema.table(table).name).cloned()
    }
}
