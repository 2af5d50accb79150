//! Why somebody entered or left.

use segmenta::{Cause, EventKind, Key, Position, Store, Value};

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
    for none in ["1-6", "2-4", "3-1", "3-0", "0-1"] {
        let refused = store.acknowledge("mail", none.parse().unwrap()).unwrap_err();
        assert!(refused.to_string().contains("no event has this position"), "{none}");
    }
    store.acknowledge("again", all[3].position).unwrap();
    store.acknowledge("again", Position::START).unwrap();
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

/// Whether the customer entered, and why, refresh by refresh.
fn causes(folder: &Folder, key: i64, segment: &str) -> Vec<(bool, Cause)> {
    let all = story(folder, key).into_iter();
    all.filter(|(name, ..)| name == segment).map(|(_, entered, cause)| (entered, cause)).collect()
}

#[test]
fn causes_are_since_a_segment_was_calculated() {
    let folder = Folder::new("since");
    let rules = |n: u32| {
        format!(
            "segment many {{ include n >= {n} }} segment both {{ include in segment many }}
             segment recent {{ include seen within last 2 days }}"
        )
    };
    let some = |text: &str, customers: &[Customer], on, names: &[&str]| {
        let mut store = Store::open(folder.file(), &schema()).unwrap();
        let mut engine = super::engine(&store, text, customers);
        store.refresh_some(&mut engine, names, super::day(on)).unwrap();
    };
    refreshed(&folder, &rules(3), &[(1, Some(3), Some(1)), (2, Some(4), Some(1))], 1);
    // The number of 1 falls, and both are seen late; nothing but another segment is calculated.
    some(&rules(3), &[(1, Some(2), Some(9)), (2, Some(4), Some(9))], 5, &["BOTH"]);
    // Nothing changes any more, but it shows.
    some(&rules(3), &[(1, Some(2), Some(9)), (2, Some(4), Some(9))], 10, &["many", "recent"]);
    // Another rule, of which nothing is calculated at first.
    some(&rules(5), &[(1, Some(2), Some(9)), (2, Some(4), Some(9))], 12, &["recent"]);
    some(&rules(5), &[(1, Some(2), Some(9)), (2, Some(4), Some(9))], 13, &["many", "both"]);
    use Cause::{DataChanged, RuleChanged, TimePassed};
    let entered = (true, RuleChanged);
    assert_eq!(causes(&folder, 1, "many"), [entered, (false, DataChanged)]);
    assert_eq!(causes(&folder, 2, "many"), [entered, (false, RuleChanged)]);
    assert_eq!(causes(&folder, 1, "both"), [entered, (false, RuleChanged)]);
    assert_eq!(causes(&folder, 2, "recent"), [entered, (false, TimePassed)]);
    let store = Store::open(folder.file(), &schema()).unwrap();
    let formed: Vec<_> = store.segments().unwrap().into_iter().map(|own| own.formed).collect();
    let at = |on: u32| Some(format!("2026-11-{on}T22:59:59.999999Z").parse().unwrap());
    assert_eq!(formed, [at(13), at(13), at(12)]);
    let since: Vec<_> = store.rules("many").unwrap().into_iter().map(|own| own.since).collect();
    assert_eq!(since.into_iter().map(Some).collect::<Vec<_>>(), [at_first(), at(13)]);
    assert_eq!(store.rules("recent").unwrap().len(), 1);
    let rules = store.rules("many").unwrap();
    assert!(rules[0].rule.contains('3') && rules[1].rule.contains('5'), "{rules:?}");
}

fn at_first() -> Option<chrono::DateTime<chrono::Utc>> {
    Some("2026-11-01T22:59:59.999999Z".parse().unwrap())
}

#[test]
fn causes_outlast_what_is_forgotten() {
    let folder = Folder::new("outlast");
    let rules = "segment many { include n >= 3 } segment none { include n < 0 }";
    refreshed(&folder, rules, &[(1, Some(3), None)], 1);
    let mut store = Store::open(folder.file(), &schema()).unwrap();
    store.set_retention(std::num::NonZeroU64::new(1)).unwrap();
    for on in 2..5 {
        let mut engine = super::engine(&store, rules, &[(1, Some(0), None)]);
        store.refresh_some(&mut engine, ["none"], super::day(on)).unwrap();
    }
    assert_eq!(super::ints(store.members("many").unwrap()), [1]);
    let mut engine = super::engine(&store, rules, &[(1, Some(0), None)]);
    store.refresh(&mut engine, super::day(5)).unwrap();
    drop(store);
    assert_eq!(causes(&folder, 1, "many"), [(false, Cause::DataChanged)]);
}

#[test]
fn observers_hear_what_consumers_read() {
    let folder = Folder::new("observers");
    let rules = "segment many { include n >= 3 } segment none { include n < 0 }";
    refreshed(&folder, rules, &[(1, Some(3), None)], 1);
    let mut store = Store::open(folder.file(), &schema()).unwrap();
    let heard = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let own = heard.clone();
    store.observe(move |event| own.lock().unwrap().push(event.clone())).unwrap();
    let last = store.events(Position::START, usize::MAX).unwrap().pop().unwrap().position;
    // More of them than are read at a time.
    let many: Vec<Customer> = (1..=10_000).map(|id| (id, Some(3), None)).collect();
    for (on, customers) in [(2, &many[..]), (3, &many[1..])] {
        let mut engine = super::engine(&store, rules, customers);
        store.refresh(&mut engine, super::day(on)).unwrap();
    }
    let events = store.events(last, usize::MAX).unwrap();
    // 9,999 come and one goes, and two segments are formed twice.
    assert_eq!(events.len(), 9_999 + 1 + 4);
    assert!(*heard.lock().unwrap() == events);
    // By threes, as consumers do.
    let (mut by_threes, mut after) = (Vec::new(), last);
    loop {
        let some = store.events(after, 3).unwrap();
        assert!(some.len() <= 3);
        let Some(position) = some.last().map(|event| event.position) else { break };
        after = position;
        by_threes.extend(some);
        if by_threes.len() > 300 && by_threes.len() < 9_000 {
            after = events[9_000].position;
            by_threes.truncate(0);
            by_threes.extend_from_slice(&events[..=9_000]);
        }
    }
    assert!(by_threes == events);
}

#[test]
fn what_an_engine_took_in_between_is_stored_too() {
    let folder = Folder::new("between");
    let rules = "segment many { include n >= 3 } static segment first { include n >= 3 }";
    let mut store = Store::open(folder.file(), &schema()).unwrap();
    let mut engine = super::engine(&store, rules, &[(1, Some(3), None), (2, Some(0), None)]);
    store.refresh(&mut engine, super::day(1)).unwrap();
    let mut changes = engine.snapshot().changes();
    let row = [("id", Some(Value::Int(2))), ("n", Some(Value::Int(5)))];
    changes.push("customers", row).unwrap();
    assert_eq!(engine.apply(changes).unwrap().changes()[0].entered_keys(), [2.into()]);
    assert_eq!(super::ints(store.members("many").unwrap()), [1]);
    // It is not told again, but it is written down, with its cause.
    assert!(store.refresh(&mut engine, super::day(2)).unwrap().changes()[0].is_empty());
    assert_eq!(super::ints(store.members("many").unwrap()), [1, 2]);
    assert_eq!(super::ints(store.members("first").unwrap()), [1]);
    assert_eq!(store.history("many").unwrap()[1].entered, 1);
    drop(store);
    assert_eq!(causes(&folder, 2, "many"), [(true, Cause::DataChanged)]);
}

#[test]
fn a_segment_that_is_back_before_a_refresh_was_never_gone() {
    let folder = Folder::new("back");
    let text = "segment many { include n >= 3 } static segment first { include n >= 3 }";
    let mut store = Store::open(folder.file(), &schema()).unwrap();
    let mut engine = super::engine(&store, text, &[(1, Some(3), None), (2, Some(0), None)]);
    store.refresh(&mut engine, super::day(1)).unwrap();
    // 1 no longer meets the static segment and stays, 2 does and does not come in.
    let data = super::filled(engine.snapshot().next(), &[(1, Some(0), None), (2, Some(3), None)]);
    engine.load(data).unwrap();
    for rules in ["segment other { }", text] {
        engine.set_rules(super::rules(rules)).unwrap();
    }
    store.refresh_some(&mut engine, ["many"], super::day(2)).unwrap();
    assert_eq!(super::ints(store.members("many").unwrap()), [2]);
    assert_eq!(super::ints(store.members("first").unwrap()), [1]);
    for rules in ["segment other { }", text] {
        engine.set_rules(super::rules(rules)).unwrap();
    }
    store.refresh(&mut engine, super::day(3)).unwrap();
    assert_eq!(super::ints(store.members("first").unwrap()), [1]);
    let moves = |own: &segmenta::PastRefresh| (own.members, own.entered, own.left);
    let history = store.history("first").unwrap();
    assert_eq!(history.iter().map(moves).collect::<Vec<_>>(), [(1, 1, 0), (1, 0, 0), (1, 0, 0)]);
}

#[test]
fn an_engine_goes_on_at_the_moment_of_the_store() {
    let folder = Folder::new("moment");
    let rules = "segment recent { include seen within last 2 days }";
    refreshed(&folder, rules, &[(1, None, Some(9))], 10);
    let mut store = Store::open(folder.file(), &schema()).unwrap();
    let mut engine = super::engine(&store, rules, &[(1, None, Some(9))]);
    assert_eq!(engine.keys("recent"), Some(vec![1.into()]));
    // Changes are taken at that moment, before any refresh of this process.
    let mut changes = engine.snapshot().changes();
    let seen = |day: u32| Some(Value::Date(format!("2026-11-{day:02}").parse().unwrap()));
    changes.push("customers", [("id", Some(Value::Int(2))), ("seen", seen(8))]).unwrap();
    changes.push("customers", [("id", Some(Value::Int(3))), ("seen", seen(7))]).unwrap();
    assert_eq!(engine.apply(changes).unwrap().changes()[0].entered_keys(), [2.into()]);
    store.refresh(&mut engine, super::day(11)).unwrap();
    assert_eq!(super::ints(store.members("recent").unwrap()), [1]);
    assert_eq!(store.history("recent").unwrap()[1].members, 1);
}
