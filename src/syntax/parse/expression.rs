//! Conditions and values, without recursion: what waits for its right side or its closing bracket is kept on a stack
//! of our own, so the nesting of a text costs memory in proportion and no call stack.
//!
//! From loosest to tightest: `or`, `and`, `not`, comparison, `+ -`, `* /`, unary `-`.

use super::{Parser, bracket::Bracket, comparison::Partial};
use crate::{
    diagnostic::Span,
    syntax::{
        lex::{Token, TokenKind},
        tree::{ArithmeticOp, Expr, ExprKind},
        word::Reserved,
    },
};

/// Something begun whose rest is still to be read.
pub(super) enum Pending {
    /// The alternatives so far
    Or(Vec<Expr>),
    /// The terms so far
    And(Vec<Expr>),
    Not(Token),
    /// A comparison up to its operator
    Comparison(Partial),
    Sum(Operands),
    Product(Operands),
    Negate(Token),
    Bracket(Bracket),
}

/// Operands of one level so far, and the operator behind them.
pub(super) struct Operands {
    first: Expr,
    rest: Vec<(ArithmeticOp, Expr)>,
    op: ArithmeticOp,
}

/// What has just been read, and so what may follow.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Grade {
    /// A value, or a condition in brackets: it may be calculated with and compared.
    Operand,
    /// A comparison, or another condition that is not in brackets.
    Condition,
    /// A comparison of a comparison, which has been reported.
    Chained,
}

/// Where the parser stands.
pub(super) enum Step {
    /// Before an operand.
    Before,
    /// Behind something.
    Behind(Expr, Grade),
    Done(Expr),
}

/// The first of two or more.
fn pair(first: Expr) -> Vec<Expr> {
    let mut terms = Vec::with_capacity(2);
    terms.push(first);
    terms
}

impl Parser<'_> {
    /// A whole condition or value.
    pub(super) fn condition(&mut self) -> Expr {
        // PERF: one stack for all of a file.
        let mut stack = std::mem::take(&mut self.stack);
        let mut step = Step::Before;
        self.spoiled = false;
        loop {
            step = match step {
                Step::Before => self.start(&mut stack),
                Step::Behind(left, grade) => self.follow(&mut stack, left, grade),
                Step::Done(expr) => {
                    self.stack = stack;
                    return expr;
                }
            };
        }
    }

    /// Reads signs, and then an operand or the beginning of something longer.
    fn start(&mut self, stack: &mut Vec<Pending>) -> Step {
        let first = self.peek();
        let free = at_condition(stack);
        match first.kind {
            TokenKind::Reserved(Reserved::Not) if free => self.prefix(stack, Pending::Not(first)),
            TokenKind::Minus if !self.at_short() => self.prefix(stack, Pending::Negate(first)),
            TokenKind::Close if ends_list(stack) => self.end_bracket(stack),
            _ => match free.then(|| self.condition_form(stack)).flatten() {
                Some(step) => step,
                None => self.operand(stack),
            },
        }
    }

    fn prefix(&mut self, stack: &mut Vec<Pending>, sign: Pending) -> Step {
        let first = self.advance();
        if self.enter() {
            stack.push(sign);
            return Step::Before;
        }
        Step::Behind(self.error_from(first), Grade::Operand)
    }

    /// Behind something: takes the operator that follows, or ends what waited for this.
    fn follow(&mut self, stack: &mut Vec<Pending>, left: Expr, grade: Grade) -> Step {
        let op = self.arithmetic_operator().filter(|_| grade == Grade::Operand);
        if let Some(op) = op {
            let left = match op {
                ArithmeticOp::Multiply | ArithmeticOp::Divide => self.end_negations(stack, left),
                ArithmeticOp::Add | ArithmeticOp::Subtract => self.end_product(stack, left),
            };
            self.advance();
            push_operand(stack, left, op);
            return Step::Before;
        }
        // PERF: most values are not calculated, and moving one takes as long as looking at it.
        let left = match stack.last() {
            Some(Pending::Negate(_) | Pending::Product(_) | Pending::Sum(_)) => {
                let left = self.end_product(stack, left);
                end_sum(stack, left)
            }
            _ => left,
        };
        if let Some(Pending::Comparison(_)) = stack.last() {
            return self.end_comparison(stack, left);
        }
        if at_condition(stack) {
            match self.compared(stack, left, grade) {
                Ok(step) => return step,
                Err(left) => return self.follow_condition(stack, left),
            }
        }
        self.end(stack, left)
    }

    fn follow_condition(&mut self, stack: &mut Vec<Pending>, left: Expr) -> Step {
        let mut left = self.settled(left);
        while let Some(Pending::Not(sign)) = stack.last() {
            left =
                Expr { span: self.span_of(*sign).to(left.span), kind: ExprKind::Not(left.into()) };
            stack.pop();
            self.leave();
        }
        if self.eat_reserved(Reserved::And) {
            match stack.last_mut() {
                Some(Pending::And(terms)) => terms.push(left),
                _ => stack.push(Pending::And(pair(left))),
            }
            return Step::Before;
        }
        let left = match stack.pop_if(|top| matches!(top, Pending::And(_))) {
            Some(Pending::And(terms)) => chain(terms, left, ExprKind::And),
            _ => left,
        };
        if self.eat_reserved(Reserved::Or) {
            match stack.last_mut() {
                Some(Pending::Or(alternatives)) => alternatives.push(left),
                _ => stack.push(Pending::Or(pair(left))),
            }
            return Step::Before;
        }
        let left = match stack.pop_if(|top| matches!(top, Pending::Or(_))) {
            Some(Pending::Or(alternatives)) => chain(alternatives, left, ExprKind::Or),
            _ => left,
        };
        self.end(stack, left)
    }

    /// Behind all that stands together: an element of a bracket, or the whole.
    fn end(&mut self, stack: &mut Vec<Pending>, whole: Expr) -> Step {
        let whole = self.settled(whole);
        if stack.is_empty() {
            return Step::Done(whole);
        }
        self.end_element(stack, whole)
    }

    /// Of a condition in which something was reported nothing more is said: its words may not even be names.
    fn settled(&mut self, part: Expr) -> Expr {
        let next = self.peek();
        let stuck = next.kind == TokenKind::Bad
            && next.start == self.previous().end
            && self.text_of(next) != ";";
        let spoiled = std::mem::take(&mut self.spoiled) || stuck;
        if spoiled { Expr { kind: ExprKind::Error, span: part.span } } else { part }
    }

    fn arithmetic_operator(&self) -> Option<ArithmeticOp> {
        match self.peek().kind {
            TokenKind::Plus => Some(ArithmeticOp::Add),
            TokenKind::Minus => Some(ArithmeticOp::Subtract),
            TokenKind::Star => Some(ArithmeticOp::Multiply),
            TokenKind::Slash => Some(ArithmeticOp::Divide),
            _ => None,
        }
    }

    fn end_negations(&mut self, stack: &mut Vec<Pending>, operand: Expr) -> Expr {
        let mut left = operand;
        while let Some(Pending::Negate(sign)) = stack.last() {
            let span = self.span_of(*sign).to(left.span);
            left = Expr { span, kind: ExprKind::Negate(left.into()) };
            stack.pop();
            self.leave();
        }
        left
    }

    fn end_product(&mut self, stack: &mut Vec<Pending>, operand: Expr) -> Expr {
        let left = self.end_negations(stack, operand);
        match stack.pop_if(|top| matches!(top, Pending::Product(_))) {
            Some(Pending::Product(operands)) => operands.close(left),
            _ => left,
        }
    }
}

fn end_sum(stack: &mut Vec<Pending>, operand: Expr) -> Expr {
    match stack.pop_if(|top| matches!(top, Pending::Sum(_))) {
        Some(Pending::Sum(operands)) => operands.close(operand),
        _ => operand,
    }
}

/// Puts an operand and the operator behind it where the chain of that level is.
fn push_operand(stack: &mut Vec<Pending>, operand: Expr, op: ArithmeticOp) {
    let product = matches!(op, ArithmeticOp::Multiply | ArithmeticOp::Divide);
    match stack.last_mut() {
        Some(Pending::Product(operands)) if product => operands.push(operand, op),
        Some(Pending::Sum(operands)) if !product => operands.push(operand, op),
        _ => {
            let operands = Operands { first: operand, rest: Vec::new(), op };
            stack.push(if product { Pending::Product(operands) } else { Pending::Sum(operands) });
        }
    }
}

impl Operands {
    fn push(&mut self, operand: Expr, op: ArithmeticOp) {
        let before = std::mem::replace(&mut self.op, op);
        self.rest.push((before, operand));
    }

    fn close(mut self, last: Expr) -> Expr {
        let span = self.first.span.to(last.span);
        self.rest.push((self.op, last));
        let kind = ExprKind::Arithmetic { first: self.first.into(), rest: self.rest };
        Expr { kind, span }
    }
}

fn chain(mut terms: Vec<Expr>, last: Expr, build: fn(Vec<Expr>) -> ExprKind) -> Expr {
    let first = terms.first().map_or(last.span, |first| first.span);
    let span: Span = first.to(last.span);
    terms.push(last);
    Expr { kind: build(terms), span }
}

/// Whether a whole condition may begin here, not only a value.
pub(super) fn at_condition(stack: &[Pending]) -> bool {
    match stack.last() {
        None | Some(Pending::Or(_) | Pending::And(_) | Pending::Not(_)) => true,
        Some(Pending::Bracket(bracket)) => bracket.holds_conditions(),
        _ => false,
    }
}

/// Whether a closing bracket may stand here, before an element of a list.
fn ends_list(stack: &[Pending]) -> bool {
    matches!(stack.last(), Some(Pending::Bracket(bracket)) if bracket.is_list())
}
