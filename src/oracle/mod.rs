//! What a rule means for one customer, in the order of the language's own description. The reference for all that is
//! faster; it knows nothing of plans, masks or columns.

mod aggregate;
mod arithmetic;
mod condition;
mod datum;
mod expr;
mod predict;
mod rank;
mod rfm;
mod segment;
#[cfg(test)]
mod tests;
mod time;

use roaring::RoaringBitmap;

pub(crate) use predict::fits;
pub(crate) use segment::{evaluate, existing, values};

use self::{predict::Predicted, rank::Populations, rfm::Buyers};
use crate::{
    calendar::Moment,
    rule::{Predict, Rfm},
    snapshot::{Row, Snapshot},
    value::Decimal,
};

/// What all customers share.
#[derive(Clone, Copy)]
struct World<'a> {
    snapshot: &'a Snapshot,
    moment: Moment,
    /// By segment; only those that come before the one at hand are filled in.
    members: &'a [RoaringBitmap],
    rfm: Option<&'a Rfm>,
    predict: Option<&'a Predict>,
    known: &'a Known,
}

impl<'a> World<'a> {
    /// Without segments, scores and predictions.
    fn plain(snapshot: &'a Snapshot, moment: Moment, known: &'a Known) -> Self {
        Self { snapshot, moment, members: &[], rfm: None, predict: None, known }
    }
}

/// What is computed when it is first asked for, and then known to every [`World`] that borrows it.
#[derive(Default)]
struct Known {
    populations: Populations,
    buyers: Buyers,
    predicted: Predicted,
}

/// Where a condition or a value is looked at: from a customer, or in an aggregate from one of the customer's rows.
#[derive(Clone, Copy)]
struct Scope<'a> {
    world: &'a World<'a>,
    /// The customer's row in the snapshot.
    number: u32,
    customer: Row<'a>,
    /// The customer, or the child row.
    row: Row<'a>,
}

/// A value that is not missing.
#[derive(Debug, Clone, PartialEq)]
enum Datum {
    Bool(bool),
    Exact(Decimal),
    Float(f64),
    Text(String),
    Day(crate::calendar::Day),
    Instant(crate::calendar::Instant),
    MonthDay(crate::calendar::MonthDay),
    TextSet(Vec<String>),
    IntSet(Vec<i64>),
    Geo { latitude: f64, longitude: f64 },
}
