//! The readers of rules against each other, and an engine that follows changes against one that begins anew.

use crate::differential;

/// Bytes become a schema, data, a day and rules of the whole grammar: exec and oracle agree, and sets add up.
///
/// The first byte says how many of the following make the rules, in fours; the rest makes the data.
pub fn differential(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else { return };
    let (rules, data) = rest.split_at(rest.len().min(4 * usize::from(*first)));
    if let Err(problem) = differential::agree(data, rules) {
        panic!("{problem}");
    }
}

/// Bytes become a schema, data and rules, and a sequence of changes, days and other rules: members and events are those
/// of an engine that is given all data anew at every step.
///
/// The first two bytes say how many of the following make the rules and the steps, in fours; the rest makes the data.
pub fn sequence(data: &[u8]) {
    let [rules, steps, rest @ ..] = data else { return };
    let (rules, rest) = rest.split_at(rest.len().min(4 * usize::from(*rules)));
    let (steps, data) = rest.split_at(rest.len().min(4 * usize::from(*steps)));
    if let Err(problem) = differential::sequence(data, rules, steps) {
        panic!("{problem}");
    }
}
