//! `tests/canonical`: a folder for each version of the canonical text, with rules, their texts and their hashes.
//!
//! What is there never changes: static segments would be formed anew with the next version of the crate. A new form of
//! rule gets a file of its own, whose texts are derived from `canonical.rs` by reading and whose hashes by `sha256sum`.

use std::path::PathBuf;

use super::forms::Forms;
use crate::{check::Rules, schema::Schema};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/canonical")
}

/// The rule files of this version, and beside each the texts that are expected.
fn fixtures() -> Vec<(String, Rules, String)> {
    let read = |path: PathBuf| std::fs::read_to_string(path).unwrap();
    let schema = Schema::from_toml(&read(folder().join("schema.toml"))).unwrap();
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder().join("1")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "seg") {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let rules = Rules::parse(&schema, &read(path.clone()));
            let rules = rules.unwrap_or_else(|e| panic!("{name}: {e}"));
            found.push((name, rules, read(path.with_extension("txt"))));
        }
    }
    found
}

#[test]
fn texts_and_hashes_stay_as_they_are() {
    for (name, rules, expected) in fixtures() {
        let shown = |segment: crate::Segment<'_>| {
            let (hash, text) = (segment.content_hash(), segment.canonical_text());
            format!("== {}\n{hash}\n{text}\n", segment.name())
        };
        let found: String = rules.segments().map(shown).collect();
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn every_form_of_rule_has_a_fixture() {
    let mut seen = Forms::default();
    for (_, rules, _) in fixtures() {
        seen.rules(rules.set());
    }
    assert_eq!(seen.missing(), [""; 0]);
}
