//! Groups of rules.

use super::{Reader, Scope};
use crate::{
    check::{Texts, check},
    config::{
        Condition,
        data::Data,
        node::{Node, Problems, shortened},
    },
    diagnostic::{Code, Severity, Span},
    error::Result,
    limits::Limits,
    schema::Schema,
    syntax::{
        print_expr,
        tree::{Expr, ExprKind, Name, Quantifier},
    },
};

/// What a rule or group may have beside what it says: these are for the front end.
pub(super) const ASIDE: [&str; 5] = ["id", "path", "disabled", "muted", "combinatorPreceding"];

pub(super) fn read(data: &Data, schema: &Schema, limits: &Limits) -> Result<Condition> {
    let mut reader = Reader { schema, limits, problems: Problems::default() };
    let root = Node::root(data, "query");
    let read = reader.root(&root, Scope::Customers);
    match read.filter(|_| reader.problems.is_empty()) {
        Some(expr) => reader.finish(&expr),
        None => Err(reader.problems.into_error()),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Combinator {
    And,
    Or,
}

impl Reader<'_> {
    /// The whole as the checker sees it, so that what is wrong is told with the path of its rule.
    fn finish(mut self, expr: &Expr) -> Result<Condition> {
        let name = Name { text: "query".to_owned(), span: expr.span };
        let texts = Texts::condition(name, expr.clone());
        let (_, found) = check(self.schema, &texts, self.problems.sources(), self.limits);
        let is_error = |code: Code| code.severity() == Severity::Error;
        self.problems.extend(found.into_iter().filter(|finding| is_error(finding.code)));
        if self.problems.is_empty() {
            Condition::parse(&print_expr(expr), self.limits)
        } else {
            Err(self.problems.into_error())
        }
    }

    /// A whole query, or the query about the rows of a table. Without rules it takes all.
    pub(super) fn root(&mut self, node: &Node<'_>, scope: Scope) -> Option<Expr> {
        if let Data::Table(_) = node.data
            && node.field("rules").is_some()
        {
            let read = self.group(node, scope)?;
            let empty = || Expr { kind: ExprKind::Bool(true), span: Span::NONE };
            return Some(match read {
                Read::Nothing { negated: false } => empty(),
                Read::Nothing { negated: true } => {
                    Expr { kind: ExprKind::Bool(false), span: Span::NONE }
                }
                Read::Group(group) => alone(group),
                Read::Rule(rule) => rule,
            });
        }
        self.problems.mismatch(node, "a group with `combinator` and `rules`")
    }

    /// A rule or a group in a group.
    fn item(&mut self, node: &Node<'_>, scope: Scope) -> Option<Option<Expr>> {
        let Data::Table(_) = node.data else {
            return self.problems.mismatch(node, "a rule or a group");
        };
        if self.is_muted(node)? {
            return Some(None);
        }
        if node.field("rules").is_none() {
            return self.rule(node, scope).map(Some);
        }
        match self.group(node, scope)? {
            Read::Group(expr) | Read::Rule(expr) => Some(Some(expr)),
            Read::Nothing { .. } if self.is_quiet(node) => Some(None),
            Read::Nothing { .. } => {
                let message = "this group has no rules";
                let help = "fill it in or remove it".to_owned();
                self.problems.report(node, Some("rules"), Code::IncompleteRule, message, Some(help))
            }
        }
    }

    /// Whether all that a group holds is muted.
    fn is_quiet(&self, node: &Node<'_>) -> bool {
        let Some(Data::List(rules)) = node.data.get("rules") else { return false };
        !rules.is_empty()
    }

    fn is_muted(&mut self, node: &Node<'_>) -> Option<bool> {
        self.flag(node, "muted")
    }

    fn flag(&mut self, node: &Node<'_>, key: &str) -> Option<bool> {
        match node.field(key) {
            None | Some(Node { data: Data::Null, .. }) => Some(false),
            Some(Node { data: Data::Bool(value), .. }) => Some(*value),
            Some(_) => self.problems.field_mismatch(node, key, "`true` or `false`"),
        }
    }

    fn group(&mut self, node: &Node<'_>, scope: Scope) -> Option<Read> {
        let known: Vec<&str> = ["combinator", "rules", "not"].into_iter().chain(ASIDE).collect();
        self.problems.only(node, "a group", &known);
        let negated = self.flag(node, "not");
        let list = self.problems.wanted(node, "a group", "rules")?;
        let Some(elements) = list.elements() else {
            return self.problems.field_mismatch(node, "rules", "a list");
        };
        let combinator = self.combinator(node)?;
        let mut items: Vec<(Option<Combinator>, Option<Expr>)> = Vec::new();
        let (mut whole, mut between) = (true, None);
        for (index, element) in elements.enumerate() {
            // Without a combinator of the group, every second element is one.
            if combinator.is_none() && index % 2 == 1 {
                between = self.joint(&element, &element, None);
                whole &= between.is_some();
                continue;
            }
            match self.item(&element, scope) {
                Some(item) => items.push((between.take(), item)),
                None => whole = false,
            }
        }
        if !whole {
            return None;
        }
        if between.is_some() {
            let message = "a combinator has no rule behind it";
            return self.problems.report(node, Some("rules"), Code::IncompleteRule, message, None);
        }
        let negated = negated?;
        Some(match combinator {
            Some(combinator) => joined(combinator, negated, items),
            None => chained(negated, items),
        })
    }

    /// `Some(None)` where the combinators stand between the rules.
    fn combinator(&mut self, node: &Node<'_>) -> Option<Option<Combinator>> {
        match node.field("combinator") {
            None | Some(Node { data: Data::Null, .. }) => Some(None),
            Some(field) => self.joint(&field, node, Some("combinator")).map(Some),
        }
    }

    /// `and` or `or`; what is wrong is told of the field `key` of `at`.
    fn joint(&mut self, word: &Node<'_>, at: &Node<'_>, key: Option<&str>) -> Option<Combinator> {
        match word.data {
            Data::Text(word) if word.eq_ignore_ascii_case("and") => Some(Combinator::And),
            Data::Text(word) if word.eq_ignore_ascii_case("or") => Some(Combinator::Or),
            Data::Text(word) => {
                let (code, help) = match word.to_ascii_lowercase().as_str() {
                    "xor" => (Code::NoEquivalent, "rules have `and` and `or`"),
                    _ => (Code::UnknownOperator, "there are `and` and `or`"),
                };
                let message = format!("`{}` joins no rules", shortened(word));
                self.problems.report(at, key, code, message, Some(help.to_owned()))
            }
            other => {
                let message = format!("expected `and` or `or`, found {}", other.kind());
                self.problems.report(at, key, Code::WrongShape, message, None)
            }
        }
    }
}

enum Read {
    /// No rules, or only muted ones.
    Nothing { negated: bool },
    /// A group, written so that it can be told from its only rule.
    Group(Expr),
    /// One rule in a group that could be left out.
    Rule(Expr),
}

/// The rules of a group that has one combinator.
fn joined(
    combinator: Combinator,
    negated: bool,
    items: Vec<(Option<Combinator>, Option<Expr>)>,
) -> Read {
    let conditions: Vec<Expr> = items.into_iter().filter_map(|(_, item)| item).collect();
    let Some(span) = whole_span(&conditions) else { return Read::Nothing { negated } };
    let (quantifier, again) = match (combinator, negated) {
        (Combinator::And, _) => (Quantifier::All, negated),
        (Combinator::Or, false) => (Quantifier::Any, false),
        (Combinator::Or, true) => (Quantifier::None, false),
    };
    let group = Expr { kind: ExprKind::Quantified { quantifier, conditions }, span };
    Read::Group(if again { not(group) } else { group })
}

/// Rules with combinators between them: `and` holds more tightly than `or`.
fn chained(negated: bool, items: Vec<(Option<Combinator>, Option<Expr>)>) -> Read {
    let mut alternatives: Vec<Vec<Expr>> = Vec::new();
    for (before, item) in items {
        if before != Some(Combinator::And) || alternatives.is_empty() {
            alternatives.push(Vec::new());
        }
        // A muted rule leaves its alternative to the others.
        if let Some(terms) = alternatives.last_mut() {
            terms.extend(item);
        }
    }
    let alternatives = alternatives.into_iter().filter(|terms| !terms.is_empty());
    let mut terms: Vec<Expr> = alternatives.map(conjunction).collect();
    let Some(span) = whole_span(&terms) else { return Read::Nothing { negated } };
    let one = match terms.len() {
        1 => terms.remove(0),
        _ => quantified(Quantifier::Any, terms, span),
    };
    if !negated {
        return Read::Rule(one);
    }
    let all = ExprKind::Quantified { quantifier: Quantifier::All, conditions: vec![one] };
    Read::Group(not(Expr { kind: all, span }))
}

fn conjunction(mut terms: Vec<Expr>) -> Expr {
    match terms.len() {
        1 => terms.remove(0),
        _ => {
            let span = whole_span(&terms).unwrap_or(Span::NONE);
            quantified(Quantifier::All, terms, span)
        }
    }
}

fn quantified(quantifier: Quantifier, conditions: Vec<Expr>, span: Span) -> Expr {
    Expr { kind: ExprKind::Quantified { quantifier, conditions }, span }
}

/// The group as the whole: one rule in `and` is that rule.
fn alone(group: Expr) -> Expr {
    let is_rule = |expr: &Expr| match &expr.kind {
        ExprKind::Quantified { .. } => false,
        ExprKind::Not(inner) => !matches!(inner.kind, ExprKind::Quantified { .. }),
        _ => true,
    };
    match group.kind {
        ExprKind::Quantified { quantifier: Quantifier::All, mut conditions }
            if conditions.len() == 1 && conditions.iter().all(is_rule) =>
        {
            conditions.remove(0)
        }
        kind => Expr { kind, span: group.span },
    }
}

pub(super) fn not(inner: Expr) -> Expr {
    let span = inner.span;
    Expr { kind: ExprKind::Not(Box::new(inner)), span }
}

/// The place of the first; the parts of a group are different texts.
fn whole_span(conditions: &[Expr]) -> Option<Span> {
    conditions.first().map(|first| first.span)
}
