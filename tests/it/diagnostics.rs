//! One file for each code in `tests/diagnostics`: what causes it, and beside it what is shown. `BLESS=1` writes the
//! latter anew; read it with your own eyes.

use std::{collections::BTreeMap, path::PathBuf};

use segmenta::{
    Code, Diagnostic, Engine, Error, Limits, Rules, Schema, Severity, Snapshot,
    config::{Condition, Query},
};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cause {
    /// Without the default, `schema.toml`.
    schema: Option<String>,
    rule: Option<String>,
    rules: Option<String>,
    /// A rule file that need not be text, or the table that they are.
    bytes: Option<Vec<u8>>,
    bytes_are: Option<String>,
    /// A query of react-querybuilder, as JSON; and a condition that becomes one.
    query: Option<String>,
    to_query: Option<String>,
    #[serde(default)]
    data: BTreeMap<String, String>,
    /// So many customers with a bad number.
    #[serde(default)]
    bad_rows: usize,
    #[serde(default)]
    lenient: bool,
    #[serde(default)]
    limits: BTreeMap<String, usize>,
    #[serde(default)]
    deep: bool,
    /// What no test can cause; tested beside the code.
    #[serde(default)]
    unreachable: bool,
}

const HEADER: &str = "id,country,points,balance,birthday,vip,tags,created_at,home_store\n";

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics")
}

fn cause(code: Code) -> Cause {
    let path = folder().join(format!("{code}.toml"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

#[test]
fn every_code_is_shown_as_its_file_says() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    for code in Code::ALL {
        let cause = cause(*code);
        if cause.unreachable {
            continue;
        }
        let found = findings(&cause);
        if !found.iter().any(|finding| finding.code == *code) {
            wrong.push(format!("{code} is not among\n{}", show(&found)));
        }
        let path = folder().join(format!("{code}.txt"));
        let shown = show(&found);
        if bless {
            std::fs::write(&path, &shown).unwrap();
        } else if std::fs::read_to_string(&path).unwrap_or_default() != shown {
            wrong.push(format!("{} differs from what is shown now:\n{shown}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn there_is_no_file_without_a_code() {
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(
            name == "schema" || Code::ALL.iter().any(|code| code.as_str() == name),
            "{}",
            path.display()
        );
    }
}

#[test]
fn every_message_keeps_the_law() {
    // Words of the implementation that no user should meet.
    const INNER: &[&str] = &[
        "Option",
        "Some(",
        "None",
        "i64",
        "u64",
        "i32",
        "usize",
        "f64",
        "String",
        "Vec",
        "NaiveDate",
        "Result",
        "Err(",
        "ParseIntError",
        "Utf8Error",
        "panicked",
        "internal",
        "unwrap",
        "ExprKind",
        "TableId",
    ];
    for code in Code::ALL {
        let cause = cause(*code);
        for finding in findings(&cause) {
            let message = &finding.message;
            let first = message.chars().next().expect("a message");
            let starts = first.is_lowercase() || first == '`' || first.is_ascii_digit();
            assert!(starts, "{code}: starts with a small letter or a name: {message}");
            for text in [Some(message), finding.help.as_ref()].into_iter().flatten() {
                assert!(!text.ends_with(['.', '!', ' ', '\n']), "{code}: no full stop: {text}");
                assert!(!text.contains('\n'), "{code}: one line: {text}");
                assert_eq!(text.matches('`').count() % 2, 0, "{code}: backquotes in pairs: {text}");
                let plain: String = text.split('`').step_by(2).collect();
                let inner = INNER.iter().find(|word| plain.contains(**word));
                assert_eq!(inner, None, "{code}: {text}");
                assert!(!plain.contains("\""), "{code}: user text in backquotes: {text}");
                assert!(!text.is_empty(), "{code}");
            }
            assert!(
                !message.contains("did you mean") && !message.contains("help:"),
                "{code}: the help is apart: {message}"
            );
            // A lenient load warns of what would refuse another.
            let warns = finding.code.as_str().starts_with('W') || cause.lenient;
            assert_eq!(finding.severity == Severity::Warning, warns, "{code}");
        }
    }
}

#[test]
fn a_value_of_a_customer_is_never_shown() {
    // The values that the bad fields of the data causes hold.
    for (code, secrets) in [
        (Code::BadField, ["one", "yes"]),
        (Code::NumberOverflow, ["99999999999999999999", "2.125"]),
        (Code::NoSuchDateInData, ["2026-02-30", "25:00"]),
        (Code::UndeclaredValue, ["ZZ", "ZZ"]),
        (Code::DanglingReference, ["S7", "S8"]),
        (Code::UnknownPin, ["77", "88"]),
    ] {
        for finding in findings(&cause(code)).iter().filter(|finding| finding.code == code) {
            for secret in secrets {
                let text =
                    format!("{} {}", finding.message, finding.help.as_deref().unwrap_or_default());
                assert!(!text.contains(secret), "{code}: {text}");
            }
        }
    }
}

fn show(findings: &[Diagnostic]) -> String {
    let shown: Vec<_> = findings.iter().map(|finding| format!("{finding}\n")).collect();
    match shown.as_slice() {
        [first, second, .., last] if shown.len() > 20 => {
            format!("{first}\n{second}\n… {} more …\n\n{last}", shown.len() - 3)
        }
        _ => shown.join("\n"),
    }
}

fn findings(cause: &Cause) -> Vec<Diagnostic> {
    let text = cause.schema.clone();
    let text =
        text.unwrap_or_else(|| std::fs::read_to_string(folder().join("schema.toml")).unwrap());
    let schema = match Schema::from_toml(&text) {
        Ok(schema) => schema,
        Err(error) => return error.diagnostics().to_vec(),
    };
    if let Some(query) = &cause.query {
        let query: Query = serde_json::from_str(query).unwrap();
        return query.to_condition(&schema).unwrap_err().diagnostics().to_vec();
    }
    if let Some(text) = &cause.to_query {
        let condition: Condition = text.parse().unwrap();
        return Query::from_condition(&condition, &schema).unwrap_err().diagnostics().to_vec();
    }
    let bad_rows =
        (1..=cause.bad_rows).fold(HEADER.to_owned(), |text, n| text + &format!("{n},,x,,,,,,\n"));
    let bad_rows = (cause.bad_rows > 0).then_some((String::from("customers"), bad_rows));
    if cause.bytes_are.is_some() || !cause.data.is_empty() || bad_rows.is_some() {
        let bytes =
            cause.bytes_are.iter().map(|table| (table, cause.bytes.as_deref().expect("bytes")));
        let tables = cause.data.iter().map(|(table, text)| (table, text.as_bytes()));
        let tables = bytes
            .chain(tables)
            .chain(bad_rows.iter().map(|(table, text)| (table, text.as_bytes())));
        return match load(&schema, tables, cause.lenient) {
            Ok(snapshot) => snapshot.report().warnings().to_vec(),
            Err(error) => error.diagnostics().to_vec(),
        };
    }
    let mut builder = Rules::builder(&schema).limits(limits(&cause.limits)).deep(cause.deep);
    if let Some(rule) = &cause.rule {
        builder = builder.condition("rule", rule);
    }
    if let Some(rules) = &cause.rules {
        builder = builder.file("rules.seg", rules);
    }
    if let Some(bytes) = &cause.bytes {
        builder = builder.bytes("rules.seg", bytes);
    }
    let mut found = builder.check();
    if let Ok(rules) = builder.build() {
        let customers = (String::from("customers"), format!("{HEADER}1,SE,,,,,,,\n"));
        let snapshot = load(&schema, [(&customers.0, customers.1.as_bytes())], false).unwrap();
        let engine = Engine::new(rules, snapshot).unwrap();
        let evaluation = engine.evaluate("2026-11-01".parse::<segmenta::AsOf>().unwrap()).unwrap();
        found.extend_from_slice(evaluation.warnings());
        found.extend(evaluation.failures().map(|(_, why)| why.clone()));
    }
    found
}

fn load<'a>(
    schema: &Schema,
    tables: impl IntoIterator<Item = (&'a String, &'a [u8])>,
    lenient: bool,
) -> Result<Snapshot, Error> {
    let mut builder = Snapshot::builder(schema).lenient(lenient);
    for (table, bytes) in tables {
        builder.csv_reader(table, &format!("{table}.csv"), bytes)?;
    }
    builder.build()
}

fn limits(set: &BTreeMap<String, usize>) -> Limits {
    let mut limits = Limits::default();
    for (name, value) in set {
        let field = match name.as_str() {
            "file_bytes" => &mut limits.file_bytes,
            "condition_bytes" => &mut limits.condition_bytes,
            "nesting" => &mut limits.nesting,
            "list" => &mut limits.list,
            "pins" => &mut limits.pins,
            "nodes" => &mut limits.nodes,
            "pattern" => &mut limits.pattern,
            "patterns" => &mut limits.patterns,
            "all_nodes" => &mut limits.all_nodes,
            "used_files" => &mut limits.used_files,
            _ => panic!("no limit `{name}`"),
        };
        *field = *value;
    }
    limits
}
