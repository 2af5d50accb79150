//! What a statement is asked for with.

use super::{
    dialect::Dialect,
    lower::{Context, Lowering},
    mapping::Mapping,
    zone::Clock,
};
use crate::{
    calendar::{AsOf, Moment},
    check::Rules,
    error::{Error, Result},
    plan::{Now, Plan},
    rule::SegmentId,
};

/// Engines have a limit of columns that one SELECT may list; PostgreSQL's is 1,664.
const SEGMENTS_TOGETHER: usize = 400;

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
