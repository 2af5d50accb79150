//! `[rfm]` in a schema file and in a program: both say the same, and both are checked alike.

use segmenta::{Code, Rfm, Rules, Schema, ScoreBox};

use crate::purchases::{SHOP, builder};

fn schema(rfm: &str) -> segmenta::Result<Schema> {
    Schema::from_toml(&format!("{SHOP}[rfm]\n{rfm}"))
}

fn built(rfm: Rfm) -> segmenta::Result<Schema> {
    builder().rfm(rfm).build()
}

/// Code, line and column behind the line of `[rfm]`, message and help.
fn problems(error: &segmenta::Error) -> Vec<String> {
    let before = SHOP.lines().count() + 1;
    let shown = error.diagnostics().iter().map(|found| {
        let place = found.location.as_ref();
        let place = place.map(|at| format!("{}:{} ", at.line - before, at.column));
        let help = found.help.as_deref().unwrap_or_default();
        format!("{} {}{} ({help})", found.code, place.unwrap_or_default(), found.message)
    });
    shown.collect()
}

const ORDERS: &str = "table = \"orders\"\namount = \"total\"\n";

#[test]
fn a_file_and_a_program_say_the_same() {
    let orders = || Rfm::new("orders", "total");
    for (text, rfm) in [
        ("", orders()),
        (
            "levels = 5\nmethod = \"quantile\"\nmin_population = 1\nwithout_purchase = \"missing\"\ngroups = \"standard\"\n",
            orders(),
        ),
        (
            "where = \"status = 'paid'\"\nwindow = \"12 months\"\n",
            orders().filter("status = 'paid'").window("12  Month"),
        ),
        ("method = \"qcut\"\nlevels = 10\n", orders().qcut().levels(10)),
        (
            "min_population = 50\nwithout_purchase = \"lowest\"\n",
            orders().min_population(50).lowest_without_purchase(),
        ),
        ("groups = \"ten\"\n", orders().groups("ten")),
        (
            "levels = 3\nthresholds = { recency_days = [30, 297.4], frequency = [2, 3], monetary = [-1.5, 100] }\n",
            orders().levels(3).thresholds([30.0, 297.4], [2.0, 3.0], [-1.5, 100.0]),
        ),
        (
            "levels = 4\n[rfm.groups]\n\"A\" = [{ recency = [3, 4] }, { recency = 2, frequency_monetary = 4 }]\nB = { recency = 1 }\nC = { recency = 2, frequency_monetary = [1, 2, 3] }\n",
            orders()
                .levels(4)
                .group("A", ScoreBox::new().recency([3, 4]))
                .group("B", ScoreBox::new().recency([1]))
                .group("A", ScoreBox::new().recency([2]).frequency_monetary([4]))
                .group("C", ScoreBox::new().recency([2]).frequency_monetary(1..4)),
        ),
    ] {
        let text = format!("{ORDERS}{text}");
        let read = schema(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
        let built = built(rfm.clone()).unwrap_or_else(|e| panic!("{e}\n{text}"));
        assert!(read.same_as(&built), "{text}");
    }
    assert!(!schema(ORDERS).unwrap().same_as(&Schema::from_toml(SHOP).unwrap()));
    assert!(!schema(ORDERS).unwrap().same_as(&built(orders().window("1 day")).unwrap()));
}

#[test]
fn rows_of_rows_may_be_purchases() {
    schema("table = \"items\"\namount = \"price\"\n").unwrap();
}

/// What stands behind `[rfm]`, and what is found.
const MISTAKES: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "E0705 0:2 `[rfm]` has no `table` (add `table` with the name of the table whose rows are purchases)",
            "E0705 0:2 `[rfm]` has no `amount` (add `amount` with the name of the column with what a row is worth)",
        ],
    ),
    ("table = 5\namount = \"total\"\n", &["E0701 1:9 `table` must be a text in quotes ()"]),
    (
        "table = \"order\"\namount = \"total\"\n",
        &["E0706 1:9 `table` names the unknown table `order` (did you mean `orders`?)"],
    ),
    (
        "table = \"stores\"\namount = \"total\"\n",
        &[
            "E0707 1:9 customers have no rows in `stores` (purchases are rows of a table below `[tables]`)",
        ],
    ),
    (
        "table = \"notes\"\namount = \"stars\"\n",
        &[
            "E0707 1:9 the rows of `notes` have no time (give `[tables.notes]` a `time`, the column that tells when)",
        ],
    ),
    (
        "table = \"orders\"\namount = \"totl\"\n",
        &["E0706 2:10 `amount` names the unknown column `totl` (did you mean `total`?)"],
    ),
    (
        "table = \"orders\"\namount = \"status\"\n",
        &[
            "E0707 2:10 `status` must be a number to serve as `amount` (it is `text` among the columns of `orders`)",
        ],
    ),
    (
        "table = \"orders\"\namont = \"total\"\n",
        &["E0702 2:1 `[rfm]` has no field `amont` (did you mean `amount`?)"],
    ),
    ("ORDERSlevls = 5\n", &["E0702 3:1 `[rfm]` has no field `levls` (did you mean `levels`?)"]),
    (
        "ORDERSlevels = 2\n",
        &["E0709 3:10 `levels` cannot be `2` (it is a whole number from 3 to 10)"],
    ),
    (
        "ORDERSlevels = 5.5\n",
        &["E0709 3:10 `levels` cannot be `5.5` (it is a whole number from 3 to 10)"],
    ),
    ("ORDERSlevels = \"5\"\n", &["E0701 3:10 `levels` must be a number ()"]),
    (
        "ORDERSmin_population = -1\n",
        &["E0709 3:18 `min_population` cannot be `-1` (it is a whole number, 1 or more)"],
    ),
    (
        "ORDERSwindow = \"0 days\"\n",
        &[
            "E0709 3:10 a window of no time holds nothing (write a number of days, weeks, months or years, as `365 days`)",
        ],
    ),
    (
        "ORDERSwindow = \"24 hours\"\n",
        &[
            "E0709 3:10 `24 hours` is no length of time (write a number of days, weeks, months or years, as `365 days`)",
        ],
    ),
    (
        "ORDERSwindow = \"99999999999999999999 days\"\n",
        &[
            "E0709 3:10 `99999999999999999999 days` is more than 10,000 years (leave it out to look at all time)",
        ],
    ),
    (
        "ORDERSmethod = \"quantiles\"\n",
        &["E0709 3:10 `method` cannot be `quantiles` (did you mean `quantile`?)"],
    ),
    (
        "ORDERSmethod = \"deciles\"\nwithout_purchase = \"zero\"\n",
        &[
            "E0709 3:10 `method` cannot be `deciles` (it is `quantile` or `qcut`)",
            "E0709 4:20 `without_purchase` cannot be `zero` (it is `missing` or `lowest`)",
        ],
    ),
    (
        "ORDERSgroups = \"eleven\"\n",
        &[
            "E0709 3:10 there are no groups called `eleven` (there are `standard`, `ten`, `four`, `three`, or groups of your own)",
        ],
    ),
    (
        "ORDERSgroups = \"three\"\n",
        &[
            "E0709 3:10 the groups `three` are for 3 levels, not 5 (write `levels = 3`, or groups of your own)",
        ],
    ),
    (
        "ORDERSgroups = 3\n",
        &["E0701 3:10 `groups` must be the name of a preset, or a table of groups ()"],
    ),
    (
        "ORDERSthresholds = { recency_days = [1, 2, 3, 4], frequency = [1, 2, 3, 4] }\n",
        &["E0705 3:1 `thresholds` has no `monetary` (add `monetary` with a list of 4 numbers)"],
    ),
    (
        "ORDERSthresholds = { recency_days = [1, 2], frequency = [1, 2], monetary = [1, 2] }\n",
        &[
            "E0709 3:1 2 thresholds are for 3 levels, not 5 (write `levels = 3`, or 4 numbers in each list)",
        ],
    ),
    (
        "ORDERSthresholds = { recency = [1, 2, 3, 4], frequency = [1, 2, 3, 4], monetary = [1, 2, 3, 4] }\n",
        &["E0702 3:16 `thresholds` has no field `recency` (did you mean `recency_days`?)"],
    ),
    (
        "ORDERSthresholds = { recency_days = [1, 2, 3, 4], frequency = [1, 2, 2, 4], monetary = [1, 2, 3] }\n",
        &[
            "E0709 3:64 the threshold `2` of `frequency` is not above the last (thresholds ascend, each above the last)",
            "E0709 3:82 `monetary` needs 4 thresholds, not 3 (5 levels have one threshold less; or change `levels`)",
        ],
    ),
    (
        "ORDERSlevels = 3\nthresholds = { recency_days = [1, 1e3], frequency = [1, nan], monetary = [1, \"2\"] }\n",
        &[
            "E0709 4:35 `1e3` is no threshold (write a number with its digits, as `297.4`)",
            "E0709 4:57 `nan` is no threshold (write a number with its digits, as `297.4`)",
            "E0701 4:74 `monetary` must be a list of numbers ()",
        ],
    ),
    (
        "ORDERSthresholds = { recency_days = [1, 2, 3, 4], frequency = [1, 2, 3, 4], monetary = [1, 2, 3, 4] }\nmethod = \"qcut\"\n",
        &[
            "E0709 3:1 `thresholds` and `method` exclude each other (leave out one of them: thresholds are a method of their own)",
        ],
    ),
    (
        "ORDERS[rfm.groups]\nA = { recency = [1, 2, 3, 4, 5, 6] }\n",
        &["E0709 4:33 `6` is no score of `recency` (scores are 1 to 5)"],
    ),
    (
        "ORDERS[rfm.groups]\nA = { recncy = 1 }\n",
        &["E0702 4:7 a group has no field `recncy` (did you mean `recency`?)"],
    ),
    (
        "ORDERS[rfm.groups]\nA = 1\n",
        &["E0701 4:5 `A` must be scores, as `{ recency = 5, frequency = [4, 5] }` ()"],
    ),
    (
        "ORDERS[rfm.groups]\nA = { recency = [1, 2, 3] }\nB = [{ recency = [4, 5], frequency = [1, 2] }, { recency = 3 }]\n",
        &[
            "E0710 3:6 recency 4, frequency 3 and monetary 1 are in no group (every three scores need a group; a box without a field takes all of its scores)",
            "E0710 5:1 recency 3, frequency 1 and monetary 1 are in both `A` and `B` (every three scores need one group; take them out of one of the two)",
        ],
    ),
    (
        "ORDERS[rfm.groups]\nA = { recency = [] }\nB = {}\nC = [{ frequency = 1, frequency_monetary = 5 }]\n",
        &[
            "E0709 4:1 no scores belong to the group `A` (give it some, or leave it out)",
            "E0709 6:1 no scores belong to the group `C` (give it some, or leave it out)",
        ],
    ),
    (
        "ORDERS[rfm.groups]\n",
        &[
            "E0710 3:6 recency 1, frequency 1 and monetary 1 are in no group (every three scores need a group; a box without a field takes all of its scores)",
        ],
    ),
    (
        "ORDERS[rfm.groups]\n\" \" = {}\n",
        &["E0709 4:1 a group has no name (write a name, as `\"Champions\"`)"],
    ),
];

#[test]
fn every_mistake_is_told_with_its_place() {
    let mut wrong = Vec::new();
    for (text, expected) in MISTAKES {
        let text = text.replace("ORDERS", ORDERS);
        let found = schema(&text).map(|_| ()).map_err(|error| problems(&error));
        let expected: Vec<String> = expected.iter().map(ToString::to_string).collect();
        if found.as_ref().err() != Some(&expected) {
            wrong.push(format!("{text}expected {expected:#?}\nfound {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn mistakes_of_tables_do_not_hide_those_of_scores() {
    let text =
        format!("{SHOP}[rfm]\n{ORDERS}levels = 1\n").replace("id = \"int\"", "id = \"integer\"");
    let error = Schema::from_toml(&text).unwrap_err();
    let codes: Vec<Code> = error.diagnostics().iter().map(|found| found.code).collect();
    assert!(codes.contains(&Code::UnknownType) && codes.contains(&Code::BadSetting), "{codes:?}");
}

#[test]
fn a_program_is_told_of_its_mistakes_without_a_place() {
    for (rfm, expected) in [
        (
            Rfm::new("orders", "status").levels(11),
            &[
                "E0707 `status` must be a number to serve as `amount` (it is `text` among the columns of `orders`)",
                "E0709 `levels` cannot be `11` (it is a whole number from 3 to 10)",
            ][..],
        ),
        (
            Rfm::new("orders", "total").thresholds([1, 2], [1, 2], [2, 1]),
            &[
                "E0709 2 thresholds are for 3 levels, not 5 (write `levels = 3`, or 4 numbers in each list)",
                "E0709 the threshold `1` of `monetary` is not above the last (thresholds ascend, each above the last)",
            ],
        ),
        (
            Rfm::new("orders", "total").group("A", ScoreBox::new().monetary([0, 1])),
            &["E0709 `0` is no score of `monetary` (scores are 1 to 5)"],
        ),
        (
            Rfm::new("orders", "total")
                .group("A", ScoreBox::new())
                .group("B", ScoreBox::new().recency([5])),
            &[
                "E0710 recency 5, frequency 1 and monetary 1 are in both `A` and `B` (every three scores need one group; take them out of one of the two)",
            ],
        ),
        (
            Rfm::new("orders", "total").thresholds([f64::NAN; 4], [1.0; 4], [f64::INFINITY; 4]),
            &[
                "E0709 `NaN` is no threshold (write a number with its digits, as `297.4`)",
                "E0709 the threshold `1` of `frequency` is not above the last (thresholds ascend, each above the last)",
                "E0709 `inf` is no threshold (write a number with its digits, as `297.4`)",
            ],
        ),
    ] {
        let error = built(rfm).unwrap_err();
        assert_eq!(problems(&error), expected);
    }
}

/// Whatever the rules ask for, with its place in a text of its own.
#[test]
fn the_condition_on_purchases_is_checked_with_every_rule() {
    let schema = schema(&format!("{ORDERS}where = \"stats = 'paid'\"\n")).unwrap();
    let found = Rules::builder(&schema).file("a.seg", "segment a { include id = 1 }").check();
    let shown: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(found.len(), 1, "{shown:?}");
    let place = found[0].location.as_ref().unwrap();
    assert_eq!((place.file.as_str(), place.line), ("segmenta.toml [rfm] where", 1));
    let schema = self::schema(&format!("{ORDERS}where = \"stats = 'paid'\"\n")).unwrap();
    let error =
        Rules::builder(&schema).condition("a", "id = 1 and rfm.score = '555'").build().unwrap_err();
    assert_eq!(
        error.to_string().lines().collect::<Vec<_>>(),
        [
            "error[E0201]: unknown column `stats` of `orders`",
            " --> segmenta.toml [rfm] where:1:1",
            "  |",
            "1 | stats = 'paid'",
            "  | ^^^^^",
            "  = help: did you mean `status`?",
        ]
    );
}

#[test]
fn no_let_can_be_used_in_the_condition() {
    const RULES: &str = "
let paid = status = 'paid'
let at_least(n) = total >= n
let shop = customer
segment a { include exists(orders where paid and at_least(5) and shop > 1) }
";
    for (condition, name, column) in [
        ("paid", "paid", 1),
        ("total > 5 and at_least(10)", "at_least", 15),
        ("shop.x = 1", "shop", 1),
    ] {
        for part in ["rfm", "predict"] {
            let text = format!("{SHOP}[{part}]\n{ORDERS}where = \"{condition}\"\n");
            let schema = Schema::from_toml(&text).unwrap();
            let found = Rules::builder(&schema).file("a.seg", RULES).check();
            assert_eq!(found.len(), 1, "{condition}: {found:#?}");
            let place = found[0].location.as_ref().unwrap();
            let file = format!("segmenta.toml [{part}] where");
            assert_eq!((&place.file, place.column), (&file, column), "{condition}");
            let message = format!("`{name}` is a `let`, which a schema cannot use");
            assert_eq!((found[0].code, &found[0].message), (Code::UnknownColumn, &message));
            assert_eq!(found[0].help.as_deref(), Some("write out what it stands for"));
        }
    }
}

#[test]
fn a_value_that_the_status_never_has_is_told_in_the_condition_too() {
    let text =
        SHOP.replace("status = \"text\"", "status = { type = \"text\", values = [\"paid\"] }");
    let predict =
        "[predict]\ntable = \"orders\"\namount = \"total\"\nwhere = \"status = 'Paid'\"\n";
    let text = format!("{text}[rfm]\n{ORDERS}where = \"status in ('paid', 'payed')\"\n{predict}");
    let schema = Schema::from_toml(&text).unwrap();
    let found = Rules::builder(&schema).file("a.seg", "segment a { include id = 1 }").check();
    let shown = found.iter().map(|found| {
        let place = found.location.as_ref().unwrap();
        (found.code, place.file.as_str(), place.column)
    });
    assert_eq!(
        shown.collect::<Vec<_>>(),
        [
            (Code::UndeclaredText, "segmenta.toml [rfm] where", 20),
            (Code::UndeclaredText, "segmenta.toml [predict] where", 10),
        ]
    );
}

#[test]
fn what_is_hardly_meant_is_told_in_the_condition_too() {
    for (condition, expected) in [
        ("total > 5 and total < 3", Some((Code::Contradiction, 15))),
        ("status != 'open'", Some((Code::MissingTaken, 1))),
        ("day within last 365 days", None),
        ("day is not null", None),
    ] {
        let text = format!("{SHOP}[rfm]\n{ORDERS}where = \"{condition}\"\nwindow = \"365 days\"\n");
        let schema = Schema::from_toml(&text).unwrap();
        let found = Rules::builder(&schema).file("a.seg", "segment a { include id = 1 }").check();
        let shown = found.iter().map(|found| {
            let place = found.location.as_ref().unwrap();
            assert_eq!(place.file, "segmenta.toml [rfm] where");
            (found.code, place.column)
        });
        assert_eq!(shown.collect::<Vec<_>>(), Vec::from_iter(expected), "{condition}");
    }
}

#[test]
fn a_rule_has_one_hash_whatever_its_schema_says_of_purchases() {
    let hash = |more: &str| {
        let schema = schema(&format!("{ORDERS}{more}")).unwrap();
        let rules = Rules::parse(&schema, "segment a { include rfm.group = 'Champions' }").unwrap();
        rules.segment("a").unwrap().content_hash()
    };
    assert_eq!(hash(""), hash("window = \"1 year\"\nmethod = \"qcut\"\ngroups = \"ten\"\n"));
}

#[test]
fn presets_are_there_to_be_looked_at() {
    let names: Vec<_> = Rfm::PRESETS.iter().map(|preset| (preset.name, preset.levels)).collect();
    assert_eq!(names, [("standard", 5), ("ten", 5), ("four", 5), ("three", 3)]);
}
