//! The order of steps: an aggregate comes after those that it follows from.

use std::collections::{HashMap, HashSet};

use super::{Aggregate, Plan, Step, ValueId, ValueKind};
use crate::rule::AggregateFunction;

impl Aggregate {
    /// The aggregates from which this one can be told without asking the rows again.
    pub(crate) fn follows_from(&self) -> Vec<Self> {
        let other = |function, value| Self { function, value, filter: self.filter, ..*self };
        match self.function {
            AggregateFunction::Exists => vec![other(AggregateFunction::Count, self.value)],
            AggregateFunction::Avg => vec![
                other(AggregateFunction::Sum, self.value),
                other(AggregateFunction::Count, None),
            ],
            _ => Vec::new(),
        }
    }
}

impl Plan {
    /// Brings forward what aggregates follow from. That reads nothing but what they read, so it may stand before them.
    pub(super) fn bring_sources_forward(&mut self) {
        let aggregates = (0..).map(ValueId).zip(&self.values);
        let aggregates =
            aggregates.filter_map(|(id, node)| Some((self.aggregate(&node.kind)?, id)));
        let by_kind: HashMap<&Aggregate, ValueId> = aggregates.collect();
        let sources = |step: &Step| {
            let Step::Value(id) = step else { return Vec::new() };
            let kind = self.values.get(id.0 as usize).and_then(|node| self.aggregate(&node.kind));
            let sources = kind.map(Aggregate::follows_from).unwrap_or_default();
            sources.iter().filter_map(|source| by_kind.get(source).copied()).collect()
        };
        let mut steps = Vec::with_capacity(self.steps.len());
        let mut done = HashSet::new();
        for step in &self.steps {
            let before = sources(step).into_iter().map(Step::Value);
            steps.extend(before.chain([*step]).filter(|step| done.insert(*step)));
        }
        self.steps = steps;
    }

    fn aggregate(&self, kind: &ValueKind) -> Option<&Aggregate> {
        match kind {
            ValueKind::Aggregate(id) => self.aggregates.get(id.0 as usize),
            _ => None,
        }
    }
}
