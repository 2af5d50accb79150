//! Figures by segment are those that the oracle's values add up to.

use std::{cell::Cell, cmp::Ordering, collections::BTreeMap};

use proptest::{
    prelude::any,
    test_runner::{Config, TestCaseError, TestRunner},
};
use segmenta::{
    AsOf, Axis, Decimal, Engine, GroupBy, Key, Measure, Rules, Schema, Snapshot, Value,
    internals::axis_values,
};

use super::{
    choices::Choices,
    definitions,
    rules::{self, Scope},
    world::{Kind, World},
};

#[test]
fn figures_are_those_of_the_oracles_values() {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 500;
    }
    let mut runner = TestRunner::new(config);
    let stream = |length| proptest::collection::vec(any::<u8>(), 0..length);
    let figures = Cell::new(0);
    let run = |(data, rules): (Vec<u8>, Vec<u8>)| {
        figures.set(figures.get() + agree(&data, &rules).map_err(TestCaseError::fail)?);
        Ok(())
    };
    runner.run(&(stream(3_000), stream(400)), run).unwrap();
    assert!(figures.get() > 2_000, "only {} figures were there to compare", figures.get());
}

struct Asked {
    kind: &'static str,
    first: String,
    second: String,
}

/// How many figures were compared.
fn agree(data: &[u8], stream: &[u8]) -> Result<usize, String> {
    let world = World::random(&mut Choices::new(data));
    let c = &mut Choices::new(stream);
    let mut scope = Scope::of_customers(&world);
    let definitions = definitions::define(c, &mut scope);
    let a = rules::condition(c, &scope, 2);
    let rules = format!(
        "{definitions}segment everyone {{ analytics: true }}\nsegment a {{ analytics: true include {a} }}\nsegment b {{ }}"
    );
    let asked: Vec<Asked> = ["sum", "avg", "min", "max", "ratio"]
        .map(|kind| Asked {
            kind,
            first: rules::number(c, &scope, 2),
            second: rules::number(c, &scope, 1),
        })
        .into();
    let way = c.below(5);
    let by = match way {
        0 => GroupBy::value(scope.path(c, |kind| kind == Kind::Text)),
        1 => GroupBy::value(rules::condition(c, &scope, 1)),
        2 => GroupBy::value(scope.path(c, |kind| matches!(kind, Kind::Int | Kind::Date))),
        3 => GroupBy::year(scope.path(c, |kind| matches!(kind, Kind::Date | Kind::DateTime))),
        _ => GroupBy::month(scope.path(c, |kind| matches!(kind, Kind::Date | Kind::DateTime))),
    };
    check(&world, &rules, &asked, (by, way == 3)).map_err(|problem| {
        let asked: Vec<_> = asked
            .iter()
            .map(|one| format!("{} {} / {}", one.kind, one.first, one.second))
            .collect();
        let tables: Vec<_> = world
            .tables
            .iter()
            .map(|table| format!("--- {}.csv\n{}", table.name, table.rows))
            .collect();
        format!(
            "{problem}\n{asked:#?}\nas of {}\n{}{}\n{rules}",
            world.as_of,
            world.schema,
            tables.concat()
        )
    })
}

fn check(
    world: &World,
    text: &str,
    asked: &[Asked],
    (by, by_year): (GroupBy, bool),
) -> Result<usize, String> {
    let told = |error: segmenta::Error| error.to_string();
    let schema = Schema::from_toml(&world.schema).map_err(told)?;
    let rules = Rules::parse(&schema, text).map_err(told)?;
    let mut builder = Snapshot::builder(&schema);
    for table in &world.tables {
        builder.csv_reader(table.name, table.name, table.rows.as_bytes()).map_err(told)?;
    }
    let mut engine = Engine::new(rules, builder.build().map_err(told)?).map_err(told)?;
    let as_of: AsOf = world.as_of.parse().expect("as_of");
    let refresh = engine.refresh(as_of).map_err(told)?;
    if refresh.failures().len() > 0 {
        return Ok(0);
    }
    let mut axis = Axis::new().by(by);
    for one in asked {
        let measure = match one.kind {
            "sum" => Measure::sum(&one.first),
            "avg" => Measure::avg(&one.first),
            "min" => Measure::min(&one.first),
            "max" => Measure::max(&one.first),
            _ => Measure::ratio(&one.first, &one.second),
        };
        axis = axis.measure(one.kind, measure);
    }
    let table = match engine.axis(&axis) {
        Ok(table) => table,
        // A model that cannot be fitted.
        Err(error) if error.to_string().contains("E1101") => return Ok(0),
        Err(error) => return Err(told(error)),
    };
    let values: BTreeMap<Key, Vec<Option<Value>>> =
        axis_values(&engine, &axis).map_err(told)?.into_iter().collect();
    if engine.customers().map_err(told)?.keys() != values.keys().cloned().collect::<Vec<_>>() {
        return Err("other customers exist".to_owned());
    }
    single(&engine, asked, &values, as_of)?;
    let mut found = table.rows.iter();
    let mut compared = 0;
    for segment in ["everyone", "a"] {
        // Groups by what is shown of them, with what they are ordered by.
        let mut groups: BTreeMap<String, Vec<&[Option<Value>]>> = BTreeMap::new();
        for key in engine.keys(segment).expect("a segment") {
            let all = values.get(&key).ok_or("a member who does not exist")?;
            let (of_measures, by) = all.split_at(6);
            groups.entry(shown(by, by_year)).or_default().push(of_measures);
        }
        let mut rows = BTreeMap::new();
        for _ in 0..groups.len() {
            let row = found.next().ok_or("too few groups")?;
            let group = row.group.as_ref().expect("a group").to_string();
            if row.segment != segment || rows.insert(group, row).is_some() {
                return Err(format!("{segment}: groups are not those of {:?}", groups.keys()));
            }
        }
        for (group, members) in groups {
            let row = rows.get(&group).ok_or(format!("{segment}: no group `{group}`"))?;
            if row.customers != members.len() as u64 {
                return Err(format!(
                    "{segment}, {group}: {} customers, not {}",
                    row.customers,
                    members.len()
                ));
            }
            for (at, (one, found)) in asked.iter().zip(&row.values).enumerate() {
                let of = |at: usize| {
                    members.iter().filter_map(|all| all[at].clone()).collect::<Vec<_>>()
                };
                let expected = match one.kind {
                    "sum" => total(&of(0)),
                    "avg" => quotient(
                        total(&of(1)),
                        Some(Value::Decimal(Decimal::from_int(of(1).len() as i128))),
                    ),
                    "min" => of(2).into_iter().min_by(order),
                    "max" => of(3).into_iter().max_by(order),
                    _ => quotient(total(&of(4)), total(&of(5))),
                };
                compared += 1;
                if !near(found.as_ref(), expected.as_ref()) {
                    return Err(format!(
                        "{segment}, {group}: {} is {found:?}, not {expected:?} ({at})",
                        one.kind
                    ));
                }
            }
        }
    }
    if found.next().is_some() {
        return Err("too many rows".to_owned());
    }
    Ok(compared)
}

/// What each customer has, value by value.
fn single(
    engine: &Engine,
    asked: &[Asked],
    expected: &BTreeMap<Key, Vec<Option<Value>>>,
    as_of: AsOf,
) -> Result<(), String> {
    let texts = asked.iter().map(|one| &one.first).chain(asked.last().map(|one| &one.second));
    let found = engine.values(&engine.snapshot().all(), texts, as_of);
    let found = found.map_err(|error| error.to_string())?;
    if !found.iter().map(|(key, _)| key).eq(expected.keys()) {
        return Err("values are of other customers".to_owned());
    }
    for ((key, found), expected) in found.iter().zip(expected.values()) {
        if found.len() != 6
            || !found.iter().zip(expected).all(|(a, b)| near(a.as_ref(), b.as_ref()))
        {
            return Err(format!("{key} has {found:?}, not {expected:?}"));
        }
    }
    Ok(())
}

/// As a group is shown.
fn shown(by: &[Option<Value>], by_year: bool) -> String {
    let one = |value: &Option<Value>| match value {
        None => "missing".to_owned(),
        Some(Value::Bool(value)) => value.to_string(),
        Some(Value::Decimal(value)) => value.to_string(),
        Some(Value::Text(value)) => value.clone(),
        Some(Value::Date(value)) => value.to_string(),
        other => panic!("{other:?}"),
    };
    match by {
        [Some(Value::Decimal(year)), Some(Value::Decimal(month))] => {
            format!("{:04}-{:02}", year.mantissa(), month.mantissa())
        }
        [Some(Value::Decimal(year))] if by_year => format!("{:04}", year.mantissa()),
        [only] => one(only),
        [..] => "missing".to_owned(),
    }
}

/// Exact where the numbers are; of no numbers it is 0 of some kind.
fn total(values: &[Value]) -> Option<Value> {
    if values.iter().any(|value| matches!(value, Value::Float(_))) {
        let sum = exact_sum(values.iter().map(float));
        return sum.is_finite().then_some(Value::Float(sum));
    }
    let exact = values.iter().try_fold(Decimal::from_int(0), |sum, value| match value {
        Value::Decimal(value) => sum.checked_add(*value),
        other => panic!("{other:?}"),
    });
    exact.map(Value::Decimal)
}

/// By Shewchuk's partial sums, none of which loses a digit.
fn exact_sum(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut partials: Vec<f64> = Vec::new();
    for mut number in numbers {
        let mut kept = Vec::new();
        for mut partial in partials {
            if number.abs() < partial.abs() {
                (number, partial) = (partial, number);
            }
            let high = number + partial;
            let low = partial - (high - number);
            if low != 0.0 {
                kept.push(low);
            }
            number = high;
        }
        kept.push(number);
        partials = kept;
    }
    partials.iter().rev().sum()
}

fn quotient(above: Option<Value>, below: Option<Value>) -> Option<Value> {
    let (above, below) = (above?, below?);
    let found = match (&above, &below) {
        (Value::Decimal(above), Value::Decimal(below)) => above.quotient(*below)?,
        _ => float(&above) / float(&below),
    };
    found.is_finite().then_some(Value::Float(found))
}

fn float(value: &Value) -> f64 {
    match value {
        Value::Decimal(value) => value.to_f64(),
        Value::Float(value) => *value,
        other => panic!("{other:?}"),
    }
}

fn order(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Decimal(one), Value::Decimal(other)) => one.cmp(other),
        _ => float(one).partial_cmp(&float(other)).unwrap(),
    }
}

/// The partial sums are added up with at most a few roundings.
fn near(found: Option<&Value>, expected: Option<&Value>) -> bool {
    match (found, expected) {
        (Some(Value::Decimal(found)), Some(Value::Decimal(expected))) => found == expected,
        (Some(found), Some(expected)) => {
            let (found, expected) = (float(found), float(expected));
            (found - expected).abs() <= 1e-12 * expected.abs() || found == expected
        }
        (found, expected) => found == expected,
    }
}
