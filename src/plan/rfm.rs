//! `rfm.*` as nodes that know nothing of purchases.

use super::{
    Ask, ConditionId, Constant, Scope, ValueId, ValueKind,
    build::Builder,
    constant::{OnScale, on_scale},
};
use crate::{
    rule::{ArithmeticOp, ExprType, Function, Rfm, RfmField},
    schema::Method,
    value::Decimal,
};

const WHOLE: ExprType = ExprType::Exact { scale: 0 };
const SCOPE: Scope = Scope::Customers;

/// The columns, once a rule has asked for one.
#[derive(Default)]
pub(super) struct RfmColumns {
    pub(super) definition: Option<Rfm>,
    /// In the order of [`RfmField::ALL`]; without groups one less.
    values: Vec<ValueId>,
}

impl Builder {
    pub(super) fn rfm(&mut self, field: RfmField) -> ValueId {
        if let Some(rfm) = self.rfm.definition.take() {
            self.rfm.values = self.rfm_columns(&rfm);
        }
        let mut columns = RfmField::ALL.into_iter().zip(&self.rfm.values);
        let found = columns.find(|(known, _)| *known == field).map(|(_, value)| *value);
        // INVARIANT: the check has seen to it that the rule set defines the column.
        found.unwrap_or_else(|| self.constant_value(SCOPE, Constant::Bool(false), WHOLE))
    }

    fn rfm_columns(&mut self, rfm: &Rfm) -> Vec<ValueId> {
        let scores = &rfm.scores;
        let last = self.lower_expr(SCOPE, &rfm.last);
        let bought = self.present(SCOPE, last);
        let each = self.scores(rfm, last, bought);
        let enough = (scores.min_population > 1 || scores.lowest_without_purchase)
            .then(|| self.enough(last, scores.min_population));
        let lowest = scores.lowest_without_purchase.then_some(bought);
        let mut columns: Vec<ValueId> =
            each.iter().map(|score| self.settled(*score, lowest, enough)).collect();
        let number = self.number_of_scores(each, scores.levels.into());
        let number = self.settled(number, lowest, enough);
        let texts = scores.all().map(|each| scores.text(each)).collect();
        columns.push(self.pick(number, texts));
        if let Some(groups) = &scores.groups {
            let names = groups.by_scores().map(str::to_owned).collect();
            columns.push(self.pick(number, names));
        }
        columns
    }

    /// The scores of who has bought.
    fn scores(&mut self, rfm: &Rfm, last: ValueId, bought: ConditionId) -> [ValueId; 3] {
        let levels = rfm.scores.levels;
        let [count, sum] = [&rfm.count, &rfm.sum].map(|value| {
            let value = self.lower_expr(SCOPE, value);
            self.choose(SCOPE, bought, value, None)
        });
        let days = |builder: &mut Self| {
            let kind = ValueKind::Call { function: Function::DaysSince, arguments: vec![last] };
            builder.intern_value(SCOPE, kind, WHOLE)
        };
        match &rfm.scores.method {
            Method::Quantile => {
                [last, count, sum].map(|value| self.bucket(value, Ask::Buckets(levels.into())))
            }
            Method::Qcut => {
                let days = days(self);
                let [days, count, sum] =
                    [days, count, sum].map(|value| self.bucket(value, Ask::Cuts(levels.into())));
                let best = self.whole(i128::from(levels) + 1);
                [self.arithmetic(SCOPE, ArithmeticOp::Subtract, best, days), count, sum]
            }
            Method::Thresholds { recency_days, frequency, monetary } => {
                // Days below a threshold score higher. Whole days are below it if their negative is at least 1 less
                // than the next whole number above.
                let days = days(self);
                let negative = self.negate(SCOPE, days, WHOLE);
                let turned = recency_days.iter().rev().map(|cut| turned(*cut)).collect();
                [
                    self.grade(negative, turned),
                    self.grade(count, frequency.iter().map(constant).collect()),
                    self.grade(sum, monetary.iter().map(constant).collect()),
                ]
            }
        }
    }

    fn bucket(&mut self, value: ValueId, ask: Ask) -> ValueId {
        let threshold = self.intern_threshold(value, ask);
        self.intern_value(SCOPE, ValueKind::Bucket { value, threshold }, WHOLE)
    }

    fn grade(&mut self, value: ValueId, cuts: Vec<Constant>) -> ValueId {
        let cuts = match self.value(value).ty {
            ExprType::Exact { scale } => {
                cuts.into_iter().map(|cut| least_from(&cut, scale)).collect()
            }
            _ => cuts,
        };
        self.intern_value(SCOPE, ValueKind::Grade { value, cuts }, WHOLE)
    }

    /// What a value is for those without a purchase, and for all where there are too few.
    fn settled(
        &mut self,
        value: ValueId,
        lowest_unless: Option<ConditionId>,
        enough: Option<ConditionId>,
    ) -> ValueId {
        let mut value = value;
        if let Some(bought) = lowest_unless {
            let lowest = self.whole(1);
            value = self.choose(SCOPE, bought, value, Some(lowest));
        }
        match enough {
            Some(enough) => self.choose(SCOPE, enough, value, None),
            None => value,
        }
    }

    /// The place of three scores among all, from 1 on.
    fn number_of_scores(&mut self, [r, f, m]: [ValueId; 3], levels: i128) -> ValueId {
        let (add, times) = (ArithmeticOp::Add, ArithmeticOp::Multiply);
        let factor = self.whole(levels);
        let r = self.arithmetic(SCOPE, times, r, factor);
        let pair = self.arithmetic(SCOPE, add, r, f);
        let pair = self.arithmetic(SCOPE, times, pair, factor);
        let all = self.arithmetic(SCOPE, add, pair, m);
        let before = self.whole(levels * levels + levels);
        self.arithmetic(SCOPE, ArithmeticOp::Subtract, all, before)
    }

    fn pick(&mut self, index: ValueId, entries: Vec<String>) -> ValueId {
        self.intern_value(SCOPE, ValueKind::Pick { index, entries }, ExprType::Text)
    }

    fn whole(&mut self, number: i128) -> ValueId {
        let constant = Constant::Number { mantissa: number, scale: 0 };
        self.constant_value(SCOPE, constant, WHOLE)
    }
}

fn constant(number: &Decimal) -> Constant {
    Constant::Number { mantissa: number.mantissa(), scale: number.scale() }
}

/// 1 less than the whole number that is the least from the threshold on, negative.
fn turned(cut: Decimal) -> Constant {
    let least = match on_scale(cut.mantissa(), cut.scale(), 0) {
        OnScale::At(whole) => whole,
        OnScale::After(whole) => whole.saturating_add(1),
        OnScale::Above => i128::MAX,
        OnScale::Below => i128::MIN + 2,
    };
    Constant::Number { mantissa: 1_i128.saturating_sub(least), scale: 0 }
}

/// The least number of a scale that is not below a number.
fn least_from(number: &Constant, scale: u8) -> Constant {
    let Constant::Number { mantissa, scale: own } = *number else { return number.clone() };
    let mantissa = match on_scale(mantissa, own, scale) {
        OnScale::At(at) => at,
        OnScale::After(at) => at.saturating_add(1),
        OnScale::Above => i128::MAX,
        OnScale::Below => i128::MIN,
    };
    Constant::Number { mantissa, scale }
}
