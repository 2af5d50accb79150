//! Values: arithmetic, and amounts of time.

use super::Parser;
use crate::{
    calendar::Unit,
    diagnostic::Code,
    syntax::{
        lex::TokenKind,
        literal,
        tree::{Amount, AmountKind, ArithmeticOp, Expr, ExprKind, Number},
    },
};

impl Parser<'_> {
    /// A value: sums of products. `expected` is what the user is told where there is none.
    pub(super) fn value(&mut self, expected: &str) -> Expr {
        let first = self.product(expected);
        let mut rest = Vec::new();
        loop {
            let op = match self.peek().kind {
                TokenKind::Plus => ArithmeticOp::Add,
                TokenKind::Minus => ArithmeticOp::Subtract,
                _ => return arithmetic(first, rest),
            };
            self.advance();
            rest.push((op, self.product("a value")));
        }
    }

    fn product(&mut self, expected: &str) -> Expr {
        let first = self.signed(expected);
        let mut rest = Vec::new();
        loop {
            let op = match self.peek().kind {
                TokenKind::Star => ArithmeticOp::Multiply,
                TokenKind::Slash => ArithmeticOp::Divide,
                _ => return arithmetic(first, rest),
            };
            self.advance();
            rest.push((op, self.signed("a value")));
        }
    }

    /// An operand with any number of `-` before it; the sign of `-30d` belongs to it.
    fn signed(&mut self, expected: &str) -> Expr {
        let first = self.peek();
        if first.kind != TokenKind::Minus || self.at_short() {
            return self.operand(expected);
        }
        let mut signs = Vec::new();
        while self.at(TokenKind::Minus) && !self.at_short() {
            signs.push(self.advance());
        }
        let levels = signs.len();
        if !self.enter(levels) {
            return self.error_from(first);
        }
        let mut expr = self.operand("a value");
        self.leave(levels);
        for sign in signs.into_iter().rev() {
            let span = self.span_of(sign).to(expr.span);
            expr = Expr { kind: ExprKind::Negate(Box::new(expr)), span };
        }
        expr
    }

    /// Whether a sign stands here with `30d` directly behind it.
    pub(super) fn at_short(&self) -> bool {
        let (sign, next) = (self.peek(), self.ahead(1));
        matches!(sign.kind, TokenKind::Plus | TokenKind::Minus)
            && next.kind == TokenKind::Short
            && sign.end == next.start
    }

    /// The number at this place.
    pub(super) fn number(&mut self) -> Option<Number> {
        if !self.at(TokenKind::Number) {
            self.unexpected("a number");
            return None;
        }
        let token = self.advance();
        literal::number(self.text_of(token)).ok()
    }

    pub(super) fn amount_and_unit(&mut self) -> Option<(Amount, Unit)> {
        let amount = self.amount()?;
        let Some(unit) = self.word(0).and_then(Unit::parse) else {
            let help = match &amount.kind {
                AmountKind::Name(name) if Unit::parse(name).is_some() => {
                    Some(format!("write the number too: `1 {name}`"))
                }
                _ => None,
            };
            self.unexpected_with("a unit such as `days`", help);
            return None;
        };
        self.advance();
        Some((amount, unit))
    }

    /// A whole number, or a name that stands for one.
    pub(super) fn amount(&mut self) -> Option<Amount> {
        let token = self.peek();
        let span = self.span_of(token);
        match token.kind {
            TokenKind::Word | TokenKind::Quoted => {
                let name = self.take_name().text;
                Some(Amount { kind: AmountKind::Name(name), span })
            }
            TokenKind::Number => {
                self.advance();
                let number = literal::number(self.text_of(token)).ok()?;
                let whole = u64::try_from(number.mantissa).ok().filter(|_| number.scale == 0);
                if whole.is_none() {
                    let shown = self.text_of(token);
                    let (message, help) = if number.scale == 0 {
                        (
                            format!("the number `{shown}` is too large here"),
                            "no value is so far away",
                        )
                    } else {
                        (format!("`{shown}` is not a whole number"), "write a whole number here")
                    };
                    self.report_help(Code::BadNumber, span, message, help);
                }
                Some(Amount { kind: AmountKind::Number(whole.unwrap_or(0)), span })
            }
            _ => {
                self.unexpected("a whole number");
                None
            }
        }
    }
}

fn arithmetic(first: Expr, rest: Vec<(ArithmeticOp, Expr)>) -> Expr {
    let Some((_, last)) = rest.last() else { return first };
    let span = first.span.to(last.span);
    Expr { kind: ExprKind::Arithmetic { first: Box::new(first), rest }, span }
}
