//! Rules as statements of every dialect, with the members they must find.

use std::collections::BTreeMap;

use segmenta::{
    AsOf, Engine, Rules, Schema, Snapshot,
    sql::{Dialect, Mapping, Statement as Sql},
};

use crate::{
    Result,
    data::{Expected, Refused, Statement},
};

/// SQLite is asked by the crate's own tests.
const DIALECTS: [Dialect; 5] =
    [Dialect::Duckdb, Dialect::Datafusion, Dialect::Postgres, Dialect::Clickhouse, Dialect::Spark];

/// Rules that are asked of one data set.
pub(crate) struct Asked<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) mapping: &'a Mapping,
    pub(crate) refused: Vec<Refused>,
    /// Segments of models that cannot be fitted: there is nothing to compare.
    pub(crate) failed: usize,
}

impl<'a> Asked<'a> {
    pub(crate) fn new(schema: &'a Schema, snapshot: &'a Snapshot, mapping: &'a Mapping) -> Self {
        Self { schema, snapshot, mapping, refused: Vec::new(), failed: 0 }
    }

    /// Conditions, each a segment of one statement, under the names of their cases.
    pub(crate) fn conditions(
        &mut self,
        name: &str,
        conditions: &[(String, String)],
        as_of: AsOf,
    ) -> Result<Statement> {
        let named: Vec<(String, &String, &String)> = conditions
            .iter()
            .enumerate()
            .map(|(number, (case, rule))| (format!("c{number}"), case, rule))
            .collect();
        let builder = named.iter().fold(Rules::builder(self.schema), |builder, (name, _, rule)| {
            builder.condition(name.as_str(), rule.as_str())
        });
        let mut segments = self.members(builder.build()?, as_of, "")?;
        let mut statement = Statement {
            name: name.to_owned(),
            sql: BTreeMap::new(),
            without: BTreeMap::new(),
            apart: BTreeMap::new(),
            segments: BTreeMap::new(),
        };
        let mut accepted: BTreeMap<&'static str, Vec<usize>> = BTreeMap::new();
        for (number, (segment, case, rule)) in named.iter().enumerate() {
            let Some(expected) = segments.get_mut(segment) else { continue };
            expected.case = (*case).clone();
            expected.rule = (*rule).clone();
            let alone = Rules::builder(self.schema).condition(segment.as_str(), rule.as_str());
            expected.alone = self.lower(&alone.build()?, as_of, case, 1);
            for dialect in DIALECTS {
                let dialect = dialect.name();
                if expected.alone.contains_key(dialect) {
                    accepted.entry(dialect).or_default().push(number);
                } else {
                    statement.without.entry(dialect).or_default().push(segment.clone());
                }
            }
        }
        for dialect in DIALECTS {
            let Some(numbers) = accepted.get(dialect.name()) else { continue };
            let chosen = numbers.iter().filter_map(|number| named.get(*number));
            let builder = chosen.fold(Rules::builder(self.schema), |builder, (name, _, rule)| {
                builder.condition(name.as_str(), rule.as_str())
            });
            match self.sql(&builder.build()?, dialect, as_of) {
                Ok(sql) => {
                    statement.sql.insert(dialect.name(), sql);
                }
                // What can be said of each alone, but not of all together.
                Err(error) => {
                    statement.apart.insert(dialect.name(), reason(&error));
                }
            }
        }
        statement.segments = segments;
        Ok(statement)
    }

    /// Rule files, all of whose segments are one statement.
    pub(crate) fn files(
        &mut self,
        case: &str,
        files: &[(String, String)],
        as_of: AsOf,
    ) -> Result<Statement> {
        let builder = files
            .iter()
            .fold(Rules::builder(self.schema), |builder, (name, text)| builder.file(name, text));
        let rules = builder.build()?;
        let segments = self.members(rules.clone(), as_of, case)?;
        let sql = self.lower(&rules, as_of, case, segments.len());
        let refused = DIALECTS.iter().map(|dialect| dialect.name());
        let refused = refused.filter(|dialect| !sql.contains_key(dialect));
        let without =
            refused.map(|dialect| (dialect, segments.keys().cloned().collect())).collect();
        Ok(Statement { name: case.to_owned(), sql, without, apart: BTreeMap::new(), segments })
    }

    /// By dialect; what cannot be said is kept with its reason.
    fn lower(
        &mut self,
        rules: &Rules,
        as_of: AsOf,
        case: &str,
        segments: usize,
    ) -> BTreeMap<&'static str, String> {
        let mut found = BTreeMap::new();
        for dialect in DIALECTS {
            match self.sql(rules, dialect, as_of) {
                Ok(sql) => {
                    found.insert(dialect.name(), sql);
                }
                Err(error) => self.refused.push(Refused {
                    dialect: dialect.name(),
                    case: case.to_owned(),
                    segments,
                    reason: reason(&error),
                }),
            }
        }
        found
    }

    fn sql(&self, rules: &Rules, dialect: Dialect, as_of: AsOf) -> segmenta::Result<String> {
        Sql::new(rules, dialect).mapping(self.mapping.clone()).at(as_of)
    }

    fn members(
        &mut self,
        rules: Rules,
        as_of: AsOf,
        case: &str,
    ) -> Result<BTreeMap<String, Expected>> {
        let engine = Engine::new(rules, self.snapshot.clone())?;
        let found = engine.evaluate(as_of)?;
        let failed: Vec<&str> = found.failures().map(|(name, _)| name).collect();
        self.failed += failed.len();
        let names: Vec<String> = found.segments().map(|(name, _)| name.to_owned()).collect();
        let mut expected = BTreeMap::new();
        for name in names.into_iter().filter(|name| !failed.contains(&name.as_str())) {
            let keys = found.keys(&name).ok_or("a segment without members")?;
            let rule = engine.rules().segment(&name).map(|segment| segment.canonical_text());
            expected.insert(
                name,
                Expected {
                    case: case.to_owned(),
                    rule: rule.unwrap_or_default(),
                    keys: keys.into_iter().map(Into::into).collect(),
                    alone: BTreeMap::new(),
                },
            );
        }
        Ok(expected)
    }
}

/// Why a dialect refuses, without the names of dialect and segments.
fn reason(error: &segmenta::Error) -> String {
    let messages = error.diagnostics().iter().map(|found| {
        let reason = found.message.split_once("`: ").map(|(_, reason)| reason);
        reason.unwrap_or(&found.message).to_owned()
    });
    let messages: std::collections::BTreeSet<String> = messages.collect();
    if messages.is_empty() {
        return error.to_string();
    }
    messages.into_iter().collect::<Vec<_>>().join("; ")
}
