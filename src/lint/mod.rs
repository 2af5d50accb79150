//! What is allowed but hardly meant: warnings about rules that passed their check.
//!
//! Every lint reads the rule, not the plan, so that it speaks of what was written. None claims what some data and some
//! `as_of` contradict.

mod declared;
mod missable;
mod missing;
mod same;

use crate::{
    diagnostic::{Finding, Sources},
    rule::{ContentHash, RuleSet},
    schema::Schema,
};

/// The warnings about rules without errors. `deep` compares segments with each other too, which takes
/// more than linear time.
pub(crate) fn lint(
    schema: &Schema,
    rules: &RuleSet,
    hashes: &[ContentHash],
    sources: &Sources,
    deep: bool,
) -> Vec<Finding> {
    let _ = deep;
    let mut findings = Vec::new();
    missing::missing_taken(schema, rules, sources, &mut findings);
    declared::undeclared_values(schema, rules, &mut findings);
    same::same_rules(rules, hashes, &mut findings);
    // A `let` that is used twice is said once.
    findings.sort_by_key(|finding| (finding.span, finding.code));
    findings.dedup_by_key(|finding| (finding.span, finding.code));
    findings
}
