//! Runs of digits that were meant as days, and how they are written.

use nom::{
    Parser,
    branch::alt,
    bytes::complete::{tag, take_while, take_while1},
    character::complete::{char, digit1, one_of},
    combinator::{opt, recognize, verify},
    sequence::preceded,
};

use super::literal;

/// Something that was meant as a date: three numbers of fitting lengths with hyphens, and what hangs on to them.
pub(super) fn date_run(input: &str) -> nom::IResult<&str, &str> {
    let parts = (digit1, preceded(char('-'), digit1), preceded(char('-'), digit1));
    let date = verify(parts, |(first, second, third): &(&str, &str, &str)| {
        matches!(
            (first.len(), second.len(), third.len()),
            (4, 1 | 2, _) | (1 | 2, 1 | 2, 4) | (2, 2, 2) | (5.., 2, 2)
        )
    });
    let zone = alt((
        recognize((one_of("+-"), take_while1(|c: char| c.is_ascii_digit() || c == ':'))),
        tag(""),
    ));
    let clock =
        (one_of("Tt"), take_while1(|c: char| c.is_ascii_digit() || matches!(c, ':' | '.')), zone);
    let tail = take_while(|c: char| c == '_' || c.is_alphanumeric());
    recognize((date, opt(clock), tail)).parse(input)
}

/// A date with its parts in another order or without its zeros, as it should be written.
pub(super) fn rewritten_date(run: &str) -> Option<String> {
    let parts: Vec<&str> = run.split('-').collect();
    let [first, second, third] = *parts.as_slice() else { return None };
    let (year, month, day) =
        if third.len() == 4 { (third, second, first) } else { (first, second, third) };
    let better = format!("{year}-{month:0>2}-{day:0>2}");
    (better != run && literal::date(&better).is_some()).then_some(better)
}

/// What `5.1.2026` and `25.12.` were meant as.
pub(super) fn pointed_date(run: &str) -> Option<String> {
    let parts: Vec<&str> = run.trim_end_matches('.').split('.').collect();
    let (day, month) = (*parts.first()?, *parts.get(1)?);
    let better = match parts.as_slice() {
        [_, _] => format!("{month:0>2}-{day:0>2}"),
        [_, _, year] if year.len() == 4 => format!("{year}-{month:0>2}-{day:0>2}"),
        [_, _, last] => format!("{day}-{month:0>2}-{last:0>2}"),
        _ => return None,
    };
    let exists = literal::date(&better).is_some() || literal::month_day(&better).is_some();
    exists.then(|| match parts.len() {
        2 => format!("a month-day is written `{better}`"),
        _ => format!("dates are written year, month, day: `{better}`"),
    })
}

pub(super) fn date_form(run: &str) -> Option<String> {
    let timed = run.contains(['T', 't', ':']);
    let month_alone = run.len() <= 8 && !timed;
    let help = match (timed, month_alone) {
        (true, _) => "times are written `2026-11-01T16:00:00`, perhaps with `Z` or `+02:00`",
        (_, true) => {
            "dates are written year, month, day: `2026-11-01`; to subtract, put blanks round the minus"
        }
        _ => "dates are written year, month, day: `2026-11-01`",
    };
    Some(help.to_owned())
}

/// Two digits, hyphen, two digits, with nothing behind that would go on with a number, a word or a date.
pub(super) fn month_day_run(input: &str) -> Option<&str> {
    let bytes = input.as_bytes();
    let [a, b, b'-', c, d, rest @ ..] = bytes else { return None };
    if ![a, b, c, d].iter().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let goes_on = match rest {
        [next, ..] if *next == b'_' || next.is_ascii_alphanumeric() => true,
        [b'-' | b'.', next, ..] => next.is_ascii_digit(),
        _ => false,
    };
    if goes_on { None } else { input.get(..5) }
}
