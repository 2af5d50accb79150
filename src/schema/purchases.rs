//! Which rows are purchases: what `[rfm]` and whatever else looks at purchases says in the same fields.

use super::{
    ColumnId, Schema, TableId,
    draft::{Field, Word},
};
use crate::{
    diagnostic::{Code, Finding, Span, did_you_mean, nearest},
    value::Type,
};

/// The rows of a table that are purchases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Purchases {
    /// Many rows a customer, with a time.
    pub(crate) table: TableId,
    /// What a row is worth: a column of numbers of the table.
    pub(crate) amount: ColumnId,
    /// A condition on the rows as it was written; it is checked together with the rules.
    pub(crate) filter: Option<String>,
}

/// As written.
#[derive(Debug, Clone, Default)]
pub(super) struct DraftPurchases {
    pub(super) table: Field<Word>,
    pub(super) amount: Field<Word>,
    pub(super) filter: Field<Word>,
}

#[cfg(feature = "toml")]
impl DraftPurchases {
    /// Another name stands in place of the field, which is reported already.
    pub(super) fn misspelt(&mut self, field: Option<&str>) {
        match field {
            Some("table") => self.table = Field::Wrong,
            Some("amount") => self.amount = Field::Wrong,
            _ => {}
        }
    }
}

/// `part` is the part of the schema that has the fields, as `[rfm]`, and `span` where it begins. Without a schema, whose
/// tables have mistakes, only what is left out is found.
pub(super) fn settle_purchases(
    draft: &DraftPurchases,
    (part, span): (&str, Span),
    schema: Option<&Schema>,
    findings: &mut Vec<Finding>,
) -> Option<Purchases> {
    for (field, name, what) in [
        (&draft.table, "table", "the table whose rows are purchases"),
        (&draft.amount, "amount", "the column with what a row is worth"),
    ] {
        if matches!(field, Field::Absent) {
            let message = format!("`{part}` has no `{name}`");
            let help = format!("add `{name}` with the name of {what}");
            findings.push(Finding::new(Code::MissingInSchema, span, message).help(help));
        }
    }
    let (schema, word) = (schema?, draft.table.given()?);
    let table = table_of(word, schema, findings)?;
    let amount = amount_of(draft.amount.given()?, table, schema, findings)?;
    let filter = draft.filter.given().map(|word| word.text.clone());
    Some(Purchases { table, amount, filter })
}

fn table_of(word: &Word, schema: &Schema, findings: &mut Vec<Finding>) -> Option<TableId> {
    let rows = "purchases are rows of a table below `[tables]`";
    let (code, message, help) = match schema.find_table(&word.text) {
        None => {
            let names = schema.row_tables().map(|table| schema.table(table).name.as_str());
            let help = did_you_mean(nearest(&word.text, names), || rows.to_owned());
            let name = word.text.escape_debug();
            (Code::UnresolvedInSchema, format!("`table` names the unknown table `{name}`"), help)
        }
        Some(table) if !schema.table(table).is_rows() => {
            let message = format!("customers have no rows in `{}`", word.text);
            (Code::WrongRoleInSchema, message, rows.to_owned())
        }
        Some(table) if schema.time_of(table).is_none() => {
            let owner = schema.root_of(table).map_or(table, |(_, root)| root);
            let help = format!(
                "give `[tables.{}]` a `time`, the column that tells when",
                schema.table(owner).name
            );
            let message = format!("the rows of `{}` have no time", word.text);
            (Code::WrongRoleInSchema, message, help)
        }
        Some(table) => return Some(table),
    };
    findings.push(Finding::new(code, word.span, message).help(help));
    None
}

fn amount_of(
    word: &Word,
    table: TableId,
    schema: &Schema,
    findings: &mut Vec<Finding>,
) -> Option<ColumnId> {
    let table = schema.table(table);
    let (code, message, help) = match table.find(&word.text) {
        None => {
            let help = did_you_mean(table.nearest_column(&word.text), || {
                format!("name a column of `{}`", table.name)
            });
            let name = word.text.escape_debug();
            (Code::UnresolvedInSchema, format!("`amount` names the unknown column `{name}`"), help)
        }
        Some(column) => match &schema.column(column).ty {
            Type::Int | Type::Decimal(_) | Type::Float => return Some(column),
            ty => {
                let message = format!("`{}` must be a number to serve as `amount`", word.text);
                let help = format!("it is `{ty}` among the columns of `{}`", table.name);
                (Code::WrongRoleInSchema, message, help)
            }
        },
    };
    findings.push(Finding::new(code, word.span, message).help(help));
    None
}
