//! Exact decimal numbers.

use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    str::FromStr,
};

use super::ratio::{Wide, ratio_to_f64, wide_ratio};

/// An exact number: `mantissa / 10^scale`, with a mantissa of 128 bits.
///
/// Two decimals are equal when they stand for the same number, whatever their scale.
///
/// ```
/// use segmenta::Decimal;
///
/// let price: Decimal = "10.90".parse()?;
/// assert_eq!((price.mantissa(), price.scale()), (1090, 2));
/// assert_eq!(Some(price), Decimal::new(109, 1));
/// assert_eq!(price.to_string(), "10.90");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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

    /// The same number with this many digits after the point; `None` where digits would be lost or the mantissa
    /// overflow.
    pub fn rescale(self, scale: u8) -> Option<Self> {
        let mantissa = if scale >= self.scale {
            self.mantissa.checked_mul(power_of_ten(scale - self.scale)?)?
        } else {
            let unit = power_of_ten(self.scale - scale)?;
            if self.mantissa % unit != 0 {
                return None;
            }
            self.mantissa / unit
        };
        Self::new(mantissa, scale)
    }

    /// The sum, with the greater scale of both; `None` where a mantissa overflows.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let sum = self.rescale(scale)?.mantissa.checked_add(other.rescale(scale)?.mantissa)?;
        Self::new(sum, scale)
    }

    /// The difference, with the greater scale of both; `None` where a mantissa overflows.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let rest = self.rescale(scale)?.mantissa.checked_sub(other.rescale(scale)?.mantissa)?;
        Self::new(rest, scale)
    }

    /// The product, with the scales added; `None` where the mantissa or the scale overflows.
    pub fn checked_mul(self, other: Self) -> Option<Self> {
        let mantissa = self.mantissa.checked_mul(other.mantissa)?;
        Self::new(mantissa, self.scale + other.scale)
    }

    /// With the sign turned; `None` where the mantissa overflows.
    pub fn checked_neg(self) -> Option<Self> {
        Self::new(self.mantissa.checked_neg()?, self.scale)
    }

    /// Without its sign; `None` where the mantissa overflows.
    pub fn checked_abs(self) -> Option<Self> {
        Self::new(self.mantissa.checked_abs()?, self.scale)
    }

    /// The float nearest to the exact quotient, of two equally near the even one; `None` for a division by zero.
    pub fn quotient(self, divisor: Self) -> Option<f64> {
        // a / 10^s : b / 10^t = a * 10^(t - s) : b
        let up = power_of_ten(divisor.scale.saturating_sub(self.scale))?.unsigned_abs();
        let down = power_of_ten(self.scale.saturating_sub(divisor.scale))?.unsigned_abs();
        let (above, below) = (self.mantissa.unsigned_abs(), divisor.mantissa.unsigned_abs());
        let short = above.checked_mul(up).and_then(|above| i128::try_from(above).ok());
        let quotient = match (short, below.checked_mul(down)) {
            (Some(above), Some(below)) => ratio_to_f64(above, below)?,
            _ => wide_ratio(Wide::product(up, above), Wide::product(down, below))?,
        };
        let negative = (self.mantissa < 0) != (divisor.mantissa < 0) && self.mantissa != 0;
        Some(if negative { -quotient } else { quotient })
    }

    /// The nearest float, of two equally near the even one.
    pub fn to_f64(self) -> f64 {
        self.quotient(Self::from_int(1)).unwrap_or(f64::NAN)
    }

    /// To this many digits after the point (before it, where negative), halves away from zero. The scale stays.
    /// `None` where the mantissa overflows.
    pub fn round(self, digits: i8) -> Option<Self> {
        let dropped = i16::from(self.scale) - i16::from(digits);
        let Ok(dropped) = u8::try_from(dropped) else {
            // More digits than there are; a distance above 255 is not possible.
            return Some(self);
        };
        let Some(unit) = power_of_ten(dropped) else {
            // No mantissa reaches half of 10^39.
            return Some(Self { mantissa: 0, ..self });
        };
        let rest = self.mantissa % unit;
        let down = self.mantissa - rest;
        let mantissa = match rest.unsigned_abs() >= unit.unsigned_abs().div_ceil(2) {
            false => down,
            true => down.checked_add(unit * self.mantissa.signum())?,
        };
        Some(Self { mantissa, ..self })
    }

    /// Without zeros at the end of the fraction: one form for each number.
    pub(crate) fn shortest(self) -> Self {
        let mut short = self;
        while short.scale > 0 && short.mantissa % 10 == 0 {
            short = Self { mantissa: short.mantissa / 10, scale: short.scale - 1 };
        }
        short
    }

    /// What stands before the point, and after it in units of 10^-36; both have the sign of the number.
    fn parts(self) -> (i128, i128) {
        let unit = power_of_ten(self.scale).unwrap_or(1);
        let fill = power_of_ten(Self::MAX_SCALE - self.scale).unwrap_or(1);
        (self.mantissa / unit, self.mantissa % unit * fill)
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.scale == other.scale {
            self.mantissa.cmp(&other.mantissa)
        } else {
            self.parts().cmp(&other.parts())
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for Decimal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let short = self.shortest();
        (short.mantissa, short.scale).hash(state);
    }
}

impl From<i64> for Decimal {
    fn from(value: i64) -> Self {
        Self::from_int(value.into())
    }
}

impl fmt::Display for Decimal {
    /// All digits of the scale: `10.90`, `-0.05`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.scale == 0 {
            return self.mantissa.fmt(f);
        }
        let scale = usize::from(self.scale);
        let digits = format!("{:0>1$}", self.mantissa.unsigned_abs(), scale + 1);
        let (whole, fraction) = digits.split_at_checked(digits.len() - scale).unwrap_or_default();
        f.pad_integral(self.mantissa >= 0, "", &format!("{whole}.{fraction}"))
    }
}

/// A text that is no [`Decimal`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidDecimal {
    /// Not digits with at most one point and a sign.
    #[error("expected a decimal number as `10.99`")]
    Malformed,
    /// More than 36 digits after the point, or more digits in all than 128 bits hold.
    #[error("the number has too many digits")]
    TooManyDigits,
}

impl FromStr for Decimal {
    type Err = InvalidDecimal;

    /// Digits, with a point and further digits or without, after a sign or none: `10.99`, `-5`, `+.5`.
    fn from_str(text: &str) -> Result<Self, InvalidDecimal> {
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (whole, fraction) = match unsigned.split_once('.') {
            Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
            None if !unsigned.is_empty() => (unsigned, ""),
            _ => return Err(InvalidDecimal::Malformed),
        };
        let digits = || whole.bytes().chain(fraction.bytes());
        if !digits().all(|digit| digit.is_ascii_digit()) {
            return Err(InvalidDecimal::Malformed);
        }
        let negative = text.starts_with('-');
        let add = |number: i128, digit: u8| {
            let digit = i128::from(digit - b'0');
            number.checked_mul(10)?.checked_add(if negative { -digit } else { digit })
        };
        let mantissa = digits().try_fold(0, add);
        let scale = u8::try_from(fraction.len()).ok();
        mantissa
            .zip(scale)
            .and_then(|(mantissa, scale)| Self::new(mantissa, scale))
            .ok_or(InvalidDecimal::TooManyDigits)
    }
}

/// `None` where it does not fit: from 10^39 on.
const fn power_of_ten(exponent: u8) -> Option<i128> {
    10_i128.checked_pow(exponent as u32)
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "whole numbers are rounded on purpose")]
mod tests {
    use std::hash::{BuildHasher, RandomState};

    use proptest::prelude::*;

    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn text_and_back() {
        for text in [
            "0",
            "0.00",
            "10.99",
            "-10.99",
            "-0.05",
            "5",
            "-5",
            "0.000000000000000000000000000000000001",
        ] {
            assert_eq!(decimal(text).to_string(), text);
        }
        assert_eq!(decimal("+.5").to_string(), "0.5");
        assert_eq!(decimal("-.5").to_string(), "-0.5");
        assert_eq!(decimal("007").to_string(), "7");
        assert_eq!(format!("{:>8}", decimal("-1.50")), "   -1.50");
        assert_eq!(decimal(&i128::MIN.to_string()).mantissa(), i128::MIN);
        assert_eq!(decimal(&i128::MAX.to_string()).mantissa(), i128::MAX);
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "", "-", "+", ".", "5.", "-.", "1e5", "1_000", "--1", "+-1", "1.2.3", " 1", "1 ", "٣",
            "NaN", "1,5",
        ] {
            assert_eq!(text.parse::<Decimal>(), Err(InvalidDecimal::Malformed), "{text}");
        }
        let long = [
            "1".repeat(40),
            "9".repeat(10_000),
            format!("0.{}", "0".repeat(37)),
            format!("0.{}", "0".repeat(300)),
        ];
        for text in long {
            assert_eq!(text.parse::<Decimal>(), Err(InvalidDecimal::TooManyDigits));
        }
    }

    #[test]
    fn the_number_counts_not_its_scale() {
        let state = RandomState::new();
        for (one, other) in [("1.50", "1.5"), ("-2", "-2.000"), ("0", "0.00"), ("-0", "0.0")] {
            assert_eq!(decimal(one), decimal(other));
            assert_eq!(state.hash_one(decimal(one)), state.hash_one(decimal(other)));
        }
        let ascending = [
            "-1e", "-10", "-1.01", "-1.001", "-1", "-0.1", "0", "0.01", "0.1", "1", "1.001",
            "1.01", "10",
        ];
        for pair in ascending[1..].windows(2) {
            assert!(decimal(pair[0]) < decimal(pair[1]), "{pair:?}");
        }
        let (least, most) = (Decimal::from_int(i128::MIN), Decimal::from_int(i128::MAX));
        let smallest = Decimal::new(1, 36).unwrap();
        assert!(least < smallest && smallest < most);
        assert!(Decimal::new(i128::MAX, 36).unwrap() < Decimal::from_int(171));
        assert!(Decimal::new(i128::MAX, 36).unwrap() > Decimal::from_int(170));
        assert!(Decimal::new(i128::MIN, 36).unwrap() > least);
    }

    #[test]
    fn arithmetic_is_exact_or_missing() {
        let sum = decimal("0.1").checked_add(decimal("0.25")).unwrap();
        assert_eq!(sum.to_string(), "0.35");
        assert_eq!(decimal("1").checked_sub(decimal("0.25")).unwrap().to_string(), "0.75");
        assert_eq!(decimal("1.5").checked_mul(decimal("-0.50")).unwrap().to_string(), "-0.750");
        let most = Decimal::from_int(i128::MAX);
        assert_eq!(most.checked_add(decimal("1")), None);
        assert_eq!(most.checked_add(decimal("0.1")), None);
        assert_eq!(most.checked_mul(decimal("2")), None);
        assert_eq!(Decimal::from_int(i128::MIN).checked_neg(), None);
        assert_eq!(Decimal::from_int(i128::MIN).checked_abs(), None);
        let long = Decimal::new(1, 20).unwrap();
        assert_eq!(long.checked_mul(long), None);
    }

    #[test]
    fn another_scale() {
        assert_eq!(decimal("1.5").rescale(3).unwrap().to_string(), "1.500");
        assert_eq!(decimal("1.500").rescale(1).unwrap().to_string(), "1.5");
        assert_eq!(decimal("1.55").rescale(1), None);
        assert_eq!(decimal("1").rescale(37), None);
        assert_eq!(Decimal::from_int(i128::MAX).rescale(1), None);
        assert_eq!(Decimal::from_int(0).rescale(36).unwrap().scale(), 36);
    }

    #[test]
    fn halves_are_rounded_away_from_zero() {
        for (number, digits, expected) in [
            ("2.5", 0, "3.0"),
            ("-2.5", 0, "-3.0"),
            ("2.45", 1, "2.50"),
            ("2.44", 1, "2.40"),
            ("-2.449", 1, "-2.400"),
            ("2.45", 5, "2.45"),
            ("150", -2, "200"),
            ("149.99", -2, "100.00"),
            ("-150", -2, "-200"),
            ("49", -2, "0"),
            ("99", -18, "0"),
        ] {
            assert_eq!(decimal(number).round(digits).unwrap().to_string(), expected);
        }
        let most = Decimal::new(i128::MAX, 20).unwrap();
        assert_eq!(most.round(-18), None);
        assert_eq!(Decimal::new(i128::MAX, 36).unwrap().round(-18).unwrap().mantissa(), 0);
        assert_eq!(Decimal::new(1 << 120, 20).unwrap().round(-18).unwrap().mantissa(), 0);
        assert_eq!(decimal("1").round(i8::MIN).unwrap(), decimal("0"));
        assert_eq!(decimal("1").round(i8::MAX).unwrap(), decimal("1"));
    }

    /// Expected values are Python's `float(Fraction(…))`.
    #[test]
    fn quotients_are_rounded_once() {
        for ((above, scale), (below, scale_below), expected) in [
            ((1, 0), (3, 0), 0.3333333333333333),
            ((1, 36), (170141183460469231731687303715884105727, 0), 5.877471754111437e-75),
            ((170141183460469231731687303715884105727, 0), (1, 36), 1.7014118346046924e+74),
            ((-170141183460469231731687303715884105727, 36), (7, 0), -24.305883351495606),
            (
                (170141183460469231731687303715884105727, 0),
                (-170141183460469231731687303715884105727, 36),
                -1e+36,
            ),
            (
                (170141183460469231731687303715884105727, 36),
                (170141183460469231731687303715884105726, 1),
                1e-35,
            ),
            ((999, 2), (1, 1), 99.9),
            ((1, 0), (1, 36), 1e+36),
            ((170141183460469231731687303715884105727, 5), (123456789, 30), 1.3781435985709074e+55),
            ((-1948326839328910214580, 34), (22636688601282329, 29), -0.8606942798243649),
            (
                (-13658950390777173682055, 15),
                (2517857506516366677265531351451, 5),
                -5.424830577356736e-19,
            ),
            ((-9343740666728786239573, 28), (268903431421, 4), -3.4747569480063865e-14),
            ((-33550, 10), (153169446305698090150700054575, 26), -2.1903846236435668e-09),
            ((61, 35), (30914446038590254355295, 20), 1.9731875487548503e-36),
            ((-6161969373327, 29), (861, 5), -7.156758854038328e-15),
        ] {
            let above = Decimal::new(above, scale).unwrap();
            let below = Decimal::new(below, scale_below).unwrap();
            assert_eq!(above.quotient(below), Some(expected));
        }
        assert_eq!(decimal("1").quotient(decimal("0.00")), None);
        assert_eq!(decimal("-0").quotient(decimal("-5")).map(f64::to_bits), Some(0));
    }

    fn any_decimal() -> impl Strategy<Value = Decimal> {
        let mantissa =
            prop_oneof![-1000i128..1000, any::<i64>().prop_map(i128::from), any::<i128>()];
        (mantissa, 0..=Decimal::MAX_SCALE)
            .prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale).unwrap())
    }

    proptest! {
        #[test]
        fn printed_and_read(number in any_decimal()) {
            let read = decimal(&number.to_string());
            prop_assert_eq!((read.mantissa(), read.scale()), (number.mantissa(), number.scale()));
        }

        #[test]
        fn order_is_that_of_the_difference(one in any_decimal(), other in any_decimal()) {
            if let Some(difference) = one.checked_sub(other) {
                prop_assert_eq!(one.cmp(&other), difference.mantissa().cmp(&0));
            }
            prop_assert_eq!(one.cmp(&other), other.cmp(&one).reverse());
        }

        #[test]
        fn another_scale_is_the_same_number(number in any_decimal(), scale in 0..=Decimal::MAX_SCALE) {
            if let Some(other) = number.rescale(scale) {
                prop_assert_eq!(other, number);
                prop_assert_eq!(other.shortest().mantissa(), number.shortest().mantissa());
                prop_assert_eq!(other.to_f64().to_bits(), number.to_f64().to_bits());
            }
        }

        #[test]
        fn floats_are_those_of_the_text(number in any_decimal()) {
            let expected: f64 = number.to_string().parse().unwrap();
            prop_assert_eq!(number.to_f64(), expected);
        }

        #[test]
        fn nothing_overflows(one in any_decimal(), other in any_decimal(), digits in any::<i8>()) {
            let _ = (one.checked_add(other), one.checked_mul(other), one.round(digits));
            let quotient = one.quotient(other);
            prop_assert_eq!(quotient.is_none(), other.mantissa() == 0);
            prop_assert!(quotient.is_none_or(f64::is_finite));
        }

        #[test]
        fn a_product_divided_is_its_factor(one in -1_000_000i64..1_000_000, other in 1i64..1_000_000, scale in 0u8..18) {
            let factor = Decimal::new(other.into(), scale).unwrap();
            let product = Decimal::from(one).checked_mul(factor).unwrap();
            prop_assert_eq!(product.quotient(factor), Some(one as f64));
        }
    }
}
