//! Conditions: from text, to text, and as one expression.

use std::{fmt, str::FromStr};

use super::{Condition, Count, Form, Join, tree::Tree};
use crate::{
    diagnostic::{SourceId, Sources, Span},
    error::{Error, Result},
    limits::{Limits, with_room_for},
    syntax::{
        parse_condition, print_expr,
        tree::{Amount, AmountKind, Expr, ExprKind, Quantifier},
    },
};

/// What texts are called in diagnostics that stand by themselves.
const NAME: &str = "condition";

impl Condition {
    /// Reads a condition within limits of your own; `parse` of a text takes the usual ones.
    ///
    /// # Errors
    ///
    /// Every syntax error of the text.
    pub fn parse(text: &str, limits: &Limits) -> Result<Self> {
        let mut sources = Sources::default();
        let source = sources.add(NAME, text);
        let parsed = parse_condition(source, text, limits);
        if parsed.findings.is_empty() {
            return Ok(Self::of_text(text));
        }
        Err(Error::diagnosed(sources.resolve_all(parsed.findings)))
    }

    /// The condition in the form for programs.
    pub fn tree(&self) -> Tree {
        Tree::new(self.clone())
    }

    pub(super) fn of_text(text: impl Into<String>) -> Self {
        Self { form: Form::Text(text.into()) }
    }

    pub(super) fn of_expr(expr: &Expr) -> Self {
        Self::of_text(print_expr(expr))
    }

    /// A table, if the whole keeps the limits of nesting and of lists.
    pub(super) fn of_table(join: Join, of: Vec<Self>) -> Self {
        Self { form: Form::Table { join, of } }
    }

    /// The text as it was written, where it is one; the canonical one of a table.
    pub(super) fn as_written(&self) -> String {
        match &self.form {
            Form::Text(text) => text.clone(),
            Form::Table { .. } => self.to_string(),
        }
    }

    /// Works on the whole as one expression, without places, on a stack that holds it.
    pub(super) fn with_expr<T: Send>(&self, work: impl Fn(&Expr) -> T + Sync) -> T {
        with_room_for(self.levels(), || work(&self.expr()))
    }

    /// No fewer levels than the condition has.
    pub(super) fn levels(&self) -> usize {
        match &self.form {
            Form::Text(text) => {
                let nots = text.as_bytes().windows(3).filter(|w| w.eq_ignore_ascii_case(b"not"));
                // Nothing else begins a level.
                nots.count() + text.matches(['(', '-']).count()
            }
            Form::Table { of, .. } => 1 + of.iter().map(Self::levels).max().unwrap_or(0),
        }
    }

    /// The whole as one expression, without places. The caller has room for it.
    pub(super) fn expr(&self) -> Expr {
        match &self.form {
            Form::Text(text) => parse_condition(NOWHERE, text, &unlimited()).tree,
            Form::Table { join, of } => {
                let conditions = of.iter().map(Self::expr).collect();
                join.around(conditions, Span::NONE)
            }
        }
    }
}

impl Join {
    pub(super) fn around(&self, conditions: Vec<Expr>, span: Span) -> Expr {
        let amount = |count: &Count| {
            let kind = match count {
                Count::Number(number) => AmountKind::Number(*number),
                Count::Name(name) => AmountKind::Name(name.clone()),
            };
            Amount { kind, span }
        };
        let quantifier = match self {
            Self::All => Quantifier::All,
            Self::Any => Quantifier::Any,
            Self::None => Quantifier::None,
            Self::AtLeast(count) => Quantifier::AtLeast(amount(count)),
            Self::AtMost(count) => Quantifier::AtMost(amount(count)),
            Self::Exactly(count) => Quantifier::Exactly(amount(count)),
        };
        Expr { kind: ExprKind::Quantified { quantifier, conditions }, span }
    }
}

impl FromStr for Condition {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text, &Limits::default())
    }
}

/// In canonical layout, on one line.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.with_expr(print_expr))
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Condition({self})")
    }
}

impl PartialEq for Condition {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

impl Eq for Condition {}

/// The source of what is not shown.
const NOWHERE: SourceId = Span::NONE.source;

/// For texts that have been read before.
fn unlimited() -> Limits {
    Limits {
        condition_bytes: usize::MAX,
        nesting: usize::MAX,
        list: usize::MAX,
        ..Limits::default()
    }
}
