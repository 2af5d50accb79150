//! Conditions of one list in pairs: contradictions that no single subject shows, and conditions that add nothing.

use std::collections::HashMap;

use super::{Lints, Operand, list::Pair, say::Joint};
use crate::{
    diagnostic::{Code, Span},
    lint::reason::{Cut, Facts, Subject},
};

/// Up to so many conditions are all compared with each other. In longer lists only ranges on one subject are, in the
/// order of their ends.
const FEW: usize = 24;

impl<'a> Lints<'a> {
    /// Compares the open operands, reports what adds nothing, and finds two that contradict each other (or of which
    /// one always holds, where any of them is enough).
    pub(super) fn related(
        &mut self,
        joint: Joint,
        operands: &[Operand<'a>],
        open: &[usize],
    ) -> Option<Pair> {
        let all = joint.is_all();
        // PERF: most conditions that stand together look at different things.
        if !share_subjects(operands, open) {
            return None;
        }
        let mut idle = vec![false; operands.len()];
        let mut conflict = None;
        for (one, other) in pairs(operands, open) {
            if self.effort.is_spent() {
                break;
            }
            let is_idle = |place: usize| idle.get(place) == Some(&true);
            if is_idle(one) || is_idle(other) {
                continue;
            }
            let (Some(first), Some(second)) = (operands.get(one), operands.get(other)) else {
                continue;
            };
            let (Some(a), Some(b)) = (facts(first), facts(second)) else { continue };
            if a.conflicts(b, all, &mut self.effort) {
                conflict.get_or_insert(Pair {
                    places: (one, other),
                    texts: (text(first), text(second)),
                });
                continue;
            }
            let forwards = a.implies(b, &mut self.effort);
            let back = (!forwards || !all) && b.implies(a, &mut self.effort);
            // Of two that say the same the later one is idle.
            let found = match (all, forwards, back) {
                (true, true, _) | (false, _, true) => Some((other, second, first)),
                (true, false, true) | (false, true, false) => Some((one, first, second)),
                (_, false, false) => None,
            };
            let Some((place, operand, beside)) = found else { continue };
            if operand.is_explicit {
                continue;
            }
            if let Some(idle) = idle.get_mut(place) {
                *idle = true;
            }
            let is_same = forwards && b.implies(a, &mut self.effort);
            self.idle(joint, is_same, operand, text(beside));
        }
        conflict
    }

    fn idle(&mut self, joint: Joint, is_same: bool, operand: &Operand<'a>, beside: Span) {
        let Some(span) = operand.place.here else { return };
        let beside = self.text(beside);
        let message = match (is_same, joint.is_all()) {
            (true, _) => format!("this says the same as {beside}"),
            (false, true) => format!("this adds nothing: it is true wherever {beside} is"),
            (false, false) => format!("this adds nothing: {beside} is true wherever it is"),
        };
        let help = if is_same { "leave it out" } else { joint.leave_out() };
        self.report(Code::SubsumedCondition, span, message, help);
    }
}

fn facts<'o, 'a>(operand: &'o Operand<'a>) -> Option<&'o Facts<'a>> {
    operand.judged.meaning.facts()
}

fn text(operand: &Operand<'_>) -> Span {
    operand.place.here.unwrap_or(operand.span)
}

/// Whether any two may look at one subject.
fn share_subjects(operands: &[Operand<'_>], open: &[usize]) -> bool {
    let mut seen = 0;
    let mut facts = open.iter().filter_map(|place| operands.get(*place).and_then(facts));
    facts.any(|facts| {
        let shared = seen & facts.mask() != 0;
        seen |= facts.mask();
        shared
    })
}

/// The places of operands that may have to do with each other, the earlier one first.
fn pairs(operands: &[Operand<'_>], open: &[usize]) -> Vec<(usize, usize)> {
    let few = |open: &[usize]| -> Vec<(usize, usize)> {
        let later = |number: usize| open.iter().skip(number + 1).copied();
        let with_later = |(number, one): (usize, &usize)| {
            let one = *one;
            later(number).map(move |other| (one, other))
        };
        open.iter().enumerate().flat_map(with_later).collect()
    };
    if open.len() <= FEW {
        return few(open);
    }
    let mut ranges: HashMap<Subject, Vec<Hull<'_, '_>>> = HashMap::new();
    let mut others = Vec::new();
    for place in open {
        let facts = operands.get(*place).and_then(facts).map(|facts| facts.yes.facts());
        match facts {
            Some([fact]) => {
                let mut pieces = fact.set.pieces();
                let first = pieces.next();
                let last = pieces.last().or(first);
                let (start, end) =
                    (first.and_then(|piece| piece.0), last.and_then(|piece| piece.1));
                ranges.entry(fact.subject).or_default().push(Hull { start, end, place: *place });
            }
            _ => others.push(*place),
        }
    }
    let mut found = if others.len() <= FEW { few(&others) } else { Vec::new() };
    let mut groups: Vec<_> = ranges.into_values().collect();
    groups.sort_by_key(|group| group.first().map(|hull| hull.place));
    for group in &mut groups {
        found.extend(nested(group));
    }
    found
}

/// The least range around a set.
struct Hull<'f, 'a> {
    start: Option<&'f Cut<'a>>,
    end: Option<&'f Cut<'a>>,
    place: usize,
}

impl<'f, 'a> Hull<'f, 'a> {
    /// No end lies behind every end.
    fn end(&self) -> (bool, Option<&'f Cut<'a>>) {
        (self.end.is_none(), self.end)
    }
}

/// Each range with the widest before it that it lies in.
fn nested(group: &mut [Hull<'_, '_>]) -> Vec<(usize, usize)> {
    group.sort_by(|one, other| {
        one.start
            .cmp(&other.start)
            .then_with(|| other.end().cmp(&one.end()))
            .then(one.place.cmp(&other.place))
    });
    let mut found = Vec::new();
    let mut hulls = group.iter();
    let Some(mut widest) = hulls.next() else { return found };
    for hull in hulls {
        if hull.end() <= widest.end() {
            let places = (widest.place, hull.place);
            found.push((places.0.min(places.1), places.0.max(places.1)));
        } else {
            widest = hull;
        }
    }
    found
}
