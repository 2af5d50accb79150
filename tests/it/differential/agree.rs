//! What must hold between the readers of one generated case.

use std::collections::HashMap;

use segmenta::{AsOf, Engine, Evaluation, Rules, Schema, Snapshot};

use super::{choices::Choices, file::rule_file, world::World};

/// Every reader agrees on the case that follows from the bytes; whether one of the rules took in some customers and not others.
pub(crate) fn agree(data: &[u8], rules: &[u8]) -> Result<bool, String> {
    let world = World::random(&mut Choices::new(data));
    let rules = rule_file(&mut Choices::new(rules), &world);
    let described = || {
        let tables =
            world.tables.iter().map(|table| format!("--- {}.csv\n{}", table.name, table.rows));
        format!("as of {}\n{}{}\n{rules}", world.as_of, world.schema, tables.collect::<String>())
    };
    check(&world, &rules).map_err(|problem| format!("{problem}\n{}", described()))
}

fn check(world: &World, text: &str) -> Result<bool, String> {
    let schema = Schema::from_toml(&world.schema).map_err(|e| e.to_string())?;
    segmenta::internals::round_trip(text).map_err(|e| format!("printer: {e}"))?;
    let formatted = segmenta::format("rules.seg", text).map_err(|e| e.to_string())?;
    let again = segmenta::format("rules.seg", &formatted).map_err(|e| e.to_string())?;
    if formatted != again {
        return Err(format!("formatting is not idempotent:\n{formatted}\n{again}"));
    }
    let rules = Rules::parse(&schema, text).map_err(|e| e.to_string())?;
    let mut builder = Snapshot::builder(&schema);
    for table in &world.tables {
        builder
            .csv_reader(table.name, table.name, table.rows.as_bytes())
            .map_err(|e| e.to_string())?;
    }
    let snapshot = builder.build().map_err(|e| e.to_string())?;
    let mut engine = Engine::new(rules, snapshot).map_err(|e| e.to_string())?;
    let as_of: AsOf = world.as_of.parse().expect("as_of");
    let exec = engine.evaluate(as_of).map_err(|e| e.to_string())?;
    let oracle = engine.evaluate_reference(as_of).map_err(|e| e.to_string())?;
    let (failed, expected): (Vec<_>, Vec<_>) =
        (exec.failures().collect(), oracle.failures().collect());
    if failed != expected || exec.model() != oracle.model() {
        return Err(format!("exec fails with {failed:?}, oracle with {expected:?}"));
    }
    for ((name, exec), (_, oracle)) in exec.segments().zip(oracle.segments()) {
        if exec != oracle {
            return Err(format!("`{name}`: exec {exec:?}, oracle {oracle:?}"));
        }
    }
    // What is kept of one day changes nothing on another.
    engine.evaluate("2000-02-29".parse::<AsOf>().expect("a day")).map_err(|e| e.to_string())?;
    let again = engine.evaluate(as_of).map_err(|e| e.to_string())?;
    if !again.segments().eq(exec.segments()) {
        return Err(format!("evaluated again: {again:?} instead of {exec:?}"));
    }
    engine.refresh(as_of).map_err(|e| e.to_string())?;
    if exec.failures().len() > 0 {
        // Without its members a segment keeps none of the laws.
        return Ok(false);
    }
    for segment in engine.rules().segments().filter(|segment| !segment.inactive()) {
        let (fresh, kept) = (exec.members(segment.name()), engine.members(segment.name()));
        if fresh != kept {
            return Err(format!("`{}`: evaluated {fresh:?}, refreshed {kept:?}", segment.name()));
        }
    }
    let of = |name: &str| exec.members(name).expect("a segment").clone();
    let everyone = of("everyone");
    same_hash_same_members(engine.rules(), &exec)?;
    let laws = [
        ("not A is the complement of A", of("not_a"), &everyone - of("a")),
        ("A or B is the union", of("a_or_b"), of("a") | of("b")),
        ("A and B is the intersection", of("a_and_b"), of("a") & of("b")),
        ("A without B is the difference", of("a_without_b"), of("a") - of("b")),
        ("including A and B is the union", of("including"), of("a") | of("b")),
        ("excluding B is the difference", of("excluding"), of("a") - of("b")),
        ("a let is its body", of("by_let"), of("a")),
        ("the first part has who fits it", of("split.first"), of("a")),
        ("the next part has who fits no earlier one", of("split.next"), of("b") - of("a")),
        ("the last part has who is left", of("split.rest"), &everyone - (of("a") | of("b"))),
    ];
    for (law, found, expected) in laws {
        if found != expected {
            return Err(format!("{law}: found {found:?}, expected {expected:?}"));
        }
    }
    Ok(["a", "b", "d"].iter().any(|name| !of(name).is_empty() && of(name) != everyone))
}

/// Whoever says the same has the same members; and whatever is written in another way, but says the same, has the same
/// hash.
fn same_hash_same_members(rules: &Rules, found: &Evaluation) -> Result<(), String> {
    let segment = |name: &str| rules.segment(name).expect("a segment");
    for (one, other) in
        [("a", "by_let"), ("a", "in_other_words"), ("chain", "chain_of_lets"), ("a", "split.first")]
    {
        let (one, other) = (segment(one), segment(other));
        if one.content_hash() != other.content_hash() {
            let texts = (one.canonical_text(), other.canonical_text());
            return Err(format!("not the same:\n{}\n{}", texts.0, texts.1));
        }
    }
    let mut by_hash = HashMap::new();
    let pinned = ["pinned", "in_other_words"];
    for segment in rules.segments().filter(|segment| !pinned.contains(&segment.name())) {
        let text = segment.canonical_text();
        let members = found.members(segment.name()).expect("a segment");
        let known = by_hash.entry(segment.content_hash()).or_insert((text.clone(), members));
        if *known != (text, members) {
            return Err(format!("`{}` has the hash of another segment", segment.name()));
        }
    }
    Ok(())
}
