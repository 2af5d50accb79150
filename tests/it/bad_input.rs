//! Rules, schemas and data that are wrong: always an error with its place, never a panic, nothing dropped in silence.

use segmenta::{Code, Diagnostic, Limits, Rules, Schema, Snapshot};

const SCHEMA: &str = r#"
timezone = "Europe/Stockholm"
[customers]
key = "id"
created = "created_at"
[customers.columns]
id = "int"
name = { type = "text", values = ["Ada", "Bo", "it's \"so\", yes"] }
points = "int"
balance = "decimal(2)"
born = "date"
created_at = "datetime"
score = "float"
vip = "bool"
tags = "set<text>"
store = "ref<stores>"
[tables.orders]
key = "order_id"
customer = "customer_id"
time = "at"
[tables.orders.columns]
order_id = "int"
customer_id = "int"
at = "datetime"
total = { type = "decimal(2)", required = true }
[tables.items]
parent = "orders"
parent_key = "order_id"
[tables.items.columns]
order_id = "int"
product = "text"
[lookups.stores]
key = "id"
[lookups.stores.columns]
id = "text"
region = "text"
"#;

/// Every form of the language, whether it is evaluated already or not.
const EVERYTHING: &str = r##"
use 'segmenta/behaviour'
# A comment, with ümläuts and a "quote"
let paid_total = sum(orders.total where total > 0.5)
let bought(n, least) = count(orders where at within last n days) >= least and -points + 2 * (points - 1) / 3 < 1_000.25
static inactive segment odd "A \"title\" with \u{e9}" {
  description: 'what it is'
  labels: ('a', "b")
  analytics: true
  include all of (paid_total >= 500, bought(30, 2), any of (name = 'Ada' ignoring case, vip,),)
  include at least 2 of (name in ('Bo', "x"), points not between 1 and 5, tags contains any of ('a', 'b'))
  exclude none of (born between 12-02 and 01-03, created_at >= 2026-11-01T16:00:00+02:00, born = -3m)
  exclude not (name is null or tags is not empty) and store.region starts with 'n'
  pin in (1, -2)
  pin out (3)
}
dynamic segment second { include in segment odd and `name` = 'x' and age(born) > 18 and coalesce(points, 0) != round(balance, 1) }
segment third {
  include top 10 percent by paid_total
  include quantile(points, 4) = 4 and name matches '^A' and sample 5 percent seed 'x'
  include rfm.score = '545' and predict.orders(90 days) > 1.5 or average_gap(orders) < 10
  exclude store within 25 km of (59.33, -18.06)
  exclude count(distinct items.product where parent.total > 5 and customer.points = 1) > 3 hours ago
}
partition tier { gold when points > 10, silver when in segment third, rest otherwise }
"##;

fn schema() -> Schema {
    Schema::from_toml(SCHEMA).unwrap()
}

fn findings(bytes: &[u8]) -> Vec<Diagnostic> {
    Rules::builder(&schema()).bytes("rules.seg", bytes).check()
}

fn first(bytes: &[u8]) -> Diagnostic {
    findings(bytes).into_iter().next().expect("an error")
}

#[test]
fn rule_files_that_are_no_rules() {
    for (what, bytes, code) in [
        ("empty", &b""[..], Code::NothingHere),
        ("blank", b" \n\t\r\n", Code::NothingHere),
        ("binary", b"\x7fELF\x02\x01\x01\0\0\0\xff\xfe\x80", Code::NotText),
        ("not UTF-8", b"segment a { include name = 'Malm\xf6' }", Code::NotText),
        ("zeros", b"\0\0\0\0", Code::NotText),
        ("UTF-16", b"\xff\xfes\0e\0g\0", Code::NotText),
    ] {
        let found = first(bytes);
        assert_eq!(found.code, code, "{what}: {found}");
        let place = found.location.expect(what);
        assert_eq!(place.file, "rules.seg", "{what}");
        assert!(place.line >= 1 && place.column >= 1, "{what}");
    }
    // The place of the first byte that is not UTF-8.
    let place = first(b"segment a {\n  include name = 'Malm\xf6' }").location.unwrap();
    assert_eq!((place.line, place.column), (2, 23));
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_read() {
    let text = "\u{feff}segment a {\r\n  include points > 5\r\n}\r\n";
    assert_eq!(findings(text.as_bytes()), []);
    let found = first("\u{feff}segment a {\r\n  include pionts > 5\r\n}\r\n".as_bytes());
    let place = found.location.unwrap();
    assert_eq!((found.code, place.line, place.column), (Code::UnknownColumn, 2, 11));
}

#[test]
fn a_huge_file_is_refused_before_it_is_read() {
    let huge = vec![b' '; (16 << 20) + 1];
    let found = findings(&huge);
    assert_eq!(found.iter().map(|f| f.code).collect::<Vec<_>>(), [Code::FileTooLarge]);
    let long = format!("name = '{}'", "x".repeat(256 << 10));
    let found = Rules::builder(&schema()).condition("rule", long).check();
    assert_eq!(found.iter().map(|f| f.code).collect::<Vec<_>>(), [Code::ConditionTooLong]);
    // Beyond another limit the same file is read.
    let mut limits = Limits::default();
    limits.file_bytes = 32 << 20;
    let found = Rules::builder(&schema()).limits(limits).bytes("rules.seg", &huge).check();
    assert_eq!(found.iter().map(|f| f.code).collect::<Vec<_>>(), [Code::NothingHere]);
}

#[test]
fn nesting_of_any_depth_is_an_error_and_no_overflow() {
    let deep = 100_000;
    let wraps: [(&str, &str, &str); 11] = [
        ("(", "vip", ")"),
        ("not ", "vip", ""),
        ("not (", "vip", ")"),
        ("- ", "points > 5", ""),
        ("-(", "points", ") > 5"),
        ("all of (", "vip", ")"),
        ("at least 1 of (vip, ", "vip", ")"),
        ("abs(", "points", ")"),
        ("coalesce(1, ", "points", ")"),
        ("exists(orders where ", "total > 1", ")"),
        ("(", "", ""),
    ];
    for (open, middle, close) in wraps {
        let rule = format!("{}{middle}{}", open.repeat(deep), close.repeat(deep));
        let rules = format!("segment a {{ include {rule} }}");
        let mut limits = Limits::default();
        limits.condition_bytes = usize::MAX;
        let found =
            Rules::builder(&schema()).limits(limits.clone()).file("rules.seg", &rules).check();
        assert!(found.iter().any(|f| f.code == Code::NestedTooDeep), "{open}: {:?}", found.first());
        assert!(found.len() < 100, "{open}: {} findings", found.len());
        let found = Rules::builder(&schema()).limits(limits).condition("rule", rule).check();
        assert!(found.iter().any(|f| f.code == Code::NestedTooDeep), "{open}: {:?}", found.first());
        assert!(segmenta::format("rules.seg", &rules).is_err(), "{open}");
    }
    assert!(!findings("{".repeat(deep).as_bytes()).is_empty());
    assert!(!findings("segment a { ".repeat(deep).as_bytes()).is_empty());
}

#[test]
fn nesting_up_to_the_greatest_limit_works() {
    let mut limits = Limits::default();
    limits.nesting = usize::MAX;
    for (open, close, times) in
        [("(", ")", 990), ("not ", "", 990), ("all of (", ")", 990), ("not (", ")", 490)]
    {
        let rule = format!("{}vip{}", open.repeat(times), close.repeat(times));
        let rules =
            Rules::builder(&schema()).limits(limits.clone()).condition("rule", &rule).build();
        let rules = rules.unwrap_or_else(|e| panic!("{open}: {e}"));
        let text = "id,name,points,balance,born,created_at,score,vip,tags,store\n1,,,,,,,true,,\n";
        let mut builder = Snapshot::builder(&schema());
        builder.csv_reader("customers", "c.csv", text.as_bytes()).unwrap();
        let engine = segmenta::Engine::new(rules, builder.build().unwrap()).unwrap();
        let as_of: segmenta::AsOf = "2026-11-01".parse().unwrap();
        assert_eq!(engine.evaluate(as_of).unwrap().members("rule").unwrap().len(), 1, "{open}");
        assert_eq!(
            engine.evaluate_reference(as_of).unwrap().members("rule").unwrap().len(),
            1,
            "{open}"
        );
    }
    // Beyond 1,000 no limit is raised.
    let rule = format!("{}vip{}", "(".repeat(1_001), ")".repeat(1_001));
    let found = Rules::builder(&schema()).limits(limits).condition("rule", rule).check();
    assert_eq!(found[0].code, Code::NestedTooDeep);
}

#[test]
fn long_chains_are_not_deep() {
    for word in ["or points = ", "and points != "] {
        let each = |number: i32| format!(" {word}{number}");
        let rule = format!("points > 5_000{}", (0..5_000).map(each).collect::<String>());
        assert_eq!(Rules::builder(&schema()).condition("rule", rule).check(), []);
    }
    let rule = format!("points{} > 5", " + 1".repeat(10_000));
    assert_eq!(Rules::builder(&schema()).condition("rule", rule).check(), []);
}

#[test]
fn a_file_cut_anywhere_never_panics() {
    let schema = schema();
    let text = EVERYTHING.as_bytes();
    segmenta::format("rules.seg", EVERYTHING).unwrap();
    for cut in 0..text.len() {
        for part in [&text[..cut], &text[cut..]] {
            let found = Rules::builder(&schema).bytes("rules.seg", part).check();
            for finding in found {
                let place = finding.location.as_ref().expect("a place");
                assert!(place.line >= 1 && place.column >= 1, "{finding}");
                assert!(
                    (place.line, place.column) <= (place.end_line, place.end_column),
                    "{finding}"
                );
                assert!(!finding.to_string().is_empty());
            }
            if let Ok(part) = std::str::from_utf8(part)
                && let Ok(once) = segmenta::format("rules.seg", part)
            {
                assert_eq!(segmenta::format("rules.seg", &once).unwrap(), once);
            }
        }
    }
}

#[test]
fn a_file_with_a_byte_changed_never_panics() {
    let schema = schema();
    for (at, _) in EVERYTHING.char_indices() {
        for with in
            ["", "(", ")", "'", "\"", "`", "#", "=", "-", ",", "0", "{", "}", "\n", "é", "\\"]
        {
            let mut text = EVERYTHING.as_bytes().to_vec();
            text.splice(at..=at, with.bytes());
            if at % 7 == with.len() % 7 {
                for finding in Rules::builder(&schema).bytes("rules.seg", &text).check() {
                    assert!(!finding.to_string().is_empty());
                }
            }
        }
    }
}

/// What is wrong, table, its text, the code, and the line and column of the first error.
type BadData = (&'static str, &'static str, &'static str, Code, Option<(usize, usize)>);

const DATA: &[BadData] = &[
    (
        "a missing column",
        "orders",
        "order_id,customer_id,at\n",
        Code::MissingDataColumn,
        Some((1, 1)),
    ),
    (
        "too few fields",
        "orders",
        "order_id,customer_id,at,total\n1,1,,5\n2,1\n",
        Code::WrongFieldCount,
        Some((3, 4)),
    ),
    (
        "too many fields",
        "orders",
        "order_id,customer_id,at,total\n1,1,,5,6\n",
        Code::WrongFieldCount,
        Some((2, 8)),
    ),
    (
        "a bad number",
        "orders",
        "order_id,customer_id,at,total\n1,1,,five\n",
        Code::BadField,
        Some((2, 6)),
    ),
    (
        "a number with a blank",
        "orders",
        "order_id,customer_id,at,total\n1,1,,5 0\n",
        Code::BadField,
        Some((2, 6)),
    ),
    (
        "a whole number with a point",
        "orders",
        "order_id,customer_id,at,total\n1.5,1,,5\n",
        Code::BadField,
        Some((2, 1)),
    ),
    (
        "an overflowing number",
        "orders",
        "order_id,customer_id,at,total\n99999999999999999999,1,,5\n",
        Code::NumberOverflow,
        Some((2, 1)),
    ),
    (
        "an overflowing decimal",
        "orders",
        "order_id,customer_id,at,total\n1,1,,92233720368547758.08\n",
        Code::NumberOverflow,
        Some((2, 6)),
    ),
    (
        "a decimal with too many digits",
        "orders",
        "order_id,customer_id,at,total\n1,1,,5.125\n",
        Code::BadField,
        Some((2, 6)),
    ),
    (
        "a date that does not exist",
        "orders",
        "order_id,customer_id,at,total\n1,1,2026-02-30T10:00:00,5\n",
        Code::NoSuchDateInData,
        Some((2, 5)),
    ),
    (
        "a time that does not exist",
        "orders",
        "order_id,customer_id,at,total\n1,1,2026-02-03T24:30:00,5\n",
        Code::NoSuchDateInData,
        Some((2, 5)),
    ),
    (
        "no date at all",
        "orders",
        "order_id,customer_id,at,total\n1,1,soon,5\n",
        Code::BadField,
        Some((2, 5)),
    ),
    (
        "a duplicate key",
        "orders",
        "order_id,customer_id,at,total\n1,1,,5\n1,1,,6\n",
        Code::DuplicateKey,
        Some((3, 1)),
    ),
    (
        "an empty key",
        "orders",
        "order_id,customer_id,at,total\n,1,,5\n",
        Code::MissingField,
        Some((2, 1)),
    ),
    (
        "an empty required field",
        "orders",
        "order_id,customer_id,at,total\n1,1,,\n",
        Code::MissingField,
        Some((2, 6)),
    ),
    (
        "an orphan",
        "orders",
        "order_id,customer_id,at,total\n1,7,,5\n",
        Code::OrphanRow,
        Some((2, 3)),
    ),
    ("an orphan of a parent", "items", "order_id,product\n9,x\n", Code::OrphanRow, Some((2, 1))),
    ("an open quote", "items", "order_id,product\n1,\"x\n", Code::UnclosedQuote, Some((2, 3))),
    ("an empty file", "items", "", Code::EmptyDataFile, None),
    (
        "a header that names a column twice",
        "items",
        "order_id,product,product\n",
        Code::DuplicateHeader,
        Some((1, 18)),
    ),
    (
        "a bad truth",
        "customers",
        "id,name,points,balance,born,created_at,score,vip,tags,store\n2,,,,,,,yes,,\n",
        Code::BadField,
        Some((2, 9)),
    ),
    (
        "not a number",
        "customers",
        "id,name,points,balance,born,created_at,score,vip,tags,store\n2,,,,,,NaN,,,\n",
        Code::BadField,
        Some((2, 8)),
    ),
    (
        "infinity",
        "customers",
        "id,name,points,balance,born,created_at,score,vip,tags,store\n2,,,,,,inf,,,\n",
        Code::BadField,
        Some((2, 8)),
    ),
];

const CUSTOMERS: &str = "id,name,points,balance,born,created_at,score,vip,tags,store\n1,,,,,,,,,\n";

#[test]
fn wrong_data_is_refused_with_its_place() {
    let mut wrong = Vec::new();
    for (what, table, text, code, place) in DATA {
        for text in [(*text).to_owned(), text.replace('\n', "\r\n"), format!("\u{feff}{text}")] {
            let found = match load(&[(table, &text)], false) {
                Ok(_) => panic!("{what}: loaded"),
                Err(error) => error.diagnostics().to_vec(),
            };
            let found = found
                .iter()
                .find(|f| f.code == *code)
                .unwrap_or_else(|| panic!("{what}: {found:?}"));
            let at = found.location.as_ref().unwrap_or_else(|| panic!("{what}: no place"));
            assert_eq!(at.file, format!("{table}.csv"), "{what}");
            if place.is_some_and(|place| place != (at.line, at.column)) {
                wrong.push(format!("{what}: {found}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_lenient_load_counts_and_reports_what_it_leaves_out() {
    let text =
        "order_id,customer_id,at,total\n1,1,,5\n2,1,,five\n3,7,,5\n4,1,,\n1,1,,5\n5,1,,7\n6,1\n";
    let snapshot = load(&[("orders", text)], true).unwrap();
    assert_eq!(snapshot.rows("orders"), Some(2));
    assert_eq!(snapshot.report().rejected("orders"), 5);
    let warnings = snapshot.report().warnings();
    assert!(warnings.iter().any(|w| w.code == Code::RejectedRows), "{warnings:?}");
}

#[test]
fn byte_order_marks_line_ends_and_quotes_are_read_right() {
    let text = "\u{feff}id,name,points,balance,born,created_at,score,vip,tags,store\r\n1,\"it's \"\"so\"\", yes\",5,,,,,,\"a;b\",\r\n2,\"Ada\",\"6\",,,,,,,\r\n";
    let schema = schema();
    let rules = "segment a { include name = 'it\\'s \"so\", yes' and tags contains 'b' }\nsegment b { include points = 6 }";
    let mut builder = Snapshot::builder(&schema);
    builder.csv_reader("customers", "c.csv", text.as_bytes()).unwrap();
    let snapshot = builder.build().unwrap();
    let mut engine =
        segmenta::Engine::new(Rules::parse(&schema, rules).unwrap(), snapshot).unwrap();
    engine.refresh("2026-11-01".parse::<segmenta::AsOf>().unwrap()).unwrap();
    assert_eq!(engine.keys("a").unwrap(), [segmenta::Key::Int(1)]);
    assert_eq!(engine.keys("b").unwrap(), [segmenta::Key::Int(2)]);
}

#[test]
fn data_cut_anywhere_never_panics() {
    let text =
        "\u{feff}order_id,customer_id,at,total\r\n1,1,2026-10-25T02:30:00Z,\"5.00\"\r\n2,1,,-7\r\n";
    for cut in 0..text.len() {
        let schema = schema();
        let mut builder = Snapshot::builder(&schema);
        builder.csv_reader("customers", "customers.csv", CUSTOMERS.as_bytes()).unwrap();
        let read = builder.csv_reader("orders", "orders.csv", &text.as_bytes()[..cut]);
        if let Err(error) = read.and_then(|()| builder.build()) {
            assert!(!error.to_string().is_empty());
        }
    }
}

fn load(tables: &[(&str, &str)], lenient: bool) -> segmenta::Result<Snapshot> {
    let schema = schema();
    let mut builder = Snapshot::builder(&schema).lenient(lenient);
    if !tables.iter().any(|(table, _)| *table == "customers") {
        builder.csv_reader("customers", "customers.csv", CUSTOMERS.as_bytes())?;
    }
    if tables.iter().any(|(table, _)| *table == "items") {
        let orders = "order_id,customer_id,at,total\n1,1,,5\n";
        builder.csv_reader("orders", "orders.csv", orders.as_bytes())?;
    }
    for (table, text) in tables {
        builder.csv_reader(table, &format!("{table}.csv"), text.as_bytes())?;
    }
    builder.build()
}
