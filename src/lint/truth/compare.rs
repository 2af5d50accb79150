//! Comparisons: `=`, `<`, `between`, `in`, `within`.

use std::collections::HashSet;

use super::{Judged, Lints, value::Side};
use crate::{
    calendar::Offset,
    diagnostic::{Code, Span},
    lint::reason::{
        Bound, Constant, Cut, Set, SubjectKey, TermId, compares, days_or_months, minutes,
    },
    rule::{CompareOp, Condition, Domain, Expr},
};

impl<'a> Lints<'a> {
    pub(super) fn compared(
        &mut self,
        op: CompareOp,
        left: &Side<'a>,
        right: &Side<'a>,
        domain: Domain,
        origin: Span,
    ) -> Judged<'a> {
        match (left, right) {
            (Side::Constant(one, ..), Side::Constant(other, ..)) => {
                if let Some(truth) = compares(op, one, other, domain) {
                    return Judged::because(
                        self.reason.fixed(truth),
                        "neither side depends on the data",
                    );
                }
            }
            (Side::Constant(..), _) => {
                return self.compared(turned(op), right, left, domain, origin);
            }
            (_, Side::Constant(Constant::Missing, ..)) => {
                let meaning = self.reason.fixed(op == CompareOp::NotEqual);
                return Judged::because(meaning, "this calculation never has a result");
            }
            (Side::Truth(judged), Side::Constant(Constant::Bool(truth), ..)) => {
                let judged =
                    Judged { meaning: judged.meaning.clone(), why: judged.why.clone(), ..*judged };
                return match (op == CompareOp::NotEqual) == *truth {
                    true => judged.negated_by(origin),
                    false => judged,
                };
            }
            (Side::Term(term), Side::Constant(constant, ..)) => {
                if let Some(bound) = self.reason.bound(*term, constant, domain) {
                    let set = beside(op, &bound);
                    return self.atom_on(bound.subject, &set, origin);
                }
            }
            _ => {}
        }
        let (one, other) = (self.term_of(left), self.term_of(right));
        self.order(op, one, other, domain, origin)
    }

    /// Two values of which neither is fixed.
    fn order(
        &mut self,
        op: CompareOp,
        one: TermId,
        other: TermId,
        domain: Domain,
        origin: Span,
    ) -> Judged<'a> {
        if one == other {
            let equal =
                matches!(op, CompareOp::Equal | CompareOp::LessOrEqual | CompareOp::GreaterOrEqual);
            return match op {
                CompareOp::NotEqual => self.presence_of(one, true, origin),
                _ if equal => self.presence_of(one, false, origin),
                _ => Judged::because(self.reason.fixed(false), "both sides are the same"),
            };
        }
        let (op, one, other) =
            if one < other { (op, one, other) } else { (turned(op), other, one) };
        let order = |first, end| Set::range(Cut::Step(first), Cut::Step(end));
        let set = match op {
            CompareOp::Equal => Set::step(0),
            CompareOp::NotEqual => Set::step(0).complement(),
            CompareOp::Less => Set::step(-1),
            CompareOp::LessOrEqual => order(-1, 1),
            CompareOp::Greater => Set::step(1),
            CompareOp::GreaterOrEqual => order(0, 2),
        };
        self.atom(SubjectKey::Order(one, other, domain), &set, origin)
    }

    pub(super) fn between(
        &mut self,
        condition: &'a Condition,
        value: &'a Expr,
        ends: [&'a (Expr, Domain); 2],
    ) -> Judged<'a> {
        let origin = condition.span;
        let side = self.side(value);
        let [low, high] = ends;
        let (low_side, high_side) = (self.side(&low.0), self.side(&high.0));
        if let (Side::Constant(one, ..), Side::Constant(other, ..)) = (&low_side, &high_side)
            && let Some(judged) =
                self.swapped((one, low.0.span), (other, high.0.span), high.1, condition)
        {
            return judged;
        }
        if let (Side::Term(term), Side::Constant(one, ..), Side::Constant(other, ..)) =
            (&side, &low_side, &high_side)
            && let Some(first) = self.reason.bound(*term, one, low.1)
            && let Some(last) = self.reason.bound(*term, other, high.1)
        {
            if first.subject == last.subject {
                let set = beside(CompareOp::GreaterOrEqual, &first)
                    .and(&beside(CompareOp::LessOrEqual, &last));
                return self.atom_on(first.subject, &set, origin);
            }
            if let Some(judged) = self.months(*term, one, other, origin) {
                return judged;
            }
        }
        let from = self.compared(CompareOp::GreaterOrEqual, &side, &low_side, low.1, origin);
        let to = self.compared(CompareOp::LessOrEqual, &side, &high_side, high.1, origin);
        self.quiet(true, vec![from, to])
    }

    /// From some months ago to today.
    fn months(
        &mut self,
        term: TermId,
        first: &Constant<'a>,
        last: &Constant<'a>,
        origin: Span,
    ) -> Option<Judged<'a>> {
        let months = |constant: &Constant<'a>| match constant {
            Constant::FromToday(offset) => match days_or_months(*offset)? {
                Ok(0) => Some(0),
                Ok(_) => None,
                Err(months) => Some(months),
            },
            _ => None,
        };
        let set = Set::whole_offsets(months(first)?, months(last)?);
        Some(self.atom(SubjectKey::Months(term), &set, origin))
    }

    /// Fixed ends of which the first lies behind the last. What lies so by `as_of` is reported by the check.
    fn swapped(
        &mut self,
        (low, start): (&Constant<'a>, Span),
        (high, end): (&Constant<'a>, Span),
        domain: Domain,
        condition: &Condition,
    ) -> Option<Judged<'a>> {
        if let (Constant::FromToday(low), Constant::FromToday(high)) = (low, high) {
            let reversed = low.is_always_after(*high);
            return reversed.then(|| Judged::told(self.reason.fixed(false)));
        }
        if compares(CompareOp::Greater, low, high, domain) != Some(true) {
            return None;
        }
        let meaning = self.reason.fixed(false);
        if let (Constant::FromNow(_), _) | (_, Constant::FromNow(_)) = (low, high) {
            return Some(Judged::told(meaning));
        }
        let Some(own) = condition.place.own else { return Some(Judged::open(meaning)) };
        let span = if own.holds(start) && own.holds(end) { start.to(end) } else { own };
        let message = "the ends of `between` are swapped, so nothing lies between them".to_owned();
        let shown = |span| {
            let is_plain = |text: &&str| text.len() <= 30 && !text.contains(['\n', '`', '#']);
            self.sources.text(span).filter(is_plain)
        };
        let help = match (shown(end), shown(start)) {
            (Some(first), Some(last)) => format!("write `between {first} and {last}`"),
            _ => "put the lower end first".to_owned(),
        };
        self.report(Code::SwappedEnds, span, message, &help);
        Some(Judged::told(meaning))
    }

    pub(super) fn one_of(
        &mut self,
        condition: &'a Condition,
        value: &'a Expr,
        items: &'a [(Expr, Domain)],
    ) -> Judged<'a> {
        let origin = condition.span;
        let side = self.side(value);
        let sides: Vec<Side<'a>> = items.iter().map(|(item, _)| self.side(item)).collect();
        if let Side::Term(term) = side
            && let Some(bounds) = self.bounds(term, &sides, items)
        {
            self.repeated_items(condition, &bounds, items);
            if let Some((subject, set)) = points(bounds) {
                return self.atom_on(subject, &set, origin);
            }
        }
        let parts = sides.iter().zip(items).map(|(item, (_, domain))| {
            self.compared(CompareOp::Equal, &side, item, *domain, origin)
        });
        let parts = parts.collect();
        self.quiet(false, parts)
    }

    /// Where the items lie, if all are fixed.
    fn bounds(
        &mut self,
        term: TermId,
        sides: &[Side<'a>],
        items: &[(Expr, Domain)],
    ) -> Option<Vec<Bound<'a>>> {
        let bounds = sides.iter().zip(items).map(|(side, (_, domain))| match side {
            Side::Constant(constant, ..) => self.reason.bound(term, constant, *domain),
            _ => None,
        });
        bounds.collect()
    }

    /// An item that stands in the list already.
    fn repeated_items(
        &mut self,
        condition: &Condition,
        bounds: &[Bound<'a>],
        items: &'a [(Expr, Domain)],
    ) {
        let mut seen = HashSet::with_capacity(bounds.len());
        let mut repeated = Vec::new();
        for (bound, (item, _)) in bounds.iter().zip(items) {
            let is_value = bound.front < bound.back;
            if is_value && !seen.insert((bound.subject, &bound.front, &bound.back)) {
                repeated.push(item.span);
            }
        }
        self.tell_repeated_items(condition, &repeated);
    }

    pub(super) fn tell_repeated_items(&mut self, condition: &Condition, repeated: &[Span]) {
        let (Some(first), Some(own)) = (repeated.first(), condition.place.own) else { return };
        let span = if own == condition.span { *first } else { own };
        let item = self.text(*first);
        let message = match repeated.len() {
            1 => format!("{item} is in this list twice"),
            2 => format!("{item} is in this list twice, and so is 1 more"),
            count => format!("{item} is in this list twice, and so are {} more", count - 1),
        };
        self.report(Code::DuplicateCondition, span, message, "leave it out");
    }

    pub(super) fn within(
        &mut self,
        value: &'a Expr,
        (first, last): (Offset, Offset),
        origin: Span,
    ) -> Judged<'a> {
        let side = self.side(value);
        let term = self.term_of(&side);
        if let (Some(first), Some(last)) = (minutes(first), minutes(last)) {
            return self.atom(SubjectKey::Minutes(term), &Set::whole_offsets(first, last), origin);
        }
        match (days_or_months(first), days_or_months(last)) {
            (Some(Ok(first)), Some(Ok(last))) => {
                let end = i128::from(last) + 1;
                let set = Set::range(Cut::Step(first.into()), Cut::Step(end));
                self.atom(SubjectKey::Days(term), &set, origin)
            }
            (first, last) => {
                // One of both is today.
                let months = |offset: Option<Result<i64, i64>>| offset.and_then(Result::err);
                let (first, last) = (months(first).unwrap_or(0), months(last).unwrap_or(0));
                self.atom(SubjectKey::Months(term), &Set::whole_offsets(first, last), origin)
            }
        }
    }
}

/// The values that compare so with a bound.
fn beside<'a>(op: CompareOp, bound: &Bound<'a>) -> Set<'a> {
    let (front, back) = (bound.front.clone(), bound.back.clone());
    let set = match op {
        CompareOp::Equal => Set::range(front, back),
        CompareOp::NotEqual => Set::range(front, back).complement(),
        CompareOp::Less => Set::before(front),
        CompareOp::LessOrEqual => Set::before(back),
        CompareOp::Greater => Set::from(back),
        CompareOp::GreaterOrEqual => Set::from(front),
    };
    if bound.mirrored { set.mirrored() } else { set }
}

/// One set of all the points, if they are of one subject.
fn points(bounds: Vec<Bound<'_>>) -> Option<(crate::lint::reason::Subject, Set<'_>)> {
    let (subject, mirrored) = bounds.first().map(|first| (first.subject, first.mirrored))?;
    if bounds.iter().any(|bound| bound.subject != subject) {
        return None;
    }
    let set = Set::ranges(bounds.into_iter().map(|bound| (bound.front, bound.back)).collect());
    Some((subject, if mirrored { set.mirrored() } else { set }))
}

fn turned(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Less => CompareOp::Greater,
        CompareOp::LessOrEqual => CompareOp::GreaterOrEqual,
        CompareOp::Greater => CompareOp::Less,
        CompareOp::GreaterOrEqual => CompareOp::LessOrEqual,
        CompareOp::Equal | CompareOp::NotEqual => op,
    }
}
