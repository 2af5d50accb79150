//! How the rows of a chunk's tables hang together: whose a row is, whether it exists, and where a path leads from it.

use super::{
    aggregate::{Rows, Visible},
    chunk::Run,
    kernels::{self, Owners},
    mask::{self, Mask},
    op::Route,
};
use crate::{
    plan::Scope,
    rule::Start,
    schema::{Role, TableId},
    snapshot::Values,
};

impl Run<'_> {
    pub(super) fn rows_of(&self, table: TableId) -> Rows<'_> {
        let (offsets, visible) = (self.chunk.offsets(table), self.visible(table));
        Rows { offsets, owners: self.owners(table), visible }
    }

    #[expect(clippy::indexing_slicing, reason = "INVARIANT: tables are those of the schema")]
    fn owners(&self, table: TableId) -> &Owners {
        self.owners[usize::from(table.0)].get_or_init(|| Owners::new(self.chunk.offsets(table)))
    }

    #[expect(clippy::indexing_slicing, reason = "INVARIANT: tables are those of the schema")]
    pub(super) fn visible(&self, table: TableId) -> &Visible {
        self.visible[usize::from(table.0)].get_or_init(|| self.make_visible(table))
    }

    fn make_visible(&self, table: TableId) -> Visible {
        let (owner, time) = self.bound.time_of(table);
        let Some(time) = time else {
            let rows = self.chunk.child_rows(table);
            return Visible { rows: None, timed: Some(mask::zeros(rows)) };
        };
        let rows = self.not_after(time);
        let timed = self.chunk.column(time).presence().map(Mask::from);
        if owner == table {
            return Visible { rows, timed };
        }
        let ancestors = self.ancestors(table, owner);
        let from_owner = |mask: Mask| {
            let mut out = mask::zeros(ancestors.len());
            kernels::gather_bits(&mask, &ancestors, &mut out);
            out
        };
        Visible { rows: rows.map(from_owner), timed: timed.map(from_owner) }
    }

    /// For each row of a nested table the row of a table above it.
    pub(super) fn ancestors(&self, table: TableId, above: TableId) -> Vec<u32> {
        let mut rows = self.chunk.parents(table).to_vec();
        let mut at = self.bound.schema.table(table).role;
        while let Role::Nested { parent, .. } = at {
            if parent == above {
                break;
            }
            rows = kernels::gather(self.chunk.parents(parent), &rows);
            at = self.bound.schema.table(parent).role;
        }
        rows
    }

    pub(super) fn routed(&mut self, found: &[u64], route: usize, rows: usize) -> Mask {
        let mut out = self.pool.zeros(rows);
        kernels::gather_bits(found, self.route(route, rows), &mut out);
        out
    }

    /// For each row of the scope the row at the end of the route, or none.
    #[expect(clippy::indexing_slicing, reason = "INVARIANT: routes are those of the bound plan")]
    pub(super) fn route(&self, number: usize, rows: usize) -> &[u32] {
        self.routes[number].get_or_init(|| self.make_route(&self.bound.routes[number], rows))
    }

    fn make_route(&self, route: &Route, rows: usize) -> Vec<u32> {
        let mut at: Option<Vec<u32>> = match (route.start, route.scope) {
            (Start::Customer, Scope::Rows(table)) => {
                Some(self.owners(table).of_rows().iter().copied().map(u32::from).collect())
            }
            (Start::Parent(levels), Scope::Rows(table)) => {
                let mut above = table;
                for _ in 0..levels {
                    if let Role::Nested { parent, .. } = self.bound.schema.table(above).role {
                        above = parent;
                    }
                }
                Some(self.ancestors(table, above))
            }
            _ => None,
        };
        for reference in &route.through {
            let column = self.chunk.column(*reference);
            let Values::Ref(targets) = &column.values else {
                return vec![kernels::NO_ROW; rows];
            };
            let mut next = kernels::widen(targets);
            if let Some(presence) = column.presence() {
                for (row, target) in next.iter_mut().enumerate() {
                    if !mask::get(presence, row) {
                        *target = kernels::NO_ROW;
                    }
                }
            }
            at = Some(match at {
                Some(rows) => kernels::follow(&next, &rows),
                None => next,
            });
        }
        at.unwrap_or_default()
    }
}
