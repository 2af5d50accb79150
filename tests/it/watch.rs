//! Long work tells how far it is, and leaves everything as it was when it is stopped.

use std::{
    io::Cursor,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use parquet::arrow::ArrowWriter;
use segmenta::{
    AsOf, Cancel, Code, Engine, Refresh, Result, Rules, Schema, Snapshot, SnapshotBuilder, Unit,
    Value, Watch, Work,
};

/// Two chunks.
const CUSTOMERS: i64 = (1 << 16) + 40;

const SCHEMA: &str = r#"
timezone = "UTC"
[customers]
key = "id"
[customers.columns]
id = "int"
n = "int"
store = "ref<stores>"
[tables.orders]
customer = "customer"
time = "day"
[tables.orders.columns]
customer = "int"
day = "date"
total = "decimal(2)"
[lookups.stores]
key = "code"
[lookups.stores.columns]
code = "int"
size = "int"
[predict]
table = "orders"
amount = "total"
parameters = { r = 0.243, alpha_days = 30.9, a = 0.793, b = 2.426, p = 6.25, q = 3.74, v = 15.44 }
"#;

const RULES: &str = "
segment low { include n < 3 }
segment large { include store.size > 5 }
segment recent { include exists(orders where day within last 10 days) }
segment best { include top 1 percent by sum(orders.total) }
segment alive { include predict.alive > 0.5 }
static segment buyers { include exists(orders) }
";
const SEGMENTS: [&str; 6] = ["low", "large", "recent", "best", "alive", "buyers"];

fn day(text: &str) -> AsOf {
    text.parse().unwrap()
}

/// One that writes down what it is told.
pub(crate) fn listening() -> (Watch, Arc<Mutex<Vec<String>>>) {
    let said = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&said);
    (
        Watch::new().on_progress(move |progress| heard.lock().unwrap().push(progress.to_string())),
        said,
    )
}

/// One that cancels when it is told something for the time of this number, from 0, and how often it was told.
pub(crate) fn stopping(at: usize) -> (Watch, Arc<AtomicUsize>) {
    let (cancel, calls) = (Cancel::new(), Arc::new(AtomicUsize::new(0)));
    let (token, counted) = (cancel.clone(), Arc::clone(&calls));
    let watch = Watch::new().cancelled_by(&cancel).on_progress(move |_| {
        if counted.fetch_add(1, Ordering::Relaxed) == at {
            token.cancel();
        }
    });
    (watch, calls)
}

/// Rows of customers, each `(id, n, store)`.
fn rows() -> impl Iterator<Item = (i64, i64, i64)> {
    (0..CUSTOMERS).map(|id| (id, id % 7, id % 2))
}

fn csv() -> String {
    rows().fold("id,n,store\n".to_owned(), |text, (id, n, store)| {
        text + &format!("{id},{n},{store}\n")
    })
}

fn jsonl() -> String {
    rows().fold(String::new(), |text, (id, n, store)| {
        text + &format!("{{\"id\":{id},\"n\":{n},\"store\":{store}}}\n")
    })
}

fn batch() -> RecordBatch {
    let column = |of: fn((i64, i64, i64)) -> i64| -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(rows().map(of)))
    };
    RecordBatch::try_from_iter([
        ("id", column(|row| row.0)),
        ("n", column(|row| row.1)),
        ("store", column(|row| row.2)),
    ])
    .unwrap()
}

fn parquet() -> Vec<u8> {
    let (batch, mut bytes) = (batch(), Vec::new());
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

/// The other tables: every ninth customer has two orders, twenty days apart.
fn others(data: &mut SnapshotBuilder) -> Result<()> {
    data.csv_reader("stores", "stores.csv", "code,size\n0,3\n1,9\n".as_bytes())?;
    let orders = (0..CUSTOMERS).step_by(9).fold("customer,day,total\n".to_owned(), |text, id| {
        let (first, last) = (1 + id % 8, 21 + id % 8);
        text + &format!("{id},2026-09-{first:02},{id}.25\n{id},2026-09-{last:02},10\n")
    });
    data.csv_reader("orders", "orders.csv", orders.as_bytes())
}

/// A way to read the customers.
type Read = Box<dyn Fn(&mut SnapshotBuilder) -> Result<()>>;

fn formats() -> Vec<(&'static str, Read)> {
    let (csv, jsonl, batch, parquet) = (csv(), jsonl(), batch(), parquet());
    vec![
        ("csv", Box::new(move |data| data.csv_reader("customers", "c.csv", csv.as_bytes()))),
        (
            "jsonl",
            Box::new(move |data| data.jsonl_reader("customers", "c.jsonl", jsonl.as_bytes())),
        ),
        (
            "arrow",
            Box::new(move |data| {
                data.arrow_batches("customers", [0, 1].map(|_| Ok(batch.slice(0, 0))))?;
                data.arrow_batch("customers", &batch)
            }),
        ),
        (
            "parquet",
            Box::new(move |data| {
                data.parquet_reader("customers", "c.parquet", Cursor::new(parquet.clone()))
            }),
        ),
    ]
}

fn load(schema: &Schema, read: &Read, watch: Watch) -> Result<Snapshot> {
    let mut data = Snapshot::builder(schema).watch(watch);
    read(&mut data)?;
    others(&mut data)?;
    data.build()
}

#[test]
fn a_load_that_is_stopped_anywhere_is_an_error() {
    let schema = Schema::from_toml(SCHEMA).unwrap();
    for (format, read) in formats() {
        let (watch, calls) = stopping(usize::MAX);
        let whole = load(&schema, &read, watch).unwrap();
        assert_eq!(whole.customers(), CUSTOMERS.unsigned_abs(), "{format}");
        let calls = calls.load(Ordering::Relaxed);
        assert!(calls > 15, "{format}: {calls}");
        for at in 0..calls {
            let error = load(&schema, &read, stopping(at).0).unwrap_err();
            assert!(error.is_cancelled() && !error.is_io(), "{format} at {at}: {error}");
            assert_eq!(error.diagnostics()[0].code, Code::Cancelled);
        }
    }
}

#[test]
fn a_builder_that_was_stopped_makes_no_snapshot() {
    let schema = Schema::from_toml(SCHEMA).unwrap();
    for (format, read) in formats() {
        let mut data = Snapshot::builder(&schema).watch(stopping(0).0);
        assert!(read(&mut data).unwrap_err().is_cancelled(), "{format}");
        let error = data.watch(Watch::new()).build().unwrap_err();
        assert!(error.is_cancelled(), "{format}: {error}");
    }
}

#[test]
fn a_load_tells_how_far_it_is() {
    let schema = Schema::from_toml(SCHEMA).unwrap();
    let (watch, said) = listening();
    let mut data = Snapshot::builder(&schema).watch(watch);
    let folder = std::env::temp_dir().join(format!("segmenta-watch-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("customers.csv");
    std::fs::write(&path, csv()).unwrap();
    data.csv_file("customers", &path).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let bytes = csv().len();
    let mut heard = std::mem::take(&mut *said.lock().unwrap());
    let expected = [0, bytes].map(|done| format!("reading `customers`: {done} of {bytes} bytes"));
    assert_eq!(heard, expected);

    others(&mut data).unwrap();
    heard = std::mem::take(&mut *said.lock().unwrap());
    assert_eq!(heard, ["reading `stores`: 0 bytes", "reading `orders`: 0 bytes"]);

    data.build().unwrap();
    heard = std::mem::take(&mut *said.lock().unwrap());
    heard.sort();
    // Three tables, and the rows of one are put in order. There are eight columns.
    let mut expected: Vec<String> =
        (0..=4).map(|done| format!("linking: {done} of 4 tables")).collect();
    expected.extend((0..=8).map(|done| format!("laying out: {done} of 8 columns")));
    expected.sort();
    assert_eq!(heard, expected);
}

#[test]
fn rows_are_counted_where_there_are_no_bytes_of_text() {
    let schema = Schema::from_toml(SCHEMA).unwrap();
    let parquet = parquet();
    let (watch, said) = listening();
    let mut data = Snapshot::builder(&schema).watch(watch);
    data.parquet_reader("customers", "customers.parquet", Cursor::new(parquet)).unwrap();
    let heard = std::mem::take(&mut *said.lock().unwrap());
    // When a chunk of rows has been read is told once all columns together are that far, whichever came first.
    let of = |done: &str| format!("reading `customers`: {done} of 65576 rows");
    assert_eq!((heard.len(), &heard[0]), (3, &of("0")));
    assert!(heard.contains(&of("65576")), "{heard:?}");

    let (watch, said) = listening();
    let mut data = Snapshot::builder(&schema).watch(watch);
    data.arrow_batches("customers", [Ok(batch().slice(0, 40)), Ok(batch().slice(40, 1 << 16))])
        .unwrap();
    let heard = std::mem::take(&mut *said.lock().unwrap());
    assert_eq!(heard, ["reading `customers`: 0 rows", "reading `customers`: 65576 rows"]);
}

fn setup() -> (Rules, Snapshot) {
    let schema = Schema::from_toml(SCHEMA).unwrap();
    let read: Read = Box::new(|data| data.arrow_batch("customers", &batch()));
    let snapshot = load(&schema, &read, Watch::new()).unwrap();
    (Rules::parse(&schema, RULES).unwrap(), snapshot)
}

/// An engine after its first refresh.
fn engine((rules, snapshot): &(Rules, Snapshot)) -> Engine {
    let mut engine = Engine::new(rules.clone(), snapshot.clone()).unwrap();
    engine.refresh(day("2026-10-01")).unwrap();
    engine
}

/// Everything that can be seen of an engine.
fn seen(engine: &Engine) -> (Vec<Vec<u32>>, String, String) {
    let members = |segment: &&str| engine.members(segment).unwrap().iter().collect::<Vec<u32>>();
    let model = format!("{:?}", engine.model());
    (SEGMENTS.iter().map(members).collect(), format!("{:?}", engine.snapshot()), model)
}

/// What a refresh said.
fn told(refresh: &Refresh) -> Vec<(String, Vec<u32>, Vec<u32>, u64)> {
    let changes = refresh.changes().iter().map(|change| {
        let rows = |rows: &segmenta::RoaringBitmap| rows.iter().collect();
        (change.segment.to_string(), rows(&change.entered), rows(&change.left), change.members)
    });
    changes.collect()
}

/// A step of an engine, stopped wherever it tells something, changes nothing; then done again, it does what it does
/// where nobody looks on.
fn stop_everywhere(works: &[&str], step: impl Fn(&mut Engine) -> Result<Refresh>) {
    stop_everywhere_of(setup(), works, step);
}

fn stop_everywhere_of(
    parts: (Rules, Snapshot),
    works: &[&str],
    step: impl Fn(&mut Engine) -> Result<Refresh>,
) {
    let mut alone = engine(&parts);
    let expected = told(&step(&mut alone).unwrap());
    assert!(expected.iter().any(|(_, entered, left, _)| !entered.is_empty() || !left.is_empty()));

    let mut watched = engine(&parts);
    let (watch, said) = listening();
    watched.set_watch(watch);
    assert_eq!(told(&step(&mut watched).unwrap()), expected);
    assert_eq!(seen(&watched), seen(&alone));
    let said = std::mem::take(&mut *said.lock().unwrap());
    for work in works {
        assert!(said.iter().any(|said| said.starts_with(work)), "{work}: {said:?}");
    }

    let mut stopped = engine(&parts);
    let before = seen(&stopped);
    for at in 0..said.len() {
        stopped.set_watch(stopping(at).0);
        let error = step(&mut stopped).unwrap_err();
        assert!(error.is_cancelled(), "at {at}: {error}");
        assert_eq!(seen(&stopped), before, "at {at}");
    }
    stopped.set_watch(Watch::new());
    assert_eq!(told(&step(&mut stopped).unwrap()), expected);
    assert_eq!(seen(&stopped), seen(&alone));
    // Nor does what comes later tell them apart.
    let later = |engine: &mut Engine| told(&engine.refresh(day("2026-12-24")).unwrap());
    assert_eq!(later(&mut stopped), later(&mut alone));
}

#[test]
fn a_refresh_that_is_stopped_anywhere_changes_nothing() {
    let works = ["ranking: 2 of 2 chunks", "collecting purchases: 0 of 2", "evaluating: 2 of 2"];
    stop_everywhere(&works, |engine| engine.refresh(day("2026-10-05")));
}

#[test]
fn changes_that_need_everybody_are_stopped_as_a_whole() {
    stop_everywhere(&["evaluating: 3 of 3 chunks"], |engine| {
        let mut changes = engine.changes();
        changes.push("stores", [("code", Some(Value::Int(0))), ("size", Some(Value::Int(7)))])?;
        changes.delete("customers", 9)?;
        changes.push("customers", [("id", Some(Value::Int(9))), ("n", Some(Value::Int(1)))])?;
        changes.delete("customers", 18)?;
        engine.apply(changes)
    });
}

#[test]
fn a_day_that_needs_everybody_is_stopped_as_a_whole() {
    stop_everywhere(&["evaluating: 0 of 2 chunks"], |engine| engine.advance(day("2026-09-25")));
}

const PLAIN: &str = "
segment low { include n < 3 }
segment large { include store.size > 5 }
segment recent { include exists(orders where day within last 10 days) }
segment best { include top 1 percent by sum(orders.total) }
segment alive { include n = 3 and not exists(orders where day within last 20 days) }
static segment buyers { include exists(orders) }
";

/// Without predictions and for fewer than a third: nobody else is evaluated.
fn plain() -> (Rules, Snapshot) {
    let (rules, snapshot) = setup();
    (Rules::parse(rules.schema(), PLAIN).unwrap(), snapshot)
}

#[test]
fn changes_of_some_are_stopped_as_a_whole() {
    stop_everywhere_of(plain(), &["evaluating: 0 of 2", "evaluating: "], |engine| {
        let mut changes = engine.changes();
        for id in (0..20_000).step_by(2) {
            changes.push(
                "customers",
                [
                    ("id", Some(Value::Int(id))),
                    ("n", Some(Value::Int(3))),
                    ("store", Some(Value::Int(1))),
                ],
            )?;
        }
        for id in (1..20_000).step_by(2) {
            changes.delete("customers", id)?;
        }
        // New texts, keys and orders, and another order of the best.
        for id in CUSTOMERS..CUSTOMERS + 500 {
            changes
                .push("customers", [("id", Some(Value::Int(id))), ("n", Some(Value::Int(1)))])?;
        }
        engine.apply(changes)
    });
}

#[test]
fn a_day_that_concerns_some_is_stopped_as_a_whole() {
    stop_everywhere_of(plain(), &["evaluating: 0 of "], |engine| engine.advance(day("2026-10-03")));
}

#[test]
fn what_is_cancelled_already_is_not_begun() {
    let parts = setup();
    let mut engine = engine(&parts);
    let before = seen(&engine);
    let cancel = Cancel::new();
    engine.set_watch(Watch::new().cancelled_by(&cancel));
    cancel.cancel();
    let mut changes = engine.changes();
    changes.delete("customers", 9).unwrap();
    assert!(engine.apply(changes).unwrap_err().is_cancelled());
    assert!(engine.advance(day("2026-10-02")).unwrap_err().is_cancelled());
    assert!(engine.evaluate(day("2026-10-02")).unwrap_err().is_cancelled());
    assert!(engine.fit(day("2026-10-02")).unwrap_err().is_cancelled());
    assert_eq!(seen(&engine), before);
}

#[test]
fn what_is_told_can_be_read_by_a_program() {
    let schema = Schema::from_toml(SCHEMA).unwrap();
    let found = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&found);
    let watch = Watch::new().on_progress(move |progress| {
        let Work::Reading { table } = progress.work else { return };
        seen.lock().unwrap().push((table.to_owned(), progress.done, progress.total, progress.unit));
    });
    let mut data = Snapshot::builder(&schema).watch(watch);
    data.csv_reader("stores", "stores.csv", "code,size\n".as_bytes()).unwrap();
    assert_eq!(*found.lock().unwrap(), [("stores".to_owned(), 0, None, Unit::Bytes)]);
}
