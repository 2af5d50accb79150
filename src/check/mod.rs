//! Names, types and literals: from trees and a schema to rules. Every mistake of a rule's author is found here.
//!
//! One walk over each condition, `let`s expanded on the way. What is wrong is reported where it is found and yields
//! `None`, which everything above passes on in silence, so that one mistake is one finding.

mod aggregate;
mod amount;
mod arithmetic;
mod builder;
mod call;
mod collect;
mod compare;
mod condition;
mod describe;
mod expand;
mod findings;
#[cfg(test)]
mod generated;
mod meant;
mod measured;
mod mixed;
mod order;
mod partition;
mod path;
mod pattern;
mod place;
mod predict;
mod rank;
mod read;
mod rfm;
mod rules;
mod sample;
mod segment;
mod set;
#[cfg(test)]
mod tests;
mod text;
mod unused;
mod uses;
mod value;
mod visit;
mod yearly;

use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
};

pub(crate) use builder::Definitions;
pub use builder::RulesBuilder;
#[cfg(test)]
pub(crate) use call::function_names;
pub(crate) use measured::{Asked, Measured, Wanted};
pub use rules::{Partition, Rules, Segment};

pub(crate) use read::Texts;

use self::{findings::Findings, pattern::Patterns};
use crate::{
    diagnostic::{Finding, Sources, Span},
    limits::Limits,
    rule::{ExprType, RuleSet, SegmentId},
    schema::{Schema, TableId},
    syntax::tree,
};

/// The rules of a project and what was found. The rules are meaningful only where no finding is an error.
pub(crate) fn check(
    schema: &Schema,
    texts: &Texts,
    sources: &Sources,
    limits: &Limits,
) -> (RuleSet, Vec<Finding>) {
    let mut checker = Checker::new(schema, sources, limits);
    checker.collect(texts);
    let mut rules = checker.segments(texts);
    checker.warn_unused_lets(&rules);
    checker.unused_lets();
    let mut findings = checker.findings.into_sorted();
    let (rfm, found) = rfm::definition(schema, texts, sources, limits);
    rules.rfm = rfm;
    findings.extend(found);
    let (predict, found) = predict::definition(schema, texts, sources, limits);
    rules.predict = predict;
    findings.extend(found);
    (rules, findings)
}

/// The type of a value of the customers, or of a row of `table`.
pub(crate) fn value_type(
    schema: &Schema,
    table: Option<TableId>,
    value: &tree::Expr,
    sources: &Sources,
    limits: &Limits,
) -> Result<ExprType, Vec<Finding>> {
    let mut checker = Checker::new(schema, sources, limits);
    checker.renew_budget();
    let env = table.map_or_else(Env::customer, Env::row);
    match checker.value(value, &env) {
        Some(value) => Ok(value.ty),
        None => Err(checker.findings.into_sorted()),
    }
}

struct Checker<'a> {
    schema: &'a Schema,
    sources: &'a Sources,
    limits: &'a Limits,
    lets: Vec<LetInfo<'a>>,
    lets_by_name: HashMap<&'a str, usize>,
    segments: SegmentNames<'a>,
    findings: Findings,
    /// Nodes that the segment at hand may still have.
    nodes: usize,
    /// Nodes that all segments may still have, the one at hand among them.
    all_nodes: usize,
    /// Of the `let`s whose parameters were looked up since somebody last asked, the level of the outermost.
    asked_level: usize,
    /// The segments that the segment at hand refers to, and where.
    references: Vec<(usize, Span)>,
    patterns: Patterns,
    /// `let`s that are defined, and not for what is checked here.
    foreign_lets: HashSet<&'a str>,
    /// Names that may still be compared in search of the nearest one.
    suggestions: usize,
}

// INVARIANT: `Checker::lets` is in the order of the sources and of the places in them.
struct LetInfo<'a> {
    tree: &'a tree::Let,
    /// The library it comes from.
    library: Option<&'static str>,
    used: bool,
    /// Its last use.
    call: Option<Span>,
    /// Where its last use began; see [`Env::site`].
    site: Option<Span>,
    /// Where its first use began.
    first_site: Option<Span>,
    /// Its body holds nothing that a row filter cannot hold.
    fits_rows: bool,
    /// Its circle has been reported.
    circular: bool,
}

/// The names of segments, of the parts of partitions among them, and of partitions.
#[derive(Default)]
struct SegmentNames<'a> {
    exact: HashMap<String, Named<'a>>,
    /// In lower case.
    folded: HashMap<String, Named<'a>>,
}

#[derive(Clone, Copy)]
enum Named<'a> {
    Segment(SegmentId, &'a tree::Name),
    Partition(&'a tree::Partition),
}

/// Whose columns a bare name means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Customer,
    Row(TableId),
}

/// What names mean at a place.
#[derive(Clone)]
struct Env<'a> {
    /// Where names are looked up. The argument of a `let` keeps that of its call.
    names: Scope,
    /// Where the value is computed: inside a row filter, a row.
    rows: Scope,
    /// The `let` whose body this is.
    frame: Option<Rc<Frame<'a>>>,
    /// The outermost use of a `let` around this place, since the row filter around it began.
    site: Option<Span>,
    /// Brackets and expanded `let`s around this place.
    depth: usize,
}

/// A `let` that is being expanded.
struct Frame<'a> {
    definition: usize,
    parameters: &'a [tree::Name],
    /// As many as parameters.
    arguments: &'a [tree::Expr],
    /// What names mean in the arguments.
    caller: Env<'a>,
    /// The number of `let`s in whose bodies this one is used, itself included.
    level: usize,
}

impl<'a> Checker<'a> {
    fn new(schema: &'a Schema, sources: &'a Sources, limits: &'a Limits) -> Self {
        Self {
            schema,
            sources,
            limits,
            lets: Vec::new(),
            lets_by_name: HashMap::new(),
            segments: SegmentNames::default(),
            findings: Findings::default(),
            nodes: 0,
            all_nodes: limits.all_nodes.saturating_add(1),
            asked_level: usize::MAX,
            references: Vec::new(),
            patterns: Patterns::default(),
            foreign_lets: HashSet::new(),
            suggestions: 200_000,
        }
    }
}

impl Env<'_> {
    const fn customer() -> Self {
        Self { names: Scope::Customer, rows: Scope::Customer, frame: None, site: None, depth: 0 }
    }

    fn row(table: TableId) -> Self {
        Self { names: Scope::Row(table), rows: Scope::Row(table), ..Self::customer() }
    }

    /// The number of `let`s in whose bodies this place lies.
    fn level(&self) -> usize {
        self.frame.as_ref().map_or(0, |frame| frame.level)
    }

    fn in_row_filter(&self) -> bool {
        self.rows != Scope::Customer
    }

    /// Where to report what a `let` does not do wrong by itself: its use, outside of any it is `span`.
    fn site_or(&self, span: Span) -> Span {
        self.site.unwrap_or(span)
    }
}
