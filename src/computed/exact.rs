//! Floats as texts: not every reader of a format gives back the float that was written.

use std::fmt;

use serde::{Deserializer, Serializer, de};

/// The shortest text that is this float and no other; in formats that people do not read, its bits.
pub(super) fn serialize<S: Serializer>(float: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() {
        serializer.collect_str(float)
    } else {
        serializer.serialize_f64(*float)
    }
}

/// A number is taken too.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    struct Float;

    impl de::Visitor<'_> for Float {
        type Value = f64;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a number, or a number as text")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<f64, E> {
            text.parse().map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
        }

        fn visit_f64<E>(self, float: f64) -> Result<f64, E> {
            Ok(float)
        }

        fn visit_i64<E: de::Error>(self, number: i64) -> Result<f64, E> {
            let small = i32::try_from(number).map(f64::from);
            small.map_err(|_| E::invalid_value(de::Unexpected::Signed(number), &self))
        }

        fn visit_u64<E: de::Error>(self, number: u64) -> Result<f64, E> {
            let small = u32::try_from(number).map(f64::from);
            small.map_err(|_| E::invalid_value(de::Unexpected::Unsigned(number), &self))
        }
    }

    if deserializer.is_human_readable() {
        deserializer.deserialize_any(Float)
    } else {
        deserializer.deserialize_f64(Float)
    }
}
