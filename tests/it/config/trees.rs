//! The JSON form of conditions: what is accepted, and what is said of what is not.

use segmenta::config::{Condition, Tree};
use serde_json::{Value, json};

fn text(tree: Value) -> String {
    let shown = tree.to_string();
    let tree: Tree = serde_json::from_value(tree).unwrap_or_else(|e| panic!("{shown}: {e}"));
    Condition::from(tree).to_string()
}

fn refusal(tree: Value) -> String {
    serde_json::from_value::<Tree>(tree).unwrap_err().to_string()
}

#[test]
fn what_is_read_more_freely_than_written() {
    for (tree, written) in [
        // Numbers as numbers, names without a list, units in the singular.
        (json!({"number": 5}), "5"),
        (json!({"number": -5}), "-5"),
        (json!({"number": 0.1}), "0.1"),
        (json!({"number": "1_000.50"}), "1_000.50"),
        (json!({"column": "country"}), "country"),
        (json!({"column": "a.b"}), "`a.b`"),
        (json!({"op": "ago", "amount": 1, "unit": "day"}), "1 day ago"),
        (json!({"op": "call", "function": "f"}), "f()"),
        (json!({"op": "count", "over": "orders", "distinct": false}), "count(orders)"),
        (json!({"op": "top", "amount": 10, "by": {"column": "a"}}), "top 10 by a"),
        // One operand is itself.
        (json!({"op": "and", "of": [{"column": "a"}]}), "a"),
        (json!({"op": "or", "of": [{"op": "and", "of": [{"column": "a"}]}]}), "a"),
    ] {
        assert_eq!(text(tree), written);
    }
}

#[test]
fn brackets_are_set_where_they_are_needed() {
    let (a, b, c) = (json!({"column": "a"}), json!({"column": "b"}), json!({"column": "c"}));
    let or = json!({"op": "or", "of": [a, b]});
    let and = json!({"op": "and", "of": [a, b]});
    let sum = json!({"op": "arithmetic", "signs": ["+"], "of": [a, b]});
    let less = json!({"op": "<", "left": a, "right": b});
    for (tree, written) in [
        (json!({"op": "and", "of": [or, c]}), "(a or b) and c"),
        (json!({"op": "or", "of": [and, c]}), "a and b or c"),
        (json!({"op": "or", "of": [or, c]}), "(a or b) or c"),
        (json!({"op": "not", "of": less}), "not a < b"),
        (json!({"op": "not", "of": and}), "not (a and b)"),
        (json!({"op": "=", "left": less, "right": {"bool": false}}), "(a < b) = false"),
        (json!({"op": "all of", "of": [or, and]}), "all of (a or b, a and b)"),
        (json!({"op": "in", "value": sum, "list": [sum, less]}), "a + b in (a + b, (a < b))"),
        (json!({"op": "negate", "of": sum}), "-(a + b)"),
        (
            json!({"op": "arithmetic", "signs": ["*", "/"], "of": [sum, c, sum]}),
            "(a + b) * c / (a + b)",
        ),
        (json!({"op": "top", "amount": "5", "by": sum}), "top 5 by a + b"),
        (
            json!({"op": "=", "left": {"op": "all of", "of": [a]}, "right": {"bool": true}}),
            "(all of (a)) = true",
        ),
    ] {
        assert_eq!(text(tree), written);
    }
}

#[test]
fn what_is_wrong_is_told_with_its_path() {
    let a = json!({"column": ["a"]});
    for (tree, message) in [
        (
            json!(1),
            "E1001 in tree at 1:1: expected a table with `op`, or a literal, found a number",
        ),
        (json!({}), "E1001 in tree at 1:1: this has neither `op` nor exactly one literal"),
        (json!({"number": 1, "text": "x"}), "E1001 in tree at 1:1: this has neither"),
        (
            json!({"op": "=", "left": a, "rigth": a}),
            "E1002 in tree at 1:26: `=` has no `rigth` (did you mean `right`?); E1001 in tree at 1:1: `=` needs `right`",
        ),
        (
            json!({"op": "and", "of": [a, {"op": "nand", "of": []}]}),
            "E1003 in of[1] at 1:12: unknown operator `nand` (did you mean `and`?)",
        ),
        (
            json!({"op": "COUNT", "over": ["orders"]}),
            "E1003 in tree at 1:2: unknown operator `COUNT` (did you mean `count`?)",
        ),
        (json!({"op": "and", "of": []}), "E1001 in of at 1:1: this list is empty"),
        (json!({"op": "in", "value": a, "list": []}), "E1001 in list at 1:1: this list is empty"),
        (json!({"op": "sum", "over": []}), "E1001 in over at 1:1: this list is empty"),
        (
            json!({"op": "sum", "over": ["o"], "distinct": true}),
            "E1002 in tree at 1:2: `sum` has no `distinct`",
        ),
        (
            json!({"column": ["a`b"]}),
            "E1004 in column[0] at 1:1: a name is not empty and holds no backquotes or control characters",
        ),
        (json!({"column": ""}), "E1004 in column at 1:1: a name is not empty"),
        (json!({"number": "1e5"}), "E1004 in number at 1:1: `1e5` is not a number"),
        (json!({"number": "a"}), "E1004 in number at 1:1: `a` is not a number"),
        (json!({"number": "1 + 1"}), "E1004 in number at 1:1: `1 + 1` is not a number"),
        (
            json!({"number": true}),
            "E1001 in number at 1:1: expected a number, perhaps as a text, found a boolean",
        ),
        (
            json!({"date": "2026-02-30"}),
            "E1004 in date at 1:1: `2026-02-30` is not a day such as `2026-11-01`",
        ),
        (json!({"date": "today"}), "E1004 in date at 1:1: `today` is not a day"),
        (
            json!({"moment": "later"}),
            "E1001 in moment at 1:1: expected `today`, `yesterday`, `tomorrow` or `now`, found a text",
        ),
        (
            json!({"op": "ago", "amount": -1, "unit": "days"}),
            "E1001 in amount at 1:1: expected a whole number from 0, or a name, found a number",
        ),
        (
            json!({"op": "ago", "amount": 1, "unit": "eons"}),
            "E1001 in unit at 1:1: expected `minutes`, `hours`, `days`, `weeks`, `months` or `years`, found a text",
        ),
        (
            json!({"op": "=", "left": a, "right": a, "ignoring": "accents"}),
            "E1001 in ignoring at 1:1: expected `year` or `case`, found a text",
        ),
        (
            json!({"op": "arithmetic", "signs": ["+", "*"], "of": [a, a, a]}),
            "E1001 in signs at 1:1: `+` and `-` do not stand beside `*` and `/`",
        ),
        (
            json!({"op": "arithmetic", "signs": ["+"], "of": [a]}),
            "E1001 in tree at 1:33: there is one sign fewer than operands",
        ),
        (
            json!({"op": "sample", "percent": "-1", "seed": "x"}),
            "E1004 in percent at 1:1: `-1` is not a number that is not negative",
        ),
    ] {
        let found = refusal(tree.clone());
        assert!(found.starts_with(message), "{tree}: {found}");
    }
}
