//! SQLite, which has numbers of 64 bits, texts in place of dates and sets, and few functions.

use super::{Grammar, Overflow};
use crate::{
    sql::{
        condition::chained,
        names::{hexadecimal, quoted},
        regex::Flavour,
        rows::{Member, listed},
        source::Reading,
        stages::Sql,
        text::replaced,
    },
    value::Type,
};

pub(in crate::sql) struct Sqlite;

/// Rounding a float of at most so many to a whole number finds the decimal that it was written as.
const ROUNDED: i64 = 1 << 52;

/// So many times a number of 64 bits can be doubled.
const MOST_DOUBLED: i32 = 62;

impl Grammar for Sqlite {
    fn name(&self) -> &'static str {
        "SQLite"
    }

    /// A name that does not exist is taken for a text if it stands in double quotes.
    fn identifier(&self, name: &str) -> String {
        quoted(name, '`')
    }

    fn text(&self, text: &str) -> Option<String> {
        Some(match text.contains('\0') {
            true => format!("CAST(X'{}' AS TEXT)", hexadecimal(text)),
            false => quoted(text, '\''),
        })
    }

    /// Its reader of numbers is a bit off at times, so the number is a quotient of two that it cannot miss.
    fn float(&self, number: f64) -> String {
        let (mantissa, mut exponent) = parts(number);
        let mut text = format!("CAST({mantissa} AS REAL)");
        while exponent != 0 {
            let step = exponent.clamp(-MOST_DOUBLED, MOST_DOUBLED);
            let sign = if step > 0 { '*' } else { '/' };
            text = format!("({text} {sign} CAST({} AS REAL))", 1_i64 << step.unsigned_abs());
            exponent -= step;
        }
        text
    }

    fn text_type(&self) -> &'static str {
        "TEXT"
    }

    fn long(&self) -> &'static str {
        "INTEGER"
    }

    fn double(&self) -> &'static str {
        "REAL"
    }

    fn wide(&self) -> (&'static str, i128) {
        ("INTEGER", i64::MAX as i128)
    }

    fn overflow(&self) -> Overflow {
        Overflow::Hides
    }

    /// It is a float.
    fn overflowed(&self, result: &str, _left: &str, _right: Option<&str>) -> String {
        format!("typeof({result}) = 'real'")
    }

    /// There is no function that fails with a message; the least number has no absolute value.
    fn fail(&self, _message: &str, value: &str, _ty: &str) -> String {
        format!("abs(-9223372036854775807 - ({value} IS NOT NULL))")
    }

    fn has_sines(&self) -> bool {
        false
    }

    fn read(&self, column: &str, ty: &Type) -> Reading {
        match ty {
            Type::Bool => Reading::Is(format!(
                "CASE lower({column}) WHEN 'true' THEN 1 WHEN 'false' THEN 0 WHEN '' THEN NULL ELSE CAST({column} AS INTEGER) <> 0 END"
            )),
            Type::Decimal(0) => Reading::Is(format!("CAST(nullif({column}, '') AS INTEGER)")),
            Type::Decimal(scale) => Reading::Is(self.decimal(column, *scale)),
            Type::Float => Reading::Is(format!("CAST(nullif({column}, '') AS REAL)")),
            Type::Text => Reading::Is(format!("CAST({column} AS TEXT)")),
            Type::Date => Reading::Is(format!(
                "CAST(strftime('%s', substr({column}, 1, 10)) AS INTEGER) / 86400"
            )),
            Type::DateTime => self.datetime(column),
            // Elements with `;` between them.
            Type::TextSet | Type::IntSet => Reading::Is(format!("CAST({column} AS TEXT)")),
            _ => Reading::Is(format!("CAST(nullif({column}, '') AS INTEGER)")),
        }
    }

    /// The number of characters before NUL is not enough.
    fn length(&self, text: &str) -> String {
        format!("length(replace({text}, CAST(X'00' AS TEXT), ' '))")
    }

    fn position(&self, text: &str, part: &str) -> String {
        format!("instr({text}, {part})")
    }

    /// Compared as bytes, because texts end at NUL for some functions.
    fn starts_with(&self, text: &str, part: &str) -> String {
        format!(
            "(substr(CAST({text} AS BLOB), 1, length(CAST({part} AS BLOB))) = CAST({part} AS BLOB))"
        )
    }

    fn ends_with(&self, text: &str, part: &str) -> String {
        format!(
            "(length(CAST({text} AS BLOB)) >= length(CAST({part} AS BLOB)) AND substr(CAST({text} AS BLOB), length(CAST({text} AS BLOB)) - length(CAST({part} AS BLOB)) + 1) = CAST({part} AS BLOB))"
        )
    }

    fn translate(&self, text: &str, pairs: &[(char, char)]) -> Option<String> {
        replaced(text, pairs, |text| self.text(text))
    }

    fn flavour(&self) -> Option<Flavour> {
        None
    }

    fn matches(&self, text: &str, pattern: &str) -> String {
        format!("({text} REGEXP {pattern})")
    }

    fn md5(&self, _text: &str) -> Option<String> {
        None
    }

    fn size(&self, set: &str, numbers: bool) -> String {
        let element = if numbers { "CAST(value AS INTEGER)" } else { "value" };
        format!("(SELECT count(DISTINCT {element}) FROM {} WHERE value <> '')", elements(set))
    }

    fn has_any(&self, set: &str, items: &[String], numbers: bool) -> String {
        let element = if numbers { "CAST(value AS INTEGER)" } else { "value" };
        format!(
            "EXISTS (SELECT 1 FROM {} WHERE value <> '' AND {element} IN ({}))",
            elements(set),
            listed(items)
        )
    }

    fn has_any_translated(
        &self,
        set: &str,
        items: &[String],
        pairs: &[(char, char)],
    ) -> Option<String> {
        let element = self.translate("value", pairs)?;
        Some(format!(
            "EXISTS (SELECT 1 FROM {} WHERE value <> '' AND {element} IN ({}))",
            elements(set),
            listed(items)
        ))
    }

    fn kept(&self) -> &'static str {
        "AS MATERIALIZED"
    }

    /// Each row makes a list in JSON of the segments' numbers. A SELECT for each segment would open the whole chain of
    /// table expressions again, and there is a limit of open ones.
    fn rows(&self, table: &str, key: &str, members: &[Member]) -> String {
        let number = |(at, member): (usize, &Member)| {
            Sql::literal(format!("(CASE WHEN {} THEN '{at},' ELSE '' END)", member.column))
        };
        let list: Vec<Sql> = members.iter().enumerate().map(number).collect();
        let names = members.iter().enumerate();
        let names = names.map(|(at, member)| format!("({at}, {})", member.name));
        format!(
            "SELECT names.column2 AS segment, lists.key AS key FROM (\nSELECT {key} AS key, '[' || {} || 'null]' AS list\nFROM {table}\n) AS lists, json_each(lists.list) AS numbers\nJOIN (VALUES {}) AS names ON names.column1 = numbers.value",
            chained("||", &list).text,
            names.collect::<Vec<_>>().join(",\n  ")
        )
    }
}

impl Sqlite {
    /// Texts by their digits, floats to the nearest.
    fn decimal(&self, column: &str, scale: u8) -> String {
        let power = 10_i128.pow(u32::from(scale).min(36));
        let zeros = "0".repeat(scale.into());
        let beyond = self.fail("", column, "INTEGER");
        let point = format!("instr({column} || '.', '.')");
        let digits = format!(
            "substr(substr({column} || '.', 1, {point}) || substr({column}, {point} + 1) || '{zeros}', 1, {point} + {scale})"
        );
        format!(
            "CASE typeof({column}) WHEN 'integer' THEN CASE WHEN typeof({column} * {power}) = 'integer' THEN {column} * {power} ELSE {beyond} END WHEN 'real' THEN CASE WHEN abs({column} * {power}.0) < {ROUNDED} THEN CAST(round({column} * {power}.0) AS INTEGER) ELSE {beyond} END WHEN 'text' THEN CASE WHEN {column} = '' THEN NULL WHEN rtrim(substr({column}, {point} + {scale} + 1), '0') = '' THEN CAST(replace({digits}, '.', '') AS INTEGER) ELSE {beyond} END END"
        )
    }

    /// `2026-11-01T16:00:00.123456+01:00`, with or without the fraction, the offset (or `Z`), and the whole time; whole
    /// numbers are seconds.
    fn datetime(&self, column: &str) -> Reading {
        let seconds =
            format!("CAST(strftime('%s', substr({column} || 'T00:00:00', 1, 19)) AS INTEGER)");
        let utc = format!("upper(substr({column}, -1)) = 'Z'");
        let shifted = format!("length({column}) > 16 AND substr({column}, -6, 1) IN ('+', '-')");
        let clock = format!(
            "CASE WHEN {utc} THEN substr({column}, 1, length({column}) - 1) WHEN {shifted} THEN substr({column}, 1, length({column}) - 6) ELSE {column} END"
        );
        let fraction = format!("CAST(substr(substr({clock}, 21, 6) || '000000', 1, 6) AS INTEGER)");
        let offset = format!(
            "CASE WHEN {shifted} THEN CAST(substr({column}, -6, 1) || '1' AS INTEGER) * (CAST(substr({column}, -5, 2) AS INTEGER) * 3600 + CAST(substr({column}, -2) AS INTEGER) * 60) ELSE 0 END"
        );
        Reading::Micros {
            micros: format!(
                "CASE WHEN typeof({column}) = 'integer' THEN {column} * 1000000 ELSE ({seconds} - ({offset})) * 1000000 + {fraction} END"
            ),
            local: Some(format!("(typeof({column}) = 'text' AND NOT ({utc} OR ({shifted})))")),
        }
    }
}

/// The elements of a set as rows with a column `value`.
fn elements(set: &str) -> String {
    format!("json_each('[' || replace(json_quote({set}), ';', '\",\"') || ']')")
}

/// A mantissa of at most 53 bits, and the power of two that it is to be multiplied by.
fn parts(number: f64) -> (i64, i32) {
    let bits = number.to_bits();
    let exponent = i32::try_from((bits >> 52) & 0x7ff).unwrap_or(0);
    let fraction = i64::try_from(bits & ((1 << 52) - 1)).unwrap_or(0);
    let (mut mantissa, mut exponent) = match exponent {
        0 => (fraction, -1074),
        _ => (fraction | (1 << 52), exponent - 1075),
    };
    while mantissa != 0 && mantissa % 2 == 0 && exponent < 0 {
        (mantissa, exponent) = (mantissa / 2, exponent + 1);
    }
    if mantissa == 0 {
        exponent = 0;
    }
    (if number < 0.0 { -mantissa } else { mantissa }, exponent)
}
