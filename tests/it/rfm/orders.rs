//! The data, cut points and segments of the R package `rfm`, as of 2006-12-31.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs::File,
    io::Read as _,
    path::PathBuf,
};

use flate2::read::GzDecoder;
use segmenta::{Key, Rules, Schema, Snapshot};

use super::members;

const SCHEMA: &str = r#"
[customers]
key = "id"
[customers.columns]
id = "int"

[tables.orders]
customer = "customer"
time = "day"
[tables.orders.columns]
customer = "int"
day = "date"
revenue = "int"

[rfm]
table = "orders"
amount = "revenue"

[rfm.thresholds]
recency_days = [115, 181, 297.4, 482]
frequency = [4, 5, 6, 8]
monetary = [255.8, 382, 506.4, 666]
"#;

/// The segments of the package and what it counts. A customer is in the first that fits.
const SEGMENTS: &str = "
partition segments {
  champions when rfm.recency = 5 and rfm.frequency = 5 and rfm.monetary = 5,
  potential_loyalist when rfm.recency >= 3 and rfm.frequency >= 3 and rfm.monetary >= 2,
  loyal_customers when
    rfm.recency between 2 and 4 and rfm.frequency between 2 and 4 and rfm.monetary between 2 and 4,
  promising when rfm.recency between 3 and 4 and rfm.frequency <= 3 and rfm.monetary >= 3,
  new_customers when rfm.recency >= 4 and rfm.frequency <= 3,
  cant_lose_them when
    rfm.recency <= 2 and rfm.frequency between 3 and 4 and rfm.monetary >= 4,
  at_risk when rfm.recency <= 2 and rfm.frequency >= 2 and rfm.monetary >= 4,
  need_attention when rfm.recency <= 3 and rfm.frequency >= 3 and rfm.monetary >= 3,
  about_to_sleep when
    rfm.recency between 2 and 3 and rfm.frequency <= 3 and rfm.monetary <= 4,
  lost when rfm.recency = 1,
  rest otherwise,
}
";
const PUBLISHED: [(&str, usize); 11] = [
    ("champions", 35),
    ("potential_loyalist", 342),
    ("loyal_customers", 170),
    ("promising", 9),
    ("new_customers", 104),
    ("cant_lose_them", 47),
    ("at_risk", 28),
    ("need_attention", 10),
    ("about_to_sleep", 102),
    ("lost", 148),
    ("rest", 0),
];

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/rfm").join(name)
}

fn data(schema: &Schema) -> Snapshot {
    let mut data = Snapshot::builder(schema);
    for table in ["customers", "orders"] {
        data.csv_file(table, file(&format!("{table}.csv.gz"))).unwrap();
    }
    data.build().unwrap()
}

#[test]
fn the_segments_have_the_published_sizes() {
    let schema = Schema::from_toml(SCHEMA).unwrap();
    let rules = Rules::parse(&schema, SEGMENTS).unwrap();
    let found = members(&rules, &data(&schema), "2006-12-31");
    let sizes: Vec<_> = found.iter().map(|(name, keys)| (name.as_str(), keys.len())).collect();
    let published = PUBLISHED.map(|(name, size)| (format!("segments.{name}"), size));
    let published: Vec<_> = published.iter().map(|(name, size)| (name.as_str(), *size)).collect();
    assert_eq!(sizes, published);
}

#[test]
fn all_customers_have_the_scores_of_a_loop_over_the_file() {
    let expected = scores();
    assert_eq!(expected.values().map(BTreeSet::len).sum::<usize>(), 995);
    let schema = Schema::from_toml(SCHEMA).unwrap();
    let mut rules = String::new();
    for r in 1..=5 {
        for f in 1..=5 {
            for m in 1..=5 {
                writeln!(rules, "segment s{r}{f}{m} {{ include rfm.score = '{r}{f}{m}' }}")
                    .unwrap();
            }
        }
    }
    let rules = Rules::parse(&schema, &rules).unwrap();
    for (name, keys) in members(&rules, &data(&schema), "2006-12-31") {
        let expected = expected.get(&name[1..]).cloned().unwrap_or_default();
        let expected: Vec<Key> = expected.into_iter().map(Key::Int).collect();
        assert_eq!(keys, expected, "{name}");
    }
}

/// Who has which score, in tenths of days and money.
fn scores() -> BTreeMap<String, BTreeSet<i64>> {
    let mut text = String::new();
    GzDecoder::new(File::open(file("orders.csv.gz")).unwrap()).read_to_string(&mut text).unwrap();
    let mut customers: BTreeMap<i64, (chrono::NaiveDate, i64, i64)> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let (day, revenue): (chrono::NaiveDate, i64) =
            (fields[1].parse().unwrap(), fields[2].parse().unwrap());
        let known = customers.entry(fields[0].parse().unwrap()).or_insert((day, 0, 0));
        *known = (known.0.max(day), known.1 + 1, known.2 + revenue);
    }
    let as_of = chrono::NaiveDate::from_ymd_opt(2006, 12, 31).unwrap();
    let mut scores: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
    for (customer, (last, count, sum)) in customers {
        let days = (as_of - last).num_days();
        let below = |cuts: [i64; 4], value: i64| cuts.iter().filter(|cut| **cut <= value).count();
        let r = 5 - below([1150, 1810, 2974, 4820], days * 10);
        let f = 1 + below([40, 50, 60, 80], count * 10);
        let m = 1 + below([2558, 3820, 5064, 6660], sum * 10);
        scores.entry(format!("{r}{f}{m}")).or_default().insert(customer);
    }
    scores
}
