//! Trees as canonical text: one blank where one is needed, keywords in lower case, `'…'` strings, no comments.
//!
//! LAW: the text of a tree parses to that tree.

mod expr;
mod item;
mod leaf;
#[cfg(test)]
mod tests;

pub(crate) use expr::print_expr;
pub(crate) use item::print_file;
