//! Which rows are purchases: what `[rfm]` and whatever else looks at purchases says in the same fields.

use super::{
    ColumnId, Schema, TableId,
    draft::{Field, Word},
};
use crate::{
    calendar::Unit,
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

impl DraftPurchases {
    pub(super) fn given(table: &str, amount: &str) -> Self {
        Self {
            table: Field::Given(Word::unplaced(table)),
            amount: Field::Given(Word::unplaced(amount)),
            filter: Field::Absent,
        }
    }

    pub(super) fn only(&mut self, condition: &str) {
        self.filter = Field::Given(Word::unplaced(condition));
    }

    /// Another name stands in place of the field, which is reported already.
    #[cfg(feature = "toml")]
    pub(super) fn misspelt(&mut self, field: Option<&str>) {
        match field {
            Some("table") => self.table = Field::Wrong,
            Some("amount") => self.amount = Field::Wrong,
            _ => {}
        }
    }
}

/// From the fields of a part to what they mean; what is wrong with them is collected.
pub(super) struct Settle<'f> {
    pub(super) findings: &'f mut Vec<Finding>,
}

impl Settle<'_> {
    pub(super) fn bad<T>(
        &mut self,
        span: Span,
        message: String,
        help: impl Into<String>,
    ) -> Option<T> {
        self.findings.push(Finding::new(Code::BadSetting, span, message).help(help));
        None
    }

    /// `365 days`: the digits, which are not all 0, and a unit of a day or longer. `nothing` is what is wrong with 0.
    pub(super) fn length<'w>(
        &mut self,
        word: &'w Word,
        example: &str,
        nothing: &str,
    ) -> Option<(&'w str, Unit)> {
        let help = || format!("write a number of days, weeks, months or years, as `{example}`");
        let mut parts = word.text.split_whitespace();
        let (number, unit) = (parts.next().unwrap_or(""), parts.next().and_then(Unit::parse));
        let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        let unit = unit.filter(|unit| !unit.is_clock() && digits && parts.next().is_none());
        let Some(unit) = unit else {
            let message = format!("`{}` is no length of time", word.text.escape_debug());
            return self.bad(word.span, message, help());
        };
        if number.bytes().all(|byte| byte == b'0') {
            return self.bad(word.span, nothing.to_owned(), help());
        }
        Some((number, unit))
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
