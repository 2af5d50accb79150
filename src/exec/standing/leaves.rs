//! Which conditions are leaves: those that no segment takes apart.

use super::super::{Input, Inputs};
use crate::plan::{ConditionKind, Plan, Step};

/// By condition: whether it is a leaf of a segment that is evaluated.
pub(in super::super) fn leaves(plan: &Plan, inputs: &Inputs) -> Vec<bool> {
    let mut reached = vec![false; plan.conditions().len()];
    for (number, segment) in plan.segments().iter().enumerate() {
        if let Input::Evaluate { .. } = inputs.of(number)
            && let Some(reached) = reached.get_mut(segment.condition.0 as usize)
        {
            *reached = true;
        }
    }
    let mut leaves = vec![false; reached.len()];
    for step in plan.steps().iter().rev() {
        let Step::Condition(id) = step else { continue };
        let number = id.0 as usize;
        if reached.get(number) != Some(&true) {
            continue;
        }
        let Some(node) = plan.conditions().get(number) else { continue };
        if combines(&node.kind) {
            let condition = |id: crate::plan::ConditionId| {
                reached.get_mut(id.0 as usize).into_iter().for_each(|reached| *reached = true);
            };
            node.kind.for_each_input(condition, |_| {});
        } else if let Some(leaf) = leaves.get_mut(number) {
            *leaf = true;
        }
    }
    leaves
}

/// Whether a condition says nothing but how others go together, or is the same for everybody.
fn combines(kind: &ConditionKind) -> bool {
    matches!(
        kind,
        ConditionKind::Constant(_)
            | ConditionKind::Not(_)
            | ConditionKind::And(_)
            | ConditionKind::Or(_)
            | ConditionKind::AtLeast { .. }
            | ConditionKind::InSegment(_)
            | ConditionKind::Enough { .. }
    )
}
