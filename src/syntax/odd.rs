//! Signs that begin nothing in the language, and what was meant by them.

use super::{
    lex::{Lexer, TokenKind, shorten},
    literal,
    sign::is_junk,
};
use crate::diagnostic::Code;

/// Words that are often cut short with an apostrophe, and how that is written.
const SHORTENED: [(&str, &str); 7] = [
    ("isn", "write `!=`, `not in` or `is not null`"),
    ("aren", "write `!=` or `not in`"),
    ("wasn", "write `!=` or `not in`"),
    ("doesn", "write `not contains`, or `not` before the whole comparison"),
    ("don", "write `not contains`, or `not` before the whole comparison"),
    ("didn", "`not` stands before the whole comparison"),
    ("hasn", "write `not contains`, or `not` before the whole comparison"),
];

impl Lexer<'_> {
    /// What the language does not have, but others do: comments, quotes, operators. False where nothing like it stands.
    pub(super) fn foreign_run(&mut self, first: char) -> bool {
        match first {
            '-' if self.at_dashes() => self.foreign_comment(),
            '/' if self.rest().starts_with("//") || self.rest().starts_with("/*") => {
                self.foreign_comment();
            }
            '/' => return self.bare_pattern(),
            '‘' | '’' | '‚' | '“' | '”' | '„' | '«' | '»' | '´' => {
                return self.curly_text(first);
            }
            '~' => self.tilde(),
            '=' | '!' if self.rest().get(1..2) == Some("~") => self.tilde(),
            _ => return false,
        }
        true
    }

    /// `isn't`: a word with an apostrophe in it, of which the rest would be read as a string.
    pub(super) fn shortened_word(&mut self, word: &str) -> bool {
        let behind = self.rest().get(word.len()..).unwrap_or("");
        let tail = behind.strip_prefix("'t").or_else(|| behind.strip_prefix("’t"));
        let ends =
            tail.is_some_and(|tail| !tail.starts_with(|c: char| c.is_alphanumeric() || c == '\''));
        let found = SHORTENED.iter().find(|(known, _)| word.eq_ignore_ascii_case(known));
        let (Some((_, help)), Some(tail), true) = (found, tail, ends) else { return false };
        let length = self.rest().len() - tail.len();
        let message = format!("`{word}'t` is not an operator");
        self.report(Code::ForeignOperator, length, message, Some((*help).to_owned()));
        self.push(TokenKind::Bad, length);
        true
    }

    /// Whether `--` stands where no two signs can: at the start, or behind a text or a brace.
    fn at_dashes(&self) -> bool {
        let blank = |next: &str| next.is_empty() || next.starts_with(char::is_whitespace);
        if !self.rest().strip_prefix("--").is_some_and(blank) {
            return false;
        }
        let last = self.out.tokens.last();
        last.is_none_or(|last| {
            matches!(last.kind, TokenKind::Text | TokenKind::CloseBrace | TokenKind::OpenBrace)
        })
    }

    /// Said once for a file: who writes one such comment writes more of them.
    fn foreign_comment(&mut self) {
        let rest = self.rest();
        let line = rest.split('\n').next().unwrap_or(rest).trim_end().len();
        let length = match rest.starts_with("/*") {
            true => near(rest).find("*/").map_or(line, |at| at + 2),
            false => line,
        };
        if !self.told_comments {
            self.told_comments = true;
            let sign = rest.get(..2).unwrap_or("");
            let message = format!("`{sign}` begins no comment");
            let help = "a comment begins with `#` and goes on to the end of the line";
            self.report(Code::UnknownCharacter, 2, message, Some(help.to_owned()));
        }
        self.skip(length);
    }

    /// `matches /pattern/`
    fn bare_pattern(&mut self) -> bool {
        let line = near_line(self.rest());
        let inside = line.get(1..).unwrap_or("");
        // A column may be called `matches`, and be divided.
        let compared = match self.out.tokens.as_slice() {
            [.., value, _] => {
                matches!(value.kind, TokenKind::Word | TokenKind::Quoted | TokenKind::Close)
            }
            _ => false,
        };
        let meant = compared && self.is_behind(&["matches"]) && !inside.starts_with(' ');
        let Some(end) = inside.find('/').filter(|_| meant) else {
            return false;
        };
        let pattern = inside.get(..end).unwrap_or("");
        let short = pattern.len() <= 40 && !pattern.contains(['\'', '`']);
        let help = match short {
            true => format!("write `matches '{}'`", pattern.replace('\\', "\\\\")),
            false => "a pattern is written as a string".to_owned(),
        };
        let message = "a pattern stands in quotes, not between slashes";
        self.report(Code::UnexpectedToken, end + 2, message, Some(help));
        self.push(TokenKind::Bad, end + 2);
        true
    }

    /// A text in quotes as word processors write them.
    fn curly_text(&mut self, first: char) -> bool {
        let closing: &[char] = match first {
            '‘' | '’' | '‚' | '´' => &['’', '‘', '´', '\''],
            '«' => &['»'],
            '»' => &['«'],
            _ => &['”', '“', '"'],
        };
        let line = near_line(self.rest());
        let inside = line.get(first.len_utf8()..).unwrap_or("");
        let ends = |(at, quote): &(usize, char)| {
            let behind = inside.get(at + quote.len_utf8()..).unwrap_or("");
            closing.contains(quote) && !behind.starts_with(char::is_alphanumeric)
        };
        let Some((end, quote)) = inside.char_indices().find(ends) else { return false };
        let text = inside.get(..end).unwrap_or("");
        let straight = if text.contains('\'') { '"' } else { '\'' };
        let plain = text.len() <= 60 && !text.contains(['"', '\\', '`']);
        let help = match plain {
            true => format!("write straight quotes: `{straight}{text}{straight}`"),
            false => "write straight quotes, `'` or `\"`".to_owned(),
        };
        let length = first.len_utf8() + end + quote.len_utf8();
        let message = format!("`{first}` is not a quote of the language");
        self.report(Code::UnknownCharacter, length, message, Some(help));
        self.push(TokenKind::Bad, length);
        true
    }

    fn tilde(&mut self) {
        let rest = self.rest();
        let length = rest.find(|c| !matches!(c, '~' | '=' | '!' | '*')).unwrap_or(rest.len());
        let sign = rest.get(..length).unwrap_or("");
        let help = match sign.starts_with('!') {
            true => "write `not … matches '…'`",
            false => "use `matches`, or `contains`",
        };
        let message = format!("`{}` is not an operator", shorten(sign));
        self.report(Code::ForeignOperator, length, message, Some(help.to_owned()));
        self.push(TokenKind::Bad, length);
    }

    /// A run of characters that begin nothing, reported once.
    pub(super) fn junk(&mut self, first: char) {
        let hidden = invisible(first);
        let alike =
            |c: char| is_junk(c) && c.is_control() == first.is_control() && invisible(c) == hidden;
        let run = self.rest().split(|c: char| !alike(c)).next().unwrap_or("");
        let length = run.len().max(first.len_utf8());
        let many = run.chars().nth(1).is_some();
        let message = match (first, hidden) {
            (_, Some(name)) => format!("{name} (U+{:04X}), which nobody sees", u32::from(first)),
            _ if first.is_control() && many => {
                "control characters that cannot stand in a rule".into()
            }
            _ if first.is_control() => "a control character that cannot stand in a rule".into(),
            _ if many => format!("`{}` means nothing here", shorten(run)),
            _ => format!("unknown character `{first}`"),
        };
        let behind = self.rest().get(length..).unwrap_or("");
        let help = match first {
            _ if hidden.is_some() => Some("delete it".to_owned()),
            '%' if self.is_behind_count() => Some("write `percent`".to_owned()),
            '%' => {
                let help = "there is no `%`: percentages stand in `top 10 percent by …` and `sample 10 percent …`";
                Some(help.to_owned())
            }
            '$' | '€' | '£' | '¥' => {
                let number = literal::digits(behind).map_or("", |(_, digits)| digits);
                match number.is_empty() {
                    true => Some("a number stands alone, without its currency".to_owned()),
                    false => Some(format!("a number stands alone: leave out `{first}`")),
                }
            }
            _ => meant(first, many).map(str::to_owned),
        };
        self.report(Code::UnknownCharacter, length, message, help);
        self.push(TokenKind::Bad, length);
    }

    /// Whether a number stands before this place, behind `top` or `sample`.
    fn is_behind_count(&self) -> bool {
        let [.., word, number] = self.out.tokens.as_slice() else { return false };
        let words = ["top", "bottom", "sample"];
        number.kind == TokenKind::Number
            && words.iter().any(|known| self.written(*word).eq_ignore_ascii_case(known))
    }

    /// Whether one of these words is the token before this place.
    pub(super) fn is_behind(&self, words: &[&str]) -> bool {
        let last = self.out.tokens.last().map_or("", |last| self.written(*last));
        words.iter().any(|word| last.eq_ignore_ascii_case(word))
    }
}

fn meant(first: char, many: bool) -> Option<&'static str> {
    Some(match first {
        ';' => "lists are separated by commas, definitions by new lines",
        '‘' | '’' | '“' | '”' | '„' | '«' | '»' => "strings stand in `'` or `\"`",
        '‐' | '‑' | '‒' | '–' | '—' | '−' => "use `-`",
        '@' if !many => "a text stands in quotes, as in `'info@example.com'`",
        '?' => "join conditions with `and`, `or` and `not`",
        '^' => "there is no power; a product is written with `*`",
        '×' | '·' => "use `*`",
        '÷' => "use `/`",
        _ => return None,
    })
}

/// What a character is called that takes no room.
fn invisible(character: char) -> Option<&'static str> {
    Some(match character {
        '\u{ad}' => "a soft hyphen",
        '\u{200b}' => "a zero-width space",
        '\u{200c}' => "a zero-width non-joiner",
        '\u{200d}' => "a zero-width joiner",
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            "a mark of the direction of text"
        }
        '\u{2060}' => "a word joiner",
        '\u{feff}' => "a byte order mark",
        _ => return None,
    })
}

/// The beginning of a text, as far as anybody looks for what was meant.
//
// PERF: each of very many mistakes may look as far.
pub(super) fn near(text: &str) -> &str {
    const FAR: usize = 400;
    match text.char_indices().nth(FAR) {
        Some((end, _)) => text.get(..end).unwrap_or(text),
        None => text,
    }
}

/// The rest of a line, or its beginning.
pub(super) fn near_line(text: &str) -> &str {
    near(text).split('\n').next().unwrap_or("")
}
