//! The canonical layout of a file, with its comments.
//!
//! LAW: formatting a formatted text changes nothing, and no formatting changes what a text says.

mod check;
mod expr;
mod item;
mod text;
#[cfg(test)]
mod tests;
mod writer;

pub(crate) use check::format;
pub use text::format_text;
