//! The data of an online shop with cut points, as of 11 December 2011, the day of many a notebook on them.
//!
//! Reproduced are: 4,338 customers with 18,532 invoices; recency, frequency and monetary of the first customers (days are
//! local days here, and were whole days of 24 hours up to midnight there: one less); the quartiles 307.415, 674.485 and
//! 1,661.74 of monetary; the sizes 861, 866, 863, 880, 868 of recency; the 1,727 customers in the groups of little recency
//! (1,071 hibernating, 593 at risk, 63 not to lose). Left out are the sizes of the other groups, and how these three
//! share their customers: notebooks put customers with equally many invoices in an order of rows before they cut it,
//! and here equal values have equal scores.
//!
//! Left out of the data are cancelled invoices and the four that are worth nothing; with these one customer would buy for
//! nothing alone, whom the notebooks take out.
//!
//! `tests/data/online_retail/rfm_scores.csv` was written by pandas 3.1: `qcut(days, 5)` turned round, `qcut(total, 5)`, and
//! of frequency 1 + the number of `quantile([.2, .4, .6, .8])` below the value, since `qcut` refuses cut points that are
//! equal.

use std::path::PathBuf;

use segmenta::{Key, Rules, Schema, Snapshot};

use super::members;

const SCHEMA: &str = r#"
timezone = "Europe/London"
[customers]
key = "id"
[customers.columns]
id = "int"
[tables.orders]
customer = "customer"
time = "ordered_at"
[tables.orders.columns]
customer = "int"
ordered_at = "datetime"
status = "text"
total = "decimal(3)"
[rfm]
table = "orders"
amount = "total"
where = "status = 'completed' and total > 0"
method = "qcut"
"#;

const BOUGHT: &str = "status = 'completed' and total > 0";

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/online_retail")
}

fn found(more: &str, rules: &str) -> Vec<(String, Vec<Key>)> {
    let schema = Schema::from_toml(&format!("{SCHEMA}{more}")).unwrap();
    let mut data = Snapshot::builder(&schema);
    for table in ["customers", "orders"] {
        data.csv_file(table, folder().join(format!("{table}.csv.gz"))).unwrap();
    }
    let rules = Rules::parse(&schema, rules).unwrap();
    members(&rules, &data.build().unwrap(), "2011-12-11")
}

#[test]
fn scores_are_those_of_pandas() {
    let text = std::fs::read_to_string(folder().join("rfm_scores.csv")).unwrap();
    let expected: Vec<(&str, usize)> = text
        .lines()
        .skip(1)
        .map(|line| line.split_once(',').unwrap())
        .map(|(score, customers)| (score, customers.parse().unwrap()))
        .collect();
    assert_eq!(expected.iter().map(|(_, customers)| customers).sum::<usize>(), 4_338);
    let rules = expected
        .iter()
        .map(|(score, _)| format!("segment s{score} {{ include rfm.score = '{score}' }}\n"));
    let rules: String = rules.collect();
    let found = found("", &format!("{rules}segment all {{ include rfm.score is not null }}"));
    let (all, each) = found.split_last().unwrap();
    assert_eq!(all.1.len(), 4_338);
    let each: Vec<_> = each.iter().map(|(name, keys)| (&name[1..], keys.len())).collect();
    assert_eq!(each, expected);
}

#[test]
fn published_figures_come_out() {
    let rules = format!(
        "let bought = {BOUGHT}
let days = days_since(last(orders.ordered_at where bought))
let spent = sum(orders.total where bought)
let times = count(orders where bought)
segment first {{ include any of (
  id = 12346 and days = 327 and times = 1 and spent = 77183.60,
  id = 12347 and days = 4 and times = 7 and spent = 4310.00,
  id = 12348 and days = 77 and times = 4 and spent = 1797.24,
  id = 12349 and days = 20 and times = 1 and spent = 1757.55,
  id = 12350 and days = 312 and times = 1 and spent = 334.40,
) }}
segment r1 {{ include rfm.recency = 1 }}
segment r2 {{ include rfm.recency = 2 }}
segment r3 {{ include rfm.recency = 3 }}
segment r4 {{ include rfm.recency = 4 }}
segment r5 {{ include rfm.recency = 5 }}
segment old {{ include rfm.group in ('Hibernating', 'At Risk', \"Can't Lose\") }}
"
    );
    let found = found("groups = \"ten\"\n", &rules);
    let sizes: Vec<_> = found.iter().map(|(_, keys)| keys.len()).collect();
    assert_eq!(sizes, [5, 861, 866, 863, 880, 868, 1_071 + 593 + 63]);
}

#[test]
fn quartiles_are_the_published_ones() {
    let rules = format!(
        "let spent = sum(orders.total where {BOUGHT})
segment q1 {{ include rfm.monetary = 1 }}
segment below1 {{ include spent > 0 and spent <= 307.415 }}
segment q2 {{ include rfm.monetary = 2 }}
segment below2 {{ include spent > 307.415 and spent <= 674.485 }}
segment q3 {{ include rfm.monetary = 3 }}
segment below3 {{ include spent > 674.485 and spent <= 1661.74 }}
segment q4 {{ include rfm.monetary = 4 }}
segment below4 {{ include spent > 1661.74 }}
"
    );
    let found = found("levels = 4\n", &rules);
    for pair in found.chunks(2) {
        assert_eq!(pair[0].1, pair[1].1, "{}", pair[0].0);
        assert!(pair[0].1.len() > 1_000);
    }
}
