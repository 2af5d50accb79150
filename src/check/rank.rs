//! A customer's place among all: `top`, `bottom`, `quantile`.

use super::{Checker, Env, call::whole_number, describe};
use crate::{
    diagnostic::{Code, Span},
    rule::{ConditionKind, End, Expr, ExprKind, ExprType, Share},
    syntax::tree,
    value::Decimal,
};

/// More buckets than this are not asked for.
const BUCKETS: u32 = 10_000;

impl<'a> Checker<'a> {
    pub(super) fn top(&mut self, expr: &'a tree::Expr, env: &Env<'a>) -> Option<ConditionKind> {
        let tree::ExprKind::Top { end, amount, percent, by } = &expr.kind else { return None };
        let (end, word) = match end {
            tree::End::Top => (End::Top, "top"),
            tree::End::Bottom => (End::Bottom, "bottom"),
        };
        if env.in_row_filter() {
            return self.not_in_row_filter(&format!("`{word}`"), expr.span, env);
        }
        let share = if *percent {
            self.percent(*amount, expr.span)
        } else {
            self.count(*amount, expr.span)
        };
        let env = self.deeper(env, expr.span)?;
        let by = self.ranked(by, &env);
        Some(ConditionKind::Top { end, share: share?, by: by? })
    }

    fn percent(&mut self, amount: tree::Number, span: Span) -> Option<Share> {
        let percent = Decimal::new(amount.mantissa, amount.scale)?;
        let (message, help) = if amount.mantissa == 0 {
            (format!("`{percent} percent` is nobody"), "a share is more than 0 percent")
        } else if percent > Decimal::from_int(100) {
            (format!("`{percent} percent` is more than all"), "a share is at most 100 percent")
        } else {
            return Some(Share::Percent(percent));
        };
        self.error_with(Code::NoSuchShare, span, message, help)
    }

    fn count(&mut self, amount: tree::Number, span: Span) -> Option<Share> {
        if amount.scale > 0 {
            let message = "customers are counted in whole numbers";
            let help = "a share is written with `percent`, as in `top 2.5 percent by …`";
            return self.error_with(Code::NoSuchShare, span, message, help);
        }
        match u64::try_from(amount.mantissa) {
            Ok(0) => {
                let message = "`0` customers are nobody";
                self.error_with(
                    Code::NoSuchShare,
                    span,
                    message,
                    "the number of customers is 1 or more",
                )
            }
            Ok(count) => Some(Share::Count(count)),
            Err(_) => {
                let message = "this number is larger than anything that can be counted";
                self.error(Code::BadNumber, span, message)
            }
        }
    }

    pub(super) fn quantile(
        &mut self,
        arguments: &'a [tree::Expr],
        span: Span,
        env: &Env<'a>,
    ) -> Option<(ExprKind, ExprType)> {
        if env.in_row_filter() {
            return self.not_in_row_filter("`quantile`", span, env);
        }
        let [value, buckets] = arguments else { return None };
        let value = self.ranked(value, env);
        let buckets = self.buckets(buckets, env);
        let kind = ExprKind::Quantile { value: Box::new(value?), buckets: buckets? };
        Some((kind, ExprType::Exact { scale: 0 }))
    }

    fn buckets(&mut self, expr: &'a tree::Expr, env: &Env<'a>) -> Option<u32> {
        let value = self.value(expr, env)?;
        let number = whole_number(&value).and_then(|number| u32::try_from(number).ok());
        let found = number.filter(|number| (1..=BUCKETS).contains(number));
        if found.is_none() {
            let message = "the buckets of `quantile` are a whole number from 1 to 10,000";
            let help = "a number as it is written, as in `quantile(…, 5)`";
            return self.error_with(Code::NotBuckets, value.span, message, help);
        }
        found
    }

    /// What customers are put in order by.
    fn ranked(&mut self, by: &'a tree::Expr, env: &Env<'a>) -> Option<Expr> {
        let value = self.value(by, env)?;
        if describe::is_number(value.ty) || describe::is_time(value.ty) {
            return Some(value);
        }
        let message = format!("customers are not ranked by {}", describe::a(value.ty));
        let help = match value.ty {
            ty if describe::is_set(ty) => "the number of elements is `size(…)`",
            _ => "they are ranked by numbers, dates and datetimes",
        };
        self.error_with(Code::WrongType, value.span, message, help)
    }
}
