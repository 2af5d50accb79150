//! Segments: conditions, pins and metadata.

use std::mem;

use super::{Checker, Env, order, read::Texts};
use crate::{
    diagnostic::{Code, Span},
    rule::{Condition, Metadata, Pin, RuleSet, SegmentId, SegmentKind, SegmentRule},
    syntax::tree::{self, ClauseKind, Expr, ExprKind, Item, MetaValue, Name},
    value::{Key, Type},
};

const METADATA: [&str; 4] = ["analytics", "description", "owner", "labels"];

impl<'a> Checker<'a> {
    /// All segments in the order of the files, then the conditions that stand alone.
    pub(super) fn segments(&mut self, texts: &'a Texts) -> RuleSet {
        let mut segments = Vec::new();
        let mut edges = Vec::new();
        let mut partitions = Vec::new();
        for item in texts.files.iter().flat_map(|file| &file.items) {
            match item {
                Item::Segment(found) => {
                    segments.push(self.segment(found));
                    edges.push(mem::take(&mut self.references));
                }
                Item::Partition(found) => {
                    partitions.push(self.partition(found, &mut segments, &mut edges));
                }
                Item::Use(_) | Item::Let(_) => {}
            }
        }
        for (name, condition) in &texts.conditions {
            segments.push(self.lone_condition(name, condition));
            edges.push(mem::take(&mut self.references));
        }
        let (order, circles) = order::order(&edges);
        for circle in circles {
            let indexes = circle.indexes.iter().chain(circle.indexes.first());
            let names: Vec<&str> = indexes
                .filter_map(|index| segments.get(*index))
                .map(|segment: &SegmentRule| segment.name.as_str())
                .collect();
            let message = format!(
                "these segments refer to each other in a circle: {}",
                super::expand::shown(&names)
            );
            self.error::<()>(Code::SegmentCycle, circle.span, message);
        }
        let order = order.into_iter().filter_map(|index| u32::try_from(index).ok());
        let order = order.map(SegmentId).collect();
        RuleSet { segments, order, partitions, lets: self.let_heads(), rfm: None, predict: None }
    }

    fn segment(&mut self, found: &'a tree::Segment) -> SegmentRule {
        self.renew_budget();
        let mut rule = empty_rule(&found.name);
        rule.title = found.title.as_ref().map(|title| title.text.clone());
        rule.inactive = found.inactive;
        rule.span = found.span;
        rule.kind = match found.kind {
            Some(tree::Kind::Static) => SegmentKind::Static,
            Some(tree::Kind::Dynamic) | None => SegmentKind::Dynamic,
        };
        let of = |wanted: fn(&ClauseKind) -> bool| {
            found.clauses.iter().filter(|clause| wanted(&clause.kind)).count()
        };
        rule.includes.reserve_exact(of(|kind| matches!(kind, ClauseKind::Include(_))));
        rule.excludes.reserve_exact(of(|kind| matches!(kind, ClauseKind::Exclude(_))));
        let mut metadata: Vec<&str> = Vec::new();
        for clause in &found.clauses {
            match &clause.kind {
                ClauseKind::Include(expr) => rule.includes.extend(self.clause(expr)),
                ClauseKind::Exclude(expr) => rule.excludes.extend(self.clause(expr)),
                ClauseKind::PinIn(keys) => {
                    let pins = rule.pins_in.get_or_insert_default();
                    pins.extend(keys.iter().filter_map(|key| self.pin(key)));
                }
                ClauseKind::PinOut(keys) => {
                    rule.pins_out.extend(keys.iter().filter_map(|key| self.pin(key)));
                }
                ClauseKind::Meta { name, value } => {
                    if metadata.contains(&name.text.as_str()) {
                        let message = format!("`{}` is said twice", name.text);
                        self.error::<()>(Code::UnknownClause, name.span, message);
                    } else {
                        metadata.push(&name.text);
                        self.metadata(&mut rule.metadata, name, value, clause.span);
                    }
                }
            }
        }
        rule
    }

    pub(super) fn clause(&mut self, expr: &'a Expr) -> Option<Condition> {
        self.condition(expr, &Env::customer())
    }

    fn lone_condition(&mut self, name: &Name, expr: &'a Expr) -> SegmentRule {
        self.renew_budget();
        let mut rule = empty_rule(name);
        rule.includes.extend(self.clause(expr));
        rule
    }

    fn pin(&mut self, expr: &Expr) -> Option<Pin> {
        let wanted = self.schema.customers_key_type();
        let (number, negative) = match &expr.kind {
            ExprKind::Negate(inner) => (&inner.kind, true),
            kind => (kind, false),
        };
        let key = match (wanted, number) {
            (_, ExprKind::Error) => return None,
            (Type::Int, ExprKind::Number(number)) if number.scale == 0 => {
                let signed = if negative { -number.mantissa } else { number.mantissa };
                i64::try_from(signed).ok().map(Key::Int)
            }
            (Type::Text, ExprKind::Text(text)) if !negative => Some(Key::Text(text.clone())),
            _ => None,
        };
        let Some(key) = key else {
            let column = self.schema.customers_key();
            let (wanted, help) = match (wanted, number) {
                (Type::Int, ExprKind::Number(number)) if number.scale == 0 => {
                    ("are whole numbers", "this one is too large to be a key")
                }
                (Type::Int, ExprKind::Number(_)) => {
                    ("are whole numbers", "write it without a point, as in `17`")
                }
                (Type::Int, _) => ("are whole numbers", "write it without quotes, as in `17`"),
                _ => ("are texts", "write it in quotes, as in `'c-17'`"),
            };
            let message = format!("this is no key: the keys in `{column}` {wanted}");
            return self.error_with(Code::WrongKeyType, expr.span, message, help);
        };
        Some(Pin { key, span: expr.span })
    }

    fn metadata(
        &mut self,
        metadata: &mut Metadata,
        name: &Name,
        value: &MetaValue,
        span: Span,
    ) -> Option<()> {
        let wanted = match (name.text.as_str(), value) {
            ("analytics", MetaValue::Bool(value)) => {
                metadata.analytics = *value;
                return Some(());
            }
            ("description", MetaValue::Text(text)) => {
                metadata.description = Some(text.text.clone());
                return Some(());
            }
            ("owner", MetaValue::Text(text)) => {
                metadata.owner = Some(text.text.clone());
                return Some(());
            }
            ("labels", MetaValue::Texts(texts)) => {
                metadata.labels = texts.iter().map(|text| text.text.clone()).collect();
                return Some(());
            }
            ("analytics", _) => "`true` or `false`",
            ("description" | "owner", _) => "one text, as in `'…'`",
            ("labels", _) => "a list of texts, as in `('a', 'b')`",
            (unknown, _) => {
                let message = format!("a segment has no `{unknown}`");
                let help = match unknown.to_ascii_lowercase().as_str() {
                    "title" | "name" | "label" => {
                        "a title stands in quotes behind the name: `segment NAME \"title\" {`"
                            .to_owned()
                    }
                    _ => self.did_you_mean(unknown, METADATA).unwrap_or_else(|| {
                        "it has `analytics`, `description`, `owner` and `labels`".to_owned()
                    }),
                };
                return self.error_with(Code::UnknownClause, name.span, message, help);
            }
        };
        let place = match value {
            MetaValue::Text(text) => text.span,
            _ => span,
        };
        let message = format!("`{}` is {wanted}", name.text);
        self.error(Code::WrongType, place, message)
    }
}

pub(super) fn empty_rule(name: &Name) -> SegmentRule {
    SegmentRule {
        name: name.text.clone(),
        title: None,
        kind: SegmentKind::Dynamic,
        inactive: false,
        metadata: Metadata::default(),
        includes: Vec::new(),
        excludes: Vec::new(),
        pins_in: None,
        pins_out: Vec::new(),
        span: name.span,
    }
}
