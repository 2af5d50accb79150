//! `predict.*`: what the schema says of purchases as values, and the columns that rules name.

use super::{Checker, Env, describe, read::Texts};
use crate::{
    calendar::Offset,
    diagnostic::{Code, Finding, Sources, Span},
    limits::Limits,
    rule::{Expr, ExprKind, ExprType, Predict, Prediction, Start},
    schema::{LONGEST_YEARS, PredictDefinition, Schema, horizon},
    syntax::tree::{self, Direction, Name},
};

/// What `[predict]` stands for. Its condition is checked alone: no `let` of a rule file can be used there.
pub(super) fn definition(
    schema: &Schema,
    texts: &Texts,
    sources: &Sources,
    limits: &Limits,
) -> (Option<Predict>, Vec<Finding>) {
    let Some(definition) = schema.predict() else { return (None, Vec::new()) };
    let mut checker = Checker::new(schema, sources, limits);
    checker.renew_budget();
    checker.foreign_lets = texts.let_names();
    let found = checker.predict(definition, texts);
    (found, checker.findings.into_sorted())
}

impl<'a> Checker<'a> {
    fn predict(&mut self, definition: &PredictDefinition, texts: &'a Texts) -> Option<Predict> {
        let table = definition.purchases.table;
        let filter = match &texts.predict_filter {
            Some(filter) => Some(self.condition(filter, &Env::row(table))?),
            None => None,
        };
        let amount = self.column_of_rows(Start::Own, definition.purchases.amount);
        Some(Predict { table, filter, amount, settings: definition.settings.clone() })
    }

    fn no_horizon<T>(&mut self, name: &Name, span: Span) -> Option<T> {
        let message = format!("`predict.{}` needs a length of time", name.text);
        let help = format!("write how far to look ahead, as in {}", example(&name.text));
        self.error_with(Code::WrongArity, span, message, help)
    }

    /// The column of `predict` that a path names; `names` are those behind `predict`.
    pub(super) fn predict_column(
        &mut self,
        names: &[Name],
        span: Span,
        env: &Env<'a>,
    ) -> Option<Expr> {
        let (name, rest) = names.split_first()?;
        let asked = match name.text.as_str() {
            "alive" => Prediction::Alive,
            "next_order" => Prediction::NextOrder,
            "spend_tier" => Prediction::SpendTier,
            "orders" | "value" if rest.is_empty() => {
                return self.no_horizon(name, span);
            }
            "orders" | "value" => return self.no_reference(name),
            _ => return self.unknown_prediction(name),
        };
        if !rest.is_empty() {
            return self.no_reference(name);
        }
        self.asked(asked, span, env)
    }

    /// A call of a column of `predict`; `function` are the names behind `predict`.
    pub(super) fn predict_call(
        &mut self,
        function: &[Name],
        arguments: &'a [tree::Expr],
        span: Span,
        env: &Env<'a>,
    ) -> Option<(ExprKind, ExprType)> {
        let (name, rest) = function.split_first()?;
        let has_horizon = match name.text.as_str() {
            "orders" | "value" => true,
            "alive" | "next_order" | "spend_tier" => false,
            _ => return self.unknown_prediction(name),
        };
        if !rest.is_empty() {
            return self.no_reference(name);
        }
        if !has_horizon {
            let message = format!("`predict.{}` takes no arguments", name.text);
            return self.error(Code::WrongArity, span, message);
        }
        if arguments.is_empty() {
            return self.no_horizon(name, span);
        }
        let [argument] = arguments else {
            let has = describe::counted(arguments.len(), "argument");
            let message = format!("`predict.{}` takes one length of time, not {has}", name.text);
            let help = format!("write it as in {}", example(&name.text));
            return self.error_with(Code::WrongArity, span, message, help);
        };
        let length = self.horizon(name, argument, env)?;
        let asked = match name.text.as_str() {
            "orders" => Prediction::Orders(length),
            _ => Prediction::Value(length),
        };
        let found = self.asked(asked, span, env)?;
        Some((found.kind, found.ty))
    }

    /// A length of time, written there or behind a name.
    fn horizon(&mut self, name: &Name, argument: &'a tree::Expr, env: &Env<'a>) -> Option<Offset> {
        let env = self.deeper(env, argument.span)?;
        let head = self.head(argument, &env)?;
        let tree::ExprKind::Duration { amount, unit } = &head.expr.kind else {
            let given = self.value_at(&head)?;
            let message = format!(
                "`predict.{}` takes a length of time, not {}",
                name.text,
                describe::a(given.ty)
            );
            let help = format!("write it as in {}", example(&name.text));
            return self.error_with(Code::WrongType, argument.span, message, help);
        };
        let help = "write a number of days, weeks, months or years, as `90 days`";
        if unit.is_clock() {
            self.amount(amount, &head.env)?;
            let message = "nobody looks ahead by hours or minutes here";
            return self.error_with(Code::NotHorizon, argument.span, message, help);
        }
        let length = self.offset(amount, *unit, Direction::Future, head.expr.span, &head.env)?;
        if length.amount == 0 {
            let message = "in no time nothing is expected";
            return self.error_with(Code::NotHorizon, argument.span, message, help);
        }
        horizon(length).or_else(|| {
            let unit = unit.name();
            let message = format!("`{} {unit}` is more than {LONGEST_YEARS} years", length.amount);
            self.error_with(Code::NotHorizon, argument.span, message, help)
        })
    }

    fn asked(&mut self, asked: Prediction, span: Span, env: &Env<'a>) -> Option<Expr> {
        if env.in_row_filter() {
            let written = format!("`predict.{}`", asked.name());
            return self.not_in_row_filter(&written, span, env);
        }
        if self.schema.predict().is_none() {
            let message = "the schema does not set up `predict`";
            let help = "add `[predict]` with a `table` and an `amount`";
            return self.error_with(Code::NotSetUp, span, message, help);
        }
        let ty = match asked {
            Prediction::Alive | Prediction::Orders(_) | Prediction::Value(_) => ExprType::Float,
            Prediction::NextOrder => ExprType::Date,
            Prediction::SpendTier => ExprType::Text,
        };
        Some(Expr { kind: ExprKind::Predicted(asked), ty, span })
    }

    fn no_reference<T>(&mut self, name: &Name) -> Option<T> {
        let message = format!("`predict.{}` is not a reference, so it has no columns", name.text);
        self.error(Code::NotAReference, name.span, message)
    }

    fn unknown_prediction<T>(&mut self, name: &Name) -> Option<T> {
        let help = self.did_you_mean(&name.text, Prediction::NAMES);
        let help = help.unwrap_or_else(|| format!("it has {}", field_list()));
        let message = format!("`predict` has no column `{}`", name.text);
        self.error_with(Code::UnknownColumn, name.span, message, help)
    }
}

/// The columns of `predict`, for help.
pub(super) fn field_list() -> String {
    Prediction::NAMES
        .map(|name| match name {
            "orders" | "value" => example(name),
            _ => format!("`predict.{name}`"),
        })
        .join(", ")
}

fn example(name: &str) -> String {
    let length = if name == "value" { "12 months" } else { "90 days" };
    format!("`predict.{name}({length})`")
}
