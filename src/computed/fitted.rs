//! Parameters that can be kept and handed in again.

use serde::{Deserialize, Serialize};

use super::{
    exact,
    model::{BgNbd, Fit, GammaGamma},
};

/// The models behind `predict.*`: how often customers order and whether they still do, and what an order is worth. What
/// an evaluation did not need is left out.
///
/// It can be kept by any format of serde, and be handed to an engine in place of fitting:
/// [`Engine::set_model`](crate::Engine::set_model). Every float comes back as it was, bit for bit; in formats that
/// people read they are texts.
///
/// ```
/// use segmenta::{Model, OrderModel};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let orders = OrderModel::new(0.243, 30.9, 0.793, 2.426).ok_or("out of range")?;
/// let model = Model::new().with_orders(orders);
/// let kept = serde_json::to_string(&model)?;
/// assert_eq!(serde_json::from_str::<Model>(&kept)?, model);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Model {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    orders: Option<OrderModel>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    amounts: Option<AmountModel>,
}

/// BG/NBD (P. S. Fader, B. G. S. Hardie and K. L. Lee, “Counting Your Customers” the Easy Way, Marketing Science 24
/// (2005), 275–284), with time in days.
///
/// While a customer is one, orders come at random at a rate of their own; rates are spread as a gamma distribution of
/// shape `r` and rate `alpha_days`. After each order the customer drops out with a probability of their own; these are
/// spread as a beta distribution of `a` and `b`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "OrderParts", into = "OrderParts")]
pub struct OrderModel {
    formula: BgNbd,
    fit: Option<Quality<BgNbd>>,
}

/// Gamma-Gamma (P. S. Fader and B. G. S. Hardie, The Gamma-Gamma Model of Monetary Value, 2013), with `v` in the unit of
/// the amounts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "AmountParts", into = "AmountParts")]
pub struct AmountModel {
    formula: GammaGamma,
    fit: Option<Quality<GammaGamma>>,
}

/// One parameter of a model.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct FittedParameter {
    /// As in `[predict]` of a schema: `r`, `alpha_days`, `a`, `b`, `p`, `q` or `v`.
    pub name: &'static str,
    /// What it is.
    pub value: f64,
    /// By the curvature of the likelihood; `None` where the parameter was given instead of fitted.
    pub standard_error: Option<f64>,
}

#[derive(Debug, Clone, PartialEq)]
struct Quality<P> {
    standard_errors: P,
    log_likelihood: f64,
    customers: u32,
}

impl Model {
    /// Neither model.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With this model of orders.
    #[must_use]
    pub fn with_orders(self, orders: OrderModel) -> Self {
        Self { orders: Some(orders), ..self }
    }

    /// With this model of amounts.
    #[must_use]
    pub fn with_amounts(self, amounts: AmountModel) -> Self {
        Self { amounts: Some(amounts), ..self }
    }

    /// The model of orders.
    pub fn orders(&self) -> Option<&OrderModel> {
        self.orders.as_ref()
    }

    /// The model of amounts.
    pub fn amounts(&self) -> Option<&AmountModel> {
        self.amounts.as_ref()
    }

    /// These models, where there are none the other's.
    pub(crate) fn or(&self, other: &Self) -> Self {
        Self {
            orders: self.orders.clone().or_else(|| other.orders.clone()),
            amounts: self.amounts.clone().or_else(|| other.amounts.clone()),
        }
    }
}

impl OrderModel {
    /// Parameters that were not fitted here. `None` unless `r`, `a` and `b` lie between 10⁻⁹ and 10⁹ and `alpha_days`
    /// between 10⁻¹⁵ and 10¹⁵.
    pub fn new(r: f64, alpha_days: f64, a: f64, b: f64) -> Option<Self> {
        Some(Self { formula: BgNbd::new(r, alpha_days, a, b)?, fit: None })
    }

    /// `r`, `alpha_days`, `a` and `b`.
    pub fn parameters(&self) -> [FittedParameter; 4] {
        let errors = self.fit.as_ref().map(|fit| numbers(&fit.standard_errors));
        let named = ["r", "alpha_days", "a", "b"].into_iter().zip(numbers(&self.formula));
        parameters(named, errors)
    }

    /// Natural logarithm of the density of the data at these parameters, time in days; `None` where they were given.
    pub fn log_likelihood(&self) -> Option<f64> {
        self.fit.as_ref().map(|fit| fit.log_likelihood)
    }

    /// How many customers it was fitted on; `None` where it was given.
    pub fn customers(&self) -> Option<u32> {
        self.fit.as_ref().map(|fit| fit.customers)
    }

    pub(super) fn formula(&self) -> &BgNbd {
        &self.formula
    }
}

impl AmountModel {
    /// Parameters that were not fitted here. `None` unless `p` and `q` lie between 10⁻⁹ and 10⁹ and `v` is positive and
    /// finite.
    pub fn new(p: f64, q: f64, v: f64) -> Option<Self> {
        Some(Self { formula: GammaGamma::new(p, q, v)?, fit: None })
    }

    /// `p`, `q` and `v`.
    pub fn parameters(&self) -> [FittedParameter; 3] {
        let errors = self.fit.as_ref().map(|fit| amounts(&fit.standard_errors));
        parameters(["p", "q", "v"].into_iter().zip(amounts(&self.formula)), errors)
    }

    /// Natural logarithm of the density of the mean repeat amounts at these parameters; `None` where they were given.
    pub fn log_likelihood(&self) -> Option<f64> {
        self.fit.as_ref().map(|fit| fit.log_likelihood)
    }

    /// How many customers it was fitted on: those with a positive repeat amount. `None` where it was given.
    pub fn customers(&self) -> Option<u32> {
        self.fit.as_ref().map(|fit| fit.customers)
    }

    pub(super) fn formula(&self) -> &GammaGamma {
        &self.formula
    }
}

impl From<Fit<BgNbd>> for OrderModel {
    fn from(fit: Fit<BgNbd>) -> Self {
        let Fit { parameters, standard_errors, log_likelihood, customers, .. } = fit;
        let fit = Quality { standard_errors, log_likelihood, customers };
        Self { formula: parameters, fit: Some(fit) }
    }
}

impl From<Fit<GammaGamma>> for AmountModel {
    fn from(fit: Fit<GammaGamma>) -> Self {
        let Fit { parameters, standard_errors, log_likelihood, customers, .. } = fit;
        let fit = Quality { standard_errors, log_likelihood, customers };
        Self { formula: parameters, fit: Some(fit) }
    }
}

fn numbers(of: &BgNbd) -> [f64; 4] {
    [of.r, of.alpha, of.a, of.b]
}

fn amounts(of: &GammaGamma) -> [f64; 3] {
    [of.p, of.q, of.v]
}

fn parameters<const N: usize>(
    named: impl Iterator<Item = (&'static str, f64)>,
    errors: Option<[f64; N]>,
) -> [FittedParameter; N] {
    let mut errors = errors.into_iter().flatten();
    let mut all = [FittedParameter { name: "", value: 0.0, standard_error: None }; N];
    for (to, (name, value)) in all.iter_mut().zip(named) {
        *to = FittedParameter { name, value, standard_error: errors.next() };
    }
    all
}

/// As it is kept.
#[derive(Serialize, Deserialize)]
#[serde(rename = "OrderModel")]
struct OrderParts {
    #[serde(with = "exact")]
    r: f64,
    #[serde(with = "exact")]
    alpha_days: f64,
    #[serde(with = "exact")]
    a: f64,
    #[serde(with = "exact")]
    b: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fit: Option<QualityParts>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename = "AmountModel")]
struct AmountParts {
    #[serde(with = "exact")]
    p: f64,
    #[serde(with = "exact")]
    q: f64,
    #[serde(with = "exact")]
    v: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fit: Option<QualityParts>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename = "Fit")]
struct QualityParts {
    /// In the order of the parameters.
    standard_errors: Vec<ExactFloat>,
    #[serde(with = "exact")]
    log_likelihood: f64,
    customers: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct ExactFloat {
    #[serde(with = "exact")]
    float: f64,
}

const OUT_OF_RANGE: &str = "a parameter of the model is out of range";

impl TryFrom<OrderParts> for OrderModel {
    type Error = &'static str;

    fn try_from(parts: OrderParts) -> Result<Self, Self::Error> {
        let OrderParts { r, alpha_days, a, b, fit } = parts;
        let formula = BgNbd::new(r, alpha_days, a, b).ok_or(OUT_OF_RANGE)?;
        let fit = fit.map(|parts| {
            let ([r, alpha, a, b], rest) = parts.split().ok_or(OUT_OF_RANGE)?;
            Ok::<_, Self::Error>(rest.of(BgNbd { r, alpha, a, b }))
        });
        Ok(Self { formula, fit: fit.transpose()? })
    }
}

impl From<OrderModel> for OrderParts {
    fn from(OrderModel { formula, fit }: OrderModel) -> Self {
        let BgNbd { r, alpha, a, b } = formula;
        let fit = fit.map(|fit| QualityParts::new(&numbers(&fit.standard_errors), &fit));
        Self { r, alpha_days: alpha, a, b, fit }
    }
}

impl TryFrom<AmountParts> for AmountModel {
    type Error = &'static str;

    fn try_from(parts: AmountParts) -> Result<Self, Self::Error> {
        let AmountParts { p, q, v, fit } = parts;
        let formula = GammaGamma::new(p, q, v).ok_or(OUT_OF_RANGE)?;
        let fit = fit.map(|parts| {
            let ([p, q, v], rest) = parts.split().ok_or(OUT_OF_RANGE)?;
            Ok::<_, Self::Error>(rest.of(GammaGamma { p, q, v }))
        });
        Ok(Self { formula, fit: fit.transpose()? })
    }
}

impl From<AmountModel> for AmountParts {
    fn from(AmountModel { formula, fit }: AmountModel) -> Self {
        let GammaGamma { p, q, v } = formula;
        let fit = fit.map(|fit| QualityParts::new(&amounts(&fit.standard_errors), &fit));
        Self { p, q, v, fit }
    }
}

impl QualityParts {
    fn new<P>(standard_errors: &[f64], fit: &Quality<P>) -> Self {
        let standard_errors = standard_errors.iter().map(|float| ExactFloat { float: *float });
        Self {
            standard_errors: standard_errors.collect(),
            log_likelihood: fit.log_likelihood,
            customers: fit.customers,
        }
    }

    /// `None` where there are not so many errors as parameters.
    fn split<const N: usize>(self) -> Option<([f64; N], Self)> {
        let errors: Vec<f64> = self.standard_errors.iter().map(|error| error.float).collect();
        Some((errors.try_into().ok()?, self))
    }

    fn of<P>(self, standard_errors: P) -> Quality<P> {
        let Self { log_likelihood, customers, .. } = self;
        Quality { standard_errors, log_likelihood, customers }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitted() -> Model {
        let fit = Fit {
            parameters: BgNbd::new(0.1 + 0.2, 30.9, 0.793, 1e9).unwrap(),
            standard_errors: BgNbd { r: 0.01, alpha: f64::MIN_POSITIVE, a: 1.0 / 3.0, b: 5e-324 },
            log_likelihood: -9_582.429_207_342_1,
            iterations: 8,
            customers: 2_357,
        };
        Model::new()
            .with_orders(fit.into())
            .with_amounts(AmountModel::new(6.25, 3.74, 15.44).unwrap())
    }

    #[test]
    fn what_was_kept_comes_back_bit_for_bit() {
        let model = fitted();
        let json = serde_json::to_string(&model).unwrap();
        assert_eq!(serde_json::from_str::<Model>(&json).unwrap(), model);
        let table = toml::to_string(&model).unwrap();
        assert_eq!(toml::from_str::<Model>(&table).unwrap(), model);
    }

    #[test]
    fn plain_numbers_are_read_too() {
        let json = r#"{"orders": {"r": 0.25, "alpha_days": 30, "a": 1, "b": "2.5"}}"#;
        let expected = Model::new().with_orders(OrderModel::new(0.25, 30.0, 1.0, 2.5).unwrap());
        assert_eq!(serde_json::from_str::<Model>(json).unwrap(), expected);
    }

    #[test]
    fn what_is_no_model_is_refused() {
        for json in [
            r#"{"orders": {"r": -1, "alpha_days": 30, "a": 1, "b": 2}}"#,
            r#"{"orders": {"r": "NaN", "alpha_days": 30, "a": 1, "b": 2}}"#,
            r#"{"orders": {"r": 1, "alpha_days": 30, "a": 1}}"#,
            r#"{"amounts": {"p": "x", "q": 3, "v": 1}}"#,
            r#"{"amounts": {"p": 1, "q": 3, "v": 0}}"#,
            r#"{"amounts": {"p": 1, "q": 3, "v": 1, "fit": {"standard_errors": [1], "log_likelihood": 1, "customers": 3}}}"#,
        ] {
            assert!(serde_json::from_str::<Model>(json).is_err(), "{json}");
        }
    }
}
