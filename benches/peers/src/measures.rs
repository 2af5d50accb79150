//! What is measured.

use segmenta::{AsOf, Engine, Evaluation, Key, Rules, Snapshot};
use serde_json::{Map, Value, json};

use crate::{
    Result,
    data::Source,
    machine::{forget_peak, peak_mb, repeated, resident_mb, timed},
};

const TODAY: &str = "2026-11-01";
const TOMORROW: &str = "2026-11-02";
/// Single segments: on columns, on orders, on items and events.
const SINGLE: [(&str, [&str; 3]); 3] = [
    ("column", ["s003", "s041", "s080"]),
    ("order_agg", ["s086", "s105", "s122"]),
    ("item_event_agg", ["s141", "s148", "s173"]),
];

/// Members of all segments: the base, when the day has moved on, after the changes; none but the first from everybody.
pub(crate) fn agree(source: &Source) -> Result<Value> {
    let rules = source.check()?;
    let snapshot = source.load()?;
    let mut engine = fresh(&rules, &snapshot);
    engine.refresh(today())?;
    let base = digest(&engine);
    engine.advance(day(TOMORROW)?)?;
    let tomorrow = digest(&engine);
    let mut engine = fresh(&rules, &snapshot);
    engine.refresh(today())?;
    let changes = source.change(engine.changes())?;
    engine.apply(changes)?;
    let delta = digest(&engine);
    Ok(json!({ "digest_base": base, "digest_next_day": tomorrow, "digest_delta": delta }))
}

pub(crate) fn times(source: &Source) -> Result<Value> {
    let (load, snapshot) = timed(|| source.load());
    let snapshot = snapshot?;
    let mut found = all_at_once(source, &snapshot)?;
    let mut put = |name: &str, value: Value| found.insert(name.to_owned(), value);
    put("load_s", json!([load]));
    put("format", json!(source.format()));
    put("snapshot_mb", json!(snapshot.bytes() as f64 / (1 << 20) as f64));

    let rules = source.check()?;
    let mut engine = fresh(&rules, &snapshot);
    engine.refresh(today())?;
    let (taken, refresh) = timed(|| engine.advance(TOMORROW.parse::<AsOf>().ok()?).ok());
    let refresh = refresh.ok_or("the next day cannot be evaluated")?;
    let changes = refresh.changes().iter();
    let moved: usize = changes.map(|c| c.entered_keys().len() + c.left_keys().len()).sum();
    put("next_day_s", json!([taken]));
    put("next_day_changed_memberships", json!(moved));
    put("one_customer_s", json!(one_by_one(&mut engine, &snapshot)?));

    let mut engine = fresh(&rules, &snapshot);
    engine.refresh(today())?;
    let (taken, changes) = timed(|| source.change(engine.changes()));
    put("changed_apply_s", json!([taken]));
    let changes = changes?;
    let (taken, refresh) = timed(|| engine.apply(changes));
    refresh?;
    put("changed_s", json!([taken]));

    let mut single = Map::new();
    for (kind, names) in SINGLE {
        let mut kind_ms = Map::new();
        for name in names {
            let rules = source.only(name)?;
            let (taken, _) =
                repeated(5, || fresh(&rules, &snapshot).evaluate(today()).map(|e| members(&e)));
            kind_ms.insert(name.to_owned(), json!(taken));
        }
        single.insert(kind.to_owned(), Value::Object(kind_ms));
    }
    put("single_s", Value::Object(single));
    Ok(Value::Object(found))
}

/// What grows with the data and with the rules.
pub(crate) fn growth(source: &Source) -> Result<Value> {
    let (load, snapshot) = timed(|| source.load());
    let mut found = all_at_once(source, &snapshot?)?;
    found.insert("load_s".to_owned(), json!([load]));
    Ok(Value::Object(found))
}

fn all_at_once(source: &Source, snapshot: &Snapshot) -> Result<Map<String, Value>> {
    let mut found = Map::new();
    let (check, rules) = repeated(3, || source.check());
    let rules = rules.ok_or("no rules")??;
    found.insert("segments".to_owned(), json!(rules.segments().len()));
    found.insert("check_s".to_owned(), json!(check));
    let (plan, _) = repeated(3, || fresh(&rules, snapshot));
    found.insert("plan_s".to_owned(), json!(plan));
    // Nothing cached: the plan is made anew too.
    let (first, engine) = repeated(7, || {
        let mut engine = fresh(&rules, snapshot);
        engine.refresh(today()).map(|_| engine)
    });
    found.insert("first_s".to_owned(), json!(first));
    let mut engine = engine.ok_or("no engine")??;
    let (again, _) = repeated(7, || engine.refresh(today()).is_ok());
    found.insert("again_s".to_owned(), json!(again));
    let evaluation = engine.evaluate(today())?;
    found.insert("memberships".to_owned(), json!(members(&evaluation)));
    let (ids, _) = repeated(3, || keys(&evaluation));
    found.insert("ids_s".to_owned(), json!(ids));
    Ok(found)
}

/// Resident memory and its peak, from the start of the process.
pub(crate) fn memory(source: &Source) -> Result<Value> {
    let start = resident_mb();
    let rules = source.check()?;
    let snapshot = source.load()?;
    let (load_peak, resident) = (peak_mb(), resident_mb());
    let columns = snapshot.bytes() as f64 / (1 << 20) as f64;
    forget_peak();
    let mut engine = Engine::new(rules, snapshot)?;
    engine.refresh(today())?;
    let (peak, after) = (peak_mb(), resident_mb());
    Ok(
        json!({ "start_mb": start, "load_peak_mb": load_peak, "resident_mb": resident, "snapshot_mb": columns,
        "refresh_peak_mb": peak, "resident_after_mb": after }),
    )
}

/// Customers one after the other, each against all segments.
fn one_by_one(engine: &mut Engine, snapshot: &Snapshot) -> Result<Vec<Value>> {
    let all = snapshot.customers();
    let keys = keys_of_some(engine, all.min(200));
    let mut times = Vec::new();
    for key in keys {
        let (taken, refresh) = timed(|| engine.evaluate_one(key));
        refresh?;
        times.push(taken);
    }
    Ok(times)
}

/// So many members of the largest segment.
fn keys_of_some(engine: &Engine, count: u64) -> Vec<Key> {
    let names = engine.rules().segments().map(|segment| segment.name().to_owned());
    let largest =
        names.filter_map(|name| engine.keys(&name)).max_by_key(Vec::len).unwrap_or_default();
    let step = (largest.len() / usize::try_from(count).unwrap_or(1).max(1)).max(1);
    largest.into_iter().step_by(step).take(usize::try_from(count).unwrap_or(0)).collect()
}

fn fresh(rules: &Rules, snapshot: &Snapshot) -> Engine {
    Engine::new(rules.clone(), snapshot.clone()).expect("rules and data of one schema")
}

fn day(text: &str) -> Result<AsOf> {
    Ok(text.parse()?)
}

fn today() -> AsOf {
    day(TODAY).expect("a date")
}

fn members(evaluation: &Evaluation) -> u64 {
    evaluation.segments().map(|(_, rows)| rows.len()).sum()
}

/// The ids of the members of all segments, as lists.
fn keys(evaluation: &Evaluation) -> Vec<Vec<Key>> {
    evaluation.segments().filter_map(|(name, _)| evaluation.keys(name)).collect()
}

/// By segment: how many members, and the sum of their ids modulo 2^61.
fn digest(engine: &Engine) -> Value {
    let names = engine.rules().segments().map(|segment| segment.name().to_owned());
    let by_name = names.filter_map(|name| Some((engine.keys(&name)?, name))).map(|(keys, name)| {
        let sum = keys.iter().fold(0_u64, |sum, key| match key {
            Key::Int(id) => sum.wrapping_add(id.cast_unsigned()),
            Key::Text(_) => sum,
        });
        (name, json!([keys.len(), sum % (1 << 61)]))
    });
    Value::Object(by_name.collect())
}
