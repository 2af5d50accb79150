//! Segments formed in the background, by a clock that stands until it is moved.

use std::{
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

use chrono::{DateTime, Utc};
use segmenta::{Engine, EventKind, JobState, JobStatus, Jobs, Rules, Schedule, Store, Watch};

use crate::store::{Customer, Folder, engine, filled, ints, rules, schema};

#[derive(Clone)]
struct Clock(Arc<Mutex<DateTime<Utc>>>);

fn at(time: &str) -> DateTime<Utc> {
    time.parse().unwrap()
}

impl Clock {
    fn new(time: &str) -> Self {
        Self(Arc::new(Mutex::new(at(time))))
    }

    fn set(&self, time: &str) {
        *self.0.lock().unwrap() = at(time);
    }

    fn clock(&self) -> impl Fn() -> DateTime<Utc> + Send + Sync + 'static {
        let own = self.0.clone();
        move || *own.lock().unwrap()
    }
}

const CUSTOMERS: [Customer; 3] = [(1, Some(3), None), (2, Some(5), None), (3, None, None)];

fn start(folder: &Folder, text: &str, clock: &Clock, schedule: &str) -> Jobs {
    let store = Store::open(folder.file(), &schema()).unwrap();
    let engine = engine(&store, text, &CUSTOMERS);
    let schedule = schedule.parse::<Schedule>().unwrap();
    Jobs::builder(store, engine).schedule(schedule).start(clock.clock()).unwrap()
}

fn state(jobs: &Jobs, segment: &str) -> JobState {
    jobs.wait().unwrap();
    jobs.status(segment).unwrap().state
}

fn formed(jobs: &Jobs, segment: &str) -> Option<DateTime<Utc>> {
    jobs.wait().unwrap();
    jobs.status(segment).unwrap().formed
}

const RULES: &str = "
    segment many { include n >= 3 }
    static segment first { include n >= 5 }
    inactive segment asleep { include n >= 1 }
";

#[test]
fn segments_are_formed_when_they_are_due() {
    let (folder, clock) = (Folder::new("jobs-due"), Clock::new("2026-11-01T12:00:00Z"));
    let jobs = start(&folder, RULES, &clock, "daily at 03:00");
    // New ones at once.
    let noon = Some(at("2026-11-01T12:00:00Z"));
    assert_eq!((formed(&jobs, "many"), formed(&jobs, "FIRST")), (noon, noon));
    assert_eq!(state(&jobs, "asleep"), JobState::Inactive);
    assert_eq!(jobs.reader().members("first").unwrap(), [2.into()]);
    // Three in Stockholm is two by UTC.
    let due = |jobs: &Jobs| jobs.status("many").unwrap().due;
    assert_eq!(due(&jobs), Some(at("2026-11-02T02:00:00Z")));
    clock.set("2026-11-02T01:59:59Z");
    assert_eq!(formed(&jobs, "many"), noon);
    clock.set("2026-11-02T02:00:01Z");
    assert_eq!(formed(&jobs, "many"), Some(at("2026-11-02T02:00:01Z")));
    assert_eq!(formed(&jobs, "first"), noon);
    assert_eq!(due(&jobs), Some(at("2026-11-03T02:00:00Z")));
    assert_eq!(jobs.status("first").unwrap().due, None);
    assert_eq!(jobs.reader().history("many").unwrap().len(), 2);
    // Only what was calculated is said to be formed.
    let events = jobs.reader().events(segmenta::Position::START, usize::MAX).unwrap();
    let notices = events.iter().filter(|event| matches!(event.kind, EventKind::Formed { .. }));
    let notices: Vec<_> = notices.map(|event| event.segment.as_str()).collect();
    assert_eq!(notices, ["many", "first", "many"]);
}

#[test]
fn a_restart_forms_nothing_twice() {
    let (folder, clock) = (Folder::new("jobs-restart"), Clock::new("2026-11-01T12:00:00Z"));
    let jobs = start(&folder, RULES, &clock, "every 6 hours");
    jobs.wait().unwrap();
    drop(jobs);
    clock.set("2026-11-01T13:00:00Z");
    let edited = RULES.replace("n >= 5", "n >= 3");
    let jobs = start(&folder, &edited, &clock, "every 6 hours");
    // The static one was edited meanwhile; of the other, the time has not come.
    let (noon, one) = (at("2026-11-01T12:00:00Z"), at("2026-11-01T13:00:00Z"));
    assert_eq!(state(&jobs, "many"), JobState::Ready { at: noon, took: None });
    assert_eq!(formed(&jobs, "first"), Some(one));
    assert_eq!(ints(jobs.reader().members("first").unwrap()), [1, 2]);
    assert_eq!(jobs.status("many").unwrap().due, Some(at("2026-11-01T18:00:00Z")));
    let history = jobs.reader().history("many").unwrap();
    assert_eq!(history.len(), 2);
    // No time went by while it was formed: the clock stood.
    let took = Some(Duration::ZERO);
    assert_eq!(state(&jobs, "first"), JobState::Ready { at: one, took });
}

#[test]
fn a_clock_that_is_finer_than_the_store_stands_within_a_microsecond() {
    let (folder, clock) = (Folder::new("jobs-fine"), Clock::new("2026-11-01T12:00:00.000000999Z"));
    let jobs = start(&folder, RULES, &clock, "every 6 hours");
    // As the store says it, before a restart and after.
    let noon = at("2026-11-01T12:00:00Z");
    assert_eq!(state(&jobs, "many"), JobState::Ready { at: noon, took: Some(Duration::ZERO) });
    assert_eq!(jobs.reader().as_of().unwrap(), Some(noon));
    // There is no later moment yet.
    jobs.form(["many"]).unwrap();
    assert_eq!(state(&jobs, "many"), JobState::Queued { since: noon });
    clock.set("2026-11-01T12:00:00.000001Z");
    assert_eq!(formed(&jobs, "many"), Some(at("2026-11-01T12:00:00.000001Z")));
}

#[test]
fn what_is_edited_is_queued_and_by_hand_is_asked_for() {
    let (folder, clock) = (Folder::new("jobs-edit"), Clock::new("2026-11-01T12:00:00Z"));
    let store = Store::open(folder.file(), &schema()).unwrap();
    let engine = engine(&store, RULES, &CUSTOMERS);
    let jobs = Jobs::builder(store, engine)
        .schedule("every hour".parse().unwrap())
        .schedule_of("Many", Schedule::BY_HAND)
        .start(clock.clock())
        .unwrap();
    assert_eq!(state(&jobs, "many"), JobState::New);
    assert!(jobs.form(["many", "none"]).unwrap_err().to_string().contains("`none`"));
    assert_eq!(state(&jobs, "many"), JobState::New);
    // The store is at this moment already: it waits for the clock.
    jobs.form(["MANY"]).unwrap();
    let since = at("2026-11-01T12:00:00Z");
    assert_eq!(state(&jobs, "many"), JobState::Queued { since });
    clock.set("2026-11-01T12:00:01Z");
    assert_eq!(formed(&jobs, "many"), Some(at("2026-11-01T12:00:01Z")));
    // Edited by hand, it is not formed; a static one is, and one that is no longer inactive.
    clock.set("2026-11-01T12:00:02Z");
    let edited = RULES.replace(">= 3", ">= 5").replace(">= 5 }\n    in", ">= 3 }\n    in");
    let edited = edited.replace("inactive segment asleep", "segment asleep");
    jobs.with(move |engine| engine.set_rules(rules(&edited))).unwrap().unwrap();
    assert_eq!(formed(&jobs, "first"), Some(at("2026-11-01T12:00:02Z")));
    assert_eq!(formed(&jobs, "asleep"), Some(at("2026-11-01T12:00:02Z")));
    assert_eq!(formed(&jobs, "many"), Some(at("2026-11-01T12:00:01Z")));
    assert_eq!(ints(jobs.reader().members("first").unwrap()), [1, 2]);
    assert_eq!(ints(jobs.reader().members("many").unwrap()), [1, 2]);
    // Other pins apply to a static segment, which keeps who was in when it was formed.
    clock.set("2026-11-01T12:00:03Z");
    let pinned =
        "segment many { include n >= 5 } static segment first { include n >= 3 pin out (1) }";
    jobs.with(move |engine| engine.set_rules(rules(pinned))).unwrap().unwrap();
    assert_eq!(formed(&jobs, "first"), Some(at("2026-11-01T12:00:02Z")));
    assert_eq!(ints(jobs.reader().members("first").unwrap()), [2]);
    assert!(jobs.status("asleep").is_none());
    let names: Vec<String> = jobs.statuses().into_iter().map(|own| own.segment).collect();
    assert_eq!(names, ["many", "first"]);
}

#[test]
fn a_segment_reads_no_members_that_were_never_formed() {
    let (folder, clock) = (Folder::new("jobs-reads"), Clock::new("2026-11-01T12:00:00Z"));
    let text = "segment many { include n >= 3 } static segment both { include in segment many }";
    let jobs = start(&folder, text, &clock, "by hand");
    assert_eq!(formed(&jobs, "many"), Some(at("2026-11-01T12:00:00Z")));
    assert_eq!(ints(jobs.reader().members("both").unwrap()), [1, 2]);
    // From now on its members are those it has.
    clock.set("2026-11-01T13:00:00Z");
    let text =
        "segment many { include n >= 5 } static segment both { include in segment many or n = 0 }";
    jobs.with(move |engine| engine.set_rules(rules(text))).unwrap().unwrap();
    assert_eq!(formed(&jobs, "both"), Some(at("2026-11-01T13:00:00Z")));
    assert_eq!(ints(jobs.reader().members("both").unwrap()), [1, 2]);
}

#[test]
fn newer_data_are_formed_from() {
    let (folder, clock) = (Folder::new("jobs-data"), Clock::new("2026-11-01T12:00:00Z"));
    let jobs = start(&folder, RULES, &clock, "by hand");
    jobs.form_all().unwrap();
    jobs.wait().unwrap();
    let next = jobs.with(|engine| engine.snapshot().next()).unwrap();
    let data = filled(next, &[(2, Some(0), None), (4, Some(9), None)]);
    jobs.with(move |engine| engine.load(data)).unwrap().unwrap();
    clock.set("2026-11-01T12:00:05Z");
    jobs.form(["many"]).unwrap();
    jobs.wait().unwrap();
    assert_eq!(ints(jobs.reader().members("many").unwrap()), [4]);
    assert_eq!(ints(jobs.reader().members("first").unwrap()), [2]);
    // Changes as they come are in the store from the next formation on.
    jobs.with(|engine| {
        let mut changes = engine.snapshot().changes();
        let row = [("id", Some(segmenta::Value::Int(5))), ("n", Some(segmenta::Value::Int(7)))];
        changes.push("customers", row)?;
        engine.apply(changes).map(drop)
    })
    .unwrap()
    .unwrap();
    clock.set("2026-11-01T12:00:06Z");
    jobs.form(["many"]).unwrap();
    jobs.wait().unwrap();
    assert_eq!(ints(jobs.reader().members("many").unwrap()), [4, 5]);
}

/// Chunks enough that there is progress to be seen, and held up until it has been.
#[test]
fn progress_is_seen_and_a_stop_leaves_the_store_as_it_was() {
    let (folder, clock) = (Folder::new("jobs-stop"), Clock::new("2026-11-01T12:00:00Z"));
    let many: Vec<Customer> = (0..200_000).map(|id| (id, Some(id % 7), None)).collect();
    let store = Store::open(folder.file(), &schema()).unwrap();
    let engine = engine(&store, RULES, &many);
    let jobs = Jobs::builder(store, engine).start(clock.clock()).unwrap();
    assert!(matches!(state(&jobs, "first"), JobState::Ready { .. }));
    clock.set("2026-11-01T13:00:00Z");
    jobs.form(["many"]).unwrap();
    // It may be over before anybody looks; what is seen of it is in order.
    let mut seen = 0;
    loop {
        let JobStatus { state, .. } = jobs.status("many").unwrap();
        match state {
            JobState::Forming { since, done, total, .. } => {
                assert_eq!(since, at("2026-11-01T13:00:00Z"));
                assert!(total.is_none_or(|total| done <= total));
                seen += 1;
            }
            JobState::Queued { .. } => assert_eq!(seen, 0),
            JobState::Ready { .. } => break,
            other => panic!("{other:?}"),
        }
    }
    let clone = jobs.clone();
    let (store, engine) = clone.stop().unwrap().unwrap();
    assert!(jobs.stop().unwrap().is_none() && jobs.form(["many"]).is_err());
    assert_eq!(store.history("many").unwrap().len(), 1);
    assert_eq!(engine.keys("many").unwrap().len(), store.members("many").unwrap().len());
}

#[test]
fn a_formation_that_is_stopped_changes_nothing() {
    let (folder, clock) = (Folder::new("jobs-cancel"), Clock::new("2026-11-01T12:00:00Z"));
    let jobs = start(&folder, RULES, &clock, "by hand");
    jobs.wait().unwrap();
    // A watch of the host's own that stops what is under way.
    let cancel = segmenta::Cancel::new();
    cancel.cancel();
    let watch = Watch::new().cancelled_by(&cancel);
    jobs.with(move |engine| engine.set_watch(watch)).unwrap();
    clock.set("2026-11-01T13:00:00Z");
    let before = jobs.reader().history("first").unwrap();
    jobs.form(["many"]).unwrap();
    assert!(matches!(state(&jobs, "many"), JobState::Failed { .. }));
    let (store, _) = jobs.stop().unwrap().unwrap();
    assert_eq!(store.history("first").unwrap(), before);
}

#[test]
fn a_failure_keeps_the_last_members() {
    let schema = segmenta::Schema::from_toml(
        "[customers]\nkey = \"id\"\n[customers.columns]\nid = \"int\"\n\
         [tables.orders]\ncustomer = \"customer\"\ntime = \"day\"\n\
         [tables.orders.columns]\ncustomer = \"int\"\nday = \"date\"\ntotal = \"int\"\n\
         [predict]\ntable = \"orders\"\namount = \"total\"\n",
    )
    .unwrap();
    let folder = Folder::new("jobs-fail");
    let clock = Clock::new("2026-11-01T12:00:00Z");
    let parse = |text: &str| Rules::parse(&schema, text).unwrap();
    let mut store = Store::open(folder.file(), &schema).unwrap();
    let mut data = store.snapshot().unwrap();
    data.push("customers", [("id", Some(segmenta::Value::Int(1)))]).unwrap();
    let data = data.build().unwrap();
    // No orders, so that nothing can be fitted.
    let engine = store.engine(parse("segment alive { } segment all { }"), data).unwrap();
    let (send, heard) = mpsc::channel();
    store
        .observe(move |event| {
            if let EventKind::Failed { why } = &event.kind {
                send.send((event.segment.clone(), why.clone())).unwrap();
            }
        })
        .unwrap();
    let hourly = "every hour".parse().unwrap();
    let jobs = Jobs::builder(store, engine).schedule(hourly).start(clock.clock()).unwrap();
    jobs.wait().unwrap();
    clock.set("2026-11-01T12:30:00Z");
    let failing = parse("segment alive { include predict.alive >= 0.5 } segment all { }");
    jobs.with(move |engine| engine.set_rules(failing)).unwrap().unwrap();
    let JobState::Failed { at: failed, error } = state(&jobs, "alive") else { panic!() };
    assert_eq!(failed, at("2026-11-01T12:30:00Z"));
    assert!(error.contains("there is no model for `predict.alive`"), "{error}");
    assert_eq!(heard.try_recv().unwrap(), ("alive".to_owned(), error));
    assert_eq!(jobs.reader().members("alive").unwrap(), [1.into()]);
    assert!(matches!(state(&jobs, "all"), JobState::Ready { .. }));
    // It is tried again when its time comes.
    let status = jobs.status("alive").unwrap();
    assert_eq!(status.formed, Some(at("2026-11-01T12:00:00Z")));
    assert_eq!(status.due, Some(at("2026-11-01T13:30:00Z")));
    // And the store tells it to the next process.
    drop(jobs);
    let store = Store::open(folder.file(), &schema).unwrap();
    let mut data = store.snapshot().unwrap();
    data.push("customers", [("id", Some(segmenta::Value::Int(1)))]).unwrap();
    let again = parse("segment alive { include predict.alive >= 0.5 } segment all { }");
    let engine = store.engine(again, data.build().unwrap()).unwrap();
    let jobs = Jobs::builder(store, engine).schedule(hourly).start(clock.clock()).unwrap();
    assert!(matches!(state(&jobs, "alive"), JobState::Failed { .. }));
}

#[test]
fn a_panic_ends_the_jobs_and_nobody_waits_for_ever() {
    let (folder, clock) = (Folder::new("jobs-panic"), Clock::new("2026-11-01T12:00:00Z"));
    let jobs = start(&folder, RULES, &clock, "by hand");
    let told = jobs.with(|_| -> u32 { panic!("of the host's own making") });
    assert!(told.is_err());
    assert!(jobs.wait().is_err());
    assert!(jobs.form(["many"]).is_err());
    assert!(jobs.with(|_| ()).is_err());
    assert!(jobs.stop().is_err());
}

#[test]
fn an_observer_that_asks_the_jobs_to_wait_for_it_is_refused() {
    let (folder, clock) = (Folder::new("jobs-observer"), Clock::new("2026-11-01T12:00:00Z"));
    let mut store = Store::open(folder.file(), &schema()).unwrap();
    let engine = engine(&store, RULES, &CUSTOMERS);
    let (give, take) = mpsc::channel::<Jobs>();
    let (tell, told) = mpsc::channel();
    let mut own = None;
    store
        .observe(move |_| {
            let jobs = own.get_or_insert_with(|| take.recv().unwrap());
            tell.send((jobs.with(|_| ()).is_err(), jobs.wait().is_err())).unwrap();
        })
        .unwrap();
    let jobs = Jobs::builder(store, engine).start(clock.clock()).unwrap();
    give.send(jobs.clone()).unwrap();
    jobs.wait().unwrap();
    assert_eq!(told.try_recv().unwrap(), (true, true));
    // The observer has a clone, and they stop all the same.
    assert!(jobs.stop().unwrap().is_some());
}

#[test]
fn servers_share_what_they_need() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Jobs>();
    shared::<Store>();
    shared::<segmenta::StoreReader>();
    shared::<Engine>();
    shared::<Rules>();
    shared::<segmenta::Snapshot>();
    shared::<segmenta::Event>();
    fn sent<T: Send + 'static>() {}
    sent::<segmenta::SnapshotBuilder>();
    sent::<segmenta::Changes>();
}
