//! What is said about text that does not parse, and where.

use super::{accept, condition_errors, file, file_errors, places};
use crate::{
    diagnostic::{Finding, SourceId},
    limits::Limits,
    syntax::parse::parse_condition,
};

#[test]
fn several_errors_of_a_file_are_reported_together() {
    let text = "\
segment a {
  include country = = 'SE'
  exclude any of (a == 1, b = , c = 2)
}
let x =
segment b { includ y = 1 }
";
    let expected =
        [("E0101", "="), ("E0108", "=="), ("E0101", ","), ("E0101", ""), ("E0113", "includ")];
    let found = file_errors(text);
    let found: Vec<_> = found.iter().map(|(code, place)| (*code, place.as_str())).collect();
    assert_eq!(found, expected);
}

#[track_caller]
fn says(text: &str, code: &str, place: &str, message: &str, help: Option<&str>) {
    let parsed = parse_condition(SourceId(0), text, &Limits::default());
    let [finding] = parsed.findings.as_slice() else {
        panic!("{text}: {:#?}", parsed.findings);
    };
    let found = places(text, &parsed.findings);
    assert_eq!(found, [(finding.code.as_str(), place.to_owned())], "{text}");
    assert_eq!((finding.code.as_str(), finding.message.as_str()), (code, message), "{text}");
    assert_eq!(finding.help.as_deref(), help, "{text}");
}

#[test]
fn tokens_that_are_wrong_are_reported_once_and_exactly() {
    says(
        "a = 'x",
        "E0103",
        "'",
        "this string has no closing `'`",
        Some("a `'` inside a string is written `\\'`"),
    );
    says(
        "a = 'x\\q' and b",
        "E0104",
        "\\q",
        "`\\q` is not an escape",
        Some(r#"there are `\'`, `\"`, `\\`, `\n`, `\t` and `\u{…}`"#),
    );
    says(
        "`a = 1",
        "E0112",
        "`a = 1",
        "this name has no closing backquote",
        Some("backquotes are for names; a string stands in `'` or `\"`"),
    );
    says(
        "a matches '\\d+'",
        "E0104",
        "\\d",
        "`\\d` is not an escape",
        Some(r"in a pattern it is written `\\d`"),
    );
    says("`` = 1", "E0112", "``", "a name cannot be empty", None);
    says(
        "a = 5days",
        "E0105",
        "5days",
        "`5days` is not a number",
        Some("put a blank between: `5 days`"),
    );
    for (text, help) in [
        ("-1h", "write `1 hour ago`"),
        ("-30min", "write `30 minutes ago`"),
        ("-2DAYS", "write `2 days ago`"),
        ("+1hour", "write `in 1 hour`"),
        ("b - 30min", "put a blank between: `30 minutes`"),
    ] {
        let number = text.trim_start_matches(['b', ' ', '-', '+']);
        let message = format!("`{number}` is not a number");
        says(&format!("a = {text}"), "E0105", number, &message, Some(help));
    }
    says(
        "a = 1e5",
        "E0105",
        "1e5",
        "`1e5` is not a number",
        Some("write the number out: there are no exponents"),
    );
    says("a = .5", "E0105", ".5", "`.5` is not a number", Some("write `0.5`"));
    for number in ["5.", "1.2.3", "1__0", "1_", "5abc"] {
        assert_eq!(condition_errors(&format!("a = {number}")), [("E0105", number.to_owned())]);
    }
    says(
        &format!("a = {}", "9".repeat(10_000)),
        "E0105",
        &"9".repeat(10_000),
        &format!("the number `{}…` has too many digits", "9".repeat(40)),
        Some("a number has at most 36 digits"),
    );
    says(
        "a = 0.1234567890123456789",
        "E0105",
        "0.1234567890123456789",
        "the number `0.1234567890123456789` has too many digits after the point",
        Some("a number has at most 18 digits after the point"),
    );
    says("a @@ b", "E0102", "@@", "`@@` means nothing here", None);
    let percent = Some("write `percent`");
    says("top 5% by a", "E0102", "%", "unknown character `%`", percent);
    let none =
        "there is no `%`: percentages stand in `top 10 percent by …` and `sample 10 percent …`";
    says("a = 5%", "E0102", "%", "unknown character `%`", Some(none));
    says("\0\0\0 a", "E0102", "\0\0\0", "control characters that cannot stand in a rule", None);
    says(
        "größe = 1",
        "E0102",
        "größe",
        "`größe` is not a name",
        Some("put a name with letters beyond a to z in backquotes"),
    );
    says(
        "a in ['x', 'y']",
        "E0102",
        "[",
        "square brackets are not part of the language",
        Some("use `(` and `)`"),
    );
}

#[test]
fn dates_that_do_not_exist_are_reported() {
    for date in [
        "2026-02-30",
        "2026-13-01",
        "2026-00-10",
        "0000-01-01",
        "2026-11-01T24:00",
        "2026-11-01T16:60",
        "2026-11-01T16",
        "2026-11-01T16:00:00.1234567",
        "2026-11-01T16:00+25:00",
        "2026-11-01T16:00Zulu",
        "2026-11-011",
        "2026-1-5",
        "25-12-2026",
        "20260-11-01",
        "10-20-30",
    ] {
        assert_eq!(condition_errors(&format!("a = {date}")), [("E0106", date.to_owned())]);
    }
    says(
        "a > 2026-1-5",
        "E0106",
        "2026-1-5",
        "`2026-1-5` is not a date",
        Some("write `2026-01-05`; to subtract, put blanks round the minus"),
    );
}

#[test]
fn month_days_are_told_from_subtractions() {
    for text in ["a = 02-29", "a between 12-02 and 01-03", "a = 10 - 20", "a = 100-20", "a = 5-20"]
    {
        accept(text);
    }
    for month_day in ["02-30", "13-01", "00-10", "10-00", "04-31"] {
        assert_eq!(
            condition_errors(&format!("a = {month_day}")),
            [("E0107", month_day.to_owned())]
        );
    }
    says(
        "a = 50-20",
        "E0107",
        "50-20",
        "the month-day `50-20` does not exist",
        Some("to subtract, put blanks round the minus: `50 - 20`"),
    );
}

#[test]
fn operators_of_other_languages_are_read_as_what_they_mean() {
    for (text, place, right) in [
        ("a == 1", "==", "="),
        ("a === 1", "===", "="),
        ("a <> 1", "<>", "!="),
        ("a !== 1", "!==", "!="),
        ("a && b", "&&", "and"),
        ("a || b", "||", "or"),
        ("!a", "!", "not"),
        ("a => 1", "=>", ">="),
        ("a ≤ 1", "≤", "<="),
    ] {
        let message = format!("`{place}` is not an operator");
        says(text, "E0108", place, &message, Some(&format!("use `{right}`")));
    }
    let both = condition_errors("a == 1 && b <> 2");
    assert_eq!(both.iter().map(|(code, _)| *code).collect::<Vec<_>>(), ["E0108"; 3]);
}

#[test]
fn what_was_expected_is_said_in_the_users_words() {
    says("a = ", "E0101", "", "expected a value, found the end of the text", None);
    says("a b", "E0101", "b", "expected an operator such as `=` or `contains`, found `b`", None);
    says(
        "a like 'x%'",
        "E0101",
        "like",
        "expected an operator such as `=` or `contains`, found `like`",
        Some("use `contains`, `starts with`, `ends with` or `matches`"),
    );
    says(
        "a is not 5",
        "E0101",
        "5",
        "expected `null` or `empty` after `is not`, found `5`",
        Some("compare with `!=`"),
    );
    says(
        "a not null",
        "E0101",
        "not",
        "expected an operator such as `=` or `contains`, found `not`",
        Some("write `is not null`"),
    );
    says(
        "a = 2026-11-01 16:00",
        "E0101",
        "16",
        "expected `and`, `or` or the end of the condition, found `16`",
        Some("between day and time stands a `T`: `2026-11-01T16:00:00`"),
    );
    says(
        "a = 1 b = 2",
        "E0101",
        "b",
        "expected `and`, `or` or the end of the condition, found `b`",
        None,
    );
    says(
        "a > 30d",
        "E0101",
        "30d",
        "expected a value, found `30d`",
        Some("a short form needs its sign: `-30d`, `+7d`"),
    );
    says(
        "a = = 1",
        "E0101",
        "=",
        "expected a value, found `=`",
        Some("a value stands on each side of an operator"),
    );
    says(
        "x in segment vip",
        "E0101",
        "segment",
        "expected `(` and a list of values, found `segment`",
        Some("`in segment` is a condition on its own: `in segment vip`"),
    );
    says(
        "in segment true",
        "E0101",
        "true",
        "expected the name of a segment, found `true`",
        Some("`true` is a reserved word; in backquotes it is a name"),
    );
    says(
        "x within 30 feet",
        "E0101",
        "feet",
        "expected `km` or `mi`, found `feet`",
        Some("distances are in `km` or `mi`"),
    );
    says(
        "x within 30 days",
        "E0101",
        "days",
        "expected `last` or `next` before a span of time, found `days`",
        Some("write `within last 30 days` or `within next 30 days`"),
    );
    says(
        "x within last days",
        "E0101",
        "",
        "expected a unit such as `days`, found the end of the text",
        Some("write the number too: `1 days`"),
    );
    says(
        "x within last 1.5 days",
        "E0105",
        "1.5",
        "`1.5` is not a whole number",
        Some("write a whole number here"),
    );
    says(
        "sum(distinct orders.total)",
        "E0101",
        "distinct",
        "`sum` has no `distinct`",
        Some("`distinct` goes with `count` only"),
    );
    says(
        "max(a, b)",
        "E0101",
        ",",
        "expected `where` or `)`, found `,`",
        Some("`max` goes over the rows of one table"),
    );
    says(
        "(a, b)",
        "E0101",
        ",",
        "expected `)`, found `,`",
        Some("a list stands behind `in`, `all of`, `any of` and the like"),
    );
    says("a = +5", "E0101", "+", "a `+` before a value has no meaning", Some("leave it out"));
    says(
        "a is null ignoring year",
        "E0306",
        "ignoring year",
        "`ignoring year` has no meaning here",
        None,
    );
    says(
        "a ignoring case = 'x'",
        "E0101",
        "ignoring",
        "expected an operator such as `=` or `contains`, found `ignoring`",
        Some("`ignoring` stands at the end of the comparison"),
    );
    says(
        "a = not b",
        "E0101",
        "not",
        "expected a value, found `not`",
        Some("put a condition that is compared in brackets"),
    );
}

#[test]
fn chains_brackets_and_lists_have_their_codes() {
    let chain = "join comparisons with `and`, or put a condition that is compared in brackets";
    says("1 < a < 5", "E0109", "<", "a comparison cannot be compared again", Some(chain));
    says("a = 1 is null = 2", "E0109", "is", "a comparison cannot be compared again", Some(chain));
    says("any of (a) = true", "E0109", "=", "a comparison cannot be compared again", Some(chain));
    says("b and (a = 1", "E0110", "(", "this `(` is never closed", None);
    says("all of (a, (b or c)", "E0110", "(", "this `(` is never closed", None);
    says("a in ()", "E0111", "()", "this list is empty; expected a value", None);
    says("all of ()", "E0111", "()", "this list is empty; expected a condition", None);
    says(" # nothing\n", "E0114", "", "the condition is empty", None);
    assert_eq!(condition_errors("a)"), [("E0101", ")".to_owned())]);
    let errors = condition_errors("all of (a = = 1, b in (), c ! d, (e");
    let codes: Vec<_> = errors.iter().map(|(code, _)| *code).collect();
    assert_eq!(codes, ["E0101", "E0111", "E0108", "E0110"]);
}

#[test]
fn a_file_that_is_wrong_goes_on_at_the_next_clause_or_definition() {
    let found = |text| {
        let errors = file_errors(text).into_iter();
        errors.map(|(code, place)| format!("{code} {place}")).collect::<Vec<_>>()
    };
    assert_eq!(found("segment a { include x = 1"), ["E0110 {"]);
    assert_eq!(found("segment a { include x\nsegment b { includ y }"), ["E0110 {", "E0113 includ"]);
    assert_eq!(found("segment a { include (x = 1 exclude y = 2 }"), ["E0110 ("]);
    assert_eq!(found("segmet a { include x }\nlet b = = 1"), ["E0101 segmet", "E0101 ="]);
    assert_eq!(found("inactive static segment a {}"), ["E0101 static"]);
    assert_eq!(found("static dynamic segment a {}"), ["E0101 dynamic"]);
    assert_eq!(found("segment `a b` {}"), ["E0112 `a b`"]);
    assert_eq!(found("segment in {}"), ["E0101 in"]);
    assert_eq!(
        found("segment a { pin in () pin out (x) pin (1) }"),
        ["E0111 ()", "E0101 x", "E0101 ("]
    );
    assert_eq!(
        found("segment a { owner: 5 labels: () labels: (1) }"),
        ["E0101 5", "E0111 ()", "E0101 1"]
    );
    assert_eq!(found("segment a { include } segment b { exclude }"), ["E0101 }", "E0101 }"]);
    assert_eq!(found("let f() = 1 let f(1) = 2 let = 3"), ["E0111 ()", "E0101 1", "E0101 ="]);
    assert_eq!(found("use x use './a.seg' ;"), ["E0101 x", "E0102 ;"]);
    assert_eq!(found("}\nsegment a {} )"), ["E0110 }", "E0110 )"]);
    assert_eq!(found("partition p { a when x, b c, d otherwise"), ["E0110 {", "E0101 c"]);
    assert_eq!(found("partition p { a when x b when y }"), ["E0101 b"]);
    assert_eq!(found("partition p {}"), ["E0111 {"]);
    assert_eq!(found(""), Vec::<String>::new());
    assert_eq!(found("\0\u{1}\u{2}\u{fffd}"), ["E0102 \0\u{1}\u{2}", "E0102 \u{fffd}"]);
}

#[test]
fn braces_that_are_missing_are_told_once() {
    let found = |text| {
        let says = |finding: &Finding| {
            let help = finding.help.clone().unwrap_or_default();
            format!("{} {} ({help})", finding.code.as_str(), finding.message)
        };
        file(text).1.iter().map(says).collect::<Vec<_>>()
    };
    let quotes = "E0101 expected a title or `{`, found `title` (a title is written in quotes)";
    let include = "E0101 expected a title or `{`, found `include` (write `{` before `include`)";
    let nested =
        "E0110 this `{` is not closed before the next definition (write `}` before `segment`)";
    assert_eq!(found("segment a include vip"), [include]);
    assert_eq!(found("segment a include vip }\nsegment b {}"), [include]);
    assert_eq!(
        found("segment a 't' include vip"),
        ["E0101 expected `{`, found `include` (write `{` before `include`)"]
    );
    assert_eq!(found("segment a title {\n include x = 1 }"), [quotes]);
    assert_eq!(found("partition a title { b otherwise }"), [quotes]);
    assert_eq!(found("segment a title two"), [quotes]);
    assert_eq!(found("segment a { include x segment b {} segment c {} }\nsegment d {}"), [nested]);
    assert_eq!(
        found("segment a {\nsegment b {}\n}\n}"),
        [nested, "E0110 this `}` closes nothing ()"]
    );
}

#[test]
fn behind_an_error_every_line_that_looks_like_a_definition_is_told() {
    let text = "\
what is this
let = 3
segmnt a {
  include x = 1
}
static segmant b 'B' { include x }
in
segment c
something else {}
use 5
let d = 1
";
    let found = file(text).1;
    let marked = places(text, &found);
    let starts: Vec<(&str, Option<&str>)> = marked
        .iter()
        .zip(&found)
        .map(|((_, place), finding)| (place.as_str(), finding.help.as_deref()))
        .collect();
    let segment = Some("did you mean `segment`?");
    assert_eq!(
        starts,
        [
            ("what", None),
            ("=", None),
            ("segmnt", segment),
            ("segmant", segment),
            ("something", segment),
        ]
    );
}
