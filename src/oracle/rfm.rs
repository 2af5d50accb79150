//! Scores by purchases, from their definition.

use std::{cell::OnceCell, cmp::Ordering};

use super::{Datum, Scope, World};
use crate::{
    rule::{Rfm, RfmField},
    schema::{Method, Scores},
    value::{Decimal, float_between},
};

/// What the customers who exist and have a purchase have, each list ascending.
#[derive(Default)]
pub(super) struct Buyers(OnceCell<Lists>);

struct Lists {
    count: usize,
    /// Of recency the time of the last purchase, of frequency and monetary what they are.
    values: [Vec<Datum>; 3],
    /// Days since the last purchase.
    days: Vec<Datum>,
}

impl World<'_> {
    fn buyers(&self, rfm: &Rfm) -> &Lists {
        self.known.buyers.0.get_or_init(|| {
            let buyers: Vec<_> = self.existing().filter(|scope| scope.has_bought(rfm)).collect();
            let list = |value: &dyn Fn(&Scope<'_>) -> Option<Datum>| {
                let mut list: Vec<Datum> = buyers.iter().filter_map(value).collect();
                list.sort_by(|one, other| one.order(other).unwrap_or(Ordering::Equal));
                list
            };
            Lists {
                count: buyers.len(),
                values: [
                    list(&|scope| scope.value(&rfm.last)),
                    list(&|scope| scope.value(&rfm.count)),
                    list(&|scope| scope.value(&rfm.sum)),
                ],
                days: list(&|scope| scope.days_since_last(rfm)),
            }
        })
    }
}

impl Scope<'_> {
    pub(super) fn rfm(&self, field: RfmField) -> Option<Datum> {
        let rfm = self.world.rfm?;
        let [recency, frequency, monetary] = self.scores(rfm);
        let score = |score: Option<u8>| score.map(|score| Datum::whole(score.into()));
        let all = || Some([recency?, frequency?, monetary?]);
        match field {
            RfmField::Recency => score(recency),
            RfmField::Frequency => score(frequency),
            RfmField::Monetary => score(monetary),
            RfmField::Score => all().map(|all| Datum::Text(rfm.scores.text(all))),
            RfmField::Group => {
                let own = all()?;
                let groups = rfm.scores.groups.as_ref()?;
                let mut named = rfm.scores.all().zip(groups.by_scores());
                let found = named.find(|(scores, _)| *scores == own);
                found.map(|(_, name)| Datum::Text(name.to_owned()))
            }
        }
    }

    fn scores(&self, rfm: &Rfm) -> [Option<u8>; 3] {
        let buyers = self.world.buyers(rfm);
        let scores = &rfm.scores;
        if u64::try_from(buyers.count).unwrap_or(u64::MAX) < scores.min_population {
            return [None; 3];
        }
        if !self.has_bought(rfm) {
            return if scores.lowest_without_purchase { [Some(1); 3] } else { [None; 3] };
        }
        let values = [&rfm.last, &rfm.count, &rfm.sum].map(|value| self.value(value));
        let days = self.days_since_last(rfm);
        let [last, count, sum] = values;
        let [lasts, counts, sums] = &buyers.values;
        match &scores.method {
            Method::Quantile => [(last, lasts), (count, counts), (sum, sums)]
                .map(|(value, all)| quantile(&value?, all, scores)),
            Method::Qcut => {
                let recency = days.and_then(|days| cuts_below(&days, &buyers.days, scores));
                let [frequency, monetary] = [(count, counts), (sum, sums)]
                    .map(|(value, all)| Some(1 + cuts_below(&value?, all, scores)?));
                [recency.map(|cuts| scores.levels - cuts), frequency, monetary]
            }
            Method::Thresholds { recency_days, frequency, monetary } => {
                let reached = |value: Option<Datum>, cuts: &[Decimal]| {
                    let value = value?;
                    let cuts = cuts.iter().filter(|cut| is(&value, &Datum::Exact(**cut), true));
                    u8::try_from(cuts.count()).ok()
                };
                [
                    reached(days, recency_days).map(|cuts| scores.levels - cuts),
                    reached(count, frequency).map(|cuts| 1 + cuts),
                    reached(sum, monetary).map(|cuts| 1 + cuts),
                ]
            }
        }
    }

    fn has_bought(&self, rfm: &Rfm) -> bool {
        self.value(&rfm.count).is_some_and(|count| count != Datum::whole(0))
    }

    fn days_since_last(&self, rfm: &Rfm) -> Option<Datum> {
        let day = self.local_day(&self.value(&rfm.last)?)?;
        Some(Datum::whole(self.world.moment.today.days_since(day)))
    }
}

/// 1 + floor(levels × smaller / all)
fn quantile(value: &Datum, all: &[Datum], scores: &Scores) -> Option<u8> {
    let smaller = all.iter().filter(|other| is(value, other, false)).count();
    let bucket = (smaller * usize::from(scores.levels)).checked_div(all.len())?;
    u8::try_from(1 + bucket).ok()
}

/// How many of the cut points are below the value.
fn cuts_below(value: &Datum, all: &[Datum], scores: &Scores) -> Option<u8> {
    let levels = usize::from(scores.levels);
    let cuts = (1..levels).filter(|cut| {
        // The cut is at this place, counted in parts of the way from one value to the next.
        let place = all.len().saturating_sub(1) * cut;
        let (low, parts) = (place / levels, u32::try_from(place % levels).unwrap_or(0));
        let (low, high) = (all.get(low), all.get(low + usize::from(parts > 0)));
        let parts = (parts, scores.levels.into());
        low.zip(high).is_some_and(|(low, high)| is_above(value, low, high, parts))
    });
    u8::try_from(cuts.count()).ok()
}

/// Whether a value is above the point that is so many of all parts of the way from `low` to `high`.
fn is_above(value: &Datum, low: &Datum, high: &Datum, (parts, all): (u32, u32)) -> bool {
    if let (Datum::Exact(value), Datum::Exact(low), Datum::Exact(high)) = (value, low, high) {
        // (value - low) × all > (high - low) × parts
        let times = |number: Option<Decimal>, factor: u32| {
            number?.checked_mul(Decimal::from_int(factor.into()))
        };
        let own = times(value.checked_sub(*low), all);
        return own > times(high.checked_sub(*low), parts);
    }
    let point = low.as_float().zip(high.as_float());
    let point = point.map(|(low, high)| float_between(low, high, parts, all));
    value.as_float() > point
}

/// Whether a value is above another, or, where that is enough, equal to it.
fn is(value: &Datum, other: &Datum, or_equal: bool) -> bool {
    let order = value.order(other);
    order == Some(Ordering::Greater) || (or_equal && order == Some(Ordering::Equal))
}
