//! What can be said in rules: tables and columns with what is in them, and the words of the language.
//!
//! An editor needs no more to complete names and values. Every part is plain data and serialises.
//!
//! ```
//! use segmenta::{Schema, Snapshot, Type, Value, catalog::Catalog};
//!
//! #[derive(serde::Serialize)]
//! struct Customer { id: i64, country: Option<&'static str> }
//!
//! # fn main() -> segmenta::Result<()> {
//! let schema = Schema::builder()
//!     .customers("id").column("id", Type::Int).column("country", Type::Text)
//!     .build()?;
//! let mut data = Snapshot::builder(&schema);
//! for (id, country) in [(1, Some("SE")), (2, Some("NO")), (3, Some("SE")), (4, None)] {
//!     data.push_row("customers", &Customer { id, country })?;
//! }
//! let catalog = Catalog::builder(&schema).snapshot(&data.build()?).build()?;
//!
//! let country = catalog.column("customers", "country").unwrap();
//! assert!(country.operators.contains(&"starts with") && !country.operators.contains(&"+"));
//! let contents = country.contents.as_ref().unwrap();
//! assert_eq!((contents.missing, contents.distinct), (1, Some(2)));
//! assert_eq!((&contents.values[0].value, contents.values[0].count), (&Value::Text("SE".to_owned()), 2));
//! # Ok(())
//! # }
//! ```

mod build;
mod count;
mod language;
mod names;
#[cfg(test)]
mod tests;

use std::fmt;

use serde::Serialize;

pub use build::CatalogBuilder;
pub use language::{Aggregate, Form, Function, Kind, Language, Operator};

use crate::{
    rule::SegmentKind,
    value::{Type, Value},
};

/// What rules may name, and with what. Begun with [`Catalog::builder`].
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct Catalog {
    /// The customers first, then the others in the order of the schema.
    pub tables: Vec<Table>,
    /// Columns that are computed for each customer, as `rfm.score`; none where the schema sets up none. Rules name them
    /// like columns of the customers, and not in row filters.
    pub computed: Vec<Column>,
    /// The segments of the rules, parts of partitions among them.
    pub segments: Vec<Segment>,
    /// The `let`s of the rules.
    pub lets: Vec<Let>,
    /// The words of the language, whatever the schema.
    pub language: Language,
}

/// A table of the schema.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Table {
    /// The name in the schema.
    pub name: String,
    /// The name as it is written in rules: in backquotes where it is no plain word.
    pub written: String,
    /// What it is to the customers.
    pub kind: TableKind,
    /// The table whose rows its rows belong to: `customers`, or the parent. Lookups have none.
    pub of: Option<String>,
    /// The aggregates that take the table itself, as in `count(orders)`.
    pub aggregates: Vec<&'static str>,
    /// The number of rows; `None` without data.
    pub rows: Option<u64>,
    /// In the order of the schema.
    pub columns: Vec<Column>,
}

/// What a table is to the customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TableKind {
    /// One row a customer: columns are named bare.
    Customers,
    /// Any number of rows a customer: columns are named in aggregates, and bare in their row filters.
    Rows,
    /// Rows that others refer to: columns are named behind a reference, as in `home_store.region`.
    Lookup,
}

/// A column of a table.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Column {
    /// The name in the schema.
    pub name: String,
    /// The name as it is written in rules: in backquotes where it is no plain word; where a length of time is wanted, with
    /// one, as `predict.orders(90 days)`.
    pub written: String,
    /// The type in the schema, as `decimal(2)`.
    #[serde(rename = "type", serialize_with = "names::type_name")]
    pub ty: Type,
    /// What a rule sees: a reference is the key it holds.
    pub kind: Kind,
    /// Whether the value may be missing. A set never is: a missing one is an empty set.
    pub nullable: bool,
    /// What the column is for, beside its values; in most cases nothing.
    pub roles: Vec<Role>,
    /// The table whose rows the column refers to, by their keys.
    pub references: Option<String>,
    /// The operators that take the column, [`Operator::name`].
    pub operators: Vec<&'static str>,
    /// The functions that take the column, [`Function::name`].
    pub functions: Vec<&'static str>,
    /// The aggregates that take the column, [`Aggregate::name`]; of rows of customers alone.
    pub aggregates: Vec<&'static str>,
    /// The values that the schema declares; none where any value may be. Of `rfm.group`, the names of the groups;
    /// of `predict.spend_tier`, the tiers.
    pub declared: Vec<String>,
    /// What the data holds; `None` without data.
    pub contents: Option<Contents>,
}

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Role {
    /// Identifies a row.
    Key,
    /// Holds the key of the customer that a row belongs to.
    Customer,
    /// Holds the key of the parent that a row belongs to.
    Parent,
    /// When a row happened.
    Time,
    /// Since when a customer exists.
    Created,
    /// Holds the key of a row of a lookup, whose columns are reached through it.
    Reference,
}

/// What the data holds in a column, all rows counted, whatever their time.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Contents {
    /// Rows without a value; of sets, the empty ones.
    pub missing: u64,
    /// The number of different values, or of different elements of sets. `None` where they are not counted: of
    /// decimals, floats, dates, datetimes and places, and of whole numbers with more than
    /// [`most_distinct`](CatalogBuilder::most_distinct).
    pub distinct: Option<u64>,
    /// Values and how many rows have them, or elements and how many sets have them: the most frequent first, of equal
    /// frequency in ascending order. Empty where there are more different ones than
    /// [`most_distinct`](CatalogBuilder::most_distinct), since these may be names or addresses, and for keys.
    pub values: Vec<ValueCount>,
    /// The least and the greatest value of numbers, dates and datetimes; `None` where there is no value.
    pub range: Option<Range>,
}

/// A value and how often it occurs. `Debug` shows no value.
#[derive(Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ValueCount {
    /// A boolean, a whole number or a text; of a reference, the key.
    #[serde(serialize_with = "names::value")]
    pub value: Value,
    /// As it is written in rules: `'SE'`.
    pub written: String,
    /// The number of rows that have it.
    pub count: u64,
}

/// The least and the greatest value of a column. Serialised, whole numbers and floats are numbers, the others texts;
/// datetimes are in UTC. `Debug` shows no value.
#[derive(Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Range {
    /// The least value.
    #[serde(serialize_with = "names::value")]
    pub min: Value,
    /// The greatest value.
    #[serde(serialize_with = "names::value")]
    pub max: Value,
}

/// A segment of the rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Segment {
    /// The name, as in `in segment NAME`.
    pub name: String,
    /// The title, if it has one.
    pub title: Option<String>,
    /// Static or dynamic.
    #[serde(serialize_with = "names::segment_kind")]
    pub kind: SegmentKind,
    /// Whether it keeps its last members instead of being calculated.
    pub inactive: bool,
}

/// A `let` of the rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Let {
    /// The name.
    pub name: String,
    /// The names of its parameters.
    pub parameters: Vec<String>,
}

impl Catalog {
    /// The table of this name.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name == name)
    }

    /// The column of this name in the table of that name.
    pub fn column(&self, table: &str, column: &str) -> Option<&Column> {
        self.table(table)?.columns.iter().find(|each| each.name == column)
    }
}

impl fmt::Debug for Catalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Catalog")
            .field("tables", &self.tables.len())
            .field("computed", &self.computed.len())
            .field("segments", &self.segments.len())
            .field("lets", &self.lets.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ValueCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ValueCount").field("count", &self.count).finish_non_exhaustive()
    }
}

impl fmt::Debug for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Range").finish_non_exhaustive()
    }
}
