//! `rfm.*`: what the schema says of purchases as values, and the columns that rules name.

use super::{Checker, Env, read::Texts};
use crate::{
    calendar::Offset,
    diagnostic::{Code, Finding, Sources, Span},
    limits::Limits,
    rule::{
        Aggregate, AggregateFunction, ColumnPath, Condition, ConditionKind, Expr, ExprKind,
        ExprType, Place, Rfm, RfmField, Start,
    },
    schema::{ColumnId, RfmDefinition, Schema},
    syntax::tree::Name,
};

const WHOLE: ExprType = ExprType::Exact { scale: 0 };

/// What `[rfm]` stands for. Its condition is checked alone: no `let` of a rule file can be used there.
pub(super) fn definition(
    schema: &Schema,
    texts: &Texts,
    sources: &Sources,
    limits: &Limits,
) -> (Option<Rfm>, Vec<Finding>) {
    let Some(definition) = schema.rfm() else { return (None, Vec::new()) };
    let mut checker = Checker::new(schema, sources, limits);
    checker.renew_budget();
    checker.foreign_lets = texts.let_names();
    let rfm = checker.rfm(definition, texts);
    (rfm, checker.findings.into_sorted())
}

impl<'a> Checker<'a> {
    fn rfm(&mut self, definition: &RfmDefinition, texts: &'a Texts) -> Option<Rfm> {
        let table = definition.purchases.table;
        let own = match &texts.rfm_filter {
            Some(filter) => Some(self.condition(filter, &Env::row(table))?),
            None => None,
        };
        let (hops, time) = self.schema.time_of(table)?;
        let start = if hops == 0 { Start::Own } else { Start::Parent(hops) };
        let time = self.column_of_rows(start, time);
        let filter = all(own.into_iter().chain(self.in_window(&time, definition.window)).collect());
        let amount = self.column_of_rows(Start::Own, definition.purchases.amount);
        let aggregate = |function, value: Option<Expr>| {
            let ty = value.as_ref().map_or(WHOLE, |value| value.ty);
            let kind = Aggregate { function, table, value, filter: filter.clone() };
            unplaced(ExprKind::Aggregate(Box::new(kind)), ty)
        };
        Some(Rfm {
            count: aggregate(AggregateFunction::Count, None),
            last: aggregate(AggregateFunction::Last, Some(time)),
            sum: aggregate(AggregateFunction::Sum, Some(amount)),
            scores: definition.scores.clone(),
        })
    }

    pub(super) fn column_of_rows(&self, start: Start, column: ColumnId) -> Expr {
        let path = ColumnPath { start, through: Vec::new(), column };
        unplaced(ExprKind::Column(path), self.column_type(column))
    }

    /// A purchase has a time, and it lies in the window.
    fn in_window(&self, time: &Expr, window: Option<Offset>) -> Option<Condition> {
        let value = time.clone();
        let kind = match window {
            Some(first) => {
                ConditionKind::Within { value, first, last: Offset { amount: 0, ..first } }
            }
            None => ConditionKind::IsNull { negated: true, value },
        };
        Some(condition(kind))
    }

    /// The column of `rfm` that a path names; `names` are those behind `rfm`.
    pub(super) fn rfm_column(&mut self, names: &[Name], span: Span, env: &Env<'a>) -> Option<Expr> {
        let (name, rest) = names.split_first()?;
        let fields = RfmField::ALL.into_iter();
        let Some(field) = fields.clone().find(|field| field.name() == name.text) else {
            let help = self.did_you_mean(&name.text, fields.map(RfmField::name));
            let help = help.unwrap_or_else(|| format!("it has {}", field_list()));
            let message = format!("`rfm` has no column `{}`", name.text);
            return self.error_with(Code::UnknownColumn, name.span, message, help);
        };
        if !rest.is_empty() {
            let message = format!("`rfm.{}` is not a reference, so it has no columns", name.text);
            return self.error(Code::NotAReference, name.span, message);
        }
        let written = format!("`rfm.{}`", field.name());
        if env.in_row_filter() {
            return self.not_in_row_filter(&written, span, env);
        }
        let Some(definition) = self.schema.rfm() else {
            let message = "the schema does not set up `rfm`";
            let help =
                "add `[rfm]` with a `table` and an `amount`; `segmenta init --rfm` prints one";
            return self.error_with(Code::NotSetUp, span, message, help);
        };
        let ty = match field {
            RfmField::Recency | RfmField::Frequency | RfmField::Monetary => WHOLE,
            RfmField::Score => ExprType::Text,
            RfmField::Group if definition.scores.groups.is_none() => {
                let levels = definition.scores.levels;
                let message = format!("`[rfm]` has no groups for its {levels} levels");
                let help = "add `[rfm.groups]`, or a preset with `groups`";
                return self.error_with(Code::NotSetUp, span, message, help);
            }
            RfmField::Group => ExprType::Text,
        };
        Some(Expr { kind: ExprKind::Rfm(field), ty, span })
    }
}

/// The columns of `rfm`, for help.
pub(super) fn field_list() -> String {
    let names = RfmField::ALL.map(|field| format!("`rfm.{}`", field.name()));
    names.join(", ")
}

fn all(mut conditions: Vec<Condition>) -> Option<Condition> {
    match conditions.len() {
        0 | 1 => conditions.pop(),
        _ => Some(condition(ConditionKind::And(conditions))),
    }
}

fn condition(kind: ConditionKind) -> Condition {
    Condition { kind, span: Span::NONE, place: Place { here: None, own: None } }
}

fn unplaced(kind: ExprKind, ty: ExprType) -> Expr {
    Expr { kind, ty, span: Span::NONE }
}
