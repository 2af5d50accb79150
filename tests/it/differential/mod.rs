//! exec == oracle, on random schemas, data, rules, zones and days; complements are exact, unions and intersections
//! add up.

mod choices;
mod rules;
mod world;

use proptest::{
    prelude::any,
    test_runner::{Config, TestCaseError, TestRunner},
};
use segmenta::{AsOf, Engine, Rules, Schema, Snapshot};

use self::{choices::Choices, rules::Scope, world::World};

#[test]
fn exec_and_oracle_agree_and_the_sets_add_up() {
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    let stream = proptest::collection::vec(any::<u16>(), 0..2_000);
    runner
        .run(&stream, |stream| agree(&mut Choices::new(&stream)).map_err(TestCaseError::fail))
        .unwrap();
}

fn agree(c: &mut Choices<'_>) -> Result<(), String> {
    let world = World::random(c);
    let rules = rule_file(c, &world);
    let described = || {
        let tables =
            world.tables.iter().map(|table| format!("--- {}.csv\n{}", table.name, table.rows));
        format!("as of {}\n{}{}\n{rules}", world.as_of, world.schema, tables.collect::<String>())
    };
    check(&world, &rules).map_err(|problem| format!("{problem}\n{}", described()))
}

fn check(world: &World, text: &str) -> Result<(), String> {
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
    Ok(())
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
