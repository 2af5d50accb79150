//! Why somebody entered or left.

use segmenta::{Cause, EventKind, Key, Position, Store};

use super::{Customer, Folder, refreshed, schema};

/// The event in each segment, in the order of time and names.
fn story(folder: &Folder, key: i64) -> Vec<(String, bool, Cause)> {
    let store = Store::open(folder.file(), &schema()).unwrap();
    let events = store.customer_history(&Key::Int(key)).unwrap();
    events
        .into_iter()
        .map(|event| match event.kind {
            EventKind::Entered { cause, .. } => (event.segment, true, cause),
            EventKind::Left { cause, .. } => (event.segment, false, cause),
            other => panic!("{other:?}"),
        })
        .collect()
}

fn told(events: &[(String, bool, Cause)]) -> Vec<(&str, bool, Cause)> {
    events.iter().map(|(name, entered, cause)| (name.as_str(), *entered, *cause)).collect()
}

#[test]
fn each_event_has_its_cause() {
    let folder = Folder::new("causes");
    let rules = |n: u32, pins: &str| {
        format!(
            "segment many {{ include n >= {n} {pins} }}
             segment recent {{ include seen within last 2 days }}
             segment both {{ include in segment many }}"
        )
    };
    let one = |n, seen: u32| -> Customer { (1, Some(n), Some(seen)) };
    refreshed(&folder, &rules(3, ""), &[one(3, 1), (2, Some(0), None)], 1);
    // The number falls, and the day is still near.
    refreshed(&folder, &rules(3, ""), &[one(2, 1), (2, Some(0), None)], 2);
    // Nothing but time.
    refreshed(&folder, &rules(3, ""), &[one(2, 1), (2, Some(0), None)], 4);
    // The rule asks for less, and 2 is pinned.
    refreshed(&folder, &rules(2, "pin in (2)"), &[one(2, 1), (2, Some(0), None)], 5);
    // Gone.
    refreshed(&folder, &rules(2, "pin in (2)"), &[(2, Some(0), None)], 6);
    use Cause::{DataChanged, Deleted, Pinned, RuleChanged, TimePassed};
    assert_eq!(
        told(&story(&folder, 1)),
        [
            ("both", true, RuleChanged),
            ("many", true, RuleChanged),
            ("recent", true, RuleChanged),
            ("both", false, DataChanged),
            ("many", false, DataChanged),
            ("recent", false, TimePassed),
            ("both", true, RuleChanged),
            ("many", true, RuleChanged),
            ("both", false, Deleted),
            ("many", false, Deleted),
        ]
    );
    assert_eq!(told(&story(&folder, 2)), [("both", true, RuleChanged), ("many", true, Pinned)]);
}

#[test]
fn a_new_customer_enters_by_data() {
    let folder = Folder::new("newcomer");
    let rules = "segment many { include n >= 3 }";
    refreshed(&folder, rules, &[], 1);
    refreshed(&folder, rules, &[(8, Some(3), None)], 2);
    assert_eq!(told(&story(&folder, 8)), [("many", true, Cause::DataChanged)]);
    let store = Store::open(folder.file(), &schema()).unwrap();
    let customer = store.customer(&Key::Int(8)).unwrap();
    assert!(customer[0].member);
    let since = "2026-11-02T22:59:59.999999Z".parse().unwrap();
    assert_eq!(customer[0].since, Some((since, Cause::DataChanged)));
    let unknown = store.customer(&Key::Int(9)).unwrap_err();
    assert_eq!(unknown.diagnostics()[0].code.as_str(), "E1308");
}

#[test]
fn consumers_read_in_order_and_on_their_own() {
    let folder = Folder::new("consumers");
    let rules = "segment many { include n >= 3 } segment none { include n < 0 }";
    refreshed(&folder, rules, &[(1, Some(3), None), (2, Some(3), None)], 1);
    refreshed(&folder, rules, &[(1, Some(0), None), (2, Some(3), None)], 2);
    let mut store = Store::open(folder.file(), &schema()).unwrap();
    let all = store.events(Position::START, usize::MAX).unwrap();
    // 2 entered, formed, formed; 1 left, formed, formed.
    assert_eq!(all.len(), 7);
    assert!(all.windows(2).all(|two| two[0].position < two[1].position));
    let mut one_by_one = Vec::new();
    loop {
        let after = store.position("mail").unwrap();
        let Some(next) = store.events(after, 1).unwrap().pop() else { break };
        store.acknowledge("mail", next.position).unwrap();
        one_by_one.push(next);
    }
    assert_eq!(one_by_one, all);
    assert_eq!(store.position("webhook").unwrap(), Position::START);
    drop(store);
    let store = Store::open(folder.file(), &schema()).unwrap();
    assert_eq!(store.position("mail").unwrap(), all[6].position);
}

#[test]
fn what_is_forgotten_is_missed() {
    let folder = Folder::new("retention");
    let rules = "segment many { include n >= 3 }";
    let n = |on: u32| Some(if on.is_multiple_of(2) { 3 } else { 0 });
    for on in 1..=3 {
        refreshed(&folder, rules, &[(1, n(on), None), (2, Some(3), None)], on);
    }
    let mut store = Store::open(folder.file(), &schema()).unwrap();
    let early = store.events(Position::START, 1).unwrap()[0].position;
    let late = store.events(Position::START, usize::MAX).unwrap().last().unwrap().position;
    store.set_retention(std::num::NonZeroU64::new(2)).unwrap();
    drop(store);
    refreshed(&folder, rules, &[(1, n(4), None), (2, Some(3), None)], 4);
    let store = Store::open(folder.file(), &schema()).unwrap();
    assert_eq!(store.history("many").unwrap().len(), 2);
    assert_eq!(super::ints(store.members_at("many", super::day(3)).unwrap()), [2]);
    assert_eq!(super::ints(store.members_at("many", super::day(4)).unwrap()), [1, 2]);
    let gone = |error: segmenta::Error| error.diagnostics()[0].code.as_str();
    assert_eq!(gone(store.members_at("many", super::day(2)).unwrap_err()), "E1307");
    assert_eq!(gone(store.events(early, 1).unwrap_err()), "E1307");
    assert_eq!(store.events(late, usize::MAX).unwrap().len(), 2);
    assert_eq!(store.events(Position::START, usize::MAX).unwrap().len(), 4);
}
