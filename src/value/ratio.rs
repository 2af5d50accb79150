//! The float nearest to a quotient of whole numbers.

use std::cmp::Ordering;

/// A whole number below 2^255, high half first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wide {
    high: u128,
    low: u128,
}

impl Wide {
    pub(super) const fn new(low: u128) -> Self {
        Self { high: 0, low }
    }

    /// The product; its factors are below 2^127 and 2^128.
    pub(super) fn product(a: u128, b: u128) -> Self {
        const HALF: u32 = 64;
        const MASK: u128 = u64::MAX as u128;
        let (a1, a0, b1, b0) = (a >> HALF, a & MASK, b >> HALF, b & MASK);
        let low = a0 * b0;
        let (middle, carry) = (a1 * b0).overflowing_add(a0 * b1);
        let (low, carry_low) = low.overflowing_add(middle << HALF);
        let high = a1 * b1 + (middle >> HALF) + (u128::from(carry) << HALF) + u128::from(carry_low);
        Self { high, low }
    }

    const fn bits(self) -> u32 {
        if self.high == 0 {
            128 - self.low.leading_zeros()
        } else {
            256 - self.high.leading_zeros()
        }
    }

    /// Whole bits must not be shifted out.
    fn shifted(self, bits: u32) -> Self {
        match bits {
            0 => self,
            1..128 => Self {
                high: (self.high << bits) | (self.low >> (128 - bits)),
                low: self.low << bits,
            },
            _ => Self { high: self.low.checked_shl(bits - 128).unwrap_or(0), low: 0 },
        }
    }

    /// `self - other`, which must not be greater.
    fn less(self, other: Self) -> Self {
        let (low, borrow) = self.low.overflowing_sub(other.low);
        Self { high: self.high.wrapping_sub(other.high).wrapping_sub(u128::from(borrow)), low }
    }
}

/// The float nearest to `numerator / denominator`, of two equally near the even one; `None` where the denominator is
/// zero.
pub(crate) fn ratio_to_f64(numerator: i128, denominator: u128) -> Option<f64> {
    /// Whole numbers below it are floats, and floats divide to the nearest float.
    const EXACT: u128 = 1 << 53;
    let magnitude = numerator.unsigned_abs();
    let quotient = if magnitude < EXACT && denominator < EXACT && denominator > 0 {
        nearest(magnitude) / nearest(denominator)
    } else {
        wide_ratio(Wide::new(magnitude), Wide::new(denominator))?
    };
    Some(if numerator < 0 { -quotient } else { quotient })
}

/// Of two magnitudes, by long division in base two.
pub(super) fn wide_ratio(numerator: Wide, denominator: Wide) -> Option<f64> {
    if denominator.bits() == 0 {
        return None;
    }
    if numerator.bits() == 0 {
        return Some(0.0);
    }
    let (mut rest, mut divisor, mut exponent) = (numerator, denominator, 0_i32);
    match rest.bits().cmp(&divisor.bits()) {
        Ordering::Equal => {}
        Ordering::Less => {
            let bits = divisor.bits() - rest.bits();
            rest = rest.shifted(bits);
            exponent -= bits.cast_signed();
        }
        Ordering::Greater => {
            let bits = rest.bits() - divisor.bits();
            divisor = divisor.shifted(bits);
            exponent += bits.cast_signed();
        }
    }
    // The quotient of both now lies between 1/2 and 2: at least 63 of these 64 bits count.
    let mut quotient = 0_u128;
    for _ in 0..64 {
        quotient <<= 1;
        if rest >= divisor {
            rest = rest.less(divisor);
            quotient |= 1;
        }
        rest = rest.shifted(1);
    }
    // What is left only decides between two halves, which the last bit can do as well.
    quotient |= u128::from(rest.bits() > 0);
    Some(nearest(quotient) * power_of_two(exponent - 63))
}

/// The float nearest to a whole number, of two equally near the even one.
#[expect(
    clippy::cast_precision_loss,
    reason = "rounding to nearest, ties to even, is what is asked for"
)]
pub(crate) fn nearest(number: u128) -> f64 {
    number as f64
}

/// 2 to this power, from -1074 to 1023.
pub(super) fn power_of_two(exponent: i32) -> f64 {
    let (shift, base) = if exponent >= -1022 { (52, 1023) } else { (0, 1074) };
    match u64::try_from(exponent + base) {
        Ok(bits) if shift == 0 => f64::from_bits(1 << bits),
        Ok(bits) => f64::from_bits(bits << shift),
        Err(_) => 0.0,
    }
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "whole numbers are rounded on purpose")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Expected values are Python's `float(Fraction(numerator, denominator))`.
    #[test]
    fn quotients_are_the_nearest_floats() {
        for (numerator, denominator, expected) in [
            (1, 3, 0.3333333333333333),
            (2, 3, 0.6666666666666666),
            (170141183460469231731687303715884105727, 1, 1.7014118346046923e+38),
            (-170141183460469231731687303715884105727, 3, -5.671372782015641e+37),
            (
                170141183460469231731687303715884105727,
                1000000000000000000000000000000000000,
                170.14118346046922,
            ),
            (1, 340282366920938463463374607431768211455, 2.938735877055719e-39),
            (1000000000000000000000000000001, 1000000000000000000000000000000, 1.0),
            (-5, 10000000000000000000000000000000000000, -5e-37),
            (
                1267650600228229401496703205377,
                170141183460469231731687303715884105729,
                7.450580596923828e-09,
            ),
            (123456789012345678901234567890, 987654321, 1.249999988734375e+20),
            (1615844390301145206868205325796, 65225510446115522596, 24773196549.163628),
            (41191490526328247094262499481693, 7999350999753991002, 5149354057297.277),
            (-5722340452780759740568693517716367, 10430779633273967791, -548601413697458.8),
            (180428795950673931602539320, 60468603905307201125832094507676, 2.983842594302695e-06),
            (21793336501709050205590, 133261983127278999271652525400, 1.6353753704005858e-07),
            (6042622173278516789137, 10197624029312462221001983342034, 5.9255196660608e-10),
        ] {
            assert_eq!(ratio_to_f64(numerator, denominator), Some(expected));
        }
    }

    #[test]
    fn of_two_nearest_floats_the_even_one() {
        let half = 1_i128 << 53;
        // 2^53 + 1 lies between 2^53 and 2^53 + 2, 2^53 + 3 between 2^53 + 2 and 2^53 + 4.
        assert_eq!(ratio_to_f64(half + 1, 1), Some(9_007_199_254_740_992.0));
        assert_eq!(ratio_to_f64(half + 3, 1), Some(9_007_199_254_740_996.0));
        assert_eq!(ratio_to_f64(-(half + 3), 1), Some(-9_007_199_254_740_996.0));
        assert_eq!(ratio_to_f64(10 * (half + 1) + 1, 10), Some(9_007_199_254_740_994.0));
        assert_eq!(ratio_to_f64(10 * (half + 1) - 1, 10), Some(9_007_199_254_740_992.0));
    }

    #[test]
    fn nothing_divides_by_zero() {
        assert_eq!(ratio_to_f64(1, 0), None);
        assert_eq!(ratio_to_f64(0, 0), None);
        assert_eq!(ratio_to_f64(0, u128::MAX), Some(0.0));
    }

    #[test]
    fn powers_of_two() {
        assert_eq!(power_of_two(0).to_bits(), 1.0_f64.to_bits());
        assert_eq!(power_of_two(-1074).to_bits(), 1);
        assert_eq!(power_of_two(-1023).to_bits(), (f64::MIN_POSITIVE / 2.0).to_bits());
        assert_eq!(power_of_two(-1022).to_bits(), f64::MIN_POSITIVE.to_bits());
        assert_eq!(power_of_two(1023).to_bits(), (f64::MAX / 2.0).ceil().to_bits() + 1);
    }

    proptest! {
        #[test]
        fn both_ways_of_division_agree(numerator in 0u64..1 << 53, denominator in 1u64..1 << 53) {
            let wide = wide_ratio(Wide::new(numerator.into()), Wide::new(denominator.into()));
            prop_assert_eq!(wide, Some(numerator as f64 / denominator as f64));
        }

        /// A float is its own nearest, and so is what lies within a quarter of the distance to its neighbours.
        #[test]
        fn the_nearest_float_is_found(fraction in 1u64 << 52..1 << 53, shift in 3u32..70, off in -1i128..=1) {
            let float = fraction as f64;
            let numerator = (i128::from(fraction) << shift) + off * (1 << (shift - 3));
            prop_assert_eq!(ratio_to_f64(numerator, 1 << shift), Some(float));
            prop_assert_eq!(ratio_to_f64(-numerator, 1 << shift), Some(-float));
        }

        #[test]
        fn a_product_is_wide(a in 0u128..1 << 127, b in any::<u128>(), c in 1u128..1 << 60) {
            // (a * b) / (a * b) and (a * c) / a.
            if a > 0 && b > 0 {
                prop_assert_eq!(wide_ratio(Wide::product(a, b), Wide::product(a, b)), Some(1.0));
                prop_assert_eq!(wide_ratio(Wide::product(a, c), Wide::new(a)), Some(nearest(c)));
            }
        }
    }
}
