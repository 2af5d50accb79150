//! BG/NBD: how often customers order, and whether they still do.

mod expected;
mod likelihood;
mod orders;

use self::likelihood::Histories;
use super::{Fit, FitError, History, fit};

/// The fewest customers that [`BgNbd::fit_while`] takes.
pub(crate) const MIN_CUSTOMERS: usize = 10;

/// The parameters of the BG/NBD model: P. S. Fader, B. G. S. Hardie and K. L. Lee, “Counting Your Customers” the Easy
/// Way, Marketing Science 24 (2005), 275–284; equations are those of the paper.
///
/// While a customer is one, orders come at random at a rate of their own; rates are spread as a gamma distribution
/// (`r`, `alpha`). After each order the customer drops out with a probability of their own; these are spread as a beta
/// distribution (`a`, `b`).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct BgNbd {
    /// Shape of the rates.
    pub(crate) r: f64,
    /// Days: the mean rate is r / alpha orders a day.
    pub(crate) alpha: f64,
    /// First shape of the dropping out, whose mean probability is a / (a + b).
    pub(crate) a: f64,
    /// Second shape of the dropping out.
    pub(crate) b: f64,
}

impl BgNbd {
    /// `None` unless `r`, `a` and `b` lie between 10⁻⁹ and 10⁹, and `alpha` between 10⁻¹⁵ and 10¹⁵.
    pub(crate) fn new(r: f64, alpha: f64, a: f64, b: f64) -> Option<Self> {
        let usable = |shape| (1e-9..=1e9).contains(&shape);
        ([r, a, b].into_iter().all(usable) && (1e-15..=1e15).contains(&alpha)).then_some(Self {
            r,
            alpha,
            a,
            b,
        })
    }

    /// The parameters under which the histories are most likely (maximum likelihood, equation 6). Their order does not
    /// matter, and neither does the number of threads: the answer is the same to the last bit.
    ///
    /// # Errors
    ///
    /// [`FitError`]: fewer customers than [`MIN_CUSTOMERS`], none who came back, a likelihood without a maximum, or
    /// `go_on`, which is asked before every step, says no.
    pub(crate) fn fit_while(
        go_on: &dyn Fn() -> bool,
        histories: impl IntoIterator<Item = History>,
    ) -> Result<Fit<Self>, FitError> {
        let histories = Histories::new(histories)?;
        let maximum = fit::maximise(&histories, &histories.starts(), go_on)?;
        let named = |[r, alpha, a, b]: [f64; 4]| Self { r, alpha, a, b };
        Ok(Fit {
            parameters: named(maximum.parameters),
            standard_errors: named(maximum.standard_errors),
            log_likelihood: maximum.log_likelihood,
            iterations: maximum.iterations,
            customers: histories.count(),
        })
    }

    #[cfg(test)]
    pub(crate) fn fit(histories: impl IntoIterator<Item = History>) -> Result<Fit<Self>, FitError> {
        Self::fit_while(&|| true, histories)
    }
}
