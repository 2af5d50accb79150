//! From a condition to what it means.

use super::{
    Judged, Lints, Operand, Why,
    say::{Joint, of_so_many},
};
use crate::{
    diagnostic::{Code, Span},
    lint::reason::{SubjectKey, Truth},
    rule::{Condition, ConditionKind, Quantifier},
};

impl<'a> Lints<'a> {
    pub(super) fn condition(&mut self, condition: &'a Condition) -> Judged<'a> {
        let judged = match &condition.kind {
            ConditionKind::Constant(truth) => Judged::told(self.reason.fixed(*truth)),
            ConditionKind::Not(inner) => self.condition(inner).negated_by(condition.span),
            ConditionKind::And(list) => self.listed(Joint::And, list, condition),
            ConditionKind::Or(list) => self.listed(Joint::Or, list, condition),
            ConditionKind::Quantified { quantifier, conditions } => {
                self.quantified(*quantifier, conditions, condition)
            }
            ConditionKind::InSegment(id) => {
                Judged::open(self.reason.flag(SubjectKey::InSegment(*id), condition.span))
            }
            _ => self.test(condition),
        };
        self.settle(judged, condition)
    }

    /// Reports what is always or never true, where that has not been done.
    fn settle(&mut self, judged: Judged<'a>, condition: &Condition) -> Judged<'a> {
        let (Truth::Fixed(truth), false) = (&judged.meaning.truth, judged.told) else {
            return judged;
        };
        let Some(span) = condition.place.own else { return judged };
        self.tell(*truth, span, &judged.why);
        Judged { told: true, ..judged }
    }

    pub(super) fn tell(&mut self, truth: bool, span: Span, why: &Why) {
        let (code, what) = match truth {
            true => (Code::AlwaysTrue, "this is always true"),
            false => (Code::AlwaysFalse, "this can never be true"),
        };
        let message = match why.text.as_str() {
            "" => what.to_owned(),
            why => format!("{what}: {why}"),
        };
        self.report(code, span, message, why.help.unwrap_or("leave it out, or change it"));
    }

    fn listed(&mut self, joint: Joint, list: &'a [Condition], condition: &Condition) -> Judged<'a> {
        let operands: Vec<_> = list.iter().map(|each| self.operand(each)).collect();
        self.list(joint, &operands, condition.place.own)
    }

    pub(super) fn operand(&mut self, condition: &'a Condition) -> Operand<'a> {
        let is_explicit = self.is_explicit(condition, false);
        Operand { is_explicit, ..Operand::new(self.condition(condition), condition) }
    }

    /// Whether a condition says on purpose what another may say too: `is null` beside `!=`, and with `deep`, where
    /// conditions on segments are seen through, that a customer is in a segment.
    fn is_explicit(&self, condition: &Condition, turned: bool) -> bool {
        match &condition.kind {
            ConditionKind::IsNull { negated, .. } => *negated == turned,
            ConditionKind::InSegment(_) => self.deep,
            ConditionKind::Not(inner) => self.is_explicit(inner, !turned),
            _ => false,
        }
    }

    fn quantified(
        &mut self,
        quantifier: Quantifier,
        list: &'a [Condition],
        condition: &Condition,
    ) -> Judged<'a> {
        match quantifier {
            Quantifier::All => self.listed(Joint::AllOf, list, condition),
            Quantifier::Any => self.listed(Joint::AnyOf, list, condition),
            Quantifier::None => {
                self.listed(Joint::NoneOf, list, condition).negated_by(condition.span)
            }
            Quantifier::AtLeast(count) => {
                let judged = self.each(list);
                self.at_least(count, &judged)
            }
            Quantifier::AtMost(count) => {
                let judged = self.each(list);
                match count.checked_add(1) {
                    Some(more) => self.at_least(more, &judged).negated_by(condition.span),
                    None => Judged::open(self.reason.fixed(true)),
                }
            }
            Quantifier::Exactly(count) => {
                let judged = self.each(list);
                let least = self.at_least(count, &judged);
                let more = count.checked_add(1);
                let Some(more) = more.filter(|_| !is_fixed(&least, false)) else { return least };
                let most = self.at_least(more, &judged).negated_by(condition.span);
                let mut found = self.quiet(true, vec![least, most]);
                if is_fixed(&found, false) && found.why.text.is_empty() {
                    found.why = "these conditions are never true in exactly this number".into();
                }
                found
            }
        }
    }

    fn each(&mut self, list: &'a [Condition]) -> Vec<Judged<'a>> {
        list.iter().map(|each| self.condition(each)).collect()
    }

    fn at_least(&mut self, count: u64, judged: &[Judged<'a>]) -> Judged<'a> {
        let mut open = Vec::new();
        let (mut sure, mut told) = (0_u64, false);
        for each in judged {
            match each.meaning.truth {
                Truth::Fixed(truth) => {
                    sure += u64::from(truth);
                    told |= each.told;
                }
                Truth::Open(_) => open.push(&each.meaning),
            }
        }
        let left = u64::try_from(open.len()).unwrap_or(u64::MAX);
        let number = u64::try_from(judged.len()).unwrap_or(u64::MAX);
        if count == 0 || count > number {
            let meaning = self.reason.fixed(count == 0);
            return Judged::because(meaning, of_so_many(count, number));
        }
        let fixed = |truth| Judged { told, ..Judged::open(truth) };
        let Some(wanted) = count.checked_sub(sure).filter(|wanted| *wanted > 0) else {
            return fixed(self.reason.fixed(true));
        };
        if wanted > left {
            return fixed(self.reason.fixed(false));
        }
        let parts = open;
        let meaning = match (wanted, left) {
            _ if wanted == left => self.reason.combined(true, &parts).ok(),
            (1, _) => self.reason.combined(false, &parts).ok(),
            _ => Some(self.reason.at_least(wanted, &parts)),
        };
        let meaning = meaning.unwrap_or_else(|| self.reason.fixed(wanted != left));
        let why = match meaning.truth {
            Truth::Fixed(true) => format!("{count} of these conditions are always true"),
            Truth::Fixed(false) => format!("{count} of these conditions are never true together"),
            Truth::Open(_) => String::new(),
        };
        Judged::because(meaning, why)
    }

    /// Conditions that were not written as a list: nothing is said of them.
    pub(super) fn quiet(&mut self, all: bool, judged: Vec<Judged<'a>>) -> Judged<'a> {
        if let Some(found) = judged.iter().find(|each| is_fixed(each, !all)) {
            let why = found.why.clone();
            return Judged { meaning: self.reason.fixed(!all), told: found.told, why };
        }
        let open: Vec<_> = judged.iter().filter(|each| !is_fixed(each, all)).collect();
        let meanings: Vec<_> = open.iter().map(|each| &each.meaning).collect();
        if meanings.is_empty() {
            let told = judged.iter().any(|each| each.told);
            return Judged { told, ..Judged::open(self.reason.fixed(all)) };
        }
        let combined = self.reason.combined(all, &meanings).ok();
        Judged::open(combined.unwrap_or_else(|| self.reason.fixed(!all)))
    }
}

/// Whether it is the same for every customer.
fn is_fixed(judged: &Judged<'_>, to: bool) -> bool {
    matches!(judged.meaning.truth, Truth::Fixed(truth) if truth == to)
}
