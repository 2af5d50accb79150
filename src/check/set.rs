//! `contains` on sets, and the way to texts.

use super::{Checker, Env, call::whole_number, describe};
use crate::{
    diagnostic::Code,
    rule::{ConditionKind, Expr, ExprKind, ExprType, TextTest},
    syntax::tree::{self, Contained, Ignoring},
    value::Decimal,
};

impl<'a> Checker<'a> {
    pub(super) fn contains(
        &mut self,
        negated: bool,
        value: &'a tree::Expr,
        what: &'a Contained,
        ignoring: Option<Ignoring>,
        env: &Env<'a>,
    ) -> Option<ConditionKind> {
        let (all, items) = match what {
            Contained::One(item) => (false, std::slice::from_ref(&**item)),
            Contained::AnyOf(items) => (false, items.as_slice()),
            Contained::AllOf(items) => (true, items.as_slice()),
        };
        let Some(value) = self.value(value, env) else {
            items.iter().for_each(|item| self.anything(item, env));
            return None;
        };
        if value.ty == ExprType::Text {
            return self.contains_text(negated, value, what, ignoring, env);
        }
        if !describe::is_set(value.ty) {
            let given = describe::a(value.ty);
            let message = format!("`contains` works on sets and texts, not on {given}");
            return self.error(Code::WrongType, value.span, message);
        }
        let elements: Vec<Option<Expr>> =
            items.iter().map(|item| self.element(item, &value, env)).collect();
        let fold_case = self.folds(ignoring, value.ty, value.span.to(items.last()?.span))?;
        let items: Vec<Expr> = elements.into_iter().collect::<Option<_>>()?;
        Some(ConditionKind::SetContains { negated, all, value, items, fold_case })
    }

    fn contains_text(
        &mut self,
        negated: bool,
        value: Expr,
        what: &'a Contained,
        ignoring: Option<Ignoring>,
        env: &Env<'a>,
    ) -> Option<ConditionKind> {
        let item = match what {
            Contained::One(item) => item,
            Contained::AnyOf(_) | Contained::AllOf(_) => {
                let (words, word) = match what {
                    Contained::AllOf(_) => ("`contains all of`", "and"),
                    _ => ("`contains any of`", "or"),
                };
                let message = format!("{words} works on sets, not on a text");
                let help = format!("write `… contains 'a' {word} … contains 'b'`");
                return self.error_with(Code::WrongType, value.span, message, help);
            }
        };
        let pattern = self.pattern(item, "`contains`", Some(&value), env)?;
        let fold_case = self.folds(ignoring, value.ty, value.span.to(pattern.span))?;
        let test = TextTest::Contains;
        Some(ConditionKind::TextTest { negated, test, value, pattern, fold_case })
    }

    /// A literal of the type of the set's elements.
    fn element(&mut self, item: &'a tree::Expr, holder: &Expr, env: &Env<'a>) -> Option<Expr> {
        let head = self.head(item, env)?;
        if let tree::ExprKind::Null = head.expr.kind {
            let help = "whether a set is empty is asked with `is empty`";
            let message = "a set does not hold `null`";
            return self.error_with(Code::ComparedWithNull, head.expr.span, message, help);
        }
        if self.refuse_word(&head, holder) {
            return None;
        }
        let set = holder.ty;
        let item = self.value_at(&head)?;
        let wanted = match set {
            ExprType::TextSet => "texts",
            _ => "whole numbers",
        };
        let same = match set {
            ExprType::TextSet => item.ty == ExprType::Text,
            _ => describe::is_number(item.ty),
        };
        if !same {
            let message =
                format!("the elements of this set are {wanted}, not {}", described(&item));
            let help = (set == ExprType::TextSet && matches!(item.kind, ExprKind::Number(_)))
                .then(|| "a text is written in quotes".to_owned());
            return self.error_maybe(Code::Incomparable, item.span, message, help);
        }
        match (&item.kind, whole_number(&item)) {
            (ExprKind::Text(_), _) => Some(item),
            (_, Some(number)) if i64::try_from(number).is_ok() => {
                Some(Expr { kind: ExprKind::Number(Decimal::from_int(number)), ..item })
            }
            (_, Some(_)) => {
                let message = "no element of this set is that large";
                self.error(Code::BadNumber, item.span, message)
            }
            (ExprKind::Number(_) | ExprKind::Negate(_), None) => {
                let message = "the elements of this set are whole numbers";
                self.error(Code::Incomparable, item.span, message)
            }
            _ => {
                let message = "an element of a set is looked for as it is written, not computed";
                let help = format!("name {wanted} here");
                self.error_with(Code::NotConstant, item.span, message, help)
            }
        }
    }
}

fn described(item: &Expr) -> &'static str {
    match item.ty {
        ExprType::Bool => "booleans",
        ExprType::Exact { .. } | ExprType::Float => "numbers",
        ExprType::Text => "texts",
        ExprType::Date | ExprType::DateTime | ExprType::MonthDay => "dates",
        ExprType::TextSet | ExprType::IntSet => "sets",
        ExprType::Geo => "places",
    }
}
