//! Conditions through serde: a text, or a table that joins conditions.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::SerializeMap};

use super::{
    Condition, Count, Form, Join,
    data::Data,
    node::{Node, Problems},
};
use crate::{
    diagnostic::{Code, Sources},
    error::{Error, Result},
    limits::{Limits, with_room_for},
    syntax::{is_name, parse_condition},
};

const JOINS: [&str; 6] = ["all_of", "any_of", "none_of", "at_least", "at_most", "exactly"];

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (join, of) = match &self.form {
            Form::Text(text) => return serializer.serialize_str(text),
            Form::Table { join, of } => (join, of),
        };
        let (key, count) = join.key();
        let mut table = serializer.serialize_map(Some(1 + usize::from(count.is_some())))?;
        match count {
            None => table.serialize_entry(key, of)?,
            Some(count) => {
                match count {
                    Count::Number(number) => table.serialize_entry(key, number)?,
                    Count::Name(name) => table.serialize_entry(key, name)?,
                }
                table.serialize_entry("of", of)?;
            }
        }
        table.end()
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let data = Data::deserialize(deserializer)?;
        one(&data).map_err(|error| D::Error::custom(one_line(&error)))
    }
}

/// Conditions where a list of them is wanted; a single one is a list of one.
pub(super) fn several<'de, D>(deserializer: D) -> Result<Vec<Condition>, D::Error>
where
    D: Deserializer<'de>,
{
    let data = Data::deserialize(deserializer)?;
    let read = match &data {
        Data::List(elements) => elements.iter().map(one).collect(),
        single => one(single).map(|condition| vec![condition]),
    };
    read.map_err(|error| D::Error::custom(one_line(&error)))
}

fn one(data: &Data) -> Result<Condition> {
    if let Data::Text(text) = data {
        return text.parse();
    }
    if let Some(text) = constant(data) {
        return text.parse();
    }
    let condition = with_room_for(data.levels(), || {
        let mut problems = Problems::default();
        let root = Node::root(data, "condition");
        let read = read(&root, &mut problems).filter(|_| problems.is_empty());
        read.ok_or_else(|| problems.into_error())
    })?;
    check_whole(condition)
}

/// Each text keeps its limits; so must the whole, but for its length.
fn check_whole(condition: Condition) -> Result<Condition> {
    let limits = Limits { condition_bytes: usize::MAX, ..Limits::default() };
    let text = condition.to_string();
    let mut sources = Sources::default();
    let source = sources.add("condition", text.as_str());
    let findings = parse_condition(source, &text, &limits).findings;
    if findings.is_empty() {
        return Ok(condition);
    }
    Err(Error::diagnosed(sources.resolve_all(findings)))
}

/// What a format writes without quotes: `true` as a condition, a number as the body of a `let`.
fn constant(data: &Data) -> Option<String> {
    match data {
        Data::Bool(value) => Some(value.to_string()),
        Data::Whole(number) => Some(number.to_string()),
        Data::Float(number) if number.is_finite() => Some(number.to_string()),
        _ => None,
    }
}

fn read(node: &Node<'_>, problems: &mut Problems) -> Option<Condition> {
    if let Some(text) = constant(node.data) {
        return read_text(node, &text, problems);
    }
    match node.data {
        Data::Text(text) => read_text(node, text, problems),
        Data::Table(_) => read_table(node, problems),
        _ => problems.mismatch(node, "a condition: a text, or a table such as `{ all_of = […] }`"),
    }
}

fn read_text(node: &Node<'_>, text: &str, problems: &mut Problems) -> Option<Condition> {
    let source = problems.add_source(node.place(), text);
    let findings = parse_condition(source, text, &Limits::default()).findings;
    if findings.is_empty() {
        return Some(Condition::of_text(text));
    }
    problems.extend(findings);
    None
}

fn read_table(node: &Node<'_>, problems: &mut Problems) -> Option<Condition> {
    let present: Vec<&str> = JOINS.into_iter().filter(|key| node.data.get(key).is_some()).collect();
    let [key] = present.as_slice() else {
        problems.only(
            node,
            "a condition",
            &["all_of", "any_of", "none_of", "at_least", "at_most", "exactly", "of"],
        );
        let message = match present.len() {
            0 => "this table joins no conditions",
            _ => "a table joins its conditions in one way",
        };
        let help = "write `all_of`, `any_of` or `none_of` and a list, or `at_least`, `at_most` or `exactly` and a \
                    number with the list as `of`";
        return problems.report(node, None, Code::WrongShape, message, Some(help.to_owned()));
    };
    let lists = matches!(*key, "all_of" | "any_of" | "none_of");
    let known: &[&str] = if lists { &[key] } else { &[key, "of"] };
    problems.only(node, &format!("`{key}`"), known);
    let field = node.field(key)?;
    let join = match *key {
        "all_of" => Join::All,
        "any_of" => Join::Any,
        "none_of" => Join::None,
        "at_least" => Join::AtLeast(count(&field, problems)?),
        "at_most" => Join::AtMost(count(&field, problems)?),
        _ => Join::Exactly(count(&field, problems)?),
    };
    let list = if lists { field } else { problems.wanted(node, &format!("`{key}`"), "of")? };
    let Some(elements) = list.elements() else { return problems.mismatch(&list, "a list") };
    let of: Vec<Option<Condition>> = elements.map(|element| read(&element, problems)).collect();
    if of.is_empty() {
        return problems.report(&list, None, Code::WrongShape, "this list is empty", None);
    }
    Some(Condition::of_table(join, of.into_iter().collect::<Option<_>>()?))
}

fn count(node: &Node<'_>, problems: &mut Problems) -> Option<Count> {
    let count = match node.data {
        Data::Whole(number) => u64::try_from(*number).ok().map(Count::Number),
        Data::Text(name) if is_name(name) => Some(Count::Name(name.clone())),
        _ => None,
    };
    count.or_else(|| problems.mismatch(node, "a whole number from 0, or the name of a `let`"))
}

impl Join {
    /// Its key, and the number that stands there where the list stands elsewhere.
    pub(super) fn key(&self) -> (&'static str, Option<&Count>) {
        match self {
            Self::All => ("all_of", None),
            Self::Any => ("any_of", None),
            Self::None => ("none_of", None),
            Self::AtLeast(count) => ("at_least", Some(count)),
            Self::AtMost(count) => ("at_most", Some(count)),
            Self::Exactly(count) => ("exactly", Some(count)),
        }
    }
}

/// All that is wrong on one line, as errors of serde are: ``E0108 at 1:9: `==` is not an operator (use `=`)``.
pub(crate) fn one_line(error: &Error) -> String {
    let shown = error.diagnostics().iter().map(|found| {
        let place = found.location.as_ref().map_or_else(String::new, |place| {
            // A lone text needs no name.
            let file = match place.file.as_str() {
                "condition" => String::new(),
                file => format!(" in {file}"),
            };
            format!("{file} at {}:{}", place.line, place.column)
        });
        let help = found.help.as_ref().map_or_else(String::new, |help| format!(" ({help})"));
        format!("{}{place}: {}{help}", found.code, found.message)
    });
    let shown: Vec<String> = shown.collect();
    if shown.is_empty() { error.to_string() } else { shown.join("; ") }
}
