//! `predict.*` as nodes, and the rows that all of them are computed from.

use super::{ConditionId, Constant, Scope, ValueId, ValueKind, build::Builder, constant::normal};
use crate::{
    calendar::Offset,
    rule::{End, ExprType, Predict, Prediction, Share},
    schema::TableId,
    value::Decimal,
};

/// The rows of which predictions are made. The nodes are of the rows, and read by no step.
#[derive(Debug)]
pub(crate) struct Purchases {
    pub(crate) table: TableId,
    /// `None` takes all rows that have a time.
    pub(crate) filter: Option<ConditionId>,
    pub(crate) amount: ValueId,
    /// What is expected later counts for less: a year.
    pub(crate) discount_rate: f64,
}

/// What is known of predictions before a rule asks for one.
#[derive(Default)]
pub(super) struct Tiers {
    shares: Option<[Decimal; 2]>,
    horizon: Option<Offset>,
}

const SCOPE: Scope = Scope::Customers;

impl Builder {
    pub(super) fn purchases(&mut self, predict: &Predict) -> Purchases {
        let scope = Scope::Rows(predict.table);
        let amount = self.lower_expr(scope, &predict.amount);
        let filter = predict.filter.as_ref().map(|filter| self.lower_condition(scope, filter));
        let settings = &predict.settings;
        self.tiers = Tiers { shares: Some(settings.tiers), horizon: Some(settings.horizon) };
        let discount_rate = settings.discount_rate;
        Purchases { table: predict.table, filter, amount, discount_rate }
    }

    pub(super) fn predicted(&mut self, asked: Prediction) -> ValueId {
        let (asked, ty) = match asked {
            Prediction::Alive => (asked, ExprType::Float),
            Prediction::Orders(horizon) => (Prediction::Orders(normal(horizon)), ExprType::Float),
            Prediction::Value(horizon) => (Prediction::Value(normal(horizon)), ExprType::Float),
            Prediction::NextOrder => (asked, ExprType::Date),
            Prediction::SpendTier => return self.spend_tier(),
        };
        self.intern_value(SCOPE, ValueKind::Predicted(asked), ty)
    }

    /// The highest tier whose share of all, counted from the greatest value on, the customer belongs to.
    fn spend_tier(&mut self) -> ValueId {
        let (Some(shares), Some(horizon)) = (self.tiers.shares, self.tiers.horizon) else {
            // INVARIANT: the check has seen to it that the rule set defines predictions.
            return self.constant_value(SCOPE, Constant::Bool(false), ExprType::Text);
        };
        let value = self.predicted(Prediction::Value(horizon));
        let bought = self.present(SCOPE, value);
        let lowest = self.place(1);
        let mut tier = self.choose(SCOPE, bought, lowest, None);
        for (share, place) in shares.into_iter().rev().zip(2..) {
            let percent = percent_above(share);
            let within = self.beyond(SCOPE, value, End::Top, Share::Percent(percent));
            let own = self.place(place);
            tier = self.choose(SCOPE, within, own, Some(tier));
        }
        let entries = Prediction::TIERS.map(str::to_owned).to_vec();
        let kind = ValueKind::Pick { index: tier, entries };
        self.intern_value(SCOPE, kind, ExprType::Text)
    }

    fn place(&mut self, number: i128) -> ValueId {
        let constant = Constant::Number { mantissa: number, scale: 0 };
        self.constant_value(SCOPE, constant, ExprType::Exact { scale: 0 })
    }
}

/// How many percent of all are above a share.
fn percent_above(share: Decimal) -> Decimal {
    let above = Decimal::from_int(1).checked_sub(share);
    let percent = above.and_then(|above| above.checked_mul(Decimal::from_int(100)));
    percent.unwrap_or(Decimal::from_int(100))
}
