//! What the model says of one customer.

use super::{GammaGamma, Spend};

impl GammaGamma {
    /// The mean of the customers' means, p v / (q − 1); `None` where q is 1 or less, as it then is infinite.
    pub(crate) fn mean(&self) -> Option<f64> {
        (self.q > 1.0).then(|| self.p * self.v / (self.q - 1.0)).filter(|mean| mean.is_finite())
    }

    /// The mean amount to expect of an order of this customer (equation 5), between the customer's own mean and the
    /// population's. Without repeats it is the population's. `None` where there is no finite mean, which takes q of 1 or
    /// less.
    pub(crate) fn expected_amount(&self, spend: &Spend) -> Option<f64> {
        if spend.repeats == 0 {
            return self.mean();
        }
        let weight = self.p * f64::from(spend.repeats) + (self.q - 1.0);
        (weight > 0.0)
            .then(|| self.p * ((self.v + spend.total) / weight))
            .filter(|amount| amount.is_finite())
    }
}
