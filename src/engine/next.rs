//! When time alone changes a membership.

use chrono::{DateTime, TimeDelta, Utc};
use roaring::RoaringBitmap;

use super::{Engine, failed, leave_out};
use crate::{
    calendar::Moment,
    error::{Error, Result},
    exec::{self, Input, Inputs, Next, Prepared, Search, Standing, State},
    rule::SegmentRule,
    watch::Watch,
};

/// When time alone changes the members of a segment; see [`Engine::next_change`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NextChange {
    /// At this instant, to the microsecond, the members are others; at no instant before are they.
    At(DateTime<Utc>),
    /// Never, or not within the 260,000 years that can be told.
    Never,
    /// Before this instant nothing changes. Whether something does later was not looked into, because it would have been
    /// more work than a search may be.
    NotBefore(DateTime<Utc>),
}

/// The work that a search may be, counted in customers who are evaluated.
const MOST: u64 = 100_000_000;

impl Engine {
    /// The next instant after the last refresh at which the members of the segment are others than at that refresh, if
    /// nothing changes but the time: neither data nor rules nor the models that were handed in. A
    /// [`refresh`](Engine::refresh) at that instant would tell of customers who entered or left, at any instant between
    /// it would not.
    ///
    /// Time changes memberships where conditions speak of `today` and `now`, of ages and of anniversaries; and where
    /// customers or rows lie after the moment, which begin to exist. A static segment keeps those who are in, and an
    /// inactive one stays as it is.
    ///
    /// Where data or rules were replaced after the last refresh, the members are those that a refresh at its moment would
    /// find now.
    ///
    /// The search goes from one instant at which something reaches a customer to the next, and evaluates those whom it
    /// reaches; where customers are ranked, or models fitted, everybody. It ends with [`NextChange::NotBefore`] when
    /// about 100,000,000 customers were evaluated or 50,000 instants were looked at; where models are fitted, after 100
    /// days at the most; at once where a value is made of `now` itself, as in `coalesce(seen_at, now)`, and where the rule
    /// asks for a model, or for the members of a segment that could fail for want of one, but not so that it tells.
    ///
    /// ```
    /// use segmenta::{AsOf, Engine, NextChange, Rules, Schema, Snapshot, Type, Value};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let schema = Schema::builder()
    ///     .timezone("Europe/Stockholm")
    ///     .customers("id").column("id", Type::Int).column("last_visit", Type::Date)
    ///     .build()?;
    /// let mut data = Snapshot::builder(&schema);
    /// data.push("customers", [
    ///     ("id", Some(Value::Int(1))),
    ///     ("last_visit", Some(Value::Date("2026-10-20".parse()?))),
    /// ])?;
    /// let rules = Rules::parse(&schema, "segment recent { include last_visit within last 7 days }")?;
    /// let mut engine = Engine::new(rules, data.build()?)?;
    /// engine.refresh("2026-10-21".parse::<AsOf>()?)?;
    ///
    /// // The 28th is more than 7 days after the visit, and begins when summer time is over.
    /// let NextChange::At(at) = engine.next_change("recent")? else { panic!() };
    /// assert_eq!(at.to_string(), "2026-10-27 23:00:00 UTC");
    /// assert_eq!(engine.refresh(at)?.changes()[0].left_keys(), [1.into()]);
    /// assert_eq!(engine.next_change("recent")?, NextChange::Never);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Before the first refresh, where there is no such segment, and when it was cancelled, which it is asked all the way;
    /// see [`set_watch`](Engine::set_watch).
    pub fn next_change(&self, segment: &str) -> Result<NextChange> {
        self.next_change_within(segment, MOST)
    }

    /// With other work than a search may usually be.
    pub(crate) fn next_change_within(&self, segment: &str, most: u64) -> Result<NextChange> {
        let moment = self.last_moment()?;
        self.watch.check()?;
        let identity = SegmentRule::identity(segment);
        let rules = &self.rules.set().segments;
        let number = rules.iter().position(|rule| SegmentRule::identity(&rule.name) == identity);
        let Some(number) = number else {
            return Err(Error::refused(format!("there is no segment `{segment}`")));
        };
        let given = self.memberships.inputs(self.rules.set());
        if matches!(given.of(number), Input::Members(_)) {
            return Ok(NextChange::Never);
        }
        let read = exec::segments_read(&self.plan, &given, number);
        if self.asked.may_fail_unseen(&given, &read, number) {
            let (now, later) = (moment.now.to_datetime(), TimeDelta::microseconds(1));
            return Ok(NextChange::NotBefore(now.checked_add_signed(later).unwrap_or(now)));
        }
        let inputs = self.inputs_of(given, &read.all, moment)?;
        let (plan, snapshot) = (&self.plan, &self.snapshot);
        let (state, watch, silent) = (State { snapshot, moment }, &self.watch, self.watch.silent());
        let search = Search { plan, state, segment: number, inputs: &inputs, watch, most };
        let next = search.run(|moment, some| match some {
            None => {
                let outcome = self.found(&inputs, moment, &silent)?.into_iter().nth(number);
                Ok(outcome.map(|outcome| outcome.members).unwrap_or_default())
            }
            Some(rows) => {
                let (state, nothing) = (State { snapshot, moment }, Standing::default());
                let prepared = &mut Prepared::default();
                let some = (rows, &silent);
                let found = exec::run_some(plan, state, &inputs, &nothing, prepared, some)?;
                let outcome = found.segments.into_iter().nth(number).flatten();
                Ok::<_, Error>(outcome.map(|outcome| outcome.members).unwrap_or_default())
            }
        });
        Ok(match next? {
            Next::At(at) => NextChange::At(at.to_datetime()),
            Next::Never => NextChange::Never,
            Next::NotBefore(at) => NextChange::NotBefore(at.to_datetime()),
        })
    }

    /// What a refresh at the moment would do for these segments, with nothing for all others. What it would form has been
    /// formed.
    fn inputs_of(&self, given: Inputs, read: &[bool], moment: Moment) -> Result<Inputs> {
        let nothing = Input::Members(RoaringBitmap::new());
        let inputs = given.segments.into_iter().zip(read);
        let segments = inputs.map(|(input, read)| if *read { input } else { nothing.clone() });
        let mut inputs = Inputs { segments: segments.collect() };
        let forms = |input: &Input| matches!(input, Input::Evaluate { keep_base: true });
        if inputs.segments.iter().any(forms) {
            let found = self.found(&inputs, moment, &self.watch)?;
            for (input, outcome) in inputs.segments.iter_mut().zip(found) {
                if let Some(base) = outcome.base {
                    *input = Input::Base(base);
                }
            }
        }
        Ok(inputs)
    }

    /// What a refresh at the moment would find.
    fn found(&self, inputs: &Inputs, moment: Moment, watch: &Watch) -> Result<Vec<exec::Outcome>> {
        let predictions = self.predict_watched(moment, inputs, watch)?;
        let failures = self.asked.failures(&self.rules, inputs, predictions.fits());
        let mut inputs = inputs.clone();
        leave_out(&mut inputs, &failed(&failures), |number| self.memberships.last(number));
        let (plan, snapshot) = (&self.plan, &self.snapshot);
        let (cuts, how) = (&self.cuts, (watch, false));
        let found = exec::run(plan, snapshot, moment, &inputs, cuts, predictions, how)?;
        Ok(found.segments)
    }
}
