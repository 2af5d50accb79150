//! Rule text to tree and back. Knows no schema: which names exist and what types they have is for `check`.

mod format;
mod lex;
mod parse;
mod print;
mod tree;

// To come here:
// pub(crate) fn parse_file(id: SourceId, text: &str, limits: &Limits) -> Parsed<File>   (tree with Error nodes + findings)
// pub(crate) fn parse_condition(id: SourceId, text: &str, limits: &Limits) -> Parsed<Expr>
// pub(crate) fn print_file(&File) -> String, print_expr(&Expr) -> String  (no comments, canonical)
// pub fn format(text) -> Result<String, …>
