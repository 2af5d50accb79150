//! Every reader of the rules against every other.

mod schema;
