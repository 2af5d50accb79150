//! The spelling of types.

use crate::{diagnostic::nearest, value::Type};

/// Digits after the point that a column's 64 bits can hold.
const MAX_SCALE: u8 = 18;

/// A type that does not exist: what is wrong and what to do about it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UnknownType {
    pub(super) message: String,
    pub(super) help: String,
}

/// The type that is spelt `text`.
pub(super) fn parse_type(text: &str) -> Result<Type, UnknownType> {
    let word = text.trim();
    let simple = match word {
        "bool" => Type::Bool,
        "int" => Type::Int,
        "float" => Type::Float,
        "text" => Type::Text,
        "date" => Type::Date,
        "datetime" => Type::DateTime,
        "geo" => Type::Geo,
        _ => return parse_compound(word).unwrap_or_else(|| Err(unknown(word))),
    };
    Ok(simple)
}

/// `decimal(S)`, `set<…>`, `ref<…>`; `None` for anything of another shape.
fn parse_compound(word: &str) -> Option<Result<Type, UnknownType>> {
    if let Some(scale) = inside(word, "decimal", '(', ')') {
        return Some(parse_scale(scale));
    }
    if let Some(element) = inside(word, "set", '<', '>') {
        return Some(match element {
            "text" => Ok(Type::TextSet),
            "int" => Ok(Type::IntSet),
            _ => Err(UnknownType {
                message: format!("there are no sets of `{element}`"),
                help: "a set is a `set<text>` or a `set<int>`".to_owned(),
            }),
        });
    }
    inside(word, "ref", '<', '>')
        .filter(|table| !table.is_empty())
        .map(|table| Ok(Type::Ref(table.to_owned())))
}

fn inside<'a>(word: &'a str, name: &str, open: char, close: char) -> Option<&'a str> {
    let rest = word.strip_prefix(name)?.trim_start().strip_prefix(open)?;
    rest.strip_suffix(close).map(str::trim)
}

fn parse_scale(digits: &str) -> Result<Type, UnknownType> {
    let scale = digits.parse().ok().filter(|scale| *scale <= MAX_SCALE);
    scale.map(Type::Decimal).ok_or_else(|| UnknownType {
        message: format!("a decimal cannot have `{digits}` digits after the point"),
        help: format!("write a whole number from 0 to {MAX_SCALE}, as `decimal(2)`"),
    })
}

fn unknown(word: &str) -> UnknownType {
    let lower = word.to_lowercase();
    let known = match lower.as_str() {
        "string" | "str" | "varchar" | "char" | "utf8" | "enum" | "uuid" => Some("text"),
        "integer" | "long" | "bigint" | "smallint" | "int8" | "int16" | "int32" | "int64"
        | "i32" | "i64" => Some("int"),
        "boolean" => Some("bool"),
        "double" | "real" | "float32" | "float64" | "f32" | "f64" => Some("float"),
        "decimal" | "numeric" | "money" | "number" | "currency" => Some("decimal(2)"),
        "timestamp" | "timestamptz" | "time" | "instant" | "date-time" => Some("datetime"),
        "day" => Some("date"),
        "set" | "list" | "array" | "tags" => Some("set<text>"),
        "location" | "point" | "place" => Some("geo"),
        "ref" | "ref<>" | "reference" => Some("ref<TABLE>"),
        _ => nearest(&lower, ["bool", "int", "float", "text", "date", "datetime", "geo"]),
    };
    let help = match known {
        Some(known) => format!("did you mean `{known}`?"),
        None => "the types are `bool`, `int`, `decimal(S)`, `float`, `text`, `date`, `datetime`, \
                 `set<text>`, `set<int>`, `geo` and `ref<TABLE>`"
            .to_owned(),
    };
    UnknownType { message: format!("unknown type `{word}`"), help }
}
