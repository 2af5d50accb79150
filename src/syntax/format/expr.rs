//! The layout of conditions and values: on one line where they fit, else broken at their loosest part.

use std::fmt::{self, Write};

use super::writer::{WIDTH, Writer, characters};
use crate::{
    diagnostic::Span,
    syntax::{
        lex::TokenKind,
        print::{
            arithmetic_sign, function_text, ignoring_words, operator_words, quantifier_words,
            target_text, write_expr,
        },
        tree::{Contained, Expr, ExprKind, Quantifier},
    },
};

impl Writer<'_> {
    /// Lays out an expression that begins on a line of the given indent; `tail` characters follow it on its last line.
    pub(super) fn expr(&mut self, expr: &Expr, indent: usize, tail: usize) {
        self.comments_to(expr.span.start, indent + 1);
        if !self.has_comment(expr.span)
            && let Some(text) = flat(expr, self.room().saturating_sub(tail))
        {
            self.write(&text);
            return;
        }
        self.broken(expr, indent, tail);
    }

    fn broken(&mut self, expr: &Expr, indent: usize, tail: usize) {
        match &expr.kind {
            ExprKind::Or(terms) => self.chain("or", terms, indent, tail),
            ExprKind::And(terms) => self.chain("and", terms, indent, tail),
            ExprKind::Arithmetic { first, rest } => {
                self.expr(first, indent + 1, 0);
                for (op, operand) in rest {
                    self.joint(arithmetic_sign(*op), operand, indent, tail);
                }
            }
            ExprKind::Not(inner) => {
                self.write("not");
                self.space();
                self.expr(inner, indent, tail);
            }
            ExprKind::Negate(inner) => {
                self.write("-");
                self.expr(inner, indent, tail);
            }
            ExprKind::Paren(inner) => {
                self.write("(");
                self.line(indent + 1);
                self.expr(inner, indent + 1, 0);
                self.closing(expr.span.end.saturating_sub(1), indent);
            }
            ExprKind::Aggregate { distinct, target, filter: Some(filter), .. } => {
                self.write(&function_text(&expr.kind));
                self.write("(");
                self.line(indent + 1);
                let start = target.first().map_or(expr.span.start, |name| name.span.start);
                self.comments_to(start, indent + 1);
                self.write(&target_text(*distinct, target));
                self.write(" where");
                self.space();
                self.expr(filter, indent + 1, 0);
                self.closing(expr.span.end.saturating_sub(1), indent);
            }
            ExprKind::Call { arguments, .. } if !arguments.is_empty() => {
                self.write(&function_text(&expr.kind));
                self.listed(arguments, expr.span.end.saturating_sub(1), indent);
            }
            ExprKind::Quantified { quantifier, conditions } => {
                self.broken_quantified(expr, quantifier, conditions, indent);
            }
            _ => self.comparison(expr, indent, tail),
        }
    }

    /// Terms on lines of their own, each behind its operator.
    fn chain(&mut self, word: &str, terms: &[Expr], indent: usize, tail: usize) {
        let Some((first, rest)) = terms.split_first() else { return };
        self.expr(first, indent + 1, 0);
        for term in rest {
            self.joint(word, term, indent, tail);
        }
    }

    fn joint(&mut self, operator: &str, operand: &Expr, indent: usize, tail: usize) {
        self.line(indent + 1);
        self.comments_to(operand.span.start, indent + 1);
        self.write(operator);
        self.space();
        self.expr(operand, indent + 1, tail);
    }

    pub(super) fn broken_quantified(
        &mut self,
        expr: &Expr,
        quantifier: &Quantifier,
        conditions: &[Expr],
        indent: usize,
    ) {
        self.write(&quantifier_words(quantifier));
        self.write(" ");
        self.listed(conditions, expr.span.end.saturating_sub(1), indent);
    }

    /// A list with an element a line.
    fn listed(&mut self, elements: &[Expr], end: u32, indent: usize) {
        self.write("(");
        self.line(indent + 1);
        for element in elements {
            self.expr(element, indent + 1, 1);
            self.write(",");
            self.line(indent + 1);
        }
        self.closing(end, indent);
    }

    /// The closing bracket on a line of its own, behind the comments before it.
    fn closing(&mut self, end: u32, indent: usize) {
        self.comments_to(end, indent + 1);
        self.line(indent);
        self.write(")");
    }

    /// A list whose elements fill lines; with comments in it, an element a line. `open` is its bracket's place.
    pub(super) fn packed_list(&mut self, open: u32, elements: &[Expr], indent: usize) {
        let last = elements.last().map_or(open, |last| last.span.end);
        let end = self.find(TokenKind::Close, last);
        self.comments_to(open, indent + 1);
        if self.has_comment_between(open, end) {
            self.listed(elements, end, indent);
            return;
        }
        if let Some(text) = flat_list(elements, self.room()) {
            self.write(&text);
            return;
        }
        self.write("(");
        self.line(indent + 1);
        for element in elements {
            let text = flat(element, WIDTH);
            let fits = text.as_ref().is_some_and(|text| characters(text) < self.room());
            if !fits {
                self.line(indent + 1);
            }
            match text {
                Some(text) => self.write(&text),
                None => self.expr(element, indent + 1, 1),
            }
            self.write(",");
            self.space();
        }
        self.line(indent);
        self.write(")");
    }

    /// A comparison that does not fit: its parts are laid out one after the other.
    fn comparison(&mut self, expr: &Expr, indent: usize, tail: usize) {
        let words = operator_words(&expr.kind);
        match &expr.kind {
            ExprKind::Compare { left, right, ignoring, .. }
            | ExprKind::TextTest { value: left, pattern: right, ignoring, .. } => {
                let behind = ignoring_words(*ignoring);
                self.operands(left, words, right, indent, tail + behind.len());
                self.write(behind);
            }
            ExprKind::Between { value, low, high, ignoring, .. } => {
                let behind = ignoring_words(*ignoring);
                self.operands(value, words, low, indent, 0);
                self.write(" and");
                self.space();
                self.expr(high, indent, tail + behind.len());
                self.write(behind);
            }
            ExprKind::In { value, list, ignoring, .. } => {
                self.before_list(value, words, indent);
                self.list_behind(value.span, list, indent);
                self.write(ignoring_words(*ignoring));
            }
            ExprKind::Contains { value, what, ignoring, .. } => {
                match what {
                    Contained::One(element) => self.operands(value, words, element, indent, tail),
                    Contained::AnyOf(list) | Contained::AllOf(list) => {
                        self.before_list(value, words, indent);
                        self.list_behind(value.span, list, indent);
                    }
                }
                self.write(ignoring_words(*ignoring));
            }
            ExprKind::IsNull { value, .. } | ExprKind::IsEmpty { value, .. } => {
                self.expr(value, indent, words.len() + 1 + tail);
                self.write(&format!(" {words}"));
            }
            ExprKind::Top { by, .. } => {
                let text = whole(expr);
                let value = whole(by);
                self.write(text.strip_suffix(value.as_str()).unwrap_or(&text).trim_end());
                self.space();
                self.expr(by, indent, tail);
            }
            ExprKind::Within { value, .. } | ExprKind::Near { value, .. } => {
                let text = whole(expr);
                let start = whole(value);
                let rest = text.strip_prefix(start.as_str()).unwrap_or(&text);
                self.expr(value, indent, characters(rest) + tail);
                self.write(rest);
            }
            _ => self.write(&whole(expr)),
        }
    }

    fn operands(&mut self, left: &Expr, words: &str, right: &Expr, indent: usize, tail: usize) {
        // A short right side stays with its operator; a long one may be broken itself.
        let short = flat(right, WIDTH / 3).map_or(0, |text| characters(&text) + 1 + tail);
        self.expr(left, indent, 1 + words.len() + short);
        self.space();
        self.write(words);
        self.space();
        self.expr(right, indent, tail);
    }

    fn before_list(&mut self, value: &Expr, words: &str, indent: usize) {
        self.expr(value, indent, words.len() + 3);
        self.space();
        self.write(words);
        self.space();
    }

    fn list_behind(&mut self, before: Span, list: &[Expr], indent: usize) {
        let open = self.find(TokenKind::Open, before.end);
        self.packed_list(open, list, indent);
    }
}

/// The text on one line, if it has at most `room` characters.
fn flat(expr: &Expr, room: usize) -> Option<String> {
    let mut out = Bounded { text: String::with_capacity(room), room };
    write_expr(&mut out, expr).ok().map(|()| out.text)
}

fn flat_list(elements: &[Expr], room: usize) -> Option<String> {
    let mut out = Bounded { text: String::with_capacity(room), room };
    crate::syntax::print::write_list(&mut out, elements).ok().map(|()| out.text)
}

/// The text on one line, however long.
fn whole(expr: &Expr) -> String {
    crate::syntax::print_expr(expr)
}

/// Text that refuses to grow beyond its room, so that trying whether something fits costs no more than that.
struct Bounded {
    text: String,
    room: usize,
}

impl Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.room = self.room.checked_sub(characters(text)).ok_or(fmt::Error)?;
        self.text.push_str(text);
        Ok(())
    }

    fn write_char(&mut self, character: char) -> fmt::Result {
        self.room = self.room.checked_sub(1).ok_or(fmt::Error)?;
        self.text.push(character);
        Ok(())
    }
}
