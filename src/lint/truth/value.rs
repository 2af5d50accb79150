//! From a value to its term. The conditions in it are judged on the way.

use std::borrow::Cow;

use super::{Judged, Lints};
use crate::{
    diagnostic::Span,
    lint::reason::{
        Constant, Cut, Set, Subject, SubjectKey, TermId, TermKey, Truth, constant, minutes,
    },
    rule::{Aggregate, AggregateFunction, CompareOp, Domain, Expr, ExprKind, ExprType},
};

/// One side of a comparison.
pub(super) enum Side<'a> {
    Constant(Constant<'a>, TermKey<'a>, ExprType),
    /// True or false, never missing.
    Truth(Judged<'a>),
    Term(TermId),
}

impl<'a> Lints<'a> {
    pub(super) fn side(&mut self, expr: &'a Expr) -> Side<'a> {
        if let Some(value) = constant(expr) {
            let key = constant_key(&value);
            return Side::Constant(value, key, expr.ty);
        }
        match &expr.kind {
            ExprKind::Condition(condition) => Side::Truth(self.condition(condition)),
            ExprKind::Aggregate(aggregate) if aggregate.function == AggregateFunction::Exists => {
                Side::Truth(self.exists(aggregate, expr.span))
            }
            _ => Side::Term(self.term(expr)),
        }
    }

    /// There is a row: there is at least one.
    fn exists(&mut self, aggregate: &'a Aggregate, origin: Span) -> Judged<'a> {
        let filter = aggregate.filter.as_ref().map(|filter| self.condition(filter).meaning.literal);
        let count = self.reason.count(aggregate.table, filter);
        let subject = self.reason.subject(SubjectKey::Value(count));
        Judged::open(self.reason.atom(subject, &Set::from(Cut::Step(1)), origin))
    }

    /// A boolean value on its own.
    pub(super) fn holds(&mut self, value: &'a Expr) -> Judged<'a> {
        let side = self.side(value);
        let truth = Constant::Bool(true);
        let key = constant_key(&truth);
        let truth = Side::Constant(truth, key, ExprType::Bool);
        self.compared(CompareOp::Equal, &side, &truth, Domain::Bool, value.span)
    }

    pub(super) fn term_of(&mut self, side: &Side<'a>) -> TermId {
        match side {
            Side::Constant(_, key, ty) => self.reason.term(key.clone(), *ty),
            Side::Truth(judged) => {
                self.reason.term(TermKey::Condition(judged.meaning.literal), ExprType::Bool)
            }
            Side::Term(term) => *term,
        }
    }

    pub(super) fn term(&mut self, expr: &'a Expr) -> TermId {
        let key = match &expr.kind {
            ExprKind::Bool(truth) => TermKey::Bool(*truth),
            ExprKind::Number(number) => TermKey::Number(*number),
            ExprKind::Text(text) => TermKey::Text(Cow::Borrowed(text)),
            ExprKind::Date(day) => TermKey::Date(*day),
            ExprKind::DateTime(instant) => TermKey::DateTime(*instant),
            ExprKind::MonthDay(month_day) => TermKey::MonthDay(*month_day),
            ExprKind::RelativeDay(offset) => TermKey::RelativeDay(*offset),
            ExprKind::RelativeInstant(offset) => match minutes(*offset) {
                Some(minutes) => TermKey::RelativeInstant(minutes),
                None => TermKey::RelativeDay(*offset),
            },
            ExprKind::Column(path) => TermKey::Column(path),
            ExprKind::Aggregate(aggregate) => self.aggregate(aggregate),
            ExprKind::Negate(inner) => TermKey::Negate(self.term(inner)),
            ExprKind::Arithmetic { first, rest } => {
                let first = self.term(first);
                let rest = rest.iter().map(|(op, operand)| (*op, self.term(operand))).collect();
                TermKey::Arithmetic(first, rest)
            }
            ExprKind::Call { function, arguments } => {
                TermKey::Call(*function, arguments.iter().map(|each| self.term(each)).collect())
            }
            ExprKind::Quantile { value, buckets } => TermKey::Quantile(self.term(value), *buckets),
            ExprKind::Rfm(field) => TermKey::Rfm(*field),
            ExprKind::Predicted(asked) => TermKey::Predicted(*asked),
            ExprKind::Condition(condition) => {
                TermKey::Condition(self.condition(condition).meaning.literal)
            }
        };
        self.reason.term(key, expr.ty)
    }

    fn aggregate(&mut self, aggregate: &'a Aggregate) -> TermKey<'a> {
        let value = aggregate.value.as_ref().map(|value| self.term(value));
        let filter = aggregate.filter.as_ref().map(|filter| self.condition(filter).meaning.literal);
        let (function, table) = (aggregate.function, aggregate.table);
        TermKey::Aggregate { function, table, value, filter }
    }

    /// Whether a value is there, or is missing.
    pub(super) fn presence(
        &mut self,
        value: &'a Expr,
        is_missing: bool,
        origin: Span,
    ) -> Judged<'a> {
        match self.side(value) {
            Side::Term(term) => self.presence_of(term, is_missing, origin),
            Side::Truth(_) | Side::Constant(..) => {
                let truth = matches!(constant(value), Some(Constant::Missing)) == is_missing;
                let why = if truth == is_missing { "" } else { "this value is never missing" };
                Judged::because(self.reason.fixed(truth), why)
            }
        }
    }

    pub(super) fn presence_of(
        &mut self,
        term: TermId,
        is_missing: bool,
        origin: Span,
    ) -> Judged<'a> {
        let subject = SubjectKey::Value(self.reason.root(term));
        let set = if is_missing { Set::missing() } else { Set::present() };
        self.atom(subject, &set, origin)
    }

    /// A subject in a set; where that is always or never so, why.
    pub(super) fn atom(&mut self, key: SubjectKey<'a>, set: &Set<'a>, origin: Span) -> Judged<'a> {
        let subject = self.reason.subject(key);
        self.atom_on(subject, set, origin)
    }

    pub(super) fn atom_on(&mut self, subject: Subject, set: &Set<'a>, origin: Span) -> Judged<'a> {
        let meaning = self.reason.atom(subject, set, origin);
        let why = match meaning.truth {
            Truth::Fixed(_) => self.why(subject, set),
            Truth::Open(_) => String::new(),
        };
        Judged::because(meaning, why)
    }
}

fn constant_key<'a>(value: &Constant<'a>) -> TermKey<'a> {
    match value {
        Constant::Missing => TermKey::Missing,
        Constant::Bool(truth) => TermKey::Bool(*truth),
        Constant::Exact(number) => TermKey::Number(*number),
        Constant::Float(number) => TermKey::Float(number.to_bits()),
        Constant::Text(text) => TermKey::Text(text.clone()),
        Constant::Day(day) => TermKey::Date(*day),
        Constant::Instant(instant) => TermKey::DateTime(*instant),
        Constant::MonthDay(month_day) => TermKey::MonthDay(*month_day),
        Constant::FromToday(offset) => TermKey::RelativeDay(*offset),
        Constant::FromNow(minutes) => TermKey::RelativeInstant(*minutes),
    }
}
