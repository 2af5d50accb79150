//! Tokens to tree. Nothing here is recursive, so no text can exhaust the stack.
//!
//! Errors do not end the parse. What is wrong becomes an `Error` node or is left out, and the parser goes on behind
//! the next comma, closing bracket, clause or definition.

mod amount;
mod bracket;
mod comparison;
mod cursor;
mod entry;
mod expression;
mod foreign;
mod form;
mod item;
mod list;
mod operand;
mod part;
mod recover;
#[cfg(test)]
pub(in crate::syntax) mod tests;

pub(in crate::syntax) use entry::parse_with_comments;
pub(crate) use entry::{parse_condition, parse_file};

use self::expression::Pending;
use super::{findings::Findings, lex::Lexer};
use crate::{diagnostic::SourceId, limits::Limits};

struct Parser<'a> {
    source: SourceId,
    text: &'a str,
    /// Holds the tokens around the position: those of a whole file may need 12 times its size.
    lexer: Lexer<'a>,
    keeps_comments: bool,
    /// Tokens that the lexer no longer holds.
    taken: usize,
    /// The token that is looked at.
    position: usize,
    /// Brackets, quantifiers, `not` and `-` around it.
    depth: usize,
    /// Empty but for a condition under way.
    stack: Vec<Pending>,
    limits: &'a Limits,
    findings: Findings,
    /// Braces that were not closed before the next definition and may be closed behind it.
    unclosed_braces: usize,
    /// A token about which nothing more is said, because a finding has just been given for it.
    silenced: Option<usize>,
    /// Something was reported in the condition at hand, so that what it says is not known.
    spoiled: bool,
}
