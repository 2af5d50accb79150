//! The corpus: every case by exec, oracle, printer and formatter.
//!
//! `tests/corpus/*.toml` hold `[[case]]`s; `tests/corpus/base/*.toml` hold schemas and data that several of them
//! share. Expected members and codes are derived from the language page by hand.

use std::{collections::BTreeMap, path::Path};

use segmenta::{
    AsOf, Diagnostic, Engine, Key, Rules, Schema, Snapshot,
    config::{Condition, Query, RulesDef, Tree},
};
use serde::Deserialize;

use crate::sql::sqlite::{Answer, Database};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CorpusFile {
    base: Option<String>,
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Base {
    as_of: String,
    schema: String,
    data: BTreeMap<String, String>,
}

/// What a case leaves out it takes from its base.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    base: Option<String>,
    as_of: Option<String>,
    timezone: Option<String>,
    leap_day: Option<String>,
    /// Without the time zone and the leap day. With a schema of its own a case has only its own data.
    schema: Option<String>,
    /// Stands behind the schema of the base.
    rfm: Option<String>,
    predict: Option<String>,
    /// Segments that cannot be evaluated, because a model cannot be fitted.
    #[serde(default)]
    failed: Vec<String>,
    /// CSV text by table; replaces those tables of the base.
    #[serde(default)]
    data: BTreeMap<String, String>,
    /// A condition …
    rule: Option<String>,
    /// … or a rule file …
    rules: Option<String>,
    /// … or several.
    #[serde(default)]
    files: Vec<RuleFile>,
    /// Of the condition.
    members: Option<Vec<CaseKey>>,
    /// By segment, all of them.
    segments: Option<BTreeMap<String, Vec<CaseKey>>>,
    /// All errors of the rules, in order.
    codes: Option<Vec<String>>,
    /// Line and column of the first error.
    at: Option<String>,
    /// All warnings of rules and evaluation but lints.
    #[serde(default)]
    warnings: Vec<String>,
    /// The codes `W02…` of the rules, in order; alone or beside members, whose rules may have any where it is left out.
    /// Behind a code may stand line and column: `W0210 1:5`. A condition stands in `segment rule { include … }`.
    lints: Option<Vec<String>>,
    /// Lints compare segments with each other.
    #[serde(default)]
    deep: bool,
    /// Refreshes, one after the other; what a step leaves out stays as it was.
    #[serde(default)]
    step: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    name: String,
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    as_of: Option<String>,
    rules: Option<String>,
    #[serde(default)]
    data: BTreeMap<String, String>,
    segments: BTreeMap<String, Vec<CaseKey>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum CaseKey {
    Int(i64),
    Text(String),
}

type Memberships = BTreeMap<String, Vec<Key>>;

#[test]
fn every_case_of_the_corpus_holds_for_every_reader() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut paths: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .collect();
    paths.sort();
    let (mut cases, mut failures) = (0, Vec::new());
    for path in paths {
        let file: CorpusFile = read(&path);
        let mut names = std::collections::BTreeSet::new();
        for case in &file.case {
            cases += 1;
            let label = format!("{}: {}", path.file_stem().unwrap().display(), case.name);
            assert!(names.insert(&case.name), "{label}: two cases of one name");
            let base = case.base.as_ref().or(file.base.as_ref());
            let base = base.map(|name| read::<Base>(&folder.join(format!("base/{name}.toml"))));
            failures.extend(
                Setting::new(case, base).run(case).into_iter().map(|f| format!("{label}: {f}")),
            );
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {cases} cases fail:\n\n{}\n",
        failures.len(),
        failures.join("\n\n")
    );
    assert!(cases >= 500, "the corpus has shrunk to {cases} cases");
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> T {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// A case with its base filled in.
struct Setting {
    schema: Schema,
    data: BTreeMap<String, String>,
    as_of: AsOf,
}

impl Setting {
    fn new(case: &Case, base: Option<Base>) -> Self {
        let (text, mut data, as_of) = match base {
            Some(base) if case.schema.is_none() => (base.schema, base.data, Some(base.as_of)),
            base => (
                case.schema.clone().expect("a schema"),
                BTreeMap::new(),
                base.map(|base| base.as_of),
            ),
        };
        data.extend(case.data.clone());
        let zone = case.timezone.as_deref().unwrap_or("Europe/Stockholm");
        let leap = case.leap_day.as_deref().unwrap_or("back");
        let rfm = case.rfm.as_ref().map(|rfm| format!("[rfm]\n{rfm}")).unwrap_or_default();
        let predict = case.predict.as_ref().map(|text| format!("[predict]\n{text}"));
        let predict = predict.unwrap_or_default();
        let text =
            format!("timezone = \"{zone}\"\nleap_day = \"{leap}\"\n{text}\n{rfm}\n{predict}");
        let schema = Schema::from_toml(&text).unwrap_or_else(|e| panic!("{}: {e}", case.name));
        let as_of = case.as_of.clone().or(as_of).expect("an as_of");
        Self { schema, data, as_of: as_of.parse().expect("as_of is a date or a time") }
    }

    fn run(&self, case: &Case) -> Option<String> {
        let goals = usize::from(case.members.is_some())
            + usize::from(case.segments.is_some())
            + usize::from(case.codes.is_some())
            + usize::from(!case.step.is_empty());
        let goals = if case.lints.is_some() { goals.max(1) } else { goals };
        assert_eq!(goals, 1, "{}: one of members, segments, codes, steps and lints", case.name);
        if let Some(lints) = &case.lints
            && let Err(problem) = self.warns(case, lints)
        {
            return Some(problem);
        }
        let result = match (&case.codes, &case.members, &case.segments) {
            (Some(codes), _, _) => self.refuses(case, codes),
            (_, Some(members), _) => {
                self.evaluates(case, &BTreeMap::from([("rule".to_owned(), keys(members))]))
            }
            (_, _, Some(segments)) => self.evaluates(case, &expected(segments)),
            _ if case.step.is_empty() => Ok(()),
            _ => self.lasts(case),
        };
        result.err()
    }

    /// The rules have these lints and no others, as written and formatted.
    fn warns(&self, case: &Case, lints: &[String]) -> Result<(), String> {
        let rule = case
            .rule
            .iter()
            .map(|rule| ("rule.seg".to_owned(), format!("segment rule {{ include {rule}\n}}")));
        let written: Vec<_> = rule.chain(rule_files(case)).collect();
        let formatted = written.iter().map(|(name, text)| {
            let text = segmenta::format(name, text).map_err(|e| format!("formatting: {e}"))?;
            Ok((name.clone(), text))
        });
        let formatted = formatted.collect::<Result<Vec<_>, String>>()?;
        for (what, files) in [("as written", &written), ("formatted", &formatted)] {
            let mut builder = Rules::builder(&self.schema).deep(case.deep);
            for (name, text) in files {
                builder = builder.file(name, text);
            }
            let findings = builder.check();
            let is_lint = |finding: &&Diagnostic| finding.code.as_str().starts_with("W02");
            let found: Vec<&Diagnostic> = findings.iter().filter(is_lint).collect();
            let known = lints.iter().map(String::as_str).chain(std::iter::repeat(""));
            let found: Vec<_> =
                found.into_iter().zip(known).map(|(found, known)| place(found, known)).collect();
            let code = |lint: &str| lint.split(' ').next().unwrap().to_owned();
            let same = match what {
                "as written" => found == *lints,
                _ => found.iter().map(|lint| code(lint)).eq(lints.iter().map(|lint| code(lint))),
            };
            if !same {
                let text: Vec<_> = findings.iter().map(ToString::to_string).collect();
                return Err(format!(
                    "{what}: expected {lints:?}, found {found:?}:\n{}",
                    text.join("\n")
                ));
            }
            if let (Some(at), true) = (&case.at, what == "as written") {
                let first = findings.iter().find(is_lint).ok_or("no lint has a place")?;
                let place = first.location.as_ref().ok_or("the first lint has no place")?;
                let found = format!("{}:{}", place.line, place.column);
                if found != *at {
                    return Err(format!("expected at {at}, found at {found}:\n{first}"));
                }
            }
        }
        Ok(())
    }

    /// The rules have these errors, and no others.
    fn refuses(&self, case: &Case, codes: &[String]) -> Result<(), String> {
        let files = rule_files(case);
        let mut builder = Rules::builder(&self.schema);
        for (name, text) in &files {
            builder = builder.file(name, text);
        }
        if let Some(rule) = &case.rule {
            builder = builder.condition("rule", rule);
        }
        let findings: Vec<Diagnostic> = builder.check();
        let found: Vec<_> =
            findings.iter().map(|f| f.code.as_str()).filter(|code| code.starts_with('E')).collect();
        if found != codes.iter().map(String::as_str).collect::<Vec<_>>() {
            let text: Vec<_> = findings.iter().map(ToString::to_string).collect();
            return Err(format!("expected {codes:?}, found {found:?}:\n{}", text.join("\n")));
        }
        if let Some(at) = &case.at {
            let place = findings[0].location.as_ref().ok_or("the first error has no place")?;
            let found = format!("{}:{}", place.line, place.column);
            if found != *at {
                return Err(format!("expected at {at}, found at {found}:\n{}", findings[0]));
            }
        }
        Ok(())
    }

    /// The same members by exec, oracle, and both of the formatted text; the text survives the printer.
    fn evaluates(&self, case: &Case, expected: &Memberships) -> Result<(), String> {
        let snapshot = self.snapshot(&self.data, None)?;
        if let Some(rule) = &case.rule {
            let rules = Rules::builder(&self.schema)
                .condition("rule", rule)
                .build()
                .map_err(|e| e.to_string())?;
            let engine = Engine::new(rules, snapshot.clone()).map_err(|e| e.to_string())?;
            self.compare("the condition alone", &engine, case, expected)?;
        }
        if let Some(rule) = &case.rule {
            self.in_other_forms(rule, &snapshot, expected)?;
        }
        let files = match &case.rule {
            Some(rule) => {
                vec![("rule.seg".to_owned(), format!("segment rule {{ include {rule}\n}}"))]
            }
            None => rule_files(case),
        };
        let mut formatted = Vec::new();
        for (name, text) in &files {
            segmenta::internals::round_trip(text)
                .map_err(|e| format!("printed and parsed again: {e}"))?;
            let once = segmenta::format(name, text).map_err(|e| format!("formatting: {e}"))?;
            let twice = segmenta::format(name, &once)
                .map_err(|e| format!("formatting twice: {e}\n{once}"))?;
            if once != twice {
                return Err(format!("formatting twice is not the same:\n{once}\n---\n{twice}"));
            }
            formatted.push((name.clone(), once));
        }
        self.as_definitions(&files, &snapshot, expected)?;
        self.as_sql(&files, case, expected)?;
        for (what, files) in [("as written", &files), ("formatted", &formatted)] {
            let mut builder = Rules::builder(&self.schema);
            for (name, text) in files {
                builder = builder.file(name, text);
            }
            let rules = builder.build().map_err(|e| format!("{what}: {e}"))?;
            let engine = Engine::new(rules, snapshot.clone()).map_err(|e| e.to_string())?;
            self.compare(what, &engine, case, expected)?;
        }
        Ok(())
    }

    /// The same members of a condition taken apart and put together, and of the query it can be.
    fn in_other_forms(
        &self,
        rule: &str,
        snapshot: &Snapshot,
        expected: &Memberships,
    ) -> Result<(), String> {
        let condition: Condition = rule.parse().map_err(|e| format!("as a condition: {e}"))?;
        let tree = serde_json::to_value(condition.tree()).map_err(|e| e.to_string())?;
        let tree: Tree = serde_json::from_value(tree).map_err(|e| format!("as a tree: {e}"))?;
        let mut forms = vec![("from its tree", Condition::from(tree))];
        // What a query cannot say is tested elsewhere.
        if let Ok(query) = Query::from_condition(&condition, &self.schema) {
            let read = query.to_condition(&self.schema).map_err(|e| format!("as a query: {e}"))?;
            forms.push(("from its query", read));
        }
        for (what, condition) in forms {
            let rules = Rules::builder(&self.schema).condition("rule", condition.to_string());
            let rules = rules.build().map_err(|e| format!("{what}: {e}"))?;
            let engine = Engine::new(rules, snapshot.clone()).map_err(|e| e.to_string())?;
            let found = engine.evaluate(self.as_of).map_err(|e| format!("{what}: {e}"))?;
            if found.keys("rule") != expected.get("rule").cloned() {
                return Err(format!("{what}: {condition}: found {:?}", found.keys("rule")));
            }
        }
        Ok(())
    }

    /// The same members by the definitions that rule files are in a config file.
    fn as_definitions(
        &self,
        files: &[(String, String)],
        snapshot: &Snapshot,
        expected: &Memberships,
    ) -> Result<(), String> {
        let mut builder = Rules::builder(&self.schema);
        for (name, text) in files {
            let rules = RulesDef::from_seg(name, text).map_err(|e| format!("definitions: {e}"))?;
            let text = toml::to_string(&rules).map_err(|e| format!("definitions: {e}"))?;
            let rules: RulesDef = toml::from_str(&text).map_err(|e| format!("{e}\n{text}"))?;
            builder = builder.definitions(name, rules);
        }
        let rules = builder.build().map_err(|e| format!("definitions: {e}"))?;
        let engine = Engine::new(rules, snapshot.clone()).map_err(|e| e.to_string())?;
        let found = engine.evaluate(self.as_of).map_err(|e| format!("definitions: {e}"))?;
        for (name, expected) in expected {
            if found.keys(name).as_ref() != Some(expected) {
                return Err(format!("definitions: {name}: found {:?}", found.keys(name)));
            }
        }
        Ok(())
    }

    /// The same members by SQLite, unless its SQL cannot say the rules.
    fn as_sql(
        &self,
        files: &[(String, String)],
        case: &Case,
        expected: &Memberships,
    ) -> Result<(), String> {
        if !case.failed.is_empty() {
            return Ok(());
        }
        let mut builder = Rules::builder(&self.schema);
        for (name, text) in files {
            builder = builder.file(name, text);
        }
        let rules = builder.build().map_err(|e| format!("sql: {e}"))?;
        crate::sql::parsed::read_again(&rules, &[], self.as_of)?;
        match Database::of_csv(&self.schema, &self.data).members(&rules, &[], self.as_of) {
            Answer::Members(found) if found == *expected => Ok(()),
            Answer::Members(found) => Err(format!("sql: expected {expected:?}, found {found:?}")),
            Answer::Refused(_) | Answer::Beyond => Ok(()),
            Answer::Failed(why) => Err(format!("sql: {why}")),
        }
    }

    fn compare(
        &self,
        what: &str,
        engine: &Engine,
        case: &Case,
        expected: &Memberships,
    ) -> Result<(), String> {
        let exec = engine.evaluate(self.as_of).map_err(|e| format!("{what}: exec: {e}"))?;
        let oracle =
            engine.evaluate_reference(self.as_of).map_err(|e| format!("{what}: oracle: {e}"))?;
        for (reader, evaluation) in [("exec", &exec), ("oracle", &oracle)] {
            let found: Memberships = evaluation
                .segments()
                .map(|(name, _)| (name.to_owned(), evaluation.keys(name).expect("a segment")))
                .collect();
            if found != *expected {
                return Err(format!("{what}: {reader}: expected {expected:?}, found {found:?}"));
            }
            let failed: Vec<&str> = evaluation.failures().map(|(name, _)| name).collect();
            if failed != case.failed {
                return Err(format!("{what}: {reader}: {failed:?} failed"));
            }
        }
        let warnings: Vec<_> = engine
            .rules()
            .warnings()
            .iter()
            .chain(exec.warnings())
            .map(|w| w.code.as_str())
            .filter(|code| !code.starts_with("W02"))
            .collect();
        if warnings != case.warnings {
            return Err(format!(
                "{what}: expected warnings {:?}, found {warnings:?}",
                case.warnings
            ));
        }
        Ok(())
    }

    /// Refreshes of one engine, step by step.
    fn lasts(&self, case: &Case) -> Result<(), String> {
        let schema = &self.schema;
        let parse = |text: &str| Rules::parse(schema, text).map_err(|e| e.to_string());
        let mut data = self.data.clone();
        let mut snapshot = self.snapshot(&data, None)?;
        let first = case.rules.as_deref().ok_or("steps want rules")?;
        let mut engine = Engine::new(parse(first)?, snapshot.clone()).map_err(|e| e.to_string())?;
        let mut as_of = self.as_of;
        for (number, step) in (1..).zip(&case.step) {
            if let Some(rules) = &step.rules {
                engine.set_rules(parse(rules)?).map_err(|e| e.to_string())?;
            }
            if !step.data.is_empty() {
                data.extend(step.data.clone());
                snapshot = self.snapshot(&data, Some(&snapshot))?;
                engine.load(snapshot.clone()).map_err(|e| e.to_string())?;
            }
            if let Some(text) = &step.as_of {
                as_of = text.parse().expect("as_of is a date or a time");
            }
            engine.refresh(as_of).map_err(|e| e.to_string())?;
            for (name, expected) in expected(&step.segments) {
                let found = engine
                    .keys(&name)
                    .ok_or_else(|| format!("step {number}: no segment {name}"))?;
                if found != expected {
                    return Err(format!(
                        "step {number}: {name}: expected {expected:?}, found {found:?}"
                    ));
                }
            }
        }
        Ok(())
    }

    fn snapshot(
        &self,
        data: &BTreeMap<String, String>,
        last: Option<&Snapshot>,
    ) -> Result<Snapshot, String> {
        let mut builder = last.map_or_else(|| Snapshot::builder(&self.schema), Snapshot::next);
        for (table, text) in data {
            let name = format!("{table}.csv");
            builder
                .csv_reader(table, &name, text.trim_start().as_bytes())
                .map_err(|e| e.to_string())?;
        }
        builder.build().map_err(|e| format!("the data: {e}"))
    }
}

/// The code, with the place where the expected text has one.
fn place(found: &Diagnostic, expected: &str) -> String {
    match &found.location {
        Some(place) if expected.contains(' ') => {
            format!("{} {}:{}", found.code, place.line, place.column)
        }
        _ => found.code.to_string(),
    }
}

fn rule_files(case: &Case) -> Vec<(String, String)> {
    let one = case.rules.iter().map(|text| ("rules.seg".to_owned(), text.clone()));
    one.chain(case.files.iter().map(|file| (file.name.clone(), file.text.clone()))).collect()
}

fn expected(segments: &BTreeMap<String, Vec<CaseKey>>) -> Memberships {
    segments.iter().map(|(name, members)| (name.clone(), keys(members))).collect()
}

fn keys(keys: &[CaseKey]) -> Vec<Key> {
    let key = |key: &CaseKey| match key {
        CaseKey::Int(key) => Key::Int(*key),
        CaseKey::Text(key) => Key::Text(key.clone()),
    };
    keys.iter().map(key).collect()
}
