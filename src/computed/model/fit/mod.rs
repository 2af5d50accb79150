//! Maximum likelihood for a handful of positive parameters.

#[cfg(test)]
pub(super) mod differences;
mod matrix;
mod newton;
mod slope;

pub(super) use newton::maximise;
pub(super) use slope::sum;

use super::FitError;

/// A function of N parameters at one point, with its first and second derivatives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Slope<const N: usize> {
    pub(super) value: f64,
    pub(super) gradient: [f64; N],
    pub(super) hessian: [[f64; N]; N],
}

/// A log-likelihood whose parameters are positive.
pub(super) trait Likelihood<const N: usize> {
    /// As errors call the parameters.
    const NAMES: [&'static str; N];

    fn customers(&self) -> f64;

    /// What parameters are measured in, to tell the large from the small: 1 for those without unit.
    fn units(&self) -> [f64; N] {
        [1.0; N]
    }

    fn at(&self, parameters: [f64; N]) -> Slope<N>;
}
