//! Queries of react-querybuilder.

use segmenta::config::{Condition, Query};
use serde_json::{Value, json};

use super::schema;

fn query(json: Value) -> Query {
    serde_json::from_value(json).unwrap()
}

fn rule(field: &str, operator: &str, value: Value) -> Value {
    json!({"field": field, "operator": operator, "value": value})
}

fn and(rules: Value) -> Value {
    json!({"combinator": "and", "rules": rules})
}

/// The text of a query.
fn text(json: Value) -> String {
    let shown = json.to_string();
    let read = query(json).to_condition(&schema());
    read.unwrap_or_else(|error| panic!("{shown}\n{error}")).to_string()
}

/// The only rule of a query, as text.
fn rule_text(field: &str, operator: &str, value: Value) -> String {
    text(and(json!([rule(field, operator, value)])))
}

/// What a query is refused with: code, path and message of each.
fn refusal(json: Value) -> Vec<String> {
    let error = query(json).to_condition(&schema()).unwrap_err();
    let line = |found: &segmenta::Diagnostic| {
        let place = found.location.as_ref().unwrap();
        format!("{} {} {}", found.code, place.file, found.message)
    };
    error.diagnostics().iter().map(line).collect()
}

/// The query of a condition.
fn written(text: &str) -> Value {
    let condition: Condition = text.parse().unwrap();
    let query = Query::from_condition(&condition, &schema());
    serde_json::to_value(query.unwrap_or_else(|error| panic!("{error}"))).unwrap()
}

/// Why a condition has no query: place and message of each.
fn unwritable(text: &str) -> Vec<String> {
    let condition: Condition = text.parse().unwrap();
    let error = Query::from_condition(&condition, &schema()).unwrap_err();
    let line = |found: &segmenta::Diagnostic| {
        let place = found.location.as_ref().unwrap();
        format!("{} {}:{} {}", found.code, place.line, place.column, found.message)
    };
    error.diagnostics().iter().map(line).collect()
}

#[test]
fn every_operator_has_its_meaning() {
    for (operator, value, read) in [
        ("=", json!("SE"), "country = 'SE'"),
        ("!=", json!("SE"), "country != 'SE'"),
        ("<", json!("SE"), "country < 'SE'"),
        (">", json!("SE"), "country > 'SE'"),
        ("<=", json!("SE"), "country <= 'SE'"),
        (">=", json!("SE"), "country >= 'SE'"),
        ("contains", json!("S"), "country contains 'S'"),
        ("beginsWith", json!("S"), "country starts with 'S'"),
        ("endsWith", json!("S"), "country ends with 'S'"),
        ("doesNotContain", json!("S"), "country not contains 'S'"),
        ("doesNotBeginWith", json!("S"), "not country starts with 'S'"),
        ("doesNotEndWith", json!("S"), "not country ends with 'S'"),
        ("null", json!(null), "country is null"),
        ("notNull", json!(""), "country is not null"),
        ("in", json!("SE,NO"), "country in ('SE', 'NO')"),
        ("notIn", json!(["SE", "NO"]), "country not in ('SE', 'NO')"),
        ("between", json!("A,B"), "country between 'A' and 'B'"),
        ("notBetween", json!(["A", "B"]), "country not between 'A' and 'B'"),
        ("NOTNULL", json!(null), "country is not null"),
    ] {
        assert_eq!(rule_text("country", operator, value), read);
    }
}

#[test]
fn values_are_what_their_field_makes_of_them() {
    for (field, operator, value, read) in [
        ("score", "=", json!("5"), "score = 5"),
        ("score", "=", json!(5), "score = 5"),
        ("score", ">", json!(" -5 "), "score > -5"),
        ("score", "between", json!("1, 10"), "score between 1 and 10"),
        ("score", "in", json!([1, "2"]), "score in (1, 2)"),
        ("score", "in", json!(1), "score in (1)"),
        ("balance", ">=", json!("10.50"), "balance >= 10.50"),
        ("balance", ">=", json!(10.5), "balance >= 10.5"),
        ("ratio", "<", json!(1e-7), "ratio < 0.0000001"),
        ("country", "=", json!("5"), "country = '5'"),
        ("country", "=", json!(" it's "), r"country = ' it\'s '"),
        ("country", "=", json!(""), "country = ''"),
        ("country", "in", json!(r" a\,b , c,, "), "country in ('a,b', 'c')"),
        ("country", "in", json!([" a", ""]), "country in (' a', '')"),
        ("vip", "=", json!(true), "vip = true"),
        ("vip", "=", json!("false"), "vip = false"),
        ("birthday", "=", json!("1990-07-25"), "birthday = 1990-07-25"),
        ("birthday", "between", json!("12-02,01-03"), "birthday between 12-02 and 01-03"),
        ("created_at", ">=", json!("2026-11-01T16:00"), "created_at >= 2026-11-01T16:00:00"),
        ("created_at", "<", json!("30 days ago"), "created_at < 30 days ago"),
        ("created_at", "between", json!("-30d,today"), "created_at between 30 days ago and today"),
        ("tags", "contains", json!("tea"), "tags contains 'tea'"),
        ("tags", "doesNotContain", json!("tea"), "tags not contains 'tea'"),
        ("tags", "null", json!(null), "tags is empty"),
        ("tags", "notNull", json!(null), "tags is not empty"),
        ("lists", "contains", json!("5"), "lists contains 5"),
        ("home", "null", json!(null), "home is null"),
        ("home_store", "=", json!("Umeå"), "home_store = 'Umeå'"),
        ("home_store.region", "=", json!("north"), "home_store.region = 'north'"),
        ("home_store.odd place", "=", json!("x"), "home_store.`odd place` = 'x'"),
        ("odd name", "=", json!("x"), "`odd name` = 'x'"),
        ("a.b", "=", json!("x"), "`a.b` = 'x'"),
        ("today", "<", json!("today"), "`today` < today"),
        ("count(orders)", ">", json!("3"), "count(orders) > 3"),
        (
            "sum(orders.total where status = 'paid')",
            ">=",
            json!("500"),
            "sum(orders.total where status = 'paid') >= 500",
        ),
        ("age(birthday)", ">=", json!(18), "age(birthday) >= 18"),
        ("last(orders.ordered_at)", "<", json!("-3m"), "last(orders.ordered_at) < 3 months ago"),
        ("exists(orders)", "=", json!(true), "exists(orders) = true"),
        ("score * 2", "<", json!(5), "score * 2 < 5"),
    ] {
        assert_eq!(rule_text(field, operator, value), read);
    }
}

#[test]
fn values_can_come_from_fields() {
    let from = |field: &str, operator: &str, value: Value| {
        let rule =
            json!({"field": field, "operator": operator, "value": value, "valueSource": "field"});
        text(and(json!([rule])))
    };
    assert_eq!(from("country", "=", json!("home_store.region")), "country = home_store.region");
    assert_eq!(from("score", ">", json!("count(orders)")), "score > count(orders)");
    assert_eq!(from("score", "in", json!("balance,ratio")), "score in (balance, ratio)");
    assert_eq!(
        from("score", "between", json!(["balance", "ratio"])),
        "score between balance and ratio"
    );
    assert_eq!(from("country", "beginsWith", json!("odd name")), "country starts with `odd name`");
}

#[test]
fn groups_join_and_negate() {
    let a = rule("score", "=", json!(1));
    let b = rule("score", "=", json!(2));
    let c = rule("vip", "=", json!(true));
    let starts = rule("country", "doesNotBeginWith", json!("S"));
    for (query, read) in [
        (and(json!([a, b])), "all of (score = 1, score = 2)"),
        (json!({"combinator": "or", "rules": [a, b]}), "any of (score = 1, score = 2)"),
        (
            json!({"combinator": "OR", "not": true, "rules": [a, b]}),
            "none of (score = 1, score = 2)",
        ),
        (
            json!({"combinator": "and", "not": true, "rules": [a, b]}),
            "not all of (score = 1, score = 2)",
        ),
        (json!({"combinator": "and", "not": false, "rules": [a]}), "score = 1"),
        (json!({"combinator": "or", "rules": [a]}), "any of (score = 1)"),
        (json!({"combinator": "and", "not": true, "rules": [a]}), "not all of (score = 1)"),
        (and(json!([starts])), "not country starts with 'S'"),
        (and(json!([and(json!([a])), c])), "all of (all of (score = 1), vip = true)"),
        (
            and(json!([{"combinator": "or", "not": true, "rules": [a, and(json!([b, c]))]}])),
            "all of (none of (score = 1, all of (score = 2, vip = true)))",
        ),
        (and(json!([])), "true"),
        (json!({"combinator": "or", "rules": []}), "true"),
        (json!({"combinator": "and", "not": true, "rules": []}), "false"),
    ] {
        assert_eq!(text(query), read);
    }
}

#[test]
fn combinators_can_stand_between_the_rules() {
    let a = rule("score", "=", json!(1));
    let b = rule("score", "=", json!(2));
    let c = rule("vip", "=", json!(true));
    let mut muted = b.clone();
    muted["muted"] = json!(true);
    for (rules, read) in [
        (json!([a]), "score = 1"),
        (json!([a, "and", b, "AND", c]), "all of (score = 1, score = 2, vip = true)"),
        (json!([a, "or", b, "and", c]), "any of (score = 1, all of (score = 2, vip = true))"),
        (json!([a, "and", b, "or", c]), "any of (all of (score = 1, score = 2), vip = true)"),
        (
            json!([a, "and", {"rules": [b, "or", c]}]),
            "all of (score = 1, any of (score = 2, vip = true))",
        ),
        (
            json!([a, "and", {"not": true, "rules": [b]}]),
            "all of (score = 1, not all of (score = 2))",
        ),
        (json!([a, "or", muted, "and", c]), "any of (score = 1, vip = true)"),
        (json!([a, "and", muted, "or", c]), "any of (score = 1, vip = true)"),
        (json!([muted, "and", c]), "vip = true"),
        (json!([]), "true"),
    ] {
        assert_eq!(text(json!({ "rules": rules })), read);
    }
}

#[test]
fn what_is_for_the_front_end_has_no_meaning() {
    let a = json!({"id": "r1", "path": [0], "disabled": true, "field": "score", "operator": "=", "value": "1",
        "valueSource": "value", "combinatorPreceding": "and"});
    let muted = json!({"muted": true, "field": "nonsense", "operator": "~", "value": null});
    let quiet = json!({"combinator": "or", "rules": [muted]});
    let mut silent = and(json!([a]));
    silent["muted"] = json!(true);
    let query = json!({"id": "g", "path": [], "disabled": false, "muted": false, "combinator": "and",
        "rules": [a, muted, quiet, silent]});
    assert_eq!(text(query), "score = 1");
    assert_eq!(text(and(json!([muted]))), "true");
}

#[test]
fn rows_are_asked_with_match() {
    let paid = rule("status", "=", json!("paid"));
    let ask = |how: Value, value: Value| {
        let rule = json!({"field": "orders", "operator": "=", "match": how, "value": value});
        text(and(json!([rule])))
    };
    let some = json!({"mode": "some"});
    assert_eq!(ask(some.clone(), and(json!([paid]))), "exists(orders where status = 'paid')");
    assert_eq!(ask(some.clone(), and(json!([]))), "exists(orders)");
    assert_eq!(
        ask(some, and(json!([paid, rule("customer.country", "=", json!("SE"))]))),
        "exists(orders where all of (status = 'paid', customer.country = 'SE'))"
    );
    assert_eq!(
        ask(json!({"mode": "none"}), and(json!([paid]))),
        "not exists(orders where status = 'paid')"
    );
    assert_eq!(
        ask(json!({"mode": "all"}), and(json!([paid]))),
        "not exists(orders where not status = 'paid')"
    );
    for (mode, sign) in [("atLeast", ">="), ("atMost", "<="), ("exactly", "=")] {
        assert_eq!(
            ask(json!({"mode": mode, "threshold": 2}), and(json!([paid]))),
            format!("count(orders where status = 'paid') {sign} 2")
        );
    }
}

#[test]
fn what_is_wrong_is_told_with_its_path() {
    let good = rule("score", "=", json!(1));
    for (query, lines) in [
        (
            json!(1),
            vec!["E1001 query expected a group with `combinator` and `rules`, found a number"],
        ),
        (
            good.clone(),
            vec!["E1001 query expected a group with `combinator` and `rules`, found a table"],
        ),
        (json!({"combinator": "xor", "rules": [good]}), vec!["E1006 query `xor` joins no rules"]),
        (json!({"combinator": "nor", "rules": [good]}), vec!["E1003 query `nor` joins no rules"]),
        (
            json!({"combinator": "and", "rules": 1}),
            vec!["E1001 query expected a list, found a number"],
        ),
        (
            json!({"combinator": "and", "nott": true, "rules": [good]}),
            vec!["E1002 query a group has no `nott`"],
        ),
        (
            json!({"combinator": "and", "rules": [good, "or", good]}),
            vec!["E1001 rules[1] expected a rule or a group, found a text"],
        ),
        (
            json!({"rules": [good, good]}),
            vec!["E1001 rules[1] expected `and` or `or`, found a table"],
        ),
        (json!({"rules": [good, "and"]}), vec!["E1005 query a combinator has no rule behind it"]),
        (and(json!([and(json!([]))])), vec!["E1005 rules[0] this group has no rules"]),
        (
            and(json!([
                good,
                rule("scor", "=", json!(1)),
                and(json!([rule("score", "like", json!("x")), rule("score", ">", json!("many"))])),
            ])),
            vec![
                "E0201 rules[1] unknown column `scor`",
                "E1003 rules[2].rules[0] unknown operator `like`",
                "E1004 rules[2].rules[1] `many` is not a number",
            ],
        ),
        (and(json!([rule("~", "=", json!(1))])), vec!["E1005 rules[0] this rule has no field yet"]),
        (
            and(json!([rule("score", "~", json!(1))])),
            vec!["E1005 rules[0] this rule has no operator yet"],
        ),
        (
            and(json!([rule("score", "=", json!(""))])),
            vec!["E1005 rules[0] this rule has no value yet"],
        ),
        (
            and(json!([rule("country", "=", json!(null))])),
            vec!["E1005 rules[0] this rule has no value yet"],
        ),
        (
            and(json!([rule("country", "in", json!(" , "))])),
            vec!["E1005 rules[0] this rule has no values yet"],
        ),
        (
            and(json!([{"field": "country", "operator": "="}])),
            vec!["E1001 rules[0] this operator needs `value`"],
        ),
        (and(json!([{"operator": "=", "value": 1}])), vec!["E1001 rules[0] a rule needs `field`"]),
        (
            and(json!([rule("score", "between", json!("1,2,3"))])),
            vec!["E1004 rules[0] `between` takes two values, not 3"],
        ),
        (and(json!([rule("country", "=", json!(5))])), vec!["E1004 rules[0] `5` is not a text"]),
        (
            and(json!([rule("vip", "=", json!("yes"))])),
            vec!["E1004 rules[0] `yes` is not `true` or `false`"],
        ),
        (
            and(json!([rule("birthday", "=", json!("soon"))])),
            vec!["E1004 rules[0] `soon` is not a day or a time, as `2026-11-01` or `30 days ago`"],
        ),
        (
            and(json!([rule("score", "=", json!({}))])),
            vec!["E1004 rules[0] expected a number, found a table"],
        ),
        (
            and(json!([rule("not vip", "=", json!(true))])),
            vec!["E0201 rules[0] `not vip` is no column and no value"],
        ),
        (
            and(json!([rule("score", "contains", json!("1"))])),
            vec!["E0302 rules[0] `contains` works on sets and texts, not on a number"],
        ),
        (
            and(json!([rule("vip", "<", json!(true))])),
            vec!["E0302 rules[0] `<` does not work on booleans"],
        ),
        (
            and(
                json!([{"field": "score", "operator": "=", "value": "x", "valueSource": "expression"}]),
            ),
            vec!["E1006 rules[0] a value from `expression` has no equivalent"],
        ),
        (
            and(
                json!([{"field": "score", "operator": "=", "value": "scor", "valueSource": "field"}]),
            ),
            vec!["E0201 rules[0] unknown column `scor`"],
        ),
        (
            and(json!([{"field": "score", "operator": "=", "value": 1, "lhs": {}}])),
            vec!["E1002 rules[0] a rule has no `lhs`"],
        ),
    ] {
        assert_eq!(refusal(query.clone()), lines, "{query}");
    }
}

#[test]
fn what_match_cannot_say_is_told() {
    let ask = |field: &str, how: Value, value: Value| {
        refusal(and(json!([{"field": field, "operator": "=", "match": how, "value": value}])))
    };
    let paid = and(json!([rule("status", "=", json!("paid"))]));
    let some = json!({"mode": "some"});
    assert_eq!(
        ask("tags", some.clone(), paid.clone()),
        ["E1006 rules[0] `tags` is no table of rows"]
    );
    assert_eq!(
        ask("stores", some.clone(), paid.clone()),
        ["E1006 rules[0] `stores` is no table of rows"]
    );
    assert_eq!(
        ask("orders", json!({"mode": "few"}), paid.clone()),
        ["E1003 rules[0] unknown mode of `match`"]
    );
    assert_eq!(
        ask("orders", json!({"mode": "atLeast", "threshold": 0.5}), paid.clone()),
        ["E1006 rules[0] a share of the rows has no equivalent"]
    );
    assert_eq!(
        ask("orders", json!({"mode": "atLeast", "threshold": -1}), paid.clone()),
        ["E1004 rules[0] the threshold is a whole number from 0"]
    );
    assert_eq!(
        ask("orders", some.clone(), and(json!([rule("country", "=", json!("SE"))]))),
        ["E0201 rules[0].value.rules[0] unknown column `country` of `orders`"]
    );
    let nested = json!({"field": "items", "operator": "=", "match": some, "value": and(json!([]))});
    assert_eq!(
        ask("orders", some.clone(), and(json!([nested]))),
        ["E1006 rules[0].value.rules[0] rows have no rows of their own here"]
    );
}

#[test]
fn the_excerpt_is_the_rule() {
    let query =
        query(and(json!([rule("country", "lke", json!("S")), rule("contry", "=", json!("SE"))])));
    let error = query.to_condition(&schema()).unwrap_err().to_string();
    assert_eq!(
        error,
        "error[E1003]: unknown operator `lke`
 --> rules[0]:1:22
  |
1 | {\"field\": \"country\", \"operator\": \"lke\", \"value\": \"S\"}
  |                      ^^^^^^^^^^^^^^^^^
  = help: there are `=`, `!=`, `<`, `>`, `<=`, `>=`, `contains`, `beginsWith`, `endsWith`, `doesNotContain`, `doesNotBeginWith`, `doesNotEndWith`, `null`, `notNull`, `in`, `notIn`, `between` and `notBetween`

error[E0201]: unknown column `contry`
 --> rules[1]:1:1
  |
1 | contry
  | ^^^^^^
  = help: did you mean `country`?"
    );
}

#[test]
fn every_condition_that_a_query_can_say_is_written() {
    for (text, query) in [
        ("country = 'SE'", and(json!([rule("country", "=", json!("SE"))]))),
        ("(country = 'SE')", and(json!([rule("country", "=", json!("SE"))]))),
        ("5 < score", and(json!([rule("score", ">", json!("5"))]))),
        ("balance >= 1_000.50", and(json!([rule("balance", ">=", json!("1000.50"))]))),
        ("vip", and(json!([rule("vip", "=", json!(true))]))),
        (
            "not vip",
            json!({"combinator": "and", "not": true, "rules": [rule("vip", "=", json!(true))]}),
        ),
        ("not not vip", and(json!([rule("vip", "=", json!(true))]))),
        ("not country ends with 'x'", and(json!([rule("country", "doesNotEndWith", json!("x"))]))),
        ("country in ('SE', 'NO')", and(json!([rule("country", "in", json!(["SE", "NO"]))]))),
        (
            "score not between 1 and -2",
            and(json!([rule("score", "notBetween", json!(["1", "-2"]))])),
        ),
        ("tags is not empty", and(json!([rule("tags", "notNull", json!(null))]))),
        ("home is null", and(json!([rule("home", "null", json!(null))]))),
        (
            "created_at within last 30 days",
            and(json!([rule("created_at", "between", json!(["30 days ago", "today"]))])),
        ),
        (
            "created_at within next 2 hours",
            and(json!([rule("created_at", "between", json!(["now", "in 2 hours"]))])),
        ),
        (
            "tags contains any of ('a', 'b')",
            json!({"combinator": "or", "rules": [rule("tags", "contains", json!("a")), rule("tags", "contains", json!("b"))]}),
        ),
        (
            "tags not contains all of ('a')",
            json!({"combinator": "and", "not": true, "rules": [rule("tags", "contains", json!("a"))]}),
        ),
        (
            "country = 'SE' or score > 1 and vip",
            json!({"combinator": "or", "rules": [
                rule("country", "=", json!("SE")),
                and(json!([rule("score", ">", json!("1")), rule("vip", "=", json!(true))])),
            ]}),
        ),
        (
            "not none of (vip)",
            json!({"combinator": "or", "rules": [rule("vip", "=", json!(true))]}),
        ),
        ("`a.b` = 'x'", and(json!([rule("a.b", "=", json!("x"))]))),
        ("`odd name` = 'x'", and(json!([rule("odd name", "=", json!("x"))]))),
        (
            "home_store.`odd place` = 'x'",
            and(json!([rule("home_store.odd place", "=", json!("x"))])),
        ),
        (
            "country = home_store.region",
            and(
                json!([{"field": "country", "operator": "=", "value": "home_store.region", "valueSource": "field"}]),
            ),
        ),
        ("count(orders) >= 4", and(json!([rule("count(orders)", ">=", json!("4"))]))),
        (
            "count(orders where status = 'paid') >= 4",
            and(
                json!([{"field": "orders", "operator": "=", "match": {"mode": "atLeast", "threshold": 4},
                "value": and(json!([rule("status", "=", json!("paid"))]))}]),
            ),
        ),
        (
            "not exists(orders)",
            and(
                json!([{"field": "orders", "operator": "=", "match": {"mode": "none"}, "value": and(json!([]))}]),
            ),
        ),
        ("true", and(json!([]))),
    ] {
        assert_eq!(written(text), query, "{text}");
    }
}

#[test]
fn what_a_query_cannot_say_is_told_part_by_part() {
    assert_eq!(
        unwritable(
            "country = 'se' ignoring case and (birthday = today ignoring year or in segment staff)\n\
             and vip and at least 2 of (vip, score > 1) and country matches '^S'\n\
             and home within 5 km of (1, 2) and top 10 by score and sample 5 percent seed 'a'"
        ),
        [
            "E1006 1:1 a query has no `ignoring`",
            "E1006 1:35 a query has no `ignoring`",
            "E1006 1:69 a query does not refer to segments",
            "E1006 2:13 a query joins rules with `and` and `or` only",
            "E1006 2:48 a query has no `matches`",
            "E1006 3:5 a query has no distances",
            "E1006 3:36 a query has no `top` and `bottom`",
            "E1006 3:56 a query has no `sample`",
        ]
    );
    assert_eq!(
        unwritable(
            "score between 1 and balance and any of (true, vip) and 1 = 2 and (vip and vip) = true"
        ),
        [
            "E1006 1:1 a query's values are all written out, or all columns",
            "E1006 1:41 a group in a query is never empty, so nothing in it is always true or false",
            "E1006 1:56 a rule of a query is about a column",
            "E1006 1:67 a rule of a query compares values, not conditions",
        ]
    );
    // What is wrong with the condition itself comes first.
    assert_eq!(unwritable("paid and in segment staff"), ["E0201 1:1 unknown column `paid`"]);
}

#[test]
fn a_query_is_equal_whatever_the_order_of_its_fields() {
    let left = query(
        json!({"combinator": "and", "rules": [{"field": "vip", "operator": "=", "value": true}]}),
    );
    let right: Query = serde_json::from_str(
        r#"{"rules": [{"value": true, "operator": "=", "field": "vip"}], "combinator": "and"}"#,
    )
    .unwrap();
    assert_eq!(left, right);
    assert_eq!(format!("{right:?}"), r#"Query({"rules": […], "combinator": "and"})"#);
}
