//! The engine from day to day: who stays, who comes, who goes, and what is refused.
//!
//! The customers are numbers with a country and a score; small enough that every expected list is plain to see.

use segmenta::{AsOf, Code, Engine, Key, Limits, Rules, Schema, Snapshot, SnapshotBuilder, Value};

const SCHEMA: &str = "
    timezone = 'UTC'
    [customers]
    key = 'id'
    created = 'since'
    [customers.columns]
    id = 'int'
    country = 'text'
    score = 'int'
    since = 'date'
";

/// Key, country, score.
type Customer = (i64, &'static str, i64);

const MONDAY: [Customer; 4] = [(30, "SE", 10), (10, "NO", 20), (20, "SE", 30), (40, "DK", 40)];

fn schema() -> Schema {
    Schema::from_toml(SCHEMA).unwrap()
}

fn fill(mut builder: SnapshotBuilder, customers: &[Customer]) -> Snapshot {
    for &(id, country, score) in customers {
        let row = [
            ("id", Some(Value::Int(id))),
            ("country", Some(Value::Text(country.to_owned()))),
            ("score", Some(Value::Int(score))),
        ];
        builder.push("customers", row).unwrap();
    }
    builder.build().unwrap()
}

fn rules(text: &str) -> Rules {
    Rules::parse(&schema(), text).unwrap()
}

fn engine(text: &str, customers: &[Customer]) -> Engine {
    let rules = rules(text);
    Engine::new(rules, fill(Snapshot::builder(&schema()), customers)).unwrap()
}

/// The next day's data, all customers anew.
fn reload(engine: &mut Engine, customers: &[Customer]) {
    let next = fill(engine.snapshot().next(), customers);
    engine.load(next).unwrap();
}

fn day(text: &str) -> AsOf {
    text.parse().unwrap()
}

fn refresh(engine: &mut Engine) -> segmenta::Refresh {
    engine.refresh(day("2026-11-02")).unwrap()
}

fn numbers(keys: Vec<Key>) -> Vec<i64> {
    let number = |key| match key {
        Key::Int(number) => number,
        Key::Text(_) => panic!("a text among numbers"),
    };
    keys.into_iter().map(number).collect()
}

fn members(engine: &Engine, segment: &str) -> Vec<i64> {
    numbers(engine.keys(segment).unwrap())
}

/// Who entered and who left.
fn change(refresh: &segmenta::Refresh, segment: &str) -> (Vec<i64>, Vec<i64>) {
    let change = refresh.change(segment).unwrap();
    (numbers(change.entered_keys()), numbers(change.left_keys()))
}

#[test]
fn a_refresh_says_who_entered_and_who_left() {
    let mut engine = engine("segment high { include score >= 25 }", &MONDAY);
    assert_eq!(members(&engine, "high"), [0_i64; 0]);
    let first = refresh(&mut engine);
    assert_eq!(change(&first, "high"), (vec![20, 40], vec![]));
    let again = refresh(&mut engine);
    assert!(again.changes().iter().all(|change| change.is_empty()));

    reload(&mut engine, &[(30, "SE", 99), (10, "NO", 20), (20, "SE", 1), (40, "DK", 40)]);
    assert_eq!(members(&engine, "high"), [20, 40], "until the refresh");
    let second = refresh(&mut engine);
    assert_eq!(change(&second, "high"), (vec![30], vec![20]));
    assert_eq!(second.changes()[0].members, 2);
    assert_eq!(members(&engine, "high"), [30, 40]);
}

#[test]
fn every_segment_is_reported_in_the_order_of_the_rules() {
    let text = "segment b { include in segment a } segment a { include score > 10 } segment c {}";
    let found = refresh(&mut engine(text, &MONDAY));
    let sizes: Vec<_> =
        found.changes().iter().map(|change| (&*change.segment, change.members)).collect();
    assert_eq!(sizes, [("b", 3), ("a", 3), ("c", 4)]);
}

#[test]
fn a_static_segment_keeps_who_got_in() {
    let text = "static segment s { include score >= 25 } segment r { include in segment s }";
    let mut engine = engine(text, &MONDAY);
    refresh(&mut engine);
    reload(
        &mut engine,
        &[(10, "NO", 90), (20, "SE", 0), (30, "SE", 10), (40, "DK", 40), (50, "SE", 90)],
    );
    let second = refresh(&mut engine);
    assert_eq!(members(&engine, "s"), [20, 40]);
    assert_eq!(members(&engine, "r"), [20, 40], "a reference sees the frozen members");
    assert!(second.changes().iter().all(|change| change.is_empty()));
    // Without memory, as a dynamic one.
    let evaluated = engine.evaluate(day("2026-11-02")).unwrap();
    assert_eq!(numbers(evaluated.keys("s").unwrap()), [10, 40, 50]);
    assert_eq!(members(&engine, "s"), [20, 40], "an evaluation is not remembered");
}

#[test]
fn only_a_change_of_its_own_conditions_forms_a_static_segment_anew() {
    let first = "let limit = 25 segment base { include score >= 10 }
        static segment s { include all of (score >= limit, in segment base) }";
    let mut engine = engine(first, &MONDAY);
    refresh(&mut engine);
    reload(&mut engine, &[(10, "NO", 26), (20, "SE", 26), (30, "SE", 10), (40, "DK", 40)]);
    let mut formed_from = |text: &str| {
        engine.set_rules(rules(text)).unwrap();
        refresh(&mut engine);
        members(&engine, "s")
    };
    // Layout, title, metadata, pins, the text of a `let` of the same meaning, and a segment it refers to.
    let other_clothes = "segment base { include score >= 35 }
        let floor = 25
        static segment s 'Title' {
            description: 'other words'
            include (all of (score >= floor, in segment base,))
            pin out (40)
        }";
    assert_eq!(formed_from(other_clothes), [20]);
    assert_eq!(formed_from(first), [20, 40], "the pin was on top of the base");
    let other_let = "let limit = 26 segment base { include score >= 10 }
        static segment s { include all of (score >= limit, in segment base) }";
    assert_eq!(formed_from(other_let), [10, 20, 40]);
}

#[test]
fn a_segment_that_becomes_static_is_formed_then() {
    let mut engine = engine("static segment s { include score >= 25 }", &MONDAY);
    refresh(&mut engine);
    engine.set_rules(rules("segment s { include score >= 25 }")).unwrap();
    engine.set_rules(rules("static segment s { include score >= 25 }")).unwrap();
    reload(&mut engine, &[(10, "NO", 90)]);
    refresh(&mut engine);
    assert_eq!(members(&engine, "s"), [10]);
}

#[test]
fn an_inactive_segment_keeps_its_last_members() {
    let mut engine = engine("inactive segment s { include score >= 25 pin in (10) }", &MONDAY);
    refresh(&mut engine);
    assert_eq!(members(&engine, "s"), [0_i64; 0], "it never was active");
    engine.set_rules(rules("segment s { include score >= 25 }")).unwrap();
    refresh(&mut engine);
    assert_eq!(members(&engine, "s"), [20, 40]);
    engine
        .set_rules(rules("inactive segment s { include score >= 5 pin in (10) pin out (20) }"))
        .unwrap();
    reload(&mut engine, &[(20, "SE", 0), (30, "SE", 90), (40, "DK", 0)]);
    let found = refresh(&mut engine);
    assert_eq!(members(&engine, "s"), [20, 40]);
    assert!(found.changes()[0].is_empty());
    engine.set_rules(rules("segment s { include score >= 5 }")).unwrap();
    assert_eq!(change(&refresh(&mut engine), "s"), (vec![30], vec![20, 40]));
}

#[test]
fn an_inactive_static_segment_keeps_what_it_was_formed_from() {
    let mut engine = engine("static segment s { include score >= 25 }", &MONDAY);
    refresh(&mut engine);
    engine.set_rules(rules("static inactive segment s { include score >= 25 }")).unwrap();
    reload(&mut engine, &[(10, "NO", 90), (20, "SE", 0), (40, "DK", 0)]);
    refresh(&mut engine);
    engine.set_rules(rules("static segment s { include score >= 25 }")).unwrap();
    refresh(&mut engine);
    assert_eq!(members(&engine, "s"), [20, 40]);
}

#[test]
fn pins_apply_at_every_refresh() {
    let mut engine = engine("static segment s { include score >= 25 }", &MONDAY);
    refresh(&mut engine);
    let pinned = "static segment s { include score >= 25 pin in (10, 20, 77) pin out (20) }";
    engine.set_rules(rules(pinned)).unwrap();
    let found = refresh(&mut engine);
    assert_eq!(members(&engine, "s"), [10, 40], "out beats in");
    assert_eq!(change(&found, "s"), (vec![10], vec![20]));
    engine.set_rules(rules("static segment s { include score >= 25 }")).unwrap();
    refresh(&mut engine);
    assert_eq!(members(&engine, "s"), [20, 40], "the base was never touched");
}

#[test]
fn pins_without_an_include_are_all_there_is() {
    let mut engine =
        engine("segment s { pin in (40, 10) pin out (10) } segment t { pin out (10) }", &MONDAY);
    refresh(&mut engine);
    assert_eq!(members(&engine, "s"), [40]);
    assert_eq!(members(&engine, "t"), [20, 30, 40]);
}

#[test]
fn unknown_pins_are_a_warning_that_shows_no_key() {
    let mut engine = engine(
        "segment s { pin in (10, 987654) pin out (876543) }
         segment t { pin in (765432) }
         inactive segment u { pin in (654321) }",
        &MONDAY,
    );
    let said = |warnings: &[segmenta::Diagnostic]| -> Vec<String> {
        assert!(warnings.iter().all(|found| found.code == Code::UnknownPin));
        warnings.iter().map(|found| found.message.clone()).collect()
    };
    let both = ["2 keys pinned in `s` do not exist", "a key pinned in `t` does not exist"];
    assert_eq!(said(refresh(&mut engine).warnings()), both);
    let evaluated = engine.evaluate(day("2026-11-02")).unwrap();
    assert_eq!(
        said(evaluated.warnings()).len(),
        3,
        "an evaluation applies the pins of inactive ones"
    );
}

#[test]
fn sets_combine_by_value_and_by_reference() {
    let mut engine = engine(
        "segment swedish { include country = 'SE' } segment high { include score >= 25 }",
        &MONDAY,
    );
    refresh(&mut engine);
    let swedish = engine.select("swedish").unwrap();
    let high = engine.select("high").unwrap();
    assert_eq!(numbers((&swedish | &high).keys()), [20, 30, 40]);
    assert_eq!(numbers((&swedish & high.clone()).keys()), [20]);
    assert_eq!(numbers((swedish.clone() - &high).keys()), [30]);
    assert_eq!(numbers((swedish.clone() ^ high.clone()).keys()), [30, 40]);
    assert_eq!((&swedish | &high).len(), 3);
    assert!((&swedish - &swedish).is_empty());
    assert!(swedish.contains(&Key::Int(30)) && !swedish.contains(&Key::Int(40)));
    assert!(!swedish.contains(&Key::from("30")) && !swedish.contains(&Key::Int(31)));
    assert_eq!(high.bitmap(), engine.members("high").unwrap());
}

#[test]
fn sets_of_other_data_meet_by_key() {
    let text = "segment swedish { include country = 'SE' }";
    let mut one = engine(text, &MONDAY);
    let mut other = engine(text, &[(99, "SE", 0), (20, "SE", 0), (40, "SE", 0)]);
    refresh(&mut one);
    refresh(&mut other);
    let (one, other) = (one.select("swedish").unwrap(), other.select("swedish").unwrap());
    assert_eq!(numbers((&one & &other).keys()), [20]);
    assert_eq!(numbers((&one | &other).keys()), [20, 30, 40], "99 has no row on the left");
    assert_eq!(numbers((&one - &other).keys()), [30]);
}

#[test]
fn sets_of_different_days_keep_all_their_keys() {
    let mut engine = engine("segment all {}", &MONDAY);
    let before = engine.evaluate(day("2026-11-02")).unwrap();
    reload(&mut engine, &[(50, "SE", 0), (20, "SE", 0)]);
    let after = engine.evaluate(day("2026-11-02")).unwrap();
    let (before, after) = (before.select("all").unwrap(), after.select("all").unwrap());
    assert_eq!(numbers((&before - &after).keys()), [10, 30, 40]);
    assert_eq!(numbers((&after - &before).keys()), [50]);
    assert_eq!(numbers((&before | &after).keys()), [10, 20, 30, 40, 50]);
}

#[test]
fn a_key_keeps_its_row_through_deletion_and_return() {
    let text = "segment all {} segment swedish { include country = 'SE' } segment thirty { include id = 30 }";
    let mut engine = engine(text, &MONDAY);
    refresh(&mut engine);
    let row_of_30 = engine.members("thirty").unwrap().min().unwrap();

    reload(&mut engine, &[(20, "SE", 30), (40, "DK", 40), (50, "SE", 50)]);
    let second = refresh(&mut engine);
    assert_eq!(change(&second, "all"), (vec![50], vec![10, 30]));
    assert_eq!(change(&second, "swedish"), (vec![50], vec![30]));
    assert!(second.change("swedish").unwrap().left.contains(row_of_30));
    assert!(!engine.members("all").unwrap().contains(row_of_30));

    reload(&mut engine, &[(30, "SE", 1), (20, "SE", 30)]);
    let third = refresh(&mut engine);
    assert_eq!(change(&third, "swedish"), (vec![30], vec![50]));
    assert_eq!(engine.members("thirty").unwrap().iter().collect::<Vec<_>>(), [row_of_30]);
}

#[test]
fn a_deleted_customer_leaves_for_good() {
    let text = "static segment s { include score >= 25 } segment d { include score >= 25 }";
    let mut engine = engine(text, &MONDAY);
    refresh(&mut engine);
    engine.set_rules(rules(&text.replace("segment d", "inactive segment d"))).unwrap();
    reload(&mut engine, &[(20, "SE", 30)]);
    let second = refresh(&mut engine);
    assert_eq!(change(&second, "s"), (vec![], vec![40]));
    assert_eq!(change(&second, "d"), (vec![], vec![40]));
    reload(&mut engine, &MONDAY);
    let third = refresh(&mut engine);
    assert_eq!((members(&engine, "s"), members(&engine, "d")), (vec![20], vec![20]));
    assert!(third.changes().iter().all(|change| change.is_empty()));
}

#[test]
fn a_customer_deleted_and_back_between_refreshes_is_a_new_one() {
    let text = "static segment s { include score >= 25 } segment d { include score >= 25 }";
    let mut engine = engine(text, &MONDAY);
    refresh(&mut engine);
    reload(&mut engine, &[(20, "SE", 30)]);
    reload(&mut engine, &MONDAY);
    let second = refresh(&mut engine);
    assert_eq!(change(&second, "s"), (vec![], vec![40]));
    assert_eq!(change(&second, "d"), (vec![40], vec![40]));
}

#[test]
fn a_segment_is_known_by_its_name_without_regard_to_case() {
    let mut engine = engine("static segment Best { include score >= 25 }", &MONDAY);
    refresh(&mut engine);
    assert_eq!(members(&engine, "BEST"), [20, 40]);
    assert_eq!(engine.members("rest"), None);
    engine.set_rules(rules("static segment best { include score >= 25 }")).unwrap();
    reload(&mut engine, &[(10, "NO", 90), (20, "SE", 0), (40, "DK", 0)]);
    refresh(&mut engine);
    assert_eq!(members(&engine, "best"), [20, 40]);
}

#[test]
fn a_removed_segment_is_forgotten() {
    let mut engine = engine("static segment s { include score >= 25 } segment t {}", &MONDAY);
    refresh(&mut engine);
    engine.set_rules(rules("segment t {}")).unwrap();
    assert_eq!(engine.members("s"), None);
    assert_eq!(refresh(&mut engine).changes().len(), 1);
    engine.set_rules(rules("static segment s { include score >= 25 }")).unwrap();
    assert_eq!(members(&engine, "s"), [0_i64; 0]);
    reload(&mut engine, &[(10, "NO", 90)]);
    assert_eq!(change(&refresh(&mut engine), "s"), (vec![10], vec![]));
}

#[test]
fn customers_created_later_do_not_exist_yet() {
    let schema = schema();
    let mut builder = Snapshot::builder(&schema);
    for (id, since) in [(1, Some("2026-11-01")), (2, Some("2026-11-03")), (3, None)] {
        let since = since.map(|day| Value::Date(day.parse().unwrap()));
        builder.push("customers", [("id", Some(Value::Int(id))), ("since", since)]).unwrap();
    }
    let rules = rules(
        "segment all { pin in (2) include score is null } segment none { include score > 0 }",
    );
    let mut engine = Engine::new(rules, builder.build().unwrap()).unwrap();
    let evaluated = engine.evaluate(day("2026-11-02")).unwrap();
    assert_eq!(evaluated.customers(), 2);
    assert_eq!(engine.evaluate_reference(day("2026-11-02")).unwrap().customers(), 2);
    assert_eq!(numbers(evaluated.keys("all").unwrap()), [1, 3]);
    assert!(evaluated.warnings().is_empty(), "the pinned customer is only to come");
    refresh(&mut engine);
    assert_eq!(change(&engine.refresh(day("2026-11-03")).unwrap(), "all"), (vec![2], vec![]));
    assert_eq!(change(&engine.refresh(day("2026-11-02")).unwrap(), "all"), (vec![], vec![2]));
}

#[test]
fn data_of_another_line_are_refused() {
    let mut engine = engine("segment all {}", &MONDAY);
    refresh(&mut engine);
    // The same customers in another order: their rows are not the same.
    let mut turned = MONDAY;
    turned.reverse();
    let stranger = fill(Snapshot::builder(&schema()), &turned);
    let error = engine.load(stranger).unwrap_err();
    assert!(!error.is_io() && !error.is_corrupt() && !error.is_limit());
    assert!(error.diagnostics().is_empty());
    assert!(error.to_string().starts_with("the snapshot does not continue the one at hand"));
    assert_eq!(members(&engine, "all"), [10, 20, 30, 40], "the engine keeps its data");

    // Two that both continue it, but not each other.
    let left = fill(engine.snapshot().next(), &[(50, "SE", 0)]);
    let right = fill(engine.snapshot().next(), &[(60, "SE", 0)]);
    engine.load(left).unwrap();
    assert!(engine.load(right).is_err());
    refresh(&mut engine);
    assert_eq!(members(&engine, "all"), [50]);
}

#[test]
fn an_older_snapshot_is_refused_when_it_lacks_customers() {
    let mut engine = engine("segment all {}", &MONDAY);
    let monday = engine.snapshot().clone();
    engine.load(monday.clone()).unwrap();
    reload(&mut engine, &[(50, "SE", 0)]);
    assert!(engine.load(monday).is_err());
}

#[test]
fn rules_and_data_of_different_schemas_are_refused() {
    let other = Schema::from_toml(&SCHEMA.replace("'UTC'", "'Europe/Stockholm'")).unwrap();
    let foreign = || Rules::parse(&other, "segment all {}").unwrap();
    let data = fill(Snapshot::builder(&schema()), &MONDAY);
    assert!(Engine::new(foreign(), data).is_err());
    let mut engine = engine("segment all {}", &MONDAY);
    let error = engine.set_rules(foreign()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the rules and the data have different schemas; read both with the same one"
    );
    assert!(engine.load(fill(Snapshot::builder(&other), &MONDAY)).is_err());
}

#[test]
fn an_error_lists_everything_and_knows_its_kind() {
    let error = Rules::parse(
        &schema(),
        "segment a { include scor > 1 }\nsegment b { include contry = 'SE' }",
    )
    .unwrap_err();
    let codes: Vec<_> = error.diagnostics().iter().map(|found| found.code).collect();
    assert_eq!(codes, [Code::UnknownColumn, Code::UnknownColumn]);
    let text = error.to_string();
    assert!(
        text.contains("`scor`") && text.contains("\n\nerror[E0201]") && text.contains("`contry`")
    );
    assert_eq!(text, format!("{error:?}"));
    assert!(!error.is_limit());

    let mut limits = Limits::default();
    limits.nesting = 5;
    let deep = format!("segment a {{ include {}score > 1{} }}", "(".repeat(9), ")".repeat(9));
    let error =
        Rules::builder(&schema()).limits(limits).file("deep.seg", deep).build().unwrap_err();
    assert!(error.is_limit(), "{error}");
}

#[test]
fn debug_output_shows_no_customer() {
    let mut engine = engine("segment all {}", &[(424_242, "Ruritania", 313_131)]);
    let change = format!("{:?}", refresh(&mut engine));
    let evaluation = format!("{:?}", engine.evaluate(day("2026-11-02")).unwrap());
    let members = format!("{:?}", engine.select("all").unwrap());
    for shown in [format!("{engine:?}"), change, evaluation, members] {
        for secret in ["424242", "Ruritania", "313131"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
