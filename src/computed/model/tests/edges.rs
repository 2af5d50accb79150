//! Models and histories at the edge.

use super::*;

#[test]
fn too_few_to_fit_on() {
    let histories = vec![history(1.0, 3.0, 9.0); MIN_CUSTOMERS - 1];
    let error = BgNbd::fit(histories).unwrap_err();
    assert_eq!(error, FitError::TooFewCustomers { found: 9, needed: 10 });
    assert_eq!(error.to_string(), "9 customers are too few to fit on, at least 10 are needed");
    let spends = vec![Spend::new(1, 5.0).unwrap(); MIN_REPEATERS - 1]
        .into_iter()
        .chain(vec![Spend::new(0, 0.0).unwrap(); 50])
        .chain(vec![Spend::new(3, -7.0).unwrap(); 50]);
    let error = GammaGamma::fit(spends).unwrap_err();
    assert_eq!(error, FitError::TooFewCustomers { found: 9, needed: 10 });
}

#[test]
fn nobody_came_back() {
    let error = BgNbd::fit(vec![history(0.0, 0.0, 9.0); 50]).unwrap_err();
    assert_eq!(error, FitError::NoRepeaters);
}

#[test]
fn customers_who_are_all_alike_have_no_spread() {
    let error = BgNbd::fit(vec![history(4.0, 40.0, 45.0); 50]).unwrap_err();
    assert!(matches!(error, FitError::NoMaximum { .. }), "{error}");
    let error = GammaGamma::fit(vec![Spend::new(2, 50.0).unwrap(); 50]).unwrap_err();
    assert!(matches!(error, FitError::NoMaximum { .. }), "{error}");
}

#[test]
fn nobody_drops_out() {
    let histories = (1..=40).map(|x| history(f64::from(x), 100.0, 100.0));
    let error = BgNbd::fit(histories).unwrap_err();
    let FitError::NoMaximum { parameter, grows } = error else { panic!("{error}") };
    assert!(matches!((parameter, grows), ("a", false) | ("b", true)), "{error}");
}

#[test]
fn absurd_data_end_in_an_error_or_a_fit() {
    let ages = (1..=40).map(|n| history(f64::from(n % 3), f64::from(n % 3) * 1e9, 4e9));
    if let Ok(fit) = BgNbd::fit(ages) {
        let BgNbd { r, alpha, a, b } = fit.parameters;
        assert!(BgNbd::new(r, alpha, a, b).is_some(), "{fit:?}");
    }
    let model = GammaGamma::new(6.25, 3.74, 15.44).unwrap();
    let amounts = |size: f64| {
        let mut draw = draw::Draw(3);
        let totals = (0..500).map(|n| (n % 4 + 1, draw.total(&model, n % 4 + 1) * size));
        GammaGamma::fit(totals.map(|(repeats, total)| Spend::new(repeats, total).unwrap()))
    };
    let usual = amounts(1.0).unwrap().parameters;
    for size in [1e-300, 1e-9, 1e12, 1e150] {
        let scaled = amounts(size).unwrap().parameters;
        close(scaled.p, usual.p, 1e-6);
        close(scaled.q, usual.q, 1e-6);
        close(scaled.v, usual.v * size, 1e-6);
    }
    assert!(amounts(1e305).is_err());
}

#[test]
fn parameters_have_a_range() {
    assert!(BgNbd::new(0.2, 30.0, 0.8, 2.4).is_some());
    assert!(GammaGamma::new(6.25, 3.74, 15.44).is_some());
    for wrong in [0.0, -1.0, 1e16, f64::NAN, f64::INFINITY] {
        assert!(BgNbd::new(wrong, 30.0, 0.8, 2.4).is_none());
        assert!(BgNbd::new(0.2, wrong, 0.8, 2.4).is_none());
        assert!(BgNbd::new(0.2, 30.0, wrong, 2.4).is_none());
        assert!(BgNbd::new(0.2, 30.0, 0.8, wrong).is_none());
        assert!(GammaGamma::new(wrong, 3.0, 15.0).is_none());
        assert!(GammaGamma::new(6.0, wrong, 15.0).is_none());
    }
    assert!(GammaGamma::new(6.0, 3.0, 0.0).is_none());
    assert!(GammaGamma::new(6.0, 3.0, f64::INFINITY).is_none());
}

#[test]
fn amounts_without_a_mean() {
    let amounts = GammaGamma::new(0.25, 0.5, 10.0).unwrap();
    assert_eq!(amounts.mean(), None);
    assert_eq!(amounts.expected_amount(&Spend::new(0, 0.0).unwrap()), None);
    assert_eq!(amounts.expected_amount(&Spend::new(2, 30.0).unwrap()), None);
    // 0.25 · (10 + 40) / (0.25 · 4 + 0.5 − 1).
    assert_eq!(amounts.expected_amount(&Spend::new(4, 40.0).unwrap()), Some(25.0));
}

#[test]
fn free_repeats_are_expected_to_bring_little() {
    let amounts = GammaGamma::new(6.25, 3.74, 15.44).unwrap();
    let free = amounts.expected_amount(&Spend::new(4, 0.0).unwrap()).unwrap();
    let refunded = amounts.expected_amount(&Spend::new(4, -80.0).unwrap()).unwrap();
    assert_eq!(free, refunded);
    assert!(free > 0.0 && free < amounts.mean().unwrap() / 5.0, "{free}");
    assert!(Spend::new(1, f64::NAN).is_none() && Spend::new(1, f64::INFINITY).is_none());
}
