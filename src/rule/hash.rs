//! The hash of a segment's conditions.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// What a segment's conditions say, in 32 bytes: the SHA-256 of its canonical text.
///
/// Two segments have the same hash when they say the same in the same order, whatever their layout, comments, names of
/// `let`s, titles, metadata, pins and kinds. A rule keeps its hash from one version of this crate to the next.
///
/// ```
/// use segmenta::{ContentHash, Rules, Schema, Type};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let schema = Schema::builder().customers("id").column("id", Type::Int).column("age", Type::Int).build()?;
/// let hash = |text| -> segmenta::Result<Option<ContentHash>> {
///     Ok(Rules::parse(&schema, text)?.segment("grown").map(|segment| segment.content_hash()))
/// };
/// let short = hash("segment grown { include age>=18 }")?;
/// assert_eq!(short, hash("let limit = 18  static segment grown 'Adults' { include age >= limit # in most places\n }")?);
/// assert_ne!(short, hash("segment grown { include age > 18 }")?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentHash([u8; 32]);

impl ContentHash {
    pub(crate) fn of(canonical_text: &str) -> Self {
        Self(hmac_sha256::Hash::hash(canonical_text.as_bytes()))
    }

    /// The hash as it is.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for ContentHash {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for ContentHash {
    /// 64 hex digits in lower case.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContentHash({self})")
    }
}

/// A text that is no [`ContentHash`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a content hash of 64 hex digits")]
#[non_exhaustive]
pub struct InvalidContentHash;

impl FromStr for ContentHash {
    type Err = InvalidContentHash;

    /// 64 hex digits, in any case.
    fn from_str(text: &str) -> Result<Self, InvalidContentHash> {
        let (digits, rest) = text.as_bytes().as_chunks::<2>();
        let mut bytes = [0; 32];
        if digits.len() != bytes.len() || !rest.is_empty() {
            return Err(InvalidContentHash);
        }
        for (byte, pair) in bytes.iter_mut().zip(digits) {
            let [high, low] = pair.map(|digit| char::from(digit).to_digit(16));
            let value = high.zip(low).map(|(high, low)| high * 16 + low);
            *byte = value.and_then(|value| value.try_into().ok()).ok_or(InvalidContentHash)?;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for ContentHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ContentHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Digits;
        impl de::Visitor<'_> for Digits {
            type Value = ContentHash;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a content hash of 64 hex digits")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<ContentHash, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Digits)
    }
}

#[cfg(test)]
mod tests {
    use super::ContentHash;

    /// NIST, FIPS 180-2, appendix B.1: the digest of `abc`.
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn it_is_sha_256() {
        assert_eq!(ContentHash::of("abc").to_string(), ABC);
        assert_eq!(format!("{:?}", ContentHash::of("abc")), format!("ContentHash({ABC})"));
    }

    #[test]
    fn text_and_back() {
        let hash = ContentHash::of("abc");
        assert_eq!(ABC.parse(), Ok(hash));
        assert_eq!(ABC.to_uppercase().parse(), Ok(hash));
        assert_eq!(ContentHash::from(*hash.as_bytes()), hash);
        let json = serde_json::to_string(&hash).unwrap();
        assert_eq!(json, format!("\"{ABC}\""));
        assert_eq!(serde_json::from_str::<ContentHash>(&json).unwrap(), hash);
        for wrong in
            ["", "ba78", ABC.trim_start_matches('b'), &format!("{ABC}0"), &format!("{ABC}00")]
        {
            assert!(wrong.parse::<ContentHash>().is_err(), "{wrong}");
        }
        for wrong in ["g", "+", " ", "é"] {
            let rest: String = ABC.chars().skip(wrong.len()).collect();
            let text = format!("{wrong}{rest}");
            assert!(text.parse::<ContentHash>().is_err(), "{text}");
        }
    }
}
