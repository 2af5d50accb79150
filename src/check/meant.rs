//! What was meant by a side of a comparison that is no value, or one of the wrong kind.

use super::{Checker, Env, Scope, call, describe, expand::Head};
use crate::{
    calendar::MonthDay,
    diagnostic::{Code, Span, nearest},
    library,
    limits::Limits,
    rule::{AggregateFunction, ArithmeticOp, Expr, ExprKind, ExprType, Function},
    syntax::{self, shorten, tree, written_text},
};

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

impl<'a> Checker<'a> {
    /// A word alone beside a value, if nothing is called so. It may be a text without its quotes.
    pub(super) fn bare_word(&self, head: &Head<'a>) -> Option<&'a tree::Name> {
        let tree::ExprKind::Path(names) = &head.expr.kind else { return None };
        let [name] = names.as_slice() else { return None };
        let text = name.text.as_str();
        let table = self.schema.table(head.env.names.table());
        let known = table.find(text).is_some()
            || self.schema.find_table(text).is_some()
            || call::is_function(text);
        (!known).then_some(name)
    }

    /// Reports a word beside a value; false where nothing better than that it is unknown can be said of it.
    pub(super) fn refuse_word(&mut self, head: &Head<'a>, beside: &Expr) -> bool {
        let Some(name) = self.bare_word(head) else { return false };
        let text = name.text.as_str();
        let help = match beside.ty {
            ExprType::Text | ExprType::TextSet => self.meant_text(text, beside, &head.env),
            ExprType::Bool => truth(text).map(|word| format!("write `{word}`")),
            ExprType::Exact { .. } => ordinal(beside, text),
            _ => None,
        };
        let Some(help) = help else { return false };
        let message = match head.env.names {
            Scope::Customer => format!("unknown column `{}`", shorten(text)),
            Scope::Row(table) => {
                let table = &self.schema.table(table).name;
                format!("unknown column `{}` of `{table}`", shorten(text))
            }
        };
        self.error_with::<()>(Code::UnknownColumn, name.span, message, help);
        true
    }

    fn meant_text(&mut self, word: &str, beside: &Expr, env: &Env<'a>) -> Option<String> {
        let declared = match &beside.kind {
            ExprKind::Column(path) => self.schema.column(path.column).values.as_slice(),
            _ => &[],
        };
        let declared = nearest(word, declared.iter().map(AsRef::as_ref)).map(str::to_owned);
        if declared.is_none() && self.unknown_help(word, env).is_some() {
            return None;
        }
        let text = declared.as_deref().unwrap_or(word);
        (text.chars().count() <= 60).then(|| format!("{TEXT} `{}`?", written_text(text)))
    }

    /// `age(birthday) >= 18 years`, `created_at > 30 days`: says what to write for a length of time beside a value.
    pub(super) fn refuse_length(&mut self, length: &tree::Expr, beside: &Expr) -> bool {
        let tree::ExprKind::Duration { amount, .. } = &length.kind else { return false };
        let (whole, number) = (self.written(length.span), self.written(amount.span));
        let (message, help) = match beside.ty {
            ExprType::Date | ExprType::DateTime => {
                ("a length of time is not a day", format!("write `{whole} ago` or `in {whole}`"))
            }
            ty if describe::is_number(ty) => {
                ("a number stands here, without a unit", format!("write `{number}`"))
            }
            _ => return false,
        };
        self.error_with::<()>(Code::WrongType, length.span, message, help);
        true
    }

    /// `today - 30 days`, `created_at + 30 days`
    pub(super) fn refuse_moved_day(
        &mut self,
        first: &tree::Expr,
        rest: &[(tree::ArithmeticOp, tree::Expr)],
        span: Span,
    ) -> bool {
        let is_length = |expr: &tree::Expr| matches!(expr.kind, tree::ExprKind::Duration { .. });
        let Some((op, length)) = rest.iter().find(|(_, operand)| is_length(operand)) else {
            return false;
        };
        let (whole, value) = (self.written(length.span), self.written(first.span));
        let is_now = matches!(first.kind, tree::ExprKind::Today | tree::ExprKind::Now);
        let help = match (op, rest.len()) {
            (tree::ArithmeticOp::Subtract, 1) if is_now => format!("write `{whole} ago`"),
            (tree::ArithmeticOp::Add, 1) if is_now => format!("write `in {whole}`"),
            (tree::ArithmeticOp::Subtract, 1) => {
                format!("compare with a day that far away, as in `{value} < in {whole}`")
            }
            _ => format!("compare with a day that far away, as in `{value} > {whole} ago`"),
        };
        self.error_with::<()>(Code::WrongType, span, "days are not calculated with", help);
        true
    }

    /// A short piece of the rules.
    pub(super) fn written(&self, span: Span) -> String {
        let text = self.sources.text(span).unwrap_or("…");
        if text.len() <= 60 && !text.contains(['\n', '`']) { text.to_owned() } else { "…".into() }
    }
}

const TEXT: &str = "did you mean the text";

/// Whether a help only guesses what a name might be, if nothing defines it.
pub(super) fn is_guess(help: &str) -> bool {
    help.starts_with(TEXT) || library::is_advice(help)
}

/// What was probably meant by `given` beside a value of another type.
pub(super) fn meant(value: &Expr, given: &Expr) -> Option<String> {
    let help = match (value.ty, &given.kind) {
        (ty, _) if describe::is_set(ty) => "a set is asked with `contains …`",
        (ExprType::Geo, _) => "a place is asked with `within … km of (…)` or `is null`",
        (ty, ExprKind::Text(text)) if describe::is_number(ty) => {
            return ordinal(value, text).or_else(|| super::value::number_help(given));
        }
        (ty, ExprKind::Arithmetic { first, rest }) if describe::is_time(ty) => {
            return calculated_day(first, rest);
        }
        (ty, _) if describe::is_number(ty) => return super::value::number_help(given),
        (ExprType::Date | ExprType::DateTime, ExprKind::Text(text)) => {
            return Some(match quoted_time(text) {
                Some(help) => help,
                None => "a date is written as in `2026-11-01`".to_owned(),
            });
        }
        (ExprType::Date | ExprType::DateTime, ExprKind::Number(_)) => {
            "a day is written as in `2026-11-01` or `30 days ago`"
        }
        (ExprType::Bool, ExprKind::Text(text)) => {
            return truth(text).map(|word| format!("write `{word}` without quotes"));
        }
        (ExprType::Bool, ExprKind::Number(_)) if is_exists(value) => {
            "write `exists(…)` or `not exists(…)`, without a comparison"
        }
        (ExprType::Bool, ExprKind::Number(_)) => "write `true` or `false`",
        (ExprType::Text, ExprKind::Number(_) | ExprKind::Bool(_)) if !is_literal(value) => {
            "a text is written in quotes"
        }
        _ => return None,
    };
    Some(help.to_owned())
}

/// A day or time that was put in quotes.
fn quoted_time(text: &str) -> Option<String> {
    if text.len() > 60 || text.contains(['`', '#', '\n']) {
        return None;
    }
    let source = crate::diagnostic::SourceId::NONE;
    let parsed = syntax::parse_condition(source, text, &Limits::default());
    if !parsed.findings.is_empty() {
        return None;
    }
    match parsed.tree.kind {
        tree::ExprKind::Date(_) => Some(format!("write the date without quotes: `{text}`")),
        tree::ExprKind::DateTime { .. }
        | tree::ExprKind::Relative { .. }
        | tree::ExprKind::Today
        | tree::ExprKind::Yesterday
        | tree::ExprKind::Tomorrow
        | tree::ExprKind::Now
        | tree::ExprKind::MonthDay { .. } => Some(format!("write it without quotes: `{text}`")),
        tree::ExprKind::Duration { .. } => {
            Some(format!("write it without quotes: `{text} ago` or `in {text}`"))
        }
        _ => None,
    }
}

/// `month(…) = 'May'`, `weekday(…) = 'Monday'`
fn ordinal(value: &Expr, text: &str) -> Option<String> {
    let ExprKind::Call { function, .. } = &value.kind else { return None };
    let (names, what): (&[&str], _) = match function {
        Function::Month => (&MONTHS, "months are numbers from 1 to 12"),
        Function::Weekday => (&WEEKDAYS, "weekdays are numbers, 1 for Monday to 7 for Sunday"),
        _ => return None,
    };
    let text = text.to_lowercase();
    let found = names.iter().position(|name| text.len() >= 3 && name.starts_with(text.as_str()));
    found.map(|index| format!("{what}: write `{}`", index + 1))
}

/// What to write for a word that stands for true or false.
fn truth(text: &str) -> Option<&'static str> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "on" | "ja" => Some("true"),
        "false" | "no" | "n" | "off" | "nej" | "nein" => Some("false"),
        _ => None,
    }
}

fn is_exists(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Aggregate(aggregate) => aggregate.function == AggregateFunction::Exists,
        _ => false,
    }
}

/// What `7-25`, `1990/07/25` and `25/7/1990` were meant as.
fn calculated_day(first: &Expr, rest: &[(ArithmeticOp, Expr)]) -> Option<String> {
    let number = |value: &Expr| match &value.kind {
        ExprKind::Number(number) if number.scale() == 0 => u32::try_from(number.mantissa()).ok(),
        _ => None,
    };
    let first = number(first)?;
    let is_sign = |op: &ArithmeticOp| matches!(op, ArithmeticOp::Subtract | ArithmeticOp::Divide);
    match rest {
        [(op, second)] if is_sign(op) => {
            let second = number(second)?;
            let (month, day) = if first > 12 { (second, first) } else { (first, second) };
            let text = format!("{month:02}-{day:02}");
            MonthDay::new(month, day).map(|_| format!("a month-day is written `{text}`"))
        }
        [(op, second), (again, third)] if is_sign(op) && op == again => {
            let (second, third) = (number(second)?, number(third)?);
            let written = |year: u32, month: u32, day: u32| {
                let text = format!("{year:04}-{month:02}-{day:02}");
                crate::calendar::parse_day(&text).map(|_| text)
            };
            if third < 1000 {
                return written(first, second, third)
                    .map(|text| format!("a date is written `{text}`"));
            }
            match (written(third, second, first), written(third, first, second)) {
                (Some(a), Some(b)) if a != b => {
                    Some(format!("a date is written year, month, day: `{a}` or `{b}`"))
                }
                (Some(text), _) | (_, Some(text)) => {
                    Some(format!("a date is written year, month, day: `{text}`"))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn is_literal(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Text(text) => !super::value::is_numeral(text),
        _ => false,
    }
}
