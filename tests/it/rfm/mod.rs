//! Scores by purchases: what the schema says of them.

mod setup;
