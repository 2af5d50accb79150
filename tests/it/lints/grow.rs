//! Random rules of few columns and few constants, so that lints find much in them. Every condition keeps where it
//! stands in the text, so that a finding can be led back to it.

use std::ops::Range;

use crate::differential::choices::Choices;

pub(super) const SCHEMA: &str = r#"
timezone = "Europe/Stockholm"

[customers]
key = "id"
created = "since"
[customers.columns]
id = "int"
since = "datetime"
n = "int"
m = { type = "int", required = true }
d = "decimal(1)"
f = "float"
t = "text"
u = { type = "text", required = true }
b = "bool"
c = { type = "bool", required = true }
day = "date"
at = "datetime"
s = "set<text>"
home = "geo"
shop = "ref<shops>"

[tables.rows]
customer = "owner"
time = "r_at"
[tables.rows.columns]
owner = "int"
r_at = "datetime"
r_n = "int"
r_m = { type = "int", required = true }
r_t = "text"
r_b = "bool"

[lookups.shops]
key = "shop_id"
[lookups.shops.columns]
shop_id = "text"
size = "int"
"#;

#[derive(Clone)]
pub(super) enum Node {
    Test(String),
    Not(Box<Node>),
    /// `and`, `or`
    Chain(&'static str, Vec<Node>),
    /// `all of` and its kin
    List(&'static str, Vec<Node>),
    /// A value, and elements that it is compared with.
    Elements(String, Vec<String>),
    /// What stands in front of a row filter, the filter, and what stands behind it.
    Rows(String, Box<Node>, String),
}

/// The way down from a condition to one in it; of `Elements` the last step is an element.
pub(super) type Way = Vec<usize>;

impl Node {
    /// Writes it, and notes where it and all in it stand, with brackets and without.
    pub(super) fn write(
        &self,
        out: &mut String,
        way: &mut Way,
        places: &mut Vec<(Range<usize>, Way)>,
    ) {
        let bare = matches!(self, Self::Test(_) | Self::Elements(..) | Self::Rows(..));
        let outside = out.len();
        if !bare {
            out.push('(');
        }
        let inside = out.len();
        let mut child = |out: &mut String, number: usize, node: &Self| {
            way.push(number);
            node.write(out, way, places);
            way.pop();
        };
        match self {
            Self::Test(text) => out.push_str(text),
            Self::Not(inner) => {
                out.push_str("not ");
                child(out, 0, inner);
            }
            Self::Chain(word, list) => {
                for (number, node) in list.iter().enumerate() {
                    if number > 0 {
                        out.push_str(&format!(" {word} "));
                    }
                    child(out, number, node);
                }
            }
            Self::List(word, list) => {
                out.push_str(&format!("{word} ("));
                for (number, node) in list.iter().enumerate() {
                    if number > 0 {
                        out.push_str(", ");
                    }
                    child(out, number, node);
                }
                out.push(')');
            }
            Self::Elements(head, items) => {
                out.push_str(head);
                for (number, item) in items.iter().enumerate() {
                    out.push_str(if number == 0 { " (" } else { ", " });
                    let start = out.len();
                    out.push_str(item);
                    let place = way.iter().copied().chain([number]).collect();
                    places.push((start..out.len(), place));
                }
                out.push(')');
            }
            Self::Rows(head, filter, tail) => {
                out.push_str(head);
                child(out, 0, filter);
                out.push_str(tail);
            }
        }
        places.push((inside..out.len(), way.clone()));
        if !bare {
            out.push(')');
            places.push((outside..out.len(), way.clone()));
        }
    }

    pub(super) fn text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, &mut Vec::new(), &mut Vec::new());
        out
    }

    pub(super) fn child(&self, number: usize) -> Option<&Self> {
        match self {
            Self::Test(_) | Self::Elements(..) => None,
            Self::Not(inner) | Self::Rows(_, inner, _) => Some(inner),
            Self::Chain(_, list) | Self::List(_, list) => list.get(number),
        }
    }

    /// Without one of its operands or elements.
    pub(super) fn without(&self, number: usize) -> Self {
        let mut copy = self.clone();
        match &mut copy {
            Self::Chain(_, list) | Self::List(_, list) => drop(list.remove(number)),
            Self::Elements(_, items) => drop(items.remove(number)),
            Self::Test(_) | Self::Not(_) | Self::Rows(..) => panic!("not a list"),
        }
        copy
    }
}

/// A condition on customers, or on rows.
pub(super) fn condition(
    c: &mut Choices<'_>,
    depth: usize,
    rows: bool,
    segments: &[String],
) -> Node {
    if depth == 0 {
        return test(c, rows, 0, segments);
    }
    let list = |c: &mut Choices<'_>| {
        let count = 2 + c.below(3);
        (0..count).map(|_| condition(c, depth - 1, rows, segments)).collect()
    };
    match c.below(10) {
        0..=2 => test(c, rows, depth, segments),
        3 | 4 => Node::Chain("and", list(c)),
        5 | 6 => Node::Chain("or", list(c)),
        7 => Node::Not(Box::new(condition(c, depth - 1, rows, segments))),
        _ => {
            let words = [
                "all of",
                "any of",
                "none of",
                "at least 2 of",
                "at most 1 of",
                "exactly 1 of",
                "exactly 2 of",
                "at least 1 of",
                "at least 3 of",
                "at most 2 of",
            ];
            Node::List(words[c.below(words.len())], list(c))
        }
    }
}

fn test(c: &mut Choices<'_>, rows: bool, depth: usize, segments: &[String]) -> Node {
    if rows {
        return match c.below(8) {
            0 | 1 => number(c, &["r_n", "r_m", "customer.n", "abs(r_n)"]),
            2 | 3 => text(c, &["r_t", "customer.t", "r_t"]),
            4 => truth(c, &["r_b", "customer.b"]),
            5 | 6 => time(c, "r_at", true),
            _ => missing(c, &["r_n", "r_m", "r_t", "r_at", "r_b", "customer.since"]),
        };
    }
    match c.below(17) {
        0..=2 => number(c, &["n", "m", "d", "f", "n", "n"]),
        3 => number(
            c,
            &["age(day)", "days_since(at)", "month(day)", "weekday(at)", "hour(at)", "year(day)"],
        ),
        4 => number(
            c,
            &[
                "length(t)",
                "size(s)",
                "coalesce(n, 0)",
                "abs(n)",
                "n + 1",
                "-n",
                "round(d)",
                "shop.size",
            ],
        ),
        5 => compared(c),
        6 | 7 => text(c, &["t", "u", "t", "shop", "lower(t)", "coalesce(t, 'a')"]),
        8 => truth(c, &["b", "c"]),
        9 => time(c, "day", false),
        10 => match c.below(3) {
            0 => time(c, "since", true),
            _ => time(c, "at", true),
        },
        11 => set(c),
        12 => missing(
            c,
            &[
                "n",
                "m",
                "d",
                "f",
                "t",
                "u",
                "b",
                "day",
                "at",
                "since",
                "age(day)",
                "home",
                "month(at)",
            ],
        ),
        13 => yearly(c),
        14 => match (segments, c.below(3)) {
            ([], _) | (_, 0) => other(c),
            (segments, _) => {
                Node::Test(format!("in segment {}", segments[c.below(segments.len())]))
            }
        },
        _ => aggregate(c, depth),
    }
}

fn sign(c: &mut Choices<'_>) -> &'static str {
    c.of(&["=", "!=", "<", "<=", ">", ">="])
}

fn not(c: &mut Choices<'_>) -> &'static str {
    c.of(&["", "", "not "])
}

fn digit(c: &mut Choices<'_>) -> String {
    c.of(&["0", "1", "2", "3", "-1", "1.5", "0.5", "2.0", "1 + 1", "1 / 2", "12"]).to_owned()
}

fn number(c: &mut Choices<'_>, columns: &[&str]) -> Node {
    let column = c.of(columns).to_owned();
    match c.below(7) {
        0..=3 => Node::Test(format!("{column} {} {}", sign(c), digit(c))),
        4 => Node::Test(format!("{column} {}between {} and {}", not(c), digit(c), digit(c))),
        5 => {
            let items = (0..=c.below(4)).map(|_| digit(c)).collect();
            Node::Elements(format!("{column} {}in", not(c)), items)
        }
        _ => Node::Test(format!("{} {} {column}", digit(c), sign(c))),
    }
}

/// A column beside another one.
fn compared(c: &mut Choices<'_>) -> Node {
    let (one, other) = match c.below(4) {
        0 => ("n", "m"),
        1 => ("n", "f"),
        2 => ("m", "n"),
        _ => ("n", "n"),
    };
    Node::Test(format!("{one} {} {other}", sign(c)))
}

fn word(c: &mut Choices<'_>) -> String {
    c.of(&["'a'", "'b'", "'A'", "'ab'", "''", "'aB'"]).to_owned()
}

fn text(c: &mut Choices<'_>, columns: &[&str]) -> Node {
    let column = c.of(columns).to_owned();
    let case = c.of(&["", "", " ignoring case"]);
    match c.below(8) {
        0..=2 => Node::Test(format!("{column} {} {}{case}", sign(c), word(c))),
        3 => Node::Test(format!("{column} {}between {} and {}{case}", not(c), word(c), word(c))),
        4 | 5 => {
            let items = (0..=c.below(4)).map(|_| word(c)).collect();
            Node::Elements(format!("{column} {}in", not(c)), items)
        }
        6 => Node::Test(format!("{column} {}contains {}{case}", not(c), word(c))),
        _ => Node::Test(format!(
            "{column} {} with {}{case}",
            c.of(&["starts", "starts", "ends"]),
            word(c)
        )),
    }
}

fn truth(c: &mut Choices<'_>, columns: &[&str]) -> Node {
    let column = c.of(columns).to_owned();
    Node::Test(match c.below(3) {
        0 => column,
        _ => format!("{column} {} {}", c.of(&["=", "!="]), c.of(&["true", "false"])),
    })
}

fn missing(c: &mut Choices<'_>, columns: &[&str]) -> Node {
    Node::Test(format!("{} is {}null", c.of(columns), c.of(&["", "not "])))
}

fn moment(c: &mut Choices<'_>, instants: bool) -> String {
    let days = [
        "2026-03-01",
        "2026-02-28",
        "2024-02-29",
        "today",
        "yesterday",
        "tomorrow",
        "30 days ago",
        "1 month ago",
        "2 months ago",
        "31 days ago",
        "in 1 month",
        "in 27 days",
        "1 year ago",
        "365 days ago",
        "366 days ago",
        "59 days ago",
        "0 days ago",
        "4 weeks ago",
        "12 months ago",
    ];
    let times = [
        "2026-03-01T12:00",
        "2026-03-01T00:00",
        "now",
        "24 hours ago",
        "720 hours ago",
        "in 30 minutes",
        "0 hours ago",
    ];
    match c.below(3) {
        0 if instants => times[c.below(times.len())].to_owned(),
        _ => days[c.below(days.len())].to_owned(),
    }
}

fn time(c: &mut Choices<'_>, column: &str, instants: bool) -> Node {
    match c.below(7) {
        0..=2 => Node::Test(format!("{column} {} {}", sign(c), moment(c, instants))),
        3 => Node::Test(format!(
            "{column} {}between {} and {}",
            not(c),
            moment(c, instants),
            moment(c, instants)
        )),
        4 => Node::Elements(
            format!("{column} {}in", not(c)),
            (0..=c.below(3)).map(|_| moment(c, instants)).collect(),
        ),
        _ => {
            let amount = c.of(&["1", "0", "30", "31", "2", "12"]);
            let unit = if instants {
                c.of(&["days", "months", "hours", "weeks", "minutes", "years"])
            } else {
                c.of(&["days", "months", "weeks", "years"])
            };
            Node::Test(format!("{column} within {} {amount} {unit}", c.of(&["last", "next"])))
        }
    }
}

fn yearly(c: &mut Choices<'_>) -> Node {
    let column = c.of(&["day", "at"]);
    let bound = |c: &mut Choices<'_>| {
        c.of(&["02-29", "02-28", "03-01", "12-31", "01-01", "2024-03-01"]).to_owned()
    };
    Node::Test(match c.below(4) {
        0 => format!("{column} {} {} ignoring year", c.of(&["=", "!="]), bound(c)),
        1 | 2 => format!("{column} {}between {} and {} ignoring year", not(c), bound(c), bound(c)),
        _ => format!(
            "{column} within {} {} days ignoring year",
            c.of(&["last", "next"]),
            c.of(&["1", "30"])
        ),
    })
}

fn set(c: &mut Choices<'_>) -> Node {
    match c.below(4) {
        0 => Node::Test(format!("s is {}empty", c.of(&["", "not "]))),
        1 | 2 => {
            Node::Test(format!("s {}contains {}{}", not(c), word(c), c.of(&["", " ignoring case"])))
        }
        _ => {
            let items = (0..=c.below(3)).map(|_| word(c)).collect();
            Node::Elements(format!("s {}contains {} of", not(c), c.of(&["any", "all"])), items)
        }
    }
}

fn other(c: &mut Choices<'_>) -> Node {
    Node::Test(match c.below(4) {
        0 => format!(
            "sample {} percent seed '{}'",
            c.of(&["10", "50", "100", "0"]),
            c.of(&["x", "y"])
        ),
        1 => format!("home within {} km of (59, 18)", c.of(&["0", "1", "500"])),
        2 => format!("t matches '{}'", c.of(&["a", "^b"])),
        _ => c.of(&["true", "false"]).to_owned(),
    })
}

fn aggregate(c: &mut Choices<'_>, depth: usize) -> Node {
    let mut head = c
        .of(&[
            "count(rows",
            "count(rows.r_n",
            "count(distinct rows.r_t",
            "sum(rows.r_n",
            "max(rows.r_n",
            "min(rows.r_m",
            "avg(rows.r_n",
            "last(rows.r_n",
            "average_gap(rows",
            "count(rows",
            "exists(rows",
        ])
        .to_owned();
    let mut tail = match c.below(4) {
        _ if head.starts_with("exists") => format!(") = {}", c.of(&["true", "false"])),
        0 => format!(") is {}null", c.of(&["", "not "])),
        _ => format!(") {} {}", sign(c), digit(c)),
    };
    if c.below(6) == 0 {
        head = c.of(&["last(rows.r_at", "first(rows.r_at", "max(rows.r_at"]).to_owned();
        tail = format!(") {} {}", sign(c), moment(c, true));
    }
    if c.below(2) == 0 {
        return Node::Test(head + &tail);
    }
    let filter = condition(c, depth.min(2), true, &[]);
    Node::Rows(head + " where ", Box::new(filter), tail)
}

/// Some customers and their rows, as CSV.
pub(super) fn data(c: &mut Choices<'_>, as_of: &str) -> [(&'static str, String); 3] {
    let mut customers = String::from("id,since,n,m,d,f,t,u,b,c,day,at,s,home_lat,home_lon,shop\n");
    let mut rows = String::from("owner,r_at,r_n,r_m,r_t,r_b\n");
    for id in 0..12 {
        let cells = [
            id.to_string(),
            maybe(c, |c| stamp(c, as_of)),
            maybe(c, small),
            small(c),
            maybe(c, |c| {
                c.of(&["0.5", "1.0", "1.5", "2.0", "-1.0", "0.0", "3.0", "2.1"]).to_owned()
            }),
            maybe(c, |c| c.of(&["0.5", "1", "1.5", "2", "-1", "0", "12"]).to_owned()),
            maybe(c, letters),
            letters(c),
            maybe(c, |c| c.of(&["true", "false"]).to_owned()),
            c.of(&["true", "false"]).to_owned(),
            maybe(c, |c| date(c, as_of)),
            maybe(c, |c| stamp(c, as_of)),
            maybe(c, |c| c.of(&["a", "a;b", "A", "b;ab", "ab"]).to_owned()),
        ];
        let home = c.of(&["59,18", "59,18", "60,18", "0,0", ","]);
        customers += &format!("{},{home},{}\n", cells.join(","), c.of(&["a", "b", "zz", ""]));
        for _ in 0..c.below(4) {
            let cells = [
                id.to_string(),
                maybe(c, |c| stamp(c, as_of)),
                maybe(c, small),
                small(c),
                maybe(c, letters),
                maybe(c, |c| c.of(&["true", "false"]).to_owned()),
            ];
            rows += &format!("{}\n", cells.join(","));
        }
    }
    let shops = String::from("shop_id,size\na,1\nb,2\n");
    [("customers", customers), ("rows", rows), ("shops", shops)]
}

fn maybe(c: &mut Choices<'_>, value: impl Fn(&mut Choices<'_>) -> String) -> String {
    if c.below(4) == 0 { String::new() } else { value(c) }
}

fn small(c: &mut Choices<'_>) -> String {
    c.of(&["0", "1", "2", "3", "-1", "-2", "12"]).to_owned()
}

fn letters(c: &mut Choices<'_>) -> String {
    c.of(&["a", "b", "A", "ab", "aB", "B", "ba"]).to_owned()
}

/// A day that rules speak of, or one beside it.
fn date(c: &mut Choices<'_>, as_of: &str) -> String {
    let near = [0, 1, 2, 28, 29, 30, 31, 32, 59, 60, 61, 62, 364, 365, 366, 367, 730];
    let days = near[c.below(near.len())];
    let today: chrono::NaiveDate = as_of[..10].parse().unwrap();
    let day = match c.below(6) {
        0 => c
            .of(&[
                "2026-03-01",
                "2026-02-28",
                "2024-02-29",
                "2025-12-31",
                "2026-01-01",
                "2000-02-29",
            ])
            .parse()
            .unwrap(),
        1 | 2 => today + chrono::Days::new(days),
        _ => today - chrono::Days::new(days),
    };
    day.to_string()
}

fn stamp(c: &mut Choices<'_>, as_of: &str) -> String {
    let time = c.of(&["00:00:00", "12:00:00", "23:59:59", "12:30:00", "01:15:00"]);
    format!("{}T{time}", date(c, as_of))
}
