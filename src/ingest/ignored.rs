//! Names that no column has.

use crate::{diagnostic::Code, schema::Table, snapshot::Writer};

/// One note for all names that no column of the table has, each the first time.
pub(super) fn note_ignored<'a>(
    names: impl Iterator<Item = &'a String>,
    name: &str,
    table: &Table,
    writer: &mut Writer<'_>,
) {
    let ignored: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    if !ignored.is_empty() {
        let list = ignored.join(", ");
        let such = if ignored.len() == 1 { "no such column" } else { "no such columns" };
        let message = format!("`{name}`: ignored {list}; table `{}` has {such}", table.name);
        writer.warn(Code::IgnoredColumn, message);
    }
}
