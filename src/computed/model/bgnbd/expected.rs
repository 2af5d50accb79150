//! What the model says of one customer.

use super::{BgNbd, orders::Alive};
use crate::computed::model::History;

impl BgNbd {
    /// The probability that the customer has not dropped out by today; 1 for one who ordered on one day only, as
    /// dropping out follows an order after the first.
    ///
    /// P. S. Fader and B. G. S. Hardie, Computing P(alive) Using the BG/NBD Model, 2008.
    pub(crate) fn alive(&self, history: &History) -> f64 {
        if history.repeats() == 0 {
            return 1.0;
        }
        let x = f64::from(history.repeats());
        let (age, last) = (f64::from(history.age()), f64::from(history.last()));
        let silence = (age - last) / (self.alpha + last);
        let odds_of_dropped =
            libm::log(self.a / (self.b + (x - 1.0))) + (self.r + x) * libm::log1p(silence);
        1.0 / (1.0 + libm::exp(odds_of_dropped))
    }

    /// The orders to expect of the customer in the next `days` days: the days with orders, as those of one day are one
    /// (equation 10).
    #[cfg(test)]
    pub(crate) fn orders(&self, history: &History, days: u32) -> f64 {
        self.alive(history) * self.orders_if_alive(history.repeats(), history.age(), days)
    }

    /// The orders to expect in the next `days` days of a customer who has not dropped out by today. The day of the last
    /// order does not matter.
    pub(in crate::computed::model) fn orders_if_alive(
        &self,
        repeats: u32,
        age: u32,
        days: u32,
    ) -> f64 {
        let x = f64::from(repeats);
        Alive { a: self.a, b: self.b + x, shape: self.r + x }
            .orders(f64::from(days) / (self.alpha + f64::from(age)))
    }
}
