//! Parts of partitions that nobody gets into.

use super::{Judged, Lints};
use crate::{
    diagnostic::{Code, Span},
    lint::reason::{Meaning, Truth},
    rule::SegmentRule,
};

/// The parts before the one at hand.
#[derive(Default)]
pub(super) struct Earlier<'a> {
    /// Each with the name of its part, where it is open.
    conditions: Vec<(&'a str, Meaning<'a>)>,
    /// The first part that takes everyone.
    everyone: Option<&'a str>,
}

impl<'a> Lints<'a> {
    /// What it means to be in the part.
    pub(super) fn part(&mut self, rule: &'a SegmentRule, earlier: &mut Earlier<'a>) -> Meaning<'a> {
        let (own, span) = match rule.includes.first() {
            Some(condition) => (self.condition(condition), condition.place.here),
            // `otherwise`
            None => (Judged::told(self.reason.fixed(true)), Some(rule.span)),
        };
        let is_empty = matches!(own.meaning.truth, Truth::Fixed(false));
        let before: Vec<Judged<'a>> = earlier
            .conditions
            .iter()
            .map(|(_, condition)| Judged::open(condition.clone().complement()))
            .collect();
        let condition = own.meaning.clone();
        let meaning = self.quiet(true, before.into_iter().chain([own]).collect()).meaning;
        if !is_empty {
            self.reachable(&condition, &meaning, earlier, span, rule.includes.is_empty());
        }
        match condition.truth {
            Truth::Fixed(true) => earlier.everyone = earlier.everyone.or(Some(&rule.name)),
            Truth::Fixed(false) => {}
            Truth::Open(_) => earlier.conditions.push((&rule.name, condition)),
        }
        match earlier.everyone.is_some_and(|name| name != rule.name) {
            true => self.reason.fixed(false),
            false => meaning,
        }
    }

    fn reachable(
        &mut self,
        condition: &Meaning<'a>,
        meaning: &Meaning<'a>,
        earlier: &Earlier<'a>,
        span: Option<Span>,
        is_rest: bool,
    ) {
        let effort = &mut self.effort;
        let by_one = earlier.everyone.or_else(|| {
            let facts = condition.facts()?;
            let takes = |(_, before): &&(&'a str, Meaning<'a>)| {
                before.facts().is_some_and(|before| facts.implies(before, effort))
            };
            earlier.conditions.iter().find(takes).map(|(name, _)| *name)
        });
        let how = match (by_one, &meaning.truth) {
            (Some(name), _) => format!("whoever fits is already in `{name}`"),
            (None, Truth::Fixed(false)) => {
                "whoever fits is already in one of the parts before it".to_owned()
            }
            (None, _) => return,
        };
        let Some(span) = span else { return };
        let message = format!("nobody gets into this part: {how}");
        let help = match is_rest {
            true => "leave the part out, or narrow those before it",
            false => "leave the part out, or put it before those that take its customers",
        };
        self.report(Code::UnreachablePart, span, message, help);
    }
}
