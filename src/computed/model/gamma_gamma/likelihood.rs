//! The likelihood of Gamma-Gamma, its slope and its curvature.

use super::{MIN_REPEATERS, Spend};
use crate::computed::model::{
    FitError,
    fit::{Likelihood, Slope, sum},
    special::LogGamma,
};

/// Customers to fit on.
#[derive(Debug)]
pub(super) struct Spenders {
    /// In order of repeats, then of totals.
    lines: Vec<Line>,
    customers: u32,
    /// What the totals are measured in: the mean over customers of their mean repeat amounts.
    unit: f64,
    /// The sum of the logarithms of the mean repeat amounts.
    log_means: f64,
}

#[derive(Debug, Clone, Copy)]
struct Line {
    repeats: u32,
    /// Times the unit.
    total: f64,
    log_total: f64,
}

impl Spenders {
    pub(super) fn new(spends: impl IntoIterator<Item = Spend>) -> Result<Self, FitError> {
        let mut lines: Vec<Line> = spends
            .into_iter()
            .filter(|spend| spend.repeats > 0 && spend.total > 0.0)
            .map(|Spend { repeats, total }| Line { repeats, total, log_total: libm::log(total) })
            .collect();
        if lines.len() < MIN_REPEATERS {
            let found = lines.len();
            return Err(FitError::TooFewCustomers { found, needed: MIN_REPEATERS });
        }
        lines.sort_unstable_by(|left, right| {
            left.repeats.cmp(&right.repeats).then(left.total.total_cmp(&right.total))
        });
        let customers = u32::try_from(lines.len()).unwrap_or(u32::MAX);
        let means = |of: fn(&Line) -> f64| lines.iter().map(of).sum::<f64>();
        let unit = means(|line| line.total / f64::from(line.repeats)) / f64::from(customers);
        let log_means = means(|line| line.log_total - libm::log(f64::from(line.repeats)));
        let log_unit = libm::log(unit);
        for line in &mut lines {
            line.total /= unit;
            line.log_total -= log_unit;
        }
        Ok(Self { lines, customers, unit, log_means })
    }

    pub(super) fn count(&self) -> u32 {
        self.customers
    }

    /// What totals, and with them `v`, are measured in.
    pub(super) fn unit(&self) -> f64 {
        self.unit
    }

    /// Where to start from: amounts of one customer that are spread a little, more, and much.
    pub(super) fn starts(&self) -> [[f64; 3]; 3] {
        [(6.0, 4.0), (2.0, 3.0), (0.7, 2.0)].map(|(p, q)| [p, q, (q - 1.0) / p])
    }
}

impl Likelihood<3> for Spenders {
    const NAMES: [&'static str; 3] = ["p", "q", "v"];

    fn customers(&self) -> f64 {
        f64::from(self.customers)
    }

    fn at(&self, [p, q, v]: [f64; 3]) -> Slope<3> {
        let mut slope = sum(&self.lines, |lines| of_lines([p, q, v], lines));
        let of_q = LogGamma::at(q);
        let mut shared = Slope::ZERO;
        shared.value = q * libm::log(v) - of_q.value;
        shared.gradient = [0.0, libm::log(v) - of_q.digamma, q / v];
        shared.hessian = [[0.0; 3], [0.0, -of_q.trigamma, 1.0 / v], [0.0, 1.0 / v, -q / (v * v)]];
        slope.add(&shared, self.customers());
        slope.value -= self.log_means;
        slope
    }
}

/// What equation 1a adds beside the factors that all customers share.
fn of_lines([p, q, v]: [f64; 3], lines: &[Line]) -> Slope<3> {
    let mut slope = Slope::ZERO;
    for equal in lines.chunk_by(|left, right| left.repeats == right.repeats) {
        let x = equal.first().map_or(0.0, |line| f64::from(line.repeats));
        let (both, of_p) = (LogGamma::at(p * x + q), LogGamma::at(p * x));
        let digammas = both.digamma - of_p.digamma;
        let trigammas = both.trigamma - of_p.trigamma;
        for line in equal {
            let log_sum = libm::log(v + line.total);
            let of_sum = 1.0 / (v + line.total);
            let log_share = line.log_total - log_sum;
            let mut of_line = Slope::ZERO;
            of_line.value = both.value - of_p.value + p * x * log_share - q * log_sum;
            of_line.gradient =
                [x * (digammas + log_share), both.digamma - log_sum, -(p * x + q) * of_sum];
            let p_q = x * both.trigamma;
            of_line.hessian = [
                [x * x * trigammas, p_q, -x * of_sum],
                [p_q, both.trigamma, -of_sum],
                [-x * of_sum, -of_sum, (p * x + q) * of_sum * of_sum],
            ];
            slope.add(&of_line, 1.0);
        }
    }
    slope
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::computed::model::fit::differences::assert_slopes;

    const REFERENCE: &str = include_str!("../../../../tests/data/predict/amounts.csv");

    #[test]
    fn derivatives_are_those_of_the_value() {
        let spends = [(1, 0.01), (1, 25.0), (3, 60.0), (3, 900.0), (700, 31_000.0)]
            .map(|(repeats, total)| Spend::new(repeats, total).unwrap());
        let spenders = Spenders::new(spends.repeat(3)).unwrap();
        for parameters in [[6.25, 3.74, 0.4], [0.3, 0.9, 20.0], [80.0, 150.0, 0.01]] {
            assert_slopes(&spenders, parameters);
        }
    }

    #[test]
    fn the_value_is_equation_1a() {
        for line in REFERENCE.lines().skip(1) {
            let numbers: Vec<f64> = line.split(',').map(|field| field.parse().unwrap()).collect();
            let [p, q, v, x, mean, expected] = numbers[..] else { panic!("{line}") };
            let repeats = line.split(',').nth(3).unwrap().parse().unwrap();
            let spenders = Spenders::new(vec![Spend::new(repeats, x * mean).unwrap(); 10]).unwrap();
            let found = spenders.at([p, q, v / spenders.unit()]).value / 10.0;
            assert!((found - expected).abs() < 1e-11 * expected.abs().max(1.0), "{line} {found}");
        }
    }
}
