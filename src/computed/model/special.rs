//! Special functions of positive arguments.

/// From here on the asymptotic series are exact to the last digits.
const FAR: f64 = 12.0;

/// B<sub>2k</sub> for k = 1, 2, …; DLMF 24.2.
const BERNOULLI: [f64; 7] =
    [1.0 / 6.0, -1.0 / 30.0, 1.0 / 42.0, -1.0 / 30.0, 5.0 / 66.0, -691.0 / 2730.0, 7.0 / 6.0];

/// The logarithm of the gamma function and its first two derivatives: digamma and trigamma.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct LogGamma {
    pub(super) value: f64,
    pub(super) digamma: f64,
    pub(super) trigamma: f64,
}

impl LogGamma {
    pub(super) fn at(x: f64) -> Self {
        Self { value: libm::lgamma(x), digamma: digamma(x), trigamma: trigamma(x) }
    }
}

/// ψ(x) for x > 0: the recurrence ψ(x) = ψ(x + 1) − 1/x (DLMF 5.5.2) up to where the asymptotic series (5.11.2) holds.
fn digamma(x: f64) -> f64 {
    let (far, before) = shifted(x, |x| -1.0 / x);
    let square = 1.0 / (far * far);
    let mut series = 0.0;
    for (k, bernoulli) in even_numbers().zip(BERNOULLI).rev() {
        series = (series + bernoulli / k) * square;
    }
    before + (libm::log(far) - 0.5 / far - series)
}

/// ψ′(x) for x > 0: as [`digamma`], DLMF 5.15.5 and 5.15.8.
fn trigamma(x: f64) -> f64 {
    let (far, before) = shifted(x, |x| 1.0 / (x * x));
    let square = 1.0 / (far * far);
    let mut series = 0.0;
    for bernoulli in BERNOULLI.into_iter().rev() {
        series = (series + bernoulli) * square;
    }
    before + (1.0 + 0.5 / far + series) / far
}

/// The first of x, x + 1, … beyond [`FAR`], and the sum of the terms of those before it.
fn shifted(x: f64, term: impl Fn(f64) -> f64) -> (f64, f64) {
    let (mut far, mut before) = (x, 0.0);
    while far < FAR {
        before += term(far);
        far += 1.0;
    }
    (far, before)
}

fn even_numbers() -> std::array::IntoIter<f64, 7> {
    [2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0].into_iter()
}
