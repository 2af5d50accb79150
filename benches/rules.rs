//! Reading, checking and formatting rules; 1,000 segments and ten times as many, to see that it is linear.
#![expect(clippy::expect_used, reason = "a bench that cannot go on fails")]

use std::fmt::Write as _;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
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

/// The number of segments and the bytes of their text.
//
// PERF: two threads, beside other work: 1,000 are checked in 21 ms and formatted in 15 ms, 10,000 in 259 ms and 234 ms.
// Instructions grow with the text; the rest is memory that is touched for the first time.
const SIZES: [(usize, usize); 2] = [(1_000, 288_133), (10_000, 2_935_824)];

fn segments(count: usize) -> String {
    let mut text = String::from(
        "let paid = status = 'paid'\nlet spent(days) = sum(orders.total where paid and at within last days days)\n",
    );
    for n in 0..count {
        write!(
            text,
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
        )
        .expect("text");
    }
    text
}

/// Everything that `segmenta check` does with a file: parse, check, lint and hash.
fn check(c: &mut Criterion) {
    let schema = Schema::from_toml(SCHEMA).expect("the schema");
    let mut group = c.benchmark_group("check");
    for (count, bytes) in SIZES {
        let text = segments(count);
        assert_eq!(text.len(), bytes);
        let rules = Rules::parse(&schema, &text).expect("the rules");
        assert_eq!(rules.segments().len(), count);
        assert!(rules.warnings().is_empty());
        group.throughput(Throughput::Bytes(bytes as u64));
        group.bench_function(BenchmarkId::from_parameter(count), |b| {
            b.iter(|| Rules::parse(&schema, &text));
        });
    }
    group.finish();
}

fn format(c: &mut Criterion) {
    let mut group = c.benchmark_group("format");
    for (count, bytes) in SIZES {
        let text = segments(count);
        let formatted = segmenta::format("rules.seg", &text).expect("the format");
        assert_eq!(segmenta::format("rules.seg", &formatted).as_deref().ok(), Some(&*formatted));
        group.throughput(Throughput::Bytes(bytes as u64));
        group.bench_function(BenchmarkId::from_parameter(count), |b| {
            b.iter(|| segmenta::format("rules.seg", &text));
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = check, format
}
criterion_main!(benches);
