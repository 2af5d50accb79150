//! Rules that say something else have another text: one word, sign, number or string of a random rule is exchanged.

use std::cell::Cell;

use proptest::{
    prelude::any,
    test_runner::{Config, TestCaseError, TestRunner},
};
use segmenta::{ContentHash, Rules, Schema};

use super::{choices::Choices, rules, rules::Scope, world::World};

#[test]
fn a_rule_that_says_something_else_has_another_hash() {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 2_000;
    }
    let cases = config.cases;
    let mut runner = TestRunner::new(config);
    let stream = |length| proptest::collection::vec(any::<u8>(), 0..length);
    let telling = Cell::new(0);
    let run = |(data, rules, places): (Vec<u8>, Vec<u8>, Vec<u8>)| {
        let world = World::random(&mut Choices::new(&data));
        let schema = Schema::from_toml(&world.schema).expect("a schema");
        let scope = Scope::of_customers(&world);
        let rule = rules::condition(&mut Choices::new(&rules), &scope, 3);
        let (hash, text) = content(&schema, &rule).expect("a rule");
        for other in others(&mut Choices::new(&places), &rule) {
            let Some((other_hash, other_text)) = content(&schema, &other) else { continue };
            telling.set(telling.get() + 1);
            if text == other_text || hash == other_hash {
                return Err(TestCaseError::fail(format!("{rule}\n{other}\n{text}")));
            }
        }
        Ok(())
    };
    runner.run(&(stream(100), stream(200), stream(16)), run).unwrap();
    assert!(telling.get() > cases, "only {} other rules for {cases}", telling.get());
}

fn content(schema: &Schema, rule: &str) -> Option<(ContentHash, String)> {
    let rules = Rules::builder(schema).condition("rule", rule).build().ok()?;
    let segment = rules.segment("rule").expect("a segment");
    Some((segment.content_hash(), segment.canonical_text()))
}

/// The rule with something exchanged, here and there. Not each of them is a rule.
fn others(c: &mut Choices<'_>, rule: &str) -> Vec<String> {
    let tokens = tokens(rule);
    let mut found = Vec::new();
    for _ in 0..8 {
        let at = c.below(tokens.len().min(256));
        // No days are no weeks, in the past and in the future; a blank lies between.
        let beside = [at.checked_sub(2), Some(at + 2)].map(|at| tokens.get(at?).copied());
        let nothing = beside.contains(&Some("0"));
        let Some(other) = other(c, tokens[at]).filter(|_| !nothing) else { continue };
        let mut exchanged: Vec<&str> = tokens.clone();
        exchanged[at] = &other;
        found.push(exchanged.concat());
    }
    found
}

/// Words, numbers, strings, signs and blanks.
fn tokens(rule: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = rule;
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        let end = match first {
            '\'' => rest[1..].find('\'').expect("a closing quote") + 2,
            '<' | '>' | '!' if rest[1..].starts_with('=') => 2,
            _ if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        let (token, after) = rest.split_at(end);
        found.push(token);
        rest = after;
    }
    found
}

/// Something of the same kind that means something else.
fn other(c: &mut Choices<'_>, token: &str) -> Option<String> {
    const ALIKE: &[&[&str]] = &[
        &["=", "!=", "<", "<=", ">", ">="],
        &["+", "-", "*", "/"],
        &["and", "or"],
        &["all", "any", "none"],
        &["least", "most"],
        &["starts", "ends"],
        &["last", "next"],
        &["days", "weeks", "months", "years"],
        &["hours", "minutes"],
        &["true", "false"],
        &["today", "yesterday", "tomorrow"],
        &["sum", "avg", "min", "max", "first", "last"],
        &["age", "days_since", "year", "month", "day", "weekday"],
        &["rows", "parts", "bits"],
        &["parent", "customer"],
        &["rfm.recency", "rfm.frequency", "rfm.monetary"],
    ];
    if let Some(rest) = token.strip_prefix('\'') {
        return Some(format!("'q{rest}"));
    }
    if token.starts_with(|c: char| c.is_ascii_digit()) {
        return Some(format!("{token}1"));
    }
    let alike = ALIKE.iter().filter(|list| list.contains(&token));
    let mut alike: Vec<&str> = alike.flat_map(|list| *list).copied().collect();
    alike.retain(|other| *other != token);
    (!alike.is_empty()).then(|| c.of(&alike).to_owned())
}
