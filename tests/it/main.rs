//! Every reader of the rules against every other.

mod check;
mod cli;
mod data;
mod docs;
mod engine;
mod schema;
mod shop;
