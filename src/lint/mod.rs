//! What is allowed but hardly meant: warnings about rules that passed their check.
//!
//! Every lint reads the rule, not the plan, so that it speaks of what was written. None claims what some data and some
//! `as_of` contradict.

mod declared;
mod missable;
mod missing;
mod reason;
mod same;
mod truth;

use crate::{
    diagnostic::{Code, Finding, SourceId, Sources, Span},
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
    let mut findings = truth::lint(schema, rules, hashes, sources, deep);
    missing::missing_taken(schema, rules, sources, &mut findings);
    declared::undeclared_values(schema, rules, &mut findings);
    same::same_rules(rules, hashes, &mut findings);
    // A `let` that is used twice is said once.
    for finding in &mut findings {
        finding.used_at = rules.use_around(finding.span);
    }
    findings.sort_by_key(|finding| (finding.span, finding.code));
    findings.dedup_by_key(|finding| (finding.span, finding.code));
    leave_out_idle(&mut findings);
    findings
}

/// What is always true takes in everyone, those with a missing value too: that is said once.
fn leave_out_idle(findings: &mut Vec<Finding>) {
    let always = findings.iter().filter(|finding| finding.code == Code::AlwaysTrue);
    let always: Vec<Span> = always.map(|finding| finding.span).collect();
    // How far each of them and those before it reach.
    let reach = always.iter().scan((SourceId(0), 0), |reach, span| {
        *reach = (*reach).max((span.source, span.end));
        Some(*reach)
    });
    let reach: Vec<(SourceId, u32)> = reach.collect();
    findings.retain(|finding| {
        let Span { source, start, end } = finding.span;
        let before = always.partition_point(|span| (span.source, span.start) <= (source, start));
        let around = before.checked_sub(1).and_then(|last| reach.get(last));
        finding.code != Code::MissingTaken || around.is_none_or(|reach| *reach < (source, end))
    });
}
