//! Where the data and the rules come from.

use std::{
    collections::HashSet,
    fs::{self, File},
    io::{BufRead, BufReader, Cursor, Read},
    path::PathBuf,
};

use segmenta::{Rules, Schema, Snapshot, SnapshotBuilder};

use crate::Result;

/// How a table's file ends, and so how it is read. The peers read Parquet.
const FORMAT: &str = "csv";
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
            self.read(&mut builder, table, table)?;
        }
        Ok(builder.build()?)
    }

    /// The data with the changes of one per cent of the customers, read from the start: their rows are replaced, rows
    /// of child tables are added.
    pub(crate) fn load_changed(&self) -> Result<Snapshot> {
        let mut builder = Snapshot::builder(&self.schema);
        let changed = self.changed()?;
        let customers = BufReader::new(File::open(self.path("customers", "csv"))?);
        let kept =
            Unchanged { lines: customers, changed, line: Cursor::default(), is_header: true };
        builder.csv_reader("customers", "customers", kept)?;
        for table in TABLES {
            if table != "customers" {
                self.read(&mut builder, table, table)?;
            }
            self.read(&mut builder, table, &format!("delta_{table}"))?;
        }
        Ok(builder.build()?)
    }

    /// The keys of the customers that change.
    fn changed(&self) -> Result<HashSet<String>> {
        let text = fs::read_to_string(self.path("delta_customers", "csv"))?;
        Ok(text.lines().skip(1).map(|line| key_of(line).to_owned()).collect())
    }

    /// The one place that knows how the base is read.
    fn read(&self, builder: &mut SnapshotBuilder, table: &str, file: &str) -> Result<()> {
        Ok(builder.csv_file(table, self.path(file, FORMAT))?)
    }

    fn path(&self, file: &str, ending: &str) -> PathBuf {
        self.folder.join(format!("{file}.{ending}"))
    }
}

fn key_of(line: &str) -> &str {
    line.split(',').next().unwrap_or_default()
}

/// The lines of a table of customers without those that change. No text of the data has a line break.
struct Unchanged<R> {
    lines: R,
    changed: HashSet<String>,
    line: Cursor<Vec<u8>>,
    is_header: bool,
}

impl<R: BufRead> Read for Unchanged<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        loop {
            let read = self.line.read(buffer)?;
            if read > 0 {
                return Ok(read);
            }
            let mut line = String::new();
            if self.lines.read_line(&mut line)? == 0 {
                return Ok(0);
            }
            if self.is_header || !self.changed.contains(key_of(&line)) {
                self.line = Cursor::new(line.into_bytes());
            }
            self.is_header = false;
        }
    }
}
