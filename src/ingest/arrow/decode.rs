//! The fields of an array by the type of its column.

use arrow_array::{Array, ArrayRef, cast::AsArray};
use arrow_schema::DataType;

use super::{numbers, sets, texts::Texts};
use crate::{
    ingest::field::FieldReader,
    schema::{Column, Schema},
    snapshot::{Cell, ColumnWriter, Problem, field_type},
    value::Type,
};

/// Reads the arrays of one column.
pub(in crate::ingest) struct Decoder {
    ty: Type,
    pub(super) fields: FieldReader,
    /// The last dictionary, and the codes of its texts as far as they have been met.
    known: Option<(ArrayRef, Vec<u32>)>,
}

impl Decoder {
    pub(in crate::ingest) fn new(schema: &Schema, column: &Column) -> Self {
        let fields = FieldReader::new(schema.zone());
        Self { ty: field_type(schema, column), fields, known: None }
    }

    /// Appends the fields of an array of a type that is read as the column's.
    pub(in crate::ingest) fn append(&mut self, array: &dyn Array, to: &mut ColumnWriter<'_>) {
        if *array.data_type() == DataType::Null {
            return to.missing(array.len());
        }
        match (&self.ty, Texts::new(array)) {
            (Type::Text, Some(texts)) => texts.append(array, &mut self.known, to),
            (ty, Some(texts)) => {
                let ty = ty.clone();
                for row in 0..array.len() {
                    self.fields.put_in(to, &ty, texts.get(row).unwrap_or(""));
                }
            }
            (Type::Bool, None) => match array.as_boolean_opt() {
                Some(bits) => {
                    bits.iter().for_each(|bit| to.put(Ok(bit.map_or(Cell::Missing, Cell::Bool))));
                }
                None => refuse(array, to),
            },
            (Type::Int | Type::Ref(_), None) => numbers::whole(array, 0, to),
            (Type::Decimal(scale), None) => numbers::whole(array, *scale, to),
            (Type::Float, None) => match numbers::floats(array) {
                Some(numbers) => numbers.into_iter().for_each(|number| {
                    to.put(number.map(|number| number.map_or(Cell::Missing, Cell::Float)));
                }),
                None => refuse(array, to),
            },
            (Type::Date, None) => numbers::days(array, to),
            (Type::DateTime, None) => numbers::instants(array, &mut self.fields, to),
            (Type::TextSet, None) => sets::texts(array, &mut self.known, to),
            (Type::IntSet, None) => sets::ints(array, to),
            (Type::Text | Type::Geo, None) => refuse(array, to),
        }
    }

    /// Appends places given as two arrays of numbers.
    #[expect(clippy::unused_self, reason = "one way to append beside the other")]
    pub(in crate::ingest) fn append_pair(
        &self,
        latitude: &dyn Array,
        longitude: &dyn Array,
        to: &mut ColumnWriter<'_>,
    ) {
        let missing = |array: &dyn Array| {
            let nothing = *array.data_type() == DataType::Null;
            nothing.then(|| vec![Ok(None); array.len()])
        };
        let numbers = |array| missing(array).or_else(|| numbers::floats(array));
        let (Some(latitudes), Some(longitudes)) = (numbers(latitude), numbers(longitude)) else {
            return refuse(latitude, to);
        };
        for (latitude, longitude) in latitudes.into_iter().zip(longitudes) {
            to.put(match (latitude, longitude) {
                (Ok(None), Ok(None)) => Ok(Cell::Missing),
                (Ok(Some(latitude)), Ok(Some(longitude))) => {
                    crate::ingest::values::place(latitude, longitude)
                }
                (Err(problem), _) | (_, Err(problem)) => Err(problem),
                (Ok(_), Ok(_)) => Err(Problem::Bad),
            });
        }
    }
}

/// For arrays of types that were refused before.
pub(super) fn refuse(array: &dyn Array, to: &mut ColumnWriter<'_>) {
    (0..array.len()).for_each(|_| to.put(Err(Problem::Bad)));
}
