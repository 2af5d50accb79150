//! Whether a segment is still as it was.

use super::{ContentHash, SegmentRule};
use crate::value::Key;

/// What decides who is in a segment, in two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RuleMark {
    /// Of its own conditions.
    pub(crate) conditions: ContentHash,
    /// MD5 of its pins, in whatever order they are written.
    pub(crate) pins: [u8; 16],
}

impl RuleMark {
    pub(crate) fn of(rule: &SegmentRule, conditions: ContentHash) -> Self {
        let mut digest = md5::Context::new();
        let mut pins = |mark: &str, keys: &mut dyn Iterator<Item = &Key>| {
            let mut keys: Vec<&Key> = keys.collect();
            keys.sort();
            for key in keys {
                let key = key.to_string();
                digest.consume(format!("{mark}{}:{key}", key.len()));
            }
        };
        pins("in", &mut rule.pins_in.iter().flatten().map(|pin| &pin.key));
        pins("out", &mut rule.pins_out.iter().map(|pin| &pin.key));
        Self { conditions, pins: digest.finalize().0 }
    }

    pub(crate) fn same_conditions(&self, other: &Self) -> bool {
        self.conditions == other.conditions
    }
}
