//! Definitions into rules: every text keeps its own place, so that diagnostics show what the author wrote.

use std::sync::Arc;

use super::{
    Condition, Form, LetDef, PartitionDef, RulesDef, SegmentDef,
    node::shortened,
    seg::{head_tree, let_head},
};
use crate::{
    check::{Definitions, RulesBuilder},
    diagnostic::{Code, Finding, Sources, Span},
    limits::Limits,
    syntax::{
        Parsed, is_identifier, is_name, parse_condition, parse_file, print_file,
        tree::{self, Clause, ClauseKind, Expr, File, Item, Name, Text},
        written_name,
    },
};

impl RulesBuilder {
    /// Adds one segment. Diagnostics call its texts `segment vip, include 1` and the like.
    #[must_use]
    pub fn segment(self, segment: SegmentDef) -> Self {
        let rules = RulesDef { segments: vec![segment], ..RulesDef::default() };
        self.definitions("", rules)
    }

    /// Adds the definitions of a config file. Diagnostics call its texts `shop.toml, segment vip, include 1` and the
    /// like, where `name` is `shop.toml`.
    #[must_use]
    pub fn definitions(self, name: impl Into<String>, rules: RulesDef) -> Self {
        self.prepared(name, Arc::new(rules))
    }
}

impl Definitions for RulesDef {
    fn read(&self, name: &str, sources: &mut Sources, limits: &Limits) -> Parsed<File> {
        let mut reader = Reader { name, sources, limits, findings: Vec::new() };
        let mut items = Vec::new();
        for (index, path) in self.uses.iter().enumerate() {
            let place = format!("use {}", index + 1);
            let (path, span) = reader.whole(&place, path);
            items.push(Item::Use(tree::Use { path: Text { text: path, span }, span }));
        }
        items.extend(self.lets.iter().map(|each| Item::Let(reader.binding(each))));
        items.extend(
            self.segments.iter().filter_map(|each| reader.segment(each)).map(Item::Segment),
        );
        items.extend(self.partitions.iter().map(|each| Item::Partition(reader.partition(each))));
        Parsed { tree: File { items }, findings: reader.findings }
    }
}

struct Reader<'a> {
    /// The name of the whole; empty where it has none.
    name: &'a str,
    sources: &'a mut Sources,
    limits: &'a Limits,
    findings: Vec<Finding>,
}

impl Reader<'_> {
    /// The name of a text in it.
    fn at(&self, place: &str) -> String {
        if self.name.is_empty() { place.to_owned() } else { format!("{}, {place}", self.name) }
    }

    /// A text that is a source of its own.
    fn whole(&mut self, place: &str, text: &str) -> (String, Span) {
        let source = self.sources.add(self.at(place), text);
        let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
        (text.to_owned(), Span::new(source, 0, end))
    }

    fn binding(&mut self, each: &LetDef) -> tree::Let {
        let place = format!("let {}", shown(&each.name));
        let (_, span) = self.whole(&place, &let_head(each));
        let mut offset = 0;
        // The names stand in the head one behind the other, each with one or two signs before it.
        let mut named = |text: &str, signs: u32| {
            let length = u32::try_from(written_name(text).len()).unwrap_or(0);
            let start = offset + signs;
            offset = start + length;
            Name { text: text.to_owned(), span: Span { start, end: offset, ..span } }
        };
        let name = named(&each.name, 0);
        let parameters: Vec<Name> = each
            .parameters
            .iter()
            .enumerate()
            .map(|(index, parameter)| named(parameter, if index == 0 { 1 } else { 2 }))
            .collect();
        for name in parameters.iter().chain([&name]).filter(|name| !is_name(&name.text)) {
            let message = "a name is not empty and holds no backquotes or control characters";
            self.findings.push(Finding::new(Code::BadQuotedName, name.span, message));
        }
        let body = self.condition(&place, &each.body);
        tree::Let { name, parameters, body, span }
    }

    fn segment(&mut self, each: &SegmentDef) -> Option<tree::Segment> {
        let place = format!("segment {}", shown(&each.name));
        if !is_identifier(&each.name) {
            self.definition_name(&place, &each.name);
            return None;
        }
        let text = print_file(&File { items: vec![Item::Segment(head_tree(each))] });
        let source = self.sources.add(self.at(&place), text.as_str());
        let parsed = parse_file(source, &text, self.limits);
        self.findings.extend(parsed.findings);
        let Some(Item::Segment(mut segment)) = parsed.tree.items.into_iter().next() else {
            return None;
        };
        for (index, condition) in each.include.iter().enumerate() {
            let expr = self.condition(&format!("{place}, include {}", index + 1), condition);
            let span = expr.span;
            segment.clauses.push(Clause { kind: ClauseKind::Include(expr), span });
        }
        for (index, condition) in each.exclude.iter().enumerate() {
            let expr = self.condition(&format!("{place}, exclude {}", index + 1), condition);
            let span = expr.span;
            segment.clauses.push(Clause { kind: ClauseKind::Exclude(expr), span });
        }
        Some(segment)
    }

    fn partition(&mut self, each: &PartitionDef) -> tree::Partition {
        let place = format!("partition {}", shown(&each.name));
        let name = self.definition_name(&place, &each.name);
        let span = name.span;
        let title = each.title.as_ref().map(|title| Text { text: title.clone(), span });
        let mut parts = Vec::new();
        for part in &each.parts {
            let place = format!("{place}, part {}", shown(&part.name));
            let name = self.definition_name(&place, &part.name);
            let when = part.when.as_ref().map(|when| self.condition(&place, when));
            let span = name.span;
            parts.push(tree::Part { name, when, span });
        }
        if parts.is_empty() {
            let message = "this partition is empty";
            self.findings.push(Finding::new(Code::EmptyList, span, message));
        }
        tree::Partition { name, title, parts, span }
    }

    /// The name of a segment, partition or part, as a source of its own.
    fn definition_name(&mut self, place: &str, name: &str) -> Name {
        let (text, span) = self.whole(place, name);
        if !is_identifier(name) {
            let message = "the name of a segment has only letters a to z, digits and `_`";
            let help = "a title beside the name may be any text";
            self.findings.push(Finding::new(Code::BadQuotedName, span, message).help(help));
        }
        Name { text, span }
    }

    fn condition(&mut self, place: &str, condition: &Condition) -> Expr {
        match &condition.form {
            Form::Text(text) => {
                let source = self.sources.add(self.at(place), text.as_str());
                let parsed = parse_condition(source, text, self.limits);
                self.findings.extend(parsed.findings);
                parsed.tree
            }
            Form::Table { join, of } => {
                let key = join.key().0;
                let (_, span) = self.whole(place, &format!("{key} = […]"));
                let each = |(index, condition)| {
                    self.condition(&format!("{place}, {key} {}", index + 1), condition)
                };
                let conditions = of.iter().enumerate().map(each).collect();
                join.around(conditions, span)
            }
        }
    }
}

/// A name that may be none, as a part of a place.
fn shown(name: &str) -> String {
    shortened(name).replace(char::is_control, " ")
}
