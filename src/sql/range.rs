//! Between which numbers a value lies, so that 64 bits are used where they are enough.

/// From the least to the greatest; what lies beyond 128 bits is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) low: i128,
    pub(super) high: i128,
    /// Whether nothing had to be cut off.
    pub(super) fits: bool,
}

impl Range {
    /// What a column of 64 bits holds.
    pub(super) const LONG: Self =
        Self { low: i64::MIN as i128, high: i64::MAX as i128, fits: true };
    /// What the language holds.
    pub(super) const ALL: Self = Self { low: i128::MIN, high: i128::MAX, fits: true };
    /// More rows than a customer can have.
    pub(super) const ROWS: Self = Self { low: 0, high: 1 << 32, fits: true };

    pub(super) fn only(number: i128) -> Self {
        Self { low: number, high: number, fits: true }
    }

    pub(super) fn new(low: Option<i128>, high: Option<i128>) -> Self {
        let fits = low.is_some() && high.is_some();
        Self { low: low.unwrap_or(i128::MIN), high: high.unwrap_or(i128::MAX), fits }
    }

    pub(super) fn is_within(self, low: i128, high: i128) -> bool {
        low <= self.low && self.high <= high && self.fits
    }

    pub(super) fn is_long(self) -> bool {
        self.is_within(Self::LONG.low, Self::LONG.high)
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self::new(self.low.checked_add(other.low), self.high.checked_add(other.high))
    }

    pub(super) fn minus(self, other: Self) -> Self {
        Self::new(self.low.checked_sub(other.high), self.high.checked_sub(other.low))
    }

    pub(super) fn times(self, other: Self) -> Self {
        let corners = [
            self.low.checked_mul(other.low),
            self.low.checked_mul(other.high),
            self.high.checked_mul(other.low),
            self.high.checked_mul(other.high),
        ];
        if corners.contains(&None) {
            return Self { fits: false, ..Self::ALL };
        }
        let known = corners.into_iter().flatten();
        Self::new(known.clone().min(), known.max())
    }

    /// Of the number without its sign.
    pub(super) fn absolute(self) -> Self {
        let ends = [self.low.checked_abs(), self.high.checked_abs()];
        let high =
            ends.into_iter().collect::<Option<Vec<_>>>().and_then(|ends| ends.into_iter().max());
        Self { low: 0, ..Self::new(Some(0), high) }
    }

    /// Of sums of so many such values, or none.
    pub(super) fn summed(self) -> Self {
        let with_none = Self { low: self.low.min(0), high: self.high.max(0), fits: self.fits };
        with_none.times(Self { low: 1, ..Self::ROWS })
    }

    pub(super) fn or(self, other: Self) -> Self {
        let (low, high) = (self.low.min(other.low), self.high.max(other.high));
        Self { low, high, fits: self.fits && other.fits }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_results_are_ends_of_the_sides() {
        let range = |low, high| Range { low, high, fits: true };
        assert_eq!(range(-2, 3).plus(range(10, 20)), range(8, 23));
        assert_eq!(range(-2, 3).minus(range(10, 20)), range(-22, -7));
        assert_eq!(range(-2, 3).times(range(-5, 4)), range(-15, 12));
        assert_eq!(range(-7, 3).absolute(), range(0, 7));
        assert_eq!(range(1, 2).or(range(5, 6)), range(1, 6));
        assert_eq!(range(5, 6).summed(), range(0, 6 << 32));
        assert!(Range::LONG.is_long() && !Range::LONG.plus(Range::LONG).is_long());
        assert!(Range::LONG.times(Range::LONG).fits);
        assert!(!Range::ALL.plus(Range::only(1)).fits && !Range::ALL.absolute().fits);
        assert!(!Range::LONG.times(Range::LONG).times(Range::LONG).fits);
    }
}
