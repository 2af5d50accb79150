//! Queries of react-querybuilder.

mod field;
mod group;
mod rule;
mod words;
mod write;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Condition, data::Data, node::Problems, outline::Outline};
use crate::{
    error::Result,
    limits::Limits,
    schema::{Schema, TableId},
};

/// A query as react-querybuilder exports it: groups `{combinator, rules, not}` of rules `{field, operator, value}`.
///
/// Serde reads and writes it; what the fields mean, and what has no equivalent, is in
/// [`docs::config`](crate::docs::config). A query says as much as a condition, or it is refused: nothing is left out
/// and nothing is approximated.
///
/// ```
/// use segmenta::{Schema, Type, config::Query};
///
/// let schema = Schema::builder()
///     .customers("id").column("id", Type::Int).column("country", Type::Text).column("points", Type::Int)
///     .build()?;
///
/// let query: Query = serde_json::from_str(r#"{"combinator": "and", "rules": [
///     {"field": "country", "operator": "in", "value": "SE,NO"},
///     {"field": "points", "operator": ">=", "value": "10"}
/// ]}"#)?;
/// let condition = query.to_condition(&schema)?;
/// assert_eq!(condition.to_string(), "all of (country in ('SE', 'NO'), points >= 10)");
/// assert_eq!(Query::from_condition(&condition, &schema)?.to_condition(&schema)?, condition);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Query {
    data: Data,
}

impl Query {
    /// The condition that the query says, for customers of this schema, whose types decide what the texts of its
    /// values stand for.
    ///
    /// # Errors
    ///
    /// With everything that is wrong; the file of a diagnostic is the path of its rule, as `rules[2].rules[0]`.
    pub fn to_condition(&self, schema: &Schema) -> Result<Condition> {
        let limits = Limits::default();
        limits.with_room(|| group::read(&self.data, schema, &limits))
    }

    /// The query that says the same as a condition, which uses no `let`s and no other segments.
    ///
    /// # Errors
    ///
    /// With every part of the condition that a query cannot say, its place and the reason, or with what is wrong with
    /// the condition itself.
    pub fn from_condition(condition: &Condition, schema: &Schema) -> Result<Self> {
        let limits = Limits::default();
        limits.with_room(|| write::write(condition, schema, &limits)).map(|data| Self { data })
    }
}

impl Serialize for Query {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.data.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Query {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Data::deserialize(deserializer).map(|data| Self { data })
    }
}

/// As JSON on one line, without what lies deeper.
impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Query({})", Outline::of(&self.data, None).text)
    }
}

/// What queries and conditions are read with.
struct Reader<'a> {
    schema: &'a Schema,
    limits: &'a Limits,
    problems: Problems,
}

/// Whose columns fields are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Customers,
    Rows(TableId),
}

impl Scope {
    fn table(self) -> TableId {
        match self {
            Self::Customers => TableId::CUSTOMERS,
            Self::Rows(table) => table,
        }
    }
}
