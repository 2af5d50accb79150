//! Every form that a rule can have, by name, so that tests can ask whether their rules have all of them.

use std::{collections::BTreeSet, mem};

use super::{
    Aggregate, AggregateFunction, ArithmeticOp, CompareOp, Condition, ConditionKind, Domain, End,
    Expr, ExprKind, ExprType, Function, Prediction, Quantifier, RfmField, RuleSet, Share, Start,
    TextTest, YearlyWindow,
};
use crate::calendar::{Offset, Unit};

/// A name for each variant: one that has no line here does not compile, and one that has a line wants a fixture.
macro_rules! variants {
    ($($list:ident, $name:ident of $ty:ident { $($variant:pat => $word:literal,)* })*) => {
        $(
            const $list: &[&str] = &[$($word),*];
            fn $name(value: &$ty) -> &'static str {
                use $ty::*;
                match value { $($variant => $word,)* }
            }
        )*
        const ALL: &[&[&str]] = &[$($list),*];
    };
}

variants! {
    CONDITIONS, of_condition of ConditionKind {
        Constant(_) => "constant",
        Holds(_) => "holds",
        Not(_) => "not",
        And(_) => "and",
        Or(_) => "or",
        Quantified { .. } => "quantified",
        Compare { .. } => "compare",
        Between { negated: false, .. } => "between",
        Between { negated: true, .. } => "not between",
        In { negated: false, .. } => "in",
        In { negated: true, .. } => "not in",
        Within { .. } => "within",
        Yearly { negated: false, .. } => "yearly",
        Yearly { negated: true, .. } => "not yearly",
        TextTest { negated: false, fold_case: false, .. } => "text test",
        TextTest { negated: true, .. } => "not text test",
        TextTest { fold_case: true, .. } => "text test ignoring case",
        SetContains { negated: false, all: false, .. } => "contains any",
        SetContains { negated: false, all: true, .. } => "contains all",
        SetContains { negated: true, .. } => "not contains",
        IsNull { negated: false, .. } => "is null",
        IsNull { negated: true, .. } => "is not null",
        IsEmpty { negated: false, .. } => "is empty",
        IsEmpty { negated: true, .. } => "is not empty",
        InSegment(_) => "in segment",
        Matches { .. } => "matches",
        Near { .. } => "within of",
        Sample(_) => "sample",
        Top { .. } => "top",
    }
    VALUES, of_value of ExprKind {
        Bool(_) => "bool",
        Number(_) => "number",
        Text(_) => "text",
        Date(_) => "date",
        DateTime(_) => "datetime",
        MonthDay(_) => "month-day",
        RelativeDay(_) => "relative day",
        RelativeInstant(_) => "relative instant",
        Column(_) => "column",
        Aggregate(_) => "aggregate",
        Negate(_) => "negate",
        Arithmetic { .. } => "arithmetic",
        Call { .. } => "call",
        Quantile { .. } => "quantile",
        Rfm(_) => "rfm",
        Predicted(_) => "predict",
        Condition(_) => "condition as value",
    }
    ENDS, of_end of End {
        Top => "at the top",
        Bottom => "at the bottom",
    }
    SHARES, of_share of Share {
        Percent(_) => "percent",
        Count(_) => "a number of customers",
    }
    TYPES, of_type of ExprType {
        Bool => "a boolean value",
        Exact { .. } => "an exact number",
        Float => "a float",
        Text => "a text",
        Date => "a date",
        DateTime => "a datetime",
        MonthDay => "a day of the year",
        TextSet => "a set of texts",
        IntSet => "a set of whole numbers",
        Geo => "a place",
    }
    RFM, of_rfm of RfmField {
        Recency => "rfm.recency",
        Frequency => "rfm.frequency",
        Monetary => "rfm.monetary",
        Score => "rfm.score",
        Group => "rfm.group",
    }
    PREDICTIONS, of_prediction of Prediction {
        Alive => "predict.alive",
        Orders(_) => "predict.orders",
        Value(_) => "predict.value",
        NextOrder => "predict.next_order",
        SpendTier => "predict.spend_tier",
    }
    STARTS, of_start of Start {
        Own => "own column",
        Parent(_) => "parent's column",
        Customer => "customer's column",
    }
    OPERATORS, of_operator of ArithmeticOp {
        Add => "+",
        Subtract => "-",
        Multiply => "*",
        Divide => "/",
    }
    FUNCTIONS, of_function of Function {
        Age => "age",
        DaysSince => "days_since",
        Year => "year",
        Month => "month",
        Day => "day",
        Weekday => "weekday",
        Hour => "hour",
        Size => "size",
        Lower => "lower",
        Length => "length",
        Abs => "abs",
        Round(_) => "round",
        Coalesce => "coalesce",
    }
    AGGREGATES, of_aggregate of AggregateFunction {
        Count => "count",
        CountDistinct => "count distinct",
        Exists => "exists",
        Sum => "sum",
        Avg => "avg",
        Min => "min",
        Max => "max",
        First => "first",
        Last => "last",
        AverageGap => "average gap",
    }
    QUANTIFIERS, of_quantifier of Quantifier {
        All => "all of",
        Any => "any of",
        None => "none of",
        AtLeast(_) => "at least",
        AtMost(_) => "at most",
        Exactly(_) => "exactly",
    }
    DOMAINS, of_domain of Domain {
        Number => "of numbers",
        Bool => "of booleans",
        Text { fold_case: false } => "of texts",
        Text { fold_case: true } => "of texts ignoring case",
        Day => "of days",
        Instant => "of instants",
    }
    COMPARISONS, of_comparison of CompareOp {
        Equal => "=",
        NotEqual => "!=",
        Less => "<",
        LessOrEqual => "<=",
        Greater => ">",
        GreaterOrEqual => ">=",
    }
    TEXT_TESTS, of_text_test of TextTest {
        Contains => "contains",
        StartsWith => "starts with",
        EndsWith => "ends with",
    }
    WINDOWS, of_window of YearlyWindow {
        Days { .. } => "window of real days",
        Circle { .. } => "window on the circle",
    }
    UNITS, of_unit of Unit {
        Minutes => "minutes",
        Hours => "hours",
        Days => "days",
        Weeks => "weeks",
        Months => "months",
        Years => "years",
    }
}

/// The forms that some rules have.
#[derive(Default)]
pub(crate) struct Forms {
    names: BTreeSet<&'static str>,
    /// Those of them that stand in row filters.
    in_filters: BTreeSet<&'static str>,
}

impl Forms {
    pub(crate) fn rules(&mut self, rules: &RuleSet) {
        for segment in &rules.segments {
            segment.includes.iter().chain(&segment.excludes).for_each(|each| self.condition(each));
        }
    }

    /// Those that none of the rules has.
    pub(crate) fn missing(&self) -> Vec<&'static str> {
        let names: Vec<_> = ALL.iter().flat_map(|list| *list).collect();
        assert_eq!(BTreeSet::from_iter(&names).len(), names.len(), "two forms have one name");
        let all = ALL.iter().flat_map(|list| *list).copied();
        all.filter(|name| !self.names.contains(name)).collect()
    }

    /// Those that may stand in a row filter and stand in none.
    pub(crate) fn missing_in_filters(&self) -> Vec<&'static str> {
        let of_customers =
            ["in segment", "sample", "top", "quantile", "rfm", "predict", "aggregate"];
        let lists =
            ALL.iter().filter(|list| ![ENDS, SHARES, AGGREGATES, RFM, PREDICTIONS].contains(list));
        let mut names: Vec<_> = lists.flat_map(|list| *list).copied().collect();
        names.retain(|name| !of_customers.contains(name) && !self.in_filters.contains(name));
        names
    }

    fn condition(&mut self, condition: &Condition) {
        let kind = &condition.kind;
        self.names.insert(of_condition(kind));
        match kind {
            ConditionKind::Constant(_) | ConditionKind::InSegment(_) | ConditionKind::Sample(_) => {
            }
            ConditionKind::Holds(value)
            | ConditionKind::IsNull { value, .. }
            | ConditionKind::IsEmpty { value, .. }
            | ConditionKind::Matches { value, .. }
            | ConditionKind::Near { value, .. } => self.value(value),
            ConditionKind::Top { end, share, by } => {
                self.names.extend([of_end(end), of_share(share)]);
                self.value(by);
            }
            ConditionKind::Not(inner) => self.condition(inner),
            ConditionKind::And(list) | ConditionKind::Or(list) => {
                list.iter().for_each(|condition| self.condition(condition));
            }
            ConditionKind::Quantified { quantifier, conditions } => {
                self.names.insert(of_quantifier(quantifier));
                conditions.iter().for_each(|condition| self.condition(condition));
            }
            ConditionKind::Compare { op, left, right, domain } => {
                self.names.extend([of_comparison(op), of_domain(domain)]);
                self.values([left, right]);
            }
            ConditionKind::Between { value, low, high, .. } => {
                self.names.extend([of_domain(&low.1), of_domain(&high.1)]);
                self.values([value, &low.0, &high.0]);
            }
            ConditionKind::In { value, items, .. } => {
                self.value(value);
                for (item, domain) in items {
                    self.names.insert(of_domain(domain));
                    self.value(item);
                }
            }
            ConditionKind::Within { value, first, last } => {
                self.value(value);
                self.offsets([*first, *last]);
            }
            ConditionKind::Yearly { value, windows, .. } => {
                self.value(value);
                windows.iter().for_each(|window| self.window(window));
            }
            ConditionKind::TextTest { test, value, pattern, .. } => {
                self.names.insert(of_text_test(test));
                self.values([value, pattern]);
            }
            ConditionKind::SetContains { value, items, .. } => {
                self.value(value);
                self.values(items);
            }
        }
    }

    fn window(&mut self, window: &YearlyWindow) {
        self.names.insert(of_window(window));
        match window {
            YearlyWindow::Days { first, last } => self.offsets([*first, *last]),
            YearlyWindow::Circle { first, last } => self.values([first, last]),
        }
    }

    fn offsets(&mut self, offsets: [Offset; 2]) {
        self.names.extend(offsets.iter().map(|offset| of_unit(&offset.unit)));
    }

    fn values<'a>(&mut self, values: impl IntoIterator<Item = &'a Expr>) {
        values.into_iter().for_each(|value| self.value(value));
    }

    fn value(&mut self, value: &Expr) {
        self.names.extend([of_value(&value.kind), of_type(&value.ty)]);
        match &value.kind {
            ExprKind::Bool(_)
            | ExprKind::Number(_)
            | ExprKind::Text(_)
            | ExprKind::Date(_)
            | ExprKind::DateTime(_)
            | ExprKind::MonthDay(_) => {}
            ExprKind::Rfm(field) => {
                self.names.insert(of_rfm(field));
            }
            ExprKind::Predicted(asked) => {
                self.names.insert(of_prediction(asked));
                if let Prediction::Orders(horizon) | Prediction::Value(horizon) = asked {
                    self.offsets([*horizon; 2]);
                }
            }
            ExprKind::RelativeDay(offset) | ExprKind::RelativeInstant(offset) => {
                self.offsets([*offset; 2]);
            }
            ExprKind::Column(path) => {
                self.names.insert(of_start(&path.start));
            }
            ExprKind::Aggregate(aggregate) => self.aggregate(aggregate),
            ExprKind::Negate(inner) | ExprKind::Quantile { value: inner, .. } => self.value(inner),
            ExprKind::Arithmetic { first, rest } => {
                self.value(first);
                for (op, operand) in rest {
                    self.names.insert(of_operator(op));
                    self.value(operand);
                }
            }
            ExprKind::Call { function, arguments } => {
                self.names.insert(of_function(function));
                self.values(arguments);
            }
            ExprKind::Condition(condition) => self.condition(condition),
        }
    }

    fn aggregate(&mut self, aggregate: &Aggregate) {
        self.names.insert(of_aggregate(&aggregate.function));
        self.values(&aggregate.value);
        let outer = mem::take(&mut self.names);
        aggregate.filter.iter().for_each(|filter| self.condition(filter));
        let inner = mem::replace(&mut self.names, outer);
        self.in_filters.extend(&inner);
        self.names.extend(inner);
    }
}
