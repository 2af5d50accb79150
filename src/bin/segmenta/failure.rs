//! Why a command ends with another exit code than 0.

use std::{
    fmt::Display,
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

/// A message may be empty: then everything has been said already.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    message: String,
    help: Option<String>,
}

pub(crate) type Done<T = ()> = Result<T, Failure>;

impl Failure {
    /// The rules or the data have errors.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self { code: 1, message: message.into(), help: None }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { code: 2, message: message.into(), help: None }
    }

    /// A file cannot be opened, read or written.
    pub(crate) fn file(path: &Path, error: &io::Error) -> Self {
        Self { code: 3, message: format!("`{}`: {error}", path.display()), help: None }
    }

    /// What the library refused. It has its own layout, so it is printed at once.
    pub(crate) fn of(error: &segmenta::Error) -> Self {
        if error.is_io() {
            return Self { code: 3, message: error.to_string(), help: None };
        }
        if error.diagnostics().is_empty() {
            return Self::refused(error.to_string());
        }
        note(error);
        Self::refused("")
    }

    /// The same, by what stands on the command line.
    pub(crate) fn of_usage(self) -> Self {
        Self { code: 2, ..self }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Standard output that is closed by its reader is the reader's choice.
    pub(crate) fn output(error: &io::Error) -> Self {
        let code = if error.kind() == io::ErrorKind::BrokenPipe { 0 } else { 3 };
        let message = if code == 0 { String::new() } else { format!("standard output: {error}") };
        Self { code, message, help: None }
    }

    pub(crate) fn report(self) -> ExitCode {
        if !self.message.is_empty() {
            note(format_args!("error: {}", self.message));
        }
        if let Some(help) = self.help {
            note(format_args!("  = help: {help}"));
        }
        ExitCode::from(self.code)
    }
}

/// A line on standard error. Nobody is left to tell when that fails.
pub(crate) fn note(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Text on standard output.
pub(crate) fn print(text: &str) -> Done {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| Failure::output(&error))
}

/// `1 error`, `2 errors`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}
