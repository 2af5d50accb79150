//! How deep tables and trees may nest, on the stack that a test has.

use std::thread;

use segmenta::{
    Limits,
    config::{Condition, Query, RulesDef, SegmentDef, Tree},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::schema;

/// A value with so many others around it.
fn nested(innermost: Value, levels: usize, around: impl Fn(Value) -> Value) -> Value {
    (0..levels).fold(innermost, |inner, _| around(inner))
}

fn refusal<T: DeserializeOwned>(value: Value) -> String {
    match serde_json::from_value::<T>(value) {
        Ok(_) => String::from("accepted"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn conditions_nest_as_deep_as_a_rule_may() {
    let tables = |levels| nested(json!("a"), levels, |inner| json!({"all_of": [inner]}));
    let deepest: Condition = serde_json::from_value(tables(200)).unwrap();
    assert_eq!(deepest.to_string().parse::<Condition>().unwrap(), deepest);
    assert_eq!(serde_json::to_value(deepest.clone()).unwrap(), tables(200));
    assert!(refusal::<Condition>(tables(201)).starts_with("E0603"));

    // What nests in the text counts too.
    let inner = format!("{}a{}", "(".repeat(150), ")".repeat(150));
    let mixed = |levels| nested(json!(inner), levels, |inner| json!({"any_of": [inner]}));
    assert!(serde_json::from_value::<Condition>(mixed(50)).is_ok());
    assert!(refusal::<Condition>(mixed(51)).starts_with("E0603"));
}

#[test]
fn trees_nest_as_deep_as_a_rule_may() {
    let column = json!({"column": ["a"]});
    let one = json!({"number": "1"});
    let around = |name: &str, inner: Value| match name {
        "not" => json!({"op": "not", "of": inner}),
        "all of" => json!({"op": "all of", "of": [inner]}),
        "=" => json!({"op": "=", "left": inner, "right": one}),
        _ => json!({"op": "arithmetic", "signs": ["-"], "of": [one, inner]}),
    };
    for name in ["not", "all of", "=", "-"] {
        let form = |levels| nested(column.clone(), levels, |inner| around(name, inner));
        let deepest: Tree =
            serde_json::from_value(form(200)).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(serde_json::to_value(&deepest).unwrap(), form(200), "{name}");
        assert!(refusal::<Tree>(form(202)).starts_with("E0603"), "{name}");
    }
}

#[test]
fn queries_nest_as_deep_as_a_rule_may() {
    let rule = json!({"field": "country", "operator": "=", "value": "SE"});
    let groups = |levels| {
        nested(rule.clone(), levels, |inner| json!({"combinator": "or", "rules": [inner]}))
    };
    let deepest: Query = serde_json::from_value(groups(200)).unwrap();
    let condition = deepest.to_condition(&schema()).unwrap();
    assert!(Query::from_condition(&condition, &schema()).unwrap() == deepest);
    let too_deep: Query = serde_json::from_value(groups(201)).unwrap();
    assert!(too_deep.to_condition(&schema()).unwrap_err().is_limit());
}

#[test]
fn no_depth_exhausts_the_stack() {
    const LEVELS: usize = 100_000;
    for (open, close) in [("[", "]"), ("{\"all_of\": [", "]}"), ("{\"op\": \"not\", \"of\": ", "}")]
    {
        let text = format!("{}0{}", open.repeat(LEVELS), close.repeat(LEVELS));
        assert!(serde_json::from_str::<Condition>(&text).is_err());
        assert!(serde_json::from_str::<Query>(&text).is_err());
        assert!(serde_json::from_str::<RulesDef>(&text).is_err());
        assert!(serde_saphyr::from_str::<Tree>(&text).is_err());
    }
}

#[test]
fn no_value_of_a_program_exhausts_the_stack() {
    let around: [fn(Value) -> Value; 2] = [
        |inner| Value::Array(vec![inner]),
        |inner| Value::Object([("of".to_owned(), inner)].into_iter().collect()),
    ];
    // The value itself is made and dropped with room for what serde_json does then.
    let roomy = thread::Builder::new().stack_size(256 << 20);
    let test = move || {
        for around in around {
            let value = nested(Value::Null, 100_000, around);
            let on_a_small_stack = || {
                assert!(Condition::deserialize(&value).is_err());
                assert!(Tree::deserialize(&value).is_err());
                assert!(Query::deserialize(&value).is_err());
            };
            thread::scope(|scope| scope.spawn(on_a_small_stack).join()).unwrap();
        }
    };
    roomy.spawn(test).unwrap().join().unwrap();
}

#[test]
fn conditions_beyond_the_usual_limits_are_handled_or_refused() {
    let mut limits = Limits::default();
    limits.nesting = 1_000;
    for (open, close) in [("not ", ""), ("(", ")"), ("all of (", ")"), ("-", " > 1")] {
        let close = if open == "-" { close.to_owned() } else { close.repeat(1_000) };
        let text = format!("{}a{close}", open.repeat(1_000));
        let condition = Condition::parse(&text, &limits).unwrap();
        assert_eq!(condition.to_string(), text);
        assert_eq!(condition, condition.clone());
        let mut segment = SegmentDef::new("deep");
        segment.include.push(condition.clone());
        assert!(segment.to_string().len() > 1_000);
        // Brackets are not part of a tree.
        assert_eq!(serde_json::to_value(condition.tree()).is_err(), open != "(");
        let error = Query::from_condition(&condition, &schema()).unwrap_err();
        assert!(error.is_limit(), "{error}");
    }
}
