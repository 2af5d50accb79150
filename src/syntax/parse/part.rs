//! The parts of a partition.

use super::{Parser, item::CLAUSES};
use crate::{
    diagnostic::Code,
    syntax::{
        lex::{Token, TokenKind, shorten},
        tree::{Expr, ExprKind, Part},
    },
};

impl Parser<'_> {
    pub(super) fn parts(&mut self, open: Token) -> Vec<Part> {
        let mut parts = Vec::new();
        let empty = self.at(TokenKind::CloseBrace);
        while !self.at(TokenKind::CloseBrace) {
            // A part may be called `let`.
            let part = self.is_any_word(1, &["when", "otherwise"]);
            if self.at(TokenKind::End) || (self.at_item() && !part) {
                self.unclosed_brace(open);
                return parts;
            }
            if self.at_clause_of_segment() {
                self.refuse_clause();
            } else if let Some(part) = self.part() {
                parts.push(part);
            }
            if !self.at(TokenKind::Comma) && !self.at_boundary() {
                self.missing("`,` or `}`", None);
                self.skip_within(true);
            }
            let ended = matches!(self.peek().kind, TokenKind::CloseBrace | TokenKind::End);
            if !self.eat(TokenKind::Comma)
                && !ended
                && !self.at_item()
                && !self.at_clause_of_segment()
            {
                self.unexpected("`,` or `}`");
                self.advance();
            }
        }
        self.advance();
        if empty {
            let message = "this partition is empty; expected a part such as `gold when …`";
            self.report(Code::EmptyList, self.span_of(open), message);
        }
        parts
    }

    /// `gold when CONDITION`, `rest otherwise`
    fn part(&mut self) -> Option<Part> {
        let first = self.peek();
        let name = self.definition_name("the name of a part")?;
        let when = if self.eat_word("when") {
            Some(self.measured_condition())
        } else if self.eat_word("otherwise") {
            None
        } else {
            let help = match self.peek().kind {
                TokenKind::Text => "a part has no title of its own".to_owned(),
                _ => format!("write `{} when …`", shorten(&name.text)),
            };
            self.unexpected_with("`when` and a condition, or `otherwise`", Some(help));
            self.advance_unless_closed();
            self.skip_within(true);
            // Its name is known all the same.
            Some(Expr { kind: ExprKind::Error, span: name.span })
        };
        Some(Part { name, when, span: self.span_from(first) })
    }

    fn advance_unless_closed(&mut self) {
        if !self.at(TokenKind::CloseBrace) {
            self.advance();
        }
    }

    fn at_clause_of_segment(&self) -> bool {
        let known = self.is_any_word(0, &CLAUSES) || !self.is_name(0);
        self.at_clause() && known && !self.is_any_word(1, &["when", "otherwise"])
    }

    /// A clause, which only segments have.
    fn refuse_clause(&mut self) {
        if !self.is_silent() {
            let word = self.peek();
            let message = format!("a partition has no `{}`", self.text_of(word));
            let help = "its parts are segments: `NAME when CONDITION`";
            self.report_help(Code::UnknownClause, self.span_of(word), message, help);
        }
        self.advance();
        self.skip_within(true);
        self.silence();
    }
}
