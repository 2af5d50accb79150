//! Words for findings.

use super::{Lints, Why};
use crate::{
    diagnostic::Span,
    lint::reason::{Set, Subject, SubjectKey, TermId, TermKey},
    rule::{AggregateFunction, ExprType, Function},
};

/// How conditions that stand side by side are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joint {
    And,
    Or,
    AllOf,
    AnyOf,
    NoneOf,
    /// The includes of a segment.
    Includes,
    /// The excludes of a segment.
    Excludes,
}

/// Characters of a rule that are shown in a message.
const SHOWN: usize = 60;

impl<'a> Lints<'a> {
    /// A part of a rule in backquotes, on one line.
    pub(super) fn text(&self, span: Span) -> String {
        let text = self.sources.text(span).unwrap_or_default();
        let mut shown = String::new();
        let mut length = 0;
        for word in text.split_whitespace() {
            let more = word.chars().count() + usize::from(length > 0);
            // A comment ends with its line, and here are no lines.
            if word.starts_with('#') || (length > 0 && length + more > SHOWN) {
                shown.push_str(" …");
                break;
            }
            if length > 0 {
                shown.push(' ');
            }
            shown.extend(word.chars().take(SHOWN));
            if more > SHOWN {
                shown.push('…');
                break;
            }
            length += more;
        }
        if !shown.matches('`').count().is_multiple_of(2) {
            shown.retain(|character| character != '`');
        }
        if shown.is_empty() { "another condition".to_owned() } else { format!("`{shown}`") }
    }

    /// Why a subject is always or never in a set; empty where the set itself says it.
    pub(super) fn why(&self, subject: Subject, set: &Set<'a>) -> String {
        let reason = &self.reason;
        let (key, domain) = (reason.key_of(subject), reason.domain_of(subject));
        let is_presence = set.has_no_value() == set.missing
            && (set.has_no_value() || set.complement().has_no_value());
        match key {
            SubjectKey::Value(term) if set.is_empty() || set.complement().is_empty() => {
                self.why_between_steps(*term)
            }
            SubjectKey::Drawn(_) if set.is_apart_from(domain) => "0 percent are nobody".to_owned(),
            SubjectKey::Drawn(_) => "100 percent are everyone".to_owned(),
            SubjectKey::Value(term) if is_presence && !domain.missing => self.never_missing(*term),
            SubjectKey::Value(term) => self.why_of_values(*term),
            SubjectKey::Days(_) | SubjectKey::Months(_) | SubjectKey::Minutes(_)
                if !domain.complement().has_no_value() =>
            {
                "customers and rows after `as_of` do not exist yet".to_owned()
            }
            _ => String::new(),
        }
    }

    fn never_missing(&self, term: TermId) -> String {
        match self.reason.key_of_term(term) {
            TermKey::Column(path) => {
                format!("`{}` is never missing", self.schema.column(path.column).name)
            }
            _ => "this value is never missing".to_owned(),
        }
    }

    fn why_between_steps(&self, term: TermId) -> String {
        match self.reason.type_of(term) {
            ExprType::Exact { scale: 0 } => "the value is a whole number".to_owned(),
            ExprType::Exact { scale: 1 } => "the value has 1 digit after the point".to_owned(),
            ExprType::Text if self.reason.is_lower(term) => {
                "`lower` leaves no upper case letters".to_owned()
            }
            ExprType::Text => "no text comes before the empty one".to_owned(),
            ExprType::Exact { scale } => format!("the value has {scale} digits after the point"),
            _ => String::new(),
        }
    }

    fn why_of_values(&self, term: TermId) -> String {
        let said = match self.reason.key_of_term(term) {
            TermKey::Aggregate {
                function: AggregateFunction::Count | AggregateFunction::CountDistinct,
                ..
            } => "a count is never below 0",
            TermKey::Aggregate { function: AggregateFunction::AverageGap, .. } => {
                "a gap is never below 0"
            }
            TermKey::Call(function, _) => match function {
                Function::Month => "a month is a number from 1 to 12",
                Function::Day => "a day of the month is a number from 1 to 31",
                Function::Weekday => "a weekday is a number from 1 (Monday) to 7 (Sunday)",
                Function::Hour => "an hour is a number from 0 to 23",
                Function::Size => "a size is never below 0",
                Function::Length => "a length is never below 0",
                Function::Abs => "`abs` is never below 0",
                _ => "",
            },
            _ => "",
        };
        said.to_owned()
    }
}

impl Joint {
    /// All of the conditions must be met, not any of them.
    pub(super) const fn is_all(self) -> bool {
        matches!(self, Self::And | Self::AllOf)
    }

    /// What else may have been meant by two conditions that do not go together.
    pub(super) const fn change_one(self) -> &'static str {
        match self {
            Self::And => "change one of the two, or write `or` if either is enough",
            Self::AllOf => "change one of the two, or write `any of` if either is enough",
            Self::Or => "change one of the two, or write `and` if both are meant",
            Self::AnyOf => "change one of the two, or write `all of` if both are meant",
            Self::NoneOf => "change one of the two",
            Self::Includes => "change one of them, or join them with `and` if both are meant",
            Self::Excludes => "change one of them, or join them with `and` if both are meant",
        }
    }

    /// What else may have been meant by a condition that adds nothing.
    pub(super) const fn leave_out(self) -> &'static str {
        match self {
            Self::And => "leave it out, or write `or` if either is enough",
            Self::AllOf => "leave it out, or write `any of` if either is enough",
            Self::Or => "leave it out, or write `and` if both are meant",
            Self::AnyOf => "leave it out, or write `all of` if both are meant",
            Self::NoneOf => "leave it out, or change one of the two",
            Self::Includes | Self::Excludes => {
                "leave it out, or join the two with `and` if both are meant"
            }
        }
    }

    /// That any of the conditions is always true.
    pub(super) const fn takes_all(self) -> &'static str {
        match self {
            Self::Includes => "the includes take in everyone",
            Self::Excludes => "the excludes take out everyone",
            Self::NoneOf => "this can never be true",
            Self::And | Self::AllOf | Self::Or | Self::AnyOf => "this is always true",
        }
    }
}

/// Why so many of so many conditions are no question.
pub(super) fn of_so_many(count: u64, number: u64) -> Why {
    let text = match (count, number) {
        (0, _) => "`at least 0` asks for nothing".to_owned(),
        (_, 1) => format!("there is 1 condition, so {count} of them never hold"),
        _ => format!("there are {number} conditions, so {count} of them never hold"),
    };
    Why::helped(text, "change the number")
}
