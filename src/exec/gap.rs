//! `average_gap`: how far a customer's rows lie apart.

use super::{chunk::Run, number, vector::Vector};
use crate::{
    calendar::{Day, DayTable, Instant},
    plan::{Aggregate, Now},
    schema::TableId,
    snapshot::{Frame, Values},
    value::{Decimal, Type},
};

impl<'a> Run<'a> {
    /// Rows lie in the order of their times, so the first and the last that count are enough.
    pub(super) fn average_gap(&self, kind: &Aggregate, filter: Option<&[u64]>) -> Vector<'a> {
        let Some(times) = self.times(kind.table) else {
            return Vector::missing(self.chunk.rows());
        };
        let rows = self.rows_of(kind.table).timed(filter);
        let mut gaps = Vec::with_capacity(self.chunk.rows());
        rows.each_customer(|_, rows| gaps.push(mean(rows, &times)));
        number::floats(gaps.len(), |customer| gaps.get(customer).copied().flatten())
    }

    pub(super) fn times(&self, table: TableId) -> Option<Times<'_>> {
        let (owner, time) = self.bound.time_of(table);
        let time = time?;
        let Values::Number(frame) = &self.chunk.column(time).values else { return None };
        let is_date = self.bound.schema.column(time).ty == Type::Date;
        let owners = (owner != table).then(|| self.ancestors(table, owner));
        Some(Times { frame, is_date, owners, known: None, now: self.bound.now })
    }
}

/// When the rows of a table happened.
pub(super) struct Times<'a> {
    frame: &'a Frame,
    is_date: bool,
    /// For each row the one that has its time; `None` where that is the row itself.
    owners: Option<Vec<u32>>,
    /// The days of instants.
    known: Option<DayTable>,
    now: Now,
}

impl Times<'_> {
    /// For asking of so many rows.
    pub(super) fn of_all(mut self, rows: usize) -> Self {
        if let Some((first, last)) = self.frame.range.filter(|_| !self.is_date) {
            let [first, last] = [first, last].map(|time| self.now.zone.local_day(Instant(time)));
            let days = usize::try_from(last.days_since(first)).unwrap_or(usize::MAX);
            if days < rows {
                self.known = Some(DayTable::new(self.now.zone, first, last));
            }
        }
        self
    }

    /// The local day of a row that has a time.
    pub(super) fn day(&self, row: usize) -> Option<Day> {
        let row = match &self.owners {
            Some(owners) => *owners.get(row)? as usize,
            None => row,
        };
        let time = self.frame.get(row)?;
        if self.is_date {
            i32::try_from(time).ok().map(Day)
        } else {
            Some(match &self.known {
                Some(known) => known.day_of(Instant(time)),
                None => self.now.zone.local_day(Instant(time)),
            })
        }
    }
}

fn mean(rows: &mut dyn Iterator<Item = usize>, times: &Times<'_>) -> Option<f64> {
    let first = rows.next()?;
    let (gaps, last) = rows.fold((0_i64, first), |(gaps, _), row| (gaps + 1, row));
    let passed = times.day(last)?.days_since(times.day(first)?);
    Decimal::from(passed).quotient(Decimal::from(gaps))
}
