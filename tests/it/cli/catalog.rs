//! `segmenta catalog`

use std::fs;

use serde_json::{Value, json};

use super::{Folder, Run};

fn catalog(folder: &Folder, more: &[&str]) -> Run {
    folder.run(&[&["catalog"], more].concat())
}

fn parsed(run: &Run) -> Value {
    serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {run:?}"))
}

/// The row of a column.
fn row<'a>(rows: &'a Value, table: &str, column: &str) -> &'a Value {
    let mut rows = rows.as_array().unwrap().iter();
    rows.find(|row| row["table"] == table && row["column"] == column).unwrap()
}

const COLUMNS: [&str; 15] = [
    "table",
    "column",
    "type",
    "nullable",
    "roles",
    "references",
    "missing",
    "distinct",
    "min",
    "max",
    "declared",
    "values",
    "operators",
    "functions",
    "aggregates",
];

#[test]
fn columns_with_what_they_hold() {
    let run = catalog(&Folder::project(), &["--format", "json"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{run:?}");
    let rows = parsed(&run);
    let names: Vec<&str> =
        rows.as_array().unwrap().iter().map(|row| row["column"].as_str().unwrap()).collect();
    assert_eq!(names, ["id", "country", "created_on", "customer", "ordered_at", "total"]);
    let keys: Vec<&str> = rows[0].as_object().unwrap().keys().map(String::as_str).collect();
    let mut wanted = COLUMNS;
    wanted.sort_unstable();
    assert_eq!(keys, wanted);

    let country = row(&rows, "customers", "country");
    assert_eq!((&country["type"], &country["nullable"]), (&json!("text"), &json!(true)));
    assert_eq!((&country["missing"], &country["distinct"]), (&json!(0), &json!(2)));
    let values = json!([
        { "value": "SE", "written": "'SE'", "count": 3 },
        { "value": "NO", "written": "'NO'", "count": 1 },
    ]);
    assert_eq!(country["values"], values);
    assert!(country["operators"].as_array().unwrap().contains(&json!("starts with")));
    assert!(country["functions"].as_array().unwrap().contains(&json!("lower")));
    assert_eq!(country["aggregates"], json!([]));

    let id = row(&rows, "customers", "id");
    assert_eq!((&id["roles"], &id["values"]), (&json!(["key"]), &json!([])));
    let created = row(&rows, "customers", "created_on");
    assert_eq!((&created["min"], &created["max"]), (&json!("2020-01-01"), &json!("2026-06-02")));
    let total = row(&rows, "orders", "total");
    assert_eq!((&total["min"], &total["max"]), (&json!("10.00"), &json!("100.50")));
    assert!(total["aggregates"].as_array().unwrap().contains(&json!("sum")));
    let customer = row(&rows, "orders", "customer");
    assert_eq!(
        (&customer["references"], &customer["roles"]),
        (&json!("customers"), &json!(["customer"]))
    );
}

#[test]
fn tables_for_people_and_for_spreadsheets() {
    let folder = Folder::project();
    let run = catalog(&folder, &[]);
    assert_eq!(run.code, 0, "{run:?}");
    let mut lines = run.out.lines();
    let header: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    assert_eq!(header, COLUMNS);
    let country = lines.nth(1).unwrap();
    assert!(country.starts_with("customers  country     text        yes"), "{country}");
    assert!(country.contains("  SE (3), NO (1)  =, !=, <, <=, "), "{country}");

    let run = catalog(&folder, &["--format", "csv"]);
    let mut lines = run.out.lines();
    assert_eq!(lines.next().unwrap(), COLUMNS.join(","));
    let start = "customers,country,text,true,,,0,2,,,,SE (3); NO (1),=; !=; <; <=; ";
    assert!(lines.nth(1).unwrap().starts_with(start), "{run:?}");
}

#[test]
fn many_values_are_counted_and_not_listed() {
    let folder = Folder::project();
    let country = |more: &[&str]| {
        let rows = parsed(&catalog(&folder, &[&["--format", "json"], more].concat()));
        let row = row(&rows, "customers", "country");
        (row["distinct"].clone(), row["values"].as_array().unwrap().len())
    };
    assert_eq!(country(&["--distinct", "1"]), (json!(2), 0));
    assert_eq!(country(&["--distinct", "2"]), (json!(2), 2));
    assert_eq!(country(&["--top", "1"]), (json!(2), 1));
    // In a table for people, five at the most.
    let customers: String = (0..8).map(|n| format!("k{n},C{n},2020-01-01\n")).collect();
    let folder = folder.with("customers.csv", &format!("id,country,created_on\n{customers}"));
    let folder = folder.with("orders.csv", "customer,ordered_at,total\n");
    let run = catalog(&folder, &[]);
    assert!(run.out.contains("C0 (1), C1 (1), C2 (1), C3 (1), C4 (1), 3 more  "), "{run:?}");
}

#[test]
fn a_schema_is_enough() {
    let folder = Folder::project();
    let run = catalog(&folder, &["--schema-only", "--format", "json"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{run:?}");
    let rows = parsed(&run);
    let country = row(&rows, "customers", "country");
    for name in ["missing", "distinct", "min", "max", "values", "references"] {
        assert_eq!(country[name], Value::Null, "{name}");
    }
    assert_eq!(country["declared"], json!([]));
    let (schema, _) = super::SCHEMA.split_once("[data]").unwrap();
    let alone = Folder::new(&[("segmenta.toml", schema)]);
    let run = catalog(&alone, &["--format", "json"]);
    assert_eq!((run.code, parsed(&run)), (0, rows), "{run:?}");
    assert_eq!(run.err, "no values are counted: the schema file has no `[data]`\n");
    // Data that is promised must be there.
    std::fs::remove_file(folder.path.join("orders.csv")).unwrap();
    assert_eq!(catalog(&folder, &[]).code, 3);
    assert_eq!(catalog(&Folder::new(&[]), &[]).code, 3);
}

#[test]
fn errors_of_the_data_are_told() {
    let folder = Folder::project().with("customers.csv", "id,country,created_on\na,SE,soon\n");
    let folder = folder.with("orders.csv", "customer,ordered_at,total\n");
    let run = catalog(&folder, &[]);
    assert_eq!((run.code, run.out.as_str()), (1, ""), "{run:?}");
    assert!(run.err.contains("E0803"), "{run:?}");
    let run = catalog(&folder, &["tables", "--lenient"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.err.contains("W0804"), "{run:?}");
}

#[test]
fn names_of_used_files_are_listed_too() {
    let folder = Folder::project();
    fs::create_dir(folder.at("lib")).unwrap();
    let folder = folder
        .with("more.seg", "use './lib/common.seg'\nsegment vip { include often }\n")
        .with("lib/common.seg", "let often = count(orders) > 1\nsegment inlib { include often }\n");
    let run = catalog(&folder, &["lets", "--format", "csv"]);
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (0, "let,parameters\noften,\n", ""));
    let run = catalog(&folder, &["segments", "--format", "csv"]);
    assert!(run.out.contains("\nvip,") && run.out.contains("\ninlib,"), "{}", run.out);
}

#[test]
fn the_other_parts_have_tables_of_their_own() {
    let rules = "\
let often(n) = count(orders where ordered_at within last n days) > 1
segment vip \"Very important\" { include often(30) }
static inactive segment old { include contry = 'SE' }
";
    let folder = Folder::project().with("more.seg", rules);
    let part = |part: &str| parsed(&catalog(&folder, &[part, "--format", "json"]));
    let tables = json!([
        { "table": "customers", "kind": "customers", "of": null, "rows": 4,
          "columns": ["id", "country", "created_on"], "aggregates": [] },
        { "table": "orders", "kind": "rows", "of": "customers", "rows": 3,
          "columns": ["customer", "ordered_at", "total"],
          "aggregates": ["count", "exists", "average_gap"] },
    ]);
    assert_eq!(part("tables"), tables);
    assert_eq!(part("lets"), json!([{ "let": "often", "parameters": ["n"] }]));
    let run = catalog(&folder, &["segments"]);
    let lines = [
        "segment  title             kind     status",
        "vip      Very important    dynamic  active",
        "old                        static   inactive",
        "swedes                     dynamic  active",
        "buyers   Bought something  static   active",
    ];
    assert_eq!((run.code, run.out), (0, format!("{}\n", lines.join("\n"))));
    assert!(run.err.contains("the rules have errors, which `segmenta check` shows"), "{}", run.err);
    let between = json!({
        "operator": "between", "syntax": "VALUE between OTHER and OTHER",
        "takes": ["number", "text", "date", "datetime"], "customers_only": false,
    });
    assert!(part("operators").as_array().unwrap().contains(&between));
    let ago = json!({ "form": "NUMBER days ago", "gives": "date" });
    assert!(part("forms").as_array().unwrap().contains(&ago));
    let round = json!({
        "function": "round", "syntax": "round(VALUE, DIGITS)", "takes": ["number"],
        "result": "number", "customers_only": false,
    });
    assert!(part("functions").as_array().unwrap().contains(&round));
    let words = part("words");
    assert!(words.as_array().unwrap().contains(&json!({ "word": "between", "kind": "reserved" })));
    assert_eq!(catalog(&folder, &["zebra"]).code, 2);
}

#[test]
fn everything_is_one_document() {
    let folder = Folder::project();
    let all = parsed(&catalog(&folder, &["all", "--format", "json"]));
    assert_eq!(all["tables"][0]["columns"][1]["contents"]["values"][0]["count"], 3);
    assert_eq!(all["segments"][0]["name"], "swedes");
    assert_eq!(all["language"]["functions"][0]["name"], "age");
    let run = catalog(&folder, &["all"]);
    assert_eq!((run.code, run.out.as_str()), (2, ""), "{run:?}");
    assert!(run.err.contains("add `--format json`"), "{run:?}");
}
