//! Changes to the data, the passing of time, and single customers: memberships follow without everybody being evaluated.

use std::collections::BTreeSet;

use roaring::RoaringBitmap;

use super::Engine;
use crate::{
    calendar::{AsOf, Moment},
    error::{Error, Result},
    exec::{self, Input, Outcome, Population, Prepared, State},
    plan::Depends,
    schema::Role,
    segment::Refresh,
    snapshot::{Changed, Changes, is_of},
    value::Key,
};

impl Engine {
    /// Begins changes to the data at hand, for [`apply`](Engine::apply).
    pub fn changes(&self) -> Changes {
        self.snapshot.changes()
    }

    /// Takes changes into the data and brings every segment up to them, at the moment of the last refresh. Memberships
    /// and events are those that [`load`](Engine::load) with all the data after the changes, and
    /// [`refresh`](Engine::refresh) at that moment, would have led to; but only the customers who changed are
    /// evaluated, and those whom it concerns that they have come or gone in an order.
    ///
    /// Everybody is evaluated where rows of lookups were given, where segments read `predict.*`, where ranked values
    /// read ranks or segments themselves, and where data or rules were replaced after the last refresh.
    ///
    /// # Errors
    /// All that is wrong with the changes; where they were begun on other data than those at hand; before the first
    /// refresh; and when it was cancelled, which it is asked at the start, and while everybody is evaluated. Nothing is
    /// changed then.
    pub fn apply(&mut self, changes: Changes) -> Result<Refresh> {
        let moment = self.last_moment()?;
        if !is_of(&changes, &self.snapshot) {
            return Err(Error::refused(
                "the changes were begun on other data than those at hand; begin them anew",
            ));
        }
        self.watch.check()?;
        let changed = changes.make()?;
        self.take(changed, moment)
    }

    fn take(&mut self, changed: Changed, moment: Moment) -> Result<Refresh> {
        let before = std::mem::replace(&mut self.snapshot, changed.snapshot);
        let gone = self.memberships.gone().clone();
        if changed.customers {
            self.memberships.forget(&(before.live() - self.snapshot.live()));
        }
        let kinds = self.memberships.inputs_of(self.rules.set(), &RoaringBitmap::new());
        let population = self.population.as_ref().filter(|_| !changed.lookups);
        let population = population.filter(|_| self.asked.needs(&kinds).is_none());
        let touched = changed.touched;
        let found = population.and_then(|population| {
            let before = State { snapshot: &before, moment };
            let after = State { snapshot: &self.snapshot, moment };
            exec::follow(&self.plan, before, after, &kinds, population, &touched)
        });
        if let Some((population, concerned)) = found {
            return Ok(self.settle_some(moment, population, touched, concerned, |_| true));
        }
        let refreshed = self.refresh_at(moment);
        if refreshed.is_err() {
            self.snapshot = before;
            self.memberships.forget_only(gone);
        }
        refreshed
    }

    /// Brings every segment up to `as_of`, as [`refresh`](Engine::refresh) does; but where `as_of` lies after the last
    /// refresh, only the customers are evaluated whom the time between may concern: those who have rows that come to
    /// exist, or for whom a condition that reads the clock has another answer.
    ///
    /// # Errors
    /// As [`refresh`](Engine::refresh).
    pub fn advance(&mut self, as_of: impl Into<AsOf>) -> Result<Refresh> {
        let moment = self.moment(as_of.into());
        self.watch.check()?;
        match self.advance_to(moment) {
            Some(refresh) => Ok(refresh),
            None => self.refresh_at(moment),
        }
    }

    fn advance_to(&mut self, moment: Moment) -> Option<Refresh> {
        let last =
            self.moment.filter(|last| last.now <= moment.now && last.today <= moment.today)?;
        let kinds = self.memberships.inputs_of(self.rules.set(), &RoaringBitmap::new());
        let population = self.population.clone().filter(|_| self.asked.needs(&kinds).is_none())?;
        let before = State { snapshot: &self.snapshot, moment: last };
        let turned = exec::turned(&self.plan, before, moment, &kinds, &population)?;
        if turned.len() * MOST > self.snapshot.customers() {
            return None;
        }
        let touched: Vec<u32> = turned.iter().collect();
        let after = State { snapshot: &self.snapshot, moment };
        let (population, concerned) =
            exec::follow(&self.plan, before, after, &kinds, &population, &touched)?;
        // Who comes to exist may enter any segment.
        let role = self.snapshot.schema().customers().role;
        let may_come = !matches!(role, Role::Customers { created: None });
        let depends = |segment| self.plan.segment_depends(segment).is_none_or(Depends::any);
        let may_change: Vec<bool> =
            (0..self.plan.segments().len()).map(|number| may_come || depends(number)).collect();
        let may_change = |segment: usize| may_change.get(segment).copied().unwrap_or(true);
        Some(self.settle_some(moment, population, touched, concerned, may_change))
    }

    /// Evaluates one customer against all rules, at the moment of the last refresh, and says which segments the customer
    /// entered and left. The memberships of the others stay as they are.
    ///
    /// This is for data that were put in place by [`load`](Engine::load), when one customer must be up to date before
    /// the next refresh; after a refresh, or after [`apply`](Engine::apply), it finds nothing new. A static segment that
    /// is still to be formed is left to the next refresh.
    ///
    /// Everybody is evaluated on the way where data or rules were replaced after the last refresh and segments read ranks
    /// or `predict.*`.
    ///
    /// # Errors
    /// When no customer has the key, or had it at the last refresh; and before the first refresh.
    pub fn evaluate_one(&mut self, key: impl Into<Key>) -> Result<Refresh> {
        let moment = self.last_moment()?;
        let Some(row) = self.snapshot.row_of(&key.into()) else {
            return Err(Error::refused("no customer has this key"));
        };
        let one = RoaringBitmap::from_iter([row]);
        let rules = self.rules.set();
        if self.population.is_some() {
            let inputs = self.memberships.inputs_of(rules, &one);
            let found =
                match self.population.as_ref().filter(|_| self.asked.needs(&inputs).is_none()) {
                    Some(population) => {
                        let state = State { snapshot: &self.snapshot, moment };
                        let prepared = &mut self.prepared;
                        exec::run_some(&self.plan, state, &inputs, population, prepared, &[row])
                    }
                    // The models are those that were read.
                    None => Vec::new(),
                };
            return Ok(self.told(found, &one));
        }
        let mut inputs = self.memberships.inputs(rules);
        for (input, rule) in inputs.segments.iter_mut().zip(&rules.segments) {
            if matches!(input, Input::Evaluate { keep_base: true }) {
                *input = Input::Members(self.memberships.last(rule));
            }
        }
        let predictions = self.predict(moment, &inputs)?;
        let failures = self.asked.failures(&self.rules, &inputs, predictions.fits());
        let last = |index: usize| rules.segments.get(index).map(|rule| self.memberships.last(rule));
        super::leave_out(&mut inputs, &failures, |index| last(index).unwrap_or_default());
        let (plan, snapshot) = (&self.plan, &self.snapshot);
        let found = if plan.thresholds().is_empty() && self.asked.needs(&inputs).is_none() {
            let (state, nobody) = (State { snapshot, moment }, Population::default());
            let mut prepared = Prepared::default();
            exec::run_some(plan, state, &inputs, &nobody, &mut prepared, &[row])
        } else {
            let (cuts, watch) = (&self.cuts, &self.watch);
            let found = exec::run(plan, snapshot, moment, &inputs, cuts, predictions, watch)?;
            found.segments.into_iter().map(Some).collect()
        };
        Ok(self.told(found, &one))
    }

    /// Evaluates these customers, who are all whom anything concerns, against the segments that may have changed.
    fn settle_some(
        &mut self,
        moment: Moment,
        population: Population,
        touched: Vec<u32>,
        concerned: BTreeSet<u32>,
        may_change: impl Fn(usize) -> bool,
    ) -> Refresh {
        let mut rows: RoaringBitmap = touched.into_iter().collect();
        rows.extend(concerned);
        let rules = self.rules.set();
        let mut inputs = self.memberships.inputs_of(rules, &rows);
        for (number, (input, rule)) in inputs.segments.iter_mut().zip(&rules.segments).enumerate() {
            if matches!(input, Input::Evaluate { .. }) && !may_change(number) {
                *input = Input::Members(self.memberships.last_of(rule, &rows));
            }
        }
        let state = State { snapshot: &self.snapshot, moment };
        let list: Vec<u32> = rows.iter().collect();
        let prepared = &mut self.prepared;
        let found = exec::run_some(&self.plan, state, &inputs, &population, prepared, &list);
        (self.moment, self.population) = (Some(moment), Some(population));
        self.told(found, &rows)
    }

    /// Remembers what was found of some customers.
    fn told(&mut self, found: Vec<Option<Outcome>>, rows: &RoaringBitmap) -> Refresh {
        let rules = self.rules.set();
        let changes = self.memberships.settle_some(rules, found, rows, &self.snapshot);
        let active = rules.segments.iter().filter(|segment| !segment.inactive);
        Refresh::new(changes, self.unknown_pins(active), Vec::new(), None)
    }

    fn last_moment(&self) -> Result<Moment> {
        self.moment.ok_or_else(|| {
            Error::refused("there has been no refresh yet, and so there is no day to evaluate at")
        })
    }
}

/// When more than this part of the customers may have changed, everybody is evaluated.
const MOST: u64 = 3;
