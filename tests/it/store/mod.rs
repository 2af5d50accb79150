//! Memberships that last.

mod causes;
mod crash;
mod damage;
mod faults;
mod format;
mod model;

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, AtomicUsize, Ordering},
};

use segmenta::{AsOf, Engine, Key, Rules, Schema, Snapshot, Store, StoreReader, Type, Value};

/// A folder that goes when the test does.
pub(crate) struct Folder(pub(super) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        Self::below(std::env::temp_dir(), name)
    }

    /// In memory where the system has that: for what is written often, and need not last.
    pub(crate) fn in_memory(name: &str) -> Self {
        let memory = PathBuf::from("/dev/shm");
        Self::below(if memory.is_dir() { memory } else { std::env::temp_dir() }, name)
    }

    fn below(folder: PathBuf, name: &str) -> Self {
        let path = folder.join(format!("segmenta-{name}-{}", std::process::id()));
        drop(std::fs::remove_dir_all(&path));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.0.join("segments.redb")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

pub(crate) fn schema() -> Schema {
    Schema::builder()
        .timezone("Europe/Stockholm")
        .customers("id")
        .column("id", Type::Int)
        .column("n", Type::Int)
        .column("seen", Type::Date)
        .build()
        .unwrap()
}

/// A customer: the key, a number, and a day of November 2026.
pub(crate) type Customer = (i64, Option<i64>, Option<u32>);

pub(crate) fn day(day: u32) -> AsOf {
    format!("2026-11-{day:02}").parse().unwrap()
}

pub(crate) fn filled(mut data: segmenta::SnapshotBuilder, customers: &[Customer]) -> Snapshot {
    for (id, n, seen) in customers {
        let seen = seen.map(|day| Value::Date(format!("2026-11-{day:02}").parse().unwrap()));
        let row = [("id", Some(Value::Int(*id))), ("n", n.map(Value::Int)), ("seen", seen)];
        data.push("customers", row).unwrap();
    }
    data.build().unwrap()
}

pub(crate) fn rules(text: &str) -> Rules {
    Rules::parse(&schema(), text).unwrap()
}

/// A whole life of a process: opens the store, loads, refreshes and ends.
pub(crate) fn refreshed(folder: &Folder, text: &str, customers: &[Customer], on: u32) {
    let mut store = Store::open(folder.file(), &schema()).unwrap();
    let mut engine = engine(&store, text, customers);
    store.refresh(&mut engine, day(on)).unwrap();
}

pub(crate) fn engine(store: &Store, text: &str, customers: &[Customer]) -> Engine {
    let data = filled(store.snapshot().unwrap(), customers);
    store.engine(rules(text), data).unwrap()
}

pub(crate) fn ints(keys: Vec<Key>) -> Vec<i64> {
    keys.into_iter()
        .map(|key| match key {
            Key::Int(key) => key,
            Key::Text(_) => panic!("keys are numbers"),
        })
        .collect()
}

const RULES: &str = "
    segment many { include n >= 3 }
    static segment first { include n >= 5 }
    segment recent { include seen within last 2 days }
    inactive segment asleep { include n >= 1 }
";

#[test]
fn a_static_segment_is_formed_once_across_processes() {
    let folder = Folder::new("static");
    refreshed(&folder, RULES, &[(1, Some(5), None), (2, Some(1), None), (3, Some(9), None)], 1);
    // 1 no longer meets the rule and stays; 2 does and does not come in; 3 is deleted and goes.
    refreshed(&folder, RULES, &[(1, Some(0), None), (2, Some(7), None)], 2);
    let reader = StoreReader::open(folder.file(), &schema()).unwrap();
    assert_eq!(ints(reader.members("first").unwrap()), [1]);
    assert_eq!(ints(reader.members("many").unwrap()), [2]);
    assert_eq!(ints(reader.members_at("first", day(1)).unwrap()), [1, 3]);
    assert_eq!(ints(reader.members("asleep").unwrap()), [0_i64; 0]);
    // Another title is no other rule; other conditions are.
    drop(reader);
    let titled = RULES.replace("segment first {", "segment first \"The first\" {");
    refreshed(&folder, &titled, &[(1, Some(0), None), (2, Some(7), None)], 3);
    let reader = StoreReader::open(folder.file(), &schema()).unwrap();
    assert_eq!(ints(reader.members("first").unwrap()), [1]);
    assert_eq!(reader.segments().unwrap()[1].title.as_deref(), Some("The first"));
    drop(reader);
    let other = RULES.replace("n >= 5", "n >= 6");
    refreshed(&folder, &other, &[(1, Some(0), None), (2, Some(7), None)], 4);
    let reader = StoreReader::open(folder.file(), &schema()).unwrap();
    assert_eq!(ints(reader.members("first").unwrap()), [2]);
    assert_eq!(ints(reader.members_at("first", day(3)).unwrap()), [1]);
}

#[test]
fn history_has_a_row_for_every_refresh() {
    let folder = Folder::new("history");
    for (on, n) in [(1, 3), (2, 3), (3, 1), (4, 4)] {
        refreshed(&folder, RULES, &[(1, Some(n), None), (2, Some(3), None)], on);
    }
    let store = Store::open(folder.file(), &schema()).unwrap();
    let sizes: Vec<_> = store
        .history("MANY")
        .unwrap()
        .into_iter()
        .map(|refresh| (refresh.members, refresh.entered, refresh.left))
        .collect();
    assert_eq!(sizes, [(2, 2, 0), (2, 0, 0), (1, 0, 1), (2, 1, 0)]);
    assert_eq!(store.as_of().unwrap(), Some("2026-11-04T22:59:59.999999Z".parse().unwrap()));
    // Before the segment's first refresh there was nobody.
    assert_eq!(
        ints(store.members_at("many", "2026-10-31".parse::<AsOf>().unwrap()).unwrap()),
        [0_i64; 0]
    );
    let unknown = store.history("none").unwrap_err();
    assert_eq!(unknown.diagnostics()[0].code.as_str(), "E1306");
}

#[test]
fn history_is_written_forward_only() {
    let folder = Folder::new("forward");
    refreshed(&folder, RULES, &[(1, Some(3), None)], 2);
    let mut store = Store::open(folder.file(), &schema()).unwrap();
    let mut engine = engine(&store, RULES, &[(1, Some(0), None)]);
    for on in [1, 2] {
        let refused = store.refresh(&mut engine, day(on)).unwrap_err();
        assert_eq!(refused.diagnostics()[0].code.as_str(), "E1304");
    }
    assert_eq!(ints(store.members("many").unwrap()), [1]);
    assert_eq!(store.refresh(&mut engine, day(3)).unwrap().changes()[0].left_keys(), [1.into()]);
}

#[test]
fn data_must_continue_those_of_the_store() {
    let folder = Folder::new("continue");
    refreshed(&folder, RULES, &[(1, Some(3), None), (2, Some(3), None)], 1);
    let store = Store::open(folder.file(), &schema()).unwrap();
    let others = filled(Snapshot::builder(&schema()), &[(2, Some(3), None), (1, None, None)]);
    let refused = store.engine(rules(RULES), others).err().unwrap();
    assert_eq!(refused.diagnostics()[0].code.as_str(), "E1305");
}

#[test]
fn an_engine_from_elsewhere_is_refused_and_put_right() {
    let folder = Folder::new("elsewhere");
    let customers = [(1, Some(3), None), (2, Some(3), None)];
    refreshed(&folder, RULES, &customers, 1);
    let mut store = Store::open(folder.file(), &schema()).unwrap();
    let data = filled(store.snapshot().unwrap(), &customers);
    // It does not know that both are members already.
    let mut engine = Engine::new(rules(RULES), data).unwrap();
    assert!(store.refresh(&mut engine, day(2)).is_err());
    let refresh = store.refresh(&mut engine, day(2)).unwrap();
    assert!(refresh.changes()[0].is_empty());
    assert_eq!(store.history("many").unwrap().len(), 2);
}

#[test]
fn one_process_writes_and_others_read() {
    let folder = Folder::new("processes");
    refreshed(&folder, RULES, &[(1, Some(3), None)], 1);
    let mut store = Store::open(folder.file(), &schema()).unwrap();
    let reader = StoreReader::open(folder.file(), &schema()).unwrap();
    let second = Store::open(folder.file(), &schema()).err().unwrap();
    assert_eq!(second.diagnostics()[0].code.as_str(), "E1301");
    let mut engine = engine(&store, RULES, &[(1, Some(3), None), (2, Some(4), None)]);
    store.refresh(&mut engine, day(2)).unwrap();
    assert_eq!(ints(reader.members("many").unwrap()), [1, 2]);
    assert_eq!(ints(store.reader().members("many").unwrap()), [1, 2]);
}

/// Readers of this process and beside it, without pause, while refreshes are made: each answer is of a whole refresh, and
/// they answer in the midst of one.
#[test]
fn a_refresh_blocks_no_reader() {
    let folder = Folder::new("readers");
    // On each day so many customers as its number are in.
    let customers =
        |on: u32| (0..5_000).map(move |id| (id, Some(if id < on.into() { 3 } else { 0 }), None));
    refreshed(&folder, RULES, &customers(1).collect::<Vec<_>>(), 1);
    let mut store = Store::open(folder.file(), &schema()).unwrap();
    let (under_way, amid) = (AtomicU32::new(1), AtomicUsize::new(0));
    let reading = |reader: StoreReader| {
        let mut last = 1;
        while last < 25 {
            let before = under_way.load(Ordering::SeqCst);
            let members = reader.members("many").unwrap().len();
            let after = under_way.load(Ordering::SeqCst);
            assert!(members >= last && members <= usize::try_from(after).unwrap(), "{members}");
            // A refresh was under way from before the question until after the answer.
            if before == after && usize::try_from(after).unwrap() > members {
                amid.fetch_add(1, Ordering::SeqCst);
            }
            last = members;
        }
    };
    let readers = [store.reader(), StoreReader::open(folder.file(), &schema()).unwrap()];
    std::thread::scope(|scope| {
        for reader in readers {
            let reading = &reading;
            scope.spawn(move || reading(reader));
        }
        let mut engine = engine(&store, RULES, &customers(1).collect::<Vec<_>>());
        for on in 2..=25 {
            let next = filled(engine.snapshot().next(), &customers(on).collect::<Vec<_>>());
            engine.load(next).unwrap();
            under_way.store(on, Ordering::SeqCst);
            store.refresh(&mut engine, day(on)).unwrap();
        }
    });
    assert!(amid.load(Ordering::SeqCst) > 0);
}

#[test]
fn keys_of_another_type_are_refused() {
    let folder = Folder::new("keys");
    refreshed(&folder, RULES, &[(1, Some(3), None)], 1);
    let texts = Schema::builder().timezone("UTC").customers("id").column("id", Type::Text).build();
    let refused = Store::open(folder.file(), &texts.unwrap()).err().unwrap();
    assert_eq!(refused.diagnostics()[0].code.as_str(), "E1303");
}

#[test]
fn a_segment_that_is_gone_keeps_its_history() {
    let folder = Folder::new("gone");
    refreshed(&folder, RULES, &[(1, Some(3), None)], 1);
    refreshed(&folder, "segment other { include n >= 1 }", &[(1, Some(3), None)], 2);
    let store = Store::open(folder.file(), &schema()).unwrap();
    let names: Vec<_> = store.segments().unwrap().into_iter().map(|own| own.name).collect();
    assert_eq!(names, ["other"]);
    assert_eq!(store.history("many").unwrap().len(), 1);
    assert_eq!(ints(store.members_at("many", day(1)).unwrap()), [1]);
    assert_eq!(ints(store.members_at("many", day(2)).unwrap()), [0_i64; 0]);
}
