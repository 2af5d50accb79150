//! Random rules over a world, as text: every form of the evaluated grammar, and always well typed.

use super::{
    choices::Choices,
    definitions::{Definition, Sort, amount, used},
    world::{self, Kind, Table, World},
};

/// What a name can stand for where a condition stands.
#[derive(Default)]
pub(super) struct Scope {
    paths: Vec<(String, Kind)>,
    /// The child tables that aggregates can reach, with the scope of their rows; none in a row filter.
    pub(super) children: Vec<(String, bool, Scope)>,
    /// Segments that can be referred to.
    pub(super) segments: Vec<&'static str>,
    pub(super) definitions: Vec<Definition>,
    /// Whether there are scores by purchases, and names for them; only of customers.
    rfm: Option<bool>,
    /// Whether there are predictions; only of customers.
    predict: bool,
}

impl Scope {
    pub(super) fn of_customers(world: &World) -> Self {
        let table =
            |name: &str| world.tables.iter().find(|table| table.name == name).expect("a table");
        let key = if world.text_keys { Kind::Text } else { Kind::Int };
        let mut own = paths(world, table("customers"));
        own.push(("id".to_owned(), key));
        let of_customer: Vec<_> =
            own.iter().map(|(path, kind)| (format!("customer.{path}"), *kind)).collect();
        let mut children = Vec::new();
        let mut above: Vec<(String, Kind)> = Vec::new();
        for name in ["rows", "parts", "bits"] {
            let table = table(name);
            let mut row = paths(world, table);
            row.extend(above.iter().cloned());
            above = row.iter().map(|(path, kind)| (format!("parent.{path}"), *kind)).collect();
            row.extend(of_customer.iter().cloned());
            let scope = Self { paths: row, ..Self::default() };
            children.push((name.to_owned(), table.has_time, scope));
        }
        Self { paths: own, children, rfm: world.rfm, predict: world.predict, ..Self::default() }
    }

    pub(super) fn path(&self, c: &mut Choices<'_>, fits: impl Fn(Kind) -> bool) -> String {
        let fitting: Vec<_> = self.paths.iter().filter(|(_, kind)| fits(*kind)).collect();
        let path = fitting[c.below(fitting.len())].0.clone();
        if !c.one_in(16) {
            return path;
        }
        let (before, name) =
            path.rsplit_once('.').map_or(("", &*path), |(before, name)| (before, name));
        format!("{before}{}`{name}`", if before.is_empty() { "" } else { "." })
    }
}

/// The columns of a table and of the lookups that it refers to.
fn paths(world: &World, table: &Table) -> Vec<(String, Kind)> {
    let mut found = Vec::new();
    for column in &table.columns {
        found.push((column.name.clone(), column.kind));
        let lookup = column.to.and_then(|to| world.tables.iter().find(|table| table.name == to));
        for (path, kind) in lookup.map(|lookup| paths(world, lookup)).unwrap_or_default() {
            found.push((format!("{}.{path}", column.name), kind));
        }
    }
    found
}

/// A condition, at most `depth` levels deep.
pub(super) fn condition(c: &mut Choices<'_>, scope: &Scope, depth: usize) -> String {
    if depth == 0 {
        let depth = c.below(2);
        return test(c, scope, depth);
    }
    let deeper = |c: &mut Choices<'_>| condition(c, scope, depth - 1);
    match c.below(13) {
        0..=4 => test(c, scope, depth),
        5 => format!("not {}", brackets(deeper(c))),
        6 => format!("{} and {}", brackets(deeper(c)), brackets(deeper(c))),
        7 => format!("{} or {}", brackets(deeper(c)), brackets(deeper(c))),
        // Without brackets the tighter operator wins, in every reader.
        8 => format!("{} {} {}", test(c, scope, 0), c.of(&["and", "or"]), deeper(c)),
        9 => {
            let word = match c.below(8) {
                0..=2 => c.of(&["all of", "any of", "none of"]).to_owned(),
                3 | 4 => format!("at least {} of", amount(c, scope, &["1", "2", "0", "5"])),
                5 => format!("at most {} of", amount(c, scope, &["1", "0", "2"])),
                _ => format!("exactly {} of", amount(c, scope, &["1", "2", "0"])),
            };
            let list: Vec<_> = (0..=c.below(3)).map(|_| deeper(c)).collect();
            format!("{word} ({})", list.join(", "))
        }
        10 => format!("{} = {}", brackets(deeper(c)), c.of(&["true", "false"])),
        11 => used(c, scope, Sort::Condition).unwrap_or_else(|| test(c, scope, depth)),
        _ if !scope.segments.is_empty() => format!("in segment {}", c.of(&scope.segments)),
        _ => c.of(&["true", "false"]).to_owned(),
    }
}

fn brackets(text: String) -> String {
    format!("({text})")
}

/// A comparison or another test of values.
fn test(c: &mut Choices<'_>, scope: &Scope, depth: usize) -> String {
    match c.below(15) {
        14 if scope.predict => {
            let own = c.of(&["predict.alive", "predict.next_order", "predict.spend_tier"]);
            format!("{own} {}", c.of(&["is null", "is not null"]))
        }
        13 if scope.rfm.is_some() => {
            let own = c.of(&["rfm.recency", "rfm.frequency", "rfm.monetary", "rfm.score"]);
            format!("{own} {}", c.of(&["is null", "is not null"]))
        }
        0 | 1 => numbers(c, scope, depth),
        2 => texts(c, scope, depth),
        3 => booleans(c, scope),
        4 | 5 => times(c, scope, depth),
        6 => ignoring_year(c, scope, depth),
        7 => sets(c, scope),
        8 => format!(
            "{} {}",
            scope.path(c, |kind| !matches!(kind, Kind::Texts | Kind::Ints)),
            c.of(&["is null", "is not null"])
        ),
        9 if !scope.children.is_empty() => format!(
            "{} {} by {}",
            c.of(&["top", "bottom"]),
            c.of(&[
                "1",
                "2",
                "5",
                "1000",
                "10 percent",
                "12.5 percent",
                "33.3 percent",
                "50 percent",
                "0.001 percent",
                "99.9 percent",
                "100 percent",
            ]),
            ranked(c, scope, depth)
        ),
        10 => places(c, scope),
        11 => sample(c, scope),
        _ => rows(c, scope, depth),
    }
}

/// What customers are put in order by.
fn ranked(c: &mut Choices<'_>, scope: &Scope, depth: usize) -> String {
    match c.below(4) {
        0 => time(c, scope, 0),
        1 => time(c, scope, depth),
        _ => number(c, scope, depth.min(2)),
    }
}

/// A date or a datetime: a column's, or over rows.
pub(super) fn time(c: &mut Choices<'_>, scope: &Scope, depth: usize) -> String {
    let is_time = |kind| matches!(kind, Kind::Date | Kind::DateTime);
    let over_rows = (depth > 0).then(|| aggregate(c, scope, is_time, depth)).flatten();
    over_rows.unwrap_or_else(|| scope.path(c, is_time))
}

fn comparison(c: &mut Choices<'_>) -> &'static str {
    c.of(&["=", "<", ">", "!=", "<=", ">="])
}

fn numbers(c: &mut Choices<'_>, scope: &Scope, depth: usize) -> String {
    let value = number(c, scope, depth.min(2));
    let other = |c: &mut Choices<'_>| number(c, scope, depth.min(1));
    match c.below(8) {
        0..=2 => format!("{value} {} {}", comparison(c), other(c)),
        3 => format!("{value} {}between {} and {}", c.of(&["", "not "]), other(c), other(c)),
        4 => format!("{value} {}in ({}, {})", c.of(&["", "not "]), other(c), other(c)),
        5 => format!("{value} {}", c.of(&["is null", "is not null"])),
        _ => {
            let is_number = |kind| matches!(kind, Kind::Int | Kind::Decimal(_) | Kind::Float);
            format!("{} {} {}", scope.path(c, is_number), comparison(c), beside(c))
        }
    }
}

/// On, or just beside, a number that columns often hold.
fn beside(c: &mut Choices<'_>) -> String {
    format!(
        "{}{}",
        c.of(&["0", "1", "2", "3", "-1", "-2", "1_000"]),
        c.of(&["", ".5", ".001", ".0"])
    )
}

pub(super) fn number(c: &mut Choices<'_>, scope: &Scope, depth: usize) -> String {
    let is_number = |kind| matches!(kind, Kind::Int | Kind::Decimal(_) | Kind::Float);
    if depth == 0 {
        return if c.below(2) == 0 { scope.path(c, is_number) } else { literal(c) };
    }
    let deeper = |c: &mut Choices<'_>| number(c, scope, depth - 1);
    match c.below(23) {
        22 if scope.predict => predicted(c),
        0 | 1 => scope.path(c, is_number),
        21 if scope.rfm.is_some() => {
            c.of(&["rfm.recency", "rfm.frequency", "rfm.monetary"]).to_owned()
        }
        2 => literal(c),
        3..=5 => format!("({} {} {})", deeper(c), c.of(&["+", "-", "*", "/"]), deeper(c)),
        6 => format!(
            "{} {} {} {} {}",
            scope.path(c, is_number),
            c.of(&["+", "-"]),
            literal(c),
            c.of(&["*", "/"]),
            literal(c)
        ),
        7 => format!("abs({})", deeper(c)),
        8 => format!("round({}{})", deeper(c), c.of(&["", ", 1", ", 0", ", -1", ", 2"])),
        9 => format!("coalesce({}, {})", deeper(c), deeper(c)),
        10 | 17 => {
            let function = c.of(&["age", "days_since", "year", "month", "day", "weekday"]);
            format!(
                "{function}({})",
                scope.path(c, |kind| matches!(kind, Kind::Date | Kind::DateTime))
            )
        }
        11 => match c.below(3) {
            0 => {
                format!("size({})", scope.path(c, |kind| matches!(kind, Kind::Texts | Kind::Ints)))
            }
            1 => format!("length({})", scope.path(c, |kind| kind == Kind::Text)),
            _ => format!("hour({})", scope.path(c, |kind| kind == Kind::DateTime)),
        },
        12 => format!("-({})", deeper(c)),
        13 if !scope.children.is_empty() => format!(
            "quantile({}, {})",
            ranked(c, scope, depth - 1),
            c.of(&["1", "2", "3", "4", "5", "10", "100", "10_000"])
        ),
        14 => average_gap(c, scope, depth).unwrap_or_else(|| literal(c)),
        15 => used(c, scope, Sort::Number).unwrap_or_else(|| literal(c)),
        _ => aggregate(c, scope, is_number, depth).unwrap_or_else(|| literal(c)),
    }
}

fn literal(c: &mut Choices<'_>) -> String {
    let scale = u8::try_from(c.below(3)).unwrap();
    world::decimal(c, scale)
}

/// A number by purchases.
fn predicted(c: &mut Choices<'_>) -> String {
    let length = format!(
        "{} {}",
        c.of(&["1", "7", "30", "12", "2"]),
        c.of(&["days", "weeks", "months", "years"])
    );
    match c.below(3) {
        0 => "predict.alive".to_owned(),
        1 => format!("predict.orders({length})"),
        _ => format!("predict.value({length})"),
    }
}

fn texts(c: &mut Choices<'_>, scope: &Scope, depth: usize) -> String {
    let is_text = |kind| kind == Kind::Text;
    let scores = scope.rfm.filter(|_| c.one_in(3)).map(|groups| scores(c, groups));
    let tier = (scope.predict && c.one_in(6)).then(|| "predict.spend_tier".to_owned());
    let scores = scores.or(tier);
    let is_scores = scores.is_some();
    let value = match c.below(6) {
        _ if is_scores => scores.unwrap_or_default(),
        0 if depth > 0 => {
            aggregate(c, scope, is_text, depth).unwrap_or_else(|| scope.path(c, is_text))
        }
        3 => used(c, scope, Sort::Text).unwrap_or_else(|| scope.path(c, is_text)),
        1 => format!("lower({})", scope.path(c, is_text)),
        2 => format!("coalesce({}, 'b')", scope.path(c, is_text)),
        _ => scope.path(c, is_text),
    };
    let case = c.of(&["", "", " ignoring case"]);
    let other = |c: &mut Choices<'_>| match c.below(4) {
        0 => scope.path(c, is_text),
        _ if is_scores => score(c),
        _ => string(c),
    };
    match c.below(7) {
        0 | 1 => format!("{value} {} {}{case}", comparison(c), other(c)),
        2 => format!("{value} {}between {} and {}{case}", c.of(&["", "not "]), other(c), other(c)),
        3 => format!("{value} {}in ({}, {}){case}", c.of(&["", "not "]), other(c), other(c)),
        4 if is_scores => format!("{value} {}contains {}{case}", c.of(&["", "not "]), score(c)),
        4 => format!("{value} {}contains {}{case}", c.of(&["", "not "]), string(c)),
        5 => format!("{value} matches '{}'{case}", c.of(PATTERNS)),
        _ => format!("{value} {} with {}{case}", c.of(&["starts", "ends"]), string(c)),
    }
}

/// Scores by purchases as a text.
fn scores(c: &mut Choices<'_>, groups: bool) -> String {
    let own = if groups { c.of(&["rfm.group", "rfm.score"]) } else { "rfm.score" };
    match c.below(5) {
        0 => format!("lower({own})"),
        1 => format!("coalesce({own}, 'ab')"),
        _ => own.to_owned(),
    }
}

/// What scores may be, or begin with.
fn score(c: &mut Choices<'_>) -> String {
    let text = c.of(&[
        "Champions",
        "Lost",
        "lost",
        "111",
        "555",
        "345",
        "1",
        "5",
        "1-1-1",
        "10-",
        "313",
        "Hibernating",
        "high",
        "medium",
        "low",
        "Regular",
        "New",
        "o",
    ]);
    format!("'{text}'")
}

/// In either quotes, now and then with an escape.
fn string(c: &mut Choices<'_>) -> String {
    let text = world::text(c);
    let mut characters = text.chars();
    match (c.below(8), characters.next()) {
        (6, _) => format!("\"{text}\""),
        (7, Some(first)) => format!("'\\u{{{:x}}}{}'", u32::from(first), characters.as_str()),
        _ => format!("'{text}'"),
    }
}

const PATTERNS: &[&str] = &[
    "a",
    "^a",
    "b$",
    "",
    "^.$",
    "^[a-c]+$",
    "ä",
    "(?i)B",
    "\\\\p{Lu}",
    "^(a|zzz)$",
    "x.y|\\\\W",
    "z{2}",
    "^$",
];

fn places(c: &mut Choices<'_>, scope: &Scope) -> String {
    let value = scope.path(c, |kind| kind == Kind::Geo);
    let distance = c.of(&["20", "0", "18.90", "18.91", "11.75", "600", "10_000", "20_016"]);
    let (latitude, longitude) = world::place(c);
    format!("{value} within {distance} {} of ({latitude}, {longitude})", c.of(&["km", "mi"]))
}

/// Of customers alone.
fn sample(c: &mut Choices<'_>, scope: &Scope) -> String {
    if scope.children.is_empty() {
        return places(c, scope);
    }
    let percent = c.of(&["50", "0", "10", "33.3", "100", "90.000000000000000001"]);
    format!("sample {percent} percent seed '{}'", c.of(&["", "x", "holdout-1"]))
}

fn booleans(c: &mut Choices<'_>, scope: &Scope) -> String {
    let path = scope.path(c, |kind| kind == Kind::Bool);
    match c.below(5) {
        0 => path,
        1 => format!("not {path}"),
        2 => format!("coalesce({path}, true)"),
        3 => format!("{path} in (true, {})", scope.path(c, |kind| kind == Kind::Bool)),
        _ => format!("{path} {} {}", c.of(&["=", "!="]), c.of(&["true", "false"])),
    }
}

fn times(c: &mut Choices<'_>, scope: &Scope, depth: usize) -> String {
    let is_datetime = c.below(2) == 1;
    let is_this = |kind| kind == if is_datetime { Kind::DateTime } else { Kind::Date };
    let value = match c.below(5) {
        0 if depth > 0 => {
            aggregate(c, scope, is_this, depth).unwrap_or_else(|| scope.path(c, is_this))
        }
        1 if scope.predict && !is_datetime => "predict.next_order".to_owned(),
        _ => scope.path(c, is_this),
    };
    let bound = |c: &mut Choices<'_>| moment(c, scope, is_datetime);
    match c.below(7) {
        0..=2 => format!("{value} {} {}", comparison(c), bound(c)),
        3 => format!("{value} {}between {} and {}", c.of(&["", "not "]), bound(c), bound(c)),
        4 => format!("{value} {}in ({}, {})", c.of(&["", "not "]), bound(c), bound(c)),
        5 if is_datetime => {
            format!("{value} within {} {}", c.of(&["last", "next"]), short_span(c, scope))
        }
        _ => format!("{value} within {} {}", c.of(&["last", "next"]), span(c, scope)),
    }
}

fn span(c: &mut Choices<'_>, scope: &Scope) -> String {
    let amount = amount(c, scope, &["1", "0", "7", "30", "2", "12", "365", "364"]);
    format!("{amount} {}", c.of(&["days", "weeks", "months", "years"]))
}

/// A day; or, beside a datetime, perhaps an instant.
pub(super) fn moment(c: &mut Choices<'_>, scope: &Scope, instants: bool) -> String {
    match c.below(if instants { 13 } else { 9 }) {
        0 => world::day(c),
        1 => c.of(&["today", "yesterday", "tomorrow"]).to_owned(),
        2 => format!("{} ago", span(c, scope)),
        3 => format!("in {}", span(c, scope)),
        4 => c.of(&["-30d", "+7d", "-3m", "-1y", "-2w", "+1y"]).to_owned(),
        5 => scope.path(c, |kind| kind == Kind::Date),
        6 => scope.path(c, |kind| kind == Kind::DateTime),
        7 => format!("coalesce({}, {})", scope.path(c, |kind| kind == Kind::Date), world::day(c)),
        8 => used(c, scope, Sort::Day).unwrap_or_else(|| world::day(c)),
        9 => format!("{}T{}{}", world::day(c), world::time_of_day(c), c.of(&["", "Z", "+02:00"])),
        10 => "now".to_owned(),
        11 => format!("{} ago", short_span(c, scope)),
        _ => format!("in {}", short_span(c, scope)),
    }
}

/// Of instants.
fn short_span(c: &mut Choices<'_>, scope: &Scope) -> String {
    let amount = amount(c, scope, &["1", "0", "24", "59", "90"]);
    format!("{amount} {}", c.of(&["hours", "minutes"]))
}

fn ignoring_year(c: &mut Choices<'_>, scope: &Scope, depth: usize) -> String {
    let value = match c.below(5) {
        0 => time(c, scope, depth),
        _ => time(c, scope, 0),
    };
    let bound = |c: &mut Choices<'_>| match c.below(6) {
        0 | 1 => c.of(&["02-29", "02-28", "03-01", "12-31", "01-01", "11-01", "10-25"]).to_owned(),
        2 => world::day(c),
        3 => time(c, scope, 0),
        4 => c.of(&["today", "yesterday", "tomorrow"]).to_owned(),
        _ => relative(c, scope),
    };
    match c.below(5) {
        0 => format!("{value} {} {} ignoring year", c.of(&["=", "!="]), bound(c)),
        1 | 2 => format!(
            "{value} {}between {} and {} ignoring year",
            c.of(&["", "not "]),
            bound(c),
            bound(c)
        ),
        3 => {
            format!("{value} {}in ({}, {}) ignoring year", c.of(&["", "not "]), bound(c), bound(c))
        }
        _ => format!("{value} within {} {} ignoring year", c.of(&["last", "next"]), span(c, scope)),
    }
}

fn relative(c: &mut Choices<'_>, scope: &Scope) -> String {
    match c.below(3) {
        0 => format!("{} ago", span(c, scope)),
        1 => format!("in {}", span(c, scope)),
        _ => c.of(&["-30d", "+7d", "-3m", "+1y"]).to_owned(),
    }
}

fn sets(c: &mut Choices<'_>, scope: &Scope) -> String {
    let is_texts = c.below(2) == 0;
    let value = scope.path(c, |kind| kind == if is_texts { Kind::Texts } else { Kind::Ints });
    let item = |c: &mut Choices<'_>| {
        if is_texts { string(c) } else { c.of(&["0", "1", "5", "-1"]).to_owned() }
    };
    let case = if is_texts { c.of(&["", "", " ignoring case"]) } else { "" };
    match c.below(4) {
        0 => format!("{value} {}contains {}{case}", c.of(&["", "not "]), item(c)),
        1 => format!(
            "{value} {}contains any of ({}, {}){case}",
            c.of(&["", "not "]),
            item(c),
            item(c)
        ),
        2 => format!(
            "{value} {}contains all of ({}, {}){case}",
            c.of(&["", "not "]),
            item(c),
            item(c)
        ),
        _ => format!("{value} {}", c.of(&["is empty", "is not empty"])),
    }
}

/// Conditions on the number of rows.
fn rows(c: &mut Choices<'_>, scope: &Scope, depth: usize) -> String {
    if scope.children.is_empty() {
        return numbers(c, scope, 1);
    }
    let (table, _, row) = &scope.children[c.below(scope.children.len())];
    let filter = filter(c, row, depth);
    match c.below(4) {
        0 => format!("exists({table}{filter})"),
        1 => format!("exists({table}{filter}) = {}", c.of(&["false", "true"])),
        _ => format!("count({table}{filter}) {} {}", comparison(c), c.below(4)),
    }
}

fn filter(c: &mut Choices<'_>, row: &Scope, depth: usize) -> String {
    if c.below(3) == 0 {
        String::new()
    } else {
        format!(" where {}", condition(c, row, depth.clamp(1, 2)))
    }
}

/// An aggregate whose value is of such a kind.
fn aggregate(
    c: &mut Choices<'_>,
    scope: &Scope,
    fits: impl Fn(Kind) -> bool,
    depth: usize,
) -> Option<String> {
    if scope.children.is_empty() {
        return None;
    }
    let (table, has_time, row) = &scope.children[c.below(scope.children.len())];
    let own = |path: &str| !path.starts_with("parent.") && !path.starts_with("customer.");
    let paths: Vec<_> = row.paths.iter().filter(|(path, kind)| own(path) && fits(*kind)).collect();
    let (path, kind) = paths[c.below(paths.len())];
    let is_number = matches!(kind, Kind::Int | Kind::Decimal(_) | Kind::Float);
    let has_order = !matches!(kind, Kind::Bool);
    let mut functions: Vec<&str> = Vec::new();
    functions.extend(if is_number { &["sum", "avg"][..] } else { &[] });
    functions.extend(if has_order && !is_reference(path) { &["min", "max"][..] } else { &[] });
    functions.extend(if *has_time { &["first", "last"][..] } else { &[] });
    if functions.is_empty() {
        return None;
    }
    let filter = filter(c, row, depth - 1);
    if is_number && c.one_in(4) {
        let every: Vec<_> = row.paths.iter().filter(|(path, _)| own(path)).collect();
        let (path, kind) = every[c.below(every.len())];
        let single = !matches!(kind, Kind::Texts | Kind::Ints | Kind::Geo);
        let distinct = if single { c.of(&["distinct ", "", "distinct "]) } else { "" };
        return Some(format!("count({distinct}{table}.{path}{filter})"));
    }
    Some(format!("{}({table}.{path}{filter})", c.of(&functions)))
}

fn average_gap(c: &mut Choices<'_>, scope: &Scope, depth: usize) -> Option<String> {
    let timed: Vec<_> = scope.children.iter().filter(|(_, has_time, _)| *has_time).collect();
    let (table, _, row) = timed.get(c.below(timed.len()))?;
    Some(format!("average_gap({table}{})", filter(c, row, depth - 1)))
}

fn is_reference(path: &str) -> bool {
    path.ends_with("shop") || path.ends_with("sold") || path.ends_with("town")
}
