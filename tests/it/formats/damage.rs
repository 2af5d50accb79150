//! Parquet files that are not whole.

use std::{io::Cursor, sync::Arc};

use arrow_array::{
    Decimal128Array, Float64Array, Int64Array, ListArray, StringArray, TimestampMicrosecondArray,
    types::Int32Type,
};
use parquet::{basic::Compression, file::properties::WriterProperties};
use segmenta::{Code, Schema, Snapshot};

use super::{batch, load_parquet, parquet_of, plain_parquet_of, schema_with};

const SCHEMA: &str = "timezone = 'UTC'\n[customers]\nkey = 'id'\n[customers.columns]\nid = 'int'\nname = 'text'\n\
                      score = 'float'\nseen = 'datetime'\nbalance = 'decimal(2)'\ncodes = 'set<int>'\n";

fn whole(compression: Compression) -> Vec<u8> {
    let rows = 300_i64;
    let codes = (0..rows).map(|row| (row % 3 > 0).then(|| vec![Some(1), Some(2), None]));
    let balance: Decimal128Array = (0..rows).map(|row| Some(i128::from(row))).collect();
    let rows = batch(&[
        ("id", Arc::new((0..rows).map(Some).collect::<Int64Array>())),
        (
            "name",
            Arc::new((0..rows).map(|row| Some(format!("n{}", row % 7))).collect::<StringArray>()),
        ),
        (
            "score",
            Arc::new((0..rows).map(|row| (row % 5 > 0).then_some(0.5)).collect::<Float64Array>()),
        ),
        (
            "seen",
            Arc::new((0..rows).map(|row| Some(row * 1_000)).collect::<TimestampMicrosecondArray>()),
        ),
        ("balance", Arc::new(balance.with_precision_and_scale(20, 2).unwrap())),
        ("codes", Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(codes))),
    ]);
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .set_max_row_group_row_count(Some(100));
    parquet_of(&rows, properties.build())
}

/// Reads a file. What is wrong must be an error that says so.
fn read(schema: &Schema, bytes: Vec<u8>) -> bool {
    match load_parquet(schema, bytes) {
        Ok(snapshot) => snapshot.customers() <= 300,
        Err(error) => {
            assert!(!error.diagnostics().is_empty());
            true
        }
    }
}

#[test]
fn a_file_cut_anywhere_is_an_error() {
    let schema = Schema::from_toml(SCHEMA).unwrap();
    let bytes = whole(Compression::SNAPPY);
    assert_eq!(load_parquet(&schema, bytes.clone()).unwrap().customers(), 300);
    for len in (0..bytes.len()).step_by(13) {
        let error = load_parquet(&schema, bytes[..len].to_vec()).unwrap_err();
        assert!(error.is_corrupt(), "{len}: {error}");
        let message = &error.diagnostics()[0].message;
        assert_eq!(message, "`customers.parquet`: the file is damaged, cut off or no Parquet file");
    }
}

/// Not every changed byte can be seen, but none may end the program or take memory without bound.
#[test]
fn a_file_with_bytes_changed_never_panics() {
    // The crates that read Parquet panic at some; that is caught, and need not be shown.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let file = panic.location().map_or("", |place| place.file());
        if !["parquet-", "arrow-", "bytes-"].iter().any(|name| file.contains(name)) {
            hook(panic);
        }
    }));
    let schema = Schema::from_toml(SCHEMA).unwrap();
    let mut fine = true;
    let mut state = 7_u64;
    for compression in [Compression::UNCOMPRESSED, Compression::SNAPPY] {
        let bytes = whole(compression);
        for at in 0..bytes.len() {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            // Every byte of the foot, and some of the rest.
            if at + 1_500 < bytes.len() && !(state >> 33).is_multiple_of(4) {
                continue;
            }
            let mut changed = bytes.clone();
            changed[at] ^= 1 << (state >> 40 & 7);
            fine &= read(&schema, changed.clone());
            changed[at] = u8::try_from(state >> 48 & 0xff).unwrap();
            fine &= read(&schema, changed);
        }
    }
    assert!(fine);
}

#[test]
fn other_files_are_told_from_damaged_ones() {
    let schema = schema_with("x", "int");
    for bytes in [&b""[..], b"PAR1", b"id,x\n1,2\n", b"PAR1PAR1", &[0; 4_000]] {
        let error = load_parquet(&schema, bytes.to_vec()).unwrap_err();
        assert!(error.is_corrupt() && !error.is_io(), "{error}");
    }
    let rows = batch(&[("id", Arc::new(Int64Array::from(vec![1])))]);
    let error = load_parquet(&schema, plain_parquet_of(&rows)).unwrap_err();
    assert_eq!(error.diagnostics()[0].code, Code::MissingDataColumn);
    let mut data = Snapshot::builder(&schema);
    assert!(data.parquet_file("customers", "no/such/file.parquet").unwrap_err().is_io());
    assert!(data.parquet_reader("nobody", "x", Cursor::new(Vec::new())).is_err());
    // No rows at all.
    let rows = batch(&[
        ("id", Arc::new(Int64Array::from(vec![1]))),
        ("x", Arc::new(Int64Array::from(vec![1]))),
    ]);
    let snapshot = load_parquet(&schema, plain_parquet_of(&rows.slice(0, 0))).unwrap();
    assert_eq!(snapshot.customers(), 0);
}
