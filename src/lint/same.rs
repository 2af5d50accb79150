//! Segments that say the same.

use std::collections::{HashMap, HashSet};

use crate::{
    diagnostic::{Code, Finding},
    rule::{
        ContentHash, Pin, RuleSet, SegmentId, SegmentKind, SegmentRule, content_hashes, fingerprint,
    },
    schema::Schema,
    value::Key,
};

/// Everything that decides who is in a segment.
#[derive(PartialEq, Eq, Hash)]
struct Content<'a> {
    hash: ContentHash,
    kind: SegmentKind,
    inactive: bool,
    pins_in: Option<Vec<&'a Key>>,
    pins_out: Vec<&'a Key>,
}

/// Warns at every segment that has the rule of an earlier one; of a partition, once.
pub(super) fn same_rules(schema: &Schema, rules: &RuleSet, findings: &mut Vec<Finding>) {
    let alike = alike(rules);
    let hashes = content_hashes(alike.iter().map(|(_, rule)| *rule), rules, schema);
    let mut count: HashMap<ContentHash, usize> = HashMap::new();
    hashes.iter().for_each(|hash| *count.entry(*hash).or_default() += 1);
    let partitions = rules.partition_of_parts();
    let mut told: HashSet<usize> = HashSet::new();
    let mut first: HashMap<Content<'_>, &SegmentRule> = HashMap::new();
    for ((id, rule), hash) in alike.into_iter().zip(&hashes) {
        // Pins may be many, and most rules are like no other.
        if count.get(hash) == Some(&1) {
            continue;
        }
        let known = *first.entry(content(rule, *hash)).or_insert(rule);
        let partition = partitions.get(&id);
        if std::ptr::eq(known, rule) || partition.is_some_and(|partition| !told.insert(*partition))
        {
            continue;
        }
        let message = format!("`{}` has the same rule as `{}`", rule.name, known.name);
        let help = "leave one of them out, or say in one what makes it another";
        findings.push(Finding::new(Code::SameRule, rule.span, message).help(help));
    }
}

/// The segments that may say the same as another one, in the order of the files.
fn alike(rules: &RuleSet) -> Vec<(SegmentId, &SegmentRule)> {
    let prints: Vec<u64> = rules.segments.iter().map(fingerprint).collect();
    let mut sorted = prints.clone();
    sorted.sort_unstable();
    let several: HashSet<u64> =
        sorted.chunk_by(u64::eq).filter(|of| of.len() > 1).flatten().copied().collect();
    let alike = rules.numbered().zip(prints).filter(|(_, print)| several.contains(print));
    alike.map(|(found, _)| found).collect()
}

fn content(rule: &SegmentRule, hash: ContentHash) -> Content<'_> {
    Content {
        hash,
        kind: rule.kind,
        inactive: rule.inactive,
        pins_in: rule.pins_in.as_deref().map(keys),
        pins_out: keys(&rule.pins_out),
    }
}

/// Each key once, in their order.
fn keys(pins: &[Pin]) -> Vec<&Key> {
    let mut keys: Vec<&Key> = pins.iter().map(|pin| &pin.key).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}
