//! What the checker says about rules.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that finds nothing where something is expected fails"
)]

mod aggregates;
mod comparisons;
mod files;
mod hostile;
mod lets;
mod limits;
mod lints;
mod meant;
mod names;
mod patterns;
mod places;
mod predictions;
mod ranks;
mod segments;
mod uses;

use segmenta::{Diagnostic, Limits, Rules, Schema};

const SHOP: &str = r#"
timezone = "Europe/Stockholm"
[customers]
key = "id"
created = "created_at"
[customers.columns]
id = "int"
country = "text"
email = "text"
score = "float"
points = "int"
balance = "decimal(2)"
active = "bool"
birthday = "date"
created_at = "datetime"
tags = "set<text>"
lists = "set<int>"
home = "geo"
home_store = "ref<stores>"

[tables.orders]
key = "order_id"
customer = "customer_id"
time = "ordered_at"
[tables.orders.columns]
order_id = "int"
customer_id = "int"
ordered_at = "datetime"
total = "decimal(2)"
status = "text"
paid = "bool"
store = "ref<stores>"

[tables.items]
parent = "orders"
parent_key = "order_id"
[tables.items.columns]
order_id = "int"
product = "ref<products>"
quantity = "int"
price = "decimal(18)"
labels = "set<text>"

[tables.notes]
customer = "customer_id"
[tables.notes.columns]
customer_id = "int"
words = "text"

[lookups.stores]
key = "store_id"
[lookups.stores.columns]
store_id = "text"
region = "text"
opened = "date"

[lookups.products]
key = "product_id"
[lookups.products.columns]
product_id = "int"
group = "text"
brand = "ref<brands>"

[lookups.brands]
key = "brand"
[lookups.brands.columns]
brand = "text"
country = "text"

[predict]
table = "orders"
amount = "total"
where = "paid"
"#;

fn shop() -> Schema {
    Schema::from_toml(SHOP).unwrap()
}

/// Everything that is found in one file.
fn check(text: &str) -> Vec<Diagnostic> {
    Rules::builder(&shop()).file("a.seg", text).check()
}

/// Everything that is found in one condition.
fn check_condition(text: &str) -> Vec<Diagnostic> {
    Rules::builder(&shop()).condition("it", text).check()
}

/// Nothing may be found in these conditions, whether they are meant so or not.
fn all_fine(conditions: &[&str]) {
    for text in conditions {
        let mut found = check_condition(text);
        found.retain(|found| !found.code.as_str().starts_with("W02"));
        assert!(found.is_empty(), "{text}\n{}", found[0]);
    }
}

/// Each condition has one finding: `(condition, code, marked text, message, help)`.
fn each_has_one(cases: &[(&str, &str, &str, &str, &str)]) {
    let mut wrong = String::new();
    for (text, code, marked, message, help) in cases {
        let found = check_condition(text);
        let seen: Vec<_> = found.iter().map(|found| summary(text, found)).collect();
        let expected = vec![[*code, *marked, *message, *help].map(str::to_owned)];
        if seen != expected {
            wrong.push_str(&format!("{text}\n  expected {expected:?}\n  found    {seen:?}\n"));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Code, marked text, message and help.
fn summary(text: &str, found: &Diagnostic) -> [String; 4] {
    let place = found.location.as_ref().unwrap();
    let marked = if place.line == place.end_line {
        let line: Vec<char> = text.lines().nth(place.line - 1).unwrap_or("").chars().collect();
        line[place.column - 1..place.end_column - 1].iter().collect()
    } else {
        "…".to_owned()
    };
    let help = found.help.clone().unwrap_or_default();
    [found.code.to_string(), marked, found.message.clone(), help]
}

/// `code line:column` of each finding of a file.
fn places(text: &str) -> Vec<String> {
    let place = |found: &Diagnostic| {
        let place = found.location.as_ref().unwrap();
        format!("{} {}:{}", found.code, place.line, place.column)
    };
    check(text).iter().map(place).collect()
}

/// The message of the only finding of a file.
fn message(text: &str) -> String {
    let found = check(text);
    assert_eq!(found.len(), 1, "{text}\n{found:#?}");
    found[0].message.clone()
}

fn limits(change: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits::default();
    change(&mut limits);
    limits
}
