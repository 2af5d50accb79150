//! From a plan to the columns of truth of its segments.

use std::collections::{BTreeMap, HashMap};

use super::{
    dialect::Grammar,
    frame::Frame,
    mapping::Mapping,
    range::Range,
    rows::{Member, listed},
    stages::Sql,
    uses::Uses,
    zone::Clock,
};
use crate::{
    diagnostic::{Code, Finding},
    plan::{ConditionId, Now, Plan, Scope, ValueId},
    rule::{ExprType, RuleSet, SegmentId},
    schema::Schema,
    value::Key,
};

/// Why something cannot be said.
#[derive(Debug, Clone)]
pub(super) struct Refusal(pub(super) String);

pub(super) type Lowered<T> = std::result::Result<T, Refusal>;

/// A value of a row; NULL where it is missing.
#[derive(Debug, Clone)]
pub(super) struct Value {
    pub(super) sql: Sql,
    /// Booleans are 0 and 1, exact numbers whole numbers of their smallest parts, dates days and datetimes microseconds
    /// since 1970.
    pub(super) ty: ExprType,
    pub(super) range: Range,
    /// It has the engine's widest exact type.
    pub(super) wide: bool,
}

impl Value {
    pub(super) fn new(sql: Sql, ty: ExprType) -> Self {
        Self { sql, ty, range: Range::LONG, wide: false }
    }

    pub(super) fn number(mantissa: i128, scale: u8) -> Self {
        let text = if mantissa < 0 { format!("({mantissa})") } else { mantissa.to_string() };
        let range = Range::only(mantissa);
        Self { sql: Sql::literal(text), ty: ExprType::Exact { scale }, range, wide: false }
    }
}

/// What a statement is written from.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) plan: &'a Plan,
    pub(super) rules: &'a RuleSet,
    pub(super) schema: &'a Schema,
    pub(super) mapping: &'a Mapping,
    pub(super) grammar: &'a dyn Grammar,
    pub(super) now: Now,
    pub(super) clock: &'a Clock,
}

pub(super) struct Lowering<'a> {
    pub(super) context: Context<'a>,
    frames: BTreeMap<Scope, Frame<'a>>,
    pub(super) uses: Uses,
    pub(super) values: HashMap<ValueId, Value>,
    pub(super) conditions: HashMap<ConditionId, Sql>,
    members: HashMap<SegmentId, Lowered<Sql>>,
}

impl<'a> Lowering<'a> {
    pub(super) fn new(context: Context<'a>) -> Self {
        Self {
            context,
            frames: BTreeMap::new(),
            uses: Uses::new(context.plan),
            values: HashMap::new(),
            conditions: HashMap::new(),
            members: HashMap::new(),
        }
    }

    /// Everything that is refused, or the statement.
    pub(super) fn statement(
        &mut self,
        segments: &[SegmentId],
    ) -> std::result::Result<String, Vec<Finding>> {
        let mut findings = Vec::new();
        let mut members = Vec::new();
        for id in segments {
            let Some(rule) = self.context.rules.segment(*id) else { continue };
            let made = self.members(*id).and_then(|sql| {
                let name = self.literal(&rule.name)?;
                Ok((name, sql))
            });
            match made {
                Ok(made) => members.push(made),
                Err(Refusal(why)) => {
                    let message = format!(
                        "{} cannot say `{}`: {why}",
                        self.context.grammar.name(),
                        rule.name
                    );
                    findings.push(Finding::new(Code::NotInDialect, rule.span, message));
                }
            }
        }
        if findings.is_empty() { Ok(self.assemble(members)) } else { Err(findings) }
    }

    /// The column of truth of a segment.
    pub(super) fn members(&mut self, id: SegmentId) -> Lowered<Sql> {
        if let Some(known) = self.members.get(&id) {
            return known.clone();
        }
        let made = self.segment(id);
        self.members.insert(id, made.clone());
        made
    }

    fn segment(&mut self, id: SegmentId) -> Lowered<Sql> {
        let Some(node) = self.context.plan.segments().get(id.0 as usize) else {
            return Ok(Sql::literal("FALSE"));
        };
        let mut sql = self.condition(node.condition)?;
        if !node.pins_in.is_empty() {
            let pinned = self.pinned(&node.pins_in)?;
            sql = Sql::of(
                format!("{} OR {}", pinned.text, sql.clone().closed().text),
                [&pinned, &sql],
            );
        }
        if !node.pins_out.is_empty() {
            let pinned = self.pinned(&node.pins_out)?;
            sql = Sql::of(
                format!("{} AND NOT {}", sql.clone().closed().text, pinned.text),
                [&pinned, &sql],
            );
        }
        Ok(self.frame(Scope::Customers).stages.bind(sql))
    }

    fn pinned(&mut self, keys: &[Key]) -> Lowered<Sql> {
        let literals = keys.iter().map(|key| match key {
            Key::Int(key) => Ok(key.to_string()),
            Key::Text(key) => self.literal(key),
        });
        let literals = literals.collect::<Lowered<Vec<_>>>()?;
        let key = self.key();
        Ok(key.map(|key| format!("({key} IN ({}))", listed(&literals))))
    }

    /// The customer's key.
    pub(super) fn key(&mut self) -> Sql {
        let key = self.context.schema.customers().key_column();
        let frame = self.frame(Scope::Customers);
        let text = key.map_or_else(String::new, |key| frame.source.key("row_0", key));
        frame.stages.source(text)
    }

    pub(super) fn literal(&self, text: &str) -> Lowered<String> {
        self.context
            .grammar
            .text(text)
            .ok_or_else(|| Refusal("its texts do not hold the character NUL".to_owned()))
    }

    pub(super) fn frame(&mut self, scope: Scope) -> &mut Frame<'a> {
        let context = self.context;
        self.frames.entry(scope).or_insert_with(|| Frame::new(context, scope))
    }

    fn assemble(&mut self, members: Vec<(String, Sql)>) -> String {
        let key = self.key();
        let columns: Vec<&Sql> = members.iter().map(|(_, sql)| sql).chain([&key]).collect();
        let mut expressions: Vec<(String, String)> = Vec::new();
        let mut from = self.frame(Scope::Customers).source.text();
        for (scope, frame) in &self.frames {
            if let Scope::Rows(table) = scope {
                for (name, body) in frame.grouped(*table, &mut expressions) {
                    let on = format!("{name}.owner = {}", self.key_text());
                    from += &format!("\n  LEFT JOIN {name} ON {on}");
                    expressions.push((name, body));
                }
            }
        }
        let Some(customers) = self.frames.get(&Scope::Customers) else { return String::new() };
        let (stages, last) = customers.stages.render(&from, &columns);
        expressions.extend(stages);
        let kept = self.context.grammar.kept();
        let with = expressions
            .iter()
            .map(|(name, body)| format!("{name} {kept} (\n{body}\n)"))
            .collect::<Vec<_>>()
            .join(",\n");
        let mut members: Vec<Member> =
            members.into_iter().map(|(name, sql)| Member { name, column: sql.text }).collect();
        if members.is_empty() {
            members.push(Member { name: "''".to_owned(), column: "FALSE".to_owned() });
        }
        format!("WITH {with}\n{}", self.context.grammar.rows(&last, &key.text, &members))
    }

    fn key_text(&self) -> String {
        let key = self.context.schema.customers().key_column();
        let frame = self.frames.get(&Scope::Customers);
        key.zip(frame).map_or_else(String::new, |(key, frame)| frame.source.key("row_0", key))
    }
}
