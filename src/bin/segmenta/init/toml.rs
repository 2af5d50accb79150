//! The schema file of a guess.

use std::fmt::Write;

use segmenta::Type;

use super::{
    guess::{Guess, Role, Table},
    rfm,
};

/// A schema file with comments on what was guessed.
pub(crate) fn schema(guess: &Guess) -> String {
    let mut text = String::from(
        "# The schema of this project, guessed from its data files by `segmenta init`: read it through.\n\
         \n\
         # Days begin and end in this time zone; datetimes without a zone are local to it.\n\
         timezone = \"UTC\"\n",
    );
    for table in &guess.tables {
        let _ = write!(text, "\n{}", section(table));
    }
    if let Some((table, amount)) = guess.purchases() {
        let _ = write!(text, "\n{}", rfm::standard(&table.name, amount));
    }
    text.push_str("\n# Where the data is, relative to this file.\n[data]\n");
    for table in &guess.tables {
        let _ = writeln!(text, "{} = {}", name(&table.name), quoted(&table.scan.file));
    }
    for (file, why) in &guess.unused {
        let _ = writeln!(text, "# not used: {} ({why})", printable(file));
    }
    text
}

fn section(table: &Table) -> String {
    let header = match table.role {
        Role::Customers => "customers".to_owned(),
        Role::Lookup => format!("lookups.{}", name(&table.name)),
        Role::Rows { .. } | Role::Nested { .. } => format!("tables.{}", name(&table.name)),
    };
    let column = |index: usize| quoted(table.column_name(index));
    let mut text =
        format!("# {} ({} rows)\n[{header}]\n", printable(&table.scan.file), table.scan.rows);
    if let Some(key) = table.key {
        let _ = writeln!(text, "key = {}", column(key));
    }
    match &table.role {
        Role::Customers => {
            if let Some(created) = table.time {
                let note = "# customers do not exist before";
                let _ = writeln!(text, "created = {}  {note}", column(created));
            }
        }
        Role::Rows { customer } => {
            let _ = writeln!(
                text,
                "customer = {}  # the column with the customer's key",
                column(*customer)
            );
            match table.time {
                Some(time) => {
                    let _ = writeln!(text, "time = {}  # rows do not exist before", column(time));
                }
                None => text.push_str("# no column has a time: every row exists on every day\n"),
            }
        }
        Role::Nested { parent, column: link } => {
            let _ = writeln!(
                text,
                "parent = {}  # customer and time are those of its row",
                quoted(parent)
            );
            let _ = writeln!(text, "parent_key = {}", column(*link));
        }
        Role::Lookup => {}
    }
    let _ = writeln!(text, "[{header}.columns]");
    for (_, column, ty) in table.used() {
        let _ = write!(text, "{} = {}", name(&column.name), quoted(&ty.to_string()));
        let missing = table.scan.rows.saturating_sub(column.present);
        let note = match ty {
            _ if column.present == 0 => "  # no row has a value".to_owned(),
            Type::TextSet => "  # elements stand between `;`".to_owned(),
            _ if missing > 0 => format!("  # missing in {missing} rows"),
            _ => String::new(),
        };
        let _ = writeln!(text, "{note}");
    }
    text
}

/// A name as a key: bare where that is possible.
fn name(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(bare) { name.to_owned() } else { quoted(name) }
}

pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A file name in a comment.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}
