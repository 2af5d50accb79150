//! A table between draft and schema: its columns are settled, its role is not.

use std::collections::{HashMap, HashSet};

use super::{
    Column, ColumnId, Role, Table, TableId,
    draft::{DraftColumn, DraftTable, Kind, Word},
    types::parse_type,
};
use crate::{
    diagnostic::{Code, Finding, Span, did_you_mean, nearest},
    value::Type,
};

/// Names that begin a path of their own kind: `parent.status`, `customer.country`, `rfm.score`.
pub(super) const RESERVED: [&str; 4] = ["parent", "customer", "rfm", "predict"];

/// Tables of a schema, and columns of a table, are numbered with 16 bits.
pub(super) const MAX_COUNT: usize = 65_535;

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
    pub(super) fn new(
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
        for (index, column) in (0..=u16::MAX).zip(columns) {
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

    pub(super) fn settle_references(
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

    pub(super) fn into_table(self, settled: Settled) -> Table {
        Table {
            name: self.draft.name.text,
            role: settled.role,
            key: settled.key,
            columns: self.columns,
            by_name: self.by_name,
        }
    }
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
pub(super) fn check_name(name: &Word, findings: &mut Vec<Finding>) {
    let problem = if name.text.is_empty() {
        "a name cannot be empty"
    } else if name.text.chars().any(|c| c.is_control() || c == '`') {
        "a name cannot have backquotes or control characters"
    } else {
        return;
    };
    findings.push(Finding::new(Code::SchemaSyntax, name.span, problem));
}

pub(super) fn duplicate(name: &Word, what: &str) -> Finding {
    let message = format!("the {what} `{}` is defined twice", name.text);
    Finding::new(Code::DuplicateInSchema, name.span, message)
}
