//! The checker, and what it lets through.

use segmenta::{AsOf, Diagnostic, Engine, Limits, Rules, RulesBuilder, Severity};

use super::{shop::shop, text};

/// No text makes the checker panic, what it finds lies in the text, and what it accepts can be evaluated, by both
/// evaluators alike. Whom it calls all or nobody, that they are.
pub fn check(data: &[u8]) {
    let text = text(data);
    let rules = || Rules::builder(&shop().0).limits(limits()).deep(true);
    run(rules().bytes("a.seg", data), &text);
    let Some(engine) = run(rules().condition("a", text.as_ref()), &text) else { return };
    let found = engine.rules().warnings().iter().filter(|found| is_whole(found, &text));
    let claimed = found.filter_map(|found| match found.code.as_str() {
        "W0201" => Some(true),
        "W0202" => Some(false),
        _ => None,
    });
    for word in claimed.map(|all| if all { "true" } else { "false" }) {
        let claim = Rules::builder(&shop().0).condition("a", word).build().expect("a rule");
        let claim = Engine::new(claim, shop().1.clone()).expect("one schema");
        for as_of in days() {
            let members = |engine: &Engine| engine.evaluate(as_of).expect("it does not fail");
            assert!(members(&engine).segments().eq(members(&claim).segments()), "always {word}");
        }
    }
}

fn days() -> [AsOf; 2] {
    ["2026-11-01", "2024-02-29T12:30:00"].map(|day| day.parse().expect("a day"))
}

/// Whether it is said of the whole text.
fn is_whole(found: &Diagnostic, text: &str) -> bool {
    let place = found.location.as_ref().expect("a place");
    let behind = |text: &str| {
        let column = text.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (text.split('\n').count(), column)
    };
    let (end, start) = (text.trim_end(), text.len() - text.trim_start().len());
    behind(&text[..start]) == (place.line, place.column)
        && behind(end) == (place.end_line, place.end_column)
}

/// Expanded rules of the usual size would take the oracle too long for many inputs a second.
pub(super) fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.nodes = 5_000;
    limits
}

/// The rules, ready to be asked, if they have no error.
fn run(rules: RulesBuilder, text: &str) -> Option<Engine> {
    let rules = match rules.build() {
        Ok(rules) => rules,
        Err(refused) => {
            let found = refused.diagnostics();
            assert!(found.iter().any(|found| found.severity == Severity::Error));
            lie_within(found, text);
            return None;
        }
    };
    assert!(rules.warnings().iter().all(|found| found.severity == Severity::Warning));
    lie_within(rules.warnings(), text);
    let mut engine = Engine::new(rules, shop().1.clone()).expect("one schema");
    for as_of in days() {
        let exec = engine.evaluate(as_of).expect("checked rules do not fail");
        let oracle = engine.evaluate_reference(as_of).expect("checked rules do not fail");
        for ((name, exec), (_, oracle)) in exec.segments().zip(oracle.segments()) {
            assert_eq!(exec, oracle, "`{name}` as of {as_of:?}");
        }
        engine.refresh(as_of).expect("checked rules do not fail");
    }
    Some(engine)
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
