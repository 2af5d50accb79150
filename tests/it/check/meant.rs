//! What is often written by mistake, or comes from another language: one finding, and what to write instead.

use super::{check, check_condition, summary};

/// Each condition has one finding: `(condition, code, marked text, help)`.
#[track_caller]
fn each_is_helped(cases: &[(&str, &str, &str, &str)]) {
    let mut wrong = String::new();
    for (text, code, marked, help) in cases {
        let found = check_condition(text);
        let found: Vec<_> = found
            .iter()
            .map(|found| summary(text, found))
            .map(|[code, marked, _, help]| [code, marked, help])
            .collect();
        if found != [[*code, *marked, *help].map(str::to_owned)] {
            wrong.push_str(&format!("{text}\n  {found:?}\n"));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Each file has one finding: `(file, code, line and column, help)`.
#[track_caller]
fn each_file_is_helped(cases: &[(&str, &str, &str, &str)]) {
    let mut wrong = String::new();
    for (text, code, place, help) in cases {
        let seen = |found: &segmenta::Diagnostic| {
            let at = found.location.as_ref().unwrap();
            let place = format!("{}:{}", at.line, at.column);
            [found.code.to_string(), place, found.help.clone().unwrap_or_default()]
        };
        let found: Vec<_> = check(text).iter().map(seen).collect();
        if found != [[*code, *place, *help].map(str::to_owned)] {
            wrong.push_str(&format!("{text}\n  {found:?}\n"));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn texts_without_quotes() {
    let text = "did you mean the text `'SE'`?";
    each_is_helped(&[
        ("country = SE", "E0201", "SE", text),
        ("country in (SE, NO)", "E0201", "SE", text),
        ("tags contains tea", "E0201", "tea", "did you mean the text `'tea'`?"),
        ("email starts with info", "E0201", "info", "did you mean the text `'info'`?"),
        ("country = emial", "E0201", "emial", "did you mean `email`?"),
        ("active = yes", "E0201", "yes", "write `true`"),
        ("active = 'no'", "E0301", "active = 'no'", "write `false` without quotes"),
        (
            "email = info@example.com",
            "E0102",
            "@",
            "a text stands in quotes, as in `'info@example.com'`",
        ),
    ]);
}

#[test]
fn quotes_of_word_processors() {
    each_is_helped(&[
        (
            "country = ‘South Korea’",
            "E0102",
            "‘South Korea’",
            "write straight quotes: `'South Korea'`",
        ),
        (
            "country = “Korea, it’s”",
            "E0102",
            "“Korea, it’s”",
            "write straight quotes: `'Korea, it’s'`",
        ),
        ("country = „DE“", "E0102", "„DE“", "write straight quotes: `'DE'`"),
    ]);
}

#[test]
fn lists_without_their_form() {
    each_is_helped(&[
        ("country IN 'SE'", "E0101", "'SE'", "a list stands in brackets: `in ('SE')`"),
        ("country in 'SE', 'NO'", "E0101", "'SE'", "a list stands in brackets: `in ('SE', 'NO')`"),
        ("country = ('SE', 'NO')", "E0101", ",", "write `in ('SE', 'NO')`"),
        ("country != ('SE', 'NO')", "E0101", ",", "write `not in ('SE', 'NO')`"),
        ("country in {'SE', 'NO'}", "E0101", "{", "write `in ('SE', 'NO')`"),
        (
            "country = 'SE' or 'NO'",
            "E0303",
            "'NO'",
            "several values stand in a list, as in `in ('a', 'b')`",
        ),
        ("country is in ('SE')", "E0101", "in", "leave out `is`: `in …`"),
        ("country is not in ('SE')", "E0101", "in", "leave out `is`: `not in …`"),
        ("country is one of ('SE', 'NO')", "E0101", "one", "write `in (…)`"),
        ("country = any of ('SE', 'NO')", "E0101", "any", "write `in ('SE', 'NO')`"),
        ("tags contains ('a', 'b')", "E0101", ",", "write `contains any of ('a', 'b')`"),
        ("tags contains one of ('a', 'b')", "E0101", "one", "write `contains any of ('a', 'b')`"),
        (
            "tags contains any ('a')",
            "E0203",
            "any",
            "a list is written `any of (…)`, after `contains` too",
        ),
        ("atleast 2 of (active)", "E0101", "2", "write `at least 2 of (…)`"),
        ("at least 2 (active)", "E0101", "(", "write `at least 2 of (…)`"),
        ("at least two of (active)", "E0201", "two", "write `2`"),
        ("one of (active, points > 5)", "E0101", "of", "write `any of (…)`, or `exactly 1 of (…)`"),
        ("home = (59.33, 18.06)", "E0101", ",", "write `within 25 km of (59.33, 18.06)`"),
    ]);
}

#[test]
fn rows_and_their_filters() {
    let rows = "name the table whose rows are meant, as in `count(orders)`";
    each_is_helped(&[
        ("COUNT(*) > 3", "E0101", "*", rows),
        ("count(orders.*) > 3", "E0101", "*", "the rows are meant by `orders` alone"),
        (
            "count(orders, status = 'paid') > 2",
            "E0101",
            ",",
            "write `count(orders where status = 'paid')`",
        ),
        (
            "count(orders) where status = 'paid'",
            "E0101",
            "where",
            "the filter stands in the brackets: `count(orders where …)`",
        ),
        ("exists(orders.total > 5)", "E0101", ">", "write `exists(orders where total > 5)`"),
        (
            "count(orders where orders.status = 'paid') > 2",
            "E0201",
            "orders.status",
            "the row's own columns are bare: `status`",
        ),
        (
            "exists(items where orders.status = 'paid')",
            "E0201",
            "orders.status",
            "write `parent.status`",
        ),
        (
            "exists(orders.items where quantity > 1)",
            "E0201",
            "items",
            "name it alone: `exists(items where …)`",
        ),
        (
            "orders within last 30 days",
            "E0201",
            "orders",
            "write `exists(orders where ordered_at within last 30 days)`",
        ),
        ("exists orders", "E0101", "orders", "write `exists(orders)`"),
        ("cuont(orders) > 2", "E0203", "cuont", "did you mean `count`?"),
        (
            "exists(orders) > 0",
            "E0301",
            "exists(orders) > 0",
            "write `exists(…)` or `not exists(…)`, without a comparison",
        ),
        ("max(orders) > 5", "E0302", "orders", "name a column, as in `max(orders.ordered_at)`"),
    ]);
}

#[test]
fn days_and_times() {
    let year = "dates are written year, month, day: `2026-05-01`";
    each_is_helped(&[
        ("age(birthday) >= 18 years", "E0302", "18 years", "write `18`"),
        ("created_at > 30 days", "E0302", "30 days", "write `30 days ago` or `in 30 days`"),
        ("created_at > today - 30 days", "E0302", "today - 30 days", "write `30 days ago`"),
        (
            "created_at + 30 days > today",
            "E0302",
            "created_at + 30 days",
            "compare with a day that far away, as in `created_at > 30 days ago`",
        ),
        ("created_at < now()", "E0101", "(", "write `now` without brackets"),
        (
            "created_at < '3 months ago'",
            "E0301",
            "created_at < '3 months ago'",
            "write it without quotes: `3 months ago`",
        ),
        (
            "birthday > DATE '2020-01-01'",
            "E0101",
            "DATE",
            "write `2020-01-01`, without a word and quotes",
        ),
        ("created_at > 01.05.2026", "E0105", "01.05.2026", year),
        (
            "created_at > 25/12/2026",
            "E0301",
            "created_at > 25/12/2026",
            "a date is written year, month, day: `2026-12-25`",
        ),
        ("birthday = 25-07", "E0107", "25-07", "the month comes first: `07-25`"),
        ("birthday = 07‑25", "E0102", "‑", "use `-`"),
        ("birthday in next 14 days", "E0101", "next", "write `within next 14 days`"),
        ("created_at within the last 30 days", "E0101", "the", "write `within last`"),
        ("created_at older than 30 days", "E0101", "older", "write `< 30 days ago`"),
        ("created_at last 30 days", "E0101", "last", "write `within last 30 days`"),
        ("created_at > a month ago", "E0201", "a", "write `1`"),
        (
            "month(birthday) = 'May'",
            "E0301",
            "month(birthday) = 'May'",
            "months are numbers from 1 to 12: write `5`",
        ),
        (
            "weekday(created_at) = Monday",
            "E0201",
            "Monday",
            "weekdays are numbers, 1 for Monday to 7 for Sunday: write `1`",
        ),
    ]);
}

#[test]
fn numbers() {
    let percent =
        "there is no `%`: percentages stand in `top 10 percent by …` and `sample 10 percent …`";
    each_is_helped(&[
        ("points > 1,000", "E0101", ",", "write `1000` or `1_000`"),
        ("points > 1 000", "E0101", "000", "write `1000` or `1_000`"),
        ("points > 1.000,50", "E0101", ",", "write the number with a point: `1000.50`"),
        ("points > $100", "E0102", "$", "a number stands alone: leave out `$`"),
        ("points > 100 SEK", "E0101", "SEK", "a number stands alone: leave out `SEK`"),
        ("predict.orders(90 dayz) > 2", "E0101", "dayz", "did you mean `days`?"),
        ("birthday > 3 montsh ago", "E0101", "montsh", "did you mean `months`?"),
        ("birthday > 3 montsh ago and points > 5", "E0101", "montsh", "did you mean `months`?"),
        ("points > 10%", "E0102", "%", percent),
        ("top 10% by points", "E0102", "%", "write `percent`"),
        ("top ten percent by points", "E0101", "ten", "write `10`"),
        ("top -5 by points", "E0101", "-", "it is more than 0"),
    ]);
}

#[test]
fn words_and_signs_of_other_languages() {
    let no_if = "there is no `if`: join conditions with `and`, `or` and `not`";
    each_is_helped(&[
        (
            "avg(predict.alive) > 0.5",
            "E0202",
            "predict",
            "`avg` is over rows, and a customer has one `predict.alive`",
        ),
        ("rmf.recency > 3", "E0201", "rmf", "did you mean `rfm`?"),
        ("prediction.alive > 0.5", "E0201", "prediction", "did you mean `predict`?"),
        ("if active then points > 5", "E0101", "active", no_if),
        ("case when active then true end", "E0101", "when", no_if),
        ("active ? true : false", "E0102", "?", "join conditions with `and`, `or` and `not`"),
        (
            "either active or points > 5",
            "E0101",
            "active",
            "leave out `either`; conditions are joined with `and` or `or`",
        ),
        ("country =! 'SE'", "E0108", "=!", "use `!=`"),
        ("country isn't 'SE'", "E0108", "isn't", "write `!=`, `not in` or `is not null`"),
        ("email =~ 'x'", "E0108", "=~", "use `matches`, or `contains`"),
        ("email matches /abc/", "E0101", "/abc/", "write `matches 'abc'`"),
        ("email begins with 'x'", "E0101", "begins", "write `starts with`"),
        ("email does not contain 'x'", "E0101", "does", "write `not contains`"),
        (
            "upper(country) = 'SE'",
            "E0203",
            "upper",
            "use `lower(…)`, or compare with `ignoring case`",
        ),
        (
            "country = 'SE' ignore case",
            "E0101",
            "ignore",
            "write `ignoring case` or `ignoring year`",
        ),
        ("age birthday > 18", "E0101", "birthday", "write `age(birthday)`"),
        ("age(birthday > 18", "E0110", "(", ""),
        (
            "country = 'SE' // who",
            "E0102",
            "//",
            "a comment begins with `#` and goes on to the end of the line",
        ),
        (
            "country = 'SE' -- who",
            "E0102",
            "--",
            "a comment begins with `#` and goes on to the end of the line",
        ),
        (
            "/* who */ country = 'SE'",
            "E0102",
            "/*",
            "a comment begins with `#` and goes on to the end of the line",
        ),
        ("country\u{200b} = 'SE'", "E0102", "\u{200b}", "delete it"),
        ("{country} = 'SE'", "E0101", "{", "values and names stand without braces"),
        ("in segments staff", "E0101", "segments", "write `in segment`"),
        (
            "lapsed(last(orders.ordered_at), 90)",
            "E0203",
            "lapsed",
            "`segmenta/behaviour` has it: write `use 'segmenta/behaviour'` at the top of the file",
        ),
    ]);
}

#[test]
fn what_is_missing_at_the_end_of_a_line_is_told_there() {
    each_file_is_helped(&[
        ("segment a {\n  include created_at within last 30\n}", "E0101", "2:36", ""),
        ("segment a {\n  include country = 'SE' and\n}", "E0101", "2:29", ""),
        ("segment a {\n  include sample 10 percent\n}", "E0101", "2:28", ""),
        ("segment a {\n  include top 10 by\n}", "E0101", "2:20", ""),
        ("segment a {\n  include country =\n  exclude active\n}", "E0101", "2:20", ""),
        (
            "segment a {\n  include all of (\n    active\n    points > 5\n  )\n}",
            "E0101",
            "3:11",
            "",
        ),
        ("partition p {\n  a when active\n  b otherwise\n}", "E0101", "2:16", ""),
    ]);
}

#[test]
fn definitions() {
    let parts = "its parts are segments: `NAME when CONDITION`";
    let behind = "a title in quotes behind the name may be any text";
    let title = "a title stands in quotes behind the name: `segment NAME \"title\" {`";
    each_file_is_helped(&[
        ("partition p { a if active }", "E0101", "1:17", "write `a when …`"),
        ("partition p { a: active }", "E0101", "1:16", "write `a when …`"),
        ("partition p { a \"x\" when active }", "E0101", "1:17", "a part has no title of its own"),
        ("partition p {\n  a when active\n  pin in (1)\n}", "E0113", "3:3", parts),
        ("let x := 5\nsegment a { include points > x }", "E0101", "1:7", "write `let x = …`"),
        ("x = 5\nsegment a { include points > x }", "E0101", "1:1", "write `let x = …`"),
        (
            "var x = 5\nsegment a { include points > x }",
            "E0101",
            "1:1",
            "a definition begins with `let`, as in `let NAME = …`",
        ),
        ("segment å { include active }", "E0102", "1:9", behind),
        (
            "segment my-seg { include active }",
            "E0101",
            "1:11",
            "a name has no hyphens: write `my_seg`",
        ),
        ("segment 1a { include active }", "E0105", "1:9", "a name begins with a letter or `_`"),
        ("segment a { title: 'x' include active }", "E0113", "1:13", title),
        ("import './c.seg'\nsegment a { include active }", "E0101", "1:1", "write `use './c.seg'`"),
        (
            "segment a { country = 'SE' }",
            "E0113",
            "1:13",
            "a condition stands behind `include` or `exclude`",
        ),
        ("segment a { include: active }", "E0101", "1:20", "leave out the `:` behind `include`"),
        (
            "segment a { include if active { true } }",
            "E0101",
            "1:24",
            "there is no `if`: join conditions with `and`, `or` and `not`",
        ),
        (
            "segment a { include active }\nsegment A { include active }",
            "E0207",
            "2:9",
            "the other one is `a` at a.seg:1:9; names are unique without regard to case",
        ),
        ("let a = active\nlet a = active", "E0208", "2:5", "the other one is at a.seg:1:5"),
    ]);
}

#[test]
fn a_list_that_is_too_long_is_no_long_condition_too() {
    let list = vec!["'abcdef'"; 60_000].join(",");
    let text = format!("segment a {{ include country in ({list}) }}");
    let codes: Vec<_> = check(&text).iter().map(|found| found.code.to_string()).collect();
    assert_eq!(codes, ["E0604"]);
}
