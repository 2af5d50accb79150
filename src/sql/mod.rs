//! A plan as one statement for a database: the same members, worked out where the data lies.
//!
//! [`lower`] writes `WITH … SELECT segment, key` for one [`Dialect`]. Every table of rows is read once and grouped by
//! customer, every segment is a column of truth over the customers, and what several conditions share is a column that
//! they all read. Nothing is approximated: what a dialect cannot say exactly is refused with the code
//! [`E1401`](crate::Code::NotInDialect), and a number beyond what its engine holds ends the statement with an error.
//!
//! What the columns must hold, and what each dialect refuses: [`docs::sql`](crate::docs::sql).

mod aggregate;
mod condition;
mod day;
mod dialect;
mod expr;
mod frame;
mod lower;
mod mapping;
mod names;
mod number;
mod place;
mod range;
mod rank;
#[cfg(feature = "toml")]
mod read;
mod regex;
mod rows;
mod source;
mod stages;
mod statement;
mod text;
mod texts;
mod uses;
mod zone;

pub use dialect::{Dialect, UnknownDialect};
pub use mapping::Mapping;
pub use statement::{Statement, lower};
