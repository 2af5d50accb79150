//! Text to tokens and comments.
//!
//! A token holds no value, only its kind and place: a file of 16 MiB can have as many tokens, so they are small.
//! What is wrong within a token is found here, once; the parser decodes tokens that are known to be right.

use nom::{
    Parser,
    character::complete::char,
    combinator::{opt, recognize},
    sequence::preceded,
};

use super::{
    dates::{date_form, date_run, month_day_run, pointed_date, rewritten_date},
    literal::{self, MOST_DECIMALS, NumberProblem},
    sign::{foreign_operator, operator},
    tree::CompareOp,
    word::{self, Reserved},
};
use crate::diagnostic::{Code, Finding, SourceId, Span};

/// What stands behind a backslash in a regular expression, where it is no escape of strings.
const ESCAPES_OF_PATTERNS: &str = "dDwWsSbBpPAz.+*?()[]{}|^$-/";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A word that is not reserved.
    Word,
    /// A name in backquotes.
    Quoted,
    Reserved(Reserved),
    Text,
    Number,
    /// `30d`; its sign is a token of its own.
    Short,
    Date,
    DateTime,
    MonthDay,
    Open,
    Close,
    OpenBrace,
    CloseBrace,
    Comma,
    Dot,
    Colon,
    Plus,
    Minus,
    Star,
    Slash,
    Compare(CompareOp),
    /// Something that has been reported.
    Bad,
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// From `#` to the last character of its line that is not blank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Comment {
    pub(super) start: u32,
    pub(super) end: u32,
}

#[derive(Debug)]
pub(super) struct Lexed {
    /// The last one is `End`.
    pub(super) tokens: Vec<Token>,
    pub(super) comments: Vec<Comment>,
}

/// Where the first token of a kind begins, in a text whose length fits a `u32`; what is wrong with it is not said.
pub(super) fn find(kind: TokenKind, text: &str) -> Option<u32> {
    let mut lexer = Lexer::new(SourceId(0), text);
    while lexer.step() {
        if let Some(token) = lexer.out.tokens.pop_if(|token| token.kind == kind) {
            return Some(token.start);
        }
    }
    None
}

/// Splits a text token by token, so that a reader need not hold all of them.
pub(super) struct Lexer<'a> {
    source: SourceId,
    text: &'a str,
    rest: &'a str,
    /// Square brackets that are open; each was reported where it opens.
    squares: usize,
    /// It has been said how comments begin.
    pub(super) told_comments: bool,
    /// What has been read; a reader may take away all but the last token.
    pub(super) out: Lexed,
    /// What was wrong; a reader takes it away.
    pub(super) findings: Vec<Finding>,
}

impl<'a> Lexer<'a> {
    /// The length of the text fits a `u32`.
    pub(super) fn new(source: SourceId, text: &'a str) -> Self {
        let rest = text.strip_prefix('\u{feff}').unwrap_or(text);
        let out = Lexed { tokens: Vec::new(), comments: Vec::new() };
        Self { source, text, rest, squares: 0, told_comments: false, out, findings: Vec::new() }
    }

    /// Reads one token or comment; false behind the token of the end.
    pub(super) fn step(&mut self) -> bool {
        if self.plain() {
            return true;
        }
        self.skip_blanks();
        let Some(first) = self.rest.chars().next() else {
            let ended = self.out.tokens.last().is_some_and(|last| last.kind == TokenKind::End);
            if !ended {
                self.push(TokenKind::End, 0);
            }
            return !ended;
        };
        match first {
            '#' => self.comment(),
            '\'' | '"' => self.text(first),
            '`' => self.quoted_name(),
            '0'..='9' => self.numeric(),
            '_' => self.word(),
            _ if first.is_alphabetic() => self.word(),
            _ => self.sign(first),
        }
        true
    }

    /// Blanks, and a word, a number or a sign behind them that has nothing unusual about it; false, and nothing is
    /// read, where something else stands here.
    //
    // PERF: almost all tokens. They take 80 instructions, and 250 by the rules for all.
    fn plain(&mut self) -> bool {
        let bytes = self.rest.as_bytes();
        let blanks = bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let Some((first, behind)) = bytes.get(blanks..).and_then(<[u8]>::split_first) else {
            return false;
        };
        let (kind, length) = match first {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                let tail = behind.iter().take_while(|byte| is_plain(**byte)).count();
                if behind.get(tail).is_some_and(|next| !next.is_ascii() || *next == b'\'') {
                    return false;
                }
                let word = self.rest.get(blanks..=blanks + tail).unwrap_or("");
                (word::reserved(word).map_or(TokenKind::Word, TokenKind::Reserved), 1 + tail)
            }
            b'0'..=b'9' => match plain_number(bytes.get(blanks..).unwrap_or_default()) {
                Some(length) => (TokenKind::Number, length),
                None => return false,
            },
            b'(' => (TokenKind::Open, 1),
            b')' => (TokenKind::Close, 1),
            b',' => (TokenKind::Comma, 1),
            b'{' => (TokenKind::OpenBrace, 1),
            b'}' => (TokenKind::CloseBrace, 1),
            b':' => (TokenKind::Colon, 1),
            b'.' if behind.first().is_some_and(u8::is_ascii_alphabetic) => (TokenKind::Dot, 1),
            _ => return false,
        };
        self.skip(blanks);
        self.push(kind, length);
        true
    }

    fn skip_blanks(&mut self) {
        let blanks = self.rest.bytes().take_while(u8::is_ascii_whitespace).count();
        self.skip(blanks);
        // PERF: blanks are plain but for a few.
        if self.rest.as_bytes().first().is_some_and(|byte| !byte.is_ascii_graphic()) {
            self.rest = self.rest.trim_start();
        }
    }

    fn comment(&mut self) {
        let line = self.rest.split('\n').next().unwrap_or(self.rest);
        let start = self.offset(self.rest);
        let end = start + size(line.trim_end());
        self.out.comments.push(Comment { start, end });
        self.skip(line.len());
    }

    fn word(&mut self) {
        let word = self.split(literal::word_run(self.rest)).0;
        if self.shortened_word(word) {
            return;
        }
        let kind = word::reserved(word).map_or(TokenKind::Word, TokenKind::Reserved);
        if !word.is_ascii() {
            let message = format!("`{}` is not a name", shorten(word));
            let help = "put a name with letters beyond a to z in backquotes";
            self.report(Code::UnknownCharacter, word.len(), message, Some(help.into()));
        }
        self.push(kind, word.len());
    }

    fn quoted_name(&mut self) {
        let inside = self.rest.get(1..).unwrap_or("");
        let end = inside.find(['`', '\n']).unwrap_or(inside.len());
        let (name, behind) = inside.split_at_checked(end).unwrap_or((inside, ""));
        if !behind.starts_with('`') {
            let length = 1 + name.trim_end().len();
            let help = "backquotes are for names; a string stands in `'` or `\"`".to_owned();
            self.report(
                Code::BadQuotedName,
                length,
                "this name has no closing backquote",
                Some(help),
            );
            self.push(TokenKind::Bad, length);
        } else if name.is_empty() || name.chars().any(char::is_control) {
            let message = match name {
                "" => "a name cannot be empty",
                _ => "a name cannot hold control characters",
            };
            self.report(Code::BadQuotedName, name.len() + 2, message, None);
            self.push(TokenKind::Bad, name.len() + 2);
        } else {
            self.push(TokenKind::Quoted, name.len() + 2);
        }
    }

    fn text(&mut self, quote: char) {
        let inside = self.rest.get(1..).unwrap_or("");
        let Some(end) = closing(inside, quote) else {
            let line = inside.split('\n').next().unwrap_or(inside).trim_end();
            let message = format!("this string has no closing `{quote}`");
            let help = format!("a `{quote}` inside a string is written `\\{quote}`");
            self.report(Code::UnclosedString, 1, message, Some(help));
            self.push(TokenKind::Bad, 1 + line.len());
            return;
        };
        let raw = inside.get(..end).unwrap_or("");
        let mut wrong = Vec::new();
        if raw.contains('\\') {
            literal::unescape(raw, |from, to| wrong.push((from, to)));
        }
        let start = self.offset(inside);
        for (from, to) in wrong {
            let shown = shorten(raw.get(from..to).unwrap_or("\\"));
            let message = format!("`{shown}` is not an escape");
            let span = Span::new(self.source, start + narrow(from), start + narrow(to));
            let help = match shown.chars().nth(1) {
                Some(letter) if ESCAPES_OF_PATTERNS.contains(letter) => {
                    format!(r"in a pattern it is written `\\{letter}`")
                }
                _ => r#"there are `\'`, `\"`, `\\`, `\n`, `\t` and `\u{…}`"#.to_owned(),
            };
            self.findings.push(Finding::new(Code::BadEscape, span, message).help(help));
        }
        self.push(TokenKind::Text, end + 2);
    }

    /// What begins with a digit: dates first, because a date begins like a number.
    fn numeric(&mut self) {
        if let Ok((_, run)) = date_run(self.rest) {
            self.date(run);
        } else if let Some(run) = month_day_run(self.rest) {
            self.month_day(run);
        } else {
            self.number();
        }
    }

    fn date(&mut self, run: &'a str) {
        let kind = if literal::date(run).is_some() {
            TokenKind::Date
        } else if literal::date_time(run).is_some() {
            TokenKind::DateTime
        } else {
            let shown = shorten(run);
            let (message, help) = match rewritten_date(run) {
                Some(better) => (
                    format!("`{shown}` is not a date"),
                    Some(format!("write `{better}`; to subtract, put blanks round the minus")),
                ),
                None => (format!("`{shown}` does not exist or is not a date"), date_form(run)),
            };
            self.report(Code::NoSuchDate, run.len(), message, help);
            TokenKind::Bad
        };
        self.push(kind, run.len());
    }

    fn month_day(&mut self, run: &'a str) {
        if literal::month_day(run).is_some() {
            self.push(TokenKind::MonthDay, run.len());
            return;
        }
        let message = format!("the month-day `{run}` does not exist");
        let turned = run.split_once('-').map(|(day, month)| format!("{month}-{day}"));
        let help = match turned.filter(|turned| literal::month_day(turned).is_some()) {
            Some(turned) => format!("the month comes first: `{turned}`"),
            None => {
                format!("to subtract, put blanks round the minus: `{}`", run.replace('-', " - "))
            }
        };
        self.report(Code::NoSuchMonthDay, run.len(), message, Some(help));
        self.push(TokenKind::Bad, run.len());
    }

    fn number(&mut self) {
        let decimals = opt(preceded(char('.'), literal::digits));
        let (run, behind) = self.split(recognize((literal::digits, decimals)).parse(self.rest));
        let tail = literal::word_run(behind).map_or("", |(_, tail)| tail);
        let mut letters = tail.chars();
        let plain = run.bytes().all(|byte| byte.is_ascii_digit());
        let short = letters.next().and_then(word::short_unit).is_some() && letters.next().is_none();
        if plain && short {
            self.push(TokenKind::Short, run.len() + tail.len());
            return;
        }
        let points = points_behind(behind);
        let pointed = !points.is_empty();
        let length = run.len() + points.len() + tail.len();
        let shown = shorten(self.rest.get(..length).unwrap_or(run)).into_owned();
        let problem = match literal::number(run) {
            Ok(_) if pointed => Some((
                format!("`{shown}` is not a number"),
                pointed_date(&shown)
                    .unwrap_or_else(|| "numbers are written `5`, `1_000` or `10.99`".to_owned()),
            )),
            Ok(_) if !tail.is_empty() && self.is_behind(&["segment", "partition", "let"]) => {
                Some((
                    format!("`{shown}` is not a name"),
                    "a name begins with a letter or `_`".to_owned(),
                ))
            }
            Ok(_) if !tail.is_empty() => {
                Some((format!("`{shown}` is not a number"), self.tail_help(run, tail)))
            }
            Ok(_) => None,
            Err(problem) => Some(number_problem(&shown, problem)),
        };
        match problem {
            Some((message, help)) => {
                self.report(Code::BadNumber, length, message, Some(help));
                self.push(TokenKind::Bad, length);
            }
            None => self.push(TokenKind::Number, length),
        }
    }

    /// What was meant by a number with letters behind it.
    fn tail_help(&self, run: &str, tail: &str) -> String {
        let start = self.offset(self.rest);
        let sign = self.out.tokens.last().filter(|last| last.end == start).map(|last| last.kind);
        let Some(unit) = word::glued_unit(tail) else { return tail_help(run, tail) };
        let name = unit.name();
        let name = if run == "1" { name.strip_suffix('s').unwrap_or(name) } else { name };
        let run = shorten(run);
        match sign {
            Some(TokenKind::Minus) => format!("write `{run} {name} ago`"),
            Some(TokenKind::Plus) => format!("write `in {run} {name}`"),
            _ => format!("put a blank between: `{run} {name}`"),
        }
    }

    fn sign(&mut self, first: char) {
        if self.at_bare_decimals() {
            let length = 1 + points_behind(self.rest.get(1..).unwrap_or("")).len();
            let shown = shorten(self.rest.get(..length).unwrap_or(".")).into_owned();
            let help = format!("write `0{shown}`");
            self.report(Code::BadNumber, length, format!("`{shown}` is not a number"), Some(help));
            self.push(TokenKind::Bad, length);
        } else if self.foreign_run(first) {
            // It has been read.
        } else if let Some((length, kind)) = operator(self.rest) {
            self.push(kind, length);
        } else if let Some((length, kind, right)) = foreign_operator(self.rest) {
            let message =
                format!("`{}` is not an operator", shorten(self.rest.get(..length).unwrap_or("")));
            self.report(Code::ForeignOperator, length, message, Some(format!("use `{right}`")));
            self.push(kind, length);
        } else if first == '[' {
            let message = "square brackets are not part of the language";
            self.report(Code::UnknownCharacter, 1, message, Some("use `(` and `)`".into()));
            self.squares += 1;
            self.push(TokenKind::Open, 1);
        } else if first == ']' && self.squares > 0 {
            self.squares -= 1;
            self.push(TokenKind::Close, 1);
        } else {
            self.junk(first);
        }
    }

    /// `.5`, but not behind a name.
    fn at_bare_decimals(&self) -> bool {
        let start = self.offset(self.rest);
        let named = self.out.tokens.last().is_some_and(|last| last.end == start);
        let mut letters = self.rest.chars();
        let point = letters.next() == Some('.');
        point && !named && letters.next().is_some_and(|next| next.is_ascii_digit())
    }

    pub(super) fn rest(&self) -> &'a str {
        self.rest
    }

    /// As it stands in the text.
    pub(super) fn written(&self, token: Token) -> &'a str {
        let range = usize::try_from(token.start).ok().zip(usize::try_from(token.end).ok());
        range.and_then(|(start, end)| self.text.get(start..end)).unwrap_or("")
    }

    /// The run that was recognised at the start of the rest, and what follows it.
    fn split(&self, found: nom::IResult<&'a str, &'a str>) -> (&'a str, &'a str) {
        found.map_or((self.rest, ""), |(behind, run)| (run, behind))
    }

    pub(super) fn report(
        &mut self,
        code: Code,
        length: usize,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let start = self.offset(self.rest);
        let span = Span::new(self.source, start, start + narrow(length));
        let finding = Finding::new(code, span, message);
        self.findings.push(Finding { help, ..finding });
    }

    pub(super) fn push(&mut self, kind: TokenKind, length: usize) {
        let start = self.offset(self.rest);
        self.out.tokens.push(Token { kind, start, end: start + narrow(length) });
        self.skip(length);
    }

    pub(super) fn skip(&mut self, length: usize) {
        self.rest = self.rest.get(length..).unwrap_or("");
    }

    /// The place of a part of the text that reaches its end or is cut from such a part's start.
    fn offset(&self, part: &str) -> u32 {
        narrow(self.text.len() - part.len())
    }
}

fn size(text: &str) -> u32 {
    narrow(text.len())
}

// INVARIANT: texts longer than a `u32` are refused before they are split.
fn narrow(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// Where the string ends, if it does so on its line.
fn closing(inside: &str, quote: char) -> Option<usize> {
    // What ends a string is no part of a longer character.
    let mut bytes = inside.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\n' => return None,
            b'\\' if bytes.next().is_none_or(|(_, escaped)| escaped == b'\n') => return None,
            _ if char::from(byte) == quote => return Some(at),
            _ => {}
        }
    }
    None
}

/// What a word without odd letters is made of.
fn is_plain(byte: u8) -> bool {
    (byte | 0x20).is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'
}

/// The length of the number at the start, where it has few digits and nothing that could belong to it stands behind.
fn plain_number(bytes: &[u8]) -> Option<usize> {
    let digits =
        |from: usize| bytes.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
    let whole = digits(0);
    let mut length = whole;
    if bytes.get(length) == Some(&b'.') {
        let decimals = digits(length + 1);
        length += 1 + decimals;
        if decimals == 0 {
            return None;
        }
    }
    let ends = match bytes.get(length) {
        None => true,
        Some(next) => next.is_ascii() && !next.is_ascii_alphanumeric() && !b"_.-".contains(next),
    };
    (ends && length <= MOST_DECIMALS).then_some(length)
}

/// A point that no digit precedes properly, with the digits and points behind it.
fn points_behind(behind: &str) -> &str {
    let run = behind.split(|c: char| c != '.' && !c.is_ascii_digit()).next().unwrap_or("");
    let named = behind.strip_prefix('.').is_some_and(|next| next.starts_with(char::is_alphabetic));
    if named { "" } else { run }
}

fn number_problem(shown: &str, problem: NumberProblem) -> (String, String) {
    match problem {
        NumberProblem::TooManyDigits => (
            format!("the number `{shown}` has too many digits"),
            "a number has at most 36 digits".to_owned(),
        ),
        NumberProblem::TooManyDecimals => (
            format!("the number `{shown}` has too many digits after the point"),
            "a number has at most 18 digits after the point".to_owned(),
        ),
        NumberProblem::Malformed => (
            format!("`{shown}` is not a number"),
            "numbers are written `5`, `1_000` or `10.99`".to_owned(),
        ),
    }
}

fn tail_help(run: &str, tail: &str) -> String {
    let exponent = tail
        .strip_prefix(['e', 'E'])
        .is_some_and(|rest| rest.is_empty() || rest.bytes().all(|byte| byte.is_ascii_digit()));
    if exponent {
        "write the number out: there are no exponents".to_owned()
    } else if word::distance_unit(tail).is_some() {
        format!("put a blank between: `{} {tail}`", shorten(run))
    } else {
        "numbers are written `5`, `1_000` or `10.99`".to_owned()
    }
}

/// As much of the user's text as a message shows.
pub(crate) fn shorten(text: &str) -> std::borrow::Cow<'_, str> {
    const MOST: usize = 40;
    match text.char_indices().nth(MOST) {
        None => text.into(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or("")).into(),
    }
}
