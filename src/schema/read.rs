//! A schema as a TOML file.

use toml::{
    Spanned,
    de::{DeString, DeTable, DeValue},
};

use super::{
    Schema,
    draft::{Draft, DraftColumn, DraftTable, Kind, Values, Word},
    settle::settle,
};
use crate::{
    diagnostic::{Code, Diagnostic, Finding, SourceId, Sources, Span, did_you_mean, nearest},
    error::{Error, Result},
};

/// The name of a project's schema file, under which its findings are told.
const FILE: &str = "segmenta.toml";

/// Syntax errors listed at the most; the rest follow from the first ones.
const MAX_SYNTAX_ERRORS: usize = 20;

const TOP: &[&str] = &[
    "timezone",
    "leap_day",
    "customers",
    "tables",
    "lookups",
    "rfm",
    "predict",
    "data",
    "store",
    "sql",
];
const CUSTOMERS: &[&str] = &["key", "created", "columns"];
const ROWS: &[&str] = &["key", "customer", "time", "parent", "parent_key", "columns"];
const LOOKUP: &[&str] = &["key", "columns"];
const COLUMN: &[&str] = &["type", "required", "values"];

pub(super) type Key<'a> = Spanned<DeString<'a>>;
pub(super) type Node<'a> = Spanned<DeValue<'a>>;

impl Schema {
    /// Reads a schema file. The tables `[data]`, `[store]` and `[sql]` of a project are left unread; findings name the file
    /// `segmenta.toml`.
    ///
    /// # Errors
    ///
    /// All problems at once, in the order of the file.
    pub fn from_toml(text: &str) -> Result<Self> {
        let mut sources = Sources::default();
        let source = sources.add(FILE, text);
        read(text, source).map_err(|mut findings| {
            findings.sort_by_key(|finding| (finding.span.start, finding.code));
            let findings = findings.into_iter().map(|finding| sources.resolve(finding));
            Error::diagnosed(findings.collect::<Vec<Diagnostic>>())
        })
    }
}

fn read(text: &str, source: SourceId) -> Result<Schema, Vec<Finding>> {
    let (root, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader { source, findings: Vec::new() };
    let mut whole = true;
    for error in errors.iter().take(MAX_SYNTAX_ERRORS) {
        let duplicate = reader.syntax_error(text, error);
        whole &= duplicate;
    }
    // What the parser left out of a broken file would only be reported as missing.
    if !whole {
        return Err(reader.findings);
    }
    let draft = reader.draft(root.get_ref());
    let schema = settle(draft, &mut reader.findings);
    schema.filter(|_| reader.findings.is_empty()).ok_or(reader.findings)
}

pub(super) struct Reader {
    source: SourceId,
    findings: Vec<Finding>,
}

impl Reader {
    /// Whether it was no more than a name that is defined twice.
    fn syntax_error(&mut self, text: &str, error: &toml::de::Error) -> bool {
        let range = error.span().unwrap_or(text.len()..text.len());
        let span = self.span(range.clone());
        let duplicate = error.message() == "duplicate key";
        let finding = if duplicate {
            let name = text.get(range).unwrap_or("").trim_matches(['"', '\'']);
            Finding::new(Code::DuplicateInSchema, span, format!("`{name}` is defined twice"))
        } else {
            let message = format!("not valid TOML: {}", error.message());
            let finding = Finding::new(Code::SchemaSyntax, span, message);
            if is_bare_text(error.message(), text.get(range).unwrap_or("")) {
                finding.help("a text is written in quotes")
            } else {
                finding
            }
        };
        self.findings.push(finding);
        duplicate
    }

    fn draft(&mut self, root: &DeTable<'_>) -> Draft {
        let mut draft = Draft { span: self.span(0..0), ..Draft::default() };
        for (key, node) in in_order(root) {
            match key.get_ref().as_ref() {
                "timezone" => draft.timezone = self.word(key, node),
                "leap_day" => draft.leap_day = self.word(key, node),
                "customers" => draft.tables.extend(self.table(key, node, Kind::Customers)),
                "tables" => self.tables(key, node, Kind::Rows, &mut draft.tables),
                "lookups" => self.tables(key, node, Kind::Lookup, &mut draft.tables),
                "rfm" => draft.rfm = self.rfm(key, node),
                "predict" => draft.predict = self.predict(key, node),
                "data" | "store" | "sql" => {}
                _ => {
                    self.unknown(key, TOP, "a schema", root);
                }
            }
        }
        draft
    }

    fn tables(&mut self, key: &Key<'_>, node: &Node<'_>, kind: Kind, tables: &mut Vec<DraftTable>) {
        for (key, node) in self.entries(key, node) {
            tables.extend(self.table(key, node, kind));
        }
    }

    fn table(&mut self, key: &Key<'_>, node: &Node<'_>, kind: Kind) -> Option<DraftTable> {
        let Some(beside) = node.get_ref().as_table() else {
            self.wrong_kind(key, node, "a table");
            return (kind == Kind::Customers).then(DraftTable::absent_customers);
        };
        let (fields, what) = match kind {
            Kind::Customers => (CUSTOMERS, "the table of customers"),
            Kind::Rows => (ROWS, "a table"),
            Kind::Lookup => (LOOKUP, "a lookup"),
        };
        let mut table = DraftTable::new(self.name(key), kind);
        for (key, node) in self.entries(key, node) {
            let field = key.get_ref().as_ref();
            if !fields.contains(&field) {
                self.unknown(key, fields, what, beside);
                continue;
            }
            match field {
                "key" => table.key = self.word(key, node),
                "created" => table.created = self.word(key, node),
                "customer" => table.customer = self.word(key, node),
                "time" => table.time = self.word(key, node),
                "parent" => table.parent = self.word(key, node),
                "parent_key" => table.parent_key = self.word(key, node),
                _ => {
                    for (key, node) in self.entries(key, node) {
                        let column = self.column(key, node);
                        table.columns.push(column);
                    }
                }
            }
        }
        Some(table)
    }

    fn column(&mut self, key: &Key<'_>, node: &Node<'_>) -> DraftColumn {
        let name = self.name(key);
        let mut column = DraftColumn { name, ty: None, required: false, values: None };
        match node.get_ref() {
            DeValue::String(_) => column.ty = self.word(key, node),
            DeValue::Table(fields) => {
                if !fields.contains_key("type") {
                    let message = format!("the column `{}` has no `type`", column.name.text);
                    let finding = Finding::new(Code::MissingInSchema, column.name.span, message);
                    self.findings.push(finding.help("add `type`, as in `{ type = \"text\" }`"));
                }
                for (key, node) in in_order(fields) {
                    match key.get_ref().as_ref() {
                        "type" => column.ty = self.word(key, node),
                        "required" => match node.get_ref().as_bool() {
                            Some(required) => column.required = required,
                            None => self.wrong_kind(key, node, "`true` or `false`"),
                        },
                        "values" => column.values = self.values(key, node),
                        _ => {
                            self.unknown(key, COLUMN, "a column", fields);
                        }
                    }
                }
            }
            _ => self.wrong_kind(key, node, "a type, as `\"text\"`"),
        }
        column
    }

    fn values(&mut self, key: &Key<'_>, node: &Node<'_>) -> Option<Values> {
        let Some(array) = node.get_ref().as_array() else {
            self.wrong_kind(key, node, "a list of texts");
            return None;
        };
        let items = array.iter().filter_map(|item| self.word(key, item)).collect();
        Some(Values { items, span: self.span(node.span()) })
    }

    /// The fields of a table in the order of the file; none, with a finding, when it is something else.
    pub(super) fn entries<'n, 'a>(
        &mut self,
        key: &Key<'_>,
        node: &'n Node<'a>,
    ) -> Vec<(&'n Key<'a>, &'n Node<'a>)> {
        match node.get_ref() {
            DeValue::Table(table) => in_order(table),
            _ => {
                self.wrong_kind(key, node, "a table");
                Vec::new()
            }
        }
    }

    pub(super) fn name(&self, key: &Key<'_>) -> Word {
        Word { text: key.get_ref().to_string(), span: self.span(key.span()) }
    }

    pub(super) fn word(&mut self, key: &Key<'_>, node: &Node<'_>) -> Option<Word> {
        let Some(text) = node.get_ref().as_str() else {
            self.wrong_kind(key, node, "a text in quotes");
            return None;
        };
        Some(Word { text: text.to_owned(), span: self.span(node.span()) })
    }

    /// Gives the field that was meant, one of those that are not there.
    pub(super) fn unknown<'f>(
        &mut self,
        key: &Key<'_>,
        fields: &[&'f str],
        what: &str,
        table: &DeTable<'_>,
    ) -> Option<&'f str> {
        let field = key.get_ref();
        let message = format!("{what} has no field `{}`", field.escape_debug());
        let absent = || fields.iter().copied().filter(|name| !table.contains_key(*name));
        let begun = format!("{field}_");
        let meant =
            nearest(field, absent()).or_else(|| absent().find(|name| name.starts_with(&begun)));
        let help = did_you_mean(meant, || {
            let fields: Vec<String> = fields.iter().map(|field| format!("`{field}`")).collect();
            format!("it has {}", fields.join(", "))
        });
        let span = self.span(key.span());
        self.findings.push(Finding::new(Code::UnknownSchemaField, span, message).help(help));
        meant
    }

    pub(super) fn wrong_kind(&mut self, key: &Key<'_>, node: &Node<'_>, wanted: &str) {
        let message = format!("`{}` must be {wanted}", key.get_ref().escape_debug());
        let span = self.span(node.span());
        self.findings.push(Finding::new(Code::SchemaSyntax, span, message));
    }

    pub(super) fn span(&self, range: std::ops::Range<usize>) -> Span {
        let at = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
        Span::new(self.source, at(range.start), at(range.end))
    }
}

/// Whether a word stands where TOML wants a value; it is read as `inf`, `nan`, `true` or `false`, whichever is nearest.
fn is_bare_text(message: &str, found: &str) -> bool {
    let expected = ["invalid float", "invalid boolean", "string values must be quoted"];
    found.starts_with(char::is_alphabetic)
        && expected.iter().any(|start| message.starts_with(start))
}

fn in_order<'n, 'a>(table: &'n DeTable<'a>) -> Vec<(&'n Key<'a>, &'n Node<'a>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}
