//! Results on their way out.

#[cfg(feature = "arrow")]
mod arrow;
#[cfg(any(feature = "csv", feature = "jsonl", feature = "parquet"))]
mod export;
mod page;

#[cfg(any(feature = "csv", feature = "jsonl", feature = "parquet"))]
pub use export::Export;
