//! Names and texts that break what is not quoted or escaped: quotes, backslashes, marks of comments and parameters, line
//! breaks, look-alikes, in all of tables, columns, literals and rows.

use std::{collections::BTreeMap, path::Path};

use segmenta::{Rules, Schema, Type};

use crate::{
    Result,
    data::{self, Record},
    lowered::Asked,
};

const TEXTS: &[&str] = &[
    "'",
    "''",
    "\"",
    "`",
    "\\",
    "\\\\",
    "\\'",
    "'\\",
    "\\'; DROP TABLE customers; --",
    "' OR 'a' = 'a",
    "a -- b",
    "a /* b",
    "b */ c",
    "a # b",
    "a // b",
    "$1",
    "$$",
    "$a$ b $a$",
    "?",
    ":name",
    "@name",
    "{0}",
    "{name:String}",
    "{{ name }}",
    "%",
    "%s",
    "%(name)s",
    "_",
    "[a-z]",
    "\\n",
    "\\0",
    "\\x41",
    "\\u0041",
    "\\101",
    "&amp;",
    "\n",
    "\r\n",
    "\t",
    "\u{1}",
    "\u{7f}",
    "\u{85}",
    "\u{a0}",
    "\u{ad}",
    "\u{200b}",
    "\u{202e}",
    "\u{2028}",
    "\u{feff}",
    "\u{fffd}",
    "\u{e9}",
    "e\u{301}",
    "a",
    "A",
    "\u{430}",
    "\u{ff41}",
    "\u{1f600}",
    "\u{10ffff}",
    "null",
    "NULL",
    "N",
    "\\N",
    "true",
    "0",
    "E'a'",
    "X'41'",
    "U&'\\0041'",
    " ",
    " a",
    "a ",
];

/// Names of columns, as the schema has them and as the database has them.
const NAMES: &[(&str, &str)] = &[
    ("plain", "plain"),
    ("it's", "it's"),
    ("say \"so\"", "say \"so\""),
    ("back\\slash", "back\\slash"),
    ("a -- b", "a -- b"),
    ("a /* b", "a /* b"),
    ("a; b", "a; b"),
    ("a.b", "a.b"),
    ("$1 ? :x @y %s {z}", "$1 ? :x @y %s {z}"),
    ("select", "select"),
    ("Upper", "Upper"),
    ("upper", "upper_too"),
    ("\u{e9}t\u{e9}", "\u{e9}t\u{e9}"),
    ("\u{430}", "\u{430}"),
    ("tick", "a`b"),
    ("key", "key"),
    ("segment", "segment"),
    ("trailing\\", "trailing\\"),
    ("mapped", "Mapped \"to\" 'this' \\ -- /* `"),
];

const TABLE: (&str, &str) = ("rows of \"a\" 'b' -- \\", "Rows of \"a\" `b` 'c' -- \\");

pub(crate) fn write(out: &Path) -> Result<String> {
    let mut segments = 0;
    for (name, with_nul) in [("hostile0", false), ("hostile1", true)] {
        segments += write_set(name, with_nul, out)?;
    }
    Ok(format!("hostile: {segments} rules of {} texts and {} names", TEXTS.len(), NAMES.len()))
}

fn write_set(name: &str, with_nul: bool, out: &Path) -> Result<usize> {
    let mut texts = TEXTS.to_vec();
    if with_nul {
        texts = vec!["\0", "a\0b", "a", "b"];
    }
    let schema = schema()?;
    let tables = tables(&texts)?;
    let mapping = data::ordered(&schema)?;
    let (table, in_database) = TABLE;
    let mut mapping = mapping.table("customers", ["customers of 'us'"]).table(table, [in_database]);
    for (column, mapped) in NAMES {
        mapping = mapping.column("customers", column, *mapped).column(table, column, *mapped);
    }
    let folder = out.join(name);
    let snapshot = data::snapshot(&schema, &tables)?;
    let mut written = data::write_tables(&schema, &tables, &folder)?;
    for of in &mut written {
        of.name =
            if of.name == "customers" { "customers of 'us'".into() } else { in_database.into() };
        for column in &mut of.columns {
            let mapped = NAMES.iter().find(|(name, _)| *name == column.name);
            column.name = mapped.map_or(column.name.clone(), |(_, mapped)| (*mapped).to_owned());
        }
    }
    let mut asked = Asked::new(&schema, &snapshot, &mapping);
    let conditions: Vec<_> =
        rules(&texts).into_iter().map(|rule| (format!("{name}: {rule}"), rule)).collect();
    let conditions: Vec<_> = conditions
        .into_iter()
        .map(|(case, rule)| {
            Rules::builder(&schema).condition("c", rule.as_str()).build()?;
            Ok((case, rule))
        })
        .collect::<Result<_>>()?;
    let statement = asked.conditions("2026-11-01", &conditions, "2026-11-01".parse()?)?;
    let keys: Vec<String> = texts.iter().map(|text| literal(text)).collect();
    let files = [(
        "pins.seg".to_owned(),
        format!(
            "segment pinned {{ pin in ({}) pin out ({}) }}",
            keys.join(", "),
            keys.first().map_or("'a'", String::as_str)
        ),
    )];
    let pins = asked.files(&format!("{name}: pins"), &files, "2026-11-01".parse()?)?;
    let record = Record {
        name: name.into(),
        tables: written,
        statements: vec![statement, pins],
        refused: asked.refused,
    };
    record.write(&folder)?;
    Ok(conditions.len())
}

/// Customers and rows of customers, with a column of every name; the key is a text.
fn schema() -> Result<Schema> {
    let mut builder = Schema::builder().timezone("UTC").customers("id").column("id", Type::Text);
    for (name, _) in NAMES {
        builder = builder.column(name, Type::Text);
    }
    builder = builder.column("tags", Type::TextSet).table(TABLE.0, "of");
    builder = builder.column("of", Type::Text);
    for (name, _) in NAMES {
        builder = builder.column(name, Type::Text);
    }
    Ok(builder.build()?)
}

/// A customer for every text, who has it as the key and in all columns, and a row with the next one's.
fn tables(texts: &[&str]) -> Result<BTreeMap<String, String>> {
    let mut customers = csv::Writer::from_writer(Vec::new());
    let mut rows = csv::Writer::from_writer(Vec::new());
    let names = || NAMES.iter().map(|(name, _)| *name);
    customers.write_record(std::iter::once("id").chain(names()).chain(["tags"]))?;
    rows.write_record(std::iter::once("of").chain(names()))?;
    for (number, text) in texts.iter().enumerate() {
        let next = texts.get(number + 1).unwrap_or(text);
        let own = std::iter::repeat_n(*text, NAMES.len());
        customers.write_record(std::iter::once(*text).chain(own).chain([*text]))?;
        rows.write_record(std::iter::once(*text).chain(std::iter::repeat_n(*next, NAMES.len())))?;
    }
    Ok(BTreeMap::from([
        ("customers".to_owned(), String::from_utf8(customers.into_inner()?)?),
        (TABLE.0.to_owned(), String::from_utf8(rows.into_inner()?)?),
    ]))
}

fn rules(texts: &[&str]) -> Vec<String> {
    let table = format!("`{}`", TABLE.0);
    let mut rules = Vec::new();
    for text in texts {
        let text = literal(text);
        rules.push(format!("plain = {text}"));
        rules.push(format!("plain != {text}"));
        rules.push(format!("plain <= {text}"));
        rules.push(format!("plain in ({text}, 'zz')"));
        rules.push(format!("plain contains {text}"));
        rules.push(format!("plain starts with {text}"));
        rules.push(format!("plain ends with {text}"));
        rules.push(format!("plain = {text} ignoring case"));
        rules.push(format!("tags contains {text}"));
        rules.push(format!("id = {text}"));
        rules.push(format!("exists({table} where plain = {text})"));
        rules.push(format!("sample 50 percent seed {text}"));
    }
    for (name, _) in NAMES {
        rules.push(format!("`{name}` = 'a'"));
        rules.push(format!("exists({table} where `{name}` > 'a' and customer.`{name}` < 'b')"));
        rules.push(format!("count(distinct {table}.`{name}` where `{name}` < 'c') = 1"));
    }
    rules
}

/// A text as rules write it.
fn literal(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        c if c.is_ascii_alphanumeric() || c == ' ' => c.to_string(),
        c => format!("\\u{{{:x}}}", u32::from(c)),
    });
    format!("'{}'", escaped.collect::<String>())
}
