//! The real data of an online shop: known counts, and rules against SQL written by hand, run by SQLite on the same
//! files.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::PathBuf,
};

use flate2::read::GzDecoder;
use rusqlite::{Connection, params};
use segmenta::{AsOf, Engine, Key, Rules, Schema, Snapshot};

const SCHEMA: &str = r#"
timezone = "Europe/London"

[customers]
key = "id"
[customers.columns]
id = "int"
country = "text"

[tables.orders]
key = "order_id"
customer = "customer"
time = "ordered_at"
[tables.orders.columns]
order_id = "text"
customer = "int"
ordered_at = "datetime"
status = "text"
total = "decimal(3)"

[tables.items]
parent = "orders"
parent_key = "order_id"
[tables.items.columns]
order_id = "text"
product = "text"
quantity = "int"
unit_price = "decimal(3)"
"#;

/// A rule; and, with `c` for the customer, what it says in SQL. Money is in thousandths there, and no row lies after
/// the day of the evaluation unless the SQL says so. The day is 9 December 2011.
const PAIRS: &[(&str, &str)] = &[
    (
        "exists(orders where status = 'completed') and sum(orders.total) > 0",
        "EXISTS (SELECT 1 FROM orders o WHERE o.customer = c.id AND o.status = 'completed')
         AND (SELECT sum(total) FROM orders o WHERE o.customer = c.id) > 0",
    ),
    (
        "sum(orders.total where status = 'completed') > 0",
        "(SELECT sum(total) FROM orders o WHERE o.customer = c.id AND o.status = 'completed') > 0",
    ),
    ("country = 'Germany'", "c.country = 'Germany'"),
    ("country not in ('United Kingdom', 'France')", "c.country NOT IN ('United Kingdom', 'France')"),
    ("country starts with 'S' and country < 'Sp'", "substr(c.country, 1, 1) = 'S' AND c.country < 'Sp'"),
    ("count(orders) >= 10", "(SELECT count(*) FROM orders o WHERE o.customer = c.id) >= 10"),
    (
        "not exists(orders where status = 'cancelled')",
        "c.id NOT IN (SELECT customer FROM orders WHERE status = 'cancelled')",
    ),
    (
        "sum(orders.total where status = 'completed') between 1000 and 5000.50",
        "(SELECT coalesce(sum(total), 0) FROM orders o WHERE o.customer = c.id AND status = 'completed')
         BETWEEN 1000000 AND 5000500",
    ),
    ("avg(orders.total) < 0", "(SELECT avg(total) FROM orders o WHERE o.customer = c.id) < 0"),
    (
        "last(orders.ordered_at) < 3 months ago",
        "(SELECT max(ordered_at) FROM orders o WHERE o.customer = c.id) < '2011-09-09'",
    ),
    (
        "first(orders.ordered_at) = 2010-12-01",
        "(SELECT substr(min(ordered_at), 1, 10) FROM orders o WHERE o.customer = c.id) = '2010-12-01'",
    ),
    (
        "exists(items where product = '85123A' and parent.status = 'completed')",
        "c.id IN (SELECT o.customer FROM items i JOIN orders o USING (order_id)
                  WHERE i.product = '85123A' AND o.status = 'completed')",
    ),
    (
        "sum(items.quantity where parent.status = 'completed') > 1000",
        "(SELECT sum(quantity) FROM items i JOIN orders o USING (order_id)
          WHERE o.customer = c.id AND o.status = 'completed') > 1000",
    ),
    (
        "count(distinct items.product) >= 100",
        "(SELECT count(DISTINCT product) FROM items i JOIN orders o USING (order_id) WHERE o.customer = c.id) >= 100",
    ),
    (
        "max(items.unit_price) > 100 or exists(items where unit_price = 0)",
        "(SELECT max(unit_price) FROM items i JOIN orders o USING (order_id) WHERE o.customer = c.id) > 100000
         OR EXISTS (SELECT 1 FROM items i JOIN orders o USING (order_id) WHERE o.customer = c.id AND unit_price = 0)",
    ),
    (
        "exists(orders where ordered_at between 12-24 and 01-05)",
        "EXISTS (SELECT 1 FROM orders o WHERE o.customer = c.id
                 AND (substr(ordered_at, 6, 5) >= '12-24' OR substr(ordered_at, 6, 5) <= '01-05'))",
    ),
    (
        "count(orders where ordered_at within last 30 days) in (2, 3)",
        "(SELECT count(*) FROM orders o WHERE o.customer = c.id
          AND ordered_at >= '2011-11-09' AND ordered_at < '2011-12-10') IN (2, 3)",
    ),
    (
        "last(orders.status) = 'cancelled'",
        "(SELECT status FROM orders o WHERE o.customer = c.id ORDER BY ordered_at DESC, rowid DESC LIMIT 1)
         = 'cancelled'",
    ),
    (
        "first(orders.total) >= 500",
        "(SELECT total FROM orders o WHERE o.customer = c.id ORDER BY ordered_at, rowid LIMIT 1) >= 500000",
    ),
    (
        "count(orders where weekday(ordered_at) = 7 and hour(ordered_at) < 11) > 1",
        "(SELECT count(*) FROM orders o WHERE o.customer = c.id AND strftime('%w', ordered_at) = '0'
          AND CAST(substr(ordered_at, 12, 2) AS INTEGER) < 11) > 1",
    ),
    (
        "at least 2 of (count(orders) > 5, country = 'Spain', exists(orders where total > 2000))",
        "((SELECT count(*) FROM orders o WHERE o.customer = c.id) > 5) + (c.country = 'Spain')
         + EXISTS (SELECT 1 FROM orders o WHERE o.customer = c.id AND total > 2000000) >= 2",
    ),
    (
        "min(orders.total where status = 'completed') is null",
        "(SELECT min(total) FROM orders o WHERE o.customer = c.id AND status = 'completed') IS NULL",
    ),
];

#[test]
fn the_known_counts_are_there_and_rules_agree_with_sql() {
    let schema = Schema::from_toml(SCHEMA).unwrap();
    let snapshot = snapshot(&schema);
    assert_eq!(snapshot.customers(), 4_372);
    assert_eq!(snapshot.rows("orders"), Some(22_190));
    assert_eq!(snapshot.rows("items"), Some(406_829));

    let rules: String = PAIRS
        .iter()
        .enumerate()
        .map(|(n, (rule, _))| format!("segment s{n} {{ include {rule} }}\n"))
        .collect();
    let engine = Engine::new(Rules::parse(&schema, &rules).unwrap(), snapshot).unwrap();
    let as_of: AsOf = "2011-12-09".parse().unwrap();
    let exec = engine.evaluate(as_of).unwrap();
    let oracle = engine.evaluate_reference(as_of).unwrap();
    let sqlite = sqlite();
    for (n, (rule, sql)) in PAIRS.iter().enumerate() {
        let name = format!("s{n}");
        let members = exec.members(&name).unwrap();
        assert_eq!(members, oracle.members(&name).unwrap(), "{rule}: exec and oracle");
        let expected = keys(&sqlite, sql);
        assert!(
            !expected.is_empty() && expected.len() < 4_372,
            "{rule}: {} customers say little",
            expected.len()
        );
        assert_eq!(exec.keys(&name).unwrap(), expected, "{rule}");
    }
    // Customers with a completed order whose orders, cancellations among them, come to more than nothing.
    assert_eq!(exec.members("s0").unwrap().len(), 4_317);
    // Those whose completed orders do: all 4,339 who have one, but the one whose only order was free.
    assert_eq!(exec.members("s1").unwrap().len(), 4_338);
}

#[test]
fn a_past_day_knows_nothing_of_later_orders() {
    let schema = Schema::from_toml(SCHEMA).unwrap();
    let rules = "segment s { include count(orders) >= 3 or sum(items.quantity) > 2000 }";
    let engine = Engine::new(Rules::parse(&schema, rules).unwrap(), snapshot(&schema)).unwrap();
    let members = engine.evaluate("2011-03-01".parse::<AsOf>().unwrap()).unwrap();
    let sql =
        "(SELECT count(*) FROM orders o WHERE o.customer = c.id AND ordered_at < '2011-03-02') >= 3
        OR (SELECT sum(quantity) FROM items i JOIN orders o USING (order_id)
            WHERE o.customer = c.id AND ordered_at < '2011-03-02') > 2000";
    assert_eq!(members.keys("s").unwrap(), keys(&sqlite(), sql));
}

fn path(table: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join(format!("tests/data/online_retail/{table}.csv.gz"))
}

fn snapshot(schema: &Schema) -> Snapshot {
    let mut builder = Snapshot::builder(schema);
    for table in ["customers", "orders", "items"] {
        builder.csv_file(table, path(table)).unwrap();
    }
    builder.build().unwrap()
}

fn sqlite() -> Connection {
    let mut db = Connection::open_in_memory().unwrap();
    db.execute_batch(
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, country TEXT);
         CREATE TABLE orders (order_id TEXT, customer INTEGER, ordered_at TEXT, status TEXT, total INTEGER);
         CREATE TABLE items (order_id TEXT, product TEXT, quantity INTEGER, unit_price INTEGER);",
    )
    .unwrap();
    let load = db.transaction().unwrap();
    for row in read("customers") {
        load.execute("INSERT INTO customers VALUES (?1, ?2)", params![row[0], row[1]]).unwrap();
    }
    {
        let mut insert = load.prepare("INSERT INTO orders VALUES (?1, ?2, ?3, ?4, ?5)").unwrap();
        for row in read("orders") {
            insert.execute(params![row[0], row[1], row[2], row[3], thousandths(&row[4])]).unwrap();
        }
        let mut insert = load.prepare("INSERT INTO items VALUES (?1, ?2, ?3, ?4)").unwrap();
        for row in read("items") {
            insert.execute(params![row[0], row[1], row[2], thousandths(&row[3])]).unwrap();
        }
    }
    load.commit().unwrap();
    db.execute_batch("CREATE INDEX o ON orders (customer); CREATE INDEX oo ON orders (order_id); CREATE INDEX i ON items (order_id);")
        .unwrap();
    db
}

/// These files have no quotes.
fn read(table: &str) -> impl Iterator<Item = Vec<String>> {
    let file = BufReader::new(GzDecoder::new(File::open(path(table)).unwrap()));
    file.lines().skip(1).map(|line| line.unwrap().split(',').map(str::to_owned).collect())
}

/// `10.5` is 10,500 thousandths.
fn thousandths(text: &str) -> i64 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits: i64 = format!("{}{part:0<3}", whole.trim_start_matches('-')).parse().unwrap();
    if text.starts_with('-') { -digits } else { digits }
}

fn keys(db: &Connection, sql: &str) -> Vec<Key> {
    let mut query =
        db.prepare(&format!("SELECT c.id FROM customers c WHERE {sql} ORDER BY c.id")).unwrap();
    query
        .query_map([], |row| row.get::<_, i64>(0))
        .unwrap()
        .map(|key| Key::Int(key.unwrap()))
        .collect()
}
