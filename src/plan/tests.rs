//! Each constructor keeps the meaning for every row; what means the same is one node.

use std::cmp::Ordering;

use super::{
    Aggregate, Ask, Comparison, ConditionId, ConditionKind, Constant, Plan, Scope, Step, ValueId,
    ValueKind, build::Builder,
};
use crate::{
    diagnostic::{SourceId, Span},
    rule::{
        AggregateFunction, ColumnPath, CompareOp, Condition, ConditionKind as Rule, Domain, End,
        Expr, ExprKind, ExprType, Metadata, RuleSet, SegmentId, SegmentKind, SegmentRule, Share,
        Start,
    },
    schema::{ColumnId, TableId},
    value::Decimal,
};

const SCOPE: Scope = Scope::Customers;
const COMPARISONS: [Comparison; 5] = [
    Comparison::Equal,
    Comparison::Less,
    Comparison::LessOrEqual,
    Comparison::Greater,
    Comparison::GreaterOrEqual,
];

fn path(index: u16) -> ColumnPath {
    let column = ColumnId { table: TableId::CUSTOMERS, index };
    ColumnPath { start: Start::Own, through: Vec::new(), column }
}

fn column(builder: &mut Builder, index: u16, ty: ExprType) -> ValueId {
    builder.intern_value(SCOPE, ValueKind::Column(path(index)), ty)
}

fn number(builder: &mut Builder, mantissa: i128, scale: u8) -> ValueId {
    let ty = ExprType::Exact { scale };
    builder.constant_value(SCOPE, Constant::Number { mantissa, scale }, ty)
}

/// Whether a condition over exact or boolean columns holds for a row; `None` is a missing value.
fn holds(builder: &Builder, id: ConditionId, row: &[Option<i128>]) -> bool {
    let value = |id: ValueId| match builder.value(id).kind {
        ValueKind::Column(ref path) => row[usize::from(path.column.index)],
        _ => panic!("only columns"),
    };
    let is = |constant: &Constant, number| match constant {
        Constant::Number { mantissa, .. } => number == *mantissa,
        _ => false,
    };
    match &builder.condition(id).kind {
        ConditionKind::Constant(truth) => *truth,
        ConditionKind::Not(of) => !holds(builder, *of, row),
        ConditionKind::And(of) => of.iter().all(|id| holds(builder, *id, row)),
        ConditionKind::Or(of) => of.iter().any(|id| holds(builder, *id, row)),
        ConditionKind::AtLeast { count, of } => {
            of.iter().filter(|id| holds(builder, **id, row)).count() >= *count
        }
        ConditionKind::Holds(of) => value(*of) == Some(1),
        ConditionKind::Present(of) => value(*of).is_some(),
        ConditionKind::CompareConstant { value: of, op, constant, .. } => {
            let Constant::Number { mantissa, .. } = constant else { panic!("only numbers") };
            value(*of).is_some_and(|number| op.holds(number.cmp(mantissa)))
        }
        ConditionKind::OneOf { value: of, constants, .. } => {
            value(*of).is_some_and(|number| constants.iter().any(|one| is(one, number)))
        }
        ConditionKind::Compare { op, left, right, .. } => {
            value(*left).zip(value(*right)).is_some_and(|(a, b)| op.holds(a.cmp(&b)))
        }
        other => panic!("{other:?} is not tested here"),
    }
}

#[test]
fn a_number_between_two_steps_of_a_scale_divides_them() {
    let huge = 10_i128.pow(38);
    let numbers = [(1, 0), (12, 1), (125, 2), (1_200, 3), (-5, 1), (huge, 0), (-huge, 0), (0, 0)];
    for op in COMPARISONS {
        for (mantissa, scale) in numbers {
            let mut builder = Builder::new();
            let value = column(&mut builder, 0, ExprType::Exact { scale: 1 });
            let bound = number(&mut builder, mantissa, scale);
            let right = builder.compare(SCOPE, op, value, bound, Domain::Number);
            let left = builder.compare(SCOPE, op.flipped(), bound, value, Domain::Number);
            assert_eq!(left, right);
            assert!(!holds(&builder, right, &[None]));
            for tenths in [-10_i128, -6, -5, -4, 0, 9, 10, 11, 12, 13, i128::MAX, i128::MIN] {
                let order =
                    Decimal::new(tenths, 1).unwrap().cmp(&Decimal::new(mantissa, scale).unwrap());
                let expected = op.holds(order);
                assert_eq!(
                    holds(&builder, right, &[Some(tenths)]),
                    expected,
                    "{tenths}/10 {op:?} {mantissa}/10^{scale}"
                );
            }
        }
    }
}

#[test]
fn the_complement_of_less_is_not_greater_or_equal() {
    let mut builder = Builder::new();
    let a = column(&mut builder, 0, ExprType::Exact { scale: 0 });
    let b = column(&mut builder, 1, ExprType::Exact { scale: 0 });
    let less = builder.compare(SCOPE, Comparison::Less, a, b, Domain::Number);
    let not_less = builder.not(SCOPE, less);
    let at_least = builder.compare(SCOPE, Comparison::GreaterOrEqual, a, b, Domain::Number);
    assert!(holds(&builder, not_less, &[None, Some(1)]));
    assert!(!holds(&builder, at_least, &[None, Some(1)]));
    assert!(holds(&builder, at_least, &[Some(1), Some(1)]));
}

#[test]
fn a_value_against_itself_asks_whether_it_is_there() {
    for op in COMPARISONS {
        let mut builder = Builder::new();
        let a = column(&mut builder, 0, ExprType::Exact { scale: 0 });
        let same = builder.compare(SCOPE, op, a, a, Domain::Number);
        assert!(!holds(&builder, same, &[None]), "{op:?}");
        assert_eq!(holds(&builder, same, &[Some(7)]), op.holds(Ordering::Equal), "{op:?}");
    }
}

#[test]
fn false_is_not_missing() {
    let mut builder = Builder::new();
    let flag = column(&mut builder, 0, ExprType::Bool);
    let mut equals = |truth| {
        let truth = builder.constant_value(SCOPE, Constant::Bool(truth), ExprType::Bool);
        builder.compare(SCOPE, Comparison::Equal, flag, truth, Domain::Bool)
    };
    let (yes, no) = (equals(true), equals(false));
    for (row, is_true, is_false) in
        [(Some(1), true, false), (Some(0), false, true), (None, false, false)]
    {
        assert_eq!(holds(&builder, yes, &[row]), is_true);
        assert_eq!(holds(&builder, no, &[row]), is_false);
    }
}

#[test]
fn a_list_is_the_union_of_its_numbers() {
    let mut builder = Builder::new();
    let value = column(&mut builder, 0, ExprType::Exact { scale: 1 });
    let constant = |mantissa, scale| Constant::Number { mantissa, scale };
    let lists = [
        (vec![], vec![]),
        // 1.25 is no number of one digit.
        (vec![constant(125, 2)], vec![]),
        (vec![constant(3, 0), constant(30, 1), constant(125, 2)], vec![30]),
        (vec![constant(3, 0), constant(-5, 1)], vec![30, -5]),
    ];
    for (list, expected) in lists {
        let any = builder.one_of(SCOPE, value, list, Domain::Number);
        assert!(!holds(&builder, any, &[None]));
        for tenths in [-5, 0, 12, 13, 30] {
            assert_eq!(holds(&builder, any, &[Some(tenths)]), expected.contains(&tenths));
        }
    }
}

/// A deterministic stream of small numbers.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// Builds a random formula, and says for each of the eight rows of three flags whether it holds.
fn formula(builder: &mut Builder, numbers: &mut Numbers, depth: u32) -> (ConditionId, [bool; 8]) {
    let rows = |truth: &dyn Fn(usize) -> bool| std::array::from_fn(truth);
    let choice = if depth == 0 { numbers.below(2) } else { numbers.below(6) };
    if choice == 0 {
        let truth = numbers.below(2) == 0;
        return (builder.constant(SCOPE, truth), [truth; 8]);
    }
    if choice == 1 {
        let flag = u16::try_from(numbers.below(3)).unwrap();
        let value = column(builder, flag, ExprType::Bool);
        return (builder.holds(SCOPE, value), rows(&|row| row >> flag & 1 == 1));
    }
    let mut parts: Vec<_> =
        (0..numbers.below(4)).map(|_| formula(builder, numbers, depth - 1)).collect();
    if let Some(first) = parts.first().copied() {
        // One part twice, or its complement.
        let complement = (builder.not(SCOPE, first.0), first.1.map(|truth| !truth));
        parts.push(if numbers.below(2) == 0 { first } else { complement });
    }
    let ids: Vec<ConditionId> = parts.iter().map(|part| part.0).collect();
    let true_ones = |row: usize| parts.iter().filter(|part| part.1[row]).count();
    match choice {
        2 => (builder.and(SCOPE, ids), rows(&|row| true_ones(row) == parts.len())),
        3 => (builder.or(SCOPE, ids), rows(&|row| true_ones(row) > 0)),
        4 => {
            let any = builder.or(SCOPE, ids);
            (builder.not(SCOPE, any), rows(&|row| true_ones(row) == 0))
        }
        _ => {
            let count = numbers.below(5);
            let truth = rows(&|row| true_ones(row) as u64 >= count);
            (builder.at_least(SCOPE, count, ids), truth)
        }
    }
}

#[test]
fn formulas_keep_their_truth_tables() {
    let mut numbers = Numbers(7);
    for _ in 0..3_000 {
        let mut builder = Builder::new();
        let (id, expected) = formula(&mut builder, &mut numbers, 3);
        for (row, expected) in expected.into_iter().enumerate() {
            let flags: Vec<_> = (0..3).map(|flag| Some((row >> flag & 1) as i128)).collect();
            assert_eq!(holds(&builder, id, &flags), expected);
        }
    }
}

#[test]
fn whether_there_is_a_row_needs_no_counting() {
    let mut builder = Builder::new();
    let kind = Aggregate {
        function: AggregateFunction::Count,
        table: TableId(1),
        value: None,
        filter: None,
    };
    let count = builder.aggregate_value(SCOPE, kind, ExprType::Exact { scale: 0 });
    let mut compare = |op, bound| {
        let bound = number(&mut builder, bound, 0);
        builder.compare(SCOPE, op, count, bound, Domain::Number)
    };
    let some = compare(Comparison::Greater, 0);
    assert_eq!(compare(Comparison::GreaterOrEqual, 1), some);
    let none = compare(Comparison::Equal, 0);
    assert_eq!(compare(Comparison::Less, 1), none);
    let always = compare(Comparison::GreaterOrEqual, 0);
    let never = compare(Comparison::Less, 0);
    assert_eq!(builder.not(SCOPE, some), none);
    assert!(matches!(builder.condition(some).kind, ConditionKind::Holds(_)));
    assert!(matches!(builder.condition(always).kind, ConditionKind::Constant(true)));
    assert!(matches!(builder.condition(never).kind, ConditionKind::Constant(false)));
}

fn condition(kind: Rule) -> Condition {
    Condition::new(kind, Span::new(SourceId(0), 0, 0))
}

fn expr(kind: ExprKind, ty: ExprType) -> Expr {
    Expr { kind, ty, span: Span::new(SourceId(0), 0, 0) }
}

fn at_least(index: u16, bound: i128) -> Condition {
    let ty = ExprType::Exact { scale: 0 };
    condition(Rule::Compare {
        op: CompareOp::GreaterOrEqual,
        left: expr(ExprKind::Column(path(index)), ty),
        right: expr(ExprKind::Number(Decimal::from_int(bound)), ty),
        domain: Domain::Number,
    })
}

fn plan(includes: Vec<Condition>) -> Plan {
    let segments: Vec<SegmentRule> = includes
        .into_iter()
        .map(|include| SegmentRule {
            name: "a".to_owned(),
            title: None,
            kind: SegmentKind::Dynamic,
            inactive: false,
            metadata: Metadata::default(),
            includes: vec![include],
            excludes: Vec::new(),
            pins_in: None,
            pins_out: Vec::new(),
            span: Span::new(SourceId(0), 0, 0),
        })
        .collect();
    let order = (0..).take(segments.len()).map(SegmentId).collect();
    Plan::new(&RuleSet {
        segments,
        order,
        partitions: Vec::new(),
        lets: Vec::new(),
        rfm: None,
        predict: None,
    })
}

#[test]
fn one_condition_in_many_segments_is_one_node() {
    let both = |one, other| condition(Rule::And(vec![one, other]));
    let rules = (0..500)
        .map(|number| match number % 2 {
            0 => both(at_least(0, 5), at_least(1, 7)),
            _ => both(
                at_least(1, 7),
                condition(Rule::Not(Box::new(condition(Rule::Not(Box::new(at_least(0, 5))))))),
            ),
        })
        .collect();
    let plan = plan(rules);
    let first = plan.segments()[0].condition;
    assert!(plan.segments().iter().all(|segment| segment.condition == first));
    assert!(plan.conditions().len() < 10, "{}", plan.conditions().len());
}

#[test]
fn every_step_comes_after_what_it_reads() {
    let in_first = condition(Rule::InSegment(SegmentId(0)));
    let plan = plan(vec![
        at_least(0, 5),
        condition(Rule::Or(vec![in_first, condition(Rule::Not(Box::new(at_least(1, 2))))])),
    ]);
    let mut done: Vec<Step> = Vec::new();
    for step in plan.steps() {
        match step {
            Step::Condition(id) => {
                let node = &plan.conditions()[id.0 as usize];
                node.kind.for_each_input(
                    |id| assert!(done.contains(&Step::Condition(id))),
                    |id| assert!(done.contains(&Step::Value(id))),
                );
                if let ConditionKind::InSegment(of) = node.kind {
                    assert!(node.depends.segments && !node.depends.time);
                    assert!(done.contains(&Step::Segment(of)));
                }
            }
            Step::Segment(id) => {
                let condition = plan.segments()[id.0 as usize].condition;
                assert!(done.contains(&Step::Condition(condition)));
            }
            Step::Value(id) => plan.for_each_input_of(
                &plan.values()[id.0 as usize].kind,
                |id| assert!(done.contains(&Step::Condition(id))),
                |id| assert!(done.contains(&Step::Value(id))),
            ),
        }
        done.push(*step);
    }
}

fn by(index: u16) -> Expr {
    expr(ExprKind::Column(path(index)), ExprType::Exact { scale: 0 })
}

fn quantile(of: Expr) -> Expr {
    let kind = ExprKind::Quantile { value: Box::new(of), buckets: 4 };
    expr(kind, ExprType::Exact { scale: 0 })
}

fn top(share: Share, by: Expr) -> Condition {
    condition(Rule::Top { end: End::Top, share, by })
}

#[test]
fn the_same_question_about_the_population_is_asked_once() {
    let percent = |mantissa, scale| Share::Percent(Decimal::new(mantissa, scale).unwrap());
    let plan = plan(vec![
        top(percent(10, 0), by(0)),
        condition(Rule::Not(Box::new(top(percent(1000, 2), by(0))))),
        top(Share::Count(10), by(0)),
        top(percent(10, 0), by(1)),
        // All who have the value.
        top(percent(1000, 1), by(0)),
    ]);
    let asked: Vec<_> = plan.thresholds().iter().map(|one| (one.value.0, one.ask)).collect();
    let end = |share| Ask::End { end: End::Top, share };
    assert_eq!(
        asked,
        [(0, end(percent(10, 0))), (0, end(Share::Count(10))), (1, end(percent(10, 0)))]
    );
    let last = plan.segments()[4].condition;
    assert_eq!(plan.conditions()[last.0 as usize].kind, ConditionKind::Present(ValueId(0)));
}

#[test]
fn questions_about_answers_come_later() {
    let plan = plan(vec![top(Share::Count(1), quantile(quantile(by(0))))]);
    let levels: Vec<u32> = plan.thresholds().iter().map(|threshold| threshold.level).collect();
    assert_eq!(levels, [0, 1, 2]);
    let condition = &plan.conditions()[plan.segments()[0].condition.0 as usize];
    assert_eq!(condition.depends.population, 3);
    assert!(!condition.depends.time && !condition.depends.segments);
}

/// An aggregate over all rows of a child table.
fn over_all(function: AggregateFunction, value: Option<ValueId>) -> Aggregate {
    Aggregate { function, table: TableId(1), value, filter: None }
}

#[test]
fn an_aggregate_comes_after_those_that_it_follows_from() {
    let mut builder = Builder::new();
    let amount = builder.intern_value(
        Scope::Rows(TableId(1)),
        ValueKind::Column(path(0)),
        ExprType::Exact { scale: 2 },
    );
    let mut value =
        |function, value, ty| builder.aggregate_value(SCOPE, over_all(function, value), ty);
    let number = ExprType::Exact { scale: 0 };
    let some = value(AggregateFunction::Exists, None, ExprType::Bool);
    let mean = value(AggregateFunction::Avg, Some(amount), ExprType::Float);
    let sum = value(AggregateFunction::Sum, Some(amount), ExprType::Exact { scale: 2 });
    let count = value(AggregateFunction::Count, None, number);
    let least = value(AggregateFunction::Min, Some(amount), ExprType::Exact { scale: 2 });
    let plan = builder.finish(Vec::new(), None);
    let expected = [amount, count, some, sum, mean, least];
    assert_eq!(plan.steps(), expected.map(Step::Value));
}
