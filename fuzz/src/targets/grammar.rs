//! The parser, the printer and the formatter: what text means, whatever it is.

use segmenta::internals::{
    grammar_of_condition, grammar_of_file, round_trip, round_trip_condition,
};

use super::text;

/// No text makes the parser panic, and what it finds marks characters of the text.
pub fn parse(data: &[u8]) {
    let text = text(data);
    let found = [("file", grammar_of_file(&text)), ("condition", grammar_of_condition(&text))];
    for (kind, found) in found {
        for (code, marked) in found {
            assert!(text.get(marked.clone()).is_some(), "{kind}: {code} marks {marked:?}");
        }
    }
}

/// What the printer writes parses to the tree that was printed.
pub fn print(data: &[u8]) {
    let text = text(data);
    if grammar_of_file(&text).is_empty() {
        let printed = round_trip(&text).unwrap_or_else(|problem| panic!("{problem}"));
        assert_eq!(round_trip(&printed).as_ref(), Ok(&printed), "printing again differs");
    }
    if grammar_of_condition(&text).is_empty() {
        let printed = round_trip_condition(&text).unwrap_or_else(|problem| panic!("{problem}"));
        assert_eq!(round_trip_condition(&printed).as_ref(), Ok(&printed), "printing again differs");
    }
}

/// A text without errors can be formatted, formatting changes nothing that it says, and formatting again nothing at
/// all; a text with errors is left alone.
pub fn format(data: &[u8]) {
    let text = text(data);
    let formatted = segmenta::format("rules.seg", &text);
    if !grammar_of_file(&text).is_empty() {
        assert!(formatted.is_err(), "a text with errors was formatted");
        return;
    }
    let formatted = formatted.unwrap_or_else(|error| panic!("{error}"));
    let again = segmenta::format("rules.seg", &formatted);
    assert_eq!(again.unwrap_or_else(|error| panic!("{error}")), formatted, "not idempotent");
    assert_eq!(round_trip(&formatted), round_trip(&text), "the meaning changed");
}
