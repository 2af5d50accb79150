//! Formats, and looks whether the result still says the same.

use super::writer::Writer;
use crate::{
    diagnostic::{Code, Finding, SourceId, Span},
    limits::Limits,
    syntax::{
        erase::Erase,
        lex::{Lexed, lex},
        parse_file,
        tree::File,
    },
};

/// A comment that moved may change what fits on its old line; this many rounds let the layout come to rest.
const ROUNDS: usize = 8;

/// The text in canonical layout, or what is wrong with it.
pub(crate) fn format(
    source: SourceId,
    text: &str,
    limits: &Limits,
) -> Result<String, Vec<Finding>> {
    let parsed = parse_file(source, text, limits);
    if !parsed.findings.is_empty() {
        return Err(parsed.findings);
    }
    let wanted = comments(text);
    let mut file = parsed.tree;
    let mut before = text.to_owned();
    for _ in 0..ROUNDS {
        let after = layout(&before, &file);
        let unlimited =
            Limits { file_bytes: usize::MAX, condition_bytes: usize::MAX, ..limits.clone() };
        let again = parse_file(source, &after, &unlimited);
        let same = again.findings.is_empty() && comments(&after) == wanted;
        if !same || !same_meaning(&file, &again.tree) {
            return Err(vec![refusal(source)]);
        }
        if after == before {
            return Ok(after);
        }
        (before, file) = (after, again.tree);
    }
    Err(vec![refusal(source)])
}

fn layout(text: &str, file: &File) -> String {
    let Lexed { tokens, comments } = lex(Span::NONE.source, text);
    let mut writer = Writer::new(text, &tokens, &comments);
    writer.file(file);
    writer.finish()
}

fn same_meaning(left: &File, right: &File) -> bool {
    let (mut left, mut right) = (left.clone(), right.clone());
    left.erase();
    right.erase();
    left == right
}

fn comments(text: &str) -> Vec<String> {
    let found = lex(Span::NONE.source, text).comments;
    let text = |(start, end): (u32, u32)| {
        let range = usize::try_from(start).ok().zip(usize::try_from(end).ok());
        range.and_then(|(start, end)| text.get(start..end)).unwrap_or("").to_owned()
    };
    found.into_iter().map(|comment| text((comment.start, comment.end))).collect()
}

fn refusal(source: SourceId) -> Finding {
    let message = "this file cannot be formatted without changing what it says";
    Finding::new(Code::NotFormatted, Span::new(source, 0, 0), message)
        .help("this is a mistake in the formatter; please report it")
}
