//! `!=` and its kin, which are true where a value is missing.

use std::{cell::OnceCell, collections::HashSet};

use super::{
    Rules,
    missable::{Missable, RowsNeeded, missable},
};
use crate::{
    diagnostic::{Code, Finding, Sources, Span},
    rule::{
        AggregateFunction, CompareOp, Condition, ConditionKind, Expr, ExprKind, Node, Quantifier,
        RuleSet, SegmentId, SegmentRule,
    },
    schema::{Schema, TableId},
    value::Decimal,
};

/// Warns of every negated comparison that is true where something may be missing, unless the rule also says what
/// becomes of what is missing.
pub(super) fn missing_taken(rules: Rules<'_>, share: &[SegmentId], findings: &mut Vec<Finding>) {
    let Rules { schema, set, sources } = rules;
    let mut search =
        Search { schema, rules: set, sources, chains: Vec::new(), waiting: Vec::new(), findings };
    for rule in share.iter().filter_map(|id| set.segment(*id)) {
        search.segment(rule);
    }
}

/// The same in the conditions that the schema has on purchases.
pub(super) fn missing_purchases(rules: Rules<'_>, findings: &mut Vec<Finding>) {
    let Rules { schema, set, sources } = rules;
    let mut search =
        Search { schema, rules: set, sources, chains: Vec::new(), waiting: Vec::new(), findings };
    for filter in set.purchase_filters() {
        search.condition(filter, Place { taken: Taken::Rows, span: filter.span });
    }
}

struct Search<'a, 'f> {
    schema: &'a Schema,
    rules: &'a RuleSet,
    sources: &'a Sources,
    /// The lists of conditions around the place at hand, the innermost last.
    chains: Vec<Chain<'a>>,
    /// Parts of conditions that are still to be looked into.
    waiting: Vec<Node<'a>>,
    findings: &'f mut Vec<Finding>,
}

/// Conditions that stand side by side.
struct Chain<'a> {
    lists: [&'a [Condition]; 2],
    /// All of them must be true.
    all: bool,
    /// What of their values need not be asked for again.
    settled: OnceCell<HashSet<Missable>>,
}

/// Where a condition stands.
#[derive(Clone, Copy)]
struct Place {
    /// What is taken where the condition is true.
    taken: Taken,
    /// Where to report what depends on the arguments of a `let`.
    span: Span,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Taken {
    In,
    Out,
    Rows,
    /// Under a `not` or a count.
    Unclear,
}

impl<'a> Search<'a, '_> {
    fn segment(&mut self, rule: &'a SegmentRule) {
        // What is said in one clause holds for all.
        let clauses = [rule.includes.as_slice(), &rule.excludes];
        self.chains.push(Chain { lists: clauses, all: false, settled: OnceCell::new() });
        for (list, taken) in clauses.into_iter().zip([Taken::In, Taken::Out]) {
            for condition in list {
                self.condition(condition, Place { taken, span: rule.span });
            }
        }
        self.chains.pop();
    }

    fn condition(&mut self, condition: &'a Condition, place: Place) {
        let span = condition.place.own.or(condition.place.here).unwrap_or(place.span);
        let place = Place { span, ..place };
        let unclear = Place { taken: Taken::Unclear, ..place };
        match &condition.kind {
            ConditionKind::Not(inner) => match negation(inner) {
                // `not (x != 1)` is `x = 1`.
                Some(Negation::Of(_)) => self.values(inner, place),
                Some(Negation::No(values)) => {
                    self.negated(&values, place);
                    self.values(inner, place);
                }
                None => self.condition(inner, unclear),
            },
            ConditionKind::And(list) => self.chain(list, true, place),
            ConditionKind::Or(list) => self.chain(list, false, place),
            ConditionKind::Quantified { quantifier, conditions } => match quantifier {
                Quantifier::All => self.chain(conditions, true, place),
                Quantifier::Any => self.chain(conditions, false, place),
                Quantifier::None
                | Quantifier::AtLeast(_)
                | Quantifier::AtMost(_)
                | Quantifier::Exactly(_) => self.chain(conditions, false, unclear),
            },
            _ => {
                if let Some(Negation::Of(values)) = negation(condition) {
                    self.negated(&values, place);
                }
                self.values(condition, place);
            }
        }
    }

    fn chain(&mut self, list: &'a [Condition], all: bool, place: Place) {
        self.chains.push(Chain { lists: [list, &[]], all, settled: OnceCell::new() });
        for condition in list {
            self.condition(condition, place);
        }
        self.chains.pop();
    }

    /// The row filters, and the conditions that stand as values, in the values of a comparison.
    fn values(&mut self, condition: &'a Condition, place: Place) {
        // What waits below belongs to the conditions around.
        let below = self.waiting.len();
        Node::Condition(condition).push_children(&mut self.waiting);
        while self.waiting.len() > below {
            let Some(node) = self.waiting.pop() else { return };
            match node {
                Node::Value(Expr { kind: ExprKind::Aggregate(aggregate), .. }) => {
                    let filter = aggregate.filter.as_ref();
                    // The row's columns are not the customer's.
                    let around = std::mem::take(&mut self.chains);
                    filter.into_iter().for_each(|filter| {
                        self.condition(filter, Place { taken: Taken::Rows, ..place });
                    });
                    self.chains = around;
                }
                Node::Condition(inner) => {
                    self.condition(inner, Place { taken: Taken::Unclear, ..place });
                }
                Node::Value(_) => node.push_children(&mut self.waiting),
            }
        }
    }

    /// A condition that is true where one of these is missing.
    fn negated(&mut self, values: &Values<'a>, place: Place) {
        let values = values.iter().flatten();
        let mut found = values.flat_map(|value| missable(value, self.rules, self.schema));
        let Some((what, value)) = found.find(|(what, _)| !self.is_settled(what)) else { return };
        let name = what.name(value, self.schema, self.sources);
        let shown = match &name {
            Some(name) => format!("`{name}`"),
            None if place.taken == Taken::Unclear => "the value".to_owned(),
            None => "value".to_owned(),
        };
        let message = match place.taken {
            Taken::In => format!("this takes in customers whose {shown} is missing"),
            Taken::Out => format!("this takes out customers whose {shown} is missing"),
            Taken::Rows => format!("this takes in rows whose {shown} is missing"),
            Taken::Unclear => format!("this is true where {shown} is missing"),
        };
        let name = name.as_deref().unwrap_or("…");
        let other = match place.taken {
            Taken::In | Taken::Rows => " to leave them out",
            Taken::Out => " to keep them",
            Taken::Unclear => "",
        };
        let help = format!(
            "add `and {name} is not null`{other}, or `or {name} is null` to say that this is meant"
        );
        self.findings.push(Finding::new(Code::MissingTaken, place.span, message).help(help));
    }

    fn is_settled(&self, what: &Missable) -> bool {
        self.chains.iter().any(|chain| {
            chain.settled.get_or_init(|| settled(chain, self.rules, self.schema)).contains(what)
        })
    }
}

/// What is asked for with `is null`; and, where all must be true, what must be there for the others to be true.
fn settled<'a>(chain: &Chain<'a>, rules: &RuleSet, schema: &Schema) -> HashSet<Missable> {
    let mut settled = HashSet::new();
    let mut waiting: Vec<&Condition> = chain.lists.iter().copied().flatten().collect();
    while let Some(condition) = waiting.pop() {
        let values: &[&Expr] = match &condition.kind {
            ConditionKind::IsNull { value, .. } => &[value],
            ConditionKind::Not(inner) => {
                if let ConditionKind::IsNull { .. } = inner.kind {
                    waiting.push(inner);
                }
                &[]
            }
            // A chain in a chain of its kind is one with it.
            ConditionKind::And(list)
            | ConditionKind::Quantified { quantifier: Quantifier::All, conditions: list }
                if chain.all =>
            {
                waiting.extend(list);
                &[]
            }
            ConditionKind::Or(list)
            | ConditionKind::Quantified { quantifier: Quantifier::Any, conditions: list }
                if !chain.all =>
            {
                waiting.extend(list);
                &[]
            }
            _ if !chain.all => &[],
            ConditionKind::Holds(value)
            | ConditionKind::Within { value, .. }
            | ConditionKind::Matches { value, .. }
            | ConditionKind::Near { value, .. }
            | ConditionKind::Top { by: value, .. } => &[value],
            ConditionKind::Compare { op, left, right, .. } if *op != CompareOp::NotEqual => {
                &[left, right]
            }
            ConditionKind::Between { negated: false, value, low, high } => {
                &[value, &low.0, &high.0]
            }
            ConditionKind::In { negated: false, value, .. }
            | ConditionKind::Yearly { negated: false, value, .. }
            | ConditionKind::TextTest { negated: false, value, .. } => &[value],
            _ => &[],
        };
        for (what, value) in values.iter().flat_map(|value| missable(value, rules, schema)) {
            settled.extend(rows_of(value));
            settled.insert(what);
        }
        if chain.all {
            settled.extend(rows_asked(condition));
        }
    }
    settled
}

/// The rows without which the value of an aggregate is missing, whatever it looks at.
fn rows_of(value: &Expr) -> impl Iterator<Item = Missable> {
    let found = match &value.kind {
        ExprKind::Aggregate(aggregate) if aggregate.function.needs_rows() => {
            let two = aggregate.function == AggregateFunction::AverageGap;
            Some((aggregate.table, if two { 2 } else { 1 }))
        }
        _ => None,
    };
    found.into_iter().flat_map(|(table, count)| at_least(table, count))
}

/// The rows that a condition asks for: `exists(orders)`, `count(orders) > 1`.
fn rows_asked(condition: &Condition) -> impl Iterator<Item = Missable> {
    use CompareOp::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
    let found = match &condition.kind {
        ConditionKind::Holds(Expr { kind: ExprKind::Aggregate(aggregate), .. })
            if aggregate.function == AggregateFunction::Exists =>
        {
            Some((aggregate.table, 1))
        }
        ConditionKind::Compare { op, left, right, .. } => match (op, counted(left), counted(right))
        {
            (Equal | GreaterOrEqual, Counted::Table(table), Counted::Number(least)) => {
                Some((table, least))
            }
            (Greater, Counted::Table(table), Counted::Number(below)) => Some((table, below + 1)),
            (Equal | LessOrEqual, Counted::Number(least), Counted::Table(table)) => {
                Some((table, least))
            }
            (Less, Counted::Number(below), Counted::Table(table)) => Some((table, below + 1)),
            _ => None,
        },
        ConditionKind::Between { negated: false, value, low, .. } => {
            match (counted(value), counted(&low.0)) {
                (Counted::Table(table), Counted::Number(least)) => Some((table, least)),
                _ => None,
            }
        }
        _ => None,
    };
    found.into_iter().flat_map(|(table, count)| at_least(table, count))
}

/// A number of rows, or a number that it is compared with, at most 2.
enum Counted {
    Table(TableId),
    Number(u8),
    Other,
}

fn counted(value: &Expr) -> Counted {
    use AggregateFunction::{Count, CountDistinct};
    match &value.kind {
        ExprKind::Aggregate(aggregate) if matches!(aggregate.function, Count | CountDistinct) => {
            Counted::Table(aggregate.table)
        }
        ExprKind::Number(number) => match [2, 1, 0].map(|least| *number >= Decimal::from(least)) {
            [true, ..] => Counted::Number(2),
            [_, true, _] => Counted::Number(1),
            [.., true] => Counted::Number(0),
            _ => Counted::Other,
        },
        _ => Counted::Other,
    }
}

fn at_least(table: TableId, count: u8) -> impl Iterator<Item = Missable> {
    let needed = [(1, RowsNeeded::One), (2, RowsNeeded::Two)];
    let met = needed.into_iter().filter(move |(least, _)| count >= *least);
    met.map(move |(_, needed)| Missable::Rows(table, needed))
}

/// What is compared in a condition that is true where it is missing, or in one whose `not` is.
enum Negation<'a> {
    Of(Values<'a>),
    No(Values<'a>),
}

type Values<'a> = [Option<&'a Expr>; 3];

fn negation(condition: &Condition) -> Option<Negation<'_>> {
    let (negated, values) = match &condition.kind {
        ConditionKind::Compare { op: CompareOp::NotEqual, left, right, .. } => {
            (true, [Some(left), Some(right), None])
        }
        ConditionKind::Compare { op: CompareOp::Equal, left, right, .. } => {
            (false, [Some(left), Some(right), None])
        }
        ConditionKind::Between { negated, value, low, high } => {
            (*negated, [Some(value), Some(&low.0), Some(&high.0)])
        }
        ConditionKind::In { negated, value, .. }
        | ConditionKind::Yearly { negated, value, .. }
        | ConditionKind::TextTest { negated, value, .. } => (*negated, [Some(value), None, None]),
        ConditionKind::Matches { value, .. } => (false, [Some(value), None, None]),
        // A missing set is an empty one, and `not x < 1` says by itself that it is not `x >= 1`.
        _ => return None,
    };
    Some(if negated { Negation::Of(values) } else { Negation::No(values) })
}
