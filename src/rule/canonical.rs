//! One text for one meaning: decides whether a static segment must be formed anew.

use super::SegmentRule;

/// A text of the segment's own conditions, `let`s expanded; the same for every layout of the same rule. Title,
/// metadata and pins are not part of it.
pub(crate) fn canonical_text(_segment: &SegmentRule) -> String {
    String::new()
}
