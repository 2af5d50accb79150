//! Rule files that ship with the crate, for `use 'segmenta/behaviour'`.
//!
//! They hold `let`s with parameters alone, so that they speak of no table and no column: what they are about is handed
//! to them. A project's own columns and `let`s go before those of a library, so that a library can grow.

/// A rule file of the crate.
pub(crate) struct Library {
    /// As it is written after `use`.
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
}

/// Every library there is.
pub(crate) const ALL: &[Library] =
    &[Library { name: "segmenta/behaviour", text: include_str!("library/behaviour.seg") }];

/// The library of this name.
pub(crate) fn find(name: &str) -> Option<&'static Library> {
    ALL.iter().find(|library| library.name == name)
}
