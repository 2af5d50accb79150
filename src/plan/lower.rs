//! From rules to nodes. Recursion follows the nesting of the rule, which is bounded.

use super::{
    Aggregate, Ask, Comparison, ConditionId, ConditionKind, Constant, Plan, Scope, SegmentNode,
    ValueId, ValueKind, YearlyWindow, build::Builder, constant,
};
use crate::{
    calendar::{Offset, Unit},
    rule::{
        Aggregate as RuleAggregate, ArithmeticOp, CompareOp, Condition, ConditionKind as Rule,
        Domain, Expr, ExprKind, ExprType, Quantifier, RuleSet, SegmentRule,
        YearlyWindow as RuleWindow,
    },
};

pub(super) fn lower(rules: &RuleSet) -> Plan {
    let mut builder = Builder::new();
    builder.rfm.definition = rules.rfm.clone();
    let purchases = rules.predict.as_ref().map(|predict| builder.purchases(predict));
    let mut lowered: Vec<Option<SegmentNode>> = rules.segments.iter().map(|_| None).collect();
    for &id in &rules.order {
        let at = id.0 as usize;
        if let (Some(rule), Some(slot)) = (rules.segments.get(at), lowered.get_mut(at)) {
            *slot = Some(segment(&mut builder, rule));
            builder.segment_done(id);
        }
    }
    // INVARIANT: `order` names every segment, so nothing is lost here.
    let segments = lowered.into_iter().flatten().collect();
    builder.finish(segments, purchases)
}

/// No segments, and these values of the customers.
pub(super) fn lower_values(rules: &RuleSet, values: &[Expr]) -> (Plan, Vec<ValueId>) {
    let mut builder = Builder::new();
    builder.rfm.definition = rules.rfm.clone();
    let purchases = rules.predict.as_ref().map(|predict| builder.purchases(predict));
    let lower = |value| builder.lower_expr(Scope::Customers, value);
    let ids = values.iter().map(lower).collect();
    (builder.finish(Vec::new(), purchases), ids)
}

fn segment(builder: &mut Builder, rule: &SegmentRule) -> SegmentNode {
    let scope = Scope::Customers;
    let included = if rule.includes.is_empty() {
        builder.constant(scope, rule.pins_in.is_none())
    } else {
        let any = builder.lower_all(scope, &rule.includes);
        builder.or(scope, any)
    };
    let excluded = builder.lower_all(scope, &rule.excludes);
    let excluded = builder.or(scope, excluded);
    let kept = builder.not(scope, excluded);
    let condition = builder.and(scope, vec![included, kept]);
    let pins_in = rule.pins_in.iter().flatten().map(|pin| pin.key.clone()).collect();
    let pins_out = rule.pins_out.iter().map(|pin| pin.key.clone()).collect();
    SegmentNode { condition, pins_in, pins_out }
}

impl Builder {
    fn lower_all(&mut self, scope: Scope, conditions: &[Condition]) -> Vec<ConditionId> {
        conditions.iter().map(|condition| self.lower_condition(scope, condition)).collect()
    }

    pub(super) fn lower_condition(&mut self, scope: Scope, condition: &Condition) -> ConditionId {
        match &condition.kind {
            Rule::Constant(value) => self.constant(scope, *value),
            Rule::Holds(value) => {
                let value = self.lower_expr(scope, value);
                self.holds(scope, value)
            }
            Rule::Not(of) => {
                let of = self.lower_condition(scope, of);
                self.not(scope, of)
            }
            Rule::And(of) => {
                let of = self.lower_all(scope, of);
                self.and(scope, of)
            }
            Rule::Or(of) => {
                let of = self.lower_all(scope, of);
                self.or(scope, of)
            }
            Rule::Quantified { quantifier, conditions } => {
                let of = self.lower_all(scope, conditions);
                self.quantified(scope, *quantifier, of)
            }
            Rule::Top { end, share, by } => {
                let value = self.lower_expr(scope, by);
                self.beyond(scope, value, *end, *share)
            }
            Rule::InSegment(id) => self.intern_condition(scope, ConditionKind::InSegment(*id)),
            Rule::Sample(sample) => {
                self.intern_condition(scope, ConditionKind::Sample(sample.clone()))
            }
            _ => self.lower_test(scope, &condition.kind),
        }
    }

    fn quantified(
        &mut self,
        scope: Scope,
        quantifier: Quantifier,
        of: Vec<ConditionId>,
    ) -> ConditionId {
        match quantifier {
            Quantifier::All => self.and(scope, of),
            Quantifier::Any => self.or(scope, of),
            Quantifier::None => {
                let any = self.or(scope, of);
                self.not(scope, any)
            }
            Quantifier::AtLeast(count) => self.at_least(scope, count, of),
            Quantifier::AtMost(count) => self.at_most(scope, count, of),
            Quantifier::Exactly(count) => {
                let least = self.at_least(scope, count, of.clone());
                let most = self.at_most(scope, count, of);
                self.and(scope, vec![least, most])
            }
        }
    }

    fn at_most(&mut self, scope: Scope, count: u64, of: Vec<ConditionId>) -> ConditionId {
        match count.checked_add(1) {
            Some(more) => {
                let more = self.at_least(scope, more, of);
                self.not(scope, more)
            }
            None => self.constant(scope, true),
        }
    }

    /// The conditions that read values.
    fn lower_test(&mut self, scope: Scope, kind: &Rule) -> ConditionId {
        match kind {
            Rule::Compare { op, left, right, domain } => {
                let left = self.lower_expr(scope, left);
                let right = self.lower_expr(scope, right);
                let (negated, op) = comparison(*op);
                let compared = self.compare(scope, op, left, right, *domain);
                self.not_if(negated, scope, compared)
            }
            Rule::Between { negated, value, low, high } => {
                let value = self.lower_expr(scope, value);
                let from = self.lower_expr(scope, &low.0);
                let to = self.lower_expr(scope, &high.0);
                let from = self.compare(scope, Comparison::GreaterOrEqual, value, from, low.1);
                let to = self.compare(scope, Comparison::LessOrEqual, value, to, high.1);
                let between = self.and(scope, vec![from, to]);
                self.not_if(*negated, scope, between)
            }
            Rule::In { negated, value, items } => {
                let any = self.lower_in(scope, value, items);
                self.not_if(*negated, scope, any)
            }
            Rule::Within { value, first, last } => self.lower_within(scope, value, *first, *last),
            Rule::Yearly { negated, value, windows } => {
                let any = self.lower_yearly(scope, value, windows);
                self.not_if(*negated, scope, any)
            }
            Rule::TextTest { negated, test, value, pattern, fold_case } => {
                let value = self.lower_expr(scope, value);
                let pattern = self.lower_expr(scope, pattern);
                let met = self.text_test(scope, *test, value, pattern, *fold_case);
                self.not_if(*negated, scope, met)
            }
            Rule::Matches { value, pattern } => {
                let value = self.lower_expr(scope, value);
                let kind = ConditionKind::Matches { value, pattern: pattern.clone() };
                self.intern_condition(scope, kind)
            }
            Rule::Near { value, vicinity } => {
                let value = self.lower_expr(scope, value);
                let kind = ConditionKind::Near { value, vicinity: *vicinity };
                self.intern_condition(scope, kind)
            }
            Rule::SetContains { negated, all, value, items, fold_case } => {
                let value = self.lower_expr(scope, value);
                let items = items.iter().filter_map(|item| Constant::of(&item.kind)).collect();
                let met = self.contains(scope, value, items, *all, *fold_case);
                self.not_if(*negated, scope, met)
            }
            Rule::IsNull { negated, value } => {
                let value = self.lower_expr(scope, value);
                let present = self.present(scope, value);
                self.not_if(!negated, scope, present)
            }
            Rule::IsEmpty { negated, value } => {
                let value = self.lower_expr(scope, value);
                let some = self.intern_condition(scope, ConditionKind::NotEmpty(value));
                self.not_if(!negated, scope, some)
            }
            // The others are taken apart by the caller.
            _ => self.constant(scope, false),
        }
    }

    /// Literals and relative times of one domain become one test, anything else a comparison.
    fn lower_in(&mut self, scope: Scope, value: &Expr, items: &[(Expr, Domain)]) -> ConditionId {
        let value = self.lower_expr(scope, value);
        let mut any = Vec::new();
        let mut constants: Vec<(Domain, Vec<Constant>)> = Vec::new();
        for (item, domain) in items {
            if let Some(constant) = Constant::of(&item.kind) {
                match constants.iter_mut().find(|(known, _)| known == domain) {
                    Some((_, group)) => group.push(constant),
                    None => constants.push((*domain, vec![constant])),
                }
            } else {
                let item = self.lower_expr(scope, item);
                any.push(self.compare(scope, Comparison::Equal, value, item, *domain));
            }
        }
        for (domain, group) in constants {
            any.push(self.one_of(scope, value, group, domain));
        }
        self.or(scope, any)
    }

    fn lower_within(
        &mut self,
        scope: Scope,
        value: &Expr,
        first: Offset,
        last: Offset,
    ) -> ConditionId {
        let value = self.lower_expr(scope, value);
        // The end that is zero says nothing of the unit.
        let unit = if first.amount == 0 { last.unit } else { first.unit };
        let clock = matches!(unit, Unit::Minutes | Unit::Hours);
        let mut bound = |op, offset: Offset| {
            let offset = constant::normal(Offset { unit, ..offset });
            let (domain, constant, ty) = if clock {
                (Domain::Instant, Constant::RelativeInstant(offset), ExprType::DateTime)
            } else {
                (Domain::Day, Constant::RelativeDay(offset), ExprType::Date)
            };
            let constant = self.constant_value(scope, constant, ty);
            self.compare(scope, op, value, constant, domain)
        };
        let from = bound(Comparison::GreaterOrEqual, first);
        let to = bound(Comparison::LessOrEqual, last);
        self.and(scope, vec![from, to])
    }

    fn lower_yearly(&mut self, scope: Scope, value: &Expr, windows: &[RuleWindow]) -> ConditionId {
        let value = self.lower_expr(scope, value);
        let mut fixed = Vec::new();
        let mut any = Vec::new();
        for window in windows {
            match window {
                RuleWindow::Days { first, last } => fixed.push(YearlyWindow::Days {
                    first: constant::normal(*first),
                    last: constant::normal(*last),
                }),
                RuleWindow::Circle { first, last } => {
                    if let (Some(first), Some(last)) =
                        (Constant::of(&first.kind), Constant::of(&last.kind))
                    {
                        fixed.push(YearlyWindow::Circle { first, last });
                    } else {
                        let first = self.lower_expr(scope, first);
                        let last = self.lower_expr(scope, last);
                        let kind = ConditionKind::YearlyBetween { value, first, last };
                        any.push(self.intern_condition(scope, kind));
                    }
                }
            }
        }
        any.push(self.yearly(scope, value, fixed));
        self.or(scope, any)
    }

    pub(super) fn lower_expr(&mut self, scope: Scope, expr: &Expr) -> ValueId {
        if let Some(constant) = Constant::of(&expr.kind) {
            return self.constant_value(scope, constant, expr.ty);
        }
        match &expr.kind {
            ExprKind::Column(path) => {
                self.intern_value(scope, ValueKind::Column(path.clone()), expr.ty)
            }
            ExprKind::Aggregate(aggregate) => {
                let kind = self.lower_aggregate(aggregate);
                self.aggregate_value(scope, kind, expr.ty)
            }
            ExprKind::Negate(of) => {
                let of = self.lower_expr(scope, of);
                self.negate(scope, of, expr.ty)
            }
            ExprKind::Arithmetic { first, rest } => self.lower_chain(scope, first, rest),
            ExprKind::Call { function, arguments } => {
                let arguments = arguments.iter().map(|of| self.lower_expr(scope, of)).collect();
                let kind = ValueKind::Call { function: *function, arguments };
                self.intern_value(scope, kind, expr.ty)
            }
            ExprKind::Quantile { value, buckets } => {
                let value = self.lower_expr(scope, value);
                let threshold = self.intern_threshold(value, Ask::Buckets(*buckets));
                self.intern_value(scope, ValueKind::Bucket { value, threshold }, expr.ty)
            }
            ExprKind::Rfm(field) => self.rfm(*field),
            ExprKind::Predicted(asked) => self.predicted(*asked),
            ExprKind::Condition(of) => {
                let of = self.lower_condition(scope, of);
                self.intern_value(scope, ValueKind::Condition(of), ExprType::Bool)
            }
            // Constants were taken above.
            _ => self.constant_value(scope, Constant::Bool(false), expr.ty),
        }
    }

    fn lower_chain(
        &mut self,
        scope: Scope,
        first: &Expr,
        rest: &[(ArithmeticOp, Expr)],
    ) -> ValueId {
        let mut left = self.lower_expr(scope, first);
        for (op, right) in rest {
            let right = self.lower_expr(scope, right);
            left = self.arithmetic(scope, *op, left, right);
        }
        left
    }

    fn lower_aggregate(&mut self, aggregate: &RuleAggregate) -> Aggregate {
        let scope = Scope::Rows(aggregate.table);
        let value = aggregate.value.as_ref().map(|value| self.lower_expr(scope, value));
        let filter = aggregate.filter.as_ref().map(|filter| self.lower_condition(scope, filter));
        let filter =
            filter.filter(|id| !matches!(self.condition(*id).kind, ConditionKind::Constant(true)));
        Aggregate { function: aggregate.function, table: aggregate.table, value, filter }
    }
}

/// `NotEqual` is the complement of `Equal`.
fn comparison(op: CompareOp) -> (bool, Comparison) {
    match op {
        CompareOp::Equal => (false, Comparison::Equal),
        CompareOp::NotEqual => (true, Comparison::Equal),
        CompareOp::Less => (false, Comparison::Less),
        CompareOp::LessOrEqual => (false, Comparison::LessOrEqual),
        CompareOp::Greater => (false, Comparison::Greater),
        CompareOp::GreaterOrEqual => (false, Comparison::GreaterOrEqual),
    }
}
