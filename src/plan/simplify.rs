//! The constructors of nodes. Each keeps the meaning for every row, missing values included.

use std::cmp::Ordering;

use super::{
    Aggregate, Ask, Comparison, ConditionId, ConditionKind, Constant, Scope, ValueId, ValueKind,
    YearlyWindow,
    build::Builder,
    constant::{OnScale, arithmetic, on_scale},
};
use crate::{
    rule::{AggregateFunction, ArithmeticOp, Domain, End, ExprType, Function, Share, TextTest},
    value::Decimal,
};

impl Builder {
    pub(super) fn constant(&mut self, scope: Scope, value: bool) -> ConditionId {
        self.intern_condition(scope, ConditionKind::Constant(value))
    }

    pub(super) fn not(&mut self, scope: Scope, of: ConditionId) -> ConditionId {
        match self.condition(of).kind {
            ConditionKind::Constant(value) => self.constant(scope, !value),
            ConditionKind::Not(inner) => inner,
            _ => self.intern_condition(scope, ConditionKind::Not(of)),
        }
    }

    pub(super) fn not_if(&mut self, negated: bool, scope: Scope, of: ConditionId) -> ConditionId {
        if negated { self.not(scope, of) } else { of }
    }

    pub(super) fn and(&mut self, scope: Scope, of: Vec<ConditionId>) -> ConditionId {
        self.junction(scope, of, true)
    }

    pub(super) fn or(&mut self, scope: Scope, of: Vec<ConditionId>) -> ConditionId {
        self.junction(scope, of, false)
    }

    /// `And` when `all`, else `Or`: the two are each other's mirror.
    fn junction(&mut self, scope: Scope, of: Vec<ConditionId>, all: bool) -> ConditionId {
        let mut flat = Vec::with_capacity(of.len());
        for id in of {
            match &self.condition(id).kind {
                ConditionKind::Constant(value) if *value == all => {}
                ConditionKind::Constant(_) => return self.constant(scope, !all),
                ConditionKind::And(inner) if all => flat.extend_from_slice(inner),
                ConditionKind::Or(inner) if !all => flat.extend_from_slice(inner),
                _ => flat.push(id),
            }
        }
        flat.sort_unstable();
        flat.dedup();
        let opposed = flat.iter().any(|id| {
            matches!(&self.condition(*id).kind,
                ConditionKind::Not(inner) if flat.binary_search(inner).is_ok())
        });
        if opposed {
            return self.constant(scope, !all);
        }
        match flat.as_slice() {
            [] => self.constant(scope, all),
            [only] => *only,
            _ if all => self.intern_condition(scope, ConditionKind::And(flat)),
            _ => self.intern_condition(scope, ConditionKind::Or(flat)),
        }
    }

    /// At least `count` of the conditions; one that is named twice counts twice.
    pub(super) fn at_least(
        &mut self,
        scope: Scope,
        count: u64,
        of: Vec<ConditionId>,
    ) -> ConditionId {
        let Ok(mut count) = usize::try_from(count) else { return self.constant(scope, false) };
        let mut left = Vec::with_capacity(of.len());
        for id in of {
            match self.condition(id).kind {
                ConditionKind::Constant(true) => count = count.saturating_sub(1),
                ConditionKind::Constant(false) => {}
                _ => left.push(id),
            }
        }
        match count {
            0 => self.constant(scope, true),
            1 => self.or(scope, left),
            _ if count > left.len() => self.constant(scope, false),
            _ if count == left.len() => self.and(scope, left),
            _ => {
                left.sort_unstable();
                self.intern_condition(scope, ConditionKind::AtLeast { count, of: left })
            }
        }
    }

    pub(super) fn holds(&mut self, scope: Scope, value: ValueId) -> ConditionId {
        match self.value(value).kind {
            ValueKind::Constant(Constant::Bool(value)) => self.constant(scope, value),
            ValueKind::Condition(condition) => condition,
            _ => self.intern_condition(scope, ConditionKind::Holds(value)),
        }
    }

    pub(super) fn present(&mut self, scope: Scope, value: ValueId) -> ConditionId {
        if self.never_missing(value) {
            return self.constant(scope, true);
        }
        match self.value(value).kind {
            ValueKind::Grade { value: of, .. } | ValueKind::Pick { index: of, .. } => {
                return self.present(scope, of);
            }
            ValueKind::Choose { condition, then, otherwise } => {
                let then = self.present(scope, then);
                let then = self.and(scope, vec![condition, then]);
                let Some(otherwise) = otherwise else { return then };
                let other = self.present(scope, otherwise);
                let fails = self.not(scope, condition);
                let other = self.and(scope, vec![fails, other]);
                return self.or(scope, vec![then, other]);
            }
            _ => {}
        }
        self.intern_condition(scope, ConditionKind::Present(value))
    }

    fn never_missing(&self, value: ValueId) -> bool {
        match &self.value(value).kind {
            ValueKind::Constant(_) | ValueKind::Condition(_) => true,
            ValueKind::Aggregate(id) => matches!(
                self.aggregate(*id).function,
                AggregateFunction::Count
                    | AggregateFunction::CountDistinct
                    | AggregateFunction::Exists
            ),
            ValueKind::Call { function: Function::Size, .. } => true,
            ValueKind::Bucket { value, .. } => self.never_missing(*value),
            _ => false,
        }
    }

    pub(super) fn compare(
        &mut self,
        scope: Scope,
        op: Comparison,
        left: ValueId,
        right: ValueId,
        domain: Domain,
    ) -> ConditionId {
        match (&self.value(left).kind, &self.value(right).kind) {
            (ValueKind::Constant(a), ValueKind::Constant(b)) => {
                if let Some(order) = compare_constants(a, b) {
                    return self.constant(scope, op.holds(order));
                }
            }
            (_, ValueKind::Constant(constant)) => {
                let constant = constant.clone();
                return self.compare_constant(scope, left, op, constant, domain);
            }
            (ValueKind::Constant(constant), _) => {
                let constant = constant.clone();
                return self.compare_constant(scope, right, op.flipped(), constant, domain);
            }
            _ => {}
        }
        if left == right {
            return match op {
                Comparison::Less | Comparison::Greater => self.constant(scope, false),
                _ => self.present(scope, left),
            };
        }
        let (op, left, right) = match op {
            Comparison::Greater | Comparison::GreaterOrEqual => (op.flipped(), right, left),
            Comparison::Equal if right < left => (op, right, left),
            _ => (op, left, right),
        };
        self.intern_condition(scope, ConditionKind::Compare { op, left, right, domain })
    }

    fn compare_constant(
        &mut self,
        scope: Scope,
        value: ValueId,
        op: Comparison,
        constant: Constant,
        domain: Domain,
    ) -> ConditionId {
        match (constant, self.value(value).ty) {
            (Constant::Bool(wanted), _) => self.is_bool(scope, value, wanted),
            (Constant::Number { mantissa, scale }, ExprType::Exact { scale: target }) => {
                let place = on_scale(mantissa, scale, target);
                self.compare_exact(scope, value, op, place, target)
            }
            (constant, _) => {
                let constant = constant.normal();
                let kind = ConditionKind::CompareConstant { value, op, constant, domain };
                self.intern_condition(scope, kind)
            }
        }
    }

    /// The value is present and `wanted`.
    fn is_bool(&mut self, scope: Scope, value: ValueId, wanted: bool) -> ConditionId {
        let holds = self.holds(scope, value);
        if wanted {
            return holds;
        }
        let present = self.present(scope, value);
        let fails = self.not(scope, holds);
        self.and(scope, vec![present, fails])
    }

    /// An exact value against a number: `=`, `<=` and `>=` on the value's own scale are enough.
    fn compare_exact(
        &mut self,
        scope: Scope,
        value: ValueId,
        op: Comparison,
        place: OnScale,
        scale: u8,
    ) -> ConditionId {
        use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
        let upward = matches!(op, Greater | GreaterOrEqual);
        let bound = match (op, place) {
            (Equal, OnScale::At(exact)) => Some((Equal, exact)),
            (Equal, _) => return self.constant(scope, false),
            (LessOrEqual, OnScale::At(at) | OnScale::After(at)) => Some((LessOrEqual, at)),
            (Less, OnScale::After(at)) => Some((LessOrEqual, at)),
            (Less, OnScale::At(at)) => match at.checked_sub(1) {
                Some(at) => Some((LessOrEqual, at)),
                None => return self.constant(scope, false),
            },
            (GreaterOrEqual, OnScale::At(at)) => Some((GreaterOrEqual, at)),
            (Greater | GreaterOrEqual, OnScale::At(at) | OnScale::After(at)) => {
                match at.checked_add(1) {
                    Some(at) => Some((GreaterOrEqual, at)),
                    None => return self.constant(scope, false),
                }
            }
            (_, OnScale::Above | OnScale::Below) => None,
        };
        let Some((op, mantissa)) = bound else {
            // Every value lies below a number above all, and above one below all.
            return if upward == (place == OnScale::Below) {
                self.present(scope, value)
            } else {
                self.constant(scope, false)
            };
        };
        if let Some(known) = self.compare_count(scope, value, op, mantissa) {
            return known;
        }
        let constant = Constant::Number { mantissa, scale };
        let domain = Domain::Number;
        let kind = ConditionKind::CompareConstant { value, op, constant, domain };
        self.intern_condition(scope, kind)
    }

    /// Counts are never missing and never negative; whether there is a row at all needs no counting.
    fn compare_count(
        &mut self,
        scope: Scope,
        value: ValueId,
        op: Comparison,
        bound: i128,
    ) -> Option<ConditionId> {
        let ValueKind::Aggregate(id) = self.value(value).kind else { return None };
        let kind = self.aggregate(id).clone();
        if !matches!(kind.function, AggregateFunction::Count | AggregateFunction::CountDistinct) {
            return None;
        }
        let upward = op == Comparison::GreaterOrEqual;
        match (op, bound) {
            (Comparison::GreaterOrEqual, ..=0) => Some(self.constant(scope, true)),
            (Comparison::Equal | Comparison::LessOrEqual, ..=-1) => {
                Some(self.constant(scope, false))
            }
            (Comparison::GreaterOrEqual, 1) | (_, 0) => {
                let kind = Aggregate { function: AggregateFunction::Exists, ..kind };
                let exists = self.aggregate_value(scope, kind, ExprType::Bool);
                let some = self.holds(scope, exists);
                Some(self.not_if(!upward, scope, some))
            }
            _ => None,
        }
    }

    /// Equal to one of the constants.
    pub(super) fn one_of(
        &mut self,
        scope: Scope,
        value: ValueId,
        constants: Vec<Constant>,
        domain: Domain,
    ) -> ConditionId {
        let ty = self.value(value).ty;
        if domain == Domain::Bool || matches!(self.value(value).kind, ValueKind::Constant(_)) {
            let mut any = Vec::with_capacity(constants.len());
            for constant in constants {
                let constant = self.constant_value(scope, constant, ty);
                any.push(self.compare(scope, Comparison::Equal, value, constant, domain));
            }
            return self.or(scope, any);
        }
        let mut constants: Vec<Constant> =
            constants.into_iter().filter_map(|constant| on_type(constant, ty)).collect();
        constants.sort_unstable();
        constants.dedup();
        if constants.len() < 2 {
            return match constants.pop() {
                Some(only) => self.compare_constant(scope, value, Comparison::Equal, only, domain),
                None => self.constant(scope, false),
            };
        }
        self.intern_condition(scope, ConditionKind::OneOf { value, constants, domain })
    }

    pub(super) fn text_test(
        &mut self,
        scope: Scope,
        test: TextTest,
        value: ValueId,
        pattern: ValueId,
        fold_case: bool,
    ) -> ConditionId {
        let constant = match &self.value(pattern).kind {
            ValueKind::Constant(Constant::Text(text)) => Some(text.clone()),
            _ => None,
        };
        let kind = match constant {
            Some(pattern) if pattern.is_empty() => return self.present(scope, value),
            Some(pattern) => ConditionKind::TextConstant { test, value, pattern, fold_case },
            None => ConditionKind::Text { test, value, pattern, fold_case },
        };
        self.intern_condition(scope, kind)
    }

    /// One, or `all`, of the items are elements of the set.
    pub(super) fn contains(
        &mut self,
        scope: Scope,
        value: ValueId,
        mut items: Vec<Constant>,
        all: bool,
        fold_case: bool,
    ) -> ConditionId {
        items.sort_unstable();
        items.dedup();
        if all {
            let each = items.into_iter().map(|item| {
                let items = vec![item];
                self.intern_condition(scope, ConditionKind::ContainsAny { value, items, fold_case })
            });
            let each = each.collect();
            return self.and(scope, each);
        }
        if items.is_empty() {
            return self.constant(scope, false);
        }
        self.intern_condition(scope, ConditionKind::ContainsAny { value, items, fold_case })
    }

    pub(super) fn yearly(
        &mut self,
        scope: Scope,
        value: ValueId,
        mut windows: Vec<YearlyWindow>,
    ) -> ConditionId {
        windows.sort_unstable();
        windows.dedup();
        if windows.is_empty() {
            return self.constant(scope, false);
        }
        self.intern_condition(scope, ConditionKind::Yearly { value, windows })
    }

    pub(super) fn beyond(
        &mut self,
        scope: Scope,
        value: ValueId,
        end: End,
        share: Share,
    ) -> ConditionId {
        if share == Share::Percent(Decimal::from_int(100)) {
            return self.present(scope, value);
        }
        let threshold = self.intern_threshold(value, Ask::End { end, share });
        self.intern_condition(scope, ConditionKind::Beyond { value, threshold })
    }

    /// Whether so many customers have the value.
    pub(super) fn enough(&mut self, value: ValueId, least: u64) -> ConditionId {
        let threshold = self.intern_threshold(value, Ask::Count);
        self.intern_condition(Scope::Customers, ConditionKind::Enough { threshold, least })
    }

    /// Both values have one type.
    pub(super) fn choose(
        &mut self,
        scope: Scope,
        condition: ConditionId,
        then: ValueId,
        otherwise: Option<ValueId>,
    ) -> ValueId {
        let ty = self.value(then).ty;
        match (&self.condition(condition).kind, otherwise) {
            (ConditionKind::Constant(true), _) => then,
            (ConditionKind::Constant(false), Some(otherwise)) => otherwise,
            _ => self.intern_value(scope, ValueKind::Choose { condition, then, otherwise }, ty),
        }
    }

    pub(super) fn constant_value(
        &mut self,
        scope: Scope,
        constant: Constant,
        ty: ExprType,
    ) -> ValueId {
        self.intern_value(scope, ValueKind::Constant(constant), ty)
    }

    pub(super) fn aggregate_value(
        &mut self,
        scope: Scope,
        kind: Aggregate,
        ty: ExprType,
    ) -> ValueId {
        let id = self.intern_aggregate(kind);
        self.intern_value(scope, ValueKind::Aggregate(id), ty)
    }

    pub(super) fn negate(&mut self, scope: Scope, of: ValueId, ty: ExprType) -> ValueId {
        if let ValueKind::Constant(Constant::Number { mantissa, scale }) = self.value(of).kind
            && let Some(mantissa) = mantissa.checked_neg()
        {
            return self.constant_value(scope, Constant::Number { mantissa, scale }, ty);
        }
        self.intern_value(scope, ValueKind::Negate(of), ty)
    }

    pub(super) fn arithmetic(
        &mut self,
        scope: Scope,
        op: ArithmeticOp,
        left: ValueId,
        right: ValueId,
    ) -> ValueId {
        let ty = arithmetic_type(op, self.value(left).ty, self.value(right).ty);
        if let (
            ValueKind::Constant(Constant::Number { mantissa: a, scale: a_scale }),
            ValueKind::Constant(Constant::Number { mantissa: b, scale: b_scale }),
            ExprType::Exact { scale },
        ) = (&self.value(left).kind, &self.value(right).kind, ty)
            && let Some(mantissa) = arithmetic(op, (*a, *a_scale), (*b, *b_scale), scale)
        {
            return self.constant_value(scope, Constant::Number { mantissa, scale }, ty);
        }
        // Exact sums and products are the same either way round, a missing overflow included; floats' too.
        let commutes = matches!(op, ArithmeticOp::Add | ArithmeticOp::Multiply);
        let (left, right) = if commutes && right < left { (right, left) } else { (left, right) };
        self.intern_value(scope, ValueKind::Arithmetic { op, left, right }, ty)
    }
}

fn arithmetic_type(op: ArithmeticOp, left: ExprType, right: ExprType) -> ExprType {
    match (op, left, right) {
        (ArithmeticOp::Divide, ..) => ExprType::Float,
        (ArithmeticOp::Multiply, ExprType::Exact { scale: a }, ExprType::Exact { scale: b }) => {
            ExprType::Exact { scale: a.saturating_add(b) }
        }
        (_, ExprType::Exact { scale: a }, ExprType::Exact { scale: b }) => {
            ExprType::Exact { scale: a.max(b) }
        }
        _ => ExprType::Float,
    }
}

/// The constant in the form in which a value of type `ty` meets it; `None` where none can be equal.
fn on_type(constant: Constant, ty: ExprType) -> Option<Constant> {
    match (constant, ty) {
        (Constant::Number { mantissa, scale }, ExprType::Exact { scale: target }) => {
            match on_scale(mantissa, scale, target) {
                OnScale::At(mantissa) => Some(Constant::Number { mantissa, scale: target }),
                _ => None,
            }
        }
        (constant, _) => Some(constant.normal()),
    }
}

/// How two constants stand, where no data, day or case folding decides.
fn compare_constants(a: &Constant, b: &Constant) -> Option<Ordering> {
    match (a, b) {
        (Constant::Bool(a), Constant::Bool(b)) => Some(a.cmp(b)),
        (Constant::Day(a), Constant::Day(b)) => Some(a.cmp(b)),
        (Constant::Instant(a), Constant::Instant(b)) => Some(a.cmp(b)),
        (
            Constant::Number { mantissa: a, scale: a_scale },
            Constant::Number { mantissa: b, scale: b_scale },
        ) => {
            let scale = *a_scale.max(b_scale);
            match (on_scale(*a, *a_scale, scale), on_scale(*b, *b_scale, scale)) {
                (OnScale::At(a), OnScale::At(b)) => Some(a.cmp(&b)),
                _ => None,
            }
        }
        _ => None,
    }
}
