//! Members out as Arrow arrays.

use arrow_array::{Array, RecordBatch, RecordBatchReader, cast::AsArray, types::Int64Type};
use arrow_schema::DataType;
use segmenta::{AsOf, Engine, Rules, Schema, Snapshot, Value};

const RULES: &str =
    "segment all { }\nsegment none { include n < 0 }\nsegment few { include n < 3 }";

fn engine(ty: &str, count: i64, key: impl Fn(i64) -> Value) -> Engine {
    let schema = Schema::from_toml(&format!(
        "timezone = 'UTC'\n[customers]\nkey = 'id'\n[customers.columns]\nid = '{ty}'\nn = 'int'\n"
    ))
    .unwrap();
    let mut data = Snapshot::builder(&schema);
    for n in (0..count).rev() {
        data.push("customers", [("id", Some(key(n))), ("n", Some(Value::Int(n)))]).unwrap();
    }
    let rules = Rules::parse(&schema, RULES).unwrap();
    let mut engine = Engine::new(rules, data.build().unwrap()).unwrap();
    engine.refresh("2026-11-01".parse::<AsOf>().unwrap()).unwrap();
    engine
}

fn segments(reader: impl RecordBatchReader) -> Vec<(String, RecordBatch)> {
    let schema = reader.schema();
    reader
        .map(|batch| {
            let batch = batch.unwrap();
            assert_eq!(batch.schema(), schema);
            let names = batch.column(0).as_any_dictionary();
            assert!(names.keys().null_count() == 0 && names.values().len() == 1);
            (names.values().as_string::<i32>().value(0).to_owned(), batch)
        })
        .collect()
}

#[test]
fn keys_that_are_numbers() {
    let engine = engine("int", 70_000, |n| Value::Int(n * 2));
    let found = segments(engine.arrow_members());
    let sizes: Vec<(&str, usize)> =
        found.iter().map(|(name, batch)| (name.as_str(), batch.num_rows())).collect();
    assert_eq!(sizes, [("all", 65_536), ("all", 4_464), ("few", 3)]);
    assert_eq!(found[2].1.column(1).as_primitive::<Int64Type>().values(), &[0, 2, 4]);
    assert_eq!(found[1].1.column(1).as_primitive::<Int64Type>().value(0), 131_072);
    let evaluation = engine.evaluate("2026-11-01".parse::<AsOf>().unwrap()).unwrap();
    assert_eq!(segments(evaluation.arrow_members()), found);
    let few = engine.select("few").unwrap().arrow_keys();
    assert_eq!(few.as_primitive::<Int64Type>().values(), &[0, 2, 4]);
    assert_eq!(engine.select("none").unwrap().arrow_keys().len(), 0);
}

#[test]
fn keys_that_are_texts() {
    let engine = engine("text", 12, |n| Value::Text(format!("c{n}")));
    let reader = engine.arrow_members();
    assert_eq!(*reader.schema().field(1).data_type(), DataType::Utf8);
    let found = segments(reader);
    let few = found[1].1.column(1).as_string::<i32>();
    assert_eq!(few.iter().flatten().collect::<Vec<_>>(), ["c0", "c1", "c2"]);
    let all = engine.select("all").unwrap().arrow_keys();
    let all: Vec<_> = all.as_string::<i32>().iter().flatten().map(str::to_owned).collect();
    assert_eq!(all[..3], ["c0", "c1", "c10"]);
}
