//! Fields: columns, or values of the language.

use super::{Reader, Scope};
use crate::{
    check::value_type,
    config::node::{Node, shortened},
    diagnostic::{Code, Finding, SourceId, Span},
    limits::Limits,
    rule::ExprType,
    schema::Schema,
    syntax::{
        is_name, parse_condition, print_expr,
        tree::{Expr, ExprKind, Name},
    },
};

/// What a field names, and the type of its values.
pub(super) struct Field {
    pub(super) expr: Expr,
    pub(super) ty: ExprType,
}

impl Reader<'_> {
    /// The field that a text names; `key` is where the rule has it.
    pub(super) fn field(
        &mut self,
        rule: &Node<'_>,
        key: &str,
        text: &str,
        scope: Scope,
    ) -> Option<Field> {
        if matches!(text.trim(), "" | "~") {
            let message = "this rule has no field yet";
            return self.problems.report(rule, Some(key), Code::IncompleteRule, message, None);
        }
        let Some(expr) = resolve(self.schema, scope, text) else {
            let message = format!("`{}` is no column and no value", shortened(text));
            let near = self.schema.table(scope.table()).nearest_column(text);
            let help = near.map(|near| format!("did you mean `{near}`?"));
            return self.problems.report(rule, Some(key), Code::UnknownColumn, message, help);
        };
        match self.type_of(&expr, scope) {
            Ok(ty) => Some(Field { expr, ty }),
            Err(_) => {
                // Again with places in a text that can be shown.
                let text = print_expr(&expr);
                let source = self.problems.add_source(rule.place(), text.as_str());
                let placed = parse_condition(source, &text, self.limits).tree;
                let found = self.type_of(&placed, scope);
                self.problems.extend(found.err().unwrap_or_default());
                None
            }
        }
    }

    fn type_of(&self, expr: &Expr, scope: Scope) -> Result<ExprType, Vec<Finding>> {
        let row = match scope {
            Scope::Customers => None,
            Scope::Rows(table) => Some(table),
        };
        value_type(self.schema, row, expr, self.problems.sources(), self.limits)
    }
}

/// The column of this name; or else the value that the text is in the language; or else the path of columns that it is
/// when odd names stand between its points.
pub(super) fn resolve(schema: &Schema, scope: Scope, text: &str) -> Option<Expr> {
    let table = schema.table(scope.table());
    if table.find(text).is_some() && is_name(text) {
        return Some(path([text]));
    }
    let parsed = parse_condition(SourceId(u32::MAX), text, &Limits::default());
    if parsed.findings.is_empty() && is_value(&parsed.tree.kind) {
        return Some(parsed.tree);
    }
    let names = text.split('.');
    let known = names.clone().next().is_some_and(|first| table.find(first).is_some());
    (known && names.clone().all(is_name)).then(|| path(names))
}

/// A text of the field that is read as this value again.
pub(super) fn text_of(schema: &Schema, scope: Scope, expr: &Expr) -> String {
    if let ExprKind::Path(names) = &expr.kind {
        let plain: Vec<&str> = names.iter().map(|name| name.text.as_str()).collect();
        let plain = plain.join(".");
        let read = resolve(schema, scope, &plain).map(|read| print_expr(&read));
        if read == Some(print_expr(expr)) {
            return plain;
        }
        let quoted: Vec<String> = names.iter().map(|name| format!("`{}`", name.text)).collect();
        return quoted.join(".");
    }
    print_expr(expr)
}

fn path<'a>(names: impl IntoIterator<Item = &'a str>) -> Expr {
    let name = |text: &str| Name { text: text.to_owned(), span: Span::NONE };
    let names = names.into_iter().map(name).collect();
    Expr { kind: ExprKind::Path(names), span: Span::NONE }
}

/// Whether this is a value by its form, and not one that is written out.
pub(super) fn is_value(kind: &ExprKind) -> bool {
    match kind {
        ExprKind::Path(_)
        | ExprKind::Call { .. }
        | ExprKind::Aggregate { .. }
        | ExprKind::Arithmetic { .. } => true,
        ExprKind::Negate(inner) => !matches!(inner.kind, ExprKind::Number(_)),
        ExprKind::Paren(inner) => is_value(&inner.kind),
        _ => false,
    }
}

/// Whether this is a value that is written out.
pub(super) fn is_literal(kind: &ExprKind) -> bool {
    match kind {
        ExprKind::Number(_)
        | ExprKind::Text(_)
        | ExprKind::Bool(_)
        | ExprKind::Date(_)
        | ExprKind::DateTime { .. }
        | ExprKind::MonthDay { .. }
        | ExprKind::Today
        | ExprKind::Yesterday
        | ExprKind::Tomorrow
        | ExprKind::Now
        | ExprKind::Relative { .. } => true,
        ExprKind::Negate(inner) => matches!(inner.kind, ExprKind::Number(_)),
        ExprKind::Paren(inner) => is_literal(&inner.kind),
        _ => false,
    }
}
