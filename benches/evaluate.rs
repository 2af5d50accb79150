//! Evaluating 20 segments over columns and 20 over aggregates, on 1,000,000 customers with 4,000,000 orders. Each
//! segment's size is compared with a loop over the generated rows first. And the catalogue of the same data.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "a bench that cannot go on fails"
)]

mod support;

use criterion::{
    BatchSize, BenchmarkGroup, Criterion, criterion_group, criterion_main, measurement::WallTime,
};
use segmenta::{AsOf, Evaluation, Value, catalog::Catalog};
use support::{COUNTRIES, Customer, Order, STATUSES, Shop};

type Columns = Box<dyn Fn(&Customer) -> bool>;
type Ranks = Box<dyn Fn(&Rank) -> bool>;
type Group<'a> = BenchmarkGroup<'a, WallTime>;
type Rows = Box<dyn Fn(&Customer, &[Order]) -> bool>;

fn column_segments() -> Vec<(String, Columns)> {
    let mut list: Vec<(String, Columns)> = Vec::new();
    for step in 0..4_u32 {
        let country = 2 * step as usize;
        list.push((
            format!("country = '{}'", COUNTRIES[country]),
            Box::new(move |c| c.country == country),
        ));
        let age = 30 + 10 * step;
        list.push((
            format!("age between {age} and {} and country != 'SE'", age + 8),
            Box::new(move |c| (age..=age + 8).contains(&c.age) && c.country != 0),
        ));
        let points = 2_000 * step;
        list.push((
            format!("points > {points} or not subscribed"),
            Box::new(move |c| c.points.is_some_and(|p| p > points) || !c.subscribed),
        ));
        let (cents, score) = (i64::from(step) * 10_000, 200 * (step + 1));
        list.push((
            format!("all of (balance >= {}.00, score < 0.{score:03}, subscribed)", cents / 100),
            Box::new(move |c| c.balance >= cents && c.score < score && c.subscribed),
        ));
        let (month, days) = (1 + 3 * step, 30 * (step + 1));
        list.push((
            format!("any of (birthday between {month:02}-05 and {month:02}-20, seen_at within last {days} days)"),
            Box::new(move |c| c.birth_month == month && (5..=20).contains(&c.birth_day) || c.seen <= days),
        ));
    }
    list
}

fn aggregate_segments() -> Vec<(String, Rows)> {
    let mut list: Vec<(String, Rows)> = Vec::new();
    for step in 0..4_u32 {
        let least = 2 + step as usize;
        list.push((format!("count(orders) >= {least}"), Box::new(move |_, o| o.len() >= least)));
        let cents = 50_000 * i64::from(step + 1);
        list.push((
            format!("sum(orders.total where status = 'paid') >= {}", cents / 100),
            Box::new(move |_, o| {
                o.iter().filter(|o| o.status == 0).map(|o| o.total).sum::<i64>() >= cents
            }),
        ));
        let days = 30 * (step + 1);
        list.push((
            format!("count(orders where at within last {days} days) >= 1 and subscribed"),
            Box::new(move |c, o| c.subscribed && o.iter().any(|o| o.ago <= days)),
        ));
        let ago = 100 * (step + 1);
        list.push((
            format!("last(orders.at) < {ago} days ago"),
            Box::new(move |_, o| o.iter().map(|o| o.ago).min().is_some_and(|last| last > ago)),
        ));
        let status = step as usize;
        list.push((
            format!(
                "max(orders.total) > 250 and not exists(orders where status = '{}')",
                STATUSES[status]
            ),
            Box::new(move |_, o| {
                o.iter().any(|o| o.total > 25_000) && !o.iter().any(|o| o.status == status)
            }),
        ));
    }
    list
}

/// Who is in, by the definition: how many have a greater sum, and how many a smaller one.
fn rank_segments() -> Vec<(String, Ranks)> {
    let spend = "sum(orders.total)";
    let mut list: Vec<(String, Ranks)> = Vec::new();
    list.push((format!("top 10 percent by {spend}"), Box::new(|r| r.greater * 10 < r.all)));
    list.push((format!("top 1_000 by {spend}"), Box::new(|r| r.greater < 1_000)));
    list.push((format!("bottom 25 percent by {spend}"), Box::new(|r| r.smaller * 4 < r.all)));
    for fifth in 1..=5 {
        list.push((
            format!("quantile({spend}, 5) = {fifth}"),
            Box::new(move |r| 1 + r.smaller * 5 / r.all == fifth),
        ));
    }
    list
}

/// How many have a greater sum, a smaller one, one at all.
struct Rank {
    greater: usize,
    smaller: usize,
    all: usize,
}

fn ranks(orders: &[&[Order]]) -> Vec<Rank> {
    let sums: Vec<i64> = orders.iter().map(|o| o.iter().map(|o| o.total).sum()).collect();
    let mut sorted = sums.clone();
    sorted.sort_unstable();
    let rank = |sum: &i64| Rank {
        greater: sorted.len() - sorted.partition_point(|other| other <= sum),
        smaller: sorted.partition_point(|other| other < sum),
        all: sorted.len(),
    };
    sums.iter().map(rank).collect()
}

fn evaluate_ranks(group: &mut Group<'_>, shop: &Shop, orders: &[&[Order]], as_of: AsOf) {
    let ranks = ranks(orders);
    let segments = rank_segments();
    let rules: Vec<String> = segments.iter().map(|(rule, _)| rule.clone()).collect();
    let found = shop.engine(&rules).evaluate(as_of).expect("an evaluation");
    for (n, (rule, meets)) in segments.iter().enumerate() {
        agree(&found, n, rule, ranks.iter().filter(|rank| meets(rank)).count());
    }
    for (name, rules) in [
        ("sum_compared", &["sum(orders.total) > 500".to_owned()][..]),
        ("top_10_percent_by_sum", &rules[..1]),
        ("3_ends_and_fifths_by_sum", &rules),
        ("quantile_1000_of_sum", &["quantile(sum(orders.total), 1000) = 500".to_owned()]),
    ] {
        group.bench_function(name, |b| {
            b.iter_batched(|| shop.engine(rules), |e| e.evaluate(as_of), BatchSize::PerIteration);
        });
        let engine = shop.engine(rules);
        engine.evaluate(as_of).expect("an evaluation");
        group.bench_function(format!("{name}_again"), |b| b.iter(|| engine.evaluate(as_of)));
    }
}

/// The groups of the preset `standard`, with the scores of recency and the means of frequency and monetary in them.
const GROUPS: [(&str, &[(usize, usize)]); 11] = [
    ("Champions", &[(5, 4), (5, 5), (4, 5)]),
    ("Loyal", &[(4, 4), (3, 4), (3, 5)]),
    ("Potential Loyalists", &[(5, 2), (5, 3), (4, 2), (4, 3)]),
    ("Recent", &[(5, 1)]),
    ("Promising", &[(4, 1), (3, 1)]),
    ("Needing Attention", &[(3, 2), (3, 3)]),
    ("About to Sleep", &[(2, 1)]),
    ("At Risk", &[(2, 3), (2, 4), (2, 5), (1, 3)]),
    ("Can't Lose", &[(1, 4), (1, 5)]),
    ("Hibernating", &[(2, 2), (1, 2)]),
    ("Lost", &[(1, 1)]),
];

/// Recency and the mean of frequency and monetary for each customer with a paid order of the last 365 days.
fn scores(orders: &[&[Order]]) -> Vec<(usize, usize)> {
    let bought = orders.iter().filter_map(|orders| {
        let paid: Vec<&Order> = orders.iter().filter(|o| o.status == 0 && o.ago <= 365).collect();
        let last = paid.iter().map(|o| o.ago).min()?;
        let count = i64::try_from(paid.len()).expect("a count");
        Some([-i64::from(last), count, paid.iter().map(|o| o.total).sum()])
    });
    let bought: Vec<[i64; 3]> = bought.collect();
    let sorted = [0, 1, 2].map(|which| {
        let mut sorted: Vec<i64> = bought.iter().map(|values| values[which]).collect();
        sorted.sort_unstable();
        sorted
    });
    let score = |values: &[i64; 3]| {
        let [r, f, m] = [0, 1, 2].map(|which| {
            let smaller = sorted[which].partition_point(|other| *other < values[which]);
            1 + smaller * 5 / bought.len()
        });
        (r, (f + m).div_ceil(2))
    };
    bought.iter().map(score).collect()
}

fn evaluate_rfm(group: &mut Group<'_>, shop: &Shop, orders: &[&[Order]], as_of: AsOf) {
    let scores = scores(orders);
    let rules: Vec<String> =
        GROUPS.iter().map(|(name, _)| format!("rfm.group = \"{name}\"")).collect();
    let found = shop.engine(&rules).evaluate(as_of).expect("an evaluation");
    for (n, (name, takes)) in GROUPS.iter().enumerate() {
        agree(&found, n, name, scores.iter().filter(|scores| takes.contains(scores)).count());
    }
    for (name, rules) in [
        ("rfm_recency", &["rfm.recency = 5".to_owned()][..]),
        ("rfm_champions", &rules[..1]),
        ("rfm_11_groups", &rules),
        ("rfm_scores_in_lower_case", &["lower(rfm.score) = lower(country)".to_owned()]),
    ] {
        group.bench_function(name, |b| {
            b.iter_batched(|| shop.engine(rules), |e| e.evaluate(as_of), BatchSize::PerIteration);
        });
        let engine = shop.engine(rules);
        engine.evaluate(as_of).expect("an evaluation");
        group.bench_function(format!("{name}_again"), |b| b.iter(|| engine.evaluate(as_of)));
    }
}

fn evaluate(c: &mut Criterion) {
    let shop = Shop::generate();
    let as_of: AsOf = "2026-11-01".parse().expect("a day");
    let orders = shop.orders_by_customer();

    let columns = column_segments();
    let engine = shop.engine(&columns.iter().map(|(rule, _)| rule.clone()).collect::<Vec<_>>());
    let found = engine.evaluate(as_of).expect("an evaluation");
    for (n, (rule, meets)) in columns.iter().enumerate() {
        let expected = shop.customers.iter().filter(|c| meets(c)).count();
        agree(&found, n, rule, expected);
    }
    let mut group = c.benchmark_group("evaluate_1m_customers_4m_orders");
    group.sample_size(10);
    group.bench_function("20_column_segments", |b| b.iter(|| engine.evaluate(as_of)));

    let rows = aggregate_segments();
    let engine = shop.engine(&rows.iter().map(|(rule, _)| rule.clone()).collect::<Vec<_>>());
    let found = engine.evaluate(as_of).expect("an evaluation");
    for (n, (rule, meets)) in rows.iter().enumerate() {
        let expected = shop.customers.iter().zip(&orders).filter(|(c, o)| meets(c, o)).count();
        agree(&found, n, rule, expected);
    }
    group.bench_function("20_aggregate_segments", |b| b.iter(|| engine.evaluate(as_of)));
    evaluate_ranks(&mut group, &shop, &orders, as_of);
    evaluate_rfm(&mut group, &shop, &orders, as_of);

    let catalog = || Catalog::builder(&shop.schema).snapshot(&shop.snapshot).build();
    let found = catalog().expect("a catalogue");
    let statuses = found.column("orders", "status").and_then(|column| column.contents.as_ref());
    for found in &statuses.expect("statuses").values {
        let status = STATUSES.map(|status| Value::Text(status.to_owned()));
        let status = status.iter().position(|status| *status == found.value);
        let expected = shop.orders.iter().filter(|order| Some(order.status) == status).count();
        assert_eq!(found.count, expected as u64);
    }
    group.bench_function("catalog", |b| b.iter(catalog));
    group.finish();
}

fn agree(found: &Evaluation, n: usize, rule: &str, expected: usize) {
    let members = found.members(&format!("s{n}")).expect("the segment").len();
    assert_eq!(members, expected as u64, "{rule}");
    assert!(expected > 0, "{rule} takes in nobody");
}

criterion_group!(benches, evaluate);
criterion_main!(benches);
