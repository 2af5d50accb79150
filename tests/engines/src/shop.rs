//! The 200 rules of the shop that `benches/peers` has, over its Parquet files.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use segmenta::{AsOf, Schema, Snapshot, catalog::Catalog, sql::Mapping};

use crate::{
    Result,
    data::{self, Record, TableRecord},
    lowered::Asked,
};

const TODAY: &str = "2026-11-01";

pub(crate) fn write(folder: &Path, schema: &Path, rules: &Path, out: &Path) -> Result<String> {
    let schema = Schema::from_toml(&fs::read_to_string(schema)?)?;
    let rules = fs::read_to_string(rules)?;
    let file = |table: &str| -> Result<PathBuf> {
        Ok(fs::canonicalize(folder.join(format!("{table}.parquet")))?)
    };
    let catalog = Catalog::builder(&schema).build()?;
    let mut builder = Snapshot::builder(&schema);
    let mut tables = Vec::new();
    let start = Instant::now();
    for table in &catalog.tables {
        builder.parquet_file(&table.name, file(&table.name)?)?;
        let types = data::types(&catalog, table)?;
        tables.push(TableRecord {
            name: table.name.clone(),
            file: file(&table.name)?.to_string_lossy().into_owned(),
            columns: types.iter().map(|(name, ty)| data::column(name, ty)).collect(),
        });
    }
    let snapshot = builder.build()?;
    let loaded = start.elapsed();
    let mapping = Mapping::default();
    let mut asked = Asked::new(&schema, &snapshot, &mapping);
    let start = Instant::now();
    let files = [("shop.seg".to_owned(), rules)];
    let statement = asked.files("the shop's rules", &files, TODAY.parse::<AsOf>()?)?;
    let evaluated = start.elapsed();
    let segments = statement.segments.len();
    let folder = out.join("shop");
    fs::create_dir_all(&folder)?;
    let record =
        Record { name: "shop".into(), tables, statements: vec![statement], refused: asked.refused };
    record.write(&folder)?;
    Ok(format!(
        "shop: {segments} segments over {} customers; embedded: loaded in {loaded:.1?}, checked, evaluated, lists of \
         keys made and lowered in {evaluated:.1?}",
        snapshot.customers()
    ))
}
