//! Values computed from a customer's rows of a child table.

use super::{Condition, Expr};
use crate::schema::TableId;

/// `sum(orders.total where status = 'paid')`, over the customer's rows of `table` that exist at `as_of` and meet
/// the filter, and whose value is present.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Aggregate {
    pub(crate) function: AggregateFunction,
    pub(crate) table: TableId,
    /// Seen from the child row; `None` for `count(orders)`, `exists(orders)` and `average_gap(orders)`.
    pub(crate) value: Option<Expr>,
    /// Seen from the child row.
    pub(crate) filter: Option<Condition>,
}

/// Over no rows `Count`, `CountDistinct` and `Sum` are 0, `Exists` is false and the others are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum AggregateFunction {
    Count,
    CountDistinct,
    Exists,
    /// Exact for exact columns; for floats the float nearest to the exact sum, so the order of rows does not matter.
    Sum,
    /// The float nearest to the exact sum divided by the number of rows (for floats: of `Sum` divided).
    Avg,
    Min,
    Max,
    /// Of the row with the earliest time, ties by row order; rows without a time do not count.
    First,
    /// Of the row with the latest time, ties by row order; rows without a time do not count.
    Last,
    /// Local days from the first row that has a time to the last, divided by their number less one: the float nearest
    /// to it. Missing for fewer than two.
    AverageGap,
}

impl AggregateFunction {
    /// Whether it is missing over no rows.
    pub(crate) const fn needs_rows(self) -> bool {
        match self {
            Self::Count | Self::CountDistinct | Self::Exists | Self::Sum => false,
            Self::Avg | Self::Min | Self::Max | Self::First | Self::Last | Self::AverageGap => true,
        }
    }
}
