//! Comparisons: their operators, and what stands behind them.

use super::{
    Parser,
    bracket::Purpose,
    expression::{Grade, Pending, Step},
};
use crate::{
    calendar::Unit,
    diagnostic::{Code, Span},
    syntax::{
        lex::{Token, TokenKind},
        tree::{CompareOp, Contained, Direction, End, Expr, ExprKind, Ignoring, Number, TextTest},
        word::{self, Reserved},
    },
};

/// A comparison whose next value is still to be read.
pub(super) struct Partial {
    pub(super) start: Span,
    pub(super) wait: Wait,
    /// Its left side is a comparison, which has been reported.
    pub(super) chained: bool,
}

pub(super) enum Wait {
    Compare(CompareOp, Expr),
    Low {
        negated: bool,
        value: Expr,
    },
    High {
        negated: bool,
        value: Expr,
        low: Expr,
    },
    Contained {
        negated: bool,
        value: Expr,
    },
    Pattern(TextTest, Expr),
    By {
        end: End,
        amount: Number,
        percent: bool,
    },
    /// Something has been reported; the value is read for its own errors.
    Nothing,
}

impl Parser<'_> {
    /// The comparison behind `left`; `left` itself where there is none.
    pub(super) fn compared(
        &mut self,
        stack: &mut Vec<Pending>,
        left: Expr,
        grade: Grade,
    ) -> Result<Step, Expr> {
        if !self.at_comparison() {
            let refused = grade == Grade::Operand && self.refuse_operator(stack, &left);
            return Err(if refused { compared_to_nothing(left) } else { left });
        }
        if grade == Grade::Operand {
            return Ok(self.comparison(stack, left, false));
        }
        if grade == Grade::Condition {
            self.refuse_chain();
        }
        // The rest is read for its own errors and without the left side, so a chain does not nest.
        let nothing = Expr { kind: ExprKind::Error, span: left.span };
        Ok(self.comparison(stack, nothing, true))
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
            TokenKind::Word => {
                self.is_any_word(0, &["contains", "matches", "within"])
                    || (self.is_any_word(0, &["starts", "ends"]) && self.is_word(1, "with"))
            }
            _ => false,
        }
    }

    fn at_negated_operator(&self) -> bool {
        let next = self.ahead(1).kind;
        matches!(next, TokenKind::Reserved(Reserved::Between | Reserved::In))
            || self.is_word(1, "contains")
    }

    /// Reads an operator and as much of its right side as needs no operand.
    fn comparison(&mut self, stack: &mut Vec<Pending>, left: Expr, chained: bool) -> Step {
        let start = left.span;
        let negated = self.eat_reserved(Reserved::Not);
        let token = self.peek();
        let wait = match token.kind {
            TokenKind::Reserved(Reserved::Is) => return self.is_test(stack, left, chained),
            TokenKind::Reserved(Reserved::In) => return self.in_list(stack, left, negated),
            _ if self.is_word(0, "within") => return self.within(stack, left, chained),
            TokenKind::Compare(op) => Wait::Compare(op, left),
            TokenKind::Reserved(Reserved::Between) => Wait::Low { negated, value: left },
            _ if self.is_word(0, "contains") => {
                if self.is_word(2, "of") && self.is_any_word(1, &["any", "all"]) {
                    return self.contains_list(stack, left, negated);
                }
                Wait::Contained { negated, value: left }
            }
            _ if self.is_word(0, "starts") => Wait::Pattern(TextTest::StartsWith, left),
            _ if self.is_word(0, "ends") => Wait::Pattern(TextTest::EndsWith, left),
            _ => Wait::Pattern(TextTest::Matches, left),
        };
        self.advance();
        if matches!(wait, Wait::Compare(..) | Wait::Contained { .. })
            && self.refuse_list_words(&wait)
        {
            return self.complete(start, ExprKind::Error, chained);
        }
        if let Wait::Pattern(TextTest::StartsWith | TextTest::EndsWith, _) = wait {
            self.advance();
        }
        stack.push(Pending::Comparison(Partial { start, wait, chained }));
        Step::Before
    }

    /// `= any of ('a', 'b')`, `contains one of ('a', 'b')`
    fn refuse_list_words(&mut self, wait: &Wait) -> bool {
        let words = self.is_any_word(0, &["any", "one", "either"]) && self.is_word(1, "of");
        let open = self.ahead(2);
        if !words || open.kind != TokenKind::Open {
            return false;
        }
        let help = match wait {
            Wait::Compare(op, _) => self.instead_of_values(*op, open),
            _ => Some(format!("write `contains any of {}`", self.listed(open))),
        };
        self.unexpected_with("a value", help);
        self.advance();
        self.advance();
        self.advance();
        self.skip_within(false);
        self.eat(TokenKind::Close);
        true
    }

    /// Behind the value that the innermost comparison waited for.
    pub(super) fn end_comparison(&mut self, stack: &mut Vec<Pending>, right: Expr) -> Step {
        let Some(Pending::Comparison(Partial { start, wait, chained })) = stack.pop() else {
            return Step::Behind(right, Grade::Operand);
        };
        let boxed = Box::new;
        let kind = match wait {
            Wait::Low { negated, value } => {
                if self.eat_reserved(Reserved::And) {
                    let wait = Wait::High { negated, value, low: right };
                    stack.push(Pending::Comparison(Partial { start, wait, chained }));
                    return Step::Before;
                }
                let help = "the ends of `between` stand on both sides of `and`".to_owned();
                self.unexpected_with("`and` and the upper end", Some(help));
                ExprKind::Error
            }
            Wait::Compare(op, left) => ExprKind::Compare {
                op,
                left: boxed(left),
                right: boxed(right),
                ignoring: self.ignoring(),
            },
            Wait::High { negated, value, low } => ExprKind::Between {
                negated,
                value: boxed(value),
                low: boxed(low),
                high: boxed(right),
                ignoring: self.ignoring(),
            },
            Wait::Contained { negated, value } => ExprKind::Contains {
                negated,
                value: boxed(value),
                what: Contained::One(boxed(right)),
                ignoring: self.ignoring(),
            },
            Wait::Pattern(test, value) => ExprKind::TextTest {
                test,
                value: boxed(value),
                pattern: boxed(right),
                ignoring: self.ignoring(),
            },
            Wait::By { end, amount, percent } => {
                ExprKind::Top { end, amount, percent, by: boxed(right) }
            }
            Wait::Nothing => ExprKind::Error,
        };
        self.complete(start, kind, chained)
    }

    /// A comparison from `start` to the last token taken.
    fn complete(&mut self, start: Span, kind: ExprKind, chained: bool) -> Step {
        let span = Span { end: self.previous().end.max(start.end), ..start };
        let grade = if chained { Grade::Chained } else { Grade::Condition };
        Step::Behind(Expr { kind, span }, grade)
    }

    /// `in (a, b)`
    fn in_list(&mut self, stack: &mut Vec<Pending>, value: Expr, negated: bool) -> Step {
        self.advance();
        if self.is_word(0, "segment") {
            let help = "`in segment` is a condition on its own: `in segment vip`".to_owned();
            self.unexpected_with("`(` and a list of values", Some(help));
            if self.is_name(1) {
                self.advance();
                self.advance();
            }
            return self.complete(value.span, ExprKind::Error, false);
        }
        let first = self.token_at(value.span);
        if !self.at(TokenKind::Open) {
            let help = self.instead_of_list();
            self.unexpected_with("`(` and a list of values", help);
            self.skip_braces();
            return self.complete(value.span, ExprKind::Error, false);
        }
        self.open_bracket(stack, first, Purpose::In { negated, value })
    }

    /// `contains any of (a, b)`
    fn contains_list(&mut self, stack: &mut Vec<Pending>, value: Expr, negated: bool) -> Step {
        self.advance();
        let any = self.is_word(0, "any");
        self.advance();
        self.advance();
        let first = self.token_at(value.span);
        let purpose =
            if any { Purpose::AnyOf { negated, value } } else { Purpose::AllOf { negated, value } };
        self.open_bracket(stack, first, purpose)
    }

    /// `is null`, `is not empty`, …
    fn is_test(&mut self, stack: &mut Vec<Pending>, left: Expr, chained: bool) -> Step {
        let start = left.span;
        self.advance();
        let negated = self.eat_reserved(Reserved::Not);
        let value = Box::new(left);
        let kind = if self.eat_reserved(Reserved::Null) {
            ExprKind::IsNull { negated, value }
        } else if self.eat_word("empty") {
            ExprKind::IsEmpty { negated, value }
        } else {
            let (words, sign) = if negated { ("is not", "!=") } else { ("is", "=") };
            let help = self.behind_is(negated).unwrap_or_else(|| format!("compare with `{sign}`"));
            self.unexpected_with(&format!("`null` or `empty` after `{words}`"), Some(help));
            if self.at_boundary() {
                return self.complete(start, ExprKind::Error, chained);
            }
            return self.behind_wrong_is(stack, *value, chained);
        };
        let place = self.peek();
        match self.ignoring() {
            None => {}
            Some(Ignoring::Year) => self.misplaced(Code::MisplacedIgnoringYear, place, "year"),
            Some(Ignoring::Case) => self.misplaced(Code::MisplacedIgnoringCase, place, "case"),
        }
        self.complete(start, kind, chained)
    }

    /// What follows `is` that is no test: a list, or a value behind other words.
    fn behind_wrong_is(&mut self, stack: &mut Vec<Pending>, value: Expr, chained: bool) -> Step {
        let (start, negated) = (value.span, false);
        let list = self.eat_reserved(Reserved::In) || self.is_word(1, "of");
        while self.is_name(0) && (self.is_name(1) || self.at_wordy_operator()) {
            self.advance();
        }
        if list && !self.at(TokenKind::Open) {
            self.eat_word("of");
        }
        if list && self.at(TokenKind::Open) {
            let first = self.token_at(start);
            return self.open_bracket(stack, first, Purpose::In { negated, value });
        }
        stack.push(Pending::Comparison(Partial { start, wait: Wait::Nothing, chained }));
        Step::Before
    }

    /// Whether an operator of another language stands here, with its value behind it.
    fn at_wordy_operator(&self) -> bool {
        let value = matches!(
            self.ahead(1).kind,
            TokenKind::Text | TokenKind::Number | TokenKind::Date | TokenKind::DateTime
        );
        value && self.word(0).is_some_and(|word| word::foreign(word).is_some() || word == "than")
    }

    fn misplaced(&mut self, code: Code, place: Token, word: &str) {
        let span = self.span_from(place);
        self.report(code, span, format!("`ignoring {word}` has no meaning here"));
    }

    /// A window in time, or a distance.
    fn within(&mut self, stack: &mut Vec<Pending>, value: Expr, chained: bool) -> Step {
        let start = value.span;
        self.advance();
        if self.is_word(0, "the") && self.is_any_word(1, &["last", "next"]) {
            let help = format!("write `within {}`", self.text_of(self.ahead(1)));
            self.unexpected_with("`last` or `next` after `within`", Some(help));
            self.advance();
        }
        let direction = if self.eat_word("last") {
            Direction::Past
        } else if self.eat_word("next") {
            Direction::Future
        } else if self.at(TokenKind::Number) {
            return self.near(stack, value);
        } else {
            self.unexpected("`last 30 days`, `next 2 weeks` or `25 km of (…)` after `within`");
            return self.complete(start, ExprKind::Error, chained);
        };
        let kind = match self.amount_and_unit() {
            Some((amount, unit)) => {
                let (value, ignoring) = (Box::new(value), self.ignoring());
                ExprKind::Within { value, direction, amount, unit, ignoring }
            }
            None => ExprKind::Error,
        };
        self.complete(start, kind, chained)
    }

    /// `25 km of (59.33, 18.06)`
    fn near(&mut self, stack: &mut Vec<Pending>, value: Expr) -> Step {
        let distance = self.number();
        let unit = self.word(0).and_then(word::distance_unit);
        if unit.is_some() {
            self.advance();
        } else if self.word(0).and_then(Unit::parse).is_some() {
            let span = format!("{} {}", self.text_of(self.previous()), self.text_of(self.peek()));
            let help = format!("write `within last {span}` or `within next {span}`");
            self.unexpected_with("`last` or `next` before a span of time", Some(help));
        } else {
            let help = "distances are in `km` or `mi`".to_owned();
            self.unexpected_with("`km` or `mi`", Some(help));
        }
        let (Some(distance), Some(unit)) = (distance, unit) else {
            return self.complete(value.span, ExprKind::Error, false);
        };
        if !self.expect_word("of") {
            return self.complete(value.span, ExprKind::Error, false);
        }
        let first = self.token_at(value.span);
        self.open_bracket(stack, first, Purpose::Near { value, distance, unit })
    }

    /// Stands for a part that has been read, where a token is wanted that begins something.
    fn token_at(&self, span: Span) -> Token {
        Token { kind: TokenKind::Bad, start: span.start, end: span.end }
    }

    /// `ignoring year` or `ignoring case`, if it stands here.
    pub(super) fn ignoring(&mut self) -> Option<Ignoring> {
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

    /// Behind a value without an operator: says so where something follows that cannot, and whether it does.
    fn refuse_operator(&mut self, stack: &[Pending], left: &Expr) -> bool {
        let part = self.is_name(0) && self.is_any_word(1, &["when", "otherwise"]);
        let expected = match stack.last() {
            None if part => "`,` or an operator",
            Some(Pending::Bracket(bracket)) if bracket.is_list() && self.starts_line() => {
                "`,`, `)` or an operator"
            }
            _ => "an operator such as `=` or `contains`",
        };
        match self.peek().kind {
            // These have been reported, one of them as an operator of another language.
            TokenKind::Bad => self.spoiled = true,
            TokenKind::Reserved(Reserved::Not) if self.text_of(self.peek()) == "!" => {
                self.silence()
            }
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
            _ if self.at_boundary() || self.at_definition() => return false,
            TokenKind::Word
            | TokenKind::Quoted
            | TokenKind::Text
            | TokenKind::Number
            | TokenKind::Short
            | TokenKind::Date
            | TokenKind::DateTime
            | TokenKind::MonthDay => {
                let help = self.missing_operator_help(left);
                let known = self.word(0).is_some_and(|word| word::foreign(word).is_some());
                let before = self.spoiled;
                self.missing(expected, help);
                // Beside an operator of another language the value is one all the same.
                self.spoiled = before || !known;
            }
            TokenKind::Reserved(Reserved::Where)
                if matches!(left.kind, ExprKind::Aggregate { filter: None, .. }) =>
            {
                let begun = self.source_of(left.span).trim_end_matches(')').to_owned();
                let begun = if begun.len() > 60 { "count(…".to_owned() } else { begun };
                let help = format!("the filter stands in the brackets: `{begun} where …)`");
                self.unexpected_with(expected, Some(help));
            }
            _ => return false,
        }
        true
    }
}

/// A value whose operator is wrong: it is looked at for its own errors, but not asked to be a condition.
fn compared_to_nothing(left: Expr) -> Expr {
    let span = left.span;
    let right = Box::new(Expr { kind: ExprKind::Error, span });
    let kind =
        ExprKind::Compare { op: CompareOp::Equal, left: Box::new(left), right, ignoring: None };
    Expr { kind, span }
}
