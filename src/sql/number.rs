//! Exact numbers: in 64 bits where every value fits, in the engine's widest type where not, and what happens beyond it.

use super::{
    dialect::{Grammar, Overflow},
    lower::Value,
    range::Range,
    stages::{Sql, Stages},
};
use crate::rule::{ArithmeticOp, ExprType};

/// Floats hold whole numbers up to this one exactly.
const EXACT_FLOAT: i128 = 1 << 53;

/// What makes numbers of numbers.
pub(super) struct Numbers<'a> {
    pub(super) grammar: &'a dyn Grammar,
    pub(super) stages: &'a mut Stages,
}

impl Numbers<'_> {
    /// The exact result of an operation, of this scale.
    pub(super) fn exact(
        &mut self,
        op: ArithmeticOp,
        left: &Value,
        right: &Value,
        scale: u8,
    ) -> Value {
        let sides = |numbers: &mut Self| match op {
            ArithmeticOp::Multiply => (left.clone(), right.clone()),
            _ => (numbers.rescaled(left, scale), numbers.rescaled(right, scale)),
        };
        let (left, right) = sides(self);
        let (sign, range) = match op {
            ArithmeticOp::Add => ("+", left.range.plus(right.range)),
            ArithmeticOp::Subtract => ("-", left.range.minus(right.range)),
            _ => ("*", left.range.times(right.range)),
        };
        let result =
            self.operation(&[&left, &right], range, |parts| parts.join(&format!(" {sign} ")));
        Value { ty: ExprType::Exact { scale }, ..result }
    }

    pub(super) fn negated(&mut self, value: &Value) -> Value {
        let range = Range::only(0).minus(value.range);
        self.operation(&[value], range, |parts| format!("0 - {}", parts.concat()))
    }

    pub(super) fn absolute(&mut self, value: &Value) -> Value {
        self.operation(&[value], value.range.absolute(), |parts| format!("abs({})", parts.concat()))
    }

    /// `unit` is the power of ten of the digits that are dropped; halves are rounded away from zero.
    pub(super) fn rounded(&mut self, value: &Value, unit: i128) -> Value {
        let value = self.bound(value);
        let half = unit / 2;
        let around = Range { low: -half, high: half, fits: true };
        let (half, unit) = (self.grammar.whole(half), self.grammar.whole(unit));
        self.operation(&[&value], value.range.plus(around), |parts| {
            let value = parts.concat();
            format!(
                "CASE WHEN {value} >= 0 THEN {value} + {half} - ({value} + {half}) % {unit} ELSE {value} - {half} + ({half} - {value}) % {unit} END"
            )
        })
    }

    /// Brought to a scale of as many digits or more.
    pub(super) fn rescaled(&mut self, value: &Value, scale: u8) -> Value {
        let ExprType::Exact { scale: own } = value.ty else { return value.clone() };
        let raised = self.times(value, scale.saturating_sub(own).into());
        Value { ty: ExprType::Exact { scale }, ..raised }
    }

    /// The nearest float.
    pub(super) fn float(&mut self, value: &Value) -> Value {
        let ExprType::Exact { scale } = value.ty else { return value.clone() };
        if scale == 0 && !value.wide {
            let double = self.grammar.double();
            let sql = value.sql.map(|text| format!("CAST({text} AS {double})"));
            return Value { sql, ty: ExprType::Float, range: Range::ALL, wide: false };
        }
        self.divided(value, &Value::number(1, 0))
    }

    /// The float nearest to the exact quotient. Both sides are made whole numbers that floats hold exactly, so that one
    /// division rounds once; where they are greater the statement ends.
    pub(super) fn divided(&mut self, above: &Value, below: &Value) -> Value {
        let scale = |value: &Value| match value.ty {
            ExprType::Exact { scale } => scale,
            _ => 0,
        };
        // above / 10^s : below / 10^t
        let (s, t) = (scale(above), scale(below));
        let above = self.times(above, t.saturating_sub(s).into());
        let below = self.times(below, s.saturating_sub(t).into());
        let (above, below) = (self.bound(&above), self.bound(&below));
        let double = self.grammar.double();
        let divided = format!(
            "CAST({} AS {double}) / CAST(nullif({}, 0) AS {double})",
            above.sql.text, below.sql.text
        );
        let mut text = divided;
        for side in [&above, &below] {
            if !side.range.is_within(-EXACT_FLOAT, EXACT_FLOAT) {
                let value = &side.sql.text;
                let fail = self.grammar.fail("a quotient beyond 53 bits", value, double);
                text = format!(
                    "CASE WHEN {value} > {EXACT_FLOAT} OR {value} < -{EXACT_FLOAT} THEN {fail} ELSE {text} END"
                );
            }
        }
        let sql = Sql::of(text, [&above.sql, &below.sql]).closed();
        Value { sql, ty: ExprType::Float, range: Range::ALL, wide: false }
    }

    pub(super) fn times(&mut self, value: &Value, digits: u32) -> Value {
        let Some(power) = 10_i128.checked_pow(digits).filter(|power| *power > 1) else {
            return value.clone();
        };
        let range = value.range.times(Range::only(power));
        let power = self.grammar.whole(power);
        self.operation(&[value], range, |parts| format!("{} * {power}", parts.concat()))
    }

    pub(super) fn bound(&mut self, value: &Value) -> Value {
        Value { sql: self.stages.bind(value.sql.clone()), ..value.clone() }
    }

    /// An operation on exact numbers in a type that holds its result, as the first of them has it.
    pub(super) fn operation(
        &mut self,
        parts: &[&Value],
        range: Range,
        write: impl FnOnce(&[&str]) -> String,
    ) -> Value {
        let wide = !range.is_long() || parts.iter().any(|part| part.wide);
        let sides: Vec<Sql> = parts.iter().map(|part| self.side(part, wide)).collect();
        let texts: Vec<&str> = sides.iter().map(|side| side.text.as_str()).collect();
        let sql = Sql::of(write(&texts), &sides).closed();
        let ty = parts.first().map_or(ExprType::Exact { scale: 0 }, |first| first.ty);
        let (_, most) = self.grammar.wide();
        let sql = match self.grammar.overflow() {
            Overflow::Seen if !range.fits => self.seen(sql),
            Overflow::Hides if !range.is_within(-most, most) => self.shown(sql, &sides),
            _ => sql,
        };
        Value { sql, ty, range: Range { fits: true, ..range }, wide }
    }

    fn side(&self, part: &Value, wide: bool) -> Sql {
        let (ty, _) = self.grammar.wide();
        if wide && !part.wide {
            part.sql.map(|text| format!("CAST({text} AS {ty})"))
        } else {
            part.sql.clone().closed()
        }
    }

    /// What 128 bits do not hold is missing.
    fn seen(&mut self, sql: Sql) -> Sql {
        let sql = self.stages.bind(sql);
        let (least, most) = (self.grammar.whole(i128::MIN), self.grammar.whole(i128::MAX));
        sql.map(|text| format!("(CASE WHEN {text} BETWEEN {least} AND {most} THEN {text} END)"))
    }

    /// What the engine does not hold ends the statement.
    fn shown(&mut self, sql: Sql, sides: &[Sql]) -> Sql {
        let sql = self.stages.bind(sql);
        let mut texts = sides.iter().map(|side| side.text.as_str());
        let first = texts.next().unwrap_or_default();
        let beyond = self.grammar.overflowed(&sql.text, first, texts.next());
        let fail = self.grammar.fail(
            "a number beyond what the engine holds",
            first,
            self.grammar.wide().0,
        );
        let text = format!("(CASE WHEN {beyond} THEN {fail} ELSE {} END)", sql.text);
        Sql::of(text, sides.iter().chain([&sql]))
    }
}
