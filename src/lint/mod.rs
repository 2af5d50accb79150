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

use std::collections::HashMap;

use crate::{
    diagnostic::{Code, Finding, SourceId, Sources, Span},
    limits::Limits,
    parallel::in_parallel,
    rule::{RuleSet, SegmentId},
    schema::Schema,
};

/// Segments that one thread looks at together.
const SHARE: usize = 256;

/// Rules and what belongs to them.
#[derive(Clone, Copy)]
struct Rules<'a> {
    schema: &'a Schema,
    set: &'a RuleSet,
    sources: &'a Sources,
}

/// The warnings about rules without errors. `deep` compares segments with each other too, which takes
/// more than linear time.
pub(crate) fn lint(
    schema: &Schema,
    rules: &RuleSet,
    sources: &Sources,
    limits: &Limits,
    deep: bool,
) -> Vec<Finding> {
    let all = Rules { schema, set: rules, sources };
    let shares = if deep { vec![rules.order.clone()] } else { shares(rules) };
    let found = in_parallel(shares.len(), |number| {
        let Some(share) = shares.get(number) else { return Vec::new() };
        limits.with_room(|| {
            let mut findings = truth::lint(all, share, shares.len(), deep);
            missing::missing_taken(all, share, &mut findings);
            findings
        })
    });
    let mut findings: Vec<Finding> = found.into_iter().flatten().collect();
    findings.extend(limits.with_room(|| {
        let mut findings = truth::lint_purchases(all);
        missing::missing_purchases(all, &mut findings);
        findings
    }));
    declared::undeclared_values(schema, rules, &mut findings);
    same::same_rules(schema, rules, &mut findings);
    // A `let` that is used twice is said once.
    for finding in &mut findings {
        finding.used_at = rules.use_around(finding.span);
    }
    findings.sort_by_key(|finding| (finding.span, finding.code));
    findings.dedup_by_key(|finding| (finding.span, finding.code));
    leave_out_idle(&mut findings);
    findings
}

/// All segments in their order, the parts of one partition together.
fn shares(rules: &RuleSet) -> Vec<Vec<SegmentId>> {
    let parts = rules.partition_of_parts();
    let mut shares: Vec<Vec<SegmentId>> = Vec::new();
    let mut of_partition: HashMap<usize, usize> = HashMap::new();
    for id in &rules.order {
        if shares.last().is_none_or(|share| share.len() >= SHARE) {
            shares.push(Vec::new());
        }
        let last = shares.len() - 1;
        let share = parts.get(id).map_or(last, |part| *of_partition.entry(*part).or_insert(last));
        if let Some(share) = shares.get_mut(share) {
            share.push(*id);
        }
    }
    shares
}

/// What is always true takes in everyone, those with a missing value too: that is said once. A `between` with its ends
/// in the wrong order is always true or never.
fn leave_out_idle(findings: &mut Vec<Finding>) {
    let of = |code: Code| {
        let found = findings.iter().filter(move |finding| finding.code == code);
        found.map(|finding| finding.span).collect::<Vec<Span>>()
    };
    let (always, swapped) = (of(Code::AlwaysTrue), of(Code::SwappedEnds));
    // How far each of them and those before it reach.
    let reach = always.iter().scan((SourceId(0), 0), |reach, span| {
        *reach = (*reach).max((span.source, span.end));
        Some(*reach)
    });
    let reach: Vec<(SourceId, u32)> = reach.collect();
    let is_idle = |span: Span| {
        let Span { source, start, end } = span;
        let before = always.partition_point(|span| (span.source, span.start) <= (source, start));
        let around = before.checked_sub(1).and_then(|last| reach.get(last));
        let next = swapped.partition_point(|ends| (ends.source, ends.start) < (source, start));
        around.is_some_and(|reach| *reach >= (source, end))
            || swapped.get(next).is_some_and(|ends| span.holds(*ends))
    };
    findings.retain(|finding| finding.code != Code::MissingTaken || !is_idle(finding.span));
}
