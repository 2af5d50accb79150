//! Paths, arithmetic, functions.

use super::*;
use crate::rule::{ArithmeticOp, Function};

/// The customers whose value is equal to a number.
fn whose(value: Expr, expected: &str) -> Vec<i64> {
    who(equal(value, number(expected), Domain::Number))
}

fn call(function: Function, arguments: Vec<Expr>, ty: ExprType) -> Expr {
    expr(ExprKind::Call { function, arguments }, ty)
}

fn whole(function: Function, argument: &str) -> Expr {
    call(function, vec![column(argument)], ExprType::Exact { scale: 0 })
}

fn calculate(first: Expr, op: ArithmeticOp, second: Expr, ty: ExprType) -> Expr {
    expr(ExprKind::Arithmetic { first: Box::new(first), rest: vec![(op, second)] }, ty)
}

#[test]
fn paths_follow_references() {
    assert_eq!(who(equal(column("store"), text("B"), TEXT)), [2]);
    let region = || path(Start::Own, &["store"], "stores.region");
    assert_eq!(who(equal(region(), text("north"), TEXT)), [1]);
    assert_eq!(who(ConditionKind::IsNull { negated: false, value: region() }), [2, 3, 5]);
}

#[test]
fn arithmetic_is_exact() {
    let scale = |scale| ExprType::Exact { scale };
    let sum = || calculate(column("score"), ArithmeticOp::Add, column("balance"), scale(2));
    assert_eq!(whose(sum(), "20.5"), [1]);
    assert_eq!(who(ConditionKind::IsNull { negated: false, value: sum() }), [3, 5]);
    let product = calculate(column("balance"), ArithmeticOp::Multiply, column("balance"), scale(4));
    assert_eq!(whose(product, "110.25"), [1]);
    let rest =
        vec![(ArithmeticOp::Subtract, number("1")), (ArithmeticOp::Subtract, column("score"))];
    let chain = ExprKind::Arithmetic { first: Box::new(column("score")), rest };
    assert_eq!(whose(expr(chain, scale(0)), "-1"), [1, 2, 5]);
    let negated = expr(ExprKind::Negate(Box::new(column("score"))), scale(0));
    assert_eq!(whose(negated, "5"), [5]);
}

#[test]
fn a_division_is_rounded_once_and_never_by_zero() {
    let third = calculate(column("score"), ArithmeticOp::Divide, number("30"), ExprType::Float);
    assert_eq!(whose(third, "0.3333333333333333148"), [1]);
    let zero = calculate(
        column("score"),
        ArithmeticOp::Subtract,
        column("score"),
        ExprType::Exact { scale: 0 },
    );
    let by_zero = calculate(column("score"), ArithmeticOp::Divide, zero, ExprType::Float);
    assert_eq!(who(ConditionKind::IsNull { negated: false, value: by_zero }), [1, 2, 3, 5]);
    let double = calculate(column("weight"), ArithmeticOp::Add, column("score"), ExprType::Float);
    assert_eq!(whose(double, "10.5"), [1]);
}

#[test]
fn an_overflow_is_missing() {
    let big = || number(&i128::MAX.to_string());
    let ty = ExprType::Exact { scale: 0 };
    let sum = || calculate(big(), ArithmeticOp::Add, column("score"), ty);
    assert_eq!(who(ConditionKind::IsNull { negated: false, value: sum() }), [1, 2, 3]);
}

#[test]
fn functions_of_dates() {
    assert_eq!(whose(whole(Function::Age, "birthday"), "35"), [1]);
    assert_eq!(whose(whole(Function::Age, "birthday"), "34"), [2]);
    assert_eq!(whose(whole(Function::DaysSince, "seen_at"), "0"), [1]);
    assert_eq!(whose(whole(Function::DaysSince, "seen_at"), "20"), [2]);
    assert_eq!(whose(whole(Function::Year, "birthday"), "1992"), [2]);
    assert_eq!(whose(whole(Function::Month, "birthday"), "1"), [5]);
    assert_eq!(whose(whole(Function::Day, "seen_at"), "21"), [1]);
    assert_eq!(whose(whole(Function::Weekday, "seen_at"), "6"), [1]);
    assert_eq!(whose(whole(Function::Weekday, "seen_at"), "7"), [2]);
    assert_eq!(whose(whole(Function::Hour, "seen_at"), "0"), [1]);
    assert_eq!(whose(whole(Function::Hour, "seen_at"), "13"), [2]);
}

#[test]
fn functions_of_texts_and_sets() {
    assert_eq!(whose(whole(Function::Length, "country"), "5"), [5]);
    assert_eq!(whose(whole(Function::Size, "tags"), "0"), [2, 3]);
    assert_eq!(whose(whole(Function::Size, "sizes"), "2"), [1]);
    let lower = call(Function::Lower, vec![column("country")], ExprType::Text);
    assert_eq!(who(equal(lower, text("åland"), TEXT)), [5]);
}

#[test]
fn functions_of_numbers() {
    let two = ExprType::Exact { scale: 2 };
    assert_eq!(whose(call(Function::Abs, vec![column("balance")], two), "3"), [2]);
    assert_eq!(whose(call(Function::Round(0), vec![column("balance")], two), "11"), [1]);
    assert_eq!(whose(call(Function::Round(-1), vec![column("score")], two), "-10"), [5]);
    let float = call(Function::Round(0), vec![column("weight")], ExprType::Float);
    assert_eq!(whose(float, "1"), [1]);
}

#[test]
fn the_first_that_is_not_missing() {
    let two = ExprType::Exact { scale: 2 };
    let balance = || call(Function::Coalesce, vec![column("balance"), column("score")], two);
    assert_eq!(whose(balance(), "-5"), [5]);
    assert_eq!(whose(balance(), "10.5"), [1]);
    let arguments = vec![column("weight"), column("score")];
    assert_eq!(whose(call(Function::Coalesce, arguments, ExprType::Float), "-5"), [5]);
    let arguments = vec![column("country"), text("none")];
    let country = call(Function::Coalesce, arguments, ExprType::Text);
    assert_eq!(who(equal(country, text("none"), TEXT)), [3]);
}

#[test]
fn relative_values() {
    let yesterday = relative_day(-1, Unit::Days);
    assert_eq!(who(compare(column("seen_at"), CompareOp::Greater, yesterday, Domain::Day)), [1]);
    let ago = expr(ExprKind::RelativeInstant(offset(-24, Unit::Hours)), ExprType::DateTime);
    assert_eq!(who(compare(column("seen_at"), CompareOp::Greater, ago, Domain::Instant)), [1]);
}
