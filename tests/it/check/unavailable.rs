//! What is understood, but not evaluated yet.

use super::{check_condition, each_has_one};

#[test]
fn each_has_a_code_of_its_own() {
    each_has_one(&[
        (
            "predict.alive > 0.5",
            "E0902",
            "predict.alive",
            "`predict` fields are not evaluated in this version",
            "",
        ),
        (
            "predict.orders(90 days) > 1",
            "E0902",
            "predict.orders(90 days)",
            "`predict` fields are not evaluated in this version",
            "",
        ),
    ]);
}

#[test]
fn checking_goes_on() {
    let found = check_condition(
        "contry = 'x' and predict.alive > 1 and zebra > 1 and average_gap(orders where stats = 'x') > 1",
    );
    let codes: Vec<&str> = found.iter().map(|found| found.code.as_str()).collect();
    assert_eq!(codes, ["E0201", "E0902", "E0201", "E0201"]);
}
