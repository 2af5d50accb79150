//! `matches`: what is a pattern, and where it is none.

use std::{fmt::Write, time::Instant};

use segmenta::Rules;

use super::{all_fine, check, each_has_one, limits, message, places, shop};

#[test]
fn patterns_are_texts_as_they_are_written() {
    all_fine(&[
        "country matches '^S'",
        "country matches '' ignoring case",
        "country matches '\\\\d+\\\\.\\\\d*'",
        "lower(country) matches \"it's\"",
        "coalesce(country, 'x') matches '(?i)se'",
        "home_store matches '^S\\u{31}'",
        "home_store.region matches ('north')",
        "count(orders where status matches 'paid|open') > 1",
        "exists(items where parent.status matches 'p' and customer.country matches 'S')",
        "last(orders.status) matches '^p'",
        "not (country matches 'S') and country is not null",
    ]);
    let text = "let code = '^S'\nlet coded(p) = country matches p\n\
                segment a { include coded(code) and coded('E$') }\nsegment b { include country matches code }";
    assert!(check(text).is_empty());
    each_has_one(&[
        (
            "country matches null",
            "E0305",
            "null",
            "nothing can be compared with `null`",
            "use `is null`",
        ),
        (
            "country matches 5",
            "E0302",
            "5",
            "`matches` takes a pattern, not a number",
            "a pattern is a text in quotes",
        ),
        (
            "country matches email",
            "E0311",
            "email",
            "a pattern is a text as it is written, not a computed one",
            "whether one text holds another is asked with `contains`",
        ),
        (
            "country matches lower('S')",
            "E0311",
            "lower('S')",
            "a pattern is a text as it is written, not a computed one",
            "whether one text holds another is asked with `contains`",
        ),
        ("points matches 'S'", "E0302", "points", "`matches` works on texts, not on a number", ""),
        (
            "tags matches 'S'",
            "E0302",
            "tags",
            "`matches` works on texts, not on a set of texts",
            "",
        ),
        (
            "country matches 'S' ignoring year",
            "E0306",
            "country matches 'S' ignoring year",
            "`ignoring year` works on dates and datetimes, not on a text",
            "",
        ),
    ]);
}

const SIGN: &str = "a sign that stands for itself has `\\\\` before it";
const GROUP: &str = "a plain group is `(?:…)`";
const REPEAT: &str = "it is written as in `{3}`, `{2,5}` or `{2,}`";
const CLASS: &str = "it is written as in `\\\\p{L}` or `\\\\p{Greek}`";

#[test]
fn what_is_no_regular_expression_is_pointed_at() {
    let escape = "it is written as in `\\\\x{1F382}`";
    let edge = "there are `\\\\b`, `\\\\b{start}` and `\\\\b{end}`";
    let cases = [
        ("a(b", "(", "this `(` is never closed", SIGN),
        ("a)b", ")", "this `)` closes nothing", SIGN),
        ("a[b", "[", "this `[` is never closed", SIGN),
        ("*a", "*", "there is nothing to repeat before this", SIGN),
        ("a|+", "+", "there is nothing to repeat before this", SIGN),
        ("a{2", "{2", "this repetition is not complete", REPEAT),
        ("a{x}", "x", "this repetition is not complete", REPEAT),
        ("a{3,2}", "{3,2}", "the second number is less than the first", ""),
        ("a{99999999999}", "99999999999", "nothing is repeated so often", ""),
        ("[z-a]", "z-a", "this range of letters ends before it starts", ""),
        ("[a-\\\\d]", "\\\\d", "a range goes from one letter to another, as in `a-z`", ""),
        ("[\\\\b]", "\\\\b", "this escape means nothing between `[` and `]`", ""),
        ("é\\\\y", "\\\\y", "patterns do not have this escape", ""),
        ("a\\\\", "\\\\", "the pattern ends within an escape", SIGN),
        ("\\\\x{110000}", "110000", "no letter has this number", escape),
        ("\\\\b{middle}", "middle", "there is no such edge of a word", edge),
        ("(?q)a", "q", "this begins a group with flags that do not exist", GROUP),
        ("(?<1>a)", "1", "this is no name of a group", GROUP),
        ("(?<a>a)(?<a>b)", "a", "two groups of the pattern have this name", ""),
        ("\\\\p{Nobody}", "\\\\p{Nobody}", "there is no such class of letters", CLASS),
        (
            "\\\\1",
            "\\\\1",
            "a pattern cannot ask for the same text again",
            "the time it takes could not be bounded",
        ),
        (
            "a(?!b)",
            "(?!",
            "a pattern cannot look ahead or behind",
            "join two conditions with `and` or `and not`",
        ),
        (
            "(?-u)\\\\xff",
            "\\\\xff",
            "a pattern reads whole letters, not bytes",
            "leave the flag `-u` out",
        ),
        // Before the place stand a letter of two bytes and two escapes of the string.
        ("\\u{e5}å\\'(", "(", "this `(` is never closed", SIGN),
        ("a\\n(", "(", "this `(` is never closed", SIGN),
    ]
    .map(|(pattern, marked, message, help)| {
        (format!("country matches '{pattern}'"), marked, message, help)
    });
    let cases: Vec<_> = cases
        .iter()
        .map(|(rule, marked, message, help)| (rule.as_str(), "E0313", *marked, *message, *help))
        .collect();
    each_has_one(&cases);
    // An escape that strings do not have is reported as such, and nothing else is.
    each_has_one(&[(
        "country matches '\\d('",
        "E0104",
        "\\d",
        "`\\d` is not an escape",
        "in a pattern it is written `\\\\d`",
    )]);
}

#[test]
fn a_wrong_pattern_of_a_let_is_wrong_once() {
    let text = "let code = '(S'\nsegment a { include country matches code }\n\
                segment b { include country matches code or email matches code ignoring case }";
    assert_eq!(places(text), ["E0313 1:13"]);
}

#[test]
fn a_bomb_is_refused_at_once() {
    let started = Instant::now();
    for pattern in [
        "((a{1000}){1000}){1000}",
        "(?:a?){1000}{1000}",
        "\\\\w{1000}",
        &"\\\\pL".repeat(680),
        &"(".repeat(100_000),
        &("(".repeat(50_000) + &")".repeat(50_000)),
        &"a".repeat(100_000),
        &("(a".repeat(201) + &")".repeat(201)),
    ] {
        let text = format!("segment a {{ include country matches '{pattern}' }}");
        assert_eq!(places(&text), ["E0607 1:37"], "{pattern:.20}");
        assert!(Rules::parse(&shop(), &text).unwrap_err().is_limit());
    }
    // Eight bombs in an unoptimised program on a busy machine.
    assert!(started.elapsed().as_secs() < 8, "{:?}", started.elapsed());
}

#[test]
fn patterns_have_limits_of_their_own_and_together() {
    let check = |rule: &str, change: fn(&mut segmenta::Limits)| {
        let builder = Rules::builder(&shop()).condition("it", rule).limits(limits(change));
        let found = builder.check();
        found.into_iter().map(|found| found.message).collect::<Vec<_>>()
    };
    let rule = format!("country matches '{}'", "a".repeat(10));
    assert!(check(&rule, |limits| limits.pattern = 20_480).is_empty());
    assert_eq!(
        check(&rule, |limits| limits.pattern = 20_479),
        ["the text of a pattern has at most 9 bytes"]
    );
    assert!(check("country matches '((a))'", |limits| limits.nesting = 2).is_empty());
    assert_eq!(
        check("country matches '(((a)))'", |limits| limits.nesting = 2),
        ["this pattern nests deeper than 2 levels"]
    );
    // The program of the second takes some 50,000 bytes.
    let twice = "country matches 'S' and country matches '\\\\w' and email matches '\\\\w'";
    assert!(check(twice, |limits| limits.patterns = 70_000).is_empty());
    assert_eq!(
        check(twice, |limits| limits.patterns = 20_000),
        ["with this pattern, those of the rules take more than 20000 bytes when compiled"; 2]
    );
}

#[test]
fn very_many_patterns_end_at_their_limit() {
    let mut text = String::new();
    for number in 0..2_000 {
        writeln!(text, "segment s{number} {{ include country matches '\\\\w{number}' }}").unwrap();
    }
    let started = Instant::now();
    let found = check(&text);
    assert!(!found.is_empty() && found.len() < 1_000, "{}", found.len());
    assert!(found.iter().all(|found| found.code == segmenta::Code::PatternTooLarge));
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
    assert_eq!(
        message("segment a { include country matches '\\\\w{90}' }"),
        "this pattern takes more than 4194304 bytes when compiled"
    );
}
