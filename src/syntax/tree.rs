//! What a rule file says, before any name or type is known.
//!
//! INVARIANT: brackets that the author wrote are [`ExprKind::Paren`] nodes, so printing a tree and parsing the
//! text again yields the same tree. Chains of one operator are one node, so the depth of a tree is bounded by the
//! nesting of its text, never by its length.

use crate::{calendar::Unit, diagnostic::Span};

/// A rule file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct File {
    pub(crate) items: Vec<Item>,
}

/// One definition at the top level of a file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Item {
    Use(Use),
    Let(Let),
    Segment(Segment),
    Partition(Partition),
}

/// `use 'segmenta/behaviour'`
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Use {
    pub(crate) path: Text,
    pub(crate) span: Span,
}

/// `let NAME(parameters) = body`; `let NAME = body` has no parameters.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Let {
    pub(crate) name: Name,
    pub(crate) parameters: Vec<Name>,
    pub(crate) body: Expr,
    pub(crate) span: Span,
}

/// `static inactive segment NAME "title" { … }`
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Segment {
    /// `None` where the word is left out, which means dynamic.
    pub(crate) kind: Option<Kind>,
    pub(crate) inactive: bool,
    pub(crate) name: Name,
    pub(crate) title: Option<Text>,
    pub(crate) clauses: Vec<Clause>,
    pub(crate) span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Static,
    Dynamic,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Clause {
    pub(crate) kind: ClauseKind,
    pub(crate) span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ClauseKind {
    Include(Expr),
    Exclude(Expr),
    /// Elements are `Number` (perhaps under `Negate`) or `Text`.
    PinIn(Vec<Expr>),
    PinOut(Vec<Expr>),
    /// `analytics: true` and the like; which names and values there are is checked later.
    Meta {
        name: Name,
        value: MetaValue,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum MetaValue {
    Bool(bool),
    Text(Text),
    Texts(Vec<Text>),
}

/// `partition NAME { a when COND, b otherwise }`
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Partition {
    pub(crate) name: Name,
    pub(crate) title: Option<Text>,
    pub(crate) parts: Vec<Part>,
    pub(crate) span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Part {
    pub(crate) name: Name,
    /// `None` for `otherwise`.
    pub(crate) when: Option<Expr>,
    pub(crate) span: Span,
}

/// A name as it is meant, without backquotes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) span: Span,
}

/// A string as it is meant, without quotes and escapes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) span: Span,
}

/// A condition or a value: the grammar has one ladder for both, and the types part them later.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Expr {
    pub(crate) kind: ExprKind,
    pub(crate) span: Span,
}

impl Expr {
    /// Without brackets around it.
    pub(crate) fn bare(&self) -> &Self {
        let mut expr = self;
        while let ExprKind::Paren(inner) = &expr.kind {
            expr = inner;
        }
        expr
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ExprKind {
    // Values
    Number(Number),
    Text(String),
    Bool(bool),
    Null,
    /// `2026-11-01`, a day that exists
    Date(chrono::NaiveDate),
    /// `2026-11-01T16:00:00`, local where `offset_minutes` is `None`; `Z` is `Some(0)`
    DateTime {
        local: chrono::NaiveDateTime,
        offset_minutes: Option<i32>,
    },
    /// `07-25`, a month-day that exists (02-29 does)
    MonthDay {
        month: u8,
        day: u8,
    },
    Today,
    Yesterday,
    Tomorrow,
    Now,
    /// `30 days ago`, `in 2 weeks`, and the short forms `-30d`, `+7d`
    Relative {
        amount: Amount,
        unit: Unit,
        direction: Direction,
    },
    /// `90 days` as an argument: `predict.orders(90 days)`
    Duration {
        amount: Amount,
        unit: Unit,
    },
    /// `country`, `home_store.region`, `parent.status`; also a `let` or a parameter by its name
    Path(Vec<Name>),
    /// `age(birthday)`, `predict.orders(90 days)`, a `let` with arguments
    Call {
        function: Vec<Name>,
        arguments: Vec<Expr>,
    },
    /// `count(distinct items.product_id where …)`; `target` is the table and, behind it, the path to the value
    Aggregate {
        function: Aggregate,
        distinct: bool,
        target: Vec<Name>,
        filter: Option<Box<Expr>>,
    },
    Negate(Box<Expr>),
    /// Operators of one level, from left to right: `+ -` or `* /`; never empty behind `first`
    Arithmetic {
        first: Box<Expr>,
        rest: Vec<(ArithmeticOp, Expr)>,
    },
    Paren(Box<Expr>),

    // Conditions
    Not(Box<Expr>),
    /// Two or more
    And(Vec<Expr>),
    /// Two or more
    Or(Vec<Expr>),
    Compare {
        op: CompareOp,
        left: Box<Expr>,
        right: Box<Expr>,
        ignoring: Option<Ignoring>,
    },
    Between {
        negated: bool,
        value: Box<Expr>,
        low: Box<Expr>,
        high: Box<Expr>,
        ignoring: Option<Ignoring>,
    },
    In {
        negated: bool,
        value: Box<Expr>,
        list: Vec<Expr>,
        ignoring: Option<Ignoring>,
    },
    Contains {
        negated: bool,
        value: Box<Expr>,
        what: Contained,
        ignoring: Option<Ignoring>,
    },
    /// `starts with`, `ends with`, `matches`
    TextTest {
        test: TextTest,
        value: Box<Expr>,
        pattern: Box<Expr>,
        ignoring: Option<Ignoring>,
    },
    IsNull {
        negated: bool,
        value: Box<Expr>,
    },
    IsEmpty {
        negated: bool,
        value: Box<Expr>,
    },
    /// `within last 30 days`
    Within {
        value: Box<Expr>,
        direction: Direction,
        amount: Amount,
        unit: Unit,
        ignoring: Option<Ignoring>,
    },
    /// `within 25 km of (59.33, 18.06)`
    Near {
        value: Box<Expr>,
        distance: Number,
        unit: DistanceUnit,
        latitude: Box<Expr>,
        longitude: Box<Expr>,
    },
    /// `all of (…)`, `at least 2 of (…)`
    Quantified {
        quantifier: Quantifier,
        conditions: Vec<Expr>,
    },
    /// `in segment vip`, `in segment tier.gold`
    InSegment(Vec<Name>),
    /// `top 10 percent by VALUE`, `bottom 100 by VALUE`
    Top {
        end: End,
        amount: Number,
        percent: bool,
        by: Box<Expr>,
    },
    /// `sample 10 percent seed 'holdout-1'`
    Sample {
        percent: Number,
        seed: Text,
    },

    /// Where the parser found an error, has reported it and has gone on
    Error,
}

/// A number as written: `mantissa / 10^scale`, not negative. `10.50` keeps its zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Number {
    pub(crate) mantissa: i128,
    pub(crate) scale: u8,
    /// It was written with `_` between its digits, and is printed so.
    pub(crate) grouped: bool,
}

/// A whole number, or the name of a `let` or parameter that stands for one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Amount {
    pub(crate) kind: AmountKind,
    pub(crate) span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum AmountKind {
    Number(u64),
    Name(String),
}

/// `ago` and `last`, or `in` and `next`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Past,
    Future,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ignoring {
    Year,
    Case,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Contained {
    One(Box<Expr>),
    AnyOf(Vec<Expr>),
    AllOf(Vec<Expr>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextTest {
    StartsWith,
    EndsWith,
    Matches,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CompareOp {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ArithmeticOp {
    Add,
    Subtract,
    Multiply,
    Divide,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Quantifier {
    All,
    Any,
    None,
    AtLeast(Amount),
    AtMost(Amount),
    Exactly(Amount),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aggregate {
    Count,
    Exists,
    Sum,
    Avg,
    Min,
    Max,
    First,
    Last,
    AverageGap,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DistanceUnit {
    Kilometres,
    Miles,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Top,
    Bottom,
}
