//! `predict.*` in rules.

use super::{all_fine, check_condition, each_has_one};

#[test]
fn columns_and_horizons() {
    all_fine(&[
        "predict.alive > 0.5 and predict.orders(90 days) > 1.5",
        "predict.value(12 months) > 100 and predict.value(1 year) / predict.orders(1 year) > 10",
        "predict.next_order < 2 weeks ago or predict.next_order within next 7 days",
        "predict.next_order = 07-25 and weekday(predict.next_order) = 1",
        "predict.spend_tier in ('high', 'medium')",
        "top 10 percent by predict.value(100 years)",
        "quantile(predict.alive, 5) = 1",
        "predict.orders((90 days)) > 1",
        "predict.`orders`(3 weeks) > 1",
    ]);
}

#[test]
fn each_mistake_has_one_finding() {
    each_has_one(&[
        (
            "predict.alive(90 days) > 0.5",
            "E0211",
            "predict.alive(90 days)",
            "`predict.alive` takes no arguments",
            "",
        ),
        (
            "predict.orders > 1",
            "E0211",
            "predict.orders",
            "`predict.orders` needs a length of time",
            "write how far to look ahead, as in `predict.orders(90 days)`",
        ),
        (
            "predict.value(365) > 1",
            "E0302",
            "365",
            "`predict.value` takes a length of time, not a number",
            "write it as in `predict.value(12 months)`",
        ),
        (
            "predict.value(1 year, 2 years) > 1",
            "E0211",
            "predict.value(1 year, 2 years)",
            "`predict.value` takes one length of time, not 2 arguments",
            "write it as in `predict.value(12 months)`",
        ),
        (
            "predict.orders(0 days) > 1",
            "E0318",
            "0 days",
            "in no time nothing is expected",
            "write a number of days, weeks, months or years, as `90 days`",
        ),
        (
            "predict.orders(12 hours) > 1",
            "E0318",
            "12 hours",
            "nobody looks ahead by hours or minutes here",
            "write a number of days, weeks, months or years, as `90 days`",
        ),
        (
            "predict.orders(1201 months) > 1",
            "E0318",
            "1201 months",
            "`1201 months` is more than 100 years",
            "write a number of days, weeks, months or years, as `90 days`",
        ),
        (
            "predict.aliv > 0.5",
            "E0201",
            "aliv",
            "`predict` has no column `aliv`",
            "did you mean `alive`?",
        ),
        (
            "predict.order(3 days) > 0.5",
            "E0201",
            "order",
            "`predict` has no column `order`",
            "did you mean `orders`?",
        ),
        (
            "predict.xyzzy > 0.5",
            "E0201",
            "xyzzy",
            "`predict` has no column `xyzzy`",
            "it has `predict.alive`, `predict.orders(90 days)`, `predict.value(12 months)`, `predict.next_order`, `predict.spend_tier`",
        ),
        (
            "predict.spend_tier.name = 'x'",
            "E0205",
            "spend_tier",
            "`predict.spend_tier` is not a reference, so it has no columns",
            "",
        ),
        (
            "exists(orders where total > predict.alive)",
            "E0308",
            "predict.alive",
            "a row filter cannot hold `predict.alive`",
            "a row filter sees one row; ask the other thing beside the aggregate, with `and`",
        ),
        (
            "predict > 1",
            "E0201",
            "predict",
            "unknown column `predict`",
            "its columns are `predict.alive`, `predict.orders(90 days)`, `predict.value(12 months)`, `predict.next_order`, `predict.spend_tier`",
        ),
    ]);
}

#[test]
fn checking_goes_on() {
    let found = check_condition(
        "contry = 'x' and predict.alive(1) > 1 and zebra > 1 and average_gap(orders where stats = 'x') > 1",
    );
    let codes: Vec<&str> = found.iter().map(|found| found.code.as_str()).collect();
    assert_eq!(codes, ["E0201", "E0211", "E0201", "E0201"]);
}
