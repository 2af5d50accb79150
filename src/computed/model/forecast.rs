//! The orders to expect of many customers.

use super::{BgNbd, GammaGamma, History, Horizon, Spend, chunks::of_chunks};

/// Distinct pairs in one piece of work are far fewer than customers, and each takes long.
const AT_ONCE: usize = 64;

/// The orders to expect of many customers over one horizon. What takes time depends on repeats and age alone, and many
/// customers share these, so each pair is worked out once.
#[derive(Debug, Clone)]
pub(crate) struct Forecast {
    model: BgNbd,
    horizon: Horizon,
    /// In order: repeats, age, and the orders to expect of those who have not dropped out.
    pairs: Vec<(u32, u32, f64)>,
}

impl Forecast {
    /// For these customers.
    pub(crate) fn new(
        model: BgNbd,
        horizon: Horizon,
        histories: impl IntoIterator<Item = History>,
    ) -> Self {
        let pair = |history: History| (history.repeats(), history.age());
        let mut distinct: Vec<(u32, u32)> = histories.into_iter().map(pair).collect();
        distinct.sort_unstable();
        distinct.dedup();
        let of_chunk = |chunk: &[(u32, u32)]| {
            let orders = |&(repeats, age): &(u32, u32)| {
                (repeats, age, horizon.orders_if_alive(&model, repeats, age))
            };
            chunk.iter().map(orders).collect::<Vec<_>>()
        };
        let pairs = of_chunks(&distinct, AT_ONCE, of_chunk).concat();
        Self { model, horizon, pairs }
    }

    /// As [`Horizon::orders`]; any other customer's than those it was made for take longer.
    pub(crate) fn orders(&self, history: &History) -> f64 {
        let (repeats, age) = (history.repeats(), history.age());
        let found = self.pairs.binary_search_by_key(&(repeats, age), |pair| (pair.0, pair.1));
        let known = found.ok().and_then(|at| self.pairs.get(at));
        let if_alive = known.map_or_else(
            || self.horizon.orders_if_alive(&self.model, repeats, age),
            |&(_, _, orders)| orders,
        );
        self.model.alive(history) * if_alive
    }

    /// The value of the customer over the horizon, today: the orders to expect times the amount to expect of each.
    /// `None` where there is no expected amount.
    pub(crate) fn value(
        &self,
        amounts: &GammaGamma,
        history: &History,
        spend: &Spend,
    ) -> Option<f64> {
        let amount = amounts.expected_amount(spend)?;
        Some(self.orders(history) * amount).filter(|value| value.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_each_horizon_says() {
        let model = BgNbd::new(0.243, 30.9, 0.793, 2.426).unwrap();
        let horizon = Horizon::months(&[31, 61, 92], 0.1).unwrap();
        let history = |repeats: u32, last, age| History::new(repeats, last, age).unwrap();
        let customers: Vec<History> = (0..500)
            .map(
                |n| if n % 3 == 0 { history(0, 0, n) } else { history(n % 5 + 1, n % 90 + 6, 300) },
            )
            .collect();
        let forecast = Forecast::new(model, horizon.clone(), customers.iter().copied());
        let stranger = [history(77, 200, 201)];
        for customer in customers.iter().chain(&stranger) {
            assert_eq!(forecast.orders(customer), horizon.orders(&model, customer));
        }
    }

    #[test]
    fn value_is_orders_times_amount() {
        let model = BgNbd::new(0.243, 30.9, 0.793, 2.426).unwrap();
        let amounts = GammaGamma::new(6.25, 3.74, 15.44).unwrap();
        let once = History::new(0, 0, 90).unwrap();
        let forecast = Forecast::new(model, Horizon::days(365), [once]);
        let found = forecast.value(&amounts, &once, &Spend::new(0, 0.0).unwrap()).unwrap();
        assert_eq!(found, model.orders(&once, 365) * amounts.mean().unwrap());
    }
}
