//! Tests of values that are no comparisons.

use std::{borrow::Cow, collections::HashSet};

use super::{Judged, Lints};
use crate::{
    calendar::MonthDay,
    lint::reason::{Constant, Cut, Set, SubjectKey, TermId, TermKey, Window, constant, float_step},
    rule::{
        Condition, ConditionKind, End, Expr, ExprKind, ExprType, Function, Share, TextTest,
        YearlyWindow,
    },
    value::fold_case,
};

/// Digits after the point of a percentage that ranks are compared with.
const PERCENT_DIGITS: u8 = 18;

impl<'a> Lints<'a> {
    pub(super) fn test(&mut self, condition: &'a Condition) -> Judged<'a> {
        let origin = condition.span;
        match &condition.kind {
            ConditionKind::Holds(value) => self.holds(value),
            ConditionKind::Compare { op, left, right, domain } => {
                let (left, right) = (self.side(left), self.side(right));
                self.compared(*op, &left, &right, *domain, origin)
            }
            ConditionKind::Between { negated, value, low, high } => {
                self.between(condition, value, [low, high]).negated_if(*negated)
            }
            ConditionKind::In { negated, value, items } => {
                self.one_of(condition, value, items).negated_if(*negated)
            }
            ConditionKind::Within { value, first, last } => {
                self.within(value, (*first, *last), origin)
            }
            ConditionKind::Yearly { negated, value, windows } => {
                self.yearly(condition, value, windows).negated_if(*negated)
            }
            ConditionKind::TextTest { negated, test, value, pattern, fold_case } => {
                self.text_test(condition, *test, (value, pattern), *fold_case).negated_if(*negated)
            }
            ConditionKind::SetContains { negated, all, value, items, fold_case } => {
                self.contains(condition, *all, (value, items), *fold_case).negated_if(*negated)
            }
            ConditionKind::IsNull { negated, value } => {
                self.presence(value, true, origin).negated_if(*negated)
            }
            ConditionKind::IsEmpty { negated, value } => {
                let size = self.size_of(value);
                self.atom(SubjectKey::Value(size), &Set::step(0), origin).negated_if(*negated)
            }
            ConditionKind::Matches { value, pattern } => {
                let side = self.side(value);
                let key = SubjectKey::Matches(self.term_of(&side), pattern);
                Judged::open(self.reason.flag(key, origin))
            }
            ConditionKind::Near { value, vicinity } => {
                let value = self.term(value);
                let key = SubjectKey::Distance(value, vicinity.latitude, vicinity.longitude);
                let end = float_step(vicinity.distance.to_f64()) + 1;
                self.atom(key, &Set::before(Cut::Step(end)), origin)
            }
            ConditionKind::Sample(sample) => {
                let percent = sample.percent();
                // INVARIANT: a sample's percentage has at most 18 digits after the point.
                let hundred = 100 * 10_i128.pow(u32::from(percent.scale()));
                let drawn = ((percent.mantissa() << 32) + hundred - 1).div_euclid(hundred);
                let key = SubjectKey::Drawn(sample.seed());
                self.atom(key, &Set::before(Cut::Step(drawn)), origin)
            }
            ConditionKind::Top { end, share, by } => self.top(condition, *end, *share, by),
            ConditionKind::Constant(_)
            | ConditionKind::Not(_)
            | ConditionKind::And(_)
            | ConditionKind::Or(_)
            | ConditionKind::Quantified { .. }
            | ConditionKind::InSegment(_) => self.condition(condition),
        }
    }

    fn top(
        &mut self,
        condition: &'a Condition,
        end: End,
        share: Share,
        by: &'a Expr,
    ) -> Judged<'a> {
        let side = self.side(by);
        let value = self.term_of(&side);
        let (key, before) = match share {
            Share::Count(count) => (SubjectKey::Before(end, value), count.into()),
            Share::Percent(percent) => match percent.rescale(PERCENT_DIGITS) {
                Some(found) => (SubjectKey::PercentBefore(end, value), found.mantissa()),
                None => {
                    let key = SubjectKey::InShare(end, percent, value);
                    return Judged::open(self.reason.flag(key, condition.span));
                }
            },
        };
        self.atom(key, &Set::before(Cut::Step(before)), condition.span)
    }

    fn size_of(&mut self, set: &'a Expr) -> TermId {
        let set = self.term(set);
        self.reason.term(TermKey::Call(Function::Size, vec![set]), ExprType::Exact { scale: 0 })
    }

    fn text_test(
        &mut self,
        condition: &'a Condition,
        test: TextTest,
        (value, pattern): (&'a Expr, &'a Expr),
        ignore_case: bool,
    ) -> Judged<'a> {
        let side = self.side(value);
        let value = self.term_of(&side);
        let fixed = match constant(pattern) {
            Some(Constant::Text(text)) if ignore_case => Some(Cow::Owned(fold_case(&text))),
            Some(Constant::Text(text)) => Some(text),
            _ => None,
        };
        match (&fixed, test) {
            // Every text holds the empty one.
            (Some(text), _) if text.is_empty() => {
                return self.presence_of(value, false, condition.span);
            }
            (Some(text), TextTest::StartsWith) => {
                let key = if ignore_case { SubjectKey::Folded } else { SubjectKey::Value };
                return self.atom(key(value), &Set::starting_with(text), condition.span);
            }
            _ => {}
        }
        let pattern = match fixed {
            Some(text) => self.reason.term(TermKey::Text(text), ExprType::Text),
            None => self.term(pattern),
        };
        let key = SubjectKey::Text { value, test, pattern, fold_case: ignore_case };
        Judged::open(self.reason.flag(key, condition.span))
    }

    fn contains(
        &mut self,
        condition: &'a Condition,
        all: bool,
        (value, items): (&'a Expr, &'a [Expr]),
        ignore_case: bool,
    ) -> Judged<'a> {
        let set = self.term(value);
        let (mut seen, mut repeated) = (HashSet::with_capacity(items.len()), Vec::new());
        let mut parts = Vec::with_capacity(items.len());
        for item in items {
            let element = match &item.kind {
                ExprKind::Text(text) if ignore_case => Cow::Owned(fold_case(text)),
                ExprKind::Text(text) => Cow::Borrowed(text.as_str()),
                ExprKind::Number(number) => Cow::Owned(number.mantissa().to_string()),
                _ => continue,
            };
            if seen.insert(element.clone()) {
                let key = SubjectKey::Element { set, item: element, fold_case: ignore_case };
                parts.push(Judged::open(self.reason.flag(key, condition.span)));
            } else {
                repeated.push(item.span);
            }
        }
        self.tell_repeated_items(condition, &repeated);
        self.quiet(all, parts)
    }

    fn yearly(
        &mut self,
        condition: &'a Condition,
        value: &'a Expr,
        windows: &'a [YearlyWindow],
    ) -> Judged<'a> {
        let side = self.side(value);
        let value = self.term_of(&side);
        let fixed: Option<Vec<_>> = windows.iter().map(|window| self.on_circle(window)).collect();
        if let Some(ranges) = fixed {
            let set = Set::ranges(ranges.into_iter().flatten().collect());
            return self.atom(SubjectKey::MonthDay(value), &set, condition.span);
        }
        if let [YearlyWindow::Days { first, last }] = windows
            && first.is_always_after(*last)
        {
            // The check says so.
            return Judged::told(self.reason.fixed(false));
        }
        let windows = windows.iter().map(|window| match window {
            YearlyWindow::Days { first, last } => Window::Days(*first, *last),
            YearlyWindow::Circle { first, last } => {
                let sides = (self.side(first), self.side(last));
                Window::Circle(self.term_of(&sides.0), self.term_of(&sides.1))
            }
        });
        let key = SubjectKey::Yearly(value, windows.collect());
        Judged::open(self.reason.flag(key, condition.span))
    }

    /// The steps of a window between fixed month-days, in two parts where it goes over New Year.
    fn on_circle(&self, window: &'a YearlyWindow) -> Option<Vec<(Cut<'a>, Cut<'a>)>> {
        let YearlyWindow::Circle { first, last } = window else { return None };
        let place = |bound: &'a Expr| {
            let month_day = match constant(bound)? {
                Constant::MonthDay(month_day) => month_day,
                Constant::Day(day) => MonthDay::of(day),
                Constant::Instant(instant) => MonthDay::of(self.schema.zone().local_day(instant)),
                _ => return None,
            };
            Some(i128::from(month_day.0))
        };
        let (first, last) = (place(first)?, place(last)?);
        let count = i128::from(MonthDay::COUNT);
        let range = |first, end| (Cut::Step(first), Cut::Step(end));
        Some(match first <= last {
            true => vec![range(first, last + 1)],
            false => vec![range(first, count), range(0, last + 1)],
        })
    }
}
