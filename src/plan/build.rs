//! The arenas while they grow: interning, and what a node depends on.

use std::collections::HashMap;

use super::{
    Aggregate, AggregateId, Ask, ConditionId, ConditionKind, ConditionNode, Depends, Plan, Scope,
    SegmentNode, Step, Threshold, ThresholdId, ValueId, ValueKind, ValueNode, YearlyWindow,
    predict::{Purchases, Tiers},
    rfm::RfmColumns,
};
use crate::rule::{ExprType, Function, Prediction};

/// A plan under construction. The constructors that simplify are in `simplify`.
pub(super) struct Builder {
    plan: Plan,
    conditions: HashMap<(Scope, ConditionKind), ConditionId>,
    values: HashMap<(Scope, ValueKind, ExprType), ValueId>,
    aggregates: HashMap<Aggregate, AggregateId>,
    thresholds: HashMap<(ValueId, Ask), ThresholdId>,
    pub(super) rfm: RfmColumns,
    pub(super) tiers: Tiers,
}

impl Builder {
    pub(super) fn new() -> Self {
        Self {
            plan: Plan {
                conditions: Vec::new(),
                values: Vec::new(),
                aggregates: Vec::new(),
                thresholds: Vec::new(),
                purchases: None,
                segments: Vec::new(),
                steps: Vec::new(),
            },
            conditions: HashMap::new(),
            values: HashMap::new(),
            aggregates: HashMap::new(),
            thresholds: HashMap::new(),
            rfm: RfmColumns::default(),
            tiers: Tiers::default(),
        }
    }

    /// `segments` in the order of the rule set.
    pub(super) fn finish(
        mut self,
        segments: Vec<SegmentNode>,
        purchases: Option<Purchases>,
    ) -> Plan {
        self.plan.segments = segments;
        self.plan.purchases = purchases;
        self.plan.bring_sources_forward();
        self.plan
    }

    pub(super) fn segment_done(&mut self, id: crate::rule::SegmentId) {
        self.plan.steps.push(Step::Segment(id));
    }

    pub(super) fn intern_condition(&mut self, scope: Scope, kind: ConditionKind) -> ConditionId {
        if let Some(&id) = self.conditions.get(&(scope, kind.clone())) {
            return id;
        }
        let depends = self.condition_depends(&kind);
        let id = ConditionId(number(self.plan.conditions.len()));
        self.plan.conditions.push(ConditionNode { scope, kind: kind.clone(), depends });
        self.plan.steps.push(Step::Condition(id));
        self.conditions.insert((scope, kind), id);
        id
    }

    pub(super) fn intern_value(&mut self, scope: Scope, kind: ValueKind, ty: ExprType) -> ValueId {
        if let Some(&id) = self.values.get(&(scope, kind.clone(), ty)) {
            return id;
        }
        let depends = self.value_depends(&kind);
        let id = ValueId(number(self.plan.values.len()));
        self.plan.values.push(ValueNode { scope, kind: kind.clone(), ty, depends });
        self.plan.steps.push(Step::Value(id));
        self.values.insert((scope, kind, ty), id);
        id
    }

    pub(super) fn intern_aggregate(&mut self, kind: Aggregate) -> AggregateId {
        if let Some(&id) = self.aggregates.get(&kind) {
            return id;
        }
        let id = AggregateId(number(self.plan.aggregates.len()));
        self.plan.aggregates.push(kind.clone());
        self.aggregates.insert(kind, id);
        id
    }

    pub(super) fn intern_threshold(&mut self, value: ValueId, ask: Ask) -> ThresholdId {
        if let Some(&id) = self.thresholds.get(&(value, ask)) {
            return id;
        }
        let id = ThresholdId(number(self.plan.thresholds.len()));
        let level = self.value(value).depends.population;
        self.plan.thresholds.push(Threshold { value, ask, level });
        self.thresholds.insert((value, ask), id);
        id
    }

    #[expect(clippy::indexing_slicing, reason = "INVARIANT: ids come from this builder's arenas")]
    pub(super) fn condition(&self, id: ConditionId) -> &ConditionNode {
        &self.plan.conditions[id.0 as usize]
    }

    #[expect(clippy::indexing_slicing, reason = "INVARIANT: ids come from this builder's arenas")]
    pub(super) fn value(&self, id: ValueId) -> &ValueNode {
        &self.plan.values[id.0 as usize]
    }

    #[expect(clippy::indexing_slicing, reason = "INVARIANT: ids come from this builder's arenas")]
    pub(super) fn aggregate(&self, id: AggregateId) -> &Aggregate {
        &self.plan.aggregates[id.0 as usize]
    }

    fn condition_depends(&self, kind: &ConditionKind) -> Depends {
        let mut depends = Depends::default();
        let mut values = Vec::new();
        kind.for_each_input(
            |id| depends = depends.and(self.condition(id).depends),
            |id| values.push(id),
        );
        for id in values {
            depends = depends.and(self.value(id).depends);
        }
        match kind {
            ConditionKind::CompareConstant { constant, .. } => {
                depends.time |= constant.depends_on_time();
            }
            ConditionKind::OneOf { constants, .. } => {
                depends.time |= constants.iter().any(super::Constant::depends_on_time);
            }
            ConditionKind::Yearly { windows, .. } => {
                depends.time |= windows.iter().any(|window| match window {
                    YearlyWindow::Days { .. } => true,
                    YearlyWindow::Circle { first, last } => {
                        first.depends_on_time() || last.depends_on_time()
                    }
                });
            }
            ConditionKind::InSegment(_) => depends.segments = true,
            ConditionKind::Beyond { .. } => depends = depends.ranked(),
            ConditionKind::Enough { threshold, .. } => {
                let value = self.plan.thresholds.get(threshold.0 as usize);
                let value = value.map(|threshold| self.value(threshold.value).depends);
                depends = value.unwrap_or_default().ranked();
            }
            _ => {}
        }
        depends
    }

    fn value_depends(&self, kind: &ValueKind) -> Depends {
        match kind {
            ValueKind::Constant(constant) => {
                Depends { time: constant.depends_on_time(), ..Depends::default() }
            }
            ValueKind::Column(_) => Depends::default(),
            ValueKind::Aggregate(_) => Depends { time: true, ..Depends::default() },
            ValueKind::Negate(of) => self.value(*of).depends,
            ValueKind::Arithmetic { left, right, .. } => {
                self.value(*left).depends.and(self.value(*right).depends)
            }
            ValueKind::Call { function, arguments } => {
                let time = matches!(function, Function::Age | Function::DaysSince);
                arguments
                    .iter()
                    .map(|id| self.value(*id).depends)
                    .fold(Depends { time, ..Depends::default() }, Depends::and)
            }
            ValueKind::Bucket { value, .. } => self.value(*value).depends.ranked(),
            ValueKind::Grade { value, .. } | ValueKind::Pick { index: value, .. } => {
                self.value(*value).depends
            }
            ValueKind::Choose { condition, then, otherwise } => {
                let both = [Some(*then), *otherwise].into_iter().flatten();
                let depends = self.condition(*condition).depends;
                both.map(|id| self.value(id).depends).fold(depends, Depends::and)
            }
            // The models are fitted on all.
            ValueKind::Predicted(asked) => {
                let population = u32::from(*asked != Prediction::NextOrder);
                Depends { time: true, population, ..Depends::default() }
            }
            ValueKind::Condition(of) => self.condition(*of).depends,
        }
    }
}

impl Depends {
    fn and(self, other: Self) -> Self {
        Self {
            time: self.time || other.time,
            segments: self.segments || other.segments,
            population: self.population.max(other.population),
        }
    }

    /// Of a place among all in the order of a value that depends so.
    fn ranked(self) -> Self {
        Self { population: self.population.saturating_add(1), ..self }
    }
}

/// INVARIANT: a rule set has fewer than 2^32 nodes: each takes more than one byte of a text below 4 GiB.
fn number(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
