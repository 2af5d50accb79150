//! At which instants of a stretch of time something reaches whom.

use roaring::RoaringBitmap;

use super::{
    super::standing::each_owned,
    Crossing, Feels, Values,
    edge::{Calendar, Ticks, days},
    ever::Ever,
    yearly::{Anniversaries, Turns},
};
use crate::{
    calendar::Instant,
    parallel::in_parallel,
    schema::Role,
    snapshot::{Snapshot, Values as Numbers},
};

type Ranges = Vec<(i128, i128)>;

/// Data that time passes over.
#[derive(Clone, Copy)]
pub(super) struct Field<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) calendar: Calendar,
    pub(super) feels: &'a Feels,
    /// Nobody else; `None` for all.
    pub(super) ever: Option<&'a Ever>,
}

/// An instant, and whom it reaches.
pub(super) struct Event {
    pub(super) at: Instant,
    pub(super) whom: Whom,
}

pub(super) enum Whom {
    Everybody,
    /// Ascending.
    Rows(Vec<u32>),
}

/// What is found of a stretch of time, in any order.
#[derive(Default)]
struct Found {
    everybody: Vec<Instant>,
    rows: Vec<(Instant, u32)>,
}

impl Field<'_> {
    /// All events after the first instant, up to the second, in their order.
    pub(super) fn events(self, stretch: (Instant, Instant)) -> Vec<Event> {
        let mut found = Found::default();
        for shift in &self.feels.shifts {
            let days = days(self.calendar.zone, *shift, stretch);
            found.everybody.extend(days.map(|(_, at)| at));
        }
        self.feels.crossings.iter().for_each(|one| self.cross(one, stretch, &mut found));
        self.feels.yearly.iter().for_each(|one| self.turn(one, stretch, &mut found));
        found.in_order(stretch.0, self.feels.everybody)
    }

    /// The first instant after `now` at which an edge reaches a value, for values that it crosses once and for all, or a
    /// day begins that everybody feels.
    pub(super) fn next(self, now: Instant) -> Option<Instant> {
        let Self { calendar, feels, .. } = self;
        let crossings = feels.crossings.iter().filter_map(|crossing| self.first(crossing, now));
        let shifts = feels.shifts.iter().filter_map(|shift| {
            let days = days(calendar.zone, *shift, (now, Instant::LAST));
            days.map(|(_, at)| at).find(|at| *at > now)
        });
        crossings.chain(shifts).min()
    }

    /// By crossing: whether there is anything left to reach.
    pub(super) fn left(self, now: Instant) -> Vec<bool> {
        self.feels.crossings.iter().map(|one| self.first(one, now).is_some()).collect()
    }

    /// The first instant after `now` at which the edge reaches a value.
    fn first(self, crossing: &Crossing, now: Instant) -> Option<Instant> {
        let edge = crossing.edge.at(self.calendar, now);
        let least = self.least(crossing.values, if crossing.leaves { edge } else { edge + 1 });
        let value = i128::from(least?);
        let value = if value > edge { value } else { value + 1 };
        crossing.edge.reaches(self.calendar, now, value)
    }

    /// The customers who begin to exist later.
    pub(super) fn unborn(self, now: Instant, mut found: impl FnMut(u32)) {
        let Role::Customers { created: Some(column) } = self.snapshot.schema().customers().role
        else {
            return;
        };
        let values = Values::Owned { table: column.table, column };
        let born = self.feels.crossings.iter().filter(|one| one.values == values && !one.leaves);
        for crossing in born {
            let edge = crossing.edge.at(self.calendar, now);
            self.each(values, &vec![(edge + 1, i128::MAX)], |_, row| {
                row.into_iter().for_each(&mut found);
            });
        }
    }

    fn takes(self, row: u32) -> bool {
        self.ever.is_none_or(|ever| ever.holds(row))
    }

    /// The least value from `from` on.
    fn least(self, values: Values, from: i128) -> Option<i64> {
        let ranges = vec![(from, i128::MAX)];
        let mut least: Option<i64> = None;
        let mut lower = |value: i64| least = Some(least.map_or(value, |one| one.min(value)));
        if let Values::Owned { table, column } = values {
            let parts = in_parallel(self.snapshot.chunk_count(), |number| {
                let mut least: Option<i64> = None;
                let lower = |value: i64, row: u32| {
                    if least.is_none_or(|least| value < least) && self.takes(row) {
                        least = Some(value);
                    }
                };
                each_owned(self.snapshot.chunk(number), (table, column), &ranges, lower);
                least
            });
            parts.into_iter().flatten().for_each(lower);
        } else {
            self.each(values, &ranges, |value, _| lower(value));
        }
        least
    }

    fn cross(self, crossing: &Crossing, stretch: (Instant, Instant), found: &mut Found) {
        let [low, high] = [stretch.0, stretch.1].map(|at| crossing.edge.at(self.calendar, at));
        if low == high {
            return;
        }
        let ticks = crossing.edge.ticks(self.calendar, stretch);
        let from = if crossing.leaves { low } else { low + 1 };
        self.each(crossing.values, &vec![(from, high)], |value, row| {
            let value = i128::from(value);
            if value > low {
                found.add(&ticks, value, row);
            }
            if crossing.leaves && value < high {
                found.add(&ticks, value + 1, row);
            }
        });
    }

    fn turn(self, one: &Anniversaries, stretch: (Instant, Instant), found: &mut Found) {
        let range = match one.values {
            Values::Owned { column, .. } | Values::Lookup(column) => self.snapshot.range_of(column),
            Values::Literal(value) => Some((value, value)),
        };
        let Some(range) = range else { return };
        let turns: Turns = one.turns(self.calendar, stretch);
        let ranges = turns.ranges(self.calendar, one.is_time, range);
        self.each(one.values, &ranges, |value, row| {
            let at = turns.of(one.month_day(self.calendar, value)).iter().copied();
            match row {
                Some(row) => found.rows.extend(at.map(|at| (at, row))),
                None => found.everybody.extend(at),
            }
        });
    }

    /// Calls `found` for each value in one of the ranges, with the customer who has it; with none where it may be
    /// anybody.
    fn each(self, values: Values, ranges: &Ranges, mut found: impl FnMut(i64, Option<u32>)) {
        if ranges.is_empty() {
            return;
        }
        match values {
            Values::Owned { table, column } => {
                let parts = in_parallel(self.snapshot.chunk_count(), |number| {
                    let mut part = Vec::new();
                    let chunk = self.snapshot.chunk(number);
                    each_owned(chunk, (table, column), ranges, |value, row| {
                        if self.takes(row) {
                            part.push((value, row));
                        }
                    });
                    part
                });
                parts.into_iter().flatten().for_each(|(value, row)| found(value, Some(row)));
            }
            Values::Lookup(column) => {
                let column = self.snapshot.column(column, 0);
                let Numbers::Number(frame) = &column.values else { return };
                let values = (0..column.rows).filter(|row| column.is_present(*row));
                let values = values.filter_map(|row| frame.get(row));
                values.filter(|value| is_in(ranges, *value)).for_each(|value| found(value, None));
            }
            Values::Literal(value) if is_in(ranges, value) => found(value, None),
            Values::Literal(_) => {}
        }
    }
}

fn is_in(ranges: &Ranges, value: i64) -> bool {
    ranges.iter().any(|(low, high)| (*low..=*high).contains(&value.into()))
}

impl Found {
    fn add(&mut self, ticks: &Ticks, value: i128, row: Option<u32>) {
        let Some(at) = ticks.reach(value) else { return };
        match row {
            Some(row) => self.rows.push((at, row)),
            None => self.everybody.push(at),
        }
    }

    fn in_order(mut self, after: Instant, is_everybody: bool) -> Vec<Event> {
        if is_everybody {
            self.everybody.extend(self.rows.drain(..).map(|(at, _)| at));
        }
        self.everybody.sort_unstable();
        self.everybody.dedup();
        self.everybody.retain(|at| *at > after);
        self.rows.sort_unstable();
        self.rows.dedup();
        let rows = self.rows.chunk_by(|(one, _), (other, _)| one == other);
        let rows = rows.filter_map(|group| {
            let (at, _) = group.first().copied()?;
            let whom = Whom::Rows(group.iter().map(|(_, row)| *row).collect());
            let is_whole = self.everybody.binary_search(&at).is_ok();
            (!is_whole).then_some(Event { at, whom })
        });
        let mut events: Vec<Event> = rows.collect();
        events.extend(self.everybody.iter().map(|at| Event { at: *at, whom: Whom::Everybody }));
        events.sort_by_key(|event| event.at);
        events
    }
}

impl Event {
    /// None where it reaches everybody.
    pub(super) fn rows(&self) -> &[u32] {
        match &self.whom {
            Whom::Everybody => &[],
            Whom::Rows(rows) => rows,
        }
    }

    /// Those of some customers whom it reaches.
    pub(super) fn of(&self, all: &RoaringBitmap) -> RoaringBitmap {
        self.rows().iter().copied().filter(|row| all.contains(*row)).collect()
    }
}
