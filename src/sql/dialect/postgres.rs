//! PostgreSQL.

use super::{Grammar, Overflow};
use crate::{
    sql::{
        names::{escaped, quoted},
        regex::Flavour,
        rows::{Member, listed, with_unnest},
        source::Reading,
    },
    value::Type,
};

pub(in crate::sql) struct Postgres;

impl Grammar for Postgres {
    fn name(&self) -> &'static str {
        "PostgreSQL"
    }

    /// A backslash means itself or not as the server is set up, but for texts marked with E.
    fn text(&self, text: &str) -> Option<String> {
        if text.contains('\0') {
            return None;
        }
        Some(match text.contains('\\') {
            true => format!("E{}", escaped(text, '\'')),
            false => quoted(text, '\''),
        })
    }

    fn holds_nul(&self) -> bool {
        false
    }

    fn text_type(&self) -> &'static str {
        "TEXT"
    }

    fn double(&self) -> &'static str {
        "DOUBLE PRECISION"
    }

    fn wide(&self) -> (&'static str, i128) {
        ("NUMERIC", i128::MAX)
    }

    fn overflow(&self) -> Overflow {
        Overflow::Seen
    }

    fn fail(&self, message: &str, value: &str, ty: &str) -> String {
        let message = quoted(message, '\'');
        format!("CAST({message} || left(CAST({value} AS TEXT), 0) AS {ty})")
    }

    fn read(&self, column: &str, ty: &Type) -> Reading {
        match ty {
            Type::Bool => {
                Reading::Is(format!("CAST(CAST(CAST({column} AS BOOLEAN) AS INTEGER) AS BIGINT)"))
            }
            Type::Decimal(scale) => {
                let power = 10_i128.pow(u32::from(*scale).min(36));
                Reading::Is(format!("CAST(CAST({column} AS NUMERIC) * {power} AS BIGINT)"))
            }
            Type::Text => Reading::Is(format!("CAST({column} AS TEXT) COLLATE \"C\"")),
            Type::Date => {
                Reading::Is(format!("CAST(CAST({column} AS DATE) - DATE '1970-01-01' AS BIGINT)"))
            }
            Type::DateTime => Reading::Micros {
                micros: format!("CAST(extract(epoch FROM {column}) * 1000000 AS BIGINT)"),
                local: Some(format!("(pg_typeof({column}) <> CAST('timestamptz' AS regtype))")),
            },
            Type::TextSet => Reading::Is(format!("CAST({column} AS TEXT[])")),
            Type::IntSet => Reading::Is(format!("CAST({column} AS BIGINT[])")),
            _ => self.plain(column, ty),
        }
    }

    fn ends_with(&self, text: &str, part: &str) -> String {
        format!("(right({text}, char_length({part})) = {part})")
    }

    fn flavour(&self) -> Option<Flavour> {
        Some(Flavour::Are)
    }

    fn matches(&self, text: &str, pattern: &str) -> String {
        format!("({text} ~ {pattern})")
    }

    fn md5(&self, text: &str) -> Option<String> {
        Some(format!("md5({text}) COLLATE \"C\""))
    }

    fn size(&self, set: &str, _numbers: bool) -> String {
        format!("(SELECT count(DISTINCT element) FROM unnest({set}) AS elements(element))")
    }

    fn has_any(&self, set: &str, items: &[String], numbers: bool) -> String {
        let ty = if numbers { "BIGINT[]" } else { "TEXT[]" };
        match items {
            [only] => format!("({only} = ANY ({set}))"),
            _ => format!("({set} && CAST(ARRAY[{}] AS {ty}))", listed(items)),
        }
    }

    fn has_any_translated(
        &self,
        set: &str,
        items: &[String],
        pairs: &[(char, char)],
    ) -> Option<String> {
        let element = self.translate("element", pairs)?;
        Some(format!(
            "EXISTS (SELECT 1 FROM unnest({set}) AS elements(element) WHERE {element} IN ({}))",
            listed(items)
        ))
    }

    fn kept(&self) -> &'static str {
        "AS MATERIALIZED"
    }

    fn rows(&self, table: &str, key: &str, members: &[Member]) -> String {
        with_unnest(table, key, members, |list| format!("unnest(ARRAY[{list}])"))
    }
}
