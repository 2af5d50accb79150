//! What a column or an expression can hold.

use std::fmt;

mod decimal;
mod float;
mod fold;
mod pattern;
mod ratio;
mod sample;
mod vicinity;

pub use decimal::{Decimal, InvalidDecimal};
pub(crate) use float::{FloatSum, float_between, round_float};
#[cfg(feature = "sql")]
pub(crate) use fold::FOLDED;
pub(crate) use fold::fold_case;
pub(crate) use pattern::{Pattern, PatternError};
pub(crate) use sample::Sample;
pub(crate) use vicinity::{Reach, Vicinity};

/// The type of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// A whole number of 64 bits.
    Int,
    /// An exact number with this many digits after the point, held in 64 bits: `decimal(2)` reaches
    /// ±92,233,720,368,547,758.07.
    Decimal(u8),
    /// A 64-bit floating-point number.
    Float,
    /// Text; compared by code point.
    Text,
    /// A calendar day.
    Date,
    /// An instant, to the microsecond.
    DateTime,
    /// A set of texts.
    TextSet,
    /// A set of whole numbers.
    IntSet,
    /// A place: latitude and longitude in degrees.
    Geo,
    /// The key of a row in the lookup table of this name.
    Ref(String),
}

impl fmt::Display for Type {
    /// The spelling of the schema file: `decimal(2)`, `set<text>`, `ref<stores>`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("bool"),
            Self::Int => f.write_str("int"),
            Self::Decimal(scale) => write!(f, "decimal({scale})"),
            Self::Float => f.write_str("float"),
            Self::Text => f.write_str("text"),
            Self::Date => f.write_str("date"),
            Self::DateTime => f.write_str("datetime"),
            Self::TextSet => f.write_str("set<text>"),
            Self::IntSet => f.write_str("set<int>"),
            Self::Geo => f.write_str("geo"),
            Self::Ref(table) => write!(f, "ref<{table}>"),
        }
    }
}

/// One field of one row. A missing field is `None` of an `Option<Value>`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// An exact number.
    Decimal(Decimal),
    /// A finite floating-point number.
    Float(f64),
    /// Text.
    Text(String),
    /// A calendar day.
    Date(chrono::NaiveDate),
    /// An instant.
    DateTime(chrono::DateTime<chrono::Utc>),
    /// A set of texts, in any order; what occurs twice counts once.
    TextSet(Vec<String>),
    /// A set of whole numbers, in any order; what occurs twice counts once.
    IntSet(Vec<i64>),
    /// A place.
    Geo {
        /// Degrees north, −90 to 90.
        latitude: f64,
        /// Degrees east, −180 to 180.
        longitude: f64,
    },
}

/// The key of a row: a whole number or a text. Numbers come before texts, and are in ascending order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// A key of an `int` column.
    Int(i64),
    /// A key of a `text` column.
    Text(String),
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(key) => key.fmt(f),
            Self::Text(key) => key.fmt(f),
        }
    }
}

impl From<i64> for Key {
    fn from(key: i64) -> Self {
        Self::Int(key)
    }
}

impl From<&str> for Key {
    fn from(key: &str) -> Self {
        Self::Text(key.to_owned())
    }
}

impl From<String> for Key {
    fn from(key: String) -> Self {
        Self::Text(key)
    }
}

/// As the number or text that it is.
impl serde::Serialize for Key {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Int(key) => serializer.serialize_i64(*key),
            Self::Text(key) => serializer.serialize_str(key),
        }
    }
}

/// From a whole number or a text, out of a format that says which of them it has.
impl<'de> serde::Deserialize<'de> for Key {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl serde::de::Visitor<'_> for Reader {
            type Value = Key;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key, a whole number of 64 bits or a text")
            }

            fn visit_i64<E>(self, key: i64) -> Result<Key, E> {
                Ok(Key::Int(key))
            }

            fn visit_u64<E: serde::de::Error>(self, key: u64) -> Result<Key, E> {
                let too_large = |_| E::custom("a key that no whole number of 64 bits can hold");
                i64::try_from(key).map(Key::Int).map_err(too_large)
            }

            fn visit_str<E>(self, key: &str) -> Result<Key, E> {
                Ok(Key::Text(key.to_owned()))
            }
        }

        deserializer.deserialize_any(Reader)
    }
}
