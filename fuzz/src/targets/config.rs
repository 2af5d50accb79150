//! Rules in other config files, as trees and as queries.

use std::fmt::Debug;

use segmenta::{
    AsOf, Engine, Rules, Severity,
    config::{Condition, Query, RulesDef, Tree},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{check::limits, shop::shop, text};

/// No JSON, TOML or rule file makes a reader panic; what is read and written comes back the same; a query says what
/// its condition says.
pub fn config(data: &[u8]) {
    let text = text(data);
    if let Ok(value) = serde_json::from_str::<Value>(&text) {
        if let Ok(found) = Condition::deserialize(&value) {
            condition(&found);
        }
        if let Ok(tree) = Tree::deserialize(&value) {
            condition(&Condition::from(tree));
        }
        if let Ok(query) = Query::deserialize(&value) {
            self::query(&query);
        }
        if let Ok(rules) = RulesDef::deserialize(&value) {
            definitions(&rules);
        }
    }
    if let Ok(rules) = toml::from_str::<RulesDef>(&text) {
        definitions(&rules);
    }
    if let Ok(rules) = RulesDef::from_seg("a.seg", &text) {
        assert_eq!(RulesDef::from_seg("a.seg", &rules.to_string()).as_ref().ok(), Some(&rules));
        definitions(&rules);
    }
    if let Ok(found) = text.parse::<Condition>() {
        condition(&found);
    }
}

fn condition(condition: &Condition) {
    same_from_json(condition);
    tree(condition);
    assert_eq!(&Condition::from(condition.tree()), condition);
    assert_eq!(condition.to_string().parse::<Condition>().as_ref().ok(), Some(condition));
    if let Ok(found) = Query::from_condition(condition, &shop().0) {
        same_members(condition, &query(&found).expect("the query of a condition is one"));
    }
}

/// Layout is lost in a tree, `_` in numbers too; nothing else is.
fn tree(condition: &Condition) {
    let written = serde_json::to_value(condition.tree()).expect("a tree is written");
    let read: Tree = serde_json::from_value(written.clone()).expect("what is written is read");
    let again = Condition::from(read);
    assert_eq!(serde_json::to_value(again.tree()).ok(), Some(written), "{condition}");
    let rules = |condition: &Condition| {
        let rules = Rules::builder(&shop().0).limits(limits());
        let rules = rules.condition("a", condition.to_string()).build().ok()?;
        Some(rules.segment("a").expect("a segment").content_hash())
    };
    assert_eq!(rules(&again), rules(condition), "{again}\n{condition}");
}

fn query(query: &Query) -> Option<Condition> {
    // Not by way of text: from digits serde_json makes a float near to the one that was written.
    let written = serde_json::to_value(query).expect("a query is written");
    let read: Query = serde_json::from_value(written.clone()).expect("what is written is read");
    assert!(read == *query, "{written}");
    let found = query.to_condition(&shop().0).ok()?;
    assert_eq!(found.to_string().parse::<Condition>().as_ref().ok(), Some(&found));
    if let Ok(again) = Query::from_condition(&found, &shop().0) {
        same_members(&found, &again.to_condition(&shop().0).expect("a query of a condition"));
    }
    Some(found)
}

fn definitions(rules: &RulesDef) {
    same_from_json(rules);
    let written = toml::to_string(rules).expect("definitions are written");
    let mut read: RulesDef = toml::from_str(&written).unwrap_or_else(|e| panic!("{e}\n{written}"));
    assert_eq!(by_name(&mut read), by_name(&mut rules.clone()), "{written}");
    let builder = Rules::builder(&shop().0).limits(limits()).definitions("a.toml", rules.clone());
    let found = builder.check();
    let refused = found.iter().any(|found| found.severity == Severity::Error);
    assert_eq!(builder.build().is_err(), refused);
    if !refused {
        let seg = rules.to_string();
        let read = RulesDef::from_seg("a.seg", &seg).unwrap_or_else(|e| panic!("{e}\n{seg}"));
        assert_eq!(read, *rules, "{seg}");
    }
}

/// Tables of TOML have no order.
fn by_name(rules: &mut RulesDef) -> &RulesDef {
    rules.lets.sort_by(|one, other| one.name.cmp(&other.name));
    rules
}

fn same_members(one: &Condition, other: &Condition) {
    let rules = Rules::builder(&shop().0).limits(limits());
    let rules = rules.condition("one", one.to_string()).condition("other", other.to_string());
    let rules = match rules.build() {
        Ok(rules) => rules,
        Err(error) => {
            assert!(error.is_limit(), "{error}\n{one}\n{other}");
            return;
        }
    };
    let engine = Engine::new(rules, shop().1.clone()).expect("one schema");
    let as_of: AsOf = "2026-11-01".parse().expect("a day");
    let found = engine.evaluate(as_of).expect("checked rules do not fail");
    assert_eq!(found.members("one"), found.members("other"), "{one}\n{other}");
}

fn same_from_json<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let written = serde_json::to_string(value).expect("it is written");
    // The reader of JSON has a limit of nesting of its own.
    match serde_json::from_str::<T>(&written) {
        Ok(read) => assert_eq!(read, *value, "{written}"),
        Err(error) => assert!(error.to_string().contains("recursion limit"), "{error}\n{written}"),
    }
}
