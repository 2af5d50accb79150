//! One field of a text file, by the type of its column.

use std::collections::HashMap;

use chrono::NaiveDateTime;

use super::values::place;
#[cfg(feature = "arrow")]
use crate::snapshot::ColumnWriter;
use crate::{
    calendar::{Day, Unread, WrittenTime, Zone, read_day, read_time},
    snapshot::{Cell, Problem, Spot, Writer},
    value::Type,
};

const MICROS_A_DAY: i64 = 86_400_000_000;

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
            Type::Date => {
                read_day(text.as_bytes()).map(|day| Cell::Number(day.0.into())).map_err(problem)
            }
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
        if text.len() == 10 {
            return read_day(text).map(|day| self.zone.start_of_day(day).0).map_err(problem);
        }
        read_time(text, 6).map(|time| self.of_written(time)).map_err(problem)
    }

    fn of_written(&mut self, WrittenTime { day, local, ahead }: WrittenTime) -> i64 {
        local - ahead.unwrap_or_else(|| self.local_offset(day, local))
    }

    /// A datetime with up to nine digits behind the second, as programs write it; six are kept.
    pub(super) fn finer(&mut self, text: &str) -> Option<Cell<'static>> {
        let time = read_time(text.as_bytes(), 9).ok()?;
        Some(Cell::Number(self.of_written(time)))
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

fn problem(unread: Unread) -> Problem {
    match unread {
        Unread::Form => Problem::Bad,
        Unread::NoSuch => Problem::NoSuchDate,
    }
}
