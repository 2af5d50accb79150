//! The CDNOW sample against the published figures.

use std::collections::BTreeMap;

use super::*;

const SAMPLE: &str = include_str!("../../../../tests/data/predict/cdnow.csv");

/// The last day of the calibration, 1997-09-30.
const TODAY: u32 = 272;

struct Customer {
    history: History,
    spend: Spend,
}

fn customers() -> Vec<Customer> {
    let mut days: BTreeMap<&str, BTreeMap<u32, f64>> = BTreeMap::new();
    for line in SAMPLE.lines().skip(1) {
        let [id, date, cents] = line.split(',').collect::<Vec<_>>()[..] else { panic!("{line}") };
        if let Some(day) = day(date).filter(|day| *day <= TODAY) {
            let cents: f64 = cents.parse().unwrap();
            *days.entry(id).or_default().entry(day).or_default() += cents / 100.0;
        }
    }
    days.values().map(customer).collect()
}

fn customer(days: &BTreeMap<u32, f64>) -> Customer {
    let repeats = u32::try_from(days.len()).unwrap() - 1;
    let (first, last) = (days.keys().next().unwrap(), days.keys().next_back().unwrap());
    let history = History::new(repeats, last - first, TODAY - first).unwrap();
    Customer { history, spend: Spend::new(repeats, days.values().skip(1).sum()).unwrap() }
}

/// Days since 1997-01-01 in that year.
fn day(date: &str) -> Option<u32> {
    const BEFORE: [u32; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let date: u32 = date.parse().unwrap();
    let (year, month, day) = (date / 10_000, date / 100 % 100, date % 100);
    (year == 1997).then(|| BEFORE[month as usize - 1] + day - 1)
}

fn bgnbd() -> Fit<BgNbd> {
    BgNbd::fit(customers().iter().map(|customer| customer.history)).unwrap()
}

/// As printed: to that many digits after the point.
#[track_caller]
fn prints(found: f64, digits: usize, expected: &str) {
    assert_eq!(format!("{found:.digits$}"), expected);
}

#[test]
fn the_sample_is_the_published_one() {
    let customers = customers();
    assert_eq!(customers.len(), 2_357);
    assert_eq!(customers.iter().filter(|customer| customer.history.repeats() > 0).count(), 946);
}

/// P. S. Fader, B. G. S. Hardie and K. L. Lee (2005), in weeks.
#[test]
fn bgnbd_parameters() {
    let fit = bgnbd();
    prints(fit.parameters.r, 3, "0.243");
    prints(fit.parameters.alpha / 7.0, 3, "4.414");
    prints(fit.parameters.a, 3, "0.793");
    prints(fit.parameters.b, 3, "2.426");
    // A density of x times a week is 7ˣ times that a day.
    let repeats: u32 = customers().iter().map(|customer| customer.history.repeats()).sum();
    prints(fit.log_likelihood + f64::from(repeats) * 7_f64.ln(), 1, "-9582.4");
    assert_eq!(fit.customers, 2_357);
}

/// As `lifetimes` 0.11.3 from PyPI finds them, with another optimiser.
#[test]
fn bgnbd_standard_errors() {
    let errors = bgnbd().standard_errors;
    prints(errors.r, 4, "0.0126");
    prints(errors.alpha / 7.0, 3, "0.378");
    prints(errors.a, 3, "0.186");
    prints(errors.b, 3, "0.705");
}

#[test]
fn the_order_of_customers_does_not_matter() {
    let mut histories: Vec<History> = customers().iter().map(|customer| customer.history).collect();
    histories.reverse();
    histories.swap(7, 1_999);
    assert_eq!(BgNbd::fit(histories).unwrap(), bgnbd());
}

#[test]
fn expected_orders_and_alive() {
    let published = BgNbd::new(0.243, 4.414 * 7.0, 0.793, 2.426).unwrap();
    for model in [published, bgnbd().parameters] {
        // x = 2, tₓ = 30.43 and T = 38.86 weeks.
        let customer = History::new(2, 213, 272).unwrap();
        prints(model.orders(&customer, 39 * 7), 3, "1.226");
        let frequent = History::new(26, 216, 217).unwrap();
        prints(model.alive(&frequent), 4, "0.9689");
    }
    let frequent = History::new(26, 216, 217).unwrap();
    assert!((bgnbd().parameters.alive(&frequent) - 0.968_85).abs() < 1e-5);
}

/// P. S. Fader and B. G. S. Hardie (2013), on the 946 customers with repeats.
#[test]
fn gamma_gamma_parameters() {
    let fit = GammaGamma::fit(customers().iter().map(|customer| customer.spend)).unwrap();
    prints(fit.parameters.p, 2, "6.25");
    prints(fit.parameters.q, 2, "3.74");
    prints(fit.parameters.v, 2, "15.44");
    // As `lifetimes` 0.11.3 from PyPI finds them.
    prints(fit.standard_errors.p, 2, "1.19");
    prints(fit.standard_errors.q, 3, "0.290");
    prints(fit.standard_errors.v, 2, "4.16");
    assert_eq!(fit.customers, 946);
}

#[test]
fn expected_amounts_lie_between_the_customer_and_the_population() {
    let amounts = GammaGamma::new(6.25, 3.74, 15.44).unwrap();
    let population = amounts.mean().unwrap();
    assert!((population - 35.22).abs() < 0.005, "{population}");
    assert_eq!(amounts.expected_amount(&Spend::new(0, 0.0).unwrap()), Some(population));
    let customer = amounts.expected_amount(&Spend::new(2, 44.7).unwrap()).unwrap();
    assert!(customer > 22.35 && customer < population, "{customer}");
}

/// Months of 30 days, 10 percent a year; the values are those of `customer_lifetime_value` of `lifetimes` 0.11.3.
#[test]
fn lifetime_values() {
    let model = BgNbd::new(0.243, 30.898, 0.793, 2.426).unwrap();
    let amounts = GammaGamma::new(6.25, 3.74, 15.44).unwrap();
    let ends: Vec<u32> = (1..=12).map(|month| 30 * month).collect();
    let horizon = Horizon::months(&ends, 0.1).unwrap();
    let customers = [
        ((0, 0, 272), 0.0, 35.218_978_102_189_78, 8.371_021_485_263_212),
        ((2, 213, 272), 22.35, 24.663_713_910_761_157, 36.317_227_446_220_095),
        ((26, 216, 217), 40.0, 39.920_721_374_969_74, 974.100_279_726_452),
    ];
    for ((repeats, last, age), mean, amount, value) in customers {
        let history = History::new(repeats, last, age).unwrap();
        let spend = Spend::new(repeats, mean * f64::from(repeats)).unwrap();
        close(amounts.expected_amount(&spend).unwrap(), amount, 1e-13);
        let forecast = Forecast::new(model, horizon.clone(), [history]);
        close(forecast.value(&amounts, &history, &spend).unwrap(), value, 1e-11);
    }
}
