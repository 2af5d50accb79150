//! Cuts against their definition: how many have a smaller value, how many a greater one.

use std::fmt::Write as _;

use chrono::NaiveDate;
use proptest::prelude::*;

use super::{
    Cut, Kept, Ranked, RankedChunk, Vector,
    ranked::{float_at, key_of},
    select::{at_ranks, ranks},
};
use crate::{
    Engine, Rules, Schema, Snapshot, Type, Value,
    exec::{
        mask,
        resolve::Test,
        vector::{Data, collect},
    },
    plan::Ask,
    rule::{End, ExprType, Share},
    value::Decimal,
};

const EXACT: ExprType = ExprType::Exact { scale: 0 };

/// Chunks of a few rows; a row in seven does not exist.
fn ranked(values: &[Option<i128>]) -> Ranked {
    let chunks = values.chunks(70).map(|chunk| {
        let (numbers, presence) = collect(chunk.len(), |row| chunk[row]);
        let narrow: Option<Vec<i64>> = numbers.iter().map(|n| i64::try_from(*n).ok()).collect();
        let data = narrow.map_or(Data::Wide(numbers), Data::ints);
        let mut exists = mask::ones(chunk.len());
        (0..chunk.len()).filter(|row| row % 7 == 6).for_each(|row| mask::clear(&mut exists, row));
        RankedChunk::new(Vector::new(data, presence), &exists)
    });
    Ranked::new(chunks.collect())
}

fn select(ask: Ask, ranked: &Ranked) -> Cut {
    Cut::select(&[ask], ranked).remove(0)
}

/// The values of those who exist.
fn population(values: &[Option<i128>]) -> Vec<i128> {
    let existing = values.chunks(70).flat_map(|chunk| {
        chunk.iter().enumerate().filter(|(row, _)| row % 7 != 6).map(|(_, value)| *value)
    });
    existing.flatten().collect()
}

fn is_in(ask: Ask, all: &[i128], value: i128) -> bool {
    let Ask::End { end, share } = ask else { panic!("an end") };
    let before = all.iter().filter(|other| match end {
        End::Top => **other > value,
        End::Bottom => **other < value,
    });
    let before = Decimal::from_int(before.count() as i128);
    match share {
        Share::Count(count) => before < Decimal::from_int(count.into()),
        Share::Percent(percent) => {
            let all = Decimal::from_int(all.len() as i128);
            before.checked_mul(Decimal::from_int(100)) < all.checked_mul(percent)
        }
    }
}

fn bucket(buckets: u32, all: &[i128], value: i128) -> i64 {
    let smaller = all.iter().filter(|other| **other < value).count();
    (1 + smaller * buckets as usize / all.len()).try_into().unwrap()
}

/// 1 + the cuts below a value. The way from one value to the next may be 2^128 long.
fn cuts_below(parts: u32, all: &[i128], value: i128) -> i64 {
    let mut sorted = all.to_vec();
    sorted.sort_unstable();
    let below = (1..parts as usize).filter(|cut| {
        let place = (sorted.len() - 1) * cut;
        let (low, rest) = (place / parts as usize, place % parts as usize);
        let from = sorted[low];
        let to = if rest > 0 { sorted[low + 1] } else { from };
        let half = |number: i128| (number.div_euclid(1 << 64), number.rem_euclid(1 << 64));
        // Both sides times `parts`, in two halves.
        let times = |a: (i128, i128), n: usize| {
            let low = a.1 * n as i128;
            (a.0 * n as i128 + low.div_euclid(1 << 64), low.rem_euclid(1 << 64))
        };
        let sum = |a: (i128, i128), b: (i128, i128)| {
            let low = a.1 + b.1;
            (a.0 + b.0 + low.div_euclid(1 << 64), low.rem_euclid(1 << 64))
        };
        let point = sum(times(half(from), parts as usize - rest), times(half(to), rest));
        times(half(value), parts as usize) > point
    });
    (1 + below.count()).try_into().unwrap()
}

/// What a cut says is what the definition says, for those in the population and beside them.
fn says_what_is_asked(cut: &Cut, ask: Ask, all: &[i128]) {
    let mut asked = all.to_vec();
    asked.extend(all.iter().flat_map(|value| [value.saturating_sub(1), value.saturating_add(1)]));
    asked.retain(|value| all.contains(value));
    if all.is_empty() {
        assert!(cut.is_of_nobody());
        return;
    }
    match ask {
        Ask::End { .. } => {
            let Test::Ranges(ranges) = cut.beyond(EXACT) else { panic!("a range") };
            let [(low, high)] = ranges.as_slice() else { panic!("one range") };
            for value in asked {
                let found = (*low..=*high).contains(&value);
                assert_eq!(found, is_in(ask, all, value), "{value} of {all:?} by {ask:?}");
            }
        }
        Ask::Cuts(parts) => {
            let vector = Vector::new(Data::Wide(asked.clone()), None);
            let found = cut.buckets(&vector);
            for (row, value) in asked.iter().enumerate() {
                assert_eq!(found.int(row), Some(cuts_below(parts, all, *value)));
            }
        }
        Ask::Count => assert_eq!(cut.count(), all.len() as u64),
        Ask::Buckets(buckets) => {
            let vector = Vector::new(Data::Wide(asked.clone()), None);
            let found = cut.buckets(&vector);
            for (row, value) in asked.iter().enumerate() {
                assert_eq!(found.int(row), Some(bucket(buckets, all, *value)));
            }
        }
    }
}

fn ask() -> impl Strategy<Value = Ask> {
    let end = prop_oneof![Just(End::Top), Just(End::Bottom)];
    let share = prop_oneof![
        (1_u64..30).prop_map(Share::Count),
        Just(Share::Count(u64::MAX)),
        (1_i128..=1_000).prop_map(|tenths| Share::Percent(Decimal::new(tenths, 1).unwrap())),
        (1_i128..=100).prop_map(|percent| Share::Percent(Decimal::from_int(percent))),
        Just(Share::Percent(Decimal::new(1, 18).unwrap())),
    ];
    prop_oneof![
        (end, share).prop_map(|(end, share)| Ask::End { end, share }),
        prop_oneof![1_u32..12, 90..110_u32, Just(10_000)].prop_map(Ask::Buckets),
        (2_u32..12).prop_map(Ask::Cuts),
        Just(Ask::Count),
    ]
}

/// Few different values, so that ties are many; some that 64 bits do not hold.
fn value() -> impl Strategy<Value = Option<i128>> {
    prop_oneof![
        6 => (-5_i128..25).prop_map(Some),
        2 => any::<i16>().prop_map(|value| Some(value.into())),
        1 => any::<i128>().prop_map(Some),
        1 => prop_oneof![Just(i128::MIN), Just(i128::MAX), Just(i64::MAX.into())].prop_map(Some),
        2 => Just(None),
    ]
}

proptest! {
    #[test]
    fn a_cut_is_what_was_asked_for(
        values in proptest::collection::vec(value(), 0..200),
        ask in ask(),
    ) {
        let cut = select(ask, &ranked(&values));
        says_what_is_asked(&cut, ask, &population(&values));
    }

    #[test]
    fn several_questions_are_answered_together(
        values in proptest::collection::vec(value(), 0..200),
        asks in proptest::collection::vec(ask(), 1..5),
    ) {
        let ranked = ranked(&values);
        let alone: Vec<Cut> = asks.iter().map(|ask| select(*ask, &ranked)).collect();
        prop_assert_eq!(Cut::select(&asks, &ranked), alone);
    }

    /// One customer after the other; whoever is told of all changes knows when the cut has moved.
    #[test]
    fn a_kept_cut_holds_exactly_while_it_is_the_cut(
        values in proptest::collection::vec(value(), 0..60),
        edits in proptest::collection::vec((any::<proptest::sample::Index>(), value()), 0..40),
        ask in ask(),
    ) {
        let mut values = values;
        let mut cut = select(ask, &ranked(&values));
        for (at, after) in edits {
            // One behind the end is a customer who appears.
            let at = at.index(values.len() + 1);
            if at == values.len() {
                values.push(None);
            }
            let before = std::mem::replace(&mut values[at], after);
            let exists = at % 70 % 7 != 6;
            let holds = cut.changed(before.filter(|_| exists), after.filter(|_| exists));
            let ranked = ranked(&values);
            let fresh = select(ask, &ranked);
            prop_assert_eq!(cut.recounted(ask, &ranked).is_some(), holds);
            if holds {
                prop_assert_eq!(&cut, &fresh);
            } else {
                prop_assert!(!cut.cuts_as(&fresh));
                cut = fresh;
            }
        }
    }

    #[test]
    fn values_at_ranks_are_those_of_the_sorted_ones(
        values in proptest::collection::vec(any::<i8>(), 1..300),
        buckets in 1_u32..200,
    ) {
        let ranks = ranks(Ask::Buckets(buckets), values.len());
        let mut sorted = values.clone();
        sorted.sort_unstable();
        let expected: Vec<i8> = ranks.iter().map(|rank| sorted[*rank]).collect();
        let mut values = values;
        prop_assert_eq!(at_ranks(&mut values, &ranks), expected);
    }

    #[test]
    fn floats_and_their_places_are_in_one_order(a in any::<f64>(), b in any::<f64>()) {
        prop_assume!(!a.is_nan() && !b.is_nan());
        prop_assert_eq!(key_of(a).cmp(&key_of(b)), a.partial_cmp(&b).unwrap());
        prop_assert_eq!(float_at(key_of(a)), a);
    }
}

#[test]
fn both_zeros_are_one() {
    assert_eq!(key_of(-0.0), key_of(0.0));
    assert_eq!(float_at(key_of(-0.0)).to_bits(), 0);
    assert!(key_of(-f64::MIN_POSITIVE) < key_of(0.0));
}

#[test]
fn ranks_of_shares_are_exact() {
    let percent = |mantissa, scale| Share::Percent(Decimal::new(mantissa, scale).unwrap());
    let top = |share, count| ranks(Ask::End { end: End::Top, share }, count);
    // An eighth of eight is one place, a little more is two.
    assert_eq!(top(percent(125, 1), 8), [7]);
    assert_eq!(top(percent(12_500_000_000_000_000_001, 18), 8), [6]);
    assert_eq!(top(percent(100, 0), 8), [0]);
    assert_eq!(top(Share::Count(u64::MAX), 8), [0]);
    assert_eq!(top(percent(1, 18), u32::MAX as usize), [u32::MAX as usize - 1]);
    assert!(top(Share::Count(1), 0).is_empty());
    // Quarters of eight begin at the 3rd, 5th and 7th value: above the 2nd, 4th and 6th.
    assert_eq!(ranks(Ask::Buckets(4), 8), [1, 3, 5]);
    // Thirds of eight begin where 3 x smaller reaches 8 and 16: at 3 and 6 smaller ones.
    assert_eq!(ranks(Ask::Buckets(3), 8), [2, 5]);
    assert!(ranks(Ask::Buckets(1), 8).is_empty());
    assert_eq!(ranks(Ask::Buckets(4), 1), [0, 0, 0]);
}

/// Type 7 of R's `quantile` in thirds of the way between two ranks: `quantile(c(0, 10, 20, 100), c(1, 2) / 3)` is 10 and
/// 20, and quarters are at 7.5, 15 and 40.
#[test]
fn cuts_lie_between_values() {
    assert_eq!(ranks(Ask::Cuts(3), 4), [1, 2]);
    assert_eq!(ranks(Ask::Cuts(4), 4), [0, 1, 2, 3]);
    assert_eq!(ranks(Ask::Cuts(4), 1), [0]);
    assert!(ranks(Ask::Cuts(4), 0).is_empty() && ranks(Ask::Count, 9).is_empty());
    let cut = select(Ask::Cuts(4), &ranked(&[Some(20), Some(0), Some(100), Some(10)]));
    let bucket = |value: i64| cut.buckets(&Vector::new(Data::ints(vec![value]), None)).int(0);
    for (value, expected) in [(7, 1), (8, 2), (15, 2), (16, 3), (40, 3), (41, 4)] {
        assert_eq!(bucket(value), Some(expected), "{value}");
    }
}

#[test]
fn a_change_away_from_the_edge_moves_nothing() {
    let values: Vec<Option<i128>> = (0..10).map(Some).collect();
    let top = Ask::End { end: End::Top, share: Share::Count(3) };
    // Row 6 does not exist: of nine values 9, 8 and 7 are on top.
    let mut cut = select(top, &ranked(&values));
    assert!(matches!(cut.beyond(EXACT), Test::Ranges(r) if r == [(7, i128::MAX)]));
    assert!(cut.changed(Some(1), Some(5)), "below the edge");
    assert!(cut.changed(Some(5), None), "one who disappears below it");
    assert!(cut.changed(None, Some(-3)), "one who appears below it");
    assert!(cut.changed(Some(9), Some(100)), "above it");
    assert!(cut.changed(None, Some(7)), "beside the last one in");
    assert!(!cut.changed(None, Some(8)), "one more in front of the edge");
    assert!(cut.changed(Some(8), Some(0)), "and back");
}

#[test]
fn what_a_run_did_not_need_stays() {
    let kept = Kept::default();
    let values: Vec<Option<i128>> = (0..10).map(Some).collect();
    let cut = select(Ask::Buckets(2), &ranked(&values));
    let known = |cuts| super::Known {
        cuts,
        ready: Vec::new(),
        aside: Vec::new(),
        predictions: Default::default(),
    };
    kept.keep(&known(vec![Some(cut.clone().into()), None]));
    kept.keep(&known(vec![None, Some(cut.clone().into())]));
    let cuts = kept.cuts();
    assert!(cuts.iter().all(|kept| kept.as_deref() == Some(&cut)), "{cuts:?}");
}

/// In tests there is room for no more than 512 numbers.
#[test]
fn many_values_are_ranked_a_few_at_a_time() {
    let schema = Schema::builder()
        .customers("id")
        .column("id", Type::Int)
        .column("points", Type::Int)
        .column("weight", Type::Float)
        .build()
        .unwrap();
    let mut data = Snapshot::builder(&schema);
    for id in 0..200_i64 {
        let points = (id % 7 != 0).then_some(Value::Int(id * 31 % 47));
        let quarters = f64::from(i32::try_from(id * 17 % 29).unwrap());
        let weight = (id % 5 != 0).then_some(Value::Float(quarters / 4.0 - 3.0));
        let row = [("id", Some(Value::Int(id))), ("points", points), ("weight", weight)];
        data.push("customers", row).unwrap();
    }
    let mut rules = String::new();
    for n in 1..6 {
        writeln!(rules, "segment a{n} {{ include top {n} percent by points + {n} * id }}").unwrap();
        writeln!(rules, "segment b{n} {{ include bottom {n} by weight * {n} - id }}").unwrap();
        writeln!(rules, "segment c{n} {{ include quantile(points + {n} * id, {n}) = {n} }}")
            .unwrap();
        writeln!(rules, "segment d{n} {{ include top 9 by quantile(weight * {n} - id, 20) }}")
            .unwrap();
        writeln!(rules, "segment e{n} {{ include points + {n} * id > 90 }}").unwrap();
    }
    let rules = Rules::parse(&schema, &rules).unwrap();
    let engine = Engine::new(rules, data.build().unwrap()).unwrap();
    let day = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
    let found = engine.evaluate(day).unwrap();
    let expected = engine.evaluate_reference(day).unwrap();
    for ((name, found), (_, expected)) in found.segments().zip(expected.segments()) {
        assert_eq!(found, expected, "{name}");
        assert!(!found.is_empty() && found.len() < 200, "{name}");
    }
}
