//! Statements of SQL: on SQLite, the engine inside the tests, they find the members that `exec` finds.

pub(crate) mod sqlite;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod names;
#[cfg(test)]
pub(crate) mod parsed;
#[cfg(test)]
mod refused;
