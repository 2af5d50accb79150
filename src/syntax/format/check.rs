//! Formats, and looks whether the result still says the same.

use super::writer::Writer;
use crate::{
    diagnostic::{Code, Finding, SourceId, Span},
    limits::Limits,
    syntax::{erase::Erase, lex::Comment, parse::parse_with_comments, tree::File},
};

/// A comment that moved may change what fits on its old line; this many rounds let the layout come to rest.
const ROUNDS: usize = 8;

/// The text in canonical layout, or what is wrong with it.
pub(crate) fn format(
    source: SourceId,
    text: &str,
    limits: &Limits,
) -> Result<String, Vec<Finding>> {
    let (parsed, written) = parse_with_comments(source, text, limits);
    if !parsed.findings.is_empty() {
        return Err(parsed.findings);
    }
    let mut wanted = parsed.tree;
    let mut before = layout(text, &written, &wanted);
    if before == text {
        return Ok(before);
    }
    wanted.erase();
    let unlimited =
        Limits { file_bytes: usize::MAX, condition_bytes: usize::MAX, ..limits.clone() };
    for _ in 0..ROUNDS {
        let (again, read) = parse_with_comments(source, &before, &unlimited);
        let comments = comments(text, &written).eq(comments(&before, &read));
        let mut found = again.tree;
        let after = layout(&before, &read, &found);
        // PERF: the tree is laid out before it loses its places, so it need not be copied.
        found.erase();
        if !again.findings.is_empty() || !comments || found != wanted {
            return Err(vec![refusal(source)]);
        }
        if after == before {
            return Ok(after);
        }
        before = after;
    }
    Err(vec![refusal(source)])
}

fn layout(text: &str, comments: &[Comment], file: &File) -> String {
    let mut writer = Writer::new(text, comments);
    writer.file(file);
    writer.finish()
}

fn comments<'a>(text: &'a str, found: &'a [Comment]) -> impl Iterator<Item = &'a str> {
    found.iter().map(|comment| {
        let range = usize::try_from(comment.start).ok().zip(usize::try_from(comment.end).ok());
        range.and_then(|(start, end)| text.get(start..end)).unwrap_or("")
    })
}

fn refusal(source: SourceId) -> Finding {
    let message = "this file cannot be formatted without changing what it says";
    Finding::new(Code::NotFormatted, Span::new(source, 0, 0), message)
        .help("this is a mistake in the formatter; please report it")
}
