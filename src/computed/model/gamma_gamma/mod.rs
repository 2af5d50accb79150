//! Gamma-Gamma: what an order of a customer is worth.

mod expected;
mod likelihood;

use self::likelihood::Spenders;
use super::{Fit, FitError, fit};

/// The fewest customers with a repeat amount that [`GammaGamma::fit_while`] takes.
pub(crate) const MIN_REPEATERS: usize = 10;

/// What one customer has spent after the first day with orders.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spend {
    repeats: u32,
    total: f64,
}

/// The parameters of the Gamma-Gamma model: P. S. Fader and B. G. S. Hardie, The Gamma-Gamma Model of Monetary Value,
/// 2013; equations are those of the note.
///
/// The amounts of a customer's orders are spread round a mean of their own as a gamma distribution of shape `p`; the
/// means are spread over customers (`q`, `v`). How much customers spend is taken not to depend on how often they order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct GammaGamma {
    /// Shape of the amounts of one customer.
    pub(crate) p: f64,
    /// Shape of the means of customers.
    pub(crate) q: f64,
    /// In the unit of the amounts.
    pub(crate) v: f64,
}

impl Spend {
    /// * `repeats`: days with orders, less one;
    /// * `total`: the amount of all orders but those of the first day; only its part above zero counts.
    ///
    /// `None` where the total is NaN or infinite.
    pub(crate) fn new(repeats: u32, total: f64) -> Option<Self> {
        total.is_finite().then_some(Self { repeats, total: total.max(0.0) })
    }
}

impl GammaGamma {
    /// `None` unless `p` and `q` lie between 10⁻⁹ and 10⁹, and `v` is positive and finite.
    pub(crate) fn new(p: f64, q: f64, v: f64) -> Option<Self> {
        let usable = |shape| (1e-9..=1e9).contains(&shape);
        (usable(p) && usable(q) && v.is_normal() && v > 0.0).then_some(Self { p, q, v })
    }

    /// The parameters under which the mean repeat amounts are most likely (maximum likelihood, equation 1a). Customers
    /// without a positive repeat amount are passed over. The order does not matter, nor does the number of threads.
    ///
    /// # Errors
    ///
    /// [`FitError`]: fewer customers than [`MIN_REPEATERS`], a likelihood without a maximum, a population without a
    /// finite mean, or `go_on`, which is asked before every step, says no.
    pub(crate) fn fit_while(
        go_on: &dyn Fn() -> bool,
        spends: impl IntoIterator<Item = Spend>,
    ) -> Result<Fit<Self>, FitError> {
        let spenders = Spenders::new(spends)?;
        let maximum = fit::maximise(&spenders, &spenders.starts(), go_on)?;
        let named = |[p, q, v]: [f64; 3]| Self { p, q, v: v * spenders.unit() };
        let parameters = named(maximum.parameters);
        parameters.mean().ok_or(FitError::NoFiniteMean)?;
        Ok(Fit {
            parameters,
            standard_errors: named(maximum.standard_errors),
            log_likelihood: maximum.log_likelihood,
            iterations: maximum.iterations,
            customers: spenders.count(),
        })
    }

    #[cfg(test)]
    pub(crate) fn fit(spends: impl IntoIterator<Item = Spend>) -> Result<Fit<Self>, FitError> {
        Self::fit_while(&|| true, spends)
    }
}
