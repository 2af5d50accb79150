//! The cases of `tests/corpus` that have members.

use std::{collections::BTreeMap, fs, path::Path};

use segmenta::{AsOf, Schema};
use serde::Deserialize;

use crate::{
    Result,
    data::{self, Record},
    lowered::Asked,
};

#[derive(Deserialize)]
struct CorpusFile {
    base: Option<String>,
    case: Vec<Case>,
}

#[derive(Deserialize)]
struct Base {
    as_of: String,
    schema: String,
    data: BTreeMap<String, String>,
}

/// What a case leaves out it takes from its base.
#[derive(Deserialize)]
struct Case {
    name: String,
    base: Option<String>,
    as_of: Option<String>,
    timezone: Option<String>,
    leap_day: Option<String>,
    schema: Option<String>,
    rfm: Option<String>,
    predict: Option<String>,
    #[serde(default)]
    data: BTreeMap<String, String>,
    rule: Option<String>,
    rules: Option<String>,
    #[serde(default)]
    files: Vec<RuleFile>,
    members: Option<toml::Value>,
    segments: Option<toml::Value>,
    #[serde(default)]
    step: Vec<Step>,
}

#[derive(Deserialize)]
struct RuleFile {
    name: String,
    text: String,
}

#[derive(Deserialize)]
struct Step {
    as_of: Option<String>,
    rules: Option<String>,
    #[serde(default)]
    data: BTreeMap<String, String>,
}

/// The schema's text and the tables.
type Setting = (String, BTreeMap<String, String>);

/// The case, its day, and its rule files by name.
type FilesOf = (String, String, Vec<(String, String)>);

/// What is asked of one data set, by the day.
#[derive(Default)]
struct Questions {
    conditions: BTreeMap<String, Vec<(String, String)>>,
    files: Vec<FilesOf>,
}

pub(crate) fn write(corpus: &Path, out: &Path) -> Result<String> {
    let mut paths: Vec<_> = fs::read_dir(corpus)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<_>>()?;
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    paths.sort();
    let mut sets: BTreeMap<Setting, Questions> = BTreeMap::new();
    let (mut taken, mut without, mut steps) = (0, 0, 0);
    for path in paths {
        let file: CorpusFile = toml::from_str(&fs::read_to_string(&path)?)?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        for case in &file.case {
            if case.members.is_none() && case.segments.is_none() && case.step.is_empty() {
                without += 1;
                continue;
            }
            let base = case.base.as_ref().or(file.base.as_ref());
            let base = base.map(|name| {
                let text = fs::read_to_string(corpus.join(format!("base/{name}.toml")))?;
                Ok::<Base, Box<dyn std::error::Error>>(toml::from_str(&text)?)
            });
            taken += 1;
            steps += usize::from(!case.step.is_empty());
            ask(&mut sets, &format!("{stem}: {}", case.name), case, base.transpose()?)?;
        }
    }
    let mut failed = 0;
    for (number, (setting, questions)) in sets.iter().enumerate() {
        failed += write_set(&format!("corpus{number:03}"), setting, questions, out)?;
    }
    Ok(format!(
        "corpus: {taken} cases with members in {} data sets; {steps} of them have steps, of which the last is \
         evaluated without a history; {without} cases have errors or lints alone; {failed} segments want a model that \
         cannot be fitted",
        sets.len()
    ))
}

fn ask(
    sets: &mut BTreeMap<Setting, Questions>,
    label: &str,
    case: &Case,
    base: Option<Base>,
) -> Result<()> {
    let (text, mut data, as_of) = match base {
        Some(base) if case.schema.is_none() => (base.schema, base.data, Some(base.as_of)),
        base => (
            case.schema.clone().ok_or("a case without a schema")?,
            BTreeMap::new(),
            base.map(|base| base.as_of),
        ),
    };
    data.extend(case.data.clone());
    let zone = case.timezone.as_deref().unwrap_or("Europe/Stockholm");
    let leap = case.leap_day.as_deref().unwrap_or("back");
    let block = |name: &str, text: &Option<String>| {
        text.as_ref().map(|text| format!("[{name}]\n{text}")).unwrap_or_default()
    };
    let (rfm, predict) = (block("rfm", &case.rfm), block("predict", &case.predict));
    let schema = format!("timezone = \"{zone}\"\nleap_day = \"{leap}\"\n{text}\n{rfm}\n{predict}");
    let mut as_of = case.as_of.clone().or(as_of).ok_or("a case without an as_of")?;
    let mut rules = case.rules.clone();
    for step in &case.step {
        as_of = step.as_of.clone().unwrap_or(as_of);
        rules = step.rules.clone().or(rules);
        data.extend(step.data.clone());
    }
    let questions = sets.entry((schema, data)).or_default();
    if let Some(rule) = &case.rule {
        questions.conditions.entry(as_of).or_default().push((label.to_owned(), rule.clone()));
        return Ok(());
    }
    let one = rules.into_iter().map(|text| ("rules.seg".to_owned(), text));
    let many = case.files.iter().map(|file| (file.name.clone(), file.text.clone()));
    questions.files.push((label.to_owned(), as_of, one.chain(many).collect()));
    Ok(())
}

/// How many segments cannot be evaluated.
fn write_set(name: &str, setting: &Setting, questions: &Questions, out: &Path) -> Result<usize> {
    let (schema, tables) = setting;
    let problem = |error: Box<dyn std::error::Error>| format!("{name}: {error}\n{schema}");
    let schema = Schema::from_toml(schema)?;
    let folder = out.join(name);
    let snapshot = data::snapshot(&schema, tables).map_err(problem)?;
    let written = data::write_tables(&schema, tables, &folder).map_err(problem)?;
    let mapping = data::ordered(&schema)?;
    let mut asked = Asked::new(&schema, &snapshot, &mapping);
    let mut statements = Vec::new();
    for (as_of, conditions) in &questions.conditions {
        let day: AsOf = as_of.parse()?;
        statements.push(asked.conditions(as_of, conditions, day).map_err(problem)?);
    }
    for (case, as_of, files) in &questions.files {
        statements.push(asked.files(case, files, as_of.parse()?).map_err(problem)?);
    }
    let failed = asked.failed;
    let record =
        Record { name: name.to_owned(), tables: written, statements, refused: asked.refused };
    record.write(&folder)?;
    Ok(failed)
}
