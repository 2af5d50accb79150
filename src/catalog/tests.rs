//! That the tables of words have every word.

use std::collections::BTreeSet;

use super::language::{AGGREGATES, FORMS, FUNCTIONS, LANGUAGE, OPERATORS};
use crate::{calendar::Unit, check, syntax};

#[test]
fn every_function_is_listed() {
    let listed = FUNCTIONS.iter().map(|function| function.name);
    let aggregates = AGGREGATES.iter().map(|aggregate| aggregate.name);
    let listed: BTreeSet<&str> =
        listed.chain(aggregates.filter(|name| *name != "count distinct")).collect();
    assert_eq!(listed, check::function_names().collect());
}

#[test]
fn every_unit_is_listed() {
    assert_eq!(LANGUAGE.time_units, Unit::ALL.map(Unit::name));
}

#[test]
fn every_word_of_operators_and_forms_is_listed() {
    let known: BTreeSet<&str> =
        [LANGUAGE.reserved, LANGUAGE.keywords, LANGUAGE.time_units, LANGUAGE.distance_units]
            .concat()
            .into_iter()
            .collect();
    let operators = OPERATORS.iter().map(|operator| operator.syntax);
    let forms = FORMS.iter().map(|form| form.syntax).filter(|syntax| !syntax.contains("YYYY"));
    for syntax in operators.chain(forms) {
        let words = syntax.split(|c: char| !c.is_ascii_alphabetic());
        for word in words.filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase())) {
            assert!(known.contains(word), "{word}");
        }
    }
}

#[test]
fn every_reserved_word_is_listed_and_no_keyword_is_one() {
    assert_eq!(LANGUAGE.reserved, syntax::reserved_words().collect::<Vec<_>>());
    for word in LANGUAGE.keywords {
        assert_eq!(&syntax::written_name(word), word);
    }
    let both: BTreeSet<_> = LANGUAGE.reserved.iter().chain(LANGUAGE.keywords).collect();
    assert_eq!(both.len(), LANGUAGE.reserved.len() + LANGUAGE.keywords.len());
}
