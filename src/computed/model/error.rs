//! Why a model could not be fitted.

/// Why a model could not be fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FitError {
    /// Fewer customers than a fit needs.
    #[error("{found} customers are too few to fit on, at least {needed} are needed")]
    TooFewCustomers {
        /// Those there are.
        found: usize,
        /// The fewest that will do.
        needed: usize,
    },
    /// No customer has ordered on a second day.
    #[error("no customer has ordered on more than one day")]
    NoRepeaters,
    /// The likelihood has no maximum: it grows as long as the parameter does, or as it falls towards zero.
    #[error("the data do not settle the model: its parameter `{parameter}` runs off to {}", end(.grows))]
    NoMaximum {
        /// As the model names it.
        parameter: &'static str,
        /// Towards infinity; towards zero otherwise.
        grows: bool,
    },
    /// The maximum was not reached.
    #[error("the fit did not converge in {iterations} iterations")]
    NotConverged {
        /// Those of the last attempt.
        iterations: u32,
    },
    /// It was told to stop.
    #[error("the fit was stopped")]
    Stopped,
    /// The fitted amounts scatter so widely that they have no mean: `q` of the Gamma-Gamma model is 1 or less.
    #[error("the fitted amounts have no finite mean, so no expected value can be given")]
    NoFiniteMean,
}

fn end(grows: &bool) -> &'static str {
    if *grows { "infinity" } else { "zero" }
}
