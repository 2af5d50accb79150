//! Values of customers, one by one, by hand.

use segmenta::{AsOf, Code, Engine, Key, Rules, Schema, Snapshot, Value};

const SCHEMA: &str = "
timezone = 'Europe/Stockholm'
[customers]
key = 'id'
created = 'since'
[customers.columns]
id = 'text'
weight = 'float'
since = 'datetime'
colours = 'set<text>'
home = 'geo'
[tables.orders]
customer = 'customer'
[tables.orders.columns]
customer = 'text'
total = 'decimal(2)'
";

fn engine(customers: &str) -> Engine {
    let schema = Schema::from_toml(SCHEMA).unwrap();
    let mut data = Snapshot::builder(&schema);
    data.csv_reader("customers", "c.csv", customers.as_bytes()).unwrap();
    data.csv_reader("orders", "o.csv", "customer,total\nb,0.01\nb,2\n".as_bytes()).unwrap();
    let rules = "let paid = sum(orders.total) let heavy = weight > 1 segment all { }";
    Engine::new(Rules::parse(&schema, rules).unwrap(), data.build().unwrap()).unwrap()
}

const CUSTOMERS: &str = "\
id,weight,since,colours,home
c,0.5,2025-12-31T23:30:00Z,,
b,,2025-06-01T00:00:00Z,red,59.33;18.06
a,1.5,2026-11-02T00:00:00Z,,
";

fn as_of(day: &str) -> AsOf {
    day.parse().unwrap()
}

#[test]
fn values_of_all_kinds_by_key() {
    let engine = engine(CUSTOMERS);
    let everyone = engine.snapshot().all();
    let asked = ["paid", "weight", "heavy", "year(since)", "id", "count(orders)"];
    // `a` comes later than that day.
    let found = engine.values(&everyone, asked, as_of("2026-11-01")).unwrap();
    let decimal = |text: &str| text.parse().ok().map(Value::Decimal);
    let text = |text: &str| Some(Value::Text(text.to_owned()));
    let no = Some(Value::Bool(false));
    assert_eq!(
        found,
        [
            (
                Key::from("b"),
                vec![decimal("2.01"), None, no.clone(), decimal("2025"), text("b"), decimal("2")]
            ),
            (
                Key::from("c"),
                vec![
                    decimal("0.00"),
                    Some(Value::Float(0.5)),
                    no,
                    // By the local clock.
                    decimal("2026"),
                    text("c"),
                    decimal("0")
                ]
            ),
        ]
    );
    let later = engine.values(&everyone, ["since"], as_of("2026-11-03")).unwrap();
    assert_eq!(later.iter().map(|(key, _)| key.to_string()).collect::<String>(), "abc");
    assert_eq!(engine.values(&everyone, [""; 0], as_of("2026-11-01")).unwrap()[1].1, []);
}

#[test]
fn customers_of_other_data_are_found_by_their_keys() {
    let engine = engine(CUSTOMERS);
    let mut other = self::engine(
        "id,weight,since,colours,home\nb,2,2026-12-01,,\nz,1,2026-01-01,,\nc,2,2026-01-01,,\n",
    );
    other.refresh(as_of("2026-11-01")).unwrap();
    let found = engine.values(&other.select("all").unwrap(), ["weight"], as_of("2026-11-01"));
    assert_eq!(found.unwrap(), [(Key::from("c"), vec![Some(Value::Float(0.5))])]);
}

#[test]
fn wrong_values_say_why() {
    let engine = engine(CUSTOMERS);
    let wrong = |text: &str| {
        let found = engine.values(&engine.snapshot().all(), ["weight", text], as_of("2026-11-01"));
        let error = found.unwrap_err();
        let found = error.diagnostics().iter().map(|found| (found.code, found.message.clone()));
        found.collect::<Vec<_>>()
    };
    let set = "values of customers are single ones, not a set of texts".to_owned();
    assert_eq!(wrong("colours"), [(Code::WrongType, set)]);
    let place = "values of customers are single ones, not a place".to_owned();
    assert_eq!(wrong("home"), [(Code::WrongType, place)]);
    assert_eq!(wrong("payd")[0].0, Code::UnknownColumn);
    assert_eq!(wrong("sum(orders.total")[0].0, Code::UnclosedBracket);
    assert_eq!(wrong("in segment all")[0].0, Code::UnknownSegment);
}
