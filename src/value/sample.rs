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

    /// A key belongs to it if what is drawn, from 0 to 2^32 − 1, is below this.
    #[cfg(feature = "sql")]
    pub(crate) fn bound(&self) -> u64 {
        let hundred = 100 * 10_i128.pow(u32::from(self.percent.scale()));
        let bound = ((self.percent.mantissa() << 32) + hundred - 1) / hundred;
        u64::try_from(bound).unwrap_or(u64::MAX)
    }

    /// `drawn / 2^32 < percent / 100`, exactly.
    fn is_below(&self, drawn: u32) -> bool {
        // INVARIANT: 100 * 10^18 * 2^32 fits into 128 bits.
        let hundred = 100 * 10_i128.pow(u32::from(self.percent.scale()));
        i128::from(drawn) * hundred < self.percent.mantissa() << 32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(percent: &str, seed: &str) -> Sample {
        Sample::new(percent.parse().unwrap(), seed).unwrap()
    }

    /// Drawn numbers are Python's `int.from_bytes(hashlib.md5(b"holdout-1:1").digest()[:4], "big")`: 206378050, which
    /// is 4.80511… percent of 2^32; for `c-5` 6.73106…
    #[test]
    fn a_key_stands_at_its_fraction() {
        for (below, above, key) in [
            ("4.8051", "4.8052", Key::Int(1)),
            ("61.0469", "61.0471", Key::Int(-7)),
            ("6.73106", "6.73107", Key::from("c-5")),
            ("62.1901", "62.1902", Key::from("Åsa")),
        ] {
            assert!(!sample(below, "holdout-1").takes(&key), "{key}");
            assert!(sample(above, "holdout-1").takes(&key), "{key}");
        }
    }

    #[test]
    fn the_edge_is_exact() {
        assert!(sample("25", "").is_below((1 << 30) - 1));
        assert!(!sample("25", "").is_below(1 << 30));
        assert!(sample("25.000000000000000001", "").is_below(1 << 30));
        assert!(!sample("24.999999999999999999", "").is_below(1 << 30));
        assert!(sample("100", "").is_below(u32::MAX));
        assert!(sample("100.000000000000000000", "").is_below(u32::MAX));
        assert!(!sample("0", "").is_below(0));
        assert!(sample("0.000000000000000001", "").is_below(0));
    }

    #[test]
    fn there_is_no_share_beyond_all_or_below_none() {
        for percent in ["-1", "100.01", "101", "0.0000000000000000001"] {
            assert_eq!(Sample::new(percent.parse().unwrap(), "x"), None);
        }
    }

    #[test]
    fn a_tenth_is_about_a_tenth() {
        let tenth = sample("10", "s");
        let taken = (0..100_000).filter(|key| tenth.takes(&Key::Int(*key))).count();
        // As counted by a script of its own.
        assert_eq!(taken, 10_045);
    }
}
