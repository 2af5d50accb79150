//! The long texts of the codes, `src/docs/codes/*.md`. Each begins with `# CODE: ` and what it is, shows what causes the
//! code, says why it is one, and shows the same mended. Fenced blocks are run against `example.toml` beside them:
//!
//! | block | what it is |
//! |---|---|
//! | `condition` | conditions, one a line |
//! | `seg` | a rule file |
//! | `toml` | a schema, instead of the example |
//! | `csv TABLE` | a data file with some of the table's columns; rules in the same text are evaluated on the data |
//! | `query` | a query of react-querybuilder |
//! | `text` | what is not run |
//!
//! With `wrong` behind it, a block causes the text's code and no other; without, nothing is found. A `wrong` data file
//! stands for the right one of its table. Codes without a block that is run are listed in `NOT_RUN`, with the reason.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use segmenta::{
    AsOf, Code, Diagnostic, Engine, Error, Rules, Schema, Severity, Snapshot, config::Query,
};

const SCHEMA: &str = include_str!("../../src/docs/codes/example.toml");

/// Codes that no example in a text can cause.
const NOT_RUN: &[(&str, &str)] = &[
    ("E0115", "bytes that are no text"),
    ("E0116", "a mistake of the formatter"),
    ("E0601", "a limit"),
    ("E0602", "a limit"),
    ("E0603", "a limit"),
    ("E0604", "a limit"),
    ("E0605", "a limit"),
    ("E0606", "a limit"),
    ("E0608", "a limit"),
    ("E0609", "a limit"),
    ("E0811", "bytes that are no text"),
    ("E0813", "a limit"),
    ("E0814", "a limit"),
    ("E0815", "text files have no types"),
    ("E1101", "an evaluation"),
    ("E1201", "a program cancels"),
    ("E1301", "a store"),
    ("E1302", "a store"),
    ("E1303", "a store"),
    ("E1304", "a store"),
    ("E1305", "a store"),
    ("E1306", "a store"),
    ("E1307", "a store"),
    ("E1308", "a store"),
    ("E1401", "a dialect"),
    ("W0804", "a lenient load, which has other findings too"),
];

const KINDS: [&str; 6] = ["condition", "seg", "toml", "csv", "query", "text"];

#[derive(Clone, Copy)]
struct Block<'a> {
    kind: &'a str,
    /// Of a data file.
    table: &'a str,
    wrong: bool,
    text: &'a str,
}

fn blocks(explanation: &str) -> Vec<Block<'_>> {
    let mut found = Vec::new();
    for (number, part) in explanation.split("```").enumerate() {
        let Some((info, text)) = part.split_once('\n').filter(|_| number % 2 == 1) else {
            continue;
        };
        let mut words = info.split(' ');
        let kind = words.next().unwrap();
        let mut words: Vec<&str> = words.collect();
        let wrong = words.pop_if(|last| *last == "wrong").is_some();
        found.push(Block { kind, table: words.pop().unwrap_or(""), wrong, text });
        assert!(words.is_empty() && KINDS.contains(&kind));
    }
    found
}

#[test]
fn the_examples_of_each_code_cause_it_and_are_mended() {
    let mut wrong = Vec::new();
    for code in Code::ALL {
        let blocks = blocks(code.explanation());
        for (name, run) in runs(&blocks, *code == Code::ImpliedSegment) {
            let codes: BTreeSet<Code> = run.iter().map(|finding| finding.code).collect();
            let wanted =
                if name.ends_with("wrong") { BTreeSet::from([*code]) } else { BTreeSet::new() };
            if codes != wanted {
                let shown: Vec<String> = run.iter().map(ToString::to_string).collect();
                wrong.push(format!("{code}, {name}:\n{}", shown.join("\n")));
            }
        }
        let run = |wanted| blocks.iter().any(|block| block.kind != "text" && block.wrong == wanted);
        let excused = NOT_RUN.iter().any(|(name, _)| *name == code.as_str());
        if excused == (run(true) && run(false)) {
            wrong.push(format!("{code}: an example and its mending, or an entry in `NOT_RUN`"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn each_text_has_the_same_shape() {
    for code in Code::ALL {
        let text = code.explanation();
        let heading = text.lines().next().unwrap();
        let title =
            heading.strip_prefix(&format!("# {code}: ")).unwrap_or_else(|| panic!("{heading}"));
        let first = title.chars().next().unwrap();
        assert!(!first.is_uppercase() && !title.ends_with('.'), "{heading}");
        assert_eq!(
            text.matches("\n# ").count(),
            usize::from(text.contains("\n# to be written")),
            "{code}"
        );
        assert!(text.matches("```").count().is_multiple_of(2), "{code}");
        assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{code}");
        let prose: String = text.split("```").step_by(2).collect();
        assert!(prose.matches('`').count().is_multiple_of(2), "{code}: {prose}");
        for line in text.lines().skip(1) {
            assert!(line.chars().count() <= 120, "{code}: {line}");
        }
    }
}

#[test]
fn there_is_no_text_without_a_code() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/docs/codes");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let known = name == "example" || Code::ALL.iter().any(|code| code.as_str() == name);
        assert!(known, "{}", path.display());
    }
}

#[test]
fn codes_are_read_in_any_case() {
    for code in Code::ALL {
        assert_eq!(code.as_str().to_lowercase().parse(), Ok(*code));
        assert_eq!(code.as_str().parse(), Ok(*code));
    }
    let near = |text: &str| text.parse::<Code>().unwrap_err().nearest;
    assert_eq!(near("E301"), Some(Code::Incomparable));
    assert_eq!(near("W0802x"), Some(Code::DanglingReference));
    assert_eq!(near("zebra"), None);
    assert_eq!(near(""), None);
}

/// What is found in each block, under its name; `deep` for the code that is found no other way.
fn runs(blocks: &[Block<'_>], deep: bool) -> Vec<(String, Vec<Diagnostic>)> {
    let mut runs = Vec::new();
    let data: BTreeMap<&str, &str> = data(blocks, false);
    for (number, block) in blocks.iter().enumerate() {
        let name =
            |kind: &str| format!("{number} {kind}{}", if block.wrong { " wrong" } else { "" });
        match block.kind {
            "toml" => runs.push((name("schema"), schema_findings(block.text))),
            "seg" => runs.push((name("file"), rule_findings(&[block.text], &[], &data, deep))),
            "condition" => {
                let lines: Vec<&str> = block.text.lines().collect();
                runs.push((name("conditions"), rule_findings(&[], &lines, &data, deep)));
            }
            "query" => {
                let query: Query = serde_json::from_str(block.text).unwrap();
                let read = query.to_condition(&Schema::from_toml(SCHEMA).unwrap());
                let found = read.map_or_else(|e| e.diagnostics().to_vec(), |_| Vec::new());
                runs.push((name("query"), found));
            }
            "csv" if block.wrong => {
                let mut files = data.clone();
                files.insert(block.table, block.text);
                runs.push((name("data"), data_findings(blocks, &files)));
            }
            _ => {}
        }
    }
    if !data.is_empty() {
        runs.push(("data".to_owned(), data_findings(blocks, &data)));
    }
    runs
}

fn data<'a>(blocks: &[Block<'a>], wrong: bool) -> BTreeMap<&'a str, &'a str> {
    let files = blocks.iter().filter(|block| block.kind == "csv" && block.wrong == wrong);
    files.map(|block| (block.table, block.text)).collect()
}

fn schema_findings(text: &str) -> Vec<Diagnostic> {
    Schema::from_toml(text).map_or_else(|error| error.diagnostics().to_vec(), |_| Vec::new())
}

fn rule_findings(
    files: &[&str],
    conditions: &[&str],
    data: &BTreeMap<&str, &str>,
    deep: bool,
) -> Vec<Diagnostic> {
    let schema = match data.is_empty() {
        true => Schema::from_toml(SCHEMA).unwrap(),
        false => narrowed(data),
    };
    let mut builder = Rules::builder(&schema).deep(deep);
    for file in files {
        builder = builder.file("example.seg", *file);
    }
    for (number, condition) in conditions.iter().enumerate() {
        builder = builder.condition(format!("example_{number}"), *condition);
    }
    let mut found = builder.check();
    if !data.is_empty() {
        let engine = Engine::new(builder.build().unwrap(), load(&schema, data).unwrap()).unwrap();
        let evaluation = engine.evaluate("2026-11-01".parse::<AsOf>().unwrap()).unwrap();
        found.extend_from_slice(evaluation.warnings());
    }
    found
}

fn data_findings(blocks: &[Block<'_>], files: &BTreeMap<&str, &str>) -> Vec<Diagnostic> {
    // The right files say which columns the example has.
    let schema = narrowed(&data(blocks, false));
    match load(&schema, files) {
        Ok(snapshot) => snapshot.report().warnings().to_vec(),
        Err(error) => error.diagnostics().to_vec(),
    }
}

/// The example schema with those tables and columns alone that the data files have.
fn narrowed(data: &BTreeMap<&str, &str>) -> Schema {
    let mut text = String::new();
    let mut columns: Option<BTreeSet<&str>> = None;
    let mut skipped = false;
    for line in SCHEMA.lines() {
        let section = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        if let Some(section) = section {
            let table = section.trim_start_matches("tables.").trim_start_matches("lookups.");
            let name = table.trim_end_matches(".columns");
            let header = data.get(name).map(|text| text.lines().next().unwrap_or_default());
            skipped = header.is_none();
            columns = header.filter(|_| name != table).map(|line| line.split(',').collect());
        }
        let field = line.split(' ').next().unwrap_or_default();
        let is_column = section.is_none() && columns.is_some() && !field.is_empty();
        let wanted = columns.as_ref().is_none_or(|columns| columns.contains(field));
        // The time of a customer is left out with its column.
        let dangling = line == "created = \"created_at\""
            && !data.get("customers").is_some_and(|text| text.contains("created_at"));
        if !(skipped || dangling || (is_column && !wanted)) {
            text.push_str(line);
            text.push('\n');
        }
    }
    Schema::from_toml(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn load(schema: &Schema, files: &BTreeMap<&str, &str>) -> Result<Snapshot, Error> {
    let mut builder = Snapshot::builder(schema);
    for (table, text) in files {
        builder.csv_reader(table, &format!("{table}.csv"), text.as_bytes())?;
    }
    builder.build()
}

#[test]
fn severities_follow_the_letter() {
    for code in Code::ALL {
        let letter = code.as_str().chars().next().unwrap();
        assert_eq!(code.severity() == Severity::Warning, letter == 'W', "{code}");
    }
}
