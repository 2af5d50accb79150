//! What text and rows become in a snapshot.

use std::io::Write;

use chrono::{NaiveDate, NaiveDateTime};
use serde::Serialize;

use crate::{
    diagnostic::Code,
    error::Error,
    schema::Schema,
    snapshot::{Snapshot, SnapshotBuilder},
    value::{Decimal, Key, Value},
};

const SCHEMA: &str = r#"
timezone = "Europe/Stockholm"
[customers]
key = "id"
[customers.columns]
id = "int"
active = "bool"
balance = "decimal(2)"
weight = "float"
name = "text"
birthday = "date"
seen_at = "datetime"
tags = "set<text>"
sizes = "set<int>"
home = "geo"
store = "ref<stores>"
[lookups.stores]
key = "code"
[lookups.stores.columns]
code = "text"
"#;

fn builder() -> SnapshotBuilder {
    let mut data = Snapshot::builder(&Schema::from_toml(SCHEMA).unwrap());
    data.push("stores", [("code", Some(Value::Text("S1".to_owned())))]).unwrap();
    data
}

fn load(text: &str) -> Snapshot {
    let mut data = builder();
    data.csv_reader("customers", "customers.csv", text.as_bytes()).unwrap();
    data.build().unwrap_or_else(|error| panic!("{error}"))
}

fn field(snapshot: &Snapshot, key: i64, name: &str) -> Option<Value> {
    let column = snapshot.schema().customers().find(name).unwrap();
    snapshot.customer(snapshot.row_of(&Key::Int(key)).unwrap()).unwrap().value(column)
}

/// A single field through CSV; everything else missing.
fn read(name: &str, text: &str) -> Result<Option<Value>, Error> {
    let all = [
        "active", "balance", "weight", "name", "birthday", "seen_at", "tags", "sizes", "home",
        "store",
    ];
    let fields: Vec<&str> = all.iter().map(|one| if *one == name { text } else { "" }).collect();
    let file = format!("id,{}\n1,{}\n", all.join(","), fields.join(","));
    let mut data = builder();
    data.csv_reader("customers", "customers.csv", file.as_bytes())?;
    Ok(field(&data.build()?, 1, name))
}

fn code(name: &str, text: &str) -> Code {
    read(name, text).unwrap_err().diagnostics()[0].code
}

fn instant(text: &str) -> Option<Value> {
    Some(Value::DateTime(text.parse().unwrap()))
}

#[test]
fn fields_are_read_by_type() {
    let text = |text: &str| Some(Value::Text(text.to_owned()));
    let decimal = |digits| Some(Value::Decimal(Decimal::new(digits, 2).unwrap()));
    for (form, bit) in
        [("true", true), ("FALSE", false), ("1", true), ("0", false), (" True ", true)]
    {
        assert_eq!(read("active", form).unwrap(), Some(Value::Bool(bit)));
    }
    for (form, digits) in [
        ("10.99", 1099),
        ("-.5", -50),
        ("+7", 700),
        ("0.1", 10),
        ("-0", 0),
        (" 3.00 ", 300),
        ("92233720368547758.07", i128::from(i64::MAX)),
        ("-92233720368547758.08", i128::from(i64::MIN)),
    ] {
        assert_eq!(read("balance", form).unwrap(), decimal(digits), "{form}");
    }
    for (form, number) in [("1.5e-3", 0.0015), ("-3", -3.0), ("+.5", 0.5), ("-0.0", 0.0)] {
        let found = read("weight", form).unwrap();
        assert!(
            matches!(found, Some(Value::Float(found)) if found.to_bits() == f64::to_bits(number))
        );
    }
    assert_eq!(read("name", " a ").unwrap(), text(" a "));
    assert_eq!(
        read("birthday", "0001-01-01").unwrap(),
        Some(Value::Date(NaiveDate::from_ymd_opt(1, 1, 1).unwrap()))
    );
    assert_eq!(
        read("birthday", "2024-02-29 ").unwrap(),
        Some(Value::Date(NaiveDate::from_ymd_opt(2024, 2, 29).unwrap()))
    );
    let tags = vec!["b".to_owned(), " a".to_owned()];
    assert_eq!(read("tags", "b; a;;b;").unwrap(), Some(Value::TextSet(tags)));
    assert_eq!(read("sizes", "3; -1;3").unwrap(), Some(Value::IntSet(vec![-1, 3])));
    assert_eq!(
        read("home", "59.33; -18").unwrap(),
        Some(Value::Geo { latitude: 59.33, longitude: -18.0 })
    );
    assert_eq!(read("store", "S1").unwrap(), text("S1"));
    assert_eq!(read("store", "S2").unwrap(), None);
    assert_eq!(read("weight", "  ").unwrap(), None);
}

#[test]
fn datetimes_without_a_zone_are_local() {
    for (form, utc) in [
        ("2026-11-01T16:00:00", "2026-11-01T15:00:00Z"),
        ("2026-07-01 16:00", "2026-07-01T14:00:00Z"),
        ("2026-07-01T16:00:00.25", "2026-07-01T14:00:00.25Z"),
        ("2026-07-01T16:00:00.000001Z", "2026-07-01T16:00:00.000001Z"),
        ("2026-07-01T16:00:00+02:00", "2026-07-01T14:00:00Z"),
        ("2026-07-01T16:00-0330", "2026-07-01T19:30:00Z"),
        ("2026-07-01t16:00:00+02", "2026-07-01T14:00:00Z"),
        // The clocks go forward at 02:00 on 29 March and back at 03:00 on 25 October.
        ("2026-03-29T01:59:59", "2026-03-29T00:59:59Z"),
        ("2026-03-29T02:30:00", "2026-03-29T01:30:00Z"),
        ("2026-03-29T03:00:00", "2026-03-29T01:00:00Z"),
        ("2026-10-25T01:30:00", "2026-10-24T23:30:00Z"),
        ("2026-10-25T02:30:00", "2026-10-25T00:30:00Z"),
        ("2026-10-25T03:00:00", "2026-10-25T02:00:00Z"),
        // A date alone is the start of its day.
        ("2026-11-01", "2026-10-31T23:00:00Z"),
        ("2026-07-01", "2026-06-30T22:00:00Z"),
    ] {
        assert_eq!(read("seen_at", form).unwrap(), instant(utc), "{form}");
    }
}

#[test]
fn fields_of_the_wrong_form_are_told_apart_from_those_that_do_not_exist() {
    for (name, form) in [
        ("active", "yes"),
        ("balance", "1.234"),
        ("balance", "1.000"),
        ("balance", "1e2"),
        ("balance", "1,5"),
        ("balance", "."),
        ("balance", "5."),
        ("balance", "-"),
        ("balance", "10.9.9"),
        ("weight", "inf"),
        ("weight", "NaN"),
        ("weight", "1e"),
        ("weight", "--1"),
        ("birthday", "2026-1-1"),
        ("birthday", "01.11.2026"),
        ("birthday", "2026-11-01T00:00"),
        ("birthday", "99999-01-01"),
        ("birthday", "2026‑11‑01"),
        ("seen_at", "2026-11"),
        ("seen_at", "2026-11-01T"),
        ("seen_at", "2026-11-01T16"),
        ("seen_at", "2026-11-01T16:00:00."),
        ("seen_at", "2026-11-01T16:00:00.1234567"),
        ("seen_at", "2026-11-01T16:00:00 Z"),
        ("seen_at", "2026-11-01T16:00+2"),
        ("sizes", "1;x"),
        ("sizes", "1;2.0"),
        ("home", "59.33"),
        ("home", "91;0"),
        ("home", "0;181"),
        ("home", "1;2;3"),
    ] {
        assert_eq!(code(name, &format!("\"{form}\"")), Code::BadField, "{name} {form}");
    }
    for (name, form) in [
        ("balance", "92233720368547758.08"),
        ("balance", "-92233720368547758.09"),
        ("balance", "99999999999999999999999999"),
        ("weight", "1e999"),
        ("sizes", "9223372036854775808"),
        ("sizes", "-99999999999999999999"),
    ] {
        assert_eq!(code(name, form), Code::NumberOverflow, "{name} {form}");
    }
    for (name, form) in [
        ("birthday", "2026-02-30"),
        ("birthday", "2025-02-29"),
        ("birthday", "0000-01-01"),
        ("birthday", "2026-13-01"),
        ("seen_at", "2026-02-30T10:00"),
        ("seen_at", "2026-11-01T24:00"),
        ("seen_at", "2026-11-01T10:60"),
        ("seen_at", "2026-11-01T10:00:60"),
        ("seen_at", "2026-11-01T10:00+24:00"),
    ] {
        assert_eq!(code(name, form), Code::NoSuchDateInData, "{name} {form}");
    }
}

const ALL: &str =
    "id,active,balance,weight,name,birthday,seen_at,tags,sizes,home_lat,home_lon,store";

#[test]
fn marks_line_breaks_and_quotes_are_read() {
    let text = format!(
        "\u{feff}\r\n{ALL},extra\r\n\r\n1,,,,\"a \"\"b\"\", \r\nc\",,,,,59.5,18,,x\r\n\"2\",,,,\"\",,,,,,,,\r\n3,,,,å\"\"d,,,,,,,,\"\"\"\"\r\n\r\n\r\n"
    );
    let snapshot = load(&text);
    assert_eq!(snapshot.customers(), 3);
    assert_eq!(field(&snapshot, 1, "name"), Some(Value::Text("a \"b\", \r\nc".to_owned())));
    assert_eq!(field(&snapshot, 1, "home"), Some(Value::Geo { latitude: 59.5, longitude: 18.0 }));
    assert_eq!(field(&snapshot, 2, "name"), None);
    assert_eq!(field(&snapshot, 2, "home"), None);
    assert_eq!(field(&snapshot, 3, "name"), Some(Value::Text("å\"\"d".to_owned())));
    let notes: Vec<_> =
        snapshot.report().warnings().iter().map(|note| note.message.as_str()).collect();
    assert_eq!(notes, ["`customers.csv`: ignored `extra`; table `customers` has no such column"]);
}

#[test]
fn a_table_cut_at_any_byte_never_panics() {
    let text = format!(
        "\u{feff}{ALL}\r\n1,true,1.5,2.5,\"å \"\"\r\n\",2026-11-01,2026-11-01T16:00:00.5+02:00,a;b,1;2,59.5,18,S1\r\n2,,,,,,,,,,,\r\n"
    );
    for end in 0..=text.len() {
        for lenient in [false, true] {
            let mut data = builder().lenient(lenient);
            data.csv_reader("customers", "customers.csv", &text.as_bytes()[..end]).unwrap();
            let loaded = data.build();
            if end >= text.len() - 2 {
                assert_eq!(loaded.unwrap().customers(), 2);
            } else if let Err(error) = loaded {
                assert!(!error.diagnostics().is_empty());
            }
        }
    }
}

#[test]
fn packed_files_are_unpacked_and_damage_is_seen() {
    let folder = std::env::temp_dir().join(format!("segmenta-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(format!("{ALL}\n7,,,,,,,,,,,\n").as_bytes()).unwrap();
    let packed = packer.finish().unwrap();
    let path = folder.join("customers.csv.gz");
    for end in 0..=packed.len() {
        std::fs::write(&path, &packed[..end]).unwrap();
        let mut data = builder();
        data.csv_file("customers", &path).unwrap();
        match data.build() {
            Ok(snapshot) => assert_eq!((end, snapshot.customers()), (packed.len(), 1)),
            Err(error) => {
                let expected = if end == 0 { Code::EmptyDataFile } else { Code::UnreadableData };
                assert_eq!(error.diagnostics()[0].code, expected, "{end}");
                assert_eq!(error.is_corrupt(), end > 0);
            }
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
    let error = builder().csv_file("customers", &path).unwrap_err();
    assert!(error.is_io() && error.to_string().contains("customers.csv.gz"));
}

#[derive(Serialize, Default)]
struct Customer {
    id: u32,
    active: Option<bool>,
    balance: Option<&'static str>,
    weight: Option<f32>,
    name: Option<Name>,
    birthday: Option<String>,
    seen_at: Option<String>,
    tags: Vec<String>,
    sizes: Option<(i8, u64)>,
    home: Option<Place>,
    notes: Vec<Vec<Vec<Vec<i32>>>>,
}

#[derive(Serialize)]
enum Name {
    Ann,
}

#[derive(Serialize)]
struct Place {
    lat: f64,
    lon: i32,
}

#[test]
fn structs_and_maps_are_rows() {
    let mut data = builder();
    let full = Customer {
        id: 1,
        active: Some(true),
        balance: Some("-10.5"),
        weight: Some(0.5),
        name: Some(Name::Ann),
        birthday: Some(NaiveDate::from_ymd_opt(2000, 2, 29).unwrap().to_string()),
        seen_at: Some("2026-07-01T16:00".to_owned()),
        tags: vec!["b".into(), "a".into(), "b".into()],
        sizes: Some((3, 2)),
        home: Some(Place { lat: 1.5, lon: 2 }),
        notes: vec![vec![vec![vec![1]]]],
    };
    data.push_row("customers", &full).unwrap();
    data.push_row("customers", &Customer { id: 2, ..Customer::default() }).unwrap();
    data.push_row(
        "customers",
        &serde_json::json!({"id": 3, "balance": 7, "home": [1, 2], "store": "S1", "name": ""}),
    )
    .unwrap();
    // As programs write an instant of their clock.
    data.push_row(
        "customers",
        &serde_json::json!({"id": 4, "seen_at": "2026-07-01T14:00:00.123456789Z"}),
    )
    .unwrap();
    let snapshot = data.build().unwrap_or_else(|error| panic!("{error}"));
    let seen = NaiveDateTime::parse_from_str("2026-07-01T14:00:00", "%FT%T").unwrap().and_utc();
    for (name, value) in [
        ("active", Value::Bool(true)),
        ("balance", Value::Decimal(Decimal::new(-1050, 2).unwrap())),
        ("weight", Value::Float(0.5)),
        ("name", Value::Text("Ann".into())),
        ("birthday", Value::Date(NaiveDate::from_ymd_opt(2000, 2, 29).unwrap())),
        ("seen_at", Value::DateTime(seen)),
        ("tags", Value::TextSet(vec!["b".into(), "a".into()])),
        ("sizes", Value::IntSet(vec![2, 3])),
        ("home", Value::Geo { latitude: 1.5, longitude: 2.0 }),
    ] {
        assert_eq!(field(&snapshot, 1, name), Some(value), "{name}");
    }
    assert_eq!(field(&snapshot, 2, "balance"), None);
    let precise = seen + chrono::TimeDelta::microseconds(123_456);
    assert_eq!(field(&snapshot, 4, "seen_at"), Some(Value::DateTime(precise)));
    assert_eq!(field(&snapshot, 3, "balance"), Some(Value::Decimal(Decimal::new(700, 2).unwrap())));
    assert_eq!(field(&snapshot, 3, "store"), Some(Value::Text("S1".into())));
    assert_eq!(field(&snapshot, 3, "name"), Some(Value::Text(String::new())));
    let notes: Vec<_> =
        snapshot.report().warnings().iter().map(|note| note.message.as_str()).collect();
    assert_eq!(notes, ["table `customers` has no column `notes`, it is ignored"]);
}

#[test]
fn fields_of_rows_must_fit_their_columns() {
    for (row, expected) in [
        (
            serde_json::json!({"id": "1"}),
            "row 1 of `customers`: column `id`: expected a whole number like `42`",
        ),
        (
            serde_json::json!({"id": 1, "balance": 0.1}),
            "row 1 of `customers`: column `balance`: expected a number like `10.99` with at most 2 digits after the point, as text or whole number",
        ),
        (
            serde_json::json!({"id": 1, "balance": 92_233_720_368_547_759_u64}),
            "row 1 of `customers`: column `balance`: the number does not fit, expected a number like `10.99` with at most 2 digits after the point",
        ),
        (
            serde_json::json!({"id": u64::MAX}),
            "row 1 of `customers`: column `id`: the number does not fit, expected a whole number like `42`",
        ),
        (
            serde_json::json!({"id": 1, "birthday": "2026-02-30"}),
            "row 1 of `customers`: column `birthday`: this does not exist, expected a date like `2026-11-01`",
        ),
        (
            serde_json::json!({"id": 1, "tags": "a;b"}),
            "row 1 of `customers`: column `tags`: expected texts like `red;blue`",
        ),
        (
            serde_json::json!({"id": 1, "home": {"lat": 1}}),
            "row 1 of `customers`: column `home`: expected latitude and longitude like `59.33;18.06`",
        ),
        (
            serde_json::json!({"active": true}),
            "row 1 of `customers`: column `id`: the field is empty, expected a whole number like `42`",
        ),
    ] {
        let mut data = builder();
        data.push_row("customers", &row).unwrap();
        let error = data.build().unwrap_err();
        assert_eq!(error.diagnostics()[0].message, expected);
    }
    assert!(builder().push_row("customers", &[1, 2]).is_err());
    assert!(builder().push_row("customer", &serde_json::json!({})).is_err());
}
