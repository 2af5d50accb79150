//! From texts to rules.

use std::{collections::HashSet, fmt, io, sync::Arc};

use super::{
    check,
    meant::is_guess,
    mixed::mixed_operators,
    read::{Read, used_files},
    rules::{Checked, Rules},
    uses::{self, Root},
};
use crate::{
    diagnostic::{Code, Diagnostic, Finding, Severity, Sources},
    error::{Error, Result},
    limits::Limits,
    lint::lint,
    rule::RuleSet,
    schema::Schema,
    syntax::{Parsed, tree},
};

/// Collects the files of a project, which share one namespace.
///
/// A file may use others: `use './common.seg'`. They are found among the files that were given, by their names, or
/// are read by [`load_with`](RulesBuilder::load_with). `use 'segmenta/behaviour'` needs neither.
#[derive(Clone)]
pub struct RulesBuilder {
    schema: Schema,
    root: Root,
    inputs: Vec<Input>,
    limits: Limits,
    deep: bool,
}

#[derive(Clone)]
pub(super) struct Input {
    pub(super) name: String,
    pub(super) text: Text,
    /// It was not given, but is used by one that was.
    pub(super) is_used: bool,
}

#[derive(Clone)]
pub(super) enum Text {
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
    sources: Sources,
    findings: Vec<Finding>,
}

impl RulesBuilder {
    pub(super) fn new(schema: &Schema) -> Self {
        Self {
            schema: schema.clone(),
            root: Root::default(),
            inputs: Vec::new(),
            limits: Limits::default(),
            deep: false,
        }
    }

    /// Adds a rule file under the name that diagnostics show. Where files use each other, it is the path of the file,
    /// with `/` or what else the system has between folders.
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

    /// Says in which folder the project lies, where the names of its files begin with one. The paths of `use` do not
    /// lead out of it, nor does that of a file which lies elsewhere lead out of its own folder.
    #[must_use]
    pub fn root(mut self, folder: &str) -> Self {
        self.root = Root::new(folder);
        self
    }

    /// Reads the files that those given so far use, and the files that these use, and adds them. `load` gets the path
    /// of each once, and should read no more of it than the limit on files and one byte. Files that it does not find
    /// are no failure here: [`check`](RulesBuilder::check) says where they are used.
    ///
    /// ```no_run
    /// # fn main() -> segmenta::Result<()> {
    /// # let schema = segmenta::Schema::from_toml("")?;
    /// let rules = segmenta::Rules::builder(&schema)
    ///     .file("rules/vip.seg", "use './common.seg'\nsegment vip { include loyal }")
    ///     .root("rules")
    ///     .load_with(|path| std::fs::read(path))?
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When a file is there and cannot be read; see [`Error::is_io`].
    pub fn load_with(mut self, mut load: impl FnMut(&str) -> io::Result<Vec<u8>>) -> Result<Self> {
        let mut known: HashSet<String> = self.inputs.iter().filter_map(Input::path).collect();
        let mut used = self.inputs.iter().filter(|input| input.is_used).count();
        let mut next = 0;
        while let Some(input) = self.inputs.get(next) {
            next += 1;
            for path in self.limits.with_room(|| used_files(input, &self.root, &self.limits)) {
                if used >= self.limits.used_files || !known.insert(path.clone()) {
                    continue;
                }
                if let Some(bytes) = Error::unless_missing(&path, load(&path))? {
                    used += 1;
                    self.inputs.push(Input { name: path, text: Text::Bytes(bytes), is_used: true });
                }
            }
        }
        Ok(self)
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
        let Reading { set, sources, findings } = self.read();
        let warnings = sources.resolve_all(findings);
        if warnings.iter().any(|found| found.severity == Severity::Error) {
            return Err(Error::diagnosed(warnings));
        }
        Ok(Rules::new(Checked { schema: self.schema.clone(), set, sources, warnings }))
    }

    /// What the rules define, as far as it can be made out. Where they have errors, only names are to be trusted.
    pub(crate) fn outline(&self) -> RuleSet {
        self.read().set
    }

    fn input(mut self, name: impl Into<String>, text: Text) -> Self {
        self.inputs.push(Input { name: name.into(), text, is_used: false });
        self
    }

    fn read(&self) -> Reading {
        self.limits.with_room(|| self.read_here())
    }

    fn read_here(&self) -> Reading {
        let mut read = Read::new(&self.root, &self.limits);
        read.all(&self.inputs);
        read.conditions_of(&self.schema);
        let (set, found) = check(&self.schema, &read.texts, &read.sources, &self.limits);
        let Read { sources, texts, mut findings, lacks_files, .. } = read;
        // A name that nobody knows is most likely defined in a file that could not be had.
        let is_consequence = |found: &Finding| {
            use Code::{UnknownColumn, UnknownFunction, UnknownSegment};
            lacks_files
                && found.help.as_deref().is_none_or(is_guess)
                && matches!(found.code, UnknownColumn | UnknownFunction | UnknownSegment)
        };
        findings.extend(found.into_iter().filter(|found| !is_consequence(found)));
        // A rule with a mistake in it says less than was meant.
        if findings.iter().any(|found| found.code.severity() == Severity::Error) {
            findings.retain(|found| !found.code.is_lint());
        } else {
            findings.extend(mixed_operators(&texts.files, &texts.conditions, &sources));
            let mut warnings = lint(&self.schema, &set, &sources, &self.limits, self.deep);
            warnings.retain(|found| !sources.is_library(found.span.source));
            findings.extend(warnings);
        }
        findings.sort_by_key(|finding| (finding.span, finding.code));
        findings.dedup();
        Reading { set, sources, findings }
    }
}

impl Input {
    /// The path of a file, in the one spelling by which it is known.
    pub(super) fn path(&self) -> Option<String> {
        match self.text {
            Text::File(_) | Text::Bytes(_) | Text::Prepared(_) => Some(uses::normal(&self.name)),
            Text::Condition(_) => None,
        }
    }
}

/// Shows names and sizes, not texts.
impl fmt::Debug for RulesBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RulesBuilder ")?;
        f.debug_list().entries(self.inputs.iter().map(|input| input.name.as_str())).finish()
    }
}
