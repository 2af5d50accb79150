//! `[rfm]`: which rows are purchases, and how customers are scored by them.

mod definition;
mod draft;
mod groups;
mod preset;
mod settle;

pub use definition::{Rfm, ScoreBox};
pub use preset::RfmPreset;

#[cfg(feature = "toml")]
pub(super) use draft::{BOX_FIELDS, THRESHOLDS};
pub(super) use draft::{DraftBox, DraftGroup, DraftGroups, DraftRfm, DraftThresholds};
pub(super) use settle::settle_rfm;

use super::Purchases;
use crate::{calendar::Offset, value::Decimal};

/// What `[rfm]` says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RfmDefinition {
    pub(crate) purchases: Purchases,
    /// From this distance of today on, in days or longer; negative. `None` is all time.
    pub(crate) window: Option<Offset>,
    pub(crate) scores: Scores,
}

/// How customers are scored by their purchases.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scores {
    /// 3 to 10; the highest is the best.
    pub(crate) levels: u8,
    pub(crate) method: Method,
    /// Where fewer customers have a purchase, nobody has scores; at least 1.
    pub(crate) min_population: u64,
    /// Whether customers without a purchase have the lowest scores; else they have none.
    pub(crate) lowest_without_purchase: bool,
    pub(crate) groups: Option<Groups>,
}

/// From a value of the customers with a purchase to their scores.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Method {
    /// As `quantile(VALUE, levels)`.
    Quantile,
    /// 1 + the number of cut points below the value; the cut points are at equal parts of the way through the ordered
    /// values, between two of them as far as the part is (type 7 of R).
    Qcut,
    /// 1 + the number of thresholds that the value reaches; of days since the last purchase turned round. Each list
    /// ascends and is one shorter than there are levels.
    Thresholds { recency_days: Vec<Decimal>, frequency: Vec<Decimal>, monetary: Vec<Decimal> },
}

/// Names for scores: each three scores belong to one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Groups {
    names: Vec<String>,
    /// The number of the name for each three scores, in the order of [`Scores::all`].
    of: Vec<u16>,
}

impl Scores {
    /// All scores of recency, frequency and monetary: the last counts up first.
    pub(crate) fn all(&self) -> impl Iterator<Item = [u8; 3]> + use<> {
        all(self.levels)
    }

    /// The digits of three scores, joined with `-` where there are more than nine levels.
    pub(crate) fn text(&self, [r, f, m]: [u8; 3]) -> String {
        if self.levels > 9 { format!("{r}-{f}-{m}") } else { format!("{r}{f}{m}") }
    }
}

fn all(levels: u8) -> impl Iterator<Item = [u8; 3]> {
    let each = move || 1..=levels;
    each().flat_map(move |r| each().flat_map(move |f| each().map(move |m| [r, f, m])))
}

impl Groups {
    /// In the order in which they were written.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// The name for each three scores, in the order of [`Scores::all`].
    pub(crate) fn by_scores(&self) -> impl Iterator<Item = &str> {
        self.of.iter().filter_map(|group| self.names.get(usize::from(*group)).map(String::as_str))
    }
}
