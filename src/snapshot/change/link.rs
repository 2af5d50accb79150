//! Which customers and rows the changes touch.
#![expect(
    clippy::indexing_slicing,
    reason = "there is one entry for each of the schema's tables, and for each staged row"
)]

use std::{collections::hash_map::Entry, sync::Arc};

use super::{
    Children, Place, Work,
    index::{RowIndex, number_at},
};
use crate::{
    diagnostic::Code,
    schema::{Role, TableId},
    snapshot::{NONE, index, pick::bounds},
    value::Key,
};

/// Where a staged row belongs.
enum Target {
    Customer(u32),
    Parent { owner: u32, place: Place },
    None,
}

impl Work<'_> {
    /// Finds the rows of customers and lookups, new ones for new keys.
    pub(super) fn place_keyed(&mut self, deleted: &[Vec<Key>]) {
        for id in self.schema.table_ids() {
            let at = usize::from(id.0);
            if !matches!(self.schema.table(id).role, Role::Customers { .. } | Role::Lookup) {
                continue;
            }
            let Some(mut keys) = self.keys[at].take() else { continue };
            let stage = &mut self.stages[at];
            for staged in 0..stage.rows {
                let row = match stage.key_text(staged) {
                    Some(key) => keys.intern_text(key),
                    None => stage.key_number(staged).and_then(|key| keys.intern_int(key)),
                };
                let name = &self.schema.table(id).name;
                let Some(row) = row else {
                    let message = format!("table `{name}` has no room for more keys");
                    let found = (Code::TooManyRows, message, None);
                    stage.reject(&mut self.findings, staged, true, found);
                    continue;
                };
                match self.given[at].entry(row) {
                    Entry::Vacant(free) => {
                        free.insert(narrow(staged));
                    }
                    Entry::Occupied(first) => {
                        let message = format!("an earlier row of table `{name}` has this key");
                        let help = stage.describe(index(*first.get()));
                        let found = (Code::DuplicateKey, message, help);
                        stage.reject(&mut self.findings, staged, true, found);
                    }
                }
            }
            keys.settle();
            self.keys[at] = Some(keys);
        }
        let customers = deleted[usize::from(TableId::CUSTOMERS.0)].iter();
        let rows = customers.filter_map(|key| self.base.row_of(key));
        self.wiped = rows.filter(|row| self.base.live().contains(*row)).collect();
    }

    /// Whether the customer exists after the changes.
    pub(super) fn is_live(&self, row: u32) -> bool {
        self.given[usize::from(TableId::CUSTOMERS.0)].contains_key(&row)
            || self.base.live().contains(row) && !self.wiped.contains(&row)
    }

    pub(super) fn link_children(&mut self, deleted: &[Vec<Key>], emptied: &[Vec<Key>]) {
        for id in self.child_tables() {
            let at = usize::from(id.0);
            let mut children = Children::default();
            self.remove(id, &deleted[at], &emptied[at], &mut children);
            self.children[at] = children;
            self.link(id);
            self.carry(id);
        }
    }

    fn remove(&self, id: TableId, deleted: &[Key], emptied: &[Key], children: &mut Children) {
        for key in deleted {
            children.removed.extend(self.find(id, key));
        }
        for key in emptied {
            if let Some(customer) = self.base.row_of(key) {
                let rows = self.rows_of(id, customer);
                children.removed.extend(rows.into_iter().map(|place| (place, customer)));
            }
        }
        let Some(parent) = self.schema.parent_of(id) else { return };
        for (place, customer) in &self.children[usize::from(parent.0)].removed {
            for (row, _) in self.nested_rows(id, *customer, *place) {
                children.removed.insert(row, *customer);
            }
        }
    }

    /// The rows of a customer, as they were.
    fn rows_of(&self, id: TableId, customer: u32) -> Vec<Place> {
        let Some((source, from, to)) = self.range(id, customer) else { return Vec::new() };
        (from..to).map(|row| Place { source, row }).collect()
    }

    /// Where the rows of a customer stood; `None` where there was no such customer.
    pub(super) fn range(&self, id: TableId, customer: u32) -> Option<(u32, u32, u32)> {
        let (chunk, local) = self.base.place_of(customer)?;
        let (from, to) = bounds(self.base.inner.chunks[chunk].data.links(id)?, narrow(local));
        Some((narrow(chunk), from, to))
    }

    /// The rows that hung on a row of a customer, each with its place among the customer's.
    fn nested_rows(&self, id: TableId, customer: u32, parent: Place) -> Vec<(Place, u32)> {
        let Some((source, from, to)) = self.range(id, customer) else { return Vec::new() };
        let Some(links) = self.base.inner.chunks[index(source)].data.links(id) else {
            return Vec::new();
        };
        let rows = (from..to).filter(|row| links.parents[index(*row)] == parent.row);
        rows.map(|row| (Place { source, row }, row - from)).collect()
    }

    /// The rows with this key, as they were, and their customers.
    fn find(&self, id: TableId, key: &Key) -> Vec<(Place, u32)> {
        let Some(column) = self.schema.table(id).key else { return Vec::new() };
        let number = match key {
            Key::Int(number) => Some(*number),
            Key::Text(text) => {
                self.base.dictionary(column).and_then(|texts| texts.code(text)).map(i64::from)
            }
        };
        // Numbers are no texts, even if a text has their code.
        let is_text = self.base.dictionary(column).is_some();
        let Some(number) = number.filter(|_| is_text == matches!(key, Key::Text(_))) else {
            return Vec::new();
        };
        let slot = &self.base.inner.indexes[usize::from(id.0)];
        let rows = slot.get_or_init(|| Arc::new(RowIndex::of(self.base, id, column)));
        let mut found = Vec::new();
        for customer in rows.candidates(number) {
            for place in self.rows_of(id, customer) {
                let keys = &self.base.column(column, index(place.source)).values;
                if number_at(keys, index(place.row)) == Some(number) {
                    found.push((place, customer));
                }
            }
        }
        found
    }

    fn link(&mut self, id: TableId) {
        let at = usize::from(id.0);
        let parent = self.schema.parent_of(id);
        let above = parent.unwrap_or(TableId::CUSTOMERS);
        let rows = self.stages[at].rows;
        let mut children = std::mem::take(&mut self.children[at]);
        children.owners = vec![NONE; rows];
        for staged in 0..rows {
            let link = self.stages[at].link_at(staged);
            let target = link.as_ref().map_or(Target::None, |key| self.target(parent, key));
            let place = match target {
                Target::Customer(owner) => {
                    children.owners[staged] = owner;
                    Place { source: NONE, row: NONE }
                }
                Target::Parent { owner, place } => {
                    children.owners[staged] = owner;
                    place
                }
                Target::None => {
                    let lost = &self.stages[usize::from(above.0)];
                    let is_lost = lost.lost_unknown
                        || link.as_ref().is_some_and(|key| lost.lost.contains(key));
                    let stage = &mut self.stages[at];
                    stage.lost.extend(stage.key_at(staged));
                    if is_lost && !self.findings.lenient {
                        stage.rejected += 1;
                    } else {
                        let name = &self.schema.table(above).name;
                        let message = format!("no row of table `{name}` has this key");
                        let found = (Code::OrphanRow, message, None);
                        stage.reject(&mut self.findings, staged, false, found);
                    }
                    Place { source: NONE, row: NONE }
                }
            };
            if parent.is_some() {
                children.parents.push(place);
            }
        }
        if self.schema.table(id).key.is_some() {
            self.replace(id, &mut children);
        }
        self.children[at] = children;
    }

    fn target(&self, parent: Option<TableId>, key: &Key) -> Target {
        let Some(parent) = parent else {
            let keys = &self.keys[usize::from(TableId::CUSTOMERS.0)];
            let row = keys.as_ref().and_then(|keys| keys.find(key));
            return row.filter(|row| self.is_live(*row)).map_or(Target::None, Target::Customer);
        };
        let above = &self.children[usize::from(parent.0)];
        if let Some(staged) = above.by_key.get(key) {
            let place = Place { source: self.delta_source(), row: *staged };
            return Target::Parent { owner: above.owners[index(*staged)], place };
        }
        let known = self.find(parent, key).into_iter();
        let mut known = known.filter(|(place, customer)| self.stays(above, *place, *customer));
        let Some((place, customer)) = known.next() else { return Target::None };
        let owner = above.leaving.get(&place).copied().unwrap_or(customer);
        Target::Parent { owner, place }
    }

    fn stays(&self, children: &Children, place: Place, customer: u32) -> bool {
        !self.wiped.contains(&customer) && !children.removed.contains_key(&place)
    }

    /// Finds the rows whose place given ones take.
    fn replace(&mut self, id: TableId, children: &mut Children) {
        let at = usize::from(id.0);
        for staged in 0..self.stages[at].rows {
            if children.owners[staged] == NONE {
                continue;
            }
            let Some(key) = self.stages[at].key_at(staged) else { continue };
            if let Some(first) = children.by_key.get(&key) {
                let name = &self.schema.table(id).name;
                let message = format!("an earlier row of table `{name}` has this key");
                let help = self.stages[at].describe(index(*first));
                let found = (Code::DuplicateKey, message, help);
                self.stages[at].reject(&mut self.findings, staged, true, found);
                children.owners[staged] = NONE;
                continue;
            }
            let old = self.find(id, &key).into_iter();
            let old = old.filter(|(place, customer)| self.stays(children, *place, *customer));
            for (number, (place, customer)) in old.collect::<Vec<_>>().into_iter().enumerate() {
                if number == 0 {
                    children.replaced.insert(place, (customer, narrow(staged)));
                } else {
                    children.removed.insert(place, customer);
                }
            }
            children.by_key.insert(key, narrow(staged));
        }
    }

    /// Finds the rows that follow their parents to another customer, and what is not as it was.
    fn carry(&mut self, id: TableId) {
        let at = usize::from(id.0);
        let mut children = std::mem::take(&mut self.children[at]);
        if let Some(parent) = self.schema.parent_of(id) {
            let above = &self.children[usize::from(parent.0)];
            let given = above
                .replaced
                .iter()
                .map(|(place, (from, staged))| (*from, *place, above.owners[index(*staged)]));
            for (from, place, to) in given.chain(above.carried.iter().copied()) {
                if from == to {
                    continue;
                }
                for (row, _) in self.nested_rows(id, from, place) {
                    let gone = children.removed.contains_key(&row);
                    if !gone && !children.replaced.contains_key(&row) {
                        children.carried.push((from, row, to));
                    }
                }
            }
            children.dirty.extend(&above.dirty);
        }
        let owners = children.owners.iter().zip(0..).filter(|(owner, _)| **owner != NONE);
        children.by_owner = owners.map(|(owner, staged)| (*owner, staged)).collect();
        children.by_owner.sort_unstable();
        let arriving = children.carried.iter().map(|(from, place, to)| (*to, *from, *place));
        children.arriving = arriving.collect();
        children.leaving = children.carried.iter().map(|(_, place, to)| (*place, *to)).collect();
        children.arriving.sort_unstable();
        children.dirty.extend(children.by_owner.iter().map(|(owner, _)| owner));
        children.dirty.extend(children.removed.values());
        children.dirty.extend(children.replaced.values().map(|(from, _)| from));
        children.dirty.extend(children.carried.iter().flat_map(|(from, _, to)| [from, to]));
        children.dirty.sort_unstable();
        children.dirty.dedup();
        self.children[at] = children;
    }
}

pub(super) fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(NONE)
}
