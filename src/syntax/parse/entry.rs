//! Where a parse begins.

use super::Parser;
use crate::{
    diagnostic::{Code, Finding, SourceId, Span},
    limits::Limits,
    syntax::{
        Parsed,
        findings::Findings,
        lex::{Comment, Lexer, TokenKind},
        tree::{Expr, ExprKind, File},
    },
};

/// A `.seg` file.
pub(crate) fn parse_file(source: SourceId, text: &str, limits: &Limits) -> Parsed<File> {
    parse(source, text, limits, false).0
}

/// The same with the comments in it.
pub(in crate::syntax) fn parse_with_comments(
    source: SourceId,
    text: &str,
    limits: &Limits,
) -> (Parsed<File>, Vec<Comment>) {
    parse(source, text, limits, true)
}

fn parse(
    source: SourceId,
    text: &str,
    limits: &Limits,
    keeps_comments: bool,
) -> (Parsed<File>, Vec<Comment>) {
    let most = limits.file_bytes;
    if text.len() > most || u32::try_from(text.len()).is_err() {
        let message = format!("the file has more than {most} bytes");
        let help = "put a part of it into another file; those of a project share one namespace";
        let at = Span::new(source, 0, 0);
        let finding = Finding::new(Code::FileTooLarge, at, message).help(help);
        let nothing = File { items: Vec::new() };
        return (Parsed { tree: nothing, findings: vec![finding] }, Vec::new());
    }
    let mut parser = Parser::new(source, text, limits, keeps_comments);
    let items = parser.items();
    let comments = parser.lexer.out.comments;
    (Parsed { tree: File { items }, findings: parser.findings.sorted() }, comments)
}

/// One condition or value, as it stands in a config file.
pub(crate) fn parse_condition(source: SourceId, text: &str, limits: &Limits) -> Parsed<Expr> {
    let refused = |code, message: String| {
        let span = Span::new(source, 0, 0);
        let tree = Expr { kind: ExprKind::Error, span };
        Parsed { tree, findings: vec![Finding::new(code, span, message)] }
    };
    let most = limits.condition_bytes;
    if text.len() > most || u32::try_from(text.len()).is_err() {
        let message = format!("the condition has {} bytes; the limit is {most}", text.len());
        return refused(Code::ConditionTooLong, message);
    }
    let mut parser = Parser::new(source, text, limits, false);
    if parser.at(TokenKind::End) {
        return refused(Code::NothingHere, "the condition is empty".to_owned());
    }
    let tree = parser.condition();
    if !parser.at(TokenKind::End) {
        parser.unexpected("`and`, `or` or the end of the condition");
    }
    Parsed { tree, findings: parser.findings.sorted() }
}

impl<'a> Parser<'a> {
    fn new(source: SourceId, text: &'a str, limits: &'a Limits, keeps_comments: bool) -> Self {
        let mut parser = Self {
            source,
            text,
            lexer: Lexer::new(source, text),
            keeps_comments,
            taken: 0,
            position: 0,
            depth: 0,
            stack: Vec::new(),
            limits,
            findings: Findings::default(),
            unclosed_braces: 0,
            silenced: None,
            spoiled: false,
        };
        parser.fill();
        parser
    }
}
