//! Figures by segment, by hand.

use segmenta::{
    AsOf, Axis, Code, Decimal, Engine, Group, GroupBy, Measure, Rules, Schema, Snapshot, Value,
};

const SCHEMA: &str = r#"
timezone = "Europe/Stockholm"
[customers]
key = "id"
created = "since"
[customers.columns]
id = "int"
country = "text"
points = "int"
weight = "float"
vip = "bool"
birthday = "date"
since = "datetime"
[tables.orders]
customer = "customer"
time = "day"
[tables.orders.columns]
customer = "int"
day = "date"
total = "decimal(2)"
status = "text"
"#;

const CUSTOMERS: &str = "\
id,country,points,weight,vip,birthday,since
1,SE,10,0.5,true,1990-05-01,2025-12-31T23:30:00
2,SE,20,,false,1990-12-31,2025-12-31T22:30:00Z
3,NO,,0.25,true,,2026-01-01T00:00:00
4,,30,1.5,,2001-01-01,2026-02-01
5,SE,1,1,true,2001-01-01,2026-12-01
";

const ORDERS: &str = "\
customer,day,total,status
1,2026-01-01,10.00,paid
1,2026-01-02,20.00,paid
1,2026-01-03,99.99,open
2,2026-01-01,0.01,paid
4,2026-11-01,3.00,paid
4,2026-12-24,500.00,paid
";

const RULES: &str = "\
let paid(t) = sum(orders.total where status = 'paid')
let revenue = sum(orders.total where status = 'paid')
segment all { analytics: true }
segment swedish { analytics: true include country = 'SE' }
segment none { analytics: true include points > 1000 }
segment other { include country = 'NO' }
";

fn engine() -> Engine {
    let schema = Schema::from_toml(SCHEMA).unwrap();
    let mut data = Snapshot::builder(&schema);
    data.csv_reader("customers", "c.csv", CUSTOMERS.as_bytes()).unwrap();
    data.csv_reader("orders", "o.csv", ORDERS.as_bytes()).unwrap();
    let rules = Rules::parse(&schema, RULES).unwrap();
    let mut engine = Engine::new(rules, data.build().unwrap()).unwrap();
    // Customer 5 and the order of Christmas do not exist yet.
    engine.refresh("2026-11-01".parse::<AsOf>().unwrap()).unwrap();
    engine
}

fn shown(engine: &Engine, axis: &Axis) -> String {
    engine.axis(axis).unwrap().to_string()
}

#[test]
fn marked_segments_with_all_measures() {
    let axis = Axis::new()
        .measure("revenue", Measure::sum("revenue"))
        .measure("per customer", Measure::avg("revenue"))
        .measure("order", Measure::ratio("revenue", "count(orders where status = 'paid')"))
        .measure("least", Measure::min("points"))
        .measure("most", Measure::max("weight"))
        .measure("weight", Measure::sum("weight"))
        .measure("first", Measure::min("country"))
        .measure("youngest", Measure::max("birthday"))
        .measure("newest", Measure::max("since"));
    // Of all: 30.00 + 0.01 + 0 + 3.00 over 4 customers and 4 paid orders; of Sweden: 30.01 over 2 and 3.
    assert_eq!(
        shown(&engine(), &axis),
        "\
all: 4, revenue 33.01, per customer 8.2525, order 8.2525, least 10, most 1.5, weight 2.25, first NO, youngest 2001-01-01, newest 2026-01-31T23:00:00Z
swedish: 2, revenue 30.01, per customer 15.005, order 10.003333333333334, least 10, most 0.5, weight 0.5, first SE, youngest 1990-12-31, newest 2025-12-31T22:30:00Z
none: 0, revenue 0.00, per customer missing, order missing, least missing, most missing, weight 0, first missing, youngest missing, newest missing
"
    );
}

#[test]
fn segments_divided() {
    let engine = engine();
    let by = |by: GroupBy| {
        shown(
            &engine,
            &Axis::new().by(by).measure("points", Measure::sum("points")).segments(["all", "NONE"]),
        )
    };
    assert_eq!(
        by(GroupBy::value("country")),
        "all / NO: 1, points 0\nall / SE: 2, points 30\nall / missing: 1, points 30\n"
    );
    assert_eq!(
        by(GroupBy::value("vip")),
        "all / false: 1, points 20\nall / true: 2, points 10\nall / missing: 1, points 30\n"
    );
    assert_eq!(
        by(GroupBy::value("points >= 20 or country = 'NO'")),
        "all / false: 1, points 10\nall / true: 3, points 50\n"
    );
    assert_eq!(
        by(GroupBy::value("count(orders)")),
        "all / 0: 1, points 0\nall / 1: 2, points 50\nall / 3: 1, points 10\n"
    );
    // An edge belongs to the range that it begins.
    assert_eq!(
        by(GroupBy::ranges("points", [10, 20, 25])),
        "all / 10 to 20: 1, points 10\nall / 20 to 25: 1, points 20\nall / from 25: 1, points 30\n\
         all / missing: 1, points 0\n"
    );
    let half: Decimal = "0.5".parse().unwrap();
    assert_eq!(
        by(GroupBy::ranges("weight", [half])),
        "all / below 0.5: 1, points 0\nall / from 0.5: 2, points 40\nall / missing: 1, points 20\n"
    );
    assert_eq!(
        by(GroupBy::year("birthday")),
        "all / 1990: 2, points 30\nall / 2001: 1, points 30\nall / missing: 1, points 0\n"
    );
    // 22:30 in UTC is half past eleven in Stockholm, still in December; local times are given without a zone.
    assert_eq!(
        by(GroupBy::month("since")),
        "all / 2025-12: 2, points 30\nall / 2026-01: 1, points 0\nall / 2026-02: 1, points 30\n"
    );
    let table = engine.axis(&Axis::new().by(GroupBy::value("birthday")).segments(["all"])).unwrap();
    let day = chrono::NaiveDate::from_ymd_opt(1990, 5, 1).unwrap();
    assert_eq!(table.rows[0].group, Some(Group::Value(Value::Date(day))));
    assert_eq!(table.rows.last().unwrap().group, Some(Group::Missing));
}

#[test]
fn other_members_and_other_moments() {
    let engine = engine();
    let everyone = engine.customers().unwrap();
    assert_eq!(everyone.keys(), [1.into(), 2.into(), 3.into(), 4.into()]);
    let swedish = engine.select("swedish").unwrap();
    let axis = Axis::new()
        .segments(["other"])
        .members("the rest", &(&everyone - &swedish))
        .members("from a store", &engine.snapshot().select(&[4.into(), 5.into(), 77.into()]))
        .measure("revenue", Measure::sum("revenue"));
    assert_eq!(
        shown(&engine, &axis),
        "other: 1, revenue 0.00\nthe rest: 2, revenue 3.00\nfrom a store: 1, revenue 3.00\n"
    );
    let later = axis.as_of("2026-12-31".parse::<AsOf>().unwrap());
    assert_eq!(
        shown(&engine, &later),
        "other: 1, revenue 0.00\nthe rest: 2, revenue 503.00\nfrom a store: 2, revenue 503.00\n"
    );
}

#[test]
fn changes_are_seen_where_they_lie() {
    let mut engine = engine();
    let mut changes = engine.changes();
    let key = Some(Value::Int(1));
    changes.delete("customers", 2).unwrap();
    changes
        .push(
            "customers",
            [
                ("id", key),
                ("country", Some(Value::Text("SE".into()))),
                ("points", Some(Value::Int(7))),
            ],
        )
        .unwrap();
    engine.apply(changes).unwrap();
    let axis = Axis::new()
        .measure("points", Measure::sum("points"))
        .measure("revenue", Measure::sum("revenue"));
    assert_eq!(
        shown(&engine, &axis),
        "all: 3, points 37, revenue 33.00\nswedish: 1, points 7, revenue 30.00\nnone: 0, points 0, revenue 0.00\n"
    );
}

#[test]
fn a_place_among_all_is_a_value_too() {
    let axis = Axis::new().segments(["all"]).by(GroupBy::value("quantile(points, 2)"));
    // Of 10, 20 and 30: 1 + floor(2 × 0/3), 1 + floor(2 × 1/3), 1 + floor(2 × 2/3).
    assert_eq!(shown(&engine(), &axis), "all / 1: 2\nall / 2: 1\nall / missing: 1\n");
}

#[test]
fn what_is_wrong_is_told_with_the_codes_of_rules() {
    let engine = engine();
    let codes = |axis: Axis| {
        let error = engine.axis(&axis).unwrap_err();
        let found = error.diagnostics().iter();
        found.map(|found| (found.code, found.message.clone())).collect::<Vec<_>>()
    };
    let one = |measure| codes(Axis::new().measure("m", measure));
    let (code, message) = &one(Measure::sum("sum(orders.totl)"))[0];
    assert_eq!((*code, &**message), (Code::UnknownColumn, "unknown column `totl` of `orders`"));
    let wrong = |text: &str| vec![(Code::WrongType, text.to_owned())];
    assert_eq!(one(Measure::sum("country")), wrong("`sum` takes numbers, not a text"));
    assert_eq!(
        one(Measure::max("vip")),
        wrong("`max` takes numbers, texts, dates and datetimes, not a boolean")
    );
    assert_eq!(one(Measure::avg("points > 1"))[0].0, Code::NotAValue);
    assert_eq!(one(Measure::sum("points +"))[0].0, Code::UnexpectedToken);
    let by = |by| codes(Axis::new().by(by));
    let groups = "customers are grouped by texts, booleans, exact numbers and dates";
    assert_eq!(by(GroupBy::value("weight")), wrong(&format!("{groups}, not a float")));
    assert_eq!(by(GroupBy::value("since")), wrong(&format!("{groups}, not a datetime")));
    assert_eq!(
        by(GroupBy::year("points")),
        wrong("years and months are of dates and datetimes, not a number")
    );
    assert_eq!(by(GroupBy::value("in segment all"))[0].0, Code::UnknownSegment);
    let unknown = codes(Axis::new().segments(["swedsh", "all"]));
    assert_eq!(unknown, [(Code::UnknownSegment, "unknown segment `swedsh`".to_owned())]);
    for edges in [&[][..], &[1, 1], &[2, 1]] {
        let axis = Axis::new().by(GroupBy::ranges("points", edges.iter().copied()));
        assert!(engine.axis(&axis).unwrap_err().to_string().contains("must ascend"));
    }
    let error = engine.axis(&Axis::new().measure("revenue", Measure::sum("totl"))).unwrap_err();
    let place = error.diagnostics()[0].location.clone().unwrap();
    assert_eq!((place.file.as_str(), place.line, place.column), ("revenue", 1, 1));
}

#[test]
fn sums_of_decimals_are_exact_beyond_64_bits() {
    let schema = Schema::from_toml(
        "timezone = 'UTC'\n[customers]\nkey = 'id'\n[customers.columns]\nid = 'int'\nb = 'decimal(2)'\n",
    )
    .unwrap();
    let mut data = Snapshot::builder(&schema);
    let most = Decimal::new(i64::MAX.into(), 2);
    for id in 0..200_000 {
        data.push("customers", [("id", Some(Value::Int(id))), ("b", most.map(Value::Decimal))])
            .unwrap();
    }
    let rules = Rules::parse(&schema, "segment all { analytics: true }").unwrap();
    let mut engine = Engine::new(rules, data.build().unwrap()).unwrap();
    engine.refresh("2026-11-01".parse::<AsOf>().unwrap()).unwrap();
    let table = engine.axis(&Axis::new().measure("b", Measure::sum("b"))).unwrap();
    let expected = Decimal::new(i128::from(i64::MAX) * 200_000, 2).map(Value::Decimal);
    assert_eq!((table.rows[0].customers, &table.rows[0].values[0]), (200_000, &expected));
}
