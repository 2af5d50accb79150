//! The readers of rules against each other.

use crate::differential::agree;

/// Bytes become a schema, data, a day and rules of the whole grammar: exec and oracle agree, and sets add up.
///
/// The first byte says how many of the following make the rules, in fours; the rest makes the data.
pub fn differential(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else { return };
    let (rules, data) = rest.split_at(rest.len().min(4 * usize::from(*first)));
    if let Err(problem) = agree(data, rules) {
        panic!("{problem}");
    }
}
