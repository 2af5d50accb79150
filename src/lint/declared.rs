//! Texts that no value of a column can be.

use std::collections::{HashMap, HashSet};

use crate::{
    diagnostic::{Code, Finding, did_you_mean, nearest},
    rule::{
        AggregateFunction, CompareOp, Condition, ConditionKind, Domain, Expr, ExprKind, Node,
        RuleSet, nodes,
    },
    schema::{Column, ColumnId, Schema},
    value::fold_case,
};

/// So many values are looked through in search of the nearest ones.
const SEARCHES: usize = 200_000;

/// So many values are named.
const NAMED: usize = 6;

/// Warns of every text that a column is compared with and that is not among the column's declared values.
pub(super) fn undeclared_values(schema: &Schema, rules: &RuleSet, findings: &mut Vec<Finding>) {
    // PERF: most schemas declare no values.
    if !schema.declares_values() {
        return;
    }
    let mut search = Search { schema, known: HashMap::new(), searches: SEARCHES, findings };
    let roots = rules.segments.iter().flat_map(|rule| rule.includes.iter().chain(&rule.excludes));
    for node in nodes(roots.map(Node::Condition)) {
        if let Node::Condition(condition) = node {
            search.condition(condition);
        }
    }
}

struct Search<'a, 'f> {
    schema: &'a Schema,
    /// The declared values as they are, and without their case.
    known: HashMap<(ColumnId, bool), HashSet<String>>,
    searches: usize,
    findings: &'f mut Vec<Finding>,
}

impl<'a> Search<'a, '_> {
    fn condition(&mut self, condition: &'a Condition) {
        match &condition.kind {
            ConditionKind::Compare {
                op: CompareOp::Equal | CompareOp::NotEqual,
                left,
                right,
                domain,
            } => {
                self.compared(left, right, *domain);
                self.compared(right, left, *domain);
            }
            ConditionKind::In { value, items, .. } => {
                for (item, domain) in items {
                    self.compared(value, item, *domain);
                }
            }
            _ => {}
        }
    }

    fn compared(&mut self, value: &Expr, literal: &Expr, domain: Domain) {
        let (ExprKind::Text(text), Domain::Text { fold_case: folded }) = (&literal.kind, domain)
        else {
            return;
        };
        let Some(column) = self.column(value).filter(|column| !column.values.is_empty()) else {
            return;
        };
        let form = |text: &str| if folded { fold_case(text) } else { text.to_owned() };
        let known = self.known.entry((column.id, folded));
        let known =
            known.or_insert_with(|| column.values.iter().map(|value| form(value)).collect());
        if known.contains(&form(text)) {
            return;
        }
        let message = format!("`{text}` is not a declared value of `{}`", column.name);
        let finding = Finding::new(Code::UndeclaredText, literal.span, message);
        self.findings.push(finding.help(help(column, text, &mut self.searches)));
    }

    /// The column that a value is of.
    fn column(&self, value: &Expr) -> Option<&'a Column> {
        match &value.kind {
            ExprKind::Column(path) => Some(self.schema.column(path.column)),
            ExprKind::Aggregate(aggregate) => match aggregate.function {
                AggregateFunction::First
                | AggregateFunction::Last
                | AggregateFunction::Min
                | AggregateFunction::Max => self.column(aggregate.value.as_ref()?),
                _ => None,
            },
            _ => None,
        }
    }
}

/// The nearest value, or else those that there are.
fn help(column: &Column, text: &str, searches: &mut usize) -> String {
    let values = column.values.iter().map(String::as_str);
    let near = match searches.checked_sub(column.values.len()) {
        Some(left) => {
            *searches = left;
            nearest(text, values)
        }
        None => None,
    };
    did_you_mean(near, || {
        let named: Vec<_> =
            column.values.iter().take(NAMED).map(|value| format!("`{value}`")).collect();
        let more = if column.values.len() > NAMED { ", …" } else { "" };
        format!("its declared values are {}{more}", named.join(", "))
    })
}
