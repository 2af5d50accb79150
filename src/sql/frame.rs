//! What is read of one table, and what its rows are grouped to.

use super::{
    lower::Context,
    source::Source,
    stages::{Sql, Stages},
};
use crate::{
    plan::Scope,
    schema::{Role, TableId},
    value::Type,
};

/// What is known of the rows of one scope.
pub(super) struct Frame<'a> {
    pub(super) source: Source<'a>,
    pub(super) stages: Stages,
    /// Of a table of rows: what is asked of all rows of a customer, and how it is called.
    pub(super) aggregates: Vec<(String, Sql)>,
    /// Of a table of rows: what different values are counted of, and where.
    pub(super) distincts: Vec<(Sql, Option<Sql>)>,
    /// Of a table of rows: the customer's key.
    pub(super) owner: Option<Sql>,
    /// When the row happened, or the customer was created.
    pub(super) time: Option<Sql>,
    /// Of a table of rows: its place among the customer's rows, once it is asked for.
    pub(super) place: Option<Sql>,
}

impl<'a> Frame<'a> {
    /// The table expressions with one row for each customer; what they read goes to `before`.
    pub(super) fn grouped(
        &self,
        table: TableId,
        before: &mut Vec<(String, String)>,
    ) -> Vec<(String, String)> {
        let Some(owner) = &self.owner else { return Vec::new() };
        let aggregates = self.aggregates.iter().map(|(_, sql)| sql);
        let counted = self.distincts.iter().flat_map(|(value, of)| [Some(value), of.as_ref()]);
        let read: Vec<&Sql> = aggregates.chain(counted.flatten()).chain([owner]).collect();
        let (stages, last) = self.stages.render(&self.source.text(), &read);
        before.extend(stages);
        let owner = &owner.text;
        let mut grouped = Vec::new();
        if !self.aggregates.is_empty() {
            let list = self.aggregates.iter();
            let list = list.map(|(name, sql)| format!(",\n  {} AS {name}", sql.text));
            let list: String = list.collect();
            let body = format!("SELECT {owner} AS owner{list}\nFROM {last}\nGROUP BY {owner}");
            grouped.push((sums_of(table), body));
        }
        for (number, (value, of)) in self.distincts.iter().enumerate() {
            let of = of.as_ref().map(|of| format!(" AND {}", of.clone().closed().text));
            let body = format!(
                "SELECT owner, count(*) AS number FROM (\nSELECT DISTINCT {owner} AS owner, {value} AS value\nFROM {last}\nWHERE {value} IS NOT NULL{}\n) AS each_value\nGROUP BY owner",
                of.unwrap_or_default(),
                value = value.text,
            );
            grouped.push((distinct_of(table, number), body));
        }
        grouped
    }

    /// With what leaves out those who do not exist yet.
    pub(super) fn new(context: Context<'a>, scope: Scope) -> Self {
        let schema = context.schema;
        let (table, name) = match scope {
            Scope::Customers => (TableId::CUSTOMERS, "customer".to_owned()),
            Scope::Rows(table) => (table, format!("table_{}", table.0)),
        };
        let mut source = Source::new(context, table);
        let mut stages = Stages::new(name);
        let owner = match scope {
            Scope::Customers => None,
            Scope::Rows(_) => Some(stages.source(source.owner())),
        };
        let time = match schema.table(table).role {
            Role::Customers { created } => created.map(|column| (0, column)),
            _ => schema.time_of(table),
        };
        let time = time.map(|(levels, column)| {
            let sql = source.above(levels, column, &mut stages);
            let moment = context.now.moment;
            let last = match schema.column(column).ty {
                Type::Date => i64::from(moment.today.0),
                _ => moment.now.0,
            };
            stages.filter(sql.map(|time| format!("{time} IS NULL OR {time} <= {last}")));
            sql
        });
        let (aggregates, distincts) = (Vec::new(), Vec::new());
        Self { source, stages, aggregates, distincts, owner, time, place: None }
    }
}

/// The name of the table expression with the number of different values.
pub(super) fn distinct_of(table: TableId, number: usize) -> String {
    format!("distinct_{}_{number}", table.0)
}

/// The name of the table expression with the aggregates over a table.
pub(super) fn sums_of(table: TableId) -> String {
    format!("sums_{}", table.0)
}
