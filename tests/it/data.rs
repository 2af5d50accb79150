//! Bad data: each kind of error with its place, what refuses a load, and what a lenient load leaves out.

use segmenta::{Code, Diagnostic, Schema, Severity, Snapshot, SnapshotBuilder, Value};

const SCHEMA: &str = r#"
timezone = "Europe/Stockholm"
[customers]
key = "id"
[customers.columns]
id = "int"
country = { type = "text", values = ["SE", "NO"] }
birthday = "date"
store = "ref<stores>"
[tables.orders]
key = "number"
customer = "customer_id"
[tables.orders.columns]
number = "text"
customer_id = "int"
total = "decimal(2)"
[tables.items]
parent = "orders"
parent_key = "order"
[tables.items.columns]
order = "text"
quantity = { type = "int", required = true }
[lookups.stores]
key = "code"
[lookups.stores.columns]
code = "text"
"#;

const CUSTOMERS: &str = "id,country,birthday,store\n1,SE,2000-02-29,S1\n2,NO,,\n";
const ORDERS: &str = "number,customer_id,total\na,1,10.50\nb,2,0\n";
const ITEMS: &str = "order,quantity\na,1\nb,2\n";
const STORES: &str = "code\nS1\n";

/// The whole data set, with some files replaced.
fn data(files: &[(&str, &[u8])], lenient: bool) -> SnapshotBuilder {
    let schema = Schema::from_toml(SCHEMA).unwrap();
    let mut data = Snapshot::builder(&schema).lenient(lenient);
    for (table, text) in
        [("items", ITEMS), ("orders", ORDERS), ("customers", CUSTOMERS), ("stores", STORES)]
    {
        let replaced = files.iter().find(|(name, _)| *name == table);
        let bytes = replaced.map_or(text.as_bytes(), |(_, bytes)| *bytes);
        data.csv_reader(table, &format!("{table}.csv"), bytes).unwrap();
    }
    data
}

/// File, line, column, code and message of each error.
fn errors(files: &[(&str, &[u8])]) -> Vec<String> {
    let error = data(files, false).build().unwrap_err();
    assert!(!error.is_io() && !error.is_limit());
    let found = error.diagnostics();
    found.iter().filter(|one| one.severity == Severity::Error).map(line).collect()
}

fn line(found: &Diagnostic) -> String {
    let place = found.location.as_ref();
    let place = place.map(|place| format!("{}:{}:{} ", place.file, place.line, place.column));
    format!("{}{} {}", place.unwrap_or_default(), found.code, found.message)
}

fn customers(text: &str) -> Vec<String> {
    errors(&[("customers", text.as_bytes())])
}

#[test]
fn good_data_are_loaded() {
    let snapshot = data(&[], false).build().unwrap();
    assert_eq!(snapshot.customers(), 2);
    assert_eq!(snapshot.rows("items"), Some(2));
    assert!(snapshot.report().warnings().is_empty());
    assert_eq!((snapshot.report().rows("orders"), snapshot.report().rejected("orders")), (2, 0));
}

#[test]
fn a_missing_column_is_an_error_even_when_it_may_be_empty() {
    assert_eq!(
        customers("id,country\n1,SE\n2,SE\n"),
        [
            "customers.csv:1:1 E0801 the header has no column `birthday`, which table `customers` has",
            "customers.csv:1:1 E0801 the header has no column `store`, which table `customers` has",
        ]
    );
}

#[test]
fn rows_have_as_many_fields_as_the_header() {
    assert_eq!(
        customers("id,country,birthday,store\n1,SE,\n2,SE,,,x\n"),
        [
            "customers.csv:2:6 E0802 expected 4 fields as in the header, found 3",
            "customers.csv:3:8 E0802 expected 4 fields as in the header, found 5",
        ]
    );
}

#[test]
fn fields_are_of_their_type() {
    assert_eq!(
        customers(
            "id,country,birthday,store\n1,\"Å\n\",yesterday,\n2,ö,2026-02-30,\n9223372036854775808,,,\n"
        ),
        [
            "customers.csv:3:3 E0803 column `birthday`: expected a date like `2026-11-01`",
            "customers.csv:4:5 E0805 column `birthday`: this does not exist, expected a date like `2026-11-01`",
            "customers.csv:5:1 E0804 column `id`: the number does not fit, expected a whole number like `42`",
        ]
    );
    assert_eq!(
        customers("id,country,birthday,store\n1,\"S\"E,,\n2,,,\n"),
        ["customers.csv:2:3 E0803 something stands behind the closing quote, expected a comma"]
    );
}

#[test]
fn keys_are_there_and_stand_once() {
    assert_eq!(
        customers("id,country,birthday,store\n1,,,\n,,,\n1,,,\n2,,,\n"),
        [
            "customers.csv:3:1 E0807 column `id`: the field is empty, expected a whole number like `42`",
            "customers.csv:4:1 E0806 an earlier row of table `customers` has this key",
        ]
    );
    assert_eq!(
        errors(&[("stores", b"code\nS1\n\"\"\nS1\n")]),
        [
            "stores.csv:3:1 E0807 column `code`: the field is empty, expected text",
            "stores.csv:4:1 E0806 an earlier row of table `stores` has this key",
        ]
    );
    assert_eq!(
        errors(&[("orders", b"number,customer_id,total\na,1,\nb,1,\na,2,\n")]),
        ["orders.csv:4:1 E0806 an earlier row of table `orders` has this key"]
    );
}

#[test]
fn rows_without_their_customer_or_parent_are_errors() {
    assert_eq!(
        errors(&[
            ("orders", b"total,number,customer_id\n1,a,1\n,b,3\n,c,\n"),
            ("items", b"quantity,order\n1,a\n1,\"x\"\n,a\n1,b\n"),
        ]),
        [
            "items.csv:3:3 E0808 no row of table `orders` has this key",
            "items.csv:4:1 E0807 column `quantity`: the field is empty, expected a whole number like `42`",
            "orders.csv:3:4 E0808 no row of table `customers` has this key",
            "orders.csv:4:4 E0807 column `customer_id`: the field is empty, expected a whole number like `42`",
        ]
    );
}

#[test]
fn what_hangs_on_a_row_with_an_error_is_not_reported_as_well() {
    assert_eq!(
        customers("id,country,birthday,store\n1,,x,\n2,,,\n"),
        ["customers.csv:2:4 E0803 column `birthday`: expected a date like `2026-11-01`"]
    );
}

#[test]
fn a_quote_that_is_never_closed_is_named_where_it_opens() {
    assert_eq!(
        customers("id,country,birthday,store\n1,,,\n2,\"SE,,\n3,,,\n"),
        ["customers.csv:3:3 E0809 this quote is never closed"]
    );
}

#[test]
fn files_without_a_header_or_text_are_refused() {
    for empty in ["", "\u{feff}", "\n\r\n", "\u{feff}\n\n\n"] {
        let expected =
            "customers.csv:1:1 E0810 the file is empty, expected a line with the names of columns";
        assert_eq!(customers(empty), [expected]);
    }
    assert_eq!(
        customers("id;country;birthday;store\n1;SE;;\n"),
        ["customers.csv:1:1 E0801 expected the names of columns with commas between them"]
    );
    assert_eq!(
        errors(&[("customers", b"\xff\xfei\0d\0")]),
        ["customers.csv:1:1 E0811 the file is no text in UTF-8"]
    );
    assert_eq!(
        errors(&[("customers", b"id,country,birthday,store\n1,\xc3\xa5,,\n2,\xc3\xa5\xe5,,\n")]),
        ["customers.csv:3:4 E0811 this is no text in UTF-8"]
    );
    assert_eq!(
        customers("id,country,birthday,store,country\n1,,,,\n"),
        ["customers.csv:1:27 E0812 the header names column `country` twice"]
    );
}

#[test]
fn a_header_alone_is_a_table_without_rows() {
    let header = b"id,country,birthday,store\n";
    let empty: &[(&str, &[u8])] = &[
        ("customers", header),
        ("orders", b"number,customer_id,total"),
        ("items", b"order,quantity\r\n"),
    ];
    assert_eq!(data(empty, false).build().unwrap().customers(), 0);
}

#[test]
fn a_thousand_errors_are_listed() {
    let rows: String = (0..1_234).map(|_| "x,,,\n").collect();
    let text = format!("id,country,birthday,store\n{rows}");
    let error = data(&[("customers", text.as_bytes())], false).build().unwrap_err();
    let found = error.diagnostics();
    assert_eq!(found.len(), 1_001);
    assert_eq!(line(&found[1_000]), "E0813 234 more errors are not listed");
}

#[test]
fn a_lenient_load_counts_and_reports_what_it_leaves_out() {
    let text = "id,country,birthday,store\n1,SE,x,S1\n2,DK,,S9\n2,SE,,\n3\n4,FI,,S9\n";
    let snapshot = data(&[("customers", text.as_bytes())], true).build().unwrap();
    let report = snapshot.report();
    assert_eq!((report.rows("customers"), report.rejected("customers")), (2, 3));
    assert_eq!((report.rows("orders"), report.rejected("orders")), (1, 1));
    assert_eq!((report.rows("items"), report.rejected("items")), (1, 1));
    assert!(report.warnings().iter().all(|found| found.severity == Severity::Warning));
    assert_eq!(
        report.warnings().iter().map(line).collect::<Vec<_>>(),
        [
            "customers.csv:2:6 E0803 column `birthday`: expected a date like `2026-11-01`",
            "customers.csv:4:1 E0806 an earlier row of table `customers` has this key",
            "customers.csv:5:2 E0802 expected 4 fields as in the header, found 1",
            "orders.csv:2:3 E0808 no row of table `customers` has this key",
            "items.csv:2:1 E0808 no row of table `orders` has this key",
            "W0803 column `country` of table `customers`: 2 rows have values that the schema does not declare",
            "W0802 column `store` of table `customers`: 2 rows have keys that `stores` does not have, read as missing",
            "W0804 table `customers`: left out 3 rows",
            "W0804 table `orders`: left out 1 row",
            "W0804 table `items`: left out 1 row",
        ]
    );
    // What is wrong with a file as a whole cannot be left out.
    for text in ["id\n1\n", "", "id,country,birthday,store\n1,\"\n"] {
        assert!(data(&[("customers", text.as_bytes())], true).build().is_err());
    }
}

#[test]
fn errors_hold_no_values() {
    let text = "id,country,birthday,store\n1,secret,secret,secret\nsecret,,,\n77001,,,\n77001,,,secret,\n77001,,,\n";
    for lenient in [false, true] {
        let shown = match data(&[("customers", text.as_bytes())], lenient).build() {
            Ok(snapshot) => format!("{snapshot:?} {:?}", snapshot.report()),
            Err(error) => format!("{error} {error:?}"),
        };
        assert!(!shown.contains("secret") && !shown.contains("77001"), "{shown}");
    }
}

#[test]
fn pushed_rows_are_named_by_their_number() {
    let schema = Schema::from_toml(SCHEMA).unwrap();
    let mut data = Snapshot::builder(&schema);
    let id = |id| ("id", Some(Value::Int(id)));
    data.push("customers", [id(1)]).unwrap();
    data.push("customers", [id(2), ("birthday", Some(Value::Bool(true)))]).unwrap();
    data.push("customers", [id(1)]).unwrap();
    let misused = data.push("customers", [("contry", None)]).unwrap_err();
    assert_eq!(misused.diagnostics()[0].code, Code::UnknownColumn);
    assert_eq!(misused.diagnostics()[0].help.as_deref(), Some("did you mean `country`?"));
    let misused = data.push("custmers", [id(1)]).unwrap_err();
    assert_eq!(misused.diagnostics()[0].help.as_deref(), Some("did you mean `customers`?"));
    assert!(data.push("customers", [id(1), id(1)]).is_err());
    let error = data.build().unwrap_err();
    assert_eq!(
        error.diagnostics().iter().map(line).collect::<Vec<_>>(),
        [
            "E0803 row 2 of `customers`: column `birthday`: expected a date like `2026-11-01`",
            "E0806 row 3 of `customers`: an earlier row of table `customers` has this key",
        ]
    );
    assert_eq!(error.diagnostics()[1].help.as_deref(), Some("the first is row 1"));
}
