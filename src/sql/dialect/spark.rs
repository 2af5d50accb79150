//! Apache Spark.

use super::{Grammar, Overflow};
use crate::{
    sql::{
        names::{hexadecimal, quoted},
        regex::Flavour,
        rows::{Member, listed, with_unnest},
        source::Reading,
    },
    value::Type,
};

pub(in crate::sql) struct Spark;

impl Grammar for Spark {
    fn name(&self) -> &'static str {
        "Spark"
    }

    fn identifier(&self, name: &str) -> String {
        quoted(name, '`')
    }

    /// What a backslash means is a setting of the session, and two texts side by side are one.
    fn text(&self, text: &str) -> Option<String> {
        let plain = !text.contains(['\'', '\\']) && !text.chars().any(char::is_control);
        Some(match plain {
            true => quoted(text, '\''),
            false => format!("CAST(X'{}' AS STRING)", hexadecimal(text)),
        })
    }

    fn text_type(&self) -> &'static str {
        "STRING"
    }

    fn wide(&self) -> (&'static str, i128) {
        ("DECIMAL(38, 0)", 10_i128.pow(38) - 1)
    }

    fn overflow(&self) -> Overflow {
        Overflow::Hides
    }

    /// It is NULL, unless the session ends the statement by itself.
    fn overflowed(&self, result: &str, left: &str, right: Option<&str>) -> String {
        let right = right.map(|right| format!(" AND {right} IS NOT NULL")).unwrap_or_default();
        format!("{result} IS NULL AND {left} IS NOT NULL{right}")
    }

    fn fail(&self, message: &str, value: &str, ty: &str) -> String {
        let message = quoted(message, '\'');
        format!("CAST(raise_error(concat({message}, left(CAST({value} AS STRING), 0))) AS {ty})")
    }

    fn whole_quotient(&self, above: &str, below: &str) -> String {
        format!("({above} DIV {below})")
    }

    fn read(&self, column: &str, ty: &Type) -> Reading {
        match ty {
            // A product of more than 38 digits would lose the last one.
            Type::Decimal(scale @ 18..) => Reading::Is(format!(
                "CAST(replace(CAST(CAST({column} AS DECIMAL(20, {scale})) AS STRING), '.', '') AS BIGINT)"
            )),
            Type::Date => Reading::Is(format!("CAST(unix_date(CAST({column} AS DATE)) AS BIGINT)")),
            Type::DateTime => Reading::Micros {
                micros: format!(
                    "CASE WHEN typeof({column}) = 'timestamp_ntz' THEN unix_micros(CAST(concat(CAST({column} AS STRING), 'Z') AS TIMESTAMP)) ELSE unix_micros(CAST({column} AS TIMESTAMP)) END"
                ),
                local: Some(format!("(typeof({column}) = 'timestamp_ntz')")),
            },
            Type::TextSet => Reading::Is(format!("CAST({column} AS ARRAY<STRING>)")),
            Type::IntSet => Reading::Is(format!("CAST({column} AS ARRAY<BIGINT>)")),
            _ => self.plain(column, ty),
        }
    }

    fn position(&self, text: &str, part: &str) -> String {
        format!("instr({text}, {part})")
    }

    fn starts_with(&self, text: &str, part: &str) -> String {
        format!("startswith({text}, {part})")
    }

    fn ends_with(&self, text: &str, part: &str) -> String {
        format!("endswith({text}, {part})")
    }

    fn flavour(&self) -> Option<Flavour> {
        Some(Flavour::Java)
    }

    fn matches(&self, text: &str, pattern: &str) -> String {
        format!("({text} RLIKE {pattern})")
    }

    fn size(&self, set: &str, _numbers: bool) -> String {
        format!("CAST(size(array_distinct({set})) AS BIGINT)")
    }

    fn has_any(&self, set: &str, items: &[String], numbers: bool) -> String {
        let ty = if numbers { "ARRAY<BIGINT>" } else { "ARRAY<STRING>" };
        match items {
            [only] => format!("array_contains({set}, {only})"),
            _ => format!("arrays_overlap({set}, CAST(array({}) AS {ty}))", listed(items)),
        }
    }

    fn has_any_translated(
        &self,
        set: &str,
        items: &[String],
        pairs: &[(char, char)],
    ) -> Option<String> {
        let element = self.translate("element", pairs)?;
        Some(format!("(size(filter({set}, element -> {element} IN ({}))) > 0)", listed(items)))
    }

    fn sum(&self, value: &str, wide: bool, condition: Option<&str>) -> String {
        // 64 bits have 19 digits, and a sum has 10 more.
        let ty = if wide { "DECIMAL(38, 0)" } else { "DECIMAL(20, 0)" };
        let sum = self.aggregate("sum", &format!("CAST({value} AS {ty})"), condition);
        format!("CAST({sum} AS DECIMAL(38, 0))")
    }

    fn rows(&self, table: &str, key: &str, members: &[Member]) -> String {
        with_unnest(table, key, members, |list| format!("explode(array({list}))"))
    }
}
