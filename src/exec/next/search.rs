//! From one stretch of time to the next, until a member changes.

use std::collections::BTreeSet;

use roaring::RoaringBitmap;

use super::{
    super::{Inputs, partial::State},
    Feels,
    edge::Calendar,
    events::{Event, Field, Whom},
    ever::Ever,
};
use crate::{
    calendar::{Day, Instant, Moment},
    parallel::in_parallel,
    plan::Plan,
    watch::{Cancelled, Steps, Unit, Watch, Work},
};

/// When time alone changes the members of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    At(Instant),
    Never,
    /// Not before; what is later was too much work.
    NotBefore(Instant),
}

/// Data at a moment, and who looks on.
pub(crate) struct Search<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) state: State<'a>,
    pub(crate) segment: usize,
    /// Only what the members of the segment depend on is to be evaluated.
    pub(crate) inputs: &'a Inputs,
    pub(crate) watch: &'a Watch,
    /// The work after which it ends, counted in customers who are evaluated.
    pub(crate) most: u64,
}

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;
/// The calendar repeats itself.
const CYCLE: i32 = 400;

/// The work, counted in customers, that an evaluation is beside that of the customers, and the beginning of a stretch of
/// time.
const ONE: u64 = 2_000;
/// What a day is on which month-days are looked at.
const A_DAY: u64 = 200;
/// What a fit of the models is.
const FIT: u64 = 1_000_000;

/// Where those who can ever change are less than this part of all, they are evaluated alone.
const FEW: u64 = 4;

/// So many customers, or evaluations, are gone through together.
const TOGETHER: (usize, usize) = (4_096, 32);

/// A stretch of time grows where it has fewer events than the first, and shrinks where it has more than the second.
const EVENTS: (usize, usize) = (256, 8_192);

/// Why a search ends.
enum End<E> {
    At(Instant),
    Fails(E),
}

impl Search<'_> {
    /// The first instant after the moment at which the members are others. `members` evaluates: all, or those of some
    /// customers.
    pub(crate) fn run<E: From<Cancelled> + Send>(
        &self,
        members: impl Fn(Moment, Option<&[u32]>) -> Result<RoaringBitmap, E> + Sync,
    ) -> Result<Next, E> {
        let snapshot = self.state.snapshot;
        let schema = snapshot.schema();
        let mut feels = Feels::of(self.plan, schema, self.inputs);
        let calendar = Calendar { zone: schema.zone(), leap_day: schema.leap_day() };
        let now = self.state.moment.now;
        if feels.always {
            return Ok(Next::NotBefore(now.plus_micros(1)));
        }
        let steps = self.watch.begin(Work::Searching, Unit::Instants, None)?;
        let mut ever = None;
        if !feels.everybody {
            let left = Field { snapshot, calendar, feels: &feels, ever: None }.left(now);
            feels.settle(self.plan, &left);
            let how = (&feels, self.segment);
            let mut found = Ever::of(self.plan, self.state, self.inputs, how);
            let field = Field { snapshot, calendar, feels: &feels, ever: None };
            field.unborn(now, |row| found.add(row));
            ever = Some(found);
        }
        let some = ever.as_ref().map(Ever::rows);
        if some.as_ref().is_some_and(Vec::is_empty) {
            return Ok(Next::Never);
        }
        let few = some.filter(|rows| (rows.len() as u64) * FEW < snapshot.customers());
        let field = Field { snapshot, calendar, feels: &feels, ever: ever.as_ref() };
        let members = &members;
        let mut walk = Walk { search: self, field, few, members, all: None, work: 0, steps };
        match walk.run(now) {
            Ok(next) => Ok(next),
            Err(End::At(at)) => Ok(Next::At(at)),
            Err(End::Fails(error)) => Err(error),
        }
    }
}

struct Walk<'a, F> {
    search: &'a Search<'a>,
    field: Field<'a>,
    /// Those who can ever change, where they are few.
    few: Option<Vec<u32>>,
    members: &'a F,
    /// The members at the moment; of the few, where they are.
    all: Option<RoaringBitmap>,
    work: u64,
    steps: Steps<'a>,
}

impl<F> Walk<'_, F> {
    /// Nothing changes up to `now`.
    fn run<E: From<Cancelled> + Send>(&mut self, now: Instant) -> Result<Next, End<E>>
    where
        F: Fn(Moment, Option<&[u32]>) -> Result<RoaringBitmap, E> + Sync,
    {
        let mut now = now;
        let mut length = DAY;
        while let Some(next) = self.field.next(now) {
            // Month-days come round on every day.
            let from = match self.field.feels.yearly.is_empty() {
                true => next.plus_micros(-1).max(now),
                false => now,
            };
            let to = from.plus_micros(length).min(Instant::LAST);
            match self.stretch((from, to))? {
                (Some(end), _) => return Ok(Next::NotBefore(end)),
                (None, events) if events < EVENTS.0 => length = (length * 2).min(1_000 * DAY),
                (None, events) if events > EVENTS.1 => length = (length / 4).max(SECOND),
                (None, _) => {}
            }
            now = to;
        }
        if self.field.feels.yearly.is_empty() { Ok(Next::Never) } else { self.years(now) }
    }

    /// Nothing but month-days changes after `now`.
    //
    // INVARIANT: which of them a window takes depends on the day, and on which of the years around it are leap years. So
    // the days of two years with the same leap years around them are alike.
    fn years<E: From<Cancelled> + Send>(&mut self, now: Instant) -> Result<Next, End<E>>
    where
        F: Fn(Moment, Option<&[u32]>) -> Result<RoaringBitmap, E> + Sync,
    {
        let Field { calendar, feels, .. } = self.field;
        let around = feels.yearly.iter().map(|one| one.years()).max().unwrap_or(0);
        let around = around.saturating_add(1).min(CYCLE / 2);
        let first = calendar.zone.local_day(now).year();
        let mut seen = BTreeSet::new();
        let mut now = now;
        for year in first..=first.saturating_add(CYCLE + 1) {
            let leap_years: Vec<bool> = (year - around..=year + around).map(is_leap_year).collect();
            let new_year = calendar.zone.start_of_day(Day::first_of_year(year + 1));
            let next = new_year.plus_micros(-1).min(Instant::LAST);
            // The rest of the first year is not the whole of one.
            let is_new = year == first || seen.insert(leap_years);
            if is_new && let (Some(end), _) = self.stretch((now, next))? {
                return Ok(Next::NotBefore(end));
            }
            now = next;
        }
        Ok(Next::Never)
    }

    /// Goes through a stretch of time. The answer is where it ended before its end, and how many events it had.
    fn stretch<E: From<Cancelled> + Send>(
        &mut self,
        stretch: (Instant, Instant),
    ) -> Result<(Option<Instant>, usize), End<E>>
    where
        F: Fn(Moment, Option<&[u32]>) -> Result<RoaringBitmap, E> + Sync,
    {
        self.search.watch.check().map_err(|stopped| End::Fails(stopped.into()))?;
        self.work += ONE + self.search.state.snapshot.customers() / 16;
        let days = u64::try_from((stretch.1.0 - stretch.0.0) / DAY).unwrap_or(0) + 1;
        self.work += self.field.feels.yearly.len() as u64 * days * A_DAY;
        let events = self.field.events(stretch);
        let mut rest = events.as_slice();
        while let Some(first) = rest.first() {
            if self.work > self.search.most {
                return Ok((Some(first.at), events.len()));
            }
            let (some, others) = rest.split_at(together(rest));
            let told = self.steps.add(some.len() as u64);
            told.map_err(|stopped| End::Fails(stopped.into()))?;
            match some {
                [Event { at, whom: Whom::Everybody }] => self.everybody(*at)?,
                _ => self.some(some)?,
            }
            rest = others;
        }
        if self.work > self.search.most {
            return Ok((Some(stretch.1.plus_micros(1)), events.len()));
        }
        Ok((None, events.len()))
    }

    fn everybody<E>(&mut self, at: Instant) -> Result<(), End<E>>
    where
        F: Fn(Moment, Option<&[u32]>) -> Result<RoaringBitmap, E> + Sync,
    {
        let fit = if self.field.feels.fits { FIT } else { 0 };
        let few = self.few.as_deref();
        let customers = self.search.state.snapshot.customers();
        self.work += ONE + fit + few.map_or(customers, |few| few.len() as u64);
        let ask = |moment| (self.members)(moment, few).map_err(End::Fails);
        if self.all.is_none() {
            self.all = Some(ask(self.search.state.moment)?);
        }
        let found = ask(self.moment(at))?;
        if self.all.as_ref() == Some(&found) { Ok(()) } else { Err(End::At(at)) }
    }

    fn some<E: Send>(&mut self, events: &[Event]) -> Result<(), End<E>>
    where
        F: Fn(Moment, Option<&[u32]>) -> Result<RoaringBitmap, E> + Sync,
    {
        let rows: Vec<&[u32]> = events.iter().map(Event::rows).collect();
        let all: RoaringBitmap = rows.iter().copied().flatten().copied().collect();
        let list: Vec<u32> = all.iter().collect();
        let ask = |moment, rows: &[u32]| (self.members)(moment, Some(rows));
        let before = ask(self.search.state.moment, &list).map_err(End::Fails)?;
        let found = in_parallel(events.len(), |number| {
            let event = events.get(number)?;
            match ask(self.moment(event.at), event.rows()) {
                Ok(found) if found == event.of(&before) => None,
                Ok(_) => Some(End::At(event.at)),
                Err(error) => Some(End::Fails(error)),
            }
        });
        let asked = rows.iter().map(|rows| rows.len() as u64 + ONE).sum::<u64>();
        self.work += asked + all.len();
        found.into_iter().flatten().next().map_or(Ok(()), Err)
    }

    fn moment(&self, now: Instant) -> Moment {
        Moment { now, today: self.field.calendar.zone.local_day(now) }
    }
}

/// The number of the first events that are evaluated together, at least one.
fn together(events: &[Event]) -> usize {
    let mut rows = 0;
    let few = events.iter().take(TOGETHER.1).take_while(|event| {
        let goes_on = rows < TOGETHER.0 && matches!(event.whom, Whom::Rows(_));
        rows += event.rows().len();
        goes_on
    });
    few.count().max(1)
}

fn is_leap_year(year: i32) -> bool {
    Day::first_of_year(year + 1).days_since(Day::first_of_year(year)) == 366
}
