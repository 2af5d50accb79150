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
