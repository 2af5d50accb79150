//! Texts that nobody means: each has findings or none, and none ends in a panic.

use super::{check, check_condition};

const FILE: &str = "let paid = status = 'paid'\n\
    let recent(n, rule) = count(orders where rule and ordered_at within last n days)\n\
    static segment founders \"The first\" {\n  description: 'old'\n  labels: ('a', 'b')\n\
    include created_at < 2020-01-01 or birthday between 12-02 and 01-03\n  pin in (17, -23)\n}\n\
    segment active {\n  include any of (recent(30, paid) >= 2, not in segment founders,)\n\
    exclude home_store.region in ('north', `country`) or tags contains any of ('x') ignoring case\n}\n\
    partition tier { gold when top 10 percent by sum(orders.total), rest otherwise }\n";

#[test]
fn a_file_that_is_cut_anywhere() {
    for (end, _) in FILE.char_indices() {
        check(&FILE[..end]);
    }
}

#[test]
fn a_file_that_lacks_any_one_word() {
    let words: Vec<&str> = FILE.split_inclusive(' ').collect();
    for without in 0..words.len() {
        let kept = words.iter().enumerate().filter(|(index, _)| *index != without);
        check(&kept.map(|(_, word)| *word).collect::<String>());
    }
}

#[test]
fn words_in_any_order() {
    const WORDS: [&str; 64] = [
        "(",
        ")",
        ",",
        "=",
        "!=",
        "<",
        "+",
        "-",
        "*",
        "/",
        ".",
        "and",
        "or",
        "not",
        "in",
        "between",
        "is null",
        "is empty",
        "contains",
        "any of (",
        "all of (",
        "starts with",
        "within last",
        "days",
        "hours",
        "ago",
        "ignoring year",
        "ignoring case",
        "count(",
        "sum(",
        "last(",
        "exists(",
        "where",
        "orders",
        "items.product",
        "total",
        "status",
        "parent.status",
        "customer.country",
        "country",
        "points",
        "active",
        "birthday",
        "created_at",
        "tags",
        "home",
        "home_store.region",
        "'x'",
        "5",
        "1.50",
        "07-25",
        "2020-01-01",
        "today",
        "now",
        "30 days ago",
        "null",
        "true",
        "age(",
        "coalesce(",
        "round(",
        "in segment a",
        "f(",
        "n",
        "at least 2 of (",
    ];
    // A fixed sequence of numbers (Knuth's MMIX generator).
    let mut state = 7_u64;
    let mut next = |below: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((state >> 33) % below).unwrap()
    };
    for _ in 0..5_000 {
        let mut text = String::new();
        for _ in 0..1 + next(12) {
            text.push_str(WORDS[next(64)]);
            text.push(' ');
        }
        check_condition(&text);
        check(&format!(
            "let f(n) = {text}\nlet n = {text}\nsegment a {{ include f(n) or {text} }}"
        ));
    }
}
