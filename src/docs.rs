//! Longer texts.

#[doc = include_str!("docs/language.md")]
pub mod language {}

#[doc = include_str!("docs/config.md")]
pub mod config {}

#[doc = include_str!("docs/schema.md")]
pub mod schema {}

#[doc = include_str!("docs/data.md")]
pub mod data {}

#[doc = include_str!("docs/changes.md")]
pub mod changes {}

#[doc = include_str!("docs/use.md")]
pub mod usage {}

#[cfg(feature = "store")]
#[doc = include_str!("docs/store.md")]
pub mod store {}

#[cfg(feature = "sql")]
#[doc = include_str!("docs/sql.md")]
pub mod sql {}

#[doc = include_str!("docs/scale.md")]
pub mod scale {}

#[doc = include_str!("docs/command.md")]
pub mod command {}

/// The library `segmenta/behaviour`, as rules use it.
///
/// ```text
#[doc = include_str!("library/behaviour.seg")]
/// ```
pub mod behaviour {}

#[doc(inline)]
pub use crate::diagnostic::reference as codes;
