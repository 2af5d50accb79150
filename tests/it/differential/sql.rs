//! exec == SQLite == oracle, on generated schemas, data, rules, zones and days.

use std::{cell::RefCell, collections::BTreeMap};

use proptest::{
    prelude::any,
    test_runner::{Config, TestCaseError, TestRunner},
};
use segmenta::{AsOf, Engine, Rules, Schema, Snapshot};

use super::{choices::Choices, file::rule_file, world::World};
use crate::sql::sqlite::{Answer, Database, Memberships};

/// What became of segments: found as exec finds them, refused, ended by a number that the engine does not hold.
#[derive(Debug, Default)]
struct Tally {
    equal: usize,
    beyond: usize,
    refused: BTreeMap<String, usize>,
}

#[test]
fn exec_sqlite_and_oracle_agree() {
    let mut config =
        Config { failure_persistence: None, max_shrink_iters: 500, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 300;
    }
    let mut runner = TestRunner::new(config);
    let stream = |length| proptest::collection::vec(any::<u8>(), 0..length);
    let tally = RefCell::new(Tally::default());
    let run = |(data, rules): (Vec<u8>, Vec<u8>)| {
        agree(&data, &rules, &mut tally.borrow_mut()).map_err(TestCaseError::fail)
    };
    runner.run(&(stream(4_000), stream(700)), run).unwrap();
    let tally = tally.into_inner();
    let refused: usize = tally.refused.values().sum();
    assert!(tally.equal > 2 * (refused + tally.beyond), "too few are compared: {tally:#?}");
}

fn agree(data: &[u8], rules: &[u8], tally: &mut Tally) -> Result<(), String> {
    let world = World::random(&mut Choices::new(data));
    let text = rule_file(&mut Choices::new(rules), &world);
    let schema = Schema::from_toml(&world.schema).map_err(|e| e.to_string())?;
    let rules = Rules::parse(&schema, &text).map_err(|e| e.to_string())?;
    let mut builder = Snapshot::builder(&schema);
    let mut tables = BTreeMap::new();
    for table in &world.tables {
        let read = builder.csv_reader(table.name, table.name, table.rows.as_bytes());
        read.map_err(|e| e.to_string())?;
        tables.insert(table.name.to_owned(), table.rows.clone());
    }
    let snapshot = builder.build().map_err(|e| e.to_string())?;
    let engine = Engine::new(rules, snapshot).map_err(|e| e.to_string())?;
    let as_of: AsOf = world.as_of.parse().expect("as_of");
    let exec = engine.evaluate(as_of).map_err(|e| e.to_string())?;
    let oracle = engine.evaluate_reference(as_of).map_err(|e| e.to_string())?;
    let database = Database::of_csv(&schema, &tables);
    let described = || {
        let tables = tables.iter().map(|(name, rows)| format!("--- {name}.csv\n{rows}"));
        format!("as of {}\n{}{}\n{text}", world.as_of, world.schema, tables.collect::<String>())
    };
    let rules = engine.rules();
    let mut sayable = Vec::new();
    for segment in rules.segments().filter(|segment| exec.members(segment.name()).is_some()) {
        match database.statement(rules, &[segment.name()], as_of) {
            Ok(_) => sayable.push(segment.name()),
            Err(refused) => {
                let why = refused.diagnostics().first().map_or(String::new(), |found| {
                    found.message.split("`: ").nth(1).unwrap_or(&found.message).to_owned()
                });
                *tally.refused.entry(why).or_default() += 1;
            }
        }
    }
    let expected: Memberships =
        sayable.iter().map(|name| ((*name).to_owned(), exec.keys(name).expect("known"))).collect();
    for (name, keys) in &expected {
        if oracle.keys(name).as_ref() != Some(keys) {
            let found = oracle.keys(name);
            return Err(format!("`{name}`: exec {keys:?}, oracle {found:?}\n{}", described()));
        }
    }
    let together = database.members(rules, &sayable, as_of);
    let one_by_one = match together {
        _ if sayable.is_empty() => return Ok(()),
        Answer::Beyond => sayable,
        answer => {
            compare(answer, &expected, tally).map_err(|e| format!("{e}\n{}", described()))?;
            return Ok(());
        }
    };
    for name in one_by_one {
        let expected = Memberships::from([(name.to_owned(), expected[name].clone())]);
        let answer = database.members(rules, &[name], as_of);
        compare(answer, &expected, tally).map_err(|e| format!("{e}\n{}", described()))?;
    }
    Ok(())
}

fn compare(answer: Answer, expected: &Memberships, tally: &mut Tally) -> Result<(), String> {
    match answer {
        Answer::Members(found) => {
            for (name, expected) in expected {
                if found.get(name) != Some(expected) {
                    return Err(format!(
                        "`{name}`: exec {expected:?}, SQLite {:?}",
                        found.get(name)
                    ));
                }
            }
            tally.equal += expected.len();
        }
        Answer::Beyond => tally.beyond += 1,
        Answer::Refused(why) => return Err(format!("refused together: {why}")),
        Answer::Failed(why) => return Err(why),
    }
    Ok(())
}
