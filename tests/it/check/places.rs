//! `within … of`, `sample` and `average_gap`: what they take.

use super::{all_fine, check, each_has_one};

#[test]
fn places_are_fixed_and_lie_on_the_globe() {
    all_fine(&[
        "home within 25 km of (59.33, 18.06)",
        "home within 0 mi of (-90, -180)",
        "home within 0.5 km of (90, 180.000)",
        "home within 40_031 km of (-(59.33), - -18)",
        "home within 24_874 mi of (0, 0)",
        "not home within 25 km of (59.33, 18.06)",
        "count(orders where customer.home within 5 km of (1, 2)) > 0",
    ]);
    let text = "let north = 59.33\nlet near(n, e) = home within 25 km of (n, -e)\n\
                segment a { include near(north, 18) and home within 5 km of (north, -(north)) }";
    assert!(check(text).is_empty());
    let computed = "distances are measured from a fixed place";
    let latitudes = "latitudes go from -90 to 90, and the latitude comes first";
    each_has_one(&[
        (
            "country within 25 km of (59.33, 18.06)",
            "E0302",
            "country",
            "a distance is measured from a place, not from a text",
            "",
        ),
        (
            "home within 25 km of (points, 18.06)",
            "E0311",
            "points",
            "a latitude is a number as it is written, not a computed one",
            computed,
        ),
        (
            "home within 25 km of (59.33, 9 * 2)",
            "E0311",
            "9 * 2",
            "a longitude is a number as it is written, not a computed one",
            computed,
        ),
        (
            "home within 25 km of ('59.33', 18.06)",
            "E0302",
            "'59.33'",
            "a latitude takes numbers, not a text",
            "write the number without quotes",
        ),
        (
            "home within 25 km of (90.001, 0)",
            "E0314",
            "90.001",
            "there is no latitude `90.001`",
            latitudes,
        ),
        ("home within 25 km of (-91, 0)", "E0314", "-91", "there is no latitude `-91`", latitudes),
        (
            "home within 25 km of (0, -180.5)",
            "E0314",
            "-180.5",
            "there is no longitude `-180.5`",
            "longitudes go from -180 to 180",
        ),
        (
            "home within 40031.5 km of (0, 0)",
            "E0314",
            "home within 40031.5 km of (0, 0)",
            "`40031.5 km` is more than once round the earth",
            "",
        ),
        (
            "home within 24_875 mi of (0, 0)",
            "E0314",
            "home within 24_875 mi of (0, 0)",
            "`24875 mi` is more than once round the earth",
            "",
        ),
        (
            "home within 999999999999999999999999999999999999 mi of (0, 0)",
            "E0314",
            "home within 999999999999999999999999999999999999 mi of (0, 0)",
            "`999999999999999999999999999999999999 mi` is more than once round the earth",
            "",
        ),
    ]);
}

#[test]
fn samples_are_shares_of_customers() {
    all_fine(&[
        "sample 10 percent seed 'x'",
        "sample 0 percent seed ''",
        "sample 100.00 percent seed 'x'",
        "sample 0.000000000000000001 percent seed 'x'",
        "not sample 50 percent seed 'x' or active",
    ]);
    let share = "a share goes from 0 to 100 percent";
    let row = "a row filter sees one row; ask the other thing beside the aggregate, with `and`";
    each_has_one(&[
        (
            "sample 101 percent seed 'x'",
            "E0315",
            "sample 101 percent seed 'x'",
            "`101 percent` is more than all",
            share,
        ),
        (
            "sample 100.01 percent seed 'x'",
            "E0315",
            "sample 100.01 percent seed 'x'",
            "`100.01 percent` is more than all",
            share,
        ),
        (
            "exists(orders where sample 10 percent seed 'x')",
            "E0308",
            "sample 10 percent seed 'x'",
            "a row filter cannot hold `sample`",
            row,
        ),
    ]);
}

#[test]
fn gaps_lie_between_rows_that_have_a_time() {
    all_fine(&[
        "average_gap(orders) > 30.5",
        "average_gap(orders where paid) is null",
        "average_gap(items where quantity > 1) between 1 and 7",
        "round(average_gap(orders), 1) = 2.5",
    ]);
    each_has_one(&[
        (
            "average_gap(notes) > 1",
            "E0309",
            "notes",
            "`average_gap` needs to know when, and `notes` has no time column",
            "name it in the schema with `time = …`, or use `min` or `max`",
        ),
        (
            "average_gap(orders.total) > 1",
            "E0302",
            "orders.total",
            "`average_gap` takes a table, not a column",
            "write `average_gap(orders where total is not null)`",
        ),
        (
            "exists(orders where average_gap(items) > 1)",
            "E0308",
            "average_gap(items)",
            "a row filter cannot hold an aggregate",
            "a row filter sees one row; ask the other thing beside the aggregate, with `and`",
        ),
    ]);
}
