//! Where staged rows stand in their source, for what is found out only when all rows are there.

/// Where a row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) line: u32,
    /// The columns of the key field and of the field with the customer's or parent's key.
    pub(super) key: u16,
    pub(super) link: u16,
}

/// The places of rows in the order of arrival, as runs of lines that follow each other.
#[derive(Default)]
pub(super) struct Places {
    /// The first row of the run, and its place.
    runs: Vec<(u32, Place)>,
}

impl Places {
    /// Rows come in order; those between belong to the run before.
    pub(super) fn add(&mut self, row: usize, place: Place) {
        let row = u32::try_from(row).unwrap_or(u32::MAX);
        let expected = self.runs.last().map(|(first, start)| after(*start, row - first));
        if expected != Some(place) {
            self.runs.push((row, place));
        }
    }

    pub(super) fn get(&self, row: usize) -> Option<Place> {
        let row = u32::try_from(row).ok()?;
        let behind = self.runs.partition_point(|(first, _)| *first <= row);
        let (first, start) = self.runs.get(behind.checked_sub(1)?)?;
        Some(after(*start, row - first))
    }
}

fn after(start: Place, rows: u32) -> Place {
    Place { line: start.line.saturating_add(rows), ..start }
}
