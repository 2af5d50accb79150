//! Customer segmentation: rules as text, memberships as bitmaps.
#![cfg_attr(not(test), expect(dead_code, reason = "rooms are being furnished"))]

// In reading order: what everything speaks of, the way of the rules, the way of the data, the ways to an answer.
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
mod ingest;
mod oracle;
mod plan;
mod exec;
mod segment;
mod engine;
pub mod docs;
#[doc(hidden)]
pub mod internals;

pub use calendar::{AsOf, InvalidAsOf, LeapDay};
pub use check::{Rules, RulesBuilder, Segment};
pub use diagnostic::{Code, Diagnostic, Location, Severity};
pub use engine::Engine;
pub use error::{Error, Result};
pub use limits::Limits;
pub use rule::SegmentKind;
pub use schema::{Schema, SchemaBuilder};
pub use segment::{Change, Evaluation, Members, Refresh};
pub use snapshot::{LoadReport, Snapshot, SnapshotBuilder};
pub use value::{Decimal, InvalidDecimal, Key, Type, Value};
