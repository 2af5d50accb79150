//! Orders to expect of a customer who has not dropped out.
//!
//! Given the history, the rate of such a customer has a gamma distribution of shape R = r + x and the probability of
//! dropping out a beta distribution (a, B = b + x). If nobody dropped out, the number N of orders in a horizon of t days
//! would have a negative binomial distribution of shape R and z = t / (α + T + t). The k-th of them comes about if the
//! k − 1 before have not been followed by dropping out, hence
//!
//! E = Σ P(N = j) Q(j) over j ≥ 1, with Q(j) = Σ E[(1 − p)ᵏ] over k < j and E[(1 − p)ᵏ] = (B)ₖ / (a + B)ₖ.
//!
//! Summing over j in closed form leads to the second factor of the paper's equation 10,
//! (a + B − 1) / (a − 1) · [1 − (1 − z)ᴿ ₂F₁(R, B; a + B − 1; z)],
//! which is 0 / 0 at a = 1 and loses its digits around it. The terms of the sum above are all positive, whatever the
//! parameters.

/// A customer who has not dropped out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Alive {
    /// First shape of the probability of dropping out.
    pub(super) a: f64,
    /// Its second shape, B.
    pub(super) b: f64,
    /// Shape of the rate, R.
    pub(super) shape: f64,
}

/// Terms of the sum that are worth their time. A longer sum becomes an integral.
const MOST_TERMS: f64 = 4_000.0;

/// What is left out of a sum, relative to it.
const LEFT_OUT: f64 = 1e-16;

/// Below the largest double by more than one term can grow.
const LARGE: f64 = 1e200;

impl Alive {
    /// The orders to expect; `horizon` is t / (α + T).
    pub(super) fn orders(&self, horizon: f64) -> f64 {
        if horizon <= 0.0 {
            0.0
        } else if self.terms(horizon) <= MOST_TERMS {
            self.sum(horizon)
        } else {
            self.integral(horizon)
        }
    }

    /// A bound on the terms that count: the mean of N, ten standard deviations, and the tail, in which each term is z
    /// times the one before.
    fn terms(&self, horizon: f64) -> f64 {
        let mean = self.shape * horizon;
        mean + 10.0 * (mean * (1.0 + horizon)).sqrt() + 40.0 * (1.0 + horizon)
    }

    fn sum(&self, horizon: f64) -> f64 {
        let z = horizon / (1.0 + horizon);
        // P(N = j) and the sum are kept relative to P(N = 0), which may be too small for a double.
        let mut logarithm = -self.shape * libm::log1p(horizon);
        let (mut probability, mut sum) = (1.0, 0.0);
        let (mut survival, mut orders) = (1.0, 0.0);
        let mut j = 0.0;
        loop {
            probability *= (self.shape + j) / (j + 1.0) * z;
            orders += survival;
            survival *= (self.b + j) / (self.a + self.b + j);
            j += 1.0;
            let term = probability * orders;
            sum += term;
            // No ratio of later terms is greater; Q(j + 1) / Q(j) is at most (j + 1) / j.
            let ratio = z * (self.shape + j).max(j + 1.0) / j;
            if ratio < 1.0 && term * ratio <= LEFT_OUT * (1.0 - ratio) * sum {
                return sum * libm::exp(logarithm);
            }
            if sum > LARGE {
                probability /= LARGE;
                sum /= LARGE;
                logarithm += libm::log(LARGE);
            }
        }
    }

    /// The same as the mean of (1 − (1 + p t / (α + T))⁻ᴿ) / p over the beta distribution of p: the trapezoidal rule
    /// after a change of variable that lets both ends fall off doubly exponentially (H. Takahasi and M. Mori, Publ.
    /// RIMS 9 (1974), 721–741), ln(p / (1 − p)) = centre + width · sinh(τ).
    fn integral(&self, horizon: f64) -> f64 {
        let (a, b) = (self.a, self.b);
        let centre = libm::log(a / b);
        let width = ((a + b) / (a * b)).sqrt().min(1.0);
        let peak = self.log_density(centre).0;
        // The density is below pᵃ and below (1 − p)ᵇ, and up to R t / (α + T) times as much is averaged.
        let depth = 40.0 - peak + libm::log(self.shape * horizon).max(0.0);
        let from = libm::asinh((-depth / a - centre) / width);
        let to = libm::asinh((depth / b - centre) / width);
        let mut last = f64::INFINITY;
        for level in 6..14 {
            let nodes = 1_u32 << level;
            let step = (to - from) / f64::from(nodes);
            let (mut above, mut below) = (0.0, 0.0);
            for node in 0..=nodes {
                let tau = from + step * f64::from(node);
                let (log_density, log_p) = self.log_density(centre + width * libm::sinh(tau));
                let weight = libm::exp(log_density - peak) * libm::cosh(tau);
                above += weight * self.orders_at(log_p, horizon);
                below += weight;
            }
            let mean = above / below;
            if (mean - last).abs() <= 1e-13 * mean {
                return mean;
            }
            last = mean;
        }
        last
    }

    /// The logarithms of pᵃ (1 − p)ᵇ and of p, from ln(p / (1 − p)).
    fn log_density(&self, logit: f64) -> (f64, f64) {
        let log_larger = -libm::log1p(libm::exp(-logit.abs()));
        let log_p = logit.min(0.0) + log_larger;
        let log_rest = (-logit).min(0.0) + log_larger;
        (self.a * log_p + self.b * log_rest, log_p)
    }

    /// The orders to expect of a customer who drops out with that probability.
    fn orders_at(&self, log_p: f64, horizon: f64) -> f64 {
        let p = libm::exp(log_p);
        if p < 1e-300 {
            return self.shape * horizon;
        }
        -libm::expm1(-self.shape * libm::log1p(p * horizon)) / p
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_the_integral() {
        for a in [1e-3, 0.2, 0.793, 1.0, 1.5, 30.0] {
            for b in [0.05, 2.4, 500.0] {
                for shape in [0.01, 0.24, 3.0, 300.0] {
                    for horizon in [1e-4, 0.3, 4.0, 30.0] {
                        let alive = Alive { a, b, shape };
                        let (sum, integral) = (alive.sum(horizon), alive.integral(horizon));
                        assert!(
                            (sum - integral).abs() < 1e-11 * sum,
                            "{alive:?} {horizon} {sum} {integral}"
                        );
                    }
                }
            }
        }
    }

    /// For R = B = 1 and a = 2 the function is ₂F₁(1, 1; 2; z) = −ln(1 − z) / z (DLMF 15.4.1).
    #[test]
    fn an_elementary_case() {
        for horizon in [1e-3_f64, 0.5, 2.0, 90.0] {
            let z = horizon / (1.0 + horizon);
            let expected = 2.0 * (1.0 + (1.0 - z) * (-z).ln_1p() / z);
            let found = Alive { a: 2.0, b: 1.0, shape: 1.0 }.orders(horizon);
            assert!((found - expected).abs() < 1e-12 * expected, "{horizon} {found} {expected}");
        }
    }

    /// For a = R = B = 1 it is the integral of h / (1 + p h) over p from 0 to 1.
    #[test]
    fn an_elementary_case_at_one() {
        for horizon in [1e-2_f64, 0.5, 2.0, 90.0] {
            let expected = horizon.ln_1p();
            let found = Alive { a: 1.0, b: 1.0, shape: 1.0 }.orders(horizon);
            assert!((found - expected).abs() < 1e-13 * expected, "{horizon} {found} {expected}");
        }
    }
}
