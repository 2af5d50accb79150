//! Comparisons that ignore the year.

use super::{
    Checker, describe,
    value::{days, number_help},
};
use crate::{
    calendar::{Offset, Unit},
    diagnostic::{Code, Finding, Span},
    rule::{CompareOp, ConditionKind, Expr, ExprKind, ExprType, YearlyWindow},
};

impl Checker<'_> {
    pub(super) fn compare_yearly(
        &mut self,
        op: CompareOp,
        left: Expr,
        right: Expr,
        span: Span,
    ) -> Option<ConditionKind> {
        let (value, bound) =
            if is_fixed(&left) && !is_fixed(&right) { (right, left) } else { (left, right) };
        self.has_month_day(&value, &bound)?;
        let negated = match op {
            CompareOp::Equal => false,
            CompareOp::NotEqual => true,
            _ => {
                let sign = op.sign();
                let message =
                    format!("`{sign}` does not work without the year: month-days go round");
                let help = "use `between … and …`, which may go over New Year";
                return self.error_with(Code::MisplacedIgnoringYear, span, message, help);
            }
        };
        let windows = vec![self.single(bound, &value)?];
        Some(ConditionKind::Yearly { negated, value, windows })
    }

    pub(super) fn between_yearly(
        &mut self,
        negated: bool,
        value: Expr,
        low: Expr,
        high: Expr,
    ) -> Option<ConditionKind> {
        self.has_month_day(&value, &low)?;
        let ends = (self.end(low, &value), self.end(high, &value));
        let (low, high) = (ends.0?, ends.1?);
        if matches!((&low.kind, &high.kind), (ExprKind::RelativeDay(_), ExprKind::RelativeDay(_))) {
            self.warn_reversed(&low, &high);
        }
        Some(ConditionKind::Yearly { negated, value, windows: vec![window(low, high)] })
    }

    pub(super) fn one_of_yearly(
        &mut self,
        negated: bool,
        value: Expr,
        items: Vec<Expr>,
    ) -> Option<ConditionKind> {
        self.has_month_day(&value, items.first()?)?;
        let windows: Vec<Option<YearlyWindow>> =
            items.into_iter().map(|item| self.single(item, &value)).collect();
        Some(ConditionKind::Yearly {
            negated,
            value,
            windows: windows.into_iter().collect::<Option<_>>()?,
        })
    }

    pub(super) fn within_yearly(
        &mut self,
        value: Expr,
        (first, last): (Offset, Offset),
        span: Span,
    ) -> Option<ConditionKind> {
        if first.unit.is_clock() {
            return self.clock_without_year(span);
        }
        let windows = vec![YearlyWindow::Days { first, last }];
        Some(ConditionKind::Yearly { negated: false, value, windows })
    }

    /// The value must have a month and a day of its own.
    fn has_month_day(&mut self, value: &Expr, bound: &Expr) -> Option<()> {
        if describe::is_time(value.ty) {
            return Some(());
        }
        let given = describe::a(value.ty);
        if value.ty == ExprType::MonthDay {
            let message = "a month-day is compared with a date or a datetime";
            return self.error(Code::Incomparable, value.span.to(bound.span), message);
        }
        if bound.ty == ExprType::MonthDay {
            let help = if describe::is_number(value.ty) { number_help(bound) } else { None };
            let message = format!("cannot compare {given} with a month-day");
            return self.error_maybe(Code::Incomparable, bound.span, message, help);
        }
        let message = format!("`ignoring year` works on dates and datetimes, not on {given}");
        self.error(Code::MisplacedIgnoringYear, value.span, message)
    }

    /// A window of one day.
    fn single(&mut self, bound: Expr, value: &Expr) -> Option<YearlyWindow> {
        let bound = self.end(bound, value)?;
        Some(window(bound.clone(), bound))
    }

    /// An end of a window, in days.
    fn end(&mut self, bound: Expr, value: &Expr) -> Option<Expr> {
        match (&bound.kind, bound.ty) {
            (ExprKind::RelativeInstant(Offset { amount: 0, unit: Unit::Minutes }), _) => {
                Some(Expr { kind: ExprKind::RelativeDay(days(0)), ty: ExprType::Date, ..bound })
            }
            (ExprKind::RelativeInstant(_), _) => self.clock_without_year(bound.span),
            (_, ExprType::Date | ExprType::DateTime | ExprType::MonthDay) => Some(bound),
            (_, ty) => {
                let message =
                    format!("cannot compare {} with {}", describe::a(value.ty), describe::a(ty));
                self.error(Code::Incomparable, bound.span, message)
            }
        }
    }

    fn clock_without_year<T>(&mut self, span: Span) -> Option<T> {
        let message = "`ignoring year` counts in days, not in hours and minutes";
        let finding = Finding::new(Code::MisplacedIgnoringYear, span, message);
        self.report(finding.help("use days, weeks, months or years"));
        None
    }
}

fn window(first: Expr, last: Expr) -> YearlyWindow {
    match (&first.kind, &last.kind) {
        (ExprKind::RelativeDay(first), ExprKind::RelativeDay(last)) => {
            YearlyWindow::Days { first: *first, last: *last }
        }
        _ => YearlyWindow::Circle { first, last },
    }
}

/// Whether the value is the same for all customers.
fn is_fixed(value: &Expr) -> bool {
    matches!(
        value.kind,
        ExprKind::Date(_)
            | ExprKind::DateTime(_)
            | ExprKind::MonthDay(_)
            | ExprKind::RelativeDay(_)
            | ExprKind::RelativeInstant(_)
    )
}
