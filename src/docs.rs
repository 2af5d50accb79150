//! Longer texts.

#[doc = include_str!("docs/language.md")]
pub mod language {}
