//! The same data gives the same answers whatever it came in.

use std::{fmt::Write as _, io::Cursor, sync::Arc};

use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Date64Array, Decimal128Array, Decimal256Array,
    DictionaryArray, Float64Array, Int16Array, Int64Array, LargeListArray, LargeStringArray,
    RecordBatch, StringArray, StringViewArray, TimestampMicrosecondArray, TimestampNanosecondArray,
    UInt64Array,
    builder::{Int32Builder, ListBuilder, StringBuilder},
    types::{Int32Type, UInt8Type},
};
use arrow_buffer::{OffsetBuffer, i256};
use arrow_schema::Field;
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone as _};
use parquet::{basic::Compression, file::properties::WriterProperties};
use proptest::prelude::*;
use segmenta::{AsOf, Engine, Rules, Schema, Snapshot};

use super::{batch, parquet_of};

const SCHEMA: &str = "
timezone = 'Europe/Stockholm'
[customers]
key = 'id'
[customers.columns]
id = 'int'
active = 'bool'
points = 'int'
balance = 'decimal(2)'
score = 'float'
name = { type = 'text', values = ['Ada', 'Björn'] }
born = 'date'
seen = 'datetime'
tags = 'set<text>'
codes = 'set<int>'
home = 'geo'
store = 'ref<stores>'
region = 'ref<regions>'
[tables.orders]
customer = 'customer'
time = 'at'
[tables.orders.columns]
customer = 'int'
at = 'date'
total = 'decimal(2)'
[lookups.stores]
key = 'store'
[lookups.stores.columns]
store = 'text'
city = 'text'
[lookups.regions]
key = 'region'
[lookups.regions.columns]
region = 'int'
name = 'text'
";

const RULES: &[&str] = &[
    "active",
    "active = false",
    "points is null",
    "points >= 0",
    "points = -3",
    "balance is null",
    "balance = 10.99",
    "balance < 0",
    "score is null",
    "score > 0.5",
    "name is null",
    "name = 'Ada'",
    "name > 'B'",
    "born is null",
    "born = 2020-02-29",
    "born < 1980-01-01",
    "seen is null",
    "seen = 2026-03-29",
    "seen > 2026-03-29T12:30:00",
    "hour(seen) = 23",
    "tags is empty",
    "tags contains 'red'",
    "tags contains all of ('red', 'blue')",
    "codes is empty",
    "codes contains 5",
    "size(codes) = 2",
    "home is null",
    "home within 100 km of (59.33, 18.06)",
    "store is null",
    "store.city = 'Lund'",
    "region is null",
    "region.name = 'North'",
    "count(orders) >= 2",
    "count(orders) = 0",
    "sum(orders.total) > 20",
    "last(orders.total) = 10.99",
    "first(orders.at) < 2026-05-01",
];

#[derive(Debug, Clone)]
struct Customer {
    active: Option<bool>,
    points: Option<i64>,
    /// Hundredths.
    balance: Option<i64>,
    score: Option<f64>,
    name: Option<&'static str>,
    born: Option<NaiveDate>,
    seen: Option<NaiveDateTime>,
    tags: Vec<&'static str>,
    codes: Vec<i32>,
    home: Option<(f64, f64)>,
    store: Option<&'static str>,
    region: Option<i64>,
    /// Day and hundredths.
    orders: Vec<(Option<NaiveDate>, i64)>,
}

fn customer() -> impl Strategy<Value = Customer> {
    let date = |text: &str| text.parse::<NaiveDate>().unwrap();
    let time = |text: &str| text.parse::<NaiveDateTime>().unwrap();
    let dates =
        vec![date("2020-02-29"), date("1979-12-31"), date("0001-01-01"), date("9999-12-31")];
    let days = vec![date("2026-04-30"), date("2026-05-01"), date("2026-05-01"), date("2025-01-01")];
    let times = vec![
        time("2026-03-29T00:00:00"),
        time("2026-03-29T12:30:00"),
        time("2026-03-29T12:30:00.000001"),
        time("2026-10-25T23:59:59"),
        time("2026-07-01T23:00:00"),
    ];
    let some = prop::option::weighted::<BoxedStrategy<i64>>;
    let homes = vec![(59.33, 18.06), (-33.9, 151.2), (0.0, -0.5)];
    let order =
        (prop::option::of(prop::sample::select(days)), prop::sample::select(vec![1099, 500]));
    (
        (
            prop::option::of(any::<bool>()),
            some(0.8, prop::sample::select(vec![-3, 0, 7, 2_000_000_000]).boxed()),
            some(0.8, prop::sample::select(vec![1099, -1, 0, 123_456]).boxed()),
            prop::option::of(prop::sample::select(vec![0.5, 0.75, -1e6])),
            prop::option::of(prop::sample::select(vec!["Ada", "Björn", "a;b, \"c\"", " x"])),
            prop::option::of(prop::sample::select(dates)),
            prop::option::of(prop::sample::select(times)),
        ),
        prop::sample::subsequence(vec!["red", "blue", "grön"], 0..=3),
        prop::sample::subsequence(vec![5, -7, 70_000], 0..=3),
        prop::option::of(prop::sample::select(homes)),
        prop::option::of(prop::sample::select(vec!["s1", "s2", "gone"])),
        prop::option::of(prop::sample::select(vec![1, 2, 99])),
        prop::collection::vec(order, 0..4),
    )
        .prop_map(|(first, tags, codes, home, store, region, orders)| {
            let (active, points, balance, score, name, born, seen) = first;
            Customer {
                active,
                points,
                balance,
                score,
                name,
                born,
                seen,
                tags,
                codes,
                home,
                store,
                region,
                orders,
            }
        })
}

fn id(at: usize) -> i64 {
    1_000 + 3 * i64::try_from(at).unwrap()
}

fn cents(number: i64) -> String {
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", number.abs() / 100, number.abs() % 100)
}

fn shown<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

fn joined<T: ToString>(values: &[T]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(";")
}

fn instant(time: NaiveDateTime) -> String {
    time.format("%Y-%m-%dT%H:%M:%S%.6f").to_string()
}

const STORES: &str = "store,city\ns1,Lund\ns2,Umeå\n";
const REGIONS: &str = "region,name\n1,North\n2,South\n";

fn csv(rows: &[Customer]) -> (String, String) {
    let mut customers = String::from(
        "id,active,points,balance,score,name,born,seen,tags,codes,home,store,region\n",
    );
    let mut orders = String::from("customer,at,total\n");
    for (at, row) in rows.iter().enumerate() {
        let home = row.home.map_or_else(String::new, |(lat, lon)| format!("{lat};{lon}"));
        writeln!(
            customers,
            "{},{},{},{},{},{},{},{},{},{},{home},{},{}",
            id(at),
            shown(row.active),
            shown(row.points),
            row.balance.map_or_else(String::new, cents),
            shown(row.score),
            row.name.map_or_else(String::new, quoted),
            shown(row.born),
            row.seen.map_or_else(String::new, instant),
            joined(&row.tags),
            joined(&row.codes),
            shown(row.store),
            shown(row.region),
        )
        .unwrap();
        for (day, total) in &row.orders {
            writeln!(orders, "{},{},{}", id(at), shown(*day), cents(*total)).unwrap();
        }
    }
    (customers, orders)
}

fn jsonl(rows: &[Customer]) -> (String, String) {
    let (mut customers, mut orders) = (String::new(), String::new());
    for (at, row) in rows.iter().enumerate() {
        let mut fields = vec![format!("\"id\": {}", id(at))];
        let mut field = |name: &str, value: Option<String>| match value {
            Some(value) => fields.push(format!("\"{name}\": {value}")),
            // Missing in one way or another.
            None if at % 2 == 0 => fields.push(format!("\"{name}\":null")),
            None => {}
        };
        let text = |text: &str| serde_json::to_string(text).unwrap();
        field("region", row.region.map(|region| format!("{region}.0")));
        field("active", row.active.map(|bit| bit.to_string()));
        field("points", row.points.map(|points| points.to_string()));
        field("balance", row.balance.map(cents));
        field("score", row.score.map(|score| format!("{score:e}")));
        field("name", row.name.map(text));
        field("born", row.born.map(|day| text(&day.to_string())));
        field("seen", row.seen.map(|time| text(&instant(time))));
        field("tags", Some(serde_json::to_string(&row.tags).unwrap()));
        field("codes", Some(serde_json::to_string(&row.codes).unwrap()));
        field("home_lat", row.home.map(|(lat, _)| lat.to_string()));
        field("home_lon", row.home.map(|(_, lon)| lon.to_string()));
        field("store", row.store.map(text));
        writeln!(customers, "{{{}}}", fields.join(", ")).unwrap();
        for (day, total) in &row.orders {
            let day = day.map_or("null".to_owned(), |day| text(&day.to_string()));
            writeln!(
                orders,
                "{{\"customer\":\"{}\",\"at\":{day},\"total\":{}}}\n",
                id(at),
                text(&cents(*total))
            )
            .unwrap();
        }
    }
    (customers, orders)
}

fn epoch(day: NaiveDate) -> i32 {
    day.to_epoch_days()
}

fn each<T, F: FromIterator<T>>(rows: &[Customer], value: impl Fn(&Customer) -> T) -> F {
    rows.iter().map(value).collect()
}

fn orders_of(rows: &[Customer]) -> Vec<(i64, Option<NaiveDate>, i64)> {
    let orders = rows
        .iter()
        .enumerate()
        .flat_map(|(at, row)| row.orders.iter().map(move |(day, total)| (id(at), *day, *total)));
    orders.collect()
}

fn usual(rows: &[Customer]) -> (RecordBatch, RecordBatch) {
    let ids: Int64Array = (0..rows.len()).map(|at| Some(id(at))).collect();
    let mut tags = ListBuilder::new(StringBuilder::new());
    let mut codes = ListBuilder::new(Int32Builder::new());
    for row in rows {
        row.tags.iter().for_each(|tag| tags.values().append_value(tag));
        tags.append(!row.tags.is_empty());
        row.codes.iter().for_each(|code| codes.values().append_value(*code));
        codes.append(true);
    }
    let balance: Decimal128Array = each(rows, |row| row.balance.map(i128::from));
    let micros = |row: &Customer| row.seen.map(|time| time.and_utc().timestamp_micros());
    let customers = batch(&[
        ("id", Arc::new(ids)),
        ("active", Arc::new(each::<_, BooleanArray>(rows, |row| row.active))),
        ("points", Arc::new(each::<_, Int64Array>(rows, |row| row.points))),
        ("balance", Arc::new(balance.with_precision_and_scale(12, 2).unwrap())),
        ("score", Arc::new(each::<_, Float64Array>(rows, |row| row.score))),
        ("name", Arc::new(each::<_, StringArray>(rows, |row| row.name))),
        ("born", Arc::new(each::<_, Date32Array>(rows, |row| row.born.map(epoch)))),
        ("seen", Arc::new(each::<_, TimestampMicrosecondArray>(rows, micros))),
        ("tags", Arc::new(tags.finish())),
        ("codes", Arc::new(codes.finish())),
        ("home_lat", Arc::new(each::<_, Float64Array>(rows, |row| row.home.map(|home| home.0)))),
        ("home_lon", Arc::new(each::<_, Float64Array>(rows, |row| row.home.map(|home| home.1)))),
        ("store", Arc::new(each::<_, StringArray>(rows, |row| row.store))),
        ("region", Arc::new(each::<_, Int64Array>(rows, |row| row.region))),
    ]);
    let all = orders_of(rows);
    let totals: Decimal128Array = all.iter().map(|order| Some(i128::from(order.2))).collect();
    let orders = batch(&[
        ("customer", Arc::new(all.iter().map(|order| Some(order.0)).collect::<Int64Array>())),
        ("at", Arc::new(all.iter().map(|order| order.1.map(epoch)).collect::<Date32Array>())),
        ("total", Arc::new(totals.with_precision_and_scale(12, 2).unwrap())),
    ]);
    (customers, orders)
}

/// The same in other types, behind a row that is cut off.
fn unusual(rows: &[Customer]) -> (RecordBatch, RecordBatch) {
    let padded: Vec<Customer> = rows.iter().take(1).chain(rows).cloned().collect();
    let all = padded.as_slice();
    let stockholm = chrono_tz::Europe::Stockholm;
    let nanos = |row: &Customer| {
        let time = row.seen?;
        stockholm.from_local_datetime(&time).earliest()?.timestamp_nanos_opt()
    };
    let ids: UInt64Array =
        (0..all.len()).map(|at| Some(u64::try_from(id(at.saturating_sub(1))).unwrap())).collect();
    let names: DictionaryArray<UInt8Type> = all.iter().map(|row| row.name).collect();
    let stores = all.iter().map(|row| row.store).collect::<StringViewArray>();
    let tag_texts: DictionaryArray<Int32Type> =
        all.iter().flat_map(|row| row.tags.iter().map(|tag| Some(*tag))).collect();
    let field = Arc::new(Field::new("item", tag_texts.data_type().clone(), true));
    let lengths = OffsetBuffer::<i64>::from_lengths(all.iter().map(|row| row.tags.len()));
    let tags = LargeListArray::new(field, lengths, Arc::new(tag_texts), None);
    let codes: LargeStringArray = all.iter().map(|row| Some(joined(&row.codes))).collect();
    let balance: Decimal256Array =
        all.iter().map(|row| row.balance.map(|cents| i256::from(cents * 100))).collect();
    let home = |row: &Customer| row.home.map(|(lat, lon)| format!("{lat};{lon}"));
    let regions = |row: &Customer| row.region.map(|region| i16::try_from(region).unwrap());
    let millis = |row: &Customer| row.born.map(|day| i64::from(epoch(day)) * 86_400_000);
    let customers = batch(&[
        ("region", Arc::new(each::<_, Int16Array>(all, regions))),
        ("name", Arc::new(names)),
        ("home", Arc::new(each::<_, StringArray>(all, home))),
        ("nothing", Arc::new(arrow_array::NullArray::new(all.len()))),
        ("id", Arc::new(ids)),
        ("active", Arc::new(each::<_, BooleanArray>(all, |row| row.active))),
        (
            "points",
            Arc::new(
                each::<_, Decimal128Array>(all, |row| row.points.map(i128::from))
                    .with_precision_and_scale(38, 0)
                    .unwrap(),
            ),
        ),
        ("balance", Arc::new(balance.with_precision_and_scale(40, 4).unwrap())),
        ("score", Arc::new(each::<_, arrow_array::Float32Array>(all, |row| row.score.map(narrow)))),
        ("born", Arc::new(each::<_, Date64Array>(all, millis))),
        ("seen", Arc::new(each::<_, TimestampNanosecondArray>(all, nanos).with_timezone("+05:00"))),
        ("tags", Arc::new(tags)),
        ("codes", Arc::new(codes)),
        ("store", Arc::new(stores)),
    ]);
    let orders = orders_of(rows);
    let at = |day: NaiveDate| day.to_string();
    let totals: StringArray = orders.iter().map(|order| Some(cents(order.2))).collect();
    let orders = batch(&[
        ("total", Arc::new(totals)),
        ("at", Arc::new(orders.iter().map(|order| order.1.map(at)).collect::<StringArray>())),
        ("customer", Arc::new(orders.iter().map(|order| Some(order.0)).collect::<Int64Array>())),
    ]);
    (customers.slice(1, rows.len()), orders)
}

#[expect(clippy::cast_possible_truncation, reason = "all of them fit")]
fn narrow(number: f64) -> f32 {
    number as f32
}

/// A batch in several, one of them empty.
fn parts(batch: &RecordBatch, len: usize) -> Vec<RecordBatch> {
    let starts = (0..batch.num_rows()).step_by(len);
    let parts = starts.map(|start| batch.slice(start, len.min(batch.num_rows() - start)));
    parts.chain([batch.slice(0, 0)]).collect()
}

fn load(fill: impl FnOnce(&mut segmenta::SnapshotBuilder)) -> Snapshot {
    let schema = Schema::from_toml(SCHEMA).unwrap();
    let mut data = Snapshot::builder(&schema);
    data.csv_reader("stores", "stores.csv", STORES.as_bytes()).unwrap();
    data.csv_reader("regions", "regions.csv", REGIONS.as_bytes()).unwrap();
    fill(&mut data);
    data.build().unwrap()
}

/// The members of all rules, and what is counted of the data.
fn answers(snapshot: Snapshot) -> (Vec<String>, Vec<String>) {
    let schema = Schema::from_toml(SCHEMA).unwrap();
    let counted =
        snapshot.report().warnings().iter().filter(|found| found.code.as_str() != "W0801");
    let counted = counted.map(ToString::to_string).collect();
    let mut rules = Rules::builder(&schema);
    for (at, rule) in RULES.iter().enumerate() {
        rules = rules.condition(format!("rule_{at}"), *rule);
    }
    let engine = Engine::new(rules.build().unwrap(), snapshot).unwrap();
    let as_of: AsOf = "2026-11-01".parse().unwrap();
    let found = engine.evaluate(as_of).unwrap();
    let line = |(at, rule): (usize, &&str)| {
        format!("{rule}: {:?}", found.keys(&format!("rule_{at}")).unwrap())
    };
    (RULES.iter().enumerate().map(line).collect(), counted)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_format_says_the_same(
        rows in prop::collection::vec(customer(), 1..40),
        len in 1_usize..17,
        compression in prop::sample::select(vec![
            Compression::UNCOMPRESSED,
            Compression::SNAPPY,
            Compression::LZ4_RAW,
            Compression::ZSTD(Default::default()),
            Compression::GZIP(Default::default()),
        ]),
        dictionaries in any::<bool>(),
    ) {
        let (customers, orders) = csv(&rows);
        let expected = answers(load(|data| {
            data.csv_reader("customers", "c.csv", customers.as_bytes()).unwrap();
            data.csv_reader("orders", "o.csv", orders.as_bytes()).unwrap();
        }));
        let (customers, orders) = jsonl(&rows);
        prop_assert_eq!(&answers(load(|data| {
            data.jsonl_reader("customers", "c.jsonl", customers.as_bytes()).unwrap();
            data.jsonl_reader("orders", "o.jsonl", orders.as_bytes()).unwrap();
        })), &expected);
        for (customers, orders) in [usual(&rows), unusual(&rows)] {
            prop_assert_eq!(&answers(load(|data| {
                data.arrow_batches("customers", parts(&customers, len).into_iter().map(Ok)).unwrap();
                parts(&orders, len).iter().for_each(|part| data.arrow_batch("orders", part).unwrap());
            })), &expected);
            // Parquet has no columns of nothing, and no way to write views of Decimal256 but this one.
            let properties = || WriterProperties::builder()
                .set_compression(compression)
                .set_max_row_group_row_count(Some(len))
                .set_dictionary_enabled(dictionaries)
                .build();
            let (customers, orders) =
                (parquet_of(&customers, properties()), parquet_of(&orders, properties()));
            prop_assert_eq!(&answers(load(|data| {
                data.parquet_reader("customers", "c.parquet", Cursor::new(customers)).unwrap();
                data.parquet_reader("orders", "o.parquet", Cursor::new(orders)).unwrap();
            })), &expected);
        }
    }
}

#[test]
fn a_time_without_a_zone_is_local_and_one_with_a_zone_is_not() {
    let schema = super::schema_with("seen", "datetime");
    let utc = DateTime::parse_from_rfc3339("2026-07-01T22:30:00Z").unwrap().timestamp_micros();
    let columns = |seen: ArrayRef| {
        let ids: ArrayRef = Arc::new(Int64Array::from(vec![1]));
        batch(&[("id", ids), ("seen", seen)])
    };
    let plain = TimestampMicrosecondArray::from(vec![utc]);
    for (seen, day) in [
        (plain.clone(), "2026-07-01"),
        (plain.clone().with_timezone("UTC"), "2026-07-02"),
        (plain.with_timezone("America/New_York"), "2026-07-02"),
    ] {
        let rows = columns(Arc::new(seen));
        let mut data = Snapshot::builder(&schema);
        data.arrow_batch("customers", &rows).unwrap();
        let snapshot = data.build().unwrap();
        assert_eq!(super::keys(&schema, &snapshot, &format!("seen = {day}")), [1]);
        let snapshot = super::load_parquet(&schema, super::plain_parquet_of(&rows)).unwrap();
        assert_eq!(super::keys(&schema, &snapshot, &format!("seen = {day}")), [1]);
    }
}
