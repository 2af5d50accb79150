//! Rule text to tree and back. Knows no schema: which names exist and what types they have is for `check`.

mod dates;
mod erase;
mod findings;
mod format;
mod lex;
mod literal;
mod odd;
mod parse;
mod print;
mod sign;
pub(crate) mod tree;
mod word;

pub(crate) use erase::Erase;
pub use format::format_text;
pub(crate) use lex::shorten;
pub(crate) use literal::{has_bad_escape, place_in_string};
pub(crate) use parse::{parse_condition, parse_file};
#[cfg(test)]
pub(crate) use print::tests::any_condition;
pub(crate) use print::{print_expr, print_file, print_start, written_name, written_text};
#[cfg(test)]
pub(crate) use word::reserved_words;
pub(crate) use word::{
    aggregate as aggregate_of, aggregate_name, is_identifier, is_name, number_word,
};

use crate::diagnostic::Finding;

/// What a text says, and what is wrong with it. The tree has `Error` nodes where something was wrong.
#[derive(Debug)]
pub(crate) struct Parsed<T> {
    pub(crate) tree: T,
    /// In the order of their places; empty where the text is well-formed.
    pub(crate) findings: Vec<Finding>,
}
