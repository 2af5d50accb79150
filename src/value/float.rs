//! Floating-point numbers with results that do not depend on the order of the steps.

use super::ratio::{nearest, power_of_two, ratio_to_f64};

const FRACTION_BITS: u32 = 52;
/// The exponent of the smallest float above zero.
const LEAST: i32 = -1074;
/// 2,098 bits hold every float; what is above them is room for sums.
const LIMBS: usize = 68;
const LIMB_BITS: usize = 32;
/// Each number adds less than 2^32 to a limb of 63 bits.
const SETTLE_AFTER: u32 = 1 << 30;

/// The exact sum of any number of floats, in any order: one fixed-point number that is as wide as all floats.
#[derive(Clone)]
pub(crate) struct FloatSum {
    /// Least first, in units of 2^-1074. Each counts 32 bits, and may hold more or be negative until it is settled.
    limbs: [i64; LIMBS],
    /// From here to `end` limbs may be other than 0; the one before `end` is for what is carried.
    start: usize,
    end: usize,
    unsettled: u32,
    finite: bool,
}

impl Default for FloatSum {
    fn default() -> Self {
        Self { limbs: [0; LIMBS], start: LIMBS, end: 0, unsettled: 0, finite: true }
    }
}

impl FloatSum {
    pub(crate) fn add(&mut self, number: f64) {
        if !number.is_finite() {
            self.finite = false;
            return;
        }
        let (fraction, exponent) = parts(number);
        let position = usize::try_from(exponent - LEAST).unwrap_or(0);
        let wide = u128::from(fraction) << (position % LIMB_BITS);
        let sign = if number < 0.0 { -1 } else { 1 };
        let first = position / LIMB_BITS;
        for (index, limb) in self.limbs.iter_mut().skip(first).take(3).enumerate() {
            let bits = (wide >> (LIMB_BITS * index)) & u128::from(u32::MAX);
            *limb += sign * i64::try_from(bits).unwrap_or(0);
        }
        (self.start, self.end) = (self.start.min(first), self.end.max(first + 4));
        self.unsettled += 1;
        if self.unsettled >= SETTLE_AFTER {
            settle(&mut self.limbs);
            (self.start, self.end, self.unsettled) = (0, LIMBS, 0);
        }
    }

    /// Adds all that was added to another sum.
    pub(crate) fn join(&mut self, other: &Self) {
        let mut more = other.limbs;
        settle(&mut more);
        settle(&mut self.limbs);
        self.limbs.iter_mut().zip(more).for_each(|(limb, more)| *limb += more);
        (self.start, self.end, self.unsettled) = (0, LIMBS, 1);
        self.finite &= other.finite;
    }

    /// The float nearest to the sum, of two equally near the even one; `None` where the sum is beyond all floats or
    /// a number was none.
    pub(crate) fn total(&self) -> Option<f64> {
        let mut copy = self.limbs;
        let limbs = copy.get_mut(self.start..self.end).unwrap_or_default();
        let negative = settle(limbs) < 0;
        if negative {
            limbs.iter_mut().for_each(|limb| *limb = -*limb);
            settle(limbs);
        }
        let Some(highest) = limbs.iter().rposition(|&limb| limb != 0) else {
            return self.finite.then_some(0.0);
        };
        // Three limbs hold at least 65 bits, or all there are; what is below only decides between two halves.
        let lowest = highest.saturating_sub(2);
        let (below, head) = limbs.split_at_checked(lowest)?;
        let join = |bits: u128, limb: &i64| bits << LIMB_BITS | u128::from(limb.unsigned_abs());
        let mut bits = head.iter().take(3).rev().fold(0, join);
        bits |= u128::from(below.iter().any(|&limb| limb != 0));
        let position = (self.start + lowest) * LIMB_BITS;
        let total = nearest(bits) * power_of_two(i32::try_from(position).ok()? + LEAST);
        let fits = self.finite && total.is_finite();
        fits.then_some(if negative { -total } else { total })
    }
}

/// Carries what is above 32 bits from limb to limb. The highest keeps what is carried to it, and the sign of the sum;
/// it is returned.
fn settle(limbs: &mut [i64]) -> i64 {
    let Some((highest, limbs)) = limbs.split_last_mut() else { return 0 };
    let mut carry = 0;
    for limb in limbs {
        let full = *limb + carry;
        *limb = full & i64::from(u32::MAX);
        carry = full >> LIMB_BITS;
    }
    *highest += carry;
    *highest
}

/// The point that is so many of all parts of the way from one number to a greater one, as R has it:
/// `low + part × (high - low)`.
pub(crate) fn float_between(low: f64, high: f64, parts: u32, all: u32) -> f64 {
    let part = f64::from(parts) / f64::from(all);
    let way = high - low;
    let point = if way.is_finite() { low + part * way } else { low * (1.0 - part) + high * part };
    point.max(low).min(high)
}

/// `number` to this many digits after the point (before it, where negative; from -18 to 18), halves away from zero:
/// the float nearest to the exact decimal value of `number`, rounded.
pub(crate) fn round_float(number: f64, digits: i8) -> f64 {
    /// From here on floats are whole.
    const WHOLE: f64 = 9_007_199_254_740_992.0;
    /// From here on half a step of 10^18 is less than a quarter of the distance between floats.
    const COARSE: f64 = 1_329_227_995_784_915_872_903_807_060_280_344_576.0;
    let magnitude = number.abs();
    let unit = 10_u128.pow(u32::from(digits.unsigned_abs().min(18)));
    let rounded = if !number.is_finite() {
        return number;
    } else if digits >= 0 && magnitude >= WHOLE || magnitude >= COARSE {
        magnitude
    } else if digits >= 0 {
        let (fraction, exponent) = parts(magnitude);
        // `magnitude` is below 2^53, so the exponent is negative or the number 0 to 2^53 as it stands.
        let scaled = u128::from(fraction) * unit;
        let steps = match exponent.unsigned_abs() {
            0 => scaled,
            // `scaled` is below 2^113.
            120.. => 0,
            bits => (scaled + (1 << (bits - 1))) >> bits,
        };
        i128::try_from(steps).ok().and_then(|steps| ratio_to_f64(steps, unit)).unwrap_or(magnitude)
    } else {
        // What is behind the point cannot matter: half a step is a whole number.
        nearest((whole_part(magnitude) + unit / 2) / unit * unit)
    };
    // No negative zero.
    if number < 0.0 && rounded != 0.0 { -rounded } else { rounded }
}

/// Of a number from 0 to 2^120.
fn whole_part(number: f64) -> u128 {
    let (fraction, exponent) = parts(number);
    let fraction = u128::from(fraction);
    let bits = exponent.unsigned_abs();
    if exponent >= 0 { fraction << bits } else { fraction.checked_shr(bits).unwrap_or(0) }
}

/// `fraction * 2^exponent`, without the sign; the fraction is below 2^53.
fn parts(number: f64) -> (u64, i32) {
    let bits = number.to_bits();
    let fraction = bits & ((1 << FRACTION_BITS) - 1);
    let exponent = i32::try_from(bits >> FRACTION_BITS & 0x7ff).unwrap_or(0);
    if exponent == 0 {
        (fraction, LEAST)
    } else {
        (fraction | 1 << FRACTION_BITS, exponent + LEAST - 1)
    }
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "whole numbers are rounded on purpose")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sum(numbers: &[f64]) -> Option<f64> {
        let mut sum = FloatSum::default();
        for &number in numbers {
            sum.add(number);
        }
        sum.total()
    }

    fn bits(number: Option<f64>) -> Option<u64> {
        number.map(f64::to_bits)
    }

    #[test]
    fn a_sum_is_settled_now_and_then() {
        let mut sum = FloatSum { unsettled: SETTLE_AFTER - 3, ..FloatSum::default() };
        for number in [1e300, -1e-300, -3e300, 1e-300, 0.25, 1e300, 1e300, -1.0] {
            sum.add(number);
        }
        assert!(sum.unsettled < 10);
        assert_eq!(sum.total(), Some(-0.75));
    }

    #[test]
    fn sums_are_joined() {
        let numbers = [1e300, -1e-300, -3e300, 1e-300, 0.25, 1e300, 1e300, -1.0, -0.0, f64::MAX];
        for split in 0..=numbers.len() {
            let (one, other) = numbers.split_at(split);
            let mut whole = FloatSum::default();
            for part in [&[][..], one, other, &[-f64::MAX]] {
                let mut sum = FloatSum::default();
                part.iter().for_each(|number| sum.add(*number));
                whole.join(&sum);
            }
            assert_eq!(whole.total(), Some(-0.75), "{split}");
        }
        let mut sum = FloatSum::default();
        sum.add(1.0);
        let mut none = FloatSum::default();
        none.add(f64::NAN);
        sum.join(&none);
        assert_eq!(sum.total(), None);
    }

    #[test]
    fn sums_are_exact() {
        assert_eq!(bits(sum(&[])), Some(0));
        assert_eq!(bits(sum(&[-0.0, -0.0])), Some(0));
        assert_eq!(sum(&[0.1; 10]), Some(1.0));
        assert_eq!(sum(&[1e100, 1.0, -1e100]), Some(1.0));
        assert_eq!(sum(&[1e308, 1e308, -1e308]), Some(1e308));
        assert_eq!(sum(&[f64::MAX, f64::MAX]), None);
        assert_eq!(sum(&[-f64::MAX, -f64::MAX, f64::MAX]), Some(-f64::MAX));
        assert_eq!(sum(&[f64::NAN]), None);
        assert_eq!(sum(&[f64::INFINITY, f64::NEG_INFINITY]), None);
        assert_eq!(sum(&[5e-324, 5e-324]), Some(1e-323));
        assert_eq!(sum(&[f64::MIN_POSITIVE, -5e-324]), Some(2.225_073_858_507_201e-308));
    }

    /// Half of the distance from 1 to the next float, and then the least float in either direction.
    #[test]
    fn a_sum_between_two_floats_is_rounded_once() {
        let half = f64::EPSILON / 2.0;
        assert_eq!(sum(&[1.0, half]), Some(1.0));
        assert_eq!(sum(&[1.0, half, 5e-324]), Some(1.0 + f64::EPSILON));
        assert_eq!(sum(&[1.0, half, -5e-324]), Some(1.0));
        assert_eq!(sum(&[-1.0, -half, -5e-324]), Some(-1.0 - f64::EPSILON));
        assert_eq!(sum(&[1.0 + f64::EPSILON, half]), Some(1.0 + 2.0 * f64::EPSILON));
        // The greatest float, and half of its distance to what would come next.
        let half = power_of_two(970);
        assert_eq!(sum(&[f64::MAX, half.next_down()]), Some(f64::MAX));
        assert_eq!(sum(&[f64::MAX, half]), None);
        assert_eq!(sum(&[-half, -f64::MAX]), None);
    }

    /// Expected values are Python's, from exact fractions.
    #[test]
    fn rounding_sees_the_exact_value() {
        for (number, digits, expected) in [
            (2.5, 0, 3.0),
            (-2.5, 0, -3.0),
            (0.5, 0, 1.0),
            (0.49999999999999994, 0, 0.0),
            (2.675, 2, 2.67),
            (1.005, 2, 1.0),
            (-1.005, 2, -1.0),
            (1.125, 2, 1.13),
            (0.1, 18, 0.1),
            (123456.789, -2, 123500.0),
            (150.0, -2, 200.0),
            (149.99999999999997, -2, 100.0),
            (1e+300, -18, 1e+300),
            (4503599627370495.5, 0, 4503599627370496.0),
            (9007199254740991.0, 1, 9007199254740991.0),
            (5e+17, -18, 1e+18),
            (4.9999999999999994e+17, -18, 0.0),
            (1.5e+18, -18, 2e+18),
            (1e-18, 18, 1e-18),
            (4.9e-19, 18, 0.0),
            (5.1e-19, 18, 1e-18),
            (3.3e+35, -18, 3.3e+35),
            (1.3e+36, -18, 1.3e+36),
            (1e+22, -3, 1e+22),
            (889362190215874.9, -14, 900000000000000.0),
            (-8786.611448055606, 18, -8786.611448055606),
            (9861918789332.682, 0, 9861918789333.0),
            (4332555.887966072, -17, 0.0),
            (8812971.332921876, -8, 0.0),
            (2218390869661537.2, -15, 2000000000000000.0),
            (-563.5844503606411, -10, 0.0),
            (4767267591.895883, 7, 4767267591.895883),
            (8336324523601228.0, -13, 8340000000000000.0),
            (-6672674350.561589, 17, -6672674350.561589),
        ] {
            assert_eq!(round_float(number, digits), expected, "{number} {digits}");
        }
    }

    #[test]
    fn what_cannot_be_rounded_stays() {
        assert_eq!(round_float(f64::MAX, -18), f64::MAX);
        assert_eq!(round_float(f64::MAX, 18), f64::MAX);
        assert_eq!(bits(Some(round_float(-0.0, 2))), Some(0));
        assert_eq!(bits(Some(round_float(-0.001, 2))), Some(0));
        assert_eq!(round_float(5e-324, 18), 0.0);
        assert!(round_float(f64::NAN, 0).is_nan());
    }

    proptest! {
        #[test]
        fn the_order_does_not_matter(
            mut numbers in prop::collection::vec(prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL, 0..20),
        ) {
            let forward = sum(&numbers);
            numbers.reverse();
            prop_assert_eq!(bits(sum(&numbers)), bits(forward));
            numbers.sort_by(f64::total_cmp);
            prop_assert_eq!(bits(sum(&numbers)), bits(forward));
        }

        #[test]
        fn two_numbers_add_up_as_ever(
            one in prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL,
            other in prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL,
        ) {
            let expected = Some(one + other).filter(|sum| sum.is_finite());
            prop_assert_eq!(sum(&[one, other]), expected);
        }

        #[test]
        fn what_is_taken_away_again_does_not_count(
            numbers in prop::collection::vec(prop::num::f64::NORMAL, 1..20),
            last in prop::num::f64::NORMAL,
        ) {
            let mut total = FloatSum::default();
            numbers.iter().for_each(|&number| total.add(number));
            total.add(last);
            numbers.iter().for_each(|&number| total.add(-number));
            prop_assert_eq!(total.total(), Some(last));
        }

        #[test]
        fn whole_numbers_add_up(numbers in prop::collection::vec(-1i64 << 52..1 << 52, 0..50)) {
            let floats: Vec<f64> = numbers.iter().map(|&number| number as f64).collect();
            let exact: i128 = numbers.iter().map(|&number| i128::from(number)).sum();
            prop_assert_eq!(sum(&floats), Some(exact as f64));
        }

        #[test]
        fn nothing_overflows(number in prop::num::f64::ANY, digits in any::<i8>()) {
            let _ = round_float(number, digits);
        }
    }
}
