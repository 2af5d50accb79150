//! The program against a real PostgreSQL.

mod cluster;
mod fields;
mod members;
