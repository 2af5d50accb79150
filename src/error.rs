//! One error for everything that can be refused.

use std::{fmt, io};

use crate::diagnostic::{Code, Diagnostic};

/// A result whose error is an [`Error`], unless it says otherwise.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why rules, a schema, data or a step of the engine were refused.
///
/// It prints every [`Diagnostic`] it holds, one below the other; [`Error::diagnostics`] gives them as data.
pub struct Error {
    // Boxed, so that a `Result` stays as small as its good side.
    kind: Box<Kind>,
}

#[derive(Debug, thiserror::Error)]
enum Kind {
    #[error("{}", Listed(.0))]
    Diagnosed(Vec<Diagnostic>),
    #[error("`{file}`: {source}")]
    Io { file: String, source: io::Error },
    #[error("{0}")]
    Refused(String),
}

impl Error {
    /// Whether a file could not be opened, read or written.
    pub fn is_io(&self) -> bool {
        matches!(*self.kind, Kind::Io { .. })
    }

    /// Whether a file is damaged, or not what its ending says.
    pub fn is_corrupt(&self) -> bool {
        let codes = [Code::UnreadableData, Code::DamagedStore];
        self.diagnostics().iter().any(|found| codes.contains(&found.code))
    }

    /// Whether one of the [`Limits`](crate::Limits) was passed: a code `E06…` is among the diagnostics.
    pub fn is_limit(&self) -> bool {
        self.diagnostics().iter().any(|found| found.code.as_str().starts_with("E06"))
    }

    /// Whether the work was stopped by a [`Cancel`](crate::Cancel): the code `E1201` is among the diagnostics.
    pub fn is_cancelled(&self) -> bool {
        self.diagnostics().iter().any(|found| found.code == Code::Cancelled)
    }

    /// What was found, in order of file and place, warnings included; empty where the error is of another kind.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        match &*self.kind {
            Kind::Diagnosed(found) => found,
            Kind::Io { .. } | Kind::Refused(_) => &[],
        }
    }

    pub(crate) fn diagnosed(found: Vec<Diagnostic>) -> Self {
        Self::of(Kind::Diagnosed(found))
    }

    /// What was read of a file, or `None` where there is no such file.
    pub(crate) fn unless_missing(
        file: &str,
        answer: io::Result<Vec<u8>>,
    ) -> Result<Option<Vec<u8>>> {
        use io::ErrorKind::{InvalidFilename, NotADirectory, NotFound};
        match answer {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if matches!(error.kind(), NotFound | NotADirectory | InvalidFilename) => {
                Ok(None)
            }
            Err(error) => Err(Self::io(file, error)),
        }
    }

    /// `file` is the name to show; it stands before what the system said.
    pub(crate) fn io(file: impl Into<String>, source: io::Error) -> Self {
        Self::of(Kind::Io { file: file.into(), source })
    }

    /// A step that cannot be taken, without a place in a file.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self::of(Kind::Refused(message.into()))
    }

    fn of(kind: Kind) -> Self {
        Self { kind: Box::new(kind) }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.kind, f)
    }
}

/// As it is displayed: `main` and `unwrap` show an error by `Debug`, and diagnostics are written for people.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.kind, f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.kind.source()
    }
}

impl From<Diagnostic> for Error {
    fn from(found: Diagnostic) -> Self {
        Self::diagnosed(vec![found])
    }
}

/// Diagnostics one below the other, with an empty line between.
struct Listed<'a>(&'a [Diagnostic]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, found) in self.0.iter().enumerate() {
            let gap = if index == 0 { "" } else { "\n\n" };
            write!(f, "{gap}{found}")?;
        }
        Ok(())
    }
}
