//! Data from outside: rows of a program, files.

#[cfg(feature = "csv")]
mod csv;
mod field;
#[cfg(feature = "csv")]
mod records;
mod rows;
mod serialize;
mod values;
#[cfg(test)]
#[cfg(feature = "csv")]
mod tests;
