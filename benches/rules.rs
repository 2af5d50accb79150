//! Parsing and checking 1,000 segments.
#![expect(clippy::expect_used, reason = "a bench that cannot go on fails")]

use criterion::{Criterion, criterion_group, criterion_main};
use segmenta::{Rules, Schema};

const SCHEMA: &str = r#"
timezone = "Europe/Stockholm"
[customers]
key = "id"
[customers.columns]
id = "int"
country = "text"
points = "int"
birthday = "date"
tags = "set<text>"
[tables.orders]
customer = "customer"
time = "at"
[tables.orders.columns]
customer = "int"
at = "datetime"
total = "decimal(2)"
status = "text"
"#;

fn thousand_segments() -> String {
    let mut text = String::from(
        "let paid = status = 'paid'\nlet spent(days) = sum(orders.total where paid and at within last days days)\n",
    );
    for n in 0..1_000 {
        text += &format!(
            "dynamic segment s{n} \"Segment {n}\" {{
  include all of (
    spent({}) >= {}.50,
    country in ('SE', 'NO', 'DK') or points between {n} and {},
    any of (birthday within next 14 days ignoring year, tags contains any of ('a{n}', 'b')),
  )
  exclude last(orders.at) < {} months ago
}}
",
            30 + n % 300,
            n * 3,
            n + 500,
            1 + n % 24
        );
    }
    text
}

fn parse_and_check(c: &mut Criterion) {
    let schema = Schema::from_toml(SCHEMA).expect("the schema");
    let text = thousand_segments();
    let rules = Rules::parse(&schema, &text).expect("the rules");
    assert_eq!(rules.segments().len(), 1_000);
    println!("1,000 segments: {} bytes of text", text.len());
    c.bench_function("parse_and_check_1000_segments", |b| b.iter(|| Rules::parse(&schema, &text)));
    c.bench_function("format_1000_segments", |b| b.iter(|| segmenta::format("rules.seg", &text)));
}

criterion_group!(benches, parse_and_check);
criterion_main!(benches);
