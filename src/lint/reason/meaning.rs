//! Conditions: what is known where they are true and where they are false.

use std::collections::HashMap;

use super::{Cube, Effort, Fact, Reason, Set, Subject, SubjectKey, cube::Clash};
use crate::diagnostic::Span;

/// The number of a condition or of its complement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NodeId(u32);

/// A condition by structure: equal literals always hold together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Literal {
    pub(super) node: NodeId,
    pub(super) negated: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum NodeKey<'a> {
    True,
    Atom(Subject, Set<'a>),
    /// Ascending, each once.
    All(Vec<Literal>),
    /// Ascending.
    AtLeast(u64, Vec<Literal>),
}

/// What holds where a condition is true, and what where it is false.
///
/// INVARIANT: the condition is true exactly where `yes` holds, and false exactly where `no` holds.
#[derive(Debug, Clone)]
pub(crate) struct Facts<'a> {
    pub(crate) yes: Cube<'a>,
    pub(crate) no: Cube<'a>,
    mask: u64,
}

#[derive(Debug, Clone)]
pub(crate) enum Truth<'a> {
    /// The same for every customer, whatever the data.
    Fixed(bool),
    Open(Facts<'a>),
}

#[derive(Debug, Clone)]
pub(crate) struct Meaning<'a> {
    pub(crate) truth: Truth<'a>,
    pub(crate) literal: Literal,
}

/// Why conditions cannot hold together.
pub(crate) enum Conflict<'a> {
    Clash(Clash<'a>),
    /// One is the complement of the other; their places.
    Opposite(usize, usize),
}

impl Literal {
    pub(crate) const fn complement(self) -> Self {
        Self { negated: !self.negated, ..self }
    }
}

impl<'a> Facts<'a> {
    fn new(yes: Cube<'a>, no: Cube<'a>) -> Self {
        let mask = yes.mask() | no.mask();
        Self { yes, no, mask }
    }

    /// Whether whoever meets this meets `other`.
    pub(crate) fn implies(&self, other: &Self, effort: &mut Effort) -> bool {
        self.mask & other.mask != 0
            && (self.yes.is_apart_from(&other.no, effort)
                || self.yes.is_within(&other.yes, effort)
                || other.no.is_within(&self.no, effort))
    }

    /// Whether nobody can meet both; or, where not `all`, whether everyone meets one.
    pub(crate) fn conflicts(&self, other: &Self, all: bool, effort: &mut Effort) -> bool {
        let (yes, no) = (self.side(all), self.side(!all));
        self.mask & other.mask != 0
            && (yes.is_apart_from(other.side(all), effort)
                || yes.is_within(other.side(!all), effort)
                || other.side(all).is_within(no, effort))
    }

    pub(crate) fn complement(self) -> Self {
        Self { yes: self.no, no: self.yes, mask: self.mask }
    }

    /// A bit for each subject that it looks at, some of them shared.
    pub(crate) fn mask(&self) -> u64 {
        self.mask
    }

    fn side(&self, yes: bool) -> &Cube<'a> {
        if yes { &self.yes } else { &self.no }
    }
}

impl<'a> Meaning<'a> {
    pub(crate) fn complement(self) -> Self {
        let truth = match self.truth {
            Truth::Fixed(truth) => Truth::Fixed(!truth),
            Truth::Open(facts) => Truth::Open(facts.complement()),
        };
        Self { truth, literal: self.literal.complement() }
    }

    pub(crate) fn negated_if(self, negated: bool) -> Self {
        if negated { self.complement() } else { self }
    }

    /// What a condition means that has another one in it.
    pub(crate) fn said_by(self, origin: Span) -> Self {
        let truth = match self.truth {
            Truth::Fixed(truth) => Truth::Fixed(truth),
            Truth::Open(facts) => {
                let Facts { yes, no, mask } = facts;
                Truth::Open(Facts { yes: yes.said_by(origin), no: no.said_by(origin), mask })
            }
        };
        Self { truth, ..self }
    }

    pub(crate) fn facts(&self) -> Option<&Facts<'a>> {
        match &self.truth {
            Truth::Open(facts) => Some(facts),
            Truth::Fixed(_) => None,
        }
    }
}

impl<'a> Reason<'a> {
    fn node(&mut self, key: NodeKey<'a>) -> NodeId {
        let next = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        *self.nodes.entry(key).or_insert(next)
    }

    pub(crate) fn fixed(&mut self, truth: bool) -> Meaning<'a> {
        let literal = Literal { node: self.node(NodeKey::True), negated: !truth };
        Meaning { truth: Truth::Fixed(truth), literal }
    }

    /// `subject` is in `set`.
    pub(crate) fn atom(&mut self, subject: Subject, set: &Set<'a>, origin: Span) -> Meaning<'a> {
        const SMALL: usize = 16;
        // What is known of a segment's members may grow.
        if set.size() > SMALL || matches!(self.key_of(subject), SubjectKey::InSegment(_)) {
            return self.new_atom(subject, set, origin);
        }
        let key = (subject, set.clone());
        if let Some(known) = self.atoms.get(&key) {
            return known.clone().said_by(origin);
        }
        let meaning = self.new_atom(subject, set, origin);
        self.atoms.insert(key, meaning.clone());
        meaning
    }

    fn new_atom(&mut self, subject: Subject, set: &Set<'a>, origin: Span) -> Meaning<'a> {
        let domain = self.domain_of(subject).clone();
        let (yes, no) = (set.and(&domain), set.complement_in(&domain));
        let Some(when_true) = self.fact(subject, &yes, origin) else { return self.fixed(false) };
        let Some(when_false) = self.fact(subject, &no, origin) else { return self.fixed(true) };
        let (first, negated) = if yes <= no { (yes, false) } else { (no, true) };
        let literal = Literal { node: self.node(NodeKey::Atom(subject, first)), negated };
        Meaning { truth: Truth::Open(Facts::new(when_true, when_false)), literal }
    }

    /// A flag: a subject that is 0 or 1.
    pub(crate) fn flag(&mut self, key: SubjectKey<'a>, origin: Span) -> Meaning<'a> {
        let subject = self.subject(key);
        let set = self.flags.of(true);
        self.atom(subject, &set, origin)
    }

    /// A subject's values and all that follows from them; `None` where they cannot be.
    fn fact(&mut self, subject: Subject, set: &Set<'a>, origin: Span) -> Option<Cube<'a>> {
        // One leads to the next: a last value to a row, a row that meets a filter to any row.
        const ENOUGH: usize = Cube::MOST + 16;
        if set.is_empty() {
            return None;
        }
        // PERF: room for what follows from most conditions.
        let mut found = Vec::with_capacity(3);
        found.push(Fact { subject, set: set.clone(), origin });
        let mut follows = std::mem::take(&mut self.follows);
        let mut place = 0;
        while let Some(fact) = found.get(place).filter(|_| found.len() < ENOUGH) {
            let (subject, set) = (fact.subject, fact.set.clone());
            self.follows(subject, &set, &mut follows);
            for (subject, set) in follows.drain(..) {
                let set = set.and(self.domain_of(subject));
                if !found.iter().any(|known| known.subject == subject && known.set == set) {
                    found.push(Fact { subject, set, origin });
                }
            }
            place += 1;
        }
        self.follows = follows;
        let cube = Cube::new(found);
        (!cube.facts().iter().any(|fact| fact.set.is_empty())).then_some(cube)
    }

    /// All of them (or any of them, where not `all`), if that is open. None of them is fixed.
    pub(crate) fn combined(
        &mut self,
        all: bool,
        parts: &[&Meaning<'a>],
    ) -> Result<Meaning<'a>, Conflict<'a>> {
        if let [only] = parts {
            return Ok((*only).clone());
        }
        let facts = parts.iter().filter_map(|part| part.facts());
        let mut literals: Vec<Literal> = parts.iter().map(|part| part.literal).collect();
        if !all {
            literals.iter_mut().for_each(|literal| *literal = literal.complement());
        }
        if let Some((one, other)) = opposites(&literals) {
            return Err(Conflict::Opposite(one, other));
        }
        let mut sides = Vec::with_capacity(parts.len());
        sides.extend(facts.clone().map(|facts| facts.side(all)));
        let (mut yes, whole) = Cube::meet(&sides).map_err(Conflict::Clash)?;
        sides.clear();
        sides.extend(facts.map(|facts| facts.side(!all)));
        let (mut no, exact) = Cube::join(&sides, |subject| self.domain_of(subject).clone());
        literals.sort_unstable();
        literals.dedup();
        if let [only] = literals.as_slice() {
            let literal = *only;
            let truth = Truth::Open(Facts::new(yes, no));
            return Ok(Meaning { truth, literal }.negated_if(!all));
        }
        let literal = Literal { node: self.node(NodeKey::All(literals)), negated: false };
        if !whole {
            yes = self.with_itself(yes, literal);
        }
        if !exact {
            no = self.with_itself(no, literal.complement());
        }
        let truth = Truth::Open(Facts::new(yes, no));
        Ok(Meaning { truth, literal }.negated_if(!all))
    }

    /// At least `count` of them; none of them is fixed.
    pub(crate) fn at_least(&mut self, count: u64, parts: &[&Meaning<'a>]) -> Meaning<'a> {
        let number = u64::try_from(parts.len()).unwrap_or(u64::MAX);
        let facts: Vec<&Facts<'a>> = parts.iter().filter_map(|part| part.facts()).collect();
        let most = most_together(facts.iter().map(|facts| &facts.yes));
        let most_false = most_together(facts.iter().map(|facts| &facts.no));
        if most < count {
            return self.fixed(false);
        }
        if number.saturating_sub(most_false) >= count {
            return self.fixed(true);
        }
        let mut literals: Vec<Literal> = parts.iter().map(|part| part.literal).collect();
        literals.sort_unstable();
        let node = self.node(NodeKey::AtLeast(count, literals));
        let literal = Literal { node, negated: false };
        let mut side = |yes: bool| {
            let sides: Vec<&Cube<'a>> = facts.iter().map(|facts| facts.side(yes)).collect();
            let (cube, _) = Cube::join(&sides, |subject| self.domain_of(subject).clone());
            self.with_itself(cube, if yes { literal } else { literal.complement() })
        };
        let (yes, no) = (side(true), side(false));
        Meaning { truth: Truth::Open(Facts::new(yes, no)), literal }
    }

    fn with_itself(&mut self, cube: Cube<'a>, literal: Literal) -> Cube<'a> {
        let (subject, set) = self.as_condition(literal);
        cube.with(Fact { subject, set, origin: Span::NONE })
    }
}

/// The places of a literal and its complement.
fn opposites(literals: &[Literal]) -> Option<(usize, usize)> {
    // PERF: most lists are short.
    if literals.len() <= 8 {
        let mut places = (1..literals.len()).flat_map(|two| (0..two).map(move |one| (one, two)));
        let is_opposite = |(one, two): &(usize, usize)| {
            literals.get(*one).map(|literal| literal.complement()) == literals.get(*two).copied()
        };
        return places.find(is_opposite);
    }
    let mut seen: HashMap<Literal, usize> = HashMap::with_capacity(literals.len());
    for (place, literal) in literals.iter().enumerate() {
        if let Some(other) = seen.get(&literal.complement()) {
            return Some((*other, place));
        }
        seen.entry(*literal).or_insert(place);
    }
    None
}

/// How many of the cubes can hold together at most. Each counts on one of its subjects, one that many have.
fn most_together<'c, 'a: 'c>(cubes: impl Iterator<Item = &'c Cube<'a>> + Clone) -> u64 {
    let mut users: HashMap<Subject, usize> = HashMap::new();
    for fact in cubes.clone().flat_map(Cube::facts) {
        *users.entry(fact.subject).or_default() += 1;
    }
    let mut groups: HashMap<Subject, Vec<&Set<'a>>> = HashMap::new();
    let mut free = 0;
    for cube in cubes {
        let shared = |fact: &&Fact<'a>| (users.get(&fact.subject).copied(), fact.subject);
        match cube.facts().iter().max_by_key(shared) {
            Some(fact) => groups.entry(fact.subject).or_default().push(&fact.set),
            None => free += 1,
        }
    }
    let held: usize = groups.values().map(|sets| Set::most(sets)).sum();
    u64::try_from(held + free).unwrap_or(u64::MAX)
}
