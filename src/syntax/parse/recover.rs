//! Where the parser goes on after an error.

use super::Parser;
use crate::{
    diagnostic::Code,
    syntax::{
        lex::{Token, TokenKind},
        tree::{Expr, ExprKind},
        word::Reserved,
    },
};

impl Parser<'_> {
    /// Whether a definition begins here; false within expressions, whatever their columns are called.
    pub(super) fn at_item(&self) -> bool {
        // PERF: most words are names of columns.
        let Some(word) = self.word(0).filter(|_| self.begins_with(b"dilpsu")) else { return false };
        let next = self.ahead(1).kind;
        let behind = self.ahead(2).kind;
        // Behind a column called `let` these would be operators.
        let operator = self.is_any_word(1, &["contains", "matches"]);
        let named = self.is_name(1);
        let is = |keyword: &str| word.eq_ignore_ascii_case(keyword);
        if is("let") {
            let opened = behind == TokenKind::Open && !operator;
            named && (opened || matches!(behind, TokenKind::Compare(_)))
        } else if is("segment") || is("partition") {
            let referred = self.previous().kind == TokenKind::Reserved(Reserved::In);
            let titled = behind == TokenKind::Text && self.ahead(3).kind == TokenKind::OpenBrace;
            named && !referred && (titled || behind == TokenKind::OpenBrace)
        } else if is("static") || is("dynamic") || is("inactive") {
            self.is_any_word(1, &["static", "dynamic", "inactive", "segment"])
        } else {
            is("use") && next == TokenKind::Text
        }
    }

    /// Whether a clause of a segment begins here.
    pub(super) fn at_clause(&self) -> bool {
        let next = self.ahead(1).kind;
        match self.peek().kind {
            TokenKind::Reserved(Reserved::Include | Reserved::Exclude) => true,
            TokenKind::Word | TokenKind::Quoted if next == TokenKind::Colon => true,
            TokenKind::Word if self.is_word(0, "pin") => {
                let side = next == TokenKind::Reserved(Reserved::In) || self.is_word(1, "out");
                next == TokenKind::Open || (side && self.ahead(2).kind == TokenKind::Open)
            }
            _ => false,
        }
    }

    /// Whether no bracket that was opened before can be closed behind this place.
    pub(super) fn at_boundary(&self) -> bool {
        matches!(self.peek().kind, TokenKind::End | TokenKind::CloseBrace)
            || self.at_clause()
            || self.at_item()
    }

    /// Skips to the bracket that closes the present one, or to a comma in it if that will do, or to a boundary.
    pub(super) fn skip_within(&mut self, comma: bool) {
        let mut depth = 0_usize;
        while !self.at_boundary() {
            match self.peek().kind {
                TokenKind::Open => depth += 1,
                TokenKind::Close if depth == 0 => return,
                TokenKind::Close => depth -= 1,
                TokenKind::Comma if depth == 0 && comma => return,
                _ => {}
            }
            self.advance();
        }
    }

    pub(super) fn skip_to_clause(&mut self) {
        while !self.at_boundary() {
            if !self.skip_braces() {
                self.advance();
            }
        }
    }

    /// Skips braces that are closed on their line, with what stands in them. No brace belongs into a condition.
    pub(super) fn skip_braces(&mut self) -> bool {
        if !self.at(TokenKind::OpenBrace) || !self.rest_of_line(self.peek().start).contains('}') {
            return false;
        }
        while !self.at(TokenKind::End) && !self.eat(TokenKind::CloseBrace) {
            self.advance();
        }
        true
    }

    pub(super) fn skip_to_item(&mut self) {
        while !self.at(TokenKind::End) && !self.at_item() && !self.at_attempt() {
            self.advance();
        }
    }

    /// Whether a line begins here like a definition, though perhaps with a mistake.
    fn at_attempt(&self) -> bool {
        let referred = self.previous().kind == TokenKind::Reserved(Reserved::In);
        if !self.is_name(0) || !self.starts_line() || referred {
            return false;
        }
        let names = (0..4).take_while(|places| self.is_name(*places)).count();
        let titled = usize::from(self.ahead(names).kind == TokenKind::Text);
        let braced = names > 1 && self.ahead(names + titled).kind == TokenKind::OpenBrace;
        let named = names > 1 && self.is_any_word(0, &["segment", "partition"]);
        braced || named || self.is_word(0, "let")
    }

    pub(super) fn starts_line(&self) -> bool {
        let between = Token { start: self.previous().end, end: self.peek().start, ..self.peek() };
        self.position == 0 || self.text_of(between).contains('\n')
    }

    /// The closing bracket of `open`, or a finding and a step to where it may be.
    pub(super) fn close(&mut self, open: Token, expected: &str) {
        if self.eat(TokenKind::Close) {
            return;
        }
        if !self.at_boundary() {
            self.unexpected(expected);
            self.skip_within(false);
        }
        if !self.eat(TokenKind::Close) {
            self.unclosed(open);
        }
    }

    pub(super) fn unclosed(&mut self, open: Token) {
        if !self.is_silent() {
            let message = format!("this `{}` is never closed", self.text_of(open));
            self.report(Code::UnclosedBracket, self.span_of(open), message);
            self.silence();
        }
    }

    /// A `{` that the end or the next definition comes before. Its `}` may stand behind that definition.
    pub(super) fn unclosed_brace(&mut self, open: Token) {
        if self.at(TokenKind::End) {
            return self.unclosed(open);
        }
        self.unclosed_braces += 1;
        if !self.is_silent() {
            let message = "this `{` is not closed before the next definition";
            let help = format!("write `}}` before `{}`", self.text_of(self.peek()));
            self.report_help(Code::UnclosedBracket, self.span_of(open), message, help);
            self.silence();
        }
    }

    /// Goes one level deeper, or reports that this is too deep. Whoever is let in calls `leave`.
    pub(super) fn enter(&mut self) -> bool {
        // Above this, a tree could not be walked on a small stack.
        const MOST: usize = 1_000;
        let limit = self.limits.nesting.min(MOST);
        if self.depth < limit {
            self.depth += 1;
            return true;
        }
        let message = format!("nested more than {limit} deep");
        let help = "take a part of it out into a segment of its own";
        self.report_help(Code::NestedTooDeep, self.span_of(self.peek()), message, help);
        self.skip_within(true);
        self.silence();
        false
    }

    pub(super) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    pub(super) fn error_from(&self, first: Token) -> Expr {
        Expr { kind: ExprKind::Error, span: self.span_from(first) }
    }
}
