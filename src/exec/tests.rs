//! Kernels against one bit at a time, and where members come from.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "numbers of rows are small"
)]

use chrono::NaiveDate;
use roaring::RoaringBitmap;

use super::{Input, Inputs, Kept, Outcome, Predictions, kernels, mask, rows as rows_of_chunk, run};
use crate::{
    calendar::{AsOf, Moment},
    diagnostic::{SourceId, Span},
    plan::Plan,
    rule::{
        ColumnPath, Condition, ConditionKind, Expr, ExprKind, ExprType, Metadata, Pin, RuleSet,
        SegmentId, SegmentKind, SegmentRule, Start,
    },
    schema::{ColumnId, Schema, TableId},
    snapshot::{CHUNK_ROWS, Rows, Snapshot},
    value::{Key, Type, Value},
    watch::Watch,
};

#[test]
fn a_word_holds_64_answers() {
    for len in [0_usize, 1, 63, 64, 65, 128, 200] {
        let values: Vec<u16> = (0..len).map(|i| u16::try_from(i * 7919 % 251).unwrap()).collect();
        let mut out = vec![u64::MAX; len.div_ceil(64)];
        kernels::fill(&values, &mut out, |value| value % 3 == 0);
        for bit in 0..out.len() * 64 {
            let expected = values.get(bit).is_some_and(|value| value % 3 == 0);
            assert_eq!(mask::get(&out, bit), expected, "{bit} of {len}");
        }
    }
}

#[test]
fn ranges_of_bits_are_looked_at_bit_by_bit() {
    let rows = 300;
    let mut bits = mask::zeros(rows);
    let is_set = |row: usize| row % 67 == 3 || (128..140).contains(&row);
    (0..rows).filter(|row| is_set(*row)).for_each(|row| mask::set(&mut bits, row));
    for from in (0..rows).step_by(7).chain([63, 64, 65, 127, 128]) {
        for to in (from..=rows).step_by(5).chain([rows]) {
            let expected: Vec<usize> = (from..to).filter(|row| is_set(*row)).collect();
            assert_eq!(kernels::set_bits(&bits, from, to).collect::<Vec<_>>(), expected);
        }
    }
}

#[test]
fn masks_of_any_length_are_used_alike() {
    for rows in [0_usize, 1, 63, 64, 65, 200] {
        let words = rows.div_ceil(64);
        let mut pool = mask::Pool::default();
        // What another mask has left must not show.
        pool.give_back(mask::ones(300));
        let ones = pool.ones(rows);
        assert_eq!((0..words * 64).filter(|row| mask::get(&ones, *row)).count(), rows);
        assert_eq!(*pool.zeros(rows), vec![0; words]);
        assert_eq!(*pool.copy(&ones), *ones);
        assert_eq!(*ones.iter().copied().collect::<mask::Mask>(), *ones);
        for other in [0, 1, 2, 4] {
            let mut resized = ones.clone();
            resized.resize(other);
            let expected: Vec<u64> =
                (0..other).map(|at| ones.get(at).copied().unwrap_or(0)).collect();
            assert_eq!(*resized, *expected, "{words} words, then {other}");
        }
    }
}

#[test]
fn masks_and_bitmaps_are_the_same_rows() {
    let first = 3 << 16;
    let rows: RoaringBitmap = [first, first + 1, first + 64, first + 99].into_iter().collect();
    let numbers = Rows::From { first, count: 100 };
    let mask = rows_of_chunk::of_bitmap(&rows, &numbers);
    assert_eq!(*mask, [1 << 0 | 1 << 1, 1 << 0 | 1 << 35]);
    assert_eq!(rows_of_chunk::to_bitmap(&mask, &numbers), rows);
    let others: RoaringBitmap = [first - 1, first + 100].into_iter().collect();
    assert_eq!(*rows_of_chunk::of_bitmap(&others, &numbers), [0, 0]);
}

const MORE: u32 = 10;

/// More customers than one chunk holds; `vip` is true for every third, and missing for every fifth.
fn snapshot() -> Snapshot {
    let schema = Schema::builder()
        .customers("id")
        .created("since")
        .column("id", Type::Int)
        .column("vip", Type::Bool)
        .column("since", Type::Date)
        .build()
        .unwrap();
    let mut data = Snapshot::builder(&schema);
    for id in 0..CHUNK_ROWS as i64 + i64::from(MORE) {
        let vip = (id % 5 != 0).then_some(Value::Bool(id % 3 == 0));
        // The last one does not exist yet.
        let year = if id == CHUNK_ROWS as i64 + i64::from(MORE) - 1 { 2027 } else { 2020 };
        let since = Some(Value::Date(NaiveDate::from_ymd_opt(year, 1, 1).unwrap()));
        data.push("customers", [("id", Some(Value::Int(id))), ("vip", vip), ("since", since)])
            .unwrap();
    }
    data.build().unwrap()
}

fn condition(kind: ConditionKind) -> Condition {
    Condition::new(kind, Span::new(SourceId(0), 0, 0))
}

fn vip() -> Condition {
    let column = ColumnId { table: TableId::CUSTOMERS, index: 1 };
    let path = ColumnPath { start: Start::Own, through: Vec::new(), column };
    let span = Span::new(SourceId(0), 0, 0);
    condition(ConditionKind::Holds(Expr { kind: ExprKind::Column(path), ty: ExprType::Bool, span }))
}

fn segment(include: Condition, pins_in: &[i64], pins_out: &[i64]) -> SegmentRule {
    let span = Span::new(SourceId(0), 0, 0);
    let pins = |keys: &[i64]| keys.iter().map(|key| Pin { key: Key::Int(*key), span }).collect();
    SegmentRule {
        name: "a".to_owned(),
        title: None,
        kind: SegmentKind::Dynamic,
        inactive: false,
        metadata: Metadata::default(),
        includes: vec![include],
        excludes: Vec::new(),
        pins_in: (!pins_in.is_empty()).then(|| pins(pins_in)),
        pins_out: pins(pins_out),
        span,
    }
}

fn evaluate(segments: Vec<SegmentRule>, inputs: Vec<Input>) -> Vec<Outcome> {
    let snapshot = snapshot();
    let order = (0..).take(segments.len()).map(SegmentId).collect();
    let plan = Plan::new(&RuleSet {
        segments,
        order,
        partitions: Vec::new(),
        lets: Vec::new(),
        rfm: None,
        predict: None,
    });
    let day = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
    let moment = Moment::new(AsOf::Day(day), snapshot.schema().zone());
    run(
        &plan,
        &snapshot,
        moment,
        &Inputs { segments: inputs },
        &Kept::default(),
        Predictions::default(),
        (&Watch::default(), false),
    )
    .unwrap()
    .segments
}

fn vips() -> RoaringBitmap {
    let all = 0..CHUNK_ROWS as u32 + MORE - 1;
    all.filter(|id| id % 3 == 0 && id % 5 != 0).collect()
}

#[test]
fn chunks_come_together() {
    let not_vip = condition(ConditionKind::Not(Box::new(vip())));
    let outcomes = evaluate(vec![segment(vip(), &[], &[]), segment(not_vip, &[], &[])], vec![]);
    assert_eq!(outcomes[0].members, vips());
    let others: RoaringBitmap = (0..CHUNK_ROWS as u32 + MORE - 1).collect();
    assert_eq!(outcomes[1].members, others - vips());
    assert_eq!(outcomes[0].base, None);
}

#[test]
fn pins_come_on_top_of_the_base() {
    let last = CHUNK_ROWS as i64 + i64::from(MORE) - 1;
    let pinned = segment(vip(), &[0, 1, 3, last, 1_000_000], &[3, 6]);
    let outcomes = evaluate(vec![pinned], vec![Input::Evaluate { keep_base: true }]);
    assert_eq!(outcomes[0].base, Some(vips()));
    let mut expected = vips();
    expected.extend([0, 1]);
    expected.remove(3);
    expected.remove(6);
    assert_eq!(outcomes[0].members, expected);
}

#[test]
fn a_base_is_taken_as_it_was_formed() {
    let base: RoaringBitmap = [7, 8, CHUNK_ROWS as u32 + 2, 5_000_000].into_iter().collect();
    let pinned = segment(vip(), &[9], &[8]);
    let outcomes = evaluate(vec![pinned], vec![Input::Base(base)]);
    let expected: RoaringBitmap = [7, 9, CHUNK_ROWS as u32 + 2].into_iter().collect();
    assert_eq!(outcomes, [Outcome { base: None, members: expected }]);
}

#[test]
fn another_segment_is_read_as_it_stands() {
    let given: RoaringBitmap = [2, CHUNK_ROWS as u32 + 1].into_iter().collect();
    let refers = condition(ConditionKind::InSegment(SegmentId(0)));
    let also = condition(ConditionKind::InSegment(SegmentId(1)));
    let segments = vec![
        segment(vip(), &[9], &[]),
        segment(refers, &[4], &[]),
        segment(condition(ConditionKind::Not(Box::new(also))), &[], &[]),
    ];
    let outcomes = evaluate(segments, vec![Input::Members(given.clone())]);
    // Pins do not touch given members.
    assert_eq!(outcomes[0].members, given);
    let mut second = given;
    second.insert(4);
    assert_eq!(outcomes[1].members, second);
    let all: RoaringBitmap = (0..CHUNK_ROWS as u32 + MORE - 1).collect();
    assert_eq!(outcomes[2].members, all - second);
}
