//! Scores by purchases: what the schema says of them, and published figures.

mod orders;
mod retail;
mod setup;

use segmenta::{AsOf, Engine, Rules, Snapshot};

/// The members of the segments, by name.
fn members(rules: &Rules, data: &Snapshot, as_of: &str) -> Vec<(String, Vec<segmenta::Key>)> {
    let engine = Engine::new(rules.clone(), data.clone()).unwrap();
    let as_of: AsOf = as_of.parse().unwrap();
    let found = engine.evaluate(as_of).unwrap();
    let expected = engine.evaluate_reference(as_of).unwrap();
    assert!(found.segments().eq(expected.segments()), "exec and oracle differ");
    let names = found.segments().map(|(name, _)| name.to_owned());
    names
        .map(|name| {
            let keys = found.keys(&name).unwrap();
            (name, keys)
        })
        .collect()
}
