//! Names of columns to columns.

use crate::{
    diagnostic::{Code, Diagnostic, nearest},
    error::{Error, Result},
    schema::{ColumnId, Schema, TableId},
    snapshot::field_type,
    value::Type,
};

/// A column of an export.
pub(super) struct Exported {
    /// As it was asked for.
    pub(super) name: String,
    /// The references on the way to it.
    pub(super) through: Vec<ColumnId>,
    pub(super) column: ColumnId,
    /// Of a reference, that of the key it holds.
    #[cfg_attr(not(feature = "parquet"), expect(dead_code, reason = "texts need no type"))]
    pub(super) ty: Type,
    /// It is the customers' key.
    pub(super) is_key: bool,
}

/// The columns of these names, the key first where it is not among them; `None` for all of the customers'.
pub(super) fn resolve(schema: &Schema, names: Option<&[String]>) -> Result<Vec<Exported>> {
    let Some(names) = names else {
        let own = schema.customers().columns.iter();
        return Ok(own.map(|own| exported(schema, &own.name, Vec::new(), own.id)).collect());
    };
    let mut columns: Vec<Exported> = Vec::with_capacity(names.len() + 1);
    let mut found = Vec::new();
    for name in names {
        match find(schema, name) {
            Ok(column) if columns.iter().all(|known| known.name != column.name) => {
                columns.push(column);
            }
            Ok(_) => {}
            Err(diagnostic) => found.push(*diagnostic),
        }
    }
    if !found.is_empty() {
        return Err(Error::diagnosed(found));
    }
    if !columns.iter().any(|column| column.is_key)
        && let Some(key) = schema.customers().key_column()
    {
        columns.insert(0, exported(schema, schema.customers_key(), Vec::new(), key));
    }
    Ok(columns)
}

fn find(schema: &Schema, name: &str) -> Result<Exported, Box<Diagnostic>> {
    let (mut table, mut through, mut rest) = (TableId::CUSTOMERS, Vec::new(), name);
    loop {
        // A name may have a point in it.
        if let Some(column) = schema.table(table).find(rest) {
            return Ok(exported(schema, name, through, column));
        }
        let Some((first, behind)) = rest.split_once('.') else {
            return Err(unknown(schema, table, rest));
        };
        let Some(column) = schema.table(table).find(first) else {
            return Err(unknown(schema, table, first));
        };
        let Some(lookup) = schema.column(column).lookup else {
            let message = format!("`{first}` is not a reference, so it has no columns");
            return Err(diagnostic(Code::NotAReference, message, None));
        };
        through.push(column);
        (table, rest) = (lookup, behind);
    }
}

fn exported(schema: &Schema, name: &str, through: Vec<ColumnId>, column: ColumnId) -> Exported {
    let is_key = through.is_empty() && schema.customers().key_column() == Some(column);
    let ty = field_type(schema, schema.column(column));
    Exported { name: name.to_owned(), through, column, ty, is_key }
}

fn unknown(schema: &Schema, table: TableId, name: &str) -> Box<Diagnostic> {
    let of = match table {
        TableId::CUSTOMERS => String::new(),
        _ => format!(" of `{}`", schema.table(table).name),
    };
    let names = schema.table(table).columns.iter().map(|column| column.name.as_str());
    let help = match nearest(name, names) {
        Some(near) => Some(format!("did you mean `{near}`?")),
        None if schema.find_table(name).is_some_and(|table| schema.table(table).is_rows()) => {
            Some(format!("`{name}` is a table of rows; only columns of customers are exported"))
        }
        None => None,
    };
    diagnostic(Code::UnknownColumn, format!("unknown column `{name}`{of}"), help)
}

fn diagnostic(code: Code, message: String, help: Option<String>) -> Box<Diagnostic> {
    let severity = code.severity();
    Box::new(Diagnostic { code, severity, message, help, location: None, used_at: None })
}
