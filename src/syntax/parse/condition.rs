//! Conditions: `or`, `and`, `not`, comparisons and the forms that stand for themselves.

use super::Parser;
use crate::{
    diagnostic::{Code, Span},
    syntax::{
        lex::{Token, TokenKind},
        tree::{
            CompareOp, Contained, Direction, End, Expr, ExprKind, Ignoring, Quantifier, TextTest,
        },
        word::{self, Reserved},
    },
};

impl Parser<'_> {
    /// A whole condition or value. `or` is the loosest, so a condition is a chain of chains.
    pub(super) fn condition(&mut self) -> Expr {
        let mut alternatives = Chain::new(self.conjunction());
        while self.eat_reserved(Reserved::Or) {
            alternatives.push(self.conjunction());
        }
        alternatives.close(ExprKind::Or)
    }

    fn conjunction(&mut self) -> Expr {
        let mut terms = Chain::new(self.negation());
        while self.eat_reserved(Reserved::And) {
            terms.push(self.negation());
        }
        terms.close(ExprKind::And)
    }

    /// A comparison with any number of `not` before it.
    fn negation(&mut self) -> Expr {
        let first = self.peek();
        if first.kind != TokenKind::Reserved(Reserved::Not) {
            return self.comparison();
        }
        let mut negations = Vec::new();
        while self.at(TokenKind::Reserved(Reserved::Not)) {
            negations.push(self.advance());
        }
        let levels = negations.len();
        if !self.enter(levels) {
            return self.error_from(first);
        }
        let mut expr = self.comparison();
        self.leave(levels);
        for token in negations.into_iter().rev() {
            let span = self.span_of(token).to(expr.span);
            expr = Expr { kind: ExprKind::Not(Box::new(expr)), span };
        }
        expr
    }

    fn comparison(&mut self) -> Expr {
        let first = self.peek();
        let (mut expr, complete) = match self.condition_form() {
            Some(form) => (form, true),
            None => {
                let left = self.value("a condition");
                self.compared(left)
            }
        };
        while complete && self.at_comparison() {
            self.refuse_chain();
            // The rest is read for its own errors and left out, so a chain does not nest.
            let _rest = self.compared(expr);
            expr = self.error_from(first);
        }
        expr
    }

    fn refuse_chain(&mut self) {
        if !self.is_silent() {
            let span = self.span_of(self.peek());
            let message = "a comparison cannot be compared again";
            let help =
                "join comparisons with `and`, or put a condition that is compared in brackets";
            self.report_help(Code::ChainedComparison, span, message, help);
            self.silence();
        }
    }

    fn at_comparison(&self) -> bool {
        match self.peek().kind {
            TokenKind::Compare(_) => true,
            TokenKind::Reserved(Reserved::Between | Reserved::In | Reserved::Is) => true,
            TokenKind::Reserved(Reserved::Not) => self.at_negated_operator(),
            _ => self.at_operator_word(),
        }
    }

    fn at_negated_operator(&self) -> bool {
        let next = self.ahead(1).kind;
        matches!(next, TokenKind::Reserved(Reserved::Between | Reserved::In))
            || self.is_word(1, "contains")
    }

    fn at_operator_word(&self) -> bool {
        self.is_any_word(0, &["contains", "matches", "within"])
            || (self.is_any_word(0, &["starts", "ends"]) && self.is_word(1, "with"))
    }

    /// The comparison behind `left`, and true; or `left` itself, and false.
    fn compared(&mut self, left: Expr) -> (Expr, bool) {
        let start = left.span;
        let kind = match self.peek().kind {
            TokenKind::Compare(op) => {
                self.advance();
                self.compare(op, left)
            }
            TokenKind::Reserved(Reserved::Is) => self.is_test(left),
            TokenKind::Reserved(Reserved::Not) if self.at_negated_operator() => {
                self.advance();
                self.negatable(left, true)
            }
            TokenKind::Reserved(Reserved::Between | Reserved::In) => self.negatable(left, false),
            TokenKind::Word if self.is_word(0, "contains") => self.negatable(left, false),
            TokenKind::Word if self.at_operator_word() => self.word_operator(left),
            _ => {
                self.refuse_operator();
                return (left, false);
            }
        };
        let end = self.previous().end;
        (Expr { kind, span: Span { end: end.max(start.end), ..start } }, true)
    }

    fn compare(&mut self, op: CompareOp, left: Expr) -> ExprKind {
        let right = self.value("a value");
        let ignoring = self.ignoring();
        ExprKind::Compare { op, left: Box::new(left), right: Box::new(right), ignoring }
    }

    /// `between`, `in` and `contains`, behind `not` or not.
    fn negatable(&mut self, left: Expr, negated: bool) -> ExprKind {
        let value = Box::new(left);
        match self.advance().kind {
            TokenKind::Reserved(Reserved::Between) => {
                let low = Box::new(self.value("a value"));
                if !self.eat_reserved(Reserved::And) {
                    self.unexpected("`and` and the upper end");
                    return ExprKind::Error;
                }
                let high = Box::new(self.value("a value"));
                ExprKind::Between { negated, value, low, high, ignoring: self.ignoring() }
            }
            TokenKind::Reserved(Reserved::In) => {
                if self.is_word(0, "segment") {
                    let help =
                        "`in segment` is a condition on its own: `in segment vip`".to_owned();
                    self.unexpected_with("`(` and a list of values", Some(help));
                    return ExprKind::Error;
                }
                let list = self.value_list();
                ExprKind::In { negated, value, list, ignoring: self.ignoring() }
            }
            _ => {
                let what = self.contained();
                ExprKind::Contains { negated, value, what, ignoring: self.ignoring() }
            }
        }
    }

    fn contained(&mut self) -> Contained {
        let listed = self.is_word(1, "of");
        if listed && self.eat_word("any") {
            self.advance();
            Contained::AnyOf(self.value_list())
        } else if listed && self.eat_word("all") {
            self.advance();
            Contained::AllOf(self.value_list())
        } else {
            Contained::One(Box::new(self.value("a value")))
        }
    }

    fn value_list(&mut self) -> Vec<Expr> {
        self.full_list(self.most_elements(), "a value", |parser| parser.value("a value"))
    }

    /// `is null`, `is not empty`, …
    fn is_test(&mut self, left: Expr) -> ExprKind {
        self.advance();
        let negated = self.eat_reserved(Reserved::Not);
        let value = Box::new(left);
        let kind = if self.eat_reserved(Reserved::Null) {
            ExprKind::IsNull { negated, value }
        } else if self.eat_word("empty") {
            ExprKind::IsEmpty { negated, value }
        } else {
            let (words, sign) = if negated { ("is not", "!=") } else { ("is", "=") };
            let help = format!("compare with `{sign}`");
            self.unexpected_with(&format!("`null` or `empty` after `{words}`"), Some(help));
            if !self.at_boundary() {
                self.value("a value");
            }
            ExprKind::Error
        };
        let place = self.peek();
        match self.ignoring() {
            None => {}
            Some(Ignoring::Year) => self.misplaced(Code::MisplacedIgnoringYear, place, "year"),
            Some(Ignoring::Case) => self.misplaced(Code::MisplacedIgnoringCase, place, "case"),
        }
        kind
    }

    fn misplaced(&mut self, code: Code, place: Token, word: &str) {
        let span = self.span_from(place);
        self.report(code, span, format!("`ignoring {word}` has no meaning here"));
    }

    fn word_operator(&mut self, left: Expr) -> ExprKind {
        let value = Box::new(left);
        if self.is_word(0, "within") {
            self.advance();
            return self.within(value);
        }
        let test = if self.is_word(0, "starts") {
            TextTest::StartsWith
        } else if self.is_word(0, "ends") {
            TextTest::EndsWith
        } else {
            TextTest::Matches
        };
        self.advance();
        if test != TextTest::Matches {
            self.expect_word("with");
        }
        let pattern = Box::new(self.value("a value"));
        ExprKind::TextTest { test, value, pattern, ignoring: self.ignoring() }
    }

    /// Behind `within`: a window in time, or a distance.
    fn within(&mut self, value: Box<Expr>) -> ExprKind {
        let direction = match () {
            () if self.eat_word("last") => Direction::Past,
            () if self.eat_word("next") => Direction::Future,
            () if self.at(TokenKind::Number) => return self.near(value),
            () => {
                self.unexpected("`last 30 days`, `next 2 weeks` or `25 km of (…)` after `within`");
                return ExprKind::Error;
            }
        };
        let Some((amount, unit)) = self.amount_and_unit() else { return ExprKind::Error };
        ExprKind::Within { value, direction, amount, unit, ignoring: self.ignoring() }
    }

    /// `25 km of (59.33, 18.06)`
    fn near(&mut self, value: Box<Expr>) -> ExprKind {
        let Some(distance) = self.number() else { return ExprKind::Error };
        let Some(unit) = self.word(0).and_then(word::distance_unit) else {
            self.unexpected("`km` or `mi`");
            return ExprKind::Error;
        };
        self.advance();
        if !self.expect_word("of") {
            return ExprKind::Error;
        }
        let open = self.peek();
        let most = self.most_elements();
        let mut place = self.list(most, |parser| parser.value("a number")).into_iter();
        match (place.next(), place.next(), place.next()) {
            (Some(latitude), Some(longitude), None) => {
                let (latitude, longitude) = (Box::new(latitude), Box::new(longitude));
                ExprKind::Near { value, distance, unit, latitude, longitude }
            }
            _ => {
                if open.kind == TokenKind::Open && !self.is_silent() {
                    let span = self.span_from(open);
                    let message = "expected a latitude and a longitude: `(59.33, 18.06)`";
                    self.report(Code::UnexpectedToken, span, message);
                }
                ExprKind::Error
            }
        }
    }

    /// `ignoring year` or `ignoring case`, if it stands here.
    fn ignoring(&mut self) -> Option<Ignoring> {
        if !self.eat_word("ignoring") {
            return None;
        }
        if self.eat_word("year") {
            Some(Ignoring::Year)
        } else if self.eat_word("case") {
            Some(Ignoring::Case)
        } else {
            self.unexpected("`year` or `case` after `ignoring`");
            None
        }
    }

    /// Behind a value without an operator: says so where something follows that cannot.
    fn refuse_operator(&mut self) {
        let expected = "an operator such as `=` or `contains`";
        match self.peek().kind {
            TokenKind::Reserved(Reserved::Not) => {
                let help = match self.ahead(1).kind {
                    TokenKind::Compare(_) => "use `!=`",
                    TokenKind::Reserved(Reserved::Null) => "write `is not null`",
                    _ if self.is_word(1, "empty") => "write `is not empty`",
                    _ => "`not` stands before the whole comparison: `not (name starts with 'A')`",
                };
                self.unexpected_with(expected, Some(help.to_owned()));
            }
            TokenKind::Word if self.is_word(0, "ignoring") => {
                let help = "`ignoring` stands at the end of the comparison".to_owned();
                self.unexpected_with(expected, Some(help));
            }
            _ if self.at_boundary() || self.at_definition() => {}
            TokenKind::Word
            | TokenKind::Quoted
            | TokenKind::Text
            | TokenKind::Number
            | TokenKind::Short
            | TokenKind::Date
            | TokenKind::DateTime
            | TokenKind::MonthDay => self.unexpected(expected),
            _ => {}
        }
    }

    /// A condition that is not a comparison of values.
    fn condition_form(&mut self) -> Option<Expr> {
        let first = self.peek();
        let kind = if let Some(quantifier) = self.quantifier() {
            self.quantified(quantifier)
        } else if first.kind == TokenKind::Reserved(Reserved::In) && self.is_word(1, "segment") {
            self.advance();
            self.advance();
            match self.name("the name of a segment") {
                Some(name) => ExprKind::InSegment(self.path_from(name)),
                None => ExprKind::Error,
            }
        } else if self.ahead(1).kind == TokenKind::Number && self.is_any_word(0, &["top", "bottom"])
        {
            self.top()
        } else if self.ahead(1).kind == TokenKind::Number && self.is_word(0, "sample") {
            self.sample()
        } else {
            return None;
        };
        Some(Expr { kind, span: self.span_from(first) })
    }

    /// `all of`, `at least 2 of`, …; `None` in it where its amount is wrong.
    fn quantifier(&mut self) -> Option<Option<Quantifier>> {
        let plain =
            [("all", Quantifier::All), ("any", Quantifier::Any), ("none", Quantifier::None)];
        let found = plain.into_iter().find(|(word, _)| self.is_word(0, word));
        if let Some((_, quantifier)) = found.filter(|_| self.is_word(1, "of")) {
            self.advance();
            self.advance();
            return Some(Some(quantifier));
        }
        let counted = if self.is_word(0, "at") && self.is_word(1, "least") {
            Quantifier::AtLeast
        } else if self.is_word(0, "at") && self.is_word(1, "most") {
            Quantifier::AtMost
        } else if self.at_exactly() {
            Quantifier::Exactly
        } else {
            return None;
        };
        if !self.is_word(0, "exactly") {
            self.advance();
        }
        self.advance();
        let amount = self.amount();
        self.expect_word("of");
        Some(amount.map(counted))
    }

    /// `exactly 2 of (`; a column may be called `exactly`, so two operators of one word are left to it.
    fn at_exactly(&self) -> bool {
        let amount = self.ahead(1).kind == TokenKind::Number || self.is_name(1);
        self.is_word(0, "exactly")
            && amount
            && !self.is_any_word(1, &["contains", "matches"])
            && self.is_word(2, "of")
            && self.ahead(3).kind == TokenKind::Open
    }

    fn quantified(&mut self, quantifier: Option<Quantifier>) -> ExprKind {
        let conditions = self.full_list(self.most_elements(), "a condition", Self::condition);
        match quantifier {
            Some(quantifier) => ExprKind::Quantified { quantifier, conditions },
            None => ExprKind::Error,
        }
    }

    /// `top 10 percent by VALUE`
    fn top(&mut self) -> ExprKind {
        let end = if self.is_word(0, "top") { End::Top } else { End::Bottom };
        self.advance();
        let Some(amount) = self.number() else { return ExprKind::Error };
        let percent = self.eat_word("percent");
        if !self.eat_word("by") {
            self.unexpected(if percent { "`by`" } else { "`percent` or `by`" });
            return ExprKind::Error;
        }
        let by = Box::new(self.value("a value"));
        ExprKind::Top { end, amount, percent, by }
    }

    /// `sample 10 percent seed 'holdout-1'`
    fn sample(&mut self) -> ExprKind {
        self.advance();
        let Some(percent) = self.number() else { return ExprKind::Error };
        if !self.expect_word("percent") || !self.expect_word("seed") {
            return ExprKind::Error;
        }
        match self.eat_text() {
            Some(seed) => ExprKind::Sample { percent, seed },
            None => {
                self.unexpected("a string as seed");
                ExprKind::Error
            }
        }
    }
}

/// Terms of one operator; one alone stays as it is.
struct Chain {
    first: Expr,
    rest: Vec<Expr>,
}

impl Chain {
    fn new(first: Expr) -> Self {
        Self { first, rest: Vec::new() }
    }

    fn push(&mut self, term: Expr) {
        self.rest.push(term);
    }

    fn close(self, build: fn(Vec<Expr>) -> ExprKind) -> Expr {
        let Self { first, mut rest } = self;
        let Some(last) = rest.last() else { return first };
        let span = first.span.to(last.span);
        rest.insert(0, first);
        Expr { kind: build(rest), span }
    }
}
