//! `let`s: where their names come from, and where they end.

use segmenta::Rules;

use super::{check, message, places, shop};

fn fine(text: &str) {
    let found = check(text);
    assert!(found.is_empty(), "{text}\n{}", found[0]);
}

#[test]
fn a_body_resolves_where_it_is_used() {
    fine(
        "let is_paid = status = 'paid'\n\
         let swedish = country = 'SE'\n\
         let big(least) = total >= least\n\
         let many(n, rule) = count(orders where rule) >= n\n\
         segment a { include count(orders where is_paid and big(customer.points)) > 1 and swedish }\n\
         segment b { include exists(items where product.brand.country = 'SE') }\n\
         segment c { include many(2, is_paid) }",
    );
    // `total` is looked up at the call, where there are no orders.
    let text = "let many(rule) = count(orders where rule) >= 2\n\
                segment a { include many(total > 5) }";
    assert_eq!(places(text), ["E0201 2:26"]);
}

#[test]
fn parameters_shadow_and_do_not_leak() {
    fine(
        "let f(country) = country > 5\n\
         let g(x) = f(x + 1)\n\
         let twice(x) = x + x\n\
         segment a { include f(points) and g(twice(twice(points))) > f(1) = false }"
            .replace(" > f(1) = false", "")
            .as_str(),
    );
    // The body of `inner` does not see the parameter of `outer`.
    let text = "let inner = x > 5\n\
                let outer(x) = inner\n\
                segment a { include outer(points) }";
    assert_eq!(places(text), ["E0201 1:13"]);
}

#[test]
fn amounts_come_from_lets_and_parameters() {
    fine(
        "let quarter = 90\n\
         let recent(n) = birthday within last n days and birthday > n days ago\n\
         let some(k) = at least k of (active, points > 1)\n\
         segment a { include recent(30) }\n\
         segment b { include recent(quarter) and some(2) }\n\
         segment c { include birthday > quarter days ago }",
    );
    let text = "let recent(n) = birthday within last n days\n\
                segment a { include recent(points) }\n\
                segment b { include recent(1.5) }\n\
                segment c { include recent(-3) }";
    assert_eq!(places(text), ["E0311 2:28", "E0311 3:28", "E0311 4:28"]);
    let text = "let n = 2 * 15\nsegment a { include birthday > n days ago }";
    assert_eq!(places(text), ["E0311 2:32"]);
}

#[test]
fn a_customers_argument_reaches_into_a_row_filter() {
    fine(
        "let above(x) = count(orders where total > x and store = home)\n\
         let home = 'S1'\n\
         segment a { include above(balance) > 1 }"
            .replace("let home", "let home_town")
            .replace("= home)", "= home_town)")
            .as_str(),
    );
    let text = "let above(x) = count(orders where total > x)\n\
                segment a { include above(sum(orders.total)) > 1 }";
    assert_eq!(places(text), ["E0308 2:27"]);
}

#[test]
fn what_a_row_filter_cannot_hold_is_said_where_it_is_used() {
    let text = "let spent = sum(orders.total)\n\
                segment a { include exists(orders where total > spent) and spent > 5 }";
    assert_eq!(places(text), ["E0308 2:49"]);
    assert_eq!(message(text), "this stands for an aggregate, which a row filter cannot hold");
}

#[test]
fn a_mistake_in_a_let_is_one_finding_however_often_it_is_used() {
    let text = "let wrong = contry = 'SE'\n\
                segment a { include wrong or wrong }\n\
                segment b { include wrong }";
    assert_eq!(places(text), ["E0201 1:13"]);
}

#[test]
fn names_that_are_taken() {
    assert_eq!(places("let country = 5"), ["E0206 1:5"]);
    assert_eq!(message("let country = 5"), "`country` is a column of the customers");
    assert_eq!(
        message("let status = country = 'x'"),
        "`status` is a column of `orders`, whose row filters could mean it"
    );
    assert_eq!(message("let age = 5"), "`age` is a function, so no `let` can have this name");
    assert_eq!(places("let sum = 5"), ["E0206 1:5"]);
    // This one cannot stand in a row filter, so nobody can take it for the column.
    fine(
        "let total = sum(orders.total)\nsegment a { include total > 5 and exists(orders where total > 5) }",
    );
    fine(
        "let all_of_it = sum(orders.total)\nlet total = all_of_it * 2\nsegment a { include total > 5 }",
    );
    assert_eq!(places("let a = 1\nlet a = 2"), ["E0208 2:5"]);
    assert_eq!(places("let f(x, x) = x > 1"), ["E0208 1:10"]);
}

#[test]
fn circles() {
    let text = "let c = b + 1\nlet a = c + 1\nlet b = a + 1\nsegment s { include b > 1 or a > 1 }";
    assert_eq!(places(text), ["E0210 1:5"]);
    assert_eq!(message(text), "these `let`s refer to each other in a circle: `c -> b -> a -> c`");
    assert_eq!(
        message("let me = not me"),
        "these `let`s refer to each other in a circle: `me -> me`"
    );
    let deep = "let f(x) = g(x)\nlet g(x) = f(x)\nsegment s { include f(1) = 1 }";
    assert_eq!(message(deep), "these `let`s refer to each other in a circle: `f -> g -> f`");
    // A call as its own argument is no circle.
    fine("let inc(x) = x + 1\nsegment s { include inc(inc(inc(points))) > 5 }");
}

#[test]
fn calls() {
    let text = "let f(x) = points > x\nsegment s { include f }\nsegment t { include f(1, 2) }";
    assert_eq!(places(text), ["E0211 2:21", "E0211 3:21"]);
    let text = "let n = 5\nsegment s { include points > n(1) }";
    assert_eq!(places(text), ["E0211 2:30"]);
}

#[test]
fn a_let_may_stand_for_a_reference_or_a_condition() {
    fine(
        "let shop = home_store\nlet adult = age(birthday) >= 18\n\
         let north(s) = s.region = 'north'\n\
         segment s { include shop.region = 'x' and adult = false }\n\
         segment n { include north(shop) }\n\
         segment t { include exists(orders where north(store)) }",
    );
    let text = "let n = 5\nsegment s { include n.region = 'x' }";
    assert_eq!(places(text), ["E0205 2:21"]);
}

#[test]
fn lets_that_nobody_uses() {
    // The first is about a row of `orders`.
    fine("let is_paid = status = 'paid'\nlet f(x) = zebra > x\nlet n = 30\nlet xmas = 12-24");
    // This one is wrong wherever it stands, and told as for the customers.
    assert_eq!(places("let r = contry = 5"), ["E0201 1:9"]);
    assert_eq!(
        places("let a = days_sinc(birthday) > 1\nlet f(x) = lowr(x) = 'a'"),
        ["E0203 1:9", "E0203 2:12"]
    );
    assert_eq!(places("let a = country > 5"), ["E0301 1:9"]);
    assert_eq!(places("let a = b\nlet b = a"), ["E0210 1:5"]);
}

#[test]
fn files_and_conditions_share_one_namespace() {
    let rules = Rules::builder(&shop())
        .file("lets.seg", "let adult = age(birthday) >= 18")
        .file("a.seg", "segment a { include adult and not in segment b }")
        .file("b.seg", "segment b { include country = 'SE' }")
        .condition("probe", "adult and in segment A")
        .build()
        .unwrap();
    let names: Vec<&str> = rules.segments().map(|segment| segment.name()).collect();
    assert_eq!(names, ["a", "b", "probe"]);
}
