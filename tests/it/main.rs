//! Every reader of the rules against every other.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test that cannot go on fails"
)]

mod bad_input;
mod catalog;
mod changes;
mod check;
mod chunks;
mod cli;
mod config;
mod corpus;
mod data;
mod depth;
mod diagnostics;
mod differential;
mod docs;
mod engine;
mod explanations;
mod formats;
mod fuzz;
mod jobs;
mod layering;
mod limits;
mod lints;
mod next_change;
mod online_retail;
mod output;
mod predict;
mod purchases;
mod ranks;
mod rfm;
mod schema;
mod shards;
mod shop;
mod sql;
mod store;
mod watch;
