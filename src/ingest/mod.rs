//! Data from outside: rows of a program, files.

mod values;
