//! Data that comes as CSV, JSON lines, Arrow and Parquet.

mod arrow;
mod damage;
mod jsonl;
mod members;
mod same;

use std::{io::Cursor, sync::Arc};

use arrow_array::{ArrayRef, RecordBatch};
use parquet::{arrow::ArrowWriter, file::properties::WriterProperties};
use segmenta::{AsOf, Engine, Rules, Schema, Snapshot};

/// A record batch of columns that may be missing a value.
fn batch(columns: &[(&str, ArrayRef)]) -> RecordBatch {
    let columns = columns.iter().map(|(name, array)| (*name, Arc::clone(array), true));
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

/// A Parquet file of the rows, so many in a group.
fn parquet_of(batch: &RecordBatch, properties: WriterProperties) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
    bytes
}

fn plain_parquet_of(batch: &RecordBatch) -> Vec<u8> {
    parquet_of(batch, WriterProperties::builder().build())
}

/// Customers with one more column.
fn schema_with(column: &str, ty: &str) -> Schema {
    Schema::from_toml(&format!(
        "timezone = 'Europe/Stockholm'\n[customers]\nkey = 'id'\n[customers.columns]\nid = 'int'\n{column} = '{ty}'\n"
    ))
    .unwrap()
}

fn load_parquet(schema: &Schema, bytes: Vec<u8>) -> segmenta::Result<Snapshot> {
    let mut data = Snapshot::builder(schema);
    data.parquet_reader("customers", "customers.parquet", Cursor::new(bytes))?;
    data.build()
}

/// The customers for whom a condition is true.
fn keys(schema: &Schema, snapshot: &Snapshot, condition: &str) -> Vec<i64> {
    let rules = Rules::builder(schema).condition("rule", condition).build().unwrap();
    let engine = Engine::new(rules, snapshot.clone()).unwrap();
    let as_of: AsOf = "2026-11-01".parse().unwrap();
    let found = engine.evaluate(as_of).unwrap().keys("rule").unwrap();
    found.into_iter().map(|key| key.to_string().parse().unwrap()).collect()
}
