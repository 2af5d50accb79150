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
