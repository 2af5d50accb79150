//! The shape of a snapshot: narrow forms, links, rows that stay.

use chrono::{DateTime, NaiveDate};

use super::{Codes, Offsets, Snapshot, SnapshotBuilder, Values};
use crate::{
    schema::{ColumnId, Schema, TableId},
    value::{Decimal, Key, Value},
};

pub(crate) const SHOP: &str = r#"
timezone = "Europe/Stockholm"
[customers]
key = "id"
[customers.columns]
id = "text"
active = "bool"
points = "int"
balance = "decimal(2)"
weight = "float"
country = { type = "text", values = ["SE", "NO"] }
birthday = "date"
seen_at = "datetime"
tags = "set<text>"
sizes = "set<int>"
home = "geo"
store = "ref<stores>"
[tables.orders]
key = "number"
customer = "customer_id"
time = "day"
[tables.orders.columns]
number = "text"
customer_id = "text"
day = "date"
total = "int"
[tables.items]
parent = "orders"
parent_key = "order"
[tables.items.columns]
order = "text"
product = "ref<products>"
quantity = { type = "int", required = true }
[lookups.stores]
key = "code"
[lookups.stores.columns]
code = "text"
region = "text"
[lookups.products]
key = "sku"
[lookups.products.columns]
sku = "int"
group = "text"
sold_in = "ref<stores>"
"#;

pub(crate) fn shop() -> Schema {
    Schema::from_toml(SHOP).unwrap()
}

pub(crate) fn column(schema: &Schema, table: &str, name: &str) -> ColumnId {
    schema.table(schema.find_table(table).unwrap()).find(name).unwrap()
}

fn text(value: &str) -> Option<Value> {
    Some(Value::Text(value.to_owned()))
}

fn day(year: i32, month: u32, day: u32) -> Value {
    Value::Date(NaiveDate::from_ymd_opt(year, month, day).unwrap())
}

/// Children come before customers and lookups; orders not by time.
fn fill(data: &mut SnapshotBuilder) {
    let item = |order, product, quantity| {
        [
            ("order", text(order)),
            ("product", Some(Value::Int(product))),
            ("quantity", Some(Value::Int(quantity))),
        ]
    };
    for row in [item("o2", 7, 1), item("o1", 8, 2), item("o2", 99, 3), item("o3", 7, 4)] {
        data.push("items", row).unwrap();
    }
    let order = |number, customer, day, total| {
        [
            ("number", text(number)),
            ("customer_id", text(customer)),
            ("day", day),
            ("total", Some(Value::Int(total))),
        ]
    };
    for row in [
        order("o1", "c2", Some(day(2026, 3, 1)), 10),
        order("o2", "c2", Some(day(2026, 1, 1)), 20),
        order("o3", "c1", Some(day(2026, 2, 1)), 30),
        order("o4", "c2", None, 40),
    ] {
        data.push("orders", row).unwrap();
    }
    data.push("customers", [("id", text("c1")), ("store", text("S1")), ("country", text("SE"))])
        .unwrap();
    data.push("customers", [("id", text("c2")), ("store", text("S9")), ("country", text("DK"))])
        .unwrap();
    data.push("stores", [("code", text("S1")), ("region", text("north"))]).unwrap();
    data.push(
        "products",
        [("sku", Some(Value::Int(7))), ("group", text("tea")), ("sold_in", text("S1"))],
    )
    .unwrap();
    data.push("products", [("sku", Some(Value::Int(8))), ("group", text("cups"))]).unwrap();
}

fn filled() -> Snapshot {
    let mut data = Snapshot::builder(&shop());
    fill(&mut data);
    data.build().unwrap()
}

#[test]
fn children_stand_by_customer_time_and_arrival() {
    let snapshot = filled();
    let schema = snapshot.schema();
    let (orders, items) =
        (schema.find_table("orders").unwrap(), schema.find_table("items").unwrap());
    let second = snapshot.customer(1).unwrap();
    assert_eq!(second.value(column(schema, "customers", "id")), text("c2"));
    let totals: Vec<_> =
        second.children(orders).map(|row| row.value(column(schema, "orders", "total"))).collect();
    assert_eq!(totals, [40, 20, 10].map(|total| Some(Value::Int(total))));
    let times: Vec<_> = second.children(orders).map(super::Row::time).collect();
    assert_eq!(times, [None, Some(day(2026, 1, 1)), Some(day(2026, 3, 1))]);
    let quantity = column(schema, "items", "quantity");
    let quantities: Vec<_> = second.children(items).map(|row| row.value(quantity)).collect();
    assert_eq!(quantities, [1, 3, 2].map(|quantity| Some(Value::Int(quantity))));
    for item in second.children(items) {
        let order = item.parent().unwrap();
        assert_eq!(
            order.value(column(schema, "orders", "number")),
            item.value(column(schema, "items", "order"))
        );
        assert_eq!(order.value(column(schema, "orders", "customer_id")), text("c2"));
        assert_eq!(item.time(), order.time());
    }
    let chunk = snapshot.chunk(0);
    assert_eq!((chunk.rows(), chunk.child_rows(orders), chunk.child_rows(items)), (2, 4, 4));
    assert_eq!(chunk.offsets(orders), [0, 1, 4]);
    assert_eq!(chunk.parents(items), [0, 2, 2, 3]);
    assert!(chunk.parents(orders).is_empty() && chunk.live().is_none());
}

#[test]
fn references_are_followed_and_dangling_ones_are_missing() {
    let snapshot = filled();
    let schema = snapshot.schema();
    let (store, product) =
        (column(schema, "customers", "store"), column(schema, "items", "product"));
    let first = snapshot.customer(0).unwrap();
    assert_eq!(first.value(store), text("S1"));
    assert_eq!(
        first.reference(store).unwrap().value(column(schema, "stores", "region")),
        text("north")
    );
    let second = snapshot.customer(1).unwrap();
    assert_eq!(second.value(store), None);
    assert!(second.reference(store).is_none());
    let items = schema.find_table("items").unwrap();
    let item = first.children(items).next().unwrap().reference(product).unwrap();
    let sold_in = column(schema, "products", "sold_in");
    assert_eq!(item.value(column(schema, "products", "group")), text("tea"));
    assert_eq!(
        item.reference(sold_in).unwrap().value(column(schema, "stores", "region")),
        text("north")
    );
    let codes: Vec<_> =
        snapshot.report().warnings().iter().map(|found| found.code.as_str()).collect();
    assert_eq!(codes, ["W0803", "W0802", "W0802"]);
}

#[test]
fn the_next_snapshot_keeps_rows_and_shares_what_is_the_same() {
    let first = filled();
    let schema = first.schema();
    let mut data = first.next();
    data.push("customers", [("id", text("c3"))]).unwrap();
    data.push("customers", [("id", text("c2")), ("country", text("SE"))]).unwrap();
    let second = data.build().unwrap();
    assert_eq!(second.customers(), 2);
    assert_eq!(second.row_of(&Key::from("c2")), Some(1));
    assert_eq!(second.row_of(&Key::from("c3")), Some(2));
    assert_eq!(second.key_at(0), Some(Key::from("c1")));
    assert!(second.customer(0).is_none() && second.customer(3).is_none());
    assert_eq!(second.live().iter().collect::<Vec<_>>(), [1, 2]);
    assert_eq!(second.chunk(0).live(), Some([0b110].as_slice()));
    let country = column(schema, "customers", "country");
    assert_eq!(second.customer(1).unwrap().value(country), text("SE"));

    let mut data = second.next();
    fill(&mut data);
    let third = data.build().unwrap();
    assert_eq!(third.customers(), 2);
    assert_eq!(third.row_of(&Key::from("c1")), Some(0));
    assert_eq!(third.customer(0).unwrap().value(country), text("SE"));
    assert_eq!(third.customer(1).unwrap().value(country), text("DK"));

    let mut data = third.next();
    fill(&mut data);
    let fourth = data.build().unwrap();
    for table in schema.tables() {
        for column in &table.columns {
            assert!(std::ptr::eq(third.column(column.id, 0), fourth.column(column.id, 0)));
        }
    }
}

#[test]
fn every_type_comes_back_as_it_went_in() {
    let schema = shop();
    let mut data = Snapshot::builder(&schema);
    let fields = |id: &str, edge: i64| {
        let instant =
            DateTime::from_timestamp(if edge > 0 { 253_402_300_799 } else { -62_135_596_800 }, 0);
        vec![
            ("id", text(id)),
            ("active", Some(Value::Bool(edge > 0))),
            ("points", Some(Value::Int(edge))),
            ("balance", Some(Value::Decimal(Decimal::new(edge.into(), 2).unwrap()))),
            ("weight", Some(Value::Float(if edge > 0 { f64::MAX } else { f64::MIN_POSITIVE }))),
            ("country", text(if edge > 0 { "å" } else { "" })),
            ("birthday", Some(if edge > 0 { day(9999, 12, 31) } else { day(1, 1, 1) })),
            ("seen_at", Some(Value::DateTime(instant.unwrap()))),
            ("tags", Some(Value::TextSet(vec!["b".into(), "a".into(), "b".into()]))),
            ("sizes", Some(Value::IntSet(vec![edge, 3, edge]))),
            ("home", Some(Value::Geo { latitude: -90.0, longitude: 180.0 })),
        ]
    };
    data.push("customers", fields("low", i64::MIN)).unwrap();
    data.push("customers", fields("high", i64::MAX)).unwrap();
    data.push("customers", [("id", text("bare"))]).unwrap();
    let snapshot = data.build().unwrap();
    let value =
        |row, name| snapshot.customer(row).unwrap().value(column(&schema, "customers", name));
    for (row, edge) in [(0, i64::MIN), (1, i64::MAX)] {
        let id = if edge > 0 { "high" } else { "low" };
        for (name, expected) in fields(id, edge) {
            let expected = match name {
                "tags" => Some(Value::TextSet(vec!["b".into(), "a".into()])),
                "sizes" if edge > 0 => Some(Value::IntSet(vec![3, edge])),
                "sizes" => Some(Value::IntSet(vec![edge, 3])),
                _ => expected,
            };
            assert_eq!(value(row, name), expected, "{name}");
        }
    }
    for name in
        ["active", "points", "balance", "weight", "country", "birthday", "seen_at", "home", "store"]
    {
        assert_eq!(value(2, name), None, "{name}");
    }
    assert_eq!(value(2, "tags"), Some(Value::TextSet(Vec::new())));
    let points = snapshot.column(column(&schema, "customers", "points"), 0);
    assert!(matches!(&points.values, Values::Number(frame)
        if frame.range == Some((i64::MIN, i64::MAX)) && matches!(frame.offsets, Offsets::I64(_))));
    assert_eq!(points.presence(), Some([0b011].as_slice()));
}

fn numbers(numbers: impl Iterator<Item = i64>) -> Snapshot {
    let schema = Schema::from_toml("timezone = 'UTC'\n[customers]\nkey = 'id'\n[customers.columns]\nid = 'int'\nn = 'int'\ns = 'text'").unwrap();
    let mut data = Snapshot::builder(&schema);
    for (id, number) in numbers.enumerate() {
        let fields = [("id", id.try_into().unwrap()), ("n", number)]
            .map(|(name, number)| (name, Some(Value::Int(number))));
        data.push("customers", fields.into_iter().chain([("s", text(&number.to_string()))]))
            .unwrap();
    }
    data.build().unwrap()
}

#[test]
fn columns_take_their_narrowest_form() {
    for (low, high, width) in [
        (5, 5, 1),
        (-100, 155, 1),
        (-100, 156, 2),
        (0, 65_535, 2),
        (0, 65_536, 4),
        (-1, i64::from(u32::MAX) - 1, 4),
        (-1, i64::from(u32::MAX), 8),
        (i64::MIN, i64::MAX, 8),
        (i64::MAX - 1, i64::MAX, 1),
        (i64::MIN, i64::MIN + 255, 1),
    ] {
        // One beside the least, so that nothing but 1 divides all distances.
        let next = low.saturating_add(1).min(high);
        let snapshot = numbers([high, low, next].into_iter());
        let n = column(snapshot.schema(), "customers", "n");
        let Values::Number(frame) = &snapshot.column(n, 0).values else { panic!() };
        let found = match frame.offsets {
            Offsets::U8(_) => 1,
            Offsets::U16(_) => 2,
            Offsets::U32(_) => 4,
            Offsets::I64(_) => 8,
        };
        assert_eq!((found, frame.range), (width, Some((low, high))), "{low} to {high}");
        assert_eq!([frame.get(0), frame.get(1), frame.get(3)], [Some(high), Some(low), None]);
    }
}

#[test]
fn multiples_of_a_unit_are_counted_in_it() {
    const DAY: i64 = 86_400_000_000;
    for (all, unit, width) in [
        ([7, 7 + 200 * DAY, 7 + 3 * DAY], DAY, 1),
        ([-DAY, 60_000 * DAY, 0], DAY, 2),
        ([0, i64::from(u32::MAX) * 1_000_000, 1_000_000], 1_000_000, 4),
        ([i64::MIN, 0, i64::MAX], 1, 8),
        ([i64::MIN, i64::MAX, i64::MAX], 1, 8),
    ] {
        let snapshot = numbers(all.into_iter());
        let n = column(snapshot.schema(), "customers", "n");
        let Values::Number(frame) = &snapshot.column(n, 0).values else { panic!() };
        let found = match frame.offsets {
            Offsets::U8(_) => 1,
            Offsets::U16(_) => 2,
            Offsets::U32(_) => 4,
            Offsets::I64(_) => 8,
        };
        assert_eq!((found, frame.unit), (width, unit), "{all:?}");
        assert_eq!([0, 1, 2].map(|row| frame.get(row)), all.map(Some));
    }
}

#[test]
fn chunks_end_at_65_536_rows() {
    for (rows, sizes) in [(65_535, vec![65_535]), (65_536, vec![65_536]), (65_537, vec![65_536, 1])]
    {
        let snapshot = numbers(0..rows);
        let found: Vec<_> =
            (0..snapshot.chunk_count()).map(|chunk| snapshot.chunk(chunk).rows()).collect();
        assert_eq!(found, sizes);
        let last = u32::try_from(rows - 1).unwrap();
        let row = snapshot.customer(last).unwrap();
        assert_eq!(
            row.value(column(snapshot.schema(), "customers", "n")),
            Some(Value::Int(rows - 1))
        );
        assert_eq!(snapshot.row_of(&Key::Int(rows - 1)), Some(last));
        let s = column(snapshot.schema(), "customers", "s");
        let Values::Text(codes) = &snapshot.column(s, 0).values else { panic!() };
        assert!(matches!(codes, Codes::U16(_)));
        assert_eq!(snapshot.dictionary(s).unwrap().code("65534"), Some(65_534));
    }
}

#[test]
fn nothing_at_all_is_a_snapshot() {
    let snapshot = Snapshot::builder(&shop()).build().unwrap();
    assert_eq!((snapshot.customers(), snapshot.chunk_count()), (0, 0));
    assert_eq!(snapshot.rows("items"), Some(0));
    assert_eq!(snapshot.rows("nothing"), None);
    assert_eq!(snapshot.column(column(snapshot.schema(), "stores", "region"), 0).rows, 0);
    assert!(snapshot.customer(0).is_none());
    assert_eq!(TableId::CUSTOMERS, snapshot.schema().find_table("customers").unwrap());
}

#[test]
fn debug_shows_sizes_only() {
    let shown = format!("{:?}", filled());
    assert!(
        shown.starts_with(
            "Snapshot { customers: 2, orders: 4, items: 4, stores: 1, products: 2, bytes: "
        ),
        "{shown}"
    );
}
