//! Rows of typed values.

use crate::{
    diagnostic::Code,
    error::Result,
    snapshot::{Cell, Problem, SnapshotBuilder, Spot, field_type, misuse},
    value::{Decimal, Type, Value},
};

impl SnapshotBuilder {
    /// Adds a row: its fields by the names of columns, in any order. A field that is left out is missing.
    ///
    /// Whole numbers also serve as decimals and floats; a `ref` takes the key of the row it refers to.
    ///
    /// # Errors
    ///
    /// A table or column that the schema does not have, or a column named twice. A value of another type is an error
    /// of the data, which [`SnapshotBuilder::build`] reports with the number of the row.
    pub fn push<'a>(
        &mut self,
        table: &str,
        row: impl IntoIterator<Item = (&'a str, Option<Value>)>,
    ) -> Result<()> {
        let id = self.find_table(table)?;
        let schema = self.schema().clone();
        let table = schema.table(id);
        let mut fields: Vec<Option<Value>> = table.columns.iter().map(|_| None).collect();
        let mut named = vec![false; fields.len()];
        for (name, value) in row {
            let Some(column) = table.find(name) else {
                let message = format!("table `{}` has no column `{name}`", table.name);
                return Err(misuse(Code::UnknownColumn, message, table.nearest_column(name)));
            };
            let at = usize::from(column.index);
            if named.get(at) == Some(&true) {
                let message = format!("column `{name}` is given twice");
                return Err(misuse(Code::DuplicateHeader, message, None));
            }
            if let (Some(field), Some(named)) = (fields.get_mut(at), named.get_mut(at)) {
                (*field, *named) = (value, true);
            }
        }
        let mut writer = self.row_writer(id);
        let spot = Spot { line: writer.next_number(), column: 1, end: 1 };
        for ((at, field), column) in fields.iter().enumerate().zip(&table.columns) {
            match field {
                None => writer.put(at, Ok(Cell::Missing), spot),
                Some(Value::TextSet(texts)) => {
                    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
                    writer.put(at, Ok(Cell::TextSet(&texts)), spot);
                }
                Some(value) => writer.put(at, cell(value, &field_type(&schema, column)), spot),
            }
        }
        writer.end_row(spot);
        Ok(())
    }
}

/// A value as a field of a column; `TextSet` is not among them.
fn cell<'a>(value: &'a Value, ty: &Type) -> Result<Cell<'a>, Problem> {
    match (value, ty) {
        (Value::Bool(bit), Type::Bool) => Ok(Cell::Bool(*bit)),
        (Value::Int(number), Type::Int) => Ok(Cell::Number(*number)),
        (Value::Int(number), Type::Decimal(scale)) => {
            decimal(Decimal::from_int((*number).into()), *scale)
        }
        (Value::Decimal(number), Type::Decimal(scale)) => decimal(*number, *scale),
        (Value::Decimal(number), Type::Int) => decimal(*number, 0),
        (Value::Int(number), Type::Float) => Ok(Cell::Float(nearest(*number))),
        (Value::Float(number), Type::Float) if number.is_finite() => Ok(Cell::Float(*number)),
        (Value::Float(_), Type::Int | Type::Decimal(_)) => Err(Problem::Inexact),
        (Value::Text(text), Type::Text) => Ok(Cell::Text(text)),
        (Value::Date(date), Type::Date) => {
            in_years(date).map(|()| Cell::Number(date.to_epoch_days().into()))
        }
        (Value::DateTime(time), Type::DateTime) => {
            in_years(&time.date_naive()).map(|()| Cell::Number(time.timestamp_micros()))
        }
        (Value::IntSet(numbers), Type::IntSet) => Ok(Cell::IntSet(numbers)),
        (Value::Geo { latitude, longitude }, Type::Geo) => place(*latitude, *longitude),
        _ => Err(Problem::Bad),
    }
}

#[expect(clippy::cast_precision_loss, reason = "the nearest float is what is wanted")]
pub(super) fn nearest(number: i64) -> f64 {
    number as f64
}

/// The digits of a number at a column's scale.
pub(super) fn decimal<'a>(number: Decimal, scale: u8) -> Result<Cell<'a>, Problem> {
    let (mut digits, mut at) = (number.mantissa(), number.scale());
    while at > scale {
        if digits % 10 != 0 {
            return Err(Problem::Bad);
        }
        (digits, at) = (digits / 10, at - 1);
    }
    while at < scale {
        digits = digits.checked_mul(10).ok_or(Problem::Overflow)?;
        at += 1;
    }
    i64::try_from(digits).map(Cell::Number).map_err(|_| Problem::Overflow)
}

/// Years 1 to 9999.
fn in_years(date: &chrono::NaiveDate) -> Result<(), Problem> {
    use chrono::Datelike;
    if (1..=9999).contains(&date.year()) { Ok(()) } else { Err(Problem::NoSuchDate) }
}

pub(super) fn place<'a>(latitude: f64, longitude: f64) -> Result<Cell<'a>, Problem> {
    let on_earth = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
    if on_earth { Ok(Cell::Geo(latitude, longitude)) } else { Err(Problem::Bad) }
}
