//! Changes to the data, the passing of time, and single customers: memberships follow without everybody being evaluated.

use roaring::RoaringBitmap;

use super::Engine;
use crate::{
    calendar::{AsOf, Moment},
    error::{Error, Result},
    exec::{self, Entering, Found, Input, Outcome, Prepared, Standing, State},
    plan::ThresholdId,
    segment::{Refresh, Touched},
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
    /// refresh; and when it was cancelled, which it is asked at the start, and while customers are evaluated. Nothing is
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
        let kinds = self.memberships.inputs_of(self.rules.set(), &Touched::nobody());
        let touched = changed.touched;
        let standing = self.standing.take().filter(|_| !changed.lookups);
        let followed = standing.and_then(|mut standing| {
            let state = State { snapshot: &self.snapshot, moment };
            let elsewhere = exec::follow(&self.plan, state, &kinds, &mut standing, &touched)?;
            Some((standing, elsewhere))
        });
        let refreshed = match followed {
            Some((standing, elsewhere)) => {
                let rows = touched.into_iter().collect();
                self.settle_some(moment, standing, rows, elsewhere)
            }
            None => Ok(None),
        };
        let refreshed = match refreshed {
            Ok(Some(refresh)) => Ok(refresh),
            Ok(None) => self.refresh_at(moment),
            Err(error) => Err(error),
        };
        if refreshed.is_err() {
            self.snapshot = before;
            self.memberships.forget_only(gone);
            self.prepared = Prepared::default();
        }
        refreshed
    }

    /// Evaluates those who have changed, and those who stand elsewhere by a threshold. `None` where everybody has to be
    /// evaluated. Where it fails, memberships are as they were, and nothing stands.
    fn settle_some(
        &mut self,
        moment: Moment,
        mut standing: Standing,
        mut rows: RoaringBitmap,
        mut elsewhere: Vec<(ThresholdId, RoaringBitmap)>,
    ) -> Result<Option<Refresh>> {
        if elsewhere.iter().map(|(_, rows)| rows.len()).sum::<u64>() < FEW {
            elsewhere.drain(..).for_each(|(_, more)| rows |= more);
        }
        let rows = Touched::from(rows);
        let found = self.find(moment, &standing, &rows)?;
        standing.take(rows.set(), &found);
        let mut recut = Vec::new();
        if !elsewhere.is_empty() {
            let inputs = self.memberships.inputs(self.rules.set());
            let state = State { snapshot: &self.snapshot, moment };
            let how = (&mut standing, &self.watch);
            match exec::recut(&self.plan, state, inputs, elsewhere, how)? {
                Some(found) => recut = found,
                None => return Ok(None),
            }
        }
        self.standing = Some(standing);
        Ok(Some(self.told(found.segments, &rows, recut)))
    }

    /// What has become of some customers.
    fn find(&mut self, moment: Moment, standing: &Standing, some: &Touched) -> Result<Found> {
        let inputs = self.memberships.inputs_of(self.rules.set(), some);
        let state = State { snapshot: &self.snapshot, moment };
        let (prepared, rows) = (&mut self.prepared, (some.list(), &self.watch));
        let mut found = exec::run_some(&self.plan, state, &inputs, standing, prepared, rows)?;
        // INVARIANT: while something stands, who is gone does not exist, so that nobody is left out who has come back.
        found.leave_out_standing(standing, some.list());
        Ok(found)
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
        match self.advance_to(moment)? {
            Some(refresh) => Ok(refresh),
            None => self.refresh_at(moment),
        }
    }

    /// Where it fails nothing stands, and all else is as it was.
    fn advance_to(&mut self, moment: Moment) -> Result<Option<Refresh>> {
        let is_before = |last: &Moment| last.now <= moment.now && last.today <= moment.today;
        let Some(last) = self.moment.filter(is_before) else { return Ok(None) };
        let Some(standing) = self.standing.take() else { return Ok(None) };
        let inputs = self.memberships.inputs(self.rules.set());
        let before = State { snapshot: &self.snapshot, moment: last };
        let Some(moved) = exec::advance(&self.plan, before, moment, inputs, standing, &self.watch)?
        else {
            return Ok(None);
        };
        (self.moment, self.standing) = (Some(moment), Some(moved.standing));
        Ok(Some(self.moved(moved.segments)))
    }

    /// Remembers who entered and who left these segments, and nothing else.
    pub(super) fn moved(&mut self, segments: Vec<Entering>) -> Refresh {
        self.told(Vec::new(), &Touched::nobody(), segments)
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
    /// When no customer has the key, or had it at the last refresh; before the first refresh; and when it was cancelled.
    pub fn evaluate_one(&mut self, key: impl Into<Key>) -> Result<Refresh> {
        let moment = self.last_moment()?;
        let Some(row) = self.snapshot.row_of(&key.into()) else {
            return Err(Error::refused("no customer has this key"));
        };
        let one = Touched::one(row);
        if let Some(standing) = self.standing.take() {
            let found = self.find(moment, &standing, &one);
            self.standing = Some(standing);
            let found = found?;
            return Ok(self.told(found.segments, &one, Vec::new()));
        }
        let mut inputs = self.memberships.inputs(self.rules.set());
        for (number, input) in inputs.segments.iter_mut().enumerate() {
            if matches!(input, Input::Evaluate { keep_base: true }) {
                *input = Input::Members(self.memberships.last(number));
            }
        }
        let predictions = self.predict(moment, &inputs)?;
        let failures = self.asked.failures(&self.rules, &inputs, predictions.fits());
        super::leave_out(&mut inputs, &super::failed(&failures), |number| {
            self.memberships.last(number)
        });
        let (plan, snapshot) = (&self.plan, &self.snapshot);
        let found = if plan.thresholds().is_empty() && self.asked.needs(&inputs).is_none() {
            let (state, nothing) = (State { snapshot, moment }, Standing::default());
            let (prepared, some) = (&mut self.prepared, (&[row][..], &self.watch));
            exec::run_some(plan, state, &inputs, &nothing, prepared, some)?.segments
        } else {
            let (cuts, how) = (&self.cuts, (&self.watch, false));
            let found = exec::run(plan, snapshot, moment, &inputs, cuts, predictions, how)?;
            let own =
                |outcome: Outcome| Outcome { members: one.among(&outcome.members), ..outcome };
            found.segments.into_iter().map(|outcome| Some(own(outcome))).collect()
        };
        Ok(self.told(found, &one, Vec::new()))
    }

    /// Remembers what was found of some customers, and who else has entered and left.
    fn told(
        &mut self,
        found: Vec<Option<Outcome>>,
        rows: &Touched,
        more: Vec<Entering>,
    ) -> Refresh {
        let rules = self.rules.set();
        let mut changes = self.memberships.settle_some(found, rows, &self.snapshot);
        self.memberships.move_more(&mut changes, more);
        let active = rules.segments.iter().filter(|segment| !segment.inactive);
        let numbers = self.memberships.numbers().clone();
        Refresh::new(changes, numbers, self.unknown_pins(active), Vec::new(), None)
    }

    pub(super) fn last_moment(&self) -> Result<Moment> {
        self.moment.ok_or_else(|| {
            Error::refused("there has been no refresh yet, and so there is no day to evaluate at")
        })
    }
}

/// So few customers who stand elsewhere are evaluated with those who have changed.
const FEW: u64 = 1_000;
