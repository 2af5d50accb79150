//! Numbers, days, times and strings as they are written.

use std::ops::Range;

use chrono::{NaiveDate, NaiveDateTime};
use nom::{
    IResult, Parser,
    branch::alt,
    bytes::complete::{take_while_m_n, take_while1},
    character::complete::{char, digit1, one_of},
    combinator::{map_opt, opt, recognize, value},
    multi::separated_list1,
    sequence::preceded,
};

use super::tree::Number;

/// Digits of a number in all.
const MOST_DIGITS: usize = 36;
/// Digits behind the point.
pub(super) const MOST_DECIMALS: usize = 18;

/// Why a number is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NumberProblem {
    TooManyDigits,
    TooManyDecimals,
    Malformed,
}

/// Digits with `_` between them.
pub(super) fn digits(input: &str) -> IResult<&str, &str> {
    recognize(separated_list1(char('_'), digit1)).parse(input)
}

/// `5`, `1_000`, `10.99`
pub(super) fn number(text: &str) -> Result<Number, NumberProblem> {
    let (rest, (whole, decimals)) = (digits, opt(preceded(char('.'), digits)))
        .parse(text)
        .map_err(|_| NumberProblem::Malformed)?;
    if !rest.is_empty() {
        return Err(NumberProblem::Malformed);
    }
    let count = |part: &str| part.bytes().filter(u8::is_ascii_digit).count();
    let scale = decimals.map_or(0, count);
    if count(whole) + scale > MOST_DIGITS {
        return Err(NumberProblem::TooManyDigits);
    }
    if scale > MOST_DECIMALS {
        return Err(NumberProblem::TooManyDecimals);
    }
    let value = |part: &str| {
        part.chars()
            .filter_map(|digit| digit.to_digit(10))
            .fold(0_i128, |sum, digit| sum * 10 + i128::from(digit))
    };
    let scale = u8::try_from(scale).map_err(|_| NumberProblem::TooManyDecimals)?;
    let shift = 10_i128.pow(u32::from(scale));
    let grouped = whole.contains('_') && value(whole) >= 1_000;
    let mantissa = value(whole) * shift + decimals.map_or(0, value);
    Ok(Number { mantissa, scale, grouped })
}

/// `2026-11-01`; `None` where the form is another or the day does not exist.
pub(super) fn date(text: &str) -> Option<NaiveDate> {
    day(text).ok().filter(|(rest, _)| rest.is_empty()).map(|(_, day)| day)
}

/// `2026-11-01T16:00`, perhaps with seconds, a fraction and a zone.
pub(super) fn date_time(text: &str) -> Option<(NaiveDateTime, Option<i32>)> {
    let (rest, (day, _, (hour, minute, second, micros), zone)) =
        (day, one_of("Tt"), clock, opt(zone)).parse(text).ok()?;
    let local = day.and_hms_micro_opt(hour, minute, second, micros)?;
    rest.is_empty().then_some((local, zone))
}

/// `07-25`; the 29th of February exists.
pub(super) fn month_day(text: &str) -> Option<(u8, u8)> {
    let (rest, (month, _, day)) = (two_digits, char('-'), two_digits).parse(text).ok()?;
    // Every month-day of the circle is a day of a leap year.
    NaiveDate::from_ymd_opt(2000, month, day)?;
    let parts = (u8::try_from(month).ok()?, u8::try_from(day).ok()?);
    rest.is_empty().then_some(parts)
}

fn day(input: &str) -> IResult<&str, NaiveDate> {
    let parts = (four_digits, preceded(char('-'), two_digits), preceded(char('-'), two_digits));
    map_opt(parts, |(year, month, day)| {
        let year = i32::try_from(year).ok().filter(|year| *year >= 1)?;
        NaiveDate::from_ymd_opt(year, month, day)
    })
    .parse(input)
}

/// Hour, minute, second and microsecond; whether they exist is seen later.
fn clock(input: &str) -> IResult<&str, (u32, u32, u32, u32)> {
    let seconds = (preceded(char(':'), two_digits), opt(preceded(char('.'), micros)));
    (two_digits, preceded(char(':'), two_digits), opt(seconds))
        .map(|(hour, minute, rest)| {
            let (second, micros) = rest.unwrap_or((0, None));
            (hour, minute, second, micros.unwrap_or(0))
        })
        .parse(input)
}

fn micros(input: &str) -> IResult<&str, u32> {
    let fraction = take_while_m_n(1, 6, |c: char| c.is_ascii_digit());
    map_opt(fraction, |digits: &str| format!("{digits:0<6}").parse().ok()).parse(input)
}

/// `Z` or `+02:00`, in minutes east of Greenwich.
fn zone(input: &str) -> IResult<&str, i32> {
    let offset = (one_of("+-"), two_digits, char(':'), two_digits);
    let offset = map_opt(offset, |(sign, hours, _, minutes)| {
        let size = i32::try_from(hours * 60 + minutes).ok()?;
        let exists = hours <= 23 && minutes <= 59;
        exists.then_some(if sign == '-' { -size } else { size })
    });
    alt((value(0, one_of("Zz")), offset)).parse(input)
}

fn two_digits(input: &str) -> IResult<&str, u32> {
    fixed_digits(2, input)
}

fn four_digits(input: &str) -> IResult<&str, u32> {
    fixed_digits(4, input)
}

fn fixed_digits(count: usize, input: &str) -> IResult<&str, u32> {
    let run = take_while_m_n(count, count, |c: char| c.is_ascii_digit());
    map_opt(run, |digits: &str| digits.parse().ok()).parse(input)
}

/// What a number is followed by without a blank: `30days`, `1e5`.
pub(super) fn word_run(input: &str) -> IResult<&str, &str> {
    take_while1(|c: char| c == '_' || c.is_alphanumeric()).parse(input)
}

/// What a string means. `raw` is the text between the quotes; `problem` gets the range in it of each escape
/// that is none.
pub(super) fn unescape(raw: &str, mut problem: impl FnMut(usize, usize)) -> String {
    let mut meaning = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        let (plain, escaped) = rest.split_at_checked(at).unwrap_or((rest, ""));
        meaning.push_str(plain);
        let (length, found) = escape(escaped);
        match found {
            Some(letter) => meaning.push(letter),
            None => {
                let start = raw.len() - escaped.len();
                problem(start, start + length);
            }
        }
        rest = escaped.get(length..).unwrap_or("");
    }
    meaning.push_str(rest);
    meaning
}

/// Whether a string as it is written, quotes included, has an escape that is none.
pub(crate) fn has_bad_escape(written: &str) -> bool {
    let inside = written.get(1..written.len().saturating_sub(1)).unwrap_or("");
    let mut found = false;
    unescape(inside, |_, _| found = true);
    found
}

/// Where a part of what a string means stands in the string as it is written, quotes included; both as ranges of bytes.
pub(crate) fn place_in_string(written: &str, part: Range<usize>) -> Range<usize> {
    let mut rest = written.get(1..).unwrap_or("");
    let mut meant = 0;
    let mut start = None;
    loop {
        let at = written.len() - rest.len();
        if meant >= part.start && start.is_none() {
            start = Some(at);
        }
        let Some(letter) = rest.chars().next().filter(|_| meant < part.end) else {
            return start.unwrap_or(at)..at;
        };
        let (length, meaning) = match letter {
            '\\' => escape(rest),
            _ => (letter.len_utf8(), Some(letter)),
        };
        meant += meaning.map_or(0, char::len_utf8);
        rest = rest.get(length..).unwrap_or("");
    }
}

/// The bytes of the escape at the start, and the letter it stands for.
fn escape(text: &str) -> (usize, Option<char>) {
    let mut letters = text.chars();
    letters.next();
    let Some(letter) = letters.next() else { return (1, None) };
    let length = 1 + letter.len_utf8();
    let simple = match letter {
        '\'' | '"' | '\\' => Some(letter),
        'n' => Some('\n'),
        't' => Some('\t'),
        'u' => return code_point(text),
        _ => None,
    };
    (length, simple)
}

/// `\u{1F382}`
fn code_point(text: &str) -> (usize, Option<char>) {
    let Some(digits) = text.strip_prefix("\\u{") else { return (2, None) };
    let Some(end) = digits.find(|c: char| !c.is_ascii_hexdigit()) else { return (2, None) };
    let Some((code, rest)) = digits.split_at_checked(end) else { return (2, None) };
    if !rest.starts_with('}') || code.len() > 6 {
        return (2, None);
    }
    let letter = u32::from_str_radix(code, 16).ok().and_then(char::from_u32);
    (4 + code.len(), letter)
}
