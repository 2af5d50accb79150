//! Aggregates over child rows.

use super::*;
use crate::rule::{Aggregate, AggregateFunction};

const WHOLE: ExprType = ExprType::Exact { scale: 0 };
const MONEY: ExprType = ExprType::Exact { scale: 2 };

fn aggregate(
    function: AggregateFunction,
    table: &str,
    value: Option<&str>,
    filter: Option<ConditionKind>,
    ty: ExprType,
) -> Expr {
    let table = schema(LeapDay::Back).find_table(table).unwrap();
    let (value, filter) = (value.map(column), filter.map(one));
    expr(ExprKind::Aggregate(Box::new(Aggregate { function, table, value, filter })), ty)
}

fn whose(value: Expr, expected: &str) -> Vec<i64> {
    who(equal(value, number(expected), Domain::Number))
}

fn paid() -> Option<ConditionKind> {
    Some(equal(column("orders.status"), text("paid"), TEXT))
}

/// Customer 1 has three orders up to today, one without a time and one to come.
#[test]
fn rows_that_lie_later_do_not_exist() {
    let orders = |filter| aggregate(AggregateFunction::Count, "orders", None, filter, WHOLE);
    assert_eq!(whose(orders(None), "4"), [1]);
    assert_eq!(whose(orders(None), "0"), [3, 5]);
    assert_eq!(whose(orders(paid()), "3"), [1]);
    let at = |as_of, expected: &str| {
        who_at(as_of, LeapDay::Back, equal(orders(None), number(expected), Domain::Number))
    };
    assert_eq!(at("2026-11-30", "5"), [1]);
    assert_eq!(at("2026-11-01T10:00:00Z", "4"), [1]);
    assert_eq!(at("2026-11-01T09:59:59.999999Z", "2"), [1]);
    assert_eq!(at("2020-01-01", "1"), [1]);
}

#[test]
fn rows_without_the_value_are_skipped() {
    let total = |function, ty| aggregate(function, "orders", Some("orders.total"), None, ty);
    assert_eq!(whose(total(AggregateFunction::Count, WHOLE), "3"), [1]);
    assert_eq!(whose(total(AggregateFunction::Sum, MONEY), "35.5"), [1]);
    assert_eq!(whose(total(AggregateFunction::Sum, MONEY), "0"), [3, 5]);
    assert_eq!(whose(total(AggregateFunction::Avg, ExprType::Float), "7.25"), [2]);
    assert_eq!(whose(total(AggregateFunction::Avg, ExprType::Float), "11.8333333333333339"), [1]);
    assert_eq!(whose(total(AggregateFunction::Min, MONEY), "5"), [1]);
    assert_eq!(whose(total(AggregateFunction::Max, MONEY), "20.5"), [1]);
    for function in [AggregateFunction::Avg, AggregateFunction::Min, AggregateFunction::Last] {
        let missing = ConditionKind::IsNull { negated: false, value: total(function, MONEY) };
        assert_eq!(who(missing), [3, 5], "{function:?}");
    }
}

#[test]
fn floats_are_summed_exactly() {
    let weight =
        |function| aggregate(function, "orders", Some("orders.weight"), None, ExprType::Float);
    // 0.1 + 0.2 + 0.3, of which the last step or the first would be rounded otherwise.
    assert_eq!(whose(weight(AggregateFunction::Sum), "0.6"), [1]);
    assert_eq!(whose(weight(AggregateFunction::Sum), "0"), [2, 3, 5]);
    // The float 0.6 divided by three.
    assert_eq!(whose(weight(AggregateFunction::Avg), "0.19999999999999998"), [1]);
    let missing = ConditionKind::IsNull { negated: false, value: weight(AggregateFunction::Avg) };
    assert_eq!(who(missing), [2, 3, 5]);
}

/// Orders 102 and 101 have the same time and were given in this order; 103 has none.
#[test]
fn first_and_last_go_by_time_then_by_order() {
    let number_of =
        |function, filter| aggregate(function, "orders", Some("orders.number"), filter, WHOLE);
    assert_eq!(whose(number_of(AggregateFunction::First, None), "105"), [1]);
    assert_eq!(whose(number_of(AggregateFunction::Last, None), "101"), [1]);
    let total = |function| aggregate(function, "orders", Some("orders.total"), None, MONEY);
    assert_eq!(whose(total(AggregateFunction::First), "20.5"), [1]);
    assert_eq!(whose(total(AggregateFunction::Last), "10"), [1]);
    let open = Some(equal(column("orders.status"), text("open"), TEXT));
    assert_eq!(whose(number_of(AggregateFunction::Last, open), "102"), [1]);
}

#[test]
fn exists_and_distinct() {
    let exists = aggregate(AggregateFunction::Exists, "orders", None, paid(), ExprType::Bool);
    assert_eq!(who(ConditionKind::Holds(exists)), [1, 2]);
    let distinct =
        |value| aggregate(AggregateFunction::CountDistinct, "orders", Some(value), None, WHOLE);
    assert_eq!(whose(distinct("orders.status"), "2"), [1]);
    assert_eq!(whose(distinct("orders.ordered_at"), "2"), [1]);
    assert_eq!(whose(distinct("orders.total"), "1"), [2]);
}

#[test]
fn rows_of_rows_reach_their_parent_and_their_customer() {
    let quantity =
        |filter| aggregate(AggregateFunction::Sum, "items", Some("items.quantity"), filter, WHOLE);
    // The item of the order to come does not exist.
    assert_eq!(whose(quantity(None), "8"), [1]);
    let status = path(Start::Parent(1), &[], "orders.status");
    assert_eq!(whose(quantity(Some(equal(status, text("paid"), TEXT))), "3"), [1, 2]);
    let group = path(Start::Own, &["items.product"], "products.group");
    assert_eq!(whose(quantity(Some(equal(group, text("tea"), TEXT))), "7"), [1]);
    let score = path(Start::Customer, &[], "score");
    let many = compare(score, CompareOp::Greater, number("10"), Domain::Number);
    assert_eq!(whose(quantity(Some(many)), "3"), [2]);
    let last =
        aggregate(AggregateFunction::Last, "items", Some("items.product"), None, ExprType::Text);
    assert_eq!(who(equal(last, text("P1"), TEXT)), [1]);
}
