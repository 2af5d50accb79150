//! What dialects cannot say is refused by name, as the reference lists it.

use segmenta::{
    AsOf, Code, Rules, Schema,
    sql::{Dialect, lower},
};

const SCHEMA: &str = "
timezone = 'Europe/Stockholm'
[customers]
key = 'id'
[customers.columns]
id = 'int'
name = 'text'
score = 'float'
home = 'geo'
tags = 'set<text>'
[tables.orders]
customer = 'customer'
time = 'at'
[tables.orders.columns]
customer = 'int'
at = 'datetime'
total = 'decimal(2)'
weight = 'float'
[predict]
table = 'orders'
amount = 'total'
";

/// A condition, and who refuses it.
const REFUSED: &[(&str, &[Dialect])] = &[
    ("sum(orders.weight) > 1", Dialect::ALL),
    ("avg(orders.weight) > 1", Dialect::ALL),
    ("round(score, 1) = 2", Dialect::ALL),
    ("predict.alive > 0.5", Dialect::ALL),
    ("name matches 'a+'", &[Dialect::Sqlite]),
    ("sample 10 percent seed 'x'", &[Dialect::Sqlite]),
    ("home within 5 km of (59.33, 18.06)", &[Dialect::Sqlite]),
    ("name < 'b' ignoring case", &[Dialect::Sqlite, Dialect::Datafusion]),
    ("count(distinct orders.total) > 1", &[]),
    ("name = 'Émile' ignoring case", &[]),
    ("lower(name) = 'émile'", &[]),
    ("tags contains 'a' ignoring case", &[Dialect::Datafusion]),
    (
        "name matches '\\\\bword'",
        &[Dialect::Duckdb, Dialect::Postgres, Dialect::Clickhouse, Dialect::Spark, Dialect::Sqlite],
    ),
    ("name matches '^a.*z$'", &[Dialect::Sqlite]),
    ("name matches '(?m)^a'", &[Dialect::Sqlite]),
];

#[test]
fn refusals_have_the_code_the_segment_and_the_reason() {
    let schema = Schema::from_toml(SCHEMA).unwrap();
    let day: AsOf = "2026-11-01".parse().unwrap();
    for (condition, refusing) in REFUSED {
        let rules = format!("segment fine {{ }}\nsegment asked {{ include {condition} }}");
        let rules = Rules::parse(&schema, &rules).unwrap();
        for dialect in Dialect::ALL {
            let found = lower(&rules, *dialect, day);
            assert_eq!(found.is_err(), refusing.contains(dialect), "{dialect}: {condition}");
            let Err(error) = found else { continue };
            let [found] = error.diagnostics() else { panic!("{error}") };
            assert_eq!(found.code, Code::NotInDialect);
            assert!(found.message.contains(" cannot say `asked`: "), "{}", found.message);
            assert_eq!(found.location.as_ref().unwrap().line, 2);
        }
    }
}

#[test]
fn who_refers_to_what_is_refused_is_refused() {
    let schema = Schema::from_toml(SCHEMA).unwrap();
    let text = "segment heavy { include sum(orders.weight) > 1 }
        segment light { include not in segment heavy }
        segment named { include name is not null }";
    let rules = Rules::parse(&schema, text).unwrap();
    let error = lower(&rules, Dialect::Duckdb, "2026-11-01".parse().unwrap()).unwrap_err();
    let lines: Vec<_> =
        error.diagnostics().iter().map(|found| found.location.as_ref().unwrap().line).collect();
    assert_eq!(lines, [1, 2]);
}
