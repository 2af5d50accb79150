//! Customer segmentation: rules as text, memberships as bitmaps.
#![cfg_attr(not(test), expect(dead_code, reason = "rooms are being furnished"))]

// A room is declared, and its names are re-exported one by one, as soon as it stands. The names, in reading order:
//
// error       Error, Result
// diagnostic  Code, Diagnostic, Location, Severity
// value       Decimal, InvalidDecimal, Key, Type, Value
// calendar    AsOf, InvalidAsOf, LeapDay
// schema      Schema, SchemaBuilder
// limits      Limits
// syntax      format
// check       Rules, RulesBuilder, Segment
// rule        SegmentKind
// snapshot    LoadReport, Snapshot, SnapshotBuilder
// engine      Engine
// segment     Change, Evaluation, Members, Refresh
// internals   (hidden) for tests, benches and fuzzing

mod error;
mod diagnostic;
mod value;
mod calendar;
mod schema;
mod limits;
mod syntax;
mod rule;
mod check;
mod snapshot;
mod oracle;
mod ingest;
mod plan;
mod exec;
pub mod docs;
#[doc(hidden)]
pub mod internals;

pub use calendar::{AsOf, InvalidAsOf, LeapDay};
pub use check::{Rules, RulesBuilder, Segment};
pub use diagnostic::{Code, Diagnostic, Location, Severity};
pub use error::{Error, Result};
pub use limits::Limits;
pub use rule::SegmentKind;
pub use schema::{Schema, SchemaBuilder};
pub use snapshot::{LoadReport, Snapshot, SnapshotBuilder};
pub use value::{Decimal, InvalidDecimal, Key, Type, Value};
