//! What stands from one run to the next, so that a change of some customers or of the day need not ask everybody again.
//!
//! A run over everybody leaves behind the answers to the conditions that segments only combine (their *leaves*), the
//! members of each segment, where the ordered values of all customers were cut, and the values themselves. All are kept
//! by row number, in blocks of 65,536 rows.
//!
//! Time reaches a customer in three ways: the customer, or a row, comes to exist; a condition that reads the clock has
//! another answer; or a cut of the population moves. [`sources`] tells for every leaf which of these it may feel, and
//! [`advance()`] asks each leaf again for those customers alone whom they concern.

mod advance;
mod answers;
mod leaves;
mod sources;
mod strips;

pub(crate) use advance::{Entering, advance, recut};
pub(super) use answers::{Answers, Block, Kept};
pub(super) use leaves::leaves;
pub(super) use strips::each_owned;

use super::rank::{Cuts, Ranked};

/// What stands from the last run.
#[derive(Default)]
pub(crate) struct Standing {
    pub(super) cuts: Cuts,
    /// How often cuts have moved since the run.
    pub(super) moves: u64,
    /// By value: what customers are ranked by.
    pub(super) ranked: Vec<Option<Ranked>>,
    pub(super) answers: Answers,
}
