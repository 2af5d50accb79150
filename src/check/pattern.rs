//! `matches 'REGEX'`: patterns, each compiled once.

use std::{collections::HashMap, ops::Range};

use regex_syntax::{Error as SyntaxError, ast::ErrorKind};

use super::{Checker, Env, describe, expand::Head};
use crate::{
    diagnostic::{Code, Span},
    rule::ExprType,
    syntax::{has_bad_escape, place_in_string, tree},
    value::{Pattern, PatternError},
};

/// The patterns of all rules checked together.
#[derive(Default)]
pub(super) struct Patterns {
    known: HashMap<(String, bool), Result<Pattern, Refusal>>,
    /// What they took, those that failed included.
    bytes: usize,
}

/// Why there is no such pattern.
#[derive(Clone)]
enum Refusal {
    Itself(PatternError),
    /// It does not fit beside the others.
    Together,
}

impl<'a> Checker<'a> {
    pub(super) fn regex(
        &mut self,
        expr: &'a tree::Expr,
        fold_case: bool,
        env: &Env<'a>,
    ) -> Option<Pattern> {
        let head = self.head(expr, env)?;
        let tree::ExprKind::Text(source) = &head.expr.kind else {
            return self.no_literal(&head);
        };
        self.spend(head.expr.span, &head.env)?;
        if self.sources.text(head.expr.span).is_some_and(has_bad_escape) {
            // It has been reported.
            return None;
        }
        match self.compiled(source, fold_case) {
            Ok(pattern) => Some(pattern),
            Err(refusal) => self.refuse_pattern(&refusal, head.expr.span),
        }
    }

    fn no_literal(&mut self, head: &Head<'a>) -> Option<Pattern> {
        if let tree::ExprKind::Null = head.expr.kind {
            return self.compared_with_null(None, head.expr.span);
        }
        let value = self.value_at(head)?;
        if value.ty != ExprType::Text {
            let message = format!("`matches` takes a pattern, not {}", describe::a(value.ty));
            return self.error_with(
                Code::WrongType,
                value.span,
                message,
                "a pattern is a text in quotes",
            );
        }
        let message = "a pattern is a text as it is written, not a computed one";
        let help = "whether one text holds another is asked with `contains`";
        self.error_with(Code::NotConstant, value.span, message, help)
    }

    fn compiled(&mut self, source: &str, fold_case: bool) -> Result<Pattern, Refusal> {
        let key = (source.to_owned(), fold_case);
        if let Some(known) = self.patterns.known.get(&key) {
            return known.clone();
        }
        let limits = self.limits;
        let left = limits.patterns.saturating_sub(self.patterns.bytes);
        let most = limits.pattern.min(left);
        let compiled = Pattern::new(source, fold_case, most, limits.nesting.min(1_000));
        let took = match &compiled {
            Ok(pattern) => pattern.bytes(),
            Err(PatternError::TooLong(_)) => 0,
            Err(PatternError::TooLarge) => most,
            Err(_) => source.len().saturating_mul(Pattern::BYTES_A_LETTER),
        };
        self.patterns.bytes = self.patterns.bytes.saturating_add(took);
        let compiled = compiled.map_err(|error| match error {
            PatternError::TooLarge | PatternError::TooLong(_) if left < limits.pattern => {
                Refusal::Together
            }
            error => Refusal::Itself(error),
        });
        self.patterns.known.insert(key, compiled.clone());
        compiled
    }

    fn refuse_pattern<T>(&mut self, refusal: &Refusal, span: Span) -> Option<T> {
        let large = Code::PatternTooLarge;
        match refusal {
            Refusal::Itself(PatternError::Syntax(error)) => {
                let (words, help, at) = said(error);
                let span = self.place_in_pattern(span, at);
                self.error_maybe(Code::BadPattern, span, words, help)
            }
            Refusal::Itself(PatternError::TooLong(most)) => {
                let message = format!("the text of a pattern has at most {most} bytes");
                let help = "whether a text is one of many is asked with `in (…)`";
                self.error_with(large, span, message, help)
            }
            Refusal::Itself(PatternError::TooLarge) => {
                let limit = self.limits.pattern;
                let message = format!("this pattern takes more than {limit} bytes when compiled");
                let help = "repeat less, as in `{1,9}`, or name letters, as in `[a-z]`";
                self.error_with(large, span, message, help)
            }
            Refusal::Itself(PatternError::TooDeep) => {
                let limit = self.limits.nesting.min(1_000);
                let message = format!("this pattern nests deeper than {limit} levels");
                self.error(large, span, message)
            }
            Refusal::Together => {
                let limit = self.limits.patterns;
                let message = format!(
                    "with this pattern, those of the rules take more than {limit} bytes when compiled"
                );
                let help = "a pattern that is written twice alike counts once";
                self.error_with(large, span, message, help)
            }
        }
    }

    /// The place of a part of a pattern.
    fn place_in_pattern(&self, literal: Span, part: Range<usize>) -> Span {
        let Some(written) = self.sources.text(literal) else { return literal };
        let part = place_in_string(written, part);
        let at = |offset: usize| {
            u32::try_from(offset).map_or(literal.end, |offset| literal.start + offset)
        };
        Span { start: at(part.start), end: at(part.end), ..literal }
    }
}

/// What is wrong with a pattern, what helps, and which bytes of it are meant.
fn said(error: &SyntaxError) -> (&'static str, Option<String>, Range<usize>) {
    let (span, (message, help)) = match error {
        SyntaxError::Parse(error) => (error.span(), grammar(error.kind())),
        SyntaxError::Translate(error) => (error.span(), meaning(error.kind())),
        _ => return (NO_PATTERN, None, 0..usize::MAX),
    };
    let help = (!help.is_empty()).then(|| help.to_owned());
    let (start, end) = (span.start.offset, span.end.offset);
    (message, help, start..end.max(start + 1))
}

const NO_PATTERN: &str = "this is not a regular expression";
const SIGN_ITSELF: &str = r"a sign that stands for itself has `\\` before it";

fn grammar(kind: &ErrorKind) -> (&'static str, &'static str) {
    use ErrorKind as Kind;
    match kind {
        Kind::ClassEscapeInvalid => ("this escape means nothing between `[` and `]`", ""),
        Kind::ClassRangeInvalid => ("this range of letters ends before it starts", ""),
        Kind::ClassRangeLiteral => ("a range goes from one letter to another, as in `a-z`", ""),
        Kind::ClassUnclosed => ("this `[` is never closed", SIGN_ITSELF),
        Kind::DecimalInvalid => ("nothing is repeated so often", ""),
        Kind::DecimalEmpty | Kind::RepetitionCountDecimalEmpty | Kind::RepetitionCountUnclosed => {
            ("this repetition is not complete", "it is written as in `{3}`, `{2,5}` or `{2,}`")
        }
        Kind::RepetitionCountInvalid => ("the second number is less than the first", ""),
        Kind::RepetitionMissing => ("there is nothing to repeat before this", SIGN_ITSELF),
        Kind::EscapeHexEmpty | Kind::EscapeHexInvalid | Kind::EscapeHexInvalidDigit => {
            ("no letter has this number", r"it is written as in `\\x{1F382}`")
        }
        Kind::EscapeUnexpectedEof => ("the pattern ends within an escape", SIGN_ITSELF),
        Kind::EscapeUnrecognized => ("patterns do not have this escape", ""),
        Kind::FlagDanglingNegation
        | Kind::FlagDuplicate { .. }
        | Kind::FlagRepeatedNegation { .. }
        | Kind::FlagUnexpectedEof
        | Kind::FlagUnrecognized => {
            ("this begins a group with flags that do not exist", "a plain group is `(?:…)`")
        }
        Kind::GroupNameDuplicate { .. } => ("two groups of the pattern have this name", ""),
        Kind::GroupNameEmpty | Kind::GroupNameInvalid | Kind::GroupNameUnexpectedEof => {
            ("this is no name of a group", "a plain group is `(?:…)`")
        }
        Kind::GroupUnclosed => ("this `(` is never closed", SIGN_ITSELF),
        Kind::GroupUnopened => ("this `)` closes nothing", SIGN_ITSELF),
        Kind::SpecialWordBoundaryUnclosed
        | Kind::SpecialWordBoundaryUnrecognized
        | Kind::SpecialWordOrRepetitionUnexpectedEof => {
            ("there is no such edge of a word", r"there are `\\b`, `\\b{start}` and `\\b{end}`")
        }
        Kind::UnicodeClassInvalid => NO_CLASS,
        Kind::UnsupportedBackreference => (
            "a pattern cannot ask for the same text again",
            "the time it takes could not be bounded",
        ),
        Kind::UnsupportedLookAround => {
            ("a pattern cannot look ahead or behind", "join two conditions with `and` or `and not`")
        }
        _ => (NO_PATTERN, ""),
    }
}

const NO_CLASS: (&str, &str) =
    ("there is no such class of letters", r"it is written as in `\\p{L}` or `\\p{Greek}`");

fn meaning(kind: &regex_syntax::hir::ErrorKind) -> (&'static str, &'static str) {
    use regex_syntax::hir::ErrorKind as Kind;
    match kind {
        Kind::UnicodePropertyNotFound | Kind::UnicodePropertyValueNotFound => NO_CLASS,
        Kind::UnicodeNotAllowed | Kind::InvalidUtf8 => {
            ("a pattern reads whole letters, not bytes", "leave the flag `-u` out")
        }
        _ => (NO_PATTERN, ""),
    }
}
