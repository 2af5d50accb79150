//! One field of a text file, by the type of its column.

use std::collections::HashMap;

use chrono::NaiveDateTime;

use super::values::place;
#[cfg(feature = "arrow")]
use crate::snapshot::ColumnWriter;
use crate::{
    calendar::{Day, Time, Zone, parse_time},
    snapshot::{Cell, Problem, Spot, Writer},
    value::Type,
};

const MICROS_A_SECOND: i64 = 1_000_000;
const MICROS_A_DAY: i64 = 86_400 * MICROS_A_SECOND;

/// Reads fields. It remembers what it learned about local days.
pub(super) struct FieldReader {
    zone: Zone,
    /// By local day: the distance from UTC in microseconds, where it is the same all day.
    // PERF: asking the zone for each of some million datetimes takes longer than all other work on the row.
    steady: HashMap<i32, Option<i64>>,
    /// The last day asked for, and its distance where it is the same all day.
    last: Option<(Day, i64)>,
}

impl FieldReader {
    pub(super) fn new(zone: Zone) -> Self {
        Self { zone, steady: HashMap::new(), last: None }
    }

    /// Puts a field into the row at hand; an empty one is missing. Blanks around numbers, dates and truth values do not
    /// count, those of texts do.
    #[cfg_attr(
        not(any(feature = "csv", feature = "jsonl")),
        expect(dead_code, reason = "only files need it")
    )]
    pub(super) fn put(
        &mut self,
        writer: &mut Writer<'_>,
        column: usize,
        ty: &Type,
        text: &str,
        spot: Spot,
    ) {
        let text = if matches!(ty, Type::Text | Type::TextSet) { text } else { trim(text) };
        if text.is_empty() {
            return writer.put(column, Ok(Cell::Missing), spot);
        }
        match ty {
            Type::TextSet => {
                writer.put(column, Ok(Cell::TextSet(&text_set(text))), spot);
            }
            Type::IntSet => {
                let numbers = int_set(text);
                let cell = numbers.as_ref().map(|numbers| Cell::IntSet(numbers));
                writer.put(column, cell.map_err(|problem| *problem), spot);
            }
            _ => writer.put(column, self.read(text, ty), spot),
        }
    }

    /// Like [`FieldReader::put`], into one column.
    #[cfg(feature = "arrow")]
    pub(super) fn put_in(&mut self, to: &mut ColumnWriter<'_>, ty: &Type, text: &str) {
        let text = if matches!(ty, Type::Text | Type::TextSet) { text } else { trim(text) };
        if text.is_empty() {
            return to.put(Ok(Cell::Missing));
        }
        match ty {
            Type::TextSet => to.put(Ok(Cell::TextSet(&text_set(text)))),
            Type::IntSet => match int_set(text) {
                Ok(numbers) => to.put(Ok(Cell::IntSet(&numbers))),
                Err(problem) => to.put(Err(problem)),
            },
            _ => to.put(self.read(text, ty)),
        }
    }

    /// A field that is not empty, of a type that is no set.
    pub(super) fn read<'a>(&mut self, text: &'a str, ty: &Type) -> Result<Cell<'a>, Problem> {
        match ty {
            Type::Bool => truth(text).map(Cell::Bool),
            Type::Int => int(text).map(Cell::Number),
            Type::Decimal(scale) => decimal(text, *scale).map(Cell::Number),
            Type::Float => float(text).map(Cell::Float),
            Type::Text => Ok(Cell::Text(text)),
            Type::Date => date(text.as_bytes()).map(|day| Cell::Number(day.0.into())),
            Type::DateTime => self.instant(text.as_bytes()).map(Cell::Number),
            Type::Geo => {
                let (latitude, longitude) = text.split_once(';').ok_or(Problem::Bad)?;
                pair(latitude, longitude)
            }
            Type::TextSet | Type::IntSet | Type::Ref(_) => Err(Problem::Bad),
        }
    }

    /// `2026-11-01T16:00:00`, with a blank for the `T`, without seconds, with a fraction of up to six digits, with `Z`,
    /// `+02:00`, `+0200` or `+02`. Without a zone it is local. A date alone is the start of that local day.
    fn instant(&mut self, text: &[u8]) -> Result<i64, Problem> {
        let (day, rest) = text.split_at_checked(10).ok_or(Problem::Bad)?;
        if rest.is_empty() {
            return date(day).map(|day| self.zone.start_of_day(day).0);
        }
        let (b'T' | b't' | b' ', rest) = rest.split_first().ok_or(Problem::Bad)? else {
            return Err(Problem::Bad);
        };
        let (time, zone) = clock(rest)?;
        let offset = offset(zone)?;
        let day = date(day)?;
        let time = time?;
        let local = i64::from(day.0) * MICROS_A_DAY + time;
        match offset {
            Some(offset) => Ok(local - offset? * MICROS_A_SECOND),
            None => Ok(local - self.local_offset(day, local)),
        }
    }

    /// A datetime with up to nine digits behind the second, as programs write it; six are kept.
    pub(super) fn finer(&self, text: &str) -> Option<Cell<'static>> {
        let instant = match parse_time(text)? {
            Time::Local(local) => self.zone.resolve(local),
            Time::Instant(instant) => instant,
        };
        Some(Cell::Number(instant.0))
    }

    /// The instant of a local time, both in microseconds.
    #[cfg(feature = "arrow")]
    pub(super) fn local(&mut self, local: i64) -> i64 {
        let day = Day(i32::try_from(local.div_euclid(MICROS_A_DAY)).unwrap_or(i32::MAX));
        local - self.local_offset(day, local)
    }

    #[cfg(feature = "arrow")]
    pub(super) fn start_of(&self, day: Day) -> i64 {
        self.zone.start_of_day(day).0
    }

    /// Whether local times are those of UTC.
    #[cfg(feature = "arrow")]
    pub(super) fn is_utc(&self) -> bool {
        self.zone.0 == chrono_tz::UTC
    }

    fn local_offset(&mut self, day: Day, local: i64) -> i64 {
        if let Some((last, offset)) = self.last
            && last == day
        {
            return offset;
        }
        let zone = self.zone;
        let of = |local: i64| {
            let naive = chrono::DateTime::from_timestamp_micros(local).map(|time| time.naive_utc());
            local - zone.resolve(naive.unwrap_or(NaiveDateTime::MIN)).0
        };
        let steady = *self.steady.entry(day.0).or_insert_with(|| {
            // No zone changes its clocks and changes them back between one midnight and the next.
            let midnight = i64::from(day.0) * MICROS_A_DAY;
            Some(of(midnight)).filter(|offset| *offset == of(midnight + MICROS_A_DAY))
        });
        self.last = steady.map(|offset| (day, offset)).or(self.last);
        steady.unwrap_or_else(|| of(local))
    }
}

fn text_set(text: &str) -> Vec<&str> {
    text.split(';').filter(|one| !one.is_empty()).collect()
}

fn int_set(text: &str) -> Result<Vec<i64>, Problem> {
    text.split(';').map(trim).filter(|one| !one.is_empty()).map(int).collect()
}

fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// `true`, `false`, `1` or `0`, in any case.
fn truth(text: &str) -> Result<bool, Problem> {
    match text {
        "1" => Ok(true),
        "0" => Ok(false),
        _ if text.eq_ignore_ascii_case("true") => Ok(true),
        _ if text.eq_ignore_ascii_case("false") => Ok(false),
        _ => Err(Problem::Bad),
    }
}

/// `42`, `-12`, `+5`.
fn int(text: &str) -> Result<i64, Problem> {
    let is_whole = || {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    text.parse().map_err(|_| if is_whole() { Problem::Overflow } else { Problem::Bad })
}

/// `10.99`, `-.5`, `+7`; no exponent, no separators of thousands, no more digits after the point than `scale`, zeros
/// included.
fn decimal(text: &str, scale: u8) -> Result<i64, Problem> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let mut after = None;
    let mut seen = false;
    let mut sum = Some(0_i64);
    // Negative numbers reach further.
    let mut push = |digit: u8| {
        sum = sum.and_then(|sum| sum.checked_mul(10)?.checked_sub(i64::from(digit)));
    };
    for byte in digits {
        match (byte, after) {
            (b'0'..=b'9', _) => {
                seen = true;
                after = after.map(|after: u8| after.saturating_add(1));
                push(byte - b'0');
            }
            (b'.', None) => (after, seen) = (Some(0), false),
            _ => return Err(Problem::Bad),
        }
    }
    let after = after.unwrap_or(0);
    if !seen || after > scale {
        return Err(Problem::Bad);
    }
    (after..scale).for_each(|_| push(0));
    let sum = sum.ok_or(Problem::Overflow)?;
    if negative { Ok(sum) } else { sum.checked_neg().ok_or(Problem::Overflow) }
}

/// `0.5`, `-3`, `1e-3`; no words.
fn float(text: &str) -> Result<f64, Problem> {
    let is_number = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
    if !text.bytes().all(is_number) {
        return Err(Problem::Bad);
    }
    let number: f64 = text.parse().map_err(|_| Problem::Bad)?;
    if number.is_finite() { Ok(number) } else { Err(Problem::Overflow) }
}

/// Latitude and longitude in two fields.
pub(super) fn pair<'a>(latitude: &str, longitude: &str) -> Result<Cell<'a>, Problem> {
    place(float(trim(latitude))?, float(trim(longitude))?)
}

/// `2026-11-01`.
fn date(text: &[u8]) -> Result<Day, Problem> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else { return Err(Problem::Bad) };
    let year = number([*y1, *y2])? * 100 + number([*y3, *y4])?;
    let (month, day) = (number([*m1, *m2])?, number([*d1, *d2])?);
    let year = i32::try_from(year).map_err(|_| Problem::Bad)?;
    Day::from_ymd(year, month, day).ok_or(Problem::NoSuchDate)
}

/// Two digits.
fn number([tens, ones]: [u8; 2]) -> Result<u32, Problem> {
    if tens.is_ascii_digit() && ones.is_ascii_digit() {
        Ok(u32::from(tens - b'0') * 10 + u32::from(ones - b'0'))
    } else {
        Err(Problem::Bad)
    }
}

/// Microseconds since midnight, and what stands behind the time. A time of the right form that does not exist is the
/// inner error, so that a zone of the wrong form comes first.
fn clock(text: &[u8]) -> Result<(Result<i64, Problem>, &[u8]), Problem> {
    let [h1, h2, b':', m1, m2, rest @ ..] = text else { return Err(Problem::Bad) };
    let (hour, minute) = (number([*h1, *h2])?, number([*m1, *m2])?);
    let (second, rest) = match rest {
        [b':', s1, s2, rest @ ..] => (number([*s1, *s2])?, rest),
        rest => (0, rest),
    };
    let (micros, rest) = match rest {
        [b'.', rest @ ..] => {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let (fraction, rest) = rest.split_at_checked(digits).ok_or(Problem::Bad)?;
            if digits == 0 || digits > 6 {
                return Err(Problem::Bad);
            }
            let padded = fraction.iter().map(|byte| byte - b'0').chain(std::iter::repeat(0));
            (padded.take(6).fold(0, |micros, digit| micros * 10 + i64::from(digit)), rest)
        }
        rest => (0, rest),
    };
    let seconds = i64::from(hour * 3_600 + minute * 60 + second);
    let exists = hour < 24 && minute < 60 && second < 60;
    Ok((
        if exists { Ok(seconds * MICROS_A_SECOND + micros) } else { Err(Problem::NoSuchDate) },
        rest,
    ))
}

/// Seconds east of UTC; `None` where nothing is said. The inner error is as in [`clock`].
fn offset(text: &[u8]) -> Result<Option<Result<i64, Problem>>, Problem> {
    let (sign, hours, minutes) = match text {
        [] => return Ok(None),
        [b'Z' | b'z'] => return Ok(Some(Ok(0))),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] | [sign @ (b'+' | b'-'), h1, h2, m1, m2] => {
            (sign, number([*h1, *h2])?, number([*m1, *m2])?)
        }
        [sign @ (b'+' | b'-'), h1, h2] => (sign, number([*h1, *h2])?, 0),
        _ => return Err(Problem::Bad),
    };
    if hours > 23 || minutes > 59 {
        return Ok(Some(Err(Problem::NoSuchDate)));
    }
    let seconds = i64::from(hours * 3_600 + minutes * 60);
    Ok(Some(Ok(if *sign == b'-' { -seconds } else { seconds })))
}
