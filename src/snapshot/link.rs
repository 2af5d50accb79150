//! Which row goes where: keys, customers of child rows, and the order of child rows.
#![expect(
    clippy::indexing_slicing,
    reason = "row numbers are those of staged rows and of the tables' keys"
)]

use super::{CHUNK_ROWS, Links, NONE, findings::Findings, index, keys::Keys, stage::Stage};
use crate::{diagnostic::Code, value::Key};

/// The rows of a table with keys.
pub(super) struct Placed {
    /// By row: the staged row; `NONE` where the row is empty.
    pub(super) rows: Vec<u32>,
}

/// The rows of a child table.
pub(super) struct Linked {
    /// By staged row: the customer's row; `NONE` for a rejected row.
    pub(super) owners: Vec<u32>,
    /// By staged row: the staged row of the parent table; empty where the parent is the customer.
    pub(super) parents: Vec<u32>,
    /// The staged rows in their order.
    pub(super) order: Vec<u32>,
    /// By the customer's row, and one more: where its rows start in `order`.
    pub(super) starts: Vec<u32>,
}

/// Gives each staged row the row of its key; a key that comes again is rejected. Of a child table only rows with an
/// owner take part, and rejected ones lose theirs.
pub(super) fn place(
    stage: &mut Stage,
    keys: &mut Keys,
    findings: &mut Findings,
    name: &str,
    mut owners: Option<&mut [u32]>,
) -> Placed {
    let mut rows = vec![NONE; keys.len()];
    for staged in 0..stage.rows {
        if owners.as_ref().is_some_and(|owners| owners[staged] == NONE) {
            continue;
        }
        let row = match stage.key_text(staged) {
            Some(key) => keys.intern_text(key),
            None => stage.key_number(staged).and_then(|key| keys.intern_int(key)),
        };
        let Some(row) = row.map(index) else {
            let message = format!("table `{name}` has no room for more keys");
            stage.reject(findings, staged, true, (Code::TooManyRows, message, None));
            disown(owners.as_deref_mut(), staged);
            continue;
        };
        if row >= rows.len() {
            rows.resize(row + 1, NONE);
        }
        if rows[row] == NONE {
            rows[row] = u32::try_from(staged).unwrap_or(NONE);
            continue;
        }
        let message = format!("an earlier row of table `{name}` has this key");
        let help = stage.describe(index(rows[row]));
        stage.reject(findings, staged, true, (Code::DuplicateKey, message, help));
        disown(owners.as_deref_mut(), staged);
    }
    Placed { rows }
}

fn disown(owners: Option<&mut [u32]>, staged: usize) {
    if let Some(owners) = owners {
        owners[staged] = NONE;
    }
}

impl Placed {
    pub(super) fn is_live(&self, row: u32) -> bool {
        self.rows.get(index(row)).is_some_and(|staged| *staged != NONE)
    }

    pub(super) fn count(&self) -> u64 {
        self.rows.iter().fold(0, |count, staged| count + u64::from(*staged != NONE))
    }
}

/// What a child's link must find: the keys of the customers or of the parent table.
pub(super) struct Target<'a> {
    pub(super) name: &'a str,
    pub(super) keys: &'a Keys,
    pub(super) placed: &'a Placed,
    /// The customers' rows by staged row, where the target is a child table itself.
    pub(super) owners: Option<&'a [u32]>,
    /// Whether a key is missing only because its row is an error itself.
    pub(super) is_lost: &'a dyn Fn(Option<&Key>) -> bool,
}

/// Finds the customer of each staged row. A row without one is rejected, and reported unless its customer or parent
/// already is.
pub(super) fn link(stage: &mut Stage, target: &Target<'_>, findings: &mut Findings) -> Linked {
    let mut owners = vec![NONE; stage.rows];
    let mut parents = vec![NONE; if target.owners.is_some() { stage.rows } else { 0 }];
    // PERF: each different text is looked up once, not once a row.
    let by_code: Option<Vec<u32>> = stage
        .link_texts()
        .map(|texts| texts.iter().map(|key| target.keys.find_text(key).unwrap_or(NONE)).collect());
    for (staged, slot) in owners.iter_mut().enumerate() {
        let row = match &by_code {
            Some(rows) => stage.link_code(staged).map(|code| rows[index(code)]),
            None => stage.link_number(staged).and_then(|key| target.keys.find_int(key)),
        };
        let row = row.filter(|row| target.placed.is_live(*row));
        let (owner, parent) = match (row, target.owners) {
            (Some(row), None) => (row, NONE),
            (Some(row), Some(of)) => {
                let parent = target.placed.rows[index(row)];
                (of[index(parent)], parent)
            }
            (None, _) => (NONE, NONE),
        };
        if owner != NONE {
            *slot = owner;
            if let Some(slot) = parents.get_mut(staged) {
                *slot = parent;
            }
            continue;
        }
        if !findings.lenient {
            stage.lost.extend(stage.key_at(staged));
            if (target.is_lost)(stage.link_at(staged).as_ref()) {
                stage.rejected += 1;
                continue;
            }
        }
        let message = format!("no row of table `{}` has this key", target.name);
        stage.reject(findings, staged, false, (Code::OrphanRow, message, None));
    }
    Linked { owners, parents, order: Vec::new(), starts: Vec::new() }
}

impl Linked {
    /// The rows by customer, then time (missing first), then arrival, and where each customer's start.
    pub(super) fn sorted(
        &self,
        customers: usize,
        time: impl Fn(usize) -> Option<i64>,
    ) -> (Vec<u32>, Vec<u32>) {
        let mut starts = vec![0_u32; customers + 1];
        for owner in self.owners.iter().filter(|owner| **owner != NONE) {
            starts[index(*owner) + 1] += 1;
        }
        for customer in 0..customers {
            starts[customer + 1] += starts[customer];
        }
        let mut next = starts.clone();
        let mut order = vec![0; starts.last().map_or(0, |len| index(*len))];
        for (owner, staged) in self.owners.iter().zip(0_u32..) {
            if *owner != NONE {
                let place = &mut next[index(*owner)];
                order[index(*place)] = staged;
                *place += 1;
            }
        }
        for customer in 0..customers {
            let rows = &mut order[index(starts[customer])..index(starts[customer + 1])];
            if rows.len() > 1 {
                rows.sort_by_key(|staged| time(index(*staged)));
            }
        }
        (order, starts)
    }

    /// The staged rows of a chunk in their order.
    pub(super) fn chunk(&self, chunk: usize) -> &[u32] {
        let (first, last) = self.bounds(chunk);
        &self.order[index(self.starts[first])..index(self.starts[last])]
    }

    /// The customers' rows of a chunk; the last is exclusive.
    fn bounds(&self, chunk: usize) -> (usize, usize) {
        let first = chunk * CHUNK_ROWS;
        (first, (first + CHUNK_ROWS).min(self.starts.len() - 1))
    }

    /// How the rows of a chunk hang together; `parent` is the parent table with the places of its staged rows.
    pub(super) fn links(&self, chunk: usize, parent: Option<(&Linked, &[u32])>) -> Links {
        let (first, last) = self.bounds(chunk);
        let start = self.starts[first];
        let offsets = self.starts[first..=last].iter().map(|offset| offset - start).collect();
        let parents = parent.map_or_else(Vec::new, |(parent, places)| {
            let start = parent.starts[first];
            let rows = self.chunk(chunk).iter();
            rows.map(|staged| places[index(self.parents[index(*staged)])] - start).collect()
        });
        Links { offsets, parents }
    }

    /// By staged row: its place in the order.
    pub(super) fn places(&self) -> Vec<u32> {
        let mut places = vec![NONE; self.owners.len()];
        for (staged, place) in self.order.iter().zip(0_u32..) {
            places[index(*staged)] = place;
        }
        places
    }
}
