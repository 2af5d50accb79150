//! Includes beside excludes.

use super::{Judged, Lints, Operand, say::Joint};
use crate::{
    diagnostic::{Code, Span},
    lint::reason::{Meaning, Truth},
    rule::{Condition, SegmentRule},
};

impl<'a> Lints<'a> {
    /// What it means to be in the segment, pins apart.
    pub(super) fn segment(&mut self, rule: &'a SegmentRule) -> Judged<'a> {
        let includes = self.clauses(&rule.includes);
        let excludes = self.clauses(&rule.excludes);
        let included = match rule.includes.is_empty() {
            // Everyone, or the pinned alone.
            true => Judged::told(self.reason.fixed(rule.pins_in.is_none())),
            false => self.list(Joint::Includes, &includes, None),
        };
        let excluded = self.list(Joint::Excludes, &excludes, None);
        let (Truth::Open(_), Truth::Open(_)) = (&included.meaning.truth, &excluded.meaning.truth)
        else {
            return self.quiet(true, vec![included, excluded.negated_if(true)]);
        };
        let excluded = excluded.negated_if(true);
        let mut taken_out = 0;
        for include in &includes {
            taken_out += usize::from(self.is_taken_out(include, &excludes, &excluded.meaning));
        }
        if taken_out == 0 {
            for exclude in &excludes {
                self.takes_nobody_out(exclude, &includes);
            }
        }
        if !self.deep {
            // Nobody asks.
            return included;
        }
        self.quiet(true, vec![included, excluded])
    }

    fn clauses(&mut self, clauses: &'a [Condition]) -> Vec<Operand<'a>> {
        clauses.iter().map(|clause| self.operand(clause)).collect()
    }

    /// Reports an include whose customers the excludes all take out.
    fn is_taken_out(
        &mut self,
        include: &Operand<'a>,
        excludes: &[Operand<'a>],
        left: &Meaning<'a>,
    ) -> bool {
        let Some(facts) = include.judged.meaning.facts() else { return false };
        let effort = &mut self.effort;
        let one = excludes.iter().find(|exclude| {
            exclude.judged.meaning.facts().is_some_and(|exclude| facts.implies(exclude, effort))
        });
        let is_empty = one.is_some()
            || left.facts().is_some_and(|left| facts.yes.is_apart_from(&left.yes, effort));
        if !is_empty {
            return false;
        }
        let Some(span) = include.place.here else { return true };
        let by = match one {
            Some(exclude) => {
                format!("the exclude {} takes all of them out", self.text(text(exclude)))
            }
            None => "the excludes take all of them out".to_owned(),
        };
        let message = format!("this include takes in nobody: {by}");
        self.report(Code::Contradiction, span, message, "change the include or the exclude");
        true
    }

    /// Reports an exclude that nobody meets who is included.
    fn takes_nobody_out(&mut self, exclude: &Operand<'a>, includes: &[Operand<'a>]) {
        let (Some(facts), Some(span)) = (exclude.judged.meaning.facts(), exclude.place.here) else {
            return;
        };
        if exclude.is_explicit {
            return;
        }
        let effort = &mut self.effort;
        let is_idle = includes.iter().all(|include| match &include.judged.meaning.truth {
            Truth::Fixed(truth) => !truth,
            Truth::Open(include) => facts.conflicts(include, true, effort),
        });
        if !is_idle {
            return;
        }
        let who = match includes {
            [only] => format!("it is false wherever {} is true", self.text(text(only))),
            _ => "nobody who is included meets it".to_owned(),
        };
        let message = format!("this exclude takes out nobody: {who}");
        self.report(Code::SubsumedCondition, span, message, "leave it out, or change it");
    }
}

fn text(operand: &Operand<'_>) -> Span {
    operand.place.here.unwrap_or(operand.span)
}
