//! More customers than a chunk holds: every rule against a loop over the same numbers.

use std::fmt::Write as _;

use roaring::RoaringBitmap;
use segmenta::{AsOf, Engine, Rules, Schema, Snapshot};

const CHUNK: u32 = 1 << 16;
const CUSTOMERS: u32 = 2 * CHUNK + 3;

const SCHEMA: &str = r#"
timezone = "UTC"
[customers]
key = "id"
created = "since"
[customers.columns]
id = "int"
n = "int"
group = "text"
since = "date"
[tables.orders]
key = "order_id"
customer = "customer"
time = "at"
[tables.orders.columns]
order_id = "int"
customer = "int"
at = "date"
total = "decimal(2)"
[tables.items]
parent = "orders"
parent_key = "order_id"
[tables.items.columns]
order_id = "int"
quantity = "int"
"#;

/// Missing for every fifth.
fn n(row: u32) -> Option<u32> {
    (!row.is_multiple_of(5)).then_some(row % 7)
}

/// Not there yet at the day of the evaluation: every 1,001st, and the first of the last chunk.
fn exists(row: u32) -> bool {
    row % 1_001 != 1_000 && row != 2 * CHUNK
}

/// At the edges of chunks three; every 97th has one or two.
fn orders(row: u32) -> u32 {
    match row % CHUNK {
        0 | 1 | 65_535 => 3,
        _ if row.is_multiple_of(97) => 1 + row % 2,
        _ => 0,
    }
}

#[test]
fn chunks_have_no_edges() {
    let mut customers = String::from("id,n,group,since\n");
    let (mut rows, mut items) =
        (String::from("order_id,customer,at,total\n"), String::from("order_id,quantity\n"));
    let mut order = 0;
    for row in 0..CUSTOMERS {
        let n = n(row).map(|n| n.to_string()).unwrap_or_default();
        let since = if exists(row) { "2020-01-01" } else { "2030-01-01" };
        writeln!(customers, "{row},{n},g{},{since}", row % 3).unwrap();
        for place in 0..orders(row) {
            order += 1;
            writeln!(rows, "{order},{row},2026-01-0{},{}.50", place + 1, 10 * (place + 1)).unwrap();
            writeln!(items, "{order},{}", row % 4).unwrap();
        }
    }
    let schema = Schema::from_toml(SCHEMA).unwrap();
    let mut builder = Snapshot::builder(&schema);
    for (table, text) in [("customers", &customers), ("orders", &rows), ("items", &items)] {
        builder.csv_reader(table, table, text.as_bytes()).unwrap();
    }
    type Meets = fn(u32) -> bool;
    // Totals are 10.50, 20.50, 30.50: together 10.50, 31.00, 61.50.
    let pairs: [(&str, Meets); 17] = [
        ("true", |_| true),
        ("n > 3", |row| n(row).is_some_and(|n| n > 3)),
        ("n != 3", |row| n(row) != Some(3)),
        ("n is null", |row| n(row).is_none()),
        ("group = 'g1' or n = 0", |row| row % 3 == 1 || n(row) == Some(0)),
        ("not group in ('g0', 'g2') and n <= 5", |row| {
            row % 3 == 1 && n(row).is_some_and(|n| n <= 5)
        }),
        ("exists(orders)", |row| orders(row) > 0),
        ("count(orders) = 3", |row| orders(row) == 3),
        ("sum(orders.total) between 31 and 61", |row| orders(row) == 2),
        ("last(orders.total) > 20 and first(orders.at) = 2026-01-01", |row| orders(row) >= 2),
        ("sum(items.quantity where parent.total < 30) >= 4", |row| {
            orders(row).min(2) * (row % 4) >= 4
        }),
        // Seven of those who exist have three orders.
        ("top 7 by count(orders)", |row| orders(row) == 3),
        ("top 8 by count(orders)", |row| orders(row) >= 2),
        // Of 104,755 who have n, 14,980 have 0: 14.30003 percent.
        ("bottom 14.3 percent by n", |row| n(row) == Some(0)),
        ("bottom 14.301 percent by n", |row| n(row).is_some_and(|n| n < 2)),
        // Of 130,944 customers, 43,648 have a smaller number than 43,691, and twice as many than 87,383.
        ("quantile(id, 3) = 2", |row| (43_691..87_383).contains(&row)),
        ("id >= 65535 and id <= 65536 or id > 131070", |row| {
            row == 65_535 || row == 65_536 || row > 131_070
        }),
    ];
    let rules: String = (0..)
        .zip(&pairs)
        .map(|(at, (rule, _)): (u32, _)| format!("segment s{at} {{ include {rule} }}\n"))
        .collect();
    let engine =
        Engine::new(Rules::parse(&schema, &rules).unwrap(), builder.build().unwrap()).unwrap();
    let as_of: AsOf = "2026-11-01".parse().unwrap();
    let exec = engine.evaluate(as_of).unwrap();
    let oracle = engine.evaluate_reference(as_of).unwrap();
    for (at, (rule, meets)) in (0..).zip(pairs) {
        let at: u32 = at;
        let name = format!("s{at}");
        let expected: RoaringBitmap =
            (0..CUSTOMERS).filter(|row| exists(*row) && meets(*row)).collect();
        assert_eq!(exec.members(&name).unwrap(), &expected, "{rule}");
        assert_eq!(oracle.members(&name).unwrap(), &expected, "{rule}: oracle");
        assert!(!expected.is_empty());
    }
}
