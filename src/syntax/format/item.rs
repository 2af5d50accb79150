//! The layout of definitions and clauses.

use super::writer::Writer;
use crate::{
    diagnostic::Span,
    syntax::{
        lex::TokenKind,
        print::{
            name_text, partition_head, segment_head, write_clause_head, write_let_head, write_text,
        },
        tree::{Clause, ClauseKind, Expr, ExprKind, File, Item, MetaValue, Part, Text},
    },
};

impl Writer<'_> {
    pub(super) fn file(&mut self, file: &File) {
        let mut before: Option<&Item> = None;
        for item in &file.items {
            let start = span(item).start;
            if let Some(before) = before {
                if is_short(before) && is_short(item) {
                    self.line(0);
                } else {
                    self.blank_line(0);
                }
            }
            self.comments_and_blanks_to(start, 0);
            self.item(item);
            before = Some(item);
        }
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Use(item) => {
                self.write("use");
                self.space();
                self.comments_to(item.path.span.start, 1);
                self.write(&quoted(&item.path, '\''));
            }
            Item::Let(item) => {
                let mut head = String::new();
                let _done = write_let_head(&mut head, item);
                self.write(&head);
                self.space();
                self.expr(&item.body, 0, 0);
            }
            Item::Segment(item) => {
                self.block(&segment_head(item), item.span, &item.clauses, |writer, clause| {
                    writer.comments_and_blanks_to(clause.span.start, 1);
                    writer.clause(clause);
                });
            }
            Item::Partition(item) => {
                self.block(&partition_head(item), item.span, &item.parts, |writer, part| {
                    writer.comments_and_blanks_to(part.span.start, 1);
                    writer.part(part);
                });
            }
        }
    }

    fn block<T>(
        &mut self,
        head: &str,
        span: Span,
        lines: &[T],
        mut line: impl FnMut(&mut Self, &T),
    ) {
        self.write(head);
        self.write(" {");
        self.open_block();
        for each in lines {
            self.line(1);
            line(self, each);
        }
        let end = span.end.saturating_sub(1);
        if lines.is_empty() && !self.has_comment(span) {
            self.write("}");
            return;
        }
        self.line(1);
        self.comments_and_blanks_to_end(end, 1);
        self.line_without_blank(0);
        self.write("}");
    }

    fn clause(&mut self, clause: &Clause) {
        let mut head = String::new();
        let _done = write_clause_head(&mut head, clause);
        self.write(&head);
        self.space();
        match &clause.kind {
            ClauseKind::Include(expr) | ClauseKind::Exclude(expr) => self.whole_condition(expr),
            ClauseKind::PinIn(keys) | ClauseKind::PinOut(keys) => {
                let open = self.find(TokenKind::Open, clause.span.start);
                self.packed_list(open, keys, 1);
            }
            ClauseKind::Meta { value: MetaValue::Bool(value), .. } => {
                self.write(if *value { "true" } else { "false" });
            }
            ClauseKind::Meta { value: MetaValue::Text(text), .. } => {
                self.write(&quoted(text, '\''))
            }
            ClauseKind::Meta { value: MetaValue::Texts(texts), .. } => {
                let open = self.find(TokenKind::Open, clause.span.start);
                let texts: Vec<Expr> = texts.iter().map(as_expr).collect();
                self.packed_list(open, &texts, 1);
            }
        }
    }

    /// The condition of a clause: lists of conditions take a line for each, however short.
    fn whole_condition(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Quantified { quantifier, conditions } if conditions.len() > 1 => {
                self.comments_to(expr.span.start, 2);
                self.broken_quantified(expr, quantifier, conditions, 1);
            }
            _ => self.expr(expr, 1, 0),
        }
    }

    fn part(&mut self, part: &Part) {
        self.write(&name_text(&part.name));
        match &part.when {
            Some(condition) => {
                self.write(" when");
                self.space();
                self.expr(condition, 1, 1);
            }
            None => self.write(" otherwise"),
        }
        self.write(",");
    }
}

fn span(item: &Item) -> Span {
    match item {
        Item::Use(item) => item.span,
        Item::Let(item) => item.span,
        Item::Segment(item) => item.span,
        Item::Partition(item) => item.span,
    }
}

/// Items that may stand together without empty lines between them.
fn is_short(item: &Item) -> bool {
    matches!(item, Item::Use(_) | Item::Let(_))
}

fn quoted(text: &Text, quote: char) -> String {
    let mut quoted = String::new();
    let _done = write_text(&mut quoted, &text.text, quote);
    quoted
}

fn as_expr(text: &Text) -> Expr {
    Expr { kind: ExprKind::Text(text.text.clone()), span: text.span }
}
