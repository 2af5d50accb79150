//! Values: what a customer (or row) has, or a missing value.

use super::{Aggregate, Condition, Prediction, RfmField};
use crate::{
    calendar::{Day, Instant, MonthDay, Offset},
    diagnostic::Span,
    schema::ColumnId,
    value::Decimal,
};

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Expr {
    pub(crate) kind: ExprKind,
    pub(crate) ty: ExprType,
    pub(crate) span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum ExprType {
    Bool,
    /// An exact number with this many digits after the point; 0 for whole numbers.
    Exact {
        scale: u8,
    },
    Float,
    Text,
    Date,
    DateTime,
    /// Only as a bound of a window that ignores the year.
    MonthDay,
    TextSet,
    IntSet,
    Geo,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ExprKind {
    Bool(bool),
    Number(Decimal),
    Text(String),
    Date(Day),
    DateTime(Instant),
    MonthDay(MonthDay),
    /// A day relative to today; `today` is zero days.
    RelativeDay(Offset),
    /// An instant relative to now, in hours or minutes; `now` is zero minutes.
    RelativeInstant(Offset),
    /// A `ref` column that ends a path has the type of the lookup's key.
    Column(ColumnPath),
    Aggregate(Box<Aggregate>),
    Negate(Box<Expr>),
    /// From left to right; `rest` holds operators of one level and is not empty.
    Arithmetic {
        first: Box<Expr>,
        rest: Vec<(ArithmeticOp, Expr)>,
    },
    Call {
        function: Function,
        arguments: Vec<Expr>,
    },
    /// `quantile(VALUE, n)`, of customers only: 1 + floor(n × smaller / all) among those who exist and have the value;
    /// missing where it is missing.
    Quantile {
        value: Box<Expr>,
        /// 1 to 10,000.
        buckets: u32,
    },
    /// `rfm.score`, of customers only: by what the rule set says of purchases.
    Rfm(RfmField),
    /// `predict.alive`, of customers only: by what the rule set says of purchases.
    Predicted(Prediction),
    /// A condition as a boolean value, as in `exists(orders) = false`.
    Condition(Box<Condition>),
}

/// From the row at hand to a column.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ColumnPath {
    pub(crate) start: Start,
    /// `ref` columns to follow, each in the lookup that the one before refers to.
    pub(crate) through: Vec<ColumnId>,
    pub(crate) column: ColumnId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Start {
    /// The row at hand: the customer, or in an aggregate the child row.
    Own,
    /// In an aggregate, the child row's parent, this many levels up.
    Parent(u8),
    /// In an aggregate, the customer.
    Customer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum ArithmeticOp {
    /// Exact of scale max(a, b) when both are exact.
    Add,
    Subtract,
    /// Exact of scale a + b when both are exact.
    Multiply,
    /// Always a float.
    Divide,
}

/// Functions of present values; a missing argument makes the result missing, but for `Size` and `Coalesce`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Function {
    /// Whole years from the argument's day to today, by the schema's leap-day policy; exact, scale 0.
    Age,
    /// Days from the argument's day to today, negative for future days.
    DaysSince,
    Year,
    Month,
    /// Day of the month.
    Day,
    /// 1 = Monday … 7.
    Weekday,
    /// Local hour of a datetime, 0 to 23.
    Hour,
    /// Number of elements of a set; 0 where missing.
    Size,
    Lower,
    /// In code points.
    Length,
    Abs,
    /// To this many digits after the point, halves away from zero; negative digits round before the point. Exact stays
    /// exact at its scale, float stays float.
    Round(i8),
    /// The first argument that is not missing. All are of one type; exact ones are brought to the greatest scale, and
    /// exact ones beside a float become the nearest float.
    Coalesce,
}
