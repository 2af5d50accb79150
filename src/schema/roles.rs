//! What each table is to the customers: keys, links and times.

use std::collections::{HashMap, HashSet};

use super::{
    ColumnId, Role, TableId,
    draft::{Kind, Word},
    shape::{Settled, Shape},
};
use crate::{
    diagnostic::{Code, Finding, did_you_mean, nearest},
    value::Type,
};

/// Tables with a parent that has a parent, and so on, at the most.
const MAX_HOPS: usize = 32;

/// One role a table; `None` where one could not be settled, which is then among the findings.
pub(super) fn settle_roles(
    shapes: &[Shape],
    by_name: &HashMap<String, TableId>,
    untyped: &HashSet<ColumnId>,
    findings: &mut Vec<Finding>,
) -> Option<Vec<Settled>> {
    let mut roles = Roles { shapes, by_name, untyped, findings };
    let keys: Vec<Option<ColumnId>> = shapes.iter().map(|shape| roles.key(shape)).collect();
    let mut settled = Vec::with_capacity(shapes.len());
    for (shape, key) in shapes.iter().zip(&keys) {
        let role = match shape.draft.kind {
            Kind::Customers => {
                let created = shape.draft.created.as_ref();
                Some(Role::Customers { created: roles.time(shape, "created", created) })
            }
            Kind::Lookup => Some(Role::Lookup),
            Kind::Rows => roles.rows(shape, &keys),
        };
        settled.push(role.map(|role| Settled { role, key: *key }));
    }
    roles.check_parents();
    settled.into_iter().collect()
}

struct Roles<'a> {
    shapes: &'a [Shape],
    by_name: &'a HashMap<String, TableId>,
    untyped: &'a HashSet<ColumnId>,
    findings: &'a mut Vec<Finding>,
}

impl<'a> Roles<'a> {
    fn key(&mut self, shape: &Shape) -> Option<ColumnId> {
        let Some(word) = &shape.draft.key else {
            // What a table of rows with a parent of it needs is said at that parent.
            if shape.draft.kind != Kind::Rows && !shape.draft.absent {
                let message = format!("`{}` has no `key`", shape.draft.name.text);
                let finding = Finding::new(Code::MissingInSchema, shape.draft.name.span, message);
                self.findings.push(
                    finding.help("add `key` with the name of the column that identifies a row"),
                );
            }
            return None;
        };
        let key = self.column(shape, "key", word)?;
        self.expect_type(shape, key, word, can_be_key, || {
            format!("the key `{}` must be `int` or `text`", word.text)
        });
        Some(key)
    }

    fn rows(&mut self, shape: &Shape, keys: &[Option<ColumnId>]) -> Option<Role> {
        let draft = &shape.draft;
        if let Some(word) = &draft.created {
            self.misplaced(
                word,
                "`created` belongs to the customers",
                "the time of a row is its `time`",
            );
        }
        match (&draft.customer, &draft.parent) {
            (Some(_), Some(parent)) => {
                let help = "leave out `customer`: it is the parent row's";
                self.misplaced(parent, "a table cannot have both `customer` and `parent`", help);
                None
            }
            (None, Some(parent)) => self.nested(shape, parent, keys),
            (Some(customer), None) => {
                if let Some(word) = &draft.parent_key {
                    self.misplaced(
                        word,
                        "`parent_key` without `parent`",
                        "add `parent`, or leave it out",
                    );
                }
                let time = self.time(shape, "time", draft.time.as_ref());
                let column = self.column(shape, "customer", customer)?;
                let customers_key = keys.first().copied().flatten();
                self.expect_key_type(shape, column, customer, customers_key, "customers");
                Some(Role::Child { customer: column, time })
            }
            (None, None) => {
                let message = format!("`{}` has neither `customer` nor `parent`", draft.name.text);
                let finding = Finding::new(Code::MissingInSchema, draft.name.span, message);
                self.findings.push(finding.help(
                    "add `customer` with the name of the column that holds the customer's key",
                ));
                None
            }
        }
    }

    fn nested(&mut self, shape: &Shape, parent: &Word, keys: &[Option<ColumnId>]) -> Option<Role> {
        if let Some(word) = &shape.draft.time {
            self.misplaced(
                word,
                "a table with a parent has no `time` of its own",
                "leave it out: it is the parent row's",
            );
        }
        if shape.draft.parent_key.is_none() {
            let message = format!("`{}` has no `parent_key`", shape.draft.name.text);
            let finding = Finding::new(Code::MissingInSchema, parent.span, message);
            self.findings.push(
                finding.help(
                    "add `parent_key` with the name of the column that holds the parent's key",
                ),
            );
        }
        let id = self.parent_table(parent);
        let column =
            shape.draft.parent_key.as_ref().and_then(|word| self.column(shape, "parent_key", word));
        let id = id?;
        let parent_shape = self.shape(id)?;
        if parent_shape.draft.key.is_none() {
            let message = format!("`{}` has no `key`, so it cannot be a parent", parent.text);
            let help = format!("add `key` to `[tables.{}]`", parent.text);
            self.findings
                .push(Finding::new(Code::MissingInSchema, parent.span, message).help(help));
        }
        let (column, word) = (column?, shape.draft.parent_key.as_ref()?);
        let key = keys.get(usize::from(id.0)).copied().flatten();
        self.expect_key_type(shape, column, word, key, &parent.text);
        Some(Role::Nested { parent: id, parent_key: column })
    }

    fn parent_table(&mut self, parent: &Word) -> Option<TableId> {
        let Some(id) = self.by_name.get(&parent.text).copied() else {
            let rows = self.shapes.iter().filter(|shape| shape.draft.kind == Kind::Rows);
            let near = nearest(&parent.text, rows.map(|shape| shape.draft.name.text.as_str()));
            let message = format!("unknown table `{}`", parent.text);
            let finding = Finding::new(Code::UnresolvedInSchema, parent.span, message);
            let help =
                did_you_mean(near, || "a parent is one of the tables below `[tables]`".to_owned());
            self.findings.push(finding.help(help));
            return None;
        };
        let help = match self.shape(id)?.draft.kind {
            Kind::Rows => return Some(id),
            Kind::Customers => {
                "write `customer` with the column that holds the customer's key instead"
            }
            Kind::Lookup => {
                "a parent is one of the tables below `[tables]`; a lookup is reached by a `ref` column"
            }
        };
        let message = format!("`{}` cannot be a parent", parent.text);
        self.misplaced(parent, &message, help);
        None
    }

    /// Every chain of parents ends in a table with a customer.
    fn check_parents(&mut self) {
        for shape in self.shapes {
            let mut chain = vec![shape.id];
            let mut at = self.parent_of(shape);
            while let Some(next) = at.filter(|next| !chain.contains(&next.id)) {
                chain.push(next.id);
                at = self.parent_of(next);
                if chain.len() > MAX_HOPS + 1 {
                    break;
                }
            }
            let Some(parent) = &shape.draft.parent else { continue };
            if chain.len() > MAX_HOPS + 1 {
                let message =
                    format!("`{}` has more than {MAX_HOPS} parents", shape.draft.name.text);
                self.misplaced(parent, &message, "give one of its parents the customer's key");
            } else if at.is_some_and(|at| at.id == shape.id) {
                // A circle is told once, at its first table.
                if chain.iter().all(|id| *id >= shape.id) {
                    let names = chain.iter().chain([&shape.id]).filter_map(|id| self.shape(*id));
                    let names: Vec<&str> =
                        names.map(|shape| shape.draft.name.text.as_str()).collect();
                    let message = format!("tables are their own parents: `{}`", names.join(" -> "));
                    self.misplaced(
                        parent,
                        &message,
                        "one of them needs `customer` instead of `parent`",
                    );
                }
            }
        }
    }

    fn parent_of(&self, shape: &Shape) -> Option<&'a Shape> {
        let parent = shape.draft.parent.as_ref()?;
        self.shape(*self.by_name.get(&parent.text)?)
    }

    /// A column with the moment from which a row exists.
    fn time(&mut self, shape: &Shape, field: &str, word: Option<&Word>) -> Option<ColumnId> {
        let word = word?;
        let column = self.column(shape, field, word)?;
        let is_time = |ty: &Type| matches!(ty, Type::Date | Type::DateTime);
        self.expect_type(shape, column, word, is_time, || {
            format!("`{}` must be `date` or `datetime` to serve as `{field}`", word.text)
        });
        Some(column)
    }

    fn column(&mut self, shape: &Shape, field: &str, word: &Word) -> Option<ColumnId> {
        let found = shape.by_name.get(&word.text).copied();
        if found.is_none() {
            let message = format!("`{field}` names the unknown column `{}`", word.text);
            let near = nearest(&word.text, shape.columns.iter().map(|column| column.name.as_str()));
            let help = did_you_mean(near, || {
                format!("define it among the columns of `{}`", shape.draft.name.text)
            });
            self.findings
                .push(Finding::new(Code::UnresolvedInSchema, word.span, message).help(help));
        }
        found
    }

    fn expect_key_type(
        &mut self,
        shape: &Shape,
        column: ColumnId,
        word: &Word,
        key: Option<ColumnId>,
        owner: &str,
    ) {
        let Some(key) = key.filter(|key| !self.untyped.contains(key)) else { return };
        // A type that no key can have is reported at the key.
        let Some(wanted) = self.type_of(key).filter(|ty| can_be_key(ty)) else { return };
        self.expect_type(
            shape,
            column,
            word,
            |ty| ty == wanted,
            || format!("`{}` must be `{wanted}` as the key of `{owner}` is", word.text),
        );
    }

    fn expect_type(
        &mut self,
        shape: &Shape,
        column: ColumnId,
        word: &Word,
        accepts: impl FnOnce(&Type) -> bool,
        message: impl FnOnce() -> String,
    ) {
        let Some(ty) = self.type_of(column).filter(|_| !self.untyped.contains(&column)) else {
            return;
        };
        if !accepts(ty) {
            let help = format!("it is `{ty}` among the columns of `{}`", shape.draft.name.text);
            self.misplaced(word, &message(), &help);
        }
    }

    fn type_of(&self, id: ColumnId) -> Option<&'a Type> {
        let column = self.shape(id.table)?.columns.get(usize::from(id.index))?;
        Some(&column.ty)
    }

    fn shape(&self, id: TableId) -> Option<&'a Shape> {
        self.shapes.get(usize::from(id.0))
    }

    fn misplaced(&mut self, word: &Word, message: &str, help: &str) {
        self.findings.push(Finding::new(Code::WrongRoleInSchema, word.span, message).help(help));
    }
}

fn can_be_key(ty: &Type) -> bool {
    matches!(ty, Type::Int | Type::Text)
}
