//! Sums and means.

use std::borrow::Cow;

use crate::{
    exec::{
        kernels::{self, Walk},
        mask,
        number::{self, Typed, max_abs, scale_of},
        vector::{Data, Vector},
    },
    rule::ExprType,
    snapshot::{Frame, Offsets},
    value::{Decimal, FloatSum},
};

/// Whole numbers up to here are floats.
const EXACT: u64 = 1 << 53;

pub(super) fn sum<'a>(walk: &Walk<'_>, value: &Vector<'_>) -> Vector<'a> {
    match &value.data {
        Data::Ints(frame) => match small_sums(walk, frame) {
            Some(sums) => Vector::new(Data::Ints(Cow::Owned(sums)), None),
            None => {
                let values = frame.numbers();
                optional(&exact_sums(walk, |row| i128::from(values[row])))
            }
        },
        Data::Wide(values) => optional(&exact_sums(walk, |row| values[row])),
        Data::Floats(values) => {
            let mut sums = Vec::with_capacity(walk.customers());
            walk.each_customer(|_, rows| sums.push(float_sum(values, rows).0));
            number::floats(walk.customers(), |customer| sums[customer])
        }
        _ => Vector::missing(walk.customers()),
    }
}

pub(super) fn average<'a>(walk: &Walk<'_>, (ty, value): (ExprType, &Vector<'_>)) -> Vector<'a> {
    if let Data::Floats(values) = &value.data {
        let mut averages = Vec::with_capacity(walk.customers());
        walk.each_customer(|_, rows| {
            let (sum, count) = float_sum(values, rows);
            averages.push(sum.filter(|_| count > 0).map(|sum| sum / nearest(count)));
        });
        return number::floats(walk.customers(), |customer| averages[customer]);
    }
    means(ty, &sum(walk, value), &walk.counts(), walk.customers())
}

/// The exact sums of so many customers by the numbers of their rows.
pub(in super::super) fn means<'a>(
    ty: ExprType,
    sums: &Vector<'_>,
    counts: &Frame,
    customers: usize,
) -> Vector<'a> {
    if let Data::Ints(sums) = &sums.data
        && let Some(means) = small_means(sums, counts, scale_of(ty))
    {
        let mut present = mask::zeros(customers);
        kernels::in_ranges(counts, &[(1, i128::MAX)], &mut present);
        return Vector::new(Data::Floats(means), Some(present));
    }
    number::floats(customers, |customer| quotient((ty, sums), customer, counts.get(customer)?))
}

#[expect(clippy::cast_precision_loss, reason = "INVARIANT: no number is above 2^53")]
fn float(number: i64) -> f64 {
    number as f64
}

/// The means where floats hold all sums and counts exactly: the quotient of two floats is the one nearest to the exact
/// quotient. Who has no rows gets a placeholder.
fn small_means(sums: &Frame, counts: &Frame, scale: u8) -> Option<Vec<f64>> {
    let whole = 10_i64.checked_pow(scale.into())?;
    let most = counts.range?.1.checked_mul(whole)?;
    let (least, greatest) = sums.range?;
    if [least, greatest, most].iter().any(|end| end.unsigned_abs() > EXACT) {
        return None;
    }
    let (sums, counts) = (sums.numbers(), counts.numbers());
    let mean = |(sum, count): (&i64, &i64)| float(*sum) / float((*count).max(1) * whole);
    Some(sums.iter().zip(counts.iter()).map(mean).collect())
}

/// The float nearest to the exact mean.
fn quotient((ty, sums): Typed<'_, '_>, customer: usize, count: i64) -> Option<f64> {
    Decimal::new(sums.exact(customer)?, scale_of(ty))?.quotient(Decimal::from_int(count.into()))
}

/// The sums of 64-bit numbers in 32 or 64 bits, where the greatest leave room.
fn small_sums(walk: &Walk<'_>, frame: &Frame) -> Option<Frame> {
    let (min, max) = match &frame.offsets {
        Offsets::I64(values) => {
            let most = i64::try_from(max_abs(values)).ok()?;
            (-most, most)
        }
        _ => frame.range.unwrap_or_default(),
    };
    let most = i64::try_from(walk.most()).ok()?;
    let range = (min.min(0).checked_mul(most)?, max.max(0).checked_mul(most)?);
    let offsets = match u32::try_from(range.1) {
        Ok(_) if min >= 0 => {
            let (base, unit) = (u32::try_from(frame.base).ok()?, u32::try_from(frame.unit).ok()?);
            Offsets::U32(match &frame.offsets {
                Offsets::U8(values) => walk.sums(values, |of| base + u32::from(of) * unit),
                Offsets::U16(values) => walk.sums(values, |of| base + u32::from(of) * unit),
                Offsets::U32(values) => walk.sums(values, |of| base + of * unit),
                // INVARIANT: their least number is then 0, and so is their greatest.
                Offsets::I64(_) => vec![0; walk.customers()],
            })
        }
        _ => Offsets::I64(match &frame.offsets {
            Offsets::U8(values) => walk.sums(values, |of| frame.number(of.into())),
            Offsets::U16(values) => walk.sums(values, |of| frame.number(of.into())),
            Offsets::U32(values) => walk.sums(values, |of| frame.number(of.into())),
            Offsets::I64(values) => walk.sums(values, |number| number),
        }),
    };
    Some(Frame { base: 0, unit: 1, offsets, range: Some(range) })
}

/// Missing where 128 bits do not hold the sum.
fn exact_sums(walk: &Walk<'_>, value: impl Fn(usize) -> i128) -> Vec<Option<i128>> {
    let mut sums = vec![Some(0_i128); walk.customers()];
    walk.each_row(|owner, row| {
        sums[owner] = sums[owner].and_then(|sum| sum.checked_add(value(row)));
    });
    sums
}

fn optional<'a>(sums: &[Option<i128>]) -> Vector<'a> {
    number::wide(sums.len(), |customer| sums[customer])
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

/// A count of rows as a float; exact, since rows are numbered with 32 bits.
fn nearest(count: i64) -> f64 {
    Decimal::from_int(i128::from(count)).to_f64()
}
