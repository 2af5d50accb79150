//! ClickHouse.

use super::{Grammar, Overflow};
use crate::{
    sql::{
        names::{escaped, hexadecimal},
        regex::Flavour,
        rows::{Member, listed, with_unnest},
        source::Reading,
    },
    value::Type,
};

pub(in crate::sql) struct Clickhouse;

impl Grammar for Clickhouse {
    fn name(&self) -> &'static str {
        "ClickHouse"
    }

    fn identifier(&self, name: &str) -> String {
        escaped(name, '"')
    }

    fn text(&self, text: &str) -> Option<String> {
        Some(match text.chars().any(char::is_control) {
            true => format!("unhex('{}')", hexadecimal(text)),
            false => escaped(text, '\''),
        })
    }

    fn float(&self, number: f64) -> String {
        format!("reinterpretAsFloat64(toUInt64('{}'))", number.to_bits())
    }

    /// A literal of more than 64 bits would be a float.
    fn whole(&self, number: i128) -> String {
        match i64::try_from(number) {
            Ok(_) => format!("({number})"),
            Err(_) => format!("toInt256('{number}')"),
        }
    }

    fn text_type(&self) -> &'static str {
        "Nullable(String)"
    }

    fn long(&self) -> &'static str {
        "Nullable(Int64)"
    }

    fn double(&self) -> &'static str {
        "Nullable(Float64)"
    }

    fn wide(&self) -> (&'static str, i128) {
        ("Nullable(Int256)", i128::MAX)
    }

    fn overflow(&self) -> Overflow {
        Overflow::Seen
    }

    fn fail(&self, message: &str, value: &str, ty: &str) -> String {
        let message = escaped(message, '\'');
        format!("CAST(throwIf(isNotNull({value}), {message}) AS {ty})")
    }

    fn whole_quotient(&self, above: &str, below: &str) -> String {
        format!("intDiv({above}, {below})")
    }

    fn read(&self, column: &str, ty: &Type) -> Reading {
        match ty {
            Type::Bool => {
                Reading::Is(format!("CAST(CAST({column} AS Nullable(Bool)) AS Nullable(Int64))"))
            }
            Type::Decimal(scale) => {
                // A float becomes the decimal before it, so there are more digits at first.
                let power = 10_i128.pow(u32::from(*scale).min(36));
                let digits = scale + 12;
                Reading::Is(format!(
                    "CAST(round(CAST({column} AS Nullable(Decimal(76, {digits}))), {scale}) * {power} AS Nullable(Int64))"
                ))
            }
            Type::Float => Reading::Is(format!("CAST({column} AS Nullable(Float64))")),
            Type::Text => Reading::Is(format!("CAST({column} AS Nullable(String))")),
            Type::Date => Reading::Is(format!(
                "CAST(toInt32(CAST({column} AS Nullable(Date32))) AS Nullable(Int64))"
            )),
            Type::DateTime => Reading::Micros {
                micros: format!(
                    "toUnixTimestamp64Micro(CAST({column} AS Nullable(DateTime64(6, 'UTC'))))"
                ),
                local: None,
            },
            Type::TextSet => Reading::Is(format!("CAST({column} AS Array(String))")),
            Type::IntSet => Reading::Is(format!("CAST({column} AS Array(Int64))")),
            _ => Reading::Is(format!("accurateCast({column}, 'Nullable(Int64)')")),
        }
    }

    fn length(&self, text: &str) -> String {
        format!("CAST(lengthUTF8({text}) AS Nullable(Int64))")
    }

    fn position(&self, text: &str, part: &str) -> String {
        format!("position({text}, {part})")
    }

    fn starts_with(&self, text: &str, part: &str) -> String {
        format!("startsWith({text}, {part})")
    }

    fn ends_with(&self, text: &str, part: &str) -> String {
        format!("endsWith({text}, {part})")
    }

    fn translate(&self, text: &str, pairs: &[(char, char)]) -> Option<String> {
        let literal = |letters: String| self.text(&letters);
        let from = literal(pairs.iter().map(|(from, _)| *from).collect())?;
        let to = literal(pairs.iter().map(|(_, to)| *to).collect())?;
        Some(format!("translateUTF8({text}, {from}, {to})"))
    }

    fn flavour(&self) -> Option<Flavour> {
        Some(Flavour::Re2)
    }

    fn matches(&self, text: &str, pattern: &str) -> String {
        format!("match({text}, {pattern})")
    }

    fn md5(&self, text: &str) -> Option<String> {
        Some(format!("lower(hex(MD5({text})))"))
    }

    fn size(&self, set: &str, _numbers: bool) -> String {
        format!("CAST(length(arrayDistinct({set})) AS Nullable(Int64))")
    }

    fn has_any(&self, set: &str, items: &[String], numbers: bool) -> String {
        let ty = if numbers { "Array(Int64)" } else { "Array(String)" };
        format!("hasAny({set}, CAST([{}] AS {ty}))", listed(items))
    }

    fn has_any_translated(
        &self,
        set: &str,
        items: &[String],
        pairs: &[(char, char)],
    ) -> Option<String> {
        let element = self.translate("element", pairs)?;
        Some(format!("arrayExists(element -> {element} IN ({}), {set})", listed(items)))
    }

    /// Over no rows a plain column would give its type's zero.
    fn aggregate(&self, function: &str, value: &str, condition: Option<&str>) -> String {
        let condition = condition.unwrap_or("1");
        match value.strip_prefix("DISTINCT ") {
            Some(value) => format!("uniqExactIf({value}, {condition})"),
            None if value == "*" => format!("countIf({condition})"),
            None => format!("{function}(CASE WHEN {condition} THEN {value} END)"),
        }
    }

    fn sum(&self, value: &str, _wide: bool, condition: Option<&str>) -> String {
        self.aggregate("sum", &format!("CAST({value} AS Nullable(Int256))"), condition)
    }

    fn rows(&self, table: &str, key: &str, members: &[Member]) -> String {
        with_unnest(table, key, members, |list| format!("arrayJoin([{list}])"))
    }

    fn settings(&self) -> &'static str {
        "\nSETTINGS join_use_nulls = 1"
    }
}
