//! Aggregates: one walk over the rows of a child table, customer by customer.

#![expect(
    clippy::indexing_slicing,
    reason = "INVARIANT: masks, vectors and offsets of one table have the lengths of that table"
)]

use std::cmp::Ordering;

use super::{
    kernels::{self, each_range, set_bits},
    mask::{self, Mask},
    number::{self, Typed, scale_of},
    vector::{Data, Vector, collect},
};
use crate::{
    rule::{AggregateFunction, ExprType},
    value::{Decimal, FloatSum},
};

/// The rows of a child table that exist at the moment.
pub(super) struct Visible {
    /// `None` for all.
    pub(super) rows: Option<Mask>,
    /// Those that have a time, whether they exist or not; `None` for all.
    pub(super) timed: Option<Mask>,
}

/// One value a customer, over the rows that exist, meet `filter` and have `value`.
pub(super) fn aggregate<'a>(
    function: AggregateFunction,
    value: Option<Typed<'_, 'a>>,
    filter: Option<&[u64]>,
    visible: &Visible,
    offsets: &[u32],
) -> Vector<'a> {
    let customers = offsets.len().saturating_sub(1);
    let presence = value.and_then(|(_, vector)| vector.presence.as_deref());
    let mut selected = mask::both(visible.rows.as_deref(), mask::both(filter, presence).as_deref());
    if matches!(function, AggregateFunction::First | AggregateFunction::Last) {
        selected = mask::both(selected.as_deref(), visible.timed.as_deref());
    }
    let rows = Rows { selected, offsets, customers };
    match (function, value) {
        (AggregateFunction::Count, _) => counted(&rows),
        (AggregateFunction::Exists, _) => Vector::new(Data::Bools(rows.any()), None),
        (AggregateFunction::CountDistinct, Some(value)) => distinct(&rows, value.1),
        (AggregateFunction::Sum, Some(value)) => sum(&rows, value.1),
        (AggregateFunction::Avg, Some(value)) => average(&rows, value),
        (AggregateFunction::Min, Some(value)) => pick_least(&rows, value.1, Ordering::Less),
        (AggregateFunction::Max, Some(value)) => pick_least(&rows, value.1, Ordering::Greater),
        (AggregateFunction::First, Some(value)) => {
            let found = rows.map(|from, to, selected| match selected {
                Some(mask) => set_bits(mask, from, to).next(),
                None => (from < to).then_some(from),
            });
            picked(value.1, &found)
        }
        (AggregateFunction::Last, Some(value)) => {
            let found = rows.map(|from, to, selected| match selected {
                Some(mask) => kernels::last_bit(mask, from, to),
                None => (from < to).then(|| to - 1),
            });
            picked(value.1, &found)
        }
        // INVARIANT: all others have a value; `AverageGap` is worked out elsewhere.
        _ => Vector::missing(customers),
    }
}

/// The rows that take part.
pub(super) struct Rows<'o> {
    /// `None` for all.
    selected: Option<Mask>,
    offsets: &'o [u32],
    customers: usize,
}

impl<'o> Rows<'o> {
    /// Those that have a time.
    pub(super) fn timed(filter: Option<&[u64]>, visible: &Visible, offsets: &'o [u32]) -> Self {
        let selected = mask::both(visible.rows.as_deref(), filter);
        let selected = mask::both(selected.as_deref(), visible.timed.as_deref());
        Self { selected, offsets, customers: offsets.len().saturating_sub(1) }
    }

    /// For each customer a row.
    fn map(&self, find: impl Fn(usize, usize, Option<&[u64]>) -> Option<usize>) -> Vec<u32> {
        let mut found = Vec::with_capacity(self.customers);
        each_range(self.offsets, |_, from, to| {
            let row = find(from, to, self.selected.as_deref());
            found.push(row.and_then(|row| u32::try_from(row).ok()).unwrap_or(kernels::NO_ROW));
        });
        found
    }

    fn any(&self) -> Mask {
        let mut any = mask::zeros(self.customers);
        each_range(self.offsets, |customer, from, to| {
            let some = match &self.selected {
                Some(mask) => kernels::any_bit(mask, from, to),
                None => from < to,
            };
            any[customer / 64] |= u64::from(some) << (customer % 64);
        });
        any
    }

    /// Calls `each` with every customer's rows.
    pub(super) fn each(&self, mut each: impl FnMut(usize, &mut dyn Iterator<Item = usize>)) {
        each_range(self.offsets, |customer, from, to| match &self.selected {
            Some(mask) => each(customer, &mut set_bits(mask, from, to)),
            None => each(customer, &mut (from..to)),
        });
    }

    fn counts(&self) -> Vec<i64> {
        kernels::counts(self.selected.as_deref(), self.offsets)
    }

    fn most(&self) -> u64 {
        self.offsets.windows(2).map(|pair| u64::from(pair[1] - pair[0])).max().unwrap_or(0)
    }
}

fn counted<'a>(rows: &Rows<'_>) -> Vector<'a> {
    Vector::new(Data::Ints(rows.counts()), None)
}

/// The sums of 64-bit numbers in 64 bits, where the greatest leave room.
fn small_sums(rows: &Rows<'_>, values: &[i64]) -> Option<Vec<i64>> {
    let room = number::max_abs(values).checked_mul(rows.most())?;
    i64::try_from(room).ok()?;
    Some(kernels::sums(values, rows.selected.as_deref(), rows.offsets))
}

/// Missing where 128 bits do not hold the sum.
fn exact_sums(rows: &Rows<'_>, value: impl Fn(usize) -> i128) -> Vec<Option<i128>> {
    let mut sums = Vec::with_capacity(rows.customers);
    rows.each(|_, rows| {
        let mut sum = Some(0_i128);
        for row in rows {
            sum = sum.and_then(|sum| sum.checked_add(value(row)));
        }
        sums.push(sum);
    });
    sums
}

fn float_sum(values: &[f64], rows: &mut dyn Iterator<Item = usize>) -> (Option<f64>, i64) {
    let Some(first) = rows.next() else { return (Some(0.0), 0) };
    let Some(second) = rows.next() else { return (Some(values[first]), 1) };
    let Some(third) = rows.next() else {
        let sum = values[first] + values[second];
        return (Some(sum).filter(|sum| sum.is_finite()), 2);
    };
    let mut sum = FloatSum::default();
    let mut count = 0;
    for row in [first, second, third].into_iter().chain(rows) {
        sum.add(values[row]);
        count += 1;
    }
    (sum.total(), count)
}

fn sum<'a>(rows: &Rows<'_>, value: &Vector<'_>) -> Vector<'a> {
    match &value.data {
        Data::Ints(values) => match small_sums(rows, values) {
            Some(sums) => Vector::new(Data::Ints(sums), None),
            None => optional(&exact_sums(rows, |row| i128::from(values[row]))),
        },
        Data::Wide(values) => optional(&exact_sums(rows, |row| values[row])),
        Data::Floats(values) => {
            let mut sums = Vec::with_capacity(rows.customers);
            rows.each(|_, rows| sums.push(float_sum(values, rows).0));
            number::floats(rows.customers, |customer| sums[customer])
        }
        _ => Vector::missing(rows.customers),
    }
}

fn optional<'a>(sums: &[Option<i128>]) -> Vector<'a> {
    number::wide(sums.len(), |customer| sums[customer])
}

fn average<'a>(rows: &Rows<'_>, (ty, value): (ExprType, &Vector<'_>)) -> Vector<'a> {
    if let Data::Floats(values) = &value.data {
        let mut averages = Vec::with_capacity(rows.customers);
        rows.each(|_, rows| {
            let (sum, count) = float_sum(values, rows);
            averages.push(sum.filter(|_| count > 0).map(|sum| sum / nearest(count)));
        });
        return number::floats(rows.customers, |customer| averages[customer]);
    }
    let scale = scale_of(ty);
    let counts = rows.counts();
    let quotient = |sum: i128, count: i64| {
        Decimal::new(sum, scale)?.quotient(Decimal::from_int(i128::from(count)))
    };
    let sums = sum(rows, value);
    number::floats(rows.customers, |customer| quotient(sums.exact(customer)?, counts[customer]))
}

/// A count of rows as a float; exact, since rows are numbered with 32 bits.
fn nearest(count: i64) -> f64 {
    Decimal::from_int(i128::from(count)).to_f64()
}

/// The row of each customer whose value is least, or greatest with [`Ordering::Greater`].
fn pick_least<'a>(rows: &Rows<'_>, value: &Vector<'a>, wanted: Ordering) -> Vector<'a> {
    let found = match &value.data {
        Data::Ints(values) => best(rows, |a, b| values[a].cmp(&values[b]) == wanted),
        Data::Wide(values) => best(rows, |a, b| values[a].cmp(&values[b]) == wanted),
        Data::Floats(values) => best(rows, |a, b| {
            values[a].partial_cmp(&values[b]).is_some_and(|order| order == wanted)
        }),
        Data::Codes { .. } | Data::Texts(_) => {
            best(rows, |a, b| value.text(a).cmp(&value.text(b)) == wanted)
        }
        Data::Bools(bits) => {
            best(rows, |a, b| mask::get(bits, a).cmp(&mask::get(bits, b)) == wanted)
        }
    };
    picked(value, &found)
}

/// The first of the rows that no other is better than.
fn best(rows: &Rows<'_>, better: impl Fn(usize, usize) -> bool) -> Vec<u32> {
    let pick = |rows: &mut dyn Iterator<Item = usize>| {
        rows.reduce(|best, row| if better(row, best) { row } else { best })
    };
    rows.map(|from, to, selected| match selected {
        Some(mask) => pick(&mut set_bits(mask, from, to)),
        None => pick(&mut (from..to)),
    })
}

fn picked<'a>(value: &Vector<'a>, rows: &[u32]) -> Vector<'a> {
    value.gather(rows, kernels::NO_ROW as usize)
}

fn distinct<'a>(rows: &Rows<'_>, value: &Vector<'_>) -> Vector<'a> {
    let counts = match &value.data {
        Data::Ints(values) => count_distinct(rows, |row| values[row]),
        Data::Wide(values) => count_distinct(rows, |row| values[row]),
        // Both zeros are one number.
        Data::Floats(values) => count_distinct(rows, |row| (values[row] + 0.0).to_bits()),
        Data::Codes { codes, .. } => count_distinct(rows, |row| codes[row]),
        Data::Texts(texts) => count_distinct(rows, |row| texts[row].as_ref()),
        Data::Bools(bits) => count_distinct(rows, |row| mask::get(bits, row)),
    };
    let (values, presence) = collect(rows.customers, |customer| counts.get(customer).copied());
    Vector::new(Data::Ints(values), presence)
}

fn count_distinct<T: Ord>(rows: &Rows<'_>, value: impl Fn(usize) -> T) -> Vec<i64> {
    let mut counts = Vec::with_capacity(rows.customers);
    let mut seen = Vec::new();
    rows.each(|_, rows| {
        seen.clear();
        seen.extend(rows.map(&value));
        seen.sort_unstable();
        seen.dedup();
        counts.push(i64::try_from(seen.len()).unwrap_or(i64::MAX));
    });
    counts
}
