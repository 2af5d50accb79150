//! Operands: literals, names, calls, brackets.

use super::{
    Parser,
    bracket::Purpose,
    expression::{Grade, Pending, Step, at_condition},
};
use crate::{
    calendar::Unit,
    diagnostic::{Code, Span},
    syntax::{
        lex::TokenKind,
        literal,
        tree::{Amount, AmountKind, Direction, Expr, ExprKind, Name},
        word::{self, Reserved},
    },
};

impl Parser<'_> {
    /// One operand, or the bracket that begins one. Where none stands nothing is taken.
    pub(super) fn operand(&mut self, stack: &mut Vec<Pending>) -> Step {
        let first = self.peek();
        let kind = match first.kind {
            TokenKind::Open => return self.open_bracket(stack, first, Purpose::Paren),
            TokenKind::Word | TokenKind::Quoted if !self.at_new_thing() => {
                return self.named(stack);
            }
            TokenKind::Number => self.numeric(),
            TokenKind::Plus | TokenKind::Minus if self.at_short() => self.short(),
            TokenKind::Plus => {
                // What is wrong behind it has been reported, perhaps together with it: `+1hour`.
                if self.ahead(1).kind != TokenKind::Bad {
                    let span = self.span_of(first);
                    let message = "a `+` before a value has no meaning";
                    self.report_help(Code::UnexpectedToken, span, message, "leave it out");
                }
                while self.at(TokenKind::Plus) && !self.at_short() {
                    self.advance();
                }
                return Step::Before;
            }
            TokenKind::Reserved(Reserved::In)
                if self.ahead(1).kind == TokenKind::Number || self.is_name(1) =>
            {
                self.advance();
                self.timed(Direction::Future)
            }
            TokenKind::Bad => {
                self.advance();
                ExprKind::Error
            }
            _ => match self.literal() {
                Some(kind) => kind,
                None => self.no_operand(stack),
            },
        };
        Step::Behind(Expr { kind, span: self.span_from(first) }, Grade::Operand)
    }

    /// Whether a definition or metadata begins here, so that an operand is missing before it.
    fn at_new_thing(&self) -> bool {
        // `let a = static segment b {}` is complete if the value is a column called `static`.
        let column = self.is_any_word(0, &["static", "dynamic", "inactive"]);
        (self.at_item() && !column) || self.ahead(1).kind == TokenKind::Colon
    }

    fn no_operand(&mut self, stack: &[Pending]) -> ExprKind {
        let expected = match stack.last() {
            Some(Pending::Bracket(bracket)) => bracket.expected(),
            _ if at_condition(stack) => "a condition",
            _ => "a value",
        };
        let help = match self.peek().kind {
            TokenKind::Reserved(Reserved::Not) => {
                Some("put a condition that is compared in brackets")
            }
            TokenKind::Short => Some("a short form needs its sign: `-30d`, `+7d`"),
            TokenKind::Compare(_) => Some("a value stands on each side of an operator"),
            _ => None,
        };
        self.unexpected_with(expected, help.map(str::to_owned));
        self.skip_braces();
        self.eat(TokenKind::Short);
        ExprKind::Error
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

    /// `5`, or `30 days ago`, or `30 days`.
    fn numeric(&mut self) -> ExprKind {
        if self.word(1).and_then(Unit::parse).is_some() || self.ago_behind_no_unit() {
            return self.timed(Direction::Past);
        }
        self.number().map_or(ExprKind::Error, ExprKind::Number)
    }

    /// `30 dayz ago`; not a `let` or a segment that is called `ago`, and not a value that is called so behind an operator.
    fn ago_behind_no_unit(&self) -> bool {
        let defines = matches!(
            self.ahead(3).kind,
            TokenKind::Open | TokenKind::OpenBrace | TokenKind::Compare(_) | TokenKind::Text
        );
        let goes_on = |word: &str| word::reserved(word).is_some() || word::continues(word);
        self.word(1).is_some_and(|word| !goes_on(word)) && self.is_word(2, "ago") && !defines
    }

    /// `30 days ago`, or `30 days`, or what stands behind `in`.
    fn timed(&mut self, direction: Direction) -> ExprKind {
        let Some((amount, unit)) = self.amount_and_unit() else {
            // `30 dayz ago`
            if self.is_word(1, "ago") {
                self.advance();
                self.advance();
            }
            return ExprKind::Error;
        };
        if direction == Direction::Future || self.eat_word("ago") {
            ExprKind::Relative { amount, unit, direction }
        } else {
            ExprKind::Duration { amount, unit }
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
        let amount = Amount { kind: AmountKind::Number(number), span: Span { end, ..span } };
        let direction = if past { Direction::Past } else { Direction::Future };
        ExprKind::Relative { amount, unit, direction }
    }

    /// What begins with a name: a column, a path, a call, an aggregate, `n days ago`.
    fn named(&mut self, stack: &mut Vec<Pending>) -> Step {
        let first = self.peek();
        let aggregate = self.word(0).and_then(word::aggregate);
        if let Some(function) = aggregate.filter(|_| self.ahead(1).kind == TokenKind::Open) {
            return self.open_aggregate(stack, function);
        }
        let kind = if self.word(1).and_then(Unit::parse).is_some() {
            self.timed(Direction::Past)
        } else if let Some(kind) = self.word_before_value() {
            kind
        } else {
            let name = self.take_name();
            let path = self.path_from(name);
            if self.at(TokenKind::Open) {
                return self.open_bracket(stack, first, Purpose::Arguments(path));
            }
            ExprKind::Path(path)
        };
        Step::Behind(Expr { kind, span: self.span_from(first) }, Grade::Operand)
    }

    /// The names behind the first one, each after a point.
    pub(super) fn path_from(&mut self, first: Name) -> Vec<Name> {
        // PERF: most paths are one name, or two.
        let mut path = Vec::with_capacity(if self.at(TokenKind::Dot) { 2 } else { 1 });
        path.push(first);
        while self.eat(TokenKind::Dot) {
            if self.at(TokenKind::Star) {
                let whole: Vec<&str> = path.iter().map(|name| name.text.as_str()).collect();
                let help = format!("the rows are meant by `{}` alone", whole.join("."));
                self.unexpected_with("a name after `.`", Some(help));
                self.advance();
                break;
            }
            match self.name("a name after `.`") {
                Some(name) => path.push(name),
                None => break,
            }
        }
        path
    }
}
