//! Values and their types.

use super::{Checker, Env, describe, expand::Head};
use crate::{
    calendar::{Day, Instant, MonthDay, Offset, Unit},
    diagnostic::{Code, Span},
    rule::{Condition, Expr, ExprKind, ExprType},
    syntax::tree,
    value::Decimal,
};

impl<'a> Checker<'a> {
    pub(super) fn value(&mut self, expr: &'a tree::Expr, env: &Env<'a>) -> Option<Expr> {
        let head = self.head(expr, env)?;
        self.value_at(&head)
    }

    /// A side of a comparison, where a condition in brackets is a boolean value.
    pub(super) fn side_at(&mut self, head: &Head<'a>) -> Option<Expr> {
        if !(head.grouped && is_condition(head.expr)) {
            return self.value_at(head);
        }
        let condition = self.condition_at(head)?;
        Some(as_value(condition))
    }

    pub(super) fn value_at(&mut self, head: &Head<'a>) -> Option<Expr> {
        let (expr, env) = (head.expr, &head.env);
        if is_condition(expr) {
            let help = "only beside `=` and `!=` a condition in parentheses is a value";
            let message = "a condition stands where a value is wanted";
            return self.error_with(Code::NotAValue, expr.span, message, help);
        }
        self.spend(expr.span, env)?;
        let (kind, ty) = match &expr.kind {
            tree::ExprKind::Path(names) => return self.path(names, expr.span, env),
            tree::ExprKind::Call { function, arguments } => {
                self.call(function, arguments, expr.span, env)?
            }
            tree::ExprKind::Aggregate { function, distinct, target, filter } => {
                self.aggregate((*function, *distinct), target, filter.as_deref(), expr.span, env)?
            }
            tree::ExprKind::Negate(inner) => self.negate(inner, expr.span, env)?,
            tree::ExprKind::Arithmetic { first, rest } => {
                self.arithmetic(first, rest, expr.span, env)?
            }
            tree::ExprKind::Relative { amount, unit, direction } => {
                relative(self.offset(amount, *unit, *direction, expr.span, env)?)
            }
            tree::ExprKind::Duration { amount, .. } => {
                self.amount(amount, env)?;
                let length = self.written(expr.span);
                let message = "a length of time is not a value here";
                let help = format!("write `{length} ago` or `in {length}` for a day");
                return self.error_with(Code::WrongType, expr.span, message, help);
            }
            tree::ExprKind::Null => {
                let help = "whether a value is missing is asked with `is null`";
                let message = "`null` is not a value";
                return self.error_with(Code::WrongType, expr.span, message, help);
            }
            _ => self.literal(expr)?,
        };
        Some(Expr { kind, ty, span: expr.span })
    }

    fn literal(&mut self, expr: &tree::Expr) -> Option<(ExprKind, ExprType)> {
        let day = |amount| (ExprKind::RelativeDay(days(amount)), ExprType::Date);
        Some(match &expr.kind {
            tree::ExprKind::Number(number) => return self.number(*number, expr.span),
            tree::ExprKind::Text(text) => (ExprKind::Text(text.clone()), ExprType::Text),
            tree::ExprKind::Bool(value) => (ExprKind::Bool(*value), ExprType::Bool),
            tree::ExprKind::Date(date) => (ExprKind::Date(Day::from(*date)), ExprType::Date),
            tree::ExprKind::DateTime { local, offset_minutes } => {
                let instant = self.instant(*local, *offset_minutes);
                (ExprKind::DateTime(instant), ExprType::DateTime)
            }
            tree::ExprKind::MonthDay { month, day } => {
                let found = MonthDay::new(u32::from(*month), u32::from(*day));
                let Some(month_day) = found else {
                    return self.error(Code::NoSuchMonthDay, expr.span, "no month has this day");
                };
                (ExprKind::MonthDay(month_day), ExprType::MonthDay)
            }
            tree::ExprKind::Today => day(0),
            tree::ExprKind::Yesterday => day(-1),
            tree::ExprKind::Tomorrow => day(1),
            tree::ExprKind::Now => {
                let now = Offset { amount: 0, unit: Unit::Minutes };
                (ExprKind::RelativeInstant(now), ExprType::DateTime)
            }
            // What is left is a node that the parser has reported.
            _ => return None,
        })
    }

    fn number(&mut self, number: tree::Number, span: Span) -> Option<(ExprKind, ExprType)> {
        let Some(decimal) = Decimal::new(number.mantissa, number.scale) else {
            let message = "this number has more digits after the point than a number can have";
            return self.error(Code::BadNumber, span, message);
        };
        Some((ExprKind::Number(decimal), ExprType::Exact { scale: number.scale }))
    }

    fn instant(&self, local: chrono::NaiveDateTime, offset_minutes: Option<i32>) -> Instant {
        match offset_minutes {
            None => self.schema.zone().resolve(local),
            Some(minutes) => {
                let instant = Instant::from(local.and_utc());
                instant.plus_micros(-i64::from(minutes) * 60_000_000)
            }
        }
    }

    /// A value that must be a number; `place` is what wants it.
    pub(super) fn numeric(
        &mut self,
        expr: &'a tree::Expr,
        place: &str,
        env: &Env<'a>,
    ) -> Option<Expr> {
        let value = self.value(expr, env)?;
        self.number_of(value, place)
    }

    pub(super) fn number_of(&mut self, value: Expr, place: &str) -> Option<Expr> {
        if describe::is_number(value.ty) {
            return Some(value);
        }
        let message = format!("{place} takes numbers, not {}", describe::a(value.ty));
        let help = number_help(&value);
        self.error_maybe(Code::WrongType, value.span, message, help)
    }
}

/// Whether an expression is a condition by its form. A boolean value is not.
pub(super) fn is_condition(expr: &tree::Expr) -> bool {
    matches!(
        expr.kind,
        tree::ExprKind::Not(_)
            | tree::ExprKind::And(_)
            | tree::ExprKind::Or(_)
            | tree::ExprKind::Compare { .. }
            | tree::ExprKind::Between { .. }
            | tree::ExprKind::In { .. }
            | tree::ExprKind::Contains { .. }
            | tree::ExprKind::TextTest { .. }
            | tree::ExprKind::IsNull { .. }
            | tree::ExprKind::IsEmpty { .. }
            | tree::ExprKind::Within { .. }
            | tree::ExprKind::Near { .. }
            | tree::ExprKind::Quantified { .. }
            | tree::ExprKind::InSegment(_)
            | tree::ExprKind::Top { .. }
            | tree::ExprKind::Sample { .. }
    )
}

pub(super) fn as_value(condition: Condition) -> Expr {
    let span = condition.span;
    Expr { kind: ExprKind::Condition(Box::new(condition)), ty: ExprType::Bool, span }
}

pub(super) fn days(amount: i64) -> Offset {
    Offset { amount, unit: Unit::Days }
}

fn relative(offset: Offset) -> (ExprKind, ExprType) {
    if offset.unit.is_clock() {
        (ExprKind::RelativeInstant(offset), ExprType::DateTime)
    } else {
        (ExprKind::RelativeDay(offset), ExprType::Date)
    }
}

/// What was probably meant where a number is wanted.
pub(super) fn number_help(value: &Expr) -> Option<String> {
    match &value.kind {
        ExprKind::MonthDay(month_day) => {
            let (month, day) = month_day.month_day();
            Some(format!("for a subtraction put blanks round the minus: `{month} - {day}`"))
        }
        ExprKind::Text(text) if is_numeral(text) => {
            Some("write the number without quotes".to_owned())
        }
        _ if describe::is_time(value.ty) => {
            Some("a distance in days is `days_since(…)`, another day is `30 days ago`".to_owned())
        }
        _ if describe::is_set(value.ty) => Some("the number of elements is `size(…)`".to_owned()),
        _ => None,
    }
}

pub(super) fn is_numeral(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'_'))
}
