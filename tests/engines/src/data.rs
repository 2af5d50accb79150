//! A data set: tables as files that every engine reads, and what is asked of them.

use std::{collections::BTreeMap, fs, io::BufWriter, path::Path};

use segmenta::{
    Export, Key, Schema, Snapshot, Type,
    catalog::{Catalog, Role, Table},
    sql::Mapping,
};
use serde::Serialize;

use crate::Result;

/// The number of a row in its file: tables of a database have no order, and ties of `first` and `last` need one.
pub(crate) const ROW_ORDER: &str = "row_order";

/// What an engine is told of a data set.
#[derive(Serialize)]
pub(crate) struct Record {
    pub(crate) name: String,
    pub(crate) tables: Vec<TableRecord>,
    pub(crate) statements: Vec<Statement>,
    /// What a dialect cannot say, and why: once for each case.
    pub(crate) refused: Vec<Refused>,
}

#[derive(Serialize)]
pub(crate) struct TableRecord {
    /// In the database.
    pub(crate) name: String,
    pub(crate) file: String,
    /// Name and type in the schema's words; of a reference, the type of the key it holds.
    pub(crate) columns: Vec<ColumnRecord>,
}

#[derive(Serialize)]
pub(crate) struct ColumnRecord {
    /// In the database.
    pub(crate) name: String,
    /// In the file.
    pub(crate) from: String,
    #[serde(rename = "type")]
    pub(crate) ty: String,
}

#[derive(Serialize)]
pub(crate) struct Statement {
    pub(crate) name: String,
    /// By dialect; none where all is refused.
    pub(crate) sql: BTreeMap<&'static str, String>,
    /// The segments that a dialect leaves out, for they are refused.
    pub(crate) without: BTreeMap<&'static str, Vec<String>>,
    /// Why a dialect refuses all together what it can say one by one.
    pub(crate) apart: BTreeMap<&'static str, String>,
    pub(crate) segments: BTreeMap<String, Expected>,
}

#[derive(Serialize)]
pub(crate) struct Expected {
    /// The case that the segment is of, and its rule.
    pub(crate) case: String,
    pub(crate) rule: String,
    pub(crate) keys: Vec<KeyRecord>,
    /// The statement of this segment alone, by dialect: run where the whole one goes wrong.
    pub(crate) alone: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum KeyRecord {
    Int(i64),
    Text(String),
}

#[derive(Serialize)]
pub(crate) struct Refused {
    pub(crate) dialect: &'static str,
    pub(crate) case: String,
    pub(crate) segments: usize,
    pub(crate) reason: String,
}

impl From<Key> for KeyRecord {
    fn from(key: Key) -> Self {
        match key {
            Key::Int(key) => Self::Int(key),
            Key::Text(key) => Self::Text(key),
        }
    }
}

impl Record {
    /// Writes it beside the files of its tables.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let file = BufWriter::new(fs::File::create(folder.join("data.json"))?);
        Ok(serde_json::to_writer(file, self)?)
    }
}

/// Where the rows of child tables have their order from.
pub(crate) fn ordered(schema: &Schema) -> Result<Mapping> {
    let catalog = Catalog::builder(schema).build()?;
    let mut mapping = Mapping::default();
    for table in catalog.tables.iter().filter(|table| is_child(table)) {
        mapping = mapping.order(&table.name, ROW_ORDER);
    }
    Ok(mapping)
}

fn is_child(table: &Table) -> bool {
    table.kind == segmenta::catalog::TableKind::Rows
}

/// A snapshot of tables given as CSV.
pub(crate) fn snapshot(schema: &Schema, tables: &BTreeMap<String, String>) -> Result<Snapshot> {
    let mut builder = Snapshot::builder(schema);
    for (table, text) in tables {
        builder.csv_reader(table, table, text.trim_start().as_bytes())?;
    }
    Ok(builder.build()?)
}

/// Writes every table as a Parquet file with [`ROW_ORDER`] in front. Each is read as the customers of a schema of its
/// own, so that fields mean what they mean to segmenta, and rows stay that belong to nobody.
pub(crate) fn write_tables(
    schema: &Schema,
    tables: &BTreeMap<String, String>,
    folder: &Path,
) -> Result<Vec<TableRecord>> {
    fs::create_dir_all(folder)?;
    let catalog = Catalog::builder(schema).build()?;
    let mut written = Vec::new();
    for (number, table) in catalog.tables.iter().enumerate() {
        let types = types(&catalog, table)?;
        let mut own = Schema::builder()
            .timezone(schema.timezone())
            .customers(ROW_ORDER)
            .column(ROW_ORDER, Type::Int);
        for (name, ty) in &types {
            own = own.column(name, ty.clone());
        }
        let own = own.build()?;
        let mut builder = Snapshot::builder(&own);
        let text = tables.get(&table.name).map_or("", |text| text.trim_start());
        let (text, rows) = numbered(text, &types)?;
        builder.csv_reader("customers", &table.name, text.as_slice())?;
        let file = format!("table{number}.parquet");
        let to = BufWriter::new(fs::File::create(folder.join(&file))?);
        builder.build()?.export_keys((1..=rows).map(Key::Int), &Export::parquet(), to)?;
        let mut columns = vec![column(ROW_ORDER, &Type::Int)];
        columns.extend(types.iter().map(|(name, ty)| column(name, ty)));
        written.push(TableRecord { name: table.name.clone(), file, columns });
    }
    Ok(written)
}

/// The columns of a table; a reference is of the type of the key it holds.
pub(crate) fn types(catalog: &Catalog, table: &Table) -> Result<Vec<(String, Type)>> {
    let key_of = |name: &str| {
        let key = catalog.table(name)?.columns.iter().find(|of| of.roles.contains(&Role::Key))?;
        Some(key.ty.clone())
    };
    let types = table.columns.iter().map(|column| {
        let ty = match &column.references {
            Some(name) => key_of(name).ok_or("a reference to a table without a key")?,
            None => column.ty.clone(),
        };
        Ok((column.name.clone(), ty))
    });
    types.collect()
}

pub(crate) fn column(name: &str, ty: &Type) -> ColumnRecord {
    let ty = match ty {
        Type::Bool => "bool".to_owned(),
        Type::Int => "int".to_owned(),
        Type::Decimal(scale) => format!("decimal({scale})"),
        Type::Float => "float".to_owned(),
        Type::Date => "date".to_owned(),
        Type::DateTime => "datetime".to_owned(),
        Type::TextSet => "set<text>".to_owned(),
        Type::IntSet => "set<int>".to_owned(),
        Type::Geo => "geo".to_owned(),
        _ => "text".to_owned(),
    };
    ColumnRecord { name: name.to_owned(), from: name.to_owned(), ty }
}

/// The rows with their numbers in front, from 1; and how many there are. A table that is not given has no rows.
fn numbered(text: &str, types: &[(String, Type)]) -> Result<(Vec<u8>, i64)> {
    let mut to = csv::Writer::from_writer(Vec::new());
    let mut rows = 0_i64;
    if text.is_empty() {
        let names = types.iter().map(|(name, _)| name.as_str());
        to.write_record(std::iter::once(ROW_ORDER).chain(names))?;
    }
    let mut from = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    for (number, record) in (0_i64..).zip(from.byte_records()) {
        let record = record?;
        let first = if number == 0 { ROW_ORDER.to_owned() } else { number.to_string() };
        to.write_record(std::iter::once(first.as_bytes()).chain(record.iter()))?;
        rows = number;
    }
    Ok((to.into_inner()?, rows))
}
