//! Newton's method on the logarithms of the parameters, damped where a full step would not climb.

use super::{FitError, Likelihood, Slope, matrix::Factor};

/// Converged: the next Newton step is shorter than this many standard errors.
const NEAR: f64 = 1e-6;

/// Steps from one start, those that were not taken among them.
const MOST_STEPS: u32 = 200;

/// No parameter is changed by more than this factor at once: e².
const LONGEST_STEP: f64 = 2.0;

/// A parameter that leaves 1/e¹² … e¹² of its unit is on its way to zero or infinity.
const FARTHEST: f64 = 12.0;

/// Where the likelihood is greatest.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Maximum<const N: usize> {
    pub(crate) parameters: [f64; N],
    pub(crate) standard_errors: [f64; N],
    pub(crate) log_likelihood: f64,
    pub(crate) iterations: u32,
}

/// The maximum that the first of the starts leads to. Each start is in the units of the likelihood. Where none leads to
/// one, the error is that of the first. `go_on` is asked before every step.
pub(crate) fn maximise<const N: usize, L: Likelihood<N>>(
    likelihood: &L,
    starts: &[[f64; N]],
    go_on: &dyn Fn() -> bool,
) -> Result<Maximum<N>, FitError> {
    let mut refused = None;
    for start in starts {
        if !go_on() {
            return Err(FitError::Stopped);
        }
        let logarithms = start.map(libm::log);
        match Climb::new(likelihood, logarithms).run(go_on) {
            Ok(maximum) => return Ok(maximum),
            Err(FitError::Stopped) => return Err(FitError::Stopped),
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    Err(refused.unwrap_or(FitError::NotConverged { iterations: 0 }))
}

/// The mean of the negative log-likelihood over customers, on its way down.
struct Climb<'a, const N: usize, L> {
    likelihood: &'a L,
    /// Of the parameters in their units.
    logarithms: [f64; N],
    here: Slope<N>,
    /// Added to the diagonal of the Hessian.
    ridge: f64,
    iterations: u32,
}

impl<'a, const N: usize, L: Likelihood<N>> Climb<'a, N, L> {
    fn new(likelihood: &'a L, logarithms: [f64; N]) -> Self {
        let here = cost(likelihood, &logarithms);
        Self { likelihood, logarithms, here, ridge: 0.0, iterations: 0 }
    }

    fn run(mut self, go_on: &dyn Fn() -> bool) -> Result<Maximum<N>, FitError> {
        while self.iterations < MOST_STEPS {
            if let Some(maximum) = self.maximum() {
                return Ok(maximum);
            }
            if !go_on() {
                return Err(FitError::Stopped);
            }
            self.iterations += 1;
            self.step();
            self.stay_in_range()?;
        }
        Err(FitError::NotConverged { iterations: self.iterations })
    }

    /// The point reached, where it is the maximum.
    fn maximum(&self) -> Option<Maximum<N>> {
        let factor = Factor::new(&self.here.hessian, 0.0)?;
        let customers = self.likelihood.customers();
        // The squared length of the Newton step, in standard errors.
        let decrement = dot(&self.here.gradient, &factor.solve(&self.here.gradient)) * customers;
        if decrement.is_nan() || decrement > NEAR * NEAR {
            return None;
        }
        let parameters = parameters(self.likelihood, &self.logarithms);
        let mut standard_errors = factor.inverse_diagonal();
        for (error, parameter) in standard_errors.iter_mut().zip(parameters) {
            *error = parameter * (*error / customers).sqrt();
        }
        Some(Maximum {
            parameters,
            standard_errors,
            log_likelihood: -self.here.value * customers,
            iterations: self.iterations,
        })
    }

    /// Takes one step, or makes the next one shorter.
    fn step(&mut self) {
        let Some(step) = Factor::new(&self.here.hessian, self.ridge)
            .map(|factor| factor.solve(&self.here.gradient).map(|by| -by))
            .filter(|step| step.iter().all(|by| by.abs() <= LONGEST_STEP))
        else {
            self.damp();
            return;
        };
        let mut logarithms = self.logarithms;
        for (to, by) in logarithms.iter_mut().zip(step) {
            *to += by;
        }
        let there = cost(self.likelihood, &logarithms);
        let expected = -dot(&self.here.gradient, &step) / 2.0;
        // Close to the maximum what is gained drowns in rounding.
        let noise = 1e-14 * self.here.value.abs();
        if self.here.value - there.value >= 0.1 * expected - noise {
            self.here = there;
            self.logarithms = logarithms;
            self.ridge = if self.ridge < 1e-9 * self.scale() { 0.0 } else { self.ridge / 8.0 };
        } else {
            self.damp();
        }
    }

    fn damp(&mut self) {
        self.ridge = (4.0 * self.ridge).max(1e-4 * self.scale());
    }

    /// The greatest curvature.
    fn scale(&self) -> f64 {
        self.here.hessian.iter().flatten().fold(f64::MIN_POSITIVE, |most, at| most.max(at.abs()))
    }

    fn stay_in_range(&self) -> Result<(), FitError> {
        for (parameter, &logarithm) in L::NAMES.into_iter().zip(&self.logarithms) {
            if logarithm.abs() > FARTHEST {
                return Err(FitError::NoMaximum { parameter, grows: logarithm > 0.0 });
            }
        }
        Ok(())
    }
}

fn parameters<const N: usize>(likelihood: &impl Likelihood<N>, logarithms: &[f64; N]) -> [f64; N] {
    let mut parameters = likelihood.units();
    for (parameter, logarithm) in parameters.iter_mut().zip(logarithms) {
        *parameter *= libm::exp(*logarithm);
    }
    parameters
}

/// The mean negative log-likelihood as a function of the logarithms of the parameters.
fn cost<const N: usize>(likelihood: &impl Likelihood<N>, logarithms: &[f64; N]) -> Slope<N> {
    let parameters = parameters(likelihood, logarithms);
    let plain = likelihood.at(parameters);
    let each = -1.0 / likelihood.customers();
    let mut cost = Slope::ZERO;
    cost.value = each * plain.value;
    for (index, &parameter) in parameters.iter().enumerate() {
        let (Some(gradient), Some(row)) =
            (cost.gradient.get_mut(index), cost.hessian.get_mut(index))
        else {
            continue;
        };
        let slope = plain.gradient.get(index).copied().unwrap_or_default();
        *gradient = each * parameter * slope;
        let plain_row = plain.hessian.get(index).into_iter().flatten();
        for ((to, of), other) in row.iter_mut().zip(plain_row).zip(parameters) {
            *to = each * parameter * other * of;
        }
        if let Some(diagonal) = row.get_mut(index) {
            *diagonal += *gradient;
        }
    }
    cost
}

fn dot<const N: usize>(left: &[f64; N], right: &[f64; N]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}
