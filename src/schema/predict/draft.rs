//! `[predict]` as it was written.

use super::super::{
    draft::{Field, Word},
    purchases::DraftPurchases,
};
use crate::diagnostic::Span;

/// The fields of parameters, in the order of [`DraftParameters::numbers`]: those of orders, then those of amounts.
pub(in super::super) const PARAMETERS: [&str; 7] = ["r", "alpha_days", "a", "b", "p", "q", "v"];

#[derive(Debug, Clone)]
pub(in super::super) struct DraftPredict {
    pub(in super::super) span: Span,
    pub(in super::super) purchases: DraftPurchases,
    /// Numbers are texts until they are settled.
    pub(in super::super) spend_tiers: Field<(Vec<Word>, Span)>,
    pub(in super::super) spend_horizon: Field<Word>,
    pub(in super::super) discount_rate: Field<Word>,
    pub(in super::super) parameters: Field<DraftParameters>,
}

#[derive(Debug, Clone)]
pub(in super::super) struct DraftParameters {
    pub(in super::super) span: Span,
    pub(in super::super) numbers: [Field<Word>; 7],
}

impl DraftPredict {
    pub(in super::super) fn new(span: Span) -> Self {
        Self {
            span,
            purchases: DraftPurchases::default(),
            spend_tiers: Field::Absent,
            spend_horizon: Field::Absent,
            discount_rate: Field::Absent,
            parameters: Field::Absent,
        }
    }
}

impl DraftParameters {
    pub(in super::super) fn new(span: Span) -> Self {
        Self { span, numbers: std::array::from_fn(|_| Field::Absent) }
    }
}
