//! Sets of values of one subject, a missing value among them or not.

use std::{borrow::Cow, cmp::Ordering, rc::Rc};

use super::time::offset_cuts;

/// A place between two neighbours in an order. A subject's cuts are all of one kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Cut<'a> {
    /// In front of this step of a scale that has steps.
    Step(i128),
    /// In front of a text, or right behind it. By code point.
    Text(Cow<'a, str>, bool),
}

/// Any set of values that is made of ranges. Two sets are equal when they hold the same steps (or texts).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Set<'a> {
    pub(crate) missing: bool,
    /// Whether what lies in front of the first cut is in.
    below: bool,
    /// Ascending, each once: at each of them the values begin or cease to be in. `None` for none.
    cuts: Option<Rc<[Cut<'a>]>>,
}

impl Cut<'_> {
    /// No text lies in front of the empty one.
    fn is_first(&self) -> bool {
        matches!(self, Self::Text(text, false) if text.is_empty())
    }
}

impl<'a> Set<'a> {
    fn new(missing: bool, below: bool, cuts: impl Into<Rc<[Cut<'a>]>>) -> Self {
        Self { missing, below, cuts: Some(cuts.into()) }
    }

    fn made(missing: bool, below: bool, cuts: Vec<Cut<'a>>) -> Self {
        let cuts = if cuts.is_empty() { None } else { Some(cuts.into()) };
        Self { missing, below, cuts }
    }

    fn cuts(&self) -> &[Cut<'a>] {
        self.cuts.as_deref().unwrap_or_default()
    }

    pub(crate) const fn nothing() -> Self {
        Self { missing: false, below: false, cuts: None }
    }

    /// Every value.
    pub(crate) const fn present() -> Self {
        Self { missing: false, below: true, cuts: None }
    }

    /// Only a missing value.
    pub(crate) const fn missing() -> Self {
        Self { missing: true, below: false, cuts: None }
    }

    pub(crate) fn from(cut: Cut<'a>) -> Self {
        if cut.is_first() { Self::present() } else { Self::new(false, false, [cut]) }
    }

    pub(crate) fn before(cut: Cut<'a>) -> Self {
        if cut.is_first() { Self::nothing() } else { Self::new(false, true, [cut]) }
    }

    /// The values from one cut to another; none where they are in the wrong order.
    pub(crate) fn range(first: Cut<'a>, last: Cut<'a>) -> Self {
        if first < last { Self::new(false, false, [first, last]) } else { Self::nothing() }
    }

    /// One value of a scale with steps.
    pub(crate) fn step(step: i128) -> Self {
        Self::range(Cut::Step(step), Cut::Step(step.saturating_add(1)))
    }

    /// The steps 0 and 1.
    pub(crate) fn flags() -> Self {
        Self::range(Cut::Step(0), Cut::Step(2))
    }

    /// From one offset to another, whole months or minutes, on the scale of `offset_cuts`.
    pub(crate) fn whole_offsets(first: i64, last: i64) -> Self {
        Self::range(offset_cuts(first).0, offset_cuts(last).1)
    }

    /// The texts that begin with one that is not empty.
    pub(crate) fn starting_with(start: &str) -> Self {
        let first = Cut::Text(Cow::Owned(start.to_owned()), false);
        let mut end = start.to_owned();
        // The next text that does not begin so: one character higher at the last place where there is a higher one.
        while let Some(last) = end.pop() {
            let next = match last {
                '\u{d7ff}' => Some('\u{e000}'),
                last => u32::from(last).checked_add(1).and_then(char::from_u32),
            };
            if let Some(next) = next {
                end.push(next);
                return Self::range(first, Cut::Text(Cow::Owned(end), false));
            }
        }
        Self::from(first)
    }

    /// All values in one of the ranges, given in any order.
    pub(crate) fn ranges(mut ranges: Vec<(Cut<'a>, Cut<'a>)>) -> Self {
        ranges.retain(|(first, last)| first < last);
        ranges.sort_unstable();
        let mut cuts: Vec<Cut<'a>> = Vec::with_capacity(2 * ranges.len());
        for (first, last) in ranges {
            match cuts.last_mut() {
                Some(end) if first <= *end => {
                    if last > *end {
                        *end = last;
                    }
                }
                _ => cuts.extend([first, last]),
            }
        }
        Self::made(false, false, cuts)
    }

    pub(crate) fn with_missing(self, missing: bool) -> Self {
        Self { missing, ..self }
    }

    pub(crate) fn complement(&self) -> Self {
        Self { missing: !self.missing, below: !self.below, cuts: self.cuts.clone() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        !self.missing && self.has_no_value()
    }

    pub(crate) fn has_no_value(&self) -> bool {
        !self.below && self.cuts.is_none()
    }

    /// The work of looking at it.
    pub(crate) fn size(&self) -> usize {
        self.cuts().len() + 1
    }

    pub(crate) fn and(&self, other: &Self) -> Self {
        if self.is_within(other) {
            return self.clone();
        }
        if other.is_within(self) {
            return other.clone();
        }
        self.merged(other, |one, other| one && other)
    }

    /// All that is not in it, within a domain.
    pub(crate) fn complement_in(&self, domain: &Self) -> Self {
        if domain.is_all() {
            return self.complement();
        }
        domain.merged(self, |domain, set| domain && !set)
    }

    fn is_all(&self) -> bool {
        self.missing && self.below && self.cuts.is_none()
    }

    /// What is in or not as two sets say; the answer for neither decides what is in nowhere.
    fn merged(&self, other: &Self, decide: impl Fn(bool, bool) -> bool) -> Self {
        let missing = decide(self.missing, other.missing);
        let (mut one, mut two) = (self.below, other.below);
        let below = decide(one, two);
        let mut is_in = below;
        let mut cuts = Vec::with_capacity(self.cuts().len() + other.cuts().len());
        let (mut ours, mut theirs) =
            (self.cuts().iter().peekable(), other.cuts().iter().peekable());
        loop {
            let (cut, turns) = match (ours.peek(), theirs.peek()) {
                (Some(our), Some(their)) => match our.cmp(their) {
                    Ordering::Less => (*our, (true, false)),
                    Ordering::Equal => (*our, (true, true)),
                    Ordering::Greater => (*their, (false, true)),
                },
                (Some(our), None) => (*our, (true, false)),
                (None, Some(their)) => (*their, (false, true)),
                (None, None) => break,
            };
            if turns.0 {
                ours.next();
                one = !one;
            }
            if turns.1 {
                theirs.next();
                two = !two;
            }
            if decide(one, two) != is_in {
                is_in = !is_in;
                cuts.push(cut.clone());
            }
        }
        Self::made(missing, below, cuts)
    }

    /// What at least `count` of the sets hold.
    pub(crate) fn held_by(count: usize, sets: &[&Self]) -> Self {
        match (sets, count) {
            ([one, other], 2) => return one.and(other),
            ([one, other], 1) => return one.merged(other, |one, other| one || other),
            _ => {}
        }
        let missing = sets.iter().filter(|set| set.missing).count() >= count;
        let mut held = sets.iter().filter(|set| set.below).count();
        let below = held >= count;
        let mut cuts: Vec<Cut<'a>> = Vec::new();
        for (cut, begins, ends) in steps(sets) {
            let before = held >= count;
            held = (held + begins).saturating_sub(ends);
            if before != (held >= count) {
                cuts.push(cut.clone());
            }
        }
        Self::made(missing, below, cuts)
    }

    /// The greatest number of the sets that hold one and the same value, or a missing one.
    pub(crate) fn most(sets: &[&Self]) -> usize {
        let missing = sets.iter().filter(|set| set.missing).count();
        let mut held = sets.iter().filter(|set| set.below).count();
        let mut most = held.max(missing);
        for (_, begins, ends) in steps(sets) {
            held = (held + begins).saturating_sub(ends);
            most = most.max(held);
        }
        most
    }

    pub(crate) fn is_apart_from(&self, other: &Self) -> bool {
        !(self.missing && other.missing || meets(self, other, false))
    }

    pub(crate) fn is_within(&self, other: &Self) -> bool {
        (!self.missing || other.missing) && !meets(self, other, true)
    }

    /// With the scale turned round: step `n` stands where `-n` stood.
    pub(crate) fn mirrored(&self) -> Self {
        let turn = |cut: &Cut<'a>| match cut {
            Cut::Step(step) => Cut::Step(1_i128.saturating_sub(*step)),
            Cut::Text(..) => cut.clone(),
        };
        let cuts: Vec<Cut<'a>> = self.cuts().iter().rev().map(turn).collect();
        Self::made(self.missing, self.below != (cuts.len() % 2 == 1), cuts)
    }

    /// The ranges of the values, from one cut to the next; `None` where there is no end.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = (Option<&Cut<'a>>, Option<&Cut<'a>>)> {
        let mut cuts = self.cuts().iter();
        let mut first = self.below.then(|| (None, cuts.next()));
        std::iter::from_fn(move || {
            first.take().or_else(|| cuts.next().map(|start| (Some(start), cuts.next())))
        })
    }

    /// The least of the steps, where all are at or above it.
    pub(crate) fn least_step(&self) -> Option<i128> {
        match self.cuts().first() {
            Some(Cut::Step(step)) if !self.below => Some(*step),
            _ => None,
        }
    }
}

/// Where sets begin and end, ascending: the cut, and how many begin and how many end there.
fn steps<'s, 'a>(sets: &[&'s Set<'a>]) -> impl Iterator<Item = (&'s Cut<'a>, usize, usize)> {
    let ends = |set: &&'s Set<'a>| {
        let turns = std::iter::successors(Some(!set.below), |begins| Some(!begins));
        set.cuts().iter().zip(turns)
    };
    let mut marks: Vec<(&Cut<'a>, bool)> = sets.iter().flat_map(ends).collect();
    marks.sort_unstable();
    let mut marks = marks.into_iter().peekable();
    std::iter::from_fn(move || {
        let (cut, begins) = marks.next()?;
        let mut found = (cut, usize::from(begins), usize::from(!begins));
        while let Some((_, begins)) = marks.next_if(|(next, _)| *next == cut) {
            found.1 += usize::from(begins);
            found.2 += usize::from(!begins);
        }
        Some(found)
    })
}

/// Whether a value lies in `one` and in `other`, or where `turned` not in `other`.
fn meets<'a>(one: &Set<'a>, other: &Set<'a>, turned: bool) -> bool {
    let (mut in_one, mut in_other) = (one.below, other.below != turned);
    let (mut ours, mut theirs) = (one.cuts().iter().peekable(), other.cuts().iter().peekable());
    while !(in_one && in_other) {
        let order = match (ours.peek(), theirs.peek()) {
            (Some(our), Some(their)) => our.cmp(their),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return false,
        };
        if order.is_le() {
            ours.next();
            in_one = !in_one;
        }
        if order.is_ge() {
            theirs.next();
            in_other = !in_other;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn steps_of(set: &Set<'_>) -> Vec<i128> {
        (-20..=20).filter(|step| !set.is_apart_from(&Set::step(*step))).collect()
    }

    fn random() -> impl Strategy<Value = Set<'static>> {
        let cuts = proptest::collection::btree_set(-8_i128..8, 0..6);
        (any::<bool>(), any::<bool>(), cuts).prop_map(|(missing, below, cuts)| {
            Set::made(missing, below, cuts.into_iter().map(Cut::Step).collect())
        })
    }

    #[test]
    fn ranges_in_any_order_are_one_set() {
        let cut = Cut::Step;
        let set = Set::ranges(vec![
            (cut(5), cut(7)),
            (cut(1), cut(2)),
            (cut(2), cut(3)),
            (cut(9), cut(9)),
            (cut(6), cut(8)),
        ]);
        assert_eq!(steps_of(&set), [1, 2, 5, 6, 7]);
        assert_eq!(set.pieces().count(), 2);
        assert_eq!(set.least_step(), Some(1));
    }

    #[test]
    fn texts_have_a_place_behind_each() {
        let text = |text: &'static str, after| Cut::Text(Cow::Borrowed(text), after);
        let is_a = Set::range(text("a", false), text("a", true));
        let above_a = Set::from(text("a", true));
        let to_b = Set::before(text("b", true));
        assert!(is_a.is_apart_from(&above_a));
        assert!(is_a.is_within(&to_b));
        assert!(!above_a.is_within(&to_b));
        assert!(!above_a.is_apart_from(&to_b));
        assert!(Set::range(text("b", false), text("a", true)).is_empty());
    }

    #[test]
    fn a_start_is_a_range() {
        let is_in = |text: &'static str, start: &str| {
            let text = Cut::Text(Cow::Borrowed(text), false);
            let Cut::Text(same, _) = &text else { return false };
            let point = Set::range(text.clone(), Cut::Text(same.clone(), true));
            !point.is_apart_from(&Set::starting_with(start))
        };
        let texts = [
            "a",
            "ab",
            "ab\0",
            "abz",
            "ab\u{10ffff}",
            "ac",
            "b",
            "\u{10ffff}",
            "\u{10ffff}a",
            "a\u{10ffff}b",
            "\u{d7ff}",
            "\u{d7ff}x",
            "\u{e000}",
            "",
            "A",
        ];
        for start in ["a", "ab", "a\u{10ffff}", "\u{10ffff}", "\u{d7ff}"] {
            for text in texts {
                assert_eq!(is_in(text, start), text.starts_with(start), "{text:?} {start:?}");
            }
        }
    }

    #[test]
    fn what_has_no_value_may_be_missing() {
        assert!(Set::nothing().is_empty());
        assert!(!Set::missing().is_empty());
        assert!(Set::missing().has_no_value());
        assert!(Set::missing().is_apart_from(&Set::present()));
        assert_eq!(Set::missing().complement(), Set::present());
        assert!(Set::nothing().complement().is_all());
    }

    proptest! {
        #[test]
        fn sets_are_what_their_steps_are(sets in proptest::collection::vec(random(), 1..5), count in 1_usize..5) {
            let refs: Vec<&Set<'_>> = sets.iter().collect();
            let held = Set::held_by(count, &refs);
            let by = |step: i128| refs.iter().filter(|set| !set.is_apart_from(&Set::step(step))).count();
            for step in -20..=20 {
                prop_assert_eq!(!held.is_apart_from(&Set::step(step)), by(step) >= count);
                prop_assert_eq!(
                    !held.mirrored().is_apart_from(&Set::step(-step)),
                    !held.is_apart_from(&Set::step(step))
                );
            }
            let missing = refs.iter().filter(|set| set.missing).count();
            prop_assert_eq!(held.missing, missing >= count);
            let most = (-20..=20).map(by).max().unwrap_or(0).max(missing);
            prop_assert_eq!(Set::most(&refs), most);
        }

        #[test]
        fn relations_are_those_of_the_steps(one in random(), other in random()) {
            let both = one.and(&other);
            prop_assert_eq!(both.is_empty(), one.is_apart_from(&other));
            prop_assert_eq!(both == one, one.is_within(&other));
            prop_assert_eq!(one.is_within(&other), one.is_apart_from(&other.complement()));
            prop_assert_eq!(one.complement_in(&other), one.complement().and(&other));
            prop_assert_eq!(one.mirrored().mirrored(), one);
        }

        #[test]
        fn pieces_make_the_set(set in random()) {
            let cut = |cut: Option<&Cut<'static>>, end: i128| cut.cloned().unwrap_or(Cut::Step(end));
            let pieces = set.pieces().map(|(first, last)| (cut(first, -30), cut(last, 30))).collect();
            prop_assert_eq!(steps_of(&Set::ranges(pieces)), steps_of(&set));
        }
    }
}
