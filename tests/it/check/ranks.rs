//! `top`, `bottom` and `quantile`.

use super::{all_fine, check, each_has_one, places};

#[test]
fn what_customers_are_ranked_by() {
    all_fine(&[
        "top 10 percent by points and bottom 5 by balance and top 3 by score",
        "top 0.5 percent by birthday or bottom 1_000 by created_at",
        "top 3 by sum(orders.total where paid) / count(orders)",
        "bottom 3 by last(orders.ordered_at)",
        "not top 3 by -points",
        "(top 3 by points) = false",
        "top 3 by 5 and bottom 3 by today",
        "at least 2 of (top 3 by points, bottom 3 by points, active)",
        "quantile(points, 4) = quantile(balance, 5) + 1",
        "quantile(quantile(birthday, 100), 10) in (1, 10)",
        "top 3 by quantile(created_at, 10_000)",
    ]);
}

#[test]
fn what_they_are_not() {
    each_has_one(&[
        (
            "top 3 by country",
            "E0302",
            "country",
            "customers are not ranked by a text",
            "they are ranked by numbers, dates and datetimes",
        ),
        (
            "bottom 3 by tags",
            "E0302",
            "tags",
            "customers are not ranked by a set of texts",
            "the number of elements is `size(…)`",
        ),
        (
            "quantile(active, 4) = 1",
            "E0302",
            "active",
            "customers are not ranked by a boolean",
            "they are ranked by numbers, dates and datetimes",
        ),
        (
            "quantile(points, 4) + 07-25 = 1",
            "E0302",
            "07-25",
            "`+` takes numbers, not a month-day",
            "for a subtraction put blanks round the minus: `7 - 25`",
        ),
        (
            "top 3 by (points > 5)",
            "E0304",
            "points > 5",
            "a condition stands where a value is wanted",
            "only beside `=` and `!=` a condition in parentheses is a value",
        ),
    ]);
}

#[test]
fn shares_and_numbers() {
    each_has_one(&[
        (
            "top 100.5 percent by points",
            "E0315",
            "top 100.5 percent by points",
            "`100.5 percent` is more than all",
            "a share is at most 100 percent",
        ),
        (
            "bottom 0 by points",
            "E0315",
            "bottom 0 by points",
            "`0` customers are nobody",
            "the number of customers is 1 or more",
        ),
        (
            "quantile(points, 1 + 1) = 1",
            "E0316",
            "1 + 1",
            "the buckets of `quantile` are a whole number from 1 to 10,000",
            "a number as it is written, as in `quantile(…, 5)`",
        ),
        (
            "quantile(points) = 1",
            "E0211",
            "quantile(points)",
            "`quantile` takes 2 arguments, not 1",
            "",
        ),
    ]);
    all_fine(&["top 100 percent by points", "top 0.000000000000000001 percent by points"]);
}

#[test]
fn a_row_filter_holds_none() {
    let text = "let best = top 3 by points
let part(n) = quantile(points, n)
segment a { include count(orders where top 3 by total) > 1 }
segment b { include count(orders where best) > 1 }
segment c { include count(orders where total > part(4)) > 1 }
segment d { include count(orders where quantile(total, 4) = 1) > 1 }
segment e { include best and part(4) = 1 }";
    assert_eq!(places(text), ["E0308 3:40", "E0308 4:40", "E0308 5:48", "E0308 6:40"]);
}

#[test]
fn the_number_of_buckets_may_have_a_name() {
    let text = "let parts = 4
let part(value, n) = quantile(value, n)
segment a { include quantile(points, parts) = 4 and part(points, 5) = 5 }
segment b { include part(points, parts) = 3 }";
    assert_eq!(check(text), []);
    let text = "let part(value, n) = quantile(value, n)
segment a { include part(points, points) = 1 }";
    assert_eq!(places(text), ["E0316 2:34"]);
}
