//! What the orders so far say of those to come: whether a customer is still one, how many orders follow, what they are
//! worth and when the next is due.
//!
//! Time is in whole local days. The orders of one day are one.

mod bgnbd;
mod chunks;
mod error;
mod fit;
mod forecast;
mod gamma_gamma;
mod history;
mod horizon;
mod rhythm;
mod special;
#[cfg(test)]
mod tests;

pub(crate) use bgnbd::BgNbd;
#[cfg(test)]
use bgnbd::MIN_CUSTOMERS;
pub(crate) use error::FitError;
pub(crate) use forecast::Forecast;
#[cfg(test)]
use gamma_gamma::MIN_REPEATERS;
pub(crate) use gamma_gamma::{GammaGamma, Spend};
pub(crate) use history::History;
pub(crate) use horizon::Horizon;
pub(crate) use rhythm::days_to_next;

/// Parameters as they were fitted by maximum likelihood.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Fit<P> {
    /// Where the likelihood is greatest.
    pub(crate) parameters: P,
    /// Of each parameter, in its own unit: the inverse of the observed information of the logarithms, carried over by
    /// the delta method.
    pub(crate) standard_errors: P,
    /// Natural logarithm of the density of the data, time in days, money in the unit of the column.
    pub(crate) log_likelihood: f64,
    /// Steps of Newton's method from the start that led there.
    pub(crate) iterations: u32,
    /// Customers it was fitted on.
    pub(crate) customers: u32,
}
