//! What customers have bought, in one walk over their rows, and what it says of what they will buy.

use std::{collections::HashMap, sync::Arc};

use super::{
    bind::Bound,
    chunk::Run,
    gap::Times,
    mask,
    number::{self, scale_of},
    rank::Known,
    vector::{Data, Vector, collect},
};
use crate::{
    calendar::{Day, Moment, Offset},
    computed::{Fits, Forecast, History, Model, Needs, Spend, ahead, days_to_next},
    plan::{Plan, Purchases, Scope, ValueKind},
    rule::{ExprType, Prediction},
    snapshot::Snapshot,
    value::{Decimal, FloatSum},
    watch::{Cancelled, Unit, Watch, Work},
};

/// So many horizons are prepared for all customers; what is asked for beyond is worked out chunk by chunk, so that
/// memory stays bounded.
const PREPARED: usize = 64;

/// What is known of all customers before the masks of a run are made. Without models there are no predictions but those
/// that need none.
#[derive(Debug, Clone, Default)]
pub(crate) struct Predictions {
    fits: Fits,
    discount_rate: f64,
    /// By chunk and row.
    past: Arc<Vec<Vec<Option<Past>>>>,
    forecasts: HashMap<Ahead, Forecast>,
}

/// What a customer has bought up to the moment.
#[derive(Debug, Clone, Copy)]
struct Past {
    history: History,
    /// `None` where amounts are not asked for, or cannot be summed.
    spend: Option<Spend>,
}

/// How far to look, and whether later orders count for less.
type Ahead = (Offset, bool);

/// What all customers have bought at the moment, and the models that are needed; those that are given are not fitted.
pub(crate) fn predict(
    plan: &Plan,
    snapshot: &Snapshot,
    moment: Moment,
    needs: Needs,
    given: &Model,
    watch: &Watch,
) -> Result<Predictions, Cancelled> {
    let Some(purchases) = plan.purchases() else { return Ok(Predictions::default()) };
    let known = Known::nothing(plan, Predictions::default());
    let bound = Bound::of_purchases(plan, snapshot, moment, purchases, &known);
    let count = snapshot.chunk_count();
    let steps = watch.begin(Work::Collecting, Unit::Chunks, u64::try_from(count).ok())?;
    let chunks = steps.in_parallel(count, |index| {
        let mut run = Run::new(&bound, snapshot.chunk(index));
        run.all();
        let past = run.past(purchases, needs.amounts).unwrap_or_default();
        (past, run.exists)
    })?;
    let existing = || {
        let rows = chunks.iter().flat_map(|(past, exists)| {
            past.iter().enumerate().filter(|(row, _)| mask::get(exists, *row))
        });
        rows.filter_map(|(_, past)| *past)
    };
    let histories = || existing().map(|past| past.history);
    let spends = || existing().filter_map(|past| past.spend);
    let fits = fit(needs, given, watch, histories, spends)?;
    let mut forecasts = HashMap::new();
    if let Some(model) = fits.order_model() {
        for horizon in horizons(plan, purchases, needs) {
            watch.check()?;
            let days = ahead(horizon.0, moment.today, rate(horizon, purchases.discount_rate));
            forecasts.insert(horizon, Forecast::new(*model, days, histories()));
        }
    }
    let past = Arc::new(chunks.into_iter().map(|(past, _)| past).collect());
    Ok(Predictions { fits, discount_rate: purchases.discount_rate, past, forecasts })
}

fn fit<H, S>(
    needs: Needs,
    given: &Model,
    watch: &Watch,
    histories: impl FnOnce() -> H,
    spends: impl FnOnce() -> S,
) -> Result<Fits, Cancelled>
where
    H: IntoIterator<Item = History>,
    S: IntoIterator<Item = Spend>,
{
    if !needs.fits(given) {
        return Ok(Fits::new(needs, given, &|| true, histories, spends));
    }
    let steps = watch.begin(Work::Fitting, Unit::Steps, None)?;
    let fits = Fits::new(needs, given, &|| steps.add(1).is_ok(), histories, spends);
    watch.check()?;
    Ok(fits)
}

fn horizons(plan: &Plan, purchases: &Purchases, needs: Needs) -> Vec<Ahead> {
    let asked = plan.values().iter().filter_map(|node| match node.kind {
        ValueKind::Predicted(asked) => horizon(asked, purchases.discount_rate),
        _ => None,
    });
    let mut horizons: Vec<Ahead> = Vec::new();
    for horizon in asked.filter(|(_, discounted)| needs.amounts || !discounted) {
        if horizons.len() < PREPARED && !horizons.contains(&horizon) {
            horizons.push(horizon);
        }
    }
    horizons
}

fn horizon(asked: Prediction, discount_rate: f64) -> Option<Ahead> {
    match asked {
        Prediction::Orders(length) => Some((length, false)),
        Prediction::Value(length) => Some((length, discount_rate > 0.0)),
        Prediction::Alive | Prediction::NextOrder | Prediction::SpendTier => None,
    }
}

fn rate((_, discounted): Ahead, yearly: f64) -> f64 {
    if discounted { yearly } else { 0.0 }
}

impl Predictions {
    pub(crate) fn fits(&self) -> &Fits {
        &self.fits
    }
}

impl<'a> Run<'a> {
    /// By customer; `None` where the table has no times.
    fn past(&self, purchases: &Purchases, with_amounts: bool) -> Option<Vec<Option<Past>>> {
        let table = purchases.table;
        let times = self.times(table)?.of_all(self.rows(Scope::Rows(table)));
        let filter = purchases.filter.and_then(|id| self.mask(id)).map(|mask| &**mask);
        let rows = self.rows_of(table).timed(filter);
        let amounts = self.vector(purchases.amount).filter(|_| with_amounts);
        let amounts = amounts.map(|vector| (self.bound.value_type(purchases.amount), vector));
        let today = self.bound.now.moment.today;
        let mut past = Vec::with_capacity(self.chunk.rows());
        rows.each_customer(|_, rows| past.push(of_rows(rows, &times, amounts, today)));
        Some(past)
    }

    pub(super) fn predicted(&self, asked: Prediction) -> Vector<'a> {
        let known = &self.bound.known.predictions;
        let rows = self.chunk.rows();
        let past = self.chunk.index().and_then(|index| known.past.get(index));
        let Some(past) = past else { return Vector::missing(rows) };
        let history = |row: usize| past.get(row)?.map(|past| past.history);
        let today = self.bound.now.moment.today;
        if asked == Prediction::NextOrder {
            let (days, presence) = collect(rows, |row| next_order(&history(row)?, today));
            return Vector::new(Data::ints(days), presence);
        }
        let Some(model) = known.fits.order_model() else { return Vector::missing(rows) };
        let own;
        let forecast = match horizon(asked, known.discount_rate) {
            Some(horizon) => match known.forecasts.get(&horizon) {
                Some(forecast) => forecast,
                None => {
                    let days = ahead(horizon.0, today, rate(horizon, known.discount_rate));
                    own = Forecast::new(*model, days, (0..rows).filter_map(history));
                    &own
                }
            },
            None => return number::floats(rows, |row| Some(model.alive(&history(row)?))),
        };
        if let Prediction::Orders(_) = asked {
            return number::floats(rows, |row| Some(forecast.orders(&history(row)?)));
        }
        let Some(amounts) = known.fits.amount_model() else { return Vector::missing(rows) };
        number::floats(rows, |row| {
            let past = (*past.get(row)?)?;
            forecast.value(amounts, &past.history, &past.spend?)
        })
    }
}

fn next_order(history: &History, today: Day) -> Option<i64> {
    let last = i64::from(history.last()) - i64::from(history.age());
    let day = today.plus_days(last + i64::from(days_to_next(history)?));
    Some(day.0.into())
}

/// Rows lie in the order of their times, and so of their days.
fn of_rows(
    rows: &mut dyn Iterator<Item = usize>,
    times: &Times<'_>,
    amounts: Option<(ExprType, &Vector<'_>)>,
    today: Day,
) -> Option<Past> {
    let mut rows = rows.filter_map(|row| Some((row, times.day(row)?)));
    let (_, first) = rows.next()?;
    let (mut repeats, mut last) = (0_u32, first);
    let mut sum = amounts.map(|(ty, vector)| Sum::new(ty, vector));
    for (row, day) in rows {
        repeats += u32::from(day > last);
        last = day;
        if let Some(sum) = sum.as_mut().filter(|_| day > first) {
            sum.add(row);
        }
    }
    let days = |from: Day, to: Day| u32::try_from(to.days_since(from)).ok();
    let history = History::new(repeats, days(first, last)?, days(first, today)?)?;
    let spend = sum.and_then(Sum::total).and_then(|total| Spend::new(repeats, total));
    Some(Past { history, spend })
}

/// What some rows are worth together; rows without an amount are worth nothing.
struct Sum<'v, 'a> {
    vector: &'v Vector<'a>,
    scale: u8,
    /// `None` where 128 bits do not hold it.
    exact: Option<i128>,
    floats: FloatSum,
}

impl<'v, 'a> Sum<'v, 'a> {
    fn new(ty: ExprType, vector: &'v Vector<'a>) -> Self {
        Self { vector, scale: scale_of(ty), exact: Some(0), floats: FloatSum::default() }
    }

    fn add(&mut self, row: usize) {
        if let Data::Floats(values) = &self.vector.data {
            if let Some(value) = values.get(row).filter(|_| self.vector.is_present(row)) {
                self.floats.add(*value);
            }
        } else if let Some(value) = self.vector.exact(row) {
            self.exact = self.exact.and_then(|sum| sum.checked_add(value));
        }
    }

    /// The nearest float.
    fn total(self) -> Option<f64> {
        match &self.vector.data {
            Data::Floats(_) => self.floats.total(),
            _ => Some(Decimal::new(self.exact?, self.scale)?.to_f64()),
        }
    }
}
