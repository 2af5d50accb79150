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
                let (line, shift) = window(line, place.column);
                let shown = line.chars().count();
                let from = place.column - 1 - shift;
                let to =
                    if place.end_line > place.line { shown } else { place.end_column - 1 - shift };
                let carets = to.min(shown).saturating_sub(from).max(1);
                write!(f, "\n{margin}|\n{number} | {}\n{margin}| ", line.replace('\t', " "))?;
                write!(f, "{}{}", " ".repeat(from), "^".repeat(carets))?;
            }
        }
        if let Some(help) = &self.help {
            write!(f, "\n{margin}= help: {help}")?;
        }
        Ok(())
    }
}

/// The part of a long line around a column, and how many characters it leaves out in front.
fn window(line: &str, column: usize) -> (String, usize) {
    const WIDTH: usize = 160;
    let shift = if line.chars().count() > WIDTH { column.saturating_sub(WIDTH / 2) } else { 0 };
    let shift = shift.min(column - 1);
    (line.chars().skip(shift).take(WIDTH).collect(), shift)
}
