//! One value of an object, by the type of its column.

use std::{borrow::Cow, collections::HashMap};

use serde_json::value::RawValue;

use crate::{
    calendar::Zone,
    ingest::{field::FieldReader, values},
    snapshot::{Cell, Problem, Spot, Writer},
    value::Type,
};

/// A value with its place.
pub(super) type Placed<'a> = (&'a str, Spot);

/// Reads values.
pub(super) struct Reader {
    fields: FieldReader,
}

/// More digits than any number has that fits.
const DIGITS: usize = 400;

impl Reader {
    pub(super) fn new(zone: Zone) -> Self {
        Self { fields: FieldReader::new(zone) }
    }

    /// Puts a value into the row at hand.
    pub(super) fn put(
        &mut self,
        writer: &mut Writer<'_>,
        column: usize,
        ty: &Type,
        json: &str,
        spot: Spot,
    ) {
        let cell = match (json.as_bytes().first(), ty) {
            (Some(b'n'), _) => Ok(Cell::Missing),
            (Some(b'"'), _) => match text(json) {
                Some(text) => return self.fields.put(writer, column, ty, &text, spot),
                None => Err(Problem::Bad),
            },
            (Some(b't'), Type::Bool) => Ok(Cell::Bool(true)),
            (Some(b'f'), Type::Bool) => Ok(Cell::Bool(false)),
            (Some(b'['), Type::TextSet) => {
                return put_texts(writer, column, json, spot);
            }
            (Some(b'['), Type::IntSet) => {
                let numbers = self.numbers(json);
                let cell = numbers.as_ref().map(|numbers| Cell::IntSet(numbers));
                return writer.put(column, cell.map_err(|problem| *problem), spot);
            }
            (Some(b'[' | b'{'), Type::Geo) => self.place(json),
            (Some(b'-' | b'0'..=b'9'), _) => self.number(json, ty),
            _ => Err(Problem::Bad),
        };
        writer.put(column, cell, spot);
    }

    /// A place of two values.
    pub(super) fn put_pair(
        &mut self,
        writer: &mut Writer<'_>,
        column: usize,
        latitude: Placed<'_>,
        longitude: Placed<'_>,
    ) {
        let half = |reader: &mut Self, json| reader.float(json);
        let (cell, spot) = match (half(self, latitude.0), half(self, longitude.0)) {
            (Err(problem), _) => (Err(problem), latitude.1),
            (_, Err(problem)) => (Err(problem), longitude.1),
            (Ok(None), Ok(None)) => (Ok(Cell::Missing), latitude.1),
            (Ok(Some(_)), Ok(None)) => (Err(Problem::Bad), longitude.1),
            (Ok(None), Ok(Some(_))) => (Err(Problem::Bad), latitude.1),
            (Ok(Some(north)), Ok(Some(east))) => (values::place(north, east), latitude.1),
        };
        writer.put(column, cell, spot);
    }

    /// A place of which only one half is there.
    pub(super) fn put_half(&mut self, writer: &mut Writer<'_>, column: usize, half: Placed<'_>) {
        let cell = match self.float(half.0) {
            Ok(None) => Ok(Cell::Missing),
            Ok(Some(_)) => Err(Problem::Bad),
            Err(problem) => Err(problem),
        };
        writer.put(column, cell, half.1);
    }

    /// A number, of which `1e3` and `10.00` are other ways to write it.
    fn number<'a>(&mut self, json: &'a str, ty: &Type) -> Result<Cell<'a>, Problem> {
        match ty {
            Type::Int | Type::Decimal(_) => {
                let digits = plain(json).ok_or(Problem::Overflow)?;
                // A number holds nothing of its text.
                match self.fields.read(&digits, ty)? {
                    Cell::Number(number) => Ok(Cell::Number(number)),
                    _ => Err(Problem::Bad),
                }
            }
            Type::Bool | Type::Float => self.fields.read(json, ty),
            _ => Err(Problem::Bad),
        }
    }

    /// A number, or a text that holds one.
    fn float(&mut self, json: &str) -> Result<Option<f64>, Problem> {
        let text = match json.as_bytes().first() {
            Some(b'n') => return Ok(None),
            Some(b'"') => text(json).ok_or(Problem::Bad)?,
            _ => Cow::Borrowed(json),
        };
        let text = text.trim_matches([' ', '\t']);
        if text.is_empty() {
            return Ok(None);
        }
        match self.fields.read(text, &Type::Float)? {
            Cell::Float(number) => Ok(Some(number)),
            _ => Err(Problem::Bad),
        }
    }

    fn numbers(&mut self, json: &str) -> Result<Vec<i64>, Problem> {
        let elements: Vec<&RawValue> = serde_json::from_str(json).map_err(|_| Problem::Bad)?;
        let mut numbers = Vec::with_capacity(elements.len());
        for element in elements.into_iter().map(RawValue::get).filter(|json| *json != "null") {
            let number = match text(element) {
                Some(text) => self.fields.read(&text, &Type::Int).and_then(whole),
                None => self.number(element, &Type::Int).and_then(whole),
            };
            numbers.push(number?);
        }
        Ok(numbers)
    }

    fn place<'a>(&mut self, json: &str) -> Result<Cell<'a>, Problem> {
        let (latitude, longitude) = if json.starts_with('[') {
            let [latitude, longitude]: [&RawValue; 2] =
                serde_json::from_str(json).map_err(|_| Problem::Bad)?;
            (latitude, longitude)
        } else {
            let fields: HashMap<Cow<'_, str>, &RawValue> =
                serde_json::from_str(json).map_err(|_| Problem::Bad)?;
            let find = |names: [&str; 2]| {
                names.iter().find_map(|name| fields.get(*name).copied()).ok_or(Problem::Bad)
            };
            (find(["latitude", "lat"])?, find(["longitude", "lon"])?)
        };
        match (self.float(latitude.get())?, self.float(longitude.get())?) {
            (None, None) => Ok(Cell::Missing),
            (Some(latitude), Some(longitude)) => values::place(latitude, longitude),
            _ => Err(Problem::Bad),
        }
    }
}

fn put_texts(writer: &mut Writer<'_>, column: usize, json: &str, spot: Spot) {
    let elements: Option<Vec<&RawValue>> = serde_json::from_str(json).ok();
    let texts: Option<Vec<Cow<'_, str>>> = elements.and_then(|elements| {
        let given = elements.into_iter().map(RawValue::get).filter(|json| *json != "null");
        given.map(text).collect()
    });
    let Some(texts) = texts else { return writer.put(column, Err(Problem::Bad), spot) };
    let texts: Vec<&str> =
        texts.iter().map(AsRef::as_ref).filter(|text| !text.is_empty()).collect();
    writer.put(column, Ok(Cell::TextSet(&texts)), spot);
}

fn whole(cell: Cell<'_>) -> Result<i64, Problem> {
    match cell {
        Cell::Number(number) => Ok(number),
        _ => Err(Problem::Bad),
    }
}

/// What stands between the quotes; `None` where there are none.
fn text(json: &str) -> Option<Cow<'_, str>> {
    let inner = json.strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') {
        serde_json::from_str(json).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(inner))
    }
}

/// A number without exponent, and without zeros behind its fraction; `None` where that is too long.
fn plain(json: &str) -> Option<Cow<'_, str>> {
    let Some((digits, exponent)) = json.split_once(['e', 'E']) else {
        return Some(Cow::Borrowed(short(json)));
    };
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{whole}{fraction}");
    if all.bytes().all(|digit| digit == b'0') {
        return Some(Cow::Borrowed("0"));
    }
    let exponent: i64 = exponent.parse().ok()?;
    let point = i64::try_from(whole.len()).ok()?.checked_add(exponent)?;
    let zeros = |count: i64| {
        usize::try_from(count).ok().filter(|count| *count <= DIGITS).map(|count| "0".repeat(count))
    };
    let len = i64::try_from(all.len()).ok()?;
    let text = if point <= 0 {
        format!("{sign}0.{}{all}", zeros(-point)?)
    } else if point >= len {
        format!("{sign}{all}{}", zeros(point - len)?)
    } else {
        let (whole, fraction) = all.split_at_checked(usize::try_from(point).ok()?)?;
        format!("{sign}{whole}.{fraction}")
    };
    Some(Cow::Owned(short(&text).to_owned()))
}

fn short(number: &str) -> &str {
    if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { number }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn numbers_are_written_out() {
        for (json, expected) in [
            ("1", "1"),
            ("10.50", "10.5"),
            ("41.0", "41"),
            ("100", "100"),
            ("1e3", "1000"),
            ("-1.25E+1", "-12.5"),
            ("125e-2", "1.25"),
            ("1e-3", "0.001"),
            ("0e999999999999", "0"),
            ("-0.0", "-0"),
        ] {
            assert_eq!(plain(json).as_deref(), Some(expected), "{json}");
        }
        assert_eq!(plain("1e999999999"), None);
        assert_eq!(plain("1e99999999999999999999"), None);
    }
}
