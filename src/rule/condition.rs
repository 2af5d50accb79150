//! Conditions: true or false for each customer (or row), never unknown.

use super::{Expr, SegmentId};
use crate::{
    calendar::Offset,
    diagnostic::Span,
    value::{Decimal, Pattern, Sample, Vicinity},
};

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Condition {
    pub(crate) kind: ConditionKind,
    /// Its text; of a condition that a `let` or a parameter stands for, where that text is.
    pub(crate) span: Span,
    pub(crate) place: Place,
}

/// Where a condition is spoken of, so that what a `let` does wrong by itself is said once, in its body, and what only
/// some arguments make wrong is said where these are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Where it stands among its neighbours: its text with brackets, or the name that stands for it. `None` in the body
    /// of a `let` where it depends on the arguments.
    pub(crate) here: Option<Span>,
    /// Its text; where that is in the body of a `let` and depends on the arguments, as `here`.
    pub(crate) own: Option<Span>,
}

#[cfg(test)]
impl Condition {
    /// A condition that stands where it is written.
    pub(crate) const fn new(kind: ConditionKind, span: Span) -> Self {
        Self { kind, span, place: Place { here: Some(span), own: Some(span) } }
    }
}

/// A missing value makes every positive form false; `negated` is the exact complement.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ConditionKind {
    Constant(bool),
    /// A boolean value on its own; true where it is present and true.
    Holds(Expr),
    Not(Box<Condition>),
    /// `a and b and …`
    And(Vec<Condition>),
    /// `a or b or …`
    Or(Vec<Condition>),
    /// `all of (…)` and the like
    Quantified {
        quantifier: Quantifier,
        conditions: Vec<Condition>,
    },
    /// `NotEqual` is the complement of `Equal`, so it holds where a side is missing.
    Compare {
        op: CompareOp,
        left: Expr,
        right: Expr,
        domain: Domain,
    },
    Between {
        negated: bool,
        value: Expr,
        low: (Expr, Domain),
        high: (Expr, Domain),
    },
    In {
        negated: bool,
        value: Expr,
        items: Vec<(Expr, Domain)>,
    },
    /// `within last 30 days`, `within next 2 hours`: from `first` to `last`, one of which is zero. In days and longer
    /// the value's (local) day lies between two days, in hours and minutes the instant between two instants.
    Within {
        value: Expr,
        first: Offset,
        last: Offset,
    },
    /// The value's month-day lies in one of the windows: `=`, `!=`, `in`, `between`, `within` with `ignoring year`.
    Yearly {
        negated: bool,
        value: Expr,
        windows: Vec<YearlyWindow>,
    },
    /// On text: `contains 'x'`, `starts with`, `ends with`
    TextTest {
        negated: bool,
        test: TextTest,
        value: Expr,
        pattern: Expr,
        fold_case: bool,
    },
    /// `matches 'REGEX'`, somewhere in the text.
    Matches {
        value: Expr,
        pattern: Pattern,
    },
    /// `within 25 km of (59.33, 18.06)`, of a place.
    Near {
        value: Expr,
        vicinity: Vicinity,
    },
    /// On sets: `contains x` and `contains any of (…)` (one of the items is an element), `contains all of (…)`.
    /// Items are literals of the element's type.
    SetContains {
        negated: bool,
        all: bool,
        value: Expr,
        items: Vec<Expr>,
        fold_case: bool,
    },
    IsNull {
        negated: bool,
        value: Expr,
    },
    /// Of a set; a missing set is empty.
    IsEmpty {
        negated: bool,
        value: Expr,
    },
    InSegment(SegmentId),
    /// Of customers alone: `sample 10 percent seed 'x'`
    Sample(Sample),
    /// Of customers only: fewer of those who exist and have the value than `share` says have a greater one, at the
    /// bottom a smaller one. So ties at the edge are all in.
    Top {
        end: End,
        share: Share,
        by: Expr,
    },
}

/// An end of an order by value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum End {
    Top,
    Bottom,
}

/// How many of a population.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Share {
    /// Above 0 and at most 100.
    Percent(Decimal),
    /// At least 1.
    Count(u64),
}

/// Bounds of months and days, which wrap over New Year.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum YearlyWindow {
    /// The real days from `first` to `last`, both relative to today in days or longer units: who has an anniversary
    /// on one of them; all who have the date when it is a year or more; nobody when reversed.
    Days { first: Offset, last: Offset },
    /// The month-days from `first` to `last` (a date's, a datetime's local day's, or a month-day), wrapping over New
    /// Year when `first` is later in the year; the same expression twice for a single day. False where one is missing.
    Circle { first: Expr, last: Expr },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quantifier {
    All,
    Any,
    None,
    AtLeast(u64),
    AtMost(u64),
    Exactly(u64),
}

/// What two sides are compared as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Domain {
    /// Exact against exact exactly; against a float the other side becomes the nearest float.
    Number,
    Bool,
    /// By code point; or, with `fold_case`, after simple Unicode case folding of both sides.
    Text {
        fold_case: bool,
    },
    /// Days; a datetime stands for its local day.
    Day,
    /// Two instants.
    Instant,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum CompareOp {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum TextTest {
    Contains,
    StartsWith,
    EndsWith,
}

impl CompareOp {
    /// As it is written in a rule.
    pub(crate) const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}
