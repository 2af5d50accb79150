//! Patterns for other searchers. What a pattern describes is written out: every class as ranges of characters, no flags,
//! so that two searchers cannot mean different things. Whether a pattern occurs does not depend on which match is found.

use regex_syntax::{
    ParserBuilder,
    hir::{Class, ClassUnicode, Hir, HirKind, Look, Repetition},
};

use crate::value::Pattern;

/// How a searcher is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flavour {
    /// RE2 of DuckDB and ClickHouse: no looking around.
    Re2,
    /// `java.util.regex`.
    Java,
    /// PostgreSQL's advanced regular expressions.
    Are,
    /// The `regex` crate.
    Rust,
}

impl Flavour {
    /// The greatest number of repetitions.
    fn most(self) -> u32 {
        match self {
            Self::Re2 => 1_000,
            Self::Are => 255,
            Self::Java | Self::Rust => u32::MAX,
        }
    }

    fn letter(self, letter: char) -> String {
        let code = u32::from(letter);
        match self {
            _ if letter.is_ascii_alphanumeric() => letter.to_string(),
            Self::Are => format!("\\U{code:08X}"),
            _ => format!("\\x{{{code:X}}}"),
        }
    }
}

/// The pattern, or what of it cannot be written.
pub(super) fn written(pattern: &Pattern, flavour: Flavour) -> Result<String, String> {
    let parsed = ParserBuilder::new()
        .case_insensitive(pattern.folds_case())
        .nest_limit(u32::MAX)
        .build()
        .parse(pattern.source());
    // INVARIANT: the pattern has been parsed before.
    let hir = parsed.map_err(|error| error.to_string())?;
    let mut out = String::new();
    write(&hir, flavour, &mut out)?;
    Ok(out)
}

// Recursion follows the nesting of brackets, which is bounded.
fn write(hir: &Hir, flavour: Flavour, out: &mut String) -> Result<(), String> {
    match hir.kind() {
        HirKind::Empty => out.push_str("(?:)"),
        HirKind::Literal(literal) => {
            let text =
                str::from_utf8(&literal.0).map_err(|_| "bytes that are no text".to_owned())?;
            for letter in text.chars() {
                if letter == '\0' && flavour == Flavour::Are {
                    out.push_str("(?!)");
                } else {
                    out.push_str(&flavour.letter(letter));
                }
            }
        }
        HirKind::Class(Class::Unicode(class)) => write_class(class, flavour, out),
        // Of letters alone, or empty.
        HirKind::Class(Class::Bytes(class)) => match class.to_unicode_class() {
            Some(class) => write_class(&class, flavour, out),
            None => return Err("a class of bytes".to_owned()),
        },
        HirKind::Look(look) => out.push_str(&looking(*look, flavour)?),
        HirKind::Repetition(repetition) => write_repetition(repetition, flavour, out)?,
        HirKind::Capture(capture) => group(&capture.sub, flavour, out)?,
        HirKind::Concat(parts) => {
            for part in parts {
                match part.kind() {
                    HirKind::Alternation(_) => group(part, flavour, out)?,
                    _ => write(part, flavour, out)?,
                }
            }
        }
        HirKind::Alternation(parts) => {
            for (number, part) in parts.iter().enumerate() {
                if number > 0 {
                    out.push('|');
                }
                write(part, flavour, out)?;
            }
        }
    }
    Ok(())
}

fn group(hir: &Hir, flavour: Flavour, out: &mut String) -> Result<(), String> {
    out.push_str("(?:");
    write(hir, flavour, out)?;
    out.push(')');
    Ok(())
}

fn write_repetition(
    repetition: &Repetition,
    flavour: Flavour,
    out: &mut String,
) -> Result<(), String> {
    let (min, max) = (repetition.min, repetition.max);
    if min.max(max.unwrap_or(0)) > flavour.most() {
        return Err(format!("more than {} repetitions", flavour.most()));
    }
    group(&repetition.sub, flavour, out)?;
    match (min, max) {
        (0, None) => out.push('*'),
        (1, None) => out.push('+'),
        (0, Some(1)) => out.push('?'),
        (_, None) => out.push_str(&format!("{{{min},}}")),
        (_, Some(max)) => out.push_str(&format!("{{{min},{max}}}")),
    }
    Ok(())
}

fn write_class(class: &ClassUnicode, flavour: Flavour, out: &mut String) {
    // There is no NUL in a text of PostgreSQL, and no way to write it.
    let least = if flavour == Flavour::Are { '\u{1}' } else { '\0' };
    let ranges = class.ranges().iter().filter(|range| range.end() >= least);
    let ranges: Vec<(char, char)> =
        ranges.map(|range| (range.start().max(least), range.end())).collect();
    if ranges.is_empty() {
        // Nothing is none of all characters.
        out.push_str(if flavour == Flavour::Are { "(?!)" } else { "[^\\x{0}-\\x{10FFFF}]" });
        return;
    }
    out.push('[');
    for (start, end) in ranges {
        out.push_str(&flavour.letter(start));
        if start < end {
            out.push('-');
            out.push_str(&flavour.letter(end));
        }
    }
    out.push(']');
}

fn looking(look: Look, flavour: Flavour) -> Result<String, String> {
    let around = matches!(flavour, Flavour::Java | Flavour::Are);
    Ok(match (look, flavour) {
        (_, Flavour::Rust) => look_of_rust(look).to_owned(),
        (Look::Start, _) => "\\A".to_owned(),
        (Look::End, Flavour::Are) => "\\Z".to_owned(),
        (Look::End, _) => "\\z".to_owned(),
        (Look::StartLF, _) if around => "(?<![^\\n])".to_owned(),
        (Look::EndLF, _) if around => "(?![^\\n])".to_owned(),
        (Look::StartLF, _) => "(?m:^)".to_owned(),
        (Look::EndLF, _) => "(?m:$)".to_owned(),
        (Look::WordAscii, Flavour::Re2) => "\\b".to_owned(),
        (Look::WordAsciiNegate, Flavour::Re2) => "\\B".to_owned(),
        _ => return Err(format!("`{}`, an edge that it cannot see", look_of_rust(look))),
    })
}

fn look_of_rust(look: Look) -> &'static str {
    match look {
        Look::Start => "\\A",
        Look::End => "\\z",
        Look::StartLF => "(?m:^)",
        Look::EndLF => "(?m:$)",
        Look::StartCRLF => "(?mR:^)",
        Look::EndCRLF => "(?mR:$)",
        Look::WordAscii => "(?-u:\\b)",
        Look::WordAsciiNegate => "(?-u:\\B)",
        Look::WordUnicode => "\\b",
        Look::WordUnicodeNegate => "\\B",
        Look::WordStartAscii => "(?-u:\\b{start})",
        Look::WordEndAscii => "(?-u:\\b{end})",
        Look::WordStartUnicode => "\\b{start}",
        Look::WordEndUnicode => "\\b{end}",
        Look::WordStartHalfAscii => "(?-u:\\b{start-half})",
        Look::WordEndHalfAscii => "(?-u:\\b{end-half})",
        Look::WordStartHalfUnicode => "\\b{start-half}",
        Look::WordEndHalfUnicode => "\\b{end-half}",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PATTERNS: &[&str] = &[
        "",
        "a|bc|",
        "^a.*z$",
        "(?s)a.b",
        "(?i)straße|ß",
        "[^a-z]",
        r"\d{2,3}-\w+",
        r"\p{Greek}+",
        "(?m)^b$",
        "(a|b)*c{0}",
        "x{3,}",
        r"\.\*\[\\",
        "[a&&b]",
        "(?:ab)?c+?",
        "(?-u:\\b)a",
    ];

    fn pattern(source: &str) -> Pattern {
        Pattern::new(source, false, 1 << 20, 50).unwrap()
    }

    /// RE2 reads a part of what the `regex` crate reads, and means the same.
    #[test]
    fn what_is_written_out_describes_the_same_texts() {
        let texts = [
            "",
            "a",
            "bc",
            "az",
            "a\nb",
            "a\nz",
            "STRASSE",
            "Straße",
            "ẞ",
            "12-x",
            "123-٣",
            "αβγ",
            "b\nc",
            "c\nb",
            "aab",
            "xxx",
            "xxxx",
            ".*[\\",
            "abc",
            "c",
            "é",
            "-a",
            "\u{1f600}",
            "\0",
        ];
        for source in PATTERNS {
            for flavour in [Flavour::Rust, Flavour::Re2] {
                let written =
                    regex::Regex::new(&written(&pattern(source), flavour).unwrap()).unwrap();
                for text in texts {
                    assert_eq!(
                        written.is_match(text),
                        pattern(source).occurs_in(text),
                        "{source} {written} {text:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_cannot_be_written_is_named() {
        for (source, flavour, why) in [
            (r"\bx", Flavour::Re2, "`\\b`, an edge that it cannot see"),
            (r"\bx", Flavour::Java, "`\\b`, an edge that it cannot see"),
            ("x{256}", Flavour::Are, "more than 255 repetitions"),
            ("x{1001}", Flavour::Re2, "more than 1000 repetitions"),
        ] {
            assert_eq!(written(&pattern(source), flavour), Err(why.to_owned()));
        }
        assert_eq!(written(&pattern("[a&&b]"), Flavour::Are).unwrap(), "(?!)");
        assert_eq!(written(&pattern("^é$"), Flavour::Are).unwrap(), "\\A\\U000000E9\\Z");
        assert_eq!(written(&pattern("(?m)^a"), Flavour::Java).unwrap(), "(?<![^\\n])a");
    }

    proptest! {
        #[test]
        fn random_texts_are_met_alike(text in "[a-zA-Z0-9.\\- ßéαβ\\n]{0,12}", number in 0..PATTERNS.len()) {
            let pattern = pattern(PATTERNS[number]);
            let written = regex::Regex::new(&written(&pattern, Flavour::Re2).unwrap()).unwrap();
            prop_assert_eq!(written.is_match(&text), pattern.occurs_in(&text));
        }
    }
}
