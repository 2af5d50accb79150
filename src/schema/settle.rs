//! From a draft to a schema: names, types and roles, every problem at once.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::{
    Column, ColumnId, Inner, Role, Schema, Table, TableId,
    draft::{Draft, DraftColumn, DraftTable, Kind, Word},
    roles::settle_roles,
    types::parse_type,
};
use crate::{
    calendar::{LeapDay, Zone},
    diagnostic::{Code, Finding, Span, nearest},
    value::Type,
};

/// Names that begin a path of their own kind: `parent.status`, `customer.country`, `rfm.score`.
const RESERVED: [&str; 4] = ["parent", "customer", "rfm", "predict"];

/// Tables of a schema, and columns of a table, are numbered with 16 bits.
const MAX_COUNT: usize = 65_535;

/// The schema that a draft says; `None` where findings were added that leave none.
pub(super) fn settle(draft: Draft, findings: &mut Vec<Finding>) -> Option<Schema> {
    let before = findings.len();
    let zone = settle_zone(draft.timezone.as_ref(), findings);
    let leap_day = settle_leap_day(draft.leap_day.as_ref(), findings);
    let drafts = order_tables(draft.tables, draft.span, findings);
    let by_name: HashMap<String, TableId> = drafts
        .iter()
        .zip(0_u16..)
        .map(|(draft, id)| (draft.name.text.clone(), TableId(id)))
        .collect();
    let mut untyped = HashSet::new();
    let mut shapes: Vec<Shape> = (0_u16..)
        .zip(drafts)
        .map(|(id, draft)| Shape::new(TableId(id), draft, &mut untyped, findings))
        .collect();
    let kinds: Vec<Kind> = shapes.iter().map(|shape| shape.draft.kind).collect();
    for shape in &mut shapes {
        shape.settle_references(&by_name, &kinds, findings);
    }
    let roles = settle_roles(&shapes, &by_name, &untyped, findings);
    if findings.len() > before {
        return None;
    }
    let tables = shapes.into_iter().zip(roles?).map(|(shape, role)| shape.into_table(role));
    Some(Schema { inner: Arc::new(Inner { zone, leap_day, tables: tables.collect(), by_name }) })
}

/// A table whose columns are settled and whose role is not.
pub(super) struct Shape {
    pub(super) id: TableId,
    pub(super) draft: DraftTable,
    pub(super) columns: Vec<Column>,
    pub(super) by_name: HashMap<String, ColumnId>,
    /// Where the type of each column stands.
    spans: Vec<Span>,
}

/// What a table is to the customers, and its key.
pub(super) struct Settled {
    pub(super) role: Role,
    pub(super) key: Option<ColumnId>,
}

impl Shape {
    /// Columns of an unknown type are a text for the time being, and noted in `untyped`.
    fn new(
        id: TableId,
        mut draft: DraftTable,
        untyped: &mut HashSet<ColumnId>,
        findings: &mut Vec<Finding>,
    ) -> Self {
        add_lookup_key(&mut draft);
        let columns = std::mem::take(&mut draft.columns);
        if columns.len() > MAX_COUNT {
            let message = format!("`{}` has more than {MAX_COUNT} columns", draft.name.text);
            findings.push(Finding::new(Code::SchemaSyntax, draft.name.span, message));
        }
        let mut shape =
            Self { id, draft, columns: Vec::new(), by_name: HashMap::new(), spans: Vec::new() };
        for (index, column) in (0_u16..).zip(columns) {
            let id = ColumnId { table: id, index };
            if shape.by_name.contains_key(&column.name.text) {
                findings.push(duplicate(&column.name, "column"));
            } else {
                shape.by_name.insert(column.name.text.clone(), id);
            }
            check_name(&column.name, findings);
            shape.spans.push(column.ty.as_ref().map_or(column.name.span, |ty| ty.span));
            let (column, known) = settle_column(id, column, findings);
            if !known {
                untyped.insert(id);
            }
            shape.columns.push(column);
        }
        shape
    }

    fn settle_references(
        &mut self,
        by_name: &HashMap<String, TableId>,
        kinds: &[Kind],
        findings: &mut Vec<Finding>,
    ) {
        for (column, span) in self.columns.iter_mut().zip(&self.spans) {
            let Type::Ref(name) = &column.ty else { continue };
            let found = by_name.get(name).copied();
            let kind = found.and_then(|id| kinds.get(usize::from(id.0)));
            let span = *span;
            if kind == Some(&Kind::Lookup) {
                column.lookup = found;
            } else if kind.is_some() {
                let message = format!("`{name}` is not a lookup, so nothing can refer to it");
                let help =
                    format!("a `ref` points to a table below `[lookups]`, as `[lookups.{name}]`");
                findings.push(Finding::new(Code::UnresolvedInSchema, span, message).help(help));
            } else {
                let lookups = by_name
                    .iter()
                    .filter(|(_, id)| kinds.get(usize::from(id.0)) == Some(&Kind::Lookup));
                let near = nearest(name, lookups.map(|(name, _)| name.as_str()));
                let finding = Finding::new(
                    Code::UnresolvedInSchema,
                    span,
                    format!("unknown lookup `{name}`"),
                );
                findings.push(finding.help(did_you_mean(near, || {
                    format!("a `ref` needs a table `[lookups.{name}]`")
                })));
            }
            if RESERVED.contains(&column.name.as_str()) {
                let message = format!("a `ref` column cannot be called `{}`", column.name);
                let help =
                    "a path that begins so has a meaning of its own in rules; give it another name";
                findings.push(Finding::new(Code::WrongRoleInSchema, span, message).help(help));
            }
        }
    }

    fn into_table(self, settled: Settled) -> Table {
        Table {
            name: self.draft.name.text,
            role: settled.role,
            key: settled.key,
            columns: self.columns,
            by_name: self.by_name,
        }
    }
}

/// The customers first, then the others; tables of a name that is taken are left out.
fn order_tables(
    tables: Vec<DraftTable>,
    span: Span,
    findings: &mut Vec<Finding>,
) -> Vec<DraftTable> {
    let (mut ordered, others): (Vec<_>, Vec<_>) =
        tables.into_iter().partition(|table| table.kind == Kind::Customers);
    if ordered.is_empty() {
        let finding =
            Finding::new(Code::MissingInSchema, span, "the table of customers is missing");
        findings.push(finding.help("add `[customers]` with a `key` and `[customers.columns]`"));
        ordered.push(DraftTable::absent_customers());
    }
    ordered.extend(others);
    if ordered.len() > MAX_COUNT {
        let message = format!("the schema has more than {MAX_COUNT} tables");
        findings.push(Finding::new(Code::SchemaSyntax, span, message));
    }
    let mut seen = HashSet::new();
    ordered.retain(|table| {
        let fresh = seen.insert(table.name.text.clone());
        if !fresh {
            findings.push(duplicate(&table.name, "table"));
        }
        fresh
    });
    for table in &ordered {
        check_name(&table.name, findings);
        if RESERVED.contains(&table.name.text.as_str()) {
            let message = format!("a table cannot be called `{}`", table.name.text);
            let help = "the name has a meaning of its own in rules; give the table another one";
            findings
                .push(Finding::new(Code::WrongRoleInSchema, table.name.span, message).help(help));
        }
    }
    ordered
}

fn settle_column(id: ColumnId, draft: DraftColumn, findings: &mut Vec<Finding>) -> (Column, bool) {
    let parsed = draft.ty.as_ref().map(|word| (parse_type(&word.text), word.span));
    let ty = match parsed {
        Some((Ok(ty), _)) => Some(ty),
        Some((Err(unknown), span)) => {
            findings
                .push(Finding::new(Code::UnknownType, span, unknown.message).help(unknown.help));
            None
        }
        None => None,
    };
    let mut values = Vec::new();
    if let Some(declared) = draft.values {
        if ty.as_ref().is_some_and(|ty| *ty != Type::Text) {
            let message = "only a `text` column can declare its values";
            findings.push(Finding::new(Code::WrongRoleInSchema, declared.span, message));
        } else if declared.items.is_empty() {
            let finding = Finding::new(Code::SchemaSyntax, declared.span, "`values` is empty");
            findings.push(finding.help("leave `values` out to allow any value"));
        }
        let mut seen = HashSet::new();
        for item in declared.items {
            if seen.insert(item.text.clone()) {
                values.push(item.text);
            } else {
                findings.push(duplicate(&item, "value"));
            }
        }
    }
    let known = ty.is_some();
    let ty = ty.unwrap_or(Type::Text);
    let name = draft.name.text;
    (Column { id, name, ty, required: draft.required, values, lookup: None }, known)
}

/// A lookup's key that is not among its columns is a text, unless it looks like a slip of one of them.
fn add_lookup_key(draft: &mut DraftTable) {
    let Some(key) = draft.key.as_ref().filter(|_| draft.kind == Kind::Lookup) else { return };
    if nearest(&key.text, draft.columns.iter().map(|column| column.name.text.as_str())).is_none() {
        let ty = Some(Word { text: "text".to_owned(), span: key.span });
        let column = DraftColumn { name: key.clone(), ty, required: false, values: None };
        draft.columns.insert(0, column);
    }
}

/// A name that a rule can write in backquotes.
fn check_name(name: &Word, findings: &mut Vec<Finding>) {
    let problem = if name.text.is_empty() {
        "a name cannot be empty"
    } else if name.text.chars().any(|c| c.is_control() || c == '`') {
        "a name cannot have backquotes or control characters"
    } else {
        return;
    };
    findings.push(Finding::new(Code::SchemaSyntax, name.span, problem));
}

fn settle_zone(word: Option<&Word>, findings: &mut Vec<Finding>) -> Zone {
    let utc = Zone(chrono_tz::UTC);
    let Some(word) = word else { return utc };
    word.text.parse().map(Zone).unwrap_or_else(|_| {
        let finding = Finding::new(
            Code::UnknownTimeZone,
            word.span,
            format!("unknown time zone `{}`", word.text.escape_debug()),
        );
        findings.push(finding.help(did_you_mean(nearest_zone(&word.text), || {
            "write a name of the IANA time zone database, as `Europe/Stockholm`".to_owned()
        })));
        utc
    })
}

/// The zone of a city that was named alone, else the nearest name.
fn nearest_zone(name: &str) -> Option<&'static str> {
    let names = || chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
    let city = name.rsplit('/').next().unwrap_or(name).replace(' ', "_");
    names()
        .find(|zone| zone.rsplit('/').next().is_some_and(|last| last.eq_ignore_ascii_case(&city)))
        .or_else(|| nearest(name, names()))
}

fn settle_leap_day(word: Option<&Word>, findings: &mut Vec<Finding>) -> LeapDay {
    let Some(word) = word else { return LeapDay::Back };
    match word.text.as_str() {
        "back" => LeapDay::Back,
        "forward" => LeapDay::Forward,
        "skip" => LeapDay::Skip,
        other => {
            let message = format!("`leap_day` cannot be `{}`", other.escape_debug());
            let help = did_you_mean(nearest(other, ["back", "forward", "skip"]), || {
                "it is `back`, `forward` or `skip`".to_owned()
            });
            findings.push(Finding::new(Code::SchemaSyntax, word.span, message).help(help));
            LeapDay::Back
        }
    }
}

fn duplicate(name: &Word, what: &str) -> Finding {
    let message = format!("the {what} `{}` is defined twice", name.text);
    Finding::new(Code::DuplicateInSchema, name.span, message)
}

/// The help that names the nearest known name, or else says something general.
pub(super) fn did_you_mean(near: Option<&str>, otherwise: impl FnOnce() -> String) -> String {
    near.map_or_else(otherwise, |near| format!("did you mean `{near}`?"))
}
