//! Lines, indents and comments.

use crate::{
    diagnostic::Span,
    syntax::lex::{self, Comment, TokenKind},
};

/// Columns that a line should not go beyond.
pub(super) const WIDTH: usize = 100;

/// Text under way. Breaks are written late, so a comment can still go to the end of a line.
pub(super) struct Writer<'a> {
    text: &'a str,
    comments: &'a [Comment],
    /// The first comment that is not written yet.
    next: usize,
    out: String,
    /// Characters on the present line.
    column: usize,
    gap: Gap,
    /// The last thing written is a comment, so its line is over.
    commented: bool,
    /// Nothing but a comment behind it has been written since a block was opened.
    fresh: bool,
}

/// How many characters a text has.
pub(super) fn characters(text: &str) -> usize {
    // PERF: a quick look at short texts, which are almost all.
    if text.is_ascii() { text.len() } else { text.chars().count() }
}

#[derive(Clone, Copy, PartialEq)]
enum Gap {
    None,
    Space,
    Line { indent: usize, blank: bool },
}

impl<'a> Writer<'a> {
    pub(super) fn new(text: &'a str, comments: &'a [Comment]) -> Self {
        let out = String::with_capacity(text.len());
        Self {
            text,
            comments,
            next: 0,
            out,
            column: 0,
            gap: Gap::None,
            commented: false,
            fresh: true,
        }
    }

    /// The whole text, with the comments that are left.
    pub(super) fn finish(mut self) -> String {
        if !self.out.is_empty() {
            self.line(0);
        }
        self.comments_before(u32::MAX, 0, true);
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out
    }

    pub(super) fn write(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.close_gap();
        self.out.push_str(text);
        self.column += characters(text);
        self.fresh = false;
        self.commented = false;
    }

    pub(super) fn space(&mut self) {
        if self.gap == Gap::None {
            self.gap = Gap::Space;
        }
    }

    /// A new line, with so many levels of indent.
    pub(super) fn line(&mut self, indent: usize) {
        let blank = matches!(self.gap, Gap::Line { blank: true, .. });
        self.gap = Gap::Line { indent, blank };
    }

    /// A new line with an empty one before it, unless a block has just been opened.
    pub(super) fn blank_line(&mut self, indent: usize) {
        self.gap = Gap::Line { indent, blank: !self.fresh };
    }

    /// A new line; an empty one that was asked for is left out.
    pub(super) fn line_without_blank(&mut self, indent: usize) {
        self.gap = Gap::Line { indent, blank: false };
    }

    pub(super) fn open_block(&mut self) {
        self.fresh = true;
    }

    /// The columns that are left on the line where the next word goes.
    pub(super) fn room(&self) -> usize {
        let used = match self.gap {
            Gap::None => self.column,
            Gap::Space => self.column + 1,
            Gap::Line { indent, .. } => indent * 2,
        };
        WIDTH.saturating_sub(used)
    }

    /// Writes the comments that stand before a place. `indent` is for what goes on behind them.
    pub(super) fn comments_to(&mut self, place: u32, indent: usize) {
        self.comments_before(place, indent, false);
    }

    /// The same for what stands on a line of its own: the author's empty lines stay, one at a time.
    pub(super) fn comments_and_blanks_to(&mut self, place: u32, indent: usize) {
        self.comments_before(place, indent, true);
        if self.blank_stands_before(place) {
            self.blank_line(indent);
        }
    }

    /// The same for the end of a block, before which there are no empty lines.
    pub(super) fn comments_and_blanks_to_end(&mut self, place: u32, indent: usize) {
        self.comments_before(place, indent, true);
    }

    fn comments_before(&mut self, place: u32, indent: usize, blanks: bool) {
        while let Some(comment) = self.comments.get(self.next).filter(|next| next.start < place) {
            self.next += 1;
            let indent = match self.gap {
                Gap::Line { indent, .. } => indent,
                _ => indent,
            };
            if !self.out.is_empty() && !self.commented && self.trails(comment) {
                self.out.push(' ');
                self.out.push_str(self.slice(comment.start, comment.end));
                self.line(indent);
                self.commented = true;
                continue;
            }
            if !self.out.is_empty() {
                self.line(indent);
            }
            if blanks && self.blank_stands_before(comment.start) {
                self.blank_line(indent);
            }
            self.write(self.slice(comment.start, comment.end));
            self.line(indent);
            self.commented = true;
        }
    }

    /// Whether a comment lies within a span.
    pub(super) fn has_comment(&self, span: Span) -> bool {
        self.has_comment_between(span.start, span.end)
    }

    pub(super) fn has_comment_between(&self, start: u32, end: u32) -> bool {
        let first = self.comments.partition_point(|comment| comment.start < start);
        self.comments.get(first).is_some_and(|comment| comment.start < end)
    }

    /// The first token of a kind at or behind a place.
    pub(super) fn find(&self, kind: TokenKind, from: u32) -> u32 {
        // PERF: what is looked for stands near, so the text need not be split into tokens once more.
        let rest = usize::try_from(from).ok().and_then(|from| self.text.get(from..));
        rest.and_then(|rest| lex::find(kind, rest)).map_or(from, |at| from + at)
    }

    fn close_gap(&mut self) {
        match self.gap {
            Gap::None => {}
            Gap::Space => {
                self.out.push(' ');
                self.column += 1;
            }
            Gap::Line { indent, blank } if !self.out.is_empty() => {
                self.out.push_str(if blank { "\n\n" } else { "\n" });
                (0..indent).for_each(|_| self.out.push_str("  "));
                self.column = indent * 2;
            }
            Gap::Line { .. } => {}
        }
        self.gap = Gap::None;
    }

    /// Whether something stands before the comment on its line.
    fn trails(&self, comment: &Comment) -> bool {
        let before = self.slice(0, comment.start);
        before.rsplit('\n').next().is_some_and(|line| !line.trim().is_empty())
    }

    fn blank_stands_before(&self, place: u32) -> bool {
        let before = self.slice(0, place);
        let blank = before.get(before.trim_end().len()..).unwrap_or("");
        blank.matches('\n').nth(1).is_some()
    }

    fn slice(&self, start: u32, end: u32) -> &'a str {
        let range = usize::try_from(start).ok().zip(usize::try_from(end).ok());
        range.and_then(|(start, end)| self.text.get(start..end)).unwrap_or("")
    }
}
