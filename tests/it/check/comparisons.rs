//! Each form of comparison on each pair of types.

use super::{all_fine, check_condition, each_has_one};

#[test]
fn what_can_be_compared() {
    all_fine(&[
        "points = 5 and points != 5.0 and score < 10.99 and balance >= points and points > -5",
        "points * 1.05 + balance / 2 - -score < 7",
        "active and active = true and active != false and not active",
        "true or false",
        "(points > 5) = true and exists(orders) = false and (country = 'a') = (email = 'b')",
        "country < email and country = 'SE' ignoring case and country in ('SE', email)",
        "birthday = 2020-01-01 and birthday < created_at and created_at = 2020-01-01",
        "created_at < 2020-01-01T10:00:00 and created_at > 3 hours ago and created_at < now",
        "birthday between 2020-01-01 and 7 days ago and created_at between -30d and now",
        "birthday between created_at and today",
        "birthday in (today, 2020-01-01, created_at)",
        "birthday = 07-25 and 07-25 = birthday and birthday in (07-25, 2020-08-01)",
        "birthday between 12-02 and 01-03 and birthday between 2020-12-02 and 01-03",
        "birthday = today ignoring year and birthday between today and now ignoring year",
        "created_at between today and in 2 weeks ignoring year and birthday = created_at ignoring year",
        "birthday within next 14 days ignoring year and created_at within last 2 hours",
        "birthday within last 3 months",
        "country contains email ignoring case and email starts with 'a' and email ends with country",
        "tags contains 'a' and tags contains any of ('a', 'b') ignoring case and lists contains all of (5, -6)",
        "tags not contains 'a' and tags is empty and tags is not empty and country is null",
        "home is null and home_store is not null and exists(orders) is null",
        "age(birthday) > 18 and days_since(created_at) < 5 and year(birthday) = 1990",
        "month(birthday) = 1 and day(created_at) = 2 and weekday(birthday) = 7 and hour(created_at) < 9",
        "size(tags) > 1 and size(lists) = 0 and lower(country) = 'se' and length(country) = 2",
        "abs(balance) > 1 and round(score) = 1 and round(balance, 1) = 1 and round(points, -2) = 100",
        "coalesce(points, balance, 0) > 1 and coalesce(country, email, '') = '' and coalesce(active, false)",
        "coalesce(score, 1) > 1 and coalesce(birthday, today) < today",
        "at least 2 of (active, points > 1, in segment it2,) or true",
    ]
    .map(|text| text.replace(", in segment it2,", ",").leak() as &str));
}

#[test]
fn sides_that_do_not_fit() {
    let text = "a text is written in quotes";
    each_has_one(&[
        (
            "points = country",
            "E0301",
            "points = country",
            "cannot compare a number with a text",
            "",
        ),
        (
            "points = '5'",
            "E0301",
            "points = '5'",
            "cannot compare a number with a text",
            "write the number without quotes",
        ),
        (
            "'5' < points",
            "E0301",
            "'5' < points",
            "cannot compare a text with a number",
            "write the number without quotes",
        ),
        ("country = 5", "E0301", "country = 5", "cannot compare a text with a number", text),
        ("country = true", "E0301", "country = true", "cannot compare a text with a boolean", text),
        (
            "active = 'true'",
            "E0301",
            "active = 'true'",
            "cannot compare a boolean with a text",
            "write `true` without quotes",
        ),
        (
            "active = 1",
            "E0301",
            "active = 1",
            "cannot compare a boolean with a number",
            "write `true` or `false`",
        ),
        (
            "birthday > '2020-01-01'",
            "E0301",
            "birthday > '2020-01-01'",
            "cannot compare a date with a text",
            "write the date without quotes: `2020-01-01`",
        ),
        (
            "created_at = 'today'",
            "E0301",
            "created_at = 'today'",
            "cannot compare a datetime with a text",
            "write it without quotes: `today`",
        ),
        (
            "birthday > 30",
            "E0301",
            "birthday > 30",
            "cannot compare a date with a number",
            "a day is written as in `2026-11-01` or `30 days ago`",
        ),
        (
            "points > 30 days ago",
            "E0301",
            "points > 30 days ago",
            "cannot compare a number with a date",
            "a distance in days is `days_since(…)`, another day is `30 days ago`",
        ),
        (
            "tags = 'a'",
            "E0301",
            "tags = 'a'",
            "cannot compare a set of texts with a text",
            "a set is asked with `contains …`",
        ),
        (
            "tags = tags",
            "E0301",
            "tags = tags",
            "a set of texts cannot be compared with another",
            "use `contains any of (…)` or `contains all of (…)`",
        ),
        (
            "home = 5",
            "E0301",
            "home = 5",
            "cannot compare a place with a number",
            "a place is asked with `within … km of (…)` or `is null`",
        ),
        ("points between 1 and 'x'", "E0301", "'x'", "cannot compare a number with a text", ""),
        ("country in ('a', 5)", "E0301", "5", "cannot compare a text with a number", text),
        (
            "lists contains 'a'",
            "E0301",
            "'a'",
            "the elements of this set are whole numbers, not texts",
            "",
        ),
        ("lists contains 5.5", "E0301", "5.5", "the elements of this set are whole numbers", ""),
        ("tags contains 5", "E0301", "5", "the elements of this set are texts, not numbers", text),
        (
            "points = 07-25",
            "E0301",
            "07-25",
            "cannot compare a number with a month-day",
            "for a subtraction put blanks round the minus: `7 - 25`",
        ),
        ("country = 07-25", "E0301", "07-25", "cannot compare a text with a month-day", ""),
        (
            "07-25 = 07-26",
            "E0301",
            "07-25 = 07-26",
            "a month-day is compared with a date or a datetime",
            "",
        ),
        ("birthday between 07-25 and 5", "E0301", "5", "cannot compare a date with a number", ""),
    ]);
}

#[test]
fn operators_on_types_that_do_not_have_them() {
    each_has_one(&[
        (
            "active < true",
            "E0302",
            "active < true",
            "`<` does not work on booleans",
            "use `=` or `!=`",
        ),
        (
            "active between false and true",
            "E0302",
            "active",
            "`between` does not work on booleans",
            "use `=` or `!=`",
        ),
        ("country + 1 > 2", "E0302", "country", "`+` takes numbers, not a text", ""),
        (
            "points - '5' > 2",
            "E0302",
            "'5'",
            "`-` takes numbers, not a text",
            "write the number without quotes",
        ),
        (
            "points - 01-02 > 2",
            "E0302",
            "01-02",
            "`-` takes numbers, not a month-day",
            "for a subtraction put blanks round the minus: `1 - 2`",
        ),
        (
            "today - birthday > 30",
            "E0302",
            "today",
            "`-` takes numbers, not a date",
            "a distance in days is `days_since(…)`, another day is `30 days ago`",
        ),
        ("-country = 'a'", "E0302", "country", "the minus takes numbers, not a text", ""),
        (
            "tags in ('a')",
            "E0302",
            "tags",
            "`in` looks for single values, and this is a set of texts",
            "use `contains any of (…)`",
        ),
        (
            "tags is null",
            "E0302",
            "tags is null",
            "a set is never missing: a missing one is an empty set",
            "use `is empty`",
        ),
        (
            "tags is not null",
            "E0302",
            "tags is not null",
            "a set is never missing: a missing one is an empty set",
            "use `is not empty`",
        ),
        (
            "country is empty",
            "E0302",
            "country is empty",
            "only sets can be empty, not a text",
            "use `is null`, or `= ''` for a text without characters",
        ),
        (
            "points is not empty",
            "E0302",
            "points is not empty",
            "only sets can be empty, not a number",
            "use `is not null`",
        ),
        (
            "points contains 5",
            "E0302",
            "points",
            "`contains` works on sets and texts, not on a number",
            "",
        ),
        (
            "country contains 5",
            "E0302",
            "5",
            "`contains` looks for a text, not for a number",
            "a text is written in quotes",
        ),
        (
            "country contains any of ('a')",
            "E0302",
            "country",
            "`contains any of` works on sets, not on a text",
            "write `… contains 'a' or … contains 'b'`",
        ),
        (
            "points starts with '5'",
            "E0302",
            "points",
            "`starts with` works on texts, not on a number",
            "",
        ),
        (
            "points within last 3 days",
            "E0302",
            "points",
            "`within` takes dates and datetimes, not a number",
            "",
        ),
        ("age(country) > 1", "E0302", "country", "`age` takes a date or datetime, not a text", ""),
        ("hour(birthday) > 1", "E0302", "birthday", "`hour` takes a datetime, not a date", ""),
        (
            "size(country) > 1",
            "E0302",
            "country",
            "`size` takes a set, not a text",
            "its length is `length(…)`",
        ),
        (
            "length(tags) > 1",
            "E0302",
            "tags",
            "`length` takes a text, not a set of texts",
            "the number of elements is `size(…)`",
        ),
        (
            "coalesce(points, country) = 1",
            "E0302",
            "country",
            "`coalesce` takes values of one type, not a number and a text",
            "",
        ),
        (
            "coalesce(tags, tags) = 1",
            "E0302",
            "tags",
            "`coalesce` does not take a set of texts",
            "",
        ),
        (
            "coalesce(points, null) = 1",
            "E0302",
            "null",
            "`null` is not a value",
            "whether a value is missing is asked with `is null`",
        ),
    ]);
}

#[test]
fn a_wrong_operator_is_one_finding() {
    let operator = "expected an operator such as `=` or `contains`, found `";
    let like = "use `contains`, `starts with`, `ends with` or `matches`";
    each_has_one(&[
        ("country like 'S%'", "E0101", "like", &format!("{operator}like`"), like),
        ("points 10", "E0101", "10", &format!("{operator}10`"), ""),
        (
            "points % 2 = 0",
            "E0102",
            "%",
            "unknown character `%`",
            "there is no `%`: percentages stand in `top 10 percent by …` and `sample 10 percent …`",
        ),
    ]);
    let found = super::check_condition("contry like 'S%'");
    assert_eq!(found.iter().map(|one| one.code.as_str()).collect::<Vec<_>>(), ["E0201", "E0101"]);
}

#[test]
fn conditions_and_values() {
    let brackets = "only beside `=` and `!=` a condition in parentheses is a value";
    each_has_one(&[
        (
            "points",
            "E0303",
            "points",
            "a number stands where a condition is wanted",
            "compare it, as in `… > 0`",
        ),
        (
            "count(orders) and active",
            "E0303",
            "count(orders)",
            "a number stands where a condition is wanted",
            "compare it, as in `… > 0`",
        ),
        (
            "not 'a'",
            "E0303",
            "'a'",
            "a text stands where a condition is wanted",
            "compare it, as in `… = 'x'`",
        ),
        (
            "all of (tags)",
            "E0303",
            "tags",
            "a set of texts stands where a condition is wanted",
            "ask for an element, as in `… contains 'x'`",
        ),
        ("null", "E0303", "null", "`null` is not a condition", ""),
        (
            "1 + (points > 2) = 3",
            "E0304",
            "points > 2",
            "a condition stands where a value is wanted",
            brackets,
        ),
        (
            "coalesce(points > 2, true)",
            "E0304",
            "points > 2",
            "a condition stands where a value is wanted",
            brackets,
        ),
    ]);
}

#[test]
fn null() {
    each_has_one(&[
        (
            "country = null",
            "E0305",
            "country = null",
            "nothing can be compared with `null`",
            "use `is null`",
        ),
        (
            "country != null",
            "E0305",
            "country != null",
            "nothing can be compared with `null`",
            "use `is not null`",
        ),
        (
            "null = country",
            "E0305",
            "null = country",
            "nothing can be compared with `null`",
            "use `is null`",
        ),
        (
            "country in ('a', null)",
            "E0305",
            "null",
            "nothing can be compared with `null`",
            "use `is null`",
        ),
        (
            "points between null and 3",
            "E0305",
            "null",
            "nothing can be compared with `null`",
            "use `is null`",
        ),
        (
            "country contains null",
            "E0305",
            "null",
            "nothing can be compared with `null`",
            "use `is null`",
        ),
        (
            "tags contains null",
            "E0305",
            "null",
            "a set does not hold `null`",
            "whether a set is empty is asked with `is empty`",
        ),
    ]);
}

#[test]
fn ignoring() {
    let circle = "use `between … and …`, which may go over New Year";
    each_has_one(&[
        (
            "birthday < 07-25",
            "E0306",
            "birthday < 07-25",
            "`<` does not work without the year: month-days go round",
            circle,
        ),
        (
            "birthday >= today ignoring year",
            "E0306",
            "birthday >= today ignoring year",
            "`>=` does not work without the year: month-days go round",
            circle,
        ),
        (
            "points = 5 ignoring year",
            "E0306",
            "points",
            "`ignoring year` works on dates and datetimes, not on a number",
            "",
        ),
        (
            "country contains 'a' ignoring year",
            "E0306",
            "country contains 'a'",
            "`ignoring year` works on dates and datetimes, not on a text",
            "",
        ),
        (
            "birthday = 3 hours ago ignoring year",
            "E0306",
            "3 hours ago",
            "`ignoring year` counts in days, not in hours and minutes",
            "use days, weeks, months or years",
        ),
        (
            "created_at within last 3 hours ignoring year",
            "E0306",
            "created_at within last 3 hours ignoring year",
            "`ignoring year` counts in days, not in hours and minutes",
            "use days, weeks, months or years",
        ),
        (
            "points = 5 ignoring case",
            "E0307",
            "points = 5 ignoring case",
            "`ignoring case` works on texts, not on a number",
            "",
        ),
        (
            "lists contains 5 ignoring case",
            "E0307",
            "lists contains 5",
            "`ignoring case` works on texts, not on a set of whole numbers",
            "",
        ),
        (
            "birthday within last 3 days ignoring case",
            "E0307",
            "birthday within last 3 days ignoring case",
            "`ignoring case` works on texts, not on a date",
            "",
        ),
    ]);
}

#[test]
fn fixed_values() {
    each_has_one(&[
        (
            "round(score, points) = 1",
            "E0311",
            "points",
            "the digits of `round` are a whole number from -18 to 18",
            "",
        ),
        (
            "round(score, 19) = 1",
            "E0311",
            "19",
            "the digits of `round` are a whole number from -18 to 18",
            "",
        ),
        (
            "round(score, 1.5) = 1",
            "E0311",
            "1.5",
            "the digits of `round` are a whole number from -18 to 18",
            "",
        ),
        (
            "tags contains country",
            "E0311",
            "country",
            "an element of a set is looked for as it is written, not computed",
            "name texts here",
        ),
        (
            "birthday < points days ago",
            "E0311",
            "points",
            "`points` is a column, and a fixed number is wanted here",
            "",
        ),
        (
            "at least points of (active)",
            "E0311",
            "points",
            "`points` is a column, and a fixed number is wanted here",
            "",
        ),
        ("birthday < many days ago", "E0201", "many", "no `let` is called `many`", ""),
        (
            "lists contains 99999999999999999999",
            "E0105",
            "99999999999999999999",
            "no element of this set is that large",
            "",
        ),
    ]);
}

#[test]
fn precision() {
    all_fine(&["exists(items where price * price > 1)"]);
    each_has_one(&[(
        "exists(items where price * price * 1.0 > 1)",
        "E0312",
        "price * price * 1.0",
        "this product has more than 36 digits after the point",
        "write factors with fewer digits, or divide: the result of `/` is a float",
    )]);
}

#[test]
fn time() {
    let clock = "a date has no time of day, so hours and minutes do not fit it";
    let instant = "a date cannot be compared with an instant";
    each_has_one(&[
        (
            "birthday > 99999999999 days ago",
            "E0401",
            "99999999999 days ago",
            "`99999999999 days` is more than 10,000 years",
            "",
        ),
        (
            "birthday within next 10001 years",
            "E0401",
            "birthday within next 10001 years",
            "`10001 years` is more than 10,000 years",
            "",
        ),
        (
            "birthday > 3 hours ago",
            "E0402",
            "3 hours ago",
            clock,
            "count in days, as in `2 days ago`",
        ),
        (
            "birthday within last 3 hours",
            "E0402",
            "birthday within last 3 hours",
            clock,
            "count in days, as in `within last 2 days`",
        ),
        ("birthday < now", "E0403", "now", instant, "use `today`"),
        (
            "birthday = 2020-01-01T10:00:00Z",
            "E0403",
            "2020-01-01T10:00:00Z",
            instant,
            "write the day alone, as in `2026-11-01`",
        ),
        ("birthday between 2020-01-01 and now", "E0403", "now", instant, "use `today`"),
        ("birthday in (today, now)", "E0403", "now", instant, "use `today`"),
    ]);
}

#[test]
fn windows_in_the_wrong_order() {
    let message = "this window ends before it starts, so nothing lies in it";
    let help = "the earlier end comes first";
    each_has_one(&[
        ("birthday between today and 7 days ago", "W0101", "today and 7 days ago", message, help),
        (
            "birthday between in 2 weeks and today ignoring year",
            "W0101",
            "in 2 weeks and today",
            message,
            help,
        ),
        (
            "birthday between 1 year ago and 11 months ago and birthday between 11 months ago and 1 year ago",
            "W0101",
            "11 months ago and 1 year ago",
            message,
            help,
        ),
        (
            "birthday between 2020-02-01 and 2020-01-01",
            "W0206",
            "2020-02-01 and 2020-01-01",
            "the ends of `between` are swapped, so nothing lies between them",
            "write `between 2020-01-01 and 2020-02-01`",
        ),
        (
            "birthday between 27 days ago and 1 month ago",
            "W0101",
            "27 days ago and 1 month ago",
            message,
            help,
        ),
        ("created_at between now and 1 hour ago", "W0101", "now and 1 hour ago", message, help),
    ]);
    all_fine(&[
        "birthday between 30 days ago and 1 month ago",
        "birthday between 1 year ago and 366 days ago",
        "birthday between 2020-12-02 and 2020-01-03 ignoring year",
    ]);
    assert!(check_condition("birthday between 12-02 and 01-03").is_empty());
}

#[test]
fn days_that_read_as_calculations() {
    let help = |text: &str| check_condition(text)[0].help.clone().unwrap_or_default();
    assert_eq!(help("birthday = 7-25"), "a month-day is written `07-25`");
    assert_eq!(help("birthday = 07/25"), "a month-day is written `07-25`");
    assert_eq!(help("birthday = 1990/07/25"), "a date is written `1990-07-25`");
    assert_eq!(help("birthday between 1990/7/5 and today"), "a date is written `1990-07-05`");
    for none in ["13/25", "1990/02/30", "points - 25"] {
        let general = "a distance in days is `days_since(…)`, another day is `30 days ago`";
        assert_eq!(help(&format!("birthday = {none}")), general);
    }
}
