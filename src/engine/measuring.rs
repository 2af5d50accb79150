//! Values of the customers beside the rules: for figures.

use roaring::RoaringBitmap;

use super::{
    Engine,
    predicting::{given, needs, unfit},
};
use crate::{
    calendar::{AsOf, Moment},
    check::Measured,
    diagnostic::{Code, Finding},
    error::{Error, Result},
    exec::{self, Predictions, Sheet},
    limits::with_most_room,
    oracle,
    plan::Plan,
    rule::{Node, PredictionUse, RuleSet},
    segment::Members,
    value::Value,
};

impl Engine {
    /// The customers who exist at the moment of the last refresh. Without some members, `&everyone - &members`, they are
    /// everybody else.
    ///
    /// # Errors
    /// Before the first refresh, and when it was cancelled.
    pub fn customers(&self) -> Result<Members<'static>> {
        let rows = self.existing(self.last_moment()?)?;
        Ok(Members::owned(rows, self.snapshot.clone()))
    }

    pub(crate) fn moment_or_last(&self, as_of: Option<AsOf>) -> Result<Moment> {
        as_of.map_or_else(|| self.last_moment(), |as_of| Ok(self.moment(as_of)))
    }

    fn existing(&self, moment: Moment) -> Result<RoaringBitmap> {
        let plan = Plan::of_values(&RuleSet::nothing(), &[]).0;
        let predictions = Predictions::default();
        let (snapshot, watch) = (&self.snapshot, &self.watch);
        let existing = |sheet: &Sheet<'_>| sheet.existing();
        let found = exec::sheets(&plan, snapshot, moment, &[], predictions, watch, existing)?;
        Ok(found.into_iter().fold(RoaringBitmap::new(), |all, chunk| all | chunk))
    }

    /// What `work` makes of each chunk of customers and their values, in the order of the chunks.
    pub(crate) fn sheets<T: Send>(
        &self,
        measured: &Measured,
        moment: Moment,
        work: impl Fn(&Sheet<'_>) -> T + Send + Sync,
    ) -> Result<Vec<T>> {
        let (plan, values) = with_most_room(|| Plan::of_values(&measured.set, &measured.values));
        let predictions = self.predictions_for(measured, &plan, moment)?;
        let (snapshot, watch) = (&self.snapshot, &self.watch);
        Ok(exec::sheets(&plan, snapshot, moment, &values, predictions, watch, work)?)
    }

    /// The same values of each customer, from the values as they are written.
    pub(crate) fn reference_values(
        &self,
        measured: &Measured,
        moment: Moment,
    ) -> Vec<(u32, Vec<Option<Value>>)> {
        let asked = PredictionUse::in_nodes(measured.values.iter().map(Node::Value));
        let needs = needs(&asked);
        let given = given(&self.rules, self.handed_in.as_ref()).unwrap_or_default();
        let (set, snapshot) = (&measured.set, &self.snapshot);
        with_most_room(|| {
            let fits = oracle::fits(set, snapshot, moment, needs, &given);
            oracle::values(set, snapshot, moment, &measured.values, fits)
        })
    }

    fn predictions_for(
        &self,
        measured: &Measured,
        plan: &Plan,
        moment: Moment,
    ) -> Result<Predictions> {
        let asked = PredictionUse::in_nodes(measured.values.iter().map(Node::Value));
        if !asked.any {
            return Ok(Predictions::default());
        }
        let needs = needs(&asked);
        let given = given(&self.rules, self.handed_in.as_ref()).unwrap_or_default();
        let found = exec::predict(plan, &self.snapshot, moment, needs, &given, &self.watch)?;
        let Some(unfit) = unfit(&asked, found.fits()) else { return Ok(found) };
        let (asked, error) = (unfit.asked.name(), unfit.error);
        let message = format!("there is no model for `predict.{asked}`: {error}");
        let finding = Finding::new(Code::NoModel, unfit.span, message).help(unfit.help);
        Err(Error::from(measured.resolve(finding)))
    }
}
