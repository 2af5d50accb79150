//! What the fuzz targets do. The crate's own tests replay kept inputs through the same code, without libFuzzer.

#[path = "../../tests/it/differential/mod.rs"]
mod differential;
pub mod targets;
