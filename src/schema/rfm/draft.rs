//! `[rfm]` as it was written.

use super::super::{
    draft::{Field, Word},
    purchases::DraftPurchases,
};
use crate::diagnostic::Span;

/// The fields of a box, in the order of [`DraftBox::scores`]. The last is the mean of the two before it.
pub(in super::super) const BOX_FIELDS: [&str; 4] =
    ["recency", "frequency", "monetary", "frequency_monetary"];

/// The fields of thresholds, in the order of [`DraftThresholds::lists`].
pub(in super::super) const THRESHOLDS: [&str; 3] = ["recency_days", "frequency", "monetary"];

#[derive(Debug, Clone)]
pub(in super::super) struct DraftRfm {
    pub(in super::super) span: Span,
    pub(in super::super) purchases: DraftPurchases,
    pub(in super::super) window: Field<Word>,
    /// Numbers are texts until they are settled.
    pub(in super::super) levels: Field<Word>,
    pub(in super::super) min_population: Field<Word>,
    pub(in super::super) without_purchase: Field<Word>,
    pub(in super::super) method: Field<Word>,
    pub(in super::super) thresholds: Field<DraftThresholds>,
    pub(in super::super) groups: Field<DraftGroups>,
}

#[derive(Debug, Clone)]
pub(in super::super) struct DraftThresholds {
    pub(in super::super) span: Span,
    pub(in super::super) lists: [Field<(Vec<Word>, Span)>; 3],
}

#[derive(Debug, Clone)]
pub(in super::super) enum DraftGroups {
    Preset(Word),
    Own { groups: Vec<DraftGroup>, span: Span },
}

#[derive(Debug, Clone)]
pub(in super::super) struct DraftGroup {
    pub(in super::super) name: Word,
    pub(in super::super) boxes: Vec<DraftBox>,
}

/// Scores that belong to a group; a field that is left out takes all.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct DraftBox {
    pub(in super::super) scores: [Field<Vec<Word>>; 4],
}

impl DraftRfm {
    pub(in super::super) fn new(span: Span) -> Self {
        Self {
            span,
            purchases: DraftPurchases::default(),
            window: Field::Absent,
            levels: Field::Absent,
            min_population: Field::Absent,
            without_purchase: Field::Absent,
            method: Field::Absent,
            thresholds: Field::Absent,
            groups: Field::Absent,
        }
    }
}
