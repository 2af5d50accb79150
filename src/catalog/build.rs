//! From a schema, with data and rules where there are some, to a catalogue.

use super::{
    Catalog, Column, Let, Role, Segment, Table, TableKind,
    count::{Most, contents},
    language::{AGGREGATES, FUNCTIONS, Kind, LANGUAGE, OPERATORS},
};
use crate::{
    check::RulesBuilder,
    error::{Error, Result},
    rule::{Prediction, RfmField},
    schema::{self, Schema, Scores},
    snapshot::Snapshot,
    syntax,
    value::Type,
};

/// So many different values are listed when nothing else is said.
const MOST_DISTINCT: usize = 100;

/// Collects what a [`Catalog`] is made of.
#[derive(Debug, Clone)]
pub struct CatalogBuilder {
    schema: Schema,
    snapshot: Option<Snapshot>,
    most: Most,
    segments: Vec<Segment>,
    lets: Vec<Let>,
}

impl Catalog {
    /// Begins with a schema alone: names, types and what they take.
    pub fn builder(schema: &Schema) -> CatalogBuilder {
        CatalogBuilder {
            schema: schema.clone(),
            snapshot: None,
            most: Most { distinct: MOST_DISTINCT, listed: usize::MAX },
            segments: Vec::new(),
            lets: Vec::new(),
        }
    }
}

impl CatalogBuilder {
    /// Adds what the data holds. Each column is read once.
    #[must_use]
    pub fn snapshot(mut self, snapshot: &Snapshot) -> Self {
        self.snapshot = Some(snapshot.rebased());
        self
    }

    /// Lists the values of columns with at most so many different ones; 100 when left out. What has more, such as
    /// names and addresses of customers, is counted and not listed.
    #[must_use]
    pub fn most_distinct(mut self, values: usize) -> Self {
        self.most.distinct = values;
        self
    }

    /// Lists only so many values of a column, the most frequent ones; all when left out.
    #[must_use]
    pub fn most_listed(mut self, values: usize) -> Self {
        self.most.listed = values;
        self
    }

    /// Adds the segments and `let`s of rules. They may have errors: an editor asks while they are written.
    #[must_use]
    pub fn rules(mut self, rules: &RulesBuilder) -> Self {
        let names = rules.outline();
        self.segments.extend(names.segments.into_iter().map(|segment| Segment {
            name: segment.name,
            title: segment.title,
            kind: segment.kind,
            inactive: segment.inactive,
        }));
        let lets = names.lets.into_iter();
        self.lets.extend(lets.map(|each| Let { name: each.name, parameters: each.parameters }));
        self
    }

    /// The catalogue.
    ///
    /// # Errors
    /// When the data were read with another schema.
    pub fn build(self) -> Result<Catalog> {
        if let Some(snapshot) = &self.snapshot
            && !snapshot.schema().same_as(&self.schema)
        {
            return Err(Error::refused(
                "the catalogue and the data have different schemas; make both with the same one",
            ));
        }
        let tables = self.schema.tables().iter().map(|table| self.table(table)).collect();
        let scores = self.schema.rfm().map(|rfm| computed(&rfm.scores)).unwrap_or_default();
        let predicted = self.schema.predict().map(|_| predicted()).unwrap_or_default();
        let computed = scores.into_iter().chain(predicted).collect();
        Ok(Catalog {
            tables,
            computed,
            segments: self.segments,
            lets: self.lets,
            language: LANGUAGE,
        })
    }

    fn table(&self, table: &schema::Table) -> Table {
        let (kind, of) = match table.role {
            schema::Role::Customers { .. } => (TableKind::Customers, None),
            schema::Role::Child { .. } => (TableKind::Rows, Some(self.schema.customers())),
            schema::Role::Nested { parent, .. } => {
                (TableKind::Rows, Some(self.schema.table(parent)))
            }
            schema::Role::Lookup => (TableKind::Lookup, None),
        };
        let fits =
            |needs_time: bool| kind == TableKind::Rows && (!needs_time || self.has_time(table));
        let aggregates = AGGREGATES.iter().filter(|each| each.kinds.is_empty());
        let aggregates = aggregates.filter(|each| fits(each.needs_time)).map(|each| each.name);
        Table {
            name: table.name.clone(),
            written: syntax::written_name(&table.name),
            kind,
            of: of.map(|of| of.name.clone()),
            aggregates: aggregates.collect(),
            rows: self.snapshot.as_ref().and_then(|snapshot| snapshot.rows(&table.name)),
            columns: table.columns.iter().map(|column| self.column(table, column)).collect(),
        }
    }

    fn column(&self, table: &schema::Table, column: &schema::Column) -> Column {
        let kind = Kind::of(self.type_in_rules(column));
        let (roles, references) = self.roles(table, column);
        let is_rows = table.is_rows();
        let operators = OPERATORS.iter().filter(|each| !(is_rows && each.customers_only));
        let functions = FUNCTIONS.iter().filter(|each| !(is_rows && each.customers_only));
        let aggregates = AGGREGATES.iter().filter(|each| {
            is_rows && each.kinds.contains(&kind) && (!each.needs_time || self.has_time(table))
        });
        let must_be = |role| [Role::Key, Role::Customer, Role::Parent].contains(role);
        let is_set = matches!(column.ty, Type::TextSet | Type::IntSet);
        let names_rows = roles.iter().any(must_be);
        // Whose key it is matters: those of lookups are no customers'.
        let listed = !names_rows || table.role == schema::Role::Lookup;
        Column {
            name: column.name.clone(),
            written: syntax::written_name(&column.name),
            ty: column.ty.clone(),
            kind,
            nullable: !(column.required || names_rows || is_set),
            references: references.map(|table| table.name.clone()),
            roles,
            operators: operators
                .filter(|each| each.kinds.contains(&kind))
                .map(|each| each.name)
                .collect(),
            functions: functions
                .filter(|each| each.kinds.contains(&kind))
                .map(|each| each.name)
                .collect(),
            aggregates: aggregates.map(|each| each.name).collect(),
            declared: column.values.clone(),
            contents: self.snapshot.as_ref().map(|snapshot| {
                let listed = if listed { self.most.listed } else { 0 };
                contents(snapshot, column, Most { listed, ..self.most })
            }),
        }
    }

    /// What the column is for, and the table it leads to.
    fn roles(
        &self,
        table: &schema::Table,
        column: &schema::Column,
    ) -> (Vec<Role>, Option<&schema::Table>) {
        let here = Some(column.id);
        let (mut roles, mut leads) = (Vec::new(), None);
        if table.key == here {
            roles.push(Role::Key);
        }
        match table.role {
            schema::Role::Customers { created } if created == here => roles.push(Role::Created),
            schema::Role::Child { customer, time } => {
                if customer == column.id {
                    roles.push(Role::Customer);
                    leads = Some(self.schema.customers());
                }
                if time == here {
                    roles.push(Role::Time);
                }
            }
            schema::Role::Nested { parent, parent_key } if parent_key == column.id => {
                roles.push(Role::Parent);
                leads = Some(self.schema.table(parent));
            }
            _ => {}
        }
        if let Some(lookup) = column.lookup {
            roles.push(Role::Reference);
            leads = Some(self.schema.table(lookup));
        }
        (roles, leads)
    }

    fn has_time(&self, table: &schema::Table) -> bool {
        let found = self.schema.find_table(&table.name);
        found.is_some_and(|id| self.schema.time_of(id).is_some())
    }

    /// A reference has the type of the key it holds.
    fn type_in_rules<'a>(&'a self, column: &'a schema::Column) -> &'a Type {
        let key = column.lookup.and_then(|lookup| self.schema.table(lookup).key);
        key.map_or(&column.ty, |key| &self.schema.column(key).ty)
    }
}

/// The columns of `rfm`.
fn computed(scores: &Scores) -> Vec<Column> {
    let has_groups = |field: &RfmField| *field != RfmField::Group || scores.groups.is_some();
    let column = |field: RfmField| {
        let (ty, declared) = match field {
            RfmField::Recency | RfmField::Frequency | RfmField::Monetary => (Type::Int, Vec::new()),
            RfmField::Score => (Type::Text, Vec::new()),
            RfmField::Group => {
                let names = scores.groups.iter().flat_map(|groups| groups.names());
                (Type::Text, names.cloned().collect())
            }
        };
        let name = format!("rfm.{}", field.name());
        computed_column(name.clone(), name, ty, declared, !scores.lowest_without_purchase)
    };
    RfmField::ALL.into_iter().filter(has_groups).map(column).collect()
}

/// The columns of `predict`; where a length of time is wanted, with one.
fn predicted() -> Vec<Column> {
    let column = |name: &str| {
        let (ty, horizon) = match name {
            "next_order" => (Type::Date, ""),
            "spend_tier" => (Type::Text, ""),
            "orders" => (Type::Float, "(90 days)"),
            "value" => (Type::Float, "(12 months)"),
            _ => (Type::Float, ""),
        };
        let tiers = Prediction::TIERS.into_iter().rev().filter(|_| ty == Type::Text);
        let declared = tiers.map(str::to_owned).collect();
        let name = format!("predict.{name}");
        computed_column(name.clone(), name + horizon, ty, declared, true)
    };
    Prediction::NAMES.into_iter().map(column).collect()
}

fn computed_column(
    name: String,
    written: String,
    ty: Type,
    declared: Vec<String>,
    nullable: bool,
) -> Column {
    let kind = Kind::of(&ty);
    let operators = OPERATORS.iter().filter(|each| each.kinds.contains(&kind));
    let functions = FUNCTIONS.iter().filter(|each| each.kinds.contains(&kind));
    Column {
        name,
        written,
        ty,
        kind,
        nullable,
        roles: Vec::new(),
        references: None,
        operators: operators.map(|each| each.name).collect(),
        functions: functions.map(|each| each.name).collect(),
        aggregates: Vec::new(),
        declared,
        contents: None,
    }
}
