//! Fields as the server sends them.

use std::error::Error;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use postgres::types::{FromSql, Kind, Type as SqlType};
use segmenta::Type;
use serde::Serialize;
use uuid::Uuid;

/// A field, which is read into its column by what it is. A `numeric` is a text, and so exact; a time without a zone is
/// local in that of the schema.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Cell {
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    Day(NaiveDate),
    Instant(DateTime<Utc>),
    Local(NaiveDateTime),
    Texts(Vec<Option<String>>),
    Ints(Vec<Option<i64>>),
}

/// What to say of a column that cannot be read as the schema's type.
pub fn misfit(name: &str, wanted: &Type, found: &SqlType) -> Option<String> {
    let known: &[&str] = match wanted {
        Type::Bool => &["bool"],
        Type::Int => &["int8", "int4", "int2"],
        Type::Decimal(_) => &["numeric", "int8", "int4", "int2"],
        Type::Float => &["float8", "float4", "int8", "int4", "int2"],
        Type::Text => &["text", "varchar", "bpchar", "citext", "uuid", "enum"],
        Type::Ref(_) => {
            &["int8", "int4", "int2", "text", "varchar", "bpchar", "citext", "uuid", "enum"]
        }
        Type::Date => &["date"],
        Type::DateTime => &["timestamptz", "timestamp"],
        Type::TextSet => &["_text", "_varchar"],
        Type::IntSet => &["_int8", "_int4"],
        _ => {
            return Some(format!(
                "column `{name}` is `{wanted}`, which is not read out of PostgreSQL"
            ));
        }
    };
    let found = if matches!(found.kind(), Kind::Enum(_)) { "enum" } else { found.name() };
    let fits = known.contains(&found);
    let known = known.join("`, `");
    (!fits).then(|| format!("column `{name}` is `{found}`, but `{wanted}` is read from `{known}`"))
}

impl<'a> FromSql<'a> for Cell {
    fn from_sql(ty: &SqlType, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(match *ty {
            SqlType::BOOL => Self::Bool(bool::from_sql(ty, raw)?),
            SqlType::INT2 => Self::Int(i16::from_sql(ty, raw)?.into()),
            SqlType::INT4 => Self::Int(i32::from_sql(ty, raw)?.into()),
            SqlType::INT8 => Self::Int(i64::from_sql(ty, raw)?),
            SqlType::FLOAT4 => Self::Float(f32::from_sql(ty, raw)?.into()),
            SqlType::FLOAT8 => Self::Float(f64::from_sql(ty, raw)?),
            SqlType::NUMERIC => Self::Text(decimal(raw)?),
            SqlType::DATE => Self::Day(NaiveDate::from_sql(ty, raw)?),
            SqlType::TIMESTAMPTZ => Self::Instant(DateTime::from_sql(ty, raw)?),
            SqlType::TIMESTAMP => Self::Local(NaiveDateTime::from_sql(ty, raw)?),
            SqlType::UUID => Self::Text(Uuid::from_sql(ty, raw)?.to_string()),
            // The blanks at its end fill it up and do not count.
            SqlType::BPCHAR => Self::Text(String::from_sql(ty, raw)?.trim_end_matches(' ').into()),
            SqlType::TEXT_ARRAY | SqlType::VARCHAR_ARRAY => Self::Texts(Vec::from_sql(ty, raw)?),
            SqlType::INT8_ARRAY => Self::Ints(Vec::from_sql(ty, raw)?),
            SqlType::INT4_ARRAY => {
                let numbers = Vec::<Option<i32>>::from_sql(ty, raw)?;
                Self::Ints(numbers.into_iter().map(|number| number.map(i64::from)).collect())
            }
            _ => Self::Text(String::from_sql(ty, raw)?),
        })
    }

    /// `misfit` has seen to it.
    fn accepts(_: &SqlType) -> bool {
        true
    }
}

/// A `numeric` comes as words of 16 bits: how many digits it has, the place of the first, the sign, how many decimals to
/// show, and the digits, each of which is four decimal ones.
fn decimal(raw: &[u8]) -> Result<String, &'static str> {
    let words: Vec<i16> =
        raw.chunks_exact(2).map(|word| i16::from_be_bytes([word[0], word[1]])).collect();
    let [_, first, sign, _, digits @ ..] = words.as_slice() else {
        return Err("a `numeric` that is cut short");
    };
    let sign = match sign.cast_unsigned() {
        0x0000 => "",
        0x4000 => "-",
        _ => return Err("NaN and infinity are not numbers that rules can compare"),
    };
    let point = (isize::from(*first) + 1) * 4;
    let (before, behind) = (point.max(0).unsigned_abs(), point.min(0).unsigned_abs());
    let digits: String = digits.iter().map(|digit| format!("{digit:04}")).collect();
    let digits = format!("{}{digits:0<before$}", "0".repeat(behind));
    let (whole, fraction) = digits.split_at(before);
    let fraction = fraction.trim_end_matches('0');
    let dot = if fraction.is_empty() { "" } else { "." };
    Ok(format!("{sign}0{whole}{dot}{fraction}"))
}
