//! Every reader of the rules against every other.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a test that cannot go on fails"
)]

mod check;
mod cli;
mod data;
mod docs;
mod engine;
mod schema;
mod shop;
