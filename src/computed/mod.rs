//! What purchases say of those to come: models that are fitted, and what they say of one customer.
//!
//! The engine and its reference share these formulas; what holds them in check are published figures.

mod ahead;
mod exact;
mod fits;
mod fitted;
mod model;

pub(crate) use ahead::ahead;
pub(crate) use fits::{Fits, Needs};
pub use fitted::{AmountModel, FittedParameter, Model, OrderModel};
pub(crate) use model::{
    BgNbd, FitError, Forecast, GammaGamma, History, Horizon, Spend, days_to_next,
};
