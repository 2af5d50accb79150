//! DuckDB.

use super::{Grammar, Overflow};
use crate::{
    sql::{
        names::quoted,
        regex::Flavour,
        rows::{Member, listed, with_unnest},
        source::Reading,
        text::without_nul,
    },
    value::Type,
};

pub(in crate::sql) struct Duckdb;

impl Grammar for Duckdb {
    fn name(&self) -> &'static str {
        "DuckDB"
    }

    fn text(&self, text: &str) -> Option<String> {
        Some(without_nul(text, |part| quoted(part, '\''), "chr(0)", " || "))
    }

    fn wide(&self) -> (&'static str, i128) {
        ("HUGEINT", i128::MAX)
    }

    fn overflow(&self) -> Overflow {
        Overflow::Fails
    }

    fn fail(&self, message: &str, value: &str, ty: &str) -> String {
        // The text depends on a row, so that it is not evaluated beforehand.
        let message = quoted(message, '\'');
        format!("CAST(error({message} || left(CAST({value} AS VARCHAR), 0)) AS {ty})")
    }

    fn whole_quotient(&self, above: &str, below: &str) -> String {
        format!("({above} // {below})")
    }

    fn read(&self, column: &str, ty: &Type) -> Reading {
        match ty {
            Type::Date => {
                Reading::Is(format!("CAST(CAST({column} AS DATE) - DATE '1970-01-01' AS BIGINT)"))
            }
            Type::DateTime => Reading::Micros {
                micros: format!("epoch_us({column})"),
                local: Some(format!("(typeof({column}) <> 'TIMESTAMP WITH TIME ZONE')")),
            },
            Type::TextSet => Reading::Is(format!("CAST({column} AS VARCHAR[])")),
            Type::IntSet => Reading::Is(format!("CAST({column} AS BIGINT[])")),
            _ => self.plain(column, ty),
        }
    }

    fn length(&self, text: &str) -> String {
        format!("length({text})")
    }

    fn flavour(&self) -> Option<Flavour> {
        Some(Flavour::Re2)
    }

    fn matches(&self, text: &str, pattern: &str) -> String {
        format!("regexp_matches({text}, {pattern})")
    }

    fn size(&self, set: &str, _numbers: bool) -> String {
        format!("len(list_distinct({set}))")
    }

    fn has_any(&self, set: &str, items: &[String], _numbers: bool) -> String {
        match items {
            [only] => format!("list_contains({set}, {only})"),
            _ => format!("list_has_any({set}, [{}])", listed(items)),
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
            "EXISTS (SELECT 1 FROM (SELECT unnest({set}) AS element) AS elements WHERE {element} IN ({}))",
            listed(items)
        ))
    }

    fn kept(&self) -> &'static str {
        "AS MATERIALIZED"
    }

    fn rows(&self, table: &str, key: &str, members: &[Member]) -> String {
        with_unnest(table, key, members, |list| format!("unnest([{list}])"))
    }
}
