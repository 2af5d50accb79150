//! What cannot be fitted: reported, and everything else goes on.

use std::fmt::Write as _;

use segmenta::{Code, Key, RoaringBitmap};

use super::{day, engine, evaluate, load, schema};

const RULES: &str = "
segment alive { include predict.alive > 0 }
segment worth { include predict.value(12 months) > 0 }
segment through { include in segment alive and points > 5 }
segment due { include predict.next_order < today }
segment plain { include points > 5 }
static segment first { include predict.alive > 0 }
inactive segment asleep { include predict.alive > 0 }
";

/// So many customers, of whom the first `repeaters` order every ten days, three times.
fn rows(customers: u32, repeaters: u32) -> (String, String) {
    let (mut ids, mut orders) = (String::from("id,points\n"), String::from("customer,day,total\n"));
    for id in 1..=customers {
        writeln!(ids, "{id},{id}").unwrap();
        writeln!(orders, "{id},2026-01-01,10").unwrap();
        if id <= repeaters {
            writeln!(orders, "{id},2026-01-{},10", 11 + id % 7).unwrap();
            writeln!(orders, "{id},2026-01-{},10", 21 + id % 5).unwrap();
        }
    }
    (ids, orders)
}

fn messages(customers: u32, repeaters: u32) -> Vec<String> {
    let (ids, orders) = rows(customers, repeaters);
    let engine = engine(&schema(""), RULES, &ids, &orders);
    let found = evaluate(&engine, "2026-03-01");
    let names: Vec<&str> = found.segments().map(|(name, _)| name).collect();
    assert_eq!(names, ["due", "plain"]);
    for (name, why) in found.failures() {
        assert_eq!(why.code, Code::NoModel);
        assert!(found.members(name).is_none() && found.keys(name).is_none(), "{name}");
        assert!(name == "through" || why.help.as_ref().unwrap().contains("parameters"), "{why}");
    }
    found.failures().map(|(name, why)| format!("{name}: {}", why.message)).collect()
}

#[test]
fn the_reason_is_told_for_each_segment() {
    let found = messages(9, 9);
    assert_eq!(
        found,
        [
            "alive: `alive` is not evaluated: there is no model for `predict.alive`; 9 customers are too few to fit on, at least 10 are needed",
            "worth: `worth` is not evaluated: there is no model for `predict.value`; 9 customers are too few to fit on, at least 10 are needed",
            "through: `through` is not evaluated: neither is `alive`, whose members it reads",
            "first: `first` is not evaluated: there is no model for `predict.alive`; 9 customers are too few to fit on, at least 10 are needed",
            "asleep: `asleep` is not evaluated: there is no model for `predict.alive`; 9 customers are too few to fit on, at least 10 are needed",
        ]
    );
    let found = messages(30, 0);
    assert!(found[0].ends_with("; no customer has ordered on more than one day"), "{found:?}");
    // All order alike, so nothing settles how they differ.
    let found = messages(30, 30);
    assert!(found[0].contains("the data do not settle the model"), "{found:?}");
}

#[test]
fn a_refresh_keeps_the_last_members() {
    let fixed = "parameters = { r = 1, alpha_days = 9, a = 1, b = 2, p = 6, q = 4, v = 15 }";
    let (ids, orders) = rows(8, 5);
    let mut engine = engine(&schema(fixed), RULES, &ids, &orders);
    let done = engine.refresh(day("2026-02-01")).unwrap();
    assert_eq!(done.failures().len(), 0);
    let all: Vec<Key> = (1..=8).map(Key::from).collect();
    assert_eq!(engine.keys("alive"), Some(all.clone()));
    assert_eq!(engine.keys("first"), Some(all));
    assert_eq!(engine.keys("through"), Some(vec![6.into(), 7.into(), 8.into()]));

    // Without parameters there is no model. Schemas of one engine are the same, so another one begins here.
    let (ids, orders) = rows(8, 5);
    let snapshot = load(&schema(""), &ids, &orders);
    let rules = |text: &str| segmenta::Rules::parse(&schema(""), text).unwrap();
    let mut engine = segmenta::Engine::new(rules(RULES), snapshot.clone()).unwrap();
    let model = segmenta::Model::new()
        .with_orders(segmenta::OrderModel::new(1.0, 9.0, 1.0, 2.0).unwrap())
        .with_amounts(segmenta::AmountModel::new(6.0, 4.0, 15.0).unwrap());
    engine.set_model(Some(model.clone()));
    assert_eq!(engine.refresh(day("2026-02-01")).unwrap().model(), Some(&model));
    engine.set_model(None);
    let done = engine.refresh(day("2026-02-02")).unwrap();
    let failed: Vec<&str> = done.failures().map(|(name, _)| name).collect();
    // The static one is formed and the inactive one rests: neither is evaluated.
    assert_eq!(failed, ["alive", "worth", "through"]);
    assert_eq!(engine.members("alive").map(RoaringBitmap::len), Some(8));
    assert!(done.change("alive").unwrap().is_empty());
    assert_eq!(engine.keys("through"), Some(vec![6.into(), 7.into(), 8.into()]));
    assert_eq!(engine.members("first").map(RoaringBitmap::len), Some(8));

    // Deleted customers leave all the same.
    let next = ids.lines().filter(|line| !line.starts_with('7')).collect::<Vec<_>>().join("\n");
    let orders =
        orders.lines().filter(|line| !line.starts_with('7')).collect::<Vec<_>>().join("\n");
    let mut builder = snapshot.next();
    builder.csv_reader("customers", "customers.csv", next.as_bytes()).unwrap();
    builder.csv_reader("orders", "orders.csv", orders.as_bytes()).unwrap();
    engine.load(builder.build().unwrap()).unwrap();
    let done = engine.refresh(day("2026-02-03")).unwrap();
    assert_eq!(done.failures().len(), 3);
    assert_eq!(done.change("through").unwrap().left_keys(), [7.into()]);
    assert_eq!(engine.keys("through"), Some(vec![6.into(), 8.into()]));

    // With other conditions a static segment that cannot be formed keeps who was in, and is formed when it can be.
    let changed =
        RULES.replace("first { include predict.alive > 0", "first { include predict.alive = 1");
    engine.set_rules(rules(&changed)).unwrap();
    let done = engine.refresh(day("2026-02-04")).unwrap();
    assert!(done.failures().any(|(name, _)| name == "first"));
    assert_eq!(engine.members("first").map(RoaringBitmap::len), Some(7));
    engine.set_model(Some(model));
    assert_eq!(engine.refresh(day("2026-02-05")).unwrap().failures().len(), 0);
    assert_eq!(engine.keys("first"), Some(vec![6.into(), 8.into()]));
}
