//! Any value that a format which describes itself can hold, no deeper than a rule may nest.
//!
//! What a config file or a front end writes is first read into this, so that one place keeps the limit of nesting and
//! every mistake can be told with its path.

use std::{collections::HashSet, fmt};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor},
    ser::{SerializeMap, SerializeSeq},
};

use crate::{diagnostic::Code, limits::Limits};

#[derive(Debug, Clone)]
pub(crate) enum Data {
    Null,
    Bool(bool),
    Whole(i128),
    Float(f64),
    Text(String),
    List(Vec<Data>),
    /// In the order of the file; no key twice.
    Table(Vec<(String, Data)>),
}

impl Data {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A table of these fields.
    pub(crate) fn table<const N: usize>(fields: [(&str, Self); N]) -> Self {
        Self::Table(fields.map(|(key, value)| (key.to_owned(), value)).into())
    }

    /// The field of a table.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Table(fields) = self else { return None };
        fields.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// A number as the shortest decimal that is it; the text of a text.
    pub(crate) fn digits(&self) -> Option<String> {
        match self {
            Self::Whole(number) => Some(number.to_string()),
            Self::Float(number) => Some(number.to_string()),
            Self::Text(text) => Some(text.trim().to_owned()),
            _ => None,
        }
    }

    /// What it is, for people.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "a boolean",
            Self::Whole(_) | Self::Float(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}

/// Tables are equal whatever the order of their fields.
impl PartialEq for Data {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(left), Self::Bool(right)) => left == right,
            (Self::Whole(left), Self::Whole(right)) => left == right,
            (Self::Float(left), Self::Float(right)) => left == right,
            (Self::Text(left), Self::Text(right)) => left == right,
            (Self::List(left), Self::List(right)) => left == right,
            (Self::Table(left), Self::Table(right)) => {
                left.len() == right.len()
                    && left.iter().all(|(key, value)| other.get(key) == Some(value))
            }
            _ => false,
        }
    }
}

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            // Not every format has numbers of 128 bits.
            Self::Whole(number) => match (i64::try_from(*number), u64::try_from(*number)) {
                (Ok(number), _) => serializer.serialize_i64(number),
                (_, Ok(number)) => serializer.serialize_u64(number),
                _ => serializer.serialize_i128(*number),
            },
            Self::Float(number) => serializer.serialize_f64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(elements) => {
                let mut list = serializer.serialize_seq(Some(elements.len()))?;
                elements.iter().try_for_each(|element| list.serialize_element(element))?;
                list.end()
            }
            Self::Table(fields) => {
                let mut table = serializer.serialize_map(Some(fields.len()))?;
                fields.iter().try_for_each(|(key, value)| table.serialize_entry(key, value))?;
                table.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Reader { left: most_levels() }.deserialize(deserializer)
    }
}

/// Lists and tables around one another: a level of a rule is at most a table and a list in it.
fn most_levels() -> usize {
    2 * Limits::default().nesting + 4
}

impl Data {
    /// How many lists and tables stand around one another.
    pub(crate) fn levels(&self) -> usize {
        match self {
            Self::List(elements) => 1 + elements.iter().map(Self::levels).max().unwrap_or(0),
            Self::Table(fields) => {
                1 + fields.iter().map(|(_, value)| value.levels()).max().unwrap_or(0)
            }
            _ => 0,
        }
    }

    /// Whether it could not be read again.
    pub(crate) fn is_too_deep(&self) -> bool {
        self.levels() > most_levels()
    }
}

/// Reads a value of so many levels at most.
#[derive(Clone, Copy)]
struct Reader {
    left: usize,
}

impl Reader {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        let left = self.left.checked_sub(1).ok_or_else(|| {
            let (code, limit) = (Code::NestedTooDeep, Limits::default().nesting);
            E::custom(format!("{code}: nested more than {limit} deep"))
        })?;
        Ok(Self { left })
    }
}

impl<'de> DeserializeSeed<'de> for Reader {
    type Value = Data;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Data, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader {
    type Value = Data;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number, a boolean, a list or a table")
    }

    fn visit_unit<E>(self) -> Result<Data, E> {
        Ok(Data::Null)
    }

    fn visit_none<E>(self) -> Result<Data, E> {
        Ok(Data::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Data, D::Error> {
        self.deeper()?.deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Data, D::Error> {
        self.deeper()?.deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Data, E> {
        Ok(Data::Bool(value))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Data, E> {
        Ok(Data::Whole(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Data, E> {
        Ok(Data::Whole(number.into()))
    }

    fn visit_i128<E>(self, number: i128) -> Result<Data, E> {
        Ok(Data::Whole(number))
    }

    fn visit_u128<E: serde::de::Error>(self, number: u128) -> Result<Data, E> {
        let fits = i128::try_from(number).map(Data::Whole);
        fits.map_err(|_| E::custom("a number that no rule can hold"))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Data, E> {
        Ok(Data::Float(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Data, E> {
        Ok(Data::text(text))
    }

    fn visit_string<E>(self, text: String) -> Result<Data, E> {
        Ok(Data::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Data, A::Error> {
        let inner = self.deeper()?;
        let mut elements = Vec::new();
        while let Some(element) = list.next_element_seed(inner)? {
            elements.push(element);
        }
        Ok(Data::List(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<Data, A::Error> {
        let inner = self.deeper()?;
        let mut fields: Vec<(String, Data)> = Vec::new();
        while let Some(key) = table.next_key::<String>()? {
            fields.push((key, table.next_value_seed(inner)?));
        }
        let mut seen = HashSet::new();
        match fields.iter().find(|(key, _)| !seen.insert(key.as_str())) {
            Some((key, _)) => Err(A::Error::custom(format!("`{key}` stands here twice"))),
            None => Ok(Data::Table(fields)),
        }
    }
}
