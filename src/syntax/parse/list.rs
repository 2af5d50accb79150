//! Lists of names, keys and strings; those of conditions and values are in `bracket`.

use super::Parser;
use crate::{diagnostic::Code, syntax::lex::TokenKind};

/// How many elements a list may have, and the code that says there are more.
#[derive(Clone, Copy)]
pub(super) struct Most {
    pub(super) count: usize,
    pub(super) code: Code,
}

impl Parser<'_> {
    pub(super) fn most_elements(&self) -> Most {
        Most { count: self.limits.list, code: Code::ListTooLong }
    }

    /// `(a, b,)` with at least one element; what an element is says `what`: "a value".
    pub(super) fn full_list<T>(
        &mut self,
        most: Most,
        what: &str,
        element: impl FnMut(&mut Self) -> T,
    ) -> Vec<T> {
        let first = self.peek();
        let empty = first.kind == TokenKind::Open && self.ahead(1).kind == TokenKind::Close;
        let elements = self.list(most, element);
        if empty {
            let message = format!("this list is empty; expected {what}");
            self.report(Code::EmptyList, self.span_from(first), message);
        }
        elements
    }

    /// `(a, b,)`, or `()`.
    fn list<T>(&mut self, most: Most, mut element: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let mut elements = Vec::new();
        let open = self.peek();
        if open.kind != TokenKind::Open {
            self.unexpected("`(`");
            return elements;
        }
        if !self.enter() {
            return elements;
        }
        self.advance();
        let mut count = 0_usize;
        while !self.at(TokenKind::Close) {
            let found = element(self);
            count += 1;
            if count <= most.count {
                elements.push(found);
            }
            if !self.at(TokenKind::Comma) && !self.at(TokenKind::Close) && !self.at_boundary() {
                self.unexpected("`,` or `)`");
                self.skip_within(true);
            }
            if !self.eat(TokenKind::Comma) && !self.at(TokenKind::Close) {
                break;
            }
        }
        if !self.eat(TokenKind::Close) {
            self.unclosed(open);
        }
        if count > most.count {
            let what = if most.code == Code::TooManyPins { "keys" } else { "elements" };
            let message = format!("this list has {count} {what}; the limit is {}", most.count);
            self.report(most.code, self.span_of(open), message);
        }
        self.leave();
        elements
    }
}
