//! Every reader of the rules against every other.

mod check;
mod docs;
mod engine;
mod cli;
mod schema;
mod shop;
