//! Statements of SQL: on SQLite, the engine inside the tests, they find the members that `exec` finds.

pub(crate) mod sqlite;
