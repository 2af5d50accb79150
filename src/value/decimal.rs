//! Exact decimal numbers.

/// An exact number: `mantissa / 10^scale`, with a mantissa of 128 bits.
///
/// Two decimals are equal when they stand for the same number, whatever their scale.
#[derive(Debug, Clone, Copy)]
pub struct Decimal {
    mantissa: i128,
    scale: u8,
}

impl Decimal {
    /// The greatest number of digits after the point.
    pub const MAX_SCALE: u8 = 36;

    /// `mantissa / 10^scale`; `None` when the scale is above [`Decimal::MAX_SCALE`].
    pub const fn new(mantissa: i128, scale: u8) -> Option<Self> {
        if scale > Self::MAX_SCALE { None } else { Some(Self { mantissa, scale }) }
    }

    /// A whole number.
    pub const fn from_int(value: i128) -> Self {
        Self { mantissa: value, scale: 0 }
    }

    /// The digits, without the point.
    pub const fn mantissa(self) -> i128 {
        self.mantissa
    }

    /// How many of the digits stand after the point.
    pub const fn scale(self) -> u8 {
        self.scale
    }
}
