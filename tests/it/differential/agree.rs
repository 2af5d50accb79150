//! What must hold between the readers of one generated case.

use segmenta::{AsOf, Engine, Rules, Schema, Snapshot};

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
