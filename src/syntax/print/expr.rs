//! Conditions and values on one line.

use std::fmt::{self, Write};

use super::leaf::{
    write_count, write_name_unless, write_names, write_number, write_span, write_text, write_zone,
};
use crate::syntax::{
    tree::{
        ArithmeticOp, CompareOp, Contained, Direction, DistanceUnit, End, Expr, ExprKind, Ignoring,
        Name, Quantifier, TextTest,
    },
    word,
};

/// The canonical text of a condition or value.
pub(crate) fn print_expr(expr: &Expr) -> String {
    let mut text = String::new();
    // Writing to a `String` does not fail.
    let _done = write_expr(&mut text, expr);
    text
}

/// The first letters of it, and `…` for the rest; no name in backquotes is parted.
pub(crate) fn print_start(expr: &Expr, letters: usize) -> String {
    let mut start = Start { text: String::new(), left: letters };
    if write_expr(&mut start, expr).is_ok() {
        return start.text;
    }
    if !start.text.matches('`').count().is_multiple_of(2) {
        start.text.truncate(start.text.rfind('`').unwrap_or(0));
    }
    start.text + "…"
}

/// Takes so many letters, and then fails.
struct Start {
    text: String,
    left: usize,
}

impl Write for Start {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for letter in text.chars() {
            self.left = self.left.checked_sub(1).ok_or(fmt::Error)?;
            self.text.push(letter);
        }
        Ok(())
    }
}

pub(crate) fn write_expr(out: &mut dyn Write, expr: &Expr) -> fmt::Result {
    match &expr.kind {
        ExprKind::Not(inner) => {
            out.write_str("not ")?;
            write_expr(out, inner)
        }
        ExprKind::Negate(inner) => {
            out.write_char('-')?;
            write_expr(out, inner)
        }
        ExprKind::Paren(inner) => {
            out.write_char('(')?;
            write_expr(out, inner)?;
            out.write_char(')')
        }
        ExprKind::And(terms) => write_joined(out, terms, " and "),
        ExprKind::Or(terms) => write_joined(out, terms, " or "),
        ExprKind::Arithmetic { first, rest } => {
            write_expr(out, first)?;
            rest.iter().try_for_each(|(op, operand)| {
                write_spaced(out, arithmetic_sign(*op))?;
                write_expr(out, operand)
            })
        }
        ExprKind::Call { arguments, .. } => {
            out.write_str(&function_text(&expr.kind))?;
            write_list(out, arguments)
        }
        ExprKind::Aggregate { distinct, target, filter, .. } => {
            write!(out, "{}({}", function_text(&expr.kind), target_text(*distinct, target))?;
            if let Some(filter) = filter {
                out.write_str(" where ")?;
                write_expr(out, filter)?;
            }
            out.write_char(')')
        }
        ExprKind::Quantified { quantifier, conditions } => {
            write!(out, "{} ", quantifier_words(quantifier))?;
            write_list(out, conditions)
        }
        ExprKind::InSegment(names) => {
            out.write_str("in segment ")?;
            write_names(out, names)
        }
        ExprKind::Top { end, amount, percent, by } => {
            out.write_str(if *end == End::Top { "top " } else { "bottom " })?;
            write_number(out, *amount)?;
            out.write_str(if *percent { " percent by " } else { " by " })?;
            write_expr(out, by)
        }
        ExprKind::Sample { percent, seed } => {
            out.write_str("sample ")?;
            write_number(out, *percent)?;
            out.write_str(" percent seed ")?;
            write_text(out, &seed.text, '\'')
        }
        _ => write_comparison(out, expr),
    }
}

/// A word with a blank on each side.
fn write_spaced(out: &mut dyn Write, word: &str) -> fmt::Result {
    out.write_char(' ')?;
    out.write_str(word)?;
    out.write_char(' ')
}

fn write_comparison(out: &mut dyn Write, expr: &Expr) -> fmt::Result {
    match &expr.kind {
        ExprKind::Compare { op, left, right, ignoring } => {
            write_expr(out, left)?;
            write_spaced(out, compare_sign(*op))?;
            write_expr(out, right)?;
            out.write_str(ignoring_words(*ignoring))
        }
        ExprKind::Between { value, low, high, ignoring, .. } => {
            write_expr(out, value)?;
            write_spaced(out, operator_words(&expr.kind))?;
            write_expr(out, low)?;
            out.write_str(" and ")?;
            write_expr(out, high)?;
            out.write_str(ignoring_words(*ignoring))
        }
        ExprKind::In { value, list, ignoring, .. } => {
            write_expr(out, value)?;
            write_spaced(out, operator_words(&expr.kind))?;
            write_list(out, list)?;
            out.write_str(ignoring_words(*ignoring))
        }
        ExprKind::Contains { value, what, ignoring, .. } => {
            write_expr(out, value)?;
            write_spaced(out, operator_words(&expr.kind))?;
            match what {
                Contained::One(element) => write_expr(out, element)?,
                Contained::AnyOf(list) | Contained::AllOf(list) => write_list(out, list)?,
            }
            out.write_str(ignoring_words(*ignoring))
        }
        ExprKind::TextTest { value, pattern, ignoring, .. } => {
            write_expr(out, value)?;
            write_spaced(out, operator_words(&expr.kind))?;
            write_expr(out, pattern)?;
            out.write_str(ignoring_words(*ignoring))
        }
        ExprKind::IsNull { value, .. } | ExprKind::IsEmpty { value, .. } => {
            write_expr(out, value)?;
            write!(out, " {}", operator_words(&expr.kind))
        }
        ExprKind::Within { value, amount, unit, ignoring, .. } => {
            write_expr(out, value)?;
            write_spaced(out, operator_words(&expr.kind))?;
            write_span(out, amount, *unit, |_| false)?;
            out.write_str(ignoring_words(*ignoring))
        }
        ExprKind::Near { value, distance, unit, latitude, longitude } => {
            write_expr(out, value)?;
            out.write_str(" within ")?;
            write_number(out, *distance)?;
            let unit = match unit {
                DistanceUnit::Kilometres => "km",
                DistanceUnit::Miles => "mi",
            };
            write!(out, " {unit} of (")?;
            write_expr(out, latitude)?;
            out.write_str(", ")?;
            write_expr(out, longitude)?;
            out.write_char(')')
        }
        _ => write_literal(out, &expr.kind),
    }
}

fn write_literal(out: &mut dyn Write, kind: &ExprKind) -> fmt::Result {
    match kind {
        ExprKind::Number(number) => write_number(out, *number),
        ExprKind::Text(text) => write_text(out, text, '\''),
        ExprKind::Bool(true) => out.write_str("true"),
        ExprKind::Bool(false) => out.write_str("false"),
        ExprKind::Null => out.write_str("null"),
        ExprKind::Date(day) => write!(out, "{}", day.format("%Y-%m-%d")),
        ExprKind::DateTime { local, offset_minutes } => {
            write!(out, "{}", local.format("%Y-%m-%dT%H:%M:%S%.f"))?;
            offset_minutes.map_or(Ok(()), |minutes| write_zone(out, minutes))
        }
        ExprKind::MonthDay { month, day } => write!(out, "{month:02}-{day:02}"),
        ExprKind::Today => out.write_str("today"),
        ExprKind::Yesterday => out.write_str("yesterday"),
        ExprKind::Tomorrow => out.write_str("tomorrow"),
        ExprKind::Now => out.write_str("now"),
        ExprKind::Relative { amount, unit, direction: Direction::Past } => {
            write_span(out, amount, *unit, |_| false)?;
            out.write_str(" ago")
        }
        ExprKind::Relative { amount, unit, direction: Direction::Future } => {
            out.write_str("in ")?;
            write_span(out, amount, *unit, |name| name.eq_ignore_ascii_case("segment"))
        }
        // `let minutes =` begins a definition.
        ExprKind::Duration { amount, unit } => {
            write_span(out, amount, *unit, |name| name.eq_ignore_ascii_case("let"))
        }
        ExprKind::Path(names) => write_names(out, names),
        // A tree with errors has no text; this one parses to an error again.
        _ => out.write_str("?"),
    }
}

/// `a, b`
fn write_joined(out: &mut dyn Write, parts: &[Expr], joint: &str) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            out.write_str(joint)?;
        }
        write_expr(out, part)?;
    }
    Ok(())
}

/// `(a, b)`
pub(crate) fn write_list(out: &mut dyn Write, elements: &[Expr]) -> fmt::Result {
    out.write_char('(')?;
    write_joined(out, elements, ", ")?;
    out.write_char(')')
}

/// The name of a call or aggregate. A function called like an aggregate is none when it stands in backquotes.
pub(crate) fn function_text(kind: &ExprKind) -> String {
    let mut text = String::new();
    let _done = match kind {
        ExprKind::Aggregate { function, .. } => text.write_str(word::aggregate_name(*function)),
        ExprKind::Call { function, .. } => match function.as_slice() {
            [only] => {
                write_name_unless(&mut text, &only.text, |name| word::aggregate(name).is_some())
            }
            _ => write_names(&mut text, function),
        },
        _ => Ok(()),
    };
    text
}

/// `distinct items.product_id`
pub(crate) fn target_text(distinct: bool, target: &[Name]) -> String {
    let mut text = String::from(if distinct { "distinct " } else { "" });
    let _done = write_names(&mut text, target);
    text
}

/// What stands between the value and the rest of a comparison; all of it where there is no rest.
pub(crate) fn operator_words(kind: &ExprKind) -> &'static str {
    match kind {
        ExprKind::Compare { op, .. } => compare_sign(*op),
        ExprKind::Between { negated, .. } => negated_words(*negated, "not between", "between"),
        ExprKind::In { negated, .. } => negated_words(*negated, "not in", "in"),
        ExprKind::IsNull { negated, .. } => negated_words(*negated, "is not null", "is null"),
        ExprKind::IsEmpty { negated, .. } => negated_words(*negated, "is not empty", "is empty"),
        ExprKind::Contains { negated, what, .. } => match what {
            Contained::One(_) => negated_words(*negated, "not contains", "contains"),
            Contained::AnyOf(_) => {
                negated_words(*negated, "not contains any of", "contains any of")
            }
            Contained::AllOf(_) => {
                negated_words(*negated, "not contains all of", "contains all of")
            }
        },
        ExprKind::TextTest { test, .. } => match test {
            TextTest::StartsWith => "starts with",
            TextTest::EndsWith => "ends with",
            TextTest::Matches => "matches",
        },
        ExprKind::Within { direction: Direction::Past, .. } => "within last",
        ExprKind::Within { direction: Direction::Future, .. } => "within next",
        _ => "",
    }
}

fn negated_words(negated: bool, yes: &'static str, no: &'static str) -> &'static str {
    if negated { yes } else { no }
}

fn compare_sign(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Equal => "=",
        CompareOp::NotEqual => "!=",
        CompareOp::Less => "<",
        CompareOp::LessOrEqual => "<=",
        CompareOp::Greater => ">",
        CompareOp::GreaterOrEqual => ">=",
    }
}

pub(crate) fn arithmetic_sign(op: ArithmeticOp) -> &'static str {
    match op {
        ArithmeticOp::Add => "+",
        ArithmeticOp::Subtract => "-",
        ArithmeticOp::Multiply => "*",
        ArithmeticOp::Divide => "/",
    }
}

/// With the blank before it.
pub(crate) fn ignoring_words(ignoring: Option<Ignoring>) -> &'static str {
    match ignoring {
        None => "",
        Some(Ignoring::Year) => " ignoring year",
        Some(Ignoring::Case) => " ignoring case",
    }
}

/// `at least 2 of`
pub(crate) fn quantifier_words(quantifier: &Quantifier) -> String {
    let (words, amount) = match quantifier {
        Quantifier::All => return "all of".to_owned(),
        Quantifier::Any => return "any of".to_owned(),
        Quantifier::None => return "none of".to_owned(),
        Quantifier::AtLeast(amount) => ("at least ", amount),
        Quantifier::AtMost(amount) => ("at most ", amount),
        Quantifier::Exactly(amount) => ("exactly ", amount),
    };
    let mut text = words.to_owned();
    let _done = write_count(&mut text, amount);
    text.push_str(" of");
    text
}
