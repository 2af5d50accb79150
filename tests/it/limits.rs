//! Each limit of rules: at the limit nothing is found, one past it the limit's code and its place.

use std::fmt::Write as _;

use segmenta::{Limits, Rules, RulesBuilder, Schema, Type};

fn schema() -> Schema {
    let schema = Schema::builder().customers("id").column("id", Type::Int);
    let schema = schema.column("n", Type::Int).column("word", Type::Text);
    let schema = schema.column("vip", Type::Bool).column("tags", Type::TextSet);
    let schema = schema.table("orders", "customer").column("customer", Type::Int);
    schema.column("total", Type::Int).build().unwrap()
}

fn limits(change: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits::default();
    change(&mut limits);
    limits
}

fn rules() -> RulesBuilder {
    Rules::builder(&schema())
}

/// `CODE line:column` of each error, in the order of their places.
fn errors(rules: &RulesBuilder) -> Vec<String> {
    let found = rules.check();
    let errors = found.iter().filter(|found| found.code.as_str().starts_with('E'));
    let shown = errors.map(|found| {
        let place = found.location.as_ref().unwrap();
        format!("{} {}:{}", found.code, place.line, place.column)
    });
    shown.collect()
}

fn of_file(text: impl Into<String>) -> Vec<String> {
    errors(&rules().file("a.seg", text))
}

fn of_condition(text: impl Into<String>) -> Vec<String> {
    errors(&rules().condition("it", text))
}

const NOTHING: [&str; 0] = [];

#[test]
fn the_defaults_are_those_of_the_language() {
    let limits = Limits::default();
    assert_eq!(limits.file_bytes, 16 * 1024 * 1024);
    assert_eq!(limits.condition_bytes, 256 * 1024);
    assert_eq!(limits.nesting, 200);
    assert_eq!(limits.list, 50_000);
    assert_eq!(limits.pins, 10_000_000);
    assert_eq!(limits.nodes, 200_000);
    assert_eq!(limits.pattern, 4 << 20);
    assert_eq!(limits.patterns, 64 << 20);
    assert_eq!(limits.all_nodes, 5_000_000);
}

#[test]
fn a_file_of_16_mib() {
    let file = |bytes: usize| {
        let mut text = String::from("segment everyone { }\n# ");
        text.extend(std::iter::repeat_n('x', bytes - text.len()));
        text
    };
    assert_eq!(of_file(file(16 << 20)), NOTHING);
    assert_eq!(of_file(file((16 << 20) + 1)), ["E0601 1:1"]);
    // The mark that some editors put in front is no part of the text.
    assert_eq!(of_file(format!("\u{feff}{}", file(16 << 20))), NOTHING);
}

#[test]
fn a_condition_of_256_kib() {
    let condition = |bytes: usize| format!("word = '{}'", "x".repeat(bytes - 9));
    assert_eq!(condition(100).len(), 100);
    assert_eq!(of_condition(condition(256 << 10)), NOTHING);
    assert_eq!(of_condition(condition((256 << 10) + 1)), ["E0602 1:1"]);
    let in_file = |bytes: usize| format!("segment a {{\n  include {} }}", condition(bytes));
    assert_eq!(of_file(in_file(256 << 10)), NOTHING);
    assert_eq!(of_file(in_file((256 << 10) + 1)), ["E0602 2:11"]);
    let body = |bytes: usize| format!("let a = {}\nsegment b {{ include a }}", condition(bytes));
    assert_eq!(of_file(body(256 << 10)), NOTHING);
    assert_eq!(of_file(body((256 << 10) + 1)), ["E0602 1:9"]);
    // Each has its own measure.
    let half = condition(128 << 10);
    let many = format!("segment a {{ include {half} include {half} exclude {half} }}");
    assert_eq!(of_file(many), NOTHING);
}

#[test]
fn two_hundred_levels() {
    // What opens a level, what stands inside, what closes it, and where the level too many is reported.
    let forms = [
        ("(", "vip", ")", 201),
        ("not ", "vip", "", 4 * 201 + 1),
        ("- ", "n", "", 2 * 201 + 1),
        ("any of (vip, ", "vip", ")", 13 * 200 + 8),
        ("at least 1 of (", "vip", ")", 15 * 201),
        ("abs(", "n", ")", 4 * 201),
        ("coalesce(1, ", "n", ")", 12 * 200 + 9),
        ("true = (", "vip", ")", 8 * 201),
    ];
    for (open, middle, close, column) in forms {
        let nested = |levels: usize| {
            let text = format!("{}{middle}{}", open.repeat(levels), close.repeat(levels));
            if middle == "n" { text + " > 1" } else { text }
        };
        assert_eq!(of_condition(nested(200)), NOTHING, "{open}");
        assert_eq!(of_condition(nested(201)), [format!("E0603 1:{column}")], "{open}");
        assert_eq!(of_condition(nested(10_000)), [format!("E0603 1:{column}")], "{open}");
    }
    let filtered = |levels: usize| {
        format!("exists(orders where {}total > 1{})", "(".repeat(levels), ")".repeat(levels))
    };
    assert_eq!(of_condition(filtered(199)), NOTHING);
    assert_eq!(of_condition(filtered(200)), ["E0603 1:220"]);
}

#[test]
fn levels_of_lets_count_where_they_are_used() {
    let chain = |levels: usize| {
        let mut text = String::from("let d1 = n\n");
        for level in 2..=levels {
            writeln!(text, "let d{level} = (d{})", level - 1).unwrap();
        }
        text + &format!("segment a {{ include d{levels} > 1 }}")
    };
    // A level of its own for each `let`, and one for each pair of brackets.
    assert_eq!(of_file(chain(100)), NOTHING);
    assert_eq!(of_file(chain(101)), ["E0603 102:21"]);
}

#[test]
fn lists_of_fifty_thousand() {
    for (before, item, after) in [
        ("n in (", "7", ")"),
        ("word not in (", "'x'", ")"),
        ("tags contains any of (", "'x'", ")"),
        ("tags contains all of (", "'x'", ")"),
        ("any of (", "vip", ")"),
        ("at least 3 of (", "vip", ")"),
        ("coalesce(", "n", ") > 1"),
    ] {
        let list = |items: usize| {
            let items = vec![item; items].join(",");
            format!("{before}{items}{after}")
        };
        let place = before.len();
        assert_eq!(of_condition(list(50_000)), NOTHING, "{before}");
        assert_eq!(of_condition(list(50_001)), [format!("E0604 1:{place}")], "{before}");
    }
    let labels =
        |items: usize| format!("segment a {{ labels: ({}) }}", vec!["'x'"; items].join(","));
    assert_eq!(of_file(labels(50_000)), NOTHING);
    assert_eq!(of_file(labels(50_001)), ["E0604 1:21"]);
}

#[test]
fn pins_in_one_clause() {
    let found = |pins: usize| {
        let list = vec!["7"; pins].join(",");
        let text = format!("segment a {{ pin in ({list}) pin out ({list}) }}");
        errors(&rules().file("a.seg", text).limits(limits(|limits| limits.pins = 60_000)))
    };
    assert_eq!(found(60_000), NOTHING);
    assert_eq!(found(60_001), ["E0605 1:20", "E0605 1:120032"]);
}

#[test]
fn two_hundred_thousand_nodes() {
    // A comparison, its two sides and the use of the `let` are four; the list is one.
    let text = |uses: usize, more: &str| {
        let list = vec!["x"; uses].join(",");
        format!("let x = n > 1\nsegment a {{ include any of ({list}{more}) }}\nsegment b {{ }}")
    };
    assert_eq!(of_file(text(49_999, ", n > 1")), NOTHING);
    let found = of_file(text(49_999, ", n > (1 + 1)"));
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("E0606 2:"), "{found:?}");
}

#[test]
fn nodes_of_all_segments_together() {
    // Three nodes each.
    let text =
        "segment a { include n > 1 }\nsegment b { include n > 2 }\nsegment c { exclude n > 3 }";
    let found = |all_nodes| {
        errors(&rules().file("a.seg", text).limits(limits(|limits| limits.all_nodes = all_nodes)))
    };
    assert_eq!(found(9), NOTHING);
    assert_eq!(found(8), ["E0608 3:25"]);
    assert_eq!(found(2), ["E0608 1:25"]);
}

#[test]
fn a_thousand_errors_of_grammar_and_fifty_thousand_of_meaning() {
    let lines = |line: &str, count: usize| {
        let lines = (0..count).map(|number| line.replace('N', &number.to_string()) + "\n");
        lines.collect::<String>()
    };
    for (line, most, code, column) in [
        ("segment sN { include n > }", 1_000, "E0101", 26),
        ("segment sN { include zebra }", 50_000, "E0201", 22),
    ] {
        let found = of_file(lines(line, most));
        assert_eq!(found.len(), most);
        assert!(found.iter().all(|found| found.starts_with(code)));
        let found = of_file(lines(line, most + 2));
        assert_eq!(found.len(), most + 1);
        let digits = most.to_string().len();
        assert_eq!(found[most], format!("E0813 {}:{}", most + 1, column + digits - 1));
    }
}

#[test]
fn patterns() {
    let letters = |letters: usize| format!("word matches '{}'", "a".repeat(letters));
    // 2 KiB a letter.
    assert_eq!(of_condition(letters(2 << 10)), NOTHING);
    assert_eq!(of_condition(letters((2 << 10) + 1)), ["E0607 1:14"]);
    let nested =
        |levels: usize| format!("word matches '{}a{}'", "(".repeat(levels), ")".repeat(levels));
    assert_eq!(of_condition(nested(200)), NOTHING);
    assert_eq!(of_condition(nested(201)), ["E0607 1:14"]);
    assert_eq!(of_condition("word matches '(a{1000}){1000}'"), ["E0607 1:14"]);
    // Linear in the text, whatever it looks like.
    assert_eq!(of_condition("word matches '(a*)*b(x+x+)+y'"), NOTHING);
    let many = |patterns: usize| {
        let segments = (0..patterns).map(|number| {
            format!("segment s{number} {{ include word matches '{number}.{{0,100}}' }}\n")
        });
        let text: String = segments.collect();
        let limits = limits(|limits| limits.patterns = 2 << 20);
        errors(&rules().file("a.seg", text).limits(limits))
    };
    assert_eq!(many(1), NOTHING);
    let found = many(1_000);
    assert!(
        !found.is_empty() && found.iter().all(|found| found.starts_with("E0607 ")),
        "{found:?}"
    );
}

#[test]
fn numbers_and_offsets_that_no_value_can_hold() {
    let digits = "9".repeat(10_000);
    for (text, code) in [
        (format!("n > {digits}"), "E0105 1:5"),
        (format!("n > 0.{digits}"), "E0105 1:5"),
        (format!("word < {digits} days ago"), "E0105 1:8"),
        (format!("n > {}", "9".repeat(37)), "E0105 1:5"),
        (format!("n > 0.{}", "9".repeat(19)), "E0105 1:5"),
    ] {
        assert_eq!(of_condition(text), [code]);
    }
    assert_eq!(of_condition(format!("n < {}", "9".repeat(36))), NOTHING);
    assert_eq!(of_condition(format!("n < 0.{}", "9".repeat(18))), NOTHING);
    let schema = Schema::builder().customers("id").column("id", Type::Int);
    let schema = schema.column("day", Type::Date).build().unwrap();
    for (text, found) in [
        ("day < 99999999999 days ago", &["E0401 1:7"][..]),
        ("day < in 99999999999 weeks", &["E0401 1:7"]),
        ("day within last 99999999999 months", &["E0401 1:1"]),
        ("day < -99999999999d", &["E0401 1:7"]),
        ("day < 10000 years ago", &[]),
        ("day < 10001 years ago", &["E0401 1:7"]),
    ] {
        assert_eq!(errors(&Rules::builder(&schema).condition("it", text)), found, "{text}");
    }
}
