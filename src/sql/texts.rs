//! Conditions and values of texts and sets.

use super::{
    condition::{certain, constant, sign},
    lower::{Lowered, Lowering, Refusal, Value},
    regex,
    stages::Sql,
    text::{folds, has_sigma, is_lower, lowers},
};
use crate::{
    plan::{Comparison, Constant, ValueId, ValueKind},
    rule::{ExprType, Function, TextTest},
    value::{Pattern, fold_case},
};

const WHOLE: ExprType = ExprType::Exact { scale: 0 };
/// What İ becomes.
const DOTTED: &str = "i\u{307}";

impl Lowering<'_> {
    pub(super) fn compare_texts(
        &mut self,
        of: ValueId,
        op: Comparison,
        constants: &[Constant],
        fold: bool,
    ) -> Lowered<Sql> {
        let texts = constants.iter().filter_map(|each| match each {
            Constant::Text(text) => Some(if fold { fold_case(text) } else { text.clone() }),
            _ => None,
        });
        let mut texts: Vec<String> = texts.collect();
        if op != Comparison::Equal {
            let Some(text) = texts.pop() else { return Ok(constant(false)) };
            let value = if fold { self.folded(of)? } else { self.value(of)?.sql };
            let text = self.literal(&text)?;
            return Ok(certain(value.closed().map(|of| format!("{of} {} {text}", sign(op)))));
        }
        let value = self.reduced(of, fold, &mut texts)?;
        let mut literals = Vec::with_capacity(texts.len());
        for text in texts.iter().filter(|text| self.may_occur(text)) {
            literals.push(self.literal(text)?);
        }
        Ok(match literals.as_slice() {
            [] => constant(false),
            [only] => certain(value.map(|of| format!("{of} = {only}"))),
            _ => certain(value.map(|of| format!("{of} IN ({})", literals.join(", ")))),
        })
    }

    pub(super) fn text_constant(
        &mut self,
        test: TextTest,
        of: ValueId,
        pattern: &str,
        fold: bool,
    ) -> Lowered<Sql> {
        let mut patterns = vec![if fold { fold_case(pattern) } else { pattern.to_owned() }];
        let value = self.reduced(of, fold, &mut patterns)?;
        let Some(pattern) = patterns.pop().filter(|pattern| self.may_occur(pattern)) else {
            return Ok(constant(false));
        };
        let pattern = self.literal(&pattern)?;
        Ok(certain(value.map(|of| self.tested(test, of, &pattern))))
    }

    pub(super) fn text_values(
        &mut self,
        test: TextTest,
        of: ValueId,
        pattern: ValueId,
        fold: bool,
    ) -> Lowered<Sql> {
        let (of, pattern) = if fold {
            (self.folded(of)?, self.folded(pattern)?)
        } else {
            (self.bound(of)?.sql, self.bound(pattern)?.sql)
        };
        let text = self.tested(test, &of.text, &pattern.text);
        Ok(certain(Sql::of(text, [&of, &pattern])))
    }

    fn tested(&self, test: TextTest, of: &str, pattern: &str) -> String {
        let grammar = self.context.grammar;
        match test {
            TextTest::Contains => format!("({} > 0)", grammar.position(of, pattern)),
            TextTest::StartsWith => grammar.starts_with(of, pattern),
            TextTest::EndsWith => grammar.ends_with(of, pattern),
        }
    }

    /// Whether a text of the engine can hold this one.
    fn may_occur(&self, text: &str) -> bool {
        self.context.grammar.holds_nul() || !text.contains('\0')
    }

    /// The text with as many letters folded, or lowered, as comparing it with these texts takes. Texts that nothing
    /// becomes are left out.
    fn reduced(&mut self, of: ValueId, fold: bool, texts: &mut Vec<String>) -> Lowered<Sql> {
        let grammar = self.context.grammar;
        if fold {
            let value = self.bound(of)?.sql;
            let pairs = folds(Some(texts));
            return self.translated(&value, &pairs);
        }
        let Some(inner) = self.lowered(of) else { return Ok(self.bound(of)?.sql) };
        texts.retain(|text| is_lower(text));
        let own = texts.iter().any(|text| has_sigma(text));
        let inner = self.bound(inner)?.sql;
        if own || grammar.lower(&inner.text).is_some() {
            return Ok(self.bound(of)?.sql);
        }
        let pairs = lowers(Some(texts));
        let inner = if texts.iter().any(|text| text.contains(['i', '\u{307}'])) {
            let (from, to) = (self.literal("İ")?, self.literal(DOTTED)?);
            inner.map(|of| format!("replace({of}, {from}, {to})"))
        } else {
            inner
        };
        self.translated(&inner, &pairs)
    }

    /// What a value is the lower case of.
    fn lowered(&self, of: ValueId) -> Option<ValueId> {
        let node = self.context.plan.values().get(of.0 as usize)?;
        match &node.kind {
            ValueKind::Call { function: Function::Lower, arguments } => arguments.first().copied(),
            _ => None,
        }
    }

    fn translated(&self, of: &Sql, pairs: &[(char, char)]) -> Lowered<Sql> {
        if pairs.is_empty() {
            return Ok(of.clone());
        }
        let text = self.context.grammar.translate(&of.text, pairs);
        let text = text.ok_or_else(|| {
            Refusal(
                "it takes a function that changes letters for letters, by all of Unicode"
                    .to_owned(),
            )
        })?;
        Ok(of.map(|_| text))
    }

    /// The whole text without case.
    pub(super) fn folded(&mut self, of: ValueId) -> Lowered<Sql> {
        if let Some(ValueKind::Constant(Constant::Text(text))) =
            self.context.plan.values().get(of.0 as usize).map(|node| &node.kind)
        {
            return Ok(Sql::literal(self.literal(&fold_case(text))?));
        }
        let value = self.bound(of)?.sql;
        let scope = self.scope_of(of);
        let folded = self.translated(&value, &folds(None))?;
        Ok(self.frame(scope).stages.bind(folded))
    }

    pub(super) fn lower(&mut self, of: ValueId) -> Lowered<Value> {
        let value = self.bound(of)?;
        let grammar = self.context.grammar;
        if let Some(text) = grammar.lower(&value.sql.text) {
            return Ok(Value { sql: value.sql.map(|_| text), ..value });
        }
        let dotted = format!(
            "replace({}, {}, {})",
            value.sql.text,
            self.literal("İ")?,
            self.literal(DOTTED)?
        );
        let lowered = self.translated(&value.sql.map(|_| dotted), &lowers(None))?;
        let sigma = grammar.position(&value.sql.text, &self.literal("Σ")?);
        let fail = grammar.fail(
            "which of two letters Σ becomes depends on its word",
            &value.sql.text,
            grammar.text_type(),
        );
        let sql =
            lowered.map(|text| format!("(CASE WHEN {sigma} > 0 THEN {fail} ELSE {text} END)"));
        Ok(Value { sql, ..value })
    }

    pub(super) fn matches(&mut self, of: ValueId, pattern: &Pattern) -> Lowered<Sql> {
        let grammar = self.context.grammar;
        let flavour = grammar
            .flavour()
            .ok_or_else(|| Refusal("there are no regular expressions for `matches`".to_owned()))?;
        let written = regex::written(pattern, flavour)
            .map_err(|why| Refusal(format!("the pattern of a `matches` has {why}")))?;
        let literal = self.literal(&written)?;
        let value = self.bound(of)?.sql;
        Ok(certain(value.map(|of| grammar.matches(of, &literal))))
    }

    /// Of a set; a missing one has no elements.
    pub(super) fn size(&mut self, of: ValueId) -> Lowered<Value> {
        let value = self.bound(of)?;
        let numbers = value.ty == ExprType::IntSet;
        let grammar = self.context.grammar;
        let sql = value.sql.map(|of| {
            let zero = format!("CAST(0 AS {})", grammar.long());
            format!("(CASE WHEN {of} IS NULL THEN {zero} ELSE {} END)", grammar.size(of, numbers))
        });
        Ok(Value::new(sql, WHOLE))
    }

    pub(super) fn contains_any(
        &mut self,
        of: ValueId,
        items: &[Constant],
        fold: bool,
    ) -> Lowered<Sql> {
        let value = self.bound(of)?;
        let numbers = value.ty == ExprType::IntSet;
        let grammar = self.context.grammar;
        let (mut literals, mut texts) = (Vec::new(), Vec::new());
        for item in items {
            match item {
                Constant::Number { mantissa, scale: 0 } if i64::try_from(*mantissa).is_ok() => {
                    literals.push(mantissa.to_string());
                }
                Constant::Text(text) if self.may_occur(text) => {
                    let text = if fold { fold_case(text) } else { text.clone() };
                    literals.push(self.literal(&text)?);
                    texts.push(text);
                }
                _ => {}
            }
        }
        if literals.is_empty() {
            return Ok(constant(false));
        }
        let pairs = if fold { folds(Some(&texts)) } else { Vec::new() };
        let set = &value.sql.text;
        let text = if pairs.is_empty() {
            grammar.has_any(set, &literals, numbers)
        } else {
            grammar.has_any_translated(set, &literals, &pairs).ok_or_else(|| {
                Refusal("it has no way to fold the case of a set's elements".to_owned())
            })?
        };
        Ok(certain(value.sql.map(|_| text)))
    }

    /// The key of the row of a lookup that a column is in; `None` of a row that is there anyway.
    pub(super) fn holder(&mut self, of: ValueId) -> Lowered<Option<Sql>> {
        let plan = self.context.plan;
        let node = plan.values().get(of.0 as usize);
        let Some(ValueKind::Column(path)) = node.map(|node| &node.kind) else { return Ok(None) };
        let scope = self.scope_of(of);
        let frame = self.frame(scope);
        Ok(frame.source.holder(path, &mut frame.stages))
    }
}
