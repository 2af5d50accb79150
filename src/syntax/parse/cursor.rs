//! Looking at tokens, taking them, and saying what was expected instead.

use super::Parser;
use crate::{
    diagnostic::{Code, Finding, Span},
    syntax::{
        lex::{Token, TokenKind, shorten},
        odd::near_line,
        tree::{Name, Text},
        word::Reserved,
    },
};

/// As far as the parser looks ahead.
const AHEAD: usize = 8;
/// So many tokens are read at a time.
const WINDOW: usize = 256;
const NONE: Token = Token { kind: TokenKind::End, start: 0, end: 0 };

impl<'a> Parser<'a> {
    pub(super) fn peek(&self) -> Token {
        self.ahead(0)
    }

    /// The token so many places ahead, at most `AHEAD`; behind the last one there is the end again and again.
    pub(super) fn ahead(&self, places: usize) -> Token {
        debug_assert!(places <= AHEAD);
        let tokens = &self.lexer.out.tokens;
        tokens.get(self.position - self.taken + places).or(tokens.last()).copied().unwrap_or(NONE)
    }

    pub(super) fn previous(&self) -> Token {
        let before = (self.position - self.taken).checked_sub(1);
        before.and_then(|index| self.lexer.out.tokens.get(index)).copied().unwrap_or(NONE)
    }

    /// Reads on until all tokens that may be looked at are there, and drops those that were taken.
    #[inline]
    pub(super) fn fill(&mut self) {
        let passed = self.position - self.taken;
        if self.lexer.out.tokens.len() <= passed + AHEAD {
            self.read_on(passed);
        }
    }

    #[cold]
    fn read_on(&mut self, passed: usize) {
        let dropped = passed.saturating_sub(1);
        self.lexer.out.tokens.drain(..dropped);
        self.taken += dropped;
        while self.lexer.out.tokens.len() < WINDOW && self.lexer.step() {
            if !self.keeps_comments {
                self.lexer.out.comments.clear();
            }
        }
        for finding in self.lexer.findings.drain(..) {
            self.findings.push(finding);
        }
    }

    pub(super) fn at(&self, kind: TokenKind) -> bool {
        self.peek().kind == kind
    }

    pub(super) fn advance(&mut self) -> Token {
        let token = self.peek();
        if token.kind != TokenKind::End {
            self.position += 1;
            self.fill();
        }
        token
    }

    pub(super) fn eat(&mut self, kind: TokenKind) -> bool {
        let found = self.at(kind);
        if found {
            self.advance();
        }
        found
    }

    pub(super) fn eat_reserved(&mut self, word: Reserved) -> bool {
        self.eat(TokenKind::Reserved(word))
    }

    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let found = self.is_word(0, word);
        if found {
            self.advance();
        }
        found
    }

    /// The word so many places ahead, unless it is reserved or in backquotes.
    pub(super) fn word(&self, places: usize) -> Option<&'a str> {
        let token = self.ahead(places);
        (token.kind == TokenKind::Word).then(|| self.text_of(token))
    }

    pub(super) fn is_word(&self, places: usize, word: &str) -> bool {
        self.word(places).is_some_and(|found| found.eq_ignore_ascii_case(word))
    }

    /// Whether the text at this place begins with one of these small letters, or a capital one.
    pub(super) fn begins_with(&self, letters: &[u8]) -> bool {
        let first = self.text_of(self.peek()).bytes().next();
        first.is_some_and(|first| letters.contains(&first.to_ascii_lowercase()))
    }

    pub(super) fn is_any_word(&self, places: usize, words: &[&str]) -> bool {
        words.iter().any(|word| self.is_word(places, word))
    }

    pub(super) fn is_name(&self, places: usize) -> bool {
        matches!(self.ahead(places).kind, TokenKind::Word | TokenKind::Quoted)
    }

    /// As it stands in the file.
    pub(super) fn text_of(&self, token: Token) -> &'a str {
        let range = usize::try_from(token.start).ok().zip(usize::try_from(token.end).ok());
        range.and_then(|(start, end)| self.text.get(start..end)).unwrap_or("")
    }

    /// As it stands in the file.
    pub(super) fn source_of(&self, span: Span) -> &'a str {
        self.text_of(Token { kind: TokenKind::Bad, start: span.start, end: span.end })
    }

    /// From a place to the end of its line, or as far as anybody looks.
    pub(super) fn rest_of_line(&self, start: u32) -> &'a str {
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        near_line(self.text.get(start..).unwrap_or(""))
    }

    pub(super) fn span_of(&self, token: Token) -> Span {
        Span::new(self.source, token.start, token.end)
    }

    /// From the start of a token to the end of the last one taken.
    pub(super) fn span_from(&self, first: Token) -> Span {
        let end = self.previous().end.max(first.start);
        Span::new(self.source, first.start, end)
    }

    /// A name at this place, without its backquotes; the caller has seen that it is one.
    pub(super) fn take_name(&mut self) -> Name {
        let token = self.advance();
        let text = self.text_of(token).trim_matches('`').to_owned();
        Name { text, span: self.span_of(token) }
    }

    pub(super) fn name(&mut self, expected: &str) -> Option<Name> {
        if self.is_name(0) {
            return Some(self.take_name());
        }
        if let TokenKind::Reserved(_) = self.peek().kind {
            let word = self.text_of(self.peek());
            let help = format!("`{word}` is a reserved word; in backquotes it is a name");
            self.unexpected_with(expected, Some(help));
        } else {
            self.unexpected(expected);
        }
        None
    }

    /// A string at this place, if there is one.
    pub(super) fn eat_text(&mut self) -> Option<Text> {
        let token = self.peek();
        if token.kind != TokenKind::Text {
            return None;
        }
        self.advance();
        let whole = self.text_of(token);
        let raw = whole.get(1..whole.len() - 1).unwrap_or("");
        let text = crate::syntax::literal::unescape(raw, |_, _| {});
        Some(Text { text, span: self.span_of(token) })
    }

    pub(super) fn expect_word(&mut self, word: &str) -> bool {
        let found = self.eat_word(word);
        if !found {
            self.unexpected(&format!("`{word}`"));
        }
        found
    }

    pub(super) fn report(&mut self, code: Code, span: Span, message: impl Into<String>) {
        self.spoiled = true;
        self.findings.push(Finding::new(code, span, message));
    }

    pub(super) fn report_help(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.spoiled = true;
        self.findings.push(Finding::new(code, span, message).help(help));
    }

    /// Says that something else was expected here, unless this place has its finding already.
    pub(super) fn unexpected(&mut self, expected: &str) {
        self.unexpected_with(expected, None);
    }

    pub(super) fn unexpected_with(&mut self, expected: &str, help: Option<String>) {
        let token = self.peek();
        self.spoiled = true;
        if self.is_silent() {
            return;
        }
        // What is missing at the end of a line is missing there, not where the next thing begins.
        let ended = self.position > 0 && self.starts_line() && self.at_boundary();
        let behind = if ended { self.place_behind() } else { None };
        let message = match behind {
            Some(_) if token.kind != TokenKind::End && !expected.contains(" after `") => {
                format!("expected {expected} after {}", self.describe(self.previous()))
            }
            Some(_) if token.kind != TokenKind::End => format!("expected {expected}"),
            _ => format!("expected {expected}, found {}", self.describe(token)),
        };
        let help = help.or_else(|| self.foreign_help());
        let span = behind.unwrap_or_else(|| self.span_of(token));
        self.spoiled = true;
        self.findings.push(Finding { help, ..Finding::new(Code::UnexpectedToken, span, message) });
        self.silence();
    }

    /// Says that something is missing behind what has been read, perhaps at the end of a line.
    pub(super) fn missing(&mut self, expected: &str, help: Option<String>) {
        let behind = self.place_behind().filter(|_| self.starts_line());
        let (Some(span), false) = (behind, self.is_silent() || self.at_boundary()) else {
            return self.unexpected_with(expected, help);
        };
        let message = format!("expected {expected} after {}", self.describe(self.previous()));
        let help = help.or_else(|| self.foreign_help());
        self.spoiled = true;
        self.findings.push(Finding { help, ..Finding::new(Code::UnexpectedToken, span, message) });
        self.silence();
    }

    /// Just behind the last token.
    fn place_behind(&self) -> Option<Span> {
        let previous = self.previous();
        (self.position > 0).then(|| Span::new(self.source, previous.end, previous.end))
    }

    /// Whether what is wrong here follows from what has been reported.
    pub(super) fn is_silent(&self) -> bool {
        self.silenced == Some(self.position)
            || self.at(TokenKind::Bad)
            || (self.position > 0 && self.previous().kind == TokenKind::Bad)
    }

    pub(super) fn silence(&mut self) {
        self.silenced = Some(self.position);
    }

    pub(super) fn describe(&self, token: Token) -> String {
        match token.kind {
            TokenKind::End => "the end of the text".to_owned(),
            TokenKind::Text => "a string".to_owned(),
            _ => match self.text_of(token) {
                quoted if quoted.starts_with('`') => format!("the name {}", shorten(quoted)),
                text => format!("`{}`", shorten(text)),
            },
        }
    }
}
