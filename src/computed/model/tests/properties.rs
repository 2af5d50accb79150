//! What holds whatever the parameters and the history.

use proptest::prelude::*;

use super::*;

/// From 10⁻⁹ to 10⁹, mostly near 1.
fn parameter() -> impl Strategy<Value = f64> {
    let power = prop_oneof![4 => -2.0..2.0, 1 => -9.0..9.0];
    power.prop_map(|power| libm::pow(10.0, power).clamp(1e-9, 1e9))
}

fn model() -> impl Strategy<Value = BgNbd> {
    let close_to_one = (-1e-12..=1e-12).prop_map(|off| 1.0 + off);
    let a = prop_oneof![3 => parameter(), 1 => close_to_one, 1 => Just(1.0)];
    let alpha =
        prop_oneof![4 => parameter(), 1 => (-15.0..15.0).prop_map(|power| libm::pow(10.0, power))];
    (parameter(), alpha, a, parameter())
        .prop_map(|(r, alpha, a, b)| BgNbd::new(r, alpha, a, b).unwrap())
}

fn any_history() -> impl Strategy<Value = History> {
    let spans = (0_u32..=1_000, 0_u32..3_000, prop_oneof![Just(0_u32), 0_u32..10_000]);
    spans.prop_map(|(repeats, more, silence)| {
        let last = if repeats == 0 { 0 } else { repeats + more };
        History::new(repeats, last, last + silence).unwrap()
    })
}

fn days() -> impl Strategy<Value = u32> {
    prop_oneof![0_u32..4_000, any::<u32>()]
}

proptest! {
    #[test]
    fn alive_is_a_probability_that_rises_with_recency(
        model in model(), history in any_history(), later in 0_u32..3_000,
    ) {
        let found = model.alive(&history);
        prop_assert!((0.0..=1.0).contains(&found), "{found}");
        if history.repeats() > 0 {
            let last = (history.last() + later).min(history.age());
            let recent = History::new(history.repeats(), last, history.age()).unwrap();
            prop_assert!(model.alive(&recent) >= found * (1.0 - 1e-12));
        }
    }

    #[test]
    fn orders_rise_with_the_horizon(
        model in model(), history in any_history(), days in days(), more in 0_u32..4_000,
    ) {
        let found = model.orders(&history, days);
        let longer = model.orders(&history, days.saturating_add(more));
        prop_assert!(found.is_finite() && found >= 0.0, "{found}");
        prop_assert!(longer.is_finite() && longer >= found * (1.0 - 1e-10), "{found} {longer}");
        prop_assert_eq!(model.orders(&history, 0), 0.0);
    }

    #[test]
    fn orders_are_fewer_than_if_nobody_dropped_out(
        model in model(), history in any_history(), days in days(),
    ) {
        let rate = (model.r + f64::from(history.repeats())) / (model.alpha + f64::from(history.age()));
        let most = rate * f64::from(days);
        prop_assert!(model.orders_if_alive(history.repeats(), history.age(), days) <= most * (1.0 + 1e-10));
    }

    #[test]
    fn nothing_jumps_where_a_is_one(
        model in model(), history in any_history(), days in 1_u32..4_000,
    ) {
        let at = |a| BgNbd { a, ..model }.orders_if_alive(history.repeats(), history.age(), days);
        let one = at(1.0);
        for a in [1.0 - 1e-12, 1.0 + 1e-12] {
            prop_assert!((at(a) - one).abs() <= 1e-10 * one, "{} {one}", at(a));
        }
    }

    #[test]
    fn amounts_are_between_the_customer_and_the_population(
        p in parameter(), q in 1.001_f64..50.0, v in parameter(),
        repeats in 1_u32..1_000, mean in parameter(),
    ) {
        let amounts = GammaGamma::new(p, q, v).unwrap();
        let population = amounts.mean().unwrap();
        let spend = Spend::new(repeats, mean * f64::from(repeats)).unwrap();
        let found = amounts.expected_amount(&spend).unwrap();
        let (low, high) = (mean.min(population), mean.max(population));
        prop_assert!(found >= low * (1.0 - 1e-12) && found <= high * (1.0 + 1e-12));
    }

    #[test]
    fn fits_end(histories in proptest::collection::vec(any_history(), 0..40)) {
        match BgNbd::fit(histories) {
            Ok(fit) => {
                prop_assert!(fit.log_likelihood.is_finite());
                let (found, errors) = (fit.parameters, fit.standard_errors);
                for number in [found.r, found.alpha, found.a, found.b, errors.r, errors.alpha, errors.a, errors.b] {
                    prop_assert!(number.is_finite() && number > 0.0, "{fit:?}");
                }
            }
            Err(error) => {
                prop_assert!(!matches!(error, FitError::NotConverged { .. }), "{error}");
            }
        }
    }
}
