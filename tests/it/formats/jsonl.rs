//! JSON lines.

use segmenta::{Code, Diagnostic, Schema, Severity, Snapshot};

use super::{keys, schema_with};

fn load(schema: &Schema, text: &[u8]) -> segmenta::Result<Snapshot> {
    let mut data = Snapshot::builder(schema);
    data.jsonl_reader("customers", "customers.jsonl", text)?;
    data.build()
}

fn finding(ty: &str, text: &[u8]) -> Diagnostic {
    let refused = load(&schema_with("x", ty), text).unwrap_err();
    let errors = refused.diagnostics().iter().filter(|found| found.severity == Severity::Error);
    assert_eq!(errors.count(), 1, "{refused}");
    refused.diagnostics()[0].clone()
}

#[test]
fn values_are_read_by_the_type_of_their_column() {
    for (ty, value, condition) in [
        ("bool", "true", "x"),
        ("bool", "0", "x = false"),
        ("bool", "\"True\"", "x"),
        ("int", "41", "x = 41"),
        ("int", "41.00", "x = 41"),
        ("int", "4.1e1", "x = 41"),
        ("int", "\"9007199254740993\"", "x = 9007199254740993"),
        ("int", "9007199254740993", "x = 9007199254740993"),
        ("decimal(2)", "0.10", "x = 0.1"),
        ("decimal(2)", "10.990", "x = 10.99"),
        ("decimal(2)", "-1099e-2", "x = -10.99"),
        ("decimal(2)", "\"92233720368547758.07\"", "x > 92233720368547758"),
        ("float", "1e-3", "x = 0.001"),
        ("text", "\"\\u00e5 \\\"b\\\"\"", "x = 'å \"b\"'"),
        ("text", "\"\"", "x is null"),
        ("text", "null", "x is null"),
        ("date", "\"2026-11-01\"", "x = 2026-11-01"),
        ("datetime", "\"2026-11-01T16:00:00+02:00\"", "x = 2026-11-01T14:00:00Z"),
        ("set<text>", "[\"a\", null, \"\", \"b\\n\", \"a\"]", "size(x) = 2 and x contains 'b\\n'"),
        ("set<text>", "\"a;b\"", "size(x) = 2"),
        ("set<text>", "[]", "x is empty"),
        ("set<int>", "[1, 2.0, \"3\", null]", "size(x) = 3"),
        ("geo", "[59.33, 18.06]", "x within 1 km of (59.33, 18.06)"),
        ("geo", "{\"lon\": 18.06, \"lat\": 59.33}", "x within 1 km of (59.33, 18.06)"),
        (
            "geo",
            "{\"latitude\": \"59.33\", \"longitude\": 18.06}",
            "x within 1 km of (59.33, 18.06)",
        ),
        ("geo", "\"59.33;18.06\"", "x within 1 km of (59.33, 18.06)"),
    ] {
        let schema = schema_with("x", ty);
        let text = format!("{{\"id\":1,\"x\":{value}}}\n");
        let snapshot =
            load(&schema, text.as_bytes()).unwrap_or_else(|error| panic!("{value}: {error}"));
        assert_eq!(keys(&schema, &snapshot, condition), [1], "{ty} {value}");
    }
}

#[test]
fn what_is_wrong_has_its_line_and_column() {
    for (ty, value, code) in [
        ("int", "1.5", Code::BadField),
        ("int", "true", Code::BadField),
        ("int", "99999999999999999999", Code::NumberOverflow),
        ("int", "1e999999", Code::NumberOverflow),
        ("decimal(2)", "1.005", Code::BadField),
        ("float", "1e999", Code::NumberOverflow),
        ("text", "5", Code::BadField),
        ("text", "\"\\ud800\"", Code::BadField),
        ("date", "\"2026-02-30\"", Code::NoSuchDateInData),
        ("date", "20260230", Code::BadField),
        ("set<text>", "[1]", Code::BadField),
        ("set<int>", "[[1]]", Code::BadField),
        ("set<int>", "5", Code::BadField),
        ("geo", "[1]", Code::BadField),
        ("geo", "{\"lat\": 1}", Code::BadField),
        ("geo", "[91, 0]", Code::BadField),
    ] {
        let text = format!("\u{feff}\n{{ \"å\": 0, \"x\": {value}, \"id\": 1}}\r\n");
        let found = finding(ty, text.as_bytes());
        assert_eq!(found.code, code, "{ty} {value}: {found}");
        let place = found.location.unwrap();
        assert_eq!(
            (place.line, place.column, place.end_column),
            (2, 16, 16 + value.len()),
            "{value}"
        );
    }
    for (text, code, place) in [
        (&b"{\"id\":1,\"x\":2,\"x\":3}"[..], Code::DuplicateHeader, (1, 19)),
        (b"{\"id\":1,\"x\":2}\n{\"id\":2,\"x\":", Code::BadField, (2, 12)),
        (b"{\"id\":1} {\"id\":2}", Code::BadField, (1, 10)),
        (b"{\"x\":1}", Code::MissingField, (1, 1)),
        (b"{\"id\":1}\n5", Code::BadField, (2, 1)),
        (b"{\"id\":1,\"x\":\xff}", Code::UnreadableData, (1, 13)),
        (b"[\n{\"id\":1}\n]", Code::UnreadableData, (1, 1)),
    ] {
        let found = finding("int", text);
        let at = found.location.as_ref().unwrap();
        assert_eq!((found.code, (at.line, at.column)), (code, place), "{found}");
    }
}

#[test]
fn fields_without_a_column_are_noted_once() {
    let schema = schema_with("x", "int");
    let mut text = String::new();
    for row in 0..100 {
        text.push_str(&format!("{{\"id\":{row},\"extra\":[{{}}],\"n{row}\":1}}\n"));
    }
    let snapshot = load(&schema, text.as_bytes()).unwrap();
    let warnings = snapshot.report().warnings();
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].message.starts_with("`customers.jsonl`: ignored `extra`, `n0`, `n1`,"));
    assert_eq!(load(&schema, b"").unwrap().customers(), 0);
}

#[test]
fn text_cut_or_changed_anywhere_never_panics() {
    let schema = schema_with("home", "geo");
    let text = "\u{feff}{\"id\":1,\"home\":{\"lat\":1.5,\"lon\":-2e1},\"å\":\"\\u00e5\"}\n{\"id\":2,\"home_lat\":\"1\",\"home_lon\":2}\n";
    for cut in 0..text.len() {
        for with in [&b""[..], b"\"", b"{", b"]", b"\\", b"\n", b"\xff", b"0", b"e"] {
            let mut bytes = text.as_bytes()[..cut].to_vec();
            let _ = load(&schema, &bytes);
            bytes.extend_from_slice(with);
            bytes.extend_from_slice(&text.as_bytes()[cut + 1..]);
            if let Err(error) = load(&schema, &bytes) {
                assert!(!error.to_string().is_empty());
            }
        }
    }
    let deep = format!("{{\"id\":1,\"home\":{}}}", "[".repeat(1_000_000));
    assert!(load(&schema, deep.as_bytes()).is_err());
}
