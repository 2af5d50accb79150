//! Parameters that customers were drawn with are found again.

use super::{draw::Draw, *};

#[track_caller]
fn within_errors(found: f64, error: f64, drawn_with: f64) {
    let off = (found - drawn_with) / error;
    assert!(off.abs() < 3.0, "{found} ± {error} is {off:.2} standard errors from {drawn_with}");
}

#[test]
fn bgnbd() {
    // Gaps are long, so few orders fall on one day.
    let models =
        [(0.243, 3_000.0, 0.793, 2.426), (2.0, 9_000.0, 1.0, 6.0), (0.8, 2_000.0, 3.0, 1.5)];
    for (seed, (r, alpha, a, b)) in (1..).zip(models) {
        let model = BgNbd::new(r, alpha, a, b).unwrap();
        let mut draw = Draw(seed);
        let ages = (0..8_000).map(|customer| 15_000 + customer % 5_000);
        let histories: Vec<History> = ages.map(|age| draw.history(&model, age)).collect();
        let Fit { parameters: found, standard_errors: errors, .. } = BgNbd::fit(histories).unwrap();
        within_errors(found.r, errors.r, r);
        within_errors(found.alpha, errors.alpha, alpha);
        within_errors(found.a, errors.a, a);
        within_errors(found.b, errors.b, b);
    }
}

#[cfg(feature = "parallel")]
#[test]
fn threads_do_not_change_the_fit() {
    let model = BgNbd::new(0.243, 30.9, 0.793, 2.426).unwrap();
    let amounts = GammaGamma::new(6.25, 3.74, 15.44).unwrap();
    let mut draw = Draw(8);
    let histories: Vec<History> = (0..60_000).map(|n| draw.history(&model, n % 997)).collect();
    let spends: Vec<Spend> =
        histories.iter().map(|past| draw.spend(&amounts, past.repeats().max(1))).collect();
    let fits = [1, 2, 5].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let fit = BgNbd::fit(histories.iter().copied()).unwrap();
            (fit, GammaGamma::fit(spends.iter().copied()).unwrap())
        })
    });
    assert_eq!(fits[0], fits[1]);
    assert_eq!(fits[0], fits[2]);
}

#[test]
fn gamma_gamma() {
    for (seed, (p, q, v)) in (1..).zip([(6.25, 3.74, 15.44), (1.5, 2.5, 400.0), (40.0, 9.0, 2e-3)])
    {
        let model = GammaGamma::new(p, q, v).unwrap();
        let mut draw = Draw(seed);
        let spends: Vec<Spend> =
            (0..5_000).map(|customer| draw.spend(&model, 1 + customer % 7)).collect();
        let Fit { parameters: found, standard_errors: errors, .. } =
            GammaGamma::fit(spends).unwrap();
        within_errors(found.p, errors.p, p);
        within_errors(found.q, errors.q, q);
        within_errors(found.v, errors.v, v);
    }
}

#[test]
fn expected_orders_are_those_that_come() {
    let model = BgNbd::new(0.9, 60.0, 0.7, 2.0).unwrap();
    let nothing = History::new(0, 0, 0).unwrap();
    let mut draw = Draw(5);
    let customers = 40_000;
    let (mut sum, mut squares) = (0.0, 0.0);
    for _ in 0..customers {
        // Days of a hundredth of their length, so that hardly two orders fall on one.
        let fine = BgNbd::new(model.r, model.alpha * 100.0, model.a, model.b).unwrap();
        let orders = f64::from(draw.history(&fine, 36_500).repeats());
        sum += orders;
        squares += orders * orders;
    }
    let mean = sum / f64::from(customers);
    let error = ((squares / f64::from(customers) - mean * mean) / f64::from(customers)).sqrt();
    within_errors(mean, error, model.orders(&nothing, 365));
}
