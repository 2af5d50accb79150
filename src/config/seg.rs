//! Definitions to the text of a rule file and back.

use std::fmt;

use super::{Condition, LetDef, PartDef, PartitionDef, RulesDef, SegmentDef, node::shortened};
use crate::{
    diagnostic::{Code, Finding, SourceId, Sources, Span},
    error::{Error, Result},
    limits::{Limits, with_most_room},
    rule::SegmentKind,
    syntax::{
        format_text, parse_file, print_file,
        tree::{
            self, Clause, ClauseKind, Expr, ExprKind, File, Item, MetaValue, Name, Number, Text,
        },
    },
    value::Key,
};

impl RulesDef {
    /// The definitions of a rule file. Comments and the layout of conditions are lost; what the conditions mean is
    /// only known when the rules are built.
    ///
    /// ```
    /// use segmenta::config::RulesDef;
    ///
    /// let rules = RulesDef::from_seg("vip.seg", "segment vip { include points>=100 }")?;
    /// assert_eq!(rules.segments[0].include[0].to_string(), "points >= 100");
    /// assert_eq!(rules.to_string(), "dynamic segment vip {\n  include points >= 100\n}\n");
    /// # Ok::<(), segmenta::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Every syntax error of the text, and metadata that a segment does not have.
    pub fn from_seg(name: &str, text: &str) -> Result<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut sources = Sources::default();
        let source = sources.add(name, text);
        let limits = Limits::default();
        let (rules, findings) = limits.with_room(|| {
            let parsed = parse_file(source, text, &limits);
            let mut reader = Reader { findings: parsed.findings };
            let rules = reader.file(&parsed.tree);
            (rules, reader.findings)
        });
        if findings.is_empty() {
            return Ok(rules);
        }
        Err(Error::diagnosed(sources.resolve_all(findings)))
    }
}

struct Reader {
    findings: Vec<Finding>,
}

impl Reader {
    fn file(&mut self, file: &File) -> RulesDef {
        let mut rules = RulesDef::default();
        for item in &file.items {
            match item {
                Item::Use(found) => rules.uses.push(found.path.text.clone()),
                Item::Let(found) => {
                    let parameters = found.parameters.iter().map(|each| each.text.as_str());
                    let body = Condition::of_expr(&found.body);
                    rules.lets.push(LetDef::new(&found.name.text, parameters, body));
                }
                Item::Segment(found) => rules.segments.push(self.segment(found)),
                Item::Partition(found) => {
                    let part = |part: &tree::Part| {
                        PartDef::new(&part.name.text, part.when.as_ref().map(Condition::of_expr))
                    };
                    let mut partition =
                        PartitionDef::new(&found.name.text, found.parts.iter().map(part));
                    partition.title = found.title.as_ref().map(|title| title.text.clone());
                    rules.partitions.push(partition);
                }
            }
        }
        rules
    }

    fn segment(&mut self, found: &tree::Segment) -> SegmentDef {
        let mut segment = SegmentDef::new(&found.name.text);
        segment.title = found.title.as_ref().map(|title| title.text.clone());
        segment.inactive = found.inactive;
        if found.kind == Some(tree::Kind::Static) {
            segment.kind = SegmentKind::Static;
        }
        let mut said: Vec<&str> = Vec::new();
        for clause in &found.clauses {
            match &clause.kind {
                ClauseKind::Include(expr) => segment.include.push(Condition::of_expr(expr)),
                ClauseKind::Exclude(expr) => segment.exclude.push(Condition::of_expr(expr)),
                ClauseKind::PinIn(keys) => {
                    let keys: Vec<Key> = keys.iter().filter_map(|key| self.key(key)).collect();
                    segment.pin_in.get_or_insert_default().extend(keys);
                }
                ClauseKind::PinOut(keys) => {
                    segment.pin_out.extend(keys.iter().filter_map(|key| self.key(key)));
                }
                ClauseKind::Meta { name, value } => {
                    let known = set_metadata(&mut segment, &name.text, value);
                    if !known || said.contains(&name.text.as_str()) {
                        let message = format!(
                            "`{}` is no metadata, is said twice or has no such value",
                            name.text
                        );
                        self.findings
                            .push(Finding::new(Code::UnknownClause, clause.span, message).help(
                                "there are `analytics`, `description`, `owner` and `labels`",
                            ));
                    }
                    said.push(&name.text);
                }
            }
        }
        segment
    }

    fn key(&mut self, expr: &Expr) -> Option<Key> {
        let (number, sign) = match &expr.kind {
            ExprKind::Negate(inner) => (&inner.kind, -1),
            kind => (kind, 1),
        };
        let key = match number {
            ExprKind::Text(text) => Some(Key::Text(text.clone())),
            ExprKind::Number(number) if number.scale == 0 => {
                i64::try_from(sign * number.mantissa).ok().map(Key::Int)
            }
            // The parser has said what is wrong.
            ExprKind::Error => return None,
            _ => None,
        };
        if key.is_none() {
            let message = "a key is a text or a whole number of 64 bits";
            self.findings.push(Finding::new(Code::WrongKeyType, expr.span, message));
        }
        key
    }
}

fn set_metadata(segment: &mut SegmentDef, name: &str, value: &MetaValue) -> bool {
    match (name, value) {
        ("analytics", MetaValue::Bool(value)) => segment.analytics = *value,
        ("description", MetaValue::Text(text)) => segment.description = Some(text.text.clone()),
        ("owner", MetaValue::Text(text)) => segment.owner = Some(text.text.clone()),
        ("labels", MetaValue::Texts(texts)) => {
            segment.labels = texts.iter().map(|text| text.text.clone()).collect();
        }
        _ => return false,
    }
    true
}

/// The text of a rule file in canonical layout.
impl fmt::Display for RulesDef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&laid_out(|| self.tree()))
    }
}

impl RulesDef {
    fn tree(&self) -> File {
        let uses = self
            .uses
            .iter()
            .map(|path| Item::Use(tree::Use { path: text(path), span: Span::NONE }));
        let lets = self.lets.iter().map(|each| {
            Item::Let(tree::Let {
                name: name(&each.name),
                parameters: each.parameters.iter().map(|parameter| name(parameter)).collect(),
                body: each.body.expr(),
                span: Span::NONE,
            })
        });
        let segments = self.segments.iter().map(|each| Item::Segment(segment_tree(each)));
        let partitions = self.partitions.iter().map(|each| Item::Partition(partition_tree(each)));
        File { items: uses.chain(lets).chain(segments).chain(partitions).collect() }
    }
}

/// The text of a rule file in canonical layout.
impl fmt::Display for SegmentDef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&laid_out(|| File { items: vec![Item::Segment(segment_tree(self))] }))
    }
}

/// The text of a rule file in canonical layout.
impl fmt::Display for PartitionDef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&laid_out(|| File { items: vec![Item::Partition(partition_tree(self))] }))
    }
}

fn laid_out(file: impl Fn() -> File + Sync) -> String {
    let plain = with_most_room(|| print_file(&file()));
    // What is no rule file, for a name that is none, is shown as it is.
    format_text("definitions", &plain).unwrap_or(plain)
}

fn segment_tree(segment: &SegmentDef) -> tree::Segment {
    let mut whole = head_tree(segment);
    let include = segment.include.iter().map(|each| ClauseKind::Include(each.expr()));
    let exclude = segment.exclude.iter().map(|each| ClauseKind::Exclude(each.expr()));
    // Metadata first, conditions, pins last.
    let first_pin = whole
        .clauses
        .iter()
        .position(|clause| matches!(clause.kind, ClauseKind::PinIn(_) | ClauseKind::PinOut(_)));
    let pins = whole.clauses.split_off(first_pin.unwrap_or(whole.clauses.len()));
    whole.clauses.extend(include.chain(exclude).map(clause));
    whole.clauses.extend(pins);
    whole
}

/// The segment without its conditions.
pub(super) fn head_tree(segment: &SegmentDef) -> tree::Segment {
    let mut clauses = Vec::new();
    let mut meta = |key: &str, value| {
        clauses.push(clause(ClauseKind::Meta { name: name(key), value }));
    };
    if segment.analytics {
        meta("analytics", MetaValue::Bool(true));
    }
    if let Some(description) = &segment.description {
        meta("description", MetaValue::Text(text(description)));
    }
    if let Some(owner) = &segment.owner {
        meta("owner", MetaValue::Text(text(owner)));
    }
    if !segment.labels.is_empty() {
        meta("labels", MetaValue::Texts(segment.labels.iter().map(|label| text(label)).collect()));
    }
    let pin_in = segment.pin_in.as_ref();
    clauses.extend(pin_in.map(|keys| clause(ClauseKind::PinIn(keys.iter().map(key).collect()))));
    if !segment.pin_out.is_empty() {
        clauses.push(clause(ClauseKind::PinOut(segment.pin_out.iter().map(key).collect())));
    }
    let kind = match segment.kind {
        SegmentKind::Static => tree::Kind::Static,
        SegmentKind::Dynamic => tree::Kind::Dynamic,
    };
    tree::Segment {
        kind: Some(kind),
        inactive: segment.inactive,
        name: name(&segment.name),
        title: segment.title.as_deref().map(text),
        clauses,
        span: Span::NONE,
    }
}

fn partition_tree(partition: &PartitionDef) -> tree::Partition {
    let part = |part: &PartDef| tree::Part {
        name: name(&part.name),
        when: part.when.as_ref().map(Condition::expr),
        span: Span::NONE,
    };
    tree::Partition {
        name: name(&partition.name),
        title: partition.title.as_deref().map(text),
        parts: partition.parts.iter().map(part).collect(),
        span: Span::NONE,
    }
}

fn key(key: &Key) -> Expr {
    let kind = match key {
        Key::Text(text) => ExprKind::Text(text.clone()),
        Key::Int(number) => {
            let mantissa = i128::from(*number).abs();
            let kind = ExprKind::Number(Number { mantissa, scale: 0, grouped: false });
            match number.is_negative() {
                true => ExprKind::Negate(Box::new(Expr { kind, span: Span::NONE })),
                false => kind,
            }
        }
    };
    Expr { kind, span: Span::NONE }
}

fn clause(kind: ClauseKind) -> Clause {
    Clause { kind, span: Span::NONE }
}

fn name(text: &str) -> Name {
    Name { text: text.to_owned(), span: Span::NONE }
}

fn text(text: &str) -> Text {
    Text { text: text.to_owned(), span: Span::NONE }
}

/// `paid_within(n)`
pub(super) fn let_head(each: &LetDef) -> String {
    let body = Expr { kind: ExprKind::Null, span: Span::NONE };
    let parameters = each.parameters.iter().map(|parameter| name(parameter)).collect();
    let item = tree::Let { name: name(&each.name), parameters, body, span: Span::NONE };
    let head = print_file(&File { items: vec![Item::Let(item)] });
    let head = head.strip_prefix("let ").unwrap_or(&head);
    head.trim_end().strip_suffix(" = null").unwrap_or(head).to_owned()
}

/// The name and the parameters of what stands behind `let`.
pub(super) fn read_let_head(head: &str) -> std::result::Result<(String, Vec<String>), String> {
    let text = format!("let {head} = null");
    let parsed = parse_file(SourceId(0), &text, &Limits::default());
    let alone = parsed.findings.is_empty();
    match parsed.tree.items.as_slice() {
        [Item::Let(found)] if alone && found.body.kind == ExprKind::Null => {
            let parameters = found.parameters.iter().map(|each| each.text.clone()).collect();
            Ok((found.name.text.clone(), parameters))
        }
        _ => Err(format!(
            "{}: `{}` does not name a `let` (write `paid` or `paid_within(n)`)",
            Code::WrongShape,
            shortened(head)
        )),
    }
}
