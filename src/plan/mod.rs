//! What a set of rules asks for, simplified and shared: the same condition in 500 segments is one node.
//!
//! A plan is a closed graph in five arenas. Nodes come into being only through [`Builder`], whose constructors simplify
//! and intern, so two nodes of one meaning and form are one. Each keeps the two-valued logic exactly: a comparison is
//! false where a side is missing, therefore `not (a < b)` is never turned into `a >= b`, and `a = a` is `a is present`.
//!
//! `steps` names every node after those it reads, and every segment after its own condition. A plan says nothing of
//! data or of a day: times relative to `as_of` stay offsets, keys stay keys. `exec` binds it to a snapshot; another
//! reader may write it as SQL.

mod build;
mod constant;
mod lower;
mod now;
mod order;
mod predict;
mod rfm;
mod simplify;
#[cfg(test)]
mod tests;

pub(crate) use constant::Constant;
pub(crate) use now::{Now, joined};
pub(crate) use predict::Purchases;

use crate::{
    calendar::Offset,
    rule::{
        AggregateFunction, ArithmeticOp, ColumnPath, Domain, End, Expr, ExprType, Function,
        Prediction, RuleSet, SegmentId, Share, TextTest,
    },
    schema::TableId,
    value::{Key, Pattern, Sample, Vicinity},
};

/// All segments of a rule set as one graph.
#[derive(Debug)]
pub(crate) struct Plan {
    conditions: Vec<ConditionNode>,
    values: Vec<ValueNode>,
    aggregates: Vec<Aggregate>,
    thresholds: Vec<Threshold>,
    /// `None` where there are no predictions.
    purchases: Option<Purchases>,
    segments: Vec<SegmentNode>,
    steps: Vec<Step>,
}

/// The number of a condition in its plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ConditionId(pub(crate) u32);

/// The number of a value in its plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ValueId(pub(crate) u32);

/// The number of an aggregate in its plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct AggregateId(pub(crate) u32);

/// The number of a threshold in its plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ThresholdId(pub(crate) u32);

/// One thing to work out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    Condition(ConditionId),
    Value(ValueId),
    /// The condition, pins and given members of the segment become its members.
    Segment(SegmentId),
}

/// Of which rows a node speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Scope {
    Customers,
    /// The rows of a child table.
    Rows(TableId),
}

/// What besides the row's own data decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Depends {
    /// `as_of`; every aggregate does, because rows after it do not exist.
    pub(crate) time: bool,
    /// The members of other segments.
    pub(crate) segments: bool,
    /// All customers' values; the number of thresholds that have to be known one after the other.
    pub(crate) population: u32,
}

#[derive(Debug)]
pub(crate) struct ConditionNode {
    pub(crate) scope: Scope,
    pub(crate) kind: ConditionKind,
    pub(crate) depends: Depends,
}

/// A test of one row: true or false, never unknown; a missing value makes every test of it false.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum ConditionKind {
    Constant(bool),
    Not(ConditionId),
    /// At least two, ascending, no two the same or opposite, none an `And` or a constant.
    And(Vec<ConditionId>),
    /// At least two, ascending, no two the same or opposite, none an `Or` or a constant.
    Or(Vec<ConditionId>),
    /// Ascending, with repetitions; `1 < count < of.len()`; none a constant.
    AtLeast {
        count: usize,
        of: Vec<ConditionId>,
    },
    /// Present and true.
    Holds(ValueId),
    Present(ValueId),
    NotEmpty(ValueId),
    /// A value against what is the same for all rows. A number is brought to the scale of an exact value.
    CompareConstant {
        value: ValueId,
        op: Comparison,
        constant: Constant,
        domain: Domain,
    },
    /// Equal to one of the constants: at least two, ascending, no two the same.
    OneOf {
        value: ValueId,
        constants: Vec<Constant>,
        domain: Domain,
    },
    /// Two values; `op` is `Equal` (then `left < right`), `Less` or `LessOrEqual`.
    Compare {
        op: Comparison,
        left: ValueId,
        right: ValueId,
        domain: Domain,
    },
    /// The month-day of the value's (local) day lies in one of the windows, none of which reads a row.
    Yearly {
        value: ValueId,
        windows: Vec<YearlyWindow>,
    },
    /// The month-day lies on the circle from `first` to `last`, one of which differs from row to row.
    YearlyBetween {
        value: ValueId,
        first: ValueId,
        last: ValueId,
    },
    TextConstant {
        test: TextTest,
        value: ValueId,
        pattern: String,
        fold_case: bool,
    },
    Text {
        test: TextTest,
        value: ValueId,
        pattern: ValueId,
        fold_case: bool,
    },
    /// One of the items is an element of the set; ascending, at least one.
    ContainsAny {
        value: ValueId,
        items: Vec<Constant>,
        fold_case: bool,
    },
    /// The pattern occurs in the text.
    Matches {
        value: ValueId,
        pattern: Pattern,
    },
    /// The place lies in the vicinity.
    Near {
        value: ValueId,
        vicinity: Vicinity,
    },
    InSegment(SegmentId),
    /// Of customers alone: the key belongs to the sample.
    Sample(Sample),
    /// So many customers exist and have the value that the threshold is of; the same for all rows.
    Enough {
        threshold: ThresholdId,
        least: u64,
    },
    /// The value is at the end that the threshold asks for.
    Beyond {
        value: ValueId,
        threshold: ThresholdId,
    },
}

/// `NotEqual` is `Not` of `Equal`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// As in the rule, with bounds that are the same for all rows.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum YearlyWindow {
    Days { first: Offset, last: Offset },
    Circle { first: Constant, last: Constant },
}

#[derive(Debug)]
pub(crate) struct ValueNode {
    pub(crate) scope: Scope,
    pub(crate) kind: ValueKind,
    pub(crate) ty: ExprType,
    pub(crate) depends: Depends,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum ValueKind {
    Constant(Constant),
    Column(ColumnPath),
    Aggregate(AggregateId),
    Negate(ValueId),
    Arithmetic {
        op: ArithmeticOp,
        left: ValueId,
        right: ValueId,
    },
    Call {
        function: Function,
        arguments: Vec<ValueId>,
    },
    /// The number of the bucket that the value falls into, from 1 on; missing where the value is.
    Bucket {
        value: ValueId,
        threshold: ThresholdId,
    },
    /// 1 + the number of cuts that the value reaches. The cuts ascend, and have the scale of an exact value.
    Grade {
        value: ValueId,
        cuts: Vec<Constant>,
    },
    /// One value where the condition holds, and else the other, or none.
    Choose {
        condition: ConditionId,
        then: ValueId,
        otherwise: Option<ValueId>,
    },
    /// The entry at this place, from 1 on.
    Pick {
        index: ValueId,
        entries: Vec<String>,
    },
    /// Of customers alone, by all that they have bought; a horizon is in days or months.
    Predicted(Prediction),
    /// Always present.
    Condition(ConditionId),
}

/// Over the rows of `table` that exist at `as_of`, meet `filter` and have `value`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Aggregate {
    pub(crate) function: AggregateFunction,
    pub(crate) table: TableId,
    pub(crate) value: Option<ValueId>,
    /// `None` takes all rows.
    pub(crate) filter: Option<ConditionId>,
}

/// What is asked of the values of all customers who exist at `as_of` and have one. The answer is the same for every
/// row, so thresholds are worked out before what reads them, and are no steps.
#[derive(Debug)]
pub(crate) struct Threshold {
    pub(crate) value: ValueId,
    pub(crate) ask: Ask,
    /// How many thresholds have to be known one after the other before this one.
    pub(crate) level: u32,
}

/// Where the ordered values are cut. What tells is the values at some ranks, and the number of values tells the ranks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Ask {
    /// Between those at an end, ties at the edge with them, and the others.
    End { end: End, share: Share },
    /// Between buckets of as equal sizes as ties allow.
    Buckets(u32),
    /// At equal parts of the way from the least to the greatest, this number of them; between two values as far as the
    /// part is (type 7 of R's `quantile`).
    Cuts(u32),
    /// Nowhere: only how many values there are.
    Count,
}

/// A segment's own rule; members are `condition`, with `pins_in`, without `pins_out`, of those who exist.
#[derive(Debug)]
pub(crate) struct SegmentNode {
    pub(crate) condition: ConditionId,
    pub(crate) pins_in: Vec<Key>,
    pub(crate) pins_out: Vec<Key>,
}

impl Plan {
    /// The rules must be free of errors.
    pub(crate) fn new(rules: &RuleSet) -> Self {
        lower::lower(rules)
    }

    /// A plan of values alone, and which they are. What they stand on of purchases is in the rules, which must be free of
    /// errors.
    pub(crate) fn of_values(rules: &RuleSet, values: &[Expr]) -> (Self, Vec<ValueId>) {
        lower::lower_values(rules, values)
    }

    pub(crate) fn conditions(&self) -> &[ConditionNode] {
        &self.conditions
    }

    pub(crate) fn values(&self) -> &[ValueNode] {
        &self.values
    }

    pub(crate) fn aggregates(&self) -> &[Aggregate] {
        &self.aggregates
    }

    pub(crate) fn thresholds(&self) -> &[Threshold] {
        &self.thresholds
    }

    pub(crate) fn purchases(&self) -> Option<&Purchases> {
        self.purchases.as_ref()
    }

    pub(crate) fn segments(&self) -> &[SegmentNode] {
        &self.segments
    }

    pub(crate) fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Calls `condition` and `value` for each node that a value reads.
    pub(crate) fn for_each_input_of(
        &self,
        kind: &ValueKind,
        mut condition: impl FnMut(ConditionId),
        mut value: impl FnMut(ValueId),
    ) {
        match kind {
            ValueKind::Constant(_) | ValueKind::Column(_) | ValueKind::Predicted(_) => {}
            ValueKind::Aggregate(id) => {
                if let Some(aggregate) = self.aggregates.get(id.0 as usize) {
                    aggregate.filter.into_iter().for_each(condition);
                    aggregate.value.into_iter().for_each(value);
                }
            }
            ValueKind::Negate(of)
            | ValueKind::Bucket { value: of, .. }
            | ValueKind::Grade { value: of, .. }
            | ValueKind::Pick { index: of, .. } => value(*of),
            ValueKind::Choose { condition: of, then, otherwise } => {
                condition(*of);
                value(*then);
                otherwise.iter().copied().for_each(value);
            }
            ValueKind::Arithmetic { left, right, .. } => {
                value(*left);
                value(*right);
            }
            ValueKind::Call { arguments, .. } => arguments.iter().copied().for_each(value),
            ValueKind::Condition(of) => condition(*of),
        }
    }
}

impl ConditionKind {
    /// Calls `condition` and `value` for each node that this one reads.
    pub(crate) fn for_each_input(
        &self,
        mut condition: impl FnMut(ConditionId),
        mut value: impl FnMut(ValueId),
    ) {
        match self {
            Self::Constant(_) | Self::InSegment(_) | Self::Sample(_) | Self::Enough { .. } => {}
            Self::Not(of) => condition(*of),
            Self::And(of) | Self::Or(of) | Self::AtLeast { of, .. } => {
                of.iter().copied().for_each(condition);
            }
            Self::Holds(of) | Self::Present(of) | Self::NotEmpty(of) => value(*of),
            Self::CompareConstant { value: of, .. }
            | Self::OneOf { value: of, .. }
            | Self::Yearly { value: of, .. }
            | Self::TextConstant { value: of, .. }
            | Self::Matches { value: of, .. }
            | Self::Near { value: of, .. }
            | Self::ContainsAny { value: of, .. }
            | Self::Beyond { value: of, .. } => value(*of),
            Self::Compare { left, right, .. } => {
                value(*left);
                value(*right);
            }
            Self::YearlyBetween { value: of, first, last } => {
                value(*of);
                value(*first);
                value(*last);
            }
            Self::Text { value: of, pattern, .. } => {
                value(*of);
                value(*pattern);
            }
        }
    }
}

impl Comparison {
    /// The comparison with its sides exchanged.
    pub(crate) fn flipped(self) -> Self {
        match self {
            Self::Equal => Self::Equal,
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
        }
    }

    /// What the comparison says when the sides stand so.
    pub(crate) fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}
