//! The dialects: how each writes names, literals, types, and what only some have a function for.

mod clickhouse;
mod datafusion;
mod duckdb;
mod postgres;
mod spark;
mod sqlite;

use std::{fmt, str::FromStr};

pub(super) use clickhouse::Clickhouse;
pub(super) use datafusion::Datafusion;
pub(super) use duckdb::Duckdb;
pub(super) use postgres::Postgres;
pub(super) use spark::Spark;
pub(super) use sqlite::Sqlite;

use super::{names::quoted, regex::Flavour, rows::Member, source::Reading};
use crate::value::Type;

/// Whose SQL a statement is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// DuckDB 1.4 and later.
    Duckdb,
    /// PostgreSQL 14 and later, with the encoding UTF-8.
    Postgres,
    /// ClickHouse 25.3 and later.
    Clickhouse,
    /// Apache Spark 3.5 and later.
    Spark,
    /// Apache DataFusion 50 and later.
    Datafusion,
    /// SQLite 3.38 and later, with the encoding UTF-8.
    Sqlite,
}

/// A name that no dialect has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected `duckdb`, `postgres`, `clickhouse`, `spark`, `datafusion` or `sqlite`")]
#[non_exhaustive]
pub struct UnknownDialect;

impl Dialect {
    /// Every dialect.
    pub const ALL: &'static [Self] = &[
        Self::Duckdb,
        Self::Postgres,
        Self::Clickhouse,
        Self::Spark,
        Self::Datafusion,
        Self::Sqlite,
    ];

    /// The name that it is asked for by: `duckdb`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Duckdb => "duckdb",
            Self::Postgres => "postgres",
            Self::Clickhouse => "clickhouse",
            Self::Spark => "spark",
            Self::Datafusion => "datafusion",
            Self::Sqlite => "sqlite",
        }
    }

    pub(super) fn grammar(self) -> &'static dyn Grammar {
        match self {
            Self::Duckdb => &Duckdb,
            Self::Postgres => &Postgres,
            Self::Clickhouse => &Clickhouse,
            Self::Spark => &Spark,
            Self::Datafusion => &Datafusion,
            Self::Sqlite => &Sqlite,
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Dialect {
    type Err = UnknownDialect;

    fn from_str(name: &str) -> Result<Self, UnknownDialect> {
        Self::ALL.iter().copied().find(|dialect| dialect.name() == name).ok_or(UnknownDialect)
    }
}

/// What becomes of a number that the engine's widest exact type does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Overflow {
    /// It holds more than 128 bits, so what is beyond can be seen, and is missing as the language says.
    Seen,
    /// The engine ends the statement.
    Fails,
    /// The engine makes it NULL or a float, which the statement has to notice.
    Hides,
}

/// How one engine writes what all of them mean alike. Texts that are passed in are whole expressions: names, literals,
/// calls, or in brackets.
pub(super) trait Grammar: Sync {
    /// As it stands in messages.
    fn name(&self) -> &'static str;

    // Names and literals.

    fn identifier(&self, name: &str) -> String {
        quoted(name, '"')
    }

    /// `None` where no literal holds the text.
    fn text(&self, text: &str) -> Option<String> {
        Some(quoted(text, '\''))
    }

    /// Whether a text of the engine may hold the character NUL.
    fn holds_nul(&self) -> bool {
        true
    }

    /// A finite number, to the last bit.
    fn float(&self, number: f64) -> String {
        format!("CAST('{number:e}' AS {})", self.double())
    }

    /// A whole number.
    fn whole(&self, number: i128) -> String {
        if number < 0 { format!("({number})") } else { number.to_string() }
    }

    // Types.

    fn text_type(&self) -> &'static str {
        "VARCHAR"
    }

    fn long(&self) -> &'static str {
        "BIGINT"
    }

    fn double(&self) -> &'static str {
        "DOUBLE"
    }

    /// The type of exact numbers beyond 64 bits, and the greatest it holds.
    fn wide(&self) -> (&'static str, i128);

    fn overflow(&self) -> Overflow;

    /// Whether the result of an operation on one or two sides was not held.
    fn overflowed(&self, _result: &str, _left: &str, _right: Option<&str>) -> String {
        "FALSE".to_owned()
    }

    /// An expression that ends the statement with the message when it is evaluated. It stands in the branch of a CASE,
    /// has the type, and reads `value`, so that no engine evaluates it beforehand.
    fn fail(&self, message: &str, value: &str, ty: &str) -> String;

    // Numbers.

    /// Of two numbers of 64 bits that are not negative, rounded down.
    fn whole_quotient(&self, above: &str, below: &str) -> String {
        format!("({above} / {below})")
    }

    /// Whether there are sines and cosines in every build of the engine.
    fn has_sines(&self) -> bool {
        true
    }

    // Columns of the database.

    /// A column of such a type as it is worked with.
    fn read(&self, column: &str, ty: &Type) -> Reading;

    /// What many engines read alike: numbers, texts and booleans.
    fn plain(&self, column: &str, ty: &Type) -> Reading {
        let ty = match ty {
            Type::Bool => {
                return Reading::Is(format!("CAST(CAST({column} AS BOOLEAN) AS {})", self.long()));
            }
            Type::Decimal(scale) => return Reading::Is(scaled(column, *scale, self.long())),
            Type::Float => self.double(),
            Type::Text => self.text_type(),
            _ => self.long(),
        };
        Reading::Is(format!("CAST({column} AS {ty})"))
    }

    // Texts.

    /// In code points.
    fn length(&self, text: &str) -> String {
        format!("CAST(char_length({text}) AS {})", self.long())
    }

    /// The position from 1 on, 0 where it does not occur.
    fn position(&self, text: &str, part: &str) -> String {
        format!("strpos({text}, {part})")
    }

    fn starts_with(&self, text: &str, part: &str) -> String {
        format!("starts_with({text}, {part})")
    }

    fn ends_with(&self, text: &str, part: &str) -> String {
        format!("ends_with({text}, {part})")
    }

    /// Characters for characters; `None` where that takes too long a statement.
    fn translate(&self, text: &str, pairs: &[(char, char)]) -> Option<String> {
        let literal = |letters: String| self.text(&letters);
        let from = literal(pairs.iter().map(|(from, _)| *from).collect())?;
        let to = literal(pairs.iter().map(|(_, to)| *to).collect())?;
        Some(format!("translate({text}, {from}, {to})"))
    }

    /// The dialect's own lower case, where it is the language's.
    fn lower(&self, _text: &str) -> Option<String> {
        None
    }

    fn flavour(&self) -> Option<Flavour>;

    /// Whether a pattern of its flavour occurs; the pattern is a literal.
    fn matches(&self, text: &str, pattern: &str) -> String;

    /// The MD5 of a text in 32 small hexadecimal digits.
    fn md5(&self, text: &str) -> Option<String> {
        Some(format!("md5({text})"))
    }

    // Sets.

    /// The number of different elements, of a set that is not NULL.
    fn size(&self, set: &str, numbers: bool) -> String;

    /// Whether one of the items, which are literals, is an element.
    fn has_any(&self, set: &str, items: &[String], numbers: bool) -> String;

    /// Whether an element becomes one of the items when it is translated.
    fn has_any_translated(
        &self,
        set: &str,
        items: &[String],
        pairs: &[(char, char)],
    ) -> Option<String>;

    // Aggregates and the whole.

    /// The aggregate over rows that meet the condition; over none NULL, or 0 for counts.
    fn aggregate(&self, function: &str, value: &str, condition: Option<&str>) -> String {
        match condition {
            Some(condition) => format!("{function}({value}) FILTER (WHERE {condition})"),
            None => format!("{function}({value})"),
        }
    }

    /// Whether different values are counted faster in a pass of their own.
    fn counts_apart(&self) -> bool {
        false
    }

    /// The exact sum of values of 64 bits, or of wide ones.
    fn sum(&self, value: &str, _wide: bool, condition: Option<&str>) -> String {
        self.aggregate("sum", value, condition)
    }

    /// What stands between the name of a table expression and its body.
    fn kept(&self) -> &'static str {
        "AS"
    }

    /// The rows (segment, key) of a table with one column of truth a segment.
    fn rows(&self, table: &str, key: &str, members: &[Member]) -> String;

    /// What stands at the end of the statement.
    fn settings(&self) -> &'static str {
        ""
    }
}

/// A decimal as the whole number of its smallest parts.
fn scaled(column: &str, scale: u8, long: &str) -> String {
    if scale == 0 {
        return format!("CAST({column} AS {long})");
    }
    let power = 10_i128.pow(u32::from(scale).min(36));
    let digits = scale + 1;
    // 64 bits have 19 digits; the product has 38 of them at the most.
    let whole = 37 - u32::from(scale) * 2;
    let precision = (whole + u32::from(scale)).min(20);
    format!(
        "CAST(CAST({column} AS DECIMAL({precision}, {scale})) * CAST({power} AS DECIMAL({digits}, 0)) AS {long})"
    )
}
