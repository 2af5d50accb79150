//! Predictions set up in a program.

use super::{
    super::{
        draft::{Field, Word},
        purchases::DraftPurchases,
    },
    DraftParameters, DraftPredict,
};
use crate::diagnostic::Span;

/// What `predict.*` is computed from: the part `[predict]` of a schema, written in a program.
///
/// Only what [`new`](Predict::new) takes must be there. What is wrong is told by
/// [`SchemaBuilder::build`](crate::SchemaBuilder::build), what is wrong in the [`filter`](Predict::filter) where rules
/// are built. What the predictions mean: [`docs::language`](crate::docs::language).
///
/// ```
/// use segmenta::{Predict, Rules, Schema, Type};
///
/// # fn main() -> segmenta::Result<()> {
/// let schema = Schema::builder()
///     .customers("id").column("id", Type::Int)
///     .table("orders", "customer").time("at")
///     .column("customer", Type::Int).column("at", Type::DateTime)
///     .column("total", Type::Decimal(2)).column("status", Type::Text)
///     .predict(Predict::new("orders", "total").filter("status = 'paid'").discount_rate(0.1))
///     .build()?;
/// Rules::parse(&schema, "segment leaving { include predict.alive < 0.3 and predict.spend_tier = 'high' }")?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Predict {
    draft: DraftPredict,
}

impl Predict {
    /// Orders are the rows of this table; `amount` is its column with what a row is worth.
    pub fn new(table: &str, amount: &str) -> Self {
        let mut draft = DraftPredict::new(Span::NONE);
        draft.purchases = DraftPurchases::given(table, amount);
        Self { draft }
    }

    /// Only rows that meet this condition are orders: `where` in a schema file.
    pub fn filter(mut self, condition: &str) -> Self {
        self.draft.purchases.only(condition);
        self
    }

    /// From which percentile of the value on customers are in the tiers `high` and `medium`, as shares of 1; left out,
    /// 0.8 and 0.5. A share is the shortest decimal that is this float.
    pub fn spend_tiers(mut self, high: f64, medium: f64) -> Self {
        let shares = [high, medium].map(|share| Word::unplaced(share.to_string()));
        self.draft.spend_tiers = Field::Given((shares.to_vec(), Span::NONE));
        self
    }

    /// Over which time the value decides the tier, as `90 days`; left out, `12 months`.
    pub fn spend_horizon(mut self, length: &str) -> Self {
        self.draft.spend_horizon = Field::Given(Word::unplaced(length));
        self
    }

    /// By how much less an order counts for each year until then: 0.1 for 10 percent; left out, 0.
    pub fn discount_rate(mut self, a_year: f64) -> Self {
        self.draft.discount_rate = Field::Given(Word::unplaced(a_year.to_string()));
        self
    }

    /// Parameters of the model of orders, [`OrderModel`](crate::OrderModel), in place of fitting it.
    pub fn order_parameters(self, r: f64, alpha_days: f64, a: f64, b: f64) -> Self {
        self.parameters(0, &[r, alpha_days, a, b])
    }

    /// Parameters of the model of amounts, [`AmountModel`](crate::AmountModel), in place of fitting it; only beside
    /// those of orders.
    pub fn amount_parameters(self, p: f64, q: f64, v: f64) -> Self {
        self.parameters(4, &[p, q, v])
    }

    fn parameters(mut self, from: usize, given: &[f64]) -> Self {
        let mut draft = match self.draft.parameters {
            Field::Given(draft) => draft,
            _ => DraftParameters::new(Span::NONE),
        };
        for (to, number) in draft.numbers.iter_mut().skip(from).zip(given) {
            *to = Field::Given(Word::unplaced(number.to_string()));
        }
        self.draft.parameters = Field::Given(draft);
        self
    }

    pub(in super::super) fn into_draft(self) -> DraftPredict {
        self.draft
    }
}
