//! Where a parse begins.

use super::Parser;
use crate::{
    diagnostic::{Code, Finding, SourceId, Span},
    limits::Limits,
    syntax::{
        Parsed,
        findings::Findings,
        lex::{Lexer, TokenKind},
        tree::{Expr, ExprKind, File},
    },
};

/// A `.seg` file.
pub(crate) fn parse_file(source: SourceId, text: &str, limits: &Limits) -> Parsed<File> {
    let most = limits.file_bytes;
    if text.len() > most || u32::try_from(text.len()).is_err() {
        let message = format!("the file has more than {most} bytes");
        let help = "put a part of it into another file; those of a project share one namespace";
        let at = Span::new(source, 0, 0);
        let finding = Finding::new(Code::FileTooLarge, at, message).help(help);
        return Parsed { tree: File { items: Vec::new() }, findings: vec![finding] };
    }
    let mut parser = Parser::new(source, text, limits);
    let items = parser.items();
    Parsed { tree: File { items }, findings: parser.findings.sorted() }
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
    let mut parser = Parser::new(source, text, limits);
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
    fn new(source: SourceId, text: &'a str, limits: &'a Limits) -> Self {
        let mut parser = Self {
            source,
            text,
            lexer: Lexer::new(source, text),
            taken: 0,
            position: 0,
            depth: 0,
            limits,
            findings: Findings::default(),
            unclosed_braces: 0,
            silenced: None,
        };
        parser.fill();
        parser
    }
}
