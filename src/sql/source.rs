//! Tables and columns of the database: how they are named, joined and read.

use super::{
    lower::Context,
    stages::{Sql, Stages},
};
use crate::{
    rule::{ColumnPath, Start},
    schema::{ColumnId, Role, TableId},
    value::Type,
};

/// What a column of the database becomes.
pub(super) enum Reading {
    Is(String),
    /// Microseconds since 1970, of the instant or of the local time.
    Micros {
        micros: String,
        /// Whether it is the local time; `None` where it never is.
        local: Option<String>,
    },
}

/// A row that a column is reached in.
#[derive(Debug, Clone, PartialEq)]
struct Joined {
    start: Start,
    through: Vec<ColumnId>,
    table: TableId,
    alias: String,
    /// `JOIN` or `LEFT JOIN`, and on what; nothing for the first.
    join: &'static str,
    on: String,
}

/// What stands behind the FROM of the first stage: a table, and those that are reached from its rows.
pub(super) struct Source<'a> {
    context: Context<'a>,
    table: TableId,
    rows: Vec<Joined>,
}

impl<'a> Source<'a> {
    pub(super) fn new(context: Context<'a>, table: TableId) -> Self {
        let own = Joined {
            start: Start::Own,
            through: Vec::new(),
            table,
            alias: "row_0".to_owned(),
            join: "",
            on: String::new(),
        };
        Self { context, table, rows: vec![own] }
    }

    /// `FROM` and what follows.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for row in &self.rows {
            let table = self.context.mapping.table_name(
                self.context.schema,
                row.table,
                self.context.grammar,
            );
            if row.join.is_empty() {
                text = format!("{table} AS {}", row.alias);
            } else {
                text += &format!("\n  {} {table} AS {} ON {}", row.join, row.alias, row.on);
            }
        }
        text
    }

    /// The column as it is named.
    pub(super) fn name(&self, alias: &str, column: ColumnId) -> String {
        let name = self.context.mapping.column_name(self.context.schema, column, "");
        format!("{alias}.{}", self.context.grammar.identifier(&name))
    }

    /// A key as it is read.
    pub(super) fn key(&self, alias: &str, column: ColumnId) -> String {
        match self.read(alias, column) {
            Reading::Is(text) | Reading::Micros { micros: text, .. } => text,
        }
    }

    fn read(&self, alias: &str, column: ColumnId) -> Reading {
        let name = self.name(alias, column);
        self.context.grammar.read(&name, self.column_type(column))
    }

    /// A `ref` column holds the lookup's key.
    fn column_type(&self, column: ColumnId) -> &'a Type {
        let column = self.context.schema.column(column);
        let key = column.lookup.and_then(|lookup| self.context.schema.table(lookup).key_column());
        key.map_or(&column.ty, |key| &self.context.schema.column(key).ty)
    }

    /// The alias of the row at the end of the way, joined once.
    fn row(&mut self, start: Start, through: &[ColumnId]) -> String {
        let known = self.rows.iter().find(|row| row.start == start && row.through == through);
        if let Some(row) = known {
            return row.alias.clone();
        }
        // What it is joined to comes before it.
        let from = match (through.split_last(), start) {
            (Some((reference, before)), _) => {
                let from = self.row(start, before);
                self.key(&from, *reference)
            }
            (None, Start::Customer) => self.owner(),
            (None, Start::Parent(levels)) => {
                let levels = levels.saturating_sub(1);
                let below = self.row(up(levels), &[]);
                match self.context.schema.table(self.table_above(levels)).role {
                    Role::Nested { parent_key, .. } => self.key(&below, parent_key),
                    _ => String::new(),
                }
            }
            (None, Start::Own) => String::new(),
        };
        let (table, join) = match (through.last(), start) {
            (Some(reference), _) => (self.context.schema.column(*reference).lookup, "LEFT JOIN"),
            (None, Start::Customer) => (Some(TableId::CUSTOMERS), "JOIN"),
            (None, Start::Parent(levels)) => (Some(self.table_above(levels)), "JOIN"),
            (None, Start::Own) => (None, ""),
        };
        let table = table.unwrap_or(self.table);
        let alias = format!("row_{}", self.rows.len());
        let key = self.context.schema.table(table).key_column();
        let on = key.map_or_else(String::new, |key| format!("{} = {from}", self.key(&alias, key)));
        let through = through.to_vec();
        self.rows.push(Joined { start, through, table, alias: alias.clone(), join, on });
        alias
    }

    /// The table so many parents up.
    fn table_above(&self, levels: u8) -> TableId {
        (0..levels)
            .fold(self.table, |table, _| self.context.schema.parent_of(table).unwrap_or(table))
    }

    /// The key of the customer that a row belongs to, as it is read.
    pub(super) fn owner(&mut self) -> String {
        let (hops, root) = self.context.schema.root_of(self.table).unwrap_or((0, self.table));
        let alias = self.row(up(hops), &[]);
        match self.context.schema.table(root).role {
            Role::Child { customer, .. } => self.key(&alias, customer),
            _ => {
                let key = self.context.schema.customers().key_column();
                key.map_or_else(String::new, |key| self.key(&alias, key))
            }
        }
    }

    /// The time of a row, with the columns that put rows of one time in order, the nearest to the customer first;
    /// `None` in their place where some table says nothing of its order.
    pub(super) fn order(&mut self) -> Option<Vec<String>> {
        let (hops, _) = self.context.schema.root_of(self.table)?;
        let mut order = Vec::new();
        for levels in (0..=hops).rev() {
            let table = self.table_above(levels);
            let alias = self.row(up(levels), &[]);
            match self.context.mapping.order_of(self.context.schema, table) {
                Some(name) => {
                    order.push(format!("{alias}.{}", self.context.grammar.identifier(&name)))
                }
                None => {
                    let key = self.context.schema.table(table).key_column()?;
                    order.push(self.key(&alias, key));
                }
            }
        }
        Some(order)
    }

    /// The column at the end of a path.
    pub(super) fn column(&mut self, path: &ColumnPath, stages: &mut Stages) -> Sql {
        // What a reference refers to has to exist.
        let lookup = self.context.schema.column(path.column).lookup;
        let key = lookup.and_then(|lookup| self.context.schema.table(lookup).key_column());
        let (alias, column) = match key {
            Some(key) => {
                let mut through = path.through.clone();
                through.push(path.column);
                (self.row(path.start, &through), key)
            }
            None => (self.row(path.start, &path.through), path.column),
        };
        self.stage(&alias, column, stages)
    }

    /// The key of the row of a lookup that a path ends in.
    pub(super) fn holder(&mut self, path: &ColumnPath, stages: &mut Stages) -> Option<Sql> {
        let last = *path.through.last()?;
        let lookup = self.context.schema.column(last).lookup?;
        let key = self.context.schema.table(lookup).key_column()?;
        let alias = self.row(path.start, &path.through);
        Some(stages.source(self.key(&alias, key)))
    }

    /// The two columns of a place.
    pub(super) fn place(&mut self, path: &ColumnPath, stages: &mut Stages) -> [Sql; 2] {
        let alias = self.row(path.start, &path.through);
        let Context { schema, mapping, grammar, .. } = self.context;
        ["_lat", "_lon"].map(|end| {
            let name = mapping.column_name(schema, path.column, end);
            let name = format!("{alias}.{}", grammar.identifier(&name));
            stages.source(match grammar.read(&name, &Type::Float) {
                Reading::Is(text) | Reading::Micros { micros: text, .. } => text,
            })
        })
    }

    /// A column of the row so many parents up.
    pub(super) fn above(&mut self, levels: u8, column: ColumnId, stages: &mut Stages) -> Sql {
        let alias = self.row(up(levels), &[]);
        self.stage(&alias, column, stages)
    }

    fn stage(&self, alias: &str, column: ColumnId, stages: &mut Stages) -> Sql {
        match self.read(alias, column) {
            Reading::Is(text) => stages.source(text),
            Reading::Micros { micros, local } => {
                let micros = stages.source(micros);
                match local {
                    Some(local) if !self.context.clock.is_utc() => {
                        let local = stages.source(local);
                        self.context.clock.instant(&micros, &local, stages)
                    }
                    _ => micros,
                }
            }
        }
    }
}

fn up(levels: u8) -> Start {
    if levels == 0 { Start::Own } else { Start::Parent(levels) }
}
