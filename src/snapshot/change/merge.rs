//! Puts together each customer who is touched.
#![expect(
    clippy::indexing_slicing,
    reason = "there is one entry for each of the schema's tables, and places lie within their sources"
)]

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use super::{Place, Work, link::narrow};
use crate::{
    schema::{ColumnId, Role, TableId},
    snapshot::{
        CHUNK_ROWS, ChunkData, Links, Rows, Values, index,
        pick::{Pieces, pick_tables},
    },
};

/// A row of a customer after the changes.
#[derive(Clone, Copy)]
struct Out {
    place: Place,
    time: Option<i64>,
    /// The number of the parent among the customer's rows in the parent table.
    parent: u32,
}

/// The part of one table in the chunk under work.
#[derive(Default)]
struct Part {
    pieces: Pieces,
    links: Links,
    /// Where the rows of the customer at hand start.
    start: u32,
    /// The rows of the customer at hand, where they are not as they were.
    out: Option<Vec<Out>>,
    /// Where each of these stands among them; made when a nested table asks.
    positions: HashMap<Place, u32>,
}

/// What became of the customers.
pub(super) struct Merged {
    pub(super) chunks: Vec<ChunkData>,
    /// By table: how many rows there are more.
    pub(super) more: Vec<i64>,
}

impl Work<'_> {
    /// The customers who are new, changed or deleted, ascending.
    pub(super) fn touched(&self) -> BTreeSet<u32> {
        let given = self.given[usize::from(TableId::CUSTOMERS.0)].keys().copied();
        let dirty = self.children.iter().flat_map(|children| &children.dirty).copied();
        given.chain(self.wiped.iter().copied()).chain(dirty).collect()
    }

    pub(super) fn merge(&self, touched: &BTreeSet<u32>, delta: &ChunkData) -> Merged {
        let order = self.child_tables();
        let mut merger = Merger {
            work: self,
            delta,
            order,
            parts: self.new_parts(),
            rows: Vec::new(),
            chunks: Vec::new(),
            more: self.schema.tables().iter().map(|_| 0).collect(),
        };
        for row in touched {
            merger.add(*row);
        }
        merger.flush();
        Merged { chunks: merger.chunks, more: merger.more }
    }

    fn new_parts(&self) -> Vec<Part> {
        let part =
            |_| Part { links: Links { offsets: vec![0], parents: Vec::new() }, ..Part::default() };
        self.schema.tables().iter().map(part).collect()
    }
}

struct Merger<'a> {
    work: &'a Work<'a>,
    delta: &'a ChunkData,
    order: Vec<TableId>,
    parts: Vec<Part>,
    rows: Vec<u32>,
    chunks: Vec<ChunkData>,
    more: Vec<i64>,
}

impl Merger<'_> {
    fn add(&mut self, row: u32) {
        let is_live = self.work.is_live(row);
        self.count(row, is_live);
        if !is_live {
            return;
        }
        let customers = usize::from(TableId::CUSTOMERS.0);
        let place = match self.work.given[customers].get(&row) {
            Some(staged) => Some((self.work.delta_source(), *staged)),
            None => self.work.base.place_of(row).map(|(chunk, at)| (narrow(chunk), narrow(at))),
        };
        let Some((source, local)) = place else { return };
        self.parts[customers].pieces.add(source, local, local + 1);
        self.rows.push(row);
        for at in 0..self.order.len() {
            let id = self.order[at];
            self.add_children(id, row);
        }
        if self.rows.len() == CHUNK_ROWS {
            self.flush();
        }
    }

    /// Notes how many rows the tables have more.
    fn count(&mut self, row: u32, is_live: bool) {
        let was_live = self.work.base.live().contains(row);
        self.more[usize::from(TableId::CUSTOMERS.0)] += i64::from(is_live) - i64::from(was_live);
        for id in &self.order {
            if let Some((_, from, to)) = self.work.range(*id, row) {
                self.more[usize::from(id.0)] -= i64::from(to - from);
            }
        }
    }

    fn add_children(&mut self, id: TableId, customer: u32) {
        let at = usize::from(id.0);
        let children = &self.work.children[at];
        let wiped = self.work.wiped.contains(&customer);
        let old = self.work.range(id, customer).filter(|_| !wiped);
        let is_dirty = wiped || children.dirty.binary_search(&customer).is_ok();
        let start = self.parts[at].pieces.rows();
        let parent = self.work.schema.parent_of(id);
        let above = parent.map(|parent| self.parts[usize::from(parent.0)].start);
        if is_dirty {
            let out = self.merged(id, customer, old);
            let part = &mut self.parts[at];
            for one in &out {
                part.pieces.add(one.place.source, one.place.row, one.place.row + 1);
                part.links.parents.extend(above.map(|above| above + one.parent));
            }
            part.out = Some(out);
        } else if let Some((source, from, to)) = old {
            let first = parent.and_then(|parent| self.work.range(parent, customer));
            let part = &mut self.parts[at];
            part.pieces.add(source, from, to);
            part.out = None;
            if let (Some(above), Some((_, first, _)), Some(links)) =
                (above, first, self.work.base.inner.chunks[index(source)].data.links(id))
            {
                let rows = &links.parents[index(from)..index(to)];
                part.links.parents.extend(rows.iter().map(|row| row - first + above));
            }
        } else {
            self.parts[at].out = None;
        }
        let part = &mut self.parts[at];
        (part.start, part.positions) = (start, HashMap::new());
        let end = part.pieces.rows();
        part.links.offsets.push(end);
        self.more[at] += i64::from(end - start);
    }

    /// The rows of a customer: those that stay, those that follow their parents, those that are given; by time.
    fn merged(&mut self, id: TableId, customer: u32, old: Option<(u32, u32, u32)>) -> Vec<Out> {
        let work = self.work;
        let children = &work.children[usize::from(id.0)];
        let parent = work.schema.parent_of(id);
        if let Some(parent) = parent {
            self.find_positions(parent);
        }
        let delta = work.delta_source();
        let (mut stay, mut follow, mut placed) = (Vec::new(), Vec::new(), Vec::new());
        if let Some((source, from, to)) = old {
            for row in from..to {
                let place = Place { source, row };
                if children.removed.contains_key(&place) {
                    continue;
                }
                let before = self.old_time(id, place);
                if let Some((_, staged)) = children.replaced.get(&place) {
                    if children.owners[index(*staged)] != customer {
                        continue;
                    }
                    let out = self.given(id, customer, Place { source: delta, row: *staged });
                    if out.time == before {
                        stay.push(out);
                        placed.push(*staged);
                    }
                    continue;
                }
                if children.leaving.contains_key(&place) {
                    continue;
                }
                let out = self.kept(id, customer, place);
                if out.time == before { stay.push(out) } else { follow.push((customer, out)) }
            }
        }
        let from = children.arriving.partition_point(|(to, ..)| *to < customer);
        let arriving = children.arriving[from..].iter().take_while(|(to, ..)| *to == customer);
        for (_, whose, place) in arriving {
            follow.push((*whose, self.kept(id, customer, *place)));
        }
        follow.sort_by_key(|(whose, out)| (*whose, out.place));
        stay.extend(follow.into_iter().map(|(_, out)| out));
        let from = children.by_owner.partition_point(|(owner, _)| *owner < customer);
        let given = children.by_owner[from..].iter().take_while(|(owner, _)| *owner == customer);
        for (_, staged) in given.filter(|(_, staged)| !placed.contains(staged)) {
            stay.push(self.given(id, customer, Place { source: delta, row: *staged }));
        }
        stay.sort_by_key(|out| out.time);
        stay
    }

    fn find_positions(&mut self, parent: TableId) {
        let part = &mut self.parts[usize::from(parent.0)];
        if let Some(out) = part.out.as_ref().filter(|out| out.len() != part.positions.len()) {
            part.positions = out.iter().map(|out| out.place).zip(0..).collect();
        }
    }

    /// A row that was there before.
    fn kept(&self, id: TableId, customer: u32, place: Place) -> Out {
        let parent = self.work.schema.parent_of(id).and_then(|parent| {
            let row = self.links(id, place)?.parents[index(place.row)];
            Some((parent, Place { source: place.source, row }))
        });
        self.out(id, customer, place, parent)
    }

    /// A row that is given.
    fn given(&self, id: TableId, customer: u32, place: Place) -> Out {
        let children = &self.work.children[usize::from(id.0)];
        let parent = self.work.schema.parent_of(id);
        let parent = parent.map(|parent| (parent, children.parents[index(place.row)]));
        self.out(id, customer, place, parent)
    }

    fn out(
        &self,
        id: TableId,
        customer: u32,
        place: Place,
        parent: Option<(TableId, Place)>,
    ) -> Out {
        let Some((parent, above)) = parent else {
            return Out { place, time: self.own_time(id, place), parent: 0 };
        };
        // Whoever hung on a row hangs on the one that took its place.
        let replaced = self.work.children[usize::from(parent.0)].replaced.get(&above);
        let delta = self.work.delta_source();
        let above = replaced.map_or(above, |(_, staged)| Place { source: delta, row: *staged });
        let part = &self.parts[usize::from(parent.0)];
        match &part.out {
            Some(out) => {
                let number = part.positions.get(&above).copied().unwrap_or(0);
                let time = out.get(index(number)).and_then(|parent| parent.time);
                Out { place, time, parent: number }
            }
            None => {
                let first = self.work.range(parent, customer).map_or(0, |(_, first, _)| first);
                let time = self.old_time(parent, above);
                Out { place, time, parent: above.row.saturating_sub(first) }
            }
        }
    }

    /// When a row of the base happened.
    fn old_time(&self, mut id: TableId, mut place: Place) -> Option<i64> {
        while let Some(parent) = self.work.schema.parent_of(id) {
            place.row = self.links(id, place)?.parents[index(place.row)];
            id = parent;
        }
        self.own_time(id, place)
    }

    fn own_time(&self, id: TableId, place: Place) -> Option<i64> {
        let Role::Child { time, .. } = self.work.schema.table(id).role else { return None };
        self.number(time?, place)
    }

    fn number(&self, column: ColumnId, place: Place) -> Option<i64> {
        let own = self.source(place).table(column.table)?.column(column);
        match &own.values {
            Values::Number(frame) if own.is_present(index(place.row)) => {
                frame.get(index(place.row))
            }
            _ => None,
        }
    }

    fn source(&self, place: Place) -> &ChunkData {
        match self.work.base.inner.chunks.get(index(place.source)) {
            Some(placed) => &placed.data,
            None => self.delta,
        }
    }

    fn links(&self, id: TableId, place: Place) -> Option<&Links> {
        self.source(place).links(id)
    }

    /// Ends the chunk under work.
    fn flush(&mut self) {
        if self.rows.is_empty() {
            return;
        }
        let schema = self.work.schema;
        let base = self.work.base.inner.chunks.iter().map(|placed| placed.data.as_ref());
        let sources: Vec<&ChunkData> = base.chain([self.delta]).collect();
        let parts = std::mem::replace(&mut self.parts, self.work.new_parts());
        let work =
            schema.table_ids().zip(parts).filter_map(|(id, part)| match schema.table(id).role {
                Role::Customers { .. } => Some((id, part.pieces, None)),
                Role::Child { .. } | Role::Nested { .. } => {
                    Some((id, part.pieces, Some(Arc::new(part.links))))
                }
                Role::Lookup => None,
            });
        let tables = pick_tables(schema, &sources, work.collect(), None);
        let rows = Rows::Listed(std::mem::take(&mut self.rows).into());
        self.chunks.push(ChunkData { rows, tables });
    }
}
