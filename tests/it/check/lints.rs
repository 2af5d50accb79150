//! Lints beside other findings.

use segmenta::Rules;

use super::{places, shop};

#[test]
fn nothing_is_hardly_meant_where_something_is_wrong() {
    let right = "let most = 10\n\
                 segment a { include country != 'SE' or active and points > 1 }\n\
                 segment b { include country != 'SE' or active and points > 1 }\n";
    assert_eq!(
        places(right),
        ["W0209 1:5", "W0207 2:21", "W0210 2:37", "W0211 3:1", "W0207 3:21", "W0210 3:37"]
    );
    // The name that is wrong may be that of the `let`, and what a broken segment uses is not known.
    for wrong in ["segment c { include zebra > 1 }", "segment c { include ( }", "segment {"] {
        let found = places(&format!("{right}{wrong}"));
        assert!(found.iter().all(|found| found.starts_with('E')), "{wrong}: {found:?}");
    }
}

#[test]
fn lone_conditions_use_lets_and_are_compared_with_segments() {
    let files =
        Rules::builder(&shop()).file("a.seg", "let most = 10\nsegment a { include points > most }");
    assert!(files.check().is_empty());
    let found = files.clone().condition("it", "points > 10").check();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].message, "`it` has the same rule as `a`");
    let lets = Rules::builder(&shop()).file("a.seg", "let most = 10").condition("it", "active");
    assert_eq!(lets.check()[0].code.as_str(), "W0209");
}

#[test]
fn long_names_and_operands_are_shown_in_part() {
    let long = format!("'{}`'", "x".repeat(300));
    let found = places(&format!("segment a {{ include country in ({long}, 'x') }}"));
    assert!(found.is_empty());
    let text = format!("segment a {{ include email = {long} or active and `odd name` = {long} }}");
    let schema = shop();
    let found =
        Rules::builder(&schema).file("a.seg", text.replace("`odd name`", "country")).check();
    assert_eq!(found.len(), 1);
    let help = found[0].help.as_deref().unwrap();
    assert!(help.chars().count() < 150, "{help}");
    let aggregate = format!("last(orders.status where total > 1 and status > {long})");
    let found = Rules::builder(&schema).condition("it", format!("{aggregate} != 'paid'")).check();
    assert_eq!(found[0].message, "this takes in customers whose value is missing");
}

#[test]
fn what_is_hardly_meant_in_the_body_of_a_let_comes_with_its_first_use() {
    let text = "let grown = age(birthday) > 18 and age(birthday) > 16\n\
                let known(n) = grown and points > n\n\
                segment a { include known(5) }\n\
                segment b { include grown }";
    let found = Rules::builder(&shop()).file("a.seg", text).check();
    assert_eq!(places(text), ["W0205 1:36"]);
    let used_at = found[0].used_at.as_ref().map(|place| (place.line, place.column));
    assert_eq!(used_at, Some((3, 21)));
}

#[test]
fn contradictions_show_what_is_written_with_its_negation() {
    let message = |text: &str| {
        let found = Rules::builder(&shop()).condition("it", text).check();
        found.into_iter().map(|found| found.message).collect::<Vec<_>>()
    };
    assert_eq!(
        message("not exists(orders) and count(orders) > 1"),
        ["this can never be true: `count(orders) > 1` contradicts `not exists(orders)`"]
    );
    assert_eq!(
        message("points > 5 and none of (points > 3, active)"),
        ["this can never be true: `none of (points > 3, active)` contradicts `points > 5`"]
    );
    assert_eq!(
        message("exists(orders) = false and count(orders) > 1"),
        ["this can never be true: `count(orders) > 1` contradicts `exists(orders) = false`"]
    );
    assert_eq!(
        message("at least 2 of (points = 1, points = 2, points = 3)"),
        ["this can never be true: 2 of these conditions are never true together"]
    );
    assert_eq!(
        message("exactly 1 of (points > 5, points >= 6)"),
        ["this can never be true: these conditions are never true in exactly this number"]
    );
    assert_eq!(
        message("sample 0 percent seed 'x'"),
        ["this can never be true: 0 percent are nobody"]
    );
}

#[test]
fn a_long_chain_of_segments_that_name_each_other_says_what_it_means() {
    let each = |n: usize| match n {
        0 => "segment s0 { include points > 0 }\n".to_owned(),
        n => format!("segment s{n} {{ include points > {n} and in segment s{} }}\n", n - 1),
    };
    let text: String = (0..300).map(each).collect();
    assert_eq!(Rules::builder(&shop()).file("a.seg", text).deep(true).check(), []);
}
