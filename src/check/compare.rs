//! `=`, `<`, `between`, `in`: two values side by side.

use super::{Checker, Env, describe, expand::Head, meant::meant};
use crate::{
    calendar::Unit,
    diagnostic::{Code, Finding, Span},
    rule::{CompareOp, ConditionKind, Domain, Expr, ExprKind, ExprType},
    syntax::tree::{self, Ignoring},
};

impl<'a> Checker<'a> {
    pub(super) fn compare(
        &mut self,
        op: tree::CompareOp,
        sides: (&'a tree::Expr, &'a tree::Expr),
        ignoring: Option<Ignoring>,
        span: Span,
        env: &Env<'a>,
    ) -> Option<ConditionKind> {
        let op = meaning(op);
        let heads = (self.head(sides.0, env), self.head(sides.1, env));
        let is_null = |head: &Option<super::expand::Head<'a>>| {
            head.as_ref().is_some_and(|head| matches!(head.expr.kind, tree::ExprKind::Null))
        };
        if is_null(&heads.0) || is_null(&heads.1) {
            for head in [heads.0, heads.1].into_iter().flatten() {
                if !matches!(head.expr.kind, tree::ExprKind::Null) {
                    self.side_at(&head);
                }
            }
            return self.compared_with_null(Some(op), span);
        }
        let (left, right) = self.sides(heads.0, heads.1);
        let (left, right) = (left?, right?);
        if is_yearly(ignoring, [&left, &right]) {
            return self.compare_yearly(op, left, right, span);
        }
        let domain = self.domain(&left, &right, span)?;
        let domain = self.fold(domain, ignoring, left.ty, span)?;
        if domain == Domain::Bool && !matches!(op, CompareOp::Equal | CompareOp::NotEqual) {
            let message = format!("`{}` does not work on booleans", op.sign());
            return self.error_with(Code::WrongType, span, message, "use `=` or `!=`");
        }
        Some(ConditionKind::Compare { op, left, right, domain })
    }

    /// Both sides; one that is no value is told with an eye to the other.
    fn sides(
        &mut self,
        left: Option<Head<'a>>,
        right: Option<Head<'a>>,
    ) -> (Option<Expr>, Option<Expr>) {
        let is_length = |head: &Option<Head<'a>>| {
            let kind = head.as_ref().map(|head| &head.expr.kind);
            matches!(kind, Some(tree::ExprKind::Duration { .. }))
        };
        if is_length(&left) && !is_length(&right) {
            let right = right.and_then(|head| self.side_at(&head));
            let left = left.and_then(|head| self.beside(&head, right.as_ref()));
            return (left, right);
        }
        let left = left.and_then(|head| self.side_at(&head));
        let right = right.and_then(|head| self.beside(&head, left.as_ref()));
        (left, right)
    }

    /// A side beside another one.
    fn beside(&mut self, head: &Head<'a>, other: Option<&Expr>) -> Option<Expr> {
        let told = other.is_some_and(|other| {
            self.refuse_word(head, other) || self.refuse_length(head.expr, other)
        });
        if told { None } else { self.side_at(head) }
    }

    pub(super) fn between(
        &mut self,
        negated: bool,
        value: &'a tree::Expr,
        ends: (&'a tree::Expr, &'a tree::Expr),
        ignoring: Option<Ignoring>,
        env: &Env<'a>,
    ) -> Option<ConditionKind> {
        let value = self.value(value, env);
        let low = self.bound(ends.0, env);
        let high = self.bound(ends.1, env);
        let (value, low, high) = (value?, low?, high?);
        let span = value.span.to(high.span);
        if value.ty == ExprType::Bool {
            let message = "`between` does not work on booleans";
            return self.error_with(Code::WrongType, value.span, message, "use `=` or `!=`");
        }
        if is_yearly(ignoring, [&value, &low, &high]) {
            return self.between_yearly(negated, value, low, high);
        }
        let domains = (self.domain(&value, &low, low.span), self.domain(&value, &high, high.span));
        let low_domain = self.fold(domains.0?, ignoring, value.ty, span)?;
        let high_domain = self.fold(domains.1?, ignoring, value.ty, span)?;
        self.warn_reversed(&low, &high);
        let (low, high) = ((low, low_domain), (high, high_domain));
        Some(ConditionKind::Between { negated, value, low, high })
    }

    pub(super) fn one_of(
        &mut self,
        negated: bool,
        value: &'a tree::Expr,
        list: &'a [tree::Expr],
        ignoring: Option<Ignoring>,
        env: &Env<'a>,
    ) -> Option<ConditionKind> {
        let value = self.value(value, env);
        let env = self.deeper(env, list.first()?.span)?;
        let items = self.alternatives(list, value.as_ref(), &env);
        let value = value?;
        if describe::is_set(value.ty) {
            let message =
                format!("`in` looks for single values, and this is {}", describe::a(value.ty));
            return self.error_with(
                Code::WrongType,
                value.span,
                message,
                "use `contains any of (…)`",
            );
        }
        // INVARIANT: items that are wrong are reported; the others are still checked against the value.
        let whole = items.iter().all(Option::is_some);
        let items: Vec<Expr> = items.into_iter().flatten().collect();
        if is_yearly(ignoring, std::iter::once(&value).chain(&items)) {
            return self.one_of_yearly(negated, value, items).filter(|_| whole);
        }
        let mut found = Some(Vec::with_capacity(items.len()));
        for item in items {
            let domain = self.domain(&value, &item, item.span);
            match (domain, &mut found) {
                (Some(domain), Some(found)) => found.push((item, domain)),
                _ => found = None,
            }
        }
        let mut items = found.filter(|_| whole)?;
        let span = items.last().map_or(value.span, |(last, _)| value.span.to(last.span));
        for (_, domain) in &mut items {
            *domain = self.fold(*domain, ignoring, value.ty, span)?;
        }
        Some(ConditionKind::In { negated, value, items })
    }

    /// The elements of a list. Of words without quotes only the first is told.
    fn alternatives(
        &mut self,
        list: &'a [tree::Expr],
        value: Option<&Expr>,
        env: &Env<'a>,
    ) -> Vec<Option<Expr>> {
        let mut told = false;
        let element = |item| {
            let head = self.head(item, env)?;
            let is_word = matches!(head.expr.kind, tree::ExprKind::Path(_));
            if is_word
                && self.bare_word(&head).is_some()
                && (told || value.is_some_and(|value| self.refuse_word(&head, value)))
            {
                told = true;
                return None;
            }
            if let tree::ExprKind::Null = head.expr.kind {
                return self.compared_with_null(None, head.expr.span);
            }
            self.value_at(&head)
        };
        list.iter().map(element).collect()
    }

    /// A value that something is compared with, which cannot be `null`.
    fn bound(&mut self, expr: &'a tree::Expr, env: &Env<'a>) -> Option<Expr> {
        let head = self.head(expr, env)?;
        if let tree::ExprKind::Null = head.expr.kind {
            return self.compared_with_null(None, head.expr.span);
        }
        self.value_at(&head)
    }

    pub(super) fn compared_with_null<T>(&mut self, op: Option<CompareOp>, span: Span) -> Option<T> {
        let help = match op {
            Some(CompareOp::NotEqual) => "use `is not null`",
            _ => "use `is null`",
        };
        let message = "nothing can be compared with `null`";
        self.error_with(Code::ComparedWithNull, span, message, help)
    }

    /// What two values are compared as.
    pub(super) fn domain(&mut self, left: &Expr, right: &Expr, span: Span) -> Option<Domain> {
        let (a, b) = (left.ty, right.ty);
        match (a, b) {
            _ if describe::is_number(a) && describe::is_number(b) => Some(Domain::Number),
            (ExprType::Bool, ExprType::Bool) => Some(Domain::Bool),
            (ExprType::Text, ExprType::Text) => Some(Domain::Text { fold_case: false }),
            (ExprType::Date, ExprType::Date) => Some(Domain::Day),
            (ExprType::DateTime, ExprType::DateTime) => Some(Domain::Instant),
            (ExprType::Date, ExprType::DateTime) => self.day_with(right),
            (ExprType::DateTime, ExprType::Date) => self.day_with(left),
            _ if a == b && (describe::is_set(a) || a == ExprType::Geo) => {
                let message = format!("{} cannot be compared with another", describe::a(a));
                let help = match a {
                    ExprType::Geo => "use `within … km of (…)` or `is null`",
                    _ => "use `contains any of (…)` or `contains all of (…)`",
                };
                self.error_with(Code::Incomparable, span, message, help)
            }
            _ => {
                let help = meant(left, right).or_else(|| meant(right, left));
                let (a, b) = (describe::a(a), describe::a(b));
                let message = format!("cannot compare {a} with {b}");
                self.error_maybe(Code::Incomparable, span, message, help)
            }
        }
    }

    /// A date beside a datetime means the datetime's day, but a fixed instant says more than a date can answer.
    fn day_with(&mut self, datetime: &Expr) -> Option<Domain> {
        let (code, message, help) = match &datetime.kind {
            ExprKind::RelativeInstant(offset)
                if offset.amount == 0 && offset.unit == Unit::Minutes =>
            {
                let message = "a date cannot be compared with an instant";
                (Code::DateWithInstant, message, "use `today`")
            }
            ExprKind::RelativeInstant(_) => {
                let message = "a date has no time of day, so hours and minutes do not fit it";
                (Code::ClockUnitOnDate, message, "count in days, as in `2 days ago`")
            }
            ExprKind::DateTime(_) => {
                let message = "a date cannot be compared with an instant";
                (Code::DateWithInstant, message, "write the day alone, as in `2026-11-01`")
            }
            _ => return Some(Domain::Day),
        };
        self.error_with(code, datetime.span, message, help)
    }

    fn fold(
        &mut self,
        domain: Domain,
        ignoring: Option<Ignoring>,
        ty: ExprType,
        span: Span,
    ) -> Option<Domain> {
        match (ignoring, domain) {
            (Some(Ignoring::Case), Domain::Text { .. }) => Some(Domain::Text { fold_case: true }),
            (Some(Ignoring::Case), _) => self.misplaced_case(ty, span),
            _ => Some(domain),
        }
    }

    pub(super) fn misplaced_case<T>(&mut self, ty: ExprType, span: Span) -> Option<T> {
        let message = format!("`ignoring case` works on texts, not on {}", describe::a(ty));
        self.error(Code::MisplacedIgnoringCase, span, message)
    }

    /// Warns of ends in the wrong order whatever day it is; nothing lies between them.
    pub(super) fn warn_reversed(&mut self, low: &Expr, high: &Expr) {
        let reversed = match (&low.kind, &high.kind) {
            (ExprKind::RelativeDay(low), ExprKind::RelativeDay(high))
            | (ExprKind::RelativeInstant(low), ExprKind::RelativeInstant(high)) => {
                low.is_always_after(*high)
            }
            _ => false,
        };
        if reversed {
            let span = low.span.to(high.span);
            let message = "this window ends before it starts, so nothing lies in it";
            let finding = Finding::new(Code::ReversedWindow, span, message);
            self.report(finding.help("the earlier end comes first"));
        }
    }
}

/// Whether a comparison is of month-days.
fn is_yearly<'e>(ignoring: Option<Ignoring>, values: impl IntoIterator<Item = &'e Expr>) -> bool {
    ignoring == Some(Ignoring::Year)
        || values.into_iter().any(|value| value.ty == ExprType::MonthDay)
}

fn meaning(op: tree::CompareOp) -> CompareOp {
    match op {
        tree::CompareOp::Equal => CompareOp::Equal,
        tree::CompareOp::NotEqual => CompareOp::NotEqual,
        tree::CompareOp::Less => CompareOp::Less,
        tree::CompareOp::LessOrEqual => CompareOp::LessOrEqual,
        tree::CompareOp::Greater => CompareOp::Greater,
        tree::CompareOp::GreaterOrEqual => CompareOp::GreaterOrEqual,
    }
}
