//! Values of customers that are asked for beside the rules, to be added up or to divide customers by.

use std::fmt::Write as _;

use super::{Checker, Env, Rules, describe, predict, read::Read, rfm, uses::Root, value};
use crate::{
    diagnostic::{Code, Diagnostic, Finding, Severity, Sources},
    error::{Error, Result},
    limits::Limits,
    rule::{Expr, ExprType, RuleSet},
    schema::Schema,
    syntax::{self, tree},
};

/// What a value is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// A number to be added up: by what name.
    Number(&'static str),
    /// The least or the greatest is looked for: by what name.
    Ordered(&'static str),
    /// Customers with the same one are a group. It may be a condition.
    Group,
    /// A date or datetime, of which the year or month makes a group.
    Time,
    /// To be handed out. It may be a condition.
    Single,
}

/// A value as it was asked for: what it is called in diagnostics, and its text.
pub(crate) struct Asked<'a> {
    pub(crate) name: &'a str,
    pub(crate) text: &'a str,
    pub(crate) wanted: Wanted,
}

/// Values that have been checked.
pub(crate) struct Measured {
    /// No segments, but what `rfm.*` and `predict.*` stand for.
    pub(crate) set: RuleSet,
    /// In the order in which they were asked for.
    pub(crate) values: Vec<Expr>,
    sources: Sources,
}

impl Measured {
    pub(crate) fn resolve(&self, finding: Finding) -> Diagnostic {
        self.sources.resolve(finding)
    }
}

impl Rules {
    /// Values of the customers, which may use the `let`s of the rules.
    pub(crate) fn measured(&self, asked: &[Asked<'_>]) -> Result<Measured> {
        let limits = Limits::default();
        let lets = self.texts_of_lets();
        limits.with_room(|| measured(self.schema(), &lets, asked, &limits))
    }

    /// A rule file of nothing but the `let`s of all files.
    fn texts_of_lets(&self) -> String {
        let mut text = String::new();
        for found in &self.set().lets {
            let Some(body) = self.text_at(found.body) else { continue };
            let quoted: Vec<String> =
                found.parameters.iter().map(|name| format!("`{name}`")).collect();
            let list =
                if quoted.is_empty() { String::new() } else { format!("({})", quoted.join(", ")) };
            // INVARIANT: a `String` takes all that is written to it.
            let _ = writeln!(text, "let `{}`{list} = {body}\n", found.name);
        }
        text
    }
}

fn measured(schema: &Schema, lets: &str, asked: &[Asked<'_>], limits: &Limits) -> Result<Measured> {
    let root = Root::default();
    let mut read = Read::new(&root, limits);
    // It was read before, in files that may be many.
    let id = read.sources.add("lets", lets);
    let unbounded = Limits { file_bytes: usize::MAX, ..limits.clone() };
    read.texts.files.push(syntax::parse_file(id, lets, &unbounded).tree);
    let mut trees = Vec::with_capacity(asked.len());
    for one in asked {
        let id = read.sources.add(one.name, one.text);
        let parsed = syntax::parse_condition(id, one.text, limits);
        read.findings.extend(parsed.findings);
        trees.push(parsed.tree);
    }
    read.conditions_of(schema);
    let Read { sources, texts, mut findings, .. } = read;
    let (rfm, found) = rfm::definition(schema, &texts, &sources, limits);
    findings.extend(found);
    let (predict, found) = predict::definition(schema, &texts, &sources, limits);
    findings.extend(found);
    let set = RuleSet { rfm, predict, ..RuleSet::nothing() };
    let mut checker = Checker::new(schema, &sources, limits);
    checker.collect(&texts);
    let values: Vec<Option<Expr>> = asked
        .iter()
        .zip(&trees)
        .map(|(one, tree)| {
            checker.renew_budget();
            checker.measured(one.wanted, tree)
        })
        .collect();
    findings.extend(checker.findings.into_sorted());
    findings.retain(|found| found.code.severity() == Severity::Error);
    findings.sort_by_key(|finding| (finding.span, finding.code));
    findings.dedup();
    match values.into_iter().collect::<Option<Vec<Expr>>>() {
        Some(values) if findings.is_empty() => Ok(Measured { set, values, sources }),
        _ => Err(Error::diagnosed(sources.resolve_all(findings))),
    }
}

impl<'a> Checker<'a> {
    fn measured(&mut self, wanted: Wanted, tree: &'a tree::Expr) -> Option<Expr> {
        let env = Env::customer();
        // A `let` may stand for a condition.
        let head = self.head(tree, &env)?;
        let condition = matches!(wanted, Wanted::Group | Wanted::Single);
        let found = if condition && value::is_condition(head.expr) {
            value::as_value(self.condition_at(&head)?)
        } else {
            self.value_at(&head)?
        };
        let ty = found.ty;
        let (fits, what, help) = match wanted {
            Wanted::Number(name) => {
                (describe::is_number(ty), format!("`{name}` takes numbers"), None)
            }
            Wanted::Ordered(name) => (
                describe::is_number(ty) || describe::is_time(ty) || ty == ExprType::Text,
                format!("`{name}` takes numbers, texts, dates and datetimes"),
                None,
            ),
            Wanted::Group => (
                matches!(
                    ty,
                    ExprType::Bool | ExprType::Exact { .. } | ExprType::Text | ExprType::Date
                ),
                "customers are grouped by texts, booleans, exact numbers and dates".to_owned(),
                match ty {
                    ExprType::Float => Some("give the edges of ranges"),
                    ExprType::DateTime => Some("group by its year or month"),
                    _ => None,
                },
            ),
            Wanted::Time => (
                describe::is_time(ty),
                "years and months are of dates and datetimes".to_owned(),
                None,
            ),
            Wanted::Single => (
                !describe::is_set(ty) && ty != ExprType::Geo,
                "values of customers are single ones".to_owned(),
                None,
            ),
        };
        if fits {
            return Some(found);
        }
        let given = match (wanted, ty) {
            (Wanted::Group, ExprType::Float) => "a float",
            _ => describe::a(ty),
        };
        let message = format!("{what}, not {given}");
        self.error_maybe(Code::WrongType, found.span, message, help.map(str::to_owned))
    }
}
