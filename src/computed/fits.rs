//! The models of one evaluation.

use super::{AmountModel, BgNbd, FitError, GammaGamma, History, Model, OrderModel, Spend};

/// Which models an evaluation reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Needs {
    pub(crate) orders: bool,
    /// Values are expected amounts of expected orders, so this one needs the other.
    pub(crate) amounts: bool,
}

/// Models that were given or fitted; `None` where nobody reads one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fits {
    pub(crate) orders: Option<Result<OrderModel, FitError>>,
    pub(crate) amounts: Option<Result<AmountModel, FitError>>,
}

impl Needs {
    /// Whether there is a model to fit when these are given.
    pub(crate) fn fits(self, given: &Model) -> bool {
        self.orders && given.orders().is_none() || self.amounts && given.amounts().is_none()
    }
}

impl Fits {
    /// What is given is not fitted. Both lists are of the customers who exist, in any order. `go_on` is asked before every
    /// step of a fit; what was found is of no use once it has said no.
    pub(crate) fn new<H, S>(
        needs: Needs,
        given: &Model,
        go_on: &dyn Fn() -> bool,
        histories: impl FnOnce() -> H,
        spends: impl FnOnce() -> S,
    ) -> Self
    where
        H: IntoIterator<Item = History>,
        S: IntoIterator<Item = Spend>,
    {
        let orders = needs.orders.then(|| match given.orders() {
            Some(given) => Ok(given.clone()),
            None => BgNbd::fit_while(go_on, histories()).map(OrderModel::from),
        });
        let amounts = needs.amounts.then(|| match given.amounts() {
            Some(given) => Ok(given.clone()),
            None => GammaGamma::fit_while(go_on, spends()).map(AmountModel::from),
        });
        Self { orders, amounts }
    }

    pub(crate) fn order_model(&self) -> Option<&BgNbd> {
        self.orders.as_ref()?.as_ref().ok().map(OrderModel::formula)
    }

    pub(crate) fn amount_model(&self) -> Option<&GammaGamma> {
        self.amounts.as_ref()?.as_ref().ok().map(AmountModel::formula)
    }

    /// What could be had; `None` where nobody asked.
    pub(crate) fn model(&self) -> Option<Model> {
        if self.orders.is_none() && self.amounts.is_none() {
            return None;
        }
        let mut model = Model::new();
        if let Some(Ok(orders)) = &self.orders {
            model = model.with_orders(orders.clone());
        }
        if let Some(Ok(amounts)) = &self.amounts {
            model = model.with_amounts(amounts.clone());
        }
        Some(model)
    }
}
