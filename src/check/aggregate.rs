//! Aggregates over a customer's rows.

use super::{Checker, Env, Scope, describe};
use crate::{
    diagnostic::{Code, Span},
    rule::{Aggregate, AggregateFunction, Condition, Expr, ExprKind, ExprType},
    schema::{Role, TableId},
    syntax::tree::{self, Name},
};

const WHOLE: ExprType = ExprType::Exact { scale: 0 };

impl<'a> Checker<'a> {
    /// `called` is the function and whether it is of distinct values.
    pub(super) fn aggregate(
        &mut self,
        called: (tree::Aggregate, bool),
        target: &'a [Name],
        filter: Option<&'a tree::Expr>,
        span: Span,
        env: &Env<'a>,
    ) -> Option<(ExprKind, ExprType)> {
        if env.in_row_filter() {
            return self.not_in_row_filter("an aggregate", span, env);
        }
        let (function, distinct) = called;
        let env = self.deeper(env, span)?;
        let table = self.rows(function, target, env.names)?;
        let inside = Env { names: Scope::Row(table), rows: Scope::Row(table), site: None, ..env };
        if self.refuse_way_to_rows(function, target, filter) {
            return None;
        }
        let value = self.aggregated(called, target, table, &inside);
        let filter: Option<Option<Condition>> = match filter {
            Some(filter) => self.condition(filter, &inside).map(Some),
            None => Some(None),
        };
        let (value, filter) = (value?, filter?);
        let given = value.as_ref().map_or(WHOLE, |value| value.ty);
        let (function, ty) = match function {
            tree::Aggregate::Count if distinct => (AggregateFunction::CountDistinct, WHOLE),
            tree::Aggregate::Count => (AggregateFunction::Count, WHOLE),
            tree::Aggregate::Exists => (AggregateFunction::Exists, ExprType::Bool),
            tree::Aggregate::Sum => (AggregateFunction::Sum, given),
            tree::Aggregate::Avg => (AggregateFunction::Avg, ExprType::Float),
            tree::Aggregate::Min => (AggregateFunction::Min, given),
            tree::Aggregate::Max => (AggregateFunction::Max, given),
            tree::Aggregate::First => (AggregateFunction::First, given),
            tree::Aggregate::Last => (AggregateFunction::Last, given),
            tree::Aggregate::AverageGap => (AggregateFunction::AverageGap, ExprType::Float),
        };
        Some((ExprKind::Aggregate(Box::new(Aggregate { function, table, value, filter })), ty))
    }

    /// `exists(orders.items where …)`: a table of rows has no way to it.
    fn refuse_way_to_rows(
        &mut self,
        function: tree::Aggregate,
        target: &[Name],
        filter: Option<&tree::Expr>,
    ) -> bool {
        let [first, .., last] = target else { return false };
        let rows = self.schema.find_table(&last.text);
        let rows = rows.filter(|table| self.schema.table(*table).is_rows());
        let own = self.schema.find_table(&first.text);
        let known = own.is_some_and(|own| self.schema.table(own).find(&last.text).is_some());
        if rows.is_none() || known {
            return false;
        }
        let (name, table) = (describe::aggregate(function), &last.text);
        let filter = if filter.is_some() { " where …" } else { "" };
        let message = format!("`{table}` is a table, not a column");
        let help = format!("name it alone: `{name}({table}{filter})`");
        self.error_with::<()>(Code::UnknownColumn, last.span, message, help);
        true
    }

    /// The table of rows that the target begins with.
    fn rows(
        &mut self,
        function: tree::Aggregate,
        target: &'a [Name],
        names: Scope,
    ) -> Option<TableId> {
        let first = target.first()?;
        let text = first.text.as_str();
        let found = self.schema.find_table(text);
        if let Some(table) = found.filter(|table| self.schema.table(*table).is_rows()) {
            return Some(table);
        }
        let called = describe::aggregate(function);
        let (message, help) = match found.map(|table| self.schema.table(table).role) {
            Some(Role::Lookup) => {
                let help = "its columns are reached through a `ref` column";
                (format!("`{text}` is a lookup: customers have no rows of it"), Some(help.into()))
            }
            Some(_) => (format!("`{text}` is not a table of rows of customers"), None),
            None => {
                let holder = self.schema.row_tables().map(|table| self.schema.table(table));
                let mut holder = holder.filter(|table| table.find(text).is_some());
                let help = holder.next().map(|table| {
                    format!("name its table too, as in `{called}({}.{text})`", table.name)
                });
                let is_let = names == Scope::Customer && self.lets_by_name.contains_key(text);
                let computed = target.len() > 1 && matches!(text, "rfm" | "predict");
                let help = help.or_else(|| {
                    let shown = describe::dotted(target);
                    computed.then(|| {
                        format!("`{called}` is over rows, and a customer has one `{shown}`")
                    })
                });
                let help = help.or_else(|| {
                    is_let.then(|| format!("`{called}` takes a table and a column of it"))
                });
                (format!("unknown table `{text}`"), help)
            }
        };
        let tables: Vec<&str> =
            self.schema.row_tables().map(|table| self.schema.table(table).name.as_str()).collect();
        let help = help.or_else(|| self.did_you_mean(text, tables));
        self.error_maybe(Code::UnknownTable, first.span, message, help)
    }

    /// What is aggregated of each row, checked against the function.
    fn aggregated(
        &mut self,
        called: (tree::Aggregate, bool),
        target: &'a [Name],
        table: TableId,
        inside: &Env<'a>,
    ) -> Option<Option<Expr>> {
        let (function, distinct) = called;
        let (first, rest) = target.split_first()?;
        let span = first.span.to(rest.last().unwrap_or(first).span);
        let needs_time = matches!(
            function,
            tree::Aggregate::First | tree::Aggregate::Last | tree::Aggregate::AverageGap
        );
        let name = describe::aggregate(function);
        if rest.is_empty() {
            return self.without_column(called, table, first);
        }
        if matches!(function, tree::Aggregate::Exists | tree::Aggregate::AverageGap) {
            let message = format!("`{name}` takes a table, not a column");
            let (table, column) = (&first.text, describe::dotted(rest));
            let help = format!("write `{name}({table} where {column} is not null)`");
            return self.error_with(Code::WrongType, span, message, help);
        }
        if distinct && function != tree::Aggregate::Count {
            // The parser has reported it.
            return None;
        }
        // The column of a row is never a parameter of the `let` around.
        let bare = Env { frame: None, ..inside.clone() };
        let value = self.row_column(rest, span, &bare)?;
        if needs_time {
            self.timed(name, table, first)?;
        }
        self.fits(called, &value)?;
        Some(Some(value))
    }

    fn row_column(&mut self, rest: &'a [Name], span: Span, inside: &Env<'a>) -> Option<Expr> {
        self.spend(span, inside)?;
        self.own_path(rest, span, inside)
    }

    /// An aggregate of rows themselves.
    fn without_column(
        &mut self,
        called: (tree::Aggregate, bool),
        table: TableId,
        first: &Name,
    ) -> Option<Option<Expr>> {
        let (function, distinct) = called;
        let name = describe::aggregate(function);
        match function {
            tree::Aggregate::Count | tree::Aggregate::Exists if !distinct => Some(None),
            tree::Aggregate::AverageGap => {
                self.timed(name, table, first)?;
                Some(None)
            }
            _ => {
                let word = if distinct { "distinct " } else { "" };
                let fitting = self.example_column(function, table);
                let help = fitting.map(|column| {
                    format!("name a column, as in `{name}({word}{}.{column})`", first.text)
                });
                let message = format!("`{name}({word}…)` takes a column of a table");
                self.error_maybe(Code::WrongType, first.span, message, help)
            }
        }
    }

    /// A column that is likely meant: for a sum an amount, for the last one the time.
    fn example_column(&self, function: tree::Aggregate, table: TableId) -> Option<&str> {
        let found = self.schema.table(table);
        let is_amount =
            |column: &&crate::schema::Column| describe::is_number(self.column_type(column.id));
        let mut free = found
            .columns
            .iter()
            .filter(|column| Some(column.id) != found.key && !self.holds_key(table, column.id));
        let own_time = match found.role {
            Role::Child { time, .. } => time,
            _ => None,
        };
        let time = found.columns.iter().find(|column| Some(column.id) == own_time);
        let column = match function {
            tree::Aggregate::Sum | tree::Aggregate::Avg => free.find(is_amount),
            tree::Aggregate::First | tree::Aggregate::Last => time.or_else(|| free.next()),
            tree::Aggregate::Min | tree::Aggregate::Max => {
                time.or_else(|| free.clone().find(is_amount)).or_else(|| free.next())
            }
            _ => {
                let is_text =
                    |column: &&crate::schema::Column| self.column_type(column.id) == ExprType::Text;
                free.clone().find(is_text).or_else(|| free.next())
            }
        };
        column.map(|column| column.name.as_str())
    }

    /// Whether the column only ties rows together.
    fn holds_key(&self, table: TableId, column: crate::schema::ColumnId) -> bool {
        match self.schema.table(table).role {
            Role::Child { customer, .. } => customer == column,
            Role::Nested { parent_key, .. } => parent_key == column,
            _ => false,
        }
    }

    fn timed(&mut self, name: &str, table: TableId, first: &Name) -> Option<()> {
        if self.schema.time_of(table).is_some() {
            return Some(());
        }
        let table = &self.schema.table(table).name;
        let message = format!("`{name}` needs to know when, and `{table}` has no time column");
        let help = "name it in the schema with `time = …`, or use `min` or `max`";
        self.error_with(Code::NoTimeColumn, first.span, message, help)
    }

    fn fits(&mut self, called: (tree::Aggregate, bool), value: &Expr) -> Option<()> {
        let (function, distinct) = called;
        let scalar = !describe::is_set(value.ty) && value.ty != ExprType::Geo;
        let (fits, wanted) = match function {
            tree::Aggregate::Sum | tree::Aggregate::Avg => {
                (describe::is_number(value.ty), "numbers")
            }
            tree::Aggregate::Min | tree::Aggregate::Max => {
                (scalar && value.ty != ExprType::Bool, "numbers, texts, dates and datetimes")
            }
            tree::Aggregate::Count if !distinct => (true, ""),
            _ => (scalar, "single values"),
        };
        if fits {
            return Some(());
        }
        let (name, given) = (describe::aggregate(function), describe::a(value.ty));
        let message = format!("`{name}` takes {wanted}, not {given}");
        self.error(Code::WrongType, value.span, message)
    }

    /// Reports what only a customer has. The place to mend is where the row filter uses it.
    pub(super) fn not_in_row_filter<T>(
        &mut self,
        what: &str,
        span: Span,
        env: &Env<'a>,
    ) -> Option<T> {
        let message = match env.site {
            Some(_) => format!("this stands for {what}, which a row filter cannot hold"),
            None => format!("a row filter cannot hold {what}"),
        };
        let help =
            "a row filter sees one row; ask the other thing beside the aggregate, with `and`";
        self.error_with(Code::NotInRowFilter, env.site_or(span), message, help)
    }
}
