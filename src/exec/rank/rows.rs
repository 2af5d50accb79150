//! Ranked values by the rows of the snapshot, one by one.

use std::borrow::Cow;

use super::{
    super::{
        mask::{self, Mask},
        rows::place,
        vector::{Data, Vector},
    },
    Ranked, RankedChunk,
    ranked::float_at,
};
use crate::snapshot::{CHUNK_ROWS, Frame, Rows, Snapshot};

impl Ranked {
    /// Of chunks, those of overlays where their rows belong.
    pub(super) fn by_row(mut self, snapshot: &Snapshot) -> Self {
        let is_base =
            |number: &usize| matches!(snapshot.chunk(*number).numbers(), Rows::From { .. });
        let base = (0..snapshot.chunk_count()).take_while(is_base).count();
        let overlays = self.chunks.split_off(base.min(self.chunks.len()));
        for (number, overlay) in (base..).zip(overlays) {
            let chunk = snapshot.chunk(number);
            for local in 0..chunk.rows() {
                let lives = chunk.live().is_none_or(|live| mask::get(live, local));
                if let Some(row) = chunk.numbers().number(local).filter(|_| lives) {
                    self.set(row, overlay.key(local));
                }
            }
        }
        self
    }

    pub(super) fn key(&self, row: u32) -> Option<i128> {
        let (block, local) = place(row);
        self.chunks.get(block)?.key(local)
    }

    pub(super) fn set(&mut self, row: u32, key: Option<i128>) {
        let (block, local) = place(row);
        while self.chunks.len() <= block {
            let Some(first) = self.chunks.first() else { return };
            let empty = first.without_rows();
            self.chunks.push(empty);
        }
        if let Some(chunk) = self.chunks.get_mut(block) {
            chunk.set(local, key);
        }
    }
}

impl RankedChunk {
    fn without_rows(&self) -> Self {
        let data = match &self.vector.data {
            Data::Floats(_) => Data::Floats(Vec::new()),
            _ => Data::ints(Vec::new()),
        };
        Self { vector: Vector::new(data, None), rows: Mask::new() }
    }

    fn set(&mut self, row: usize, key: Option<i128>) {
        self.make_room(row);
        let Some(key) = key else { return mask::clear(&mut self.rows, row) };
        mask::set(&mut self.rows, row);
        // Whether there is a value is told by the rows.
        self.vector.presence = None;
        let data = &mut self.vector.data;
        match (data, i64::try_from(key)) {
            (Data::Floats(values), Ok(key)) => {
                values.get_mut(row).into_iter().for_each(|value| *value = float_at(key));
            }
            (Data::Ints(frame), Ok(number)) => put(frame.to_mut(), row, number),
            (Data::Wide(values), _) => {
                values.get_mut(row).into_iter().for_each(|value| *value = key);
            }
            (data @ Data::Ints(_), Err(_)) => {
                let Data::Ints(frame) = &*data else { return };
                let mut wide: Vec<i128> = frame.numbers().iter().copied().map(i128::from).collect();
                wide.get_mut(row).into_iter().for_each(|slot| *slot = key);
                *data = Data::Wide(wide);
            }
            _ => {}
        }
    }

    fn make_room(&mut self, row: usize) {
        if row < len(&self.vector.data) {
            return;
        }
        let rows = (row + 1).next_multiple_of(1_024).min(CHUNK_ROWS);
        self.rows.resize(rows / 64);
        self.vector.presence = None;
        match &mut self.vector.data {
            Data::Floats(values) => values.resize(rows, 0.0),
            Data::Wide(values) => values.resize(rows, 0),
            Data::Ints(frame) => {
                let mut numbers = frame.numbers().into_owned();
                let like = numbers.first().copied().unwrap_or(0);
                numbers.resize(rows, like);
                *frame = Cow::Owned(Frame::of(&numbers));
            }
            _ => {}
        }
    }
}

fn put(frame: &mut Frame, row: usize, number: i64) {
    if frame.set(row, number) {
        return;
    }
    let mut numbers = frame.numbers().into_owned();
    numbers.get_mut(row).into_iter().for_each(|slot| *slot = number);
    *frame = Frame::of(&numbers);
}

fn len(data: &Data<'_>) -> usize {
    match data {
        Data::Ints(frame) => frame.len(),
        Data::Wide(values) => values.len(),
        Data::Floats(values) => values.len(),
        _ => 0,
    }
}
