//! Files, and places in them.

use super::{Diagnostic, Finding, Location};

/// The number of a file among the files read together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SourceId(pub(crate) u32);

/// A range of bytes in a source file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Span {
    pub(crate) source: SourceId,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Span {
    /// The span of what was not written in any file.
    pub(crate) const NONE: Self = Self { source: SourceId(u32::MAX), start: 0, end: 0 };

    pub(crate) const fn new(source: SourceId, start: u32, end: u32) -> Self {
        Self { source, start, end }
    }

    /// From the start of this span to the end of a later one.
    pub(crate) const fn to(self, last: Self) -> Self {
        Self { source: self.source, start: self.start, end: last.end }
    }
}

/// The files read together, by number.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    files: Vec<Source>,
}

#[derive(Debug)]
struct Source {
    name: String,
    text: String,
    /// The offset of the first byte of each line.
    lines: Vec<u32>,
}

impl Sources {
    pub(crate) fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> SourceId {
        let text: String = text.into();
        let breaks = text.bytes().zip(1_u32..).filter(|(byte, _)| *byte == b'\n');
        let lines = std::iter::once(0).chain(breaks.map(|(_, next)| next)).collect();
        self.files.push(Source { name: name.into(), text, lines });
        SourceId(u32::try_from(self.files.len() - 1).unwrap_or(u32::MAX))
    }

    pub(crate) fn text(&self, id: SourceId) -> &str {
        self.get(id).map_or("", |source| source.text.as_str())
    }

    fn get(&self, id: SourceId) -> Option<&Source> {
        usize::try_from(id.0).ok().and_then(|index| self.files.get(index))
    }

    /// The finding with its place in words.
    pub(crate) fn resolve(&self, finding: Finding) -> Diagnostic {
        Diagnostic {
            code: finding.code,
            severity: finding.code.severity(),
            message: finding.message,
            help: finding.help,
            location: self.locate(finding.span),
        }
    }

    fn locate(&self, span: Span) -> Option<Location> {
        let source = self.get(span.source)?;
        let (line, column) = source.position(span.start);
        let (end_line, end_column) = source.position(span.end.max(span.start));
        let excerpt = source.text.lines().nth(line - 1).map(str::to_owned);
        Some(Location { file: source.name.clone(), line, column, end_line, end_column, excerpt })
    }
}

impl Source {
    /// Line and column of a byte, from 1.
    fn position(&self, offset: u32) -> (usize, usize) {
        let line = self.lines.partition_point(|start| *start <= offset).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or(0);
        let before = usize::try_from(start).ok().zip(usize::try_from(offset).ok());
        let text = before.and_then(|(from, to)| self.text.get(from..to)).unwrap_or("");
        (line, text.chars().count() + 1)
    }
}
