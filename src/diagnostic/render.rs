//! A diagnostic as text with carets.

use std::fmt;

use super::{Diagnostic, Severity};

impl fmt::Display for Diagnostic {
    /// The message, the place with the line and carets below what is meant, and the help:
    ///
    /// ```text
    /// error[E0201]: unknown column `contry`
    ///  --> vip.seg:2:11
    ///   |
    /// 2 |   include contry = 'SE'
    ///   |           ^^^^^^
    ///   = help: did you mean `country`?
    /// ```
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{severity}[{}]: {}", self.code, self.message)?;
        let mut margin = String::from(" ");
        if let Some(place) = &self.location {
            let number = place.line.to_string();
            margin = " ".repeat(number.len() + 1);
            write!(
                f,
                "\n{:width$}--> {}:{}:{}",
                "",
                place.file,
                number,
                place.column,
                width = number.len()
            )?;
            if let Some(line) = &place.excerpt {
                let shown = line.text.chars().count();
                let from = (place.column - 1).saturating_sub(line.skipped);
                let to = match place.end_line > place.line {
                    true => shown,
                    false => (place.end_column - 1).saturating_sub(line.skipped),
                };
                let carets = to.min(shown).saturating_sub(from).max(1);
                write!(f, "\n{margin}|\n{number} | {}\n{margin}| ", line.text)?;
                write!(f, "{}{}", " ".repeat(from), "^".repeat(carets))?;
            }
        }
        if let Some(place) = &self.used_at {
            write!(f, "\n{margin}= used at {}:{}:{}", place.file, place.line, place.column)?;
        }
        if let Some(help) = &self.help {
            write!(f, "\n{margin}= help: {help}")?;
        }
        Ok(())
    }
}
