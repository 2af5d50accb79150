//! Names of columns, tables, functions and segments.

use super::{all_fine, each_has_one};

#[test]
fn names_that_exist() {
    all_fine(&[
        "country = 'SE'",
        "home_store = 'S1'",
        "home_store.region = 'north' and home_store.opened < 2020-01-01",
        "exists(items where product.brand.country = 'CN')",
        "exists(items where product = 17)",
        "exists(items where parent.status = 'paid' and customer.country = parent.store.region)",
        "exists(orders where customer.home_store.region = store.region)",
        "`country` = 'SE'",
    ]);
}

#[test]
fn unknown_columns() {
    each_has_one(&[
        ("contry = 'SE'", "E0201", "contry", "unknown column `contry`", "did you mean `country`?"),
        (
            "Country = 'SE'",
            "E0201",
            "Country",
            "unknown column `Country`",
            "did you mean `country`?",
        ),
        ("zebra = 'SE'", "E0201", "zebra", "unknown column `zebra`", ""),
        (
            "status = 'paid'",
            "E0201",
            "status",
            "unknown column `status`",
            "`orders` has it; rows of `orders` are read through an aggregate, as in `last(orders.status)`",
        ),
        (
            "orders.status = 'paid'",
            "E0201",
            "orders.status",
            "`orders` is a table, not a column",
            "rows of `orders` are read through an aggregate, as in `last(orders.status)`",
        ),
        (
            "orders > 3",
            "E0201",
            "orders",
            "`orders` is a table, not a column",
            "rows of `orders` are read through an aggregate, as in `count(orders)`",
        ),
        (
            "customer.country = 'SE'",
            "E0201",
            "customer",
            "unknown column `customer`",
            "the customer's own columns are written bare: `country`",
        ),
        (
            "customers.country = 'SE'",
            "E0201",
            "customers",
            "unknown column `customers`",
            "the customer's own columns are written bare: `country`",
        ),
        ("age > 3", "E0201", "age", "unknown column `age`", "`age` is a function, as in `age(…)`"),
        (
            "exists(orders where country = 'SE')",
            "E0201",
            "country",
            "unknown column `country` of `orders`",
            "`customer.country` is the customer's",
        ),
        (
            "exists(items where status = 'paid')",
            "E0201",
            "status",
            "unknown column `status` of `items`",
            "`parent.status` is the parent row's",
        ),
        (
            "exists(orders where parent.status = 'paid')",
            "E0201",
            "parent",
            "unknown column `parent` of `orders`",
            "`orders` has no parent; the customer's columns are `customer.NAME`",
        ),
        (
            "exists(items where parent.statos = 'paid')",
            "E0201",
            "statos",
            "unknown column `statos` of `orders`",
            "did you mean `status`?",
        ),
        (
            "exists(orders where customer.contry = 'SE')",
            "E0201",
            "contry",
            "unknown column `contry`",
            "did you mean `country`?",
        ),
        (
            "home_store.regoin = 'x'",
            "E0201",
            "regoin",
            "unknown column `regoin` of `stores`",
            "did you mean `region`?",
        ),
        (
            "sum(orders.totl) > 5",
            "E0201",
            "totl",
            "unknown column `totl` of `orders`",
            "did you mean `total`?",
        ),
        (
            "country.region = 'x'",
            "E0205",
            "country",
            "`country` is not a reference, so it has no columns",
            "",
        ),
    ]);
}

#[test]
fn unknown_tables() {
    each_has_one(&[
        ("count(oders) > 1", "E0202", "oders", "unknown table `oders`", "did you mean `orders`?"),
        (
            "sum(total) > 1",
            "E0202",
            "total",
            "unknown table `total`",
            "name its table too, as in `sum(orders.total)`",
        ),
        (
            "exists(stores)",
            "E0202",
            "stores",
            "`stores` is a lookup: customers have no rows of it",
            "its columns are reached through a `ref` column",
        ),
        (
            "count(customers) > 1",
            "E0202",
            "customers",
            "`customers` is not a table of rows of customers",
            "",
        ),
    ]);
}

#[test]
fn unknown_functions_and_segments() {
    each_has_one(&[
        (
            "days_sinc(birthday) > 3",
            "E0203",
            "days_sinc",
            "unknown function `days_sinc`",
            "did you mean `days_since`?",
        ),
        ("AGE(birthday) > 3", "E0203", "AGE", "unknown function `AGE`", "did you mean `age`?"),
        (
            "country('SE') = 'x'",
            "E0203",
            "country",
            "unknown function `country`",
            "`country` is a column and takes no arguments",
        ),
        ("in segment vip", "E0204", "vip", "unknown segment `vip`", ""),
        ("a.b(1) = 2", "E0203", "a.b", "unknown function `a.b`", ""),
    ]);
}

#[test]
fn arity() {
    each_has_one(&[
        ("age() > 1", "E0211", "age()", "`age` takes 1 argument, not 0", ""),
        ("age(birthday, 1) > 1", "E0211", "age(birthday, 1)", "`age` takes 1 argument, not 2", ""),
        (
            "round(score, 1, 2) > 1",
            "E0211",
            "round(score, 1, 2)",
            "`round` takes 1 or 2 arguments, not 3",
            "",
        ),
        (
            "coalesce(score) > 1",
            "E0211",
            "coalesce(score)",
            "`coalesce` takes at least 2 arguments, not 1",
            "",
        ),
    ]);
}

#[test]
fn all_mistakes_at_once_and_each_once() {
    let found =
        super::check_condition("contry = 'SE' and points = 'x' or not (zebra > 1 + country)");
    let codes: Vec<&str> = found.iter().map(|found| found.code.as_str()).collect();
    assert_eq!(codes, ["E0201", "E0301", "E0201", "E0302"]);
}
