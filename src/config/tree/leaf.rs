//! From the JSON form: literals, names, numbers and the words that belong to an operator.

use super::{
    read::{Reader, quoted},
    words::{self, IGNORING, MOMENTS, names_of},
};
use crate::{
    calendar::Unit,
    config::{
        data::Data,
        node::{Node, listed, shortened},
    },
    diagnostic::{Code, SourceId, Span},
    limits::Limits,
    syntax::{
        Erase, is_name, parse_condition,
        tree::{Amount, AmountKind, ExprKind, Ignoring, Name, Number},
    },
};

impl Reader<'_> {
    pub(super) fn literal(&mut self, key: &str, node: &Node<'_>) -> Option<ExprKind> {
        match (key, node.data) {
            ("column", _) => self.path(node).map(ExprKind::Path),
            ("text", Data::Text(text)) => Some(ExprKind::Text(text.clone())),
            ("bool", Data::Bool(value)) => Some(ExprKind::Bool(*value)),
            ("null", Data::Bool(true)) => Some(ExprKind::Null),
            ("moment", Data::Text(word)) if words::meaning(&MOMENTS, word).is_some() => {
                words::meaning(&MOMENTS, word)
            }
            ("number", data) if data.digits().is_some() => {
                let text = data.digits().unwrap_or_default();
                self.written(node, &text, "a number", |kind| match kind {
                    ExprKind::Negate(inner) => matches!(inner.kind, ExprKind::Number(_)),
                    kind => matches!(kind, ExprKind::Number(_)),
                })
            }
            ("date", Data::Text(text)) => {
                let wanted = "a day such as `2026-11-01`";
                self.written(node, text, wanted, |kind| matches!(kind, ExprKind::Date(_)))
            }
            ("datetime", Data::Text(text)) => {
                let wanted = "a time such as `2026-11-01T16:00:00`";
                self.written(node, text, wanted, |kind| matches!(kind, ExprKind::DateTime { .. }))
            }
            ("month_day", Data::Text(text)) => {
                let wanted = "a month-day such as `07-25`";
                self.written(node, text, wanted, |kind| matches!(kind, ExprKind::MonthDay { .. }))
            }
            ("text", _) => self.problems.mismatch(node, "a text"),
            ("bool", _) => self.problems.mismatch(node, "`true` or `false`"),
            ("null", _) => self.problems.mismatch(node, "`true`"),
            ("moment", _) => {
                self.problems.mismatch(node, "`today`, `yesterday`, `tomorrow` or `now`")
            }
            ("number", _) => self.problems.mismatch(node, "a number, perhaps as a text"),
            _ => self.problems.mismatch(node, "a text"),
        }
    }

    /// A literal that is written as in a rule.
    pub(super) fn written(
        &mut self,
        node: &Node<'_>,
        text: &str,
        wanted: &str,
        fits: impl Fn(&ExprKind) -> bool,
    ) -> Option<ExprKind> {
        let mut parsed = parse_condition(SourceId(u32::MAX), text, &Limits::default());
        parsed.tree.erase();
        if parsed.findings.is_empty() && fits(&parsed.tree.kind) {
            return Some(parsed.tree.kind);
        }
        let message = format!("`{}` is not {wanted}", shortened(text));
        let help = parsed.findings.into_iter().find_map(|finding| finding.help);
        self.problems.report(node, None, Code::WrongValue, message, help)
    }

    pub(super) fn number(&mut self, node: &Node<'_>, word: &str, key: &str) -> Option<Number> {
        let field = self.problems.wanted(node, &quoted(word), key)?;
        let Some(text) = field.data.digits() else {
            return self.problems.mismatch(&field, "a number, perhaps as a text");
        };
        let kind = self.written(&field, &text, "a number that is not negative", |kind| {
            matches!(kind, ExprKind::Number(_))
        })?;
        let ExprKind::Number(number) = kind else { return None };
        Some(number)
    }

    /// A whole number, or the name of a `let` or parameter that stands for one.
    pub(super) fn amount(&mut self, node: &Node<'_>, word: &str) -> Option<Amount> {
        let field = self.problems.wanted(node, &quoted(word), "amount")?;
        let kind = match field.data {
            Data::Whole(number) => u64::try_from(*number).ok().map(AmountKind::Number),
            Data::Text(name) if is_name(name) => Some(AmountKind::Name(name.clone())),
            _ => None,
        };
        match kind {
            Some(kind) => Some(Amount { kind, span: Span::NONE }),
            None => self.problems.mismatch(&field, "a whole number from 0, or a name"),
        }
    }

    pub(super) fn span_of_time(&mut self, node: &Node<'_>, word: &str) -> Option<(Amount, Unit)> {
        let amount = self.amount(node, word);
        let unit = self.problems.wanted(node, &quoted(word), "unit")?;
        let known = match unit.data {
            Data::Text(text) => Unit::parse(text),
            _ => None,
        };
        let units = "`minutes`, `hours`, `days`, `weeks`, `months` or `years`";
        let known = known.or_else(|| self.problems.mismatch(&unit, units));
        Some((amount?, known?))
    }

    /// `Some(None)` where it is left out.
    pub(super) fn ignoring(&mut self, node: &Node<'_>) -> Option<Option<Ignoring>> {
        if node.field("ignoring").is_none() {
            return Some(None);
        }
        self.one_of(node, "ignoring", "ignoring", &IGNORING).map(Some)
    }

    /// `false` where it is left out.
    pub(super) fn flag(&mut self, node: &Node<'_>, key: &str) -> Option<bool> {
        match node.field(key) {
            None => Some(false),
            Some(Node { data: Data::Bool(value), .. }) => Some(*value),
            Some(field) => self.problems.mismatch(&field, "`true` or `false`"),
        }
    }

    pub(super) fn one_of<T: Clone>(
        &mut self,
        node: &Node<'_>,
        word: &str,
        key: &str,
        table: &[(&'static str, T)],
    ) -> Option<T> {
        let field = self.problems.wanted(node, &quoted(word), key)?;
        let known = match field.data {
            Data::Text(text) => words::meaning(table, text),
            _ => None,
        };
        known.or_else(|| {
            let wanted = listed(&names_of(table)).replace(" and ", " or ");
            self.problems.mismatch(&field, &wanted)
        })
    }

    pub(super) fn names(&mut self, node: &Node<'_>, word: &str, key: &str) -> Option<Vec<Name>> {
        let field = self.problems.wanted(node, &quoted(word), key)?;
        self.path(&field)
    }

    /// A list of names, or one name.
    pub(super) fn path(&mut self, node: &Node<'_>) -> Option<Vec<Name>> {
        if let Data::Text(_) = node.data {
            return self.name(node).map(|name| vec![name]);
        }
        let path = self.each(node, |reader, name| reader.name(name))?;
        if path.is_empty() { self.empty(node) } else { Some(path) }
    }

    pub(super) fn name(&mut self, node: &Node<'_>) -> Option<Name> {
        match node.data {
            Data::Text(text) if is_name(text) => {
                Some(Name { text: text.clone(), span: Span::NONE })
            }
            Data::Text(_) => {
                let message = "a name is not empty and holds no backquotes or control characters";
                self.problems.report(node, None, Code::WrongValue, message, None)
            }
            _ => self.problems.mismatch(node, "a name"),
        }
    }
}
