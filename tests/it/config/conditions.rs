//! Conditions: a text, or a table that joins conditions.

use segmenta::{Code, Limits, config::Condition};
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Config {
    rule: Condition,
}

fn condition(json: serde_json::Value) -> Condition {
    serde_json::from_value(json).unwrap()
}

/// What serde says of a wrong condition.
fn refusal(json: serde_json::Value) -> String {
    serde_json::from_value::<Condition>(json).unwrap_err().to_string()
}

#[test]
fn a_text_is_displayed_in_canonical_layout_and_written_as_it_was() {
    let written = "country='SE'  # Sweden\n and NOT vip";
    let condition: Condition = written.parse().unwrap();
    assert_eq!(condition.to_string(), "country = 'SE' and not vip");
    assert_eq!(serde_json::to_value(&condition).unwrap(), json!(written));
    assert_eq!(condition, "country = \"SE\" and not vip".parse().unwrap());
    assert_ne!(condition, "country = 'NO' and not vip".parse().unwrap());
    assert_eq!(format!("{condition:?}"), "Condition(country = 'SE' and not vip)");
}

#[test]
fn every_table_joins_as_the_language_does() {
    for (table, text) in [
        (json!({"all_of": ["a", "b or c"]}), "all of (a, b or c)"),
        (json!({"any_of": ["a"]}), "any of (a)"),
        (json!({"none_of": ["a", "b"]}), "none of (a, b)"),
        (json!({"at_least": 2, "of": ["a", "b", "c"]}), "at least 2 of (a, b, c)"),
        (json!({"of": ["a", "b"], "at_most": 1}), "at most 1 of (a, b)"),
        (json!({"exactly": "n", "of": ["a", "b"]}), "exactly n of (a, b)"),
        (
            json!({"all_of": [{"any_of": ["a", {"none_of": ["b"]}]}, "c"]}),
            "all of (any of (a, none of (b)), c)",
        ),
    ] {
        let condition = condition(table.clone());
        assert_eq!(condition.to_string(), text);
        assert_eq!(serde_json::to_value(&condition).unwrap(), table);
        assert_eq!(condition, text.parse().unwrap());
    }
}

#[test]
fn toml_yaml_and_json_hold_the_same() {
    let toml =
        "[rule]\nall_of = [\"country = 'SE'\", { at_least = 2, of = [\"vip\", \"score > 1\"] }]\n";
    let yaml =
        "rule:\n  all_of:\n    - country = 'SE'\n    - at_least: 2\n      of: [vip, score > 1]\n";
    let json =
        r#"{"rule": {"all_of": ["country = 'SE'", {"at_least": 2, "of": ["vip", "score > 1"]}]}}"#;
    let read: Config = toml::from_str(toml).unwrap();
    assert_eq!(read.rule.to_string(), "all of (country = 'SE', at least 2 of (vip, score > 1))");
    assert_eq!(read, serde_saphyr::from_str(yaml).unwrap());
    assert_eq!(read, serde_json::from_str(json).unwrap());
    assert_eq!(read, toml::from_str(&toml::to_string(&read).unwrap()).unwrap());
    assert_eq!(read, serde_saphyr::from_str(&serde_saphyr::to_string(&read).unwrap()).unwrap());
    assert_eq!(read, serde_json::from_str(&serde_json::to_string(&read).unwrap()).unwrap());
}

#[test]
fn numbers_and_booleans_need_no_quotes() {
    for (value, text) in [(json!(true), "true"), (json!(-5), "-5"), (json!(10.5), "10.5")] {
        assert_eq!(condition(value.clone()).to_string(), text);
        assert_eq!(condition(json!({"any_of": [value]})).to_string(), format!("any of ({text})"));
    }
    let config: Config = toml::from_str("rule = 500\n").unwrap();
    assert_eq!(config.rule, "500".parse().unwrap());
    assert!(toml::from_str::<Config>("rule = inf\n").is_err());
}

#[test]
fn a_wrong_text_is_refused_with_its_code_and_place() {
    let error = "country == 'SE'\nand vip and".parse::<Condition>().unwrap_err();
    let codes: Vec<Code> = error.diagnostics().iter().map(|found| found.code).collect();
    assert_eq!(codes, [Code::ForeignOperator, Code::UnexpectedToken]);
    assert_eq!(
        refusal(json!("country == 'SE'\nand vip and")),
        "E0108 at 1:9: `==` is not an operator (use `=`); \
         E0101 at 2:12: expected a condition, found the end of the text"
    );
    let error = toml::from_str::<Config>("rule = \"a = 2026-02-30\"\n").unwrap_err().to_string();
    assert!(error.contains("line 1, column 8"), "{error}");
    assert!(error.contains("E0106 at 1:5: "), "{error}");
    let error = serde_saphyr::from_str::<Config>("rule: a ==").unwrap_err().to_string();
    assert!(error.contains("E0108 at 1:3: "), "{error}");
}

#[test]
fn a_wrong_table_is_refused_with_its_path() {
    for (table, message) in [
        (
            json!({"all_of": ["a", {"any_of": ["b", "c ="]}]}),
            "E0101 in all_of[1].any_of[1] at 1:4: ",
        ),
        (
            json!({"all_off": ["a"]}),
            "E1002 at 1:2: a condition has no `all_off` (did you mean `all_of`?); E1001 at 1:1: this table joins no conditions (write ",
        ),
        (
            json!({"all_of": ["a"], "any_of": ["b"]}),
            "E1001 at 1:1: a table joins its conditions in one way (write ",
        ),
        (
            json!({"all_of": ["a"], "of": ["b"]}),
            "E1002 at 1:17: `all_of` has no `of` (it has `all_of`)",
        ),
        (json!({"at_least": 1}), "E1001 at 1:1: `at_least` needs `of`"),
        (
            json!({"at_least": -1, "of": ["a"]}),
            "E1001 in at_least at 1:1: expected a whole number from 0, or the name of a `let`, found a number",
        ),
        (json!({"any_of": []}), "E1001 in any_of at 1:1: this list is empty"),
        (json!({"any_of": "a"}), "E1001 in any_of at 1:1: expected a list, found a text"),
        (
            json!({"any_of": [null]}),
            "E1001 in any_of[0] at 1:1: expected a condition: a text, or a table such as `{ all_of = […] }`, found nothing",
        ),
        (
            json!(["a"]),
            "E1001 at 1:1: expected a condition: a text, or a table such as `{ all_of = […] }`, found a list",
        ),
        (json!(""), "E0114 at 1:1: the condition is empty"),
    ] {
        let found = refusal(table.clone());
        assert!(found.starts_with(message), "{table}: {found}");
    }
    let twice = r#"{"all_of": ["a"], "all_of": ["b"]}"#;
    let error = serde_json::from_str::<Condition>(twice).unwrap_err().to_string();
    assert!(error.starts_with("`all_of` stands here twice"), "{error}");
}

#[test]
fn limits_hold_for_texts_and_for_tables() {
    let long = format!("a = '{}'", "x".repeat(256 << 10));
    assert!(refusal(json!(long)).starts_with("E0602 at 1:1: "));
    let list = format!("a in ({})", vec!["1"; 50_001].join(", "));
    assert!(refusal(json!(list)).starts_with("E0604 "));
    assert!(refusal(json!({"any_of": vec!["a"; 50_001]})).starts_with("E0604 "));
    assert_eq!(condition(json!({"any_of": vec!["a"; 50_000]})).to_string().len(), 7 + 3 * 50_000);

    let mut limits = Limits::default();
    limits.condition_bytes = 5;
    assert!(Condition::parse("a = 1", &limits).is_ok());
    assert!(Condition::parse("a = 10", &limits).unwrap_err().is_limit());
    limits.condition_bytes = 1 << 20;
    assert!(Condition::parse(&long, &limits).unwrap().to_string() == long);
}
