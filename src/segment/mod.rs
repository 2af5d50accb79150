//! Who is in which segment: answers, set algebra, and what changed from one refresh to the next.

mod evaluation;
mod members;
mod membership;
mod refresh;
mod touched;

pub use evaluation::Evaluation;
pub use members::Members;
pub(crate) use membership::Memberships;
#[cfg(feature = "store")]
pub(crate) use membership::{Saved, SavedSegment};
pub use refresh::{Change, Refresh};
pub(crate) use touched::Touched;
