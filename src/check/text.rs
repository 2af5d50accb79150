//! `contains`, `starts with`, `ends with`, `matches` on texts.

use super::{Checker, Env, describe};
use crate::{
    diagnostic::{Code, Span},
    rule::{ConditionKind, Expr, ExprType, TextTest},
    syntax::tree::{self, Ignoring},
};

impl<'a> Checker<'a> {
    pub(super) fn text_test(
        &mut self,
        test: tree::TextTest,
        (value, pattern): (&'a tree::Expr, &'a tree::Expr),
        ignoring: Option<Ignoring>,
        span: Span,
        env: &Env<'a>,
    ) -> Option<ConditionKind> {
        let (test, words) = match test {
            tree::TextTest::StartsWith => (TextTest::StartsWith, "`starts with`"),
            tree::TextTest::EndsWith => (TextTest::EndsWith, "`ends with`"),
            tree::TextTest::Matches => return self.matches(value, pattern, ignoring, span, env),
        };
        let value = self.value(value, env);
        let pattern = self.pattern(pattern, words, value.as_ref(), env);
        let (value, pattern) = (value?, pattern?);
        let fold_case = self.folds_text(&value, words, ignoring, span)?;
        Some(ConditionKind::TextTest { negated: false, test, value, pattern, fold_case })
    }

    fn matches(
        &mut self,
        value: &'a tree::Expr,
        pattern: &'a tree::Expr,
        ignoring: Option<Ignoring>,
        span: Span,
        env: &Env<'a>,
    ) -> Option<ConditionKind> {
        let value = self.value(value, env);
        let pattern = self.regex(pattern, ignoring == Some(Ignoring::Case), env);
        let (value, pattern) = (value?, pattern?);
        self.folds_text(&value, "`matches`", ignoring, span)?;
        Some(ConditionKind::Matches { value, pattern })
    }

    /// Whether case is ignored, if this is a text and something may be ignored here.
    fn folds_text(
        &mut self,
        value: &Expr,
        words: &str,
        ignoring: Option<Ignoring>,
        span: Span,
    ) -> Option<bool> {
        if value.ty != ExprType::Text {
            let message = format!("{words} works on texts, not on {}", describe::a(value.ty));
            return self.error(Code::WrongType, value.span, message);
        }
        self.folds(ignoring, value.ty, span)
    }

    /// What is looked for in a text.
    pub(super) fn pattern(
        &mut self,
        expr: &'a tree::Expr,
        words: &str,
        holder: Option<&Expr>,
        env: &Env<'a>,
    ) -> Option<Expr> {
        let head = self.head(expr, env)?;
        if holder.is_some_and(|holder| self.refuse_word(&head, holder)) {
            return None;
        }
        if let tree::ExprKind::Null = head.expr.kind {
            return self.compared_with_null(None, head.expr.span);
        }
        let pattern = self.value_at(&head)?;
        if pattern.ty == ExprType::Text {
            return Some(pattern);
        }
        let message = format!("{words} looks for a text, not for {}", describe::a(pattern.ty));
        let help = matches!(pattern.kind, crate::rule::ExprKind::Number(_));
        let help = help.then(|| "a text is written in quotes".to_owned());
        self.error_maybe(Code::WrongType, pattern.span, message, help)
    }

    /// Whether case is ignored, if something may be ignored here.
    pub(super) fn folds(
        &mut self,
        ignoring: Option<Ignoring>,
        ty: ExprType,
        span: Span,
    ) -> Option<bool> {
        match ignoring {
            None => Some(false),
            Some(Ignoring::Case) if matches!(ty, ExprType::Text | ExprType::TextSet) => Some(true),
            Some(Ignoring::Case) => self.misplaced_case(ty, span),
            Some(Ignoring::Year) => {
                let given = describe::a(ty);
                let message =
                    format!("`ignoring year` works on dates and datetimes, not on {given}");
                self.error(Code::MisplacedIgnoringYear, span, message)
            }
        }
    }
}
