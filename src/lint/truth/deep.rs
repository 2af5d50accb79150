//! Segments beside each other, with `check --deep`: of which one contains the other.

use std::collections::{BTreeSet, HashMap};

use super::Lints;
use crate::{
    diagnostic::Code,
    lint::reason::{Effort, Facts, Meaning, Subject, SubjectKey},
    rule::{ConditionKind, Quantifier, SegmentId, SegmentKind, SegmentRule, canonical_text},
};

/// A segment that is calculated anew at every refresh.
struct Entry<'m, 'a> {
    id: SegmentId,
    rule: &'a SegmentRule,
    facts: &'m Facts<'a>,
    /// The number of its partition; parts of one have no customer in common.
    partition: Option<usize>,
}

impl<'a> Lints<'a> {
    /// What others may conclude from membership: nothing where the members are not what the rule says today.
    pub(super) fn learn(&mut self, id: SegmentId, rule: &SegmentRule, meaning: &Meaning<'a>) {
        let (Some(facts), true) = (meaning.facts(), is_current(rule)) else { return };
        let inside = rule.pins_in.as_ref().is_none_or(Vec::is_empty).then(|| facts.yes.clone());
        let outside = rule.pins_out.is_empty().then(|| facts.no.clone());
        self.reason.learn(id, inside, outside);
    }

    pub(super) fn deep(&mut self, members: &HashMap<SegmentId, Meaning<'a>>) {
        let rules = self.rules;
        let parts = rules.partition_of_parts();
        let entry = |(id, rule): (SegmentId, &'a SegmentRule)| {
            let facts = members.get(&id)?.facts()?;
            is_current(rule).then(|| Entry { id, rule, facts, partition: parts.get(&id).copied() })
        };
        let entries: Vec<Entry<'_, 'a>> = rules.numbered().filter_map(entry).collect();
        let around = self.around(&entries);
        let named = self.named(&entries);
        for (inner, outer) in around.iter().enumerate() {
            let is_named = |inner: usize, outer: usize| {
                named.get(inner).is_some_and(|named| named.contains(&outer))
            };
            // Who names a segment says that it lies in it, and in all that contain it.
            let is_said = |outer: usize| {
                let through = named.get(inner).into_iter().flatten();
                is_named(inner, outer)
                    || is_named(outer, inner)
                    || through.copied().any(|named| is_around(&around, named, outer))
            };
            let unsaid: Vec<usize> =
                outer.iter().copied().filter(|outer| !is_said(*outer)).collect();
            self.inside(&entries, inner, &unsaid, &around);
        }
    }

    /// Of each segment those that contain it, ascending.
    fn around(&mut self, entries: &[Entry<'_, 'a>]) -> Vec<Vec<usize>> {
        let mut users: HashMap<Subject, Vec<usize>> = HashMap::new();
        for (number, entry) in entries.iter().enumerate() {
            for fact in entry.facts.yes.facts() {
                users.entry(fact.subject).or_default().push(number);
            }
        }
        let mut around: Vec<Vec<usize>> = vec![Vec::new(); entries.len()];
        for (outer, entry) in entries.iter().enumerate() {
            for inner in candidates(entry, &users, &mut self.effort) {
                let Some(other) = entries.get(inner).filter(|_| inner != outer) else { continue };
                if self.effort.is_spent() {
                    return around;
                }
                if self.is_inside(other, entry)
                    && let Some(found) = around.get_mut(inner)
                {
                    found.push(outer);
                }
            }
        }
        around
    }

    fn is_inside(&mut self, inner: &Entry<'_, 'a>, outer: &Entry<'_, 'a>) -> bool {
        // What is found is kept, so this bounds the memory too.
        const STEPS: usize = 16;
        self.effort.spend_steps(STEPS)
            && (inner.partition.is_none() || inner.partition != outer.partition)
            && inner.rule.pins_in.as_ref().is_none_or(Vec::is_empty)
            && outer.rule.pins_out.is_empty()
            && inner.facts.implies(outer.facts, &mut self.effort)
    }

    /// Of each segment those that its conditions name, and that those name.
    fn named(&self, entries: &[Entry<'_, 'a>]) -> Vec<Vec<usize>> {
        let numbers = entries.iter().zip(0..).map(|(entry, number)| (entry.id, number));
        let numbers: HashMap<SegmentId, usize> = numbers.collect();
        let of = |entry: &Entry<'_, 'a>| {
            let facts = entry.facts.yes.facts().iter();
            let known = facts.filter_map(|fact| match self.reason.key_of(fact.subject) {
                SubjectKey::InSegment(id) => Some(*id),
                _ => None,
            });
            let mut named = required(entry.rule);
            named.extend(known);
            named.iter().filter_map(|id| numbers.get(id).copied()).collect()
        };
        entries.iter().map(of).collect()
    }

    /// Reports the nearest of the segments around one.
    fn inside(
        &mut self,
        entries: &[Entry<'_, 'a>],
        inner: usize,
        outer: &[usize],
        around: &[Vec<usize>],
    ) {
        let is_around = |inner: usize, outer: usize| is_around(around, inner, outer);
        // Two that are the same are told of once, with the later one.
        let known = |number: &&usize| !(is_around(**number, inner) && **number > inner);
        let nearest = outer.iter().filter(known).copied().reduce(|best, next| {
            if is_around(next, best) && !is_around(best, next) { next } else { best }
        });
        let Some((nearest, entry)) =
            nearest.and_then(|nearest| Some((nearest, entries.get(inner)?)))
        else {
            return;
        };
        let Some(found) = entries.get(nearest) else { return };
        let (name, other) = (&entry.rule.name, &found.rule.name);
        let is_same = is_around(nearest, inner);
        if is_same {
            let text = |rule| canonical_text(rule, self.rules, self.schema);
            if text(entry.rule) == text(found.rule) {
                return;
            }
        }
        let message = match is_same {
            true => format!("`{name}` and `{other}` always have the same members"),
            false => format!("whoever is in `{name}` is in `{other}` too"),
        };
        let help = match is_same {
            true => "leave one of them out, or change its rule".to_owned(),
            false => {
                format!("if that is meant, say so with `in segment {other}`; if not, change a rule")
            }
        };
        self.report(Code::ImpliedSegment, entry.rule.span, message, &help);
    }
}

fn is_current(rule: &SegmentRule) -> bool {
    rule.kind == SegmentKind::Dynamic && !rule.inactive
}

/// The segments that whoever is included must be in, as the rule itself says.
fn required(rule: &SegmentRule) -> Vec<SegmentId> {
    let [include] = rule.includes.as_slice() else { return Vec::new() };
    let (mut found, mut waiting) = (Vec::new(), vec![include]);
    while let Some(condition) = waiting.pop() {
        match &condition.kind {
            ConditionKind::InSegment(id) => found.push(*id),
            ConditionKind::And(list)
            | ConditionKind::Quantified { quantifier: Quantifier::All, conditions: list } => {
                waiting.extend(list);
            }
            _ => {}
        }
    }
    found
}

fn is_around(around: &[Vec<usize>], inner: usize, outer: usize) -> bool {
    around.get(inner).is_some_and(|found| found.binary_search(&outer).is_ok())
}

/// The segments that may lie inside this one: those that look at the rarest of the subjects of its rule, or at one
/// that decides who is not in it.
fn candidates(
    entry: &Entry<'_, '_>,
    users: &HashMap<Subject, Vec<usize>>,
    effort: &mut Effort,
) -> BTreeSet<usize> {
    let of = |subject: Subject| users.get(&subject).map_or(&[][..], Vec::as_slice);
    let inside = entry.facts.yes.facts().iter().map(|fact| of(fact.subject));
    let rarest = inside.min_by_key(|users| users.len());
    let outside = entry.facts.no.facts().iter().map(|fact| of(fact.subject));
    let lists = rarest.into_iter().chain(outside);
    lists.take_while(|users| effort.spend_steps(users.len())).flatten().copied().collect()
}
