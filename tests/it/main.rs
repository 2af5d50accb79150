//! Every reader of the rules against every other.

mod check;
mod engine;
mod schema;
