//! `predict.*` beside `lifetimes`: the data, what fitting and predicting take, and how many customers lie at or above
//! many bounds, since rules tell members and no values.

#[path = "../../support/buyers.rs"]
mod buyers;

use std::{collections::BTreeMap, fs, path::Path};

use segmenta::{AsOf, Engine, FittedParameter, Key, Model, Rules, Schema, Snapshot};
use serde_json::{Map, Value, json};

use crate::{
    Result,
    machine::{repeated, timed},
};

const REPEATS: usize = 5;
/// Bounds in one set of rules; a bitmap of all customers takes 125 kB a million.
const AT_ONCE: usize = 1_000;
/// Of so many bounds one has the ids of its members summed.
const SUMMED: usize = 50;

const ALIVE: &str = "predict.alive";
const ORDERS: &str = "predict.orders(90 days)";
const VALUE: &str = "predict.value(12 months)";

pub(crate) fn draw(folder: &str, customers: &str) -> Result<Value> {
    let (ids, orders) = buyers::draw(customers.parse()?);
    fs::create_dir_all(folder)?;
    fs::write(Path::new(folder).join("customers.csv"), ids)?;
    fs::write(Path::new(folder).join("orders.csv"), orders)?;
    Ok(Value::Null)
}

/// The models are left in the file.
pub(crate) fn times(folder: &str, model_file: &str) -> Result<Value> {
    let (schema, today) = (schema()?, today()?);
    let (load, snapshot) = timed(|| load(&schema, folder));
    let snapshot = snapshot?;
    let mut found = Map::new();
    let mut put = |name: &str, value: Value| found.insert(name.to_owned(), value);
    put("load_s", json!([load]));
    put("orders", json!(snapshot.rows("orders")));

    // Fitting asks for rules, not for predictions in them.
    let plain = engine(&schema, &snapshot, &["id >= 0".to_owned()])?;
    let (taken, fitting) = repeated(REPEATS, || plain.fit(today));
    put("fit_s", json!(taken));
    let model = fitting.ok_or("not fitted")??.model;
    let (orders, amounts) = model.orders().zip(model.amounts()).ok_or("a model is missing")?;
    put("bgnbd", fitted(&orders.parameters(), orders.log_likelihood(), orders.customers()));
    put(
        "gamma_gamma",
        fitted(&amounts.parameters(), amounts.log_likelihood(), amounts.customers()),
    );
    fs::write(model_file, serde_json::to_string(&model)?)?;

    // One model is fitted, the other handed in; without the time of the same with both handed in, that is the fit.
    let only_orders = Model::new().with_orders(orders.clone());
    let only_amounts = Model::new().with_amounts(amounts.clone());
    let all = [ALIVE, ORDERS, VALUE].map(|what| format!("{what} >= 0.5"));
    for (name, rules, model) in [
        ("alive_s", &all[..1], &model),
        ("orders_s", &all[1..2], &model),
        ("value_s", &all[2..], &model),
        ("all_s", &all[..], &model),
        ("alive_with_bgnbd_fit_s", &all[..1], &only_amounts),
        ("value_with_gamma_gamma_fit_s", &all[2..], &only_orders),
    ] {
        let mut engine = engine(&schema, &snapshot, rules)?;
        engine.set_model(Some(model.clone()));
        let (taken, found) = repeated(REPEATS, || engine.evaluate(today));
        if found.ok_or("not evaluated")??.failures().len() > 0 {
            return Err(format!("{name}: there is no model").into());
        }
        put(name, json!(taken));
    }
    Ok(Value::Object(found))
}

/// By prediction and bound: how many customers have as much or more, and for some bounds the sum of their ids.
pub(crate) fn counts(folder: &str, model: &str, bounds: &str) -> Result<Value> {
    let (schema, today) = (schema()?, today()?);
    let snapshot = load(&schema, folder)?;
    let model: Model = serde_json::from_str(&fs::read_to_string(model)?)?;
    let bounds: BTreeMap<String, Vec<String>> = serde_json::from_str(&fs::read_to_string(bounds)?)?;
    let mut found = Map::new();
    for (what, bounds) in bounds {
        let (mut counts, mut sums) = (Vec::new(), Vec::new());
        for bounds in bounds.chunks(AT_ONCE) {
            let rules: Vec<String> =
                bounds.iter().map(|bound| format!("{what} >= {bound}")).collect();
            let mut engine = engine(&schema, &snapshot, &rules)?;
            engine.set_model(Some(model.clone()));
            let evaluation = engine.evaluate(today)?;
            for (n, (name, members)) in evaluation.segments().enumerate() {
                counts.push(members.len());
                if n % SUMMED == 0 {
                    sums.push(sum(&evaluation.keys(name).unwrap_or_default()));
                }
            }
        }
        found.insert(what, json!({ "counts": counts, "sums": sums }));
    }
    Ok(Value::Object(found))
}

fn schema() -> Result<Schema> {
    Ok(Schema::from_toml(buyers::SCHEMA)?)
}

fn today() -> Result<AsOf> {
    Ok(buyers::TODAY.parse()?)
}

fn load(schema: &Schema, folder: &str) -> Result<Snapshot> {
    let mut builder = Snapshot::builder(schema);
    for table in ["customers", "orders"] {
        builder.csv_file(table, Path::new(folder).join(format!("{table}.csv")))?;
    }
    Ok(builder.build()?)
}

/// With a segment for each condition.
fn engine(schema: &Schema, snapshot: &Snapshot, conditions: &[String]) -> Result<Engine> {
    let segment = |(n, condition)| format!("segment s{n} {{ include {condition} }}\n");
    let text: String = conditions.iter().enumerate().map(segment).collect();
    Ok(Engine::new(Rules::parse(schema, &text)?, snapshot.clone())?)
}

fn fitted(
    parameters: &[FittedParameter],
    likelihood: Option<f64>,
    customers: Option<u32>,
) -> Value {
    let by_name = |of: fn(&FittedParameter) -> Value| {
        Value::Object(parameters.iter().map(|p| (p.name.to_owned(), of(p))).collect())
    };
    json!({
        "parameters": by_name(|p| json!(p.value)),
        "standard_errors": by_name(|p| json!(p.standard_error)),
        "log_likelihood": likelihood,
        "customers": customers,
    })
}

fn sum(keys: &[Key]) -> i64 {
    let ids = keys.iter().map(|key| match key {
        Key::Int(id) => *id,
        Key::Text(_) => 0,
    });
    ids.sum()
}
