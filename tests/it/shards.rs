//! Customers shared out to several engines have the members that one engine finds, places among all included.

use std::collections::BTreeMap;

use segmenta::{AsOf, Axis, Engine, Key, Measure, Model, Rules, Schema, Snapshot, Value};

const SCHEMA: &str = "
timezone = 'Europe/Stockholm'
[customers]
key = 'id'
[customers.columns]
id = 'int'
country = 'text'
[tables.orders]
customer = 'customer'
time = 'ordered_at'
[tables.orders.columns]
customer = 'int'
ordered_at = 'datetime'
total = 'decimal(2)'
[predict]
table = 'orders'
amount = 'total'
";

/// What all engines share.
const SEGMENTS: &str = "
let spent = sum(orders.total)
let basket = avg(orders.total)
let latest = last(orders.ordered_at)
segment big_swedes { include big and country = 'SE' }
segment small_spenders { include not big and spent >= 100 }
segment often_there { include often }
segment long_ago { include gone exclude big }
segment fourth_basket { include fourth }
segment first_hundred { include early or in segment big_swedes }
segment sampled { include sample 30 percent seed 'a' }
segment expected { include predict.orders(90 days) >= 0.8 and country != 'SE' }
segment recent { include count(orders where ordered_at within last 30 days) >= 2 }
";

/// By the name of the `let`: the value that customers are placed by, and the place.
const PLACES: [(&str, &str, &str); 5] = [
    ("big", "spent", "top 12.5 percent by"),
    ("often", "count(orders)", "top 700 by"),
    ("gone", "latest", "bottom 10 percent by"),
    ("early", "first(orders.ordered_at)", "bottom 100 by"),
    ("fourth", "basket", "quantile"),
];

fn place(how: &str, value: &str) -> String {
    match how {
        "quantile" => format!("quantile({value}, 5) = 4"),
        _ => format!("{how} {value}"),
    }
}

/// An engine over the customers for whom `of` says so; without a model it fits one.
fn engine(places: &str, model: Option<&Model>, of: impl Fn(i64) -> bool) -> Engine {
    let schema = Schema::from_toml(SCHEMA).unwrap();
    let mut data = Snapshot::builder(&schema);
    let mut state = 1_u64;
    // Of Knuth's MMIX.
    let mut draw = |below: u32| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(state >> 33).unwrap() % below
    };
    for id in 1..=2_000_i64 {
        let country = Some(Value::Text(["SE", "NO", "DE"][draw(3) as usize].to_owned()));
        if of(id) {
            let id = Some(Value::Int(id));
            data.push("customers", [("id", id), ("country", country)]).unwrap();
        }
        // Some buy often and some stop early, as the models want it.
        let (gap, leaves) = ([5, 20, 60][draw(3) as usize], [5, 70][draw(2) as usize]);
        let mut day = draw(150);
        while day < 300 {
            // Sums that tie, and instants within a day.
            let total = format!("{}.{}0", 5 * draw(30), draw(2) * 5);
            let date = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
            let date = date + chrono::Days::new(day.into());
            let time = date.and_hms_opt(draw(24), draw(4) * 15, 0).unwrap();
            if of(id) {
                let row = [
                    ("customer", Some(Value::Int(id))),
                    ("ordered_at", Some(Value::DateTime(time.and_utc()))),
                    ("total", total.parse().ok().map(Value::Decimal)),
                ];
                data.push("orders", row).unwrap();
            }
            day += if draw(100) < leaves { 300 } else { 1 + draw(2 * gap) };
        }
    }
    let rules = Rules::builder(&schema).file("segments.seg", SEGMENTS).file("places.seg", places);
    let mut engine = Engine::new(rules.build().unwrap(), data.build().unwrap()).unwrap();
    engine.set_model(model.cloned());
    let refresh = engine.refresh(as_of()).unwrap();
    assert_eq!(
        refresh.failures().map(|(name, why)| format!("{name}: {why}")).collect::<Vec<_>>(),
        [""; 0]
    );
    engine
}

fn as_of() -> AsOf {
    "2026-11-01".parse().unwrap()
}

fn members(engine: &Engine) -> BTreeMap<String, Vec<Key>> {
    let names = engine.rules().segments().map(|segment| segment.name().to_owned());
    names.map(|name| (name.clone(), engine.keys(&name).unwrap())).collect()
}

/// The conditions on a value that have the members of a place: between the least and the greatest that they have.
fn edges(name: &str, value: &str, how: &str, found: &[(Key, Option<Value>)]) -> String {
    let ty = match found.iter().find_map(|(_, value)| value.as_ref()).unwrap() {
        Value::Decimal(number) => format!("decimal({})", number.scale()),
        Value::DateTime(_) => "datetime".to_owned(),
        Value::Float(_) => "float".to_owned(),
        other => panic!("{other:?}"),
    };
    let schema = format!(
        "timezone = 'Europe/Stockholm'\n[customers]\nkey = 'id'\n[customers.columns]\nid = 'int'\nvalue = '{ty}'"
    );
    let schema = Schema::from_toml(&schema).unwrap();
    let mut data = Snapshot::builder(&schema);
    for (key, value) in found {
        let Key::Int(id) = key else { panic!("{key}") };
        data.push("customers", [("id", Some(Value::Int(*id))), ("value", value.clone())]).unwrap();
    }
    let rule = format!("segment placed {{ include {} }}", place(how, "value"));
    let rules = Rules::parse(&schema, &rule).unwrap();
    let mut engine = Engine::new(rules, data.build().unwrap()).unwrap();
    engine.refresh(as_of()).unwrap();
    let axis = Axis::new().segments(["placed"]);
    let axis = axis.measure("least", Measure::min("value")).measure("most", Measure::max("value"));
    let row = engine.axis(&axis).unwrap().rows.remove(0);
    let literal = |value: &Option<Value>| match value.as_ref().unwrap() {
        Value::Decimal(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::DateTime(time) => time.format("%Y-%m-%dT%H:%M:%S%.fZ").to_string(),
        other => panic!("{other:?}"),
    };
    let (least, most) = (literal(&row.values[0]), literal(&row.values[1]));
    format!("let {name} = {value} >= {least} and {value} <= {most}\n")
}

#[test]
fn shards_find_the_members_of_the_whole() {
    let whole: String = PLACES
        .iter()
        .map(|(name, value, how)| format!("let {name} = {}\n", place(how, value)))
        .collect();
    let one = engine(&whole, None, |_| true);
    let (model, expected) = (one.model(), members(&one));
    for (name, members) in &expected {
        assert!(members.len() > 5, "{name} has {members:?}");
    }
    assert!(expected["often_there"].len() > 700, "nobody ties at the edge");

    for shards in [2, 3, 8] {
        let of = |shard: i64| move |id: i64| id % shards == shard;
        // Places among a shard's own are other ones.
        let alone = (0..shards).map(|shard| members(&engine(&whole, model, of(shard))));
        let alone = union(&alone.collect::<Vec<_>>());
        assert_ne!(alone["big_swedes"], expected["big_swedes"]);

        let mut places = String::new();
        for (name, value, how) in PLACES {
            let mut found = Vec::new();
            for shard in 0..shards {
                let shard = engine(&whole, model, of(shard));
                let everyone = shard.snapshot().all();
                let values = shard.values(&everyone, [value], as_of()).unwrap();
                found.extend(values.into_iter().map(|(key, mut values)| (key, values.remove(0))));
            }
            places += &edges(name, value, how, &found);
        }
        let found = (0..shards).map(|shard| members(&engine(&places, model, of(shard))));
        let found: Vec<_> = found.collect();
        assert_eq!(union(&found), expected, "{places}");
    }
}

fn union(shards: &[BTreeMap<String, Vec<Key>>]) -> BTreeMap<String, Vec<Key>> {
    let mut all: BTreeMap<String, Vec<Key>> = BTreeMap::new();
    for (name, keys) in shards.iter().flatten() {
        all.entry(name.clone()).or_default().extend(keys.iter().cloned());
    }
    all.values_mut().for_each(|keys| keys.sort());
    all
}
