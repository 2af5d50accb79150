//! The functions of the language.

use std::borrow::Cow;

use chrono::Timelike;

use super::{
    compare,
    number::{self, Typed, as_floats, scale_of},
    vector::{Data, Vector, collect},
};
use crate::{
    calendar::{Instant, age},
    plan::Now,
    rule::{ExprType, Function},
    value::{Decimal, round_float},
};

pub(super) fn call<'a>(
    now: Now,
    function: Function,
    ty: ExprType,
    arguments: &[Typed<'_, 'a>],
    rows: usize,
) -> Vector<'a> {
    let Some(&first) = arguments.first() else { return Vector::missing(rows) };
    let of_day = |value: &dyn Fn(crate::calendar::Day) -> i64| {
        ints(rows, |row| compare::day(now, first, row).map(value))
    };
    let today = now.moment.today;
    match function {
        Function::Age => of_day(&|day| age(day, today, now.leap_day).into()),
        Function::DaysSince => of_day(&|day| today.days_since(day)),
        Function::Year => of_day(&|day| day.year().into()),
        Function::Month => of_day(&|day| day.year_month_day().1.into()),
        Function::Day => of_day(&|day| day.year_month_day().2.into()),
        Function::Weekday => of_day(&|day| day.weekday().into()),
        Function::Hour => ints(rows, |row| {
            first.1.int(row).map(|instant| now.zone.local(Instant(instant)).hour().into())
        }),
        // Of a column it never comes here.
        Function::Size => Vector::new(Data::ints(vec![0; rows]), None),
        Function::Lower => {
            let (texts, presence) = collect(rows, |row| {
                first.1.text(row).map(|text| Cow::<'a, str>::Owned(text.to_lowercase()))
            });
            Vector::new(Data::Texts(texts), presence)
        }
        Function::Length => ints(rows, |row| {
            first.1.text(row).and_then(|text| text.chars().count().try_into().ok())
        }),
        Function::Abs => abs(first, rows),
        Function::Round(digits) => round(first, digits, rows),
        Function::Coalesce => coalesce(ty, arguments, rows),
    }
}

fn ints<'a>(rows: usize, value: impl FnMut(usize) -> Option<i64>) -> Vector<'a> {
    let (values, presence) = collect(rows, value);
    Vector::new(Data::ints(values), presence)
}

fn abs<'a>((_, vector): Typed<'_, '_>, rows: usize) -> Vector<'a> {
    match &vector.data {
        Data::Floats(values) => {
            number::floats(rows, |row| present(vector, values, row).map(f64::abs))
        }
        _ => number::wide(rows, |row| vector.exact(row)?.checked_abs()),
    }
}

fn round<'a>((ty, vector): Typed<'_, '_>, digits: i8, rows: usize) -> Vector<'a> {
    match &vector.data {
        Data::Floats(values) => number::floats(rows, |row| {
            present(vector, values, row).map(|value| round_float(value, digits))
        }),
        _ => number::wide(rows, |row| {
            let number = Decimal::new(vector.exact(row)?, scale_of(ty))?;
            number.round(digits).map(Decimal::mantissa)
        }),
    }
}

fn present<T: Copy>(vector: &Vector<'_>, values: &[T], row: usize) -> Option<T> {
    values.get(row).copied().filter(|_| vector.is_present(row))
}

/// The first argument that is present, brought to the type of the result.
fn coalesce<'a>(ty: ExprType, arguments: &[Typed<'_, 'a>], rows: usize) -> Vector<'a> {
    match ty {
        ExprType::Float => {
            let sides: Vec<_> = arguments.iter().map(|side| as_floats(*side)).collect();
            number::floats(rows, |row| {
                arguments.iter().zip(&sides).find_map(|(side, values)| present(side.1, values, row))
            })
        }
        ExprType::Exact { scale } => number::wide(rows, |row| {
            let number = arguments
                .iter()
                .find_map(|side| Decimal::new(side.1.exact(row)?, scale_of(side.0)))?;
            number.rescale(scale).map(Decimal::mantissa)
        }),
        ExprType::Bool => {
            let mut bits = super::mask::zeros(rows);
            let (_, presence) = collect(rows, |row| {
                let value = arguments.iter().find_map(|side| side.1.bool(row))?;
                if value {
                    super::mask::set(&mut bits, row);
                }
                Some(())
            });
            Vector::new(Data::Bools(bits), presence)
        }
        ExprType::Text => {
            let (texts, presence) = collect(rows, |row| {
                let text = arguments.iter().find_map(|side| side.1.text(row));
                text.map(|text| Cow::<'a, str>::Owned(text.to_owned()))
            });
            Vector::new(Data::Texts(texts), presence)
        }
        _ => ints(rows, |row| arguments.iter().find_map(|side| side.1.int(row))),
    }
}
