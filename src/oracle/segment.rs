//! Segments: who is in.

use std::collections::HashSet;

use roaring::RoaringBitmap;

use super::{Datum, Known, Predicted, Scope, World};
use crate::{
    calendar::Moment,
    computed::Fits,
    rule::{Condition, Expr, Pin, RuleSet, SegmentRule},
    schema::Role,
    snapshot::{Row, Snapshot},
    value::{Key, Value},
};

/// The members of each segment, in the order of the rule set. Static and inactive segments are taken as dynamic ones.
/// `fits` are the models that segments read; those that read others have no meaning.
pub(crate) fn evaluate(
    rules: &RuleSet,
    snapshot: &Snapshot,
    moment: Moment,
    fits: Fits,
) -> Vec<RoaringBitmap> {
    let mut members = vec![RoaringBitmap::new(); rules.segments.len()];
    let known = Known { predicted: Predicted::with(fits), ..Known::default() };
    for id in &rules.order {
        let number = usize::try_from(id.0).unwrap_or(usize::MAX);
        let Some(rule) = rules.segments.get(number) else { continue };
        let world = World {
            snapshot,
            moment,
            members: &members,
            rfm: rules.rfm.as_ref(),
            predict: rules.predict.as_ref(),
            known: &known,
        };
        let found = world.members_of(rule);
        if let Some(members) = members.get_mut(number) {
            *members = found;
        }
    }
    members
}

/// Of each customer who exists at the moment, these values. `rules` says what they read of purchases; `fits` are the models
/// that they read.
pub(crate) fn values(
    rules: &RuleSet,
    snapshot: &Snapshot,
    moment: Moment,
    values: &[Expr],
    fits: Fits,
) -> Vec<(u32, Vec<Option<Value>>)> {
    let known = Known { predicted: Predicted::with(fits), ..Known::default() };
    let world = World {
        snapshot,
        moment,
        members: &[],
        rfm: rules.rfm.as_ref(),
        predict: rules.predict.as_ref(),
        known: &known,
    };
    let of = |scope: Scope<'_>| {
        let values = values.iter().map(|value| scope.value(value).and_then(Datum::into_value));
        (scope.number, values.collect())
    };
    world.existing().map(of).collect()
}

/// The customers that exist at the moment.
pub(crate) fn existing(snapshot: &Snapshot, moment: Moment) -> RoaringBitmap {
    World::plain(snapshot, moment, &Known::default()).existing().map(|scope| scope.number).collect()
}

impl World<'_> {
    /// Each customer who exists at the moment.
    pub(super) fn existing(&self) -> impl Iterator<Item = Scope<'_>> {
        self.snapshot.live().iter().filter_map(|number| {
            let customer = self.snapshot.customer(number)?;
            let scope = Scope { world: self, number, customer, row: customer };
            self.has_been_created(customer).then_some(scope)
        })
    }

    fn members_of(&self, rule: &SegmentRule) -> RoaringBitmap {
        let pinned_in = rule.pins_in.as_deref().map(keys);
        let pinned_out = keys(&rule.pins_out);
        let members = self.existing().filter(|scope| {
            let key = self.snapshot.key_at(scope.number);
            let pinned = |keys: &HashSet<&Key>| key.as_ref().is_some_and(|key| keys.contains(key));
            !pinned(&pinned_out) && (pinned_in.as_ref().is_some_and(pinned) || scope.fits(rule))
        });
        members.map(|scope| scope.number).collect()
    }

    /// Customers without a creation date exist.
    fn has_been_created(&self, customer: Row<'_>) -> bool {
        match self.snapshot.schema().customers().role {
            Role::Customers { created: Some(created) } => {
                customer.value(created).is_none_or(|created| self.has_happened(created.into()))
            }
            _ => true,
        }
    }
}

impl Scope<'_> {
    /// Pins apart.
    fn fits(&self, rule: &SegmentRule) -> bool {
        let holds = |condition: &Condition| self.holds(condition);
        let included = match rule.includes.as_slice() {
            // Everyone, unless there is a `pin in`: then only the pinned.
            [] => rule.pins_in.is_none(),
            includes => includes.iter().any(holds),
        };
        included && !rule.excludes.iter().any(holds)
    }
}

fn keys(pins: &[Pin]) -> HashSet<&Key> {
    pins.iter().map(|pin| &pin.key).collect()
}
