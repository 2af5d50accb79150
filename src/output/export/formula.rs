//! Texts that a spreadsheet would run.

use std::borrow::Cow;

/// What begins a formula, and the full-width forms that some programs take for the same.
const BEGINS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// The text with a `'` wherever a cell may begin in it and would be run: at its start, and behind a `;`, a tab or a line
/// break, at which a program set to another separator begins a new cell.
pub(super) fn neutral(text: &str) -> Cow<'_, str> {
    let may_run = |c: char| BEGINS.contains(&c) || matches!(c, '\t' | '\r' | '\n');
    if !text.contains(may_run) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 1);
    for (at, cell) in text.split_inclusive([';', '\t', '\r', '\n']).enumerate() {
        if runs(cell) || at == 0 && cell.starts_with(['\t', '\r', '\n']) {
            out.push('\'');
        }
        out.push_str(cell);
    }
    if out.len() == text.len() { Cow::Borrowed(text) } else { Cow::Owned(out) }
}

/// Whether a formula begins behind nothing but blanks and signs that do not show.
fn runs(cell: &str) -> bool {
    let is_passed_over = |c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}')
    };
    cell.trim_start_matches(is_passed_over).starts_with(BEGINS)
}

#[cfg(test)]
mod tests {
    use super::neutral;

    #[test]
    fn what_would_be_run_is_not() {
        for (text, expected) in [
            ("", ""),
            ("Åsa", "Åsa"),
            ("a=b-c@d+e", "a=b-c@d+e"),
            ("=1+1", "'=1+1"),
            ("+46 70", "'+46 70"),
            ("-5", "'-5"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("＝1", "'＝1"),
            ("＋1", "'＋1"),
            ("－1", "'－1"),
            ("＠a", "'＠a"),
            ("  =1", "'  =1"),
            ("\u{feff}=1", "'\u{feff}=1"),
            ("\u{a0}=1", "'\u{a0}=1"),
            ("\tx", "'\tx"),
            ("\rx", "'\rx"),
            ("\nx", "'\nx"),
            ("\t=1", "'\t'=1"),
            ("x;=1", "x;'=1"),
            ("x\n=1", "x\n'=1"),
            ("x\r\n y", "x\r\n y"),
            ("x; y", "x; y"),
            ("'=1", "'=1"),
        ] {
            assert_eq!(neutral(text), expected, "{text:?}");
        }
    }
}
