//! From a draft to how predictions are made.

use super::{
    super::{
        Schema,
        draft::{Field, Word},
        purchases::{Settle, settle_purchases},
    },
    LONGEST_YEARS, PredictDefinition, PredictSettings,
    draft::{DraftParameters, DraftPredict, PARAMETERS},
    horizon,
};
use crate::{
    calendar::{Offset, Unit},
    computed::{AmountModel, Model, OrderModel},
    diagnostic::{Code, Finding, Span},
    value::Decimal,
};

const YEAR: Offset = Offset { amount: 12, unit: Unit::Months };

/// `schema` is without mistakes so far.
pub(in super::super) fn settle_predict(
    draft: &DraftPredict,
    schema: Option<&Schema>,
    findings: &mut Vec<Finding>,
) -> Option<PredictDefinition> {
    let purchases = settle_purchases(&draft.purchases, ("[predict]", draft.span), schema, findings);
    let mut settle = Settle { findings };
    let tiers = match &draft.spend_tiers {
        Field::Given((words, span)) => settle.tiers(words, *span),
        Field::Absent => Decimal::new(8, 1).zip(Decimal::new(5, 1)).map(<[Decimal; 2]>::from),
        Field::Wrong => None,
    };
    let horizon = match &draft.spend_horizon {
        Field::Given(word) => settle.horizon(word),
        Field::Absent => Some(YEAR),
        Field::Wrong => None,
    };
    let discount_rate = match &draft.discount_rate {
        Field::Given(word) => settle.rate(word),
        Field::Absent => Some(0.0),
        Field::Wrong => None,
    };
    let fixed = match &draft.parameters {
        Field::Given(parameters) => settle.parameters(parameters),
        Field::Absent => Some(Model::new()),
        Field::Wrong => None,
    };
    Some(PredictDefinition {
        purchases: purchases?,
        settings: PredictSettings {
            tiers: tiers?,
            horizon: horizon?,
            discount_rate: discount_rate?,
            fixed: fixed?,
        },
    })
}

impl Settle<'_> {
    fn tiers(&mut self, words: &[Word], span: Span) -> Option<[Decimal; 2]> {
        let mut shares: Vec<Decimal> = Vec::with_capacity(words.len());
        for word in words {
            let text = word.text.escape_debug();
            let share = word.text.parse().ok();
            let fits = |share: &Decimal| {
                (Decimal::from_int(0)..Decimal::from_int(1)).contains(share) && share.scale() <= 18
            };
            let Some(share) = share.filter(fits) else {
                let message = format!("a spend tier cannot begin at `{text}`");
                let help = "write shares from 0 to below 1, as `[0.8, 0.5]`";
                return self.bad(word.span, message, help);
            };
            if shares.last().is_some_and(|last| *last <= share) {
                let message = format!("the spend tier at `{text}` does not begin below the last");
                return self.bad(word.span, message, "write the share of `high` first");
            }
            shares.push(share);
        }
        let found = shares.len();
        <[Decimal; 2]>::try_from(shares).ok().or_else(|| {
            let message = format!("`spend_tiers` needs 2 shares, not {found}");
            self.bad(span, message, "write where `high` and `medium` begin, as `[0.8, 0.5]`")
        })
    }

    fn horizon(&mut self, word: &Word) -> Option<Offset> {
        let (number, unit) = self.length(word, "12 months", "in no time nothing is expected")?;
        let length = number.parse().ok().and_then(|amount| Offset::new(amount, unit));
        length.and_then(horizon).or_else(|| {
            let text = word.text.escape_debug();
            let message = format!("`{text}` is more than {LONGEST_YEARS} years");
            self.bad(word.span, message, "write a shorter time, as `12 months`")
        })
    }

    fn rate(&mut self, word: &Word) -> Option<f64> {
        let rate = word.text.parse().ok().filter(|rate| (0.0..f64::INFINITY).contains(rate));
        rate.map(|rate: f64| rate.abs()).or_else(|| {
            let message = format!("`discount_rate` cannot be `{}`", word.text.escape_debug());
            self.bad(word.span, message, "it is 0 or more, as `0.1` for 10 percent a year")
        })
    }

    /// Those of orders, and those of amounts where there are any.
    fn parameters(&mut self, draft: &DraftParameters) -> Option<Model> {
        let before = self.findings.len();
        let wants_amounts =
            draft.numbers.iter().skip(4).any(|number| !matches!(number, Field::Absent));
        let wanted = if wants_amounts { 7 } else { 4 };
        let mut numbers = [0.0; 7];
        let mut missing = Vec::new();
        let mut wrong = false;
        let fields = PARAMETERS.into_iter().zip(&draft.numbers).zip(&mut numbers);
        for ((name, field), number) in fields.take(wanted) {
            match field {
                Field::Given(word) => *number = self.parameter(name, word).unwrap_or_default(),
                Field::Wrong => wrong = true,
                Field::Absent => missing.push(format!("`{name}`")),
            }
        }
        if !missing.is_empty() {
            let message = format!("`parameters` has no {}", missing.join(", "));
            let help = match wanted {
                4 => "the model of orders has `r`, `alpha_days`, `a` and `b`",
                _ => "with `p`, `q` and `v` there must be `r`, `alpha_days`, `a` and `b`",
            };
            let finding = Finding::new(Code::MissingInSchema, draft.span, message);
            self.findings.push(finding.help(help));
        }
        if wrong || self.findings.len() > before {
            return None;
        }
        let [r, alpha, a, b, p, q, v] = numbers;
        let model = Model::new().with_orders(OrderModel::new(r, alpha, a, b)?);
        if !wants_amounts {
            return Some(model);
        }
        let Some(amounts) = AmountModel::new(p, q, v).filter(|_| q > 1.0) else {
            let message = "with `q` of 1 or less amounts have no mean".to_owned();
            let given = draft.numbers.get(5).and_then(Field::given);
            let at = given.map_or(draft.span, |word| word.span);
            return self.bad(at, message, "give a `q` above 1");
        };
        Some(model.with_amounts(amounts))
    }

    fn parameter(&mut self, name: &str, word: &Word) -> Option<f64> {
        let number = word.text.parse().ok();
        let fits = |number: &f64| match name {
            "alpha_days" => OrderModel::new(1.0, *number, 1.0, 1.0).is_some(),
            "v" => AmountModel::new(1.0, 2.0, *number).is_some(),
            _ => OrderModel::new(*number, 1.0, 1.0, 1.0).is_some(),
        };
        let found = number.filter(fits);
        found.or_else(|| {
            let message = format!("`{name}` cannot be `{}`", word.text.escape_debug());
            let help = match name {
                "alpha_days" => "it is a number of days above 0",
                "v" => "it is an amount above 0",
                _ => "it is a number from 0.000000001 to 1000000000",
            };
            self.bad(word.span, message, help)
        })
    }
}
