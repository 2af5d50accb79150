//! Which models the segments read, and which segments cannot be evaluated without them.

use super::Engine;
use crate::{
    calendar::{AsOf, Moment},
    check::Rules,
    computed::{FitError, Fits, Model, Needs},
    diagnostic::{Code, Diagnostic, Finding, Span},
    error::{Error, Result},
    exec::{self, Input, Inputs, Predictions, SegmentsRead},
    rule::{Prediction, PredictionUse},
    watch::Watch,
};

const FIX_ORDERS: &str = "write `parameters = { r = …, alpha_days = …, a = …, b = … }` below `[predict]`, or hand in a model fitted before";
const FIX_AMOUNTS: &str =
    "write `p`, `q` and `v` into the `parameters` of `[predict]`, or hand in a model fitted before";

/// What was fitted on demand; see [`Engine::fit`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Fitting {
    /// What could be fitted.
    pub model: Model,
    /// Why there is no model of orders, with code `E1101`.
    pub no_orders: Option<Diagnostic>,
    /// Why there is no model of amounts, with code `E1101`.
    pub no_amounts: Option<Diagnostic>,
}

/// What the segments ask of predictions, in the order of the rules; empty where none can.
pub(super) struct Asked(Vec<PredictionUse>);

/// By segment, in the order of the rules: why it is not evaluated.
pub(super) type Failures = Vec<Option<Diagnostic>>;

impl Asked {
    pub(super) fn of(rules: &Rules) -> Self {
        if rules.set().predict.is_none() {
            return Self(Vec::new());
        }
        Self(rules.set().segments.iter().map(PredictionUse::of).collect())
    }

    /// What the segments that are evaluated ask for; `None` where it is nothing.
    pub(super) fn needs(&self, inputs: &Inputs) -> Option<Needs> {
        let asked = self.0.iter().enumerate().filter(|(index, _)| is_evaluated(inputs, *index));
        let asked = asked.map(|(_, asked)| asked).filter(|asked| asked.any);
        asked.map(needs).reduce(|one, other| Needs {
            orders: one.orders || other.orders,
            amounts: one.amounts || other.amounts,
        })
    }

    /// Whether a segment could fail for want of a model that does not tell who is in it, or with another segment whose
    /// members its rule reads although they do not tell.
    pub(super) fn may_fail_unseen(
        &self,
        inputs: &Inputs,
        read: &SegmentsRead,
        number: usize,
    ) -> bool {
        let mut seen = vec![false; self.0.len()];
        let mut waiting = vec![number];
        while let Some(number) = waiting.pop() {
            let (Some(asked), Some(seen)) = (self.0.get(number), seen.get_mut(number)) else {
                continue;
            };
            if std::mem::replace(seen, true) || !is_evaluated(inputs, number) {
                continue;
            }
            if asked.any && (!read.predicted || read.all.get(number) != Some(&true)) {
                return true;
            }
            let segments = asked.segments.iter();
            waiting.extend(segments.filter_map(|(read, _)| usize::try_from(read.0).ok()));
        }
        false
    }

    /// The evaluated segments that read a model that could not be had, and those that read their members.
    pub(super) fn failures(&self, rules: &Rules, inputs: &Inputs, fits: &Fits) -> Failures {
        let segments = &rules.set().segments;
        let mut failures: Failures = vec![None; segments.len()];
        if !matches!(fits.orders, Some(Err(_))) && !matches!(fits.amounts, Some(Err(_))) {
            return failures;
        }
        for id in &rules.set().order {
            let index = usize::try_from(id.0).unwrap_or(usize::MAX);
            let (Some(asked), Some(rule)) = (self.0.get(index), segments.get(index)) else {
                continue;
            };
            if !is_evaluated(inputs, index) {
                continue;
            }
            let finding = unfit(asked, fits).map(|unfit| finding(&rule.name, &unfit));
            let is_failed = |index: usize| failures.get(index).is_some_and(Option::is_some);
            let finding = finding.or_else(|| {
                let (read, span) = asked
                    .segments
                    .iter()
                    .find(|(read, _)| usize::try_from(read.0).is_ok_and(is_failed))?;
                let message = format!(
                    "`{}` is not evaluated: neither is `{}`, whose members it reads",
                    rule.name,
                    rules.set().segment(*read)?.name,
                );
                Some(Finding::new(Code::NoModel, *span, message))
            });
            if let Some(failure) = failures.get_mut(index) {
                *failure = finding.map(|finding| rules.resolve(finding));
            }
        }
        failures
    }
}

pub(super) fn needs(asked: &PredictionUse) -> Needs {
    Needs { orders: asked.orders.is_some(), amounts: asked.amounts.is_some() }
}

/// A prediction whose model could not be had.
pub(super) struct Unfit<'f> {
    pub(super) asked: Prediction,
    pub(super) span: Span,
    pub(super) error: &'f FitError,
    pub(super) help: &'static str,
}

/// The first prediction of which that is so: by orders, or else by amounts.
pub(super) fn unfit<'f>(asked: &PredictionUse, fits: &'f Fits) -> Option<Unfit<'f>> {
    let no_orders = fits.orders.as_ref().and_then(|fit| fit.as_ref().err());
    let no_amounts = fits.amounts.as_ref().and_then(|fit| fit.as_ref().err());
    let by_orders = asked.orders.zip(no_orders).zip(Some(FIX_ORDERS));
    let by_amounts = asked.amounts.zip(no_amounts).zip(Some(FIX_AMOUNTS));
    let (((asked, span), error), help) = by_orders.or(by_amounts)?;
    Some(Unfit { asked, span, error, help })
}

/// Whether the members of a segment come from its rule.
fn is_evaluated(inputs: &Inputs, index: usize) -> bool {
    matches!(inputs.segments.get(index), None | Some(Input::Evaluate { .. }))
}

fn finding(segment: &str, unfit: &Unfit<'_>) -> Finding {
    let (asked, error) = (unfit.asked.name(), unfit.error);
    let message =
        format!("`{segment}` is not evaluated: there is no model for `predict.{asked}`; {error}");
    Finding::new(Code::NoModel, unfit.span, message).help(unfit.help)
}

impl Engine {
    /// Fits both models of `predict.*` on the data up to `as_of`, whatever parameters are fixed or handed in. Nothing is
    /// remembered; [`set_model`](Engine::set_model) takes what was found.
    ///
    /// # Errors
    /// When the schema does not set up `predict`, and when it was cancelled. That a model cannot be fitted is told in what is returned.
    pub fn fit(&self, as_of: impl Into<AsOf>) -> Result<Fitting> {
        if self.plan.purchases().is_none() {
            return Err(Error::refused("the schema does not set up `predict`"));
        }
        let needs = Needs { orders: true, amounts: true };
        let moment = self.moment(as_of.into());
        let (nothing, watch) = (Model::new(), &self.watch);
        let found = exec::predict(&self.plan, &self.snapshot, moment, needs, &nothing, watch)?;
        let fits = found.fits();
        let failure = |error: &FitError, what: &str, help: &str| {
            let message = format!("there is no model of {what}: {error}");
            let finding = Finding::new(Code::NoModel, Span::NONE, message).help(help);
            self.rules.resolve(finding)
        };
        let no_orders = fits.orders.as_ref().and_then(|fit| fit.as_ref().err());
        let no_amounts = fits.amounts.as_ref().and_then(|fit| fit.as_ref().err());
        Ok(Fitting {
            model: fits.model().unwrap_or_default(),
            no_orders: no_orders.map(|error| failure(error, "orders", FIX_ORDERS)),
            no_amounts: no_amounts.map(|error| failure(error, "amounts", FIX_AMOUNTS)),
        })
    }

    /// The models behind `predict.*`: those that were handed in; where none were, those that the schema fixes; else those
    /// that the last refresh fitted. `None` where there are none yet.
    pub fn model(&self) -> Option<&Model> {
        self.model.as_ref()
    }

    /// Uses these models from now on in place of fitting and of what the schema fixes; of a model that is left out, as
    /// before. With `None` models are fitted again at every refresh and evaluation, as far as the schema fixes none.
    pub fn set_model(&mut self, model: Option<Model>) {
        self.handed_in = model;
        self.standing = None;
        self.model = given(&self.rules, self.handed_in.as_ref());
    }

    /// What is known of predictions for the segments that are evaluated.
    pub(super) fn predict(&self, moment: Moment, inputs: &Inputs) -> Result<Predictions> {
        self.predict_watched(moment, inputs, &self.watch)
    }

    /// The same, with another one who looks on.
    pub(super) fn predict_watched(
        &self,
        moment: Moment,
        inputs: &Inputs,
        watch: &Watch,
    ) -> Result<Predictions> {
        let Some(needs) = self.asked.needs(inputs) else { return Ok(Predictions::default()) };
        let given = given(&self.rules, self.handed_in.as_ref()).unwrap_or_default();
        Ok(exec::predict(&self.plan, &self.snapshot, moment, needs, &given, watch)?)
    }
}

/// What was handed in, and beside it what the schema fixes.
pub(super) fn given(rules: &Rules, handed_in: Option<&Model>) -> Option<Model> {
    let fixed = rules.schema().predict().map(|predict| &predict.settings.fixed);
    let model = match (handed_in, fixed) {
        (Some(handed_in), Some(fixed)) => handed_in.or(fixed),
        (Some(model), None) | (None, Some(model)) => model.clone(),
        (None, None) => return None,
    };
    Some(model).filter(|model| *model != Model::new())
}
