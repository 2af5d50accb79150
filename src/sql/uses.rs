//! How often each node is read, so that what is read more than once becomes a column.

use crate::plan::{ConditionId, ConditionKind, Plan, ValueId, ValueKind};

pub(super) struct Uses {
    conditions: Vec<u32>,
    values: Vec<u32>,
}

impl Uses {
    /// By nodes that segments reach; a pick of nodes that others made superfluous stays out.
    pub(super) fn new(plan: &Plan) -> Self {
        let mut uses = Self {
            conditions: vec![0; plan.conditions().len()],
            values: vec![0; plan.values().len()],
        };
        for segment in plan.segments() {
            uses.condition(plan, segment.condition);
        }
        uses
    }

    pub(super) fn of_condition(&self, id: ConditionId) -> u32 {
        self.conditions.get(id.0 as usize).copied().unwrap_or(0)
    }

    pub(super) fn of_value(&self, id: ValueId) -> u32 {
        self.values.get(id.0 as usize).copied().unwrap_or(0)
    }

    // Recursion follows the nesting of the rule, which is bounded.
    fn condition(&mut self, plan: &Plan, id: ConditionId) {
        let Some(count) = self.conditions.get_mut(id.0 as usize) else { return };
        *count += 1;
        if *count > 1 {
            return;
        }
        let Some(node) = plan.conditions().get(id.0 as usize) else { return };
        let (mut conditions, mut values) = (Vec::new(), Vec::new());
        node.kind.for_each_input(|of| conditions.push(of), |of| values.push(of));
        if let ConditionKind::Enough { threshold, .. } | ConditionKind::Beyond { threshold, .. } =
            &node.kind
        {
            values.extend(
                plan.thresholds().get(threshold.0 as usize).map(|threshold| threshold.value),
            );
        }
        self.all(plan, &conditions, &values);
    }

    fn value(&mut self, plan: &Plan, id: ValueId) {
        let Some(count) = self.values.get_mut(id.0 as usize) else { return };
        *count += 1;
        if *count > 1 {
            return;
        }
        let Some(node) = plan.values().get(id.0 as usize) else { return };
        let (mut conditions, mut values) = (Vec::new(), Vec::new());
        plan.for_each_input_of(&node.kind, |of| conditions.push(of), |of| values.push(of));
        if let ValueKind::Bucket { threshold, .. } = &node.kind {
            values.extend(
                plan.thresholds().get(threshold.0 as usize).map(|threshold| threshold.value),
            );
        }
        self.all(plan, &conditions, &values);
    }

    fn all(&mut self, plan: &Plan, conditions: &[ConditionId], values: &[ValueId]) {
        conditions.iter().for_each(|id| self.condition(plan, *id));
        values.iter().for_each(|id| self.value(plan, *id));
    }
}
