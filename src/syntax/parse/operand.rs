//! Operands: literals, names, calls, brackets.

use super::Parser;
use crate::{
    calendar::Unit,
    diagnostic::Code,
    syntax::{
        lex::{Token, TokenKind},
        literal,
        tree::{Aggregate, Amount, AmountKind, Direction, Expr, ExprKind, Name},
        word::{self, Reserved},
    },
};

impl Parser<'_> {
    /// One operand. Where none stands nothing is taken, except what was reported before.
    pub(super) fn operand(&mut self, expected: &str) -> Expr {
        let first = self.peek();
        let kind = match first.kind {
            TokenKind::Open => self.bracketed(),
            TokenKind::Word | TokenKind::Quoted if !self.at_new_thing() => self.named(),
            TokenKind::Number => self.numeric(),
            TokenKind::Plus | TokenKind::Minus if self.at_short() => self.short(),
            TokenKind::Plus => {
                let message = "a `+` before a value has no meaning";
                self.report_help(
                    Code::UnexpectedToken,
                    self.span_of(first),
                    message,
                    "leave it out",
                );
                self.skip_signs();
                return self.operand_behind_plus(first);
            }
            TokenKind::Reserved(Reserved::In) => self.ahead_of_time(expected),
            TokenKind::Bad => {
                self.advance();
                ExprKind::Error
            }
            _ => match self.literal() {
                Some(kind) => kind,
                None => {
                    self.no_operand(expected);
                    ExprKind::Error
                }
            },
        };
        Expr { kind, span: self.span_from(first) }
    }

    /// Whether a definition or metadata begins here, so that an operand is missing before it.
    fn at_new_thing(&self) -> bool {
        // `let a = static segment b {}` is complete if the value is a column called `static`.
        let column = self.is_any_word(0, &["static", "dynamic", "inactive"]);
        (self.at_item() && !column) || self.ahead(1).kind == TokenKind::Colon
    }

    fn skip_signs(&mut self) {
        while matches!(self.peek().kind, TokenKind::Plus | TokenKind::Minus) {
            self.advance();
        }
    }

    fn operand_behind_plus(&mut self, first: Token) -> Expr {
        let inner = match self.peek().kind {
            TokenKind::Open => self.bracketed(),
            TokenKind::Word | TokenKind::Quoted => self.named(),
            TokenKind::Number => self.numeric(),
            _ => self.literal().unwrap_or(ExprKind::Error),
        };
        Expr { kind: inner, span: self.span_from(first) }
    }

    fn no_operand(&mut self, expected: &str) {
        let help = match self.peek().kind {
            TokenKind::Reserved(Reserved::Not) => {
                Some("put a condition that is compared in brackets")
            }
            TokenKind::Short => Some("a short form needs its sign: `-30d`, `+7d`"),
            TokenKind::Compare(_) => Some("a value stands on each side of an operator"),
            _ => None,
        };
        self.unexpected_with(expected, help.map(str::to_owned));
        if self.at(TokenKind::Short) {
            self.advance();
        }
    }

    /// Words and signs that are a value by themselves.
    fn literal(&mut self) -> Option<ExprKind> {
        let token = self.peek();
        let text = self.text_of(token);
        let kind = match token.kind {
            TokenKind::Text => return self.eat_text().map(|text| ExprKind::Text(text.text)),
            TokenKind::Date => ExprKind::Date(literal::date(text)?),
            TokenKind::DateTime => {
                let (local, offset_minutes) = literal::date_time(text)?;
                ExprKind::DateTime { local, offset_minutes }
            }
            TokenKind::MonthDay => {
                let (month, day) = literal::month_day(text)?;
                ExprKind::MonthDay { month, day }
            }
            TokenKind::Reserved(word) => match word {
                Reserved::True => ExprKind::Bool(true),
                Reserved::False => ExprKind::Bool(false),
                Reserved::Null => ExprKind::Null,
                Reserved::Today => ExprKind::Today,
                Reserved::Yesterday => ExprKind::Yesterday,
                Reserved::Tomorrow => ExprKind::Tomorrow,
                Reserved::Now => ExprKind::Now,
                _ => return None,
            },
            _ => return None,
        };
        self.advance();
        Some(kind)
    }

    fn bracketed(&mut self) -> ExprKind {
        let open = self.peek();
        if !self.enter(1) {
            return ExprKind::Error;
        }
        self.advance();
        let inner = self.condition();
        if self.at(TokenKind::Comma) {
            let help = "a list stands behind `in`, `all of`, `any of` and the like".to_owned();
            self.unexpected_with("`)`", Some(help));
        }
        self.close(open, "`and`, `or` or `)`");
        self.leave(1);
        ExprKind::Paren(Box::new(inner))
    }

    /// `5`, or `30 days ago`, or `30 days`.
    fn numeric(&mut self) -> ExprKind {
        if self.word(1).and_then(Unit::parse).is_some() {
            return self.timed();
        }
        self.number().map_or(ExprKind::Error, ExprKind::Number)
    }

    /// `30 days ago`, or `30 days`.
    fn timed(&mut self) -> ExprKind {
        let Some((amount, unit)) = self.amount_and_unit() else { return ExprKind::Error };
        if self.eat_word("ago") {
            ExprKind::Relative { amount, unit, direction: Direction::Past }
        } else {
            ExprKind::Duration { amount, unit }
        }
    }

    /// `in 2 weeks`
    fn ahead_of_time(&mut self, expected: &str) -> ExprKind {
        if self.ahead(1).kind != TokenKind::Number && !self.is_name(1) {
            self.unexpected(expected);
            return ExprKind::Error;
        }
        self.advance();
        match self.amount_and_unit() {
            Some((amount, unit)) => {
                ExprKind::Relative { amount, unit, direction: Direction::Future }
            }
            None => ExprKind::Error,
        }
    }

    /// `-30d`, `+7d`
    fn short(&mut self) -> ExprKind {
        let past = self.advance().kind == TokenKind::Minus;
        let token = self.advance();
        let text = self.text_of(token);
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let Some(unit) = text.chars().last().and_then(word::short_unit) else {
            return ExprKind::Error;
        };
        let span = self.span_of(token);
        let Ok(number) = digits.parse::<u64>() else {
            let message = "the number of this short form is too large";
            self.report_help(Code::BadNumber, span, message, "no value is so far away");
            return ExprKind::Error;
        };
        let end = span.start + u32::try_from(digits.len()).unwrap_or(0);
        let span = crate::diagnostic::Span { end, ..span };
        let amount = Amount { kind: AmountKind::Number(number), span };
        let direction = if past { Direction::Past } else { Direction::Future };
        ExprKind::Relative { amount, unit, direction }
    }

    /// What begins with a name: a column, a path, a call, an aggregate, `n days ago`.
    fn named(&mut self) -> ExprKind {
        let aggregate = self.word(0).and_then(word::aggregate);
        if let Some(function) = aggregate.filter(|_| self.ahead(1).kind == TokenKind::Open) {
            return self.aggregate(function);
        }
        if self.word(1).and_then(Unit::parse).is_some() {
            return self.timed();
        }
        let name = self.take_name();
        let path = self.path_from(name);
        if !self.at(TokenKind::Open) {
            return ExprKind::Path(path);
        }
        let arguments = self.list(self.most_elements(), Self::condition);
        ExprKind::Call { function: path, arguments }
    }

    /// The names behind the first one, each after a point.
    pub(super) fn path_from(&mut self, first: Name) -> Vec<Name> {
        let mut path = vec![first];
        while self.eat(TokenKind::Dot) {
            match self.name("a name after `.`") {
                Some(name) => path.push(name),
                None => break,
            }
        }
        path
    }

    /// `count(orders where status = 'paid')`
    fn aggregate(&mut self, function: Aggregate) -> ExprKind {
        self.advance();
        let open = self.peek();
        if !self.enter(1) {
            return ExprKind::Error;
        }
        self.advance();
        let kind = self.aggregate_body(function);
        let expected = match kind {
            ExprKind::Aggregate { filter: None, .. } => "`where` or `)`",
            ExprKind::Aggregate { .. } => "`and`, `or` or `)`",
            _ => "`)`",
        };
        self.close(open, expected);
        self.leave(1);
        kind
    }

    fn aggregate_body(&mut self, function: Aggregate) -> ExprKind {
        let name = word::aggregate_name(function);
        let distinct = self.is_word(0, "distinct") && self.is_name(1);
        if distinct {
            let token = self.advance();
            if function != Aggregate::Count {
                let message = format!("`{name}` has no `distinct`");
                let help = "`distinct` goes with `count` only";
                self.report_help(Code::UnexpectedToken, self.span_of(token), message, help);
                self.silence();
            }
        }
        let expected = match function {
            Aggregate::Count | Aggregate::Exists | Aggregate::AverageGap => "the name of a table",
            _ => "a table's column such as `orders.total`",
        };
        let Some(first) = self.name(expected) else { return ExprKind::Error };
        let target = self.path_from(first);
        if self.at(TokenKind::Comma) {
            let help = format!("`{name}` goes over the rows of one table");
            self.unexpected_with("`where` or `)`", Some(help));
        }
        let filter = self.eat_reserved(Reserved::Where).then(|| Box::new(self.condition()));
        ExprKind::Aggregate { function, distinct, target, filter }
    }
}
