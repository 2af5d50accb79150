//! Values: missing in, missing out.

use super::{
    lower::{Lowered, Lowering, Refusal, Value},
    number::Numbers,
    range::Range,
    stages::Sql,
};
use crate::{
    plan::{ConditionId, Constant, Scope, ValueId, ValueKind, ValueNode},
    rule::{ArithmeticOp, ExprType, Function},
    value::Decimal,
};

impl<'a> Lowering<'a> {
    /// What is read more than once is a column of its own.
    pub(super) fn value(&mut self, id: ValueId) -> Lowered<Value> {
        if let Some(known) = self.values.get(&id) {
            return Ok(known.clone());
        }
        let plan = self.context.plan;
        let Some(node) = plan.values().get(id.0 as usize) else {
            return Err(Refusal("a value is not in the plan".to_owned()));
        };
        let mut value = self.made(node)?;
        if self.uses.of_value(id) > 1 {
            value.sql = self.frame(node.scope).stages.bind(value.sql);
        }
        self.values.insert(id, value.clone());
        Ok(value)
    }

    /// A value that may be written several times.
    pub(super) fn bound(&mut self, id: ValueId) -> Lowered<Value> {
        let value = self.value(id)?;
        let scope = self.scope_of(id);
        Ok(Value { sql: self.frame(scope).stages.bind(value.sql.clone()), ..value })
    }

    pub(super) fn scope_of(&self, id: ValueId) -> Scope {
        let node = self.context.plan.values().get(id.0 as usize);
        node.map_or(Scope::Customers, |node| node.scope)
    }

    pub(super) fn type_of(&self, id: ValueId) -> ExprType {
        let node = self.context.plan.values().get(id.0 as usize);
        node.map_or(ExprType::Text, |node| node.ty)
    }

    pub(super) fn numbers(&mut self, scope: Scope) -> Numbers<'_> {
        let grammar = self.context.grammar;
        Numbers { grammar, stages: &mut self.frame(scope).stages }
    }

    fn made(&mut self, node: &ValueNode) -> Lowered<Value> {
        let (scope, ty) = (node.scope, node.ty);
        match &node.kind {
            ValueKind::Constant(constant) => self.constant(constant, ty),
            ValueKind::Column(path) => {
                if ty == ExprType::Geo {
                    return Err(Refusal("a place is no value of its own".to_owned()));
                }
                let frame = self.frame(scope);
                let sql = frame.source.column(path, &mut frame.stages);
                let value = Value::new(sql, ty);
                Ok(if ty == ExprType::Float { self.finite(scope, value) } else { value })
            }
            ValueKind::Aggregate(id) => self.aggregate(*id, ty),
            ValueKind::Negate(of) => {
                let of = self.value(*of)?;
                Ok(match of.ty {
                    ExprType::Float => Value { sql: of.sql.map(|of| format!("(-{of})")), ..of },
                    _ => self.numbers(scope).negated(&of),
                })
            }
            ValueKind::Arithmetic { op, left, right } => {
                let (left, right) = (self.value(*left)?, self.value(*right)?);
                Ok(self.arithmetic(scope, *op, &left, &right, ty))
            }
            ValueKind::Call { function, arguments } => self.call(scope, *function, arguments, ty),
            ValueKind::Bucket { value, threshold } => self.bucket(*value, *threshold),
            ValueKind::Grade { value, cuts } => self.grade(*value, cuts),
            ValueKind::Choose { condition, then, otherwise } => {
                self.choose(*condition, *then, *otherwise)
            }
            ValueKind::Pick { index, entries } => self.pick(*index, entries),
            ValueKind::Predicted(_) => Err(Refusal(
                "`predict.*` is fitted to all purchases by an optimiser, which SQL has not"
                    .to_owned(),
            )),
            ValueKind::Condition(of) => {
                let sql = self.condition(*of)?;
                Ok(Value::new(sql.map(|of| format!("(CASE WHEN {of} THEN 1 ELSE 0 END)")), ty))
            }
        }
    }

    pub(super) fn constant(&self, constant: &Constant, ty: ExprType) -> Lowered<Value> {
        let now = self.context.now;
        let number = |number: i64| Value { ty, ..Value::number(number.into(), 0) };
        let missing = || Refusal("a constant has no value".to_owned());
        Ok(match constant {
            Constant::Bool(truth) => number(i64::from(*truth)),
            Constant::Number { mantissa, scale } => match ty {
                ExprType::Exact { scale: wanted } => {
                    let exact = Decimal::new(*mantissa, *scale).and_then(|own| own.rescale(wanted));
                    self.number(exact.ok_or_else(missing)?.mantissa(), wanted)
                }
                _ => {
                    let float = Decimal::new(*mantissa, *scale).ok_or_else(missing)?.to_f64();
                    Value::new(Sql::literal(self.context.grammar.float(float)), ty)
                }
            },
            Constant::Text(text) => Value::new(Sql::literal(self.literal(text)?), ty),
            Constant::Day(_) | Constant::RelativeDay(_) => {
                number(now.day(constant).ok_or_else(missing)?.0.into())
            }
            Constant::Instant(_) | Constant::RelativeInstant(_) => {
                number(now.instant(constant).ok_or_else(missing)?.0)
            }
            Constant::MonthDay(day) => number(day.0.into()),
        })
    }

    /// A whole number of its smallest parts.
    pub(super) fn number(&self, mantissa: i128, scale: u8) -> Value {
        let sql = Sql::literal(self.context.grammar.whole(mantissa));
        let range = Range::only(mantissa);
        Value { sql, ty: ExprType::Exact { scale }, range, wide: !range.is_long() }
    }

    fn arithmetic(
        &mut self,
        scope: Scope,
        op: ArithmeticOp,
        left: &Value,
        right: &Value,
        ty: ExprType,
    ) -> Value {
        let is_exact = |value: &Value| matches!(value.ty, ExprType::Exact { .. });
        let exact = is_exact(left) && is_exact(right);
        let mut numbers = self.numbers(scope);
        if let (true, ExprType::Exact { scale }) = (exact, ty) {
            return numbers.exact(op, left, right, scale);
        }
        if exact {
            return numbers.divided(left, right);
        }
        let (left, right) = (numbers.float(left), numbers.float(right));
        let (a, b) = (left.sql.clone().closed(), right.sql.clone().closed());
        let text = match op {
            ArithmeticOp::Add => format!("({} + {})", a.text, b.text),
            ArithmeticOp::Subtract => format!("({} - {})", a.text, b.text),
            ArithmeticOp::Multiply => format!("({} * {})", a.text, b.text),
            ArithmeticOp::Divide => format!("({} / nullif({}, 0))", a.text, b.text),
        };
        let value = Value { sql: Sql::of(text, [&a, &b]), range: Range::ALL, ..left };
        self.finite(scope, value)
    }

    /// Infinity and what is no number are missing.
    fn finite(&mut self, scope: Scope, value: Value) -> Value {
        let sql = self.frame(scope).stages.bind(value.sql.clone());
        let most = self.context.grammar.float(f64::MAX);
        let least = self.context.grammar.float(f64::MIN);
        let sql =
            sql.map(|of| format!("(CASE WHEN {of} BETWEEN {least} AND {most} THEN {of} END)"));
        Value { sql, range: Range::ALL, ..value }
    }

    fn call(
        &mut self,
        scope: Scope,
        function: Function,
        arguments: &[ValueId],
        ty: ExprType,
    ) -> Lowered<Value> {
        let Some(&first) = arguments.first() else {
            return Err(Refusal("a function has no argument".to_owned()));
        };
        match function {
            Function::Age
            | Function::DaysSince
            | Function::Year
            | Function::Month
            | Function::Day
            | Function::Weekday => self.of_day(function, first),
            Function::Hour => {
                let of = self.value(first)?;
                let context = self.context;
                let stages = &mut self.frame(scope).stages;
                let sql = context.clock.hour(&of.sql, context.grammar, stages);
                Ok(Value::new(sql, ty))
            }
            Function::Size => self.size(first),
            Function::Lower => self.lower(first),
            Function::Length => {
                let of = self.value(first)?;
                Ok(Value::new(of.sql.map(|of| self.context.grammar.length(of)), ty))
            }
            Function::Abs => {
                let of = self.value(first)?;
                Ok(match of.ty {
                    ExprType::Float => Value { sql: of.sql.map(|of| format!("abs({of})")), ..of },
                    _ => self.numbers(scope).absolute(&of),
                })
            }
            Function::Round(digits) => self.rounded(first, digits),
            Function::Coalesce => self.coalesce(scope, arguments, ty),
        }
    }

    fn rounded(&mut self, of: ValueId, digits: i8) -> Lowered<Value> {
        let value = self.value(of)?;
        let ExprType::Exact { scale } = value.ty else {
            return Err(Refusal("engines differ in how they round a float".to_owned()));
        };
        let Ok(dropped) = u32::try_from(i16::from(scale) - i16::from(digits)) else {
            return Ok(value);
        };
        if dropped == 0 {
            return Ok(value);
        }
        let scope = self.scope_of(of);
        match 10_i128.checked_pow(dropped) {
            Some(unit) if unit / 2 <= value.range.high.max(value.range.low.saturating_neg()) => {
                Ok(self.numbers(scope).rounded(&value, unit))
            }
            // Nothing is as great as half of it.
            _ => {
                let value = self.numbers(scope).bound(&value);
                let sql = value.sql.map(|of| format!("(CASE WHEN {of} IS NOT NULL THEN 0 END)"));
                Ok(Value { sql, range: Range::only(0), wide: false, ..value })
            }
        }
    }

    fn coalesce(&mut self, scope: Scope, of: &[ValueId], ty: ExprType) -> Lowered<Value> {
        let mut values = Vec::with_capacity(of.len());
        for id in of {
            let value = self.value(*id)?;
            values.push(match ty {
                ExprType::Exact { scale } => self.numbers(scope).rescaled(&value, scale),
                ExprType::Float => self.numbers(scope).float(&value),
                _ => value,
            });
        }
        Ok(self.first_present(&values, ty))
    }

    /// All in one type.
    fn first_present(&self, values: &[Value], ty: ExprType) -> Value {
        let wide = values.iter().any(|value| value.wide);
        let texts = values.iter().map(|value| self.widened(value, wide));
        let text = format!("coalesce({})", texts.collect::<Vec<_>>().join(", "));
        let range = values.iter().map(|value| value.range).reduce(Range::or);
        let sql = Sql::of(text, values.iter().map(|value| &value.sql));
        Value { sql, ty, range: range.unwrap_or(Range::LONG), wide }
    }

    fn widened(&self, value: &Value, wide: bool) -> String {
        let (ty, _) = self.context.grammar.wide();
        if wide && !value.wide {
            format!("CAST({} AS {ty})", value.sql.text)
        } else {
            value.sql.text.clone()
        }
    }

    fn choose(
        &mut self,
        condition: ConditionId,
        then: ValueId,
        otherwise: Option<ValueId>,
    ) -> Lowered<Value> {
        let condition = self.condition(condition)?;
        let then = self.value(then)?;
        let otherwise = otherwise.map(|of| self.value(of)).transpose()?;
        let wide = then.wide || otherwise.as_ref().is_some_and(|of| of.wide);
        let mut text = format!("(CASE WHEN {} THEN {}", condition.text, self.widened(&then, wide));
        if let Some(otherwise) = &otherwise {
            text += &format!(" ELSE {}", self.widened(otherwise, wide));
        }
        text += " END)";
        let range = otherwise.as_ref().map_or(then.range, |other| then.range.or(other.range));
        let parts = [&condition, &then.sql].into_iter().chain(otherwise.as_ref().map(|of| &of.sql));
        Ok(Value { sql: Sql::of(text, parts), ty: then.ty, range, wide })
    }

    fn pick(&mut self, index: ValueId, entries: &[String]) -> Lowered<Value> {
        let index = self.bound(index)?;
        let mut text = format!("(CASE {}", index.sql.text);
        for (number, entry) in (1..).zip(entries) {
            text += &format!(" WHEN {number} THEN {}", self.literal(entry)?);
        }
        text += " END)";
        Ok(Value::new(Sql::of(text, [&index.sql]), ExprType::Text))
    }
}
