//! Rules: a field, an operator and a value.

use super::{
    Reader, Scope,
    field::{Field, is_literal},
    group::{ASIDE, not},
    words::{self, MODES, Mode, Operator, Test},
};
use crate::{
    config::{
        data::Data,
        node::{Node, listed, shortened},
    },
    diagnostic::{Code, SourceId, Span, did_you_mean},
    limits::Limits,
    rule::ExprType,
    schema::Role,
    syntax::{
        parse_condition, print_expr,
        tree::{Aggregate, CompareOp, Contained, Expr, ExprKind, Name, Number},
    },
};

impl Reader<'_> {
    pub(super) fn rule(&mut self, node: &Node<'_>, scope: Scope) -> Option<Expr> {
        let own = ["field", "operator", "value", "valueSource", "match"];
        let known: Vec<&str> = own.into_iter().chain(ASIDE).collect();
        self.problems.only(node, "a rule", &known);
        let field = self.problems.wanted(node, "a rule", "field")?;
        let Data::Text(text) = field.data else {
            return self.problems.field_mismatch(node, "field", "the name of a column");
        };
        if let Some(subquery) = node.field("match").filter(|each| *each.data != Data::Null) {
            return self.subquery(node, text, &subquery, scope);
        }
        let read = self.field(node, "field", text, scope);
        let operator = self.operator(node);
        let (read, operator) = (read?, operator?);
        let expr = self.test(node, read, operator, scope)?;
        self.placed(node, &expr)
    }

    /// The rule with places in its own text, for whatever the checker says of it.
    fn placed(&mut self, node: &Node<'_>, expr: &Expr) -> Option<Expr> {
        let text = print_expr(expr);
        let source = self.problems.add_source(node.place(), text.as_str());
        let parsed = parse_condition(source, &text, self.limits);
        let whole = parsed.findings.is_empty();
        self.problems.extend(parsed.findings);
        whole.then_some(parsed.tree)
    }

    fn operator(&mut self, node: &Node<'_>) -> Option<Operator> {
        let field = self.problems.wanted(node, "a rule", "operator")?;
        let key = Some("operator");
        let Data::Text(word) = field.data else {
            return self.problems.field_mismatch(node, "operator", "a text");
        };
        if let Some(operator) = words::find(word) {
            return Some(operator);
        }
        if matches!(word.trim(), "" | "~") {
            let message = "this rule has no operator yet";
            return self.problems.report(node, key, Code::IncompleteRule, message, None);
        }
        let near = words::nearest_operator(word);
        let help = did_you_mean(near, || {
            let names: Vec<&str> = words::OPERATORS.iter().map(|each| each.name).collect();
            format!("there are {}", listed(&names))
        });
        let message = format!("unknown operator `{}`", shortened(word));
        self.problems.report(node, key, Code::UnknownOperator, message, Some(help))
    }

    fn test(
        &mut self,
        node: &Node<'_>,
        field: Field,
        operator: Operator,
        scope: Scope,
    ) -> Option<Expr> {
        let Operator { negated, test, .. } = operator;
        let value = Box::new(field.expr);
        let kind = match test {
            Test::Null if is_set(field.ty) => ExprKind::IsEmpty { negated, value },
            Test::Null => ExprKind::IsNull { negated, value },
            Test::Compare(op) => {
                let right = self.single(node, field.ty, scope)?;
                ExprKind::Compare { op, left: value, right: Box::new(right), ignoring: None }
            }
            Test::Contains => {
                let element = Box::new(self.single(node, element_type(field.ty), scope)?);
                let what = Contained::One(element);
                ExprKind::Contains { negated, value, what, ignoring: None }
            }
            Test::Text(test) => {
                let pattern = Box::new(self.single(node, field.ty, scope)?);
                let kind = ExprKind::TextTest { test, value, pattern, ignoring: None };
                let test = Expr { kind, span: Span::NONE };
                return Some(if negated { not(test) } else { test });
            }
            Test::In => {
                let list = self.several(node, field.ty, scope)?;
                ExprKind::In { negated, value, list, ignoring: None }
            }
            Test::Between => {
                let ends = self.several(node, field.ty, scope)?;
                let found = ends.len();
                let Ok([low, high]) = <[Expr; 2]>::try_from(ends) else {
                    let message = format!("`{}` takes two values, not {found}", operator.name);
                    let value = Some("value");
                    return self.problems.report(node, value, Code::WrongValue, message, None);
                };
                let (low, high) = (Box::new(low), Box::new(high));
                ExprKind::Between { negated, value, low, high, ignoring: None }
            }
        };
        Some(Expr { kind, span: Span::NONE })
    }

    /// Whether the value is the name of a field.
    fn is_field(&mut self, node: &Node<'_>) -> Option<bool> {
        match node.field("valueSource") {
            None | Some(Node { data: Data::Null, .. }) => Some(false),
            Some(source) => match source.data {
                Data::Text(word) if word == "value" => Some(false),
                Data::Text(word) if word == "field" => Some(true),
                Data::Text(word) => {
                    let message = format!("a value from `{}` has no equivalent", shortened(word));
                    let help = "there are `value` and `field`".to_owned();
                    let code = Code::NoEquivalent;
                    self.problems.report(node, Some("valueSource"), code, message, Some(help))
                }
                _ => self.problems.field_mismatch(node, "valueSource", "`value` or `field`"),
            },
        }
    }

    fn single(&mut self, node: &Node<'_>, ty: ExprType, scope: Scope) -> Option<Expr> {
        let is_field = self.is_field(node)?;
        let value = self.problems.wanted(node, "this operator", "value")?;
        self.value(node, value.data, ty, is_field, scope)
    }

    /// A list, or a text with commas, of which those behind a backslash do not count.
    fn several(&mut self, node: &Node<'_>, ty: ExprType, scope: Scope) -> Option<Vec<Expr>> {
        let is_field = self.is_field(node)?;
        let value = self.problems.wanted(node, "this operator", "value")?;
        let split: Vec<Data>;
        let list = match value.data {
            Data::Text(text) => {
                split = split_list(text).into_iter().map(Data::Text).collect();
                split.as_slice()
            }
            Data::List(elements) => elements,
            single => std::slice::from_ref(single),
        };
        let elements: Vec<Option<Expr>> =
            list.iter().map(|element| self.value(node, element, ty, is_field, scope)).collect();
        if elements.is_empty() {
            let message = "this rule has no values yet";
            return self.problems.report(node, Some("value"), Code::IncompleteRule, message, None);
        }
        elements.into_iter().collect()
    }

    fn value(
        &mut self,
        rule: &Node<'_>,
        data: &Data,
        ty: ExprType,
        is_field: bool,
        scope: Scope,
    ) -> Option<Expr> {
        if is_field {
            let Data::Text(text) = data else {
                return self.problems.field_mismatch(rule, "value", "the name of a column");
            };
            return self.field(rule, "value", text, scope).map(|field| field.expr);
        }
        match literal(data, ty) {
            Ok(kind) => Some(Expr { kind, span: Span::NONE }),
            Err((wanted, help)) => {
                let shown = data.digits().unwrap_or_else(|| data.kind().to_owned());
                let (code, message) = match data {
                    Data::Null => (Code::IncompleteRule, "this rule has no value yet".to_owned()),
                    Data::Text(text) if text.trim().is_empty() => {
                        (Code::IncompleteRule, "this rule has no value yet".to_owned())
                    }
                    Data::Text(_) | Data::Whole(_) | Data::Float(_) => {
                        (Code::WrongValue, format!("`{}` is not {wanted}", shortened(&shown)))
                    }
                    _ => (Code::WrongValue, format!("expected {wanted}, found {shown}")),
                };
                self.problems.report(rule, Some("value"), code, message, help)
            }
        }
    }

    /// A rule about the rows of a table: `match` says how many of them meet the query that is its value.
    fn subquery(
        &mut self,
        node: &Node<'_>,
        table: &str,
        subquery: &Node<'_>,
        scope: Scope,
    ) -> Option<Expr> {
        self.problems.only(subquery, "`match`", &["mode", "threshold"]);
        let mode = self.problems.wanted(subquery, "`match`", "mode")?;
        let value = self.problems.wanted(node, "this rule", "value")?;
        let rows = self.schema.find_table(table).filter(|id| {
            matches!(self.schema.table(*id).role, Role::Child { .. } | Role::Nested { .. })
        });
        let Some(rows) = rows.filter(|_| scope == Scope::Customers) else {
            let message = match scope {
                Scope::Customers => format!("`{}` is no table of rows", shortened(table)),
                Scope::Rows(_) => "rows have no rows of their own here".to_owned(),
            };
            return self.problems.report(node, Some("field"), Code::NoEquivalent, message, None);
        };
        let known = match mode.data {
            Data::Text(word) => MODES.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)),
            _ => None,
        };
        let Some((_, known)) = known else {
            let message = "unknown mode of `match`";
            let names: Vec<&str> = MODES.iter().map(|(name, _)| *name).collect();
            let help = format!("there are {}", listed(&names));
            return self.problems.report(
                node,
                Some("match"),
                Code::UnknownOperator,
                message,
                Some(help),
            );
        };
        let filter = self.root(&value, Scope::Rows(rows));
        let threshold = match known {
            Mode::Counted(op) => Some((*op, self.threshold(node, subquery)?)),
            _ => None,
        };
        let source = self.problems.add_source(node.place(), format!("rows of {table}"));
        let end = u32::try_from(table.len() + 8).unwrap_or(0);
        let span = Span::new(source, 0, end);
        Some(counted(table, *known, threshold, filter?, span))
    }

    fn threshold(&mut self, rule: &Node<'_>, subquery: &Node<'_>) -> Option<Number> {
        let threshold = self.problems.wanted(subquery, "this mode", "threshold")?;
        let (code, message) = match threshold.data {
            Data::Whole(number) if (0..1 << 60).contains(number) => {
                return Some(Number { mantissa: *number, scale: 0, grouped: false });
            }
            Data::Float(share) if *share > 0.0 && *share < 1.0 => {
                (Code::NoEquivalent, "a share of the rows has no equivalent")
            }
            _ => (Code::WrongValue, "the threshold is a whole number from 0"),
        };
        self.problems.report(rule, Some("match"), code, message, None)
    }
}

/// `exists(orders where …)`, or the number of such rows compared.
fn counted(
    table: &str,
    mode: Mode,
    threshold: Option<(CompareOp, Number)>,
    filter: Expr,
    span: Span,
) -> Expr {
    let filter = match (mode, filter) {
        (Mode::All, filter) => Some(not(filter)),
        (_, Expr { kind: ExprKind::Bool(true), .. }) => None,
        (_, filter) => Some(filter),
    };
    let rows = |function| {
        let target = vec![Name { text: table.to_owned(), span }];
        let filter = filter.map(Box::new);
        Expr { kind: ExprKind::Aggregate { function, distinct: false, target, filter }, span }
    };
    match (mode, threshold) {
        (_, Some((op, number))) => {
            let right = Box::new(Expr { kind: ExprKind::Number(number), span });
            let left = Box::new(rows(Aggregate::Count));
            Expr { kind: ExprKind::Compare { op, left, right, ignoring: None }, span }
        }
        (Mode::All | Mode::None, None) => not(rows(Aggregate::Exists)),
        (_, None) => rows(Aggregate::Exists),
    }
}

/// What a value stands for beside a field of this type, or what is wanted and perhaps what to do.
fn literal(data: &Data, ty: ExprType) -> Result<ExprKind, (&'static str, Option<String>)> {
    match (ty, data) {
        (ExprType::Bool, Data::Bool(value)) => Ok(ExprKind::Bool(*value)),
        (ExprType::Bool, Data::Text(word)) => match word.trim() {
            "true" => Ok(ExprKind::Bool(true)),
            "false" => Ok(ExprKind::Bool(false)),
            _ => Err(("`true` or `false`", None)),
        },
        (ExprType::Bool, _) => Err(("`true` or `false`", None)),
        (ExprType::Text, Data::Text(text)) => Ok(ExprKind::Text(text.clone())),
        (ExprType::Text, _) => Err(("a text", None)),
        (ExprType::Exact { .. } | ExprType::Float | ExprType::IntSet, data) => {
            let is_number = |kind: &ExprKind| match kind {
                ExprKind::Negate(inner) => matches!(inner.kind, ExprKind::Number(_)),
                kind => matches!(kind, ExprKind::Number(_)),
            };
            written(data, "a number", is_number)
        }
        (ExprType::Date | ExprType::DateTime | ExprType::MonthDay, Data::Text(_)) => {
            let wanted = "a day or a time, as `2026-11-01` or `30 days ago`";
            let is_time = |kind: &ExprKind| {
                let other = matches!(
                    kind,
                    ExprKind::Number(_)
                        | ExprKind::Text(_)
                        | ExprKind::Bool(_)
                        | ExprKind::Negate(_)
                );
                is_literal(kind) && !other
            };
            written(data, wanted, is_time)
        }
        (ExprType::Date | ExprType::DateTime | ExprType::MonthDay, _) => {
            Err(("a day or a time, as `2026-11-01` or `30 days ago`", None))
        }
        // What is wrong with these fields the checker says of the rule.
        (ExprType::TextSet | ExprType::Geo, Data::Text(text)) => Ok(ExprKind::Text(text.clone())),
        (ExprType::TextSet | ExprType::Geo, _) => Err(("a text", None)),
    }
}

/// A value in the language.
fn written(
    data: &Data,
    wanted: &'static str,
    fits: impl Fn(&ExprKind) -> bool,
) -> Result<ExprKind, (&'static str, Option<String>)> {
    let Some(text) = data.digits() else { return Err((wanted, None)) };
    let parsed = parse_condition(SourceId(u32::MAX), &text, &Limits::default());
    let mut kind = parsed.tree.kind;
    while let ExprKind::Paren(inner) = kind {
        kind = inner.kind;
    }
    if parsed.findings.is_empty() && fits(&kind) {
        return Ok(kind);
    }
    Err((wanted, parsed.findings.into_iter().find_map(|finding| finding.help)))
}

fn is_set(ty: ExprType) -> bool {
    matches!(ty, ExprType::TextSet | ExprType::IntSet)
}

/// What a set can contain.
fn element_type(ty: ExprType) -> ExprType {
    match ty {
        ExprType::TextSet => ExprType::Text,
        ExprType::IntSet => ExprType::Exact { scale: 0 },
        other => other,
    }
}

/// The parts between commas, without blanks around them and without empty ones.
fn split_list(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, parts.last_mut()) {
            (',', _) => parts.push(String::new()),
            ('\\', Some(part)) if letters.next_if_eq(&',').is_some() => part.push(','),
            (_, Some(part)) => part.push(letter),
            (_, None) => {}
        }
    }
    let trimmed = parts.iter().map(|part| part.trim().to_owned());
    trimmed.filter(|part| !part.is_empty()).collect()
}
