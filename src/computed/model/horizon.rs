//! How far to look ahead.

use super::{BgNbd, History};

/// The time from today on over which orders are expected, and what they count for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Horizon {
    /// Days, and the weight of the orders to expect up to there. The weights are positive.
    ends: Vec<(u32, f64)>,
}

impl Horizon {
    /// That many days, all orders counting in full.
    pub(crate) fn days(days: u32) -> Self {
        Self { ends: vec![(days, 1.0)] }
    }

    /// Months that end that many days from today, with a discount rate a year (0.1 for 10 percent): an order in the
    /// m-th month counts (1 + rate)^(−m / 12), as if it were paid at the month's end.
    ///
    /// `None` unless the ends ascend strictly from above 0 and the rate is 0 or more and finite.
    pub(crate) fn months(ends: &[u32], yearly_rate: f64) -> Option<Self> {
        let ascends = ends.first().is_some_and(|first| *first > 0)
            && ends.is_sorted_by(|left, right| left < right);
        if !ascends || !(0.0..f64::INFINITY).contains(&yearly_rate) {
            return None;
        }
        let monthly = libm::log1p(yearly_rate) / 12.0;
        let mut month = f64::from(u32::try_from(ends.len()).ok()?);
        // Orders in a month are those up to its end less those up to its beginning. Gathered by ends, each weighs what
        // its month counts for more than the next; the last one weighs what its month counts for.
        let mut next = 0.0;
        let mut weighted = Vec::with_capacity(ends.len());
        for &end in ends.iter().rev() {
            let counts = libm::exp(-monthly * month);
            if counts > next {
                weighted.push((end, counts - next));
            }
            next = counts;
            month -= 1.0;
        }
        weighted.reverse();
        Some(Self { ends: weighted })
    }

    /// The orders to expect of the customer, each counted as its month does.
    pub(crate) fn orders(&self, model: &BgNbd, history: &History) -> f64 {
        model.alive(history) * self.orders_if_alive(model, history.repeats(), history.age())
    }

    /// The same of a customer who has not dropped out by today.
    pub(super) fn orders_if_alive(&self, model: &BgNbd, repeats: u32, age: u32) -> f64 {
        let counted =
            |&(days, weight): &(u32, f64)| weight * model.orders_if_alive(repeats, age, days);
        self.ends.iter().map(counted).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MONTHS: [u32; 4] = [31, 61, 92, 122];

    fn cdnow() -> BgNbd {
        BgNbd::new(0.243, 30.9, 0.793, 2.426).unwrap()
    }

    #[test]
    fn without_discount_only_the_last_end_counts() {
        assert_eq!(Horizon::months(&MONTHS, 0.0).unwrap(), Horizon::days(122));
    }

    #[test]
    fn discount_is_that_of_each_month() {
        let (model, history) = (cdnow(), History::new(3, 100, 150).unwrap());
        let found = Horizon::months(&MONTHS, 0.12).unwrap().orders(&model, &history);
        let mut expected = 0.0;
        let mut before = 0.0;
        for (month, end) in (1..).zip(MONTHS) {
            let until = model.orders(&history, end);
            expected += (until - before) / 1.12_f64.powf(f64::from(month) / 12.0);
            before = until;
        }
        assert!((found - expected).abs() < 1e-14, "{found} {expected}");
    }

    #[test]
    fn a_steep_discount_leaves_little() {
        let (model, history) = (cdnow(), History::new(3, 100, 150).unwrap());
        let full = Horizon::days(122).orders(&model, &history);
        let left = Horizon::months(&MONTHS, 1e300).unwrap().orders(&model, &history);
        assert!((0.0..1e-20 * full).contains(&left));
    }

    #[test]
    fn months_ascend_and_rates_are_not_negative() {
        assert!(Horizon::months(&[], 0.0).is_none());
        assert!(Horizon::months(&[0, 31], 0.0).is_none());
        assert!(Horizon::months(&[31, 31], 0.0).is_none());
        assert!(Horizon::months(&[31], -0.1).is_none());
        assert!(Horizon::months(&[31], f64::NAN).is_none());
        assert!(Horizon::months(&[31], f64::INFINITY).is_none());
    }
}
