//! Conditions side by side: `and`, `or` and the lists that say the same; several includes, several excludes.

use std::collections::{BTreeMap, HashMap};

use super::{Judged, Lints, Operand, Why, say::Joint};
use crate::{
    diagnostic::{Code, Span},
    lint::reason::{Clash, Conflict, Literal, Meaning, Truth},
};

/// Two conditions that contradict each other, or of which one is always true.
pub(super) struct Pair {
    pub(super) places: (usize, usize),
    /// What says so.
    pub(super) texts: (Span, Span),
}

/// Where each condition stood first.
enum Places {
    /// PERF: most lists are short.
    Few(Vec<(Literal, usize)>),
    Many(HashMap<Literal, usize>),
}

impl Places {
    fn new(count: usize) -> Self {
        if count <= 16 {
            Self::Few(Vec::with_capacity(count))
        } else {
            Self::Many(HashMap::with_capacity(count))
        }
    }

    /// The first place of a condition that was there before; of a new one the place is kept.
    fn first(&mut self, literal: Literal, place: usize) -> Option<usize> {
        match self {
            Self::Few(list) => {
                let found = list.iter().find(|(known, _)| *known == literal);
                let found = found.map(|(_, first)| *first);
                if found.is_none() {
                    list.push((literal, place));
                }
                found
            }
            Self::Many(map) => {
                let first = *map.entry(literal).or_insert(place);
                (first != place).then_some(first)
            }
        }
    }
}

impl<'a> Lints<'a> {
    /// All of the operands or any of them; `own` is the place of the whole.
    pub(super) fn list(
        &mut self,
        joint: Joint,
        operands: &[Operand<'a>],
        own: Option<Span>,
    ) -> Judged<'a> {
        let all = joint.is_all();
        // PERF: most segments have one include and one exclude.
        if let [Operand { judged: Judged { meaning, .. }, .. }] = operands
            && let Truth::Open(_) = meaning.truth
        {
            return Judged::open(meaning.clone());
        }
        let decides = |operand: &&Operand<'a>| matches!(operand.judged.meaning.truth, Truth::Fixed(truth) if truth != all);
        let decided = operands
            .iter()
            .filter(decides)
            .map(|operand| &operand.judged)
            .reduce(|one, other| if one.told { one } else { other });
        let open = self.without_repeated(operands);
        let conflict = self.related(joint, operands, &open);
        if let Some(Judged { told, why, .. }) = decided {
            return Judged { meaning: self.reason.fixed(!all), told: *told, why: why.clone() };
        }
        if open.is_empty() {
            let told = operands.iter().any(|operand| operand.judged.told);
            return Judged { told, ..Judged::open(self.reason.fixed(all)) };
        }
        let meanings: Vec<&Meaning<'a>> = open
            .iter()
            .filter_map(|place| operands.get(*place))
            .map(|operand| &operand.judged.meaning)
            .collect();
        let found = match (self.reason.combined(all, &meanings), conflict) {
            (Ok(meaning), None) => return Judged::open(meaning),
            (Err(conflict), _) => pair(conflict, all, operands, &open),
            (Ok(_), Some(pair)) => Some(pair),
        };
        let meaning = self.reason.fixed(!all);
        self.conflict(joint, operands, found, own, meaning)
    }

    /// The places of the open operands, each condition once; what stands there again is reported.
    fn without_repeated(&mut self, operands: &[Operand<'a>]) -> Vec<usize> {
        let mut known = Places::new(operands.len());
        let mut open = Vec::with_capacity(operands.len());
        // By the first place of a condition the second, and the number of those behind it.
        let mut again: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
        for (place, operand) in operands.iter().enumerate() {
            let Truth::Open(_) = operand.judged.meaning.truth else { continue };
            let Some(first) = known.first(operand.judged.meaning.literal, place) else {
                open.push(place);
                continue;
            };
            again.entry(first).and_modify(|(_, more)| *more += 1).or_insert((place, 0));
        }
        for (first, (again, more)) in again {
            if let (Some(first), Some(again)) = (operands.get(first), operands.get(again)) {
                self.repeated(first, again, more);
            }
        }
        open
    }

    fn repeated(&mut self, first: &Operand<'a>, again: &Operand<'a>, more: usize) {
        let Some(span) = again.place.here else { return };
        let before = self.text(first.place.here.unwrap_or(first.span));
        let message = match (self.text(span) == before, more) {
            (true, 0) => format!("this repeats {before}"),
            (true, 1) => format!("this repeats {before}, and so does 1 more"),
            (true, more) => format!("this repeats {before}, and so do {more} more"),
            (false, _) => format!("this says the same as {before}"),
        };
        self.report(Code::DuplicateCondition, span, message, "leave it out");
    }

    /// Reports that the operands cannot hold together, or that one of them always holds.
    fn conflict(
        &mut self,
        joint: Joint,
        operands: &[Operand<'a>],
        found: Option<Pair>,
        own: Option<Span>,
        meaning: Meaning<'a>,
    ) -> Judged<'a> {
        let all = joint.is_all();
        let why = match &found {
            Some(Pair { texts, .. }) if all => {
                format!("{} contradicts {}", self.text(texts.1), self.text(texts.0))
            }
            Some(Pair { texts, .. }) => {
                let (one, other) = (self.text(texts.0), self.text(texts.1));
                format!("where {one} is false, {other} is true")
            }
            None if all => "these conditions contradict each other".to_owned(),
            None => "where the others are all false, the last is true".to_owned(),
        };
        let here = |place: usize| operands.get(place).and_then(|operand| operand.place.here);
        let ends = found.map_or((0, operands.len().saturating_sub(1)), |pair| pair.places);
        let guilty = here(ends.1).or_else(|| here(ends.0));
        if all {
            let Some(span) = guilty.or(own) else {
                return Judged::because(meaning, Why::helped(why, joint.change_one()));
            };
            let message = format!("this can never be true: {why}");
            self.report(Code::Contradiction, span, message, joint.change_one());
            return Judged::told(meaning);
        }
        let Some(span) = own.or(guilty) else {
            return Judged::because(meaning, Why::helped(why, joint.change_one()));
        };
        let code = if joint == Joint::NoneOf { Code::AlwaysFalse } else { Code::AlwaysTrue };
        let message = format!("{}: {why}", joint.takes_all());
        self.report(code, span, message, joint.change_one());
        Judged::told(meaning)
    }
}

/// Two of the operands that are enough for the conflict.
fn pair(
    conflict: Conflict<'_>,
    all: bool,
    operands: &[Operand<'_>],
    open: &[usize],
) -> Option<Pair> {
    let place = |number: usize| open.get(number).copied();
    let text = |place: usize| {
        operands.get(place).map_or(Span::NONE, |operand| operand.place.here.unwrap_or(operand.span))
    };
    match conflict {
        Conflict::Opposite(one, other) => {
            let places = (place(one)?, place(other)?);
            Some(Pair { places, texts: (text(places.0), text(places.1)) })
        }
        Conflict::Clash(Clash { facts, .. }) => {
            let mut pairs = facts.iter().enumerate().flat_map(|(number, (other, fact))| {
                facts.iter().take(number).map(move |before| (before, (other, fact)))
            });
            // The later of two is to blame; few are asked, since sets may be large and many.
            let ((one, before), (other, fact)) = pairs
                .by_ref()
                .take(1_000)
                .find(|((_, before), (_, fact))| before.set.is_apart_from(&fact.set))?;
            let places = (place(*one)?, place(*other)?);
            let said = |origin: Span, place| {
                if all && origin != Span::NONE { origin } else { text(place) }
            };
            Some(Pair {
                places,
                texts: (said(before.origin, places.0), said(fact.origin, places.1)),
            })
        }
    }
}
