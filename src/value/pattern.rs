//! Patterns that texts are searched for.

use std::{
    fmt,
    hash::{Hash, Hasher},
};

use regex::{Regex, RegexBuilder};

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
    /// Its text or its program is too large.
    TooLarge,
    /// Its brackets nest too deep.
    TooDeep,
}

impl Pattern {
    /// What a byte of text may have compiled: classes of letters take kilobytes on the way already.
    pub(crate) const BYTES_A_LETTER: usize = 256;
    /// A small program; anything takes as much.
    const SMALL: usize = 4 << 10;

    /// `bytes` bounds the compiled program, `nesting` the brackets.
    pub(crate) fn new(
        source: &str,
        fold_case: bool,
        bytes: usize,
        nesting: usize,
    ) -> Result<Self, PatternError> {
        if source.len() > bytes / Self::BYTES_A_LETTER {
            return Err(PatternError::TooLarge);
        }
        let nesting = u32::try_from(nesting).unwrap_or(u32::MAX);
        // The library does not tell how large a program is, only whether it is too large.
        let mut most = Self::SMALL.min(bytes);
        loop {
            let built = RegexBuilder::new(source)
                .case_insensitive(fold_case)
                .nest_limit(nesting)
                .size_limit(most)
                .build();
            match built {
                Ok(regex) => return Ok(Self { regex, fold_case, bytes: most }),
                Err(regex::Error::CompiledTooBig(_)) if most < bytes => {
                    most = most.saturating_mul(4).min(bytes);
                }
                Err(regex::Error::CompiledTooBig(_)) => return Err(PatternError::TooLarge),
                Err(_) => return Err(why(source, fold_case, nesting)),
            }
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

    /// The size of the program, rounded up.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether some part of the text is what the pattern describes. The time grows with the length of the text.
    pub(crate) fn occurs_in(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

fn why(source: &str, fold_case: bool, nesting: u32) -> PatternError {
    use regex_syntax::{Error, ParserBuilder, ast::ErrorKind};
    let mut parser = ParserBuilder::new().case_insensitive(fold_case).nest_limit(nesting).build();
    match parser.parse(source) {
        Err(Error::Parse(error)) if matches!(error.kind(), ErrorKind::NestLimitExceeded(_)) => {
            PatternError::TooDeep
        }
        Err(error) => PatternError::Syntax(Box::new(error)),
        Ok(_) => PatternError::TooLarge,
    }
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
