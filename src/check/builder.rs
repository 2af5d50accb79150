//! From texts to rules.

use std::{fmt, sync::Arc};

use super::{
    check,
    mixed::mixed_operators,
    rules::{Checked, Rules},
};
use crate::{
    diagnostic::{Code, Diagnostic, Finding, Severity, SourceId, Sources, Span},
    error::{Error, Result},
    limits::Limits,
    lint::lint,
    rule::{ContentHash, RuleSet, content_hashes},
    schema::Schema,
    syntax::{self, Parsed, tree},
};

/// Collects the files of a project, which share one namespace.
#[derive(Clone)]
pub struct RulesBuilder {
    schema: Schema,
    inputs: Vec<Input>,
    limits: Limits,
    deep: bool,
}

#[derive(Clone)]
struct Input {
    name: String,
    text: Text,
}

#[derive(Clone)]
enum Text {
    File(String),
    Bytes(Vec<u8>),
    Condition(String),
    Prepared(Arc<dyn Definitions>),
}

/// Definitions that are not the text of one file.
pub(crate) trait Definitions: Send + Sync {
    /// What they define, with their texts added to the sources under names that begin with `name`.
    fn read(&self, name: &str, sources: &mut Sources, limits: &Limits) -> Parsed<tree::File>;
}

/// What was read, and what was found.
struct Reading {
    set: RuleSet,
    /// Of the segments, in their order; none where there is an error.
    hashes: Vec<ContentHash>,
    sources: Sources,
    findings: Vec<Finding>,
}

impl RulesBuilder {
    pub(super) fn new(schema: &Schema) -> Self {
        Self { schema: schema.clone(), inputs: Vec::new(), limits: Limits::default(), deep: false }
    }

    /// Adds a rule file under the name that diagnostics show.
    #[must_use]
    pub fn file(self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.input(name, Text::File(text.into()))
    }

    /// Adds a rule file as it was read; it must be UTF-8.
    #[must_use]
    pub fn bytes(self, name: impl Into<String>, bytes: &[u8]) -> Self {
        self.input(name, Text::Bytes(bytes.to_owned()))
    }

    /// Adds one condition as a dynamic segment of this name. It may use the files' `let`s and segments.
    #[must_use]
    pub fn condition(self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.input(name, Text::Condition(text.into()))
    }

    pub(crate) fn prepared(self, name: impl Into<String>, rules: Arc<dyn Definitions>) -> Self {
        self.input(name, Text::Prepared(rules))
    }

    /// Replaces the limits.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Whether to compare segments with each other too, and warn where one implies another. This takes more than
    /// linear time, within a fixed budget.
    #[must_use]
    pub fn deep(mut self, deep: bool) -> Self {
        self.deep = deep;
        self
    }

    /// Every error and warning, by file and place.
    pub fn check(&self) -> Vec<Diagnostic> {
        let Reading { sources, findings, .. } = self.read();
        sources.resolve_all(findings)
    }

    /// The rules, if there is no error.
    ///
    /// # Errors
    ///
    /// With everything that [`RulesBuilder::check`] finds, if an error is among it.
    pub fn build(&self) -> Result<Rules> {
        let Reading { set, hashes, sources, findings } = self.read();
        let warnings = sources.resolve_all(findings);
        if warnings.iter().any(|found| found.severity == Severity::Error) {
            return Err(Error::diagnosed(warnings));
        }
        Ok(Rules::new(Checked { schema: self.schema.clone(), set, hashes, sources, warnings }))
    }

    /// What the rules define, as far as it can be made out. Where they have errors, only names are to be trusted.
    pub(crate) fn outline(&self) -> RuleSet {
        self.read().set
    }

    fn input(mut self, name: impl Into<String>, text: Text) -> Self {
        self.inputs.push(Input { name: name.into(), text });
        self
    }

    fn read(&self) -> Reading {
        self.limits.with_room(|| self.read_here())
    }

    fn read_here(&self) -> Reading {
        let mut sources = Sources::default();
        let mut findings = Vec::new();
        let mut files = Vec::new();
        let mut conditions = Vec::new();
        for Input { name, text } in &self.inputs {
            match text {
                Text::File(text) => {
                    self.read_file(name, text, &mut sources, &mut files, &mut findings);
                }
                Text::Bytes(bytes) => match decode(bytes) {
                    Ok(text) => self.read_file(name, text, &mut sources, &mut files, &mut findings),
                    Err(good) => findings.push(not_text(sources.add(name, good), good)),
                },
                Text::Condition(text) => {
                    let id = sources.add(name, text);
                    let parsed = syntax::parse_condition(id, text, &self.limits);
                    findings.extend(parsed.findings);
                    let span = Span::new(id, 0, end(text));
                    conditions.push((tree::Name { text: name.clone(), span }, parsed.tree));
                }
                Text::Prepared(rules) => {
                    let parsed = rules.read(name, &mut sources, &self.limits);
                    findings.extend(parsed.findings);
                    files.push(parsed.tree);
                }
            }
        }
        let (set, found) = check(&self.schema, &files, &conditions, &sources, &self.limits);
        findings.extend(found);
        // A rule with a mistake in it says less than was meant.
        let mut hashes = Vec::new();
        if findings.iter().any(|found| found.code.severity() == Severity::Error) {
            findings.retain(|found| !found.code.is_lint());
        } else {
            hashes = content_hashes(&set, &self.schema);
            findings.extend(mixed_operators(&files, &conditions, &sources));
            findings.extend(lint(&self.schema, &set, &hashes, &sources, self.deep));
        }
        findings.sort_by_key(|finding| (finding.span, finding.code));
        findings.dedup();
        Reading { set, hashes, sources, findings }
    }

    fn read_file(
        &self,
        name: &str,
        text: &str,
        sources: &mut Sources,
        files: &mut Vec<tree::File>,
        findings: &mut Vec<Finding>,
    ) {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let id = sources.add(name, text);
        let parsed = syntax::parse_file(id, text, &self.limits);
        if text.trim().is_empty() && parsed.findings.is_empty() {
            findings.push(nothing_here(id));
        }
        findings.extend(parsed.findings);
        files.push(parsed.tree);
    }
}

/// Shows names and sizes, not texts.
impl fmt::Debug for RulesBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RulesBuilder ")?;
        f.debug_list().entries(self.inputs.iter().map(|input| input.name.as_str())).finish()
    }
}

/// The bytes as text, or the text up to the first byte that is none. NUL stands in no text.
fn decode(bytes: &[u8]) -> Result<&str, &str> {
    let (text, whole) = match std::str::from_utf8(bytes) {
        Ok(text) => (text, true),
        Err(bad) => {
            let good = bytes.get(..bad.valid_up_to()).unwrap_or_default();
            (std::str::from_utf8(good).unwrap_or_default(), false)
        }
    };
    match text.split_once('\0') {
        Some((before, _)) => Err(before),
        None if whole => Ok(text),
        None => Err(text),
    }
}

/// An empty file is more likely lost than meant; a comment says that it is meant.
fn nothing_here(id: SourceId) -> Finding {
    let help = "write a segment, as in `segment everyone { }`, or a comment";
    Finding::new(Code::NothingHere, Span::new(id, 0, 0), "the rule file is empty").help(help)
}

fn not_text(id: SourceId, good: &str) -> Finding {
    let at = end(good);
    Finding::new(Code::NotText, Span::new(id, at, at), "this file is not text in UTF-8")
        .help("save it as UTF-8")
}

fn end(text: &str) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn text_ends_where_the_first_bad_byte_is() {
        assert_eq!(decode(b"let a = 1"), Ok("let a = 1"));
        assert_eq!(decode(b"\xef\xbb\xbfa"), Ok("\u{feff}a"));
        assert_eq!(decode(b"a\nb\xffc"), Err("a\nb"));
        assert_eq!(decode(b"a\0b\xff"), Err("a"));
        assert_eq!(decode(b"\xc3"), Err(""));
    }
}
