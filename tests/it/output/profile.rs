//! What sets members apart, by hand.

use segmenta::{AsOf, Engine, Members, Profile, Rules, Schema, Snapshot, Value};

const SCHEMA: &str = r#"
timezone = "Europe/Stockholm"
[customers]
key = "id"
[customers.columns]
id = "int"
country = "text"
vip = "bool"
tags = "set<text>"
codes = "set<int>"
store = "ref<stores>"
birthday = "date"
seen = "datetime"
points = "int"
weight = "float"
same = "decimal(1)"
home = "geo"
[lookups.stores]
key = "store_id"
[lookups.stores.columns]
store_id = "text"
"#;

const CUSTOMERS: &str = "\
id,country,vip,tags,codes,store,birthday,seen,points,weight,same,home
1,SE,true,a;b,1,S1,1990-01-01,2025-12-31T23:30:00Z,10,,1.5,1;1
2,SE,true,a,,S1,1990-06-01,2025-12-31T22:30:00Z,20,2,1.5,1;1
3,NO,true,,1,S2,1991-01-01,,30,4,1.5,
4,NO,,b,,,,,40,6,1.5,
";

fn engine() -> Engine {
    let schema = Schema::from_toml(SCHEMA).unwrap();
    let mut data = Snapshot::builder(&schema);
    data.csv_reader("customers", "c.csv", CUSTOMERS.as_bytes()).unwrap();
    data.csv_reader("stores", "s.csv", "store_id\nS1\nS2\n".as_bytes()).unwrap();
    let rules = Rules::parse(
        &schema,
        "segment swedish { include country = 'SE' }\nsegment none { include id < 0 }",
    )
    .unwrap();
    let mut engine = Engine::new(rules, data.build().unwrap()).unwrap();
    engine.refresh("2026-11-01".parse::<AsOf>().unwrap()).unwrap();
    engine
}

fn shown(profile: &Profile, most: usize) -> Vec<String> {
    let shares = profile.shares.iter().take(most).map(|share| {
        let value = match &share.value {
            Some(Value::Text(text)) => text.clone(),
            Some(Value::Int(number)) => number.to_string(),
            Some(Value::Bool(truth)) => truth.to_string(),
            None => "missing".to_owned(),
            other => panic!("{other:?}"),
        };
        format!(
            "{} {value}: {} of {}, lift {:.2}, bits {:.3}",
            share.column, share.members, share.everyone, share.lift, share.bits
        )
    });
    shares.collect()
}

#[test]
fn the_most_telling_values_come_first() {
    let engine = engine();
    let everyone = engine.customers().unwrap();
    let profile = engine.select("swedish").unwrap().profile(&everyone, 20);
    assert_eq!((profile.members, profile.everyone), (2, 4));
    // p = 1 and q = 1/2 are one bit, p = 0 and q = 1/2 too; p = 1/2 and q = 1/4 are
    // 1/2·log2(2) + 1/2·log2(2/3) = 0.2075; p = 1 and q = 3/4 are log2(4/3) = 0.415; p = 0 and q = 1/4 likewise.
    assert_eq!(
        shown(&profile, 99),
        [
            "country NO: 0 of 2, lift 0.00, bits 1.000",
            "country SE: 2 of 2, lift 2.00, bits 1.000",
            "tags a: 2 of 2, lift 2.00, bits 1.000",
            "store S1: 2 of 2, lift 2.00, bits 1.000",
            "birthday 1990: 2 of 2, lift 2.00, bits 1.000",
            "seen missing: 0 of 2, lift 0.00, bits 1.000",
            "vip true: 2 of 3, lift 1.33, bits 0.415",
            "vip missing: 0 of 1, lift 0.00, bits 0.415",
            "tags missing: 0 of 1, lift 0.00, bits 0.415",
            "store S2: 0 of 1, lift 0.00, bits 0.415",
            "store missing: 0 of 1, lift 0.00, bits 0.415",
            "birthday 1991: 0 of 1, lift 0.00, bits 0.415",
            "birthday missing: 0 of 1, lift 0.00, bits 0.415",
            "seen 2025: 1 of 1, lift 2.00, bits 0.208",
            "seen 2026: 1 of 1, lift 2.00, bits 0.208",
            "weight missing: 1 of 1, lift 2.00, bits 0.208",
            "tags b: 1 of 2, lift 1.00, bits 0.000",
            "codes 1: 1 of 2, lift 1.00, bits 0.000",
            "codes missing: 1 of 2, lift 1.00, bits 0.000",
        ]
    );
    let means: Vec<_> = profile
        .means
        .iter()
        .map(|mean| (mean.column.as_str(), mean.mean, mean.mean_of_all, mean.lift))
        .collect();
    // Weights 2, 4 and 6: the member's 2 is 2 below 4, of which the deviation is the root of 8/3: 1.22; points 15 and 25,
    // the root of 125: 0.89.
    assert_eq!(
        means,
        [
            ("weight", Some(2.0), Some(4.0), Some(0.5)),
            ("points", Some(15.0), Some(25.0), Some(0.6)),
            ("same", Some(1.5), Some(1.5), Some(1.0)),
        ]
    );
    let differences: Vec<_> = profile.means.iter().map(|mean| mean.difference).collect();
    assert!((differences[0].unwrap() + 2.0 / (8.0_f64 / 3.0).sqrt()).abs() < 1e-12);
    assert!((differences[1].unwrap() + 10.0 / 125.0_f64.sqrt()).abs() < 1e-12);
    assert_eq!(differences[2], None);
}

#[test]
fn so_many_values_of_each_column_and_nobody() {
    let engine = engine();
    let everyone = engine.customers().unwrap();
    let profile = engine.select("swedish").unwrap().profile(&everyone, 1);
    let columns: Vec<&str> = profile.shares.iter().map(|share| share.column.as_str()).collect();
    assert_eq!(columns, ["country", "tags", "store", "birthday", "seen", "vip", "weight", "codes"]);
    let nobody = engine.select("none").unwrap().profile(&everyone, 3);
    assert_eq!(nobody.members, 0);
    assert!(nobody.shares.iter().all(|share| share.members == 0 && share.share == 0.0));
    assert!(nobody.means.iter().all(|mean| mean.mean.is_none() && mean.lift.is_none()));
}

#[test]
fn changes_make_no_difference_to_a_rebuild() {
    let mut engine = engine();
    let mut changes = engine.changes();
    changes.delete("customers", 4).unwrap();
    changes
        .push(
            "customers",
            [("id", Some(Value::Int(3))), ("country", Some(Value::Text("SE".into())))],
        )
        .unwrap();
    engine.apply(changes).unwrap();
    let all: Members<'_> = engine.snapshot().all();
    let profile = engine.select("swedish").unwrap().profile(&all, 2);
    assert_eq!((profile.members, profile.everyone), (3, 3));
    assert!(profile.shares.iter().all(|share| share.lift == 1.0 && share.bits == 0.0));
}
