//! Random rules say the same from a config file, from their trees, and from the queries that they can be.

use std::cell::Cell;

use proptest::{
    prelude::any,
    test_runner::{Config, TestCaseError, TestRunner},
};
use segmenta::{
    AsOf, ContentHash, Engine, Rules, Schema, Snapshot,
    config::{Condition, Query, RulesDef, Tree},
};

use super::{choices::Choices, file::rule_file, rules, rules::Scope, world::World};

fn runner(usual: u32) -> (TestRunner, u32) {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = usual;
    }
    let cases = config.cases;
    (TestRunner::new(config), cases)
}

fn stream(length: usize) -> impl proptest::strategy::Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..length)
}

#[test]
fn config_files_and_trees_say_the_same() {
    let run = |(data, rules): (Vec<u8>, Vec<u8>)| {
        let world = World::random(&mut Choices::new(&data));
        let text = rule_file(&mut Choices::new(&rules), &world);
        same_hashes(&world, &text).map_err(|e| TestCaseError::fail(format!("{e}\n{text}")))
    };
    runner(500).0.run(&(stream(100), stream(400)), run).unwrap();
}

fn same_hashes(world: &World, text: &str) -> Result<(), String> {
    let schema = Schema::from_toml(&world.schema).map_err(|e| e.to_string())?;
    let rules = Rules::parse(&schema, text).map_err(|e| e.to_string())?;
    let definitions = RulesDef::from_seg("rules.seg", text).map_err(|e| e.to_string())?;
    let toml = toml::to_string(&definitions).map_err(|e| e.to_string())?;
    let yaml = serde_saphyr::to_string(&definitions).map_err(|e| e.to_string())?;
    let by_tree = by_tree(definitions.clone()).map_err(|e| e.to_string())?;
    let forms = [
        ("toml", toml::from_str(&toml).map_err(|e| format!("{e}\n{toml}"))?),
        ("yaml", serde_saphyr::from_str(&yaml).map_err(|e| format!("{e}\n{yaml}"))?),
        (
            "a rule file",
            RulesDef::from_seg("again", &definitions.to_string()).map_err(|e| e.to_string())?,
        ),
    ];
    for (form, read) in forms {
        if by_name(&read) != by_name(&definitions) {
            return Err(format!("{form} holds something else:\n{read}"));
        }
    }
    for (what, definitions) in [("definitions", definitions), ("trees", by_tree)] {
        let read = Rules::builder(&schema).definitions("rules.toml", definitions);
        let read = read.build().map_err(|e| format!("{what}: {e}"))?;
        for (name, hash) in hashes(&rules) {
            let other = read.segment(&name).map(segmenta::Segment::content_hash);
            if other != Some(hash) {
                return Err(format!("{what}: `{name}` says something else"));
            }
        }
    }
    Ok(())
}

/// Tables of TOML have no order.
fn by_name(rules: &RulesDef) -> RulesDef {
    let mut rules = rules.clone();
    rules.lets.sort_by(|one, other| one.name.cmp(&other.name));
    rules
}

fn hashes(rules: &Rules) -> Vec<(String, ContentHash)> {
    rules.segments().map(|each| (each.name().to_owned(), each.content_hash())).collect()
}

/// Every condition taken apart and put together.
fn by_tree(mut rules: RulesDef) -> serde_json::Result<RulesDef> {
    let again = |condition: &mut Condition| {
        let tree: Tree = serde_json::from_value(serde_json::to_value(condition.tree())?)?;
        *condition = tree.into();
        serde_json::Result::Ok(())
    };
    for segment in &mut rules.segments {
        segment.include.iter_mut().chain(&mut segment.exclude).try_for_each(again)?;
    }
    rules.lets.iter_mut().try_for_each(|each| again(&mut each.body))?;
    for partition in &mut rules.partitions {
        partition.parts.iter_mut().filter_map(|part| part.when.as_mut()).try_for_each(again)?;
    }
    Ok(rules)
}

#[test]
fn a_query_has_the_members_of_its_condition() {
    let (mut runner, cases) = runner(2_000);
    let queries = Cell::new(0);
    let run = |(data, rules): (Vec<u8>, Vec<u8>)| {
        let world = World::random(&mut Choices::new(&data));
        let scope = Scope::of_customers(&world);
        let rule = rules::condition(&mut Choices::new(&rules), &scope, 2);
        let found = same_members(&world, &rule);
        queries.set(queries.get() + u32::from(found.clone().unwrap_or(false)));
        found.map(|_| ()).map_err(|e| TestCaseError::fail(format!("{rule}\n{e}\n{}", world.schema)))
    };
    runner.run(&(stream(4_000), stream(200)), run).unwrap();
    let queries = queries.get();
    assert!(queries * 10 > cases, "only {queries} of {cases} conditions have a query");
}

/// Whether the condition has a query.
fn same_members(world: &World, rule: &str) -> Result<bool, String> {
    let schema = Schema::from_toml(&world.schema).map_err(|e| e.to_string())?;
    let condition: Condition = rule.parse().map_err(|e: segmenta::Error| e.to_string())?;
    let Ok(query) = Query::from_condition(&condition, &schema) else { return Ok(false) };
    let json = serde_json::to_string(&query).map_err(|e| e.to_string())?;
    let query: Query = serde_json::from_str(&json).map_err(|e| e.to_string())?;
    let read = query.to_condition(&schema).map_err(|e| format!("{json}\n{e}"))?;
    let again = Query::from_condition(&read, &schema).map_err(|e| format!("{json}\n{e}"))?;
    if again != query {
        return Err(format!("{json}\nis written as {}", serde_json::json!(again)));
    }
    let mut data = Snapshot::builder(&schema);
    for table in &world.tables {
        let read = data.csv_reader(table.name, table.name, table.rows.as_bytes());
        read.map_err(|e| e.to_string())?;
    }
    let rules = Rules::builder(&schema)
        .condition("condition", rule)
        .condition("query", read.to_string())
        .build()
        .map_err(|e| format!("{read}\n{e}"))?;
    let data = data.build().map_err(|e| e.to_string())?;
    let engine = Engine::new(rules, data).map_err(|e| e.to_string())?;
    let as_of: AsOf = world.as_of.parse().expect("as_of");
    let found = engine.evaluate(as_of).map_err(|e| e.to_string())?;
    match found.members("condition") == found.members("query") {
        true => Ok(true),
        false => Err(format!("{json}\n{read}\nhas other members")),
    }
}
