//! Patterns that texts are searched for.

use std::{
    fmt,
    hash::{Hash, Hasher},
};

use regex::{Regex, RegexBuilder};
use regex_syntax::{
    Error, ParserBuilder, ast,
    hir::{Class, Hir, HirKind},
};

/// A regular expression, compiled. Two are equal when they are written alike and treat case alike.
#[derive(Clone)]
pub(crate) struct Pattern {
    regex: Regex,
    fold_case: bool,
    bytes: usize,
}

/// Why a text is no pattern.
#[derive(Debug, Clone)]
pub(crate) enum PatternError {
    /// It is not a regular expression.
    Syntax(Box<regex_syntax::Error>),
    /// Its text has more bytes than this.
    TooLong(usize),
    /// Its program is too large.
    TooLarge,
    /// Its brackets nest too deep.
    TooDeep,
}

impl Pattern {
    /// What a byte of text may have compiled; classes of letters take kilobytes already when they are read.
    pub(crate) const BYTES_A_LETTER: usize = 2 << 10;

    /// No estimate errs by so much.
    const FAR_BEYOND: usize = 8;

    /// `bytes` bounds the compiled program, `nesting` the brackets.
    pub(crate) fn new(
        source: &str,
        fold_case: bool,
        bytes: usize,
        nesting: usize,
    ) -> Result<Self, PatternError> {
        let longest = bytes / Self::BYTES_A_LETTER;
        if source.len() > longest {
            return Err(PatternError::TooLong(longest));
        }
        let nesting = u32::try_from(nesting).unwrap_or(u32::MAX);
        let mut parser =
            ParserBuilder::new().case_insensitive(fold_case).nest_limit(nesting).build();
        let estimated = match parser.parse(source) {
            Ok(hir) => estimate(&hir),
            Err(Error::Parse(error)) if is_too_deep(&error) => return Err(PatternError::TooDeep),
            Err(error) => return Err(PatternError::Syntax(Box::new(error))),
        };
        if estimated / Self::FAR_BEYOND > bytes {
            return Err(PatternError::TooLarge);
        }
        let built = RegexBuilder::new(source)
            .case_insensitive(fold_case)
            .nest_limit(nesting)
            .size_limit(bytes)
            .build();
        match built {
            Ok(regex) => Ok(Self { regex, fold_case, bytes: estimated.min(bytes) }),
            // INVARIANT: both read the same grammar, so nothing else is left.
            Err(_) => Err(PatternError::TooLarge),
        }
    }

    /// As it is written.
    pub(crate) fn source(&self) -> &str {
        self.regex.as_str()
    }

    /// Whether letters of both cases are the same, by simple Unicode case folding.
    pub(crate) fn folds_case(&self) -> bool {
        self.fold_case
    }

    /// About the size of the program.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether some part of the text is what the pattern describes. The time grows with the length of the text.
    pub(crate) fn occurs_in(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

fn is_too_deep(error: &ast::Error) -> bool {
    matches!(error.kind(), ast::ErrorKind::NestLimitExceeded(_))
}

/// About the bytes of the program: the library does not tell them.
fn estimate(hir: &Hir) -> usize {
    const STATE: usize = 64;
    let inner = match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => literal.0.len().saturating_mul(STATE),
        HirKind::Class(Class::Unicode(class)) => class.ranges().len().saturating_mul(STATE),
        HirKind::Class(Class::Bytes(class)) => class.ranges().len().saturating_mul(STATE),
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min.saturating_add(1));
            let times = usize::try_from(times).unwrap_or(usize::MAX);
            estimate(&repetition.sub).saturating_mul(times)
        }
        HirKind::Capture(capture) => estimate(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().map(estimate).fold(0, usize::saturating_add)
        }
    };
    inner.saturating_add(STATE)
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        (self.source(), self.fold_case) == (other.source(), other.fold_case)
    }
}

impl Eq for Pattern {}

impl Hash for Pattern {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.source(), self.fold_case).hash(state);
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pattern").field(&self.source()).field(&self.fold_case).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BYTES: usize = 4 << 20;

    fn pattern(source: &str) -> Pattern {
        Pattern::new(source, false, BYTES, 200).unwrap()
    }

    fn fails(source: &str) -> PatternError {
        Pattern::new(source, true, BYTES, 200).unwrap_err()
    }

    #[test]
    fn patterns_are_what_is_written_and_how_case_counts() {
        let folding = Pattern::new("tea", true, BYTES, 200).unwrap();
        assert_eq!(pattern("tea"), pattern("tea"));
        assert_ne!(pattern("tea"), folding);
        assert_ne!(pattern("tea"), pattern("te[a]"));
        assert!(folding.occurs_in("Green TEA"));
        assert!(!pattern("tea").occurs_in("Green TEA"));
        assert_eq!(format!("{folding:?}"), "Pattern(\"tea\", true)");
    }

    #[test]
    fn bombs_are_refused() {
        for source in [
            "((a{1000}){1000}){1000}",
            "(?:(?:(?:){1000}){1000}){1000}x{1000}{1000}",
            r"\pL{1000}",
            r"(\w{100}){100}",
            &r"\pL".repeat(680),
            &r"[\pL--[aeiou]]".repeat(145),
        ] {
            let found = fails(source);
            assert!(matches!(found, PatternError::TooLarge), "{found:?}: {:.30}", source);
        }
        for levels in [201, 650] {
            let found = fails(&("(a".repeat(levels) + &")".repeat(levels)));
            assert!(matches!(found, PatternError::TooDeep), "{levels}");
        }
    }

    #[test]
    fn the_limits_are_exact() {
        let brackets = |levels: usize| "(".repeat(levels) + "a" + &")".repeat(levels);
        let nested = |levels| Pattern::new(&brackets(levels), false, BYTES, 50);
        assert!(nested(50).is_ok());
        assert!(matches!(nested(51), Err(PatternError::TooDeep)));
        let long = |letters: usize| Pattern::new(&"a".repeat(letters), false, 204_800, 50);
        assert!(long(100).is_ok());
        assert!(matches!(long(101), Err(PatternError::TooLong(100))));
    }

    #[test]
    fn the_size_of_a_program_is_known_roughly() {
        // What the library allows these with: 208, 31,000, 50,044, 150,060 and 2,498,184 bytes.
        for (source, least, most) in [
            ("^S", 100, 1_000),
            (r"^[A-Z]{2}\d{6}$", 10_000, 50_000),
            (r"\w", 40_000, 60_000),
            (r"\w+@\w+\.\w+", 150_000, 400_000),
            (r"\w{50}", 2_000_000, 3_000_000),
        ] {
            let bytes = pattern(source).bytes();
            assert!((least..=most).contains(&bytes), "{source}: {bytes}");
        }
    }
}
