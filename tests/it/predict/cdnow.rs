//! The CDNOW sample of Fader, Hardie and Lee, from CSV to the model and to members.

use std::fmt::Write as _;

use segmenta::{Engine, Watch};

use super::{engine, evaluate, schema};
use crate::watch::{listening, stopping};

const SAMPLE: &str = include_str!("../../data/predict/cdnow.csv");
const RULES: &str = "
segment all { include predict.alive is not null }
segment repeaters { include predict.alive < 1 }
segment first_tier { include predict.spend_tier = 'high' }
segment second_tier { include predict.spend_tier = 'medium' }
segment third_tier { include predict.spend_tier = 'low' }
segment best { include top 20 percent by predict.value(12 months) }
";

fn sample(more: &str) -> Engine {
    let (mut customers, mut orders) =
        (String::from("id,points\n"), String::from("customer,day,total\n"));
    let mut last = "";
    for line in SAMPLE.lines().skip(1) {
        let [id, day, cents] = line.split(',').collect::<Vec<_>>()[..] else { panic!("{line}") };
        if id != last {
            writeln!(customers, "{id},").unwrap();
            last = id;
        }
        let cents: u32 = cents.parse().unwrap();
        let (year, month, day) = (&day[..4], &day[4..6], &day[6..]);
        writeln!(orders, "{id},{year}-{month}-{day},{}.{:02}", cents / 100, cents % 100).unwrap();
    }
    engine(&schema(more), RULES, &customers, &orders)
}

/// As printed: to that many digits after the point.
#[track_caller]
fn prints(found: f64, digits: usize, expected: &str) {
    assert_eq!(format!("{found:.digits$}"), expected);
}

#[test]
fn the_fit_is_the_published_one() {
    let found = sample("").fit(super::day("1997-09-30")).unwrap();
    assert!(found.no_orders.is_none() && found.no_amounts.is_none());
    // Time is in days here and in weeks there; the density has a factor of 7 for every repeat.
    let orders = found.model.orders().unwrap();
    let [r, alpha, a, b] = orders.parameters();
    prints(r.value, 3, "0.243");
    prints(alpha.value / 7.0, 3, "4.414");
    prints(a.value, 3, "0.793");
    prints(b.value, 3, "2.426");
    assert_eq!(orders.customers(), Some(2_357));
    let repeats = 2_457.0;
    prints(orders.log_likelihood().unwrap() + repeats * 7.0_f64.ln(), 1, "-9582.4");
    let amounts = found.model.amounts().unwrap();
    let [p, q, v] = amounts.parameters();
    prints(p.value, 2, "6.25");
    prints(q.value, 2, "3.74");
    prints(v.value, 2, "15.44");
    assert_eq!(amounts.customers(), Some(946));
    for parameter in orders.parameters().iter().chain(&amounts.parameters()) {
        let error = parameter.standard_error.unwrap();
        assert!(0.0 < error && error < parameter.value, "{parameter:?}");
    }
}

#[test]
fn a_fit_is_stopped_between_its_steps() {
    let as_of = super::day("1997-09-30");
    let mut engine = sample("");
    let (watch, said) = listening();
    engine.set_watch(watch);
    let found = engine.fit(as_of).unwrap();
    let said = std::mem::take(&mut *said.lock().unwrap());
    let steps = said.iter().filter(|said| said.starts_with("fitting models: ")).count();
    assert!(steps > 10, "{said:?}");
    for at in 0..said.len() {
        engine.set_watch(stopping(at).0);
        assert!(engine.fit(as_of).unwrap_err().is_cancelled(), "{at}");
        engine.set_watch(stopping(at).0);
        assert!(engine.refresh(as_of).unwrap_err().is_cancelled(), "{at}");
        assert_eq!((engine.model(), engine.keys("all")), (None, Some(Vec::new())));
    }
    engine.set_watch(Watch::new());
    assert_eq!(engine.refresh(as_of).unwrap().model(), Some(&found.model));
    assert_eq!(engine.members("all").unwrap().len(), 2_357);
}

#[test]
fn the_segments_are_those_of_the_model() {
    let engine = sample("");
    let found = evaluate(&engine, "1997-09-30");
    assert_eq!(found.failures().len(), 0);
    let size = |name: &str| found.members(name).unwrap().len();
    assert_eq!((size("all"), size("repeaters")), (2_357, 946));
    assert_eq!(found.members("best"), found.members("first_tier"));
    // 0.2 * 2357 = 471.4: who has fewer than that many above; the greatest values all differ.
    assert_eq!(size("first_tier"), 472);
    let rest = size("second_tier") + size("third_tier");
    assert_eq!(size("first_tier") + rest, 2_357);
    assert_eq!(found.model().unwrap(), &engine.fit(super::day("1997-09-30")).unwrap().model);
}

/// P(alive) of (26, 216/7, 31) in weeks is 0.96885 (Fader and Hardie, 2008); the orders to expect in 39 weeks of (2,
/// 30.43, 38.86) are 1.226.
#[test]
fn one_customer_is_as_published() {
    let more = "parameters = { r = 0.243, alpha_days = 30.898, a = 0.793, b = 2.426 }";
    let mut orders = String::from("customer,day,total\n");
    // 216 days from the first of 27 days with orders to the last, 217 to 1998-08-06; 213 and 272 days to 1998-09-30.
    let first = chrono::NaiveDate::from_ymd_opt(1998, 1, 1).unwrap();
    for repeat in 0..26_u64 {
        writeln!(orders, "1,{},1", first + chrono::Days::new(repeat * 8)).unwrap();
    }
    writeln!(orders, "1,{},1", first + chrono::Days::new(216)).unwrap();
    for days in [0, 100, 213] {
        writeln!(orders, "2,{},1", first + chrono::Days::new(days)).unwrap();
    }
    let rules = "
        segment alive { include predict.alive between 0.968845 and 0.968855 }
        segment expected { include predict.orders(39 weeks) between 1.2255 and 1.2265 }
    ";
    let engine = engine(&schema(more), rules, "id,points\n1,\n2,\n", &orders);
    assert_eq!(evaluate(&engine, "1998-08-06").keys("alive"), Some(vec![1.into()]));
    assert_eq!(evaluate(&engine, "1998-09-30").keys("expected"), Some(vec![2.into()]));
}
