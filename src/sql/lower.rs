//! From a plan to the statement.

use std::collections::{BTreeMap, HashMap};

use super::{
    dialect::{Dialect, Grammar},
    mapping::Mapping,
    range::Range,
    source::Source,
    stages::{Sql, Stages},
    statement::{Member, listed},
    uses::Uses,
    zone::Clock,
};
use crate::{
    calendar::{AsOf, Moment},
    check::Rules,
    diagnostic::{Code, Finding},
    error::{Error, Result},
    plan::{ConditionId, Now, Plan, Scope, ValueId},
    rule::{ExprType, RuleSet, SegmentId},
    schema::{Role, Schema, TableId},
    value::{Key, Type},
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

/// The segments of `rules` at `as_of` as one statement: [`Statement`] with nothing but these.
///
/// ```
/// use segmenta::{AsOf, Rules, Schema, Type, sql};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let schema = Schema::builder()
///     .customers("id").column("id", Type::Int).column("country", Type::Text)
///     .build()?;
/// let rules = Rules::parse(&schema, "segment nordic { include country in ('SE', 'NO') }")?;
/// let statement = sql::lower(&rules, sql::Dialect::Postgres, "2026-11-01".parse::<AsOf>()?)?;
/// assert!(statement.starts_with("WITH"));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// As [`Statement::at`].
pub fn lower(rules: &Rules, dialect: Dialect, as_of: AsOf) -> Result<String> {
    Statement::new(rules, dialect).at(as_of)
}

/// What a statement is written of. It returns rows `(segment, key)`, in no order; static and inactive segments are
/// evaluated as dynamic ones.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let schema = segmenta::Schema::from_toml("[customers]\nkey = 'id'\n[customers.columns]\nid = 'int'")?;
/// # let rules = segmenta::Rules::parse(&schema, "segment vip { include id < 9 }")?;
/// use segmenta::{AsOf, sql::{Dialect, Mapping, Statement}};
///
/// let statement = Statement::new(&rules, Dialect::Duckdb)
///     .mapping(Mapping::default().table("customers", ["crm", "people"]))
///     .segment("vip")
///     .at("2026-11-01".parse::<AsOf>()?)?;
/// assert!(statement.contains(r#""crm"."people""#));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Statement<'r> {
    rules: &'r Rules,
    dialect: Dialect,
    mapping: Mapping,
    /// All where it is empty.
    only: Vec<String>,
}

impl<'r> Statement<'r> {
    /// All segments, with the names of the schema.
    pub fn new(rules: &'r Rules, dialect: Dialect) -> Self {
        Self { rules, dialect, mapping: Mapping::default(), only: Vec::new() }
    }

    /// Names of the database.
    #[must_use]
    pub fn mapping(mut self, mapping: Mapping) -> Self {
        self.mapping = mapping;
        self
    }

    /// Only this segment, and others that are asked for so; found without regard to case. What it refers to is worked
    /// out, but not returned.
    #[must_use]
    pub fn segment(mut self, name: impl Into<String>) -> Self {
        self.only.push(name.into());
        self
    }

    /// The statement for one moment.
    ///
    /// # Errors
    ///
    /// Everything that the dialect cannot say exactly, with the code `E1401` and the segment that asks for it; a segment
    /// that the rules have not; a mapping of what the schema has not, or to what is no name.
    pub fn at(&self, as_of: AsOf) -> Result<String> {
        let (rules, schema) = (self.rules, self.rules.schema());
        let grammar = self.dialect.grammar();
        self.mapping.check(schema)?;
        let order = self.order()?;
        let plan = Plan::new(rules.set());
        let (zone, leap_day) = (schema.zone(), schema.leap_day());
        let now = Now { moment: Moment::new(as_of, zone), zone, leap_day };
        let (mapping, clock) = (&self.mapping, &Clock::new(zone));
        let (plan, rule_set) = (&plan, rules.set());
        let context = Context { plan, rules: rule_set, schema, mapping, grammar, now, clock };
        let mut blocks: Vec<&[SegmentId]> = order.chunks(SEGMENTS_TOGETHER).collect();
        if blocks.is_empty() {
            blocks.push(&[]);
        }
        let (mut statements, mut findings) = (Vec::new(), Vec::new());
        for block in blocks {
            match Lowering::new(context).statement(block) {
                Ok(text) => statements.push(text),
                Err(refused) => findings.extend(refused),
            }
        }
        if !findings.is_empty() {
            let found = findings.into_iter().map(|finding| rules.resolve(finding));
            return Err(Error::diagnosed(found.collect()));
        }
        Ok(format!("{}{}\n", united(&statements), grammar.settings()))
    }

    /// The segments that are asked for, those that others read before them.
    fn order(&self) -> Result<Vec<SegmentId>> {
        let order = self.rules.set().order.iter().copied();
        if self.only.is_empty() {
            return Ok(order.collect());
        }
        let mut asked = Vec::with_capacity(self.only.len());
        for name in &self.only {
            asked.push(self.rules.find(name).ok_or_else(|| {
                let near = self.rules.nearest_segment(name);
                let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                Error::refused(format!("there is no segment `{name}`{near}"))
            })?);
        }
        Ok(order.filter(|id| asked.contains(id)).collect())
    }
}

fn united(statements: &[String]) -> String {
    if let [only] = statements {
        return only.clone();
    }
    let each =
        statements.iter().map(|text| format!("SELECT segment, key FROM (\n{text}\n) AS part"));
    each.collect::<Vec<_>>().join("\nUNION ALL\n")
}

/// Engines have a limit of columns that one SELECT may list; PostgreSQL's is 1,664.
const SEGMENTS_TOGETHER: usize = 400;

/// What is known of the rows of one scope.
pub(super) struct Frame<'a> {
    pub(super) source: Source<'a>,
    pub(super) stages: Stages,
    /// Of a table of rows: what is asked of all rows of a customer, and how it is called.
    pub(super) aggregates: Vec<(String, Sql)>,
    /// Of a table of rows: the customer's key.
    pub(super) owner: Option<Sql>,
    /// When the row happened, or the customer was created.
    pub(super) time: Option<Sql>,
    /// Of a table of rows: its place among the customer's rows, once it is asked for.
    pub(super) place: Option<Sql>,
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
    fn new(context: Context<'a>) -> Self {
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
    fn statement(&mut self, segments: &[SegmentId]) -> std::result::Result<String, Vec<Finding>> {
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
            let (Scope::Rows(table), Some(owner)) = (scope, &frame.owner) else { continue };
            let name = sums_of(*table);
            let read: Vec<&Sql> =
                frame.aggregates.iter().map(|(_, sql)| sql).chain([owner]).collect();
            let (stages, last) = frame.stages.render(&frame.source.text(), &read);
            expressions.extend(stages);
            let list =
                frame.aggregates.iter().map(|(name, sql)| format!(",\n  {} AS {name}", sql.text));
            let body = format!(
                "SELECT {owner} AS owner{}\nFROM {last}\nGROUP BY {owner}",
                list.collect::<String>(),
                owner = owner.text
            );
            expressions.push((name.clone(), body));
            from += &format!("\n  LEFT JOIN {name} ON {name}.owner = {}", self.key_text());
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

/// The name of the table expression with the aggregates over a table.
pub(super) fn sums_of(table: TableId) -> String {
    format!("sums_{}", table.0)
}

impl<'a> Frame<'a> {
    /// With what leaves out those who do not exist yet.
    fn new(context: Context<'a>, scope: Scope) -> Self {
        let schema = context.schema;
        let (table, name) = match scope {
            Scope::Customers => (TableId::CUSTOMERS, "customer".to_owned()),
            Scope::Rows(table) => (table, format!("table_{}", table.0)),
        };
        let mut source = Source::new(context, table);
        let mut stages = Stages::new(name);
        let owner = match scope {
            Scope::Customers => None,
            Scope::Rows(_) => Some(stages.source(source.owner())),
        };
        let time = match schema.table(table).role {
            Role::Customers { created } => created.map(|column| (0, column)),
            _ => schema.time_of(table),
        };
        let time = time.map(|(levels, column)| {
            let sql = source.above(levels, column, &mut stages);
            let moment = context.now.moment;
            let last = match schema.column(column).ty {
                Type::Date => i64::from(moment.today.0),
                _ => moment.now.0,
            };
            stages.filter(sql.map(|time| format!("{time} IS NULL OR {time} <= {last}")));
            sql
        });
        Self { source, stages, aggregates: Vec::new(), owner, time, place: None }
    }
}
