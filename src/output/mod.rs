//! Results on their way out.

#[cfg(feature = "arrow")]
mod arrow;
mod axis;
#[cfg(any(feature = "csv", feature = "jsonl", feature = "parquet"))]
mod export;
mod page;
mod profile;
mod values;

pub use axis::{Axis, AxisRow, AxisTable, Group, GroupBy, Measure};
pub use profile::{Profile, ProfileMean, ProfileShare};

#[cfg(any(feature = "csv", feature = "jsonl", feature = "parquet"))]
pub use export::Export;
