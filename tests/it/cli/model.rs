//! `segmenta model`, and `eval` where a model cannot be fitted.

use super::Folder;
use crate::predict::{SCHEMA, shop::rows};

const DATA: &str = "[data]\ncustomers = \"customers.csv\"\norders = \"orders.csv\"\n";

const RULES: &str = "segment alive { include predict.alive > 0 }\nsegment all { }\n";

/// A hundred and twenty customers who order at a rate of their own until they leave.
fn folder(more: &str) -> Folder {
    let (customers, orders) = rows(120, false);
    Folder::new(&[
        ("segmenta.toml", &format!("{DATA}{SCHEMA}{more}")),
        ("customers.csv", &customers),
        ("orders.csv", &orders),
        ("rules.seg", RULES),
    ])
}

#[test]
fn parameters_with_errors_and_likelihood() {
    let folder = folder("");
    let run = folder.run(&["model", "--as-of", "2026-06-30", "--format", "csv"]);
    assert_eq!(run.code, 0, "{run:?}");
    let lines: Vec<Vec<&str>> = run.out.lines().map(|line| line.split(',').collect()).collect();
    let header = ["model", "parameter", "value", "standard_error", "log_likelihood", "customers"];
    assert_eq!(lines[0], header);
    let names: Vec<_> = lines[1..].iter().map(|line| (line[0], line[1])).collect();
    let orders = ["r", "alpha_days", "a", "b"].map(|name| ("bg/nbd", name));
    let amounts = ["p", "q", "v"].map(|name| ("gamma-gamma", name));
    assert_eq!(names, [&orders[..], &amounts].concat());
    for line in &lines[1..] {
        assert!(line[2..4].iter().all(|number| number.parse::<f64>().unwrap() > 0.0), "{line:?}");
        assert!(line[4].parse::<f64>().unwrap() < 0.0, "{line:?}");
    }
    assert_eq!(lines[1][5], "120");
    assert!(lines[5][5].parse::<u32>().unwrap() < 120);
    let json = folder.run(&["model", "--as-of", "2026-06-30", "--format", "json", "--fit"]);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json[0]["parameter"], "r");
    assert_eq!(json[0]["customers"], 120);
    let table = folder.run(&["model", "--as-of", "2026-06-30"]);
    assert!(table.out.starts_with("model        parameter "), "{}", table.out);
}

#[test]
fn fixed_parameters_are_fitted_on_demand() {
    let fixed = "parameters = { r = 1, alpha_days = 9.5, a = 1, b = 2, p = 6, q = 4, v = 15 }\n";
    let folder = folder(fixed);
    let run = folder.run(&["model", "--format", "csv"]);
    let lines: Vec<&str> = run.out.lines().collect();
    assert_eq!(lines[1..3], ["bg/nbd,r,1,,,", "bg/nbd,alpha_days,9.5,,,"]);
    let run = folder.run(&["model", "--format", "csv", "--fit", "--as-of", "2026-06-30"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(!run.out.contains(",9.5,"), "{run:?}");
}

#[test]
fn what_cannot_be_fitted_is_told_and_the_rest_is_shown() {
    let folder = folder("");
    // Hardly anybody has ordered by then.
    let run = folder.run(&["model", "--as-of", "2025-01-02"]);
    assert_eq!(
        (run.code, run.out.as_str()),
        (1, "model  parameter  value  standard_error  log_likelihood  customers\n"),
        "{run:?}"
    );
    assert_eq!(run.err.matches("error[E1101]: there is no model of ").count(), 2, "{run:?}");
    let run = folder.run(&["eval", "--as-of", "2025-01-02", "--format", "csv"]);
    assert_eq!(
        (run.code, run.out.as_str()),
        (1, "segment,kind,members,share\nall,dynamic,120,1\n"),
        "{run:?}"
    );
    assert!(run.err.contains("error[E1101]: `alive` is not evaluated"), "{run:?}");
    assert!(run.err.ends_with("error: 1 segment could not be evaluated\n"), "{run:?}");
    // What is not asked for does not fail the command.
    let run = folder.run(&["eval", "--as-of", "2025-01-02", "--segment", "all"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(!run.err.contains("E1101"), "{run:?}");
    let run = folder.run(&["eval", "--as-of", "2026-06-30", "--format", "csv"]);
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn without_predictions_there_is_no_model() {
    let run = Folder::project().run(&["model"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert_eq!(run.err, "error: the schema does not set up `predict`\n");
}
