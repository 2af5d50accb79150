//! What must hold of several subjects at once.

use std::rc::Rc;

use super::{Set, Subject};
use crate::diagnostic::Span;

/// A subject, the values it has, and the text that says so.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fact<'a> {
    pub(crate) subject: Subject,
    pub(crate) set: Set<'a>,
    /// `Span::NONE` where no single condition says it.
    pub(crate) origin: Span,
}

/// Facts that hold together, at most one a subject, ascending by subject.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cube<'a> {
    /// `None` for none.
    facts: Option<Rc<[Fact<'a>]>>,
    /// What says all of them, where that is not what each of them names.
    origin: Option<Span>,
}

/// Work that may still be spent on questions that are not linear. When it is spent, they are answered with no.
pub(crate) struct Effort {
    left: u64,
}

/// Facts on one subject that cannot hold together.
pub(crate) struct Clash<'a> {
    /// Each with the place of its cube among those that met.
    pub(crate) facts: Vec<(usize, Fact<'a>)>,
}

impl<'a> Cube<'a> {
    /// A conjunction of more facts than this is cut off.
    pub(crate) const MOST: usize = 64;

    pub(crate) fn new(mut facts: Vec<Fact<'a>>) -> Self {
        facts.sort_by_key(|fact| fact.subject);
        facts.dedup_by(|next, kept| {
            let same = next.subject == kept.subject;
            if same {
                kept.set = kept.set.and(&next.set);
            }
            same
        });
        Self::made(facts)
    }

    fn made(facts: Vec<Fact<'a>>) -> Self {
        let facts = if facts.is_empty() { None } else { Some(facts.into()) };
        Self { facts, origin: None }
    }

    /// This and one more fact.
    pub(crate) fn with(self, fact: Fact<'a>) -> Self {
        if self.facts.is_none() {
            return Self { facts: Some([fact].into()), origin: None };
        }
        Self::new(self.said().chain([fact]).collect())
    }

    /// Of each the subject and the set.
    pub(crate) fn facts(&self) -> &[Fact<'a>] {
        self.facts.as_deref().unwrap_or_default()
    }

    fn said(&self) -> impl Iterator<Item = Fact<'a>> {
        self.facts().iter().map(|fact| self.with_origin(fact))
    }

    fn with_origin(&self, fact: &Fact<'a>) -> Fact<'a> {
        Fact { origin: self.origin.unwrap_or(fact.origin), ..fact.clone() }
    }

    /// Lets the text of another condition say it.
    pub(crate) fn said_by(self, origin: Span) -> Self {
        Self { origin: Some(origin), ..self }
    }

    /// A bit for each subject, some of them shared.
    pub(crate) fn mask(&self) -> u64 {
        self.facts().iter().fold(0, |mask, fact| mask | fact.subject.bit())
    }

    /// What holds where all of them hold, whole or cut off; or what cannot hold together.
    pub(crate) fn meet(cubes: &[&Self]) -> Result<(Self, bool), Clash<'a>> {
        let count = cubes.iter().map(|cube| cube.facts().len()).sum();
        // PERF: most conditions that stand together look at different things.
        if count < Self::MOST && are_apart(cubes) {
            let mut met = Vec::with_capacity(count);
            met.extend(cubes.iter().flat_map(|cube| cube.said()));
            met.sort_by_key(|fact| fact.subject);
            return Ok((Self::made(met), true));
        }
        let mut facts: Vec<(usize, &Self, &Fact<'a>)> = Vec::with_capacity(count);
        for (place, cube) in cubes.iter().enumerate() {
            facts.extend(cube.facts().iter().map(|fact| (place, *cube, fact)));
        }
        facts.sort_by_key(|(_, _, fact)| fact.subject);
        let mut met = Vec::with_capacity(count);
        for group in facts.chunk_by(|(_, _, one), (_, _, other)| one.subject == other.subject) {
            let [(_, cube, first), rest @ ..] = group else { continue };
            if rest.is_empty() {
                met.push(cube.with_origin(first));
                continue;
            }
            let sets: Vec<&Set<'a>> = group.iter().map(|(_, _, fact)| &fact.set).collect();
            let set = Set::held_by(sets.len(), &sets);
            if set.is_empty() {
                let facts =
                    group.iter().map(|(place, cube, fact)| (*place, cube.with_origin(fact)));
                return Err(Clash { facts: facts.collect() });
            }
            // Where one of them says it all, it is the one to name.
            let all = group.iter().find(|(_, _, fact)| fact.set == set);
            let origin =
                all.map_or(Span::NONE, |(_, cube, fact)| cube.origin.unwrap_or(fact.origin));
            met.push(Fact { subject: first.subject, set, origin });
        }
        let whole = met.len() <= Self::MOST;
        met.truncate(Self::MOST);
        Ok((Self::made(met), whole))
    }

    /// What holds where any of them holds, and whether any of them holds wherever that does.
    pub(crate) fn join(cubes: &[&Self], domain: impl Fn(Subject) -> Set<'a>) -> (Self, bool) {
        if let [only] = cubes {
            return ((*only).clone(), true);
        }
        // PERF: mostly there is no subject that all look at.
        if cubes.iter().fold(u64::MAX, |common, cube| common & cube.mask()) == 0 {
            return (Self::made(Vec::new()), false);
        }
        let mut facts: Vec<&Fact<'a>> = cubes.iter().flat_map(|cube| cube.facts()).collect();
        facts.sort_by_key(|fact| fact.subject);
        let mut joined = Vec::new();
        for group in facts.chunk_by(|one, other| one.subject == other.subject) {
            let Some(first) = group.first().filter(|_| group.len() == cubes.len()) else {
                continue;
            };
            let sets: Vec<&Set<'a>> = group.iter().map(|fact| &fact.set).collect();
            let set = Set::held_by(1, &sets);
            if set != domain(first.subject) {
                joined.push(Fact { subject: first.subject, set, origin: Span::NONE });
            }
        }
        let single = cubes.iter().all(|cube| cube.facts().len() == 1);
        let exact = single && joined.len() == 1;
        (Self::made(joined), exact)
    }

    /// Whether no customer can meet both.
    pub(crate) fn is_apart_from(&self, other: &Self, effort: &mut Effort) -> bool {
        self.shared(other).any(|(one, other)| effort.spend(one, other) && one.is_apart_from(other))
    }

    /// Whether whoever meets this meets `other`.
    pub(crate) fn is_within(&self, other: &Self, effort: &mut Effort) -> bool {
        let mut held = 0;
        for (one, other) in self.shared(other) {
            if !(effort.spend(one, other) && one.is_within(other)) {
                return false;
            }
            held += 1;
        }
        held == other.facts().len()
    }

    /// The sets on the same subjects.
    fn shared<'s>(&'s self, other: &'s Self) -> impl Iterator<Item = (&'s Set<'a>, &'s Set<'a>)> {
        let mut theirs = other.facts().iter().peekable();
        self.facts().iter().filter_map(move |fact| {
            while theirs.next_if(|their| their.subject < fact.subject).is_some() {}
            let their = theirs.next_if(|their| their.subject == fact.subject)?;
            Some((&fact.set, &their.set))
        })
    }
}

/// Whether no two look at one subject, as far as their masks tell.
fn are_apart(cubes: &[&Cube<'_>]) -> bool {
    let mut seen = 0;
    cubes.iter().all(|cube| {
        let mask = cube.mask();
        let is_new = seen & mask == 0;
        seen |= mask;
        is_new
    })
}

impl Effort {
    pub(crate) fn new(left: u64) -> Self {
        Self { left }
    }

    /// Takes up to `most` of it for a part of the work.
    pub(crate) fn part(&mut self, most: u64) -> Self {
        let left = self.left.min(most);
        self.left -= left;
        Self { left }
    }

    /// Puts back what a part has left.
    pub(crate) fn give_back(&mut self, part: Self) {
        self.left += part.left;
    }

    pub(crate) fn is_spent(&self) -> bool {
        self.left == 0
    }

    fn spend(&mut self, one: &Set<'_>, other: &Set<'_>) -> bool {
        self.spend_steps(one.size() + other.size())
    }

    pub(crate) fn spend_steps(&mut self, steps: usize) -> bool {
        let left = self.left.checked_sub(u64::try_from(steps).unwrap_or(u64::MAX));
        self.left = left.unwrap_or(0);
        left.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Cut, *};

    fn subject(number: usize) -> Subject {
        Subject::for_test(number)
    }

    fn cube(facts: &[(usize, i128, i128)]) -> Cube<'static> {
        let fact = |(number, first, end): &(usize, i128, i128)| Fact {
            subject: subject(*number),
            set: Set::range(Cut::Step(*first), Cut::Step(*end)),
            origin: Span::NONE,
        };
        Cube::new(facts.iter().map(fact).collect())
    }

    #[test]
    fn a_conjunction_meets_by_subject() {
        let (one, other) = (cube(&[(1, 0, 9), (2, 0, 9)]), cube(&[(2, 5, 20), (3, 0, 1)]));
        let (met, whole) = Cube::meet(&[&one, &other]).ok().unwrap();
        assert_eq!(met, cube(&[(1, 0, 9), (2, 5, 9), (3, 0, 1)]));
        assert!(whole);
        let clash = Cube::meet(&[&one, &cube(&[(1, 3, 5)]), &cube(&[(2, 9, 10)])]).err().unwrap();
        assert_eq!(clash.facts.iter().map(|(place, _)| *place).collect::<Vec<_>>(), [0, 2]);
    }

    #[test]
    fn a_conjunction_is_cut_off() {
        let wide: Vec<_> = (0..100).map(|number| (number, 0, 9)).collect();
        let (met, whole) = Cube::meet(&[&cube(&wide)]).ok().unwrap();
        assert_eq!((met.facts().len(), whole), (Cube::MOST, false));
    }

    #[test]
    fn a_disjunction_knows_what_all_know() {
        let domain = |_| Set::range(Cut::Step(0), Cut::Step(100));
        let (joined, exact) = Cube::join(&[&cube(&[(1, 0, 2)]), &cube(&[(1, 5, 6)])], domain);
        assert!(exact);
        assert!(cube(&[(1, 5, 6)]).is_within(&joined, &mut Effort::new(100)));
        assert!(cube(&[(1, 2, 5)]).is_apart_from(&joined, &mut Effort::new(100)));
        let (joined, exact) =
            Cube::join(&[&cube(&[(1, 0, 2), (2, 0, 1)]), &cube(&[(1, 5, 6)])], domain);
        assert_eq!((joined.facts().len(), exact), (1, false));
        let (joined, exact) = Cube::join(&[&cube(&[(1, 0, 2)]), &cube(&[(2, 5, 6)])], domain);
        assert_eq!((joined.facts().len(), exact), (0, false));
        let (joined, _) = Cube::join(&[&cube(&[(1, 0, 50)]), &cube(&[(1, 50, 100)])], domain);
        assert!(joined.facts().is_empty());
    }

    #[test]
    fn nothing_is_known_without_effort() {
        let (one, other) = (cube(&[(1, 0, 2)]), cube(&[(1, 5, 6)]));
        assert!(one.is_apart_from(&other, &mut Effort::new(6)));
        assert!(!one.is_apart_from(&other, &mut Effort::new(5)));
        assert!(!one.is_within(&one, &mut Effort::new(0)));
        assert!(
            !cube(&[(1, 0, 2)]).is_within(&cube(&[(1, 0, 2), (2, 0, 2)]), &mut Effort::new(100))
        );
    }
}
