//! Numbers and amounts of time.

use super::Parser;
use crate::{
    calendar::Unit,
    diagnostic::Code,
    syntax::{
        lex::TokenKind,
        literal,
        tree::{Amount, AmountKind, Number},
    },
};

impl Parser<'_> {
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
