//! A writer that is killed.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use segmenta::{Position, Store};

use super::{Customer, Folder, engine, ints, schema};

/// The variable that tells a child its store.
const STORE: &str = "SEGMENTA_TEST_STORE";
/// How many kills; `CRASHES=2000` for a campaign.
const KILLS: u64 = 200;

const RULES: &str = "
    segment many { include n >= 3 }
    static segment first { include n >= 5 }
    segment both { include in segment many and n <= 8 }
";

/// The customers of a refresh: some come and go, all have other numbers.
fn customers(refresh: i64) -> Vec<Customer> {
    let here = |id: &i64| (id + refresh) % 17 != 0;
    (0..300).filter(here).map(|id| (id, Some((id * 7 + refresh * 13) % 11), None)).collect()
}

fn members(refresh: i64, meets: impl Fn(i64) -> bool) -> Vec<i64> {
    let all = customers(refresh).into_iter();
    all.filter(|(_, n, _)| n.is_some_and(&meets)).map(|(id, ..)| id).collect()
}

fn moment(refresh: i64) -> DateTime<Utc> {
    "2026-01-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::hours(refresh)
}

/// The number of the last refresh.
fn last(store: &Store) -> i64 {
    store.as_of().unwrap().map_or(0, |at| (at - moment(0)).num_hours())
}

/// What a child does until it is killed.
#[test]
fn child() {
    let Ok(path) = std::env::var(STORE) else { return };
    let mut store = Store::open(path, &schema()).unwrap();
    loop {
        let next = last(&store) + 1;
        let mut engine = engine(&store, RULES, &customers(next));
        store.refresh(&mut engine, moment(next)).unwrap();
    }
}

#[test]
fn a_kill_leaves_a_whole_refresh() {
    let folder = Folder::new("crash");
    let kills = std::env::var("CRASHES").map_or(KILLS, |kills| kills.parse().unwrap());
    let (mut before, mut window) = (0, 60_000);
    for kill in 0..kills {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "store::crash::child", "--nocapture"])
            .env(STORE, folder.file())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        // Anywhere in the first refreshes of the child, its start and the opening of the store among them.
        std::thread::sleep(Duration::from_micros(5_000 + kill * 7_919 % window));
        child.kill().unwrap();
        child.wait().unwrap();
        let store = Store::open(folder.file(), &schema()).unwrap();
        let last = last(&store);
        assert!(last >= before, "{last} is before {before}");
        before = last;
        check(&store, last);
        // A machine that is too busy for any child to come so far.
        if before == 0 && kill % 20 == 19 {
            window *= 2;
        }
    }
    assert!(before > 0, "no child came to a refresh");
}

fn check(store: &Store, last: i64) {
    if last == 0 {
        return assert!(store.segments().unwrap().is_empty());
    }
    let history = store.history("many").unwrap();
    assert_eq!(i64::try_from(history.len()).unwrap(), last);
    assert_eq!(ints(store.members("many").unwrap()), members(last, |n| n >= 3));
    assert_eq!(ints(store.members("both").unwrap()), members(last, |n| (3..=8).contains(&n)));
    // Of the refreshes before, a few.
    for refresh in [1, last / 2, last - 1, last].into_iter().filter(|refresh| *refresh > 0) {
        let found = ints(store.members_at("many", moment(refresh)).unwrap());
        assert_eq!(found, members(refresh, |n| n >= 3), "refresh {refresh} of {last}");
    }
    // Every event can be read, and they add up to the members.
    let events = store.events(Position::START, usize::MAX).unwrap();
    let entered =
        events.iter().filter(|event| event.segment == "many").map(|event| match event.kind {
            segmenta::EventKind::Entered { .. } => 1,
            segmenta::EventKind::Left { .. } => -1,
            _ => 0,
        });
    let expected = i64::try_from(members(last, |n| n >= 3).len()).unwrap();
    assert_eq!(entered.sum::<i64>(), expected);
}
