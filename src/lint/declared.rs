//! Texts that no value of a column can be, and orders that its values do not have.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use crate::{
    diagnostic::{Code, Finding, did_you_mean, nearest},
    rule::{
        AggregateFunction, CompareOp, Condition, ConditionKind, Domain, Expr, ExprKind, Node,
        Prediction, RfmField, RuleSet, nodes,
    },
    schema::{ColumnId, Schema},
    value::fold_case,
};

/// So many values are looked through in search of the nearest ones.
const SEARCHES: usize = 200_000;

/// So many values are named.
const NAMED: usize = 6;

/// Warns of every text that a column is compared with and that is not among the column's declared values, and of
/// comparisons by order where the letters are in another order than those values.
pub(super) fn undeclared_values(schema: &Schema, rules: &RuleSet, findings: &mut Vec<Finding>) {
    // PERF: most schemas declare no values.
    if !schema.declares_values() && schema.rfm().is_none() && schema.predict().is_none() {
        return;
    }
    let mut search = Search {
        schema,
        known: HashMap::new(),
        ascending: HashMap::new(),
        searches: SEARCHES,
        findings,
    };
    let roots = rules.segments.iter().flat_map(|rule| rule.includes.iter().chain(&rule.excludes));
    for node in nodes(roots.chain(rules.purchase_filters()).map(Node::Condition)) {
        if let Node::Condition(condition) = node {
            search.condition(condition);
        }
    }
}

struct Search<'a, 'f> {
    schema: &'a Schema,
    /// The declared values as they are, and without their case.
    known: HashMap<(Subject, bool), HashSet<String>>,
    /// Whether the declared values are in the order of their letters, or in that from last to first.
    ascending: HashMap<(Subject, bool), bool>,
    searches: usize,
    findings: &'f mut Vec<Finding>,
}

/// What has declared values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Subject {
    Column(ColumnId),
    Rfm(RfmField),
    Tier,
}

struct Declared<'a> {
    subject: Subject,
    name: String,
    values: Cow<'a, [String]>,
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
            ConditionKind::Compare { left, right, domain, .. } => {
                for side in [left, right] {
                    self.ordered(side, *domain, condition);
                }
            }
            ConditionKind::Between { value, low, .. } => self.ordered(value, low.1, condition),
            _ => {}
        }
    }

    fn compared(&mut self, value: &Expr, literal: &Expr, domain: Domain) {
        let (ExprKind::Text(text), Domain::Text { fold_case: folded }) = (&literal.kind, domain)
        else {
            return;
        };
        let declared = self.declared(value).filter(|declared| !declared.values.is_empty());
        let Some(declared) = declared else { return };
        let form = |text: &str| if folded { fold_case(text) } else { text.to_owned() };
        let known = self.known.entry((declared.subject, folded));
        let known =
            known.or_insert_with(|| declared.values.iter().map(|value| form(value)).collect());
        if known.contains(&form(text)) {
            return;
        }
        let (name, subject) = (&declared.name, declared.subject);
        let message = match subject {
            Subject::Column(_) => format!("`{text}` is not a declared value of `{name}`"),
            Subject::Rfm(_) | Subject::Tier => format!("`{name}` is never `{text}`"),
        };
        let finding = Finding::new(Code::UndeclaredText, literal.span, message);
        let help = match subject {
            Subject::Rfm(RfmField::Score) => {
                let ends = declared.values.first().zip(declared.values.last());
                let (first, last) = ends.map_or(("", ""), |(first, last)| (first, last));
                format!("the scores of recency, frequency and monetary, from `{first}` to `{last}`")
            }
            _ => help(&declared, text, &mut self.searches),
        };
        self.findings.push(finding.help(help));
    }

    /// A value that is above or below another one, or between two.
    fn ordered(&mut self, value: &Expr, domain: Domain, condition: &Condition) {
        let Domain::Text { fold_case: folded } = domain else { return };
        let Some(declared) = self.declared(value) else { return };
        let form = |text: &str| if folded { fold_case(text) } else { text.to_owned() };
        let ascends = *self.ascending.entry((declared.subject, folded)).or_insert_with(|| {
            let forms = || declared.values.iter().map(|value| form(value));
            forms().is_sorted() || forms().rev().is_sorted()
        });
        if ascends {
            return;
        }
        let message =
            format!("`{}` is compared by letters, not in the order of its values", declared.name);
        let help = if declared.subject == Subject::Rfm(RfmField::Score) {
            "compare `rfm.recency`, `rfm.frequency` or `rfm.monetary`, which are numbers".to_owned()
        } else {
            let mut sorted: Vec<&str> = declared.values.iter().map(String::as_str).collect();
            sorted.sort_by_cached_key(|value| form(value));
            let named = listed(sorted.into_iter());
            format!("name the values that are meant with `in (…)`; by letters they are {named}")
        };
        self.findings.push(Finding::new(Code::LetterOrder, condition.span, message).help(help));
    }

    /// What a value can be.
    fn declared(&self, value: &Expr) -> Option<Declared<'a>> {
        match &value.kind {
            ExprKind::Column(path) => {
                let column = self.schema.column(path.column);
                Some(Declared {
                    subject: Subject::Column(column.id),
                    name: column.name.clone(),
                    values: Cow::Borrowed(&column.values),
                })
            }
            ExprKind::Rfm(field) => {
                let scores = &self.schema.rfm()?.scores;
                let values = match field {
                    RfmField::Group => Cow::Borrowed(scores.groups.as_ref()?.names()),
                    RfmField::Score => scores.all().map(|each| scores.text(each)).collect(),
                    RfmField::Recency | RfmField::Frequency | RfmField::Monetary => return None,
                };
                let name = format!("rfm.{}", field.name());
                Some(Declared { subject: Subject::Rfm(*field), name, values })
            }
            ExprKind::Predicted(Prediction::SpendTier) => Some(Declared {
                subject: Subject::Tier,
                name: "predict.spend_tier".to_owned(),
                values: Prediction::TIERS.into_iter().rev().map(str::to_owned).collect(),
            }),
            ExprKind::Aggregate(aggregate) => match aggregate.function {
                AggregateFunction::First
                | AggregateFunction::Last
                | AggregateFunction::Min
                | AggregateFunction::Max => self.declared(aggregate.value.as_ref()?),
                _ => None,
            },
            _ => None,
        }
    }
}

/// The nearest value, or else those that there are.
fn help(declared: &Declared<'_>, text: &str, searches: &mut usize) -> String {
    let values = declared.values.iter().map(String::as_str);
    let near = match searches.checked_sub(declared.values.len()) {
        Some(left) => {
            *searches = left;
            nearest(text, values)
        }
        None => None,
    };
    did_you_mean(near, || {
        let named = listed(declared.values.iter().map(String::as_str));
        match declared.subject {
            Subject::Column(_) => format!("its declared values are {named}"),
            Subject::Rfm(_) | Subject::Tier => format!("it is one of {named}"),
        }
    })
}

/// The first of them.
fn listed<'v>(values: impl ExactSizeIterator<Item = &'v str>) -> String {
    let more = if values.len() > NAMED { ", …" } else { "" };
    let named: Vec<String> = values.take(NAMED).map(|value| format!("`{value}`")).collect();
    format!("{}{more}", named.join(", "))
}
