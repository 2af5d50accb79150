//! What parses, and what is said about what does not.

mod errors;
mod hostile;

use super::{parse_condition, parse_file};
use crate::{
    diagnostic::{Finding, SourceId},
    limits::Limits,
    syntax::tree::{Expr, ExprKind, File},
};

/// Each finding as its code and the text it points at.
fn places(text: &str, findings: &[Finding]) -> Vec<(&'static str, String)> {
    let place = |finding: &Finding| {
        let (start, end) = (finding.span.start as usize, finding.span.end as usize);
        (finding.code.as_str(), text.get(start..end).unwrap().to_owned())
    };
    findings.iter().map(place).collect()
}

fn file(text: &str) -> (File, Vec<Finding>) {
    let parsed = parse_file(SourceId(0), text, &Limits::default());
    (parsed.tree, parsed.findings)
}

fn condition_errors(text: &str) -> Vec<(&'static str, String)> {
    places(text, &parse_condition(SourceId(0), text, &Limits::default()).findings)
}

fn file_errors(text: &str) -> Vec<(&'static str, String)> {
    places(text, &file(text).1)
}

fn accept(text: &str) {
    let parsed = parse_condition(SourceId(0), text, &Limits::default());
    assert!(parsed.findings.is_empty(), "{text}: {:?}", parsed.findings);
}

pub(in crate::syntax) const FIRST_LOOK: &str = "\
# loyalty.seg
let paid_total = sum(orders.total where status = 'paid')

dynamic segment vip \"VIP customers\" {
  include all of (
    paid_total >= 500,
    count(orders where ordered_at within last 365 days) >= 4,
  )
  exclude any of (
    email_subscription_status != 'SUBSCRIBED',
    in segment staff,
  )
}

static segment founders \"The first customers\" {
  include created_at < 2020-01-01
}

dynamic segment birthday_soon \"Birthday in the next two weeks\" {
  include birthday within next 14 days ignoring year
}

dynamic segment tea_winback \"Bought Chinese tea, silent for three months\" {
  analytics: true
  include all of (
    exists(items where product.group = 'Chinese tea'),
    last(orders.ordered_at) < 3 months ago,
  )
}
";

#[test]
fn the_first_look_parses() {
    let (tree, findings) = file(FIRST_LOOK);
    assert_eq!(findings, []);
    assert_eq!(tree.items.len(), 5);
}

#[test]
fn every_form_of_a_condition_parses() {
    for text in [
        "a = 1 or b != 'x' and not c < 2.50",
        "a <= 1_000 and b >= -5 and c > - - 5",
        "x between 2020-01-01 and 7 days ago",
        "x not between 07-25 and 09-28 ignoring year",
        "country in ('SE', 'NO',) ignoring case",
        "n not in (1, 2 + 3, age(birthday))",
        "tags contains 'a' and tags not contains 'b'",
        "tags contains any of ('a', 'b') or tags contains all of ('c',)",
        "name starts with 'A' ignoring case or name ends with \"B\" or name matches '^x'",
        "a is null or a is not null or tags is empty or tags is not empty",
        "d within last 30 days and d within next n weeks ignoring year",
        "home within 25 km of (59.33, 18.06) or home within 2.5 mi of (-1, -2)",
        "in segment vip and not in segment tier.gold",
        "all of (a = 1, any of (b, none of (c, d)))",
        "at least 2 of (a, b, c) or at most k of (a, b) or exactly 1 of (a)",
        "top 10 percent by sum(orders.total) or bottom 100 by a + b",
        "sample 10 percent seed 'holdout-1'",
        "exists(orders) = false and (a = 1) = true",
        "count(orders where status = 'paid' and total > customer.limit) >= 2",
        "count(distinct items.product_id where parent.status = 'paid') > 1",
        "average_gap(orders where paid) < 30 and first(orders.store) = 'x'",
        "ordered_at >= 2026-11-01T16:00 and x < 2026-11-01T16:00:00.123456+02:00",
        "x = 2026-11-01T16:00:00Z or x in (today, yesterday, tomorrow, now)",
        "x > 30 days ago and x < in 2 weeks and y > -30d and y < +7d and z > n months ago",
        "predict.orders(90 days) > 1 and rfm.score = '545' and predict.value(n months) > 2",
        "round(a / b * 2 - 1, 2) = coalesce(x, y, 0)",
        "quantile(total, 5) = 1 and template(a = 1, 5)",
        "`odd name` = 1 and a.`in`.b = 2",
        "NOT a IS NULL AND b BETWEEN 1 AND 2 OR ALL OF (c, d)",
        "\u{feff}a = 1\r\n and b = 2 # why\r\n",
        "10 - 20 = a and 100-20 = b and a-1 = 2",
        "name = 'it\\'s \\\"\\\\ \\n\\t\\u{1F382}'",
    ] {
        accept(text);
    }
}

#[test]
fn words_are_keywords_only_where_the_grammar_wants_them() {
    for word in [
        "description",
        "count",
        "at",
        "days",
        "top",
        "percent",
        "segment",
        "all",
        "any",
        "none",
        "exactly",
        "bottom",
        "sample",
        "contains",
        "within",
        "ignoring",
        "let",
        "use",
        "pin",
        "static",
        "first",
        "exists",
        "distinct",
        "ago",
        "of",
        "by",
        "last",
        "starts",
        "matches",
        "when",
        "partition",
        "empty",
        "year",
        "case",
        "km",
        "seed",
    ] {
        accept(word);
        accept(&format!("{word} = 1 and {word} and ({word}) or not {word}"));
        accept(&format!("{word} contains {word} or {word} in ({word}, {word})"));
        accept(&format!("{word} + {word} > {word} * -{word}"));
        accept(&format!("{word} within last {word} days or x between {word} and {word}"));
        accept(&format!("x > {word} days ago and f({word}) or at least {word} of ({word})"));
        accept(&format!("count({word} where {word}) > sum({word}.{word})"));
        accept(&format!("in segment {word} and {word}"));
        accept(&format!("0 matches {word}.a() or 5 between {word} and 6 or 1 in ({word})"));
        accept(&format!("'5' starts with {word} or 5 not in ({word}) or 5 contains {word}"));
        let text =
            format!("segment a {{ include {word} exclude {word} owner: 'x' }} let b = {word}");
        assert_eq!(file_errors(&text), [], "{word}");
        let text =
            format!("let a = 5 segment {word} {{ pin in ('a') }} let b = 6 let {word}(c) = c");
        assert_eq!(file_errors(&text), [], "{word}");
        let text = format!("let a = 5 let {word} = 6 let c = 7 segment {word} 'title' {{}}");
        assert_eq!(file_errors(&text), [], "{word}");
        let text = format!("let {word} = {word} let b = {word} segment {word} {{ pin in ('a') }}");
        assert_eq!(file_errors(&text), [], "{word}");
    }
}

#[test]
fn spans_are_the_text_of_each_part() {
    let text = "\u{feff}a + b * 2 >= -c and (x in (1, 2) ignoring case) or not d is null";
    let tree = parse_condition(SourceId(3), text, &Limits::default()).tree;
    let shown = |expr: &Expr| {
        let (start, end) = (expr.span.start as usize, expr.span.end as usize);
        text.get(start..end).unwrap().to_owned()
    };
    assert_eq!(shown(&tree), text.trim_start_matches('\u{feff}'));
    let ExprKind::Or(alternatives) = &tree.kind else { panic!() };
    assert_eq!(shown(&alternatives[1]), "not d is null");
    let ExprKind::And(terms) = &alternatives[0].kind else { panic!() };
    assert_eq!(shown(&terms[0]), "a + b * 2 >= -c");
    let ExprKind::Compare { left, right, .. } = &terms[0].kind else { panic!() };
    assert_eq!((shown(left), shown(right)), ("a + b * 2".to_owned(), "-c".to_owned()));
    let ExprKind::Paren(inner) = &terms[1].kind else { panic!() };
    assert_eq!(shown(&terms[1]), "(x in (1, 2) ignoring case)");
    assert_eq!(shown(inner), "x in (1, 2) ignoring case");
    assert_eq!(tree.span.source, SourceId(3));
}
