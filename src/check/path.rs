//! Names of columns and the way to them.

use super::{Checker, Env, Scope, call, describe, expand::Reference, predict, rfm};
use crate::{
    diagnostic::{Code, Span},
    rule::{ColumnPath, Expr, ExprKind, ExprType, Start},
    schema::{ColumnId, Role, TableId},
    syntax::{shorten, tree::Name},
    value::Type,
};

impl<'a> Checker<'a> {
    /// A path that is not the bare name of a parameter or a `let`.
    pub(super) fn path(&mut self, names: &'a [Name], span: Span, env: &Env<'a>) -> Option<Expr> {
        let (first, rest) = names.split_first()?;
        let dotted = !rest.is_empty() && !self.is_word_of_rows(first, env);
        match self.reference(&first.text, env) {
            Some(reference) if dotted => self.path_from(reference, first, rest, span, env),
            _ => self.own_path(names, span, env),
        }
    }

    /// A path that begins at the row at hand, whatever `let`s there are.
    pub(super) fn own_path(
        &mut self,
        names: &'a [Name],
        span: Span,
        env: &Env<'a>,
    ) -> Option<Expr> {
        let (first, rest) = names.split_first()?;
        let Scope::Row(table) = env.names else {
            return self.finish(env.own_start(), Vec::new(), TableId::CUSTOMERS, names, span, env);
        };
        if rest.is_empty() {
            return self.finish(Start::Own, Vec::new(), table, names, span, env);
        }
        if first.text == "customer" {
            let start = Start::Customer;
            return self.finish(start, Vec::new(), TableId::CUSTOMERS, rest, span, env);
        }
        let (mut levels, mut table, mut names) = (0_u8, table, names);
        while let Some(parent) = self.schema.parent_of(table) {
            match names {
                [word, rest @ ..] if word.text == "parent" && !rest.is_empty() => {
                    (levels, table, names) = (levels.checked_add(1)?, parent, rest);
                }
                _ => break,
            }
        }
        let start = if levels == 0 { Start::Own } else { Start::Parent(levels) };
        self.finish(start, Vec::new(), table, names, span, env)
    }

    /// `customer` and `parent` before a dot in a row filter; a parameter shadows them, a `let` does not.
    fn is_word_of_rows(&self, name: &Name, env: &Env<'a>) -> bool {
        let Scope::Row(table) = env.names else { return false };
        let parameter = env.frame.as_ref().is_some_and(|frame| {
            frame.parameters.iter().any(|parameter| parameter.text == name.text)
        });
        let word = name.text == "customer"
            || (name.text == "parent" && self.schema.parent_of(table).is_some());
        word && !parameter
    }

    /// On from what a parameter or `let` stands for, which must be a reference.
    fn path_from(
        &mut self,
        reference: Reference<'a>,
        first: &'a Name,
        rest: &'a [Name],
        span: Span,
        env: &Env<'a>,
    ) -> Option<Expr> {
        let (expr, inner) = match reference {
            Reference::Parameter(expr, inner) => (expr, inner),
            Reference::Let(definition) => {
                let inner = self.open(definition, &[], first, first.span, env)?;
                (&self.lets.get(definition)?.tree.body, inner)
            }
        };
        let ExprKind::Column(mut path) = self.value(expr, &inner)?.kind else {
            let message = format!("`{}` is not a reference, so it has no columns", first.text);
            return self.error(Code::NotAReference, first.span, message);
        };
        let table = self.follow(&mut path, first)?;
        self.finish(path.start, path.through, table, rest, span, env)
    }

    /// The rest of a path, from a row of `table` that is reached `through` references.
    fn finish(
        &mut self,
        start: Start,
        through: Vec<ColumnId>,
        mut table: TableId,
        names: &'a [Name],
        span: Span,
        env: &Env<'a>,
    ) -> Option<Expr> {
        let mut path = ColumnPath { start, through, column: ColumnId { table, index: 0 } };
        if let [family, rest @ ..] = names
            && path.through.is_empty()
            && !rest.is_empty()
            && matches!(family.text.as_str(), "rfm" | "predict")
        {
            return self.computed_family(family, rest, span, env);
        }
        let mut names = names;
        while let Some((name, rest)) = names.split_first() {
            let Some(column) = self.schema.table(table).find(&name.text) else {
                let in_lookup = !path.through.is_empty();
                return self.unknown_column(table, name, rest, in_lookup, env);
            };
            path.column = column;
            if !rest.is_empty() {
                table = self.follow(&mut path, name)?;
            }
            names = rest;
        }
        let ty = self.column_type(path.column);
        Some(Expr { kind: ExprKind::Column(path), ty, span })
    }

    /// Through the reference that the path ends in, to its lookup.
    fn follow(&mut self, path: &mut ColumnPath, name: &Name) -> Option<TableId> {
        let Some(lookup) = self.schema.column(path.column).lookup else {
            let message = format!("`{}` is not a reference, so it has no columns", name.text);
            return self.error(Code::NotAReference, name.span, message);
        };
        path.through.push(path.column);
        Some(lookup)
    }

    /// A reference has the type of the key it holds.
    pub(super) fn column_type(&self, id: ColumnId) -> ExprType {
        let column = self.schema.column(id);
        let key = column.lookup.and_then(|lookup| self.schema.table(lookup).key);
        let holder = key.map_or(column, |key| self.schema.column(key));
        match holder.ty {
            Type::Bool => ExprType::Bool,
            Type::Int => ExprType::Exact { scale: 0 },
            Type::Decimal(scale) => ExprType::Exact { scale },
            Type::Float => ExprType::Float,
            Type::Text | Type::Ref(_) => ExprType::Text,
            Type::Date => ExprType::Date,
            Type::DateTime => ExprType::DateTime,
            Type::TextSet => ExprType::TextSet,
            Type::IntSet => ExprType::IntSet,
            Type::Geo => ExprType::Geo,
        }
    }

    fn unknown_column<T>(
        &mut self,
        table: TableId,
        name: &'a Name,
        rest: &'a [Name],
        in_lookup: bool,
        env: &Env<'a>,
    ) -> Option<T> {
        let text = name.text.as_str();
        if !in_lookup && table == env.names.table() {
            self.foreign_let(name)?;
        }
        let message = match self.schema.table(table).role {
            Role::Customers { .. } => format!("unknown column `{}`", shorten(text)),
            _ => {
                let table = &self.schema.table(table).name;
                format!("unknown column `{}` of `{table}`", shorten(text))
            }
        };
        let (message, span) = match self.schema.find_table(text) {
            Some(found) if !in_lookup && self.schema.table(found).is_rows() => {
                let span = rest.last().map_or(name.span, |last| name.span.to(last.span));
                (format!("`{text}` is a table, not a column"), span)
            }
            _ => (message, name.span),
        };
        let elsewhere = if in_lookup { None } else { self.elsewhere(table, text, rest, env) };
        let computed = !in_lookup && !rest.is_empty() && env.names == Scope::Customer;
        let families = ["rfm", "predict"].into_iter().filter(|_| computed);
        let help = elsewhere.or_else(|| self.nearest_name(table, text, in_lookup, env, families));
        let help = help.or_else(|| {
            let moment = rest.is_empty().then(|| moment(text)).flatten();
            moment.map(|word| format!("write `{word}`"))
        });
        self.error_maybe(Code::UnknownColumn, span, message, help)
    }

    /// Reports the name of a `let` that is not known here; `None` where it is one.
    pub(super) fn foreign_let(&mut self, name: &Name) -> Option<()> {
        let text = name.text.as_str();
        if !self.foreign_lets.contains(text) {
            return Some(());
        }
        let message = format!("`{}` is a `let`, which a schema cannot use", shorten(text));
        let help = "write out what it stands for";
        self.error_with(Code::UnknownColumn, name.span, message, help)
    }

    /// What can be said of a name alone that is unknown.
    pub(super) fn unknown_help(&mut self, name: &str, env: &Env<'a>) -> Option<String> {
        let table = env.names.table();
        let elsewhere = self.elsewhere(table, name, &[], env);
        elsewhere.or_else(|| self.nearest_name(table, name, false, env, []))
    }

    /// Where the name exists, if not here.
    fn elsewhere(
        &self,
        table: TableId,
        name: &str,
        rest: &[Name],
        env: &Env<'a>,
    ) -> Option<String> {
        let schema = self.schema;
        if call::is_function(name) {
            return Some(format!("`{name}` is a function, as in `{name}(…)`"));
        }
        if env.names == Scope::Customer {
            if name == "rfm" {
                return Some(format!("its columns are {}", rfm::field_list()));
            }
            if name == "predict" {
                return Some(format!("its columns are {}", predict::field_list()));
            }
            if let (Some(found), Some(column)) = (schema.find_table(name), rest.first()) {
                let column = schema.table(found).find(&column.text).map(|_| &column.text);
                match (schema.table(found).role, column) {
                    (Role::Customers { .. }, _) => return Some(bare(rest)),
                    (Role::Child { .. } | Role::Nested { .. }, Some(column)) => {
                        return Some(through_aggregate(name, name, Some(column)));
                    }
                    _ => {}
                }
            }
            if name == "customer" && !rest.is_empty() {
                return Some(bare(rest));
            }
            let is_rows = |id: TableId| schema.table(id).is_rows();
            if let Some(found) = schema.find_table(name).filter(|found| is_rows(*found)) {
                return Some(through_aggregate(&schema.table(found).name, name, None));
            }
            let holder = schema.row_tables().find(|id| schema.table(*id).find(name).is_some())?;
            let holder = &schema.table(holder).name;
            let advice = through_aggregate(holder, holder, Some(name));
            return Some(format!("`{holder}` has it; {advice}"));
        }
        let named = schema.find_table(name).filter(|_| !rest.is_empty());
        if named == Some(table) {
            return Some(format!("the row's own columns are bare: `{}`", describe::dotted(rest)));
        }
        let mut above = String::new();
        let mut at = table;
        while let Some(parent) = schema.parent_of(at) {
            above.push_str("parent.");
            if named == Some(parent) {
                return Some(format!("write `{above}{}`", describe::dotted(rest)));
            }
            if schema.table(parent).find(name).is_some() {
                return Some(format!("`{above}{name}` is the parent row's"));
            }
            at = parent;
        }
        if schema.table(table).is_rows() && schema.customers().find(name).is_some() {
            return Some(format!("`customer.{name}` is the customer's"));
        }
        match name {
            "customer" => Some("name one of its columns, as in `customer.NAME`".to_owned()),
            "parent" if schema.parent_of(table).is_none() => {
                let table = &schema.table(table).name;
                Some(format!("`{table}` has no parent; the customer's columns are `customer.NAME`"))
            }
            _ => None,
        }
    }

    fn nearest_name(
        &mut self,
        table: TableId,
        name: &str,
        in_lookup: bool,
        env: &Env<'a>,
        more: impl IntoIterator<Item = &'static str>,
    ) -> Option<String> {
        if self.suggestions == 0 {
            return None;
        }
        let columns = self.schema.table(table).columns.iter().map(|column| column.name.as_str());
        let mut candidates: Vec<&str> = columns.collect();
        if !in_lookup && table == env.names.table() {
            candidates.extend(self.lets_by_name.keys().copied());
            let parameters = env.frame.as_ref().map(|frame| frame.parameters);
            candidates.extend(parameters.unwrap_or(&[]).iter().map(|name| name.text.as_str()));
        }
        for name in more {
            candidates.push(name);
        }
        self.did_you_mean(name, candidates)
    }

    /// A column that is computed for each customer: no column of the schema is a reference of this name.
    fn computed_family(
        &mut self,
        family: &Name,
        rest: &[Name],
        span: Span,
        env: &Env<'a>,
    ) -> Option<Expr> {
        if family.text == "rfm" {
            self.rfm_column(rest, span, env)
        } else {
            self.predict_column(rest, span, env)
        }
    }
}

/// What is called so in other languages.
pub(super) fn moment(name: &str) -> Option<&'static str> {
    match name.to_ascii_lowercase().as_str() {
        "current_date" | "curdate" | "getdate" | "sysdate" => Some("today"),
        "current_timestamp" | "current_time" | "localtimestamp" => Some("now"),
        _ => None,
    }
}

impl Env<'_> {
    /// Where a bare name starts from.
    fn own_start(&self) -> Start {
        match (self.names, self.rows) {
            (Scope::Customer, Scope::Row(_)) => Start::Customer,
            _ => Start::Own,
        }
    }
}

fn through_aggregate(table: &str, shown: &str, column: Option<&str>) -> String {
    let example = match column {
        Some(column) => format!("last({table}.{column})"),
        None => format!("count({table})"),
    };
    format!("rows of `{shown}` are read through an aggregate, as in `{example}`")
}

fn bare(rest: &[Name]) -> String {
    format!("the customer's own columns are written bare: `{}`", describe::dotted(rest))
}
