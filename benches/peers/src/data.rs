//! Where the data and the rules come from.

use std::{fs, path::PathBuf};

use segmenta::{Changes, Rules, Schema, Snapshot};

use crate::Result;

/// How a table's file ends. The peers read the same files.
const FORMAT: &str = "parquet";
const TABLES: [&str; 4] = ["customers", "orders", "order_items", "events"];

/// The schema, the text of the rules, and the folder of the data.
pub(crate) struct Source {
    pub(crate) schema: Schema,
    pub(crate) rules: String,
    folder: PathBuf,
}

impl Source {
    pub(crate) fn new(folder: &str, schema: &str, rules: &str) -> Result<Self> {
        let schema = Schema::from_toml(&fs::read_to_string(schema)?)?;
        let rules = fs::read_to_string(rules)?;
        Ok(Self { schema, rules, folder: folder.into() })
    }

    pub(crate) fn format(&self) -> &'static str {
        FORMAT
    }

    pub(crate) fn check(&self) -> Result<Rules> {
        Ok(Rules::parse(&self.schema, &self.rules)?)
    }

    /// The text of one segment, for rules of this segment alone.
    pub(crate) fn only(&self, name: &str) -> Result<Rules> {
        let from = self.rules.find(&format!("segment {name} ")).ok_or("no such segment")?;
        let text = &self.rules[from..];
        let to = text.find("\n}\n").ok_or("a segment without an end")? + 3;
        Ok(Rules::parse(&self.schema, &text[..to])?)
    }

    pub(crate) fn load(&self) -> Result<Snapshot> {
        let mut builder = Snapshot::builder(&self.schema);
        for table in TABLES {
            builder.parquet_file(table, self.path(table))?;
        }
        Ok(builder.build()?)
    }

    /// The changes of one per cent of the customers: their rows are given anew, rows of child tables are added.
    pub(crate) fn change(&self, mut changes: Changes) -> Result<Changes> {
        for table in TABLES {
            changes.rows().parquet_file(table, self.path(&format!("delta_{table}")))?;
        }
        Ok(changes)
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.join(format!("{file}.{FORMAT}"))
    }
}
