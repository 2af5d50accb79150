//! Rows of Rust structs and maps, through serde.

use super::{
    field::FieldReader,
    serialize::{Field, RowSerializer},
    values,
};
use crate::{
    diagnostic::Code,
    error::{Error, Result},
    snapshot::{Cell, Problem, SnapshotBuilder, Spot, Writer, field_type},
    value::{Decimal, Type},
};

impl SnapshotBuilder {
    /// Adds a row: a struct or a map, whose fields are named like the columns. A column without a field, or whose field
    /// is `None`, is missing; a field without a column is passed over, and noted in the report.
    ///
    /// Whole numbers also serve as decimals and floats. Dates, datetimes and decimals may be texts, in the forms of
    /// `SnapshotBuilder::csv_file`; so `chrono` types work with its feature `serde`; of their
    /// fractions of a second what is finer than a microsecond is left out. Sequences are sets; a place is a
    /// pair of latitude and longitude, or has fields of these names (or `lat` and `lon`). A unit variant of an enum is its
    /// name.
    ///
    /// # Errors
    ///
    /// A table that the schema does not have, and something that is neither struct nor map. A field of another type is an
    /// error of the data, which [`SnapshotBuilder::build`] reports with the number of the row.
    pub fn push_row<T: serde::Serialize + ?Sized>(&mut self, table: &str, row: &T) -> Result<()> {
        let id = self.find_table(table)?;
        let schema = self.schema().clone();
        let table = schema.table(id);
        let mut fields: Vec<Option<Field>> = table.columns.iter().map(|_| None).collect();
        let mut unknown = Vec::new();
        let given = row.serialize(RowSerializer).map_err(|_| {
            let message =
                format!("a row of table `{}` must be a struct or a map of fields", table.name);
            Error::refused(message)
        })?;
        for (name, field) in given {
            let column = table.find(&name);
            match column.and_then(|column| fields.get_mut(usize::from(column.index))) {
                Some(slot) => *slot = Some(field),
                None => unknown.push(name),
            }
        }
        let mut writer = self.row_writer(id);
        for name in unknown {
            if writer.is_news(&name) {
                let message =
                    format!("table `{}` has no column `{name}`, it is ignored", table.name);
                writer.warn(Code::IgnoredColumn, message);
            }
        }
        let line = writer.next_number();
        let spot = Spot { line, column: 1, end: 1 };
        let mut reader = FieldReader::new(schema.zone());
        for ((at, field), column) in fields.iter().enumerate().zip(&table.columns) {
            let ty = field_type(&schema, column);
            put(&mut writer, at, &ty, field.as_ref().unwrap_or(&Field::Missing), &mut reader, spot);
        }
        writer.end_row(spot);
        Ok(())
    }
}

fn put(
    writer: &mut Writer<'_>,
    at: usize,
    ty: &Type,
    field: &Field,
    reader: &mut FieldReader,
    spot: Spot,
) {
    match (field, ty) {
        (Field::List(items), Type::TextSet) => {
            let texts = items.iter().filter(|item| !matches!(item, Field::Missing));
            let texts: Option<Vec<&str>> = texts.map(Field::as_text).collect();
            let cell = texts.as_ref().map(|texts| Cell::TextSet(texts));
            writer.put(at, cell.ok_or(Problem::Bad), spot);
        }
        (Field::List(items), Type::IntSet) => {
            let numbers = items.iter().filter(|item| !matches!(item, Field::Missing));
            let numbers: std::result::Result<Vec<i64>, Problem> = numbers.map(int).collect();
            let cell = numbers.as_ref().map(|numbers| Cell::IntSet(numbers));
            writer.put(at, cell.map_err(|problem| *problem), spot);
        }
        _ => writer.put(at, scalar(field, ty, reader), spot),
    }
}

fn scalar<'a>(
    field: &'a Field,
    ty: &Type,
    reader: &mut FieldReader,
) -> std::result::Result<Cell<'a>, Problem> {
    match (field, ty) {
        (Field::Missing, _) => Ok(Cell::Missing),
        (Field::Bool(bit), Type::Bool) => Ok(Cell::Bool(*bit)),
        (Field::Int(_), Type::Int) => int(field).map(Cell::Number),
        (Field::Int(number), Type::Decimal(scale)) => {
            values::decimal(Decimal::from_int(*number), *scale)
        }
        (Field::Int(_) | Field::Float(_), Type::Float) => float(field).map(Cell::Float),
        (Field::Float(_), Type::Int | Type::Decimal(_)) => Err(Problem::Inexact),
        (Field::Text(text), Type::Text) => Ok(Cell::Text(text)),
        (Field::Text(text), Type::Date | Type::Decimal(_)) => reader.read(text, ty),
        (Field::Text(text), Type::DateTime) => {
            reader.read(text, ty).or_else(|problem| reader.finer(text).ok_or(problem))
        }
        (Field::List(items), Type::Geo) => match items.as_slice() {
            [latitude, longitude] => values::place(float(latitude)?, float(longitude)?),
            _ => Err(Problem::Bad),
        },
        (Field::Map(entries), Type::Geo) => {
            let find = |names: [&str; 2]| {
                let found = entries.iter().find(|(name, _)| names.contains(&name.as_str()));
                found.map_or(Err(Problem::Bad), |(_, field)| float(field))
            };
            values::place(find(["latitude", "lat"])?, find(["longitude", "lon"])?)
        }
        _ => Err(Problem::Bad),
    }
}

fn int(field: &Field) -> std::result::Result<i64, Problem> {
    match field {
        Field::Int(number) => i64::try_from(*number).map_err(|_| Problem::Overflow),
        _ => Err(Problem::Bad),
    }
}

fn float(field: &Field) -> std::result::Result<f64, Problem> {
    match field {
        Field::Int(number) => Ok(Decimal::from_int(*number).to_f64()),
        Field::Float(number) if number.is_finite() => Ok(*number),
        _ => Err(Problem::Bad),
    }
}
