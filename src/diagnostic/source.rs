//! Files, and places in them.

use super::{Diagnostic, Excerpt, Finding, Location};

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

impl SourceId {
    /// Of what was not written in any file.
    pub(crate) const NONE: Self = Self(u32::MAX);
}

impl Span {
    /// The span of what was not written in any file.
    pub(crate) const NONE: Self = Self { source: SourceId::NONE, start: 0, end: 0 };

    pub(crate) const fn new(source: SourceId, start: u32, end: u32) -> Self {
        Self { source, start, end }
    }

    /// Whether another span lies in this one.
    pub(crate) fn holds(self, other: Self) -> bool {
        self.source == other.source && self.start <= other.start && other.end <= self.end
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
    /// It ships with the crate.
    is_library: bool,
    /// The offset of the first byte of every 16th line, the first one among them: a file may have as many lines as
    /// bytes.
    lines: Vec<u32>,
}

const STEP: usize = 16;

impl Sources {
    pub(crate) fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> SourceId {
        self.push(name.into(), text.into(), false)
    }

    /// Adds a file that ships with the crate. Nobody can mend it, so nothing is reported in it.
    pub(crate) fn add_library(&mut self, name: &str, text: &str) -> SourceId {
        self.push(name.to_owned(), text.to_owned(), true)
    }

    pub(crate) fn is_library(&self, id: SourceId) -> bool {
        self.get(id).is_some_and(|source| source.is_library)
    }

    fn push(&mut self, name: String, text: String, is_library: bool) -> SourceId {
        // What lies beyond 4 GiB is refused by its size and has no place.
        let breaks = text.match_indices('\n').map_while(|(at, _)| u32::try_from(at + 1).ok());
        let lines = std::iter::once(0).chain(breaks).step_by(STEP).collect();
        self.files.push(Source { name, text, is_library, lines });
        SourceId(u32::try_from(self.files.len() - 1).unwrap_or(u32::MAX))
    }

    /// The text at a place.
    pub(crate) fn text(&self, span: Span) -> Option<&str> {
        let (start, end) = (usize::try_from(span.start).ok()?, usize::try_from(span.end).ok()?);
        self.get(span.source)?.text.get(start..end)
    }

    fn get(&self, id: SourceId) -> Option<&Source> {
        usize::try_from(id.0).ok().and_then(|index| self.files.get(index))
    }

    /// The finding with its place in words.
    pub(crate) fn resolve(&self, finding: Finding) -> Diagnostic {
        self.resolve_after(finding, &mut None)
    }

    /// Findings with their places in words; fast when they are in the order of their places.
    pub(crate) fn resolve_all(&self, findings: Vec<Finding>) -> Vec<Diagnostic> {
        let mut last = None;
        findings.into_iter().map(|finding| self.resolve_after(finding, &mut last)).collect()
    }

    fn resolve_after(
        &self,
        finding: Finding,
        last: &mut Option<(SourceId, Position)>,
    ) -> Diagnostic {
        Diagnostic {
            code: finding.code,
            severity: finding.code.severity(),
            message: finding.message,
            help: finding.help,
            location: self.locate(finding.span, last),
            used_at: finding.used_at.and_then(|span| self.locate(span, &mut None)),
        }
    }

    /// Where a place is, in words: `vip.seg:2:5`; on very long lines without the column.
    pub(crate) fn place(&self, span: Span) -> Option<String> {
        const FAR: u32 = 10_000;
        let source = self.get(span.source)?;
        let (first, line) = source.line_of(span.start, None);
        if span.start - first > FAR {
            return Some(format!("{}:{line}", source.name));
        }
        let column = source.position(span.start, None).column;
        Some(format!("{}:{line}:{column}", source.name))
    }

    fn locate(&self, span: Span, last: &mut Option<(SourceId, Position)>) -> Option<Location> {
        let source = self.get(span.source)?;
        let before = last.filter(|(id, _)| *id == span.source).map(|(_, position)| position);
        let start = source.position(span.start, before);
        let end = source.position(span.end.max(span.start), Some(start));
        *last = Some((span.source, start));
        Some(Location {
            file: source.name.clone(),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
            excerpt: Some(source.excerpt(start)),
        })
    }
}

/// A byte in a file, and its line and column, from 1.
#[derive(Debug, Clone, Copy)]
struct Position {
    offset: u32,
    /// The first byte of its line.
    first: u32,
    line: usize,
    column: usize,
}

impl Source {
    /// Where a byte is. Counting starts at `before` where that is in front of it on the same line, so that many
    /// places on one very long line are found in one pass.
    fn position(&self, offset: u32, before: Option<Position>) -> Position {
        let before = before.filter(|before| before.offset <= offset);
        let (first, line) = self.line_of(offset, before);
        let known = before.filter(|before| before.line == line);
        let (from, column) = known.map_or((first, 1), |known| (known.offset, known.column));
        let column = column + self.slice(from, offset).chars().count();
        Position { offset, first, line, column }
    }

    /// The first byte of the line that a byte is on, and the line's number.
    fn line_of(&self, offset: u32, before: Option<Position>) -> (u32, usize) {
        let step = self.lines.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = self.lines.get(step).copied().unwrap_or(0);
        let (from, first, line) = match before.filter(|before| before.offset >= start) {
            Some(before) => (before.offset, before.first, before.line),
            None => (start, start, step * STEP + 1),
        };
        let breaks = self.slice(from, offset).match_indices('\n').zip(line + 1..);
        let last = breaks.filter_map(|((at, _), line)| Some((u32::try_from(at + 1).ok()?, line)));
        last.last().map_or((first, line), |(behind, line)| (from + behind, line))
    }

    /// The line of a place, or as much of it around the place as can be shown.
    fn excerpt(&self, place: Position) -> Excerpt {
        let back = self.slice(place.first, place.offset).chars().rev();
        let mut shown: Vec<char> = back.take(Excerpt::WIDTH).collect();
        let ahead = self.slice(place.offset, self.end()).chars().take_while(|c| *c != '\n');
        let mut ahead: Vec<char> = ahead.take(Excerpt::WIDTH).collect();
        while ahead.pop_if(|last| *last == '\r').is_some() {}
        if shown.len() + ahead.len() > Excerpt::WIDTH {
            shown.truncate(Excerpt::WIDTH / 2);
        }
        let skipped = place.column - 1 - shown.len();
        shown.reverse();
        shown.extend(ahead);
        shown.truncate(Excerpt::WIDTH);
        let visible = |character: char| if character.is_control() { ' ' } else { character };
        Excerpt { text: shown.into_iter().map(visible).collect(), skipped }
    }

    fn slice(&self, from: u32, to: u32) -> &str {
        let range = usize::try_from(from).ok().zip(usize::try_from(to).ok());
        range.and_then(|(from, to)| self.text.get(from..to)).unwrap_or("")
    }

    fn end(&self) -> u32 {
        u32::try_from(self.text.len()).unwrap_or(u32::MAX)
    }
}
