//! Tables of PostgreSQL into a snapshot, row by row.

use postgres::{Client, IsolationLevel, Transaction, fallible_iterator::FallibleIterator};
use segmenta::{Schema, Snapshot, SnapshotBuilder};
use serde::{Serialize, Serializer};

use crate::{
    Done,
    cell::{self, Cell},
    said,
};

/// The schema's tables, all as they were at one moment.
pub fn snapshot(client: &mut Client, schema: &Schema) -> Done<Snapshot> {
    let moment = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead);
    let mut moment = moment.read_only(true).start().map_err(said)?;
    let mut data = Snapshot::builder(schema);
    for table in schema.table_names() {
        let pulled = pull(&mut moment, schema, table, &mut data);
        pulled.map_err(|error| format!("table `{table}`: {error}"))?;
    }
    moment.commit().map_err(said)?;
    data.build().map_err(|refused| {
        let refused = refused.to_string();
        let named = schema.table_names().filter(|table| refused.contains(&format!("`{table}`")));
        let queries = named.map(|table| (table, query(schema, table)));
        let counted =
            queries.map(|(table, by)| format!("\nrows of `{table}` are counted as by {by}"));
        format!("{refused}{}", counted.collect::<String>()).into()
    })
}

/// Reads one table. No more of it is in memory than what the snapshot keeps and a few rows on their way.
fn pull(
    moment: &mut Transaction<'_>,
    schema: &Schema,
    table: &str,
    data: &mut SnapshotBuilder,
) -> Done<()> {
    let statement = moment.prepare(&query(schema, table)).map_err(said)?;
    let names: Vec<&str> = schema.column_names(table).into_iter().flatten().collect();
    let mut misfits = Vec::new();
    for (name, column) in names.iter().zip(statement.columns()) {
        let wanted = schema.column_type(table, name);
        misfits.extend(wanted.and_then(|wanted| cell::misfit(name, wanted, column.type_())));
    }
    if !misfits.is_empty() {
        return Err(misfits.join("; ").into());
    }

    let mut rows = moment.query_raw(&statement, std::iter::empty::<i32>()).map_err(said)?;
    for number in 1_u64.. {
        let Some(row) = rows.next().map_err(said)? else { break };
        let mut cells = Vec::with_capacity(names.len());
        for (at, name) in names.iter().enumerate() {
            cells.push(row.try_get(at).map_err(|error| {
                let why = error.into_source().map(|source| source.to_string()).unwrap_or_default();
                let counted = query(schema, table);
                format!("row {number}, column `{name}`: {why}; rows are counted as by {counted}")
            })?);
        }
        data.push_row(table, &Fields(&names, cells))?;
    }
    Ok(())
}

/// The rows come in the order of their columns, so that the same rows give the same answer where a rule asks for the
/// first or the last of those with the same time.
fn query(schema: &Schema, table: &str) -> String {
    let columns = schema.column_names(table).into_iter().flatten();
    let columns: Vec<String> = columns.map(quoted).collect();
    let places: Vec<String> = (1..=columns.len()).map(|place| place.to_string()).collect();
    let (columns, places) = (columns.join(", "), places.join(", "));
    format!("SELECT {columns} FROM {} ORDER BY {places}", quoted(table))
}

/// A name as SQL writes it, whatever is in it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A row, by the names of its columns.
struct Fields<'a>(&'a [&'a str], Vec<Option<Cell>>);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().zip(&self.1))
    }
}
