//! Signs: operators, brackets, those of other languages, and what is none.

use nom::{Parser, branch::alt, bytes::complete::tag};

use super::{lex::TokenKind, tree::CompareOp, word::Reserved};

/// An operator or a bracket: its length, and what it is.
pub(super) fn operator(input: &str) -> Option<(usize, TokenKind)> {
    use CompareOp::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    let bytes = input.as_bytes();
    let first = bytes.first()?;
    let second = bytes.get(1).copied();
    let one = |kind| Some((1, kind));
    match (first, second) {
        (b'=', Some(b'=' | b'<' | b'>')) | (b'<', Some(b'>')) => None,
        (b'=', Some(b'!')) if bytes.get(2) != Some(&b'=') => None,
        (b'!', Some(b'=')) if bytes.get(2) == Some(&b'=') => None,
        (b'<', Some(b'=')) => Some((2, TokenKind::Compare(LessOrEqual))),
        (b'>', Some(b'=')) => Some((2, TokenKind::Compare(GreaterOrEqual))),
        (b'!', Some(b'=')) => Some((2, TokenKind::Compare(NotEqual))),
        (b'=', _) => one(TokenKind::Compare(Equal)),
        (b'<', _) => one(TokenKind::Compare(Less)),
        (b'>', _) => one(TokenKind::Compare(Greater)),
        (b'(', _) => one(TokenKind::Open),
        (b')', _) => one(TokenKind::Close),
        (b'{', _) => one(TokenKind::OpenBrace),
        (b'}', _) => one(TokenKind::CloseBrace),
        (b',', _) => one(TokenKind::Comma),
        (b'.', _) => one(TokenKind::Dot),
        (b':', _) => one(TokenKind::Colon),
        (b'+', _) => one(TokenKind::Plus),
        (b'-', _) => one(TokenKind::Minus),
        (b'*', _) => one(TokenKind::Star),
        (b'/', _) => one(TokenKind::Slash),
        _ => None,
    }
}

/// An operator of another language: its length, what it is read as, and how that is written.
pub(super) fn foreign_operator(input: &str) -> Option<(usize, TokenKind, &'static str)> {
    use CompareOp::{Equal, GreaterOrEqual, LessOrEqual, NotEqual};
    let compare = |op, right| (TokenKind::Compare(op), right);
    let word = |word, right| (TokenKind::Reserved(word), right);
    let found = recognize_foreign(input)?;
    let (kind, right) = match found {
        "===" | "==" => compare(Equal, "="),
        "!==" | "=!" | "<>" | "≠" => compare(NotEqual, "!="),
        "=<" | "≤" => compare(LessOrEqual, "<="),
        "=>" | "≥" => compare(GreaterOrEqual, ">="),
        "&&" | "&" => word(Reserved::And, "and"),
        "||" | "|" => word(Reserved::Or, "or"),
        "!" => word(Reserved::Not, "not"),
        _ => return None,
    };
    Some((found.len(), kind, right))
}

fn recognize_foreign(input: &str) -> Option<&str> {
    let signs = (
        tag::<_, _, nom::error::Error<&str>>("==="),
        tag("=="),
        tag("!=="),
        tag("=!"),
        tag("<>"),
        tag("=<"),
        tag("=>"),
        tag("&&"),
        tag("&"),
        tag("||"),
        tag("|"),
        tag("!"),
        tag("≠"),
        tag("≤"),
        tag("≥"),
    );
    alt(signs).parse(input).ok().map(|(_, found)| found)
}

/// Characters that begin nothing in the language.
pub(super) fn is_junk(c: char) -> bool {
    !(c.is_whitespace()
        || c.is_alphanumeric()
        || matches!(
            c,
            '#' | '\'' | '"' | '`' | '_' | '=' | '<' | '>' | '!' | '&' | '|' | '≠' | '≤' | '≥'
        )
        || matches!(c, '(' | ')' | '[' | ']' | '{' | '}' | ',' | '.' | ':' | '+' | '-' | '*' | '/'))
}
