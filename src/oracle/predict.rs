//! Predictions by purchases, from their definition.

use std::{cell::OnceCell, collections::BTreeSet};

use super::{Datum, Known, Scope, World, aggregate::sum};
use crate::{
    calendar::{Day, Moment, Offset},
    computed::{Fits, History, Model, Needs, Spend, ahead, days_to_next},
    rule::{Predict, Prediction, RuleSet},
    snapshot::Snapshot,
    value::Decimal,
};

/// What predictions share: the models, and the values by which customers are in tiers.
#[derive(Default)]
pub(super) struct Predicted {
    fits: Fits,
    values: OnceCell<Vec<f64>>,
}

impl Predicted {
    pub(super) fn with(fits: Fits) -> Self {
        Self { fits, values: OnceCell::new() }
    }
}

/// The models of all customers who exist; those that are given are not fitted.
pub(crate) fn fits(
    rules: &RuleSet,
    snapshot: &Snapshot,
    moment: Moment,
    needs: Needs,
    given: &Model,
) -> Fits {
    let Some(predict) = &rules.predict else { return Fits::default() };
    let known = Known::default();
    let world = World { predict: Some(predict), ..World::plain(snapshot, moment, &known) };
    let histories = || world.existing().filter_map(|scope| scope.history(predict));
    let spends = || world.existing().filter_map(|scope| scope.spend(predict));
    let (histories, spends) = (|| histories().collect::<Vec<_>>(), || spends().collect::<Vec<_>>());
    Fits::new(needs, given, &|| true, histories, spends)
}

impl World<'_> {
    /// Of the customers who have one.
    fn tier_values(&self, predict: &Predict) -> &[f64] {
        self.known.predicted.values.get_or_init(|| {
            let values = self.existing().filter_map(|scope| scope.tier_value(predict));
            values.collect()
        })
    }
}

impl Scope<'_> {
    pub(super) fn predicted(&self, asked: Prediction) -> Option<Datum> {
        let predict = self.world.predict?;
        let history = self.history(predict)?;
        let model = self.world.known.predicted.fits.order_model();
        let today = self.world.moment.today;
        match asked {
            Prediction::Alive => Datum::float(model?.alive(&history)),
            Prediction::Orders(length) => {
                Datum::float(ahead(length, today, 0.0).orders(model?, &history))
            }
            Prediction::Value(length) => Datum::float(self.predicted_value(predict, length)?),
            Prediction::NextOrder => {
                let last = *self.order_days(predict).last()?;
                Some(Datum::Day(last.plus_days(days_to_next(&history)?.into())))
            }
            Prediction::SpendTier => {
                let value = self.tier_value(predict)?;
                let all = self.world.tier_values(predict);
                let greater = all.iter().filter(|other| **other > value).count();
                let [high, medium] = predict.settings.tiers;
                let tier = if is_fewer(greater, high, all.len())? {
                    "high"
                } else if is_fewer(greater, medium, all.len())? {
                    "medium"
                } else {
                    "low"
                };
                Some(Datum::Text(tier.to_owned()))
            }
        }
    }

    fn predicted_value(&self, predict: &Predict, length: Offset) -> Option<f64> {
        let fits = &self.world.known.predicted.fits;
        let (orders, amounts) = (fits.order_model()?, fits.amount_model()?);
        let horizon = ahead(length, self.world.moment.today, predict.settings.discount_rate);
        let orders = horizon.orders(orders, &self.history(predict)?);
        let amount = amounts.expected_amount(&self.spend(predict)?)?;
        Some(orders * amount).filter(|value| value.is_finite())
    }

    fn tier_value(&self, predict: &Predict) -> Option<f64> {
        self.predicted_value(predict, predict.settings.horizon)
    }

    /// The local days of the rows that have happened and meet the condition, and the rows.
    fn order_rows(&self, predict: &Predict) -> Vec<(Day, Self)> {
        let rows = self.customer.children(predict.table).map(|row| Scope { row, ..*self });
        let orders = rows.filter_map(|scope| {
            let time = Datum::from(scope.row.time()?);
            let day = self.local_day(&time)?;
            let counts = predict.filter.as_ref().is_none_or(|filter| scope.holds(filter));
            (self.world.has_happened(time) && counts).then_some((day, scope))
        });
        orders.collect()
    }

    /// Ascending, each once.
    fn order_days(&self, predict: &Predict) -> Vec<Day> {
        let days: BTreeSet<Day> =
            self.order_rows(predict).into_iter().map(|(day, _)| day).collect();
        days.into_iter().collect()
    }

    fn history(&self, predict: &Predict) -> Option<History> {
        let days = self.order_days(predict);
        let (first, last) = (*days.first()?, *days.last()?);
        let between = |from: Day, to: Day| u32::try_from(to.days_since(from)).ok();
        let repeats = u32::try_from(days.len()).ok()?.checked_sub(1)?;
        History::new(repeats, between(first, last)?, between(first, self.world.moment.today)?)
    }

    /// What the rows after the first day are worth.
    fn spend(&self, predict: &Predict) -> Option<Spend> {
        let first = *self.order_days(predict).first()?;
        let later = self.order_rows(predict).into_iter().filter(|(day, _)| *day > first);
        let amounts: Vec<Datum> =
            later.filter_map(|(_, scope)| scope.value(&predict.amount)).collect();
        let total = sum(Some(&predict.amount), amounts.iter())?.as_float()?;
        Spend::new(self.history(predict)?.repeats(), total)
    }
}

/// Whether so many are fewer than those of all who are above the share.
fn is_fewer(number: usize, share: Decimal, all: usize) -> Option<bool> {
    let count = |count: usize| Some(Decimal::from_int(i128::try_from(count).ok()?));
    let above = Decimal::from_int(1).checked_sub(share)?.checked_mul(count(all)?)?;
    Some(count(number)? < above)
}
