//! A customer's place among all who exist, by window functions.

use super::{
    condition::certain,
    lower::{Lowered, Lowering, Refusal, Value},
    number::Numbers,
    range::Range,
    stages::Sql,
};
use crate::{
    plan::{Ask, Constant, Scope, Threshold, ThresholdId, ValueId},
    rule::{ArithmeticOp, End, ExprType, Share},
};

const SCOPE: Scope = Scope::Customers;
const WHOLE: ExprType = ExprType::Exact { scale: 0 };

impl<'a> Lowering<'a> {
    fn threshold(&self, id: ThresholdId) -> Lowered<&'a Threshold> {
        let plan = self.context.plan;
        plan.thresholds()
            .get(id.0 as usize)
            .ok_or_else(|| Refusal("a threshold is not in the plan".to_owned()))
    }

    fn window(&mut self, of: &Sql, text: String) -> Sql {
        self.frame(SCOPE).stages.window(Sql::of(text, [of]))
    }

    /// How many have the value.
    fn number_of(&mut self, of: &Sql) -> Sql {
        let long = self.context.grammar.long();
        self.window(of, format!("CAST(count({}) OVER () AS {long})", of.text))
    }

    /// 1 + how many have a smaller value, or with `descending` a greater one; of those who have it.
    fn place_among(&mut self, of: &Sql, function: &str, descending: &str) -> Sql {
        let text = format!(
            "CAST({function}() OVER (PARTITION BY CASE WHEN {of} IS NULL THEN 1 ELSE 0 END ORDER BY {of}{descending}) AS {long})",
            of = of.text,
            long = self.context.grammar.long()
        );
        self.window(of, text)
    }

    pub(super) fn enough(&mut self, id: ThresholdId, least: u64) -> Lowered<Sql> {
        let value = self.threshold(id)?.value;
        let value = self.bound(value)?.sql;
        Ok(self.number_of(&value).map(|number| format!("({number} >= {least})")))
    }

    pub(super) fn beyond(&mut self, of: ValueId, id: ThresholdId) -> Lowered<Sql> {
        let Ask::End { end, share } = self.threshold(id)?.ask else {
            return Err(Refusal("a threshold is of another kind".to_owned()));
        };
        let value = self.bound(of)?.sql;
        let descending = if end == End::Top { " DESC" } else { "" };
        let place = self.place_among(&value, "rank", descending);
        let (text, number) = match share {
            Share::Count(count) => (format!("{} <= {count}", place.text), None),
            Share::Percent(percent) => {
                // before < all * percent / 100
                let number = self.number_of(&value);
                let (all, part) =
                    reduced(100 * 10_i128.pow(percent.scale().into()), percent.mantissa());
                let (all, part) = (self.number(all, 0), self.number(part, 0));
                let rows =
                    |sql: &Sql| Value { range: Range::ROWS, ..Value::new(sql.clone(), WHOLE) };
                let mut numbers = self.numbers(SCOPE);
                let before = difference(&mut numbers, &rows(&place), &Value::number(1, 0));
                let before = product(&mut numbers, &before, &all);
                let share = product(&mut numbers, &rows(&number), &part);
                let text = format!("{} < {}", before.sql.text, share.sql.text);
                let number = Sql::of(String::new(), [&before.sql, &share.sql]);
                (text, Some(number))
            }
        };
        let text = format!("{} IS NOT NULL AND {text}", value.text);
        Ok(certain(Sql::of(text, [&value, &place].into_iter().chain(number.as_ref()))))
    }

    pub(super) fn bucket(&mut self, of: ValueId, id: ThresholdId) -> Lowered<Value> {
        match self.threshold(id)?.ask {
            Ask::Buckets(buckets) => {
                let value = self.bound(of)?.sql;
                let (place, number) =
                    (self.place_among(&value, "rank", ""), self.number_of(&value));
                let above = format!("({buckets} * ({} - 1))", place.text);
                let text = format!(
                    "(CASE WHEN {} IS NOT NULL THEN 1 + {} END)",
                    value.text,
                    self.context.grammar.whole_quotient(&above, &number.text)
                );
                Ok(Value::new(Sql::of(text, [&value, &place, &number]), WHOLE))
            }
            Ask::Cuts(parts) => self.cuts(of, parts),
            _ => Err(Refusal("a threshold is of another kind".to_owned())),
        }
    }

    /// 1 + how many of the cuts at equal parts of the way are below the value (type 7 of R's `quantile`).
    fn cuts(&mut self, of: ValueId, parts: u32) -> Lowered<Value> {
        let value = self.bound(of)?;
        if value.ty == ExprType::Float {
            return Err(Refusal(
                "engines differ in how a point between two floats is rounded".to_owned(),
            ));
        }
        let row = self.place_among(&value.sql, "row_number", "");
        let number = self.number_of(&value.sql);
        let mut reads = vec![value.sql.clone()];
        let mut text = "1".to_owned();
        for cut in 1..parts {
            let way = format!("(({} - 1) * {cut})", number.text);
            let low =
                format!("{} + 1", self.context.grammar.whole_quotient(&way, &parts.to_string()));
            let part = format!("({way} % {parts})");
            let high = format!("{low} + CASE WHEN {part} > 0 THEN 1 ELSE 0 END");
            let [low, high] = [low, high].map(|place| {
                let text = format!(
                    "max(CASE WHEN {value} IS NOT NULL AND {row} = {place} THEN {value} END) OVER ()",
                    value = value.sql.text,
                    row = row.text
                );
                let sql = Sql::of(text, [&value.sql, &row, &number]);
                Value { sql: self.frame(SCOPE).stages.window(sql), ..value.clone() }
            });
            let grammar = self.context.grammar;
            let part = Value {
                range: Range { low: 0, high: parts.into(), fits: true },
                ..Value::new(Sql::of(part, [&number]), WHOLE)
            };
            let mut numbers = Numbers { grammar, stages: &mut self.frame(SCOPE).stages };
            // (value - low) * all > (high - low) * part
            let own = difference(&mut numbers, &value, &low);
            let own = product(&mut numbers, &own, &Value::number(parts.into(), 0));
            let way = difference(&mut numbers, &high, &low);
            let way = product(&mut numbers, &way, &part);
            text += &format!(" + CASE WHEN {} > {} THEN 1 ELSE 0 END", own.sql.text, way.sql.text);
            reads.extend([own.sql, way.sql]);
        }
        let text = format!("(CASE WHEN {} IS NOT NULL THEN {text} END)", value.sql.text);
        Ok(Value::new(Sql::of(text, &reads), WHOLE))
    }

    /// 1 + how many of the cuts the value reaches.
    pub(super) fn grade(&mut self, of: ValueId, cuts: &[Constant]) -> Lowered<Value> {
        let value = self.bound(of)?;
        let mut text = "1".to_owned();
        for cut in cuts {
            let reached = match (value.ty, cut) {
                (ExprType::Exact { .. }, Constant::Number { mantissa, .. }) => {
                    self.within(&value, &[(*mantissa, i128::MAX)])
                }
                _ => {
                    let cut = self.constant(cut, ExprType::Float)?;
                    value.sql.map(|of| format!("{of} >= {}", cut.sql.text))
                }
            };
            text += &format!(" + CASE WHEN {} THEN 1 ELSE 0 END", reached.text);
        }
        let text = format!("(CASE WHEN {} IS NOT NULL THEN {text} END)", value.sql.text);
        Ok(Value::new(Sql::of(text, [&value.sql]), WHOLE))
    }
}

/// Without their greatest common divisor.
fn reduced(one: i128, other: i128) -> (i128, i128) {
    let (mut divisor, mut rest) = (one, other);
    while rest != 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    (one / divisor, other / divisor)
}

fn difference(numbers: &mut Numbers<'_>, one: &Value, other: &Value) -> Value {
    let scale = match one.ty {
        ExprType::Exact { scale } => scale,
        _ => 0,
    };
    numbers.exact(ArithmeticOp::Subtract, one, other, scale)
}

fn product(numbers: &mut Numbers<'_>, one: &Value, other: &Value) -> Value {
    numbers.exact(ArithmeticOp::Multiply, one, other, 0)
}
