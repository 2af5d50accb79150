//! A customer's place among all who exist.

use std::{cell::RefCell, cmp::Ordering, collections::HashMap, rc::Rc};

use super::{Datum, Scope, World};
use crate::{
    rule::{End, Expr, Share},
    value::Decimal,
};

/// The values of those who exist and have one, ascending, so that nobody counts them twice. Each is known by where its
/// expression lies; what customers are ranked by asks for no members, so it is the same for every segment.
#[derive(Default)]
pub(super) struct Populations(RefCell<HashMap<*const Expr, Rc<Vec<Datum>>>>);

impl World<'_> {
    fn population(&self, of: &Expr) -> Rc<Vec<Datum>> {
        let place = std::ptr::from_ref(of);
        if let Some(known) = self.known.populations.0.borrow().get(&place) {
            return Rc::clone(known);
        }
        let mut values: Vec<Datum> =
            self.existing().filter_map(|customer| customer.value(of)).collect();
        values.sort_by(|one, other| one.order(other).unwrap_or(Ordering::Equal));
        let values = Rc::new(values);
        self.known.populations.0.borrow_mut().insert(place, Rc::clone(&values));
        values
    }
}

impl Scope<'_> {
    /// Fewer than so many have a strictly greater (at the bottom a strictly smaller) value.
    pub(super) fn is_at_end(&self, end: End, share: Share, by: &Expr) -> bool {
        let Some(value) = self.value(by) else { return false };
        let all = self.world.population(by);
        let before = match end {
            End::Top => {
                all.len() - all.partition_point(|other| !is(other, &value, Ordering::Greater))
            }
            End::Bottom => smaller(&all, &value),
        };
        let (before, all) = (number(before), number(all.len()));
        match share {
            Share::Count(count) => before < Decimal::from_int(count.into()),
            // before < all × percent / 100
            Share::Percent(percent) => {
                before.checked_mul(Decimal::from_int(100)) < all.checked_mul(percent)
            }
        }
    }

    pub(super) fn quantile(&self, of: &Expr, buckets: u32) -> Option<Datum> {
        let value = self.value(of)?;
        let all = self.world.population(of);
        let (smaller, all) = (i64::try_from(smaller(&all, &value)), i64::try_from(all.len()));
        let whole = smaller.ok()?.checked_mul(buckets.into())?.checked_div(all.ok()?)?;
        Some(Datum::whole(1 + whole))
    }
}

fn smaller(all: &[Datum], value: &Datum) -> usize {
    all.partition_point(|other| is(other, value, Ordering::Less))
}

fn is(one: &Datum, other: &Datum, order: Ordering) -> bool {
    one.order(other) == Some(order)
}

fn number(count: usize) -> Decimal {
    Decimal::from_int(i128::try_from(count).unwrap_or(i128::MAX))
}
