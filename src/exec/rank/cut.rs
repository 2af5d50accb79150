//! The values at the ranks that were asked for, and the counts that justify them.

use std::borrow::Cow;

use fearless_simd::{Level, dispatch};

use super::super::{resolve::Test, vector::Data};
use super::{
    Ranked, Vector,
    ranked::{Tally, float_at, key_of, place},
    select::{at_ranks, places, ranks},
};
use crate::{
    plan::{Ask, Comparison},
    rule::{End, ExprType},
    snapshot::{Frame, Offsets},
    value::float_between,
};

/// With so many keys and fewer, each is compared with all values at once.
const FEW: usize = 16;

#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub(in super::super) struct Cut {
    ask: Ask,
    /// Ascending, all different; none where nobody has a value.
    keys: Vec<i128>,
    /// For each key, how many of the ranks it and the smaller ones are at.
    ranks: Vec<usize>,
    tally: Tally,
}

impl Cut {
    /// Cuts of the same values, searched for together.
    pub(super) fn select(asks: &[Ask], ranked: &Ranked) -> Vec<Self> {
        let count = ranked.count();
        let asked: Vec<Vec<usize>> = asks.iter().map(|ask| ranks(*ask, count)).collect();
        let mut all: Vec<usize> = asked.iter().flatten().copied().collect();
        all.sort_unstable();
        all.dedup();
        let narrow = || {
            let by_selection = || Some(at_ranks(&mut ranked.narrow()?, &all));
            ranked.at_ranks(&all).or_else(by_selection)
        };
        let keys: Vec<i128> = if all.is_empty() {
            Vec::new()
        } else if let Some(keys) = narrow() {
            keys.into_iter().map(i128::from).collect()
        } else {
            at_ranks(&mut ranked.wide(), &all)
        };
        let at = |rank: &usize| keys.get(all.partition_point(|other| other < rank)).copied();
        let cuts = asks.iter().zip(&asked);
        cuts.map(|(ask, asked)| Self::at(*ask, asked.iter().filter_map(at), ranked)).collect()
    }

    /// `keys` are the values at the ranks that were asked for.
    fn at(ask: Ask, keys: impl Iterator<Item = i128>, ranked: &Ranked) -> Self {
        let mut cut = Self { ask, keys: Vec::new(), ranks: Vec::new(), tally: Vec::new() };
        for (rank, key) in keys.enumerate() {
            if cut.keys.last() == Some(&key) {
                cut.ranks.pop();
            } else {
                cut.keys.push(key);
            }
            cut.ranks.push(rank + 1);
        }
        cut.tally = ranked.tally(&cut.keys);
        cut
    }

    /// The same cut of these values, if they are cut there too.
    //
    // PERF: an evaluation of `top 10 percent by points`, 1,000,000 customers, takes 1.7 ms where the cut has stayed, and
    // 3.6 ms where it is searched for.
    pub(super) fn recounted(&self, ask: Ask, ranked: &Ranked) -> Option<Self> {
        if self.ask != ask {
            return None;
        }
        let cut = Self { tally: ranked.tally(&self.keys), ..self.clone() };
        cut.holds().then_some(cut)
    }

    /// Takes note that one customer has another value, has one now, or has none any more, and says whether the cut is
    /// still where it was. If not, it has to be searched for; until then further changes may be noted all the same.
    pub(super) fn changed(&mut self, before: Option<i128>, after: Option<i128>) -> bool {
        if let Some(count) = before.and_then(|key| self.tally.get_mut(place(&self.keys, key))) {
            *count = count.saturating_sub(1);
        }
        if let Some(count) = after.and_then(|key| self.tally.get_mut(place(&self.keys, key))) {
            *count += 1;
        }
        self.holds()
    }

    /// Whether the counts say that each key is the value at its ranks. For each, the ranks are those from the number of
    /// smaller values on, as many as there are values like it.
    fn holds(&self) -> bool {
        let count = usize::try_from(self.tally.iter().sum::<u64>()).unwrap_or(usize::MAX);
        let asked = ranks(self.ask, count);
        if self.ranks.last().copied().unwrap_or(0) != asked.len() {
            return false;
        }
        let (mut from, mut smaller) = (0, 0);
        let pairs = self.tally.as_chunks::<2>().0;
        self.ranks.iter().zip(pairs).all(|(&to, [between, equal])| {
            let first = smaller + between;
            smaller = first + equal;
            let own = asked.get(from..to).unwrap_or_default();
            from = to;
            own.iter().all(|rank| (first..smaller).contains(&(*rank as u64)))
        })
    }

    pub(super) fn is_asked(&self, ask: Ask) -> bool {
        self.ask == ask
    }

    /// Whether every value stands to this cut as to the other.
    pub(super) fn cuts_alike(&self, other: &Self) -> bool {
        if (&self.keys, &self.ranks) != (&other.keys, &other.ranks) {
            return false;
        }
        match self.ask {
            // Between two values the cut moves with the number of values.
            Ask::Cuts(parts) => [true, false]
                .into_iter()
                .all(|floats| self.between(parts, floats) == other.between(parts, floats)),
            Ask::End { .. } | Ask::Buckets(_) | Ask::Count => true,
        }
    }

    /// Whether the other cuts at the same values.
    #[cfg(test)]
    pub(super) fn cuts_as(&self, other: &Self) -> bool {
        (&self.keys, &self.ranks) == (&other.keys, &other.ranks)
    }

    /// The number of values.
    pub(in super::super) fn count(&self) -> u64 {
        self.tally.iter().sum()
    }

    pub(super) fn is_of_nobody(&self) -> bool {
        self.keys.is_empty() && self.tally.iter().all(|count| *count == 0)
    }

    /// The test of being at the end that was asked for.
    pub(in super::super) fn beyond(&self, ty: ExprType) -> Test {
        let (Ask::End { end, .. }, [key]) = (self.ask, self.keys.as_slice()) else {
            return Test::Never;
        };
        if ty == ExprType::Float {
            let op = match end {
                End::Top => Comparison::GreaterOrEqual,
                End::Bottom => Comparison::LessOrEqual,
            };
            return match i64::try_from(*key) {
                Ok(key) => Test::Float { op, constant: float_at(key) },
                Err(_) => Test::Never,
            };
        }
        Test::Ranges(vec![match end {
            End::Top => (*key, i128::MAX),
            End::Bottom => (i128::MIN, *key),
        }])
    }

    /// The number of each row's bucket: 1 + the number of cuts that are smaller.
    pub(in super::super) fn buckets<'a>(&self, of: &Vector<'_>) -> Vector<'a> {
        let between;
        let (keys, ranks) = match self.ask {
            Ask::Cuts(parts) => {
                between = self.between(parts, matches!(of.data, Data::Floats(_)));
                (&between.0, &between.1)
            }
            Ask::End { .. } | Ask::Buckets(_) | Ask::Count => (&self.keys, &self.ranks),
        };
        let narrow: Option<Vec<i64>> = keys.iter().map(|key| i64::try_from(*key).ok()).collect();
        let buckets = match (&of.data, narrow) {
            (Data::Ints(frame), Some(keys)) => {
                numbers(&frame.numbers(), &keys, ranks, |value| value)
            }
            (Data::Floats(values), Some(keys)) => numbers(values, &keys, ranks, key_of),
            (Data::Ints(frame), None) => numbers(&frame.numbers(), keys, ranks, i128::from),
            (Data::Wide(values), _) => numbers(values, keys, ranks, |value| value),
            _ => Vec::new(),
        };
        let range = Some((1, i64::from(u16::MAX)));
        let buckets = Frame { base: 0, unit: 1, offsets: Offsets::U16(buckets), range };
        Vector::new(Data::Ints(Cow::Owned(buckets)), of.presence.clone())
    }

    /// The cuts between the values at the ranks: a value is above a cut if it is above the key. Each key once, with the
    /// number of cuts up to it.
    fn between(&self, parts: u32, floats: bool) -> (Vec<i128>, Vec<usize>) {
        let count = usize::try_from(self.count()).unwrap_or(usize::MAX);
        let asked = ranks(self.ask, count);
        // Of the ranks that were asked for, the value at each.
        let at = |rank: usize| {
            let place = asked.binary_search(&rank).ok()?;
            self.keys.get(self.ranks.partition_point(|to| *to <= place)).copied()
        };
        let (mut keys, mut cuts): (Vec<i128>, Vec<usize>) = (Vec::new(), Vec::new());
        for (number, place) in (1..).zip(places(parts, count)) {
            let Some(low) = at(place.low) else { continue };
            let key = match place.high().and_then(at) {
                Some(high) if floats => float_key_between(low, high, place.parts, parts),
                Some(high) => whole_between(low, high, place.parts, parts),
                None => low,
            };
            if keys.last() == Some(&key) {
                cuts.pop();
            } else {
                keys.push(key);
            }
            cuts.push(number);
        }
        (keys, cuts)
    }
}

/// The greatest whole number that is not above the point so many of all parts of the way from one to the other.
fn whole_between(low: i128, high: i128, parts: u32, all: u32) -> i128 {
    let (way, parts, all) = (low.abs_diff(high), u128::from(parts), u128::from(all));
    // The way may be too long to be multiplied.
    let passed = way / all * parts + way % all * parts / all;
    low.saturating_add_unsigned(passed)
}

fn float_key_between(low: i128, high: i128, parts: u32, all: u32) -> i128 {
    let ends = i64::try_from(low).ok().zip(i64::try_from(high).ok());
    let point = |(low, high)| float_between(float_at(low), float_at(high), parts, all);
    ends.map_or(low, |ends| key_of(point(ends)).into())
}

/// 1 + the number of cuts whose key is smaller; `ranks` holds for each key how many cuts it and the smaller ones are.
fn numbers<V: Copy, T: Copy + Ord>(
    values: &[V],
    keys: &[T],
    ranks: &[usize],
    key_of: impl Fn(V) -> T + Copy,
) -> Vec<u16> {
    let ranks: Vec<u16> = std::iter::once(0).chain(ranks.iter().copied()).map(narrow).collect();
    if keys.len() > FEW {
        let number = |value| {
            let smaller = keys.partition_point(|key| *key < key_of(value));
            1 + ranks.get(smaller).copied().unwrap_or(0)
        };
        return values.iter().map(|value| number(*value)).collect();
    }
    let mut numbers = vec![1; values.len()];
    dispatch!(Level::new(), _simd => add_steps(&mut numbers, values, keys, &ranks, key_of));
    numbers
}

#[inline(always)]
fn add_steps<V: Copy, T: Copy + Ord>(
    numbers: &mut [u16],
    values: &[V],
    keys: &[T],
    ranks: &[u16],
    key_of: impl Fn(V) -> T,
) {
    for (key, ranks) in keys.iter().zip(ranks.windows(2)) {
        let own = ranks.iter().rev().copied().reduce(|to, from| to - from).unwrap_or(0);
        for (number, value) in numbers.iter_mut().zip(values) {
            *number += if *key < key_of(*value) { own } else { 0 };
        }
    }
}

/// A number of cuts, which are at most 10,000.
fn narrow(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}
