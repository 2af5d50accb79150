//! Predictions by purchases.

use super::{Condition, ConditionKind, Expr, ExprKind, Node, SegmentId, SegmentRule, nodes};
use crate::{
    calendar::Offset,
    diagnostic::Span,
    schema::{PredictSettings, TableId},
};

/// A column of `predict`. A horizon is in days or longer, and positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Prediction {
    /// The probability that the customer still is one.
    Alive,
    /// The orders to expect.
    Orders(Offset),
    /// What the orders to expect are worth.
    Value(Offset),
    /// The day on which the next order is due by the customer's own rhythm.
    NextOrder,
    /// The place of the customer's value among all.
    SpendTier,
}

/// What all predictions are computed from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Predict {
    /// Its rows that have a time are orders; those of one local day are one.
    pub(crate) table: TableId,
    /// Only rows that meet it.
    pub(crate) filter: Option<Condition>,
    /// A number of a row.
    pub(crate) amount: Expr,
    pub(crate) settings: PredictSettings,
}

/// What a segment asks of predictions, and where.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct PredictionUse {
    /// Any prediction at all.
    pub(crate) any: bool,
    /// The first that the model of orders is read for.
    pub(crate) orders: Option<(Prediction, Span)>,
    /// The first that the model of amounts is read for.
    pub(crate) amounts: Option<(Prediction, Span)>,
    /// The segments whose members it reads.
    pub(crate) segments: Vec<(SegmentId, Span)>,
}

impl Prediction {
    /// The words behind `predict.`, in the order of the language page.
    pub(crate) const NAMES: [&str; 5] = ["alive", "orders", "value", "next_order", "spend_tier"];

    /// The tiers, from the least on.
    pub(crate) const TIERS: [&str; 3] = ["low", "medium", "high"];

    /// As it is written in a rule, behind `predict.`, horizons apart.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Alive => "alive",
            Self::Orders(_) => "orders",
            Self::Value(_) => "value",
            Self::NextOrder => "next_order",
            Self::SpendTier => "spend_tier",
        }
    }

    /// Whether the model of orders is read for it.
    const fn needs_orders(self) -> bool {
        !matches!(self, Self::NextOrder)
    }

    /// Whether the model of amounts is read for it too.
    const fn needs_amounts(self) -> bool {
        matches!(self, Self::Value(_) | Self::SpendTier)
    }
}

impl PredictionUse {
    pub(crate) fn of(segment: &SegmentRule) -> Self {
        let conditions = segment.includes.iter().chain(&segment.excludes);
        Self::in_nodes(conditions.map(Node::Condition))
    }

    /// The same of some conditions and values.
    pub(crate) fn in_nodes<'a>(roots: impl IntoIterator<Item = Node<'a>>) -> Self {
        let mut found = Self::default();
        for node in nodes(roots) {
            match node {
                Node::Condition(Condition { kind: ConditionKind::InSegment(id), span, .. }) => {
                    found.segments.push((*id, *span));
                }
                Node::Value(Expr { kind: ExprKind::Predicted(asked), span, .. }) => {
                    found.any = true;
                    let here = Some((*asked, *span));
                    if asked.needs_orders() && is_before(here, found.orders) {
                        found.orders = here;
                    }
                    if asked.needs_amounts() && is_before(here, found.amounts) {
                        found.amounts = here;
                    }
                }
                _ => {}
            }
        }
        found.segments.sort_unstable_by_key(|(_, span)| *span);
        found
    }
}

/// Whether one stands before the other in the files, if there is another.
fn is_before(one: Option<(Prediction, Span)>, other: Option<(Prediction, Span)>) -> bool {
    other.is_none_or(|(_, other)| one.is_some_and(|(_, one)| one < other))
}
