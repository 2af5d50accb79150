//! Segments, partitions and `let`s of config files.

use segmenta::{
    AsOf, Code, Diagnostic, Engine, Key, Rules, SegmentKind, Snapshot, Value,
    config::{Condition, LetDef, PartDef, PartitionDef, RulesDef, SegmentDef},
};
use serde_json::json;

use super::schema;

/// The segment `vip` as a config file holds it.
const CONFIG: &str = r#"
[[segment]]
name = "vip"
title = "VIP customers"
kind = "dynamic"
[[segment.include]]
all_of = ["sum(orders.total where status = 'paid') >= 500", "count(orders where ordered_at within last 365 days) >= 4"]
[[segment.exclude]]
any_of = ["email_subscription_status != 'SUBSCRIBED'", "in segment staff"]

[[segment]]
name = "staff"
pin_in = [3]
"#;

/// The same as a rule file does.
const FILE: &str = r#"
# loyalty.seg
let paid_total = sum(orders.total where status = 'paid')

dynamic segment vip "VIP customers" {
  include all of (
    paid_total >= 500,
    count(orders where ordered_at within last 365 days) >= 4,
  )
  exclude any of (
    email_subscription_status != 'SUBSCRIBED',
    in segment staff,
  )
}

segment staff { pin in (3) }
"#;

/// Five customers with five paid orders of 100 each in the last year; 2 is not subscribed, 3 is staff, 4 paid too
/// little, and an order of 5 is older.
fn data() -> Snapshot {
    let schema = schema();
    let mut data = Snapshot::builder(&schema);
    let text = |text: &str| Some(Value::Text(text.to_owned()));
    for id in 1..=5 {
        let status = if id == 2 { "PENDING" } else { "SUBSCRIBED" };
        let fields = [("id", Some(Value::Int(id))), ("email_subscription_status", text(status))];
        data.push("customers", fields).unwrap();
        for order in 0..5 {
            let old = id == 5 && order < 2;
            let status = if id == 4 && order == 0 { "open" } else { "paid" };
            let day = if old { "2020-01-01T10:00:00" } else { "2026-10-01T10:00:00" };
            let row = format!("{},{id},{day},100.00,{status},\n", id * 10 + order);
            let table = format!("order_id,customer_id,ordered_at,total,status,store\n{row}");
            data.csv_reader("orders", "orders.csv", table.as_bytes()).unwrap();
        }
    }
    data.build().unwrap()
}

fn members(rules: Rules, segment: &str) -> Vec<Key> {
    let engine = Engine::new(rules, data()).unwrap();
    engine.evaluate("2026-11-01".parse::<AsOf>().unwrap()).unwrap().keys(segment).unwrap()
}

fn check(rules: &RulesDef) -> Vec<Diagnostic> {
    Rules::builder(&schema()).definitions("shop.toml", rules.clone()).check()
}

#[test]
fn a_config_file_says_what_a_rule_file_says() {
    let config: RulesDef = toml::from_str(CONFIG).unwrap();
    let by_config = Rules::builder(&schema()).definitions("shop.toml", config).build().unwrap();
    let by_file = Rules::parse(&schema(), FILE).unwrap();
    for (left, right) in by_config.segments().zip(by_file.segments()) {
        assert_eq!(
            (left.name(), left.title(), left.kind()),
            (right.name(), right.title(), right.kind())
        );
        assert_eq!(left.content_hash(), right.content_hash());
    }
    assert_eq!(members(by_config, "vip"), [Key::Int(1)]);
    assert_eq!(members(by_file, "vip"), [Key::Int(1)]);
}

#[test]
fn a_rule_file_becomes_definitions_and_back() {
    let text = r#"use 'segmenta/behaviour'
let paid = status = 'paid'
let paid_within(n) = count(orders where paid and ordered_at within last n days)

static inactive segment old "It's \"old\"" {
  analytics: true
  description: 'Was there'
  owner: 'crm'
  labels: ('a', 'b')
  include created_at < 2020-01-01
  include vip
  exclude country in ('DE', 'AT')
  pin in (1, -2)
  pin out (3)
}

partition tier "Tiers" {
  gold when score >= 100,
  rest otherwise,
}
"#;
    let rules = RulesDef::from_seg("old.seg", text).unwrap();
    let [segment] = rules.segments.as_slice() else { panic!() };
    assert_eq!(segment.kind, SegmentKind::Static);
    assert_eq!(segment.pin_in, Some(vec![Key::Int(1), Key::Int(-2)]));
    assert_eq!(segment.labels, ["a", "b"]);
    assert_eq!(rules.lets[1].parameters, ["n"]);
    assert_eq!(rules.partitions[0].parts[1].when, None);
    assert_eq!(rules.to_string(), text);
    assert_eq!(RulesDef::from_seg("again.seg", &rules.to_string()).unwrap(), rules);

    let json = serde_json::to_value(&rules).unwrap();
    assert_eq!(
        json,
        json!({
            "use": ["segmenta/behaviour"],
            "let": {
                "paid": "status = 'paid'",
                "paid_within(n)": "count(orders where paid and ordered_at within last n days)"
            },
            "segment": [{
                "name": "old", "title": "It's \"old\"", "kind": "static", "inactive": true,
                "include": ["created_at < 2020-01-01", "vip"], "exclude": ["country in ('DE', 'AT')"],
                "pin_in": [1, -2], "pin_out": [3],
                "analytics": true, "description": "Was there", "owner": "crm", "labels": ["a", "b"]
            }],
            "partition": [{
                "name": "tier", "title": "Tiers",
                "parts": [{"name": "gold", "when": "score >= 100"}, {"name": "rest"}]
            }]
        })
    );
    assert_eq!(serde_json::from_value::<RulesDef>(json).unwrap(), rules);
    let toml = toml::to_string(&rules).unwrap();
    assert_eq!(toml::from_str::<RulesDef>(&toml).unwrap(), rules, "{toml}");
    let yaml = serde_saphyr::to_string(&rules).unwrap();
    assert_eq!(serde_saphyr::from_str::<RulesDef>(&yaml).unwrap(), rules, "{yaml}");
}

#[test]
fn what_is_left_out_is_not_written() {
    let segment = SegmentDef::new("everyone");
    assert_eq!(serde_json::to_value(&segment).unwrap(), json!({"name": "everyone"}));
    assert_eq!(segment.to_string(), "dynamic segment everyone {}\n");
    assert_eq!(serde_json::to_value(RulesDef::default()).unwrap(), json!({}));
    assert_eq!(toml::from_str::<RulesDef>("").unwrap(), RulesDef::default());
}

#[test]
fn pinned_keys_are_not_shown_by_debug() {
    let json =
        json!({"name": "a", "include": "vip", "pin_in": ["c-17"], "pin_out": ["c-18", "c-19"]});
    let shown = format!("{:?}", serde_json::from_value::<SegmentDef>(json).unwrap());
    assert!(shown.contains("pin_in: Some(1), pin_out: 2") && !shown.contains("c-1"), "{shown}");
}

#[test]
fn one_condition_may_stand_for_a_list() {
    for include in [json!("vip"), json!(["vip"])] {
        let segment: SegmentDef =
            serde_json::from_value(json!({"name": "a", "include": include})).unwrap();
        assert_eq!(segment.include, ["vip".parse().unwrap()]);
    }
    let table = json!({"name": "a", "exclude": {"any_of": ["vip", "score > 1"]}});
    let segment: SegmentDef = serde_json::from_value(table).unwrap();
    assert_eq!(segment.exclude[0].to_string(), "any of (vip, score > 1)");
}

#[test]
fn fields_that_do_not_exist_are_refused() {
    let refusal = |json| serde_json::from_value::<RulesDef>(json).unwrap_err().to_string();
    let error = refusal(json!({"segment": [{"name": "a", "includes": []}]}));
    assert!(
        error.starts_with("unknown field `includes`, expected one of `name`, `title`"),
        "{error}"
    );
    let error = refusal(json!({"segments": []}));
    assert!(error.starts_with("unknown field `segments`, expected one of `use`"), "{error}");
    let error = refusal(json!({"segment": [{"title": "a"}]}));
    assert!(error.starts_with("missing field `name`"), "{error}");
    let error = refusal(json!({"segment": [{"name": "a", "kind": "lively"}]}));
    assert!(
        error.starts_with("unknown variant `lively`, expected `static` or `dynamic`"),
        "{error}"
    );
    let error = refusal(json!({"segment": [{"name": "a", "pin_in": [1.5]}]}));
    assert!(error.contains("expected a key, a whole number of 64 bits or a text"), "{error}");
    let error = refusal(json!({"segment": [{"name": "a", "include": ["vip", "score >"]}]}));
    assert!(error.starts_with("E0101 at 1:8: "), "{error}");
    for head in ["", "a b", "a(", "a = 1", "a # b", "a(n) = 1 let b", "`"] {
        let error = refusal(json!({"let": {head: "1"}}));
        assert!(error.starts_with("E1001: "), "{head}: {error}");
    }
    let lets = serde_json::from_value::<RulesDef>(json!({"let": {" `odd name` ( a,b )": "a + b"}}));
    assert_eq!(lets.unwrap().lets, [LetDef::new("odd name", ["a", "b"], "a + b".parse().unwrap())]);
}

#[test]
fn diagnostics_name_the_definition_and_show_its_own_text() {
    let config = r#"
        [let]
        total = "sum(orders.totl)"
        [[segment]]
        name = "vip"
        include = ["country = 'SE'", { all_of = ["vip", { at_least = 1, of = ["score > 5", "contry = 'NO'"] }] }]
        exclude = "total > 1"
        [[segment]]
        name = "VIP"
        title = "Again"
        pin_in = ["c-17"]
    "#;
    let rules: RulesDef = toml::from_str(config).unwrap();
    let found: Vec<String> = check(&rules).iter().map(ToString::to_string).collect();
    assert_eq!(
        found.join("\n\n"),
        "error[E0201]: unknown column `totl` of `orders`
 --> shop.toml, let total:1:12
  |
1 | sum(orders.totl)
  |            ^^^^
  = used at shop.toml, segment vip, exclude 1:1:1
  = help: did you mean `total`?

error[E0201]: unknown column `contry`
 --> shop.toml, segment vip, include 2, all_of 2, at_least 2:1:1
  |
1 | contry = 'NO'
  | ^^^^^^
  = help: did you mean `country`?

error[E0207]: there is another segment called `VIP`
 --> shop.toml, segment VIP:1:17
  |
1 | dynamic segment VIP \"Again\" {
  |                 ^^^
  = help: the other one is `vip` at shop.toml, segment vip:1:17; names are unique without regard to case

error[E0310]: this is no key: the keys in `id` are whole numbers
 --> shop.toml, segment VIP:2:11
  |
2 |   pin in ('c-17')
  |           ^^^^^^
  = help: write it without quotes, as in `17`"
    );
}

#[test]
fn a_segment_of_its_own_needs_no_file_name() {
    let mut segment = SegmentDef::new("vip");
    segment.include.push("scor > 5".parse().unwrap());
    let found = Rules::builder(&schema()).segment(segment).check();
    assert_eq!(found[0].location.as_ref().unwrap().file, "segment vip, include 1");
}

#[test]
fn names_that_are_none_are_refused() {
    let codes = |rules: &RulesDef| -> Vec<Code> { check(rules).iter().map(|f| f.code).collect() };
    for name in ["", "a b", "a`b", "x { } segment y", "å", "1", "a\nb"] {
        let mut rules = RulesDef::default();
        rules.segments.push(SegmentDef::new(name));
        assert_eq!(codes(&rules), [Code::BadQuotedName], "{name}");
    }
    let mut rules = RulesDef::default();
    rules.lets.push(LetDef::new("a`b", ["x`"], "1".parse().unwrap()));
    assert_eq!(codes(&rules), [Code::BadQuotedName, Code::BadQuotedName]);
    // An empty list of pins is hardly everyone.
    let mut rules = RulesDef::default();
    let mut segment = SegmentDef::new("a");
    segment.pin_in = Some(Vec::new());
    rules.segments.push(segment);
    assert_eq!(codes(&rules), [Code::EmptyList]);
}

#[test]
fn a_rule_file_with_mistakes_becomes_no_definitions() {
    let codes = |text| -> Vec<Code> {
        let error = RulesDef::from_seg("a.seg", text).unwrap_err();
        error.diagnostics().iter().map(|found| found.code).collect()
    };
    assert_eq!(codes("segment a { include x == 1 }"), [Code::ForeignOperator]);
    assert_eq!(codes("segment a { colour: 'red' }"), [Code::UnknownClause]);
    assert_eq!(codes("segment a { owner: 'x' owner: 'y' }"), [Code::UnknownClause]);
    assert_eq!(codes("segment a { labels: 'x' }"), [Code::UnknownClause]);
    assert_eq!(codes("segment a { pin in (1.5) }"), [Code::WrongKeyType]);
}

#[test]
fn definitions_can_be_put_together_in_a_program() {
    let condition = |text: &str| text.parse::<Condition>().unwrap();
    let mut rules = RulesDef::default();
    rules.lets.push(LetDef::new("more_than", ["n"], condition("count(orders) > n")));
    rules.partitions.push(PartitionDef::new(
        "tier",
        [PartDef::new("gold", Some(condition("more_than(10)"))), PartDef::new("rest", None)],
    ));
    assert_eq!(
        rules.to_string(),
        "let more_than(n) = count(orders) > n\n\npartition tier {\n  gold when more_than(10),\n  rest otherwise,\n}\n"
    );
}

#[test]
fn the_limits_of_the_builder_hold() {
    let mut limits = segmenta::Limits::default();
    limits.nesting = 2;
    limits.pins = 1;
    let json = json!({"segment": [{"name": "a", "include": "((vip))", "pin_out": [1]}]});
    let rules: RulesDef = serde_json::from_value(json).unwrap();
    let builder = Rules::builder(&schema()).limits(limits);
    assert_eq!(builder.clone().definitions("x", rules).check(), []);
    let json = json!({"segment": [{"name": "a", "include": "(((vip)))", "pin_out": [1, 2]}]});
    let rules: RulesDef = serde_json::from_value(json).unwrap();
    let codes: Vec<Code> =
        builder.definitions("x", rules).check().iter().map(|found| found.code).collect();
    assert_eq!(codes, [Code::TooManyPins, Code::NestedTooDeep]);
}
