//! One row at a time: what the oracle reads.

use chrono::{DateTime, NaiveDate};

use super::{Codes, Snapshot, Values, index};
use crate::{
    schema::{ColumnId, Role, TableId},
    value::{Decimal, Type, Value},
};

/// A row of any table.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    snapshot: &'a Snapshot,
    table: TableId,
    chunk: usize,
    /// Within the chunk.
    row: usize,
    /// The row of the customer within the chunk; of a lookup's row, 0.
    customer: usize,
}

impl Snapshot {
    /// The customer of a row; `None` where the row is empty or behind the last.
    pub(crate) fn customer(&self, row: u32) -> Option<Row<'_>> {
        let (chunk, row) = self.place_of(row)?;
        Some(Row { snapshot: self, table: TableId::CUSTOMERS, chunk, row, customer: row })
    }
}

impl<'a> Row<'a> {
    /// A field; `None` where it is missing, but a missing set is an empty one. A reference is the key of the row it
    /// refers to.
    pub(crate) fn value(self, column: ColumnId) -> Option<Value> {
        let chunk = self.snapshot.column(column, self.chunk);
        if !chunk.is_present(self.row) {
            return None;
        }
        let value = match &chunk.values {
            Values::Bool(bits) => Value::Bool(bits.get(self.row)),
            Values::Number(frame) => {
                number_value(&self.snapshot.schema().column(column).ty, frame.get(self.row)?)?
            }
            Values::Float(floats) => Value::Float(*floats.values.get(self.row)?),
            Values::Text(codes) => Value::Text(self.text(column, codes.get(self.row)?)?),
            Values::TextSet { offsets, codes } => {
                Value::TextSet(self.text_set(column, offsets, codes)?)
            }
            Values::IntSet { offsets, elements } => {
                let (from, to) = self.range(offsets)?;
                Value::IntSet(elements.get(from..to)?.to_vec())
            }
            Values::Geo { latitude, longitude } => Value::Geo {
                latitude: *latitude.get(self.row)?,
                longitude: *longitude.get(self.row)?,
            },
            Values::Ref(_) => {
                let row = self.reference(column)?;
                return row.value(self.snapshot.schema().table(row.table).key?);
            }
        };
        Some(value)
    }

    fn text(self, column: ColumnId, code: u32) -> Option<String> {
        self.snapshot.dictionary(column)?.get(code).map(str::to_owned)
    }

    fn text_set(self, column: ColumnId, offsets: &[u32], codes: &Codes) -> Option<Vec<String>> {
        let (from, to) = self.range(offsets)?;
        (from..to).map(|at| self.text(column, codes.get(at)?)).collect()
    }

    fn range(self, offsets: &[u32]) -> Option<(usize, usize)> {
        Some((index(*offsets.get(self.row)?), index(*offsets.get(self.row + 1)?)))
    }

    /// The row of the lookup that a `ref` column refers to; `None` where the field is missing or its key does not
    /// exist.
    pub(crate) fn reference(self, column: ColumnId) -> Option<Row<'a>> {
        let table = self.snapshot.schema().column(column).lookup?;
        let chunk = self.snapshot.column(column, self.chunk);
        match &chunk.values {
            Values::Ref(rows) if chunk.is_present(self.row) => {
                let row = index(rows.get(self.row)?);
                Some(Row { snapshot: self.snapshot, table, chunk: 0, row, customer: 0 })
            }
            _ => None,
        }
    }

    /// The rows of this customer in a child table, nested ones included: by time, missing first, then in the order in
    /// which they were given.
    pub(crate) fn children(self, table: TableId) -> impl Iterator<Item = Row<'a>> {
        let offsets = self.snapshot.chunk(self.chunk).offsets(table);
        let at = |customer: usize| offsets.get(customer).map_or(0, |offset| index(*offset));
        let range = at(self.customer)..at(self.customer + 1);
        range.map(move |row| Row { table, row, ..self })
    }

    /// The row's parent; `None` where the table is no nested one.
    pub(crate) fn parent(self) -> Option<Row<'a>> {
        let Role::Nested { parent, .. } = self.snapshot.schema().table(self.table).role else {
            return None;
        };
        let parents = self.snapshot.chunk(self.chunk).parents(self.table);
        Some(Row { table: parent, row: index(*parents.get(self.row)?), ..self })
    }

    /// When the row happened: a child row's date or datetime, a nested row's parent's; `None` where it is missing or
    /// the table has no such column.
    pub(crate) fn time(self) -> Option<Value> {
        let mut row = self;
        while let Some(parent) = row.parent() {
            row = parent;
        }
        match self.snapshot.schema().table(row.table).role {
            Role::Child { time, .. } => row.value(time?),
            Role::Customers { .. } | Role::Nested { .. } | Role::Lookup => None,
        }
    }
}

/// What a number of a column of this type stands for.
pub(crate) fn number_value(ty: &Type, number: i64) -> Option<Value> {
    Some(match ty {
        Type::Decimal(scale) => Value::Decimal(Decimal::new(i128::from(number), *scale)?),
        Type::Date => Value::Date(NaiveDate::from_epoch_days(i32::try_from(number).ok()?)?),
        Type::DateTime => Value::DateTime(DateTime::from_timestamp_micros(number)?),
        _ => Value::Int(number),
    })
}
