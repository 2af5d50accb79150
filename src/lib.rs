//! Segments of customers: rules as text, memberships as exact sets.
//!
//! A [`Schema`] says which columns customers have, and which rows belong to them. A [`Snapshot`] holds the data in
//! columns. [`Rules`] are checked text. The [`Engine`] holds all three and knows who was in which segment, so that a
//! refresh can say who came and who went.
//!
//! ```
//! use segmenta::{AsOf, Engine, Rules, Schema, Snapshot, Type};
//!
//! #[derive(serde::Serialize)]
//! struct Customer { id: i64, country: &'static str }
//! #[derive(serde::Serialize)]
//! struct Order { customer: i64, day: &'static str, total: &'static str }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let schema = Schema::builder()
//!     .timezone("Europe/Stockholm")
//!     .customers("id").column("id", Type::Int).column("country", Type::Text)
//!     .table("orders", "customer").time("day")
//!     .column("customer", Type::Int).column("day", Type::Date).column("total", Type::Decimal(2))
//!     .build()?;
//!
//! let mut data = Snapshot::builder(&schema);
//! data.push_row("customers", &Customer { id: 1, country: "SE" })?;
//! data.push_row("customers", &Customer { id: 2, country: "NO" })?;
//! data.push_row("orders", &Order { customer: 1, day: "2026-09-20", total: "120.50" })?;
//! data.push_row("orders", &Order { customer: 2, day: "2026-10-15", total: "99.90" })?;
//!
//! let rules = Rules::parse(&schema, "
//!     segment recent { include exists(orders where day within last 30 days) }
//!     segment abroad { include country != 'SE' }
//! ")?;
//!
//! let mut engine = Engine::new(rules, data.build()?)?;
//! engine.refresh("2026-10-20".parse::<AsOf>()?)?;
//! assert_eq!(engine.keys("recent"), Some(vec![1.into(), 2.into()]));
//!
//! let later = engine.refresh("2026-10-21".parse::<AsOf>()?)?;
//! assert_eq!(later.changes()[0].left_keys(), [1.into()]);
//!
//! let (Some(recent), Some(abroad)) = (engine.select("recent"), engine.select("abroad")) else { panic!() };
//! assert_eq!((recent & abroad).keys(), [2.into()]);
//! # Ok(())
//! # }
//! ```
//!
//! What rules may say and what they mean: [`docs::language`]. Nothing here reads a clock: every question has its
//! [`AsOf`]. Rules that passed their check do not fail on data, and nothing in a rule can hang or exhaust the program:
//! see [`Limits`].
//!
//! # Features
//!
//! `toml` (on by default): the schema as a TOML file. `csv`: tables from `.csv` and `.csv.gz`, and members to `.csv`. `parallel`: evaluation
//! on all cores. `jsonl`, `parquet`: tables from files of these kinds, and members to them. `arrow`: record batches in, members out as Arrow
//! arrays. `store`: memberships and their history in a file. `sql`: rules as one
//! statement for a database. `cli`: the command `segmenta`. No feature changes an answer.

// In reading order: what everything speaks of, the way of the rules, the way of the data, the ways to an answer.
mod error;
mod diagnostic;
mod value;
mod calendar;
mod parallel;
mod watch;
mod computed;
mod schema;
mod limits;
mod syntax;
mod library;
mod rule;
mod lint;
mod check;
mod snapshot;
mod ingest;
mod oracle;
mod plan;
mod exec;
mod segment;
mod engine;
mod output;
#[cfg(feature = "store")]
mod store;
#[cfg(feature = "store")]
mod jobs;
#[cfg(feature = "sql")]
pub mod sql;
pub mod catalog;
pub mod config;
pub mod docs;
#[doc(hidden)]
pub mod internals;

pub use calendar::{AsOf, InvalidAsOf, LeapDay};
pub use check::{Partition, Rules, RulesBuilder, Segment};
pub use computed::{AmountModel, FittedParameter, Model, OrderModel};
pub use diagnostic::{Code, Diagnostic, Location, Severity, UnknownCode};
pub use engine::{Engine, Fitting, NextChange};
pub use error::{Error, Result};
#[cfg(feature = "store")]
pub use jobs::{InvalidSchedule, JobState, JobStatus, Jobs, JobsBuilder, Schedule};
pub use limits::Limits;
#[cfg(any(feature = "csv", feature = "jsonl", feature = "parquet"))]
pub use output::Export;
pub use output::{
    Axis, AxisRow, AxisTable, Group, GroupBy, Measure, Profile, ProfileMean, ProfileShare,
};
/// The set of rows that members are.
#[doc(no_inline)]
pub use roaring::RoaringBitmap;
pub use rule::{ContentHash, InvalidContentHash, SegmentKind};
pub use schema::{Predict, Rfm, RfmPreset, Schema, SchemaBuilder, ScoreBox};
pub use segment::{Change, Evaluation, Members, Refresh};
pub use snapshot::{Changes, LoadReport, Snapshot, SnapshotBuilder};
#[cfg(feature = "store")]
pub use store::{
    Cause, Event, EventKind, InvalidPosition, PastRefresh, Position, SegmentStatus, Store,
    StoreReader, StoredMembership, StoredRule, StoredSegment,
};
pub use syntax::format_text as format;
pub use value::{Decimal, InvalidDecimal, Key, Type, Value};
pub use watch::{Cancel, Progress, Unit, Watch, Work};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
