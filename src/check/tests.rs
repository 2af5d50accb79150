//! What rules mean, read off their canonical text.

use crate::{check::Rules, rule::canonical_text, schema::Schema};

const SHOP: &str = r#"
[customers]
key = "id"
[customers.columns]
id = "int"
country = "text"
points = "int"
active = "bool"
birthday = "date"
tags = "set<text>"
home_store = "ref<stores>"
[tables.orders]
key = "order_id"
customer = "customer_id"
time = "day"
[tables.orders.columns]
order_id = "int"
customer_id = "int"
day = "date"
total = "decimal(2)"
[tables.items]
parent = "orders"
parent_key = "order_id"
[tables.items.columns]
order_id = "int"
quantity = "int"
[lookups.stores]
key = "name"
[lookups.stores.columns]
name = "text"
region = "text"
"#;

/// The canonical text of the last segment.
fn canonical(text: &str) -> String {
    let schema = Schema::from_toml(SHOP).unwrap();
    let rules = Rules::parse(&schema, text).unwrap();
    canonical_text(rules.set().segments.last().unwrap(), rules.set(), &schema)
}

/// The canonical text of one condition, without the frame around it.
fn of(condition: &str) -> String {
    let text = canonical(&format!("segment s {{}} segment x {{ include {condition} }}"));
    text.trim_start_matches("segmenta rule 1\ninclude ").trim_end().to_owned()
}

#[test]
fn layout_names_titles_metadata_and_pins_do_not_count() {
    let plain =
        "segment a { include country = 'SE' and points > 1000 exclude in segment B } segment b {}";
    let dressed = "let swedish = `country` = \"SE\" # who\nlet more_than(n) = ((points) > n)\n\
                   segment b {}\n\
                   static segment other \"Title\" {\n  owner: 'me'\n  include swedish AND more_than(1_000)\n\
                   pin in (5)\n exclude (IN SEGMENT b) }";
    let plain = format!("segment b {{}} {}", plain.replace("segment b {}", ""));
    assert_eq!(canonical(&plain), canonical(dressed));
    assert_eq!(
        canonical(dressed),
        "segmenta rule 1\n\
         include (and (= (column 'customers' 'country') 'SE') (> (column 'customers' 'points') 1000))\n\
         exclude (segment 'b')\n"
    );
    assert_eq!(canonical("segment a { pin in (1) }"), "segmenta rule 1\n");
}

#[test]
fn what_differs_in_meaning_differs_in_text() {
    let texts = [
        "country = 'SE'",
        "country != 'SE'",
        "not country = 'SE'",
        "country = 'SE' ignoring case",
        "country in ('SE')",
        "country = home_store",
        "country = home_store.region",
        "country = 'S\\'E\\n'",
        "tags contains 'SE'",
        "tags contains all of ('SE')",
        "points + 1 - 2 > 3",
        "points + (1 - 2) > 3",
        "points > 1",
        "birthday < 30 days ago",
        "birthday < in 30 days",
        "birthday < 2020-01-01",
        "birthday within last 30 days",
        "birthday within last 30 days ignoring year",
        "active",
        "active = true",
        "count(orders) = 1",
        "count(orders where total > 1) = 1",
        "count(orders.total) = 1",
    ];
    let mut seen: Vec<String> = texts.iter().map(|text| of(text)).collect();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), texts.len());
}

#[test]
fn where_a_name_starts_from() {
    assert_eq!(
        of("exists(items where parent.total > customer.points and quantity > 1)"),
        "(holds (exists 'items' where (and \
         (> (column parent-1 'orders' 'total') (column customer 'customers' 'points')) \
         (> (column 'items' 'quantity') 1))))"
    );
    assert_eq!(
        of("home_store.region = home_store"),
        "(= (column 'customers' 'home_store' 'region') (column 'customers' 'home_store'))"
    );
    // The argument belongs to the customer, though it is used in a row filter.
    let text =
        "let above(x) = count(orders where total > x)\nsegment a { include above(points) > 1 }";
    assert_eq!(
        canonical(text),
        "segmenta rule 1\ninclude (> (count 'orders' where \
         (> (column 'orders' 'total') (column customer 'customers' 'points'))) 1)\n"
    );
    // An argument that names a parameter goes back to the outer call.
    let text =
        "let inner(x) = x > 1\nlet outer(x) = inner(x + 1)\nsegment a { include outer(points) }";
    assert_eq!(
        canonical(text),
        "segmenta rule 1\ninclude (> (arithmetic (column 'customers' 'points') + 1) 1)\n"
    );
}

#[test]
fn windows_without_the_year() {
    let born = "(column 'customers' 'birthday')";
    let cases = [
        ("birthday = today ignoring year", "(yearly {} (days +0days +0days))"),
        ("birthday != now ignoring year", "(not-yearly {} (days +0days +0days))"),
        ("07-25 = birthday", "(yearly {} (circle (month-day 7 25) (month-day 7 25)))"),
        (
            "birthday in (02-29, 3 weeks ago)",
            "(yearly {} (circle (month-day 2 29) (month-day 2 29)) (days -3weeks -3weeks))",
        ),
        (
            "birthday not between 12-02 and tomorrow",
            "(not-yearly {} (circle (month-day 12 2) (today +1days)))",
        ),
        (
            "birthday between 2020-12-02 and 2019-01-03 ignoring year",
            "(yearly {} (circle (date 2020-12-02) (date 2019-01-03)))",
        ),
        ("birthday within next 14 days ignoring year", "(yearly {} (days +0days +14days))"),
        ("birthday within last 2 months", "(within {} -2months +0days)"),
    ];
    for (text, expected) in cases {
        assert_eq!(of(text), expected.replace("{}", born), "{text}");
    }
}

#[test]
fn fixed_numbers_and_elements() {
    let text = "let half = 2\nlet some(k) = at least k of (active, points = -5, in segment b)\n\
                segment b {}\nsegment a { include some(half) }";
    assert_eq!(
        canonical(text),
        "segmenta rule 1\ninclude (at-least-2-of (holds (column 'customers' 'active')) \
         (= (column 'customers' 'points') (negate 5)) (segment 'b'))\n"
    );
    assert_eq!(of("round(points, -2) = 1"), "(= (round-to--2 (column 'customers' 'points')) 1)");
    assert_eq!(
        of("(active or true) = exists(orders)"),
        "(= (value (or (holds (column 'customers' 'active')) true)) (exists 'orders'))"
    );
}
