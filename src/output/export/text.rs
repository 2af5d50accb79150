//! Values as the text that they are read from.

use std::fmt::Write as _;

use chrono::{Datelike, FixedOffset, SecondsFormat};

use crate::value::Value;

/// Adds a value that is no set and no text.
pub(super) fn plain(value: &Value, to: &mut String) {
    let written = match value {
        Value::Bool(value) => write!(to, "{value}"),
        Value::Int(value) => write!(to, "{value}"),
        Value::Decimal(value) => write!(to, "{value}"),
        Value::Float(value) => write!(to, "{value:?}"),
        Value::Date(value) => write!(to, "{value}"),
        Value::DateTime(value) => {
            // The first and last hours of what can be written locally are of years that cannot.
            let hours = match value.year() {
                ..1 => 15,
                10_000.. => -15,
                _ => 0,
            };
            let written = match FixedOffset::east_opt(hours * 3_600).filter(|_| hours != 0) {
                Some(ahead) => {
                    value.with_timezone(&ahead).to_rfc3339_opts(SecondsFormat::AutoSi, true)
                }
                None => value.to_rfc3339_opts(SecondsFormat::AutoSi, true),
            };
            to.push_str(&written);
            Ok(())
        }
        Value::Geo { latitude, longitude } => write!(to, "{latitude:?};{longitude:?}"),
        Value::Text(text) => {
            to.push_str(text);
            Ok(())
        }
        Value::TextSet(_) | Value::IntSet(_) => Ok(()),
    };
    // INVARIANT: a `String` takes all that is written to it.
    debug_assert!(written.is_ok());
}
