//! Every kind of change to the data, the passing of time, and single customers.

use segmenta::{AsOf, Engine, Key, Refresh, Rules, Schema, Snapshot, Value};

const SCHEMA: &str = r#"
timezone = "Europe/Stockholm"
[customers]
key = "id"
created = "since"
[customers.columns]
id = "text"
country = "text"
since = "date"
birthday = "date"
store = "ref<stores>"
[tables.orders]
key = "number"
customer = "customer"
time = "day"
[tables.orders.columns]
number = "int"
customer = "text"
day = "date"
total = "int"
[tables.items]
key = "item"
parent = "orders"
parent_key = "order"
[tables.items.columns]
item = "int"
order = "int"
product = "text"
[tables.visits]
customer = "customer"
time = "at"
[tables.visits.columns]
customer = "text"
at = "datetime"
page = "text"
[lookups.stores]
key = "code"
[lookups.stores.columns]
code = "text"
region = "text"
"#;

const RULES: &str = "
segment abroad { include country != 'SE' }
segment spender { include sum(orders.total) >= 100 }
segment tea { include exists(items where product = 'tea') }
segment last_small { include last(orders.total) < 20 }
segment first_tea { include first(items.product) = 'tea' }
segment recent { include exists(orders where day within last 30 days) }
segment seen { include exists(visits where at within last 2 hours) }
segment north { include store.region = 'north' }
segment best { include top 1 by sum(orders.total) }
static segment founders { include exists(orders) }
segment calm { include in segment founders exclude in segment tea }
segment birthday { include birthday = today ignoring year }
segment pinned { include false pin in ('d') }
";

fn text(value: &str) -> Option<Value> {
    Some(Value::Text(value.to_owned()))
}

fn day(text: &str) -> Option<Value> {
    Some(Value::Date(text.parse().unwrap()))
}

fn customer(id: &str, country: &str) -> [(&'static str, Option<Value>); 4] {
    let store = if country == "SE" { text("S1") } else { None };
    [("id", text(id)), ("country", text(country)), ("since", day("2020-01-01")), ("store", store)]
}

fn order(number: i64, whose: &str, on: &str, total: i64) -> [(&'static str, Option<Value>); 4] {
    [
        ("number", Some(Value::Int(number))),
        ("customer", text(whose)),
        ("day", day(on)),
        ("total", Some(Value::Int(total))),
    ]
}

fn item(item: i64, order: i64, product: &str) -> [(&'static str, Option<Value>); 3] {
    [
        ("item", Some(Value::Int(item))),
        ("order", Some(Value::Int(order))),
        ("product", text(product)),
    ]
}

fn engine() -> Engine {
    let schema = Schema::from_toml(SCHEMA).unwrap();
    let mut data = Snapshot::builder(&schema);
    for row in [customer("a", "SE"), customer("b", "NO"), customer("c", "SE")] {
        data.push("customers", row).unwrap();
    }
    for row in [
        order(1, "a", "2026-10-01", 50),
        order(2, "a", "2026-10-20", 10),
        order(3, "b", "2026-05-01", 90),
    ] {
        data.push("orders", row).unwrap();
    }
    for row in [item(1, 1, "tea"), item(2, 1, "cup"), item(3, 3, "cup")] {
        data.push("items", row).unwrap();
    }
    data.push("stores", [("code", text("S1")), ("region", text("south"))]).unwrap();
    let rules = Rules::parse(&schema, RULES).unwrap();
    let mut engine = Engine::new(rules, data.build().unwrap()).unwrap();
    engine.refresh("2026-10-25".parse::<AsOf>().unwrap()).unwrap();
    for (segment, members) in [
        ("abroad", "b"),
        ("spender", ""),
        ("tea", "a"),
        ("last_small", "a"),
        ("first_tea", "a"),
        ("recent", "a"),
        ("best", "b"),
        ("founders", "a b"),
        ("calm", "b"),
        ("pinned", ""),
    ] {
        assert_eq!(members_of(&engine, segment), members, "{segment}");
    }
    engine
}

fn members_of(engine: &Engine, segment: &str) -> String {
    shown(&engine.keys(segment).unwrap())
}

fn shown(keys: &[Key]) -> String {
    let keys = keys.iter().map(|key| match key {
        Key::Text(text) => text.clone(),
        Key::Int(number) => number.to_string(),
    });
    keys.collect::<Vec<_>>().join(" ")
}

/// `segment +entered -left` for each segment that changed.
fn events(refresh: &Refresh) -> String {
    let changes = refresh.changes().iter().filter(|change| !change.is_empty()).map(|change| {
        let entered = change.entered_keys();
        let left = change.left_keys();
        let signed = |sign: &str, keys: &[Key]| match keys {
            [] => String::new(),
            keys => format!(" {sign}{}", shown(keys)),
        };
        format!("{}{}{}", change.segment, signed("+", &entered), signed("-", &left))
    });
    changes.collect::<Vec<_>>().join(", ")
}

#[test]
fn customers_come_change_and_go() {
    let mut engine = engine();
    let mut changes = engine.changes();
    changes.push("customers", customer("d", "DK")).unwrap();
    changes.push("customers", customer("b", "SE")).unwrap();
    changes.delete("customers", "a").unwrap();
    changes.delete("customers", "nobody").unwrap();
    let found = engine.apply(changes).unwrap();
    assert_eq!(
        events(&found),
        "abroad +d -b, tea -a, last_small -a, first_tea -a, recent -a, founders -a, pinned +d"
    );
    assert_eq!((engine.snapshot().customers(), engine.snapshot().rows("orders")), (3, Some(1)));
    // Whoever comes back is new to a static segment.
    let mut changes = engine.changes();
    changes.push("customers", customer("a", "SE")).unwrap();
    changes.push("orders", order(1, "a", "2026-10-01", 500)).unwrap();
    let found = engine.apply(changes).unwrap();
    assert_eq!(events(&found), "spender +a, recent +a, best +a -b");
    // Given again in the changes that delete: the same customer without the old rows.
    let mut changes = engine.changes();
    changes.push("customers", customer("b", "NO")).unwrap();
    changes.delete("customers", "b").unwrap();
    let found = engine.apply(changes).unwrap();
    assert_eq!(events(&found), "abroad +b");
    assert_eq!(members_of(&engine, "founders"), "b");
    assert_eq!(engine.snapshot().rows("orders"), Some(1));
}

#[test]
fn child_rows_are_appended_corrected_and_deleted() {
    let mut engine = engine();
    let mut changes = engine.changes();
    changes.push("orders", order(4, "c", "2026-10-24", 200)).unwrap();
    changes.push("items", item(4, 4, "tea")).unwrap();
    let found = engine.apply(changes).unwrap();
    assert_eq!(events(&found), "spender +c, tea +c, first_tea +c, recent +c, best +c -b");
    // A correction takes the place of the row, and what hangs on it stays.
    let mut changes = engine.changes();
    changes.push("orders", order(4, "c", "2026-10-24", 5)).unwrap();
    let found = engine.apply(changes).unwrap();
    assert_eq!(events(&found), "spender -c, last_small +c, best +b -c");
    // Under another customer it takes its items along.
    let mut changes = engine.changes();
    changes.push("orders", order(4, "b", "2026-10-24", 5)).unwrap();
    let found = engine.apply(changes).unwrap();
    assert_eq!(events(&found), "tea +b -c, last_small +b -c, first_tea -c, recent +b -c, calm -b");
    // Deleted, it takes them away.
    let mut changes = engine.changes();
    changes.delete("orders", 4).unwrap();
    changes.delete("items", 2).unwrap();
    let found = engine.apply(changes).unwrap();
    assert_eq!(events(&found), "tea -b, last_small -b, recent -b, calm +b");
    assert_eq!(engine.snapshot().rows("items"), Some(2));
}

#[test]
fn rows_of_one_time_keep_their_order() {
    let mut engine = engine();
    let apply = |engine: &mut Engine, rows: &[[(&'static str, Option<Value>); 4]]| {
        let mut changes = engine.changes();
        for row in rows {
            changes.push("orders", row.clone()).unwrap();
        }
        events(&engine.apply(changes).unwrap())
    };
    // Of two on one day the one that came later is the last.
    let found = apply(&mut engine, &[order(5, "a", "2026-10-20", 30)]);
    assert_eq!(found, "last_small -a, best +a");
    assert_eq!(apply(&mut engine, &[order(2, "a", "2026-10-20", 11)]), "best -b");
    let found = apply(&mut engine, &[order(5, "a", "2026-10-20", 12)]);
    assert_eq!(found, "last_small +a, best +b -a");
    // One that goes to another day and comes back is given anew.
    let found = apply(&mut engine, &[order(2, "a", "2026-10-19", 40)]);
    assert_eq!(found, "spender +a, best +a -b");
    assert_eq!(apply(&mut engine, &[order(2, "a", "2026-10-20", 40)]), "last_small -a");
}

#[test]
fn rows_without_a_key_are_cleared_and_given_again() {
    let mut engine = engine();
    let at = |time: &str| Some(Value::DateTime(time.parse().unwrap()));
    let visit = |whose: &str, time: &str| {
        [("customer", text(whose)), ("at", at(time)), ("page", text("home"))]
    };
    let found = engine.advance("2026-10-26T12:00:00Z".parse::<AsOf>().unwrap()).unwrap();
    assert_eq!(events(&found), "");
    let mut changes = engine.changes();
    changes.push("visits", visit("a", "2026-10-26T11:00:00Z")).unwrap();
    changes.push("visits", visit("b", "2026-10-26T12:30:00Z")).unwrap();
    assert_eq!(events(&engine.apply(changes).unwrap()), "seen +a");
    let found = engine.advance("2026-10-26T12:30:00Z".parse::<AsOf>().unwrap()).unwrap();
    assert_eq!(events(&found), "seen +b");
    let found = engine.advance("2026-10-26T13:00:01Z".parse::<AsOf>().unwrap()).unwrap();
    assert_eq!(events(&found), "seen -a");
    let mut changes = engine.changes();
    changes.clear("visits", "b").unwrap();
    changes.clear("visits", "a").unwrap();
    changes.push("visits", visit("a", "2026-10-26T13:00:00Z")).unwrap();
    assert_eq!(events(&engine.apply(changes).unwrap()), "seen +a -b");
    assert_eq!(engine.snapshot().rows("visits"), Some(1));
}

#[test]
fn lookups_concern_everybody() {
    let mut engine = engine();
    let mut changes = engine.changes();
    changes.push("stores", [("code", text("S1")), ("region", text("north"))]).unwrap();
    changes.push("stores", [("code", text("S2")), ("region", text("north"))]).unwrap();
    assert_eq!(events(&engine.apply(changes).unwrap()), "north +a c");
    let error = engine.changes().delete("stores", "S1").unwrap_err();
    assert_eq!(error.to_string(), "rows of a lookup cannot be deleted, only replaced");
}

#[test]
fn what_is_wrong_is_told_at_once_and_nothing_changes() {
    let mut engine = engine();
    let mut changes = engine.changes();
    changes.push("orders", order(7, "nobody", "2026-10-24", 5)).unwrap();
    changes.push("orders", order(8, "a", "2026-10-24", 5)).unwrap();
    changes.push("orders", order(8, "b", "2026-10-24", 5)).unwrap();
    changes.push("items", item(9, 77, "tea")).unwrap();
    changes.push("customers", customer("x", "SE")).unwrap();
    changes.push("customers", customer("x", "NO")).unwrap();
    let error = engine.apply(changes).unwrap_err();
    let codes: Vec<_> = error.diagnostics().iter().map(|one| one.code.as_str()).collect();
    assert_eq!(codes.len(), 4, "{error}");
    assert_eq!((engine.snapshot().customers(), engine.snapshot().rows("orders")), (3, Some(3)));
    // A deleted customer has no orders.
    let mut changes = engine.changes();
    changes.delete("customers", "a").unwrap();
    changes.push("orders", order(9, "a", "2026-10-24", 5)).unwrap();
    assert_eq!(engine.apply(changes).unwrap_err().diagnostics().len(), 1);
    // Left out where that is wished.
    let mut changes = engine.changes().lenient(true);
    changes.push("orders", order(7, "nobody", "2026-10-24", 5)).unwrap();
    changes.push("orders", order(8, "b", "2026-10-24", 5)).unwrap();
    assert_eq!(events(&engine.apply(changes).unwrap()), "last_small +b, recent +b");
    assert_eq!(engine.snapshot().report().rejected("orders"), 1);
}

#[test]
fn changes_belong_to_their_data() {
    let mut engine = engine();
    let (one, other) = (engine.changes(), engine.changes());
    engine.apply(one).unwrap();
    let mut later = engine.changes();
    later.push("customers", customer("e", "NO")).unwrap();
    assert_eq!(events(&engine.apply(later).unwrap()), "abroad +e");
    let error = engine.apply(other).unwrap_err();
    assert!(error.to_string().starts_with("the changes were begun on other data"), "{error}");
    let (rules, data) = (engine.rules().clone(), engine.snapshot().clone());
    let mut fresh = Engine::new(rules, data).unwrap();
    let error = fresh.apply(fresh.changes()).unwrap_err();
    assert!(error.to_string().starts_with("there has been no refresh yet"), "{error}");
    assert!(fresh.evaluate_one("a").is_err());
    // A day can be advanced to at any time.
    fresh.advance("2026-10-25".parse::<AsOf>().unwrap()).unwrap();
    assert_eq!(members_of(&fresh, "abroad"), "b e");
}

#[test]
fn one_customer_before_the_others() {
    let mut engine = engine();
    assert_eq!(events(&engine.evaluate_one("a").unwrap()), "");
    assert!(engine.evaluate_one("nobody").is_err());
    let mut next = engine.snapshot().changes();
    next.push("customers", customer("a", "NO")).unwrap();
    next.push("customers", customer("c", "NO")).unwrap();
    next.push("orders", order(6, "a", "2026-10-24", 60)).unwrap();
    engine.load(next.build().unwrap()).unwrap();
    let found = engine.evaluate_one("a").unwrap();
    assert_eq!(events(&found), "abroad +a, spender +a, last_small -a, best +a");
    let found = engine.refresh("2026-10-25".parse::<AsOf>().unwrap()).unwrap();
    assert_eq!(events(&found), "abroad +c, best -b");
}

#[test]
fn days_pass() {
    let mut engine = engine();
    let mut changes = engine.changes();
    changes
        .push(
            "customers",
            [("id", text("n")), ("since", day("2026-10-27")), ("country", text("NO"))],
        )
        .unwrap();
    changes
        .push("customers", [("id", text("l")), ("since", None), ("birthday", day("2000-02-29"))])
        .unwrap();
    changes.push("orders", order(9, "c", "2026-10-28", 7)).unwrap();
    assert_eq!(events(&engine.apply(changes).unwrap()), "abroad +l");
    let mut to = |day: &str| events(&engine.advance(day.parse::<AsOf>().unwrap()).unwrap());
    assert_eq!(to("2026-10-26"), "");
    assert_eq!(to("2026-10-27"), "abroad +n");
    assert_eq!(to("2026-10-28"), "last_small +c, recent +c");
    assert_eq!(to("2026-11-19"), "");
    assert_eq!(to("2026-11-20"), "recent -a");
    assert_eq!(to("2027-02-28"), "recent -c, birthday +l");
    assert_eq!(to("2027-03-01"), "birthday -l");
    assert_eq!(to("2026-10-25"), "abroad -n, last_small -c, recent +a");
}

#[test]
fn many_small_changes_stay_small() {
    let mut engine = engine();
    for number in 0..300_i64 {
        let mut changes = engine.changes();
        let id = format!("x{}", number % 90);
        changes.push("customers", customer(&id, "NO")).unwrap();
        changes.push("orders", order(1_000 + number, &id, "2026-10-24", 1)).unwrap();
        engine.apply(changes).unwrap();
    }
    assert_eq!(engine.members("abroad").unwrap().len(), 91);
    assert_eq!(engine.members("recent").unwrap().len(), 91);
    let again = engine.evaluate_reference("2026-10-25".parse::<AsOf>().unwrap()).unwrap();
    for (segment, members) in
        again.segments().filter(|(name, _)| *name != "founders" && *name != "calm")
    {
        assert_eq!(engine.members(segment), Some(members), "{segment}");
    }
}

/// 1,000 customers with 10 points, 1,500 with 5 and 500 with 1: the best 40 of a hundred are 1,200, and with those who
/// have as many points as the last of them 2,500. When 300 rise from 1 to 10, the best 1,200 have 10 points each.
#[test]
fn many_stand_elsewhere_when_a_few_change() {
    let schema = "[customers]\nkey = 'id'\n[customers.columns]\nid = 'int'\npoints = 'int'\n";
    let schema = Schema::from_toml(schema).unwrap();
    let rules = "segment best { include top 40 percent by points }
segment others { include not in segment best }
segment rich { include points >= 10 }
static segment founders { include top 40 percent by points }
segment both { include in segment best and points < 10 }";
    let row =
        |id: i64, points: i64| [("id", Some(Value::Int(id))), ("points", Some(Value::Int(points)))];
    let points = |id: i64| match id {
        0..1_000 => 10,
        1_000..2_500 => 5,
        _ => 1,
    };
    let mut data = Snapshot::builder(&schema);
    (0..3_000).for_each(|id| data.push("customers", row(id, points(id))).unwrap());
    let rules = Rules::parse(&schema, rules).unwrap();
    let mut engine = Engine::new(rules, data.build().unwrap()).unwrap();
    engine.refresh("2026-11-01".parse::<AsOf>().unwrap()).unwrap();
    let mut changes = engine.changes();
    (2_500..2_800).for_each(|id| changes.push("customers", row(id, 10)).unwrap());
    let refresh = engine.apply(changes).unwrap();
    for (segment, entered, left, members) in [
        ("best", 300, 1_500, 1_300),
        ("others", 1_500, 300, 1_700),
        ("rich", 300, 0, 1_300),
        ("founders", 0, 0, 2_500),
        ("both", 0, 1_500, 0),
    ] {
        let change = refresh.change(segment).unwrap();
        let found = (change.entered.len(), change.left.len(), change.members);
        assert_eq!(found, (entered, left, members), "{segment}");
        assert_eq!(engine.members(segment).unwrap().len(), members, "{segment}");
    }
    let mut changes = engine.changes();
    changes.push("customers", row(7, 1)).unwrap();
    assert_eq!(events(&engine.apply(changes).unwrap()), "best -7, others +7, rich -7");
}
