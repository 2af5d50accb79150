//! Text at the limits, text made to hurt, and text at random.

use proptest::prelude::*;

use super::{FIRST_LOOK, condition_errors, places};
use crate::{
    diagnostic::SourceId,
    limits::Limits,
    syntax::{
        format::format,
        parse::{parse_condition, parse_file},
        print_expr,
    },
};

#[test]
fn limits_have_their_codes() {
    let limits = Limits {
        file_bytes: 200,
        condition_bytes: 60,
        nesting: 3,
        list: 2,
        pins: 3,
        ..Limits::default()
    };
    let file = |text: &str| places(text, &parse_file(SourceId(0), text, &limits).findings);
    let condition =
        |text: &str| places(text, &parse_condition(SourceId(0), text, &limits).findings);
    let one = |code, place: &str| [(code, place.to_owned())];
    assert_eq!(file(&" ".repeat(201)), one("E0601", ""));
    assert_eq!(condition(&" ".repeat(61)), one("E0602", ""));
    let long = format!("a = '{}'", "x".repeat(60));
    assert_eq!(file(&format!("let b = {long} segment c {{ include a }}")), one("E0602", &long));
    assert_eq!(condition("(((a)))"), []);
    assert_eq!(condition("((((a)))) and b"), one("E0603", "("));
    assert_eq!(condition("not not not a"), []);
    assert_eq!(condition("not not not not a"), one("E0603", "a"));
    assert_eq!(condition("- - - - a"), one("E0603", "a"));
    assert_eq!(condition("all of (any of (f(- a)))"), one("E0603", "a"));
    assert_eq!(condition("x in (1, 2)"), []);
    assert_eq!(condition("x in (1, 2, 3)"), one("E0604", "("));
    assert_eq!(file("segment a { pin in (1, 2, 3) }"), []);
    assert_eq!(file("segment a { pin in (1, 2, 3, 4) }"), one("E0605", "("));
}

#[test]
fn text_made_to_hurt_ends_soon_and_without_depth() {
    const SIZE: usize = 1 << 20;
    let limits = Limits { condition_bytes: 2 * SIZE, ..Limits::default() };
    for part in [
        "(",
        ")",
        "not ",
        "-",
        "a or ",
        "'",
        "\"",
        "`",
        "a = ",
        "f(",
        "all of (",
        "a,",
        "{",
        "}",
        "[",
        "!",
        "\0",
        "a.",
        "1",
        "1.",
        "07-25 ",
        "30d ",
        "+",
        "in ",
        "x in (",
        "segment a {",
        "let ",
        "let a = ",
        "include ",
        "# c\n",
        "a = b = ",
        "not - (",
        "count(a where ",
        "\u{1F382}",
        "é",
        "partition p { a when ",
        "a b ",
        "between ",
        "at least ",
        "pin in (",
        "owner: ",
    ] {
        let text = part.repeat(SIZE / part.len());
        let started = std::time::Instant::now();
        let parsed = parse_file(SourceId(0), &text, &limits);
        assert!(parsed.findings.len() <= 1_001, "{part}");
        parse_condition(SourceId(0), &text, &limits);
        parse_file(SourceId(0), &format!("segment s {{ include {text}"), &limits);
        assert!(started.elapsed().as_secs() < 20, "{part}: {:?}", started.elapsed());
    }
    let deep = format!("{}a{}", "(".repeat(100_000), ")".repeat(100_000));
    assert_eq!(condition_errors(&deep), [("E0603", "(".to_owned())]);
}

#[test]
fn a_file_cut_at_any_byte_is_no_panic() {
    let text = format!(
        "{FIRST_LOOK}partition p {{ a when x in (1, -2d), `b c` otherwise }} use \"å\\u{{1F382}}\""
    );
    for end in 0..text.len() {
        let bytes = String::from_utf8_lossy(&text.as_bytes()[..end]).into_owned();
        parse_file(SourceId(0), &bytes, &Limits::default());
        let start = String::from_utf8_lossy(&text.as_bytes()[end..]).into_owned();
        parse_file(SourceId(0), &start, &Limits::default());
        parse_condition(SourceId(0), &start, &Limits::default());
    }
}

/// The deepest tree that the limits let through is read on the stack of a test's thread.
#[test]
fn nesting_up_to_the_limit_needs_no_great_stack() {
    let nested = |part: &str, end: &str, levels: usize| {
        format!("{}a{}", part.repeat(levels), end.repeat(levels))
    };
    let limits = Limits { nesting: 1_000, ..Limits::default() };
    for (part, end, levels) in [
        ("(", ")", 1_000),
        ("b or c and d = 1 + 2 * (", ")", 1_000),
        ("all of (b, ", ")", 1_000),
        ("f(1, ", ")", 1_000),
        ("count(t where b and ", ")", 1_000),
        ("x in ((", "))", 500),
        ("top 1 by -(", ")", 500),
    ] {
        let text = nested(part, end, levels);
        let parsed = parse_condition(SourceId(0), &text, &limits);
        assert_eq!(parsed.findings, [], "{part}");
        let printed = limits.with_room(|| print_expr(&parsed.tree));
        assert_eq!(printed, text, "{part}");
        assert_eq!(condition_errors(&text).len(), 1, "{part}");
    }
    for sign in ["not ", "-"] {
        let text = nested(sign, "", 1_000);
        let parsed = parse_condition(SourceId(0), &text, &limits);
        assert_eq!(parsed.findings, []);
        assert_eq!(limits.with_room(|| print_expr(&parsed.tree)), text);
    }
}

const SOUP: [&str; 60] = [
    "a",
    "b.c",
    "`x y`",
    "1",
    "2.5",
    "'t'",
    "2026-01-01",
    "07-25",
    "2026-01-01T10:00Z",
    "-",
    "+30d",
    "30d",
    "*",
    "/",
    "(",
    ")",
    "{",
    "}",
    ",",
    ".",
    ":",
    "=",
    "!=",
    "<",
    "==",
    "&&",
    "!",
    "and",
    "or",
    "not",
    "in",
    "is",
    "between",
    "where",
    "null",
    "true",
    "today",
    "include",
    "exclude",
    "segment",
    "let",
    "use",
    "partition",
    "static",
    "inactive",
    "pin",
    "out",
    "all",
    "of",
    "at",
    "least",
    "exactly",
    "within",
    "last",
    "days",
    "ago",
    "ignoring",
    "year",
    "count",
    "contains",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_soup_of_tokens_is_no_panic(words in prop::collection::vec(0..SOUP.len(), 0..60)) {
        let text: Vec<&str> = words.into_iter().map(|word| SOUP[word]).collect();
        let text = text.join(" ");
        let file = parse_file(SourceId(0), &text, &Limits::default());
        let condition = parse_condition(SourceId(0), &text, &Limits::default());
        for finding in file.findings.iter().chain(&condition.findings) {
            let (start, end) = (finding.span.start as usize, finding.span.end as usize);
            prop_assert!(text.get(start..end).is_some(), "{text}: {finding:?}");
        }
        if condition.findings.is_empty() {
            let again = parse_condition(SourceId(0), &print_expr(&condition.tree), &Limits::default());
            prop_assert!(again.findings.is_empty(), "{text}: {:?}", again.findings);
        }
        if file.findings.is_empty() {
            let formatted = format(SourceId(0), &text, &Limits::default());
            prop_assert!(formatted.is_ok(), "{text}: {formatted:?}");
        }
    }

    #[test]
    fn arbitrary_text_is_no_panic(text in "\\PC{0,80}|[ -~\\n\\r\\t\\x00]{0,80}") {
        parse_file(SourceId(0), &text, &Limits::default());
        parse_condition(SourceId(0), &text, &Limits::default());
    }
}
