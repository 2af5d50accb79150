//! Random `let`s: values, conditions and templates, for the customers and for the rows of each table; and their uses.

use std::fmt::Write as _;

use super::{
    choices::Choices,
    rules::{self, Scope},
    world::Kind,
};

/// A `let` that may be used in a scope.
#[derive(Clone, Copy)]
pub(super) struct Definition {
    name: &'static str,
    takes: &'static [Sort],
    gives: Sort,
}

/// What a `let` stands for, and what its parameters do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Number,
    Text,
    Day,
    Condition,
    /// A fixed number, as in `n days ago`.
    Amount,
    /// A column of numbers: what may stand in a row filter too.
    Column,
    /// A date or a datetime of the customer or the row.
    Time,
}

/// Some of the library that ships with the crate: it asks nothing of a schema.
const LIBRARY: [(&str, &[Sort]); 6] = [
    ("lapsed", &[Sort::Time, Sort::Amount]),
    ("quiet_for", &[Sort::Time, Sort::Amount, Sort::Amount]),
    ("overdue", &[Sort::Time, Sort::Number, Sort::Number]),
    ("newcomer", &[Sort::Time, Sort::Amount]),
    ("one_and_gone", &[Sort::Number, Sort::Time, Sort::Amount]),
    ("mostly", &[Sort::Number, Sort::Number, Sort::Number]),
];

/// Writes `let`s and adds them to the scopes that may use them. Some use those before them.
pub(super) fn define(c: &mut Choices<'_>, scope: &mut Scope) -> String {
    let mut text = "use 'segmenta/behaviour'\n".to_owned();
    for (name, takes) in LIBRARY {
        scope.definitions.push(Definition { name, takes, gives: Sort::Condition });
    }
    let amount = c.of(&["1", "2", "0", "7", "30"]);
    writeln!(text, "let d_amount = {amount}").unwrap();
    let amount = Definition { name: "d_amount", takes: &[], gives: Sort::Amount };
    scope.definitions.push(amount);
    for (name, (_, _, row)) in ["d_row", "d_part", "d_bit"].into_iter().zip(&mut scope.children) {
        row.definitions.push(amount);
        writeln!(text, "let {name} = {}", rules::condition(c, row, 1)).unwrap();
        row.definitions.push(Definition { name, takes: &[], gives: Sort::Condition });
    }
    use Sort::{Amount, Column, Condition, Day, Number, Text};
    let forms: [(&str, &'static [Sort], Sort); 11] = [
        ("d_number", &[], Number),
        ("d_plus(x)", &[Number], Number),
        ("d_mean(x, y)", &[Number, Number], Number),
        ("d_text", &[], Text),
        ("d_day", &[], Day),
        ("d_condition", &[], Condition),
        ("d_either(p, q)", &[Condition, Condition], Condition),
        ("d_recent(n)", &[Amount], Condition),
        ("d_some(k, p)", &[Amount, Condition], Condition),
        ("d_above(x)", &[Column], Condition),
        ("d_again(n)", &[Amount], Condition),
    ];
    for (head, takes, gives) in forms {
        writeln!(text, "let {head} = {}", body(c, scope, head)).unwrap();
        let name = head.split('(').next().unwrap();
        scope.definitions.push(Definition { name, takes, gives });
    }
    text
}

fn body(c: &mut Choices<'_>, scope: &Scope, head: &str) -> String {
    match head {
        "d_number" => rules::number(c, scope, 2),
        "d_plus(x)" => format!("x {} {}", c.of(&["+", "-", "*", "/"]), rules::number(c, scope, 0)),
        "d_mean(x, y)" => "(x + y) / 2".to_owned(),
        "d_text" => format!("coalesce({}, 'ab')", scope.path(c, |kind| kind == Kind::Text)),
        "d_day" => rules::moment(c, scope, false),
        "d_condition" => rules::condition(c, scope, 2),
        "d_either(p, q)" => format!("p {} not q", c.of(&["or", "and"])),
        "d_recent(n)" => {
            let day = scope.path(c, |kind| matches!(kind, Kind::Date | Kind::DateTime));
            let unit = c.of(&["days", "weeks", "months"]);
            match c.below(3) {
                0 => format!("{day} within last n {unit}"),
                1 => format!("{day} >= n {unit} ago"),
                _ => format!("{day} < in n {unit}"),
            }
        }
        "d_some(k, p)" => {
            let (one, other) = (rules::condition(c, scope, 0), rules::condition(c, scope, 0));
            format!("{} k of (p, {one}, {other})", c.of(&["at least", "at most", "exactly"]))
        }
        "d_above(x)" => {
            let (table, _, row) = &scope.children[c.below(scope.children.len())];
            let own = row.path(c, |kind| matches!(kind, Kind::Int | Kind::Decimal(_)));
            format!("exists({table} where {own} > x)")
        }
        _ => format!("d_recent(n) or not d_recent({})", c.of(&["d_amount", "3"])),
    }
}

/// A use of one of the `let`s that stand for such a thing.
pub(super) fn used(c: &mut Choices<'_>, scope: &Scope, wanted: Sort) -> Option<String> {
    let fitting: Vec<_> = scope.definitions.iter().filter(|each| each.gives == wanted).collect();
    if fitting.is_empty() {
        return None;
    }
    let definition = fitting[c.below(fitting.len())];
    let arguments = definition.takes.iter().map(|sort| argument(c, scope, *sort));
    let arguments: Vec<String> = arguments.collect();
    if arguments.is_empty() {
        return Some(definition.name.to_owned());
    }
    Some(format!("{}({})", definition.name, arguments.join(", ")))
}

fn argument(c: &mut Choices<'_>, scope: &Scope, sort: Sort) -> String {
    match sort {
        Sort::Number => rules::number(c, scope, 1),
        Sort::Text => scope.path(c, |kind| kind == Kind::Text),
        Sort::Day => rules::moment(c, scope, false),
        Sort::Condition => rules::condition(c, scope, 0),
        Sort::Amount => amount(c, scope, &["1", "2", "30", "0"]),
        Sort::Time => rules::time(c, scope, 1),
        Sort::Column => scope.path(c, |kind| matches!(kind, Kind::Int | Kind::Decimal(_))),
    }
}

/// A whole number, written out or by name.
pub(super) fn amount(c: &mut Choices<'_>, scope: &Scope, numbers: &[&str]) -> String {
    let number = c.of(numbers);
    let named = c.one_in(5).then(|| used(c, scope, Sort::Amount)).flatten();
    named.unwrap_or_else(|| number.to_owned())
}
