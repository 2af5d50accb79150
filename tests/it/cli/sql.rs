//! `segmenta sql`

use rusqlite::Connection;

use super::{Folder, RULES, SCHEMA};

fn folder(more: &str, rules: &str) -> Folder {
    Folder::new(&[("segmenta.toml", &format!("{SCHEMA}{more}")), ("rules.seg", rules)])
}

#[test]
fn the_statement_is_all_that_is_printed() {
    let folder = folder("", RULES);
    for dialect in ["duckdb", "postgres", "clickhouse", "spark", "datafusion", "sqlite"] {
        let run = folder.run(&["sql", "--dialect", dialect, "--as-of", "2026-06-01"]);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{run:?}");
        assert!(run.out.starts_with("WITH ") && run.out.ends_with('\n'), "{run:?}");
        assert!(run.out.contains("'swedes'") && run.out.contains("'buyers'"), "{run:?}");
        let one = ["sql", "--dialect", dialect, "--as-of", "2026-06-01", "--segment", "Buyers"];
        let run = folder.run(&one);
        assert!(!run.out.contains("'swedes'") && run.out.contains("'buyers'"), "{run:?}");
    }
}

#[test]
fn it_runs_where_the_tables_have_other_names() {
    let names = "[sql.tables.customers]\nname = 'People'\ncolumns = { id = 'Key', created_on = 'since' }\n\
                 [sql.tables.orders]\nname = ['main', 'Order']\ncolumns = { customer = 'by whom' }\n";
    let folder = folder(names, RULES);
    let run = folder.run(&["sql", "--dialect", "sqlite", "--as-of", "2026-05-31"]);
    let database = Connection::open_in_memory().unwrap();
    database
        .execute_batch(
            "CREATE TABLE People (Key, country, since);
             CREATE TABLE `Order` (`by whom`, ordered_at, total);
             INSERT INTO People VALUES ('a', 'SE', '2020-01-01'), ('b', 'NO', NULL), ('c', 'SE', '2026-06-01');
             INSERT INTO `Order` VALUES ('a', '2026-06-01T00:00:00', '5'), ('b', '2026-05-31T23:59:59.999999', NULL);",
        )
        .unwrap();
    let mut prepared = database.prepare(&run.out).unwrap();
    let rows = prepared.query_map((), |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let mut rows: Vec<(String, String)> = rows.collect::<Result<_, _>>().unwrap();
    rows.sort();
    let expected = [("buyers", "b"), ("swedes", "a")];
    assert_eq!(rows, expected.map(|(segment, key)| (segment.to_owned(), key.to_owned())));
}

#[test]
fn what_is_refused_has_its_place_and_code() {
    let rules = "segment fine { }\nsegment drawn {\n  include sample 10 percent seed 's'\n}\n";
    let run = folder("", rules).run(&["sql", "--dialect", "sqlite"]);
    assert_eq!((run.code, run.out.as_str()), (1, ""), "{run:?}");
    assert!(run.err.contains("error[E1401]: SQLite cannot say `drawn`: "), "{run:?}");
    assert!(run.err.contains("rules.seg:2:"), "{run:?}");
}

#[test]
fn what_is_asked_in_a_wrong_way_is_told() {
    let folder = folder("[sql.tables.order]\nname = 'x'\n", RULES);
    let run = folder.run(&["sql", "--dialect", "oracle"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.err.contains("`oracle`") && run.err.contains("`duckdb`, `postgres`"), "{run:?}");
    assert_eq!(folder.run(&["sql"]).code, 2);
    let run = folder.run(&["sql", "--dialect", "duckdb"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.err.contains("unknown table `order`"), "{run:?}");
    assert!(run.err.contains("segmenta.toml:"), "{run:?}");
}
