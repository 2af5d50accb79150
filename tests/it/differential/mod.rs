//! exec == oracle, on random schemas, data, rules, zones and days; complements are exact, unions and intersections
//! add up.

mod choices;
mod rules;
mod world;

use std::cell::Cell;

use proptest::{
    prelude::any,
    test_runner::{Config, TestCaseError, TestRunner},
};
use segmenta::{AsOf, Engine, Rules, Schema, Snapshot};

use self::{choices::Choices, rules::Scope, world::World};

#[test]
fn exec_and_oracle_agree_and_the_sets_add_up() {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 2_000;
    }
    let cases = config.cases;
    let mut runner = TestRunner::new(config);
    // The data and the rules have streams of their own, so that each shrinks alone.
    let stream = |length| proptest::collection::vec(any::<u16>(), 0..length);
    let telling = Cell::new(0);
    let run = |(data, rules): (Vec<u16>, Vec<u16>)| {
        let found = agree(&data, &rules).map_err(TestCaseError::fail)?;
        telling.set(telling.get() + u32::from(found));
        Ok(())
    };
    runner.run(&(stream(4_000), stream(400)), run).unwrap();
    let telling = telling.get();
    assert!(telling * 3 > cases, "only {telling} of {cases} rules split their customers");
}

/// Whether one of the rules took in some customers and not others.
fn agree(data: &[u16], rules: &[u16]) -> Result<bool, String> {
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
    let engine = Engine::new(rules, snapshot).map_err(|e| e.to_string())?;
    let as_of: AsOf = world.as_of.parse().expect("as_of");
    let exec = engine.evaluate(as_of).map_err(|e| e.to_string())?;
    let oracle = engine.evaluate_reference(as_of).map_err(|e| e.to_string())?;
    for ((name, exec), (_, oracle)) in exec.segments().zip(oracle.segments()) {
        if exec != oracle {
            return Err(format!("`{name}`: exec {exec:?}, oracle {oracle:?}"));
        }
    }
    let of = |name: &str| exec.members(name).expect("a segment").clone();
    let everyone = of("everyone");
    let laws = [
        ("not A is the complement of A", of("not_a"), &everyone - of("a")),
        ("A or B is the union", of("a_or_b"), of("a") | of("b")),
        ("A and B is the intersection", of("a_and_b"), of("a") & of("b")),
        ("A without B is the difference", of("a_without_b"), of("a") - of("b")),
        ("including A and B is the union", of("including"), of("a") | of("b")),
        ("excluding B is the difference", of("excluding"), of("a") - of("b")),
        ("a let is its body", of("by_let"), of("a")),
    ];
    for (law, found, expected) in laws {
        if found != expected {
            return Err(format!("{law}: found {found:?}, expected {expected:?}"));
        }
    }
    Ok(["a", "b", "d"].iter().any(|name| !of(name).is_empty() && of(name) != everyone))
}

fn rule_file(c: &mut Choices<'_>, world: &World) -> String {
    let mut scope = Scope::of_customers(world);
    let a = rules::condition(c, &scope, 3);
    let b = rules::condition(c, &scope, 2);
    scope.segments = vec!["a", "b", "everyone", "including"];
    let d = rules::condition(c, &scope, 2);
    let pin = if world.text_keys { "('k1', 'k3')" } else { "(1, 3)" };
    let out = if world.text_keys { "('k2')" } else { "(2)" };
    format!(
        "let body = {a}
segment everyone {{ }}
segment a {{ include {a} }}
segment b {{ include {b} }}
segment not_a {{ include not ({a}) }}
segment a_or_b {{ include ({a}) or ({b}) }}
segment a_and_b {{ include ({a}) and ({b}) }}
segment a_without_b {{ include ({a}) and not ({b}) }}
segment including {{ include {a} include {b} }}
segment excluding {{ include {a} exclude {b} }}
segment by_let {{ include body }}
segment d {{ include {d} }}
segment pinned {{ include in segment d exclude {b} pin in {pin} pin out {out} }}
"
    )
}
