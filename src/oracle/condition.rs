//! Conditions: each is true or false for each customer, never unknown.

use std::cmp::Ordering;

use super::{Datum, Scope};
use crate::{
    rule::{
        CompareOp, Condition, ConditionKind, Domain, Expr, Quantifier, SegmentId, TextTest,
        YearlyWindow,
    },
    value::{Decimal, fold_case},
};

impl Scope<'_> {
    /// A comparison with a missing value is false, and what is negated is the exact complement.
    pub(super) fn holds(&self, condition: &Condition) -> bool {
        match &condition.kind {
            ConditionKind::Constant(truth) => *truth,
            ConditionKind::Holds(value) => self.value(value) == Some(Datum::Bool(true)),
            ConditionKind::Not(condition) => !self.holds(condition),
            ConditionKind::And(conditions) => conditions.iter().all(|each| self.holds(each)),
            ConditionKind::Or(conditions) => conditions.iter().any(|each| self.holds(each)),
            ConditionKind::Quantified { quantifier, conditions } => {
                self.holds_for(*quantifier, conditions)
            }
            ConditionKind::Compare { op, left, right, domain } => {
                self.compares(*op, left, right, *domain)
            }
            ConditionKind::Between { negated, value, low, high } => {
                *negated != self.is_between(value, low, high)
            }
            ConditionKind::In { negated, value, items } => *negated != self.is_in(value, items),
            ConditionKind::Within { value, first, last } => self.is_within(value, *first, *last),
            ConditionKind::Yearly { negated, value, windows } => {
                *negated != self.is_yearly_in(value, windows)
            }
            ConditionKind::TextTest { negated, test, value, pattern, fold_case } => {
                *negated != self.tests_text(*test, value, pattern, *fold_case)
            }
            ConditionKind::Matches { value, pattern } => {
                matches!(self.value(value), Some(Datum::Text(text)) if pattern.occurs_in(&text))
            }
            ConditionKind::Near { value, vicinity } => match self.value(value) {
                Some(Datum::Geo { latitude, longitude }) => {
                    vicinity.reach().holds(latitude, longitude)
                }
                _ => false,
            },
            ConditionKind::SetContains { negated, all, value, items, fold_case } => {
                *negated != self.set_contains(*all, value, items, *fold_case)
            }
            ConditionKind::IsNull { negated, value } => *negated != self.value(value).is_none(),
            ConditionKind::IsEmpty { negated, value } => *negated != self.is_empty(value),
            ConditionKind::InSegment(id) => self.is_in_segment(*id),
            ConditionKind::Sample(sample) => {
                self.world.snapshot.key_at(self.number).is_some_and(|key| sample.takes(&key))
            }
            ConditionKind::Top { end, share, by } => self.is_at_end(*end, *share, by),
        }
    }

    fn holds_for(&self, quantifier: Quantifier, conditions: &[Condition]) -> bool {
        let true_ones = conditions.iter().map(|each| u64::from(self.holds(each))).sum::<u64>();
        let all = conditions.iter().map(|_| 1).sum::<u64>();
        match quantifier {
            Quantifier::All => true_ones == all,
            Quantifier::Any => true_ones > 0,
            Quantifier::None => true_ones == 0,
            Quantifier::AtLeast(count) => true_ones >= count,
            Quantifier::AtMost(count) => true_ones <= count,
            Quantifier::Exactly(count) => true_ones == count,
        }
    }

    fn compares(&self, op: CompareOp, left: &Expr, right: &Expr, domain: Domain) -> bool {
        let order = self.order(left, right, domain);
        match op {
            CompareOp::Equal => order.is_some_and(Ordering::is_eq),
            // The complement of `=`: it holds where a side is missing.
            CompareOp::NotEqual => !order.is_some_and(Ordering::is_eq),
            CompareOp::Less => order.is_some_and(Ordering::is_lt),
            CompareOp::LessOrEqual => order.is_some_and(Ordering::is_le),
            CompareOp::Greater => order.is_some_and(Ordering::is_gt),
            CompareOp::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
        }
    }

    /// `None` where a side is missing.
    fn order(&self, left: &Expr, right: &Expr, domain: Domain) -> Option<Ordering> {
        let (left, right) = (self.value(left)?, self.value(right)?);
        match domain {
            Domain::Text { fold_case: true } => {
                let (Datum::Text(left), Datum::Text(right)) = (left, right) else { return None };
                Some(fold_case(&left).chars().cmp(fold_case(&right).chars()))
            }
            Domain::Day => Some(self.local_day(&left)?.cmp(&self.local_day(&right)?)),
            Domain::Number | Domain::Bool | Domain::Text { .. } | Domain::Instant => {
                left.order(&right)
            }
        }
    }

    /// Inclusive at both ends; false with a missing end.
    fn is_between(&self, value: &Expr, low: &(Expr, Domain), high: &(Expr, Domain)) -> bool {
        self.compares(CompareOp::GreaterOrEqual, value, &low.0, low.1)
            && self.compares(CompareOp::LessOrEqual, value, &high.0, high.1)
    }

    fn is_in(&self, value: &Expr, items: &[(Expr, Domain)]) -> bool {
        items.iter().any(|(item, domain)| self.compares(CompareOp::Equal, value, item, *domain))
    }

    fn is_yearly_in(&self, value: &Expr, windows: &[YearlyWindow]) -> bool {
        let day = self.value(value).and_then(|value| self.local_day(&value));
        day.is_some_and(|day| windows.iter().any(|window| self.is_in_window(day, window)))
    }

    fn tests_text(&self, test: TextTest, value: &Expr, pattern: &Expr, ignore_case: bool) -> bool {
        let (Some(Datum::Text(mut text)), Some(Datum::Text(mut pattern))) =
            (self.value(value), self.value(pattern))
        else {
            return false;
        };
        if ignore_case {
            (text, pattern) = (fold_case(&text), fold_case(&pattern));
        }
        match test {
            TextTest::Contains => text.contains(&pattern),
            TextTest::StartsWith => text.starts_with(&pattern),
            TextTest::EndsWith => text.ends_with(&pattern),
        }
    }

    fn set_contains(&self, all: bool, value: &Expr, items: &[Expr], ignore_case: bool) -> bool {
        let set = self.value(value);
        let is_element = |item: &Expr| match (&set, self.value(item)) {
            (Some(Datum::IntSet(numbers)), Some(Datum::Exact(item))) => {
                numbers.iter().any(|&number| Decimal::from(number) == item)
            }
            (Some(Datum::TextSet(texts)), Some(Datum::Text(item))) if ignore_case => {
                texts.iter().any(|text| fold_case(text) == fold_case(&item))
            }
            (Some(Datum::TextSet(texts)), Some(Datum::Text(item))) => texts.contains(&item),
            // A missing set is an empty set.
            _ => false,
        };
        if all { items.iter().all(is_element) } else { items.iter().any(is_element) }
    }

    fn is_empty(&self, set: &Expr) -> bool {
        match self.value(set) {
            Some(Datum::TextSet(texts)) => texts.is_empty(),
            Some(Datum::IntSet(numbers)) => numbers.is_empty(),
            _ => true,
        }
    }

    fn is_in_segment(&self, id: SegmentId) -> bool {
        let number = usize::try_from(id.0).unwrap_or(usize::MAX);
        self.world.members.get(number).is_some_and(|members| members.contains(self.number))
    }
}
