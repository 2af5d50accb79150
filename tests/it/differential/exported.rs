//! What was exported is read back as the same values, whatever the form.

use std::io::Cursor;

use proptest::{
    prelude::any,
    test_runner::{Config, TestCaseError, TestRunner},
};
use segmenta::{Export, Schema, Snapshot};

use super::{choices::Choices, world::World};

#[test]
fn exports_are_read_back_as_they_were() {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 200;
    }
    let mut runner = TestRunner::new(config);
    let stream = proptest::collection::vec(any::<u8>(), 0..3_000);
    let run = |data: Vec<u8>| {
        let world = World::random(&mut Choices::new(&data));
        agree(&world).map_err(TestCaseError::fail)
    };
    runner.run(&stream, run).unwrap();
}

fn agree(world: &World) -> Result<(), String> {
    let schema = Schema::from_toml(&world.schema).map_err(|error| error.to_string())?;
    let customers = &world.tables.iter().find(|table| table.name == "customers").unwrap().rows;
    let first = load(&schema, world, "csv", customers.as_bytes())?;
    let expected = export(&first, &Export::jsonl())?;
    for (form, as_form) in [
        ("csv", Export::csv().raw(true)),
        ("jsonl", Export::jsonl()),
        ("parquet", Export::parquet()),
    ] {
        let again = match load(&schema, world, form, &export(&first, &as_form)?) {
            Ok(again) => again,
            // An instant whose year in UTC is none of 1 to 9999 is one that the reader of timestamps refuses.
            Err(error) if form == "parquet" && error.contains("E0805") => continue,
            Err(error) => return Err(error),
        };
        let found = export(&again, &Export::jsonl())?;
        if found != expected {
            let [found, expected] = [found, expected].map(|text| String::from_utf8(text).unwrap());
            return Err(format!("by {form}:\n{found}\ninstead of\n{expected}"));
        }
    }
    Ok(())
}

fn export(snapshot: &Snapshot, export: &Export) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    snapshot.all().export(export, &mut out).map_err(|error| error.to_string())?;
    Ok(out)
}

fn load(schema: &Schema, world: &World, form: &str, customers: &[u8]) -> Result<Snapshot, String> {
    let told = |error: segmenta::Error| error.to_string();
    let mut data = Snapshot::builder(schema);
    for table in &world.tables {
        match (table.name, form) {
            ("customers", "jsonl") => data.jsonl_reader("customers", form, customers),
            ("customers", "parquet") => {
                data.parquet_reader("customers", form, Cursor::new(customers.to_vec()))
            }
            ("customers", _) => data.csv_reader("customers", form, customers),
            (name, _) => data.csv_reader(name, name, table.rows.as_bytes()),
        }
        .map_err(told)?;
    }
    data.build().map_err(told)
}
