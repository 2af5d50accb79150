//! Names and texts that try to be something else.

use std::collections::BTreeMap;

use rusqlite::Connection;
use segmenta::{
    AsOf, Rules, Schema, Type,
    sql::{Dialect, Mapping, Statement},
};

use super::sqlite::{Answer, Database};

/// Texts of customers and of rules.
const TEXTS: &[&str] = &[
    "'",
    "''",
    "\\",
    "\\'",
    "'; DROP TABLE customers; --",
    "\"",
    "`",
    "/* */",
    "-- ",
    "%",
    "_",
    "\u{2019}",
    "\u{ff07}",
    "a\0b",
    "\0",
    "\n\r\t",
    "\u{1b}[31m",
    "\u{202e}abc",
    "e\u{301}",
    "é",
    "\u{1f600}",
    "${x}",
    "$1",
    "?",
    ":name",
    "x'00'",
    "\u{feff}",
];

/// Names of tables and columns.
const NAMES: &[&str] = &[
    "odd name",
    "quo\"te",
    "back`tick",
    "apos'trophe",
    "semi;colon",
    "--",
    "/*",
    "select",
    "ünï",
    "back\\slash",
    "new\nline",
    "[x]",
    "\u{1f600}",
];

fn day() -> AsOf {
    "2026-11-01".parse().unwrap()
}

fn escaped(text: &str) -> String {
    text.chars().map(|letter| format!("\\u{{{:x}}}", u32::from(letter))).collect()
}

#[test]
fn texts_are_only_texts() {
    let schema = Schema::builder()
        .customers("id")
        .column("id", Type::Int)
        .column("name", Type::Text)
        .build()
        .unwrap();
    let rows = TEXTS.iter().enumerate();
    let rows = rows.map(|(id, text)| vec![Some(id.to_string()), Some((*text).to_owned())]);
    let header = vec!["id".to_owned(), "name".to_owned()];
    let tables = BTreeMap::from([("customers".to_owned(), (header, rows.collect()))]);
    let database = Database::of_rows(&schema, &tables);
    for (id, text) in TEXTS.iter().enumerate() {
        let mut rules = String::new();
        for (name, test) in [
            ("same", "="),
            ("inside", "contains"),
            ("begins", "starts with"),
            ("ends", "ends with"),
            ("folded", "contains"),
        ] {
            let fold = if name == "folded" { " ignoring case" } else { "" };
            rules +=
                &format!("segment {name} {{ include name {test} '{}'{fold} }}\n", escaped(text));
        }
        let rules = Rules::parse(&schema, &rules).unwrap();
        let Answer::Members(found) = database.members(&rules, &[], day()) else {
            panic!("{text:?} has no answer")
        };
        let of = |test: &dyn Fn(&str) -> bool| -> Vec<segmenta::Key> {
            let all = TEXTS.iter().enumerate();
            let met = all.filter(|(_, own)| test(own));
            met.map(|(id, _)| i64::try_from(id).unwrap().into()).collect()
        };
        assert_eq!(found["same"], [i64::try_from(id).unwrap().into()], "{text:?}");
        assert_eq!(found["inside"], of(&|own| own.contains(text)), "{text:?}");
        assert_eq!(found["begins"], of(&|own| own.starts_with(text)), "{text:?}");
        assert_eq!(found["ends"], of(&|own| own.ends_with(text)), "{text:?}");
        let lower = text.to_lowercase();
        assert_eq!(found["folded"], of(&|own| own.to_lowercase().contains(&lower)), "{text:?}");
    }
}

#[test]
fn names_are_only_names() {
    let schema = Schema::builder()
        .customers("id")
        .column("id", Type::Int)
        .column("name", Type::Text)
        .table("orders", "customer")
        .time("day")
        .column("customer", Type::Int)
        .column("day", Type::Date)
        .column("store", Type::Text)
        .build()
        .unwrap();
    let text = "segment found { include name = 'x' and last(orders.store) = 'b' }";
    let rules = Rules::parse(&schema, text).unwrap();
    for name in NAMES {
        let connection = Connection::open_in_memory().unwrap();
        let quoted = format!("`{}`", name.replace('`', "``"));
        let other = format!("`other {}`", name.replace('`', "``"));
        connection
            .execute_batch(&format!(
                "CREATE TABLE {quoted} (id, {quoted});
                 CREATE TABLE {other} (customer, {quoted}, {other}, n);
                 INSERT INTO {quoted} VALUES (1, 'x'), (2, 'x'), (3, 'y');
                 INSERT INTO {other} VALUES (1, '2026-10-01', 'a', 1), (1, '2026-10-01', 'b', 2),
                     (2, '2026-10-01', 'b', 1), (2, '2026-10-01', 'a', 2);"
            ))
            .unwrap();
        let mapping = Mapping::default()
            .table("customers", ["main", *name])
            .column("customers", "name", *name)
            .table("orders", [format!("other {name}")])
            .column("orders", "day", *name)
            .column("orders", "store", format!("other {name}"))
            .order("orders", "n");
        let statement =
            Statement::new(&rules, Dialect::Sqlite).mapping(mapping.clone()).at(day()).unwrap();
        let found: Vec<(String, i64)> = connection
            .prepare(&statement)
            .unwrap()
            .query_map((), |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert_eq!(found, [("found".to_owned(), 1)], "{name:?}");
        for dialect in Dialect::ALL {
            let statement = Statement::new(&rules, *dialect).mapping(mapping.clone());
            assert!(statement.at(day()).is_ok(), "{dialect}: {name:?}");
        }
    }
}
