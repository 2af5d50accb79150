//! The JSON form: fixtures of every kind, which no version may change, and every tree that the grammar has.

use std::path::PathBuf;

use proptest::prelude::*;
use serde_json::Value;

use super::{Tree, read, write};
use crate::{
    config::{
        Condition,
        data::Data,
        node::{Node, Problems},
    },
    syntax::{Erase, any_condition, print_expr, tree::ExprKind},
};

/// The fixture that a kind needs. A new kind has to be named here, and then given one.
fn fixture(kind: &ExprKind) -> Option<&'static str> {
    Some(match kind {
        ExprKind::Number(_) => "number",
        ExprKind::Text(_) => "text",
        ExprKind::Bool(_) => "bool",
        ExprKind::Null => "null",
        ExprKind::Date(_) => "date",
        ExprKind::DateTime { .. } => "date_time",
        ExprKind::MonthDay { .. } => "month_day",
        ExprKind::Today => "today",
        ExprKind::Yesterday => "yesterday",
        ExprKind::Tomorrow => "tomorrow",
        ExprKind::Now => "now",
        ExprKind::Relative { .. } => "relative",
        ExprKind::Duration { .. } => "duration",
        ExprKind::Path(_) => "path",
        ExprKind::Call { .. } => "call",
        ExprKind::Aggregate { .. } => "aggregate",
        ExprKind::Negate(_) => "negate",
        ExprKind::Arithmetic { .. } => "arithmetic",
        ExprKind::Paren(_) => "paren",
        ExprKind::Not(_) => "not",
        ExprKind::And(_) => "and",
        ExprKind::Or(_) => "or",
        ExprKind::Compare { .. } => "compare",
        ExprKind::Between { .. } => "between",
        ExprKind::In { .. } => "in",
        ExprKind::Contains { .. } => "contains",
        ExprKind::TextTest { .. } => "text_test",
        ExprKind::IsNull { .. } => "is_null",
        ExprKind::IsEmpty { .. } => "is_empty",
        ExprKind::Within { .. } => "within",
        ExprKind::Near { .. } => "near",
        ExprKind::Quantified { .. } => "quantified",
        ExprKind::InSegment(_) => "in_segment",
        ExprKind::Top { .. } => "top",
        ExprKind::Sample { .. } => "sample",
        ExprKind::Error => return None,
    })
}

/// The fixtures there are, each a list of texts and their trees.
fn fixtures() -> Vec<(String, Vec<(String, Value)>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/trees");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let cases: Vec<Value> = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let case = |case: &Value| (case["text"].as_str().unwrap().to_owned(), case["tree"].clone());
        let kind = path.file_stem().unwrap().to_str().unwrap().to_owned();
        found.push((kind, cases.iter().map(case).collect()));
    }
    found
}

#[test]
fn every_kind_has_its_fixture_and_keeps_its_form() {
    let fixtures = fixtures();
    assert_eq!(fixtures.len(), 35);
    for (kind, cases) in fixtures {
        let mut of_kind = 0;
        for (text, tree) in cases {
            let condition: Condition = text.parse().unwrap();
            assert_eq!(serde_json::to_value(condition.tree()).unwrap(), tree, "{kind}: {text}");
            let read: Tree = serde_json::from_value(tree.clone()).unwrap();
            assert_eq!(serde_json::to_value(&read).unwrap(), tree, "{kind}: {text}");
            of_kind += u32::from(fixture(&condition.expr().kind) == Some(&kind));
        }
        assert!(of_kind > 0, "no {kind} among its fixtures");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_condition_survives_its_tree(expr in any_condition()) {
        let written = write::write(&expr);
        let mut problems = Problems::default();
        let read = read::Reader { problems: &mut problems }.expr(&Node::root(&written, "tree"));
        prop_assert!(problems.is_empty(), "{}\n{}", print_expr(&expr), problems.into_error());
        let read = read.unwrap();
        prop_assert_eq!(write::write(&read), written);
        // What was read is a tree of the grammar, with brackets wherever they are needed.
        let text = print_expr(&read);
        let mut again = text.parse::<Condition>().unwrap().expr();
        again.erase();
        prop_assert!(again == read, "{}\n{}", text, print_expr(&again));
    }

    #[test]
    fn no_value_makes_a_reader_panic(expr in any_condition(), seed: u64) {
        let damaged = damage(write::write(&expr), &mut seed.into());
        let _read = Tree::read(&damaged);
    }
}

/// Puts something else in places.
fn damage(data: Data, seed: &mut u128) -> Data {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    match (*seed >> 60) % 16 {
        0 => return Data::Null,
        1 => return Data::Text("`\n".to_owned()),
        2 => return Data::List(vec![data]),
        3 => return Data::Whole(-1),
        4 => return Data::Float(f64::NAN),
        _ => {}
    }
    match data {
        Data::List(elements) => {
            Data::List(elements.into_iter().map(|element| damage(element, seed)).collect())
        }
        Data::Table(fields) => {
            Data::Table(fields.into_iter().map(|(key, value)| (key, damage(value, seed))).collect())
        }
        flat => flat,
    }
}
