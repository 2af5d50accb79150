//! The words of the language, and which types they take.
//!
//! LAW: the checker takes an operator, function or aggregate on a column exactly where these tables list it; a test
//! asks it for every pair.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::value::Type;

/// What a rule can do with a value: types that behave alike are one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// `true` or `false`.
    Boolean,
    /// Whole, exact and floating-point numbers.
    Number,
    /// A text.
    Text,
    /// A calendar day.
    Date,
    /// An instant.
    DateTime,
    /// A set of texts.
    TextSet,
    /// A set of whole numbers.
    IntSet,
    /// A place.
    Place,
}

/// The words of the language.
#[derive(Debug, Clone, Copy, Serialize)]
#[non_exhaustive]
pub struct Language {
    /// Operators, in the order of the language page.
    pub operators: &'static [Operator],
    /// What is written without a column: conditions of conditions, days and instants.
    pub forms: &'static [Form],
    /// Functions of values.
    pub functions: &'static [Function],
    /// Functions of a customer's rows.
    pub aggregates: &'static [Aggregate],
    /// Words that are no names unless they stand in backquotes.
    pub reserved: &'static [&'static str],
    /// The other words of the grammar, which may be names too.
    pub keywords: &'static [&'static str],
    /// The names of a segment's metadata.
    pub metadata: &'static [&'static str],
    /// Units of time, in the plural; the singular is read too.
    pub time_units: &'static [&'static str],
    /// Units of distance.
    pub distance_units: &'static [&'static str],
}

/// An operator, or a condition of another shape.
#[derive(Debug, Clone, Copy, Serialize)]
#[non_exhaustive]
pub struct Operator {
    /// Its words or sign: `not between`.
    pub name: &'static str,
    /// How it is written, with a capital word for each operand; `VALUE` is what the types belong to.
    pub syntax: &'static str,
    /// The kinds of values that it takes.
    pub kinds: &'static [Kind],
    /// Whether it compares customers with each other, so that rows and row filters cannot have it.
    pub customers_only: bool,
}

/// A condition or a value that is written without a column.
#[derive(Debug, Clone, Copy, Serialize)]
#[non_exhaustive]
pub struct Form {
    /// How it is written, with a capital word for each part.
    pub syntax: &'static str,
    /// What it is: `condition`, `date`, `datetime` or `month-day`.
    pub gives: &'static str,
}

/// A function of values.
#[derive(Debug, Clone, Copy, Serialize)]
#[non_exhaustive]
pub struct Function {
    /// The name.
    pub name: &'static str,
    /// How it is called: `round(VALUE, DIGITS)`.
    pub syntax: &'static str,
    /// The kinds of `VALUE`.
    pub kinds: &'static [Kind],
    /// The kind of the result; `None`: that of the value.
    pub result: Option<Kind>,
    /// Whether it compares customers with each other, so that rows and row filters cannot have it.
    pub customers_only: bool,
}

/// A function of a customer's rows. Each may end with a row filter: `count(orders where status = 'paid')`.
#[derive(Debug, Clone, Copy, Serialize)]
#[non_exhaustive]
pub struct Aggregate {
    /// The name: `count distinct` for the number of different values.
    pub name: &'static str,
    /// How it is called: `sum(TABLE.VALUE)`.
    pub syntax: &'static str,
    /// The kinds of `VALUE`; none where it takes the table itself.
    pub kinds: &'static [Kind],
    /// The kind of the result; `None`: that of the value.
    pub result: Option<Kind>,
    /// Whether the table must have a time column.
    pub needs_time: bool,
}

use Kind::{Boolean, Date, DateTime, IntSet, Number, Place, Text, TextSet};

const EVERY: &[Kind] = &[Boolean, Number, Text, Date, DateTime, TextSet, IntSet, Place];
const SINGLE: &[Kind] = &[Boolean, Number, Text, Date, DateTime];
const ORDERED: &[Kind] = &[Number, Text, Date, DateTime];
const RANKED: &[Kind] = &[Number, Date, DateTime];
const NULLABLE: &[Kind] = &[Boolean, Number, Text, Date, DateTime, Place];
const TIMES: &[Kind] = &[Date, DateTime];
const SETS: &[Kind] = &[TextSet, IntSet];
const HOLDERS: &[Kind] = &[Text, TextSet, IntSet];
const CASED: &[Kind] = &[Text, TextSet];
const NUMBERS: &[Kind] = &[Number];
const TEXTS: &[Kind] = &[Text];

const fn operator(name: &'static str, syntax: &'static str, kinds: &'static [Kind]) -> Operator {
    Operator { name, syntax, kinds, customers_only: false }
}

const fn form(syntax: &'static str, gives: &'static str) -> Form {
    Form { syntax, gives }
}

const fn function(
    name: &'static str,
    syntax: &'static str,
    kinds: &'static [Kind],
    result: Option<Kind>,
) -> Function {
    Function { name, syntax, kinds, result, customers_only: false }
}

const fn aggregate(
    name: &'static str,
    syntax: &'static str,
    kinds: &'static [Kind],
    result: Option<Kind>,
) -> Aggregate {
    Aggregate { name, syntax, kinds, result, needs_time: false }
}

pub(super) const OPERATORS: &[Operator] = &[
    operator("=", "VALUE = OTHER", SINGLE),
    operator("!=", "VALUE != OTHER", SINGLE),
    operator("<", "VALUE < OTHER", ORDERED),
    operator("<=", "VALUE <= OTHER", ORDERED),
    operator(">", "VALUE > OTHER", ORDERED),
    operator(">=", "VALUE >= OTHER", ORDERED),
    operator("between", "VALUE between OTHER and OTHER", ORDERED),
    operator("not between", "VALUE not between OTHER and OTHER", ORDERED),
    operator("in", "VALUE in (OTHER, …)", SINGLE),
    operator("not in", "VALUE not in (OTHER, …)", SINGLE),
    operator("contains", "VALUE contains ELEMENT", HOLDERS),
    operator("not contains", "VALUE not contains ELEMENT", HOLDERS),
    operator("contains any of", "VALUE contains any of (ELEMENT, …)", SETS),
    operator("not contains any of", "VALUE not contains any of (ELEMENT, …)", SETS),
    operator("contains all of", "VALUE contains all of (ELEMENT, …)", SETS),
    operator("not contains all of", "VALUE not contains all of (ELEMENT, …)", SETS),
    operator("starts with", "VALUE starts with TEXT", TEXTS),
    operator("ends with", "VALUE ends with TEXT", TEXTS),
    operator("matches", "VALUE matches TEXT", TEXTS),
    operator("ignoring case", "VALUE contains ELEMENT ignoring case", CASED),
    operator("is null", "VALUE is null", NULLABLE),
    operator("is not null", "VALUE is not null", NULLABLE),
    operator("is empty", "VALUE is empty", SETS),
    operator("is not empty", "VALUE is not empty", SETS),
    operator("within last", "VALUE within last NUMBER days", TIMES),
    operator("within next", "VALUE within next NUMBER days", TIMES),
    operator("ignoring year", "VALUE = OTHER ignoring year", TIMES),
    operator("within km of", "VALUE within NUMBER km of (NUMBER, NUMBER)", &[Place]),
    Operator { customers_only: true, ..operator("top by", "top NUMBER percent by VALUE", RANKED) },
    Operator {
        customers_only: true,
        ..operator("bottom by", "bottom NUMBER percent by VALUE", RANKED)
    },
    operator("+", "VALUE + NUMBER", NUMBERS),
    operator("-", "VALUE - NUMBER", NUMBERS),
    operator("*", "VALUE * NUMBER", NUMBERS),
    operator("/", "VALUE / NUMBER", NUMBERS),
];

pub(super) const FORMS: &[Form] = &[
    form("CONDITION and CONDITION", "condition"),
    form("CONDITION or CONDITION", "condition"),
    form("not CONDITION", "condition"),
    form("all of (CONDITION, …)", "condition"),
    form("any of (CONDITION, …)", "condition"),
    form("none of (CONDITION, …)", "condition"),
    form("at least NUMBER of (CONDITION, …)", "condition"),
    form("at most NUMBER of (CONDITION, …)", "condition"),
    form("exactly NUMBER of (CONDITION, …)", "condition"),
    form("in segment SEGMENT", "condition"),
    form("sample NUMBER percent seed TEXT", "condition"),
    form("today", "date"),
    form("yesterday", "date"),
    form("tomorrow", "date"),
    form("NUMBER days ago", "date"),
    form("in NUMBER days", "date"),
    form("YYYY-MM-DD", "date"),
    form("now", "datetime"),
    form("NUMBER hours ago", "datetime"),
    form("in NUMBER hours", "datetime"),
    form("YYYY-MM-DDThh:mm:ss", "datetime"),
    form("MM-DD", "month-day"),
];

pub(super) const FUNCTIONS: &[Function] = &[
    function("age", "age(VALUE)", TIMES, Some(Number)),
    function("days_since", "days_since(VALUE)", TIMES, Some(Number)),
    function("year", "year(VALUE)", TIMES, Some(Number)),
    function("month", "month(VALUE)", TIMES, Some(Number)),
    function("day", "day(VALUE)", TIMES, Some(Number)),
    function("weekday", "weekday(VALUE)", TIMES, Some(Number)),
    function("hour", "hour(VALUE)", &[DateTime], Some(Number)),
    function("size", "size(VALUE)", SETS, Some(Number)),
    function("lower", "lower(VALUE)", TEXTS, Some(Text)),
    function("length", "length(VALUE)", TEXTS, Some(Number)),
    function("abs", "abs(VALUE)", NUMBERS, Some(Number)),
    function("round", "round(VALUE, DIGITS)", NUMBERS, Some(Number)),
    function("coalesce", "coalesce(VALUE, OTHER, …)", SINGLE, None),
    Function {
        customers_only: true,
        ..function("quantile", "quantile(VALUE, NUMBER)", RANKED, Some(Number))
    },
];

pub(super) const AGGREGATES: &[Aggregate] = &[
    aggregate("count", "count(TABLE)", &[], Some(Number)),
    aggregate("exists", "exists(TABLE)", &[], Some(Boolean)),
    Aggregate {
        needs_time: true,
        ..aggregate("average_gap", "average_gap(TABLE)", &[], Some(Number))
    },
    aggregate("count", "count(TABLE.VALUE)", EVERY, Some(Number)),
    aggregate("count distinct", "count(distinct TABLE.VALUE)", SINGLE, Some(Number)),
    aggregate("sum", "sum(TABLE.VALUE)", NUMBERS, Some(Number)),
    aggregate("avg", "avg(TABLE.VALUE)", NUMBERS, Some(Number)),
    aggregate("min", "min(TABLE.VALUE)", ORDERED, None),
    aggregate("max", "max(TABLE.VALUE)", ORDERED, None),
    Aggregate { needs_time: true, ..aggregate("first", "first(TABLE.VALUE)", SINGLE, None) },
    Aggregate { needs_time: true, ..aggregate("last", "last(TABLE.VALUE)", SINGLE, None) },
];

pub(super) const LANGUAGE: Language = Language {
    operators: OPERATORS,
    forms: FORMS,
    functions: FUNCTIONS,
    aggregates: AGGREGATES,
    reserved: &[
        "and",
        "or",
        "not",
        "in",
        "is",
        "between",
        "where",
        "true",
        "false",
        "null",
        "today",
        "yesterday",
        "tomorrow",
        "now",
        "include",
        "exclude",
    ],
    keywords: &[
        "ago",
        "all",
        "any",
        "at",
        "bottom",
        "by",
        "case",
        "contains",
        "customer",
        "distinct",
        "dynamic",
        "empty",
        "ends",
        "exactly",
        "ignoring",
        "inactive",
        "last",
        "least",
        "let",
        "matches",
        "most",
        "next",
        "none",
        "of",
        "otherwise",
        "out",
        "parent",
        "partition",
        "percent",
        "pin",
        "sample",
        "seed",
        "segment",
        "starts",
        "static",
        "top",
        "use",
        "when",
        "with",
        "within",
        "year",
    ],
    metadata: &["analytics", "description", "owner", "labels"],
    time_units: &["minutes", "hours", "days", "weeks", "months", "years"],
    distance_units: &["km", "mi"],
};

impl Kind {
    /// What a column of this type is in a rule; of a reference, the type of the key it holds.
    pub(super) fn of(ty: &Type) -> Self {
        match ty {
            Type::Bool => Boolean,
            Type::Int | Type::Decimal(_) | Type::Float => Number,
            Type::Text | Type::Ref(_) => Text,
            Type::Date => Date,
            Type::DateTime => DateTime,
            Type::TextSet => TextSet,
            Type::IntSet => IntSet,
            Type::Geo => Place,
        }
    }

    /// The words of messages, without their article.
    fn name(self) -> &'static str {
        match self {
            Boolean => "boolean",
            Number => "number",
            Text => "text",
            Date => "date",
            DateTime => "datetime",
            TextSet => "set of texts",
            IntSet => "set of whole numbers",
            Place => "place",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
