//! Data with the way to it, and what is wrong with it.

use super::{data::Data, outline::Outline};
use crate::{
    diagnostic::{Code, Finding, SourceId, Sources, Span, nearest},
    error::Error,
};

/// So many problems of one text are listed.
const MOST: usize = 1_000;
/// Characters of a text that a problem shows.
pub(super) const SHOWN: usize = 60;

/// A value somewhere in [`Data`].
#[derive(Clone, Copy)]
pub(crate) struct Node<'a> {
    pub(crate) data: &'a Data,
    path: Path<'a>,
}

#[derive(Clone, Copy)]
enum Path<'a> {
    Root(&'a str),
    Field(&'a Node<'a>, &'a str),
    Element(&'a Node<'a>, usize),
}

impl<'a> Node<'a> {
    /// `name` is shown where the whole is meant.
    pub(crate) fn root(data: &'a Data, name: &'a str) -> Self {
        Self { data, path: Path::Root(name) }
    }

    pub(crate) fn field(&'a self, key: &'a str) -> Option<Self> {
        let data = self.data.get(key)?;
        Some(Self { data, path: Path::Field(self, key) })
    }

    /// The elements of a list; `None` where this is none.
    pub(crate) fn elements(&'a self) -> Option<impl Iterator<Item = Node<'a>>> {
        let Data::List(elements) = self.data else { return None };
        let numbered = elements.iter().enumerate();
        Some(numbered.map(|(index, data)| Self { data, path: Path::Element(self, index) }))
    }

    /// `rules[2].rules[0]`
    pub(crate) fn place(&self) -> String {
        let mut steps = Vec::new();
        let mut path = self.path;
        loop {
            path = match path {
                Path::Root(name) if steps.is_empty() => return name.to_owned(),
                Path::Root(_) => break,
                Path::Field(parent, key) => {
                    steps.push(format!(".{key}"));
                    parent.path
                }
                Path::Element(parent, index) => {
                    steps.push(format!("[{index}]"));
                    parent.path
                }
            };
        }
        steps.reverse();
        steps.concat().trim_start_matches('.').to_owned()
    }
}

/// What is wrong, and the texts it was found in.
#[derive(Default)]
pub(crate) struct Problems {
    sources: Sources,
    findings: Vec<Finding>,
    more: bool,
}

impl Problems {
    pub(crate) fn add_source(
        &mut self,
        name: impl Into<String>,
        text: impl Into<String>,
    ) -> SourceId {
        self.sources.add(name, text)
    }

    pub(crate) fn sources(&self) -> &Sources {
        &self.sources
    }

    pub(crate) fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        findings.into_iter().for_each(|finding| self.push(finding));
    }

    pub(crate) fn push(&mut self, finding: Finding) {
        if self.findings.len() < MOST {
            self.findings.push(finding);
        } else if !self.more {
            self.more = true;
            let message = format!("more than {MOST} errors; the rest is not listed");
            self.findings.push(Finding::new(Code::MoreErrors, finding.span, message));
        }
    }

    /// A problem of a node, or of its field `key` where it has one.
    pub(crate) fn report<T>(
        &mut self,
        node: &Node<'_>,
        key: Option<&str>,
        code: Code,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Option<T> {
        if self.more {
            return None;
        }
        let outline = Outline::of(node.data, key);
        let source = self.add_source(node.place(), outline.text);
        let span = Span::new(source, narrow(outline.start), narrow(outline.end));
        let mut finding = Finding::new(code, span, message);
        finding.help = help;
        self.push(finding);
        None
    }

    /// Reports fields that a table does not have; `false` where this is no table.
    pub(crate) fn only(&mut self, node: &Node<'_>, what: &str, known: &[&str]) -> bool {
        let Data::Table(fields) = node.data else { return false };
        for (key, _) in fields.iter().filter(|(key, _)| !known.contains(&key.as_str())) {
            let near = nearest(key, known.iter().copied());
            let help = near.map(|near| format!("did you mean `{near}`?"));
            let help = help.unwrap_or_else(|| format!("it has {}", listed(known)));
            let message = format!("{what} has no `{}`", shortened(key));
            self.report::<()>(node, Some(key), Code::UnknownKey, message, Some(help));
        }
        true
    }

    /// The field of a table that must be there.
    pub(crate) fn wanted<'n>(
        &mut self,
        node: &'n Node<'n>,
        what: &str,
        key: &'n str,
    ) -> Option<Node<'n>> {
        let found = node.field(key);
        if found.is_none() {
            let message = format!("{what} needs `{key}`");
            self.report::<()>(node, None, Code::WrongShape, message, None);
        }
        found
    }

    /// Reports that something else is wanted here.
    pub(crate) fn mismatch<T>(&mut self, node: &Node<'_>, wanted: &str) -> Option<T> {
        let message = format!("expected {wanted}, found {}", node.data.kind());
        self.report(node, None, Code::WrongShape, message, None)
    }

    /// Reports that something else is wanted as a field.
    pub(crate) fn field_mismatch<T>(
        &mut self,
        node: &Node<'_>,
        key: &str,
        wanted: &str,
    ) -> Option<T> {
        let found = node.data.get(key).map_or("nothing", Data::kind);
        let message = format!("expected {wanted}, found {found}");
        self.report(node, Some(key), Code::WrongShape, message, None)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// What was found, as one error.
    pub(crate) fn into_error(mut self) -> Error {
        self.findings.sort_by_key(|finding| (finding.span, finding.code));
        self.findings.dedup();
        Error::diagnosed(self.sources.resolve_all(self.findings))
    }
}

/// The text, or its beginning.
pub(crate) fn shortened(text: &str) -> String {
    let mut letters = text.chars();
    let start: String = letters.by_ref().take(SHOWN).collect();
    if letters.next().is_some() { start + "…" } else { start }
}

/// ``` `a`, `b` and `c` ```
pub(crate) fn listed(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
