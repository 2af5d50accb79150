//! From a condition to a query.

use super::{
    Scope,
    field::{is_literal, is_value, text_of},
    words::{self, Mode, Test},
};
use crate::{
    calendar::Unit,
    check::{Texts, check},
    config::{Condition, data::Data, node::Problems},
    diagnostic::{Code, Finding, Severity, Span},
    error::Result,
    limits::Limits,
    schema::{Role, Schema, TableId},
    syntax::{
        parse_condition, print_expr,
        tree::{
            Aggregate, Amount, CompareOp, Contained, Direction, Expr, ExprKind, Name, Quantifier,
            TextTest,
        },
    },
};

pub(super) fn write(condition: &Condition, schema: &Schema, limits: &Limits) -> Result<Data> {
    let mut problems = Problems::default();
    let text = condition.as_written();
    let source = problems.add_source("condition", text.as_str());
    let unlimited = Limits { condition_bytes: usize::MAX, ..limits.clone() };
    let parsed = parse_condition(source, &text, &unlimited);
    problems.extend(parsed.findings);
    if !problems.is_empty() {
        return Err(problems.into_error());
    }
    let expr = parsed.tree;
    let name = Name { text: "query".to_owned(), span: expr.span };
    let texts = Texts::condition(name, expr.clone());
    let found = check(schema, &texts, problems.sources(), limits).1.into_iter();
    let is_error = |found: &Finding| found.code.severity() == Severity::Error;
    // Segments have no equivalent, known or not.
    problems.extend(found.filter(|f| is_error(f) && f.code != Code::UnknownSegment));
    if !problems.is_empty() {
        return Err(problems.into_error());
    }
    let mut writer = Writer { schema, findings: Vec::new() };
    let written = writer.root(&expr, Scope::Customers);
    problems.extend(writer.findings);
    match written.filter(|_| problems.is_empty()) {
        Some(query) => Ok(query),
        None => Err(problems.into_error()),
    }
}

struct Writer<'a> {
    schema: &'a Schema,
    findings: Vec<Finding>,
}

/// The parts of a group.
struct Group<'e> {
    any: bool,
    negated: bool,
    rules: &'e [Expr],
}

impl Writer<'_> {
    /// A condition as a whole query.
    fn root(&mut self, expr: &Expr, scope: Scope) -> Option<Data> {
        let expr = expr.bare();
        if let ExprKind::Bool(value) = expr.kind {
            return Some(group_data(false, !value, Vec::new()));
        }
        if let Some(group) = group_of(expr) {
            return self.group(&group, scope);
        }
        let item = self.item(expr, scope)?;
        let is_group = item.get("rules").is_some();
        Some(if is_group { item } else { group_data(false, false, vec![item]) })
    }

    fn group(&mut self, group: &Group<'_>, scope: Scope) -> Option<Data> {
        let rules: Vec<Option<Data>> =
            group.rules.iter().map(|rule| self.item(rule, scope)).collect();
        Some(group_data(group.any, group.negated, rules.into_iter().collect::<Option<_>>()?))
    }

    /// A condition as a rule or a group in a group.
    fn item(&mut self, expr: &Expr, scope: Scope) -> Option<Data> {
        let expr = expr.bare();
        if let Some(group) = group_of(expr) {
            return self.group(&group, scope);
        }
        match &expr.kind {
            ExprKind::Not(inner) => self.negation(inner.bare(), scope),
            ExprKind::Aggregate { function: Aggregate::Exists, target, filter, .. } => {
                match self.rows(target, scope) {
                    Some(table) => self.subquery(table, Mode::Some, None, filter.as_deref()),
                    None => self.field_rule(expr, "=", &Data::Bool(true), scope),
                }
            }
            ExprKind::Bool(_) => self.refuse(
                expr,
                "a group in a query is never empty, so nothing in it is always true or false",
            ),
            kind if is_value(kind) => self.field_rule(expr, "=", &Data::Bool(true), scope),
            _ => self.comparison(expr, scope),
        }
    }

    fn negation(&mut self, inner: &Expr, scope: Scope) -> Option<Data> {
        match &inner.kind {
            ExprKind::Not(again) => self.item(again, scope),
            ExprKind::TextTest { test, value, pattern, ignoring: None } => {
                self.text_test(inner, true, (*test, value, pattern), scope)
            }
            ExprKind::Aggregate { function: Aggregate::Exists, target, filter, .. }
                if self.rows(target, scope).is_some() =>
            {
                let table = self.rows(target, scope)?;
                self.subquery(table, Mode::None, None, filter.as_deref())
            }
            _ => {
                let rule = self.item(inner, scope)?;
                Some(group_data(false, true, vec![rule]))
            }
        }
    }

    fn comparison(&mut self, expr: &Expr, scope: Scope) -> Option<Data> {
        match &expr.kind {
            ExprKind::Compare { ignoring: Some(_), .. }
            | ExprKind::Between { ignoring: Some(_), .. }
            | ExprKind::In { ignoring: Some(_), .. }
            | ExprKind::Contains { ignoring: Some(_), .. }
            | ExprKind::TextTest { ignoring: Some(_), .. }
            | ExprKind::Within { ignoring: Some(_), .. } => {
                self.refuse(expr, "a query has no `ignoring`")
            }
            ExprKind::Compare { op, left, right, .. } => {
                self.compare(*op, left.bare(), right.bare(), scope)
            }
            ExprKind::Between { negated, value, low, high, .. } => {
                let ends = [low.as_ref(), high.as_ref()];
                self.listed(expr, words::name(*negated, Test::Between), value, &ends, scope)
            }
            ExprKind::In { negated, value, list, .. } => {
                let list: Vec<&Expr> = list.iter().collect();
                self.listed(expr, words::name(*negated, Test::In), value, &list, scope)
            }
            ExprKind::Contains { negated, value, what, .. } => {
                self.contains(*negated, value, what, scope)
            }
            ExprKind::TextTest { test, value, pattern, .. } => {
                self.text_test(expr, false, (*test, value, pattern), scope)
            }
            ExprKind::IsNull { negated, value } | ExprKind::IsEmpty { negated, value } => {
                self.field_rule(value, words::name(*negated, Test::Null), &Data::Null, scope)
            }
            ExprKind::Within { value, direction, amount, unit, .. } => {
                let ends = window(*direction, amount, *unit, expr.span);
                let ends: Vec<&Expr> = ends.iter().collect();
                self.listed(expr, "between", value, &ends, scope)
            }
            kind => self.refuse(expr, other(kind)),
        }
    }

    fn compare(&mut self, op: CompareOp, left: &Expr, right: &Expr, scope: Scope) -> Option<Data> {
        if is_literal(&left.kind) && is_value(&right.kind) {
            return self.compare(turned(op), right, left, scope);
        }
        if let Some(rule) = self.number_of_rows(op, left, right, scope) {
            return rule;
        }
        let name = words::name(false, Test::Compare(op));
        self.valued(name, left, right, scope)
    }

    /// `count(orders where …) >= 4`; `None` where this is another comparison.
    fn number_of_rows(
        &mut self,
        op: CompareOp,
        left: &Expr,
        right: &Expr,
        scope: Scope,
    ) -> Option<Option<Data>> {
        let ExprKind::Aggregate { function: Aggregate::Count, distinct: false, target, filter } =
            &left.kind
        else {
            return None;
        };
        let (filter, ExprKind::Number(number)) = (filter.as_deref()?, &right.kind) else {
            return None;
        };
        if let ExprKind::Bool(true) = filter.bare().kind {
            let all = Expr { kind: without_filter(&left.kind), span: left.span };
            return Some(self.valued(words::name(false, Test::Compare(op)), &all, right, scope));
        }
        let table = self.rows(target, scope)?;
        let mode = Mode::Counted(op);
        let known = words::MODES.iter().any(|(_, each)| *each == mode);
        let number = i128::from(u64::try_from(number.mantissa).ok().filter(|_| number.scale == 0)?);
        known.then(|| self.subquery(table, mode, Some(number), Some(filter)))
    }

    fn contains(
        &mut self,
        negated: bool,
        value: &Expr,
        what: &Contained,
        scope: Scope,
    ) -> Option<Data> {
        let (any, list) = match what {
            Contained::One(element) => {
                return self.valued(
                    words::name(negated, Test::Contains),
                    value,
                    element.bare(),
                    scope,
                );
            }
            Contained::AnyOf(list) => (true, list),
            Contained::AllOf(list) => (false, list),
        };
        let rules: Vec<Option<Data>> = list
            .iter()
            .map(|element| self.valued("contains", value, element.bare(), scope))
            .collect();
        Some(group_data(any, negated, rules.into_iter().collect::<Option<_>>()?))
    }

    fn text_test(
        &mut self,
        whole: &Expr,
        negated: bool,
        (test, value, pattern): (TextTest, &Expr, &Expr),
        scope: Scope,
    ) -> Option<Data> {
        if test == TextTest::Matches {
            return self.refuse(whole, "a query has no `matches`");
        }
        self.valued(words::name(negated, Test::Text(test)), value, pattern.bare(), scope)
    }

    /// A rule with one value.
    fn valued(&mut self, operator: &str, left: &Expr, right: &Expr, scope: Scope) -> Option<Data> {
        if let Some(value) = literal(right) {
            return self.field_rule(left, operator, &value, scope);
        }
        let value = Data::Text(self.field(right, scope)?);
        let rule = self.field_rule(left, operator, &value, scope)?;
        Some(from_field(rule))
    }

    /// A rule with a list of values: all are written out, or all are fields.
    fn listed(
        &mut self,
        whole: &Expr,
        operator: &str,
        left: &Expr,
        list: &[&Expr],
        scope: Scope,
    ) -> Option<Data> {
        let written: Vec<Data> = list.iter().filter_map(|element| literal(element)).collect();
        if written.len() == list.len() {
            return self.field_rule(left, operator, &Data::List(written), scope);
        }
        if !written.is_empty() {
            let reason = "a query's values are all written out, or all columns";
            return self.refuse(whole, reason);
        }
        let fields: Vec<Option<String>> =
            list.iter().map(|element| self.field(element, scope)).collect();
        let fields = fields.into_iter().map(|field| field.map(Data::Text));
        let value = Data::List(fields.collect::<Option<_>>()?);
        let rule = self.field_rule(left, operator, &value, scope)?;
        Some(from_field(rule))
    }

    fn field_rule(
        &mut self,
        left: &Expr,
        operator: &str,
        value: &Data,
        scope: Scope,
    ) -> Option<Data> {
        let field = Data::Text(self.field(left, scope)?);
        let operator = Data::text(operator);
        Some(Data::table([("field", field), ("operator", operator), ("value", value.clone())]))
    }

    fn field(&mut self, expr: &Expr, scope: Scope) -> Option<String> {
        let expr = expr.bare();
        if is_value(&expr.kind) {
            return Some(text_of(self.schema, scope, expr));
        }
        let reason = match is_literal(&expr.kind) {
            true => "a rule of a query is about a column",
            false => "a rule of a query compares values, not conditions",
        };
        self.refuse(expr, reason)
    }

    fn subquery(
        &mut self,
        table: TableId,
        mode: Mode,
        threshold: Option<i128>,
        filter: Option<&Expr>,
    ) -> Option<Data> {
        let value = match filter {
            Some(filter) => self.root(filter, Scope::Rows(table))?,
            None => group_data(false, false, Vec::new()),
        };
        let name = words::MODES.iter().find(|(_, each)| *each == mode).map_or("", |(name, _)| name);
        let mut how = vec![("mode".to_owned(), Data::text(name))];
        how.extend(threshold.map(|number| ("threshold".to_owned(), Data::Whole(number))));
        Some(Data::table([
            ("field", Data::text(&self.schema.table(table).name)),
            ("operator", Data::text("=")),
            ("match", Data::Table(how)),
            ("value", value),
        ]))
    }

    /// The table of rows that an aggregate of customers goes over, if it takes the rows as they are.
    fn rows(&self, target: &[Name], scope: Scope) -> Option<TableId> {
        let [table] = target else { return None };
        let id = self.schema.find_table(&table.text).filter(|_| scope == Scope::Customers)?;
        let role = self.schema.table(id).role;
        matches!(role, Role::Child { .. } | Role::Nested { .. }).then_some(id)
    }

    fn refuse<T>(&mut self, expr: &Expr, reason: &str) -> Option<T> {
        self.findings.push(Finding::new(Code::NoEquivalent, expr.span, reason));
        None
    }
}

/// An aggregate over all rows.
fn without_filter(kind: &ExprKind) -> ExprKind {
    match kind {
        ExprKind::Aggregate { function, distinct, target, .. } => {
            let (function, distinct, target) = (*function, *distinct, target.clone());
            ExprKind::Aggregate { function, distinct, target, filter: None }
        }
        other => other.clone(),
    }
}

fn group_of(expr: &Expr) -> Option<Group<'_>> {
    let (any, negated, rules) = match &expr.kind {
        ExprKind::And(terms) => (false, false, terms),
        ExprKind::Or(terms) => (true, false, terms),
        ExprKind::Quantified { quantifier, conditions } => match quantifier {
            Quantifier::All => (false, false, conditions),
            Quantifier::Any => (true, false, conditions),
            Quantifier::None => (true, true, conditions),
            _ => return None,
        },
        ExprKind::Not(inner) => {
            let group = group_of(inner.bare())?;
            return Some(Group { negated: !group.negated, ..group });
        }
        _ => return None,
    };
    Some(Group { any, negated, rules })
}

fn group_data(any: bool, negated: bool, rules: Vec<Data>) -> Data {
    let mut fields = vec![("combinator".to_owned(), Data::text(if any { "or" } else { "and" }))];
    if negated {
        fields.push(("not".to_owned(), Data::Bool(true)));
    }
    fields.push(("rules".to_owned(), Data::List(rules)));
    Data::Table(fields)
}

/// The rule, its value read as the name of a field.
fn from_field(rule: Data) -> Data {
    match rule {
        Data::Table(mut fields) => {
            fields.push(("valueSource".to_owned(), Data::text("field")));
            Data::Table(fields)
        }
        other => other,
    }
}

/// A value that is written out, as front ends hold it: numbers and days as texts.
fn literal(expr: &Expr) -> Option<Data> {
    let expr = expr.bare();
    match &expr.kind {
        ExprKind::Text(text) => Some(Data::text(text)),
        ExprKind::Bool(value) => Some(Data::Bool(*value)),
        // No `_` between the digits, which front ends do not know.
        ExprKind::Number(_) | ExprKind::Negate(_) if is_literal(&expr.kind) => {
            Some(Data::Text(print_expr(expr).replace('_', "")))
        }
        kind if is_literal(kind) => Some(Data::Text(print_expr(expr))),
        _ => None,
    }
}

/// `within last 30 days` is `between 30 days ago and today`.
fn window(direction: Direction, amount: &Amount, unit: Unit, span: Span) -> [Expr; 2] {
    let far = ExprKind::Relative { amount: amount.clone(), unit, direction };
    let near = if unit.is_clock() { ExprKind::Now } else { ExprKind::Today };
    let [first, last] = match direction {
        Direction::Past => [far, near],
        Direction::Future => [near, far],
    };
    [Expr { kind: first, span }, Expr { kind: last, span }]
}

/// The operator with its sides exchanged.
fn turned(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Equal => CompareOp::Equal,
        CompareOp::NotEqual => CompareOp::NotEqual,
        CompareOp::Less => CompareOp::Greater,
        CompareOp::LessOrEqual => CompareOp::GreaterOrEqual,
        CompareOp::Greater => CompareOp::Less,
        CompareOp::GreaterOrEqual => CompareOp::LessOrEqual,
    }
}

/// Why the rest has no equivalent.
fn other(kind: &ExprKind) -> &'static str {
    match kind {
        ExprKind::Quantified { .. } => "a query joins rules with `and` and `or` only",
        ExprKind::InSegment(_) => "a query does not refer to segments",
        ExprKind::Near { .. } => "a query has no distances",
        ExprKind::Top { .. } => "a query has no `top` and `bottom`",
        ExprKind::Sample { .. } => "a query has no `sample`",
        _ => "a rule of a query is about a column",
    }
}
