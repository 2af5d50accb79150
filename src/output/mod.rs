//! Results on their way out.

#[cfg(feature = "arrow")]
mod arrow;
