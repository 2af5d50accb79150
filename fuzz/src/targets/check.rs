//! The checker, and what it lets through.

use segmenta::{AsOf, Diagnostic, Engine, Limits, Rules, RulesBuilder, Severity};

use super::{shop::shop, text};

/// No text makes the checker panic, what it finds lies in the text, and what it accepts can be evaluated, by both
/// evaluators alike.
pub fn check(data: &[u8]) {
    let text = text(data);
    let rules = || Rules::builder(&shop().0).limits(limits());
    run(rules().bytes("a.seg", data), &text);
    run(rules().condition("a", text.as_ref()), &text);
}

/// Expanded rules of the usual size would take the oracle too long for many inputs a second.
pub(super) fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.nodes = 5_000;
    limits
}

fn run(rules: RulesBuilder, text: &str) {
    let rules = match rules.build() {
        Ok(rules) => rules,
        Err(refused) => {
            let found = refused.diagnostics();
            assert!(found.iter().any(|found| found.severity == Severity::Error));
            return lie_within(found, text);
        }
    };
    assert!(rules.warnings().iter().all(|found| found.severity == Severity::Warning));
    lie_within(rules.warnings(), text);
    let mut engine = Engine::new(rules, shop().1.clone()).expect("one schema");
    for day in ["2026-11-01", "2024-02-29T12:30:00"] {
        let as_of: AsOf = day.parse().expect("a day");
        let exec = engine.evaluate(as_of).expect("checked rules do not fail");
        let oracle = engine.evaluate_reference(as_of).expect("checked rules do not fail");
        for ((name, exec), (_, oracle)) in exec.segments().zip(oracle.segments()) {
            assert_eq!(exec, oracle, "`{name}` as of {day}");
        }
        engine.refresh(as_of).expect("checked rules do not fail");
    }
}

fn lie_within(found: &[Diagnostic], text: &str) {
    let lines = text.split('\n').count();
    for found in found {
        assert!(!found.message.is_empty());
        let shown = found.to_string();
        let place = found.location.as_ref().unwrap_or_else(|| panic!("no place: {shown}"));
        assert!((1..=lines).contains(&place.line), "{shown}");
        assert!((place.line..=lines).contains(&place.end_line), "{shown}");
        for (line, column) in [(place.line, place.column), (place.end_line, place.end_column)] {
            let line = text.split('\n').nth(line - 1).unwrap_or_default();
            assert!((1..=line.chars().count() + 1).contains(&column), "{shown}");
        }
    }
}
