//! Why somebody entered a segment or left it.

use std::fmt;

/// Why a customer entered a segment or left it.
///
/// Where several reasons hold at once, it is the first of [`Deleted`](Cause::Deleted), [`Pinned`](Cause::Pinned),
/// [`RuleChanged`](Cause::RuleChanged), [`DataChanged`](Cause::DataChanged), [`TimePassed`](Cause::TimePassed).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// The customer is no more.
    Deleted,
    /// A pin holds the customer in, or out.
    Pinned,
    /// The segment is new, or its rule, kind or pins, or those of a segment it refers to, are others than when it was
    /// last calculated.
    RuleChanged,
    /// The customer is new, or the customer's values or rows are others than when the segment was last calculated.
    DataChanged,
    /// Nothing of the customer's own has changed: time has passed, or others have changed places with the customer in
    /// the order of all.
    TimePassed,
}

impl Cause {
    pub(super) const ALL: [Self; 5] =
        [Self::Deleted, Self::Pinned, Self::RuleChanged, Self::DataChanged, Self::TimePassed];

    pub(super) fn to_byte(self) -> u8 {
        match self {
            Self::Deleted => 0,
            Self::Pinned => 1,
            Self::RuleChanged => 2,
            Self::DataChanged => 3,
            Self::TimePassed => 4,
        }
    }

    pub(super) fn of_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.to_byte() == byte)
    }
}

/// In two words at most: `data changed`.
impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Deleted => "deleted",
            Self::Pinned => "pinned",
            Self::RuleChanged => "rule changed",
            Self::DataChanged => "data changed",
            Self::TimePassed => "time passed",
        })
    }
}
