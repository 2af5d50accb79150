//! Aggregates and their row filters.

use super::{all_fine, each_has_one};

#[test]
fn what_can_be_aggregated() {
    all_fine(&[
        "count(orders) > 1 and count(orders.total) > 1 and count(distinct orders.store) > 1",
        "count(distinct orders.paid) > 1 and exists(orders where paid)",
        "sum(orders.total) > avg(orders.total) and min(orders.ordered_at) < max(orders.ordered_at)",
        "min(orders.status) < 'x' and first(orders.store) = 'S1' and last(items.product.group) = 'tea'",
        "last(orders.paid) and last(orders.ordered_at) < 3 months ago",
        "sum(items.parent.total) > 1 and count(items.labels) = 1",
        "count(orders where total > 5 and ordered_at within last 365 days) >= 4",
        "min(notes.words) = 'x'",
    ]);
}

#[test]
fn what_cannot() {
    each_has_one(&[
        (
            "sum(orders) > 1",
            "E0302",
            "orders",
            "`sum(…)` takes a column of a table",
            "name a column, as in `sum(orders.total)`",
        ),
        (
            "sum(items) > 1",
            "E0302",
            "items",
            "`sum(…)` takes a column of a table",
            "name a column, as in `sum(items.product)`",
        ),
        (
            "count(distinct orders) > 1",
            "E0302",
            "orders",
            "`count(distinct …)` takes a column of a table",
            "name a column, as in `count(distinct orders.status)`",
        ),
        ("sum(orders.status) > 1", "E0302", "orders.status", "`sum` takes numbers, not a text", ""),
        (
            "max(orders.paid)",
            "E0302",
            "orders.paid",
            "`max` takes numbers, texts, dates and datetimes, not a boolean",
            "",
        ),
        (
            "last(items.labels) is empty",
            "E0302",
            "items.labels",
            "`last` takes single values, not a set of texts",
            "",
        ),
        (
            "exists(orders.total)",
            "E0302",
            "orders.total",
            "`exists` takes a table, not a column",
            "write `exists(orders where total is not null)`",
        ),
        (
            "last(notes.words) = 'x'",
            "E0309",
            "notes",
            "`last` needs to know when, and `notes` has no time column",
            "name it in the schema with `time = …`, or use `min` or `max`",
        ),
    ]);
}

#[test]
fn row_filters() {
    let help = "a row filter sees one row; ask the other thing beside the aggregate, with `and`";
    each_has_one(&[
        (
            "exists(orders where count(items) > 1)",
            "E0308",
            "count(items)",
            "a row filter cannot hold an aggregate",
            help,
        ),
        (
            "exists(orders where in segment it)",
            "E0308",
            "in segment it",
            "a row filter cannot hold `in segment`",
            help,
        ),
        (
            "exists(orders where top 10 percent by total)",
            "E0308",
            "top 10 percent by total",
            "a row filter cannot hold `top`",
            help,
        ),
        (
            "exists(orders where sample 5 percent seed 'x')",
            "E0308",
            "sample 5 percent seed 'x'",
            "a row filter cannot hold `sample`",
            help,
        ),
        (
            "exists(orders where quantile(total, 5) = 1)",
            "E0308",
            "quantile(total, 5)",
            "a row filter cannot hold `quantile`",
            help,
        ),
        (
            "exists(orders where total)",
            "E0303",
            "total",
            "a number stands where a condition is wanted",
            "compare it, as in `… > 0`",
        ),
    ]);
}
