//! Functions of values.

use super::{Checker, Env, arithmetic::common, describe};
use crate::{
    diagnostic::{Code, Span},
    library,
    rule::{Expr, ExprKind, ExprType, Function},
    syntax::{
        shorten,
        tree::{self, Name},
    },
};

const WHOLE: ExprType = ExprType::Exact { scale: 0 };

/// The functions, in the order of the language page.
const FUNCTIONS: [(&str, Option<Function>); 14] = [
    ("age", Some(Function::Age)),
    ("days_since", Some(Function::DaysSince)),
    ("year", Some(Function::Year)),
    ("month", Some(Function::Month)),
    ("day", Some(Function::Day)),
    ("weekday", Some(Function::Weekday)),
    ("hour", Some(Function::Hour)),
    ("size", Some(Function::Size)),
    ("lower", Some(Function::Lower)),
    ("length", Some(Function::Length)),
    ("abs", Some(Function::Abs)),
    ("round", Some(Function::Round(0))),
    ("coalesce", Some(Function::Coalesce)),
    ("quantile", None),
];

const AGGREGATES: [&str; 9] =
    ["count", "exists", "sum", "avg", "min", "max", "first", "last", "average_gap"];

pub(super) fn is_function(name: &str) -> bool {
    FUNCTIONS.iter().any(|(known, _)| *known == name) || AGGREGATES.contains(&name)
}

/// For the catalogue, which lists them with what they take.
#[cfg(test)]
pub(crate) fn function_names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|(name, _)| *name).chain(AGGREGATES)
}

impl<'a> Checker<'a> {
    /// A call that is not one of a `let`.
    pub(super) fn call(
        &mut self,
        function: &'a [Name],
        arguments: &'a [tree::Expr],
        span: Span,
        env: &Env<'a>,
    ) -> Option<(ExprKind, ExprType)> {
        let [name] = function else {
            return self.call_of_path(function, arguments, span, env);
        };
        let env = &self.deeper(env, span)?;
        let Some((_, known)) = FUNCTIONS.iter().find(|(known, _)| *known == name.text) else {
            // What looks like the rows of a table was meant for an aggregate.
            for argument in arguments {
                if !self.names_rows(argument) {
                    self.anything(argument, env);
                }
            }
            return self.unknown_function(name, env);
        };
        let range = match known {
            Some(Function::Round(_)) => 1..=2,
            Some(Function::Coalesce) => 2..=usize::MAX,
            None => 2..=2,
            Some(_) => 1..=1,
        };
        if !range.contains(&arguments.len()) {
            return self.wrong_arity(name, range, arguments.len(), span);
        }
        match known {
            None => self.quantile(arguments, span, env),
            Some(Function::Round(_)) => self.round(arguments, env),
            Some(Function::Coalesce) => self.coalesce(arguments, env),
            Some(known) => self.simple(*known, name, arguments.first()?, env),
        }
    }

    /// A function of one value.
    fn simple(
        &mut self,
        function: Function,
        name: &Name,
        argument: &'a tree::Expr,
        env: &Env<'a>,
    ) -> Option<(ExprKind, ExprType)> {
        let argument = self.value(argument, env)?;
        let given = argument.ty;
        let (fits, wanted, ty) = match function {
            Function::Age
            | Function::DaysSince
            | Function::Year
            | Function::Month
            | Function::Day
            | Function::Weekday => (describe::is_time(given), "a date or datetime", WHOLE),
            Function::Hour => (given == ExprType::DateTime, "a datetime", WHOLE),
            Function::Size => (describe::is_set(given), "a set", WHOLE),
            Function::Lower => (given == ExprType::Text, "a text", ExprType::Text),
            Function::Length => (given == ExprType::Text, "a text", WHOLE),
            Function::Abs | Function::Round(_) | Function::Coalesce => {
                (describe::is_number(given), "a number", given)
            }
        };
        if !fits {
            let message = format!("`{}` takes {wanted}, not {}", name.text, describe::a(given));
            let help = match (function, given) {
                (Function::Size, ExprType::Text) => Some("its length is `length(…)`"),
                (Function::Length, ExprType::TextSet | ExprType::IntSet) => {
                    Some("the number of elements is `size(…)`")
                }
                _ => None,
            };
            let help = help.map(str::to_owned);
            return self.error_maybe(Code::WrongType, argument.span, message, help);
        }
        Some((ExprKind::Call { function, arguments: vec![argument] }, ty))
    }

    fn round(
        &mut self,
        arguments: &'a [tree::Expr],
        env: &Env<'a>,
    ) -> Option<(ExprKind, ExprType)> {
        let (value, digits) = arguments.split_first()?;
        let value = self.numeric(value, "`round`", env);
        let digits = match digits.first() {
            Some(digits) => self.digits(digits, env),
            None => Some(0),
        };
        let (value, digits) = (value?, digits?);
        let ty = value.ty;
        Some((ExprKind::Call { function: Function::Round(digits), arguments: vec![value] }, ty))
    }

    fn digits(&mut self, expr: &'a tree::Expr, env: &Env<'a>) -> Option<i8> {
        let value = self.value(expr, env)?;
        let number = whole_number(&value).and_then(|number| i8::try_from(number).ok());
        let found = number.filter(|number| (-18..=18).contains(number));
        if found.is_none() {
            let message = "the digits of `round` are a whole number from -18 to 18";
            return self.error(Code::NotConstant, expr.span, message);
        }
        found
    }

    fn coalesce(
        &mut self,
        arguments: &'a [tree::Expr],
        env: &Env<'a>,
    ) -> Option<(ExprKind, ExprType)> {
        let values: Vec<Option<Expr>> =
            arguments.iter().map(|argument| self.value(argument, env)).collect();
        let values: Vec<Expr> = values.into_iter().collect::<Option<_>>()?;
        let mut ty = values.first()?.ty;
        for value in &values {
            let scalar = !describe::is_set(value.ty)
                && !matches!(value.ty, ExprType::Geo | ExprType::MonthDay);
            if !scalar {
                let message = format!("`coalesce` does not take {}", describe::a(value.ty));
                return self.error(Code::WrongType, value.span, message);
            }
            let Some(next) = common(ty, value.ty) else {
                let (a, b) = (describe::a(ty), describe::a(value.ty));
                let message = format!("`coalesce` takes values of one type, not {a} and {b}");
                return self.error(Code::WrongType, value.span, message);
            };
            ty = next;
        }
        Some((ExprKind::Call { function: Function::Coalesce, arguments: values }, ty))
    }

    fn call_of_path(
        &mut self,
        function: &'a [Name],
        arguments: &'a [tree::Expr],
        span: Span,
        env: &Env<'a>,
    ) -> Option<(ExprKind, ExprType)> {
        match function {
            [family, rest @ ..] if family.text == "predict" && !rest.is_empty() => {
                return self.predict_call(rest, arguments, span, env);
            }
            [family, _, ..] if family.text == "rfm" => {
                let message = format!("`{}` takes no arguments", describe::dotted(function));
                return self.error(Code::UnknownFunction, span, message);
            }
            _ => {}
        }
        let (first, last) = (function.first()?, function.last()?);
        let message = format!("unknown function `{}`", describe::dotted(function));
        self.error(Code::UnknownFunction, first.span.to(last.span), message)
    }

    pub(super) fn unknown_function<T>(&mut self, name: &Name, env: &Env<'a>) -> Option<T> {
        let text = name.text.as_str();
        self.foreign_let(name)?;
        let message = format!("unknown function `{}`", shorten(text));
        let help = if let Some(help) = foreign_function(text) {
            Some(help.to_owned())
        } else if let Some(help) = library::advice(text) {
            Some(help)
        } else if self.schema.table(env.names.table()).find(text).is_some() {
            Some(format!("`{text}` is a column and takes no arguments"))
        } else {
            let functions = FUNCTIONS.iter().map(|(known, _)| *known);
            let lets = self.lets_by_name.keys().copied();
            let known: Vec<&str> = functions.chain(AGGREGATES).chain(lets).collect();
            self.did_you_mean(text, known)
        };
        self.error_maybe(Code::UnknownFunction, name.span, message, help)
    }

    fn names_rows(&self, argument: &tree::Expr) -> bool {
        let tree::ExprKind::Path(names) = &argument.kind else { return false };
        let table = names.first().and_then(|name| self.schema.find_table(&name.text));
        table.is_some_and(|table| self.schema.table(table).is_rows())
    }

    fn wrong_arity<T>(
        &mut self,
        name: &Name,
        range: std::ops::RangeInclusive<usize>,
        has: usize,
        span: Span,
    ) -> Option<T> {
        let (least, most) = (*range.start(), *range.end());
        let takes = match most {
            usize::MAX => format!("at least {}", describe::counted(least, "argument")),
            _ if least == most => describe::counted(least, "argument"),
            _ => format!("{least} or {}", describe::counted(most, "argument")),
        };
        let message = format!("`{}` takes {takes}, not {has}", name.text);
        self.error(Code::WrongArity, span, message)
    }
}

/// What to write for a function of another language.
fn foreign_function(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().as_str() {
        "upper" | "ucase" | "toupper" => "use `lower(…)`, or compare with `ignoring case`",
        "lcase" | "tolower" => "use `lower(…)`",
        "datediff" | "date_diff" | "days_between" | "days" | "dayssince" => {
            "the days up to today are `days_since(…)`"
        }
        "date" | "to_date" | "todate" | "datetime" | "timestamp" => {
            "a date is written without quotes and function, as in `2026-11-01`"
        }
        "current_date" | "curdate" | "getdate" | "sysdate" => "write `today`",
        "current_timestamp" | "current_time" => "write `now`",
        "ntile" | "percentile" | "percent_rank" | "decile" | "quartile" => {
            "use `quantile(VALUE, n)`, or `top 10 percent by VALUE`"
        }
        "rank" | "row_number" => "use `top 100 by VALUE`",
        "len" | "char_length" | "strlen" => "use `length(…)`, or `size(…)` of a set",
        "ifnull" | "nvl" | "isnull" | "nullif" => "use `coalesce(…, …)`, or `is null`",
        "average" | "mean" => "use `avg(…)`",
        "count_distinct" | "countdistinct" => "use `count(distinct …)`",
        "any" | "some" => "a list is written `any of (…)`, after `contains` too",
        "all" => "a list is written `all of (…)`, after `contains` too",
        "none" => "a list of conditions is written `none of (…)`",
        "if" | "iif" | "case" => "there is no `if`: join conditions with `and`, `or` and `not`",
        "contains" | "includes" | "has" => "`contains` stands between: `tags contains 'a'`",
        "startswith" | "starts_with" | "endswith" | "ends_with" => {
            "write `… starts with '…'` or `… ends with '…'`"
        }
        "floor" | "ceil" | "ceiling" | "trunc" => "use `round(…)`",
        "in_segment" | "segment" => "write `in segment NAME`",
        _ => return None,
    })
}

/// A whole number as it is written, with its sign.
pub(super) fn whole_number(value: &Expr) -> Option<i128> {
    match &value.kind {
        ExprKind::Number(number) if number.scale() == 0 => Some(number.mantissa()),
        ExprKind::Negate(inner) => match &inner.kind {
            ExprKind::Number(number) if number.scale() == 0 => number.mantissa().checked_neg(),
            _ => None,
        },
        _ => None,
    }
}
