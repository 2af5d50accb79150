//! Each loop against the same thing said row by row.

use proptest::prelude::*;

use super::*;
use crate::{
    exec::mask::{self, Lent, Mask},
    snapshot::{Codes, Frame, Offsets},
};

fn rows_of(mask: &[u64], rows: usize) -> Vec<usize> {
    assert!(mask.len() * 64 < rows + 64);
    assert!((rows..mask.len() * 64).all(|row| !mask::get(mask, row)), "bits behind the last row");
    (0..rows).filter(|row| mask::get(mask, *row)).collect()
}

fn mask_of(rows: impl IntoIterator<Item = bool>) -> Mask {
    let rows: Vec<bool> = rows.into_iter().collect();
    let mut mask = mask::zeros(rows.len());
    rows.iter().enumerate().filter(|(_, set)| **set).for_each(|(row, _)| mask::set(&mut mask, row));
    mask
}

/// Numbers of every width, some of them multiples of a unit.
fn numbers() -> impl Strategy<Value = Vec<i64>> {
    let spread = prop_oneof![
        Just(0_i64..1),
        Just(-5..200),
        Just(0..40_000),
        Just(-1_000_000..1_000_000),
        Just(i64::MIN..i64::MAX),
    ];
    let unit = prop_oneof![Just(1_i64), Just(7), Just(86_400_000_000)];
    (spread, unit).prop_flat_map(|(spread, unit)| {
        let number = spread.prop_map(move |number| number.wrapping_mul(unit));
        proptest::collection::vec(number, 0..300)
    })
}

fn ranges_over(numbers: &[i64], ends: &[(usize, i8)]) -> Vec<(i128, i128)> {
    let mut ends: Vec<i128> = ends
        .iter()
        .filter_map(|(at, shift)| {
            Some(i128::from(*numbers.get(at % numbers.len().max(1))?) + i128::from(*shift))
        })
        .collect();
    ends.sort_unstable();
    ends.dedup();
    ends.as_chunks::<2>().0.iter().map(|[low, high]| (*low, *high)).collect()
}

proptest! {
    #[test]
    fn a_frame_holds_its_numbers(numbers in numbers(), gaps in 1_usize..9) {
        let shown = |row: usize| !row.is_multiple_of(gaps);
        let values = numbers.iter().enumerate().map(|(row, n)| shown(row).then_some(*n));
        let frame = Frame::new(values.clone());
        for (row, number) in values.enumerate() {
            if let Some(number) = number {
                prop_assert_eq!(frame.get(row), Some(number));
                prop_assert_eq!(frame.numbers()[row], number);
            }
        }
        let shown = numbers.iter().enumerate().filter(|(row, _)| shown(*row)).map(|(_, n)| *n);
        prop_assert_eq!(frame.range, shown.clone().min().zip(shown.max()));
    }

    #[test]
    fn ranges_hold_the_numbers_between_their_ends(
        numbers in numbers(),
        ends in proptest::collection::vec((0_usize..300, any::<i8>()), 0..80),
    ) {
        let ranges = ranges_over(&numbers, &ends);
        let expected: Vec<usize> = (0..numbers.len())
            .filter(|row| {
                let number = i128::from(numbers[*row]);
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&number))
            })
            .collect();
        for frame in [Frame::new(numbers.iter().copied().map(Some)), Frame::plain(numbers.clone())] {
            let mut out = vec![u64::MAX; numbers.len().div_ceil(64)];
            in_ranges(&frame, &ranges, &mut out);
            prop_assert_eq!(&rows_of(&out, numbers.len()), &expected);
        }
    }

    #[test]
    fn a_set_holds_its_codes(
        codes in proptest::collection::vec(prop_oneof![0_u32..6, 0_u32..300, 0_u32..70_000], 0..300),
        chosen in proptest::collection::vec(prop_oneof![0_u32..6, 0_u32..300, 0_u32..70_000], 0..60),
    ) {
        let set = CodeSet::new(mask_of((0..70_000).map(|code| chosen.contains(&code))));
        let codes_of = Codes::of(&codes);
        let mut out = vec![u64::MAX; codes.len().div_ceil(64)];
        in_set(&codes_of, &set, &mut out);
        let rows = (0..codes.len()).filter(|row| chosen.contains(&codes[*row]));
        prop_assert_eq!(rows_of(&out, codes.len()), rows.collect::<Vec<_>>());
    }

    #[test]
    fn walks_say_what_each_customer_s_rows_say(
        lengths in proptest::collection::vec(prop_oneof![Just(0_u32), 1_u32..4, 0_u32..90], 0..400),
        one_in in prop_oneof![Just(1_usize), Just(2), Just(40)],
        all in any::<bool>(),
        seed in any::<u64>(),
    ) {
        let mut offsets = vec![0];
        offsets.extend(lengths.iter().scan(0, |end, length| {
            *end += length;
            Some(*end)
        }));
        let rows = offsets[lengths.len()] as usize;
        let random = |row: usize| (row as u64 + seed).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
        let is_in = |row: usize| all || (random(row) as usize).is_multiple_of(one_in);
        let selected = (!all).then(|| Lent::Own(mask_of((0..rows).map(is_in))));
        let owners = Owners::new(&offsets);
        let walk = Walk { selected, offsets: &offsets, owners: &owners };
        let of = |customer: usize| -> Vec<usize> {
            let rows = offsets[customer] as usize..offsets[customer + 1] as usize;
            rows.filter(|row| is_in(*row)).collect()
        };
        let by_customer: Vec<Vec<usize>> = (0..lengths.len()).map(of).collect();

        let found = |row: Option<&usize>| row.map_or(NO_ROW, |row| *row as u32);
        let customers = by_customer.iter();
        let counts = walk.counts();
        for (customer, rows) in by_customer.iter().enumerate() {
            prop_assert_eq!(counts.get(customer), Some(rows.len() as i64));
        }
        prop_assert!(counts.range.is_some_and(|(_, most)| most >= lengths.iter().copied().max().unwrap_or(0).into()));
        let any = customers.clone().map(|rows| !rows.is_empty());
        prop_assert_eq!(&*walk.any(), &*mask_of(any));
        let first = customers.clone().map(|rows| found(rows.first()));
        prop_assert_eq!(walk.first(), first.collect::<Vec<_>>());
        let last = customers.clone().map(|rows| found(rows.last()));
        prop_assert_eq!(walk.last(), last.collect::<Vec<_>>());
        let values: Vec<u32> = (0..rows).map(|row| random(row) as u32).collect();
        let sums = customers.clone().map(|rows| rows.iter().map(|row| i64::from(values[*row])).sum());
        prop_assert_eq!(walk.sums(&values, i64::from), sums.collect::<Vec<i64>>());
        // All together do not fit in 32 bits, each customer's do.
        let sums = customers.clone().map(|rows| rows.iter().map(|row| values[*row]).sum());
        prop_assert_eq!(walk.sums(&values, |value| value), sums.collect::<Vec<u32>>());
        let most = |rows: &Vec<usize>| rows.iter().map(|row| values[*row]).max().unwrap_or(7);
        let found_most = walk.fold(&values, 7, |value| value.max(7), u32::max);
        prop_assert_eq!(found_most, customers.clone().map(|rows| most(rows).max(7)).collect::<Vec<_>>());
        let best = customers.clone().map(|rows| {
            found(rows.iter().rev().max_by_key(|row| random(**row) % 5))
        });
        let found_best = walk.best(|a, b| random(a) % 5 > random(b) % 5);
        prop_assert_eq!(found_best, best.collect::<Vec<_>>());
        let mut seen = vec![Vec::new(); lengths.len()];
        walk.each_row(|owner, row| seen[owner].push(row));
        prop_assert_eq!(&seen, &by_customer);
        let mut seen = Vec::new();
        walk.each_customer(|_, rows| seen.push(rows.collect::<Vec<_>>()));
        prop_assert_eq!(&seen, &by_customer);

        let elements = mask_of((0..rows).map(is_in));
        let mut in_row = vec![u64::MAX; lengths.len().div_ceil(64)];
        any_in_row(&offsets, &elements, &mut in_row);
        prop_assert_eq!(&*in_row, &*mask_of(by_customer.iter().map(|rows| !rows.is_empty())));
    }

    #[test]
    fn rows_listed_by_code_are_those_that_have_it(
        sets in proptest::collection::vec(proptest::collection::vec(0_u16..300, 0..4), 0..200),
        wanted in proptest::collection::btree_set(0_usize..320, 0..20),
    ) {
        let mut offsets = vec![0_u32];
        for set in &sets {
            offsets.push(offsets[offsets.len() - 1] + u32::try_from(set.len()).unwrap());
        }
        let codes = Codes::U16(sets.concat());
        let set = CodeSet::new(mask_of((0..320).map(|code| wanted.contains(&code))));
        let has = |elements: &Vec<u16>| elements.iter().any(|code| wanted.contains(&usize::from(*code)));
        let expected = mask_of(sets.iter().map(has)).to_vec();
        let mut each = vec![u64::MAX; expected.len()];
        any_in_set(&offsets, &codes, &set, &mut each);
        prop_assert_eq!(&each, &expected);
        let most = sets.concat().into_iter().max();
        let listed = RowsByCode::new(&offsets, &codes);
        let is_worth_it = most.is_some_and(|most| usize::from(most) < sets.concat().len());
        prop_assert_eq!(listed.is_some(), is_worth_it);
        if let Some(listed) = listed {
            let mut listed_each = vec![u64::MAX; expected.len()];
            listed.any_in_set(&set, &mut listed_each);
            prop_assert_eq!(listed_each, expected);
        }
    }

    #[test]
    fn what_is_gathered_is_the_value_of_the_row(
        numbers in numbers(),
        rows in proptest::collection::vec(0_u32..400, 0..100),
    ) {
        let frame = Frame::new(numbers.iter().copied().map(Some));
        let gathered = gather_frame(&frame, &rows);
        for (place, row) in rows.iter().enumerate() {
            if let Some(number) = numbers.get(*row as usize) {
                prop_assert_eq!(gathered.get(place), Some(*number));
            }
        }
        prop_assert!(matches!(
            (&gathered.offsets, &frame.offsets),
            (Offsets::U8(_), Offsets::U8(_))
                | (Offsets::U16(_), Offsets::U16(_))
                | (Offsets::U32(_), Offsets::U32(_))
                | (Offsets::I64(_), Offsets::I64(_))
        ));
    }
}
