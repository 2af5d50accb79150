//! Shares of customers that stay the same.

use super::{Decimal, Key};

/// A fixed pseudo-random share of all keys.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Sample {
    /// From 0 to 100, with at most 18 digits after the point.
    percent: Decimal,
    seed: String,
}

impl Sample {
    const MOST_DIGITS: u8 = 18;

    /// `None` where there is no such share.
    pub(crate) fn new(percent: Decimal, seed: impl Into<String>) -> Option<Self> {
        let exists = percent >= Decimal::from(0)
            && percent <= Decimal::from(100)
            && percent.scale() <= Self::MOST_DIGITS;
        exists.then(|| Self { percent, seed: seed.into() })
    }

    pub(crate) fn percent(&self) -> Decimal {
        self.percent
    }

    pub(crate) fn seed(&self) -> &str {
        &self.seed
    }

    /// Whether a key belongs to it: the first four bytes of MD5(seed ':' key), as a fraction of 2^32, are below the
    /// share.
    pub(crate) fn takes(&self, key: &Key) -> bool {
        let mut context = md5::Context::new();
        context.consume(&self.seed);
        context.consume(b":");
        match key {
            Key::Int(key) => context.consume(key.to_string()),
            Key::Text(key) => context.consume(key),
        }
        let [a, b, c, d, ..] = context.finalize().0;
        self.is_below(u32::from_be_bytes([a, b, c, d]))
    }

    /// `drawn / 2^32 < percent / 100`, exactly.
    fn is_below(&self, drawn: u32) -> bool {
        // INVARIANT: 100 * 10^18 * 2^32 fits into 128 bits.
        let hundred = 100 * 10_i128.pow(u32::from(self.percent.scale()));
        i128::from(drawn) * hundred < self.percent.mantissa() << 32
    }
}
