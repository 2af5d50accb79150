//! Scores by purchases.

use super::Expr;
use crate::schema::Scores;

/// A column of `rfm`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum RfmField {
    /// The score of the last purchase; like the others whole, from 1 to the number of levels.
    Recency,
    /// The score of the number of purchases.
    Frequency,
    /// The score of what they are worth together.
    Monetary,
    /// The digits of all three.
    Score,
    /// The name of the group that they belong to.
    Group,
}

/// What all columns of `rfm` are computed from. The population are those who exist and have a purchase.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rfm {
    /// The number of purchases, of which each has a time.
    pub(crate) count: Expr,
    /// The date or datetime of the last one.
    pub(crate) last: Expr,
    /// What they are worth together.
    pub(crate) sum: Expr,
    pub(crate) scores: Scores,
}

impl RfmField {
    pub(crate) const ALL: [Self; 5] =
        [Self::Recency, Self::Frequency, Self::Monetary, Self::Score, Self::Group];

    /// As it is written in a rule, behind `rfm.`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Recency => "recency",
            Self::Frequency => "frequency",
            Self::Monetary => "monetary",
            Self::Score => "score",
            Self::Group => "group",
        }
    }
}
