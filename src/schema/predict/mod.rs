//! `[predict]`: which rows are purchases, and what is fixed of the predictions that are made of them.

mod definition;
mod draft;
mod settle;

pub use definition::Predict;
#[cfg(feature = "toml")]
pub(super) use draft::PARAMETERS;
pub(super) use draft::{DraftParameters, DraftPredict};
pub(super) use settle::settle_predict;

use super::Purchases;
use crate::{calendar::Offset, computed::Model, value::Decimal};

/// What `[predict]` says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PredictDefinition {
    pub(crate) purchases: Purchases,
    pub(crate) settings: PredictSettings,
}

/// How predictions are made.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PredictSettings {
    /// From which share of those who are worth less on the tiers `high` and `medium` begin; below 1, the second smaller.
    pub(crate) tiers: [Decimal; 2],
    /// Over which a customer's value decides the tier; in days or longer, positive.
    pub(crate) horizon: Offset,
    /// A year; 0 or more.
    pub(crate) discount_rate: f64,
    /// What is not fitted.
    pub(crate) fixed: Model,
}

/// A horizon of a prediction is not longer.
pub(crate) const LONGEST_YEARS: i64 = 100;

/// A length of time to look ahead: whole days or longer, more than none and at most [`LONGEST_YEARS`].
pub(crate) fn horizon(length: Offset) -> Option<Offset> {
    let today = crate::calendar::Day(0);
    let last = Offset { amount: LONGEST_YEARS, unit: crate::calendar::Unit::Years };
    let fits = length.amount > 0
        && !length.unit.is_clock()
        && length.day_from(today) <= last.day_from(today);
    fits.then_some(length)
}
