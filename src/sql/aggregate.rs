//! Aggregates: those over one table are worked out together, in one pass grouped by customer.

use super::{
    condition::chained,
    frame::{distinct_of, sums_of},
    lower::{Lowered, Lowering, Refusal, Value},
    range::Range,
    stages::Sql,
};
use crate::{
    plan::{Aggregate, AggregateId, Scope},
    rule::{AggregateFunction, ExprType},
    schema::TableId,
};

const WHOLE: ExprType = ExprType::Exact { scale: 0 };

impl<'a> Lowering<'a> {
    pub(super) fn aggregate(&mut self, id: AggregateId, ty: ExprType) -> Lowered<Value> {
        let plan = self.context.plan;
        let Some(aggregate) = plan.aggregates().get(id.0 as usize) else {
            return Err(Refusal("an aggregate is not in the plan".to_owned()));
        };
        let mut condition = aggregate.filter.map(|filter| self.condition(filter)).transpose()?;
        let mut value = None;
        match aggregate.value {
            // Nothing but their number is asked of places.
            Some(place) if self.type_of(place) == ExprType::Geo => {
                let present = self.place_present(place)?;
                let both = condition.into_iter().chain([present]).collect::<Vec<_>>();
                condition = Some(chained("AND", &both));
            }
            Some(id) => value = Some(self.value(id)?),
            None => {}
        }
        let rows = RowsOf { table: aggregate.table, condition };
        if let (Some(id), Some(ExprType::TextSet | ExprType::IntSet)) =
            (aggregate.value, value.as_ref().map(|value| value.ty))
        {
            // A missing set is an empty one, and counts.
            value = self.holder(id)?.map(|key| Value::new(key, ExprType::Text));
        }
        match aggregate.function {
            AggregateFunction::Count => Ok(self.count(&rows, value.as_ref())),
            AggregateFunction::Exists => {
                let count = self.count(&rows, value.as_ref());
                let sql =
                    count.sql.map(|count| format!("(CASE WHEN {count} > 0 THEN 1 ELSE 0 END)"));
                Ok(Value::new(sql, ty))
            }
            AggregateFunction::CountDistinct => Ok(self.count_distinct(&rows, &needed(value)?)),
            AggregateFunction::Sum => self.sum(&rows, &needed(value)?),
            AggregateFunction::Avg => self.average(&rows, &needed(value)?),
            AggregateFunction::Min | AggregateFunction::Max => {
                let value = needed(value)?;
                let function =
                    if aggregate.function == AggregateFunction::Min { "min" } else { "max" };
                let sql = self.grouped(&rows, function, &value.sql.text, &[&value.sql]);
                Ok(Value { sql, ty, ..value })
            }
            AggregateFunction::First => self.edge(aggregate, &rows, &needed(value)?, "min"),
            AggregateFunction::Last => self.edge(aggregate, &rows, &needed(value)?, "max"),
            AggregateFunction::AverageGap => self.average_gap(&rows),
        }
    }

    /// A column of the grouped pass, as the customers see it: NULL for who has no rows.
    fn grouped(&mut self, rows: &RowsOf, function: &str, value: &str, reads: &[&Sql]) -> Sql {
        let condition = rows.condition.as_ref().map(|condition| condition.text.as_str());
        let text = self.context.grammar.aggregate(function, value, condition);
        self.collected(rows, text, reads)
    }

    fn collected(&mut self, rows: &RowsOf, text: String, reads: &[&Sql]) -> Sql {
        let parts = reads.iter().copied().chain(&rows.condition);
        let sql = Sql::of(text, parts);
        let aggregates = &mut self.frame(Scope::Rows(rows.table)).aggregates;
        let known = aggregates.iter().find(|(_, known)| known.text == sql.text);
        let name = match known {
            Some((name, _)) => name.clone(),
            None => {
                let name = format!("sum_{}", aggregates.len());
                aggregates.push((name.clone(), sql));
                name
            }
        };
        let column = format!("{}.{name}", sums_of(rows.table));
        self.frame(Scope::Customers).stages.source(column)
    }

    fn count(&mut self, rows: &RowsOf, value: Option<&Value>) -> Value {
        let sql = match value {
            Some(value) => self.grouped(rows, "count", &value.sql.text, &[&value.sql]),
            None => self.grouped(rows, "count", "*", &[]),
        };
        Value { range: Range::ROWS, ..Value::new(or_zero(sql), WHOLE) }
    }

    fn count_distinct(&mut self, rows: &RowsOf, value: &Value) -> Value {
        let sql = if self.context.grammar.counts_apart() {
            let distincts = &mut self.frame(Scope::Rows(rows.table)).distincts;
            distincts.push((value.sql.clone(), rows.condition.clone()));
            let name = distinct_of(rows.table, distincts.len() - 1);
            self.frame(Scope::Customers).stages.source(format!("{name}.number"))
        } else {
            let distinct = format!("DISTINCT {}", value.sql.text);
            self.grouped(rows, "count", &distinct, &[&value.sql])
        };
        Value { range: Range::ROWS, ..Value::new(or_zero(sql), WHOLE) }
    }

    fn total(&mut self, rows: &RowsOf, value: &Value) -> Lowered<Value> {
        if value.ty == ExprType::Float {
            return Err(Refusal(
                "a sum of floats depends on the order of rows there; a `decimal` column is summed exactly"
                    .to_owned(),
            ));
        }
        let condition = rows.condition.as_ref().map(|condition| condition.text.as_str());
        let text = self.context.grammar.sum(&value.sql.text, value.wide, condition);
        let sql = self.collected(rows, text, &[&value.sql]);
        Ok(Value { sql, range: value.range.summed(), wide: true, ty: value.ty })
    }

    fn sum(&mut self, rows: &RowsOf, value: &Value) -> Lowered<Value> {
        let total = self.total(rows, value)?;
        let zero = format!("CAST(0 AS {})", self.context.grammar.wide().0);
        let sql = total.sql.map(|sum| format!("coalesce({sum}, {zero})"));
        let total = Value { sql, ..total };
        // What 128 bits do not hold is missing.
        let range = total.range;
        Ok(self.numbers(Scope::Customers).operation(&[&total], range, |parts| parts.concat()))
    }

    fn average(&mut self, rows: &RowsOf, value: &Value) -> Lowered<Value> {
        let total = self.total(rows, value)?;
        let number = self.grouped(rows, "count", &value.sql.text, &[&value.sql]);
        let number = Value { range: Range::ROWS, ..Value::new(number, WHOLE) };
        Ok(self.numbers(Scope::Customers).divided(&total, &number))
    }

    /// The place of each row among its customer's rows, by time and order; `true` where no two have the same.
    fn place_of(&mut self, table: TableId) -> Lowered<(Sql, bool)> {
        let frame = self.frame(Scope::Rows(table));
        let order = frame.source.order();
        let known = order.is_some();
        if let Some(place) = &frame.place {
            return Ok((place.clone(), known));
        }
        let (Some(owner), Some(time)) = (frame.owner.clone(), frame.time.clone()) else {
            return Err(Refusal("a table has no time".to_owned()));
        };
        let order = order.unwrap_or_default().into_iter();
        let order: Vec<Sql> = order.map(|text| frame.stages.source(text)).collect();
        let by = order.iter().map(|sql| format!(", {}", sql.text)).collect::<String>();
        let function = if known { "row_number" } else { "rank" };
        let text =
            format!("{function}() OVER (PARTITION BY {} ORDER BY {}{by})", owner.text, time.text);
        let reads = [&owner, &time].into_iter().chain(&order);
        let place = frame.stages.window(Sql::of(text, reads));
        frame.place = Some(place.clone());
        Ok((place, known))
    }

    /// The value of the row at an end of the customer's rows that count.
    fn edge(
        &mut self,
        aggregate: &Aggregate,
        rows: &RowsOf,
        value: &Value,
        end: &str,
    ) -> Lowered<Value> {
        let scope = Scope::Rows(aggregate.table);
        let Some(time) = self.frame(scope).time.clone() else {
            return Err(Refusal("a table has no time".to_owned()));
        };
        // The time itself is the same for all rows at the end.
        if value.sql.text == time.text {
            let sql = self.grouped(rows, end, &time.text, &[&time]);
            return Ok(Value { sql, ..value.clone() });
        }
        let (place, known) = self.place_of(aggregate.table)?;
        let frame = self.frame(scope);
        let owner = frame.owner.clone().unwrap_or_else(|| time.clone());
        let own = frame.stages.bind(value.sql.clone());
        let counts =
            rows.condition.as_ref().map(|of| format!(" AND {}", of.text)).unwrap_or_default();
        let text = format!(
            "{end}(CASE WHEN {} IS NOT NULL AND {} IS NOT NULL{counts} THEN {} END) OVER (PARTITION BY {})",
            time.text, own.text, place.text, owner.text
        );
        let reads = [&time, &own, &place, &owner].into_iter().chain(&rows.condition);
        let edge = self.frame(scope).stages.window(Sql::of(text, reads));
        let at = format!("{} = {}", place.text, edge.text);
        let at = Sql::of(at, [&place, &edge]);
        let at = match &rows.condition {
            Some(condition) => {
                Sql::of(format!("{} AND {}", at.text, condition.text), [&at, condition])
            }
            None => at,
        };
        let rows = RowsOf { table: rows.table, condition: Some(at) };
        let greatest = self.grouped(&rows, "max", &own.text, &[&own]);
        if known {
            return Ok(Value { sql: greatest, ..value.clone() });
        }
        let least = self.grouped(&rows, "min", &own.text, &[&own]);
        let grammar = self.context.grammar;
        let ty = match value.ty {
            ExprType::Text => grammar.text_type(),
            ExprType::Float => grammar.double(),
            _ if value.wide => grammar.wide().0,
            _ => grammar.long(),
        };
        let fail =
            grammar.fail("rows of one time have different values, and no order", &least.text, ty);
        let text = format!(
            "(CASE WHEN {least} < {greatest} THEN {fail} ELSE {greatest} END)",
            least = least.text,
            greatest = greatest.text
        );
        Ok(Value { sql: Sql::of(text, [&least, &greatest]), ..value.clone() })
    }

    fn average_gap(&mut self, rows: &RowsOf) -> Lowered<Value> {
        let scope = Scope::Rows(rows.table);
        let Some(time) = self.frame(scope).time.clone() else {
            return Err(Refusal("a table has no time".to_owned()));
        };
        let is_date = self.context.schema.time_of(rows.table).is_some_and(|(_, column)| {
            self.context.schema.column(column).ty == crate::value::Type::Date
        });
        let context = self.context;
        let stages = &mut self.frame(scope).stages;
        let day = if is_date { time } else { context.clock.day(&time, context.grammar, stages) };
        let [first, last, number] = ["min", "max", "count"]
            .map(|function| self.grouped(rows, function, &day.text, &[&day]));
        let day = |sql: Sql| Value {
            range: Range { low: -(1 << 31), high: 1 << 31, fits: true },
            ..Value::new(sql, WHOLE)
        };
        let number = Value { range: Range::ROWS, ..Value::new(number, WHOLE) };
        let mut numbers = self.numbers(Scope::Customers);
        let minus = crate::rule::ArithmeticOp::Subtract;
        let passed = numbers.exact(minus, &day(last), &day(first), 0);
        let gaps = numbers.exact(minus, &number, &Value::number(1, 0), 0);
        Ok(numbers.divided(&passed, &gaps))
    }
}

/// The rows that an aggregate looks at.
struct RowsOf {
    table: TableId,
    condition: Option<Sql>,
}

fn needed(value: Option<Value>) -> Lowered<Value> {
    value.ok_or_else(|| Refusal("an aggregate has no value".to_owned()))
}

fn or_zero(sql: Sql) -> Sql {
    sql.map(|sql| format!("coalesce({sql}, 0)"))
}
