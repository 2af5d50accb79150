//! Members as a Parquet file.

use std::{io::Write, sync::Arc};

use arrow_array::{
    ArrayRef, RecordBatch,
    builder::{
        ArrayBuilder, BooleanBuilder, Date32Builder, Decimal128Builder, Float64Builder,
        Int64Builder, ListBuilder, StringBuilder, TimestampMicrosecondBuilder,
    },
};
use arrow_schema::{ArrowError, DataType, Field, Schema as Fields, SchemaRef, TimeUnit};
use chrono::Datelike;
use parquet::{arrow::ArrowWriter, errors::ParquetError, file::properties::WriterProperties};

use super::{Exported, Sink, failed, text};
use crate::{
    error::{Error, Result},
    value::{Type, Value},
};

/// The rows that are handed on together, and the bytes of text after which they are.
const ROWS: usize = 1 << 13;
const BYTES: usize = 1 << 24;
/// What a group of rows holds before it is written: that much memory is needed.
const GROUP_ROWS: usize = 1 << 17;
const GROUP_BYTES: usize = 1 << 26;
/// Digits of a number of 64 bits.
const DIGITS: u8 = 19;
/// The days from the first of January of year 1 to 1970.
const FIRST_DAY: i32 = 719_163;

pub(super) struct Parquet<W: Write + Send> {
    writer: ArrowWriter<W>,
    fields: SchemaRef,
    columns: Vec<Column>,
    rows: usize,
    bytes: usize,
    /// Of a place.
    text: String,
}

enum Column {
    Bool(BooleanBuilder),
    Int(Int64Builder),
    Decimal(Decimal128Builder),
    Float(Float64Builder),
    /// Places too.
    Text(StringBuilder),
    Date(Date32Builder),
    DateTime(TimestampMicrosecondBuilder),
    TextSet(ListBuilder<StringBuilder>),
    IntSet(ListBuilder<Int64Builder>),
}

impl<W: Write + Send> Parquet<W> {
    pub(super) fn new(writer: W, columns: &[Exported]) -> Result<Self> {
        let fields = columns
            .iter()
            .map(|column| Field::new(column.name.as_str(), data_type(&column.ty), !column.is_key));
        let fields: SchemaRef = Arc::new(Fields::new(fields.collect::<Vec<_>>()));
        let properties = WriterProperties::builder().set_max_row_group_row_count(Some(GROUP_ROWS));
        let writer = ArrowWriter::try_new(writer, Arc::clone(&fields), Some(properties.build()));
        let columns = columns.iter().map(|column| Column::new(&column.ty)).collect();
        let (rows, bytes, text) = (0, 0, String::new());
        Ok(Self { writer: writer.map_err(refused)?, fields, columns, rows, bytes, text })
    }

    fn hand_on(&mut self) -> Result<()> {
        let arrays = self.columns.iter_mut().map(Column::finish).collect();
        let batch = RecordBatch::try_new(Arc::clone(&self.fields), arrays).map_err(unfit)?;
        self.writer.write(&batch).map_err(refused)?;
        if self.writer.in_progress_size() >= GROUP_BYTES {
            self.writer.flush().map_err(refused)?;
        }
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }
}

impl<W: Write + Send> Sink for Parquet<W> {
    fn row(&mut self, values: impl Iterator<Item = Option<Value>>) -> Result<()> {
        for (column, value) in self.columns.iter_mut().zip(values) {
            self.bytes += column.put(value, &mut self.text);
        }
        self.rows += 1;
        if self.rows >= ROWS || self.bytes >= BYTES { self.hand_on() } else { Ok(()) }
    }

    fn finish(mut self) -> Result<()> {
        if self.rows > 0 {
            self.hand_on()?;
        }
        self.writer.close().map_err(refused)?;
        Ok(())
    }
}

impl Column {
    fn new(ty: &Type) -> Self {
        match ty {
            Type::Bool => Self::Bool(BooleanBuilder::new()),
            Type::Int => Self::Int(Int64Builder::new()),
            Type::Decimal(_) => {
                Self::Decimal(Decimal128Builder::new().with_data_type(data_type(ty)))
            }
            Type::Float => Self::Float(Float64Builder::new()),
            Type::Text | Type::Geo | Type::Ref(_) => Self::Text(StringBuilder::new()),
            Type::Date => Self::Date(Date32Builder::new()),
            Type::DateTime => {
                Self::DateTime(TimestampMicrosecondBuilder::new().with_timezone("UTC"))
            }
            Type::TextSet => Self::TextSet(ListBuilder::new(StringBuilder::new())),
            Type::IntSet => Self::IntSet(ListBuilder::new(Int64Builder::new())),
        }
    }

    /// Adds a value; how many bytes of text and elements it has.
    fn put(&mut self, value: Option<Value>, place: &mut String) -> usize {
        match (self, value) {
            (Self::Bool(to), Some(Value::Bool(value))) => to.append_value(value),
            (Self::Int(to), Some(Value::Int(value))) => to.append_value(value),
            (Self::Decimal(to), Some(Value::Decimal(value))) => to.append_value(value.mantissa()),
            (Self::Float(to), Some(Value::Float(value))) => to.append_value(value),
            (Self::Text(to), Some(Value::Text(text))) => {
                to.append_value(&text);
                return text.len();
            }
            (Self::Text(to), Some(value @ Value::Geo { .. })) => {
                place.clear();
                text::plain(&value, place);
                to.append_value(&*place);
            }
            (Self::Date(to), Some(Value::Date(day))) => {
                to.append_value(day.num_days_from_ce() - FIRST_DAY);
            }
            (Self::DateTime(to), Some(Value::DateTime(at))) => {
                to.append_value(at.timestamp_micros());
            }
            (Self::TextSet(to), Some(Value::TextSet(texts))) => {
                texts.iter().for_each(|text| to.values().append_value(text));
                to.append(true);
                return texts.iter().map(String::len).sum();
            }
            (Self::IntSet(to), Some(Value::IntSet(numbers))) => {
                to.values().append_slice(&numbers);
                to.append(true);
                return numbers.len() * 8;
            }
            (column, _) => column.put_nothing(),
        }
        0
    }

    fn put_nothing(&mut self) {
        match self {
            Self::Bool(to) => to.append_null(),
            Self::Int(to) => to.append_null(),
            Self::Decimal(to) => to.append_null(),
            Self::Float(to) => to.append_null(),
            Self::Text(to) => to.append_null(),
            Self::Date(to) => to.append_null(),
            Self::DateTime(to) => to.append_null(),
            Self::TextSet(to) => to.append(false),
            Self::IntSet(to) => to.append(false),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        let builder: &mut dyn ArrayBuilder = match self {
            Self::Bool(to) => to,
            Self::Int(to) => to,
            Self::Decimal(to) => to,
            Self::Float(to) => to,
            Self::Text(to) => to,
            Self::Date(to) => to,
            Self::DateTime(to) => to,
            Self::TextSet(to) => to,
            Self::IntSet(to) => to,
        };
        builder.finish()
    }
}

fn data_type(ty: &Type) -> DataType {
    let list = |of| DataType::List(Arc::new(Field::new_list_field(of, true)));
    match ty {
        Type::Bool => DataType::Boolean,
        Type::Int => DataType::Int64,
        Type::Decimal(scale) => DataType::Decimal128(DIGITS, i8::try_from(*scale).unwrap_or(0)),
        Type::Float => DataType::Float64,
        Type::Text | Type::Geo | Type::Ref(_) => DataType::Utf8,
        Type::Date => DataType::Date32,
        Type::DateTime => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        Type::TextSet => list(DataType::Utf8),
        Type::IntSet => list(DataType::Int64),
    }
}

fn refused(error: ParquetError) -> Error {
    match error {
        ParquetError::External(source) => match source.downcast::<std::io::Error>() {
            Ok(source) => failed(*source),
            Err(source) => Error::refused(format!("the export cannot be written: {source}")),
        },
        error => Error::refused(format!("the export cannot be written: {error}")),
    }
}

fn unfit(error: ArrowError) -> Error {
    Error::refused(format!("the export cannot be written: {error}"))
}
