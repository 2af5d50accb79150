//! Values by cases: a grade among fixed cuts, one value or another, an entry of a list.

use std::borrow::Cow;

use super::{
    mask::{self, Mask},
    number,
    resolve::float,
    vector::{Data, Vector},
};
use crate::plan::Constant;

/// 1 + the number of cuts that each row reaches.
pub(super) fn grade<'a>(of: &Vector<'_>, cuts: &[Constant]) -> Vector<'a> {
    let whole = || cuts.iter().filter_map(mantissa);
    let narrow: Option<Vec<i64>> = whole().map(|cut| i64::try_from(cut).ok()).collect();
    let grades = match (&of.data, narrow) {
        (Data::Ints(frame), Some(cuts)) => reached(&frame.numbers(), &cuts, |value| value),
        (Data::Ints(frame), None) => {
            reached(&frame.numbers(), &whole().collect::<Vec<_>>(), i128::from)
        }
        (Data::Wide(values), _) => reached(values, &whole().collect::<Vec<_>>(), |value| value),
        (Data::Floats(values), _) => {
            let cuts: Vec<f64> = cuts.iter().filter_map(float).collect();
            reached(values, &cuts, |value| value)
        }
        _ => Vec::new(),
    };
    Vector::new(Data::ints(grades), of.presence.clone())
}

fn mantissa(cut: &Constant) -> Option<i128> {
    match cut {
        Constant::Number { mantissa, .. } => Some(*mantissa),
        _ => None,
    }
}

fn reached<V: Copy, T: Copy + PartialOrd>(
    values: &[V],
    cuts: &[T],
    number_of: impl Fn(V) -> T,
) -> Vec<i64> {
    let mut grades = vec![1; values.len()];
    for cut in cuts {
        for (grade, value) in grades.iter_mut().zip(values) {
            *grade += i64::from(number_of(*value) >= *cut);
        }
    }
    grades
}

/// One value where the bit is set; elsewhere the other, or none.
pub(super) fn choose<'a>(
    bits: &[u64],
    then: &Vector<'a>,
    otherwise: Option<&Vector<'a>>,
    rows: usize,
) -> Vector<'a> {
    let mut presence = Mask::from(bits);
    if let Some(own) = &then.presence {
        mask::and(&mut presence, own);
    }
    let Some(otherwise) = otherwise else {
        return Vector::new(then.data.clone(), Some(presence));
    };
    let mut other = mask::ones(rows);
    if let Some(own) = &otherwise.presence {
        mask::and(&mut other, own);
    }
    other.iter_mut().zip(bits).for_each(|(other, bit)| *other &= !bit);
    mask::or(&mut presence, &other);
    let is_then = |row| mask::get(bits, row);
    let data = match (&then.data, &otherwise.data) {
        (Data::Ints(then), Data::Ints(other)) => {
            Data::ints(either(&then.numbers(), &other.numbers(), is_then))
        }
        (Data::Floats(then), Data::Floats(other)) => Data::Floats(either(then, other, is_then)),
        (Data::Ints(_) | Data::Wide(_), Data::Ints(_) | Data::Wide(_)) => {
            return number::wide(rows, |row| {
                if is_then(row) { then.exact(row) } else { otherwise.exact(row) }
            });
        }
        // INVARIANT: both have the type of the node, and only numbers are chosen between.
        _ => return Vector::missing(rows),
    };
    Vector::new(data, Some(presence))
}

fn either<T: Copy>(then: &[T], otherwise: &[T], is_then: impl Fn(usize) -> bool) -> Vec<T> {
    let rows = then.iter().zip(otherwise).enumerate();
    rows.map(|(row, (then, otherwise))| if is_then(row) { *then } else { *otherwise }).collect()
}

/// The entry at each row's place, from 1 on.
pub(super) fn pick<'a>(index: &Vector<'_>, entries: &'a [String], rows: usize) -> Vector<'a> {
    let entry = |row| {
        let place = usize::try_from(index.int(row)?).ok()?.checked_sub(1)?;
        entries.get(place).map(|entry| Cow::Borrowed(entry.as_str()))
    };
    let texts = (0..rows).map(|row| entry(row).unwrap_or_default()).collect();
    Vector::new(Data::Texts(texts), index.presence.clone())
}
