//! Against values of mpmath; `tests/data/predict/reference.py` says how they came about.

use super::{special::LogGamma, *};

const SPECIAL: &str = include_str!("../../../../tests/data/predict/special.csv");
const ORDERS: &str = include_str!("../../../../tests/data/predict/orders.csv");
const ORDERS_FAR: &str = include_str!("../../../../tests/data/predict/orders_far.csv");
const ALIVE: &str = include_str!("../../../../tests/data/predict/alive.csv");

#[test]
fn digamma_and_trigamma() {
    for row in numbers(SPECIAL) {
        let found = LogGamma::at(row[0]);
        // Around its zero at 1.46… the digamma is exact to a part of 1, not of itself.
        let far = (found.digamma - row[1]).abs();
        assert!(far <= 1e-15 * row[1].abs().max(2.0), "{row:?} {found:?}");
        close(found.trigamma, row[2], 1e-15);
    }
}

#[test]
fn digamma_and_trigamma_in_closed_form() {
    // DLMF 5.4.12, 5.4.13, 5.15 (ψ′(1) = π²/6) and 25.6.1 with 5.15.2.
    const EULER: f64 = 0.577_215_664_901_532_9;
    let (one, half) = (LogGamma::at(1.0), LogGamma::at(0.5));
    let squared = std::f64::consts::PI.powi(2);
    close(one.digamma, -EULER, 1e-15);
    close(half.digamma, -EULER - 2.0 * std::f64::consts::LN_2, 1e-15);
    close(one.trigamma, squared / 6.0, 1e-15);
    close(half.trigamma, squared / 2.0, 1e-15);
}

#[test]
fn expected_orders() {
    for row in numbers(ORDERS).into_iter().chain(numbers(ORDERS_FAR)) {
        let [r, alpha, a, b, x, age, days, expected] = row[..] else { panic!("{row:?}") };
        let model = BgNbd::new(r, alpha, a, b).unwrap();
        let found = model.orders_if_alive(whole(x), whole(age), whole(days));
        assert!((found - expected).abs() <= 1e-12 * expected, "{row:?} {found}");
    }
}

#[test]
fn alive() {
    for row in numbers(ALIVE) {
        let [r, alpha, a, b, x, last, age, expected, _] = row[..] else { panic!("{row:?}") };
        let model = BgNbd::new(r, alpha, a, b).unwrap();
        let found = model.alive(&history(x, last, age));
        let far = (found - expected).abs();
        assert!(far <= 1e-11 * expected + 1e-300, "{row:?} {found}");
    }
}
