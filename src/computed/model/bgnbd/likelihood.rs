//! The likelihood of BG/NBD, its slope and its curvature.
//!
//! Equation 6 of the paper, divided by its first two factors, is (r)ₓ αʳ (b)ₓ / (a + b)ₓ · [A + D], with
//! A = (α + T)^−(r+x) for those who are still customers and, where x > 0, D = a / (b + x − 1) · (α + tₓ)^−(r+x) for those
//! who have dropped out. (r)ₓ is r (r + 1) … (r + x − 1).

use super::{BgNbd, MIN_CUSTOMERS};
use crate::computed::model::{
    FitError, History,
    fit::{Likelihood, Slope, sum},
};

/// Histories to fit on.
#[derive(Debug)]
pub(super) struct Histories {
    /// In order; those that are equal are one.
    lines: Vec<Line>,
    /// How many customers have more repeats than j: `(j from, j before, customers)`.
    more_than: Vec<(u32, u32, f64)>,
    customers: u32,
    mean_age: f64,
    mean_repeats: f64,
}

#[derive(Debug, Clone, Copy)]
struct Line {
    history: History,
    customers: u32,
}

impl Histories {
    pub(super) fn new(histories: impl IntoIterator<Item = History>) -> Result<Self, FitError> {
        let mut histories: Vec<History> = histories.into_iter().collect();
        let count = histories.len();
        if count < MIN_CUSTOMERS {
            return Err(FitError::TooFewCustomers { found: count, needed: MIN_CUSTOMERS });
        }
        histories.sort_unstable();
        if histories.last().is_none_or(|most| most.repeats() == 0) {
            return Err(FitError::NoRepeaters);
        }
        let customers = u32::try_from(count).unwrap_or(u32::MAX);
        let mean = |of: fn(&History) -> u32| {
            let total: f64 = histories.iter().map(|history| f64::from(of(history))).sum();
            total / f64::from(customers)
        };
        let (mean_age, mean_repeats) = (mean(History::age), mean(History::repeats));
        let lines = lines(&histories);
        let more_than = more_than(&lines);
        Ok(Self { lines, more_than, customers, mean_age, mean_repeats })
    }

    pub(super) fn count(&self) -> u32 {
        self.customers
    }

    /// Where to start from: rates that give the orders there are, and less or more dropping out.
    pub(super) fn starts(&self) -> [[f64; 4]; 3] {
        [(0.5, 0.5, 2.0), (1.0, 1.0, 10.0), (0.2, 2.0, 2.0)]
            .map(|(r, a, b)| [r, (r / self.mean_repeats).clamp(1e-3, 1e3), a, b])
    }

    /// What the factors (r)ₓ (b)ₓ / (a + b)ₓ add.
    fn rising(&self, [r, _, a, b]: [f64; 4]) -> Slope<4> {
        let mut slope = Slope::ZERO;
        for &(from, before, customers) in &self.more_than {
            for j in (from..before).map(f64::from) {
                let (of_r, of_b, of_both) = (1.0 / (r + j), 1.0 / (b + j), 1.0 / (a + b + j));
                let squared = of_both * of_both;
                let mut factor = Slope::ZERO;
                factor.value = libm::log(r + j) - libm::log1p(a * of_b);
                factor.gradient = [of_r, 0.0, -of_both, of_b - of_both];
                factor.hessian = [
                    [-of_r * of_r, 0.0, 0.0, 0.0],
                    [0.0; 4],
                    [0.0, 0.0, squared, squared],
                    [0.0, 0.0, squared, squared - of_b * of_b],
                ];
                slope.add(&factor, customers);
            }
        }
        slope
    }
}

impl Likelihood<4> for Histories {
    const NAMES: [&'static str; 4] = ["r", "alpha", "a", "b"];

    fn customers(&self) -> f64 {
        f64::from(self.customers)
    }

    fn units(&self) -> [f64; 4] {
        [1.0, self.mean_age, 1.0, 1.0]
    }

    fn at(&self, parameters: [f64; 4]) -> Slope<4> {
        let [r, alpha, a, b] = parameters;
        let model = BgNbd { r, alpha, a, b };
        let mut slope = self.rising(parameters);
        slope.add(&sum(&self.lines, |lines| of_lines(&model, lines)), 1.0);
        slope
    }
}

/// What αʳ [A + D] adds.
fn of_lines(model: &BgNbd, lines: &[Line]) -> Slope<4> {
    let mut slope = Slope::ZERO;
    let log_alpha = libm::log(model.alpha);
    for line in lines {
        let times = f64::from(line.customers);
        slope.add(&of_line(model, log_alpha, &line.history), times);
    }
    slope
}

fn of_line(model: &BgNbd, log_alpha: f64, history: &History) -> Slope<4> {
    let BgNbd { r, alpha, a, b } = *model;
    let x = f64::from(history.repeats());
    let shape = r + x;
    let until_now = alpha + f64::from(history.age());
    let (log_now, of_now) = (libm::log(until_now), 1.0 / until_now);
    let mut slope = Slope::ZERO;
    slope.value = r * log_alpha - shape * log_now;
    slope.gradient = [log_alpha - log_now, r / alpha - shape * of_now, 0.0, 0.0];
    let mixed = 1.0 / alpha - of_now;
    let squared = shape * of_now * of_now - r / (alpha * alpha);
    if history.repeats() == 0 {
        slope.hessian = [[0.0, mixed, 0.0, 0.0], [mixed, squared, 0.0, 0.0], [0.0; 4], [0.0; 4]];
        return slope;
    }
    let until_last = alpha + f64::from(history.last());
    let (log_last, of_last) = (libm::log(until_last), 1.0 / until_last);
    let (of_a, of_b) = (1.0 / a, 1.0 / (b + (x - 1.0)));
    // ln(D / A), and the probability of having dropped out.
    let odds = libm::log(a * of_b) + shape * (log_now - log_last);
    let small = libm::exp(-odds.abs());
    let dropped = if odds > 0.0 { 1.0 / (1.0 + small) } else { small / (1.0 + small) };
    slope.value += odds.max(0.0) + libm::log1p(small);
    // The slope of ln(D / A) and its curvature where it has one.
    let by = [log_now - log_last, shape * (of_now - of_last), of_a, -of_b];
    let [by_r, by_alpha, by_a, by_b] = by.map(|by| dropped * by);
    slope.gradient =
        [log_alpha - log_now + by_r, r / alpha - shape * of_now + by_alpha, by_a, by_b];
    // The variance of being a customer or not.
    let spread = small / ((1.0 + small) * (1.0 + small));
    slope.hessian = by.map(|row| by.map(|column| spread * row * column));
    let [[_, r_alpha, ..], [alpha_r, alpha_alpha, ..], [_, _, a_a, _], [_, _, _, b_b]] =
        &mut slope.hessian;
    *r_alpha += mixed + dropped * (of_now - of_last);
    *alpha_r += mixed + dropped * (of_now - of_last);
    *alpha_alpha += squared + dropped * shape * (of_last * of_last - of_now * of_now);
    *a_a -= dropped * of_a * of_a;
    *b_b += dropped * of_b * of_b;
    slope
}

fn lines(sorted: &[History]) -> Vec<Line> {
    sorted
        .chunk_by(|left, right| left == right)
        .filter_map(|equal| {
            let customers = u32::try_from(equal.len()).unwrap_or(u32::MAX);
            Some(Line { history: *equal.first()?, customers })
        })
        .collect()
}

fn more_than(lines: &[Line]) -> Vec<(u32, u32, f64)> {
    let mut remaining: f64 = lines.iter().map(|line| f64::from(line.customers)).sum();
    let mut ranges = Vec::new();
    let mut from = 0;
    for equal in lines.chunk_by(|left, right| left.history.repeats() == right.history.repeats()) {
        let repeats = equal.first().map_or(0, |line| line.history.repeats());
        if repeats > from {
            ranges.push((from, repeats, remaining));
            from = repeats;
        }
        remaining -= equal.iter().map(|line| f64::from(line.customers)).sum::<f64>();
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::computed::model::fit::differences::assert_slopes;

    const REFERENCE: &str = include_str!("../../../../tests/data/predict/alive.csv");

    fn histories() -> Vec<History> {
        [(0, 0, 0), (0, 0, 90), (1, 1, 1), (1, 30, 90), (5, 80, 90), (5, 10, 90), (400, 700, 720)]
            .map(|(repeats, last, age)| History::new(repeats, last, age).unwrap())
            .repeat(2)
    }

    #[test]
    fn derivatives_are_those_of_the_value() {
        let histories = Histories::new(histories()).unwrap();
        for parameters in
            [[0.243, 30.9, 0.793, 2.426], [4.0, 2.0, 0.05, 0.4], [0.02, 900.0, 9.0, 3.0]]
        {
            assert_slopes(&histories, parameters);
        }
    }

    #[test]
    fn the_value_is_equation_6() {
        for line in REFERENCE.lines().skip(1) {
            let numbers: Vec<f64> = line.split(',').map(|field| field.parse().unwrap()).collect();
            let [r, alpha, a, b, .., expected] = numbers[..] else { panic!("{line}") };
            let fields: Vec<u32> =
                line.split(',').skip(4).take(3).map(|field| field.parse().unwrap()).collect();
            let history = History::new(fields[0], fields[1], fields[2]).unwrap();
            // One who came back has to be among them.
            let mut all = vec![history; 15];
            all.push(History::new(1, 1, 1).unwrap());
            let with = Histories::new(all.clone()).unwrap().at([r, alpha, a, b]).value;
            all.truncate(1);
            all.extend(vec![History::new(1, 1, 1).unwrap(); 15]);
            let without = Histories::new(all).unwrap().at([r, alpha, a, b]).value;
            // 15 h + o = with, h + 15 o = without.
            let found = (15.0 * with - without) / 224.0;
            assert!((found - expected).abs() < 1e-11 * expected.abs().max(1.0), "{line} {found}");
        }
    }
}
