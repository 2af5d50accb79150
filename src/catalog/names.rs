//! How types and values are written, in rules and serialised.

use chrono::SecondsFormat;
use serde::Serializer;

use crate::{
    rule::SegmentKind,
    syntax,
    value::{Key, Type, Value},
};

pub(super) fn type_name<S: Serializer>(ty: &Type, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(ty)
}

pub(super) fn segment_kind<S: Serializer>(
    kind: &SegmentKind,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match kind {
        SegmentKind::Static => "static",
        SegmentKind::Dynamic => "dynamic",
    })
}

pub(super) fn value<S: Serializer>(value: &Value, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Value::Bool(value) => serializer.serialize_bool(*value),
        Value::Int(value) => serializer.serialize_i64(*value),
        Value::Float(value) => serializer.serialize_f64(*value),
        other => serializer.serialize_str(&plain(other)),
    }
}

/// The value as it is written in rules.
pub(super) fn written(value: &Value) -> String {
    match value {
        Value::Text(text) => syntax::written_text(text),
        other => plain(other),
    }
}

pub(super) fn of_key(key: Key) -> Value {
    match key {
        Key::Int(key) => Value::Int(key),
        Key::Text(key) => Value::Text(key),
    }
}

/// Sets and places are neither counted nor compared, so they have no form.
fn plain(value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Decimal(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        Value::Text(value) => value.clone(),
        Value::Date(value) => value.to_string(),
        Value::DateTime(value) => value.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        Value::TextSet(_) | Value::IntSet(_) | Value::Geo { .. } => String::new(),
    }
}
