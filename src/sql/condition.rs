//! Conditions: true or false, never NULL.

use super::{
    day::marched_ranges,
    lower::{Lowered, Lowering, Refusal, Value},
    stages::Sql,
};
use crate::{
    plan::{
        Comparison, ConditionId, ConditionKind, Constant, Scope, ValueId, YearlyWindow, joined,
    },
    rule::{Domain, ExprType},
    value::Sample,
};

impl Lowering<'_> {
    /// What is read more than once is a column of its own.
    pub(super) fn condition(&mut self, id: ConditionId) -> Lowered<Sql> {
        if let Some(known) = self.conditions.get(&id) {
            return Ok(known.clone());
        }
        let plan = self.context.plan;
        let Some(node) = plan.conditions().get(id.0 as usize) else {
            return Err(Refusal("a condition is not in the plan".to_owned()));
        };
        let mut sql = self.truth(node.scope, &node.kind)?;
        if self.uses.of_condition(id) > 1 {
            sql = self.frame(node.scope).stages.bind(sql);
        }
        self.conditions.insert(id, sql.clone());
        Ok(sql)
    }

    fn truth(&mut self, scope: Scope, kind: &ConditionKind) -> Lowered<Sql> {
        match kind {
            ConditionKind::Constant(truth) => Ok(constant(*truth)),
            ConditionKind::Not(of) => {
                Ok(self.condition(*of)?.closed().map(|of| format!("(NOT {of})")))
            }
            ConditionKind::And(of) => Ok(chained("AND", &self.conditions_of(of)?)),
            ConditionKind::Or(of) => Ok(chained("OR", &self.conditions_of(of)?)),
            ConditionKind::AtLeast { count, of } => {
                let one = |sql: Sql| sql.map(|of| format!("CASE WHEN {of} THEN 1 ELSE 0 END"));
                let ones: Vec<Sql> = self.conditions_of(of)?.into_iter().map(one).collect();
                Ok(chained("+", &ones).map(|number| format!("({number} >= {count})")))
            }
            ConditionKind::Holds(of) => {
                let of = self.value(*of)?;
                Ok(certain(of.sql.closed().map(|of| format!("{of} = 1"))))
            }
            ConditionKind::Present(of) => self.present(*of),
            ConditionKind::NotEmpty(of) => {
                let size = self.size(*of)?;
                Ok(certain(size.sql.map(|size| format!("{size} > 0"))))
            }
            ConditionKind::CompareConstant { value, op, constant, domain } => {
                self.compare_constants(*value, *op, std::slice::from_ref(constant), *domain)
            }
            ConditionKind::OneOf { value, constants, domain } => {
                self.compare_constants(*value, Comparison::Equal, constants, *domain)
            }
            ConditionKind::Compare { op, left, right, domain } => {
                self.compare(scope, *op, *left, *right, *domain)
            }
            ConditionKind::Yearly { value, windows } => self.yearly(*value, windows),
            ConditionKind::YearlyBetween { value, first, last } => {
                self.yearly_between(*value, *first, *last)
            }
            ConditionKind::TextConstant { test, value, pattern, fold_case } => {
                self.text_constant(*test, *value, pattern, *fold_case)
            }
            ConditionKind::Text { test, value, pattern, fold_case } => {
                self.text_values(*test, *value, *pattern, *fold_case)
            }
            ConditionKind::ContainsAny { value, items, fold_case } => {
                self.contains_any(*value, items, *fold_case)
            }
            ConditionKind::Matches { value, pattern } => self.matches(*value, pattern),
            ConditionKind::Near { value, vicinity } => self.near(*value, *vicinity),
            ConditionKind::InSegment(id) => self.members(*id),
            ConditionKind::Sample(sample) => self.sample(sample),
            ConditionKind::Enough { threshold, least } => self.enough(*threshold, *least),
            ConditionKind::Beyond { value, threshold } => self.beyond(*value, *threshold),
        }
    }

    fn conditions_of(&mut self, of: &[ConditionId]) -> Lowered<Vec<Sql>> {
        of.iter().map(|id| self.condition(*id)).collect()
    }

    pub(super) fn present(&mut self, of: ValueId) -> Lowered<Sql> {
        match self.type_of(of) {
            ExprType::Geo => return self.place_present(of),
            // A missing set is an empty one.
            ExprType::TextSet | ExprType::IntSet => {
                let holder = self.holder(of)?;
                return Ok(holder.map_or_else(
                    || constant(true),
                    |key| key.map(|key| format!("({key} IS NOT NULL)")),
                ));
            }
            _ => {}
        }
        Ok(self.value(of)?.sql.closed().map(|of| format!("({of} IS NOT NULL)")))
    }

    fn compare_constants(
        &mut self,
        of: ValueId,
        op: Comparison,
        constants: &[Constant],
        domain: Domain,
    ) -> Lowered<Sql> {
        let ty = self.type_of(of);
        match (ty, domain) {
            (ExprType::Text, Domain::Text { fold_case }) => {
                self.compare_texts(of, op, constants, fold_case)
            }
            (ExprType::Float, _) => self.compare_floats(of, op, constants),
            _ => {
                let now = self.context.now;
                let ranges = constants.iter().filter_map(|each| now.range(ty, op, each, domain));
                let ranges = joined(ranges.collect());
                let value = if ranges.len() > 1 { self.bound(of)? } else { self.value(of)? };
                Ok(self.within(&value, &ranges))
            }
        }
    }

    /// An exact value in one of the ranges, which ascend and do not touch.
    pub(super) fn within(&self, value: &Value, ranges: &[(i128, i128)]) -> Sql {
        let whole = |number: i128| self.context.grammar.whole(number);
        let (least, most) = (value.range.low, value.range.high);
        let sql = value.sql.clone().closed();
        let (mut singles, mut tests) = (Vec::new(), Vec::new());
        for (low, high) in ranges.iter().copied() {
            let test = match (low <= least, high >= most) {
                _ if high < least || low > most => continue,
                (true, true) => return sql.map(|of| format!("({of} IS NOT NULL)")),
                (true, false) => format!("{} <= {}", sql.text, whole(high)),
                (false, true) => format!("{} >= {}", sql.text, whole(low)),
                (false, false) if low == high => {
                    singles.push(whole(low));
                    continue;
                }
                (false, false) => {
                    format!("{} BETWEEN {} AND {}", sql.text, whole(low), whole(high))
                }
            };
            tests.push(sql.map(|_| test));
        }
        match singles.as_slice() {
            [] => {}
            [only] => tests.push(sql.map(|of| format!("{of} = {only}"))),
            _ => tests.push(sql.map(|of| format!("{of} IN ({})", singles.join(", ")))),
        }
        if tests.is_empty() { constant(false) } else { certain(chained("OR", &tests)) }
    }

    fn compare_floats(
        &mut self,
        of: ValueId,
        op: Comparison,
        constants: &[Constant],
    ) -> Lowered<Sql> {
        let value = if constants.len() > 1 { self.bound(of)? } else { self.value(of)? };
        let mut tests = Vec::new();
        for each in constants {
            let constant = self.constant(each, ExprType::Float)?;
            let sql = value.sql.clone().closed();
            tests.push(sql.map(|of| format!("{of} {} {}", sign(op), constant.sql.text)));
        }
        Ok(certain(chained("OR", &tests)))
    }

    fn compare(
        &mut self,
        scope: Scope,
        op: Comparison,
        left: ValueId,
        right: ValueId,
        domain: Domain,
    ) -> Lowered<Sql> {
        let (left, right) = match domain {
            Domain::Day => (self.local_day(left)?, self.local_day(right)?),
            Domain::Text { fold_case: true } => (self.folded(left)?, self.folded(right)?),
            Domain::Number => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                let (left, right) = self.comparable(scope, left, right);
                (left.sql, right.sql)
            }
            Domain::Bool | Domain::Text { .. } | Domain::Instant => {
                (self.value(left)?.sql, self.value(right)?.sql)
            }
        };
        let (left, right) = (left.closed(), right.closed());
        let text = format!("{} {} {}", left.text, sign(op), right.text);
        Ok(certain(Sql::of(text, [&left, &right])))
    }

    /// Exact numbers on one scale; where one side is a float both are.
    fn comparable(&mut self, scope: Scope, left: Value, right: Value) -> (Value, Value) {
        let mut numbers = self.numbers(scope);
        match (left.ty, right.ty) {
            (ExprType::Exact { scale: a }, ExprType::Exact { scale: b }) => {
                let scale = a.max(b);
                (numbers.rescaled(&left, scale), numbers.rescaled(&right, scale))
            }
            _ => (numbers.float(&left), numbers.float(&right)),
        }
    }

    fn yearly(&mut self, of: ValueId, windows: &[YearlyWindow]) -> Lowered<Sql> {
        let Some(taken) = self.context.now.month_days(windows) else { return self.present(of) };
        let scope = self.scope_of(of);
        let day = self.local_day(of)?;
        let days = self.marched(scope, &day).days;
        let value = Value::new(days, ExprType::Exact { scale: 0 });
        Ok(self.within(&value, &joined(marched_ranges(&taken))))
    }

    fn yearly_between(&mut self, of: ValueId, first: ValueId, last: ValueId) -> Lowered<Sql> {
        let day = self.month_day(of)?;
        let (first, last) = (self.month_day(first)?, self.month_day(last)?);
        let text = format!(
            "CASE WHEN {first} <= {last} THEN {day} >= {first} AND {day} <= {last} ELSE {day} >= {first} OR {day} <= {last} END AND {first} IS NOT NULL AND {last} IS NOT NULL",
            first = first.text,
            last = last.text,
            day = day.text
        );
        Ok(certain(Sql::of(text, [&day, &first, &last])))
    }

    /// The first eight digits of the MD5 are below those of the share.
    fn sample(&mut self, sample: &Sample) -> Lowered<Sql> {
        let bound = sample.bound();
        if bound == 0 || bound > u64::from(u32::MAX) {
            return Ok(constant(bound != 0));
        }
        let key = self.key();
        let grammar = self.context.grammar;
        let seed = self.literal(&format!("{}:", sample.seed()))?;
        let text = format!("concat({seed}, CAST({} AS {}))", key.text, grammar.text_type());
        let md5 = grammar.md5(&text);
        let md5 =
            md5.ok_or_else(|| Refusal("there is no MD5 to draw a `sample` with".to_owned()))?;
        Ok(key.map(|_| format!("({md5} < '{bound:08x}')")))
    }
}

pub(super) fn constant(truth: bool) -> Sql {
    Sql::literal(if truth { "TRUE" } else { "FALSE" })
}

/// A test that is NULL where something is missing.
pub(super) fn certain(test: Sql) -> Sql {
    test.map(|test| format!("coalesce({test}, FALSE)"))
}

pub(super) const fn sign(op: Comparison) -> &'static str {
    match op {
        Comparison::Equal => "=",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
    }
}

/// So many stand side by side; of more, halves are put in brackets, because engines limit how deep an expression is.
const SIDE_BY_SIDE: usize = 16;

/// All with one operator between them.
pub(super) fn chained(operator: &str, parts: &[Sql]) -> Sql {
    match parts {
        [only] => only.clone(),
        _ if parts.len() <= SIDE_BY_SIDE => {
            let closed: Vec<Sql> = parts.iter().map(|part| part.clone().closed()).collect();
            let texts: Vec<&str> = closed.iter().map(|part| part.text.as_str()).collect();
            Sql::of(format!("({})", texts.join(&format!(" {operator} "))), &closed)
        }
        _ => {
            let (one, other) = parts.split_at(parts.len() / 2);
            chained(operator, &[chained(operator, one), chained(operator, other)])
        }
    }
}
