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

/// Members of all segments: the base, the next day, after the changes.
pub(crate) fn agree(source: &Source) -> Result<Value> {
    let rules = source.check()?;
    let base = Engine::new(rules.clone(), source.load()?)?;
    let today = digest(&base.evaluate(day(TODAY)?)?);
    let tomorrow = digest(&base.evaluate(day(TOMORROW)?)?);
    drop(base);
    let changed = Engine::new(rules, source.load_changed()?)?;
    let delta = digest(&changed.evaluate(day(TODAY)?)?);
    Ok(json!({ "digest_base": today, "digest_next_day": tomorrow, "digest_delta": delta }))
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
    let mut engine = Engine::new(rules.clone(), snapshot.clone())?;
    engine.refresh(day(TODAY)?)?;
    let (taken, refresh) = timed(|| engine.refresh(TOMORROW.parse::<AsOf>().ok()?).ok());
    let refresh = refresh.ok_or("the next day cannot be evaluated")?;
    let changes = refresh.changes().iter();
    let moved: usize = changes.map(|c| c.entered_keys().len() + c.left_keys().len()).sum();
    put("next_day_s", json!([taken]));
    put("next_day_changed_memberships", json!(moved));

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
    engine.refresh(day(TODAY)?)?;
    let (peak, after) = (peak_mb(), resident_mb());
    Ok(
        json!({ "start_mb": start, "load_peak_mb": load_peak, "resident_mb": resident, "snapshot_mb": columns,
        "refresh_peak_mb": peak, "resident_after_mb": after }),
    )
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
fn digest(evaluation: &Evaluation) -> Value {
    let names = evaluation.segments().map(|(name, _)| name.to_owned());
    let by_name = names.zip(keys(evaluation)).map(|(name, keys)| {
        let sum = keys.iter().fold(0_u64, |sum, key| match key {
            Key::Int(id) => sum.wrapping_add(id.cast_unsigned()),
            Key::Text(_) => sum,
        });
        (name, json!([keys.len(), sum % (1 << 61)]))
    });
    Value::Object(by_name.collect())
}
