//! Which Arrow types are read as which types of columns.

use arrow_schema::{DataType, Schema as Fields};

use crate::{
    diagnostic::Code,
    ingest::header::Source,
    schema::{Schema, TableId},
    snapshot::{Spot, Writer, field_type},
    value::Type,
};

/// Reports every column of a type that cannot be read as what the schema says. Whether there is one.
pub(in crate::ingest) fn refuse(
    schema: &Schema,
    id: TableId,
    sources: &[Source],
    fields: &Fields,
    spot: impl Fn(usize) -> Spot,
    writer: &mut Writer<'_>,
) -> bool {
    let mut refused = false;
    for (column, source) in schema.table(id).columns.iter().zip(sources) {
        let ty = field_type(schema, column);
        let (places, ty) = match source {
            Source::Field(at) => (vec![*at], ty),
            Source::Pair(latitude, longitude) => (vec![*latitude, *longitude], Type::Float),
        };
        for at in places {
            let Some(field) = fields.fields().get(at) else { continue };
            if !is_read(&ty, field.data_type()) {
                refused = true;
                let message = format!(
                    "column `{}`: `{}` of Arrow cannot be read as {ty}",
                    field.name(),
                    field.data_type()
                );
                let help = format!("what is read as {ty}: {}", readable(&ty));
                writer.fault(Code::UnfitDataType, spot(at), message, Some(help));
            }
        }
    }
    refused
}

fn is_read(ty: &Type, data: &DataType) -> bool {
    use DataType as D;
    if matches!(data, D::Null) {
        return true;
    }
    match ty {
        Type::Bool => matches!(data, D::Boolean),
        Type::Int | Type::Ref(_) => data.is_integer() || is_decimal(data),
        Type::Decimal(_) => data.is_integer() || is_decimal(data) || is_text(data),
        Type::Float => {
            data.is_integer()
                || is_decimal(data)
                || matches!(data, D::Float16 | D::Float32 | D::Float64)
        }
        Type::Text => is_text(data),
        Type::Date | Type::DateTime => {
            matches!(data, D::Date32 | D::Date64 | D::Timestamp(..)) || is_text(data)
        }
        Type::TextSet => is_text(data) || element(data).is_some_and(is_text),
        Type::IntSet => is_text(data) || element(data).is_some_and(|element| element.is_integer()),
        Type::Geo => is_text(data),
    }
}

fn is_decimal(data: &DataType) -> bool {
    use DataType as D;
    matches!(data, D::Decimal32(..) | D::Decimal64(..) | D::Decimal128(..) | D::Decimal256(..))
}

fn is_text(data: &DataType) -> bool {
    match data {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, values) => {
            matches!(**values, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
        }
        _ => false,
    }
}

/// The type of a list's elements; lists of nothing but missing elements are lists of anything.
fn element(data: &DataType) -> Option<&DataType> {
    match data {
        DataType::List(field) | DataType::LargeList(field) => Some(field.data_type()),
        _ => None,
    }
}

fn readable(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "booleans",
        Type::Int | Type::Ref(_) => "integers, and decimals without a fraction",
        Type::Decimal(_) => "integers, decimals, and texts like `10.99`",
        Type::Float => "floats, integers and decimals",
        Type::Text => "strings",
        Type::Date => "dates, timestamps at midnight, and texts like `2026-11-01`",
        Type::DateTime => "timestamps, dates, and texts like `2026-11-01T16:00:00`",
        Type::TextSet => "lists of strings, and texts like `red;blue`",
        Type::IntSet => "lists of integers, and texts like `1;2`",
        Type::Geo => {
            "texts like `59.33;18.06`, or two columns of numbers, of latitudes and longitudes"
        }
    }
}
