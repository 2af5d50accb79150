//! Data from outside: rows of a program, files.

#[cfg(feature = "arrow")]
mod arrow;
#[cfg(feature = "csv")]
mod csv;
mod field;
#[cfg(any(feature = "arrow", feature = "csv"))]
mod header;
#[cfg(any(feature = "arrow", feature = "csv", feature = "jsonl"))]
mod ignored;
#[cfg(feature = "jsonl")]
mod jsonl;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(feature = "csv")]
mod records;
mod rows;
mod serialize;
mod values;
#[cfg(any(feature = "csv", feature = "jsonl"))]
mod watched;
#[cfg(test)]
#[cfg(feature = "csv")]
mod tests;
