//! Trees as canonical text: one blank where one is needed, keywords in lower case, `'…'` strings, no comments.
//!
//! LAW: the text of a tree parses to that tree.

mod expr;
mod item;
mod leaf;
#[cfg(test)]
pub(in crate::syntax) mod tests;

pub(super) use expr::{
    arithmetic_sign, function_text, ignoring_words, operator_words, quantifier_words, target_text,
    write_expr, write_list,
};
pub(crate) use expr::{print_expr, print_start};
pub(crate) use item::print_file;
pub(super) use item::{partition_head, segment_head, write_clause_head, write_let_head};
pub(super) use leaf::{name_text, write_text};
pub(crate) use leaf::{written_name, written_text};
