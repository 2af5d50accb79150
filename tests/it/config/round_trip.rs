//! LAW: a query that can be read is written again as it was.

use proptest::prelude::*;
use segmenta::config::Query;
use serde_json::{Value, json};

use super::schema;

/// A field, what it may be asked, and values as they are written.
struct Column {
    field: &'static str,
    operators: &'static [&'static str],
    values: &'static [&'static str],
}

const ORDERED: &[&str] = &["=", "!=", "<", ">", "<=", ">="];
const TEXT: &[&str] = &[
    "=",
    "!=",
    "<",
    ">",
    "<=",
    ">=",
    "contains",
    "beginsWith",
    "endsWith",
    "doesNotContain",
    "doesNotBeginWith",
    "doesNotEndWith",
];
const NUMBERS: &[&str] = &["0", "-5", "10.50", "999999999999999999999999.5"];
const TEXTS: &[&str] = &["SE", "", " a,b ", "it's \\ \n", "5", "true", "🎂"];
const TIMES: &[&str] = &["2026-11-01", "today", "30 days ago", "in 2 weeks", "1 month ago"];

const COLUMNS: [Column; 14] = [
    Column { field: "country", operators: TEXT, values: TEXTS },
    Column { field: "odd name", operators: TEXT, values: TEXTS },
    Column { field: "a.b", operators: TEXT, values: TEXTS },
    Column { field: "home_store.odd place", operators: TEXT, values: TEXTS },
    Column { field: "first(orders.store)", operators: TEXT, values: TEXTS },
    Column { field: "score", operators: ORDERED, values: NUMBERS },
    Column { field: "balance", operators: ORDERED, values: NUMBERS },
    Column { field: "count(orders)", operators: ORDERED, values: NUMBERS },
    Column { field: "score * 2 + ratio", operators: ORDERED, values: NUMBERS },
    Column { field: "birthday", operators: ORDERED, values: TIMES },
    Column { field: "created_at", operators: ORDERED, values: TIMES },
    Column { field: "today", operators: ORDERED, values: TIMES },
    Column { field: "tags", operators: &["contains", "doesNotContain"], values: TEXTS },
    Column { field: "lists", operators: &["contains", "doesNotContain"], values: &["5", "-7"] },
];

/// Columns of the table of orders.
const ROWS: [Column; 3] = [
    Column { field: "status", operators: TEXT, values: TEXTS },
    Column { field: "total", operators: ORDERED, values: NUMBERS },
    Column { field: "customer.country", operators: TEXT, values: TEXTS },
];

fn rule(columns: &'static [Column]) -> impl Strategy<Value = Value> {
    let any = any::<prop::sample::Index>;
    (any(), any(), prop::collection::vec(any(), 1..4), 0..8_u8).prop_map(
        move |(column, operator, values, kind)| {
            let Column { field, operators, values: known } = &columns[column.index(columns.len())];
            let is_set = matches!(*field, "tags" | "lists");
            let value = |at: &prop::sample::Index| json!(known[at.index(known.len())]);
            match kind {
                0 => json!({"field": field, "operator": "null", "value": null}),
                1 => json!({"field": field, "operator": "notNull", "value": null}),
                2 | 3 if !is_set => {
                    let operator = if kind == 2 { "in" } else { "notIn" };
                    let values: Vec<Value> = values.iter().map(value).collect();
                    json!({"field": field, "operator": operator, "value": values})
                }
                4 if !is_set => {
                    let ends = [value(&values[0]), value(values.last().unwrap())];
                    let operator = if values.len() == 1 { "between" } else { "notBetween" };
                    json!({"field": field, "operator": operator, "value": ends})
                }
                5 if !is_set => {
                    let operator = operators[operator.index(operators.len())];
                    json!({"field": field, "operator": operator, "value": field, "valueSource": "field"})
                }
                _ => {
                    let operator = operators[operator.index(operators.len())];
                    json!({"field": field, "operator": operator, "value": value(&values[0])})
                }
            }
        },
    )
}

fn flag() -> impl Strategy<Value = Value> {
    any::<bool>().prop_map(|value| json!({"field": "vip", "operator": "=", "value": value}))
}

/// A group of these; without `not` the field is left out.
fn group(any: bool, negated: bool, rules: Vec<Value>) -> Value {
    let combinator = if any { "or" } else { "and" };
    match negated {
        true => json!({"combinator": combinator, "not": true, "rules": rules}),
        false => json!({"combinator": combinator, "rules": rules}),
    }
}

fn groups(leaf: impl Strategy<Value = Value> + 'static) -> impl Strategy<Value = Value> {
    let nested = leaf.prop_recursive(4, 24, 4, |inner| {
        let rules = prop::collection::vec(inner, 1..4);
        (any::<bool>(), any::<bool>(), rules).prop_map(|(any, not, rules)| group(any, not, rules))
    });
    (any::<bool>(), any::<bool>(), prop::collection::vec(nested, 1..4))
        .prop_map(|(any, not, rules)| group(any, not, rules))
}

/// A rule about rows, in the forms that are written.
fn about_rows() -> impl Strategy<Value = Value> {
    let modes = ["some", "none", "atLeast", "atMost", "exactly"];
    let value = groups(rule(&ROWS));
    (prop::sample::select(modes.to_vec()), 0..100_u32, value).prop_map(|(mode, number, value)| {
        let how = match mode {
            "some" | "none" => json!({"mode": mode}),
            _ => json!({"mode": mode, "threshold": number}),
        };
        json!({"field": "orders", "operator": "=", "match": how, "value": value})
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_query_is_written_as_it_was_read(
        json in groups(prop_oneof![8 => rule(&COLUMNS), 1 => flag(), 2 => about_rows()])
    ) {
        let schema = schema();
        let query: Query = serde_json::from_value(json.clone()).unwrap();
        let condition = query.to_condition(&schema).unwrap_or_else(|error| panic!("{json}\n{error}"));
        let written = Query::from_condition(&condition, &schema);
        let written = written.unwrap_or_else(|error| panic!("{json}\n{condition}\n{error}"));
        prop_assert_eq!(serde_json::to_value(&written).unwrap(), json, "{}", condition);
        prop_assert_eq!(written.to_condition(&schema).unwrap(), condition);
    }
}
