//! Which tables and columns there are: the customers, their rows, and lookups.

mod access;
mod build;
mod draft;
mod predict;
mod purchases;
#[cfg(feature = "toml")]
mod read;
#[cfg(feature = "toml")]
mod read_predict;
#[cfg(feature = "toml")]
mod read_rfm;
mod rfm;
mod roles;
mod settle;
mod shape;
mod types;

use std::{collections::HashMap, sync::Arc};

pub use build::SchemaBuilder;
pub use predict::Predict;
pub(crate) use predict::{LONGEST_YEARS, PredictDefinition, PredictSettings, horizon};
pub(crate) use purchases::Purchases;
pub(crate) use rfm::{Method, RfmDefinition, Scores};
pub use rfm::{Rfm, RfmPreset, ScoreBox};

use crate::{
    calendar::{LeapDay, Zone},
    value::Type,
};

/// The tables and columns that rules speak about, and how the calendar is read. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Schema {
    inner: Arc<Inner>,
}

#[derive(Debug, PartialEq)]
struct Inner {
    zone: Zone,
    leap_day: LeapDay,
    /// The customers first, then child tables and lookups in the order of the schema.
    tables: Vec<Table>,
    by_name: HashMap<String, TableId>,
    rfm: Option<RfmDefinition>,
    predict: Option<PredictDefinition>,
}

/// The number of a table in its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TableId(pub(crate) u16);

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ColumnId {
    pub(crate) table: TableId,
    pub(crate) index: u16,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) role: Role,
    /// The column that identifies a row; always there for customers and lookups.
    pub(crate) key: Option<ColumnId>,
    pub(crate) columns: Vec<Column>,
    by_name: HashMap<String, ColumnId>,
}

/// What a table is to the customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// One row a customer. `created` is a date or datetime.
    Customers { created: Option<ColumnId> },
    /// Many rows a customer. `customer` holds the customer's key, `time` is a date or datetime.
    Child { customer: ColumnId, time: Option<ColumnId> },
    /// Many rows a row of the table `parent`, a `Child` or itself `Nested`; `parent_key` holds its key.
    Nested { parent: TableId, parent_key: ColumnId },
    /// One row a key, shared by all.
    Lookup,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Column {
    pub(crate) id: ColumnId,
    pub(crate) name: String,
    pub(crate) ty: Type,
    /// A missing field is an error of the data.
    pub(crate) required: bool,
    /// The declared values of a text column; empty where none are declared.
    pub(crate) values: Vec<String>,
    /// The lookup table of a `ref` column.
    pub(crate) lookup: Option<TableId>,
}

impl TableId {
    pub(crate) const CUSTOMERS: Self = Self(0);
}
