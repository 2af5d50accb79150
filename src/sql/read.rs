//! Names in the database as a part of the schema file.

use toml::{
    Spanned,
    de::{DeString, DeTable, DeValue},
};

use super::mapping::Mapping;
use crate::{
    diagnostic::{Code, Finding, SourceId, Sources, Span, did_you_mean, nearest},
    error::{Error, Result},
    schema::Schema,
};

/// The name under which findings are told.
const FILE: &str = "segmenta.toml";

impl Mapping {
    /// Reads `[sql]` of a schema file, whose other parts are left unread. Without it every name is the schema's.
    ///
    /// ```
    /// use segmenta::{Schema, sql::Mapping};
    ///
    /// # fn main() -> segmenta::Result<()> {
    /// let text = r#"
    /// [customers]
    /// key = "id"
    /// [customers.columns]
    /// id = "int"
    /// [sql.tables.customers]
    /// name = ["crm", "Customers"]
    /// columns = { id = "CustomerId" }
    /// "#;
    /// let schema = Schema::from_toml(text)?;
    /// let mapping = Mapping::default().table("customers", ["crm", "Customers"]);
    /// assert_eq!(Mapping::from_toml(text, &schema)?, mapping.column("customers", "id", "CustomerId"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// All problems at once, in the order of the file.
    pub fn from_toml(text: &str, schema: &Schema) -> Result<Self> {
        let mut sources = Sources::default();
        let source = sources.add(FILE, text);
        let root = DeTable::parse(text).map_err(|error| {
            let span = error.span().unwrap_or(text.len()..text.len());
            let span = span_of(source, span);
            let message = format!("not valid TOML: {}", error.message());
            Error::from(sources.resolve(Finding::new(Code::SchemaSyntax, span, message)))
        })?;
        let mut reader = Reader { schema, source, mapping: Self::default(), findings: Vec::new() };
        if let Some(sql) = root.get_ref().get("sql") {
            reader.sql(sql);
        }
        let Reader { mapping, mut findings, .. } = reader;
        if findings.is_empty() {
            return Ok(mapping);
        }
        findings.sort_by_key(|finding| (finding.span.start, finding.code));
        let found = findings.into_iter().map(|finding| sources.resolve(finding));
        Err(Error::diagnosed(found.collect()))
    }
}

type Key<'a> = Spanned<DeString<'a>>;
type Node<'a> = Spanned<DeValue<'a>>;

struct Reader<'s> {
    schema: &'s Schema,
    source: SourceId,
    mapping: Mapping,
    findings: Vec<Finding>,
}

impl Reader<'_> {
    fn sql(&mut self, node: &Node<'_>) {
        for (key, node) in self.entries(node) {
            match key.get_ref().as_ref() {
                "tables" => {
                    for (key, node) in self.entries(node) {
                        self.table(key, node);
                    }
                }
                _ => self.unknown(key, &["tables"], "`[sql]`"),
            }
        }
    }

    fn table(&mut self, key: &Key<'_>, node: &Node<'_>) {
        let name = key.get_ref().as_ref();
        if !self.schema.has_table(name) {
            let near = self.schema.nearest_table(name).map(str::to_owned);
            return self.unresolved(key, "table", near.as_deref());
        }
        for (part, node) in self.entries(node) {
            match part.get_ref().as_ref() {
                "name" => {
                    if let Some(names) = self.names(node) {
                        self.mapping = std::mem::take(&mut self.mapping).table(name, names);
                    }
                }
                "order" => {
                    if let Some(order) = self.text(node) {
                        self.mapping = std::mem::take(&mut self.mapping).order(name, order);
                    }
                }
                "columns" => {
                    for (column, node) in self.entries(node) {
                        self.column(name, column, node);
                    }
                }
                _ => self.unknown(part, &["name", "order", "columns"], "a table of `[sql]`"),
            }
        }
    }

    fn column(&mut self, table: &str, key: &Key<'_>, node: &Node<'_>) {
        let column = key.get_ref().as_ref();
        if !Mapping::has_column(self.schema, table, column) {
            let names = self.schema.column_names(table).into_iter().flatten();
            let near = nearest(column, names).map(str::to_owned);
            return self.unresolved(key, "column", near.as_deref());
        }
        if let Some(name) = self.text(node) {
            self.mapping = std::mem::take(&mut self.mapping).column(table, column, name);
        }
    }

    /// The entries of a table; of anything else none, and a finding.
    fn entries<'n, 'a>(&mut self, node: &'n Node<'a>) -> Vec<(&'n Key<'a>, &'n Node<'a>)> {
        match node.get_ref() {
            DeValue::Table(table) => table.iter().collect(),
            _ => {
                self.wrong(node, "a table");
                Vec::new()
            }
        }
    }

    fn text(&mut self, node: &Node<'_>) -> Option<String> {
        match node.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            _ => {
                self.wrong(node, "a text");
                None
            }
        }
    }

    /// One name, or those of its catalog and schema before it.
    fn names(&mut self, node: &Node<'_>) -> Option<Vec<String>> {
        match node.get_ref() {
            DeValue::Array(names) if !names.is_empty() => {
                names.iter().map(|name| self.text(name)).collect()
            }
            DeValue::String(name) => Some(vec![name.to_string()]),
            _ => {
                self.wrong(node, "a name, or a list of them as `[\"shop\", \"orders\"]`");
                None
            }
        }
    }

    fn wrong(&mut self, node: &Node<'_>, wanted: &str) {
        let span = self.span(node.span());
        self.findings.push(Finding::new(Code::SchemaSyntax, span, format!("expected {wanted}")));
    }

    fn unknown(&mut self, key: &Key<'_>, known: &[&str], place: &str) {
        let name = key.get_ref().as_ref();
        let span = self.span(key.span());
        let message = format!("unknown name `{name}` in {place}");
        let near = nearest(name, known.iter().copied());
        let help = did_you_mean(near, || format!("expected `{}`", known.join("`, `")));
        self.findings.push(Finding::new(Code::SchemaSyntax, span, message).help(help));
    }

    fn unresolved(&mut self, key: &Key<'_>, what: &str, near: Option<&str>) {
        let span = self.span(key.span());
        let message = format!("unknown {what} `{}`", key.get_ref());
        let finding = Finding::new(Code::UnresolvedInSchema, span, message);
        self.findings.push(match near {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding,
        });
    }

    fn span(&self, range: std::ops::Range<usize>) -> Span {
        span_of(self.source, range)
    }
}

fn span_of(source: SourceId, range: std::ops::Range<usize>) -> Span {
    let at = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
    Span::new(source, at(range.start), at(range.end))
}
