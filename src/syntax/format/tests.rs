//! Layout, comments, and that formatting comes to rest.

use proptest::prelude::*;

use super::format;
use crate::{
    diagnostic::SourceId,
    limits::Limits,
    syntax::{parse::tests::FIRST_LOOK, print::tests::any_file, print_file},
};

fn formatted(text: &str) -> String {
    format(SourceId(0), text, &Limits::default())
        .unwrap_or_else(|found| panic!("{text}\n{found:?}"))
}

#[track_caller]
fn becomes(text: &str, expected: &str) {
    let once = formatted(text);
    assert_eq!(once, expected);
    assert_eq!(formatted(&once), once);
}

#[test]
fn the_first_look_is_canonical() {
    becomes(FIRST_LOOK, FIRST_LOOK);
}

#[test]
fn nothing_stays_nothing() {
    becomes("", "");
    becomes("\u{feff}\r\n \t\n", "");
    becomes("\n\n# only this  \r\n\r\n\r\n# and that", "# only this\n\n# and that\n");
}

#[test]
fn letters_that_deceive_stay_visible() {
    becomes(
        "segment a { include x = 'a\u{202e}b\u{feff}' or x = '\\u{2066}\u{1F468}\u{200D}\u{1F467}' }",
        "segment a {\n  include x = 'a\\u{202e}b\\u{feff}' or x = '\\u{2066}\u{1F468}\u{200D}\u{1F467}'\n}\n",
    );
}

#[test]
fn words_and_blanks_become_canonical() {
    becomes(
        "LET  a=1\nlet b( x,y )=x+y*-2\nStatic Inactive Segment s 'It\\'s \"x\"'{}",
        "let a = 1\nlet b(x, y) = x + y * -2\n\nstatic inactive segment s \"It's \\\"x\\\"\" {}\n",
    );
}

#[test]
fn lets_keep_their_groups_and_segments_stand_apart() {
    becomes(
        "let a = 1\nlet b = 2\n\n\n\nlet c = 3\nsegment s {\n\n\ninclude a\n\n\nexclude b\n\n}\nsegment t { include c }\n",
        "let a = 1\nlet b = 2\n\nlet c = 3\n\nsegment s {\n  include a\n\n  exclude b\n}\n\nsegment t {\n  include c\n}\n",
    );
}

#[test]
fn comments_stay_where_they_are() {
    let text = "\
# head

# about a
let a = 1 # one
# between
segment s \"S\" { # opens
  # first
  include all of ( # list
    # before x
    x = 1, # behind x

    # before y
    y = 2 # behind y
    # at the end of the list
  ) # closed

  # last in s
} # behind s
# at the end
";
    let expected = "\
# head

# about a
let a = 1 # one

# between
segment s \"S\" { # opens
  # first
  include all of ( # list
    # before x
    x = 1, # behind x
    # before y
    y = 2, # behind y
    # at the end of the list
  ) # closed

  # last in s
} # behind s
# at the end
";
    becomes(text, expected);
}

#[test]
fn what_does_not_fit_is_broken_at_its_loosest_part() {
    let text = "\
segment s {
  include country = 'SE' and count(orders where status = 'paid' and total >= 100.50 and ordered_at within last 365 days) >= 4 and (email_subscription_status = 'SUBSCRIBED' or phone_subscription_status = 'SUBSCRIBED' or posted_letters)
}
";
    let expected = "\
segment s {
  include country = 'SE'
    and count(
      orders where status = 'paid' and total >= 100.50 and ordered_at within last 365 days
    ) >= 4
    and (
      email_subscription_status = 'SUBSCRIBED'
        or phone_subscription_status = 'SUBSCRIBED'
        or posted_letters
    )
}
";
    becomes(text, expected);
}

#[test]
fn long_lists_of_values_fill_lines() {
    let keys: Vec<String> = (0..20).map(|n| format!("'c-{n:04}'")).collect();
    let text = format!("segment s {{ pin in ({}) include x in (1, 2) }}", keys.join(","));
    let expected = "\
segment s {
  pin in (
    'c-0000', 'c-0001', 'c-0002', 'c-0003', 'c-0004', 'c-0005', 'c-0006', 'c-0007', 'c-0008',
    'c-0009', 'c-0010', 'c-0011', 'c-0012', 'c-0013', 'c-0014', 'c-0015', 'c-0016', 'c-0017',
    'c-0018', 'c-0019',
  )
  include x in (1, 2)
}
";
    becomes(&text, expected);
}

#[test]
fn comments_in_odd_places_are_kept() {
    becomes(
        "let a = # why\n x # left\n and # right\n y is # what\n null\n",
        "let a = # why\n  x # left\n  # right\n  and y is null # what\n",
    );
    becomes(
        "segment s { include x in ( # some\n 1, # one\n 2 ) ignoring case # all\n}",
        "segment s {\n  include x in ( # some\n    1, # one\n    2,\n  ) ignoring case # all\n}\n",
    );
}

#[test]
fn a_partition_has_a_line_for_each_part() {
    becomes(
        "partition tier 'T' { gold when a >= 1, rest otherwise }",
        "partition tier \"T\" {\n  gold when a >= 1,\n  rest otherwise,\n}\n",
    );
}

#[test]
fn a_file_with_errors_is_refused_with_them() {
    let found = format(SourceId(0), "let a = ,\nsegment b { x }", &Limits::default()).unwrap_err();
    assert_eq!(found.len(), 2);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// `format` itself compares the meaning and the comments.
    #[test]
    fn formatting_comes_to_rest(tree in any_file(), seed in any::<u64>()) {
        let text = with_comments(&print_file(&tree), seed);
        let once = format(SourceId(0), &text, &Limits::default());
        prop_assert!(once.is_ok(), "{text}\n{once:?}");
        let once = once.unwrap_or_default();
        let twice = format(SourceId(0), &once, &Limits::default()).unwrap_or_default();
        prop_assert_eq!(twice, once);
    }
}

/// Puts comments and new lines in some of the blanks outside strings and names.
fn with_comments(text: &str, seed: u64) -> String {
    let mut state = seed | 1;
    let mut out = String::new();
    let mut quote = None;
    let mut escaped = false;
    for letter in text.chars() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if letter == '\\' => escaped = true,
            Some(open) if letter == open => quote = None,
            Some(_) => {}
            None if matches!(letter, '\'' | '"' | '`') => quote = Some(letter),
            None if letter == ' ' || letter == '\n' => {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                out.push_str(match state >> 60 {
                    0 => " # behind\n",
                    1 => "\n# before\n",
                    2 => "\r\n\r\n",
                    3 => "\n\n# a\n\n\n# b \n\n",
                    _ => "",
                });
            }
            None => {}
        }
        out.push(letter);
    }
    out
}

#[test]
fn deep_nesting_is_laid_out_within_the_limit() {
    for part in ["(", "all of (a, ", "f(a, ", "count(t where b and "] {
        let text = format!("segment s {{ include {}x{} }}", part.repeat(200), ")".repeat(200));
        let once = formatted(&text);
        assert_eq!(formatted(&once), once);
    }
}

#[test]
fn the_densest_nesting_is_laid_out_in_the_room_for_it() {
    let limits = Limits { nesting: 1_000, ..Limits::default() };
    let text = format!(
        "segment s {{ include {}x{} }}",
        "b or c and d = 1 + 2 * (".repeat(1_000),
        ")".repeat(1_000)
    );
    let formatted = limits.with_room(|| format(SourceId(0), &text, &limits));
    assert!(formatted.is_ok_and(|text| text.len() > 1_000_000));
}
