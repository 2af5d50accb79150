//! A schema written in a program.

use super::{
    Predict, Rfm, Schema,
    draft::{Draft, DraftColumn, DraftTable, Kind, Values, Word},
    settle::settle,
};
use crate::{
    calendar::LeapDay,
    diagnostic::{Code, Finding, Sources, Span},
    error::{Error, Result},
    value::Type,
};

/// Writes a schema in a program, in the order of a schema file: a table, then what belongs to it.
///
/// ```
/// use segmenta::{Schema, Type};
///
/// let schema = Schema::builder()
///     .timezone("Europe/Stockholm")
///     .customers("id")
///     .created("created_at")
///     .column("id", Type::Int)
///     .column("country", Type::Text)
///     .column("created_at", Type::DateTime)
///     .table("orders", "customer_id")
///     .key("order_id")
///     .time("ordered_at")
///     .column("order_id", Type::Int)
///     .column("customer_id", Type::Int)
///     .column("ordered_at", Type::DateTime)
///     .column("total", Type::Decimal(2))
///     .column("status", Type::Text)
///     .values(["paid", "open"])
///     .nested("items", "orders", "order_id")
///     .column("order_id", Type::Int)
///     .column("product", Type::Ref("products".to_owned()))
///     .lookup("products", "product_id")
///     .column("product_id", Type::Text)
///     .column("group", Type::Text)
///     .build()?;
/// assert_eq!(schema.customers_key(), "id");
/// # Ok::<(), segmenta::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct SchemaBuilder {
    draft: Draft,
    findings: Vec<Finding>,
}

impl Schema {
    /// An empty schema, to be filled in.
    pub fn builder() -> SchemaBuilder {
        SchemaBuilder::default()
    }
}

impl SchemaBuilder {
    /// The time zone in which days begin and end, as `Europe/Stockholm`; left out, it is `UTC`.
    #[must_use]
    pub fn timezone(mut self, name: &str) -> Self {
        self.draft.timezone = Some(Word::unplaced(name));
        self
    }

    /// Where the anniversary of 29 February falls in a year that has none; left out, on 28 February.
    #[must_use]
    pub fn leap_day(mut self, leap_day: LeapDay) -> Self {
        let name = match leap_day {
            LeapDay::Back => "back",
            LeapDay::Forward => "forward",
            LeapDay::Skip => "skip",
        };
        self.draft.leap_day = Some(Word::unplaced(name));
        self
    }

    /// Begins the table `customers`, identified by the column `key`.
    #[must_use]
    pub fn customers(mut self, key: &str) -> Self {
        let mut table = DraftTable::new(Word::unplaced("customers"), Kind::Customers);
        table.key = Some(Word::unplaced(key));
        self.draft.tables.push(table);
        self
    }

    /// Begins a table with many rows a customer, whose column `customer` holds the customer's key.
    #[must_use]
    pub fn table(mut self, name: &str, customer: &str) -> Self {
        let mut table = DraftTable::new(Word::unplaced(name), Kind::Rows);
        table.customer = Some(Word::unplaced(customer));
        self.draft.tables.push(table);
        self
    }

    /// Begins a table with many rows a row of the table `parent`, whose column `parent_key` holds that row's key. Its
    /// customer and its time are those of the parent row.
    #[must_use]
    pub fn nested(mut self, name: &str, parent: &str, parent_key: &str) -> Self {
        let mut table = DraftTable::new(Word::unplaced(name), Kind::Rows);
        table.parent = Some(Word::unplaced(parent));
        table.parent_key = Some(Word::unplaced(parent_key));
        self.draft.tables.push(table);
        self
    }

    /// Begins a table with one row a key, shared by all customers: what a `ref` column points to. A key column that is
    /// not among its columns is a text.
    #[must_use]
    pub fn lookup(mut self, name: &str, key: &str) -> Self {
        let mut table = DraftTable::new(Word::unplaced(name), Kind::Lookup);
        table.key = Some(Word::unplaced(key));
        self.draft.tables.push(table);
        self
    }

    /// The column that identifies a row of the table begun last; needed where another table has it as parent.
    #[must_use]
    pub fn key(self, column: &str) -> Self {
        self.in_table("key", |table| table.key = Some(Word::unplaced(column)))
    }

    /// The column with the time of a row of the table begun last: rows after `as_of` do not exist yet.
    #[must_use]
    pub fn time(self, column: &str) -> Self {
        self.in_table("time", |table| table.time = Some(Word::unplaced(column)))
    }

    /// The column with the day or time from which a customer exists.
    #[must_use]
    pub fn created(self, column: &str) -> Self {
        self.in_table("created", |table| table.created = Some(Word::unplaced(column)))
    }

    /// Adds a column to the table begun last.
    #[must_use]
    pub fn column(self, name: &str, ty: Type) -> Self {
        self.in_table("column", |table| {
            table.columns.push(DraftColumn {
                name: Word::unplaced(name),
                ty: Some(Word::unplaced(ty.to_string())),
                required: false,
                values: None,
            });
        })
    }

    /// Makes a missing field of the column added last an error.
    #[must_use]
    pub fn required(self) -> Self {
        self.in_column("required", |column| column.required = true)
    }

    /// Declares the values of the text column added last. Others are loaded, counted and reported.
    #[must_use]
    pub fn values<S: Into<String>>(self, values: impl IntoIterator<Item = S>) -> Self {
        let items = values.into_iter().map(Word::unplaced).collect();
        self.in_column("values", |column| {
            column.values = Some(Values { items, span: Span::NONE });
        })
    }

    /// Sets up the columns `rfm.*`.
    #[must_use]
    pub fn rfm(mut self, rfm: Rfm) -> Self {
        self.draft.rfm = Some(rfm.into_draft());
        self
    }

    /// Sets up the columns `predict.*`.
    #[must_use]
    pub fn predict(mut self, predict: Predict) -> Self {
        self.draft.predict = Some(predict.into_draft());
        self
    }

    /// Checks the schema as a schema file is checked.
    ///
    /// # Errors
    ///
    /// All problems at once, without a place.
    pub fn build(mut self) -> Result<Schema> {
        match settle(self.draft, &mut self.findings) {
            Some(schema) if self.findings.is_empty() => Ok(schema),
            _ => {
                let sources = Sources::default();
                let findings = self.findings.into_iter().map(|finding| sources.resolve(finding));
                Err(Error::diagnosed(findings.collect()))
            }
        }
    }

    fn in_table(mut self, what: &str, change: impl FnOnce(&mut DraftTable)) -> Self {
        match self.draft.tables.last_mut() {
            Some(table) => change(table),
            None => self.misplaced(what, "a table"),
        }
        self
    }

    fn in_column(mut self, what: &str, change: impl FnOnce(&mut DraftColumn)) -> Self {
        match self.draft.tables.last_mut().and_then(|table| table.columns.last_mut()) {
            Some(column) => change(column),
            None => self.misplaced(what, "a column"),
        }
        self
    }

    fn misplaced(&mut self, what: &str, owner: &str) {
        let message = format!("`{what}` stands before {owner} that it could belong to");
        self.findings.push(Finding::new(Code::SchemaSyntax, Span::NONE, message));
    }
}
