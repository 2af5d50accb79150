//! The steps of a bound plan: what is worked out, and from what.

use std::sync::Arc;

use super::{mask::Mask, rank::Cut, resolve::Test, text::TextPredicate};
use crate::{
    plan::{Aggregate, Comparison, ConditionId, Constant, Scope, ValueId},
    rule::{Domain, ExprType, Function, Prediction, SegmentId, Start, TextTest},
    schema::ColumnId,
    value::Sample,
};

/// A step and what is done with.
pub(super) struct Planned {
    pub(super) action: Action,
    /// Inputs whose last reader this step is.
    pub(super) last_of: Vec<Slot>,
}

/// Something that a step leaves behind for others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Slot {
    Condition(ConditionId),
    Value(ValueId),
}

pub(super) enum Action {
    Condition { id: ConditionId, scope: Scope, op: ConditionOp },
    Value { id: ValueId, scope: Scope, op: ValueOp },
    Segment(SegmentId),
}

pub(super) enum ConditionOp {
    Constant(bool),
    Not(ConditionId),
    And(Vec<ConditionId>),
    Or(Vec<ConditionId>),
    AtLeast {
        count: usize,
        of: Vec<ConditionId>,
    },
    /// A test of a column of the scope's table, or of the table that the route leads to.
    Column {
        ty: ExprType,
        site: Site,
        test: Test,
    },
    /// The rows of a lookup that meet a test, seen from the rows of the scope.
    Lookup {
        rows: Mask,
        route: usize,
    },
    Value {
        value: ValueId,
        test: Test,
    },
    ValueText {
        value: ValueId,
        predicate: TextPredicate,
    },
    Compare {
        op: Comparison,
        left: ValueId,
        right: ValueId,
        domain: Domain,
    },
    YearlyBetween {
        value: ValueId,
        first: ValueId,
        last: ValueId,
    },
    Text {
        test: TextTest,
        value: ValueId,
        pattern: ValueId,
        fold_case: bool,
    },
    InSegment(SegmentId),
    Sample(Sample),
}

pub(super) enum ValueOp {
    Constant(Constant),
    Column(Site),
    Aggregate(Aggregate),
    /// Sizes of the sets of a column.
    Size(Site),
    Negate(ValueId),
    Arithmetic {
        op: crate::rule::ArithmeticOp,
        left: ValueId,
        right: ValueId,
    },
    Call {
        function: Function,
        arguments: Vec<ValueId>,
    },
    /// Where nobody has the value there is no cut.
    Bucket {
        value: ValueId,
        cut: Option<Arc<Cut>>,
    },
    /// Cuts of exact values are of their scale.
    Grade {
        value: ValueId,
        cuts: Vec<Constant>,
    },
    Choose {
        condition: ConditionId,
        then: ValueId,
        otherwise: Option<ValueId>,
    },
    Pick {
        index: ValueId,
        entries: Vec<String>,
    },
    Predicted(Prediction),
    Condition(ConditionId),
}

/// Where a column is, seen from a scope.
#[derive(Clone, Copy)]
pub(super) struct Site {
    pub(super) column: ColumnId,
    /// `None` where the row at hand has the column.
    pub(super) route: Option<usize>,
}

/// From the rows of a scope to those of another table.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Route {
    pub(super) scope: Scope,
    pub(super) start: Start,
    pub(super) through: Vec<ColumnId>,
}

impl ConditionOp {
    pub(super) fn reads(&self) -> Vec<Slot> {
        match self {
            Self::Constant(_)
            | Self::Column { .. }
            | Self::Lookup { .. }
            | Self::InSegment(_)
            | Self::Sample(_) => Vec::new(),
            Self::Not(of) => vec![Slot::Condition(*of)],
            Self::And(of) | Self::Or(of) | Self::AtLeast { of, .. } => {
                of.iter().map(|id| Slot::Condition(*id)).collect()
            }
            Self::Value { value, .. } | Self::ValueText { value, .. } => {
                vec![Slot::Value(*value)]
            }
            Self::Compare { left, right, .. } => {
                vec![Slot::Value(*left), Slot::Value(*right)]
            }
            Self::YearlyBetween { value, first, last } => {
                vec![Slot::Value(*value), Slot::Value(*first), Slot::Value(*last)]
            }
            Self::Text { value, pattern, .. } => {
                vec![Slot::Value(*value), Slot::Value(*pattern)]
            }
        }
    }
}

impl ValueOp {
    pub(super) fn reads(&self) -> Vec<Slot> {
        match self {
            Self::Constant(_) | Self::Column(_) | Self::Size(_) | Self::Predicted(_) => Vec::new(),
            Self::Aggregate(kind) => kind
                .value
                .map(Slot::Value)
                .into_iter()
                .chain(kind.filter.map(Slot::Condition))
                .collect(),
            Self::Negate(of)
            | Self::Bucket { value: of, .. }
            | Self::Grade { value: of, .. }
            | Self::Pick { index: of, .. } => vec![Slot::Value(*of)],
            Self::Choose { condition, then, otherwise } => {
                let values = [Some(*then), *otherwise].into_iter().flatten().map(Slot::Value);
                values.chain([Slot::Condition(*condition)]).collect()
            }
            Self::Arithmetic { left, right, .. } => {
                vec![Slot::Value(*left), Slot::Value(*right)]
            }
            Self::Call { arguments, .. } => arguments.iter().map(|id| Slot::Value(*id)).collect(),
            Self::Condition(of) => vec![Slot::Condition(*of)],
        }
    }
}
