//! Rules, data and memberships in one hand.

mod changing;
mod measuring;
mod next;
mod predicting;

use std::fmt;

use roaring::RoaringBitmap;

pub use next::NextChange;
pub use predicting::Fitting;
use predicting::{Asked, Failures, given};

use crate::{
    calendar::{AsOf, Moment},
    check::Rules,
    computed::Model,
    diagnostic::{Code, Diagnostic, Finding},
    error::{Error, Result},
    exec::{self, Input, Inputs, Kept, Prepared, Standing},
    limits::with_most_room,
    oracle,
    plan::Plan,
    rule::SegmentRule,
    segment::{Evaluation, Members, Memberships, Refresh},
    snapshot::Snapshot,
    value::Key,
    watch::Watch,
};
#[cfg(feature = "store")]
use {
    crate::{rule::ContentHash, segment::Saved},
    std::sync::Arc,
};

/// Rules, a snapshot of the data, and who was in which segment at the last refresh.
///
/// [`evaluate`](Engine::evaluate) only answers; [`refresh`](Engine::refresh) also remembers, and says who entered and
/// who left. Between refreshes the data ([`load`](Engine::load)) and the rules ([`set_rules`](Engine::set_rules)) may
/// change; memberships stay as they were until the next refresh.
///
/// Names of segments are found without regard to case.
pub struct Engine {
    rules: Rules,
    plan: Plan,
    snapshot: Snapshot,
    memberships: Memberships,
    /// Of evaluations of `plan`.
    cuts: Kept,
    asked: Asked,
    handed_in: Option<Model>,
    /// That of the last refresh, or what is given in place of it.
    model: Option<Model>,
    /// That of the last refresh.
    moment: Option<Moment>,
    /// What stands since then; `None` where data, rules or models have changed, or predictions are read.
    standing: Option<Standing>,
    /// For runs over some customers.
    prepared: Prepared,
    watch: Watch,
    /// The refresh of a store from which it goes on.
    #[cfg(feature = "store")]
    stored: Option<Arc<()>>,
    /// Whether members are those that the store had then, and not forgotten by other rules in between.
    #[cfg(feature = "store")]
    knows_members: bool,
}

impl Engine {
    /// An engine whose segments have no members before the first refresh.
    ///
    /// # Errors
    /// When the rules were checked with another schema than the data were read with.
    pub fn new(rules: Rules, snapshot: Snapshot) -> Result<Self> {
        refuse_other_schema(&rules, &snapshot)?;
        let plan = with_most_room(|| Plan::new(rules.set()));
        let mut memberships = Memberships::default();
        memberships.adopt(rules.set(), rules.hashes());
        let (asked, model) = (Asked::of(&rules), given(&rules, None));
        Ok(Self {
            rules,
            plan,
            snapshot,
            memberships,
            cuts: Kept::default(),
            asked,
            handed_in: None,
            model,
            moment: None,
            standing: None,
            prepared: Prepared::default(),
            watch: Watch::default(),
            #[cfg(feature = "store")]
            stored: None,
            #[cfg(feature = "store")]
            knows_members: false,
        })
    }

    /// The rules.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The data.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Has refreshes and evaluations tell how far they are, and be stopped. One that was stopped is an error
    /// ([`Error::is_cancelled`]) and leaves the engine as it was: the same call can be made again.
    pub fn set_watch(&mut self, watch: Watch) {
        self.watch = watch;
    }

    /// Every segment as the rules and the data alone say, whatever was there before: static and inactive segments are
    /// evaluated like dynamic ones, pins included. Nothing is remembered.
    ///
    /// Rules that passed their check do not fail on data, with one exception: a segment that reads a prediction whose
    /// model cannot be fitted is among [`failures`](Evaluation::failures).
    ///
    /// # Errors
    /// When it was cancelled; see [`set_watch`](Engine::set_watch).
    pub fn evaluate(&self, as_of: impl Into<AsOf>) -> Result<Evaluation> {
        let moment = self.moment(as_of.into());
        let mut inputs = Inputs::default();
        let predictions = self.predict(moment, &inputs)?;
        let failures = self.asked.failures(&self.rules, &inputs, predictions.fits());
        let model = predictions.fits().model();
        leave_out(&mut inputs, &failed(&failures), |_| RoaringBitmap::new());
        let (plan, snapshot) = (&self.plan, &self.snapshot);
        let (cuts, watch) = (&self.cuts, &self.watch);
        let found = exec::run(plan, snapshot, moment, &inputs, cuts, predictions, (watch, false))?;
        let members = found.segments.into_iter().map(|outcome| outcome.members);
        Ok(self.evaluation(found.existing.len(), members, failures, model))
    }

    /// What [`evaluate`](Engine::evaluate) answers, worked out customer by customer from the rules as they are
    /// written. Slow; it shares neither plan nor kernels with `evaluate`, so that one can be checked by the other.
    ///
    /// # Errors
    /// None at present.
    pub fn evaluate_reference(&self, as_of: impl Into<AsOf>) -> Result<Evaluation> {
        let moment = self.moment(as_of.into());
        let customers = oracle::existing(&self.snapshot, moment).len();
        let inputs = Inputs::default();
        let (rules, snapshot) = (self.rules.set(), &self.snapshot);
        let given = given(&self.rules, self.handed_in.as_ref()).unwrap_or_default();
        let fits = self
            .asked
            .needs(&inputs)
            .map(|needs| with_most_room(|| oracle::fits(rules, snapshot, moment, needs, &given)));
        let fits = fits.unwrap_or_default();
        let failures = self.asked.failures(&self.rules, &inputs, &fits);
        let model = fits.model();
        let work = || oracle::evaluate(rules, snapshot, moment, fits.clone());
        let members = with_most_room(work);
        Ok(self.evaluation(customers, members.into_iter(), failures, model))
    }

    /// Brings every segment up to `as_of` and says who entered and who left since the refresh before.
    ///
    /// - A dynamic segment is calculated anew.
    /// - A static one is calculated at its first refresh and after its conditions have changed, `let`s expanded; not
    ///   when only its title, metadata or pins, or a segment it refers to, have changed. From then on it keeps those
    ///   who got in, with its pins applied on top at every refresh.
    /// - An inactive one keeps its last members; it has none if it was never active.
    ///
    /// Deleted customers leave every segment. One who was deleted and comes back is a new customer: to a static or
    /// inactive segment they do not return, and where the rule takes them in at once they have both left and entered.
    ///
    /// `as_of` may lie before that of the last refresh; changes are against that refresh all the same.
    ///
    /// A segment that reads a prediction whose model cannot be fitted keeps its last members, without deleted customers,
    /// and is among [`failures`](Refresh::failures).
    ///
    /// # Errors
    /// As [`evaluate`](Engine::evaluate).
    pub fn refresh(&mut self, as_of: impl Into<AsOf>) -> Result<Refresh> {
        let moment = self.moment(as_of.into());
        self.watch.check()?;
        if self.moment == Some(moment) && self.standing.is_some() {
            return Ok(self.moved(Vec::new()));
        }
        self.refresh_at(moment)
    }

    /// Brings some segments up to `as_of`, as [`refresh`](Engine::refresh) does for all. The others keep their members,
    /// without deleted customers, and those are what `in segment` reads of them.
    ///
    /// # Errors
    /// As [`refresh`](Engine::refresh), and where there is no segment of one of the names.
    pub fn refresh_some<S: AsRef<str>>(
        &mut self,
        segments: impl IntoIterator<Item = S>,
        as_of: impl Into<AsOf>,
    ) -> Result<Refresh> {
        let moment = self.moment(as_of.into());
        let mut others = vec![true; self.rules.set().segments.len()];
        for segment in segments {
            let name = segment.as_ref();
            let number = self.memberships.numbers().get(&SegmentRule::identity(name));
            let Some(other) = number.and_then(|number| others.get_mut(*number)) else {
                return Err(Error::refused(format!("the rules have no segment `{name}`")));
            };
            *other = false;
        }
        self.refresh_but(&others, moment)
    }

    fn refresh_at(&mut self, moment: Moment) -> Result<Refresh> {
        self.refresh_but(&vec![false; self.rules.set().segments.len()], moment)
    }

    /// All but those marked, in the order of the rules. Changes nothing where it fails.
    fn refresh_but(&mut self, others: &[bool], moment: Moment) -> Result<Refresh> {
        let mut inputs = self.memberships.inputs(self.rules.set());
        leave_out(&mut inputs, others, |number| self.memberships.last(number));
        let predictions = self.predict(moment, &inputs)?;
        let failures = self.asked.failures(&self.rules, &inputs, predictions.fits());
        let model = predictions.fits().model();
        let to_stand = !others.contains(&true) && self.asked.needs(&inputs).is_none();
        self.standing = None;
        let rules = self.rules.set();
        leave_out(&mut inputs, &failed(&failures), |number| self.memberships.last(number));
        let (plan, snapshot) = (&self.plan, &self.snapshot);
        let (cuts, how) = (&self.cuts, (&self.watch, to_stand));
        let found = exec::run(plan, snapshot, moment, &inputs, cuts, predictions, how)?;
        self.model = model.clone().or(self.model.take());
        let changes = self.memberships.settle(found.segments, &self.snapshot);
        (self.moment, self.standing) = (Some(moment), found.standing);
        self.prepared = Prepared::default();
        let calculated = rules.segments.iter().zip(others).filter(|(_, is_other)| !**is_other);
        let active = calculated.map(|(segment, _)| segment).filter(|segment| !segment.inactive);
        let failures = self.named(failures);
        let numbers = self.memberships.numbers().clone();
        let refresh = Refresh::new(changes, numbers, self.unknown_pins(active), failures, model);
        Ok(refresh.without(others.to_vec()))
    }

    /// Takes newer data in place of those at hand. Memberships change at the next refresh.
    ///
    /// # Errors
    /// When the new snapshot does not continue the one at hand, that is, was not begun with [`Snapshot::next`] on it or
    /// on one of its successors: the rows of its customers could be other customers'. The engine keeps its data then.
    pub fn load(&mut self, snapshot: Snapshot) -> Result<()> {
        refuse_other_schema(&self.rules, &snapshot)?;
        if !snapshot.continues(&self.snapshot) {
            return Err(Error::refused(
                "the snapshot does not continue the one at hand, so its rows may stand for other customers; \
                 begin it from that one",
            ));
        }
        self.memberships.forget(&(self.snapshot.live() - snapshot.live()));
        self.snapshot = snapshot;
        self.standing = None;
        self.prepared = Prepared::default();
        Ok(())
    }

    /// Takes other rules. Segments are known by their names, without regard to case: one whose name was there before
    /// keeps its members until the next refresh, a new one has none, and one that is gone is forgotten, without an
    /// event that its members left.
    ///
    /// # Errors
    /// When the rules were checked with another schema than the data were read with. The engine keeps its rules then.
    pub fn set_rules(&mut self, rules: Rules) -> Result<()> {
        refuse_other_schema(&rules, &self.snapshot)?;
        self.plan = with_most_room(|| Plan::new(rules.set()));
        self.cuts = Kept::default();
        self.standing = None;
        self.prepared = Prepared::default();
        self.memberships.adopt(rules.set(), rules.hashes());
        self.asked = Asked::of(&rules);
        self.rules = rules;
        #[cfg(feature = "store")]
        {
            self.knows_members = false;
        }
        Ok(())
    }

    /// The rows of the segment's members at the last refresh; `None` where there is no such segment.
    pub fn members(&self, segment: &str) -> Option<&RoaringBitmap> {
        self.memberships.members(segment)
    }

    /// Goes on from memberships that were saved, as if they had been found by a refresh.
    #[cfg(feature = "store")]
    pub(crate) fn restore(&mut self, saved: Saved, moment: Option<Moment>) {
        (self.moment, self.standing) = (moment, None);
        self.memberships.restore(saved, self.rules.set());
        self.prepared = Prepared::default();
    }

    /// Notes the refresh of a store that it is at.
    #[cfg(feature = "store")]
    pub(crate) fn go_on_from(&mut self, refresh: &Arc<()>) {
        self.stored = Some(Arc::clone(refresh));
        self.knows_members = true;
    }

    /// Whether it has the members of that refresh; else the store tells them anew: a segment that rules left out in
    /// between, and that is there again, has not ended.
    #[cfg(feature = "store")]
    pub(crate) fn knows_members(&self) -> bool {
        self.knows_members
    }

    /// Whether it was at this refresh of a store last.
    #[cfg(feature = "store")]
    pub(crate) fn goes_on_from(&self, refresh: &Arc<()>) -> bool {
        self.stored.as_ref().is_some_and(|stored| Arc::ptr_eq(stored, refresh))
    }

    /// Of a static segment that was formed: what its conditions said then, and who was in, pins apart.
    #[cfg(feature = "store")]
    pub(crate) fn frozen(&self, segment: &str) -> Option<(ContentHash, &RoaringBitmap)> {
        self.memberships.frozen(segment)
    }

    /// The segment's members at the last refresh, for set algebra and questions by key.
    pub fn select(&self, segment: &str) -> Option<Members<'_>> {
        self.members(segment).map(|rows| Members::new(rows, &self.snapshot))
    }

    /// The keys of the segment's members at the last refresh, ascending.
    pub fn keys(&self, segment: &str) -> Option<Vec<Key>> {
        self.select(segment).map(|members| members.keys())
    }

    fn evaluation(
        &self,
        customers: u64,
        members: impl Iterator<Item = RoaringBitmap>,
        failures: Failures,
        model: Option<Model>,
    ) -> Evaluation {
        let rules = &self.rules.set().segments;
        let names = rules.iter().map(|segment| segment.name.clone());
        let found = names.zip(members).zip(&failures);
        let found = found.filter(|(_, failure)| failure.is_none()).map(|(found, _)| found);
        let (found, warnings) = (found.collect(), self.unknown_pins(rules.iter()));
        let evaluation = Evaluation::new(self.snapshot.clone(), found, customers, warnings);
        evaluation.with(self.named(failures), model)
    }

    fn named(&self, failures: Failures) -> Vec<(String, Diagnostic)> {
        let rules = self.rules.set().segments.iter().zip(failures);
        rules.filter_map(|(rule, failure)| Some((rule.name.clone(), failure?))).collect()
    }

    fn moment(&self, as_of: AsOf) -> Moment {
        Moment::new(as_of, self.snapshot.schema().zone())
    }

    fn unknown_pins<'a>(&self, segments: impl Iterator<Item = &'a SegmentRule>) -> Vec<Diagnostic> {
        segments.filter_map(|segment| self.unknown_pins_of(segment)).collect()
    }

    /// How many pinned keys no customer has. Keys are customers' values, so neither they nor their line are shown.
    fn unknown_pins_of(&self, segment: &SegmentRule) -> Option<Diagnostic> {
        let pins = segment.pins_in.iter().flatten().chain(&segment.pins_out);
        let unknown = pins.filter(|pin| !self.exists(&pin.key)).count();
        let message = match unknown {
            0 => return None,
            1 => format!("a key pinned in `{}` does not exist", segment.name),
            _ => format!("{unknown} keys pinned in `{}` do not exist", segment.name),
        };
        let mut found = self.rules.resolve(Finding::new(Code::UnknownPin, segment.span, message));
        if let Some(place) = &mut found.location {
            place.excerpt = None;
        }
        Some(found)
    }

    fn exists(&self, key: &Key) -> bool {
        self.snapshot.row_of(key).is_some_and(|row| self.snapshot.live().contains(row))
    }
}

/// Names of segments and sizes, never customers.
impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("segments", &self.rules.set().segments.len())
            .field("snapshot", &self.snapshot)
            .finish_non_exhaustive()
    }
}

/// Has the segments that are marked keep the members they are given.
fn leave_out(inputs: &mut Inputs, marked: &[bool], members: impl Fn(usize) -> RoaringBitmap) {
    if !marked.contains(&true) {
        return;
    }
    inputs.segments.resize(marked.len(), Input::Evaluate { keep_base: false });
    for (index, (input, _)) in
        inputs.segments.iter_mut().zip(marked).enumerate().filter(|(_, (_, marked))| **marked)
    {
        *input = Input::Members(members(index));
    }
}

/// Marks the segments that cannot be evaluated.
fn failed(failures: &Failures) -> Vec<bool> {
    failures.iter().map(Option::is_some).collect()
}

fn refuse_other_schema(rules: &Rules, snapshot: &Snapshot) -> Result<()> {
    if rules.schema().same_as(snapshot.schema()) {
        return Ok(());
    }
    Err(Error::refused(
        "the rules and the data have different schemas; read both with the same one",
    ))
}
