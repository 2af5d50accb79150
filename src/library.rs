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

const ADVICE: &str = "at the top of the file";

/// What to write for a function that a library defines.
pub(crate) fn advice(name: &str) -> Option<String> {
    let head = format!("let {name}(");
    let found = ALL.iter().find(|library| library.text.lines().any(|line| line.starts_with(&head)));
    let library = found?.name;
    Some(format!("`{library}` has it: write `use '{library}'` {ADVICE}"))
}

/// Whether a help is only this advice.
pub(crate) fn is_advice(help: &str) -> bool {
    help.ends_with(ADVICE)
}
