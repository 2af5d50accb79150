//! When time alone changes the members of a segment.
//!
//! [`feels`] reads from the plan through what time can reach a customer: a value of a column that an edge of the clock
//! passes ([`edge`]), month-days that come round every year, or the day itself. [`ever`] leaves out all for whom that cannot
//! matter, because other conditions settle the answer. [`events`] finds, for a stretch of time,
//! at which instants that happens and to whom; between them every answer stays as it is. [`search`] goes from one stretch
//! to the next and evaluates those customers at those instants, until one of them is in where he was out, or the other
//! way round.

mod edge;
mod ever;
mod events;
mod feels;
mod search;
mod yearly;

pub(crate) use feels::{SegmentsRead, segments_read};
pub(crate) use search::{Next, Search};

use edge::Edge;
use yearly::Anniversaries;

use crate::schema::{ColumnId, TableId};

/// Through what time reaches customers.
#[derive(Default)]
struct Feels {
    crossings: Vec<Crossing>,
    yearly: Vec<Anniversaries>,
    /// Whoever it is may have another answer when the local day of the instant that lies so many microseconds after the
    /// clock's changes.
    shifts: Vec<i64>,
    /// Whoever it is may have another answer at any instant.
    always: bool,
    /// Whoever has another value may change the place of others.
    everybody: bool,
    /// Models are fitted at each instant.
    fits: bool,
    /// By condition and by value: what it feels itself.
    conditions: Vec<Own>,
    values: Vec<Own>,
    /// By condition: whether it may have another answer at some time.
    reached: Vec<bool>,
}

/// What a node of the plan feels itself.
#[derive(Default, Clone)]
struct Own {
    /// The numbers of the crossings.
    crossings: Vec<usize>,
    /// The days that come and go.
    days: bool,
}

/// Values that an edge reaches.
#[derive(PartialEq)]
struct Crossing {
    values: Values,
    edge: Edge,
    /// Whether something may change too when the edge leaves the value behind.
    leaves: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Values {
    /// Of customers, or of rows that they own.
    Owned { table: TableId, column: ColumnId },
    /// Anybody may refer to them.
    Lookup(ColumnId),
    /// One, the same for all.
    Literal(i64),
}
