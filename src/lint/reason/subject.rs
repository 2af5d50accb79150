//! The ways to look at a value, and what each of them says about the others.

use std::borrow::Cow;

use super::{
    Constant, Cube, Cut, Literal, Reason, Set, TermId, TermKey,
    constant::{as_float, days_or_months},
    meaning::NodeId,
    time::{days_of_minutes, days_of_months, offset_cuts},
};
use crate::{
    calendar::{Day, MonthDay, Offset},
    rule::{AggregateFunction, Domain, End, ExprType, Function, SegmentId, TextTest},
    value::{Decimal, Pattern, fold_case},
};

/// The number of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Subject(usize);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum SubjectKey<'a> {
    /// Exact numbers as steps of their own scale, floats in their order, booleans, days since 1970, microseconds since
    /// 1970, texts; of all other types only whether there is one.
    Value(TermId),
    /// An exact number as the nearest float.
    Float(TermId),
    /// A text without its case.
    Folded(TermId),
    /// The (local) day, as days from today.
    Days(TermId),
    /// The (local) day among the days that lie whole months from today; see `offset_cuts`.
    Months(TermId),
    /// The instant among those that lie whole minutes from now; see `offset_cuts`.
    Minutes(TermId),
    /// The place of the (local) day on the circle of month-days.
    MonthDay(TermId),
    /// How one value compares with another, the lower number first: -1, 0 or 1; missing where one is.
    Order(TermId, TermId, Domain),
    /// Whether a text passes a test: 0 or 1, as all below.
    Text {
        value: TermId,
        test: TextTest,
        pattern: TermId,
        fold_case: bool,
    },
    /// Whether a set has an element.
    Element {
        set: TermId,
        item: Cow<'a, str>,
        fold_case: bool,
    },
    /// Whether a (local) day lies in windows of months and days.
    Yearly(TermId, Vec<Window>),
    Matches(TermId, &'a Pattern),
    /// The distance from a place, latitude first, as the order of floats.
    Distance(TermId, Decimal, Decimal),
    /// How many have a greater value, or a smaller one at the bottom.
    Before(End, TermId),
    /// The same as a percentage of all who have the value, in units of 10^-18.
    PercentBefore(End, TermId),
    /// Whether it is within a percentage with more digits than that.
    InShare(End, Decimal, TermId),
    /// What is drawn of 2^32 with a seed.
    Drawn(&'a str),
    InSegment(SegmentId),
    /// Whether a condition holds that is not understood any further.
    Condition(NodeId),
}

impl Subject {
    /// One of 64 bits, which it shares with few others of its neighbourhood.
    pub(super) fn bit(self) -> u64 {
        1 << (self.0 % 64)
    }

    #[cfg(test)]
    pub(super) fn for_test(number: usize) -> Self {
        Self(number)
    }
}

/// Months and days that are not fixed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Window {
    Days(Offset, Offset),
    Circle(TermId, TermId),
}

pub(super) struct SubjectInfo<'a> {
    pub(super) key: SubjectKey<'a>,
    pub(super) domain: Set<'a>,
}

/// Where a constant lies on the scale of a subject: `front` and `back` are the cuts around it, one and the same where
/// it lies between two steps.
pub(crate) struct Bound<'a> {
    pub(crate) subject: Subject,
    pub(crate) front: Cut<'a>,
    pub(crate) back: Cut<'a>,
    /// The scale of the value runs against that of the subject.
    pub(crate) mirrored: bool,
}

impl<'a> Reason<'a> {
    pub(crate) fn subject(&mut self, key: SubjectKey<'a>) -> Subject {
        if let Some(id) = self.subjects_by_key.get(&key) {
            return *id;
        }
        let domain = self.domain(&key);
        let id = Subject(self.subjects.len());
        self.subjects_by_key.insert(key.clone(), id);
        self.subjects.push(SubjectInfo { key, domain });
        id
    }

    /// All that a subject can be.
    pub(crate) fn domain_of(&self, id: Subject) -> &Set<'a> {
        &self.info(id).domain
    }

    pub(crate) fn key_of(&self, id: Subject) -> &SubjectKey<'a> {
        &self.info(id).key
    }

    // INVARIANT: ids are made by `subject` alone, and of one `Reason`.
    #[expect(clippy::indexing_slicing, reason = "ids are places in the list")]
    fn info(&self, id: Subject) -> &SubjectInfo<'a> {
        &self.subjects[id.0]
    }

    fn domain(&self, key: &SubjectKey<'a>) -> Set<'a> {
        let steps = |first, end| Set::range(Cut::Step(first), Cut::Step(end));
        let of = |term: TermId| self.of(term);
        match key {
            SubjectKey::Value(term) => of(*term).domain.clone(),
            SubjectKey::Float(term) | SubjectKey::Folded(term) => {
                Set::present().with_missing(of(*term).domain.missing)
            }
            SubjectKey::Days(term) | SubjectKey::Months(term) | SubjectKey::Minutes(term) => {
                let past = Set::before(Cut::Step(1));
                let set = if of(*term).has_happened { past } else { Set::present() };
                set.with_missing(of(*term).domain.missing)
            }
            SubjectKey::MonthDay(term) => {
                steps(0, MonthDay::COUNT.into()).with_missing(of(*term).domain.missing)
            }
            SubjectKey::Order(one, other, _) => {
                steps(-1, 2).with_missing(of(*one).domain.missing || of(*other).domain.missing)
            }
            // What is no number is near nothing.
            SubjectKey::Distance(..) => Set::from(Cut::Step(0)).with_missing(true),
            SubjectKey::Before(_, term) => {
                Set::from(Cut::Step(0)).with_missing(of(*term).domain.missing)
            }
            SubjectKey::PercentBefore(_, term) => {
                steps(0, 100 * 10_i128.pow(18)).with_missing(of(*term).domain.missing)
            }
            SubjectKey::Drawn(_) => steps(0, 1 << 32),
            SubjectKey::Text { .. }
            | SubjectKey::Element { .. }
            | SubjectKey::Yearly(..)
            | SubjectKey::Matches(..)
            | SubjectKey::InShare(..)
            | SubjectKey::InSegment(_)
            | SubjectKey::Condition(_) => self.flags.domain.clone(),
        }
    }

    /// Where a constant lies among the values of a term, compared in a domain; `None` where that is not known.
    pub(crate) fn bound(
        &mut self,
        term: TermId,
        constant: &Constant<'a>,
        domain: Domain,
    ) -> Option<Bound<'a>> {
        let ty = self.of(term).ty;
        let (key, front, back) = match (domain, constant) {
            (Domain::Number, Constant::Exact(number)) => match ty {
                ExprType::Exact { scale } => {
                    let (front, back) = on_scale(*number, scale)?;
                    if let Some(date) = self.counted_from(term) {
                        let subject = self.subject(SubjectKey::Days(date));
                        return Some(Bound { subject, front, back, mirrored: true });
                    }
                    (SubjectKey::Value(term), front, back)
                }
                _ => around(SubjectKey::Value(term), float_step(number.to_f64())),
            },
            (Domain::Number, Constant::Float(_)) => {
                let key = match ty {
                    ExprType::Float => SubjectKey::Value(term),
                    _ => SubjectKey::Float(term),
                };
                around(key, float_step(as_float(constant)?))
            }
            (Domain::Bool, Constant::Bool(truth)) => {
                around(SubjectKey::Value(term), i128::from(*truth))
            }
            (Domain::Text { fold_case: false }, Constant::Text(text)) => {
                let (front, back) = around_text(text.clone());
                let cannot_be = self.is_lower(term) && text.to_lowercase() != **text;
                let back = if cannot_be { front.clone() } else { back };
                (SubjectKey::Value(term), front, back)
            }
            (Domain::Text { fold_case: true }, Constant::Text(text)) => {
                let (front, back) = around_text(Cow::Owned(fold_case(text)));
                (SubjectKey::Folded(term), front, back)
            }
            (Domain::Day, Constant::Day(day)) => {
                let (front, back) = self.around_day(ty, *day)?;
                (SubjectKey::Value(term), front, back)
            }
            (Domain::Day, Constant::FromToday(offset)) => match days_or_months(*offset)? {
                Ok(days) => around(SubjectKey::Days(term), days.into()),
                Err(months) => {
                    let (front, back) = offset_cuts(months);
                    (SubjectKey::Months(term), front, back)
                }
            },
            (Domain::Instant, Constant::Instant(instant)) => {
                around(SubjectKey::Value(term), instant.0.into())
            }
            (Domain::Instant, Constant::FromNow(minutes)) => {
                let (front, back) = offset_cuts(*minutes);
                (SubjectKey::Minutes(term), front, back)
            }
            _ => return None,
        };
        Some(Bound { subject: self.subject(key), front, back, mirrored: false })
    }

    /// The date that a term counts the days since.
    fn counted_from(&self, term: TermId) -> Option<TermId> {
        match &self.of(term).key {
            TermKey::Call(Function::DaysSince, arguments) => arguments.first().copied(),
            _ => None,
        }
    }

    /// A local day begins and ends at instants.
    fn around_day(&self, ty: ExprType, day: Day) -> Option<(Cut<'a>, Cut<'a>)> {
        match ty {
            ExprType::Date => Some((Cut::Step(day.0.into()), Cut::Step(i128::from(day.0) + 1))),
            ExprType::DateTime if Day::MIN < day && day < Day::MAX => {
                let start = |day| i128::from(self.schema.zone().start_of_day(day).0);
                Some((Cut::Step(start(day)), Cut::Step(start(day.plus_days(1)))))
            }
            _ => None,
        }
    }

    /// What is known of other subjects where one is in a set.
    pub(crate) fn follows(
        &mut self,
        subject: Subject,
        set: &Set<'a>,
        found: &mut Vec<(Subject, Set<'a>)>,
    ) {
        let is_true = set.least_step() == Some(1);
        match &self.info(subject).key {
            SubjectKey::Value(term) => {
                let term = *term;
                self.counted_rows(term, set, found);
                self.without_case(term, set, found);
                self.present(term, set, found);
            }
            SubjectKey::Months(term) => {
                let term = *term;
                found.push((self.subject(SubjectKey::Days(term)), days_of_months(set)));
                self.present(term, set, found);
            }
            SubjectKey::Minutes(term) => {
                let term = *term;
                found.push((self.subject(SubjectKey::Days(term)), days_of_minutes(set)));
                self.present(term, set, found);
            }
            SubjectKey::Float(term)
            | SubjectKey::Folded(term)
            | SubjectKey::Days(term)
            | SubjectKey::MonthDay(term)
            | SubjectKey::Before(_, term)
            | SubjectKey::PercentBefore(_, term)
            | SubjectKey::Distance(term, ..) => self.present(*term, set, found),
            SubjectKey::Order(one, other, _) => {
                self.present(*one, set, found);
                self.present(*other, set, found);
            }
            SubjectKey::Text { value, pattern, .. } if is_true => {
                found.extend_from_slice(&self.of(*value).implied);
                found.extend_from_slice(&self.of(*pattern).implied);
            }
            SubjectKey::Yearly(value, _) | SubjectKey::Matches(value, _) if is_true => {
                found.extend_from_slice(&self.of(*value).implied);
            }
            SubjectKey::Element { set: elements, .. } if is_true => {
                let size = TermKey::Call(Function::Size, vec![*elements]);
                let size = self.term(size, ExprType::Exact { scale: 0 });
                found.push((self.subject(SubjectKey::Value(size)), Set::from(Cut::Step(1))));
            }
            SubjectKey::InSegment(id) => {
                let known = self.segments.get(id);
                let side = known.and_then(|(inside, outside)| match is_true {
                    true => inside.as_ref(),
                    false => outside.as_ref(),
                });
                let facts = side.into_iter().flat_map(Cube::facts);
                found.extend(facts.map(|fact| (fact.subject, fact.set.clone())));
            }
            SubjectKey::Text { .. }
            | SubjectKey::Yearly(..)
            | SubjectKey::Matches(..)
            | SubjectKey::Element { .. }
            | SubjectKey::InShare(..)
            | SubjectKey::Drawn(_)
            | SubjectKey::Condition(_) => {}
        }
        found.retain(|(other, _)| *other != subject);
    }

    /// What is known where a value is present, as its set says.
    fn present(&self, term: TermId, set: &Set<'a>, found: &mut Vec<(Subject, Set<'a>)>) {
        if !set.missing {
            found.extend_from_slice(&self.of(term).implied);
        }
    }

    /// So many rows that meet a filter are as many rows at least.
    fn counted_rows(&mut self, term: TermId, set: &Set<'a>, found: &mut Vec<(Subject, Set<'a>)>) {
        let TermKey::Aggregate { function, table, value, filter } = self.of(term).key else {
            return;
        };
        if !matches!(function, AggregateFunction::Count | AggregateFunction::CountDistinct) {
            return;
        }
        let Some(least) = set.least_step().filter(|least| *least > 0 && !set.missing) else {
            return;
        };
        let mut wider = Vec::new();
        if value.is_some() {
            wider.push(self.count(table, filter));
        }
        if filter.is_some() {
            wider.push(self.count(table, None));
        }
        for count in wider {
            found.push((self.subject(SubjectKey::Value(count)), Set::from(Cut::Step(least))));
        }
    }

    /// What a few fixed texts are without their case.
    fn without_case(&mut self, term: TermId, set: &Set<'a>, found: &mut Vec<(Subject, Set<'a>)>) {
        const FEW: usize = 64;
        if self.of(term).ty != ExprType::Text || set.size() > 2 * FEW {
            return;
        }
        let mut ranges = Vec::new();
        for piece in set.pieces() {
            match piece {
                (Some(Cut::Text(text, false)), Some(Cut::Text(end, true))) if text == end => {
                    ranges.push(around_text(Cow::Owned(fold_case(text))));
                }
                _ => return,
            }
        }
        let folded = self.subject(SubjectKey::Folded(term));
        found.push((folded, Set::ranges(ranges).with_missing(set.missing)));
    }

    /// The literal of a condition that is a subject.
    pub(super) fn as_condition(&mut self, literal: Literal) -> (Subject, Set<'a>) {
        let subject = self.subject(SubjectKey::Condition(literal.node));
        (subject, self.flags.of(!literal.negated))
    }
}

fn around<'a>(key: SubjectKey<'a>, step: i128) -> (SubjectKey<'a>, Cut<'a>, Cut<'a>) {
    (key, Cut::Step(step), Cut::Step(step.saturating_add(1)))
}

pub(super) fn around_text(text: Cow<'_, str>) -> (Cut<'_>, Cut<'_>) {
    (Cut::Text(text.clone(), false), Cut::Text(text, true))
}

/// The cuts around a number among the numbers with so many digits after the point.
fn on_scale<'a>(number: Decimal, scale: u8) -> Option<(Cut<'a>, Cut<'a>)> {
    let Some(dropped) = number.scale().checked_sub(scale) else {
        let step = number.rescale(scale)?.mantissa();
        return Some((Cut::Step(step), Cut::Step(step.checked_add(1)?)));
    };
    let unit = 10_i128.checked_pow(dropped.into())?;
    let step = number.mantissa().div_euclid(unit);
    let back = Cut::Step(step.checked_add(1)?);
    let is_on_it = number.mantissa().rem_euclid(unit) == 0;
    Some((if is_on_it { Cut::Step(step) } else { back.clone() }, back))
}

/// A number that keeps the order of floats.
pub(crate) fn float_step(number: f64) -> i128 {
    let size = i128::from(number.abs().to_bits());
    if number < 0.0 { -size } else { size }
}
