//! Conditions: the forms that are not comparisons, and the way to those that are.

use super::{Checker, Env, Named, describe, expand::Head, value::is_condition};
use crate::{
    calendar::Offset,
    diagnostic::{Code, Span},
    rule::{Condition, ConditionKind, ExprKind, ExprType, Place, Quantifier, SegmentRule},
    schema::{ColumnId, Role},
    syntax::{
        shorten,
        tree::{self, Expr, Ignoring, Name},
    },
};

impl<'a> Checker<'a> {
    pub(super) fn condition(&mut self, expr: &'a Expr, env: &Env<'a>) -> Option<Condition> {
        let (condition, depends) = self.watch_arguments(env, |checker| {
            let head = checker.head(expr, env)?;
            checker.condition_at(&head)
        });
        let mut condition = condition?;
        let here = (!depends).then_some(expr.span);
        condition.place = Place { here, own: condition.place.own.or(here) };
        Some(condition)
    }

    /// A condition that stands where it is written, or of which nobody asks where it stands.
    pub(super) fn condition_at(&mut self, head: &Head<'a>) -> Option<Condition> {
        let span = head.expr.span;
        let (kind, depends) = self.watch_arguments(&head.env, |checker| {
            if is_condition(head.expr) {
                checker.spend(span, &head.env)?;
                checker.condition_kind(head.expr, &head.env)
            } else {
                checker.holds(head)
            }
        });
        let own = (!depends).then_some(span);
        Some(Condition { kind: kind?, span, place: Place { here: own, own } })
    }

    fn condition_kind(&mut self, expr: &'a Expr, env: &Env<'a>) -> Option<ConditionKind> {
        let span = expr.span;
        match &expr.kind {
            tree::ExprKind::Not(inner) => {
                let env = self.deeper(env, span)?;
                Some(ConditionKind::Not(Box::new(self.condition(inner, &env)?)))
            }
            tree::ExprKind::And(list) => Some(ConditionKind::And(self.terms(list, env)?)),
            tree::ExprKind::Or(list) => Some(ConditionKind::Or(self.terms(list, env)?)),
            tree::ExprKind::Quantified { quantifier, conditions } => {
                let quantifier = self.quantifier(quantifier, env);
                let env = self.deeper(env, span)?;
                let conditions = self.conditions(conditions, &env);
                Some(ConditionKind::Quantified { quantifier: quantifier?, conditions: conditions? })
            }
            tree::ExprKind::Compare { op, left, right, ignoring } => {
                self.compare(*op, (left, right), *ignoring, span, env)
            }
            tree::ExprKind::Between { negated, value, low, high, ignoring } => {
                self.between(*negated, value, (low, high), *ignoring, env)
            }
            tree::ExprKind::In { negated, value, list, ignoring } => {
                self.one_of(*negated, value, list, *ignoring, env)
            }
            tree::ExprKind::Contains { negated, value, what, ignoring } => {
                self.contains(*negated, value, what, *ignoring, env)
            }
            tree::ExprKind::TextTest { test, value, pattern, ignoring } => {
                self.text_test(*test, (value, pattern), *ignoring, span, env)
            }
            tree::ExprKind::IsNull { negated, value } => self.is_null(*negated, value, span, env),
            tree::ExprKind::IsEmpty { negated, value } => self.is_empty(*negated, value, span, env),
            tree::ExprKind::InSegment(names) => self.in_segment(names, span, env),
            tree::ExprKind::Within { .. } => self.within(expr, env),
            tree::ExprKind::Near { value, distance, unit, latitude, longitude } => {
                self.near(value, (*distance, *unit), (latitude, longitude), span, env)
            }
            tree::ExprKind::Sample { percent, seed } => self.sample(*percent, seed, span, env),
            tree::ExprKind::Top { .. } => self.top(expr, env),
            // The others are values.
            _ => None,
        }
    }

    /// All of them, so that each mistake is found.
    pub(super) fn conditions(&mut self, list: &'a [Expr], env: &Env<'a>) -> Option<Vec<Condition>> {
        // PERF: conditions are large, and a list that grows has room for four; this one is as long as it must be.
        let mut found = Vec::with_capacity(list.len());
        found.extend(list.iter().filter_map(|expr| self.condition(expr, env)));
        (found.len() == list.len()).then_some(found)
    }

    /// The terms of `and` and `or`, where a value may stand that was meant for the comparison before it.
    fn terms(&mut self, list: &'a [Expr], env: &Env<'a>) -> Option<Vec<Condition>> {
        let before = std::iter::once(None).chain(list.iter().map(Some));
        let lone = list.iter().zip(before).find_map(|(term, before)| {
            let help = list_of_values(before?, term)?;
            Some((term.span, help))
        });
        if let Some((span, help)) = lone {
            let message = "a value alone is not a condition";
            return self.error_with(Code::NotACondition, span, message, help);
        }
        self.conditions(list, env)
    }

    /// A value or a condition, for what is wrong in it.
    pub(super) fn anything(&mut self, expr: &'a Expr, env: &Env<'a>) {
        let Some(head) = self.head(expr, env) else { return };
        if is_condition(head.expr) {
            self.condition_at(&head);
        } else if !matches!(head.expr.kind, tree::ExprKind::Null) {
            self.value_at(&head);
        }
    }

    /// A boolean value on its own.
    fn holds(&mut self, head: &Head<'a>) -> Option<ConditionKind> {
        if let tree::ExprKind::Null = head.expr.kind {
            return self.error(Code::NotACondition, head.expr.span, "`null` is not a condition");
        }
        let value = self.value_at(head)?;
        match (&value.kind, value.ty) {
            (ExprKind::Bool(constant), _) => Some(ConditionKind::Constant(*constant)),
            (_, ExprType::Bool) => Some(ConditionKind::Holds(value)),
            (_, ty) => {
                let message = format!("{} stands where a condition is wanted", describe::a(ty));
                let help = describe::as_condition(ty);
                self.error_with(Code::NotACondition, value.span, message, help)
            }
        }
    }

    fn quantifier(
        &mut self,
        quantifier: &'a tree::Quantifier,
        env: &Env<'a>,
    ) -> Option<Quantifier> {
        Some(match quantifier {
            tree::Quantifier::All => Quantifier::All,
            tree::Quantifier::Any => Quantifier::Any,
            tree::Quantifier::None => Quantifier::None,
            tree::Quantifier::AtLeast(amount) => Quantifier::AtLeast(self.amount(amount, env)?),
            tree::Quantifier::AtMost(amount) => Quantifier::AtMost(self.amount(amount, env)?),
            tree::Quantifier::Exactly(amount) => Quantifier::Exactly(self.amount(amount, env)?),
        })
    }

    fn is_null(
        &mut self,
        negated: bool,
        value: &'a Expr,
        span: Span,
        env: &Env<'a>,
    ) -> Option<ConditionKind> {
        let value = self.value(value, env)?;
        if describe::is_set(value.ty) {
            let message = "a set is never missing: a missing one is an empty set";
            let help = if negated { "use `is not empty`" } else { "use `is empty`" };
            return self.error_with(Code::WrongType, span, message, help);
        }
        if value.ty == ExprType::MonthDay {
            return self.error(Code::WrongType, value.span, "a month-day is never missing");
        }
        Some(ConditionKind::IsNull { negated, value })
    }

    fn is_empty(
        &mut self,
        negated: bool,
        value: &'a Expr,
        span: Span,
        env: &Env<'a>,
    ) -> Option<ConditionKind> {
        let value = self.value(value, env)?;
        if !describe::is_set(value.ty) {
            let message = format!("only sets can be empty, not {}", describe::a(value.ty));
            let help = match (negated, value.ty) {
                (false, ExprType::Text) => "use `is null`, or `= ''` for a text without characters",
                (false, _) => "use `is null`",
                (true, _) => "use `is not null`",
            };
            return self.error_with(Code::WrongType, span, message, help);
        }
        Some(ConditionKind::IsEmpty { negated, value })
    }

    fn in_segment(
        &mut self,
        names: &'a [Name],
        span: Span,
        env: &Env<'a>,
    ) -> Option<ConditionKind> {
        let name = describe::dotted(names);
        let at = names.first()?.span.to(names.last()?.span);
        let folded = || self.segments.folded.get(&SegmentRule::identity(&name));
        match self.segments.exact.get(&name).or_else(folded).copied() {
            Some(_) if env.in_row_filter() => self.not_in_row_filter("`in segment`", span, env),
            Some(Named::Segment(id, _)) => {
                self.references.extend(usize::try_from(id.0).map(|index| (index, at)));
                Some(ConditionKind::InSegment(id))
            }
            Some(Named::Partition(found)) => {
                let message = format!("`{name}` is a partition, not a segment");
                let first = found.parts.first().map(|part| describe::part(found, part));
                let help = first.map(|first| format!("its parts are segments, as `{first}`"));
                self.error_maybe(Code::UnknownSegment, at, message, help)
            }
            None => {
                let enough = self.suggestions.saturating_add(1);
                let known: Vec<String> = self.segments.exact.keys().take(enough).cloned().collect();
                let help = self.did_you_mean(&name, known.iter().map(String::as_str));
                self.error_maybe(
                    Code::UnknownSegment,
                    at,
                    format!("unknown segment `{}`", shorten(&name)),
                    help,
                )
            }
        }
    }

    /// `orders within last 30 days`
    fn refuse_rows_within(&mut self, value: &Expr, span: Span, env: &Env<'a>) -> bool {
        let tree::ExprKind::Path(names) = &value.kind else { return false };
        let ([name], false) = (names.as_slice(), env.in_row_filter()) else { return false };
        if self.schema.customers().find(&name.text).is_some() {
            return false;
        }
        let rows = self.schema.find_table(&name.text);
        let rows = rows.filter(|table| self.schema.table(*table).is_rows());
        let Some(time) = rows.and_then(|table| own_time(&self.schema.table(table).role)) else {
            return false;
        };
        let column = &self.schema.column(time).name;
        let behind = Span { start: value.span.end, ..span };
        let window = self.written(behind);
        let text = &name.text;
        let message = format!("`{text}` is a table, not a column");
        let help = format!("write `exists({text} where {column} {})`", window.trim_start());
        self.error_with::<()>(Code::UnknownColumn, value.span, message, help);
        true
    }

    fn within(&mut self, expr: &'a Expr, env: &Env<'a>) -> Option<ConditionKind> {
        let tree::ExprKind::Within { value, direction, amount, unit, ignoring } = &expr.kind else {
            return None;
        };
        if self.refuse_rows_within(value, expr.span, env) {
            return None;
        }
        let value = self.value(value, env);
        let far = self.offset(amount, *unit, *direction, expr.span, env);
        let (value, far) = (value?, far?);
        if !describe::is_time(value.ty) {
            let message =
                format!("`within` takes dates and datetimes, not {}", describe::a(value.ty));
            return self.error(Code::WrongType, value.span, message);
        }
        let near = Offset { amount: 0, unit: *unit };
        let (first, last) = match direction {
            tree::Direction::Past => (far, near),
            tree::Direction::Future => (near, far),
        };
        match ignoring {
            Some(Ignoring::Case) => self.misplaced_case(value.ty, expr.span),
            Some(Ignoring::Year) => self.within_yearly(value, (first, last), expr.span),
            None if unit.is_clock() && value.ty == ExprType::Date => {
                let message = "a date has no time of day, so hours and minutes do not fit it";
                let help = "count in days, as in `within last 2 days`";
                self.error_with(Code::ClockUnitOnDate, expr.span, message, help)
            }
            None => Some(ConditionKind::Within { value, first, last }),
        }
    }
}

/// What to write for `country = 'SE' or 'NO'`, of which these are two terms.
fn list_of_values(before: &Expr, term: &Expr) -> Option<&'static str> {
    let literal =
        |expr: &Expr| matches!(expr.kind, tree::ExprKind::Text(_) | tree::ExprKind::Number(_));
    if !literal(term) {
        return None;
    }
    Some(match &before.kind {
        tree::ExprKind::Compare { op: tree::CompareOp::Equal, .. } => {
            "several values stand in a list, as in `in ('a', 'b')`"
        }
        tree::ExprKind::Compare { op: tree::CompareOp::NotEqual, .. } => {
            "several values stand in a list, as in `not in ('a', 'b')`"
        }
        tree::ExprKind::Contains { .. } => {
            "several values stand in a list, as in `contains any of ('a', 'b')`"
        }
        _ => return None,
    })
}

fn own_time(role: &Role) -> Option<ColumnId> {
    match role {
        Role::Child { time, .. } => *time,
        _ => None,
    }
}
