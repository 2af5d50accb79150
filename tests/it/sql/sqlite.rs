//! SQLite as an engine: tables of text, as a program would load CSV files, and the members that a statement finds.

use std::collections::BTreeMap;

use rusqlite::{Connection, types::ValueRef};
use segmenta::{
    AsOf, Error, Key, Rules, Schema, Type,
    sql::{Dialect, Mapping, Statement},
};

/// A database with the tables of a schema.
pub(crate) struct Database {
    connection: Connection,
    mapping: Mapping,
    text_keys: bool,
}

pub(crate) type Memberships = BTreeMap<String, Vec<Key>>;

/// The names of columns, and rows of their fields.
pub(crate) type Rows = (Vec<String>, Vec<Vec<Option<String>>>);

/// What came of rules.
pub(crate) enum Answer {
    Members(Memberships),
    /// The dialect cannot say it.
    Refused(Error),
    /// A number is beyond 64 bits, or a quotient beyond 53: the engine ended the statement.
    Beyond,
    Failed(String),
}

impl Database {
    /// The rows of CSV texts, by table; an empty field is missing. Tables without a text are empty.
    pub(crate) fn of_csv(schema: &Schema, texts: &BTreeMap<String, String>) -> Self {
        let mut tables = BTreeMap::new();
        for (name, text) in texts {
            let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
            let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
            let place = |column: &str| schema.column_type(name, column) == Some(&Type::Geo);
            let rows = reader.records().map(|row| {
                let row = row.unwrap();
                let fields =
                    row.iter().zip(&header).flat_map(|(field, column)| match place(column) {
                        true => vec![field.split(';').next(), field.split(';').nth(1)],
                        false => vec![Some(field)],
                    });
                let field = |field: Option<&str>| {
                    field.filter(|field| !field.is_empty()).map(str::to_owned)
                };
                fields.map(field).collect::<Vec<_>>()
            });
            let rows = rows.collect::<Vec<_>>();
            let columns = header.iter().flat_map(|column| match place(column) {
                true => vec![format!("{column}_lat"), format!("{column}_lon")],
                false => vec![column.clone()],
            });
            tables.insert(name.clone(), (columns.collect(), rows));
        }
        Self::of_rows(schema, &tables)
    }

    /// Rows by table, beside the names of their columns.
    pub(crate) fn of_rows(schema: &Schema, tables: &BTreeMap<String, Rows>) -> Self {
        let connection = Connection::open_in_memory().unwrap();
        let mut mapping = Mapping::default();
        for table in schema.table_names() {
            let mut columns: Vec<String> =
                schema.column_names(table).unwrap().map(str::to_owned).collect();
            let empty = (Vec::new(), Vec::new());
            let (header, rows) = tables.get(table).unwrap_or(&empty);
            columns.retain(|column| !header.contains(column));
            columns.extend(header.iter().cloned());
            let list: Vec<String> = columns.iter().map(|name| quoted(name)).collect();
            let created = format!("CREATE TABLE {} ({})", quoted(table), list.join(", "));
            connection.execute(&created, ()).unwrap();
            let names: Vec<String> = header.iter().map(|name| quoted(name)).collect();
            let marks = vec!["?"; header.len()].join(", ");
            let insert =
                format!("INSERT INTO {} ({}) VALUES ({marks})", quoted(table), names.join(", "));
            for row in rows {
                let mut row = row.clone();
                row.resize(header.len(), None);
                connection.execute(&insert, rusqlite::params_from_iter(row)).unwrap();
            }
            mapping = mapping.order(table, "rowid");
        }
        let key = schema.column_type("customers", schema.customers_key());
        Self { connection, mapping, text_keys: key == Some(&Type::Text) }
    }

    /// For these segments, or for all.
    pub(crate) fn statement(
        &self,
        rules: &Rules,
        segments: &[&str],
        as_of: AsOf,
    ) -> segmenta::Result<String> {
        let statement = Statement::new(rules, Dialect::Sqlite).mapping(self.mapping.clone());
        segments.iter().copied().fold(statement, Statement::segment).at(as_of)
    }

    /// The members of these segments, or of all.
    pub(crate) fn members(&self, rules: &Rules, segments: &[&str], as_of: AsOf) -> Answer {
        let statement = match self.statement(rules, segments, as_of) {
            Ok(statement) => statement,
            Err(refused) => return Answer::Refused(refused),
        };
        let asked = |name: &str| segments.is_empty() || segments.contains(&name);
        let mut found: Memberships = rules
            .segments()
            .map(|segment| (segment.name().to_owned(), Vec::new()))
            .filter(|(name, _)| asked(name))
            .collect();
        let mut read = || -> rusqlite::Result<()> {
            let mut prepared = self.connection.prepare(&statement)?;
            let mut rows = prepared.query(())?;
            while let Some(row) = rows.next()? {
                let segment: String = row.get(0)?;
                let key = match row.get_ref(1)? {
                    ValueRef::Integer(key) if !self.text_keys => Key::Int(key),
                    ValueRef::Text(key) if self.text_keys => {
                        Key::Text(str::from_utf8(key).unwrap().to_owned())
                    }
                    other => panic!("a key is {other:?}"),
                };
                found.get_mut(&segment).expect("a segment of the rules").push(key);
            }
            Ok(())
        };
        if let Err(error) = read() {
            return match error.to_string().as_str() {
                "integer overflow" => Answer::Beyond,
                error => Answer::Failed(format!("{error}\n{statement}")),
            };
        }
        for keys in found.values_mut() {
            keys.sort();
        }
        Answer::Members(found)
    }
}

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}
